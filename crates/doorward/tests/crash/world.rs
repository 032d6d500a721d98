//! A database with clients and a person, and the folder in which a server works on it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

/// The person.
pub const PERSON: &str = "alice";
/// Her password.
pub const PASSWORD: &str = "correct horse battery staple";
/// A confidential client.
pub const WEB: &str = "web";
/// A public one.
pub const SPA: &str = "spa";
/// A client that may introspect everything.
pub const WATCH: &str = "watch";
/// Seconds in which a code can be redeemed.
pub const CODE_S: u64 = 600;
/// A key-encryption key, for PostgreSQL.
pub const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// A client's secret.
pub fn secret_of(client: &str) -> String {
    format!("secret-of-{client}-0123456789abcdefghijklmnopqrstuvwxyz")
}

/// Where a client's codes go.
pub fn redirect_uri_of(client: &str) -> String {
    format!("https://{client}.example/cb")
}

/// A database of its own, gone when dropped.
pub struct World {
    /// The folder: data, state file, log.
    pub folder: PathBuf,
    /// The ports of its nodes on loopback; the issuer names the first.
    pub ports: Vec<u16>,
    postgres: Option<String>,
    name: String,
}

impl World {
    /// A fresh one, for one node.
    pub async fn new() -> Self {
        Self::of(1).await
    }

    /// A fresh one, for so many nodes. The state that the first start reads is written.
    pub async fn of(nodes: usize) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("doorward_crash_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let postgres = std::env::var("DOORWARD_TEST_POSTGRES").ok();
        if let Some(server) = &postgres {
            execute(server, &format!("CREATE DATABASE {name}")).await;
        }
        let ports = (0..nodes).map(|_| free_port()).collect();
        let world = Self { folder, ports, postgres, name };
        std::fs::write(world.state(), state(&world.issuer()).to_string()).expect("the state can be written");
        world
    }

    /// The issuer.
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// The state file.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The log of its servers.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The SQLite file, unless the database is PostgreSQL's.
    pub fn sqlite(&self) -> Option<PathBuf> {
        self.postgres.is_none().then(|| self.data().join("doorward.db"))
    }

    /// The URL of the database, if it is PostgreSQL's.
    pub fn postgres(&self) -> Option<String> {
        let (base, _) = self.postgres.as_ref()?.rsplit_once('/')?;
        Some(format!("{base}/{}", self.name))
    }

    /// Runs SQL on the database, while no server has it open.
    pub async fn execute(&self, sql: &str) {
        match (self.sqlite(), self.postgres()) {
            (Some(file), _) => open(&file).execute_batch(sql).expect("SQLite does as told"),
            (None, Some(url)) => execute(&url, sql).await,
            (None, None) => unreachable!("one of the engines"),
        }
    }

    /// What is wrong with the file itself; nothing on PostgreSQL, whose file is not ours.
    pub fn damage(&self) -> Vec<String> {
        let Some(file) = self.sqlite() else { return Vec::new() };
        let database = open(&file);
        let mut found = Vec::new();
        for pragma in ["PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
            let mut statement = database.prepare(pragma).expect("a pragma can be prepared");
            let mut rows = statement.query([]).expect("the file can be checked");
            while let Some(row) = rows.next().expect("the file can be read") {
                found.push(row.get::<_, String>(0).expect("a text"));
            }
        }
        found.retain(|line| line != "ok");
        found
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the log of {}:\n{}", self.folder.display(), tail(&self.log()));
        }
        let _gone = std::fs::remove_dir_all(&self.folder);
        let Some(server) = self.postgres.take() else { return };
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // In a thread of its own: a runtime cannot be entered from within another.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(execute(&server, &drop));
            }
        });
        let _ended = thread.join();
    }
}

/// The last lines of a file.
pub fn tail(path: &Path) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// A port that is free, below those that the system gives to whoever connects: while the server is down, nobody gets it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let start = u64::from(std::process::id()) * 37;
    loop {
        let offset = (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        let port = 20_000 + u16::try_from(offset).expect("below 12000");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn open(file: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(file).expect("the file opens")
}

async fn execute(url: &str, sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("PostgreSQL does as told");
    connection.abort();
}

/// Everything lives longer than the test, so that no honest token ends by itself.
fn state(issuer: &str) -> serde_json::Value {
    let client = |id: &str, auth_method: &str| {
        let secrets = if auth_method == "none" { json!(null) } else { json!([{ "value": secret_of(id) }]) };
        json!({
            "id": id,
            "auth_method": auth_method,
            "redirect_uris": [redirect_uri_of(id)],
            "grant_types": ["authorization_code", "refresh_token"],
            "scopes": "openid offline_access jwt:read opaque:read",
            "apis": ["https://jwt.example", "https://opaque.example"],
            "first_party": true,
            "id_token_algorithm": "ES256",
            "lifetimes": {
                "code_s": CODE_S, "access_token_s": 86_400, "id_token_s": 600,
                "refresh_idle_s": 86_400, "refresh_absolute_s": 86_400,
            },
            "refresh_grace_s": 600,
            "secrets": secrets,
        })
    };
    let scope = |name: &str| json!([{ "name": name, "description": "Read" }]);
    json!({ "tenants": [{
        "id": "main",
        "settings": {
            "session_idle_s": 86_400, "session_absolute_s": 86_400, "throttle_limit": 1000,
        },
        "issuers": [{ "url": issuer }],
        "apis": [
            { "id": "https://jwt.example", "scopes": scope("jwt:read") },
            { "id": "https://opaque.example", "token_format": "opaque", "scopes": scope("opaque:read") },
        ],
        "clients": [
            client(WEB, "client_secret_basic"),
            client(SPA, "none"),
            {
                "id": WATCH, "introspects_all": true, "grant_types": ["client_credentials"],
                "secrets": [{ "value": secret_of(WATCH) }],
            },
        ],
        "users": [{ "user_name": PERSON, "password": PASSWORD }],
    }]})
}
