//! Public keys by serial: those that verify webhooks, and those that verify session tokens, whose serial is their `kid`.

use doorward_core::Reason;
use doorward_core::model::KeyState;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::webhook::public_base64_of_jwk;
use doorward_store::Fault;
use doorward_wire::params::Params;

use crate::app::Call;
use crate::endpoint::webhook_key::{LATEST, found, told};
use crate::render::{self, Answer};

/// GET `/v2/public-keys/{serial}`.
pub async fn get(call: &Call<'_>) -> Answer {
    let serial = call.segment(0);
    let Ok(query) = Params::parse_query(call.request.query.as_deref().unwrap_or_default()) else {
        return render::refused(call, &Reason::ParameterMalformed.into());
    };
    let key = match query.get("purpose") {
        None | Some("webhook") => found(call, serial).await,
        Some("session_token") => of_session_tokens(call, serial).await,
        Some(_) => return render::refused(call, &Reason::ParameterMalformed.into()),
    };
    match key {
        Ok(key) => told(call, serial, key, query.get("format")),
        Err(fault) => render::failed(call, &fault.into()),
    }
}

async fn of_session_tokens(call: &Call<'_>, serial: &str) -> Result<Option<(String, String)>, Fault> {
    let keys = call.app.store.keys(&call.issuer.tenant).await?;
    let found =
        keys.into_iter().filter(|key| key.algorithm == Algorithm::EdDSA.as_str()).find(|key| match serial {
            LATEST => key.state == KeyState::Current,
            named => key.kid.as_str() == named,
        });
    Ok(found.and_then(|key| Some((key.kid.0.clone(), public_base64_of_jwk(&key.public_jwk)?))))
}
