//! The set-up link: by it the first administrator is made.

use doorward_core::admin::{Denied, SERVER};
use doorward_core::desired::date;
use doorward_core::login::set_up;
use doorward_crypto::random::SystemRandom;
use doorward_store::Fault;

use super::{Manage, Trouble};

/// A link that works once.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where to go.
    pub url: String,
    /// Until when.
    pub expires_at: String,
}

impl Manage {
    /// Makes a link. It works once, for an hour.
    pub async fn set_up_link(&self, tenant: Option<String>) -> Result<Link, Trouble> {
        let id = self.tenant(tenant).await?;
        if !self.by.rights.is_server_wide() {
            return Err(Trouble::Denied(Denied::Scope(SERVER.to_owned())));
        }
        let facts = self.facts(&id)?;
        let (decision, expires_at) = {
            let mut rng = SystemRandom;
            let mut ctx = self.ctx(&mut rng);
            (set_up::make_link(&facts, &mut ctx), ctx.now.plus_s(set_up::LINK_S))
        };
        let link = decision.answer.map_err(|refusal| Fault::new("make a link", refusal.description))?;
        self.store.commit(decision.effects).await?;
        Ok(Link {
            url: format!("{}/setup?link={}", facts.issuer.url, link.expose()),
            expires_at: date::write(expires_at),
        })
    }
}
