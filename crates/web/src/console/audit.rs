//! The audit trail: what happened, the latest first, with filters; and the same as JSON lines.

use http::header::{self, HeaderValue};

use doorward_core::Timestamp;
use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::model::{Actor, EventKind};
use doorward_store::Fault;
use doorward_store::history::{EventFilter, Order};

use super::people::canonical;
use super::rows::{PAGE, events};
use super::visit::Place;
use crate::page::view::console::{Bit, Choice, ConsolePage, Field, Form, Input, Notice, Part, Section};
use crate::render::Answer;

/// GET.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Events, Access::Read) {
        return *answer;
    }
    let filter = match filter(place).await {
        Ok(filter) => filter,
        Err(fault) => return place.visit.fault(&fault),
    };
    let before = place.asked("before").parse().ok();
    let store = &place.visit.call.app.store;
    let page = match store.history(place.id(), &filter, Order::NewestFirst, before, PAGE).await {
        Ok(page) => page,
        Err(fault) => return place.visit.fault(&fault),
    };
    let asked = asked(place);
    let onward = page.next.map(|before| before.to_string());
    let more_of = |before: &str| -> Vec<(&'static str, String)> {
        let mut query = asked.clone();
        query.push(("before", before.to_owned()));
        query
    };
    let pairs = |query: &[(&'static str, String)], key: &str, list: &str| {
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        place.onward(key, list, &query)
    };
    let mut more = Vec::new();
    if before.is_some() {
        more.push(pairs(&asked, "console-latest", "/events"));
    }
    more.extend(onward.map(|before| pairs(&more_of(&before), "console-earlier", "/events")));
    more.push(pairs(&more_of(place.asked("before")), "console-export", "/events.ndjson"));
    let mut table = events(place, String::new(), &page.events, more);
    if let (true, Some(reached), Some(_)) = (page.events.len() < PAGE, page.reached, page.next) {
        // Much was looked at and little found: say how far.
        let until = vec![Bit::Say(place.say("console-looked-back")), Bit::Time(reached.seconds())];
        table.rows.push(vec![until, Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new()]);
    }
    let parts = vec![Part::Form(form(place)), Part::Table(table)];
    let page = place.page(Some(Section::Audit), place.say("console-audit"), parts);
    match wrong(place) {
        Some(key) => {
            let notice = Some(Notice::bad(place.say(key), None));
            place.send(400, ConsolePage { notice, ..page })
        }
        None => place.send(200, page),
    }
}

/// GET: one event a line, with its number, the latest first.
pub async fn export(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Events, Access::Read) {
        return *answer;
    }
    if wrong(place).is_some() {
        return Box::pin(list(place)).await;
    }
    let store = &place.visit.call.app.store;
    let filter = match filter(place).await {
        Ok(filter) => filter,
        Err(fault) => return place.visit.fault(&fault),
    };
    let mut before = place.asked("before").parse().ok();
    let mut lines = Vec::new();
    let mut left = EXPORTED;
    while left > 0 {
        let page = match store.history(place.id(), &filter, Order::NewestFirst, before, left.min(1000)).await
        {
            Ok(page) => page,
            Err(fault) => return place.visit.fault(&fault),
        };
        left -= page.events.len();
        for found in &page.events {
            let mut line = serde_json::to_value(&found.event).unwrap_or_default();
            line["seq"] = found.seq.into();
            line["id"] = found.event.id.to_string().into();
            line["at"] = date::write(found.event.at).into();
            line["data"] = serde_json::from_str(&found.event.data).unwrap_or_default();
            lines.extend(serde_json::to_vec(&line).unwrap_or_default());
            lines.push(b'\n');
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let mut answer = Answer::new(lines.into());
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"events.ndjson\""),
    );
    if let Some(before) = before {
        let mut query = asked(place);
        query.push(("before", before.to_string()));
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let next = place.onward("console-earlier", "/events.ndjson", &query).href;
        if let Ok(value) = HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")) {
            headers.insert(header::LINK, value);
        }
    }
    answer
}

