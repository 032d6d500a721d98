//! People: by the names they sign in with.

use doorward_core::admin::{Access, Area};
use doorward_core::login::invitation;
use doorward_core::model::User;
use doorward_wire::text::{Email, UserName};

use doorward_store::Fault;

use super::act;
use super::person::{MOST_OFFERED, role_choices};
use super::rows::{PAGE, PAGE_ROWS, user_state, who};
use super::visit::{Place, text, time};
use crate::page::view::console::{Bit, Choice, Field, Form, Input, Link, Part, Section, Table};
use crate::render::{self, Answer};

/// GET: those whose name or address begins as is asked, from one on.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Users, Access::Read) {
        return *answer;
    }
    let store = &place.visit.call.app.store;
    let (typed, after) = (place.asked("q"), Some(place.asked("after")).filter(|after| !after.is_empty()));
    if typed.starts_with("usr_") {
        match store.user(place.id(), &typed.into()).await {
            Ok(Some(found)) => return render::see_other(&absolute(place, found.user.id.as_str())),
            Ok(None) => {}
            Err(fault) => return place.visit.fault(&fault),
        }
    }
    let prefix = canonical(typed);
    let people = match store.users_named(place.id(), &prefix, after.unwrap_or_default(), PAGE_ROWS).await {
        Ok(people) => people,
        Err(fault) => return place.visit.fault(&fault),
    };
    let next = people.last().filter(|_| people.len() == PAGE);
    let mut more: Vec<Link> = Vec::new();
    if after.is_some() {
        more.push(place.onward("console-first", "/users", &[("q", typed)]));
    }
    more.extend(next.map(|(key, _)| place.onward("console-next", "/users", &[("q", typed), ("after", key)])));
    let search = Form {
        fields: vec![Field::line("q", place.say("console-people-find"), typed)],
        ..Form::ask("people", place.path("/users"), place.say("console-find-button"))
    };
    let table = Table {
        id: "list",
        title: String::new(),
        columns: ["field-username", "field-name", "field-email", "console-state", "console-since"]
            .map(|key| place.say(key))
            .into(),
        rows: people.iter().map(|(_, found)| row(place, &found.user)).collect(),
        empty: place.say("console-no-people"),
        more,
    };
    let mut parts = vec![Part::Form(search), Part::Table(table)];
    parts.extend(act::links(place, &["user-make"], "", None));
    match invite(place).await {
        Ok(form) => parts.extend(form),
        Err(fault) => return place.visit.fault(&fault),
    }
    match invitations(place).await {
        Ok(table) => parts.extend(table),
        Err(fault) => return place.visit.fault(&fault),
    }
    place.send(200, place.page(Some(Section::People), place.say("console-people"), parts))
}

/// The form that invites somebody, for who may.
async fn invite(place: &Place<'_>) -> Result<Option<Part>, Fault> {
    if !place.may(Area::Users, Access::Write) {
        return Ok(None);
    }
    let call = place.visit.call;
    let roles = call.app.store.roles_from(place.id(), "", MOST_OFFERED as i64 + 1).await?;
    let choice = |value: &str, key, chosen| Choice { value: value.to_owned(), label: place.say(key), chosen };
    let mut ways = vec![choice("link", "console-invite-link", !call.sends_mail())];
    if call.sends_mail() {
        ways.push(choice("mail", "console-invite-mail", true));
    }
    let field = |name, key, input, hint: Option<&str>| Field {
        name,
        label: place.say(key),
        input,
        hint: hint.map(|key| place.say(key)).unwrap_or_default(),
    };
    let line = || Input::Line(String::new());
    let mut fields = vec![
        field("email", "field-email", line(), Some("console-invite-email-hint")),
        field("name", "field-name", line(), None),
        field("way", "console-invite-way", Input::Select(ways), None),
    ];
    // Where there are too many for a form, the API is the way.
    if (1..=MOST_OFFERED).contains(&roles.len()) {
        fields.push(field("role", "console-roles", role_choices(&roles, |_| false), None));
    }
    if place.may(Area::Contexts, Access::Write) {
        fields.push(field("context", "console-context", line(), Some("console-invite-context-hint")));
        fields.push(field("context_roles", "console-context-roles", line(), None));
    }
    Ok(act::form(place, "invite", "", None, fields))
}

/// The invitations that nobody has used yet, those that end first at the top; none where there are none.
async fn invitations(place: &Place<'_>) -> Result<Option<Part>, Fault> {
    let after = invitation::key_of(place.asked("invited_after"));
    let found = place.visit.call.app.store.invitations(place.id(), after, PAGE_ROWS).await?;
    let next = found.last().filter(|_| found.len() == PAGE).map(|last| invitation::id_of(last.key));
    let more: Vec<Link> =
        next.iter().map(|id| place.onward("console-next", "/users", &[("invited_after", id)])).collect();
    let rows: Vec<_> = found
        .into_iter()
        .map(|open| {
            let invited = open.invited;
            let role = |id: &str| place.link((Area::Roles, "roles"), id, id);
            let context = |id: &str| place.link((Area::Contexts, "contexts"), id, id);
            let roles = invited.roles.iter().map(|(_, id)| role(id.as_str()));
            let contexts = invited.contexts.iter().map(|to| context(to.id.as_str()));
            vec![
                invited.email.or(invited.name).map(Bit::Text).into_iter().collect(),
                roles.chain(contexts).collect(),
                invited.by.iter().flat_map(|by| who(place, by)).collect(),
                time(invited.made_at),
                time(Some(open.expires_at)),
                act::of_row(place, "invitation-withdraw", &invitation::id_of(open.key), &[]),
            ]
        })
        .collect();
    let table = Table {
        id: "invitations",
        title: place.say("console-invitations"),
        columns: [
            "console-person",
            "console-invited-to",
            "console-who",
            "console-since",
            "console-until",
            "console-acts",
        ]
        .map(|key| place.say(key))
        .into(),
        rows,
        empty: String::new(),
        more,
    };
    Ok((!table.rows.is_empty()).then_some(Part::Table(table)))
}

fn row(place: &Place<'_>, user: &User) -> Vec<Vec<Bit>> {
    vec![
        vec![place.link((Area::Users, "users"), user.id.as_str(), &user.user_name)],
        text(user.display_name()),
        user.email.iter().map(|email| Bit::Text(email.clone())).collect(),
        user_state(place, user),
        time(Some(user.created_at)),
    ]
}

/// What was typed in the form that names are compared in; a beginning that is no name by itself as small letters.
pub fn canonical(typed: &str) -> String {
    let name = UserName::parse(typed).map(|name| name.key().to_owned());
    let email = Email::parse(typed).map(|email| email.key().to_owned());
    email.or(name).unwrap_or_else(|_| typed.to_lowercase())
}

/// Where a person's page is.
pub fn absolute(place: &Place<'_>, id: &str) -> String {
    format!("{}{}", place.visit.call.issuer.origin(), place.of("users", id))
}
