//! Who makes an extension asks for what concerns it: its client shows that it is the extension. What it may know stays so when nothing of
//! the extension works any more, so that it can read that.

use crate::client_auth::{Credentials, authenticate, needs};
use crate::id::{ExtensionId, InstallationId, SecretId, TenantId};
use crate::model::{Actor, Event, EventKind};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// A request of an extension's maker.
#[derive(Clone, Debug)]
pub struct MakerRequest {
    /// How the caller authenticates.
    pub credentials: Credentials,
    /// The extension that it asks about.
    pub extension: ExtensionId,
}

impl MakerRequest {
    /// What must be loaded: the caller.
    pub fn needs(&self, tenant: &TenantId) -> Result<Needs, Refusal> {
        needs(&self.credentials, tenant)
    }

    /// Decide: the caller is the extension, and has proven it.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<()> {
        match authenticate(&self.credentials, facts, ctx) {
            Err((refusal, effects)) => Decision::refuse_with(effects, refusal),
            Ok((caller, _)) if !caller.is_proven() => Decision::refuse(Reason::MakerPublic),
            Ok((caller, effects)) if caller.client.id != self.extension.client() => {
                Decision::refuse_with(effects, Reason::MakerForeign)
            }
            Ok((_, effects)) => Decision::with(effects, ()),
        }
    }
}

/// A pending secret is shown to the extension, which has it from now on.
pub fn reveal(
    tenant: &TenantId,
    extension: &ExtensionId,
    (installation, secret): (&InstallationId, &SecretId),
    ctx: &mut Ctx<'_>,
) -> Vec<Effect> {
    let event =
        Event::new(EventKind::InstallationSecretChanged, tenant, Actor::Client(extension.client()), ctx)
            .client(&extension.client())
            .installation(installation)
            .data(serde_json::json!({ "secret": secret, "change": "revealed" }));
    let deliver = Effect::DeliverInstallationSecret {
        tenant: tenant.clone(),
        installation: installation.clone(),
        id: secret.clone(),
        now: ctx.now,
    };
    vec![deliver, Effect::Record(event)]
}
