//! Why a token or a request may not do something, clause by clause, and who could change it: asked of the admin API. A token comes by
//! POST: it must not stand in an address, nor in a log.

use doorward_core::Reason;
use doorward_core::admin::{Access, Area};
use doorward_core::id::InstallationId;
use doorward_store::Fault;
use doorward_wire::params::Params;
use doorward_wire::percent;
use serde_json::{Value, json};

use super::act::{self, Request};
use super::visit::{FORM, Place, code, text};
use crate::form::browser::{fields, is_same_site};
use crate::form::error;
use crate::page::view::console::{Bit, Cell, ConsolePage, Facts, Field, Form, Notice, Part, Table, Tone};
use crate::render::Answer;

/// GET: of a request that would be made.
pub async fn of_request(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Clients, Access::Read) {
        return *answer;
    }
    match request(place).await {
        Ok(Some(request)) => asked(place, &request).await,
        Ok(None) => shown(place, 200, None, Vec::new()),
        Err(fault) => place.visit.fault(&fault),
    }
}

/// POST: of a token.
pub async fn of_token(place: &Place<'_>) -> Answer {
    let visit = place.visit;
    let form = fields(visit.call).filter(|_| is_same_site(visit.call));
    let Some(form) = form else {
        return error::refused(visit.call, &visit.browser, &Reason::FormForeign.into());
    };
    // As the admin API has it: a token in a body is not asked about by who only looks.
    if let Err(answer) = place.must(Area::Clients, Access::Write) {
        return *answer;
    }
    if !visit.browser.fits(visit.call, FORM, form.get("form")) {
        return shown(place, 403, Some(Notice::bad(place.say("console-stale"), None)), Vec::new());
    }
    let token = form.get("token").unwrap_or_default().trim();
    asked(place, &Request::new("POST", "/explain".to_owned(), Some(json!({ "token": token })))).await
}

/// The request that the page's fields are; none where nothing is asked yet.
async fn request(place: &Place<'_>) -> Result<Option<Request>, Fault> {
    let installation = place.asked("installation");
    let mut client = place.asked("client").to_owned();
    if client.is_empty() && !installation.is_empty() {
        let id = InstallationId::from(installation);
        let found = place.visit.call.app.store.installation(place.id(), &id).await?;
        // One that is not there is told by the API.
        client = found.map_or_else(|| "-".to_owned(), |found| found.extension_id.0);
    }
    if client.is_empty() {
        return Ok(None);
    }
    let query = ["user", "installation", "scope"].map(|name| (name.to_owned(), place.asked(name).to_owned()));
    let query = query.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let request = Request::new("GET", format!("/clients/{}/explain", percent::encode(&client)), None);
    Ok(Some(Request { query: Params::from_pairs(query).to_query(), ..request }))
}

async fn asked(place: &Place<'_>, request: &Request) -> Answer {
    let answer = request.send(place).await;
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    match status {
        200 => shown(place, 200, None, explained(place, &body)),
        503 => error::unavailable(place.visit.call, &place.visit.browser),
        status => shown(place, status, Some(act::failure(place, &body)), Vec::new()),
    }
}

fn shown(place: &Place<'_>, status: u16, notice: Option<Notice>, found: Vec<Part>) -> Answer {
    let field = |name: &'static str, key: &str| Field::line(name, place.say(key), place.asked(name));
    let mut parts = found;
    parts.push(Part::Form(Form {
        title: place.say("console-explain-request"),
        fields: vec![
            field("client", "console-client"),
            field("user", "console-person"),
            field("installation", "console-installation"),
            field("scope", "console-scopes"),
        ],
        text: place.say("console-explain-request-text"),
        ..Form::ask("request", place.path("/explain"), place.say("console-explain-button"))
    }));
    if place.may(Area::Clients, Access::Write) {
        parts.push(Part::Form(Form {
            title: place.say("console-explain-token"),
            hidden: vec![("form".to_owned(), place.visit.form_token())],
            fields: vec![Field::line("token", place.say("console-token"), "")],
            text: place.say("console-explain-token-text"),
            ..Form::post("token", place.path("/explain"), place.say("console-explain-button"))
        }));
    }
    let page = place.page(None, place.say("console-explain"), parts);
    place.send(status, ConsolePage { notice, ..page })
}

