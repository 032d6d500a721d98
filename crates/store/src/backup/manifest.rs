//! The manifest: what a backup is of, and how one sees that it is still what it was.

use std::collections::BTreeMap;

use doorward_wire::shape;
use serde::{Deserialize, Serialize};

use super::Contents;

/// What stands in `….json` beside a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this description.
    pub format: u32,
    /// The program that made it.
    pub made_by: String,
    /// When it was made.
    pub made_at: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file, as `sha256sum` prints it.
    pub sha256: String,
    /// The database's epoch.
    pub epoch: i64,
    /// The migrations that it had.
    pub migrations: Vec<Migrated>,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// Whether the key-encryption key was put beside it.
    pub with_key: bool,
}

/// A migration of a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Migrated {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// The checksum of its text.
    pub checksum: String,
}

impl Manifest {
    pub(super) fn new(contents: &Contents, (bytes, sha256): (u64, String), made: (&str, &str)) -> Self {
        let migrations = contents.migrations.iter().map(|row| Migrated {
            version: row.version,
            name: row.name.clone(),
            checksum: row.checksum.clone(),
        });
        Self {
            format: FORMAT,
            made_by: made.0.to_owned(),
            made_at: made.1.to_owned(),
            bytes,
            sha256,
            epoch: contents.epoch,
            migrations: migrations.collect(),
            rows: contents.rows.clone(),
            with_key: false,
        }
    }

    pub(super) fn read(text: &str) -> Result<Self, String> {
        let manifest: Self = serde_json::from_str(text)
            .map_err(|error| format!("its manifest: {}", shape::said(&error.to_string())))?;
        if manifest.format == FORMAT {
            Ok(manifest)
        } else {
            Err(format!("its manifest is of format {}, this program knows {FORMAT}", manifest.format))
        }
    }
}

const FORMAT: u32 = 1;
