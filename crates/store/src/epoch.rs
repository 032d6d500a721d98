//! The epoch: a number in the database and beside its key, so that a database brought back from a backup, or an old primary
//! that came back, is not taken for the one that was in use (section 5 of the design). A restore raises both.

use std::fmt;

use crate::driver::Driver;
use crate::{CommitError, OpenError, meta};

/// The numbers differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpochDiffers {
    /// In the database.
    pub database: i64,
    /// Beside the key-encryption key.
    pub beside_key: i64,
}

/// Compares the two numbers.
pub const fn compare(database: i64, beside_key: i64) -> Result<(), EpochDiffers> {
    if database == beside_key { Ok(()) } else { Err(EpochDiffers { database, beside_key }) }
}

/// Compares the database's epoch with the one beside the key, and sees to it that every later connection is compared too. A
/// new database takes over the key's.
pub async fn check(driver: &Driver, beside_key: i64) -> Result<(), OpenError> {
    let mut database = meta::get(driver, meta::EPOCH).await?;
    if database.is_none() {
        match meta::add(driver, meta::EPOCH, &beside_key.to_string()).await {
            // Where another node was first, its number counts.
            Ok(()) | Err(CommitError::Conflict) => database = meta::get(driver, meta::EPOCH).await?,
            Err(CommitError::Fault(fault)) => return Err(fault.into()),
        }
    }
    compare(database.and_then(|text| text.parse().ok()).unwrap_or_default(), beside_key)?;
    driver.expect_epoch(beside_key);
    Ok(())
}

impl fmt::Display for EpochDiffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, beside_key } = self;
        if database < beside_key {
            write!(
                f,
                "this database is of epoch {database}, the key of epoch {beside_key}: it was brought back from a backup, or is an \
                 old copy. What was revoked after that backup would work again, so it is not opened. Open the database that \
                 this key was last used with"
            )
        } else {
            write!(
                f,
                "this database is of epoch {database}, the key of epoch {beside_key}: the key's copy here is older than the last \
                 restore. Copy the key with its epoch from where the restore was run"
            )
        }
    }
}

impl std::error::Error for EpochDiffers {}

/// The epoch of a database that was never restored.
pub const FIRST: i64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_pass_and_others_explain_themselves() {
        assert_eq!(compare(3, 3), Ok(()));
        assert!(compare(2, 3).unwrap_err().to_string().contains("backup"));
        assert!(compare(3, 2).unwrap_err().to_string().contains("Copy the key"));
    }
}
