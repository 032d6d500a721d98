//! A certificate made on the spot: an authority of its own that one can tell a client to trust, and a certificate by it.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use crate::command::{data_folder, write_private};
use crate::failure::{Exit, Failure};

/// Files of the certificate.
#[derive(Clone, Debug)]
pub struct Made {
    /// The authority, to be trusted.
    pub authority: PathBuf,
    /// The server's certificate and the authority's.
    pub certificate: PathBuf,
    /// The server's key.
    pub key: PathBuf,
}

/// Makes a certificate for the hosts of these URLs in `dev-tls` of the data folder. The one that is there stays while it is for
/// the same hosts.
pub fn make(data: &Path, urls: &[&str]) -> Result<Made, Failure> {
    let folder = data.join("dev-tls");
    data_folder(&folder)?;
    let made = Made {
        authority: folder.join("ca.pem"),
        certificate: folder.join("cert.pem"),
        key: folder.join("key.pem"),
    };
    let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).collect();
    hosts.extend(urls.iter().map(|url| host(url).to_owned()));
    hosts.sort();
    hosts.dedup();
    let names = folder.join("hosts");
    let wanted = hosts.join("\n");
    let is_there = made.certificate.exists() && made.key.exists() && made.authority.exists();
    if is_there && fs::read_to_string(&names).is_ok_and(|known| known == wanted) {
        return Ok(made);
    }
    let failed =
        |error: rcgen::Error| Failure::new(Exit::Failed, format!("a certificate could not be made: {error}"));
    let (authority, certificate, key) = chain(hosts).map_err(failed)?;
    let write = |path: &Path, text: &str| {
        write_private(path, text)
            .map_err(|error| Failure::new(Exit::Failed, format!("cannot write {}: {error}", path.display())))
    };
    write(&made.authority, &authority)?;
    write(&made.certificate, &certificate)?;
    write(&made.key, &key)?;
    write(&names, &wanted)?;
    Ok(made)
}

/// PEM texts: the authority, the chain, the key.
fn chain(hosts: Vec<String>) -> Result<(String, String, String), rcgen::Error> {
    let mut of_authority = CertificateParams::default();
    of_authority.distinguished_name.push(DnType::CommonName, "Doorward development authority");
    of_authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    of_authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let authority = of_authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(of_authority, authority_key);
    let mut of_server = CertificateParams::new(hosts)?;
    of_server.distinguished_name.push(DnType::CommonName, "Doorward development server");
    of_server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = of_server.signed_by(&key, &issuer)?;
    Ok((authority.pem(), format!("{}{}", certificate.pem(), authority.pem()), key.serialize_pem()))
}

/// The host of a URL, without brackets.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((inner, _)) => inner,
        None => authority.split(':').next().unwrap_or(authority),
    }
}
