//! What strangers may fail at: per address, per client that sends people here, and per tenant. A browser that the person signed in from
//! before is let through all of them: whoever guesses elsewhere, or shares their address, cannot keep them out.

use doorward_core::login::attempt::Attempt;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_core::{Effect, Needs};
use doorward_crypto::random::SystemRandom;

use super::journey::{Journey, Purpose};
use crate::app::Call;
use crate::limit::{Pending, holder};
use crate::run::{Failure, ctx, load};

/// An attempt that counts as failed, until it succeeds, wherever it counts.
pub struct Begun<'a>(Vec<Pending<'a>>);

impl Begun<'_> {
    /// It was no failure.
    pub fn succeeded(self) {
        self.0.into_iter().for_each(Pending::succeeded);
    }
}

/// Begin one; `person` finds out whether the device is known. `Err` gives the seconds to wait.
pub async fn begin<'a>(
    call: &'a Call<'_>,
    attempt: &Attempt,
    person: &Needs,
    journey: &Journey,
) -> Result<Result<Begun<'a>, u32>, Failure> {
    if attempt.device.is_some() && attempt.is_known(&*load(call, person).await?) {
        return Ok(Ok(Begun(Vec::new())));
    }
    let params = matches!(journey.purpose, Purpose::Authorize(_)).then(|| journey.params());
    let client = params.as_ref().map(|params| params.get("client_id").unwrap_or_default());
    Ok(begin_by(call, client))
}

/// The same, from no browser, or one that is not known: of a client that sends people here, or brings their passwords.
pub fn begin_by<'a>(call: &'a Call<'_>, client: Option<&str>) -> Result<Begun<'a>, u32> {
    let (app, tenant, now) = (call.app, call.issuer.tenant.as_str(), call.app.store.now());
    let mut begun = vec![app.sign_in_failures.begin((tenant, holder(call.request.client_ip)), now)];
    begun.extend(client.map(|client| app.sign_in_failures_of_client.begin((tenant, client), now)));
    begun.push(app.sign_in_failures_of_tenant.begin(tenant, now));
    let wait_s = begun.iter().filter_map(|begun| begun.as_ref().err().copied()).max();
    let begun = Begun(begun.into_iter().flatten().collect());
    match wait_s {
        None => Ok(begun),
        // It was not made, so it did not fail.
        Some(wait_s) => {
            begun.succeeded();
            Err(wait_s)
        }
    }
}

/// A sign-in failed: where one address fails at one account after the other, that is told once.
pub fn failed(call: &Call<'_>, attempt: &Attempt) {
    let name = attempt.name_key.as_deref().unwrap_or(&attempt.typed);
    let of = (call.issuer.tenant.as_str(), holder(call.request.client_ip));
    let Some(names) = call.app.sprays.failed(of, name, call.app.store.now()) else { return };
    tracing::warn!(
        request.id = %call.request.request_id,
        tenant.id = %call.issuer.tenant,
        client.address = call.address,
        names,
        "sign-ins of many names fail from one address"
    );
    let mut rng = SystemRandom;
    let event =
        Event::new(EventKind::SignInSprayed, &call.issuer.tenant, Actor::Unknown, &mut ctx(call, &mut rng))
            .data(serde_json::json!({ "names": names }));
    if call.app.is_written(&Effect::Record(event.clone())) {
        call.app.tally.defer([event]);
    }
}
