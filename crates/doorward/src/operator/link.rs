//! The set-up link: by it the first administrator is made.

use std::sync::Arc;

use doorward_core::Facts;
use doorward_core::desired::date;
use doorward_core::login::set_up;
use doorward_crypto::random::SystemRandom;

use super::{Answer, Operator};
use crate::failure::{Exit, Failure};

impl Operator {
    /// Makes a link. It works once, for an hour.
    pub(super) async fn set_up_link(&self, tenant: Option<String>) -> Result<Answer, Failure> {
        let id = self.tenant(tenant).await?;
        let directory = self.store.directory();
        let entry = directory
            .tenant(&id)
            .ok_or_else(|| Failure::new(Exit::NotFound, format!("there is no tenant {id}")))?;
        let issuer = entry.issuers.iter().find(|issuer| issuer.disabled_at.is_none()).ok_or_else(|| {
            Failure::new(
                Exit::NotFound,
                format!("tenant {id} has no issuer, so there is no place for a link to lead to"),
            )
        })?;
        let facts = Facts::of(
            Arc::clone(&entry.tenant),
            Arc::clone(issuer),
            Arc::clone(&entry.apis),
            Arc::clone(&entry.keys.ring),
        );
        let (decision, expires_at) = {
            let mut rng = SystemRandom;
            let mut ctx = self.ctx(&mut rng);
            (set_up::make_link(&facts, &mut ctx), ctx.now.plus_s(set_up::LINK_S))
        };
        let link = decision
            .answer
            .map_err(|refusal| Failure::new(Exit::Failed, refusal.description.into_owned()))?;
        self.store.commit(decision.effects).await?;
        Ok(Answer::Link {
            url: format!("{}/setup?link={}", issuer.url, link.expose()),
            expires_at: date::write(expires_at),
        })
    }
}
