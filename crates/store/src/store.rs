//! The store: one value that the server holds, cheap to clone.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use doorward_core::Timestamp;
use doorward_core::id::TenantId;
use doorward_crypto::base64url;
use doorward_crypto::random::SystemRandom;
use doorward_crypto::seal::SealingKey;
use doorward_crypto::secret::SecretString;

use crate::cache::ClientCache;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::driver::sqlite::SqliteConfig;
use crate::driver::{Driver, Postgres, Sqlite};
use crate::lock::ServerLock;
use crate::migration::{Applied, Migration};
use crate::seal::data_key::DataKeys;
use crate::seal::key_text::{self, KeyText};
use crate::seal::{DatabaseMissing, KeySource, Keyring};
use crate::worker::poller::Poller;
use crate::worker::steps::Steps;
use crate::worker::{Workers, mark};
use crate::{Fault, OpenError, backup, epoch, meta, migration, worker};

/// How a store is opened.
#[derive(Debug)]
pub struct StoreConfig {
    /// Which database.
    pub database: Database,
    /// Where the key-encryption key comes from.
    pub key: KeySource,
    /// Whether pending migrations are applied; else they refuse the start.
    pub migrate: bool,
    /// The clock; none: the one that the database calls for. Tests bring one that they can set.
    pub clock: Option<Clock>,
    /// Whether a clock whose mark is ahead of its source is taken as it is (the operator said so).
    pub accept_clock: bool,
    /// Clients kept in memory.
    pub cached_clients: usize,
}

/// Which database.
#[derive(Debug)]
pub enum Database {
    /// A file, for one server.
    Sqlite(SqliteConfig),
    /// A server, for any number of nodes, by its URL.
    Postgres(SecretString),
}

/// The store. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    driver: Driver,
    clock: Clock,
    data_keys: DataKeys,
    clients: ClientCache,
    directory: RwLock<Arc<Directory>>,
    stale: Mutex<BTreeSet<TenantId>>,
    turn: tokio::sync::Mutex<()>,
    /// Until the workers take it; made before anything is cached.
    poller: Mutex<Option<Poller>>,
    /// Dropped last: until then no other server may write the file.
    _lock: Option<ServerLock>,
}

impl Database {
    /// The path of a SQLite file.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(config) => Some(&config.path),
            Self::Postgres(_) => None,
        }
    }

    /// The migrations that it has. Only looks: takes no lock, makes no file, and a server may run on it.
    pub async fn applied(&self) -> Result<Vec<Applied>, OpenError> {
        let found = match self {
            Self::Sqlite(config) => Sqlite::applied_in(&config.path),
            Self::Postgres(url) => Postgres::new(url)?.applied().await,
        };
        found.map_err(|fault| OpenError::from(fault).at(self.path()))
    }

    /// The text of a migration of it.
    pub const fn text_of(&self, migration: &Migration) -> &'static str {
        match self {
            Self::Sqlite(_) => migration.sqlite,
            Self::Postgres(_) => migration.postgres,
        }
    }
}

impl StoreConfig {
    /// A store in that SQLite file, migrated as needed, with the usual settings.
    pub fn sqlite(path: impl Into<PathBuf>, key: KeySource) -> Self {
        Self::of(Database::Sqlite(SqliteConfig::new(path)), key)
    }

    /// A store in that folder: `doorward.db` and `key`, each made on first start.
    pub fn folder(folder: &Path) -> Self {
        let key = KeySource { current: KeyText::File(folder.join("key")), previous: None };
        Self::sqlite(folder.join("doorward.db"), key)
    }

    /// A store in that PostgreSQL database, migrated as needed, with the usual settings.
    pub fn postgres(url: SecretString, key: KeySource) -> Self {
        Self::of(Database::Postgres(url), key)
    }

    fn of(database: Database, key: KeySource) -> Self {
        Self { database, key, migrate: true, clock: None, accept_clock: false, cached_clients: 10_000 }
    }
}

impl Store {
    /// Opens the database: takes its lock, brings its schema up to date or refuses, sets the clock, loads keys and directory.
    pub async fn open(config: StoreConfig) -> Result<Self, OpenError> {
        let path = config.database.path().map(Path::to_owned);
        Self::opened(config).await.map_err(|error| error.at(path.as_deref()))
    }

    async fn opened(config: StoreConfig) -> Result<Self, OpenError> {
        let (driver, lock) = connect(&config.database, &config.key)?;
        let started = match driver.time().await? {
            Some((time, _)) => time.0,
            None => config.clock.clone().map_or_else(|| Clock::wall(None), Ok)?.now().0,
        };
        if config.migrate {
            migration::up(&driver, started).await?;
        } else {
            let pending = migration::plan(&driver).await?;
            if !pending.is_empty() {
                return Err(OpenError::MigrationsPending { count: pending.len() });
            }
        }
        if config.accept_clock {
            mark::accept(&driver).await?;
        }
        let clock = match config.clock {
            Some(clock) => clock,
            None => mark::start(&driver).await?,
        };
        if let Driver::Sqlite(sqlite) = &driver {
            sqlite.follow(clock.told());
        }
        let may_make = !driver.is_shared();
        let data_keys = DataKeys::open(driver.clone(), config.key, may_make, &mut SystemRandom).await?;
        epoch::check(&driver, data_keys.epoch()).await?;
        data_keys.stamp();
        let freshness = worker::freshness(&driver);
        let store = Self(Arc::new(Inner {
            driver,
            clock,
            data_keys,
            clients: ClientCache::new(config.cached_clients, Arc::clone(&freshness)),
            directory: RwLock::default(),
            stale: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            poller: Mutex::new(Some(Poller::new(freshness))),
            _lock: lock,
        }));
        store.rebuild().await?;
        Ok(store)
    }

