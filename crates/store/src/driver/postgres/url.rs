//! The database URL: `postgres://user:password@host:port,host2:port2/database?options`.
//!
//! | option | means |
//! |---|---|
//! | `sslmode` | `disable`, `prefer`, `require` (encrypted, anyone's certificate), `verify-ca`, `verify-full`. Default: `verify-full`, on loopback `prefer` |
//! | `sslrootcert` | file with the authorities to trust (PEM); default: those of the system |
//! | `sslcert`, `sslkey` | files with our certificate and its key (PEM), when the server asks for one |
//! | `statement_cache` | `0`: no named statements, for poolers that share connections between transactions |
//! | `pool` | most connections at once; default 16 |
//!
//! All others are those of tokio-postgres. `target_session_attrs` is `read-write` unless given: of several hosts the primary
//! is found, also after a failover.

use std::path::PathBuf;
use std::time::Duration;

use doorward_crypto::secret::SecretString;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

/// A database URL, taken apart.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) tls: TlsSettings,
    pub(super) named: bool,
    pub(super) pool: usize,
}

/// How the server is to be known.
#[derive(Clone, Debug)]
pub struct TlsSettings {
    /// What is checked of the server's certificate.
    pub check: Check,
    /// Authorities to trust, instead of the system's.
    pub root_cert: Option<PathBuf>,
    /// Our certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// What is checked of the server's certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// Nothing: encrypted, but possibly to somebody in between.
    Nothing,
    /// Its authority.
    Authority,
    /// Its authority and the host's name.
    Full,
}

/// Reads a database URL. Errors name the option, never the URL: it holds a password.
pub(super) fn parse(url: &SecretString) -> Result<Settings, String> {
    let url = url.expose();
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err("the database URL must begin with postgres://".to_owned());
    }
    let (base, query) = url.split_once('?').unwrap_or((url.as_str(), ""));
    let mut rest = Vec::new();
    let mut mode = None;
    let mut tls = TlsSettings { check: Check::Full, root_cert: None, client: None };
    let (mut cert, mut key) = (None, None);
    let (mut named, mut pool) = (true, DEFAULT_POOL);
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let path = || decoded(value).map(PathBuf::from).ok_or_else(|| bad(name));
        match name {
            "sslmode" => mode = Some(value),
            "sslrootcert" if value == "system" => tls.root_cert = None,
            "sslrootcert" => tls.root_cert = Some(path()?),
            "sslcert" => cert = Some(path()?),
            "sslkey" => key = Some(path()?),
            "statement_cache" => named = value.parse::<u32>().map_err(|_| bad(name))? != 0,
            "pool" => {
                pool = value.parse().ok().filter(|size| (1..=1000).contains(size)).ok_or_else(|| bad(name))?
            }
            _ => rest.push(option),
        }
    }
    tls.client = match (cert, key) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        _ => return Err("the database URL needs sslcert and sslkey together".to_owned()),
    };
    let mut config: Config =
        format!("{base}?{}", rest.join("&")).parse().map_err(|error: tokio_postgres::Error| {
            // Only what the parser says of the option, which never quotes its value.
            format!(
                "the database URL cannot be used: {}",
                std::error::Error::source(&error).map_or("malformed".to_owned(), |source| source.to_string())
            )
        })?;
    if config.get_hosts().is_empty() {
        return Err("the database URL names no host".to_owned());
    }
    let (ssl_mode, check) = match mode {
        None if config.get_hosts().iter().all(is_local) => (SslMode::Prefer, Check::Nothing),
        None | Some("verify-full") => (SslMode::Require, Check::Full),
        Some("verify-ca") => (SslMode::Require, Check::Authority),
        // With an authority given, libpq checks it here too.
        Some("require") if tls.root_cert.is_some() => (SslMode::Require, Check::Authority),
        Some("require") => (SslMode::Require, Check::Nothing),
        Some("prefer") => (SslMode::Prefer, Check::Nothing),
        Some("disable") => (SslMode::Disable, Check::Nothing),
        Some(_) => return Err(bad("sslmode")),
    };
    // Nothing is encrypted over a socket of this machine, and no certificate has its name.
    let ssl_mode = if config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) {
        SslMode::Disable
    } else {
        ssl_mode
    };
    tls.check = check;
    config.ssl_mode(ssl_mode);
    if !query.contains("target_session_attrs=") {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_ONE);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNANSWERED);
    }
    if config.get_application_name().is_none() {
        config.application_name("doorward");
    }
    config.keepalives_idle(KEEPALIVE);
    Ok(Settings { config, tls, named, pool })
}

fn bad(option: &str) -> String {
    format!("the database URL has an unusable value for {option}")
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

const DEFAULT_POOL: usize = 16;
/// To one host; of several, the next one is tried then.
const CONNECT_ONE: Duration = Duration::from_secs(1);
/// A server that vanished without a word is noticed after so long.
const UNANSWERED: Duration = Duration::from_secs(5);
const KEEPALIVE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> Result<Settings, String> {
        parse(&SecretString::from(url))
    }

    fn modes(url: &str) -> (SslMode, Check) {
        let settings = settings(url).unwrap_or_else(|error| panic!("{error}"));
        (settings.config.get_ssl_mode(), settings.tls.check)
    }

    #[test]
    fn a_server_elsewhere_is_verified_unless_told_otherwise() {
        assert_eq!(modes("postgres://u@db.example/d"), (SslMode::Require, Check::Full));
        assert_eq!(modes("postgres://u@localhost/d"), (SslMode::Prefer, Check::Nothing));
        assert_eq!(modes("postgres://u@127.0.0.1,[::1]/d"), (SslMode::Prefer, Check::Nothing));
        assert_eq!(modes("postgres://u@127.0.0.1,db.example/d"), (SslMode::Require, Check::Full));
        assert_eq!(modes("postgres://u@127.0.0.1/d?sslmode=verify-full"), (SslMode::Require, Check::Full));
        assert_eq!(modes("postgres://u@h/d?sslmode=require"), (SslMode::Require, Check::Nothing));
        assert_eq!(
            modes("postgres://u@h/d?sslmode=require&sslrootcert=/ca"),
            (SslMode::Require, Check::Authority)
        );
        assert_eq!(modes("postgres://u@%2Frun%2Fpostgresql/d").0, SslMode::Disable);
    }

    #[test]
    fn the_primary_is_looked_for_and_our_own_options_are_taken_out() {
        let settings =
            settings("postgresql://u@a:1,b:2/d?statement_cache=0&pool=3&sslrootcert=%2Fetc%2Fca.pem")
                .unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(settings.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(settings.config.get_ports(), [1, 2]);
        assert_eq!((settings.named, settings.pool), (false, 3));
        assert_eq!(settings.tls.root_cert, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn errors_name_the_option_and_never_show_the_url() {
        for url in [
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2@h/d?sslmode=maybe",
            "postgres://u:hunter2@h/d?nonsense=1",
            "postgres://u:hunter2@h/d?pool=0",
            "postgres://u:hunter2@h/d?sslcert=/a",
            "postgres://u:hunter2@h:port/d",
            "postgres:///d",
        ] {
            let error = settings(url).err().unwrap_or_else(|| panic!("{url} was taken"));
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
