//! Help for people: links to sign in or to choose a new password, a new password at the next sign-in, a second factor that was lost, and
//! invitations.

use std::collections::BTreeSet;

use doorward_core::admin::{Access, Area};
use doorward_core::id::{ContextId, RoleId};
use doorward_wire::text::{DisplayName, Email};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, Route};
use super::super::schema::{FieldError, wrong};
use super::super::shapes::{INVITATION, INVITED, LINK};
use crate::manage::{Act, Invitation, Link};

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
    Route {
        method: "POST",
        path: "/tenants/{tenant}/invitations",
        area: Area::Users,
        access: Access::Write,
        summary: "Invite somebody, by mail or by a link that is shown once",
        query: &[],
        request: Some(&INVITATION),
        answer: Answered::One(&INVITED),
        run: |asked| Box::pin(invite(asked)),
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

async fn invite(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let body = asked.body();
    let by_mail = body["by_mail"].as_bool().unwrap_or_default();
    let mut errors = Vec::new();
    match asked.text("email").map(Email::parse) {
        Some(Err(error)) => errors.push(wrong("/email", &error.to_string())),
        None if by_mail => errors.push(wrong("/email", "is required for an invitation by mail")),
        _ => {}
    }
    if let Some(Err(error)) = asked.text("name").map(DisplayName::parse) {
        errors.push(wrong("/name", &error.to_string()));
    }
    let roles = roles(asked, &body, "", &mut errors).await?;
    let mut contexts = Vec::new();
    for (index, of) in body["contexts"].as_array().into_iter().flatten().enumerate() {
        let at = format!("/contexts/{index}");
        let context = ContextId(of["context"].as_str().unwrap_or_default().to_owned());
        if asked.manage.store().context(&asked.tenant(), &context).await?.is_none() {
            errors.push(wrong(&format!("{at}/context"), "there is no such context"));
        }
        contexts.push((context, self::roles(asked, of, &at, &mut errors).await?));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let wish = Invitation {
        email: asked.text("email").map(str::to_owned),
        name: asked.text("name").map(str::to_owned),
        by_mail,
        roles,
        contexts,
    };
    let told = |link: Option<&Link>| {
        let mut body = link.map_or_else(|| json!({}), shown);
        body["by_mail"] = json!(by_mail);
        Reply::plain(200, body)
    };
    let also = |link: Option<&Link>| asked.kept(&told(link));
    let made = asked.manage.invite_and(Some(asked.tenant().0), wish, &also).await;
    let link = asked.told(made).await?;
    Ok(told(link.as_ref()))
}

/// The roles that a member of a body names; of what there is not, an error.
async fn roles(
    asked: &Asked<'_>,
    of: &Value,
    at: &str,
    errors: &mut Vec<FieldError>,
) -> Result<BTreeSet<RoleId>, Problem> {
    let mut roles = BTreeSet::new();
    for (index, role) in of["roles"].as_array().into_iter().flatten().enumerate() {
        let role = RoleId(role.as_str().unwrap_or_default().to_owned());
        if asked.manage.store().role(&asked.tenant(), &role).await?.is_none() {
            errors.push(wrong(&format!("{at}/roles/{index}"), "there is no such role"));
        }
        roles.insert(role);
    }
    Ok(roles)
}

fn shown(link: &Link) -> Value {
    json!({ "url": link.url, "expires_at": link.expires_at })
}
