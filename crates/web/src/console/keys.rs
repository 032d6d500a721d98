//! Signing keys.

use doorward_core::admin::{Access, Area};
use doorward_core::model::{KeyRecord, KeyState};

use super::act;
use super::visit::{Place, code, time};
use crate::page::view::console::{Bit, Part, Section, Table, Tone};
use crate::render::Answer;

/// GET.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Keys, Access::Read) {
        return *answer;
    }
    let mut keys = match place.visit.call.app.store.keys(place.id()).await {
        Ok(keys) => keys,
        Err(fault) => return place.visit.fault(&fault),
    };
    keys.sort_by_key(|key| (key.algorithm.clone(), order(key.state), std::cmp::Reverse(key.created_at)));
    let table = Table {
        id: "list",
        title: String::new(),
        columns: [
            "console-key",
            "console-algorithm",
            "console-state",
            "console-since",
            "console-until",
            "console-acts",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: keys.iter().map(|key| row(place, key)).collect(),
        empty: String::new(),
        more: Vec::new(),
    };
    place.send(200, place.page(Some(Section::Keys), place.say("console-keys"), vec![Part::Table(table)]))
}

fn row(place: &Place<'_>, key: &KeyRecord) -> Vec<Vec<Bit>> {
    let (word, tone) = match key.state {
        KeyState::Next => ("console-key-next", Tone::Dim),
        KeyState::Current => ("console-key-current", Tone::Good),
        KeyState::Previous => ("console-key-previous", Tone::Dim),
        KeyState::Retired => ("console-key-retired", Tone::Dim),
    };
    let mut acts = Vec::new();
    if key.state == KeyState::Current {
        acts.extend(act::of_row(place, "keys-rotate", &key.algorithm, &[]));
    }
    if key.state != KeyState::Retired {
        acts.extend(act::of_row(place, "key-remove", key.kid.as_str(), &[]));
    }
    vec![
        code(key.kid.as_str()),
        code(key.algorithm.as_str()),
        vec![Bit::Badge(place.say(word), tone)],
        time(Some(key.created_at)),
        time(key.published_until),
        acts,
    ]
}

/// Those that sign first.
const fn order(state: KeyState) -> u8 {
    match state {
        KeyState::Current => 0,
        KeyState::Next => 1,
        KeyState::Previous => 2,
        KeyState::Retired => 3,
    }
}
