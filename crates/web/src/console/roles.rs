//! Roles: what they let people do, and who has them.

use doorward_core::admin::{Access, Area};
use doorward_core::model::Role;
use doorward_core::permission::Permission;
use doorward_store::roles::Given;

use super::act;
use super::rows::{PAGE, PAGE_ROWS};
use super::visit::{Place, code, text, time};
use crate::page::view::console::{Bit, ConsolePage, Facts, Field, Input, Part, Section, Table};
use crate::render::Answer;

/// GET.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Roles, Access::Read) {
        return *answer;
    }
    let after = place.asked("after");
    let roles = match place.visit.call.app.store.roles_from(place.id(), after, PAGE_ROWS).await {
        Ok(roles) => roles,
        Err(fault) => return place.visit.fault(&fault),
    };
    let next = roles.last().filter(|_| roles.len() == PAGE);
    let more = next.map(|last| place.onward("console-next", "/roles", &[("after", last.id.as_str())]));
    let table = Table {
        id: "list",
        title: String::new(),
        columns: ["console-role", "field-name", "console-permissions", "console-since"]
            .map(|key| place.say(key))
            .into(),
        rows: roles
            .iter()
            .map(|role| {
                vec![
                    vec![place.link((Area::Roles, "roles"), role.id.as_str(), role.id.as_str())],
                    text(role.name.as_str()),
                    permissions(role),
                    time(Some(role.created_at)),
                ]
            })
            .collect(),
        empty: place.say("console-no-roles"),
        more: more.into_iter().collect(),
    };
    let mut parts = vec![Part::Table(table)];
    let make =
        [Field::line("id", place.say("console-id"), ""), Field::line("name", place.say("field-name"), "")];
    parts.extend(act::making(place, "role-make", make.into()));
    place.send(200, place.page(Some(Section::Roles), place.say("console-roles"), parts))
}

/// GET of one.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must(Area::Roles, Access::Read) {
        return *answer;
    }
    let store = &place.visit.call.app.store;
    let after = Given::read_holder(place.asked("after"));
    let found = async {
        let Some(role) = store.role(place.id(), &id.into()).await? else { return Ok(None) };
        let held = store.given_of_role(place.id(), role.key, after, PAGE_ROWS).await?;
        Ok(Some((role, held)))
    };
    let (role, held) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return place.visit.not_found(),
        Err(fault) => return place.visit.fault(&fault),
    };
    let mut parts = vec![Part::Facts(facts(place, &role))];
    let words: Vec<&str> = role.permissions.iter().map(Permission::as_str).collect();
    let field = Field {
        name: "permissions",
        label: place.say("console-permissions"),
        input: Input::Lines(words.join("\n")),
        hint: place.say("console-permissions-hint"),
    };
    parts.extend(act::form(place, "role-permissions", id, Some(role.version), vec![field]));
    parts.extend(act::links(place, &["role-edit", "role-remove"], id, Some(role.version)));
    if place.may(Area::Users, Access::Read) {
        let list = format!("/roles/{}", doorward_wire::percent::encode(id));
        let next = held.last().filter(|_| held.len() == PAGE);
        let more = next.map(|last| place.onward("console-next", &list, &[("after", &last.holder())]));
        parts.push(Part::Table(Table {
            id: "people",
            title: place.say("console-holders"),
            columns: ["console-person", "console-where", "console-since"].map(|key| place.say(key)).into(),
            rows: held
                .iter()
                .map(|given| {
                    let at = match &given.context {
                        None => Bit::Say(place.say("console-everywhere")),
                        Some(context) => {
                            place.link((Area::Contexts, "contexts"), context.as_str(), context.as_str())
                        }
                    };
                    vec![vec![place.user(given.user.as_str())], vec![at], time(Some(given.created_at))]
                })
                .collect(),
            empty: place.say("console-no-holders"),
            more: more.into_iter().collect(),
        }));
    }
    let page = place.page(Some(Section::Roles), role.name.clone(), parts);
    place.send(200, ConsolePage { trail: vec![place.trail(Section::Roles)], ..page })
}

fn facts(place: &Place<'_>, role: &Role) -> Facts {
    let factor = if role.requires_second_factor { "console-yes" } else { "console-no" };
    let mut rows = vec![(place.say("console-id"), code(role.id.as_str()))];
    if !role.description.is_empty() {
        rows.push((place.say("console-about"), text(role.description.as_str())));
    }
    rows.push((place.say("console-permissions"), permissions(role)));
    rows.push((place.say("console-second-factor"), vec![Bit::Say(place.say(factor))]));
    rows.push((place.say("console-since"), time(Some(role.created_at))));
    Facts { id: "role", title: place.say("console-role"), rows }
}

fn permissions(role: &Role) -> Vec<Bit> {
    role.permissions.iter().map(|permission| Bit::Code(permission.to_string())).collect()
}