fn form(place: &Place<'_>) -> Form {
    let chosen = place.asked("kind");
    let mut kinds =
        vec![Choice { value: String::new(), label: place.say("console-any"), chosen: chosen.is_empty() }];
    let mut names: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    names.sort_unstable();
    kinds.extend(names.into_iter().map(|name| Choice {
        value: name.to_owned(),
        label: name.to_owned(),
        chosen: chosen == name,
    }));
    let line = |name: &'static str, key: &str| Field::line(name, place.say(key), place.asked(name));
    let day =
        |name: &'static str, key: &str| Field { hint: place.say("console-date-hint"), ..line(name, key) };
    Form {
        fields: vec![
            line("user", "console-person-name"),
            line("client", "console-client"),
            Field { hint: place.say("console-actor-hint"), ..line("actor", "console-who") },
            Field {
                name: "kind",
                label: place.say("console-what"),
                input: Input::Select(kinds),
                hint: String::new(),
            },
            day("from", "console-from"),
            day("to", "console-to"),
        ],
        ..Form::ask("filter", place.path("/events"), place.say("console-show"))
    }
}

async fn filter(place: &Place<'_>) -> Result<EventFilter, Fault> {
    let given = |name: &str| Some(place.asked(name)).filter(|value| !value.is_empty());
    let user = match given("user") {
        Some(typed) if !typed.starts_with("usr_") => {
            let known = place.visit.call.app.store.user_by_name(place.id(), &canonical(typed)).await?;
            Some(known.map_or_else(|| typed.into(), |found| found.user.id))
        }
        typed => typed.map(Into::into),
    };
    Ok(EventFilter {
        installation: None,
        user,
        client: given("client").map(Into::into),
        grant: None,
        actor: given("actor").and_then(actor),
        kind: given("kind").and_then(EventKind::parse),
        from: given("from").and_then(moment),
        to: given("to").and_then(moment),
    })
}

fn asked(place: &Place<'_>) -> Vec<(&'static str, String)> {
    ["user", "client", "actor", "kind", "from", "to"].map(|name| (name, place.asked(name).to_owned())).into()
}

/// Who is meant: as the API has it, or the id of a person or an application alone.
fn actor(typed: &str) -> Option<Actor> {
    Actor::parse(typed).or_else(|| match typed.starts_with("usr_") {
        true => Actor::parse(&format!("user:{typed}")),
        false => Actor::parse(&format!("client:{typed}")),
    })
}

/// Whether a date or a kind was asked for that is none: what is shown is then not what was asked for, and must say so.
fn wrong(place: &Place<'_>) -> Option<&'static str> {
    let is_bad = |name: &str| !place.asked(name).is_empty() && moment(place.asked(name)).is_none();
    let kind = place.asked("kind");
    if ["from", "to"].into_iter().any(is_bad) {
        Some("console-date-bad")
    } else {
        (!kind.is_empty() && EventKind::parse(kind).is_none()).then_some("console-kind-bad")
    }
}

/// A day, or a moment, in UTC.
fn moment(typed: &str) -> Option<Timestamp> {
    let text = match typed.len() {
        10 => format!("{typed}T00:00:00Z"),
        16 => format!("{}:00Z", typed.replace(' ', "T")),
        19 => format!("{}Z", typed.replace(' ', "T")),
        _ => typed.to_owned(),
    };
    date::read(&text)
}

/// Events of one file.
const EXPORTED: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn days_and_moments_are_read() {
        for text in ["2026-11-26", "2026-11-26 00:00", "2026-11-26 00:00:00", "2026-11-26T00:00:00Z"] {
            assert_eq!(moment(text).map(|at| at.0), Some(1_795_651_200_000), "{text}");
        }
        assert_eq!(moment("yesterday"), None);
    }
}
