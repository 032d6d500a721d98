//! The instances in the projects and customers that somebody administers, by pages.

use std::cmp::Ordering;
use std::collections::HashMap;

use doorward_core::admin::{Access, Area, Rights};
use doorward_core::desired::date;
use doorward_core::id::{ContextId, ExtensionId};
use doorward_core::model::Installation;
use doorward_store::Fault;
use serde_json::{Value, json};

use super::ask::{relay, told};
use super::instances::KINDS;
use super::member::wrong;
use super::query::Query;
use super::uuid;
use crate::app::Call;
use crate::manage::Manage;
use crate::render::Answer;

/// GET `/v2/extension-instances`.
pub async fn list(call: &Call<'_>) -> Result<Answer, Box<Answer>> {
    let relay = relay(call, "GET", "/installations").await?;
    let manage = relay.manage().await.map_err(|problem| told(call, &problem))?;
    let query = Query::of(call, &["sort", "order"])?;
    let (page, order) = (query.page()?, query.order(FIELDS, By::Created)?);
    let mut found = found(call, &manage, &relay.caller.rights, &query).await?;
    let failed = |fault: Fault| told(call, &fault.into());
    let of = extensions(call, &found).await.map_err(failed)?;
    let name = |row: &Installation| of.get(&row.extension_id).map_or("", |of| of.name.as_str());
    if let Some(term) = query.text("searchTerm").map(str::to_lowercase) {
        found.retain(|row| name(row).to_lowercase().contains(&term));
    }
    found.sort_by(|a, b| {
        let by = |(field, falls): &(By, bool)| {
            let rises = match field {
                By::Created => a.created_at.cmp(&b.created_at),
                By::Extension => a.extension_id.cmp(&b.extension_id),
                By::Name => name(a).cmp(name(b)),
            };
            if *falls { rises.reverse() } else { rises }
        };
        order.iter().map(by).fold(Ordering::Equal, Ordering::then).then_with(|| a.id.cmp(&b.id))
    });
    let mut shown = Vec::new();
    for row in page.of(&found) {
        if let Some(of) = of.get(&row.extension_id) {
            shown.push(instance(call, row, of).await.map_err(failed)?);
        }
    }
    Ok(page.told(&shown, i64::try_from(found.len()).unwrap_or(i64::MAX)))
}

/// What was asked for of that which the caller administers. What they do not is not there.
async fn found(
    call: &Call<'_>,
    manage: &Manage,
    rights: &Rights,
    query: &Query<'_, '_>,
) -> Result<Vec<Installation>, Box<Answer>> {
    let (tenant, store) = (&call.issuer.tenant, manage.store());
    let failed = |fault: Fault| told(call, &fault.into());
    let of = match query.text("extensionId") {
        None => None,
        Some(id) => match store.extension(tenant, &id.into()).await.map_err(failed)? {
            Some(found) => Some(found.key),
            None => return Ok(Vec::new()),
        },
    };
    let kind = query.words("context", &KINDS.map(|kind| (kind, kind)))?.pop();
    let id = query.text("contextId");
    let mut found = match (kind, id) {
        (Some(kind), Some(id)) => {
            let place = manage.place(tenant, &ContextId(format!("{kind}/{id}"))).await;
            let place = place.map_err(|trouble| told(call, &trouble.into()))?;
            let area = (Area::Installations, Access::Read);
            match place.filter(|(_, place)| rights.allow_in(tenant, area, place).is_ok()) {
                Some((context, _)) => {
                    store.installations_in(tenant, context.key, "", i64::MAX).await.map_err(failed)?
                }
                None => Vec::new(),
            }
        }
        _ if rights.allow(tenant, Area::Installations, Access::Read).is_ok() => {
            let what = "is required, and context, where somebody administers the whole tenant";
            return Err(wrong(call, "contextId", "required", what));
        }
        _ => {
            let own = manage.own_installations(tenant, of, ("", i64::MAX)).await;
            own.map_err(|trouble| told(call, &trouble.into()))?
        }
    };
    found.retain(|row| {
        let (of_kind, named) = place(row);
        KINDS.contains(&of_kind)
            && kind.is_none_or(|kind| kind == of_kind)
            && id.is_none_or(|id| id == named)
            && of.is_none_or(|of| of == row.extension)
    });
    Ok(found)
}

/// What is told of an extension beside its id.
struct Of {
    name: String,
    contributor: String,
    contributor_name: String,
}

/// The extensions of these.
async fn extensions(call: &Call<'_>, found: &[Installation]) -> Result<HashMap<ExtensionId, Of>, Fault> {
    let (tenant, store) = (&call.tenant.tenant, &call.app.store);
    let mut known = HashMap::new();
    for id in found.iter().map(|row| &row.extension_id) {
        if known.contains_key(id) {
            continue;
        }
        let Some(extension) = store.extension(&tenant.id, id).await? else { continue };
        let (contributor, contributor_name) = match &extension.contributor {
            None => (tenant.id.to_string(), tenant.name.clone()),
            Some(maker) => {
                let id = maker.0.split_once('/').map_or(maker.as_str(), |(_, id)| id).to_owned();
                let context = store.context(&tenant.id, maker).await?;
                (id.clone(), context.map_or(id, |context| context.name))
            }
        };
        known.insert(id.clone(), Of { name: extension.manifest.name.clone(), contributor, contributor_name });
    }
    Ok(known)
}

async fn instance(call: &Call<'_>, row: &Installation, of: &Of) -> Result<Value, Fault> {
    let (kind, id) = place(row);
    let line = call.app.store.webhook_queue(&row.tenant, &row.id).await?;
    let mut shown = json!({
        "id": uuid::written(row.id.as_str()),
        "aggregateReference": { "aggregate": kind, "domain": kind, "id": id },
        "extensionId": row.extension_id,
        "extensionName": of.name,
        "contributorId": of.contributor,
        "contributorName": of.contributor_name,
        "consentedScopes": row.scopes.iter().collect::<Vec<_>>(),
        "createdAt": date::write(row.created_at),
        "disabled": row.life.as_str() != "enabled",
        // It is there, or gone, at once.
        "pendingInstallation": false,
        "pendingRemoval": false,
        "webhookExecutionHalted": line.as_ref().is_some_and(|line| line.paused_at.is_some()),
        // Nothing is charged here.
        "chargeability": {
            "isChargeable": false,
            "reasons": { "isNonChargeableCustomer": false, "isOwnExtension": false },
        },
    });
    if let Some(variant) = &row.variant {
        shown["variantKey"] = json!(variant);
    }
    if let Some(due_at) = line.filter(|line| line.paused_at.is_none()).and_then(|line| line.due_at) {
        shown["nextScheduledWebhookExecution"] = json!(date::write(due_at));
    }
    Ok(shown)
}

/// Where it is installed: of which kind that is, and its id.
fn place(row: &Installation) -> (&str, &str) {
    row.context_id.0.split_once('/').unwrap_or_default()
}

/// By what instances are ordered.
#[derive(Clone, Copy)]
enum By {
    Created,
    Extension,
    Name,
}

const FIELDS: &[(&str, By)] =
    &[("createdAt", By::Created), ("extensionId", By::Extension), ("extensionName", By::Name)];
