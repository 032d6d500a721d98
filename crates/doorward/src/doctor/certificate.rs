//! The TLS certificate as a client sees it: for the host, not expired and not soon, by somebody it knows (RFC 5280, section 6;
//! RFC 9525).

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use doorward_web::doctor::Finding;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};

/// Looks at a chain, for that host, at that time.
pub fn look(chain: &Path, host: &str, now: UnixTime) -> Vec<Finding> {
    let loaded = CertificateDer::pem_file_iter(chain).and_then(|found| found.collect::<Result<Vec<_>, _>>());
    let certificates = match loaded {
        Ok(certificates) if !certificates.is_empty() => certificates,
        // Told with the settings.
        Ok(_) | Err(_) => return Vec::new(),
    };
    let place = chain.display();
    let mut findings = Vec::new();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let mut seen = verify(&certificates, &roots, host, now);
    if !roots.is_empty() && matches!(seen, Some(CertificateError::UnknownIssuer)) {
        findings.push(Finding::warning(
            "tls.issuer",
            format!("{place}: this machine does not know who issued the certificate; clients refuse it unless they do"),
            "put the issuer's intermediate certificates behind the server's own in that file; with an authority of your own, let \
             clients trust it",
        ));
    }
    if roots.is_empty() || matches!(seen, Some(CertificateError::UnknownIssuer)) {
        roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.last().cloned());
        seen = verify(&certificates, &roots, host, now);
    }
    let renew = "renew it; the server takes changed files by itself";
    match seen {
        None => {
            let soon = SOON_DAYS.into_iter().find(|days| {
                let then = now.as_secs() + days * 86_400;
                let then = UnixTime::since_unix_epoch(Duration::from_secs(then));
                verify(&certificates, &roots, host, then).is_some_and(|error| is_expired(&error))
            });
            if let Some(days) = soon {
                let what = format!("{place}: the certificate expires within {days} day(s)");
                findings.push(Finding::warning("tls.expires", what, renew));
            }
        }
        Some(error) if is_expired(&error) => {
            findings.push(Finding::error(
                "tls.expired",
                format!("{place}: the certificate has expired"),
                renew,
            ));
        }
        Some(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            findings.push(Finding::error(
                "tls.host",
                format!("{place}: the certificate is not for {host}, the host of public_url"),
                format!("get one for {host}, or correct public_url"),
            ));
        }
        Some(error) => findings.push(Finding::error(
            "tls.certificate",
            format!("{place}: clients refuse the certificate: {error:?}"),
            "get another one; its extended key usage must be serverAuth",
        )),
    }
    findings
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

const fn is_expired(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Expired | CertificateError::ExpiredContext { .. })
}

const SOON_DAYS: [u64; 5] = [1, 3, 7, 14, 21];
