//! Invitations: made, listed while nobody has used them, called back.

use std::collections::BTreeSet;

use doorward_core::admin::{Access, Area};
use doorward_core::id::{ContextId, RoleId};
use doorward_core::login::invitation;
use doorward_wire::text::{DisplayName, Email};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::Problem;
use super::super::route::{Answered, PAGED, Route};
use super::super::schema::{FieldError, wrong};
use super::super::shapes::{INVITATION, INVITED};
use super::one_more;
use crate::manage::{Invitation, InvitationRow};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/invitations",
        area: Area::Users,
        access: Access::Read,
        summary: "List the invitations that nobody has used yet, in the order in which they end",
        query: PAGED,
        request: None,
        answer: Answered::Page(&INVITED),
        run: |asked| Box::pin(list(asked)),
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
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/invitations/{id}",
        area: Area::Users,
        access: Access::Write,
        summary: "Call an invitation back: its link works no longer",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(withdraw(asked)),
    },
];

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
    let also = |made: &InvitationRow| asked.kept(&answer(made));
    let made = asked.manage.invite_and(Some(asked.tenant().0), wish, &also).await;
    Ok(answer(&asked.told(made).await?))
}

fn answer(made: &InvitationRow) -> Reply {
    Reply::plain(200, shown(made))
}

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let tenant = asked.tenant();
    let after = after.as_deref().and_then(invitation::key_of);
    let found = asked.manage.store().invitations(&tenant, after, one_more(limit)).await?;
    let rows = found.into_iter().map(|open| InvitationRow::of(&tenant, open));
    Ok(Reply::page(rows.map(|row| (row.id.clone(), shown(&row))).collect(), limit))
}

async fn withdraw(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let withdrawn = asked.manage.withdraw_invitation(Some(asked.tenant().0), asked.value(1)).await;
    asked.told(withdrawn).await?;
    Ok(Reply::nothing())
}

/// What is there of it.
fn shown(row: &InvitationRow) -> Value {
    let mut body = json!(row);
    if let Some(members) = body.as_object_mut() {
        members.remove("tenant");
        members.retain(|_, value| !value.is_null());
    }
    body
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
