//! What the extension of an installation is told: what waits, how each attempt went, and what can be done about it. It outlives the
//! installation: that it was removed is told, too.

use doorward_core::admin::{Access, Area};
use doorward_core::id::InstallationId;
use doorward_core::model::{Installation, WebhookKind};
use doorward_store::webhooks::{Attempt, Outcome, Paused, Told};
use serde_json::Value;

use super::act;
use super::installations::manage;
use super::rows::{PAGE, PAGE_ROWS};
use super::visit::{Place, code, text, time};
use crate::manage::Trouble;
use crate::page::view::console::{
    Bit, Cell, Choice, ConsolePage, Facts, Field, Form, Input, Link, Part, Section, Table, Tone,
};
use crate::render::Answer;

/// What there is.
struct Known {
    row: Installation,
    /// Whether its extension is told at all: another comes for its news.
    is_told: bool,
    line: Option<Paused>,
    told: Vec<Told>,
    attempts: Vec<Attempt>,
}

/// GET.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must_somewhere(Area::Installations, Access::Read) {
        return *answer;
    }
    match known(place, id).await {
        Ok(known) => page(place, &known),
        Err(Trouble::Fault(fault)) => place.visit.fault(&fault),
        Err(_) => place.visit.not_found(),
    }
}

async fn known(place: &Place<'_>, id: &str) -> Result<Known, Trouble> {
    let store = &place.visit.call.app.store;
    let row = manage(place).installation_ever(place.id(), &InstallationId::from(id), Access::Read).await?;
    let before = |name: &str| place.asked(name).parse::<i64>().ok();
    let extension = store.extension_of_key(place.id(), row.extension).await?;
    Ok(Known {
        is_told: extension.is_some_and(|of| of.manifest.webhook_url.is_some()),
        line: store.webhook_queue(place.id(), &row.id).await?,
        told: store.webhooks(place.id(), &row.id, before("before"), PAGE_ROWS).await?,
        attempts: store.webhook_attempts(place.id(), &row.id, before("tried"), PAGE_ROWS).await?,
        row,
    })
}

fn page(place: &Place<'_>, known: &Known) -> Answer {
    let id = known.row.id.as_str();
    let list = format!("/installations/{id}/deliveries");
    let more = |rows: usize, name: &str, last: Option<i64>| {
        let last = last.filter(|_| rows == PAGE).map(|last| last.to_string());
        last.map(|last| place.onward("console-next", &list, &[(name, &last)])).into_iter().collect()
    };
    let mut parts = vec![Part::Facts(queue(place, known))];
    parts.extend(acts(place, known, &list));
    parts.push(Part::Table(news(
        place,
        known,
        &list,
        more(known.told.len(), "before", known.told.last().map(|told| told.event.number)),
    )));
    parts.push(Part::Table(attempts(
        place,
        &known.attempts,
        more(known.attempts.len(), "tried", known.attempts.last().map(|attempt| attempt.id)),
    )));
    let page = place.page(Some(Section::Installations), place.say("console-deliveries"), parts);
    let of = Link { text: id.to_owned(), href: place.of("installations", id) };
    place.send(200, ConsolePage { trail: vec![place.trail(Section::Installations), of], ..page })
}

fn queue(place: &Place<'_>, known: &Known) -> Facts {
    let waits = known.told.iter().any(|told| told.settled_at.is_none());
    let line = known.line.as_ref();
    let paused = line.and_then(|line| line.paused_at);
    let (key, tone) = match (paused, waits) {
        (Some(_), _) => ("console-line-paused", Tone::Bad),
        (None, true) => ("console-line-waits", Tone::Dim),
        (None, false) => ("console-line-empty", Tone::Good),
    };
    let mut rows: Vec<(String, Cell)> = vec![
        (place.say("console-state"), vec![Bit::Badge(place.say(key), tone)]),
        (place.say("console-line-paused-at"), time(paused)),
        (
            place.say("console-why"),
            line.and_then(|line| line.reason.clone()).map(Bit::Text).into_iter().collect(),
        ),
    ];
    if waits {
        let attempts = line.map_or(0, |line| line.attempts);
        rows.push((place.say("console-line-tried"), text(attempts.to_string())));
        rows.push((place.say("console-line-due"), time(line.and_then(|line| line.due_at))));
    }
    rows.retain(|(_, value)| !value.is_empty());
    Facts { id: "queue", title: place.say("console-line"), rows }
}

