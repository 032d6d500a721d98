//! What a contributor does with an extension: its secrets, its OAuth client, the secrets of its instances, and dry runs of its webhooks.

use doorward_core::Reason;
use doorward_core::id::{ClientId, ExtensionId, IssuerId};
use doorward_store::Fault;
use doorward_wire::percent;
use serde_json::{Value, json};

use super::ask::{Renamed, carry, relay};
use super::member::{Body, wrong};
use super::query::Query;
use super::{answer, bearer, own, uuid};
use crate::admin::relay::Relay;
use crate::app::Call;
use crate::dialect::Own;
use crate::manage::sign_on::{GRANTS, without_listing};
use crate::render::{self, Answer};

/// POST `/v2/contributors/{c}/extensions/{e}/secret`.
pub const SECRET: Own = own(
    "mittwald.extension_secret",
    "A new secret of an extension; those before it work for another day.",
    |call| Box::pin(answer(secret(call))),
);

/// DELETE `/v2/contributors/{c}/extensions/{e}/secret/{secretId}`.
pub const SECRET_REMOVE: Own =
    own("mittwald.extension_secret_remove", "End a secret of an extension at once.", |call| {
        Box::pin(answer(secret_remove(call)))
    });

/// PUT `/v2/contributors/{c}/extensions/{e}/extension-instances/{i}/secret`.
pub const ROTATE: Own = own(
    "mittwald.instance_secret",
    "Tell the extension a new secret of an instance; where it does not take it, the one before stays.",
    |call| Box::pin(answer(rotate(call))),
);

/// POST `/v2/contributors/{c}/extensions/{e}/extension-instances/{i}/actions/dry-run/{kind}`.
pub const DRY_RUN: Own = own(
    "mittwald.dry_run",
    "Tell the extension as if something had happened to an instance, and see its answer; nothing is changed.",
    |call| Box::pin(answer(dry_run(call))),
);

/// POST `/v2/contributors/{c}/oauth-clients`.
pub const CLIENT_ADD: Own =
    own("mittwald.client_add", "Set up the OAuth client of an extension, which has its id.", |call| {
        Box::pin(answer(client_add(call)))
    });

/// PATCH `/v2/contributors/{c}/oauth-clients/{id}`.
pub const CLIENT_CHANGE: Own = own(
    "mittwald.client_change",
    "Change the OAuth client of an extension, as far as its manifest goes.",
    |call| Box::pin(answer(client_change(call))),
);

async fn secret(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let relay = of(call, call.segment(1), ("POST", "/secrets")).await?;
    let made = carried(call, relay, json!({ "retire_others_s": OVERLAP_S })).await?;
    Ok(render::json(
        200,
        &json!({ "secretId": made["id"].as_str().map(uuid::written), "secret": made["secret"] }),
    ))
}

async fn secret_remove(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let below = format!("/secrets/{}", percent::encode(&uuid::secret(call.segment(2))));
    let relay = of(call, call.segment(1), ("DELETE", &below)).await?;
    carried(call, relay, Value::Null).await?;
    Ok(render::nothing(204))
}

async fn rotate(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let below = format!("/installations/{}/secret", percent::encode(&uuid::installation(call.segment(2))));
    let relay = of(call, call.segment(1), ("PUT", &below)).await?;
    let allows = match call.request.body.is_empty() {
        true => false,
        false => Body::of(call)?.flag(call, "allowWebhookFailure")?.unwrap_or_default(),
    };
    let told = carried(call, relay, json!({ "allow_failure": allows })).await?;
    let mut result = json!({ "failure": told["is_told"] != json!(true) });
    if let Some(status) = told.get("status") {
        result["statusCode"] = status.clone();
    }
    Ok(render::json(200, &json!({ "secret": told["secret"], "webhookResult": result })))
}

