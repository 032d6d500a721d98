//! `load`: the only door for the reads that a decision rests on. One keyed, joined SELECT per handle, all asked in one go; what only
//! a row names (the throttle's bucket of whoever is called so, the client of a ticket) is asked in a second one.

use std::sync::Arc;

use doorward_core::facts::{ClientFacts, GrantFacts, HeldFacts, InstallationFacts};

use doorward_core::id::{ClientId, TenantId, UserId};
use doorward_core::login::link::LinkData;
use doorward_core::needs::InstallationHandle;
use doorward_core::permission::asks_of_people;
use doorward_core::{Facts, Needs};
use doorward_crypto::digest::constant_time_eq;

use crate::statement::Statement;
use crate::value::{Row, Value};
use crate::{
    Fault, Store, clients, consents, contexts, credentials, factors, grants, sessions, throttle, tickets,
    users,
};

impl Store {
    /// What `needs` names, added to `base`. What does not exist is absent, and so is everything of another tenant.
    ///
    /// A client comes from the cache, unless it must be fresh, or the cache has not heard of changes lately. One that does
    /// not exist is never cached, so that one made a moment ago on another node is known here too.
    ///
    /// Facts are kilobytes. Boxed, they are not moved with every future that holds them.
    pub async fn load(&self, base: Box<Facts>, needs: &Needs) -> Result<Box<Facts>, Fault> {
        let mut facts = base;
        let tenant = facts.tenant.id.clone();
        let id: Value = tenant.as_str().into();
        let cache = self.client_cache();
        let mut questions = Questions::default();

        let cached =
            needs.client.as_ref().filter(|_| !needs.fresh).and_then(|client| cache.get(&tenant, client));
        let began = cache.begin();
        let client = needs.client.as_ref().filter(|_| cached.is_none()).map(|client| {
            (client, questions.ask(&clients::CLIENT, vec![id.clone(), client.as_str().into()]))
        });
        let ticket =
            needs.ticket.map(|key| questions.ask(&tickets::TICKET, vec![key.to_bytes().into(), id.clone()]));
        let grant = needs.grant.map(|grant| questions.ask(&grants::GRANT, vec![grant.0.into(), id.clone()]));
        let session = needs
            .session
            .map(|shown| (shown, questions.ask(&sessions::SESSION, vec![shown.id.0.into(), id.clone()])));
        let consent = match (needs.consent, &needs.consent_for, needs.session, &needs.user) {
            (Some(consent), ..) => {
                Some(questions.ask(&consents::CONSENT, vec![consent.0.into(), id.clone()]))
            }
            (None, Some(client), Some(session), _) => {
                let params = vec![session.id.0.into(), id.clone(), client.as_str().into()];
                Some(questions.ask(&consents::CONSENT_OF_SESSION, params))
            }
            (None, Some(client), None, Some(user)) => {
                let params = vec![id.clone(), user.as_str().into(), client.as_str().into()];
                Some(questions.ask(&consents::CONSENT_LIVE, params))
            }
            (None, Some(_), None, None) | (None, None, ..) => None,
        };
        let user = match (&needs.user, &needs.login_name) {
            (Some(user), _) => Some(questions.ask(&users::USER, vec![id.clone(), user.as_str().into()])),
            (None, Some(name)) => {
                Some(questions.ask(&users::USER_BY_NAME, vec![id.clone(), name.as_str().into()]))
            }
            (None, None) => None,
        };
        let shown =
            factors::question(&tenant, needs).map(|(statement, params)| questions.ask(statement, params));
        let mark = needs
            .mark
            .map(|mark| questions.ask(&tickets::TICKET_EXISTS, vec![mark.to_bytes().into(), id.clone()]));

        let mut answers = questions.answered(self).await?;
        facts.client = cached;
        if let Some((id, question)) = client
            && let Some(client) = clients::facts(&tenant, id, answers.rows(question))?
        {
            let client = Arc::new(client);
            cache.put(began, Arc::clone(&client));
            facts.client = Some(client);
        }
        facts.ticket = answers.one(ticket).map(|mut row| tickets::facts(&mut row)).transpose()?;
        facts.grant = answers.one(grant).map(|mut row| grants::facts(&mut row)).transpose()?.flatten();
        if let Some((shown, question)) = session {
            let found = answers.one(Some(question)).map(|mut row| sessions::facts(&mut row)).transpose()?;
            facts.session =
                found.filter(|found| constant_time_eq(&found.session.secret_hash, &shown.secret_hash));
        }
        // Whoever cannot show the session's secret learns nothing of its person.
        let of_nobody = needs.consent.is_none() && needs.session.is_some() && facts.session.is_none();
        let consent = answers.one(consent).filter(|_| !of_nobody);
        facts.consent = consent.map(|mut row| consents::consent(&mut row)).transpose()?;
        facts.user = answers.one(user).map(|mut row| users::facts(&mut row)).transpose()?;
        let by_session = needs.user.is_none() && needs.login_name.is_none();
        if let Some(question) = shown.filter(|_| !by_session || facts.session.is_some()) {
            facts.factors = factors::factors(&tenant, answers.rows(question))?;
        }
        facts.marked = answers.one(mark).is_some();
        self.follow(facts, needs).await
    }

