//! From a wish to what is: read what there is, plan, ask whether the actor may, commit.

use std::collections::{BTreeMap, BTreeSet};

use doorward_core::Effect;
use doorward_core::admin::last::Loss;
use doorward_core::admin::{Denied, SERVER, authority, in_contexts};
use doorward_core::desired::{self, Action, Current, Kind, Plan, State};
use doorward_core::id::{IssuerId, TenantId};
use doorward_crypto::password;
use doorward_crypto::random::{Random, SystemRandom};
use doorward_store::{CommitError, Fault};

use super::after::after;
use super::{Done, Generated, Manage, Reach, Trouble};
use crate::{dialect, keys};

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
            let mut current = self.current(reach).await?;
            let wanted = self.proposing(wish(&current)?, &current);
            self.ask_for_audiences(reach, &wanted, &mut current).await?;
            let (mut plan, generated, current) = self.plan(wanted, current, prune).await?;
            if let Reach::Document(_) = reach {
                self.tell_who_loses(&mut plan, &current).await?;
            }
            self.guards_administrators(&plan).await?;
            let guards = self.left_to(&Loss::of_plan(&plan, &current, self.shut(&plan)?)).await?;
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

    /// What the actor may only propose is proposed.
    fn proposing(&self, mut wanted: State, current: &Current) -> State {
        for tenant in &mut wanted.tenants {
            let known = current.tenant(&tenant.id).map_or(&[][..], |found| &found.extensions);
            for wish in tenant.extensions.iter_mut().flatten() {
                let before = known.iter().find(|known| known.id == wish.id);
                in_contexts::propose(wish, before, &tenant.id, &self.by.rights);
            }
        }
        wanted
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
            service.covers_nothing(&plan)?;
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
        if authority::places(plan).all(|(tenant, issuer)| leads_to(&issuer.url).as_ref() == Some(tenant)) {
            return Ok(());
        }
        Err(Trouble::Denied(Denied::Scope(SERVER.to_owned())))
    }

    /// No issuer comes to stand where another has its own pages and endpoints, whoever places it: longer paths come first.
    fn covers_nothing(&self, plan: &Plan) -> Result<(), Trouble> {
        let directory = self.store.directory();
        let unplaced: Vec<&IssuerId> = authority::unplaced(plan).collect();
        let placed: Vec<Place<'_>> = authority::places(plan)
            .map(|(_, issuer)| (issuer.url.as_str(), issuer.dialect.as_str()))
            .collect();
        let standing = directory.tenants().flat_map(|entry| &entry.issuers);
        let standing = standing.filter(|issuer| !unplaced.contains(&&issuer.id));
        let standing = standing.map(|issuer| (issuer.url.as_str(), issuer.dialect.as_str()));
        let all: Vec<Place<'_>> = standing.chain(placed.iter().copied()).collect();
        let covers = |url: Place<'_>| all.iter().any(|other| is_over(url.0, *other) || is_over(other.0, url));
        if placed.into_iter().any(covers) {
            return Err(Trouble::Refused(
                "an issuer would stand where another has its own pages and endpoints, such as /token: choose another path",
            ));
        }
        Ok(())
    }

    /// The tenants that a plan leaves without an issuer that answers: nobody signs in there, and nobody who administers one does that to
    /// themselves.
    fn shut(&self, plan: &Plan) -> Result<BTreeSet<TenantId>, Trouble> {
        let directory = self.store.directory();
        let mut shut = BTreeSet::new();
        for tenant in authority::issuers(plan).map(|(tenant, _, _)| tenant) {
            let standing = directory.tenant(tenant).map_or(&[][..], |entry| &entry.issuers);
            let mut answers: BTreeMap<IssuerId, bool> =
                standing.iter().map(|issuer| (issuer.id.clone(), issuer.disabled_at.is_none())).collect();
            let was_open = answers.values().any(|answers| *answers);
            let changed = authority::issuers(plan).filter(|(of, _, _)| *of == tenant);
            answers.extend(changed.map(|(_, id, is_open)| (id, is_open)));
            if was_open && answers.values().all(|answers| !answers) {
                shut.insert(tenant.clone());
            }
        }
        if !shut.is_empty() && !self.by.rights.is_server_wide() {
            return Err(Trouble::Refused("nobody could sign in any more: the tenant's last issuer stays"));
        }
        Ok(shut)
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

/// Where an issuer stands, and in which dialect it answers.
type Place<'a> = (&'a str, &'a str);

/// Whether an issuer at `url` takes what another answers by itself.
fn is_over(url: &str, (other, dialect): Place<'_>) -> bool {
    let place = |url: &str| -> Option<(String, String)> {
        let (_, rest) = url.split_once("://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Some((host.to_ascii_lowercase(), path.to_owned()))
    };
    let (Some((host, path)), Some((other_host, other_path))) = (place(url), place(other)) else {
        return false;
    };
    let below = path.strip_prefix(other_path.as_str()).and_then(|rest| rest.strip_prefix('/'));
    host == other_host
        && below.is_some_and(|rest| dialect::is_own(dialect, rest.split('/').next().unwrap_or_default()))
}

const ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::is_over;

    #[test]
    fn an_issuer_is_over_another_where_it_takes_its_own_paths() {
        let root = "https://id.example";
        for (url, other, expected) in [
            ("https://id.example/token", root, true),
            ("https://ID.example/token", root, true),
            ("https://id.example/assets/x", root, true),
            ("https://id.example/admin", root, true),
            ("https://id.example/t/acme", root, false),
            ("https://id.example/tokens", root, false),
            ("https://id.example/t/acme/console", "https://id.example/t/acme", true),
            ("https://id.example/t/acme/console", root, false),
            ("https://id.example/t/acmeconsole", "https://id.example/t/acme", false),
            ("https://other.example/token", root, false),
            (root, "https://id.example/token", false),
            (root, root, false),
        ] {
            assert_eq!(is_over(url, (other, "standard")), expected, "{url} over {other}");
        }
    }
}
