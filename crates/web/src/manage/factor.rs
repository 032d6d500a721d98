//! Taking a person's second factor away, for who lost it.

use doorward_core::admin::{Access, Area, authority};
use doorward_core::login::second_factor::reset;
use doorward_crypto::random::SystemRandom;
use doorward_store::CommitError;

use super::{Manage, Trouble};

impl Manage {
    /// Takes it away: the person's user name, and whether there was one. `name` is a user name, an e-mail address or an id. Only
    /// who holds what the person may administer can take it.
    pub async fn reset_factor(&self, tenant: Option<String>, name: &str) -> Result<(String, bool), Trouble> {
        let tenant = self.tenant(tenant).await?;
        self.allow(&tenant, Area::Users, Access::Write)?;
        let (found, roles) = self.person(&tenant, name).await?;
        authority::over_user(&found, &roles, &self.by().rights).map_err(Trouble::Denied)?;
        let user = found.user;
        for _ in 0..ATTEMPTS {
            let facts = self.store().load(self.facts(&tenant)?, &reset::needs(&user.id)).await?;
            let decision = {
                let mut rng = SystemRandom;
                reset::decide(&user.id, self.by().actor.clone(), &facts, &mut self.ctx(&mut rng))
            };
            let unknown = |_| Trouble::Unknown { noun: "person", name: name.to_owned() };
            let had_one = decision.answer.map_err(unknown)?;
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
