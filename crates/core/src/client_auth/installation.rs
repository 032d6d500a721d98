//! An installation that acts for itself: it names itself as a client does, by its id and one of its secrets, in either way that a client
//! secret can travel (RFC 6749, section 2.3.1).

use doorward_crypto::digest;

use super::{
    Authenticated, Credentials, Method, client_secret_basic, client_secret_post, equal_work, standing,
};
use crate::facts::InstallationFacts;
use crate::id::InstallationId;
use crate::installation::OVERLAP_S;
use crate::may_issue::installation_stands;
use crate::model::{Actor, Event, EventKind, InstallationSecret, SecretState};
use crate::needs::InstallationHandle;
use crate::{Ctx, Effect, Facts, Needs, Reason, Refusal};

/// What must be loaded to tell whether it is who it says.
pub(super) fn needs(method: &Method, id: InstallationId, credentials: &Credentials) -> Result<Needs, Reason> {
    let secret = secret(method, credentials).ok_or(Reason::InstallationUnknown)?;
    let secret_hash = Some(digest::sha256(secret.as_bytes()));
    let handle = InstallationHandle { id, secret_hash, user: None };
    Ok(Needs { installation: Some(handle), client_of_row: true, ..Needs::default() })
}

/// The secret that a method brings.
fn secret<'a>(method: &Method, credentials: &'a Credentials) -> Option<&'a str> {
    if method.name == client_secret_basic::METHOD.name {
        credentials.basic.as_ref()?.as_ref().ok().map(|(_, secret)| secret.as_str())
    } else if method.name == client_secret_post::METHOD.name {
        credentials.client_secret.as_deref()
    } else {
        None
    }
}

/// Authenticate an installation. The first use of a new secret makes it current; a use of one that is being retired is recorded.
pub(super) fn authenticate<'a>(
    method: &'static Method,
    id: &InstallationId,
    credentials: &Credentials,
    facts: &'a Facts,
    ctx: &mut Ctx<'_>,
) -> Result<(Authenticated<'a>, Vec<Effect>), (Refusal, Vec<Effect>)> {
    let Some(found) = facts.installation.as_deref().filter(|found| found.installation.id == *id) else {
        equal_work(credentials);
        return Err((Reason::InstallationUnknown.into(), Vec::new()));
    };
    let outcome = proven(found, ctx)
        .map_err(|reason| (reason, reason))
        .and_then(|secret| works(method, found, facts).map(|client| (secret, client)));
    match outcome {
        Ok((secret, client)) => {
            let effects = used(found, secret, ctx);
            Ok((Authenticated { client, method: method.name, installation: Some(found) }, effects))
        }
        Err((told, reason)) => {
            let event = event(EventKind::InstallationRefused, found, Actor::Unknown, ctx).reason(reason);
            Err((told.into(), vec![Effect::Record(event)]))
        }
    }
}

/// The secret that was shown, where it is in force.
fn proven<'a>(found: &'a InstallationFacts, ctx: &Ctx<'_>) -> Result<&'a InstallationSecret, Reason> {
    let secret = found.secret.as_ref().ok_or(Reason::InstallationSecretWrong)?;
    if secret.is_in_force(ctx.now) {
        return Ok(secret);
    }
    let is_over = secret.expires_at.is_some_and(|end| ctx.now >= end);
    Err(if is_over { Reason::InstallationSecretExpired } else { Reason::InstallationSecretWrong })
}

/// The client that acts, where installation, extension and client work: what is told, and why, where they do not.
fn works<'a>(
    method: &Method,
    found: &InstallationFacts,
    facts: &'a Facts,
) -> Result<&'a crate::model::Client, (Reason, Reason)> {
    installation_stands(found).map_err(|reason| (Reason::InstallationOff, reason))?;
    let client =
        facts.client.as_deref().filter(|of| of.client.id == found.installation.extension_id.client());
    let client = client.ok_or((Reason::InstallationOff, Reason::ExtensionGone))?;
    standing(client, method, facts, true).map_err(|reason| (Reason::InstallationOff, reason))?;
    Ok(&client.client)
}

/// What the use of a secret leaves.
fn used(found: &InstallationFacts, secret: &InstallationSecret, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let actor = Actor::Client(found.installation.extension_id.client());
    match secret.state {
        SecretState::Current => Vec::new(),
        SecretState::Retiring => {
            let event = event(EventKind::InstallationSecretOld, found, actor, ctx);
            vec![Effect::Record(event.data(serde_json::json!({ "secret": secret.id })))]
        }
        SecretState::Pending => {
            let take = Effect::TakeInstallationSecret {
                tenant: secret.tenant.clone(),
                installation: secret.installation.clone(),
                hash: secret.hash,
                number: secret.number,
                now: ctx.now,
                retire_at: ctx.now.plus_s(OVERLAP_S),
            };
            let event = event(EventKind::InstallationSecretTaken, found, actor, ctx);
            vec![take, Effect::Record(event.data(serde_json::json!({ "secret": secret.id })))]
        }
    }
}

fn event(kind: EventKind, found: &InstallationFacts, actor: Actor, ctx: &mut Ctx<'_>) -> Event {
    let of = &found.installation;
    Event::new(kind, &of.tenant, actor, ctx).client(&of.extension_id.client()).installation(&of.id)
}