    /// What a row of `facts` names.
    async fn follow(&self, mut facts: Box<Facts>, needs: &Needs) -> Result<Box<Facts>, Fault> {
        if let Some(found) = facts.ticket.as_ref().filter(|found| found.ticket.kind.is_link_of_person()) {
            let (kind, data) = (found.ticket.kind, serde_json::from_str::<LinkData>(&found.ticket.data));
            if let Ok(data) = data {
                let tenant: Value = facts.tenant.id.as_str().into();
                let user: Value = data.user.as_str().into();
                let of_kind = [tenant.clone(), user.clone(), data.newest_as(kind).into()];
                let queries: [(&'static Statement, &[Value]); 2] =
                    [(&users::USER, &[tenant, user]), (&credentials::CREDENTIAL, &of_kind)];
                let mut answers = self.driver().read_all(&queries).await?.into_iter();
                let mut next = || answers.next().and_then(|rows| rows.into_iter().next());
                facts.user = next().map(|mut row| users::facts(&mut row)).transpose()?;
                facts.newest_link = next().map(|mut row| row.text()).transpose()?;
                if needs.factors {
                    let of = [facts.tenant.id.as_str().into(), data.user.as_str().into()];
                    let shown = self.driver().read(&factors::FACTORS, &of).await?;
                    facts.factors = factors::factors(&facts.tenant.id, shown)?;
                }
            }
        }
        if let Some(of) = of_ticket_alone(&facts, needs).filter(|_| needs.factors) {
            let of = [facts.tenant.id.as_str().into(), of.grant.user.as_str().into()];
            let shown = self.driver().read(&factors::FACTORS, &of).await?;
            facts.factors = factors::factors(&facts.tenant.id, shown)?;
        }
        if let Some(attempt) = &needs.attempt {
            let asked: Vec<Vec<Value>> =
                attempt.counters_in(&facts).iter().map(|counter| vec![counter.bucket.0.into()]).collect();
            let queries: Vec<_> = asked.iter().map(|params| (&throttle::BUCKET, params.as_slice())).collect();
            for rows in self.driver().read_all(&queries).await? {
                let row = rows.into_iter().next().map(|mut row| throttle::bucket(&mut row)).transpose()?;
                facts.attempts.push(row);
            }
        }
        if needs.top_context {
            let of_grant = facts.grant_user().map(|user| user.id.clone());
            let user = of_grant.or_else(|| facts.user.as_ref().map(|found| found.user.id.clone()));
            if let Some(user) = user {
                let of = [facts.tenant.id.as_str().into(), user.as_str().into()];
                let rows = self.driver().read(&contexts::CONTEXT_TOP_OF, &of).await?;
                facts.top_context =
                    rows.into_iter().next().map(|mut row| contexts::context(&mut row)).transpose()?;
            }
        }
        for name in &needs.whose {
            let found = self.user_by_name(&facts.tenant.id, name).await?;
            facts.whose.push(found.map(|found| found.user.id));
        }
        if let Some(session) = needs.session_of {
            let params = [session.0.into(), facts.tenant.id.as_str().into()];
            let found = self.one(&sessions::SESSION, &params, sessions::facts).await?;
            facts.session_of = found.map(|found| found.session);
        }
        let of_ticket = facts.ticket.as_ref().and_then(|found| found.ticket.of_installation());
        let of_ticket = of_ticket.map(|id| InstallationHandle { id, secret_hash: None, user: None });
        if let Some(handle) = needs.installation.as_ref().or(of_ticket.as_ref()) {
            let mut handle = handle.clone();
            let of_session = || facts.session.as_ref().map(|found| found.session.user.clone());
            handle.user = handle.user.take().or_else(of_session);
            let handle = &handle;
            facts.installation = self.installed(&facts.tenant.id, handle, needs.fresh).await?;
            if needs.extension {
                self.extension_of(&mut facts, handle.user.as_ref()).await?;
            }
        }
        if needs.client_of_row && facts.client.is_none() {
            let of_grant = facts.grant.as_ref().map(|found| &found.grant.client);
            let named = of_grant.or_else(|| facts.ticket.as_ref()?.ticket.client.as_ref()).cloned();
            let of_installation = || Some(facts.installation.as_ref()?.installation.extension_id.client());
            // Who authenticates as an installation is its extension, whatever a ticket says.
            let is_caller = needs.installation.as_ref().is_some_and(|handle| handle.secret_hash.is_some());
            let named = if is_caller { of_installation() } else { named.or_else(of_installation) };
            if let Some(named) = named {
                facts.client = self.cached_client(&facts.tenant.id, &named, needs.fresh).await?;
            }
        }
        if let Some(found) = facts.client.clone().filter(|found| needs.is_extension && found.is_extension) {
            let extension = self.extension(&facts.tenant.id, &found.client.id.0.as_str().into()).await?;
            facts.extension = extension.map(Box::new);
        }
        if let Some(client) = &needs.installed_for {
            self.installed_for(&mut facts, client, needs).await?;
        }
        let of_ticket = facts.ticket.as_mut().and_then(|found| found.grant.as_mut());
        for of in facts.grant.as_mut().into_iter().chain(of_ticket) {
            if let Some(installed) = &of.grant.installation {
                let (id, user) = (installed.id.clone(), Some(of.grant.user.clone()));
                let handle = InstallationHandle { id, secret_hash: None, user };
                of.installation = self.installed(&facts.tenant.id, &handle, needs.fresh).await?;
            }
        }
        facts.held = self.held_by(&facts, needs).await?;
        Ok(facts)
    }

    /// What the person of the facts holds, and the client through which they act: where something that comes of a grant depends on
    /// it, or where it was asked for.
    async fn held_by(&self, facts: &Facts, needs: &Needs) -> Result<Option<HeldFacts>, Fault> {
        let of_ticket = || facts.ticket.as_ref().and_then(|found| found.grant.as_ref());
        let of_session = || facts.session.as_ref().and_then(|found| found.user.as_ref());
        let of_user = || facts.user.as_ref().map(|found| &found.user);
        let installation = facts.installation.as_deref().map(|found| &found.installation);
        let of_installation = installation.map(|of| of.extension_id.client());
        let (user, client) = if needs.held || needs.factors {
            // Whoever signs in comes before whoever was signed in at that browser. In an installation the extension acts.
            let acts = of_installation.as_ref().or(needs.client.as_ref());
            let of_grant = || of_ticket_alone(facts, needs).and_then(|of| of.user.as_ref());
            (of_user().or_else(of_session).or_else(of_grant), acts)
        } else {
            match facts.grant.as_ref().or_else(of_ticket) {
                Some(of) if needs.roles_of_grant || asks_of_people(&of.grant.scopes, &facts.apis) => {
                    (of.user.as_ref(), Some(&of.grant.client))
                }
                Some(_) | None => return Ok(None),
            }
        };
        let Some(user) = user else { return Ok(None) };
        let roles = self.held(&facts.tenant.id, &user.id).await?;
        let client = match client {
            Some(named) if facts.client.as_ref().is_some_and(|found| found.client.id == *named) => {
                facts.client.clone()
            }
            Some(named) => self.cached_client(&facts.tenant.id, named, needs.fresh).await?,
            None => None,
        };
        Ok(Some(HeldFacts { roles, client }))
    }

    /// The extension of the installation, and what the person consented to there.
    async fn extension_of(&self, facts: &mut Facts, user: Option<&UserId>) -> Result<(), Fault> {
        let Some(of) = facts.installation.as_deref().map(|found| &found.installation) else { return Ok(()) };
        let found = self.extension(&facts.tenant.id, &of.extension_id).await?;
        facts.extension = found.filter(|found| found.key == of.extension).map(Box::new);
        if let Some(user) = user {
            let client = of.extension_id.client();
            facts.consent = self.consent_there(&facts.tenant.id, user, &client, &of.id).await?;
        }
        Ok(())
    }

    /// Where the extension that a client is is installed, of what the session's person belongs to, or the person who is named.
    async fn installed_for(&self, facts: &mut Facts, client: &ClientId, needs: &Needs) -> Result<(), Fault> {
        let of_session = facts.session.as_ref().map(|found| &found.session.user);
        let user = of_session.or_else(|| facts.user.as_ref().map(|found| &found.user.id)).cloned();
        let (tenant, Some(user)) = (facts.tenant.id.clone(), user) else { return Ok(()) };
        let Some(extension) = self.extension(&tenant, &client.0.as_str().into()).await? else {
            return Ok(());
        };
        facts.places = self.places(&facts.tenant, extension.key, &user, needs.place.as_deref()).await?;
        // A choice is of what works. Where nothing does, the first says why.
        if facts.places.iter().any(|place| place.is_on) {
            facts.places.retain(|place| place.is_on);
        } else {
            facts.places.truncate(1);
        }
        facts.extension = Some(Box::new(extension));
        if let [only] = facts.places.as_slice() {
            let handle =
                InstallationHandle { id: only.id.clone(), secret_hash: None, user: Some(user.clone()) };
            facts.consent = self.consent_there(&tenant, &user, client, &only.id).await?;
            facts.installation = self.installed(&tenant, &handle, needs.fresh).await?;
        }
        Ok(())
    }

    /// An installation with all that it hangs on, and its extension's client.
    async fn installed(
        &self,
        tenant: &TenantId,
        handle: &InstallationHandle,
        fresh: bool,
    ) -> Result<Option<Box<InstallationFacts>>, Fault> {
        let Some(mut found) = self.installation_facts(tenant, handle).await? else { return Ok(None) };
        let client = found.installation.extension_id.client();
        found.client = self.cached_client(tenant, &client, fresh).await?;
        Ok(Some(Box::new(found)))
    }

    async fn cached_client(
        &self,
        tenant: &TenantId,
        id: &ClientId,
        fresh: bool,
    ) -> Result<Option<Arc<ClientFacts>>, Fault> {
        let cache = self.client_cache();
        let cached = cache.get(tenant, id).filter(|_| !fresh);
        if cached.is_some() {
            return Ok(cached);
        }
        let began = cache.begin();
        let rows =
            self.driver().read(&clients::CLIENT, &[tenant.as_str().into(), id.as_str().into()]).await?;
        let found = clients::facts(tenant, id, rows)?.map(Arc::new);
        if let Some(client) = &found {
            cache.put(began, Arc::clone(client));
        }
        Ok(found)
    }
}

/// What is asked in one go.
#[derive(Default)]
struct Questions(Vec<(&'static Statement, Vec<Value>)>);

/// The answers, by the number of their question.
struct Answers(Vec<Vec<Row>>);

impl Questions {
    fn ask(&mut self, statement: &'static Statement, params: Vec<Value>) -> usize {
        self.0.push((statement, params));
        self.0.len() - 1
    }

    async fn answered(self, store: &Store) -> Result<Answers, Fault> {
        let queries: Vec<_> =
            self.0.iter().map(|(statement, params)| (*statement, params.as_slice())).collect();
        store.driver().read_all(&queries).await.map(Answers)
    }
}

impl Answers {
    fn rows(&mut self, question: usize) -> Vec<Row> {
        std::mem::take(&mut self.0[question])
    }

    fn one(&mut self, question: Option<usize>) -> Option<Row> {
        self.rows(question?).into_iter().next()
    }
}

/// The grant that a ticket is of, where no person is named beside it.
fn of_ticket_alone<'a>(facts: &'a Facts, needs: &Needs) -> Option<&'a GrantFacts> {
    let is_named = needs.user.is_some() || needs.login_name.is_some() || needs.session.is_some();
    facts.ticket.as_ref().filter(|_| !is_named)?.grant.as_ref()
}
