//! Settings as the program uses them: checked against each other.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use doorward_core::desired::issuer::check_url;
use doorward_crypto::secret::SecretString;
use doorward_web::mail::smtp::{SmtpSettings, SmtpTls, check_mailbox};

use super::{Resolved, Value};
use crate::failure::{Exit, Failure};

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the server is reached.
    pub public_url: String,
    /// Where it listens.
    pub listen: Vec<SocketAddr>,
    /// Where operations are served.
    pub ops_listen: Option<SocketAddr>,
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub database: DatabaseSetting,
    /// The key that seals; none: the file `key` in the data folder.
    pub key_encryption_key: Option<SecretString>,
    /// The key before it.
    pub previous_key_encryption_key: Option<SecretString>,
    /// Whether `serve` migrates.
    pub auto_migrate: bool,
    /// Certificate chain and key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Networks of proxies.
    pub trusted_proxies: Vec<String>,
    /// The header that they set.
    pub forwarded: Forwarded,
    /// Exceptions for outbound requests.
    pub outbound_allow: Vec<String>,
    /// The mail server.
    pub mail: Option<SmtpSettings>,
    /// `auto`, `human` or `json`.
    pub log_format: String,
    /// Directives of the log.
    pub log_level: String,
    /// `off`, `stdout` or a path.
    pub access_log: String,
    /// Whether a client's own token waits for its event.
    pub durable_client_tokens: bool,
    /// Characters of a new password.
    pub password_min_length: u32,
    /// What `/metrics` asks for.
    pub metrics_token: Option<SecretString>,
    /// Connections at once.
    pub connections: usize,
    /// Threads that verify passwords; 0: by the number of cores.
    pub password_threads: usize,
    /// Passwords that may wait.
    pub passwords_waiting: usize,
    /// Requests worked on at once.
    pub requests_at_once: usize,
    /// Milliseconds that one waits for that.
    pub requests_wait_ms: u64,
    /// Requests of one address in a minute: of programs, for pages, of the admin API, of the guard.
    pub per_address: [u32; 4],
    /// Networks whose requests are not limited per address.
    pub trusted: Vec<String>,
    /// Clients in memory.
    pub cached_clients: usize,
    /// Seconds in which clients are still let in at shutdown.
    pub shutdown_grace_s: u64,
    /// Seconds of the drain.
    pub drain_seconds: u64,
}

/// Which database.
#[derive(Clone, Debug)]
pub enum DatabaseSetting {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(SecretString),
}

/// The header that proxies set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forwarded {
    /// `Forwarded`.
    Forwarded,
    /// `X-Forwarded-For`.
    XForwardedFor,
}

impl Settings {
    /// Reads them, and checks what can be seen without touching anything.
    pub fn of(resolved: &Resolved) -> Result<Self, Failure> {
        let data = text(resolved, "data").map_or_else(default_data, PathBuf::from);
        let database = match resolved.value("database") {
            Value::Secret(secret) => DatabaseSetting::of(secret, resolved)?,
            _ => DatabaseSetting::Sqlite(data.join("doorward.db")),
        };
        let tls = match (text(resolved, "tls.certificate"), text(resolved, "tls.key")) {
            (Some(certificate), Some(key)) => Some((PathBuf::from(certificate), PathBuf::from(key))),
            (None, None) => None,
            (Some(_), None) => {
                return Err(wrong("tls.certificate is set and tls.key is not: TLS needs both"));
            }
            (None, Some(_)) => {
                return Err(wrong("tls.key is set and tls.certificate is not: TLS needs both"));
            }
        };
        let public_url = text(resolved, "public_url").unwrap_or_default();
        check_url(&public_url).map_err(|what| {
            wrong(format!("public_url ({}): {what}", resolved.origin("public_url")))
                .hint("set it to the https address that people use, such as https://id.example.com")
        })?;
        Ok(Self {
            public_url,
            listen: addresses(resolved, "listen"),
            ops_listen: text(resolved, "ops_listen").and_then(|text| text.parse().ok()),
            data,
            database,
            key_encryption_key: secret(resolved, "key_encryption_key"),
            previous_key_encryption_key: secret(resolved, "previous_key_encryption_key"),
            auto_migrate: flag(resolved, "auto_migrate"),
            tls,
            trusted_proxies: list(resolved, "proxies.trusted"),
            forwarded: match text(resolved, "proxies.header").as_deref() {
                Some("forwarded") => Forwarded::Forwarded,
                _ => Forwarded::XForwardedFor,
            },
            outbound_allow: list(resolved, "outbound.allow"),
            mail: mail(resolved)?,
            log_format: text(resolved, "log.format").unwrap_or_default(),
            log_level: text(resolved, "log.level").unwrap_or_default(),
            access_log: text(resolved, "log.access").unwrap_or_default(),
            durable_client_tokens: flag(resolved, "durable_client_tokens"),
            password_min_length: number(resolved, "password_min_length"),
            metrics_token: secret(resolved, "metrics_token"),
            connections: number(resolved, "limits.connections"),
            password_threads: number(resolved, "limits.password_threads"),
            passwords_waiting: number(resolved, "limits.passwords_waiting"),
            requests_at_once: number(resolved, "limits.requests_at_once"),
            requests_wait_ms: number(resolved, "limits.requests_wait_ms"),
            per_address: [
                number(resolved, "limits.requests_per_address"),
                number(resolved, "limits.pages_per_address"),
                number(resolved, "limits.admin_per_address"),
                number(resolved, "limits.guard_per_address"),
            ],
            trusted: list(resolved, "limits.trusted"),
            cached_clients: number(resolved, "limits.cached_clients"),
            shutdown_grace_s: number(resolved, "shutdown_grace_s"),
            drain_seconds: number(resolved, "limits.drain_seconds"),
        })
    }

