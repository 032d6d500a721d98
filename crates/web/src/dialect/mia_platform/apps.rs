//! The apps of an extension, by which single sign-on is enabled for it. An extension has one app or none: its client, which has its id.

use doorward_core::admin::Access;
use doorward_core::id::{ContextId, ExtensionId};
use doorward_core::model::Extension;
use doorward_core::{Reason, Refusal};
use doorward_store::Fault;
use doorward_wire::percent;
use doorward_wire::redirect_uri::RedirectUri;
use http::Method;
use serde_json::json;

use super::super::body;
use super::authorize::COMPANY;
use super::problem::{refused, relay, told};
use crate::admin::relay::Relay;
use crate::app::Call;
use crate::manage::Manage;
use crate::render::{self, Answer};

/// GET `/api/extensibility/tenants/{tenantId}/extensions/{extensionId}/apps`, and POST there.
pub async fn all(call: &Call<'_>) -> Answer {
    let is_read = call.request.is_read();
    answer(call, is_read, async |asked| match is_read {
        true => Ok(render::json(200, &listed(&asked.found))),
        false => {
            asked.enable(call).await?;
            Ok(render::json(200, &json!({ "id": asked.found.id })))
        }
    })
    .await
}

/// PATCH and DELETE of the one app.
pub async fn one(call: &Call<'_>) -> Answer {
    answer(call, false, async |asked| {
        let found = &asked.found;
        if call.segment(2) != found.id.as_str() || found.manifest.callback_url.is_none() {
            return Err(refused(call, Reason::ObjectUnknown));
        }
        match call.request.method == Method::DELETE {
            true => asked.sign_on(call, None).await?,
            false => asked.enable(call).await?,
        }
        Ok(render::nothing(204))
    })
    .await
}

/// An extension, and what does something to it.
struct Asked<'a> {
    relay: Relay<'a>,
    manage: Manage,
    found: Extension,
}

/// Where the caller may do it, and the extension is there: who may administer it is told by the admin API.
async fn answer(
    call: &Call<'_>,
    is_read: bool,
    work: impl AsyncFnOnce(&Asked<'_>) -> Result<Answer, Box<Answer>>,
) -> Answer {
    let (method, id) = (if is_read { "GET" } else { "PATCH" }, call.segment(1));
    let done = async {
        let relay = relay(call, method, &format!("/extensions/{}", percent::encode(id))).await?;
        let manage = relay.manage().await.map_err(|problem| told(call, &problem))?;
        let found = found(call, &manage, &ExtensionId::from(id)).await?;
        work(&Asked { relay, manage, found }).await
    };
    done.await.unwrap_or_else(|answer| *answer)
}

/// The extension, where it is made by the company of the path or is installed there.
async fn found(call: &Call<'_>, manage: &Manage, id: &ExtensionId) -> Result<Extension, Box<Answer>> {
    let access = if call.request.is_read() { Access::Read } else { Access::Write };
    let (tenant, store) = (&call.issuer.tenant, manage.store());
    let extension =
        manage.extension(tenant, id, access).await.map_err(|trouble| told(call, &trouble.into()))?;
    let company = ContextId(format!("{COMPANY}/{}", call.segment(0)));
    if extension.contributor.as_ref() == Some(&company) {
        return Ok(extension);
    }
    let failed = |fault: Fault| Box::new(render::failed(call, &fault.into()));
    let context = store.context(tenant, &company).await.map_err(failed)?;
    if let Some(context) = context {
        let there = store.installations_below(tenant, context.key, Some(extension.key), ("", 1)).await;
        if !there.map_err(failed)?.is_empty() {
            return Ok(extension);
        }
    }
    Err(refused(call, Reason::ObjectUnknown))
}

impl Asked<'_> {
    /// Single sign-on with the callback of the body: absolute, https, no fragment.
    async fn enable(&self, call: &Call<'_>) -> Result<(), Box<Answer>> {
        let members = body::object(call).map_err(|refusal| refused(call, refusal))?;
        let callback = members.get("callbackUrl").and_then(serde_json::Value::as_str);
        let callback = callback.and_then(|callback| RedirectUri::parse(callback).ok());
        match callback.filter(|callback| callback.scheme() == "https") {
            Some(callback) => self.sign_on(call, Some(&callback)).await,
            None => {
                let what = "callbackUrl must be an https address without a fragment";
                Err(refused(call, Refusal::new(Reason::ObjectInvalid, what)))
            }
        }
    }

    async fn sign_on(&self, call: &Call<'_>, callback: Option<&RedirectUri>) -> Result<(), Box<Answer>> {
        let (tenant, issuer) = (&call.issuer.tenant, &call.issuer.id);
        match self.manage.sign_on(tenant, &self.found.id, issuer, callback).await {
            Ok(()) => Ok(()),
            Err(trouble) => Err(told(call, &self.relay.told(&self.manage, trouble, &json!({})).await)),
        }
    }
}

/// The app, where people sign in.
fn listed(extension: &Extension) -> Vec<serde_json::Value> {
    let manifest = &extension.manifest;
    let app = manifest.callback_url.as_ref().map(|callback| {
        json!({ "id": extension.id, "name": manifest.name, "redirectUrl": callback, "audience": manifest.audiences })
    });
    app.into_iter().collect()
}
