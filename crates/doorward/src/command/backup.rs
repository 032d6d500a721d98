//! `backup`, `restore` and `epoch`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::json;

use doorward_core::Timestamp;
use doorward_core::desired::date;
use doorward_crypto::random::{self, SystemRandom};
use doorward_store::backup::{self, BackupError, Kept, KeyAfter};
use doorward_store::driver::sqlite::SqliteConfig;
use doorward_store::seal::key_text::KeyText;
use doorward_store::store::{connect, raise_epoch};
use doorward_store::{Database, driver::Driver};

use super::ask::settings;
use super::opening::{data_folder, database, is_there, key, must_be_there};
use crate::cli::{Backup, Epoch, Output, Restore};
use crate::failure::{Exit, Failure};
use crate::operator::Order;
use crate::output::print_done;
use crate::report::style;
use crate::settings::{DatabaseSetting, Settings};
use crate::{logs, socket};

/// `backup`.
pub async fn backup(command: Backup) -> Result<(), Failure> {
    let settings = settings(&command.common.flags)?;
    logs::start("auto", "error")?;
    let path = sqlite(&settings, ON_POSTGRES_BACKUP)?;
    let made_at = now();
    let to = match command.file {
        Some(file) => file,
        None => {
            let folder = settings.data.join("backups");
            data_folder(&folder)?;
            folder.join(format!("doorward-{}.db", made_at.replace(':', "-")))
        }
    };
    let key_file = key_file(&settings, command.with_key)?;
    if to.exists() {
        return Err(BackupError::Exists(to).into());
    }
    let copy = Copy::beside(path);
    copy.make(&settings).await?;
    let made = (concat!("doorward ", env!("CARGO_PKG_VERSION")), made_at.as_str());
    let kept = backup::keep(&copy.0, &to, made, key_file.as_deref())?;
    print_done(&match command.common.output {
        Output::Json => format!("{:#}\n", told(&kept)),
        Output::Text => text(&kept, &settings),
    })
}

/// `restore`.
pub async fn restore(command: Restore) -> Result<(), Failure> {
    let settings = settings(&command.common.flags)?;
    logs::start("auto", "warn")?;
    let path = sqlite(&settings, ON_POSTGRES_RESTORE)?;
    data_folder(&settings.data)?;
    let restored = backup::restore(&backup::Restore {
        database: path,
        key: &key(&settings),
        backup: &command.file,
        with_key: command.with_key,
        without_manifest: command.without_manifest,
        keep_grants: command.keep_grants,
    })
    .await?;
    let made_at = restored.manifest.as_ref().map(|manifest| manifest.made_at.clone());
    if command.common.output == Output::Json {
        let key = match &restored.key {
            KeyAfter::Brought(path) | KeyAfter::Raised(path) => json!(path.display().to_string()),
            KeyAfter::Setting => json!(null),
        };
        let aside = restored.aside.as_ref().map(|path| path.display().to_string());
        return print_done(&format!(
            "{:#}\n",
            json!({ "made_at": made_at, "epoch": restored.epoch, "replaced": aside, "key_file": key, "kept_grants": command.keep_grants })
        ));
    }
    let mut text = format!(
        "{} is in place{}, epoch {}.\n",
        style::strong(&command.file.display().to_string()),
        made_at.map(|at| format!(", as of {at}")).unwrap_or_default(),
        restored.epoch
    );
    text.push_str(
        "People, clients and settings of tenants are as they were then: look through what was changed since, above all who was \
         disabled, which passwords and secrets were changed, and which roles were taken away.\n",
    );
    text.push_str(after(command.keep_grants));
    if let Some(aside) = &restored.aside {
        text.push_str(&format!(
            "The database before is kept as {}; no server takes it again.\n",
            aside.display()
        ));
    }
    text.push_str(&match &restored.key {
        KeyAfter::Brought(path) => format!("The backup's key is in {}; back it up anew.\n", path.display()),
        KeyAfter::Raised(path) => format!("{} says the new epoch; back it up anew.\n", path.display()),
        KeyAfter::Setting => by_setting(restored.epoch),
    });
    print_done(&text)
}

/// `epoch …`.
pub async fn epoch(command: Epoch) -> Result<(), Failure> {
    let Epoch::Raise { keep_grants, common } = command;
    let settings = settings(&common.flags)?;
    logs::start("auto", "warn")?;
    if let DatabaseSetting::Sqlite(path) = &settings.database {
        must_be_there(path)?;
    }
    let source = key(&settings);
    let to = raise_epoch(&database(&settings), &source, keep_grants).await?;
    let is_file = matches!(&source.current, KeyText::File(_));
    print_done(&match common.output {
        Output::Json => {
            format!("{:#}\n", json!({ "epoch": to, "kept_grants": keep_grants, "key_raised": is_file }))
        }
        Output::Text => {
            let key = if is_file {
                format!("{} says it too: back it up anew.\n", settings.key_file().display())
            } else {
                by_setting(to)
            };
            format!("The database is of epoch {to} now.\n{}{key}", after(keep_grants))
        }
    })
}

