//! The public keys by which extensions verify what they are told: by serial, for ever, and the newest as `latest`. `format=raw` (the usual
//! one) is base64 of 32 bytes, `format=spki` PEM.

use doorward_core::Reason;
use doorward_crypto::webhook::spki_pem;
use doorward_store::Fault;
use doorward_wire::params::Params;
use serde_json::json;

use crate::app::Call;
use crate::render::{self, Answer};

/// GET `/webhook-keys/{serial}`.
pub async fn get(call: &Call<'_>) -> Answer {
    let serial = call.segment(0);
    let found = match found(call, serial).await {
        Ok(found) => found,
        Err(fault) => return render::failed(call, &fault.into()),
    };
    let query = Params::parse_query(call.request.query.as_deref().unwrap_or_default()).unwrap_or_default();
    told(call, serial, found, query.get("format"))
}

/// The key of a serial, or the newest: its serial and base64 of its 32 bytes.
pub async fn found(call: &Call<'_>, serial: &str) -> Result<Option<(String, String)>, Fault> {
    let (store, tenant) = (&call.app.store, &call.issuer.tenant);
    let found = match serial == LATEST {
        true => store.webhook_keys(tenant, 1).await?.into_iter().next(),
        false => store.webhook_key(tenant, serial).await?,
    };
    Ok(found.map(|found| (found.serial, found.public_key)))
}

/// A key that was asked for by `serial`, in the format that is wished for.
pub fn told(call: &Call<'_>, serial: &str, found: Option<(String, String)>, format: Option<&str>) -> Answer {
    let Some((named, public_key)) = found else {
        return render::refused(call, &Reason::WebhookKeyUnknown.into());
    };
    let key = match format {
        None | Some("" | "raw") => public_key,
        Some("spki") => spki_pem(&public_key).unwrap_or_default(),
        Some(_) => return render::refused(call, &Reason::ParameterMalformed.into()),
    };
    let body = json!({ "serial": named, "algorithm": "Ed25519", "key": key });
    // What a serial means never changes.
    render::public_json(body.to_string().into(), if serial == LATEST { SHORT } else { LONG })
}

/// The name of the newest.
pub const LATEST: &str = "latest";
const SHORT: &str = "public, max-age=300";
const LONG: &str = "public, max-age=86400";
