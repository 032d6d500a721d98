//! Rows that several pages show: events, grants, states.

use doorward_core::Timestamp;
use doorward_core::admin::Area;
use doorward_core::desired::date;
use doorward_core::model::{Actor, Client, Grant, User};
use doorward_store::events::Numbered;
use serde_json::Value;

use super::visit::{Place, code, text, time};
use crate::page::view::console::{Bit, Cell, Link, Table, Tone};

/// Characters of an event's details.
const MOST_SHOWN: usize = 120;
/// Members of a change that are shown.
const MOST_CHANGES: usize = 6;
/// Rows of one page of a list.
pub const PAGE: usize = 50;
/// The same.
pub const PAGE_ROWS: i64 = 50;
/// Rows of a list that stands on the page of something else.
pub const FEW: usize = 10;
/// The same.
pub const FEW_ROWS: i64 = 10;

/// A table of events.
pub fn events(place: &Place<'_>, title: String, events: &[Numbered], more: Vec<Link>) -> Table {
    Table {
        id: "events",
        title,
        columns: [
            "console-when-utc",
            "console-what",
            "console-who",
            "console-person",
            "console-client",
            "console-more",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: events.iter().map(|found| event(place, found)).collect(),
        empty: place.say("console-no-events"),
        more,
    }
}

/// Who did something.
pub fn who(place: &Place<'_>, actor: &Actor) -> Cell {
    match actor {
        Actor::Client(id) => vec![place.client(id.as_str())],
        Actor::User(id) => vec![place.user(id.as_str())],
        Actor::Operator => vec![Bit::Say(place.say("console-operator"))],
        Actor::Server => vec![Bit::Say(place.say("console-server"))],
        Actor::Unknown => vec![Bit::Say(place.say("console-unknown"))],
    }
}

fn event(place: &Place<'_>, found: &Numbered) -> Vec<Cell> {
    let event = &found.event;
    let who = match &event.actor {
        Actor::User(id) if event.user.as_ref() == Some(id) => vec![Bit::Say(place.say("console-themselves"))],
        actor => who(place, actor),
    };
    let mut more: Cell = event.reason.iter().map(|reason| Bit::Code(reason.clone())).collect();
    more.extend(
        event.grant.map(|grant| {
            place.link((Area::Grants, "grants"), &grant.to_string(), &place.say("console-grant"))
        }),
    );
    more.extend(event.installation.iter().map(|installation| {
        let id = installation.as_str();
        place.link((Area::Installations, "installations"), id, &place.say("console-installation"))
    }));
    more.extend(details(place, &event.data));
    more.extend(
        Some(&event.address).filter(|address| !address.is_empty()).map(|address| Bit::Text(address.clone())),
    );
    vec![
        // To the second and in UTC, as it is asked for.
        code(date::write(event.at).replace('T', " ").trim_end_matches('Z')),
        code(event.kind.as_str()),
        who,
        event.user.iter().map(|id| place.user(id.as_str())).collect(),
        event.client.iter().map(|id| place.client(id.as_str())).collect(),
        more,
    ]
}

/// The beginning of a text; all of it is in the export.
/// What an event says beside: of a change what became of each member, of anything else all of it.
fn details(place: &Place<'_>, data: &str) -> Cell {
    let found: Value = serde_json::from_str(data).unwrap_or_default();
    let Some(changes) = found["changes"].as_array() else {
        return Some(data)
            .filter(|data| *data != "{}")
            .map(|data| Bit::Code(shortened(data)))
            .into_iter()
            .collect();
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let became = |change: &Value| {
        let field = text(&change["field"]);
        shortened(&match (change["before"].as_str(), change["after"].as_str()) {
            (None, after) => format!("{field}: {}", after.unwrap_or_default()),
            (Some(before), after) => format!("{field}: {before} → {}", after.unwrap_or("–")),
        })
    };
    let told: Vec<String> = changes.iter().take(MOST_CHANGES).map(became).collect();
    let object = format!("{} {}", text(&found["object"]), text(&found["id"]));
    let mut cell = vec![Bit::Code(format!("{}: {}", shortened(&object), told.join("; ")))];
    cell.extend((changes.len() > MOST_CHANGES).then(|| Bit::Say(place.say("console-and-more"))));
    cell
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A table of grants.
pub fn grants(place: &Place<'_>, title: String, found: &[Grant], of_user: bool, more: Vec<Link>) -> Table {
    let other = if of_user { "console-client" } else { "console-person" };
    let now = place.visit.now();
    Table {
        id: "grants",
        title,
        columns: ["console-grant", other, "console-scopes", "console-state", "console-used"]
            .map(|key| place.say(key))
            .into(),
        rows: found
            .iter()
            .map(|grant| {
                vec![
                    vec![place.link((Area::Grants, "grants"), &grant.id.to_string(), &grant.id.to_string())],
                    vec![if of_user {
                        place.client(grant.client.as_str())
                    } else {
                        place.user(grant.user.as_str())
                    }],
                    code(grant.scopes.to_string()),
                    grant_state(place, grant.is_open(now), grant.ended_reason.as_deref()),
                    time(Some(grant.used_at)),
                ]
            })
            .collect(),
        empty: place.say("console-no-grants"),
        more,
    }
}

/// Whether a grant is open, by its own times and state.
pub fn grant_state(place: &Place<'_>, is_open: bool, why: Option<&str>) -> Cell {
    let mut cell = vec![if is_open {
        Bit::Badge(place.say("console-open"), Tone::Good)
    } else {
        Bit::Badge(place.say("console-over"), Tone::Dim)
    }];
    cell.extend(why.map(|why| Bit::Code(why.to_owned())));
    cell
}

/// The states of a person that matter.
pub fn user_state(place: &Place<'_>, user: &User) -> Cell {
    let bad = |at: Option<Timestamp>, key: &str| at.map(|_| Bit::Badge(place.say(key), Tone::Bad));
    let mut cell: Cell = bad(user.disabled_at, "console-disabled").into_iter().collect();
    cell.extend(bad(user.locked_at, "console-locked"));
    if cell.is_empty() {
        cell.push(Bit::Badge(place.say("console-active"), Tone::Good));
    }
    cell.extend(user.administrator_since.map(|_| Bit::Badge(place.say("console-administrator"), Tone::Dim)));
    cell
}

/// Whether something is switched on.
pub fn switched(place: &Place<'_>, disabled_at: Option<Timestamp>) -> Cell {
    vec![match disabled_at {
        Some(_) => Bit::Badge(place.say("console-disabled"), Tone::Bad),
        None => Bit::Badge(place.say("console-active"), Tone::Good),
    }]
}

/// Rows of clients.
pub fn client(place: &Place<'_>, client: &Client) -> Vec<Cell> {
    let kind = if client.is_public() { "console-public" } else { "console-confidential" };
    vec![
        vec![place.client(client.id.as_str())],
        text(client.name.as_str()),
        vec![Bit::Say(place.say(kind))],
        client.grant_types.iter().map(|grant| Bit::Code(grant.clone())).collect(),
        switched(place, client.disabled_at),
    ]
}
