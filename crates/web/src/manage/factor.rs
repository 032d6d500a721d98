//! Taking a person's second factor away, for who lost it.

use doorward_core::admin::{Access, Area, Denied, SERVER};
use doorward_core::login::second_factor::reset;
use doorward_crypto::random::SystemRandom;
use doorward_store::CommitError;

use super::{Manage, Trouble};
use crate::form::sign_in::name_key;

impl Manage {
    /// Takes it away: the person's user name, and whether there was one. `name` is a user name, an e-mail address or an id. That of an
    /// administrator only who administers the whole server may take.
    pub async fn reset_factor(&self, tenant: Option<String>, name: &str) -> Result<(String, bool), Trouble> {
        let tenant = self.tenant(tenant).await?;
        self.allow(&tenant, Area::Users, Access::Write)?;
        let unknown = || Trouble::Unknown { noun: "user", name: name.to_owned() };
        let by_name = match name_key(name) {
            Some(key) => self.store().user_by_name(&tenant, &key).await?,
            None => None,
        };
        let found = match by_name {
            Some(found) => Some(found),
            None => self.store().user(&tenant, &name.into()).await?,
        };
        let user = found.ok_or_else(unknown)?.user;
        if user.administrator_since.is_some() && !self.by().rights.is_server_wide() {
            return Err(Trouble::Denied(Denied::Scope(SERVER.to_owned())));
        }
        for _ in 0..ATTEMPTS {
            let facts = self.store().load(self.facts(&tenant)?, &reset::needs(&user.id)).await?;
            let decision = {
                let mut rng = SystemRandom;
                reset::decide(&user.id, self.by().actor.clone(), &facts, &mut self.ctx(&mut rng))
            };
            let had_one = decision.answer.map_err(|_| unknown())?;
            match self.store().commit(decision.effects).await {
                Ok(()) => return Ok((user.user_name, had_one)),
                // A code was used at this very moment.
                Err(CommitError::Conflict) => {}
                Err(CommitError::Fault(fault)) => return Err(fault.into()),
            }
        }
        Err(Trouble::Conflict)
    }
}

const ATTEMPTS: usize = 3;
