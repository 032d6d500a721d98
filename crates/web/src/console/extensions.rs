//! Extensions: what each asks for and where it lives, how far it has come, what its contributor proposes, and where it is installed.

use doorward_core::admin::{Access, Area};
use doorward_core::model::{ConsentPolicy, Extension, ExtensionState, Installation, Manifest};
use doorward_store::Fault;
use serde_json::Value;

use super::act;
use super::installations;
use super::rows::{FEW, FEW_ROWS, PAGE, PAGE_ROWS};
use super::visit::{Place, code, text, time};
use crate::page::view::console::{Bit, Cell, ConsolePage, Facts, Part, Section, Table, Tone};
use crate::render::Answer;

/// GET: in order of id.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Extensions, Access::Read) {
        return *answer;
    }
    let store = &place.visit.call.app.store;
    let found = match store.extensions_from(place.id(), place.asked("after"), PAGE_ROWS).await {
        Ok(found) => found,
        Err(fault) => return place.visit.fault(&fault),
    };
    let next = found.last().filter(|_| found.len() == PAGE);
    let more = next.map(|last| place.onward("console-next", "/extensions", &[("after", last.id.as_str())]));
    let table = Table {
        id: "list",
        title: String::new(),
        columns: [
            "console-extension",
            "field-name",
            "console-state",
            "console-contributor",
            "console-changed",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: found
            .iter()
            .map(|extension| {
                let id = extension.id.as_str();
                vec![
                    vec![place.link((Area::Extensions, "extensions"), id, id)],
                    text(extension.manifest.name.as_str()),
                    state(place, extension),
                    contributor(place, extension),
                    time(Some(extension.updated_at)),
                ]
            })
            .collect(),
        empty: place.say("console-no-extensions"),
        more: more.into_iter().collect(),
    };
    let mut parts = vec![Part::Table(table)];
    parts.extend(act::links(place, &["extension-make"], "", None));
    place.send(200, place.page(Some(Section::Extensions), place.say("console-extensions"), parts))
}

/// GET of one.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must(Area::Extensions, Access::Read) {
        return *answer;
    }
    let (extension, installed) = match known(place, id).await {
        Ok(Some(found)) => found,
        Ok(None) => return place.visit.not_found(),
        Err(fault) => return place.visit.fault(&fault),
    };
    let mut parts =
        vec![Part::Facts(facts(place, &extension)), Part::Table(scopes(place, &extension.manifest))];
    if let Some(proposed) = &extension.proposed {
        parts.push(Part::Table(proposal(place, &extension.manifest, proposed)));
        let acts = ["extension-accept", "extension-reject"];
        parts.extend(act::links_below(place, &acts, id, Some(extension.version)));
    }
    parts.extend(act::links(place, &acts(&extension), id, Some(extension.version)));
    if place.may(Area::Installations, Access::Read) {
        let all = place.onward("console-all-installations", "/installations", &[("extension", id)]);
        let more = (installed.len() == FEW).then_some(all);
        parts.push(Part::Table(installations::table(
            place,
            ("installations", place.say("console-installations")),
            &installed,
            more,
        )));
    }
    let page = place.page(Some(Section::Extensions), extension.manifest.name.clone(), parts);
    let trail = vec![place.trail(Section::Extensions)];
    place.send(200, ConsolePage { trail, badges: state(place, &extension), ..page })
}

async fn known(place: &Place<'_>, id: &str) -> Result<Option<(Extension, Vec<Installation>)>, Fault> {
    let store = &place.visit.call.app.store;
    let Some(extension) = store.extension(place.id(), &id.into()).await? else { return Ok(None) };
    let installed = if place.may(Area::Installations, Access::Read) {
        store.installations_of(place.id(), extension.key, "", FEW_ROWS).await?
    } else {
        Vec::new()
    };
    Ok(Some((extension, installed)))
}

/// What can be done with it where it stands.
fn acts(extension: &Extension) -> Vec<&'static str> {
    let onward: &[&str] = match extension.state {
        ExtensionState::Draft => &["extension-verify", "extension-publish"],
        ExtensionState::Verified => &["extension-publish"],
        ExtensionState::Published => &["extension-deprecate"],
        ExtensionState::Deprecated => &["extension-publish"],
        ExtensionState::Withdrawn => &[],
    };
    let mut acts = vec!["extension-edit"];
    acts.extend_from_slice(onward);
    if extension.state != ExtensionState::Withdrawn {
        let switch = if extension.suspended_at.is_some() { "extension-resume" } else { "extension-suspend" };
        acts.extend([switch, "extension-incident", "extension-withdraw"]);
    }
    acts.push("extension-remove");
    acts
}

