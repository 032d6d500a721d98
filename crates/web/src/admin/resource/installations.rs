//! Installations: configured like other objects, by whoever administers all of them or those in a context, and switched off and on.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{CurrentTenant, Kind};
use doorward_core::id::{ContextId, ContextKey, ExtensionId, InstallationId};
use doorward_core::model::Installation;
use doorward_store::history::EventFilter;
use serde_json::{Value, json};
use std::collections::HashMap;

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, Query, Route};
use super::super::shapes::{EVENT, INSTALLATION};
use super::super::view::views;
use super::{events, one_more};
use crate::manage::{Found, SUSPENDED, Trouble};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/installations",
        area: Area::Installations,
        access: Access::Read,
        summary: "List where extensions are installed",
        query: LIST,
        request: None,
        answer: Answered::Page(&INSTALLATION),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations",
        area: Area::Installations,
        access: Access::Write,
        summary: "Install an extension",
        query: &[],
        request: Some(&INSTALLATION),
        answer: Answered::Made(&INSTALLATION),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/installations/{id}",
        area: Area::Installations,
        access: Access::Read,
        summary: "Read an installation",
        query: &[],
        request: None,
        answer: Answered::One(&INSTALLATION),
        run: |asked| Box::pin(async move { object::read(asked, &named(asked).await?).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/installations/{id}",
        area: Area::Installations,
        access: Access::Write,
        summary: "Replace what was consented to, variant, settings and state of an installation",
        query: &[],
        request: Some(&INSTALLATION),
        answer: Answered::Put(&INSTALLATION),
        run: |asked| Box::pin(async move { object::put(asked, &named(asked).await?).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/installations/{id}",
        area: Area::Installations,
        access: Access::Write,
        summary: "Change an installation",
        query: &[],
        request: Some(&INSTALLATION),
        answer: Answered::One(&INSTALLATION),
        run: |asked| Box::pin(async move { object::patch(asked, &named(asked).await?).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/installations/{id}",
        area: Area::Installations,
        access: Access::Write,
        summary: "Remove an installation: nothing of it works any more",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &named(asked).await?).await }),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/disable",
        area: Area::Installations,
        access: Access::Write,
        summary: "Switch an installation off, as its members do",
        query: &[],
        request: None,
        answer: Answered::One(&INSTALLATION),
        run: |asked| Box::pin(switched(asked, "disabled", true)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/enable",
        area: Area::Installations,
        access: Access::Write,
        summary: "Switch an installation on that its members switched off",
        query: &[],
        request: None,
        answer: Answered::One(&INSTALLATION),
        run: |asked| Box::pin(switched(asked, "disabled", false)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/suspend",
        area: Area::Installations,
        access: Access::Write,
        summary: "Switch an installation off, as the platform does; members cannot switch it on",
        query: &[],
        request: None,
        answer: Answered::One(&INSTALLATION),
        run: |asked| Box::pin(switched(asked, "suspended", true)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/resume",
        area: Area::Installations,
        access: Access::Write,
        summary: "Give an installation back to its members as they left it",
        query: &[],
        request: None,
        answer: Answered::One(&INSTALLATION),
        run: |asked| Box::pin(switched(asked, "suspended", false)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/installations/{id}/events",
        area: Area::Installations,
        access: Access::Read,
        summary: "Read the audit trail of an installation",
        query: events::LIST,
        request: None,
        answer: Answered::Page(&EVENT),
        run: |asked| Box::pin(trail(asked)),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (after, more) = (after.unwrap_or_default(), one_more(limit));
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let of = match asked.param("extension") {
        None => None,
        Some(id) => {
            let found = store.extension(&tenant, &ExtensionId(id.to_owned())).await?;
            // What is not there has no installations.
            let Some(found) = found else { return Ok(Reply::page(Vec::new(), limit)) };
            Some(found.key)
        }
    };
    let is_wide = asked.manage.allow(&tenant, Area::Installations, Access::Read).is_ok();
    let found = match asked.param("context") {
        Some(context) => {
            let key = context_key(asked, &ContextId(context.to_owned()), is_wide).await?;
            match of {
                None => store.installations_in(&tenant, key, &after, more).await?,
                Some(of) => {
                    let found = store.installation_at(&tenant, of, key).await?;
                    found.into_iter().filter(|row| row.id.0 > after).collect()
                }
            }
        }
        None if is_wide => match of {
            None => store.installations_from(&tenant, &after, more).await?,
            Some(of) => store.installations_of(&tenant, of, &after, more).await?,
        },
        None => asked.manage.own_installations(&tenant, of, (&after, more)).await?,
    };
    let shown = shown(asked, &found)?;
    Ok(Reply::page(shown, limit))
}

/// The key of a context that is asked about. One out of reach is not there.
async fn context_key(asked: &Asked<'_>, id: &ContextId, is_wide: bool) -> Result<ContextKey, Problem> {
    let tenant = asked.tenant();
    if is_wide && id.0.strip_prefix("tenant/") == Some(tenant.as_str()) {
        return Ok(ContextKey(0));
    }
    let unknown = || Problem::not_found("context");
    let (context, place) = asked.manage.place(&tenant, id).await?.ok_or_else(unknown)?;
    let rights = &asked.caller.rights;
    rights.allow_in(&tenant, (Area::Installations, Access::Read), &place).map_err(|_| unknown())?;
    Ok(context.key)
}

/// As they are shown, in the order in which they were found.
fn shown(asked: &Asked<'_>, found: &[Installation]) -> Result<Vec<(String, Value)>, Problem> {
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    of.installations = found.to_vec();
    let bodies = views(&of, Kind::Installation, asked.manage.store().now());
    let mut bodies: HashMap<String, Value> = bodies.into_iter().map(|view| (view.id, view.body)).collect();
    let name = |row: &Installation| format!("{} in {}", row.extension_id, row.context_id);
    Ok(found.iter().filter_map(|row| Some((row.id.0.clone(), bodies.remove(&name(row))?))).collect())
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let text = |member: &str| asked.text(member).unwrap_or_default().to_owned();
    let (extension, context) = (text("extension"), text("context"));
    let what = (&ExtensionId(extension.clone()), &ContextId(context.clone()));
    if !asked.manage.may_install(&asked.tenant(), what).await? {
        return Err(Problem::not_found("extension or context"));
    }
    object::make(asked, &called(asked, "", &extension, &context), asked.body()).await
}

/// The installation that the path names.
pub(super) async fn found(asked: &Asked<'_>) -> Result<Found, Problem> {
    let id = InstallationId(asked.value(1).to_owned());
    Ok(asked.manage.installation(&asked.tenant(), &id, asked.route.access).await?)
}

async fn named(asked: &Asked<'_>) -> Result<Named, Problem> {
    let row = found(asked).await?.installation;
    Ok(called(asked, row.id.as_str(), row.extension_id.as_str(), row.context_id.as_str()))
}

fn called(asked: &Asked<'_>, id: &str, extension: &str, context: &str) -> Named {
    Named {
        tenant: asked.tenant(),
        kind: Kind::Installation,
        id: format!("{extension} in {context}"),
        with: vec![extension.to_owned(), context.to_owned()],
        path: object::path(&asked.tenant(), Kind::Installation, id),
    }
}

async fn switched(asked: &Asked<'_>, switch: &'static str, is_so: bool) -> Result<Reply, Problem> {
    let change = move |wanted: &mut Value| {
        let enables = switch == "disabled" && !is_so;
        if enables && wanted["suspended"] == true {
            return Err(Trouble::Refused(SUSPENDED));
        }
        wanted[switch] = json!(is_so);
        Ok(())
    };
    object::act(asked, &named(asked).await?, change).await
}

async fn trail(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?.installation;
    events::page(asked, EventFilter { installation: Some(row.id), ..EventFilter::default() }).await
}

const LIST: &[Query] = &[
    Query { name: "limit", about: "how many at most: 1 to 200, 50 when absent" },
    Query { name: "after", about: "where to go on: `next` of the page before" },
    Query { name: "extension", about: "only those of this extension" },
    Query { name: "context", about: "only those in this context, not below it" },
];