    /// Where a running server can be spoken to.
    pub fn socket(&self) -> PathBuf {
        self.data.join("doorward.sock")
    }

    /// Where a set-up link is written to.
    pub fn setup_url(&self) -> PathBuf {
        self.data.join("setup-url")
    }

    /// Where the key-encryption key is by default.
    pub fn key_file(&self) -> PathBuf {
        self.data.join("key")
    }
}

impl DatabaseSetting {
    fn of(secret: &SecretString, resolved: &Resolved) -> Result<Self, Failure> {
        let text = secret.expose();
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            if text.contains("://") {
                return Err(wrong("database: only a path (SQLite) or a postgres:// URL is known"));
            }
            return Ok(Self::Sqlite(PathBuf::from(text)));
        }
        let has_password = password_in(text).is_some();
        if has_password && matches!(resolved.origin("database"), super::Origin::Flag(_)) {
            return Err(wrong(
                "database: the URL holds a password, and every user of this machine can see flags",
            )
            .hint("give it by DOORWARD_DATABASE or DOORWARD_DATABASE_FILE"));
        }
        Ok(Self::Postgres(secret.clone()))
    }
}

/// The password in a URL, if there is one.
fn password_in(url: &str) -> Option<&str> {
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    authority.rsplit_once('@')?.0.split_once(':').map(|(_, password)| password)
}

impl fmt::Display for DatabaseSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let url = url.expose();
                // Parameters may hold a password, too.
                let shown = url.split('?').next().unwrap_or_default();
                match password_in(shown) {
                    Some(password) => f.write_str(&shown.replacen(&format!(":{password}@"), ":[secret]@", 1)),
                    None => f.write_str(shown),
                }
            }
        }
    }
}

/// The mail server: all of it, or nothing.
fn mail(resolved: &Resolved) -> Result<Option<SmtpSettings>, Failure> {
    let Some(host) = text(resolved, "mail.host") else {
        return match (text(resolved, "mail.from"), text(resolved, "mail.user")) {
            (None, None) => Ok(None),
            _ => Err(wrong("mail.from or mail.user is set and mail.host is not: no mail would be sent")),
        };
    };
    let from = text(resolved, "mail.from")
        .ok_or_else(|| wrong("mail.host is set and mail.from is not: mails must be from somebody"))?;
    let tls = match text(resolved, "mail.tls").as_deref() {
        Some("tls") => SmtpTls::Tls,
        Some("none") => SmtpTls::None,
        _ => SmtpTls::StartTls,
    };
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
    if tls == SmtpTls::None && !is_here {
        let what = format!(
            "mail.tls is none, and {host} is another machine: mails hold links by which people sign in"
        );
        return Err(wrong(what).hint("set mail.tls to starttls or tls"));
    }
    let login = match (text(resolved, "mail.user"), secret(resolved, "mail.password")) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        _ => return Err(wrong("mail.user and mail.password go together: one of them is not set")),
    };
    let settings = SmtpSettings { host, port: number(resolved, "mail.port"), tls, login, from };
    check_mailbox(&settings.from).map_err(|what| wrong(format!("mail.from {what}")))?;
    Ok(Some(settings))
}

fn default_data() -> PathBuf {
    // systemd names one folder, or several parted by colons.
    let state = std::env::var_os("STATE_DIRECTORY").filter(|folder| !folder.is_empty());
    match state.as_ref().and_then(|folder| folder.to_str()).and_then(|folders| folders.split(':').next()) {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(".").join("doorward-data"),
    }
}

fn wrong(what: impl Into<String>) -> Failure {
    Failure::new(Exit::Config, what)
}

fn text(resolved: &Resolved, key: &str) -> Option<String> {
    match resolved.value(key) {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn list(resolved: &Resolved, key: &str) -> Vec<String> {
    match resolved.value(key) {
        Value::List(list) => list.clone(),
        _ => Vec::new(),
    }
}

fn addresses(resolved: &Resolved, key: &str) -> Vec<SocketAddr> {
    list(resolved, key).iter().filter_map(|text| text.parse().ok()).collect()
}

fn flag(resolved: &Resolved, key: &str) -> bool {
    matches!(resolved.value(key), Value::Flag(true))
}

fn number<T: TryFrom<i64> + Default>(resolved: &Resolved, key: &str) -> T {
    match resolved.value(key) {
        Value::Number(number) => T::try_from(*number).unwrap_or_default(),
        _ => T::default(),
    }
}

fn secret(resolved: &Resolved, key: &str) -> Option<SecretString> {
    match resolved.value(key) {
        Value::Secret(secret) => Some(secret.clone()),
        _ => None,
    }
}
