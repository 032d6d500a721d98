//! The public keys by which extensions verify what they are told: by serial, for ever, and the newest as `latest`. `format=raw` (the usual
//! one) is base64 of 32 bytes, `format=spki` PEM.

use doorward_core::Reason;
use doorward_crypto::webhook::spki_pem;
use doorward_wire::params::Params;
use serde_json::json;

use crate::app::Call;
use crate::render::{self, Answer};

/// GET `/webhook-keys/{serial}`.
pub async fn get(call: &Call<'_>) -> Answer {
    let serial = call.path.strip_prefix("/webhook-keys/").unwrap_or_default();
    let (store, tenant) = (&call.app.store, &call.issuer.tenant);
    let is_latest = serial == LATEST;
    let found = match is_latest {
        true => store.webhook_keys(tenant, 1).await.map(|keys| keys.into_iter().next()),
        false => store.webhook_key(tenant, serial).await,
    };
    let found = match found {
        Ok(found) => found,
        Err(fault) => return render::failed(call, &fault.into()),
    };
    let Some(found) = found else { return render::refused(call, &Reason::WebhookKeyUnknown.into()) };
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default());
    let key = match query.as_ref().map(|query| query.get("format")) {
        Ok(None | Some("" | "raw")) => found.public_key.clone(),
        Ok(Some("spki")) => spki_pem(&found.public_key).unwrap_or_default(),
        Ok(Some(_)) | Err(_) => return render::refused(call, &Reason::ParameterMalformed.into()),
    };
    let body = json!({ "serial": found.serial, "algorithm": "Ed25519", "key": key });
    // What a serial means never changes.
    render::public_json(body.to_string().into(), if is_latest { SHORT } else { LONG })
}

const LATEST: &str = "latest";
const SHORT: &str = "public, max-age=300";
const LONG: &str = "public, max-age=86400";
