//! Settings, files and certificates that are not as they should be, each found by its name.

use std::path::PathBuf;
use std::time::Duration;

use doorward_web::doctor::Finding;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
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

/// A chain that an authority of our own issued, of which clients know or do not.
#[test]
fn who_issued_it_its_host_and_its_end_are_told_each_and_once() {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2030, 1, 1);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);
    let leaf = |usage: ExtendedKeyUsagePurpose| {
        let mut params = CertificateParams::new(vec!["id.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 4, 1);
        params.extended_key_usages = vec![usage];
        params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().pem()
    };
    let mut knows = RootCertStore::empty();
    knows.add(authority.der().clone()).unwrap();
    let mut knows_another = RootCertStore::empty();
    let mut stranger = CertificateParams::new(Vec::new()).unwrap();
    stranger.distinguished_name.push(DnType::CommonName, "a stranger");
    let other = stranger.self_signed(&KeyPair::generate().unwrap()).unwrap();
    knows_another.add(other.der().clone()).unwrap();
    let path = std::env::temp_dir().join(format!("doorward-issued-{}.pem", std::process::id()));
    let told = |pem: &str, host: &str, days: u64, roots: &RootCertStore| {
        std::fs::write(&path, pem).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_767_225_600 + days * 86_400));
        certificate::look_with(&path, host, now, roots.clone())
    };
    let (server, client) =
        (leaf(ExtendedKeyUsagePurpose::ServerAuth), leaf(ExtendedKeyUsagePurpose::ClientAuth));
    let rows: &[(&str, &str, u64, &RootCertStore, &[&str])] = &[
        (&server, "id.example", 10, &knows, &[]),
        (&server, "id.example", 10, &knows_another, &["tls.issuer"]),
        (&server, "other.example", 10, &knows_another, &["tls.host", "tls.issuer"]),
        (&server, "id.example", 85, &knows_another, &["tls.expires", "tls.issuer"]),
        (&server, "other.example", 95, &knows_another, &["tls.expired", "tls.host", "tls.issuer"]),
        (&server, "other.example", 85, &knows, &["tls.expires", "tls.host"]),
        (&client, "id.example", 10, &knows, &["tls.certificate"]),
        (&authority.pem(), "id.example", 10, &knows, &["tls.host", "tls.certificate"]),
    ];
    for (pem, host, days, roots, checks) in rows {
        let found = told(pem, host, *days, roots);
        let all = format!("{found:?}");
        assert!(
            !all.contains("OtherError") && !all.contains("UnknownIssuer"),
            "no name of the program: {all}"
        );
        assert_eq!(names(found), *checks, "{host} {days}: {all}");
    }
    let said = |pem: &str, days: u64| format!("{:?}", told(pem, "id.example", days, &knows));
    assert!(
        said(&server, 85).contains("expires in 5 days, at 2026-04-01T00:00:00Z"),
        "{}",
        said(&server, 85)
    );
    assert!(said(&client, 10).contains("serverAuth"));
    assert!(
        said(&authority.pem(), 10).contains("CA:TRUE") && !said(&authority.pem(), 10).contains("serverAuth")
    );
    let alone = format!("{:?}", told(&other.pem(), "id.example", 10, &knows));
    assert!(alone.contains("issued by itself"), "{alone}");
    std::fs::remove_file(path).unwrap();
}