/// What the API tells.
fn explained(place: &Place<'_>, body: &Value) -> Vec<Part> {
    let word = |member: &str| body[member].as_str();
    let mut rows: Vec<(String, Cell)> = vec![
        (place.say("console-client"), vec![place.client(word("client").unwrap_or_default())]),
        (place.say("console-person"), word("user").map(|id| place.user(id)).into_iter().collect()),
        (
            place.say("console-installation"),
            word("installation")
                .map(|id| place.link((Area::Installations, "installations"), id, id))
                .into_iter()
                .collect(),
        ),
        (
            place.say("console-context"),
            word("context").map(|id| Bit::Code(id.to_owned())).into_iter().collect(),
        ),
        (
            place.say("console-granted"),
            word("scope")
                .filter(|scope| !scope.is_empty())
                .map_or_else(|| vec![Bit::Say(place.say("console-granted-nothing"))], code),
        ),
    ];
    if body["alive"] == false {
        let reason = &body["reason"];
        let name = reason["name"].as_str().unwrap_or_default();
        let detail = reason["detail"].as_str().unwrap_or_default();
        rows.push((
            place.say("console-why-nothing"),
            vec![
                Bit::Badge(place.say("console-dead"), Tone::Bad),
                Bit::Code(name.to_owned()),
                Bit::Text(detail.to_owned()),
            ],
        ));
        rows.push((place.say("console-who-changes"), people(place, reason)));
    }
    rows.retain(|(_, value)| !value.is_empty());
    let facts = Facts { id: "explained", title: place.say("console-explained"), rows };
    let lines = body["scopes"].as_array().map_or(&[][..], Vec::as_slice);
    let table = Table {
        id: "scopes",
        title: place.say("console-scopes"),
        columns: ["console-scope", "console-state", "console-removed-by", "console-who-changes"]
            .map(|key| place.say(key))
            .into(),
        rows: lines.iter().flat_map(|line| scope(place, line)).collect(),
        empty: place.say("console-no-scopes"),
        more: Vec::new(),
    };
    let mut parts = vec![Part::Facts(facts), Part::Table(table)];
    if let Some(several) = body["installations"].as_array() {
        // Nothing is told of scopes before one is named.
        parts[1] = Part::Table(installations(place, several));
    }
    parts
}

/// Where it is installed, of what the person belongs to: one of these is to be named.
fn installations(place: &Place<'_>, several: &[Value]) -> Table {
    let word = |of: &Value, member: &str| of[member].as_str().unwrap_or_default().to_owned();
    let row = |of: &Value| {
        let id = word(of, "id");
        vec![
            vec![place.link((Area::Installations, "installations"), &id, &id)],
            vec![Bit::Code(word(of, "context")), Bit::Text(word(of, "name"))],
        ]
    };
    Table {
        id: "several",
        title: place.say("console-explain-several"),
        columns: ["console-installation", "console-context"].map(|key| place.say(key)).into(),
        rows: several.iter().map(row).collect(),
        empty: String::new(),
        more: Vec::new(),
    }
}

/// A scope: one row for each clause that takes it away.
fn scope(place: &Place<'_>, line: &Value) -> Vec<Vec<Cell>> {
    let name = || code(line["scope"].as_str().unwrap_or_default());
    let badge = |key: &str, tone: Tone| vec![Bit::Badge(place.say(key), tone)];
    if line["granted"] == true {
        return vec![vec![name(), badge("console-is-granted", Tone::Good), Vec::new(), Vec::new()]];
    }
    let clauses = line["removed_by"].as_array().into_iter().flatten();
    clauses
        .map(|clause| {
            vec![name(), badge("console-is-removed", Tone::Bad), why(place, clause), people(place, clause)]
        })
        .collect()
}

/// What a clause says.
fn why(place: &Place<'_>, clause: &Value) -> Cell {
    let permission = clause["permission"].as_str().unwrap_or_default();
    let words = match clause["clause"].as_str().unwrap_or_default() {
        "client" => place.say("console-clause-client"),
        "api" => place.say("console-clause-api"),
        "installation" => place.say("console-clause-installation"),
        "consent" => place.say("console-clause-consent"),
        "person" => place.say("console-clause-person"),
        "role_map" => place.say("console-clause-role-map"),
        _ => clause["detail"].as_str().unwrap_or_default().to_owned(),
    };
    let mut cell = vec![Bit::Say(words)];
    if !permission.is_empty() {
        cell.push(Bit::Code(permission.to_owned()));
    }
    let roles = clause["roles_that_give_it"].as_array().into_iter().flatten();
    let roles: Vec<Bit> =
        roles.filter_map(Value::as_str).map(|role| place.link((Area::Roles, "roles"), role, role)).collect();
    if !roles.is_empty() {
        cell.push(Bit::Say(place.say("console-roles-that-give-it")));
        cell.extend(roles);
    }
    cell
}

/// Who could change something, and by which role.
fn people(place: &Place<'_>, told: &Value) -> Cell {
    let people: Vec<&Value> = told["who"].as_array().into_iter().flatten().collect();
    if people.is_empty() {
        return text(place.say("console-who-nobody"));
    }
    let mut cell = Vec::new();
    for person in people {
        let word = |member: &str| person[member].as_str();
        let tenant = word("tenant");
        if let Some(id) = word("user") {
            let name = word("user_name").unwrap_or(id);
            // The pages of this tenant have nobody of another.
            cell.push(match tenant {
                Some(_) => Bit::Text(name.to_owned()),
                None => place.link((Area::Users, "users"), id, name),
            });
        }
        let by = word("role").map(|role| match word("context").or(tenant) {
            Some(of) => format!("({role}, {of})"),
            None => format!("({role})"),
        });
        cell.extend(by.map(Bit::Text));
    }
    if told["more"] == true {
        cell.push(Bit::Say(place.say("console-who-others")));
    }
    cell
}
