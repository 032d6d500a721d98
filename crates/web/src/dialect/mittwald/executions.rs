//! What became of all that the extensions of a contributor are told.

use doorward_core::Reason;
use doorward_core::admin::Access;
use doorward_core::desired::date;
use doorward_core::id::{ContextId, ContextKey};
use doorward_core::model::WebhookKind;
use doorward_store::webhooks::{By, Execution, Sought, Standing};
use serde_json::{Value, json};

use super::ask::{relay, told};
use super::query::Query;
use super::{answer, bearer, own, uuid};
use crate::app::Call;
use crate::dialect::Own;
use crate::manage::{Manage, Trouble};
use crate::render::Answer;

/// GET `/v2/contributors/{c}/webhook-executions`.
pub const LIST: Own = own(
    "mittwald.webhook_executions",
    "What the extensions of a contributor were told, or will be, and how that went.",
    |call| Box::pin(answer(list(call))),
);

async fn list(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let relay = relay(call, "GET", "/extensions").await?;
    let manage = relay.manage().await.map_err(|problem| told(call, &problem))?;
    let id = call.segment(0);
    let contributor = contributor(call, &manage, id).await?;
    let query = Query::of(call, &["state", "sort", "order"])?;
    let page = query.page()?;
    let sought = Sought {
        contributor,
        extension: query.text("extensionId").map(Into::into),
        installation: query.text("extensionInstanceId").map(|id| uuid::installation(id).into_owned().into()),
        standings: query.words("state", STANDINGS)?,
        order: query.order(FIELDS, By::Next)?,
        limit: page.limit,
        skip: page.skip,
    };
    let found = manage.store().webhook_executions(&call.issuer.tenant, &sought).await;
    let (found, total) = found.map_err(|fault| told(call, &fault.into()))?;
    let shown: Vec<Value> = found.iter().map(|execution| shown(id, execution)).collect();
    Ok(page.told(&shown, total))
}

/// The contributor, where the caller administers what it makes; one of the tenant's own name is the tenant.
async fn contributor(call: &Call<'_>, manage: &Manage, id: &str) -> Result<ContextKey, Box<Answer>> {
    let tenant = &call.issuer.tenant;
    let context = ContextId(format!("contributor/{id}"));
    match manage.contributor(tenant, &context, Access::Read).await {
        Err(Trouble::Unknown { .. }) if id == tenant.as_str() && manage.makes_all(tenant, Access::Read) => {
            Ok(ContextKey(0))
        }
        Err(Trouble::Unknown { .. }) => Err(bearer::refused(call, Reason::ObjectUnknown)),
        found => found.map_err(|trouble| told(call, &trouble.into())),
    }
}

fn shown(contributor: &str, execution: &Execution) -> Value {
    let state = STANDINGS.iter().find(|(_, standing)| *standing == execution.standing);
    let mut body = json!({
        "id": uuid::written(execution.id.as_str()),
        "extensionInstanceId": uuid::written(execution.installation.as_str()),
        "extensionId": execution.extension,
        "contributorId": contributor,
        "kind": kind(execution.kind),
        "state": state.map(|(name, _)| name),
        "attempts": execution.attempts,
    });
    if let Some(next_at) = execution.next_at {
        body["nextScheduledExecution"] = json!(date::write(next_at));
    }
    body
}

/// What a kind is called in this list, and nowhere else.
fn kind(kind: WebhookKind) -> &'static str {
    match kind {
        WebhookKind::Added => "extensionAddedToContext",
        WebhookKind::Removed => "instanceRemovedFromContext",
        WebhookKind::SecretRotated => "secretRotated",
        WebhookKind::Updated => "instanceUpdated",
    }
}

const STANDINGS: &[(&str, Standing)] = &[
    ("running", Standing::Running),
    ("queued", Standing::Waiting),
    ("halted", Standing::Paused),
    ("failed", Standing::Failed),
    ("successful", Standing::Delivered),
];
const FIELDS: &[(&str, By)] = &[("attempts", By::Attempts), ("nextScheduledExecution", By::Next)];
