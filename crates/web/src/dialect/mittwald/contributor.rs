//! What a contributor does with an extension: its secrets, the secrets of its instances, and dry runs of its webhooks.

use doorward_core::Reason;
use doorward_core::id::ExtensionId;
use doorward_core::model::Extension;
use doorward_wire::percent;
use serde_json::{Value, json};

use super::ask::{Renamed, carry, relay};
use super::member::{Body, wrong};
use super::query::Query;
use super::{answer, bearer, own, uuid};
use crate::admin::relay::Relay;
use crate::app::Call;
use crate::dialect::Own;
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

/// A request about an extension, which the contributor of this path makes.
async fn of<'a>(call: &'a Call<'a>, extension: &str, route: (&str, &str)) -> Result<Relay<'a>, Box<Answer>> {
    with_extension(call, extension, route).await.map(|(relay, _)| relay)
}

/// The same, and the extension.
pub async fn with_extension<'a>(
    call: &'a Call<'a>,
    extension: &str,
    (method, below): (&str, &str),
) -> Result<(Relay<'a>, Extension), Box<Answer>> {
    let relay = relay(call, method, &format!("/extensions/{}{below}", percent::encode(extension))).await?;
    let tenant = &call.issuer.tenant;
    let found = call.app.store.extension(tenant, &ExtensionId::from(extension)).await;
    let found = found.map_err(|fault| Box::new(render::failed(call, &fault.into())))?;
    let is_made_here = |found: &Extension| {
        let maker = found
            .contributor
            .as_ref()
            .map_or(tenant.as_str(), |maker| maker.0.split_once('/').map_or("", |(_, id)| id));
        maker == call.segment(0)
    };
    match found.filter(is_made_here) {
        Some(found) => Ok((relay, found)),
        None => Err(bearer::refused(call, Reason::ObjectUnknown)),
    }
}

async fn carried(call: &Call<'_>, relay: Relay<'_>, body: Value) -> Result<Value, Box<Answer>> {
    let reply = carry(call, relay, body, &[]).await?;
    Ok(reply.body.unwrap_or_default())
}

/// What a dry run supposes.
const SUPPOSED: &[Renamed] = &[
    ("contextId", "context_id"),
    ("scopes", "scopes"),
    ("instanceDisabled", "is_disabled"),
    ("createdAt", "happened_at"),
    ("secret", "secret"),
];
/// What kinds are called in the path of a dry run, and by the API.
const KINDS: [(&str, &str); 4] = [
    ("extension-added-to-context", "Added"),
    ("extension-instance-updated", "Updated"),
    ("extension-instance-secret-rotated", "SecretRotated"),
    ("extension-instance-removed-from-context", "Removed"),
];
/// How long secrets work beside a new one.
const OVERLAP_S: i64 = 86_400;
