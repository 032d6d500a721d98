//! Extension instances as people and the programs that act for them manage them: installed, consented to, switched, opened, removed.

use doorward_core::Reason;
use doorward_wire::percent;
use serde_json::{Value, json};

use super::ask::{Renamed, ask, carry, relay};
use super::bearer;
use super::member::{Body, wrong};
use super::{answer, listing, own, uuid};
use crate::app::Call;
use crate::dialect::Own;
use crate::render::{self, Answer};

/// GET and POST `/v2/extension-instances`.
pub const ALL: Own = own(
    "mittwald.instances",
    "List what is installed where one administers, or install an extension in a project or for a customer.",
    |call| {
        Box::pin(answer(async {
            match call.request.is_read() {
                true => listing::list(call).await,
                false => add(call).await,
            }
        }))
    },
);

/// PATCH `/v2/extension-instances/{id}/scopes`.
pub const CONSENT: Own = own(
    "mittwald.instance_consent",
    "Consent to exactly these scopes of an instance, as its extension asks for them now.",
    |call| Box::pin(answer(consent(call))),
);

/// DELETE `/v2/extension-instances/{id}`.
pub const REMOVE: Own =
    own("mittwald.instance_remove", "Remove an instance: nothing of it works any more.", |call| {
        Box::pin(answer(remove(call)))
    });

/// POST `/v2/extension-instances/{id}/actions/enable`.
pub const ENABLE: Own =
    own("mittwald.instance_enable", "Switch an instance on.", |call| Box::pin(answer(done(call, "/enable"))));

/// POST `/v2/extension-instances/{id}/actions/disable`.
pub const DISABLE: Own = own(
    "mittwald.instance_disable",
    "Switch an instance off: nothing of it works until it is on again.",
    |call| Box::pin(answer(done(call, "/disable"))),
);

/// POST `/v2/extension-instances/{id}/actions/create-access-token-retrieval-key`.
pub const RETRIEVAL_KEY: Own = own(
    "mittwald.instance_retrieval_key",
    "A key by which the extension gets tokens of the person whose token asks, once.",
    |call| Box::pin(answer(retrieval_key(call))),
);

/// POST `/v2/extension-instances/{id}/sessions/{sessionId}`.
pub const SESSION: Own = own(
    "mittwald.instance_session",
    "A session token of the person whose token asks, for a page that shows the extension.",
    |call| Box::pin(answer(session(call))),
);

async fn add(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let relay = relay(call, "POST", "/installations").await?;
    let body = Body::of(call)?;
    let extension = body.text(call, "extensionId")?;
    let (kind, id) = (body.text(call, "context")?, body.text(call, "contextId")?);
    if !KINDS.contains(&kind) {
        return Err(wrong(call, "context", "enum", "must be project or customer"));
    }
    let mut wanted = json!({
        "extension": extension,
        "context": format!("{kind}/{id}"),
        "scopes": body.words(call, "consentedScopes")?,
    });
    if let Some(variant) = body.optional_text(call, "variantKey")? {
        wanted["variant"] = json!(variant);
    }
    let reply = carry(call, relay, wanted, NAMES).await?;
    let made = reply.body.unwrap_or_default();
    Ok(render::json(201, &json!({ "id": made["id"].as_str().map(uuid::written) })))
}

async fn consent(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let relay = relay(call, "PATCH", &of(call, "")).await?;
    let scopes = Body::of(call)?.words(call, "consentedScopes")?;
    carry(call, relay, json!({ "scopes": scopes }), NAMES).await?;
    Ok(render::nothing(204))
}

async fn remove(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    ask(call, "DELETE", &of(call, ""), json!({})).await?;
    Ok(render::nothing(204))
}

async fn done(call: &Call<'_>, act: &str) -> Result<Answer, Box<Answer>> {
    ask(call, "POST", &of(call, act), json!({})).await?;
    Ok(render::nothing(204))
}

async fn retrieval_key(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let (user, opened) = for_oneself(call, "/launch", json!({})).await?;
    // The template of an address that names none is not opened with one.
    let key =
        opened["retrieval_key"].as_str().ok_or_else(|| bearer::refused(call, Reason::LaunchKeyUnknown))?;
    Ok(render::json(200, &json!({ "accessTokenRetrievalKey": key, "userId": uuid::written(&user) })))
}

async fn session(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let session = json!({ "session": call.segment(1) });
    let (_, made) = for_oneself(call, "/session-token", session).await?;
    Ok(render::json(200, &json!({ "sessionToken": made["session_token"] })))
}

/// What is made for the person whose token asks, at this issuer.
async fn for_oneself(call: &Call<'_>, act: &str, mut body: Value) -> Result<(String, Value), Box<Answer>> {
    let relay = relay(call, "POST", &of(call, act)).await?;
    let user = relay.caller.user.clone().ok_or_else(|| bearer::refused(call, Reason::TokenScope))?;
    body["user"] = json!(user);
    body["issuer"] = json!(call.issuer.id);
    let reply = carry(call, relay, body, NAMES).await?;
    Ok((user.0, reply.body.unwrap_or_default()))
}

/// The path of the instance at the API.
fn of(call: &Call<'_>, below: &str) -> String {
    format!("/installations/{}{below}", percent::encode(&uuid::installation(call.segment(0))))
}

/// What is said of an instance; the last is in the path.
const NAMES: &[Renamed] = &[
    ("extensionId", "extension"),
    ("contextId", "context"),
    ("consentedScopes", "scopes"),
    ("variantKey", "variant"),
    ("sessionId", "session"),
];
/// Of what kinds the contexts are that there are here.
pub const KINDS: [&str; 2] = ["project", "customer"];