/// How far it has come, and whether it is stopped.
fn state(place: &Place<'_>, extension: &Extension) -> Cell {
    let (key, tone) = match extension.state {
        ExtensionState::Draft => ("console-draft", Tone::Dim),
        ExtensionState::Verified => ("console-verified", Tone::Dim),
        ExtensionState::Published => ("console-published", Tone::Good),
        ExtensionState::Deprecated => ("console-deprecated", Tone::Dim),
        ExtensionState::Withdrawn => ("console-withdrawn", Tone::Bad),
    };
    let mut cell = vec![Bit::Badge(place.say(key), tone)];
    cell.extend(extension.suspended_at.map(|_| Bit::Badge(place.say("console-suspended"), Tone::Bad)));
    cell.extend(
        extension.proposed.iter().map(|_| Bit::Badge(place.say("console-proposed-short"), Tone::Dim)),
    );
    cell
}

fn contributor(place: &Place<'_>, extension: &Extension) -> Cell {
    match &extension.contributor {
        Some(id) => vec![place.link((Area::Contexts, "contexts"), id.as_str(), id.as_str())],
        None => vec![Bit::Say(place.say("console-the-tenant"))],
    }
}

fn facts(place: &Place<'_>, extension: &Extension) -> Facts {
    let manifest = &extension.manifest;
    let codes = |items: &[String]| -> Cell { items.iter().cloned().map(Bit::Code).collect() };
    let one = |item: &Option<String>| -> Cell { item.iter().cloned().map(Bit::Code).collect() };
    let consent = match manifest.consent {
        ConsentPolicy::Implicit => "console-consent-implicit",
        ConsentPolicy::Asked => "console-consent-asked",
    };
    let mut rows: Vec<(String, Cell)> = vec![
        (place.say("console-id"), code(extension.id.as_str())),
        (place.say("console-client"), vec![place.client(extension.id.as_str())]),
        (place.say("console-contributor"), contributor(place, extension)),
        (place.say("console-about"), text(manifest.summary.as_str())),
        (place.say("console-callback"), one(&manifest.callback_url)),
        (place.say("console-consent"), vec![Bit::Say(place.say(consent))]),
        (place.say("console-launch"), one(&manifest.launch_url)),
        (place.say("console-webhook"), one(&manifest.webhook_url)),
        (place.say("console-audiences"), codes(&manifest.audiences)),
        (place.say("console-frames"), codes(&manifest.frame_origins)),
        (place.say("console-fits"), codes(&manifest.context_kinds)),
        (
            place.say("console-variants"),
            manifest.variants.iter().map(|variant| Bit::Code(variant.key.clone())).collect(),
        ),
        (place.say("console-deprecated-on"), one(&extension.deprecated_on)),
        (place.say("console-manifest-version"), code(extension.manifest_version.to_string())),
        (place.say("console-since"), time(Some(extension.created_at))),
        (place.say("console-changed"), time(Some(extension.updated_at))),
    ];
    rows.retain(|(_, value)| !value.is_empty() && !is_blank(value));
    Facts { id: "extension", title: place.say("console-extension"), rows }
}

fn is_blank(cell: &Cell) -> bool {
    matches!(cell.as_slice(), [Bit::Text(text)] if text.is_empty())
}

fn scopes(place: &Place<'_>, manifest: &Manifest) -> Table {
    Table {
        id: "scopes",
        title: place.say("console-asks-for"),
        columns: ["console-scope", "console-reason", "console-optional"].map(|key| place.say(key)).into(),
        rows: manifest
            .scopes
            .iter()
            .map(|scope| {
                let key = if scope.optional { "console-yes" } else { "console-no" };
                vec![code(scope.name.as_str()), text(scope.reason.as_str()), vec![Bit::Say(place.say(key))]]
            })
            .collect(),
        empty: place.say("console-asks-nothing"),
        more: Vec::new(),
    }
}

/// What would be another, member by member.
fn proposal(place: &Place<'_>, now: &Manifest, proposed: &Manifest) -> Table {
    let members = |manifest: &Manifest| match serde_json::to_value(manifest) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (now, then) = (members(now), members(proposed));
    let mut names: Vec<&String> = now.keys().chain(then.keys()).collect();
    names.sort();
    names.dedup();
    let shown = |value: Option<&Value>| match value {
        None => Vec::new(),
        Some(Value::String(value)) => text(value.as_str()),
        Some(value) => code(value.to_string()),
    };
    Table {
        id: "proposed",
        title: place.say("console-proposed"),
        columns: ["console-member", "console-in-force", "console-wished"].map(|key| place.say(key)).into(),
        rows: names
            .into_iter()
            .filter(|name| now.get(*name) != then.get(*name))
            .map(|name| vec![code(name.as_str()), shown(now.get(name)), shown(then.get(name))])
            .collect(),
        empty: String::new(),
        more: Vec::new(),
    }
}
