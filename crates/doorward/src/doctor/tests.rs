//! Settings, files and certificates that are not as they should be, each found by its name.

use std::path::PathBuf;
use std::time::Duration;

use doorward_web::doctor::Finding;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::UnixTime;

use super::{certificate, host, setup};
use crate::settings::{Resolved, Settings, Sources};

fn found(toml: &str) -> Vec<String> {
    let file = Some((PathBuf::from("doorward.toml"), toml.to_owned()));
    let resolved = Resolved::of(&Sources { file, ..Sources::default() }).unwrap();
    let mut found = names(setup::look(&Settings::of(&resolved).unwrap()));
    let sends_mail = toml.contains("mail.host");
    assert_eq!(found.iter().any(|check| check == "settings.mail"), !sends_mail, "{toml}");
    found.retain(|check| check != "settings.mail");
    found
}

fn names(findings: Vec<Finding>) -> Vec<String> {
    findings.into_iter().map(|finding| finding.check).collect()
}

#[test]
fn settings_that_do_not_go_together_are_found() {
    let sound = "public_url = \"https://id.example\"\nproxies.trusted = [\"127.0.0.1\"]\n";
    for (toml, checks) in [
        (sound.to_owned(), vec![]),
        (String::new(), vec![]),
        (format!("{sound}mail.host = \"mail.example\"\nmail.from = \"no-reply@example.com\""), vec![]),
        ("public_url = \"https://id.example\"".to_owned(), vec!["settings.proxy"]),
        ("listen = [\"0.0.0.0:80\"]".to_owned(), vec!["settings", "settings.public_url"]),
        (format!("{sound}ops_listen = \"none\""), vec!["settings.ops_listen"]),
        (format!("{sound}ops_listen = \"0.0.0.0:9100\""), vec!["settings.metrics_token"]),
        (format!("{sound}log.level = \"info,doorward_store=debug\""), vec!["settings.log_level"]),
    ] {
        assert_eq!(found(&toml), checks, "{toml}");
    }
}

#[test]
fn hosts_are_read_from_urls() {
    for (url, name) in [
        ("https://id.example:8443/t", "id.example"),
        ("http://[::1]:80/", "::1"),
        ("https://id.example", "id.example"),
    ] {
        assert_eq!(host(url), name);
    }
}

#[test]
fn a_certificate_is_looked_at_as_a_client_does() {
    let path = std::env::temp_dir().join(format!("doorward-chain-{}.pem", std::process::id()));
    let mut params = CertificateParams::new(vec!["id.example".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2026, 4, 1);
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    std::fs::write(&path, certificate.pem()).unwrap();
    // Days after 2026-01-01.
    let at = |host: &str, days: u64| {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_767_225_600 + days * 86_400));
        let mut found = names(certificate::look(&path, host, now));
        // Whether that is said depends on what this machine trusts.
        found.retain(|check| check != "tls.issuer");
        found
    };
    assert_eq!(at("id.example", 10), [""; 0]);
    assert_eq!(at("id.example", 80), ["tls.expires"]);
    assert_eq!(at("id.example", 91), ["tls.expired"]);
    assert_eq!(at("other.example", 10), ["tls.host"]);
    std::fs::remove_file(path).unwrap();
}
