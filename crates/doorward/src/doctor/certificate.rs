//! The TLS certificate as a client sees it: for the host, not expired and not soon, by somebody it knows (RFC 5280, section 6;
//! RFC 9525).

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use doorward_core::Timestamp;
use doorward_core::desired::date;
use doorward_web::doctor::Finding;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};

use super::x509::{self, Said};

/// Looks at a chain, for that host, at that time. Who issued it, its host and its end are looked at each by itself: one does not hide
/// the others.
pub fn look(chain: &Path, host: &str, now: UnixTime) -> Vec<Finding> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    look_with(chain, host, now, roots)
}

/// The same, where clients know those authorities. Where none are known, nothing is said of who issued it.
pub(super) fn look_with(chain: &Path, host: &str, now: UnixTime, mut roots: RootCertStore) -> Vec<Finding> {
    let loaded = CertificateDer::pem_file_iter(chain).and_then(|found| found.collect::<Result<Vec<_>, _>>());
    let certificates = match loaded {
        Ok(certificates) if !certificates.is_empty() => certificates,
        // Told with the settings.
        Ok(_) | Err(_) => return Vec::new(),
    };
    let place = chain.display();
    let said = x509::read(&certificates[0]);
    let now_s = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let mut findings: Vec<Finding> =
        said.and_then(|said| of_time(&place.to_string(), said, now_s)).into_iter().collect();
    if !is_for(&certificates[0], host) {
        findings.push(Finding::error(
            "tls.host",
            format!("{place}: the certificate is not for {host}, the host of public_url"),
            format!("get one for {host}, or correct public_url"),
        ));
    }
    if roots.is_empty() {
        roots.add_parsable_certificates(certificates.last().cloned());
    }
    // While it is valid: that it is not now is told already.
    let at_s = said.map_or(now_s, |said| now_s.clamp(said.from_s, said.until_s.max(said.from_s)));
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at_s).unwrap_or_default()));
    let Some(error) = verify(&certificates, &roots, host, at) else { return findings };
    let is_self_issued = said.is_some_and(|said| said.is_self_issued);
    match error {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. }
            if said.is_none_or(|said| (said.from_s..=said.until_s).contains(&at_s)) =>
        {
            findings.push(Finding::error(
                "tls.expired",
                format!("{place}: a certificate behind the server's own is not valid now"),
                "bring the issuer's present intermediate certificates",
            ));
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {}
        CertificateError::UnknownIssuer if is_self_issued => findings.push(Finding::warning(
            "tls.issuer",
            format!("{place}: the certificate was issued by itself; clients refuse it unless they are told to trust it"),
            "get one from an authority that clients know, or let every client trust this one",
        )),
        CertificateError::UnknownIssuer => findings.push(Finding::warning(
            "tls.issuer",
            format!("{place}: this machine does not know who issued the certificate; clients refuse it unless they do"),
            "put the issuer's intermediate certificates behind the server's own in that file; with an authority of your own, let \
             clients trust it",
        )),
        other => {
            let (what, fix) = in_words(&other);
            findings.push(Finding::error("tls.certificate", format!("{place}: clients refuse the certificate: {what}"), fix));
        }
    }
    findings
}

/// What of its time is to be told.
fn of_time(place: &str, said: Said, now_s: i64) -> Option<Finding> {
    let until = date::write(Timestamp(said.until_s.saturating_mul(1000)));
    let days = (said.until_s - now_s) / 86_400;
    if now_s < said.from_s {
        let from = date::write(Timestamp(said.from_s.saturating_mul(1000)));
        let what = format!("{place}: the certificate is not valid before {from}");
        return Some(Finding::error(
            "tls.not_yet_valid",
            what,
            "see whether this machine's clock is right, or use the one before",
        ));
    }
    if said.until_s < now_s {
        let what = format!("{place}: the certificate has expired, at {until}");
        return Some(Finding::error("tls.expired", what, RENEW));
    }
    let left = match days {
        0 => "in less than a day".to_owned(),
        1 => "in a day".to_owned(),
        days => format!("in {days} days"),
    };
    let what = format!("{place}: the certificate expires {left}, at {until}");
    (days < SOON_DAYS).then(|| Finding::warning("tls.expires", what, RENEW))
}

fn is_for(certificate: &CertificateDer<'_>, host: &str) -> bool {
    let (Ok(name), Ok(parsed)) = (ServerName::try_from(host), ParsedCertificate::try_from(certificate))
    else {
        // What cannot be read is told by whoever reads it.
        return ServerName::try_from(host).is_ok();
    };
    verify_server_name(&parsed, &name).is_ok()
}

/// What is wrong, and what to do.
fn in_words(error: &CertificateError) -> (String, &'static str) {
    const ANOTHER: &str = "get another one from its issuer";
    let what = match error {
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            return (
                "it is not meant for servers".to_owned(),
                "get one whose extended key usage has serverAuth",
            );
        }
        CertificateError::BadEncoding => "it cannot be read",
        CertificateError::BadSignature => "its signature is wrong",
        CertificateError::Revoked => "it was revoked",
        CertificateError::UnhandledCriticalExtension => {
            "it has a critical extension that clients do not know"
        }
        // The verifier has no name of its own for it.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            return (
                "it is that of an authority (basic constraints CA:TRUE), not of a server".to_owned(),
                "get one for the server, with CA:FALSE; an authority of your own issues it",
            );
        }
        other => return (format!("the verifier says {other}"), ANOTHER),
    };
    (what.to_owned(), ANOTHER)
}

/// This moment.
pub fn now() -> UnixTime {
    UnixTime::since_unix_epoch(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// What a client would say; none: it is content.
fn verify(
    certificates: &[CertificateDer<'_>],
    roots: &RootCertStore,
    host: &str,
    now: UnixTime,
) -> Option<CertificateError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let unknown = Some(CertificateError::UnknownIssuer);
    let Ok(verifier) = WebPkiServerVerifier::builder_with_provider(Arc::new(roots.clone()), provider).build()
    else {
        return unknown;
    };
    let Ok(name) = ServerName::try_from(host) else { return Some(CertificateError::NotValidForName) };
    let (leaf, rest) = certificates.split_first()?;
    match verifier.verify_server_cert(leaf, rest, &name, &[], now) {
        Ok(_) => None,
        Err(Error::InvalidCertificate(error)) => Some(error),
        Err(_) => unknown,
    }
}

const RENEW: &str = "renew it; the server takes changed files by itself";
const SOON_DAYS: i64 = 21;
