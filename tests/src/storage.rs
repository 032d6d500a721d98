//! What happens to storage: writes that fail, a server that is killed, and everything that stands on the disk.

use doorward_store::driver::Driver;
use doorward_web::fetch::Policy;

use crate::TestApp;
use crate::database::{TestDatabase, admin, fresh_folder};

impl TestApp {
    /// Whether writes fail from now on, while reads go on.
    pub async fn fail_writes(&self, fail: bool) {
        if let Driver::Sqlite(sqlite) = self.store.driver() {
            let pragma = if fail { "PRAGMA query_only = ON" } else { "PRAGMA query_only = OFF" };
            sqlite.pragma(pragma).await.expect("the writer can be told");
            return;
        }
        let sql = if fail {
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
             CREATE TRIGGER fail BEFORE INSERT ON events EXECUTE FUNCTION fail()"
        } else {
            "DROP TRIGGER fail ON events; DROP FUNCTION fail()"
        };
        admin(&self.database.url().expect("it is a server"), sql).await;
    }

    /// Whether reads of clients, sessions and grants fail from now on, as when the database is away.
    pub async fn fail_reads(&self, fail: bool) {
        let renames = if fail {
            [
                "ALTER TABLE clients RENAME TO clients_away",
                "ALTER TABLE grants RENAME TO grants_away",
                "ALTER TABLE sessions RENAME TO sessions_away",
            ]
        } else {
            [
                "ALTER TABLE clients_away RENAME TO clients",
                "ALTER TABLE grants_away RENAME TO grants",
                "ALTER TABLE sessions_away RENAME TO sessions",
            ]
        };
        for rename in renames {
            match self.store.driver() {
                Driver::Sqlite(sqlite) => sqlite.pragma(rename).await.expect("the writer can be told"),
                Driver::Postgres(_) => admin(&self.database.url().expect("it is a server"), rename).await,
            }
        }
    }

    /// A server on what stood on the disk at this moment, as after `kill -9`.
    pub async fn killed(&self) -> Self {
        let (name, folder) = fresh_folder();
        let database = match &self.database.server {
            Some(server) => TestDatabase {
                folder,
                server: Some(server.clone()),
                name: self.database.name.clone(),
                is_ours: false,
            },
            None => {
                for file in ["doorward.db", "doorward.db-wal", "key"] {
                    let from = self.database.folder.join(file);
                    if from.exists() {
                        std::fs::copy(&from, folder.join(file)).expect("a file can be copied");
                    }
                }
                TestDatabase { folder, server: None, name, is_ours: true }
            }
        };
        let store = database.open(self.clock.clone()).await;
        Self::on(database, store, self.clock.clone(), Policy::default())
    }

    /// Every byte that storage holds: the files of the folder, or every row of every table as text.
    pub async fn dump(&self) -> Vec<u8> {
        let Some(url) = self.database.url() else {
            let files = ["doorward.db", "doorward.db-wal"].map(|name| self.database.folder.join(name));
            let contents = files.iter().map(|file| std::fs::read(file).unwrap_or_default());
            return contents.collect::<Vec<_>>().concat();
        };
        let (client, connection) =
            tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("the test server answers");
        let connection = tokio::spawn(connection);
        let tables = client
            .query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", &[])
            .await
            .expect("tables can be listed");
        let mut dump = Vec::new();
        for table in tables {
            let table: String = table.get(0);
            let rows =
                client.query(&format!("SELECT t::text FROM {table} t"), &[]).await.expect("rows can be read");
            for row in rows {
                dump.extend_from_slice(row.get::<_, String>(0).as_bytes());
                dump.push(b'\n');
            }
        }
        connection.abort();
        dump
    }
}

impl TestDatabase {
    /// The URL of the database, where it is on a server.
    pub(crate) fn url(&self) -> Option<String> {
        let (base, _) = self.server.as_deref()?.rsplit_once('/')?;
        Some(format!("{base}/{}", self.name))
    }
}
