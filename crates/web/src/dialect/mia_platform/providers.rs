//! The ways to sign in that their command-line client offers: the sign-in page, by the name of the tenant.

use doorward_core::Reason;
use doorward_core::id::ClientId;
use doorward_core::model::Client;
use serde_json::json;

use crate::app::Call;
use crate::render::{self, Answer};

/// GET `/api/apps/{appId}/providers/`.
pub async fn get(call: &Call<'_>) -> Answer {
    match call.app.store.client(&call.issuer.tenant, &ClientId::from(call.segment(0))).await {
        Ok(Some(found)) if is_there(call, &found.client) => {
            let local = json!({ "id": LOCAL, "label": call.tenant.tenant.name, "type": LOCAL });
            render::json(200, &[local])
        }
        Ok(_) => render::refused(call, &Reason::ObjectUnknown.into()),
        Err(fault) => render::failed(call, &fault.into()),
    }
}

/// Whether a client is one for who asks here.
fn is_there(call: &Call<'_>, client: &Client) -> bool {
    client.disabled_at.is_none() && call.dialect.policies.admits(client, &call.issuer.id)
}

/// The sign-in page.
pub const LOCAL: &str = "local";
