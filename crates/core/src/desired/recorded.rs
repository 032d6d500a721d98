//! The event of a change: which object, and what became of its members. Of people it names the members that are about who they are, and
//! not what they say, because events outlive a person; secrets and hashes are in no line.

use serde_json::{Value, json};

use super::diff::Line;
use super::step::Step;
use super::{Change, Kind};
use crate::model::{Actor, Event, EventKind};
use crate::{Ctx, Effect};

/// The event of a change that has these effects.
pub(super) fn event(
    change: &Change,
    kind: EventKind,
    effects: &[Effect],
    by: &Actor,
    ctx: &mut Ctx<'_>,
) -> Event {
    let mut data = json!({ "object": change.kind.as_str(), "id": change.id });
    if kind == EventKind::ObjectChanged {
        let mut fields: Vec<&str> = change.lines.iter().map(|line| line.field.as_str()).collect();
        fields.dedup();
        data["fields"] = json!(fields);
    }
    let told = changes(change);
    if kind != EventKind::ObjectRemoved && told.as_array().is_some_and(|told| !told.is_empty()) {
        data["changes"] = told;
    }
    let event = Event::new(kind, &change.tenant, by.clone(), ctx).data(data);
    match (effects.first(), &change.step) {
        (Some(Effect::PutUser(user)), _) => event.user(&user.id),
        (Some(Effect::PutClient(client)), _) => event.client(&client.id),
        (Some(Effect::PutMembership(membership)), _) => event.user(&membership.user),
        (Some(Effect::PutExtension(extension)), _) => event.client(&extension.client()),
        (_, Step::RemoveExtension(extension)) => event.client(&extension.client()),
        (_, Step::RemoveUser(found)) => event.user(&found.user.id),
        (_, Step::RemoveMembership(id, ..)) => event.user(id),
        (_, Step::RemoveClient(found)) => event.client(&found.client.id),
        _ => event,
    }
}

/// What became of the members of an object. Values that are kept with an installation are its own affair: they are named, and not said.
pub(super) fn changes(change: &Change) -> Value {
    let told = change.lines.iter().filter(|line| !is_personal(change.kind, &line.field)).take(MOST_LINES);
    let is_kept = |line: &Line| change.kind == Kind::Installation && line.field.starts_with("settings");
    told.map(|line| if is_kept(line) { json!({ "field": line.field }) } else { shown(line) }).collect()
}

/// Whether a member says who somebody is.
fn is_personal(kind: Kind, field: &str) -> bool {
    kind == Kind::User
        && (["user_name", "email", "external_id"].contains(&field) || field.starts_with("profile"))
}

fn shown(line: &Line) -> Value {
    let mut shown = json!({ "field": line.field });
    for (name, value) in [("before", &line.before), ("after", &line.after)] {
        if let Some(value) = value {
            shown[name] = match value.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}…", &value[..end]).into(),
                None => value.as_str().into(),
            };
        }
    }
    shown
}

/// Lines of one event.
const MOST_LINES: usize = 50;
/// Characters of a value.
const LONGEST: usize = 200;