/// A copy of the database that is gone when this is dropped, unless it was moved away.
struct Copy(PathBuf);

impl Copy {
    fn beside(database: &Path) -> Self {
        let [a, b, c, d]: [u8; 4] = random::array(&mut SystemRandom);
        let mut name = database.as_os_str().to_owned();
        name.push(format!(".copy-{a:02x}{b:02x}{c:02x}{d:02x}"));
        Self(name.into())
    }

    /// By the running server, which goes on meanwhile, else by this process.
    async fn make(&self, settings: &Settings) -> Result<(), Failure> {
        let path = std::path::absolute(&self.0)
            .map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", self.0.display())))?;
        let order = Order::Copy { path: path.display().to_string() };
        if let Some(answer) = socket::client::send(&settings.socket(), &order).await {
            return answer.map(drop);
        }
        let DatabaseSetting::Sqlite(database) = &settings.database else { return Ok(()) };
        must_be_there(database)?;
        let config = SqliteConfig { readers: 1, ballast_bytes: 0, ..SqliteConfig::new(database) };
        let (driver, _lock) = connect(&Database::Sqlite(config), &key(settings))?;
        match &driver {
            Driver::Sqlite(sqlite) => Ok(sqlite.copy(self.0.clone()).await?),
            Driver::Postgres(_) => Ok(()),
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // It was moved away when all went well.
        let _ = fs::remove_file(&self.0);
    }
}

fn sqlite<'a>(settings: &'a Settings, otherwise: &str) -> Result<&'a Path, Failure> {
    match &settings.database {
        DatabaseSetting::Sqlite(path) => Ok(path),
        DatabaseSetting::Postgres(_) => Err(Failure::new(
            Exit::Usage,
            "the database is on a PostgreSQL server, which has backups of its own",
        )
        .hint(otherwise)),
    }
}

fn key_file(settings: &Settings, wanted: bool) -> Result<Option<PathBuf>, Failure> {
    if !wanted {
        return Ok(None);
    }
    match key(settings).current {
        KeyText::File(path) if is_there(&path)? => Ok(Some(path)),
        KeyText::File(path) => {
            Err(Failure::new(Exit::NotFound, format!("there is no key at {}", path.display())))
        }
        KeyText::Value(_) => Err(Failure::new(
            Exit::Usage,
            "the key-encryption key is given by a setting: keep it where that comes from, not beside the backup",
        )),
    }
}

fn told(kept: &Kept) -> serde_json::Value {
    json!({
        "file": kept.file.display().to_string(),
        "manifest": backup::manifest_of(&kept.file).display().to_string(),
        "key": kept.key.as_ref().map(|path| path.display().to_string()),
        "made_at": kept.manifest.made_at,
        "bytes": kept.manifest.bytes,
        "sha256": kept.manifest.sha256,
        "epoch": kept.manifest.epoch,
        "rows": kept.manifest.rows,
    })
}

fn text(kept: &Kept, settings: &Settings) -> String {
    let rows = |table: &str, (one, many): (&str, &str)| {
        let count = kept.manifest.rows.get(table).copied().unwrap_or_default();
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let mut text = format!(
        "{}: {} bytes, verified; {}, {}, {}.\nsha256 {}\n",
        style::strong(&kept.file.display().to_string()),
        kept.manifest.bytes,
        rows("tenants", ("tenant", "tenants")),
        rows("users", ("person", "people")),
        rows("clients", ("client", "clients")),
        kept.manifest.sha256
    );
    text.push_str(&match &kept.key {
        Some(path) => format!(
            "{} The key-encryption key is in {}: who has both files can read every secret that is sealed. Keep them apart.\n",
            style::bad("Warning:"),
            path.display()
        ),
        None if settings.key_encryption_key.is_some() => {
            "Without the key-encryption key, which is a setting, nothing sealed in it can be read.\n".to_owned()
        }
        None => format!(
            "Without the key-encryption key nothing sealed in it can be read: keep a copy of {} in another place.\n",
            settings.key_file().display()
        ),
    });
    text
}

const fn after(keep_grants: bool) -> &'static str {
    if keep_grants {
        "Sessions, grants and tokens go on as they were then, also those that were ended since.\n"
    } else {
        "Everybody has to sign in again, clients need new tokens, and signing keys are made anew at the next start. Recovery codes are over: \
         people make new ones on their account page.\n"
    }
}

fn by_setting(epoch: i64) -> String {
    format!(
        "The key-encryption key is a setting: before the next start write the epoch behind it on every node, after a space: KEY {epoch}\n"
    )
}

fn now() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    date::write(Timestamp(i64::try_from(since.as_secs()).unwrap_or_default() * 1000))
}

const ON_POSTGRES_BACKUP: &str = "use pg_dump, or pg_basebackup with an archive of the log for a restore to any moment; see docs/manual/operations.md";
const ON_POSTGRES_RESTORE: &str = "stop every server, bring the database back by PostgreSQL's means, then run `doorward epoch raise`, which ends what may have \
     been revoked since; see docs/manual/operations.md";