async fn dry_run(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let below = format!("/installations/{}/dry-run", percent::encode(&uuid::installation(call.segment(2))));
    let relay = of(call, call.segment(1), ("POST", &below)).await?;
    let named = call.segment(3);
    let kind = KINDS.iter().find(|(name, _)| *name == named).map(|(_, kind)| kind);
    let kind = kind.ok_or_else(|| wrong(call, "webhookKind", "enum", "must be a kind of webhook"))?;
    let supposed = supposed(&Query::of(call, &["scopes"])?, kind)?;
    let ran = carry(call, relay, supposed, SUPPOSED).await?.body.unwrap_or_default();
    let mut body = json!({ "successful": ran["is_success"], "routeCalled": ran["url"] });
    for (theirs, ours) in [
        ("responseCode", "status"),
        ("responseHeaders", "headers"),
        ("responseBody", "answer"),
        ("errorMessage", "error"),
    ] {
        if let Some(value) = ran.get(ours) {
            body[theirs] = value.clone();
        }
    }
    Ok(render::json(200, &body))
}

/// What is told in place of what is so, in the words of the API.
fn supposed(query: &Query<'_, '_>, kind: &str) -> Result<Value, Box<Answer>> {
    let mut body = json!({ "kind": kind });
    for &(theirs, ours) in SUPPOSED {
        let said = match ours {
            "scopes" => query.list(theirs).map(|scopes| json!(scopes.join(" "))),
            "is_disabled" => query.flag(theirs)?.map(Value::from),
            // Their programs write parts of a second, too.
            "happened_at" => query.text(theirs).map(|time| match time.split_once('.') {
                Some((seconds, rest)) if rest.trim_start_matches(|of: char| of.is_ascii_digit()) == "Z" => {
                    json!(format!("{seconds}Z"))
                }
                _ => json!(time),
            }),
            _ => query.text(theirs).map(Value::from),
        };
        if let Some(said) = said {
            body[ours] = said;
        }
    }
    Ok(body)
}

async fn client_add(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    // Whoever sends no body that could be read is told so; whose extension it is, is asked before anything is done.
    let body = Body::of(call)?;
    let id = body.text(call, "id")?;
    let relay = of(call, id, ("PATCH", "/client")).await?;
    let change = change(call, &body, id, true).await?;
    let made = carried(call, relay, change).await?;
    Ok(render::json(201, &shown(call, &made)))
}

async fn client_change(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let id = call.segment(1);
    let relay = of(call, id, ("PATCH", "/client")).await?;
    let change = change(call, &Body::of(call)?, id, false).await?;
    let changed = carried(call, relay, change).await?;
    Ok(render::json(200, &shown(call, &changed)))
}

/// What a body says of a client, in the words of the API. A client that takes codes takes them at this issuer too, and one that is set up with
/// addresses takes codes, whether that is said or not.
async fn change(call: &Call<'_>, body: &Body, id: &str, is_new: bool) -> Result<Value, Box<Answer>> {
    let mut change = json!({});
    for &(theirs, ours) in NAMES.iter().filter(|(theirs, _)| body.has(theirs)) {
        change[ours] = match ours {
            "name" => match body.optional_text(call, theirs)? {
                Some(name) => json!(name),
                None => continue,
            },
            "scopes" => json!(body.words(call, theirs)?),
            "grant_types" => continue,
            _ => body.words(call, theirs)?.split(' ').filter(|word| !word.is_empty()).collect(),
        };
    }
    let tenant = &call.issuer.tenant;
    let failed = |fault: Fault| Box::new(render::failed(call, &fault.into()));
    let known = call.app.store.client(tenant, &ClientId::from(id)).await.map_err(failed)?;
    let known = known.ok_or_else(|| bearer::refused(call, Reason::ObjectUnknown))?.client;
    let has_addresses = change["redirect_uris"].as_array().is_some_and(|uris| !uris.is_empty());
    let asked: Vec<String> = match body.has(GRANT_TYPES) {
        true => body.words(call, GRANT_TYPES)?.split_whitespace().map(str::to_owned).collect(),
        false if is_new && has_addresses => GRANTS.map(str::to_owned).into(),
        false => return Ok(change),
    };
    if !asked.iter().all(|name| GRANTS.contains(&name.as_str())) {
        return Err(wrong(
            call,
            GRANT_TYPES,
            "enum",
            "must be authorization_code and refresh_token, or one of them",
        ));
    }
    // What an extension's client does besides is no word of theirs, and stays.
    let others = known.grant_types.iter().filter(|name| !GRANTS.contains(&name.as_str()));
    change["grant_types"] = others.cloned().chain(asked).collect();
    if !known.issuers.contains(&call.issuer.id) {
        let mut issuers: Vec<IssuerId> = known.issuers.into_iter().collect();
        if issuers.is_empty() {
            issuers = without_listing(&call.app.store, tenant, &call.issuer.id).await.map_err(failed)?;
        }
        issuers.push(call.issuer.id.clone());
        change["issuers"] = json!(issuers);
    }
    Ok(change)
}

