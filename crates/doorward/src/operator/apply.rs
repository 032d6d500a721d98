//! `apply` and `export`: documents in, documents out.

use doorward_core::desired::{self, Action, Current, Kind, Plan, State};
use doorward_core::id::TenantId;
use doorward_core::model::Actor;
use doorward_crypto::password;
use doorward_crypto::random::{Random, SystemRandom};
use doorward_store::CommitError;
use doorward_web::keys;

use super::load::Reach;
use super::{Answer, Generated, Operator};
use crate::failure::{Exit, Failure};

impl Operator {
    /// Makes the objects what a document says.
    pub(super) async fn apply(&self, document: &str, dry_run: bool, prune: bool) -> Result<Answer, Failure> {
        let state = parse(document)?;
        self.carry_out(Reach::Document(&state), |_| Ok(state.clone()), dry_run, prune).await
    }

    /// Everything as a document.
    pub(super) async fn export(&self, tenant: Option<String>) -> Result<Answer, Failure> {
        let wanted = self.tenants(tenant).await?;
        let state = State::of(&self.current(Reach::All(&wanted)).await?, self.store.now());
        let document = serde_yaml_ng::to_string(&state)
            .map_err(|error| Failure::new(Exit::Failed, format!("the state cannot be written: {error}")))?;
        Ok(Answer::Document { document })
    }

    /// Plans what `wish` wants of what is within `reach`, and does it unless it is a dry run. What changed meanwhile is looked at once more.
    pub(super) async fn carry_out(
        &self,
        reach: Reach<'_>,
        wish: impl Fn(&Current) -> Result<State, Failure>,
        dry_run: bool,
        prune: bool,
    ) -> Result<Answer, Failure> {
        for _ in 0..ATTEMPTS {
            let current = self.current(reach).await?;
            let (plan, generated) = self.plan(wish(&current)?, current, prune).await?;
            let answer = |generated: Vec<desired::Generated>| Answer::Applied {
                changes: plan.changes.clone(),
                notes: plan.notes.clone(),
                dry_run,
                generated: generated
                    .into_iter()
                    .map(|made| Generated::secret(made.tenant.0, made.client.0, made.secret.expose()))
                    .collect(),
            };
            if dry_run || plan.is_empty() {
                // What was made for a plan that is not carried out is worth nothing.
                return Ok(answer(Vec::new()));
            }
            let effects = {
                let mut rng = SystemRandom;
                plan.decide(&mut self.ctx(&mut rng)).effects
            };
            match self.store.commit(effects).await {
                Ok(()) => {
                    self.make_keys(&plan).await?;
                    return Ok(answer(generated));
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Hashing takes long: all of it happens off the threads that serve requests.
    async fn plan(
        &self,
        mut state: State,
        current: Current,
        prune: bool,
    ) -> Result<(Plan, Vec<desired::Generated>), Failure> {
        let operator = self.clone();
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
            let mut ctx = operator.ctx(&mut rng);
            let generated = desired::settle(&mut state, &current, &mut hash, &mut ctx)?;
            let plan = desired::plan(&current, &state, prune, ctx.now)?;
            Ok::<_, Failure>((plan, generated))
        });
        planned.await.map_err(|_| Failure::new(Exit::Failed, "planning was interrupted"))?
    }

    /// A tenant that is new can sign from its first moment on.
    async fn make_keys(&self, plan: &Plan) -> Result<(), Failure> {
        let made = plan
            .changes
            .iter()
            .filter(|change| change.kind == Kind::Tenant && change.action == Action::Create);
        let made: Vec<TenantId> = made.map(|change| change.tenant.clone()).collect();
        for tenant in made {
            keys::ensure(&self.store, &tenant, &Actor::Operator).await?;
        }
        Ok(())
    }
}

/// Reads a document. A member that is not known is answered with the nearest one that is.
pub(super) fn parse(document: &str) -> Result<State, Failure> {
    serde_yaml_ng::from_str(document).map_err(|error| {
        let told = error.to_string();
        let failure = Failure::new(Exit::Data, told.clone());
        match suggestion(&told) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure,
        }
    })
}

/// The nearest of the names in ``unknown field `x`, expected one of `a`, `b` ``.
fn suggestion(told: &str) -> Option<String> {
    let names: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
    let (unknown, known) = names.split_first()?;
    if !told.contains("unknown field") && !told.contains("unknown variant") {
        return None;
    }
    crate::settings::nearest::of(unknown, known.iter().copied()).map(str::to_owned)
}

const ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_not_known_is_told_with_its_place_and_the_nearest() {
        let document = "tenants:\n  - id: demo\n    clients:\n      - id: web\n        redirect_uri: x\n";
        let failure = parse(document).unwrap_err();
        assert_eq!(failure.exit, Exit::Data);
        assert!(
            failure.message.starts_with("tenants[0].clients[0]: unknown field `redirect_uri`"),
            "{failure}"
        );
        assert!(failure.message.contains("line 5"), "{failure}");
        assert_eq!(failure.hint.as_deref(), Some("did you mean redirect_uris?"));
    }
}
