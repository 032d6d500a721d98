//! The driver of requests: load, decide, prepare (sign), commit. Administration has its own (`manage/carry.rs`, `manage/import.rs`),
//! because a plan reads far more than facts; so has the outbox's worker, which nobody asks.

use doorward_core::{Ctx, Decision, Effect, Facts, Needs, Refusal, Timestamp};
use doorward_crypto::random::SystemRandom;
use doorward_store::{CommitError, Fault};

use crate::app::Call;
use crate::password_pool::Busy;

/// Why a request has no answer of its own.
#[derive(Debug)]
pub enum Failure {
    /// Storage, or another part, is out of reach: 503, never a denial.
    Fault(Fault),
    /// The queue of password work is full: 503, and no fault of anything.
    Busy,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Busy> for Failure {
    fn from(Busy: Busy) -> Self {
        Self::Busy
    }
}

/// What a run ends with.
pub type Outcome<T> = Result<Result<T, Refusal>, Failure>;

/// Run the verbs: `decide` on what `needs` brings, `prepare` the answer (sign it), commit the effects, then answer.
///
/// A conflict is decided once more on fresh facts, and a second one too; a third is a temporary error. A refusal that rests on a cached
/// client is decided once more on a fresh one.
pub async fn run<T, U>(
    call: &Call<'_>,
    needs: Needs,
    mut decide: impl FnMut(&Facts, &mut Ctx<'_>) -> Decision<T>,
    prepare: impl Fn(T) -> Result<U, Fault>,
) -> Outcome<U> {
    run_on(call, needs, None, |facts, _, ctx| decide(facts, ctx), prepare).await
}

/// A run on the facts of `needs` and, where something stands beside them (a token whose own client is not the caller), on those of
/// `beside`; without it both are one. A conflict loads both anew.
pub async fn run_beside<T>(
    call: &Call<'_>,
    needs: Needs,
    beside: Option<Needs>,
    decide: impl FnMut(&Facts, &Facts, &mut Ctx<'_>) -> Decision<T>,
) -> Outcome<T> {
    run_on(call, needs, beside, decide, Ok).await
}

async fn run_on<T, U>(
    call: &Call<'_>,
    mut needs: Needs,
    mut beside: Option<Needs>,
    mut decide: impl FnMut(&Facts, &Facts, &mut Ctx<'_>) -> Decision<T>,
    prepare: impl Fn(T) -> Result<U, Fault>,
) -> Outcome<U> {
    let mut conflicts = 0;
    loop {
        let facts = load(call, &needs).await?;
        let subject = match &beside {
            Some(needs) => Some(load(call, needs).await?),
            None => None,
        };
        let decision =
            decide(&facts, subject.as_deref().unwrap_or(&facts), &mut ctx(call, &mut SystemRandom));
        let rests_on_client = needs.client.is_some() || needs.installation.is_some() || needs.client_of_row;
        if decision.answer.is_err() && rests_on_client && !needs.fresh && facts.client.is_some() {
            needs.fresh = true;
            continue;
        }
        let answer = match decision.answer {
            Ok(answer) => Ok(prepare(answer)?),
            Err(refusal) => Err(refusal),
        };
        let mut effects = decision.effects;
        if answer.is_err() {
            effects.retain(|effect| call.app.is_written(effect));
        }
        match commit(call, effects).await {
            Ok(()) => return Ok(answer),
            Err(CommitError::Fault(fault)) => return Err(fault.into()),
            Err(CommitError::Conflict) if conflicts < MAX_CONFLICTS => {
                conflicts += 1;
                needs.fresh = true;
                beside.iter_mut().for_each(|needs| needs.fresh = true);
            }
            Err(CommitError::Conflict) => return Err(Fault::new("commit", "three conflicts in a row").into()),
        }
    }
}

/// A run whose answer needs no preparation.
pub async fn run_plain<T>(
    call: &Call<'_>,
    needs: Needs,
    decide: impl FnMut(&Facts, &mut Ctx<'_>) -> Decision<T>,
) -> Outcome<T> {
    run(call, needs, decide, Ok).await
}

/// Load what a request needs. The public keys of a client that was named come beside its row.
pub async fn load(call: &Call<'_>, needs: &Needs) -> Result<Box<Facts>, Failure> {
    let mut facts = call.app.store.load(call.facts(), needs).await?;
    if let Some(found) = &facts.client {
        // The first that is named is who calls; whose token it is comes beside.
        let _ = call.client.set(found.client.id.clone());
        call.of_client.read(found.client.rate_limit);
    }
    if let Some(found) = &facts.client
        && found.client.may_authenticate_by("private_key_jwt")
    {
        let (wanted, now) = (needs.client_key.as_deref(), call.app.store.now());
        facts.client_keys = call.app.client_keys.of(&found.client, wanted, now).await;
    }
    Ok(facts)
}

/// The surroundings of a decision.
pub fn ctx<'a>(call: &'a Call<'_>, rng: &'a mut SystemRandom) -> Ctx<'a> {
    Ctx { now: call.app.store.now(), rng, request_id: &call.request.request_id, address: &call.address }
}

/// Now.
pub fn now(call: &Call<'_>) -> Timestamp {
    call.app.store.now()
}

async fn commit(call: &Call<'_>, effects: Vec<Effect>) -> Result<(), CommitError> {
    if effects.is_empty() {
        return Ok(());
    }
    let durable_tokens = call.app.options.durable_client_tokens;
    if effects.iter().all(|effect| effect.is_deferrable(durable_tokens)) {
        // What will not be written for long is not done either; that somebody was refused is.
        if call.app.store.driver().disk_full() == Some(true) && effects.iter().any(Effect::is_of_token) {
            return Err(CommitError::Fault(Fault::new("commit", "the disk is full: nothing is issued")));
        }
        call.app.tally.defer(effects.into_iter().filter_map(Effect::into_event));
        return Ok(());
    }
    call.app.store.commit(effects).await
}

const MAX_CONFLICTS: u32 = 2;