/// What can be done to all of it: it is stopped with a reason, or goes on; and something is tried out.
fn acts(place: &Place<'_>, known: &Known, list: &str) -> Vec<Part> {
    let id = known.row.id.as_str();
    let back = ("back".to_owned(), list.to_owned());
    let with_back = |part: Option<Part>| match part? {
        Part::Form(form) => {
            let hidden = form.hidden.into_iter().chain([back.clone()]).collect();
            Some(Part::Form(Form { hidden, ..form }))
        }
        part => Some(part),
    };
    let is_paused = known.line.as_ref().is_some_and(|line| line.paused_at.is_some());
    let switch = if is_paused {
        with_back(act::form(place, "webhooks-resume", id, None, Vec::new()))
    } else {
        let why = Field::line("reason", place.say("console-why"), "");
        with_back(act::form(place, "webhooks-pause", id, None, vec![why]))
    };
    let choice = |kind: WebhookKind| Choice {
        value: kind.as_str().to_owned(),
        label: kind.as_str().to_owned(),
        chosen: kind == WebhookKind::Updated,
    };
    let kinds = Field {
        input: Input::Select(WebhookKind::ALL.map(choice).into()),
        ..Field::line("kind", place.say("console-webhook-kind"), "")
    };
    let try_out = with_back(act::form(place, "webhook-try", id, None, vec![kinds]));
    switch.into_iter().chain(try_out.filter(|_| known.is_told)).collect()
}

fn news(place: &Place<'_>, known: &Known, list: &str, more: Vec<Link>) -> Table {
    let id = known.row.id.as_str();
    let row = |told: &Told| {
        let number = told.event.number.to_string();
        let (key, tone) = match told.outcome {
            None => ("console-waiting", Tone::Dim),
            Some(Outcome::Aborted) => ("console-aborted", Tone::Dim),
            Some(Outcome::Delivered) => ("console-was-delivered", Tone::Good),
            Some(Outcome::GivenUp) => ("console-given-up", Tone::Bad),
            Some(Outcome::Pull) => ("console-pulled", Tone::Dim),
            Some(Outcome::Skipped) => ("console-skipped", Tone::Dim),
        };
        let name = if told.settled_at.is_some() { "webhook-resend" } else { "webhook-skip" };
        vec![
            code(number.as_str()),
            code(told.event.kind.as_str()),
            vec![Bit::Badge(place.say(key), tone)],
            time(Some(told.event.created_at)),
            time(told.settled_at),
            act::of_row(place, name, id, &[("number", &number), ("back", list)]),
        ]
    };
    Table {
        id: "webhooks",
        title: place.say("console-webhooks"),
        columns: [
            "console-number",
            "console-what",
            "console-state",
            "console-when-utc",
            "console-settled",
            "console-acts",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: known.told.iter().map(row).collect(),
        empty: place.say("console-no-webhooks"),
        more,
    }
}

fn attempts(place: &Place<'_>, attempts: &[Attempt], more: Vec<Link>) -> Table {
    Table {
        id: "attempts",
        title: place.say("console-attempts"),
        columns: [
            "console-when-utc",
            "console-number",
            "console-status",
            "console-duration",
            "console-answer",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: attempts
            .iter()
            .map(|attempt| {
                let answer = attempt.answer.as_deref().map(String::from_utf8_lossy);
                vec![
                    time(Some(attempt.at)),
                    code(attempt.number.to_string()),
                    status(attempt.status, attempt.error.as_deref()),
                    text(format!("{} ms", attempt.duration_ms)),
                    answer.as_deref().map(excerpt).into_iter().flatten().collect(),
                ]
            })
            .collect(),
        empty: place.say("console-no-attempts"),
        more,
    }
}

fn status(status: Option<i64>, error: Option<&str>) -> Cell {
    let tone = |status: i64| if (200..300).contains(&status) { Tone::Good } else { Tone::Bad };
    let status = status.map(|status| Bit::Badge(status.to_string(), tone(status)));
    status.into_iter().chain(error.map(|error| Bit::Text(error.to_owned()))).collect()
}

/// The beginning of an answer.
fn excerpt(answer: &str) -> Cell {
    let mut shown: String = answer.chars().take(MOST).collect();
    if shown.len() < answer.len() {
        shown.push('…');
    }
    if shown.is_empty() { Vec::new() } else { code(shown) }
}

/// What an extension answered when something was tried out, as the admin API tells it.
pub fn tried(place: &Place<'_>, body: &Value) -> Part {
    let mut rows = vec![
        (place.say("console-webhook-kind"), code(body["kind"].as_str().unwrap_or_default())),
        (place.say("console-address"), code(body["url"].as_str().unwrap_or_default())),
        (place.say("console-status"), status(body["status"].as_i64(), body["error"].as_str())),
        (
            place.say("console-duration"),
            text(format!("{} ms", body["duration_ms"].as_i64().unwrap_or_default())),
        ),
        (place.say("console-answer"), excerpt(body["answer"].as_str().unwrap_or_default())),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    Part::Facts(Facts { id: "tried", title: place.say("console-tried"), rows })
}

/// Characters of an answer that are shown.
const MOST: usize = 400;
