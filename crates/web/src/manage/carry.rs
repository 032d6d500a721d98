//! From a wish to what is: read what there is, plan, ask whether the actor may, commit.

use doorward_core::Effect;
use doorward_core::admin::last::Loss;
use doorward_core::admin::{Denied, SERVER, authority};
use doorward_core::desired::{self, Action, Current, Kind, Plan, State};
use doorward_core::id::TenantId;
use doorward_crypto::password;
use doorward_crypto::random::{Random, SystemRandom};
use doorward_store::{CommitError, Fault};

use super::after::after;
use super::{Done, Generated, Manage, Reach, Trouble};
use crate::keys;

impl Manage {
    /// Plans what `wish` wants of what is within `reach`, and does it unless it is a dry run. What changed meanwhile is looked at once more.
    pub async fn carry_out(
        &self,
        reach: Reach<'_>,
        wish: impl Fn(&Current) -> Result<State, Trouble>,
        dry_run: bool,
        prune: bool,
    ) -> Result<Done, Trouble> {
        self.carry_out_with(reach, wish, (dry_run, prune), |_, _| Ok(Vec::new())).await.map(|(done, _)| done)
    }

    /// The same, with what is within reach afterwards. `beside` adds to the commit, given what is done and what is afterwards; it is
    /// not asked when nothing is to do.
    pub async fn carry_out_with(
        &self,
        reach: Reach<'_>,
        wish: impl Fn(&Current) -> Result<State, Trouble>,
        (dry_run, prune): (bool, bool),
        mut beside: impl FnMut(&Done, &Current) -> Result<Vec<Effect>, Trouble>,
    ) -> Result<(Done, Current), Trouble> {
        for _ in 0..ATTEMPTS {
            let current = self.current(reach).await?;
            let (plan, generated, current) = self.plan(wish(&current)?, current, prune).await?;
            self.guards_administrators(&plan).await?;
            let guards = self.left_to(&Loss::of_plan(&plan, &current)).await?;
            let mut done =
                Done { changes: plan.changes.clone(), notes: plan.notes.clone(), generated: Vec::new() };
            if dry_run || plan.is_empty() {
                // What was made for a plan that is not carried out is worth nothing.
                return Ok((done, current));
            }
            done.generated = generated
                .into_iter()
                .map(|made| Generated::secret(made.tenant.0, made.client.0, made.secret.expose()))
                .collect();
            // First, while all is at the versions that were read.
            let mut effects = guards;
            effects.extend({
                let mut rng = SystemRandom;
                plan.decide(&self.by.actor, &mut self.ctx(&mut rng)).effects
            });
            effects.extend(self.told(&current, &effects));
            let current = after(current, &effects);
            let more = beside(&done, &current)?;
            effects.extend(more);
            match self.store.commit(effects).await {
                Ok(()) => {
                    self.make_keys(&plan).await?;
                    return Ok((done, current));
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Trouble::Conflict)
    }

    /// Hashing takes long: all of it happens off the threads that serve requests.
    async fn plan(
        &self,
        mut state: State,
        current: Current,
        prune: bool,
    ) -> Result<(Plan, Vec<desired::Generated>, Current), Trouble> {
        let service = self.clone();
        let planned = tokio::task::spawn_blocking(move || {
            let mut rng = SystemRandom;
            let mut worker = password::Worker::default();
            let mut hash = |plain: &str, stored: Option<&str>| match stored {
                Some(stored) if worker.verify(plain, stored).unwrap_or(false) => stored.to_owned(),
                _ => {
                    let mut salt = [0; 16];
                    SystemRandom.fill(&mut salt);
                    worker.hash(plain, &salt)
                }
            };
            let mut ctx = service.ctx(&mut rng);
            let generated =
                desired::settle(&mut state, &current, service.password_min_length, &mut hash, &mut ctx)?;
            let plan = desired::plan(&current, &state, prune, ctx.now)?;
            authority::check(&plan, &current, &service.by.rights).map_err(Trouble::Denied)?;
            service.places(&plan)?;
            if let Some(why) = authority::harms_oneself(&plan, &service.by.actor) {
                return Err(Trouble::Refused(why));
            }
            Ok::<_, Trouble>((plan, generated, current))
        });
        planned.await.map_err(|_| Fault::new("plan", "planning was interrupted"))?
    }

    /// An issuer's address is within reach where the address leads to the tenant already, or for whoever administers the server.
    fn places(&self, plan: &Plan) -> Result<(), Trouble> {
        if self.by.rights.is_server_wide() {
            return Ok(());
        }
        let directory = self.store.directory();
        let leads_to = |url: &str| {
            let (_, rest) = url.split_once("://")?;
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            Some(directory.lookup(&host.to_ascii_lowercase(), path)?.entry.tenant.id.clone())
        };
        if authority::places(plan).all(|(tenant, url)| leads_to(url).as_ref() == Some(tenant)) {
            return Ok(());
        }
        Err(Trouble::Denied(Denied::Scope(SERVER.to_owned())))
    }

    /// How whoever administers the server signs in is weakened by nobody who does not.
    async fn guards_administrators(&self, plan: &Plan) -> Result<(), Trouble> {
        if self.by.rights.is_server_wide() {
            return Ok(());
        }
        for tenant in authority::weakened(plan) {
            if !self.store.administrators(Some(tenant), None, 1).await?.is_empty() {
                return Err(Trouble::Denied(Denied::Scope(SERVER.to_owned())));
            }
        }
        Ok(())
    }

    /// A tenant that is new can sign from its first moment on.
    async fn make_keys(&self, plan: &Plan) -> Result<(), Trouble> {
        let made = plan
            .changes
            .iter()
            .filter(|change| change.kind == Kind::Tenant && change.action == Action::Create);
        let made: Vec<TenantId> = made.map(|change| change.tenant.clone()).collect();
        for tenant in made {
            keys::ensure(&self.store, &tenant, &self.by.actor).await?;
        }
        Ok(())
    }
}

const ATTEMPTS: usize = 3;
