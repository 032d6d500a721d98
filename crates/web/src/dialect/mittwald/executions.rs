//! What became of all that the extensions of a contributor are told.

use doorward_core::Reason;
use doorward_core::admin::Access;
use doorward_core::desired::date;
use doorward_core::id::{ContextId, ContextKey};
use doorward_core::model::WebhookKind;
use doorward_store::webhooks::{By, Execution, Sought, Standing};
use doorward_wire::percent;
use http::HeaderName;
use serde_json::{Value, json};

use super::ask::{relay, segment, told};
use super::query::Query;
use super::{answer, bearer, own, uuid};
use crate::app::Call;
use crate::dialect::Own;
use crate::manage::{Manage, Trouble};
use crate::render::{self, Answer};

/// GET `/v2/contributors/{c}/webhook-executions`.
pub const LIST: Own = own(
    "mittwald.webhook_executions",
    "What the extensions of a contributor were told, or will be, and how that went.",
    |call| Box::pin(answer(list(call))),
);

async fn list(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let relay = relay(call, "GET", "/extensions").await?;
    let manage = relay.manage().await.map_err(|problem| told(call, &problem))?;
    let id = percent::decode(segment(call, 3).as_bytes()).unwrap_or_default();
    let contributor = contributor(call, &manage, &id).await?;
    let query = Query::of(call, &["state", "sort", "order"])?;
    let (limit, skip) = page(&query)?;
    let sought = Sought {
        contributor,
        extension: query.text("extensionId").map(Into::into),
        installation: query.text("extensionInstanceId").map(|id| uuid::installation(id).into_owned().into()),
        standings: query.words("state", STANDINGS)?,
        order: order(&query)?,
        limit,
        skip,
    };
    let found = manage.store().webhook_executions(&call.issuer.tenant, &sought).await;
    let (found, total) = found.map_err(|fault| told(call, &fault.into()))?;
    let shown: Vec<Value> = found.iter().map(|execution| shown(&id, execution)).collect();
    let mut answer = render::json(200, &shown);
    // A page of nothing is the first one.
    let page = skip.checked_div(limit).unwrap_or_default();
    for (name, value) in [(LIMIT, limit), (SKIP, skip), (PAGE, page), (TOTAL, total)] {
        answer.headers_mut().insert(name, value.into());
    }
    Ok(answer)
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

/// How many at most, and how many are left out before them. Pages are counted from 0.
fn page(query: &Query<'_, '_>) -> Result<(i64, i64), Box<Answer>> {
    let limit = query.number("limit")?.map_or(USUAL, |limit| limit.min(MOST));
    let page = query.number("page")?.unwrap_or_default();
    let skip = query.number("skip")?.unwrap_or_else(|| page.saturating_mul(limit));
    Ok((limit, skip))
}

/// What comes first: the fields that were named, each in its order; falling where none was said.
fn order(query: &Query<'_, '_>) -> Result<Vec<(By, bool)>, Box<Answer>> {
    let mut fields = query.words("sort", FIELDS)?;
    let mut falls = query.words("order", ORDERS)?.into_iter();
    if fields.is_empty() {
        fields.push(By::Next);
    }
    Ok(fields.into_iter().map(|field| (field, falls.next().unwrap_or(true))).collect())
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
const ORDERS: &[(&str, bool)] = &[("asc", false), ("desc", true)];
/// How many are told where nothing is said, and at most.
const USUAL: i64 = 50;
const MOST: i64 = 1000;
const LIMIT: HeaderName = HeaderName::from_static("x-pagination-limit");
const SKIP: HeaderName = HeaderName::from_static("x-pagination-skip");
const PAGE: HeaderName = HeaderName::from_static("x-pagination-page");
const TOTAL: HeaderName = HeaderName::from_static("x-pagination-totalcount");
