//! `load`: the only door for the reads that a decision rests on. One keyed, joined SELECT per handle.

use std::sync::Arc;

use doorward_core::facts::ClientFacts;
use doorward_core::id::{ClientId, TenantId};
use doorward_core::{Facts, Needs};
use doorward_crypto::digest::constant_time_eq;

use crate::value::{Row, Value};
use crate::{Fault, Store, consents, grants, sessions, throttle, tickets, users};

impl Store {
    /// What `needs` names, added to `base`. What does not exist is absent, and so is everything of another tenant.
    pub async fn load(&self, base: Facts, needs: &Needs) -> Result<Facts, Fault> {
        let mut facts = base;
        let tenant = facts.tenant.id.clone();
        let id: Value = tenant.as_str().into();
        if let Some(client) = &needs.client {
            facts.client = self.client_facts(&tenant, client, needs.fresh).await?;
        }
        if let Some(key) = needs.ticket {
            let row = self.one(&tickets::TICKET, &[key.to_bytes().into(), id.clone()]).await?;
            facts.ticket = row.map(|mut row| tickets::facts(&mut row)).transpose()?;
        }
        if let Some(grant) = needs.grant {
            let row = self.one(&grants::GRANT, &[grant.0.into(), id.clone()]).await?;
            facts.grant = row.map(|mut row| grants::facts(&tenant, &mut row)).transpose()?.flatten();
        }
        if let Some(session) = needs.session {
            let row = self.one(&sessions::SESSION, &[session.id.0.into(), id.clone()]).await?;
            let found = row.map(|mut row| sessions::facts(&mut row)).transpose()?;
            facts.session =
                found.filter(|found| constant_time_eq(&found.session.secret_hash, &session.secret_hash));
        }
        if let Some(consent) = needs.consent {
            let row = self.one(&consents::CONSENT, &[consent.0.into(), id.clone()]).await?;
            facts.consent = row.map(|mut row| consents::consent(&mut row)).transpose()?;
        } else if let Some(client) = &needs.consent_for {
            let client: Value = client.as_str().into();
            let row = match (needs.session, &needs.user) {
                // Whoever cannot show the session's secret learns nothing of its person.
                (Some(_), _) if facts.session.is_none() => None,
                (Some(session), _) => {
                    self.one(&consents::CONSENT_OF_SESSION, &[session.id.0.into(), id.clone(), client])
                        .await?
                }
                (None, Some(user)) => {
                    self.one(&consents::CONSENT_LIVE, &[id.clone(), user.as_str().into(), client]).await?
                }
                (None, None) => None,
            };
            facts.consent = row.map(|mut row| consents::consent(&mut row)).transpose()?;
        }
        if let Some(user) = &needs.user {
            let row = self.one(&users::USER, &[id.clone(), user.as_str().into()]).await?;
            facts.user = row.map(|mut row| users::facts(&mut row)).transpose()?;
        } else if let Some(name) = &needs.login_name {
            let row = self.one(&users::USER_BY_NAME, &[id.clone(), name.as_str().into()]).await?;
            facts.user = row.map(|mut row| users::facts(&mut row)).transpose()?;
        }
        if let Some(bucket) = needs.bucket {
            let row = self.one(&throttle::BUCKET, &[bucket.0.into()]).await?;
            facts.bucket = row.map(|mut row| throttle::bucket(&mut row)).transpose()?;
        }
        if let Some(mark) = needs.mark {
            facts.marked = self.one(&tickets::TICKET_EXISTS, &[mark.to_bytes().into(), id]).await?.is_some();
        }
        Ok(facts)
    }

    /// A client with its secrets: from the cache, unless it must be fresh, or the cache has not heard of changes lately. A
    /// client that does not exist is never cached, so that one made a moment ago on another node is known here too.
    async fn client_facts(
        &self,
        tenant: &TenantId,
        id: &ClientId,
        fresh: bool,
    ) -> Result<Option<Arc<ClientFacts>>, Fault> {
        let cache = self.client_cache();
        if !fresh && let Some(client) = cache.get(tenant, id) {
            return Ok(Some(client));
        }
        let ticket = cache.begin();
        let Some(client) = self.client(tenant, id).await? else {
            return Ok(None);
        };
        let client = Arc::new(client);
        cache.put(ticket, Arc::clone(&client));
        Ok(Some(client))
    }

    async fn one(
        &self,
        statement: &'static crate::statement::Statement,
        params: &[Value],
    ) -> Result<Option<Row>, Fault> {
        Ok(self.driver().read(statement, params).await?.into_iter().next())
    }
}
