//! What was sent, answered and logged, for tests that look for secrets where none may be.

use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

use doorward_crypto::base64url;
use doorward_wire::params::Params;

use crate::reply::Reply;

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Path and query.
    pub target: String,
    /// The headers sent.
    pub headers: Vec<(String, String)>,
    /// The body sent.
    pub body: String,
    /// The answer.
    pub reply: Reply,
}

/// Lines that the server logged, of every test of this process: what a row sent is its own, and is looked for in what was
/// logged since it began.
pub struct Logs;

impl Exchange {
    /// The secrets that were sent: what must be neither in the answer nor in a log.
    pub fn sent(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        let query = self.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
        for text in [query, &self.body] {
            for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
                if SECRET_FIELDS.contains(&name) {
                    let pair = Params::parse_form(format!("v={value}").as_bytes());
                    secrets.extend(pair.ok().and_then(|pair| pair.get("v").map(str::to_owned)));
                    secrets.push(value.to_owned());
                }
            }
        }
        for (name, value) in &self.headers {
            if name.eq_ignore_ascii_case("authorization") {
                let value = value.split_once(' ').map_or(value.as_str(), |(_, value)| value);
                secrets.push(value.to_owned());
                let plain = base64url::decode(value.trim_end_matches('=')).unwrap_or_default();
                let plain = String::from_utf8(plain).unwrap_or_default();
                secrets.extend(plain.split_once(':').map(|(_, secret)| secret.to_owned()));
            }
            if name.eq_ignore_ascii_case("cookie") {
                let values = value.split("; ").filter_map(|pair| pair.split_once('='));
                secrets.extend(values.map(|(_, value)| value.to_owned()));
            }
        }
        long_enough(secrets)
    }

    /// The secrets that were handed out: what must not be in a log.
    pub fn received(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&self.reply.body) {
            let tokens = ["access_token", "refresh_token", "id_token"];
            secrets.extend(tokens.iter().filter_map(|name| json[*name].as_str().map(str::to_owned)));
        }
        if let Some((_, query)) = self.reply.header("location").and_then(|uri| uri.split_once('?')) {
            let codes = query.split('&').filter_map(|pair| pair.strip_prefix("code="));
            secrets.extend(codes.map(str::to_owned));
        }
        for cookie in self.reply.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap_or_default();
            let value = text.split(';').next().and_then(|pair| pair.split_once('='));
            secrets.extend(value.map(|(_, value)| value.to_owned()));
        }
        long_enough(secrets)
    }

    /// All of the answer that its reader sees, but for cookies.
    pub fn answer(&self) -> String {
        let headers = self.reply.headers.iter().filter(|(name, _)| *name != "set-cookie");
        headers.map(|(name, value)| format!("{name}: {value:?}\n")).collect::<String>() + &self.reply.body
    }
}

impl Logs {
    /// Begin to collect. Where the lines are now.
    pub fn mark() -> usize {
        static INSTALLED: LazyLock<()> = LazyLock::new(|| {
            let filter =
                "off,doorward_core=trace,doorward_store=trace,doorward_web=trace,doorward_crypto=trace";
            let subscriber =
                tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(|| Lines).finish();
            let _another_was_first = tracing::subscriber::set_global_default(subscriber);
        });
        LazyLock::force(&INSTALLED);
        LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The lines since then.
    pub fn since(mark: usize) -> String {
        let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&lines[mark..]).into_owned()
    }
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn long_enough(mut secrets: Vec<String>) -> Vec<String> {
    secrets.retain(|secret| secret.len() >= SHORTEST);
    secrets.sort();
    secrets.dedup();
    secrets
}

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Fields whose values are secrets.
const SECRET_FIELDS: [&str; 10] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "current_password",
    "new_password",
    "password",
    "refresh_token",
    "token",
];
/// What is shorter is found everywhere by chance.
const SHORTEST: usize = 8;