    /// Starts the background jobs: reaper, sequencer, poller, the clock's mark. They end when the value is dropped, or in
    /// good order by [`Workers::stop`]. None when they were started before.
    pub fn start_workers(&self) -> Option<Workers> {
        let poller = self.take_poller()?;
        let store = self.clone();
        let mut workers = Workers::start(&self.0.driver, &self.0.clock, poller, move |news| {
            let store = store.clone();
            async move { store.heed(news).await }
        });
        let (clock, steps) = (self.0.clock.clone(), Arc::new(Steps::default()));
        workers.every("clock", LOOK_EVERY, move || {
            steps.look(&clock);
            std::future::ready(Ok(()))
        });
        let store = self.clone();
        workers.every("directory", REFRESH_EVERY, move || {
            let store = store.clone();
            async move { store.refresh().await }
        });
        Some(workers)
    }

    /// The poller of this node, for who drives it without the other jobs. None when the workers have it.
    pub fn take_poller(&self) -> Option<Poller> {
        self.0.poller.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// One poll, heeded: what other nodes changed is read again.
    pub async fn poll(&self, poller: &mut Poller) -> Result<(), Fault> {
        let poll = poller.run_once(self.driver(), self.now()).await?;
        if !poll.news.is_empty() {
            self.heed(poll.news.clone()).await?;
        }
        poller.done(poll);
        Ok(())
    }

    /// The server's time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The server's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The tenant's data key, made on first use.
    pub async fn sealer(&self, tenant: &TenantId) -> Result<Arc<SealingKey>, Fault> {
        self.0.data_keys.of(tenant, self.now(), &mut SystemRandom).await
    }

    /// The key-encryption key and the data keys under it.
    pub fn data_keys(&self) -> &DataKeys {
        &self.0.data_keys
    }

    /// What is resident of all tenants, as of now.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.0.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The database.
    pub fn driver(&self) -> &Driver {
        &self.0.driver
    }

    /// The cache of clients.
    pub fn client_cache(&self) -> &ClientCache {
        &self.0.clients
    }

    /// Notes that the directory's entry of a tenant is no longer true; [`Store::refresh`] reads it again.
    pub fn mark_stale(&self, tenant: &TenantId) {
        self.0.stale.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone());
    }

    pub(crate) fn take_stale(&self) -> Vec<TenantId> {
        let mut stale = self.0.stale.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *stale).into_iter().collect()
    }

    pub(crate) fn turn(&self) -> &tokio::sync::Mutex<()> {
        &self.0.turn
    }

    pub(crate) fn swap(&self, directory: Directory) {
        *self.0.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("driver", &self.0.driver).finish_non_exhaustive()
    }
}

/// Opens the driver alone, for `migrate`. A SQLite file is locked while the second value lives; where `key` says that there was
/// one, no other is made.
pub fn connect(database: &Database, key: &KeySource) -> Result<(Driver, Option<ServerLock>), OpenError> {
    match database {
        Database::Sqlite(config) => {
            let lock = ServerLock::take(&config.path)?;
            backup::finish(&config.path, &key.current)?;
            if let Some(missing) = DatabaseMissing::check(&config.path, &key.current)? {
                return Err(missing.into());
            }
            let sqlite = Sqlite::open(config).map_err(|error| error.at(Some(&config.path)))?;
            Ok((Driver::Sqlite(sqlite), Some(lock)))
        }
        Database::Postgres(url) => Ok((Driver::Postgres(Postgres::new(url)?), None)),
    }
}

/// Raises the epoch in a database that other means brought back, and beside its key where that is a file; ends what may have been
/// revoked since, unless it is to be kept. Every server must be stopped. Returns the epoch.
pub async fn raise_epoch(database: &Database, key: &KeySource, keep: bool) -> Result<i64, OpenError> {
    let (driver, lock) = connect(database, key)?;
    let at = |error: OpenError| error.at(database.path());
    let pending = migration::plan(&driver).await.map_err(at)?;
    if !pending.is_empty() {
        return Err(OpenError::MigrationsPending { count: pending.len() });
    }
    let check = meta::get(&driver, meta::KEY_CHECK).await.map_err(|fault| at(fault.into()))?;
    let keyring = Keyring::load(key, true, false, &mut SystemRandom)?;
    if let Some(check) = check {
        keyring.verify_check(&base64url::decode(&check).unwrap_or_default())?;
    }
    let found = epoch::of(&driver).await.map_err(|fault| at(fault.into()))?.unwrap_or(epoch::FIRST);
    let to = found.max(keyring.epoch()) + 1;
    // The key first: interrupted between the two, the database is still refused, and this is run again.
    if let KeyText::File(path) = &key.current {
        key_text::raise(path, to)?;
    }
    let now = mark::latest(&driver).await.map_err(at)?;
    epoch::raise(&driver, to, keep, now).await.map_err(|fault| at(fault.into()))?;
    drop(driver);
    drop(lock);
    Ok(to)
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
const REFRESH_EVERY: Duration = Duration::from_secs(1);
