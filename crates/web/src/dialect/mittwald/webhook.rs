//! Lifecycle webhooks as extensions for mittwald read them: the body, the marks of a dry run, and what signs the bytes of the body.

use doorward_core::desired::date;
use doorward_core::model::WebhookKind;
use doorward_wire::percent;
use serde_json::{Map, Value, json};

use super::uuid;
use crate::webhook::format::Format;
use crate::webhook::{Letter, Secret};

/// The format.
pub const WEBHOOKS: Format = Format {
    name: uuid::written,
    body,
    dry_run: |by| format!("dry-run=true&executing-user-id={}", percent::encode(&uuid::written(by))),
    headers: |signers, _, _, body| signers.plain(SIGNATURE, body),
};

fn body(letter: &Letter<'_>, url: &str) -> Map<String, Value> {
    let (of, extension) = (letter.installation, letter.extension);
    let (kind, id) = of.context_id.as_str().split_once('/').unwrap_or_default();
    let maker = extension.contributor.as_ref().and_then(|maker| Some(maker.as_str().split_once('/')?.1));
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
    add("apiVersion", json!("v1"));
    add("kind", json!(name(letter.kind)));
    add("id", json!(uuid::written(of.id.as_str())));
    add("context", json!({ "id": id, "kind": kind }));
    add(
        "meta",
        json!({ "extensionId": extension.id, "contributorId": maker.unwrap_or(extension.tenant.as_str()) }),
    );
    add(
        "request",
        json!({
            "id": letter.request_id,
            "createdAt": date::write(letter.now),
            "target": { "method": "POST", "url": url },
        }),
    );
    if let Some(variant) = &of.variant {
        add("variantKey", json!(variant));
    }
    if letter.kind != WebhookKind::SecretRotated {
        add("consentedScopes", of.scopes.iter().collect());
        add("state", json!({ "enabled": of.life.as_str() == "enabled" }));
    }
    if let Secret::New(secret) = letter.secret {
        add("secret", json!(secret));
    }
    body
}

/// What a kind is called.
fn name(kind: WebhookKind) -> &'static str {
    match kind {
        WebhookKind::Added => "ExtensionAddedToContext",
        WebhookKind::Removed => "InstanceRemovedFromContext",
        WebhookKind::SecretRotated => "SecretRotated",
        WebhookKind::Updated => "InstanceUpdated",
    }
}

const SIGNATURE: [&str; 3] =
    ["x-marketplace-signature-serial", "x-marketplace-signature-algorithm", "x-marketplace-signature"];
