//! One call for incidents: everything of something is ended, and the answer says how much that was.

use doorward_core::admin::{Access, Area};
use doorward_core::id::{ContextId, ExtensionId};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, Route, Run};
use super::super::shapes::INCIDENT;
use crate::manage::{Incident, Receipt, Wish};

/// The routes.
pub const ROUTES: &[Route] = &[
    route(
        "/tenants/{tenant}/contexts/{type}/{id}/incident",
        (Area::Extensions, "End everything of every extension that is made there"),
        |asked| {
            let id = format!("{}/{}", asked.value(1), asked.value(2));
            Box::pin(end(asked, Incident::Contributor(ContextId(id))))
        },
    ),
    route(
        "/tenants/{tenant}/extensions/{id}/incident",
        (Area::Extensions, "End everything of an extension"),
        |asked| Box::pin(end(asked, Incident::Extension(ExtensionId(asked.value(1).to_owned())))),
    ),
    route(
        "/tenants/{tenant}/installations/{id}/incident",
        (Area::Installations, "End everything of an installation"),
        |asked| Box::pin(end(asked, Incident::Installation(asked.value(1).into()))),
    ),
    route(
        "/tenants/{tenant}/keys/{id}/incident",
        (Area::Keys, "Withdraw a signing key, with a receipt"),
        |asked| Box::pin(end(asked, Incident::Key(asked.value(1).to_owned()))),
    ),
    route(
        "/tenants/{tenant}/users/{id}/incident",
        (Area::Users, "End everything of a person, and lock them"),
        |asked| Box::pin(of_person(asked)),
    ),
];

const fn route(path: &'static str, (area, summary): (Area, &'static str), run: Run) -> Route {
    Route {
        method: "POST",
        path,
        area,
        access: Access::Write,
        summary,
        query: &[],
        request: Some(&INCIDENT),
        answer: Answered::One(&INCIDENT),
        run,
    }
}

async fn of_person(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.person(asked.value(1)).await?;
    end(asked, Incident::User(id.0)).await
}

async fn end(asked: &Asked<'_>, incident: Incident) -> Result<Reply, Problem> {
    let dry_run = asked.body.as_ref().and_then(|body| body.get("dry_run")).and_then(Value::as_bool);
    let wish = Wish { reason: asked.text("reason").map(str::to_owned), dry_run: dry_run.unwrap_or_default() };
    let also = |receipt: &Receipt| asked.kept(&shown(receipt));
    let ended = asked.manage.end_everything(&asked.tenant(), &incident, &wish, &also).await;
    Ok(shown(&asked.told(ended).await?))
}

fn shown(receipt: &Receipt) -> Reply {
    Reply::plain(200, json!(receipt))
}
