//! A new secret that its extension is told at once, by whoever waits for its answer. The line of the installation is held meanwhile, so that
//! nothing is told before it that happened after it; who dies meanwhile leaves it to the line, which tells it like any other.

use doorward_crypto::base64url;
use doorward_crypto::secret::SecretString;
use serde_json::json;

use super::rotate_secret;
use crate::id::{ExtensionId, InstallationId, SecretId, TenantId, WebhookId};
use crate::model::{Actor, Event, EventKind, Installation, InstallationSecret};
use crate::{Ctx, Effect, Timestamp};

/// A rotation whose extension is told at once.
#[derive(Debug)]
pub struct AtOnce {
    /// The number of the news.
    pub number: i64,
    /// The id of the news, however often it is told.
    pub webhook: WebhookId,
    /// When it happened.
    pub happened_at: Timestamp,
    /// The secret.
    pub secret: SecretId,
    /// The same, in the clear.
    pub plain: SecretString,
    tenant: TenantId,
    installation: InstallationId,
    extension: ExtensionId,
    lease: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The status that the extension answered with.
    pub status: Option<u16>,
    /// Whether that says that it has the secret.
    pub is_told: bool,
    /// Whether the secret counts: it has it, or is brought it in another way.
    pub counts: bool,
}

impl AtOnce {
    /// It begins: the secret is pending. Where it `is_next` to be told the line is held for it; else it is told to nobody, because what waits
    /// before it is told first.
    pub fn begin(
        installation: &Installation,
        is_next: bool,
        by: &Actor,
        ctx: &mut Ctx<'_>,
    ) -> (Self, Vec<Effect>) {
        let (mut effects, secret, plain) = rotate_secret(installation, false, by, ctx);
        let news = effects.iter().find_map(|effect| match effect {
            Effect::QueueWebhook(news) => Some((news.number, news.id.clone())),
            _ => None,
        });
        let (number, webhook) = news.expect("each change has its news");
        let lease = is_next.then(|| base64url::encode(&ctx.bytes::<12>()));
        let (tenant, id) = (installation.tenant.clone(), installation.id.clone());
        effects.push(match lease.clone() {
            Some(lease) => Effect::HoldWebhooks {
                tenant: tenant.clone(),
                installation: id.clone(),
                number,
                lease,
                now: ctx.now,
            },
            None => {
                Effect::SkipWebhook { tenant: tenant.clone(), installation: id.clone(), number, now: ctx.now }
            }
        });
        let extension = installation.extension_id.clone();
        let happened_at = ctx.now;
        let begun =
            Self { number, webhook, happened_at, secret, plain, tenant, installation: id, extension, lease };
        (begun, effects)
    }

    /// It ends: the secret counts and those before it do not, or the other way round; the line goes on. `living` are the secrets that there
    /// are beside it.
    pub fn end(
        &self,
        outcome: Outcome,
        living: &[InstallationSecret],
        by: &Actor,
        ctx: &mut Ctx<'_>,
    ) -> Vec<Effect> {
        let of = || (self.tenant.clone(), self.installation.clone());
        let retire = |id: &SecretId| {
            let (tenant, installation) = of();
            Effect::RetireInstallationSecret { tenant, installation, id: id.clone(), expires_at: ctx.now }
        };
        let mut effects: Vec<Effect> = match outcome.counts {
            true => living.iter().filter(|old| old.number < self.number).map(|old| retire(&old.id)).collect(),
            false => vec![retire(&self.secret)],
        };
        if outcome.counts {
            let ((tenant, installation), id, now) = (of(), self.secret.clone(), ctx.now);
            effects.push(Effect::DeliverInstallationSecret { tenant, installation, id, now });
        }
        if let Some(lease) = self.lease.clone() {
            let (tenant, installation) = of();
            let (number, is_delivered, now) = (self.number, outcome.is_told, ctx.now);
            effects.push(Effect::SettleWebhook { tenant, installation, number, lease, is_delivered, now });
        }
        let change = if outcome.counts { "confirmed" } else { "removed" };
        let event = Event::new(EventKind::InstallationSecretChanged, &self.tenant, by.clone(), ctx)
            .client(&self.extension.client())
            .installation(&self.installation)
            .data(json!({ "secret": self.secret, "change": change, "status": outcome.status }));
        effects.push(Effect::Record(event));
        effects
    }
}
