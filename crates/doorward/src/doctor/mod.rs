//! What `doorward doctor` looks at beside the store: settings, files and their permissions, the TLS certificate.

pub mod certificate;
mod files;
mod setup;
mod x509;

use doorward_web::doctor::Finding;

use crate::settings::{Resolved, Settings};

/// Everything that can be seen without the database.
pub fn local(resolved: &Resolved, settings: &Settings) -> Vec<Finding> {
    let mut findings = setup::look(settings);
    findings.extend(files::look(resolved, settings));
    if let Some((chain, _)) = &settings.tls {
        findings.extend(certificate::look(chain, host(&settings.public_url), certificate::now()));
    }
    findings
}

/// The host of a URL, without its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or(authority),
    }
}

#[cfg(test)]
mod tests;