fn shown(call: &Call<'_>, client: &Value) -> Value {
    let scopes = client["scopes"].as_str().unwrap_or_default().split(' ');
    let list = |name: &str| client[name].as_array().cloned().unwrap_or_default();
    let takes_codes = |name: &Value| GRANTS.iter().any(|known| name == known);
    json!({
        "id": client["id"],
        "contributorId": call.segment(0),
        "humanReadableName": client["name"],
        "allowedGrantTypes": list("grant_types").into_iter().filter(takes_codes).collect::<Vec<_>>(),
        "allowedRedirectUris": list("redirect_uris"),
        "allowedScopes": scopes.filter(|scope| !scope.is_empty()).collect::<Vec<_>>(),
    })
}

/// A request about an extension, which the contributor of this path makes.
async fn of<'a>(
    call: &'a Call<'a>,
    extension: &str,
    (method, below): (&str, &str),
) -> Result<Relay<'a>, Box<Answer>> {
    let relay = relay(call, method, &format!("/extensions/{}{below}", percent::encode(extension))).await?;
    let tenant = &call.issuer.tenant;
    let found = call.app.store.extension(tenant, &ExtensionId::from(extension)).await;
    let found = found.map_err(|fault| Box::new(render::failed(call, &fault.into())))?;
    let maker = found.map(|found| match found.contributor {
        Some(maker) => maker.0.split_once('/').map(|(_, id)| id.to_owned()).unwrap_or_default(),
        None => tenant.0.clone(),
    });
    match maker.as_deref() == Some(call.segment(0)) {
        true => Ok(relay),
        false => Err(bearer::refused(call, Reason::ObjectUnknown)),
    }
}

async fn carried(call: &Call<'_>, relay: Relay<'_>, body: Value) -> Result<Value, Box<Answer>> {
    let reply = carry(call, relay, body, NAMES).await?;
    Ok(reply.body.unwrap_or_default())
}

/// What is said of a client.
const NAMES: &[Renamed] = &[
    ("humanReadableName", "name"),
    ("allowedScopes", "scopes"),
    ("allowedRedirectUris", "redirect_uris"),
    (GRANT_TYPES, "grant_types"),
];
/// What a dry run supposes.
const SUPPOSED: &[Renamed] = &[
    ("contextId", "context_id"),
    ("scopes", "scopes"),
    ("instanceDisabled", "is_disabled"),
    ("createdAt", "happened_at"),
    ("secret", "secret"),
];
/// How a client takes part in what they know.
const GRANT_TYPES: &str = "allowedGrantTypes";
/// What kinds are called in the path of a dry run, and by the API.
const KINDS: [(&str, &str); 4] = [
    ("extension-added-to-context", "Added"),
    ("extension-instance-updated", "Updated"),
    ("extension-instance-secret-rotated", "SecretRotated"),
    ("extension-instance-removed-from-context", "Removed"),
];
/// How long secrets work beside a new one.
const OVERLAP_S: i64 = 86_400;
