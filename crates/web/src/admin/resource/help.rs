//! Help for people: links to sign in or to choose a new password, a new password at the next sign-in, a second factor that was lost.

use doorward_core::admin::{Access, Area};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, Route};
use super::super::shapes::LINK;
use crate::manage::{Act, Link};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/tenants/{tenant}/users/{id}/reset-link",
        area: Area::Users,
        access: Access::Write,
        summary: "Make a link by which a person chooses a new password",
        query: &[],
        request: None,
        answer: Answered::One(&LINK),
        run: |asked| Box::pin(help(asked, Act::ResetLink)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/users/{id}/sign-in-link",
        area: Area::Users,
        access: Access::Write,
        summary: "Make a link that signs a person in",
        query: &[],
        request: None,
        answer: Answered::One(&LINK),
        run: |asked| Box::pin(help(asked, Act::SignInLink)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/users/{id}/require-password",
        area: Area::Users,
        access: Access::Write,
        summary: "Let a person choose a new password at their next sign-in",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(help(asked, Act::RequirePassword)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/users/{id}/second-factor",
        area: Area::Users,
        access: Access::Write,
        summary: "Take a person's second factor away, and their recovery codes",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(reset_factor(asked)),
    },
];

/// Does it for the person of the path.
pub(super) async fn help(asked: &Asked<'_>, act: Act) -> Result<Reply, Problem> {
    let id = asked.person(asked.value(1)).await?;
    let also = |link: Option<&Link>| asked.kept(&answer(link));
    let made = asked.manage.help_and(Some(asked.tenant().0), id.as_str(), act, &also).await;
    let link = asked.told(made).await?;
    Ok(answer(link.as_ref()))
}

/// The link; nothing where none was made.
fn answer(link: Option<&Link>) -> Reply {
    link.map_or_else(Reply::nothing, |link| Reply::plain(200, shown(link)))
}

async fn reset_factor(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let id = asked.person(asked.value(1)).await?;
    let reset = asked.manage.reset_factor(Some(asked.tenant().0), id.as_str()).await;
    let (_, had_factor) = asked.told(reset).await?;
    if had_factor { Ok(Reply::nothing()) } else { Err(Problem::not_found("second factor")) }
}

fn shown(link: &Link) -> Value {
    json!({ "url": link.url, "expires_at": link.expires_at })
}
