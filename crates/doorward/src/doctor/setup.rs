//! Settings that do not go together, or that are for trying things out.

use doorward_web::doctor::Finding;

use super::host;
use crate::settings::Settings;

pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(failure) = crate::command::check(settings) {
        let fix = failure
            .hint
            .clone()
            .unwrap_or_else(|| "doorward config shows where each setting comes from".to_owned());
        findings.push(Finding::error("settings", failure.message, fix));
    }
    let is_https = settings.public_url.starts_with("https://");
    let is_open = settings.listen.iter().any(|address| !address.ip().is_loopback());
    if is_https && settings.tls.is_none() && settings.trusted_proxies.is_empty() {
        findings.push(Finding::warning(
            "settings.proxy",
            format!(
                "{} is reached through a proxy, and none is trusted: every caller seems to have the proxy's address, so that \
                 one who guesses passwords slows all others down",
                settings.public_url
            ),
            "proxies.trusted = [\"the proxy's address or network\"], and proxies.header as it sets it",
        ));
    }
    if !is_https && settings.tls.is_some() {
        findings.push(Finding::error(
            "settings.public_url",
            format!("the server speaks TLS, and public_url is {}", settings.public_url),
            "public_url = \"https://…\"",
        ));
    }
    if is_open && matches!(host(&settings.public_url), "localhost" | "127.0.0.1" | "::1") {
        findings.push(Finding::warning(
            "settings.public_url",
            format!(
                "the server listens for other machines, and public_url ({}) leads them to themselves",
                settings.public_url
            ),
            "public_url = \"https://the name that people use\"",
        ));
    }
    match settings.ops_listen {
        None => findings.push(Finding::note(
            "settings.ops_listen",
            "nothing tells whether the server is ready: there is no operations listener",
            "ops_listen = \"127.0.0.1:9100\"",
        )),
        Some(address) if !address.ip().is_loopback() && settings.metrics_token.is_none() => {
            findings.push(Finding::warning(
                "settings.metrics_token",
                format!("whoever reaches {address} can read the metrics"),
                "metrics_token_file = \"a file with a random text\", or ops_listen = \"127.0.0.1:9100\"",
            ));
        }
        Some(_) => {}
    }
    if settings.mail.is_none() {
        findings.push(Finding::note(
            "settings.mail",
            "no mail is sent: nobody can choose a new password by themselves, or hears of changes to their account",
            "mail.host = \"the mail server\", and mail.from",
        ));
    }
    if settings.log_level.split([',', '=']).any(|word| matches!(word.trim(), "debug" | "trace")) {
        findings.push(Finding::note(
            "settings.log_level",
            format!("log.level is {}: every request is logged, and the log grows fast", settings.log_level),
            "log.level = \"info\"",
        ));
    }
    findings
}
