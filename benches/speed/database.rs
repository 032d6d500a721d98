//! Where the measured data is: a folder with an SQLite file, or a database made on the PostgreSQL server that the environment names.

use std::path::PathBuf;

use doorward_crypto::secret::SecretString;
use doorward_store::driver::sqlite::SqliteConfig;
use doorward_store::seal::KeySource;
use doorward_store::seal::key_text::KeyText;
use doorward_store::{Database, Store, StoreConfig};
use serde::{Deserialize, Serialize};

/// A database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Place {
    /// A database of that name on that server.
    Postgres {
        /// The server's URL, with a database that exists.
        server: String,
        /// Ours.
        name: String,
    },
    /// In that folder.
    Sqlite(PathBuf),
}

impl Place {
    /// SQLite, and PostgreSQL where there is one. Fresh and empty.
    pub async fn available() -> Vec<Self> {
        let mut places = vec![Self::sqlite("rows")];
        if let Ok(server) = std::env::var("DOORWARD_TEST_POSTGRES") {
            let name = format!("doorward_speed_{}", std::process::id());
            admin(&server, &format!("CREATE DATABASE {name}")).await;
            places.push(Self::Postgres { server, name });
        }
        places
    }

    /// A fresh folder, on the disk that `target` is on: a temporary folder may be memory, which syncs for nothing.
    pub fn sqlite(purpose: &str) -> Self {
        let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let folder = base.join(format!("speed-{}-{purpose}", std::process::id()));
        let _gone = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder can be made beside target");
        Self::Sqlite(folder)
    }

    /// A further one on the same engine, fresh and empty.
    pub async fn beside(&self, purpose: &str) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite(purpose),
            Self::Postgres { server, name } => {
                let name = format!("{name}_{}", purpose.replace('-', "_"));
                admin(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                admin(server, &format!("CREATE DATABASE {name}")).await;
                Self::Postgres { server: server.clone(), name }
            }
        }
    }

    /// Open it.
    pub async fn open(&self) -> Store {
        let config = match self {
            Self::Sqlite(folder) => {
                let file = SqliteConfig { ballast_bytes: 0, ..SqliteConfig::new(folder.join("doorward.db")) };
                let key = KeySource { current: KeyText::File(folder.join("key")), previous: None };
                StoreConfig { database: Database::Sqlite(file), ..StoreConfig::sqlite("unused", key) }
            }
            Self::Postgres { .. } => {
                let key = KeyText::Value(SecretString::new(KEY.to_owned()));
                let url = SecretString::new(self.url());
                StoreConfig::postgres(url, KeySource { current: key, previous: None })
            }
        };
        Store::open(config).await.expect("the store opens")
    }

    /// The URL of a database on a server.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => folder.display().to_string(),
            Self::Postgres { server, name } => {
                let (base, _) = server.rsplit_once('/').expect("a server's URL names a database");
                format!("{base}/{name}")
            }
        }
    }

    /// The engine's name.
    pub fn engine(&self) -> &'static str {
        if self.is_postgres() { "PostgreSQL" } else { "SQLite" }
    }

    /// Whether commits cost another process's CPU, not ours.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Remove it.
    pub async fn remove(&self) {
        match self {
            Self::Sqlite(folder) => {
                let _gone = std::fs::remove_dir_all(folder);
            }
            Self::Postgres { server, name } => {
                admin(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            }
        }
    }
}

async fn admin(server: &str, sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.expect("the PostgreSQL server answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("the PostgreSQL server does as told");
    connection.abort();
}

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
