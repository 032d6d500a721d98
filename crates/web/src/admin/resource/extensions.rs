//! Extensions: configured like other objects, by whoever administers all of them or those of a contributor. Their way from a draft on, and
//! what their contributors propose, are acts.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::{CurrentTenant, Kind};
use doorward_core::id::{ContextId, ExtensionId};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::object::{self, Named};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::{CLIENT, DEPRECATION, EXTENSION};
use super::super::view::views;
use super::one_more;
use crate::manage::Trouble;

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/extensions",
        area: Area::Extensions,
        access: Access::Read,
        summary: "List the extensions of a tenant, or of contributors",
        query: PAGED,
        request: None,
        answer: Answered::Page(&EXTENSION),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Make an extension, and its client where there is none",
        query: &[],
        request: Some(&EXTENSION),
        answer: Answered::Made(&EXTENSION),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/extensions/{id}",
        area: Area::Extensions,
        access: Access::Read,
        summary: "Read an extension",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(async move { object::read(asked, &within(asked).await?).await }),
    },
    Route {
        method: "PUT",
        path: "/tenants/{tenant}/extensions/{id}",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Make or replace an extension; a manifest that was looked at is proposed by its contributor",
        query: &[],
        request: Some(&EXTENSION),
        answer: Answered::Put(&EXTENSION),
        run: |asked| Box::pin(async move { put(asked).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/extensions/{id}",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Change an extension; a manifest that was looked at is proposed by its contributor",
        query: &[],
        request: Some(&EXTENSION),
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(async move { object::patch(asked, &within(asked).await?).await }),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/extensions/{id}",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Remove an extension that is installed nowhere, with its client",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(async move { object::remove(asked, &within(asked).await?).await }),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/extensions/{id}/client",
        area: Area::Extensions,
        access: Access::Read,
        summary: "Read the client of an extension",
        query: &[],
        request: None,
        answer: Answered::One(&CLIENT),
        run: |asked| Box::pin(async move { object::read(asked, &client(asked).await?).await }),
    },
    Route {
        method: "PATCH",
        path: "/tenants/{tenant}/extensions/{id}/client",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Change redirect URIs, scopes and APIs of the client of an extension, as far as its manifest goes; of a draft also its name, its issuers and whether it takes codes",
        query: &[],
        request: Some(&CLIENT),
        answer: Answered::One(&CLIENT),
        run: |asked| Box::pin(async move { object::patch(asked, &client(asked).await?).await }),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/manifest/accept",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Let the manifest that its contributor proposes come into force; If-Match says which was looked at",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(proposed(asked, true)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/manifest/reject",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Drop the manifest that its contributor proposes",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(proposed(asked, false)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/verify",
        area: Area::Extensions,
        access: Access::Write,
        summary: "The platform has looked at an extension",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(becomes(asked, "verified")),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/publish",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Offer an extension to whoever may install one",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(becomes(asked, "published")),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/deprecate",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Let an extension be installed by nobody any more; what is installed goes on",
        query: &[],
        request: Some(&DEPRECATION),
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(becomes(asked, "deprecated")),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/withdraw",
        area: Area::Extensions,
        access: Access::Write,
        summary: "End an extension for good, in every installation",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(becomes(asked, "withdrawn")),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/suspend",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Stop an extension in every installation; what was issued is dead for good",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(suspended(asked, true)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/extensions/{id}/resume",
        area: Area::Extensions,
        access: Access::Write,
        summary: "Let an extension that was stopped work again",
        query: &[],
        request: None,
        answer: Answered::One(&EXTENSION),
        run: |asked| Box::pin(suspended(asked, false)),
    },
];

/// All of them, or those that the caller administers.
async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let (tenant, store) = (asked.tenant(), asked.manage.store());
    let (more, mut after) = (one_more(limit), after.unwrap_or_default());
    let mut of = CurrentTenant::alone(asked.known_tenant()?);
    loop {
        let page = store.extensions_from(&tenant, &after, more).await?;
        let is_last = page.len() <= limit;
        after = page.last().map_or(after, |last| last.id.0.clone());
        for found in page {
            if of.extensions.len() <= limit && asked.manage.makes(&tenant, &found, Access::Read).await? {
                of.extensions.push(found);
            }
        }
        if is_last || of.extensions.len() > limit {
            break;
        }
    }
    let found = views(&of, Kind::Extension, store.now());
    Ok(Reply::page(found.into_iter().map(|view| (view.id, view.body)).collect(), limit))
}

async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.text("id").unwrap_or_default().to_owned();
    may_make(asked).await?;
    object::make(asked, &Named::called(asked, Kind::Extension, id), asked.body()).await
}

fn named(asked: &Asked<'_>) -> Named {
    Named::of(asked, Kind::Extension)
}

/// The same extension further on its way.
async fn becomes(asked: &Asked<'_>, state: &'static str) -> Result<Reply, Problem> {
    let day = asked.text("deprecated_on").map(str::to_owned);
    act(asked, move |wanted| {
        if wanted["state"] == state && day.is_none() {
            return Ok(());
        }
        wanted["state"] = json!(state);
        if let Some(day) = &day {
            wanted["deprecated_on"] = json!(day);
        }
        Ok(())
    })
    .await
}

async fn suspended(asked: &Asked<'_>, is_so: bool) -> Result<Reply, Problem> {
    act(asked, move |wanted| {
        wanted["suspended"] = json!(is_so);
        Ok(())
    })
    .await
}

/// What its contributor proposes is taken over, or dropped.
async fn proposed(asked: &Asked<'_>, is_taken: bool) -> Result<Reply, Problem> {
    // To take it over is to change what is in force: who may only propose that may not.
    let tenant = asked.tenant();
    asked.told(asked.manage.allow(&tenant, Area::Extensions, Access::Write)).await?;
    act(asked, move |wanted| {
        let Some(wish) = wanted.get("proposed").cloned() else {
            return Err(Trouble::Refused("nothing is proposed"));
        };
        // What is proposed and in force is no proposal any more.
        if is_taken {
            wanted["manifest"] = wish;
            wanted.as_object_mut().map(|members| members.remove("manifest_version"));
        } else {
            wanted["proposed"] = wanted["manifest"].clone();
        }
        Ok(())
    })
    .await
}

async fn act(
    asked: &Asked<'_>,
    change: impl Fn(&mut Value) -> Result<(), Trouble>,
) -> Result<Reply, Problem> {
    object::act(asked, &within(asked).await?, change).await
}

/// Its client.
async fn client(asked: &Asked<'_>) -> Result<Named, Problem> {
    let of = within(asked).await?;
    Ok(Named { kind: Kind::Client, path: format!("{}/client", of.path), ..of })
}

/// One that is there is replaced; where there is none, one is made by whoever administers extensions there.
async fn put(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = ExtensionId(asked.value(1).to_owned());
    match asked.manage.store().extension(&asked.tenant(), &id).await? {
        Some(_) => object::put(asked, &within(asked).await?).await,
        None => {
            may_make(asked).await?;
            object::put(asked, &named(asked)).await
        }
    }
}

/// A contributor that the caller does not make extensions for is not there for them.
async fn may_make(asked: &Asked<'_>) -> Result<(), Problem> {
    let tenant = asked.tenant();
    if asked.manage.makes_all(&tenant, Access::Write) {
        return Ok(());
    }
    let contributor = ContextId(asked.text("contributor").unwrap_or_default().to_owned());
    asked.manage.contributor(&tenant, &contributor, Access::Write).await?;
    Ok(())
}

/// The extension that the path names, with who makes it: what the caller may do is told by where that is. One that they do not administer
/// is not there for them.
async fn within(asked: &Asked<'_>) -> Result<Named, Problem> {
    let id = ExtensionId(asked.value(1).to_owned());
    let found = asked.manage.extension(&asked.tenant(), &id, asked.route.access).await?;
    Ok(Named { with: found.contributor.map(|id| id.0).into_iter().collect(), ..named(asked) })
}
