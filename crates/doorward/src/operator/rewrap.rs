//! The key-encryption key: every data key wrapped by the current one, or by a new one.

use doorward_core::id::TenantId;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_crypto::random::SystemRandom;

use super::{Answer, Operator};
use crate::failure::{Exit, Failure};

impl Operator {
    /// Wraps every data key by the current key-encryption key, which finishes a change of it; `new` puts another one into the key
    /// file first.
    pub(super) async fn rewrap_keys(&self, new: bool) -> Result<Answer, Failure> {
        let keys = self.store().data_keys();
        let mut record = |tenant: &TenantId| {
            let mut rng = SystemRandom;
            Event::new(EventKind::KeyWrapped, tenant, Actor::Operator, &mut self.ctx(&mut rng))
        };
        if !new {
            let rewrapped = keys.rewrap(&mut record, &mut SystemRandom).await?;
            return Ok(Answer::Rewrapped { rewrapped, new_key_file: None });
        }
        let Some(file) = keys.file() else {
            return Err(Failure::new(
                Exit::Config,
                "the key-encryption key is supplied by a setting, where no command can put a new one",
            )
            .hint(BY_SETTING));
        };
        if keys.is_changing() {
            return Err(Failure::new(
                Exit::Again,
                format!("the last change of the key in {} was not finished", file.display()),
            )
            .hint("finish it by `doorward keys rewrap`, without --new"));
        }
        let rewrapped = keys.replace_key(&mut record, &mut SystemRandom).await?;
        Ok(Answer::Rewrapped { rewrapped, new_key_file: Some(file.display().to_string()) })
    }
}

const BY_SETTING: &str = "give every node the new key as key_encryption_key and the one before as previous_key_encryption_key, start them again, run \
     `doorward keys rewrap` once, then take the previous key away";
