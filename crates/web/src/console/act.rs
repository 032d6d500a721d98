//! What administrators do: each act is one request of the admin API, written down once. The page that asks shows it as a line for
//! curl, and the answer is that of the API itself, asked in this process with the person's own token: what is shown is what is done.

use std::fmt::Write;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

use doorward_core::Reason;
use doorward_core::admin::{Access, Area};
use doorward_wire::params::Params;
use doorward_wire::percent;

use super::visit::{FORM, Place};
use crate::admin;
use crate::app::Call;
use crate::edge::EdgeRequest;
use crate::form::browser::{fields, is_same_site};
use crate::form::error;
use crate::page::view::console::{ConsolePage, Field, Form, Link, Notice, Part, Section, Tone};
use crate::render::{self, Answer};

/// A row of the table of acts.
pub struct Act {
    /// Its name in forms and links.
    pub name: &'static str,
    /// What its button says, in the catalogue.
    pub key: &'static str,
    /// The sentence that asks, in the catalogue.
    pub question: &'static str,
    /// The area that it writes in.
    pub area: Area,
    /// Whether it cannot be taken back, or cuts somebody off.
    pub is_dangerous: bool,
    /// The list whose object it is about: where one goes afterwards.
    pub section: Section,
    /// The request, given the object's id and the fields.
    pub request: fn(&str, &Params) -> Request,
    /// Whether the object is gone afterwards.
    pub removes: bool,
}

/// A request of the admin API.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path below the tenant's, encoded.
    pub path: String,
    /// The body.
    pub body: Option<Value>,
    /// The version of the object that was seen.
    pub version: Option<i64>,
}

impl Request {
    fn new(method: &'static str, path: String, body: Option<Value>) -> Self {
        Self { method, path, body, version: None }
    }

    fn target(&self, place: &Place<'_>) -> String {
        format!("{}/tenants/{}{}", admin::PREFIX, percent::encode(place.id().as_str()), self.path)
    }

    /// Headers beside the token, and the body.
    fn rest(&self) -> (Vec<(&'static str, String)>, String) {
        let mut headers = Vec::new();
        if self.body.is_some() {
            let media_type =
                if self.method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            headers.push(("content-type", media_type.to_owned()));
        }
        headers.extend(self.version.map(|version| ("if-match", format!("\"{version}\""))));
        (headers, self.body.as_ref().map(Value::to_string).unwrap_or_default())
    }

    /// As a line for a shell.
    pub fn curl(&self, place: &Place<'_>) -> String {
        let (headers, body) = self.rest();
        let mut line = format!(
            "curl -sS -X {} {} \\\n  -H \"Authorization: Bearer $TOKEN\"",
            self.method,
            quoted(&place.visit.call.url(&self.target(place)))
        );
        for (name, value) in headers {
            let _ = write!(line, " \\\n  -H {}", quoted(&format!("{name}: {value}")));
        }
        if !body.is_empty() {
            let _ = write!(line, " \\\n  -d {}", quoted(&body));
        }
        line
    }

    /// Ask the API.
    pub async fn send(&self, place: &Place<'_>) -> Answer {
        let here = place.visit.call;
        let (more, body) = self.rest();
        let mut headers = HeaderMap::new();
        let bearer = ("authorization", format!("Bearer {}", place.visit.token));
        for (name, value) in more.into_iter().chain([bearer]) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let path = self.target(place);
        let request = EdgeRequest {
            method: Method::from_bytes(self.method.as_bytes()).unwrap_or_default(),
            path: format!("{}{path}", here.issuer.path()),
            query: None,
            headers,
            body: Bytes::from(body),
            host: here.request.host.clone(),
            client_ip: here.request.client_ip,
            https: here.request.https,
            request_id: here.request.request_id.clone(),
            untrusted_forwarding: here.request.untrusted_forwarding,
        };
        let call = Call {
            app: here.app,
            request: &request,
            issuer: here.issuer.clone(),
            tenant: here.tenant.clone(),
            path: &path,
            address: here.address.clone(),
            client: Default::default(),
            of_client: Default::default(),
        };
        Box::pin(admin::any(&call)).await
    }
}

/// Links to acts, under one heading; none where the area may not be written.
pub fn links(place: &Place<'_>, acts: &[&str], id: &str, version: Option<i64>) -> Option<Part> {
    let found = acts.iter().filter_map(|name| ACTS.iter().find(|act| act.name == *name));
    let links: Vec<Link> = found.filter_map(|act| link(place, act, id, version)).collect();
    (!links.is_empty()).then(|| Part::Links(place.say("console-acts"), links))
}

fn link(place: &Place<'_>, act: &Act, id: &str, version: Option<i64>) -> Option<Link> {
    let version = version.map(|version| version.to_string()).unwrap_or_default();
    let query = [("act", act.name), ("id", id), ("version", &version)];
    place.may(act.area, Access::Write).then(|| place.onward(act.key, "/act", &query))
}

/// GET: the page that asks.
pub async fn ask(place: &Place<'_>) -> Answer {
    match Asked::of(place, &place.visit.query) {
        Ok(asked) => asked.page(place, None, 200),
        Err(answer) => *answer,
    }
}

/// POST: do it.
pub async fn post(place: &Place<'_>) -> Answer {
    let visit = place.visit;
    let Some(form) = fields(visit.call).filter(|_| is_same_site(visit.call)) else {
        return error::refused(visit.call, &visit.browser, &Reason::FormForeign.into());
    };
    let asked = match Asked::of(place, &form) {
        Ok(asked) => asked,
        Err(answer) => return *answer,
    };
    if !visit.browser.fits(visit.call, FORM, form.get("form")) {
        return asked.page(place, Some(Notice::bad(place.say("console-stale"), None)), 403);
    }
    let answer = asked.request.send(place).await;
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    match status {
        200..=299 => asked.done(place, &body),
        // Somebody was faster: the fresh state, and what to make of it.
        409 | 412 => {
            let back = asked.back(place, false);
            let mark = if back.contains('?') { '&' } else { '?' };
            let told = body["code"].as_str().or(body["title"].as_str()).unwrap_or_default();
            let told = percent::encode(told);
            render::see_other(&format!("{}{back}{mark}conflict={told}", visit.call.issuer.origin()))
        }
        _ => asked.page(place, Some(Notice::bad(place.say("console-failed"), Some(told(&body)))), status),
    }
}

/// What the API says of a failure, with the place of each error.
fn told(problem: &Value) -> String {
    let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
    let mut out = text(problem, "detail");
    if out.is_empty() {
        out = text(problem, "title");
    }
    for error in problem["errors"].as_array().into_iter().flatten() {
        let _ = write!(out, "; {}: {}", text(error, "pointer"), text(error, "detail"));
    }
    out
}

/// An act on an object, as it is asked for.
struct Asked<'a> {
    act: &'static Act,
    id: String,
    fields: &'a Params,
    request: Request,
}

impl<'a> Asked<'a> {
    fn of(place: &Place<'_>, fields: &'a Params) -> Result<Self, super::visit::Early> {
        let act = fields.get("act").and_then(|name| ACTS.iter().find(|act| act.name == name));
        let (Some(act), Some(id)) = (act, fields.get("id")) else {
            return Err(Box::new(place.visit.not_found()));
        };
        place.must(act.area, Access::Write)?;
        let version = fields.get("version").and_then(|version| version.parse().ok());
        let request = Request { version, ..(act.request)(id, fields) };
        Ok(Self { act, id: id.to_owned(), fields, request })
    }

    /// The object's page, or its list.
    fn back(&self, place: &Place<'_>, is_gone: bool) -> String {
        if let Some(back) =
            self.fields.get("back").filter(|back| back.starts_with('/') && !back.starts_with("//"))
        {
            return place.path(back);
        }
        let list = self.act.section.path().trim_start_matches('/');
        let has_page = self.act.section != Section::Keys && !self.id.is_empty();
        if is_gone || !has_page { place.path(self.act.section.path()) } else { place.of(list, &self.id) }
    }

    fn done(&self, place: &Place<'_>, body: &Value) -> Answer {
        let back = self.back(place, self.act.removes);
        let secret =
            ["secret", "client_secret", "password", "url"].iter().find_map(|member| body[*member].as_str());
        match secret {
            // What is shown once is shown at once: nothing keeps it.
            Some(secret) => {
                let mut notice = Notice::good(place.say("console-done"));
                notice.secret = Some((place.say("console-once"), secret.to_owned()));
                let back = Link { text: place.say("console-back"), href: back };
                let parts =
                    vec![Part::Call(self.request.curl(place)), Part::Links(String::new(), vec![back])];
                let page = place.page(Some(self.act.section), place.say(self.act.key), parts);
                place.send(200, ConsolePage { notice: Some(notice), ..page })
            }
            None => {
                let mark = if back.contains('?') { '&' } else { '?' };
                render::see_other(&format!("{}{back}{mark}done=1", place.visit.call.issuer.origin()))
            }
        }
    }

    /// The page that asks: first for the fields, where there are some; then whether it shall be done.
    fn page(&self, place: &Place<'_>, notice: Option<Notice>, status: u16) -> Answer {
        let title = place.say(self.act.key);
        let mut hidden: Vec<(String, String)> = self
            .fields
            .iter()
            .filter(|(name, _)| *name != "form")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        hidden.push(("form".to_owned(), place.visit.form_token()));
        let form = Form {
            text: place.visit.frame.get(self.act.question, &[("id", &self.id)]),
            hidden,
            tone: if self.act.is_dangerous { Tone::Bad } else { Tone::Good },
            back: Some(Link { text: place.say("console-cancel"), href: self.back(place, false) }),
            ..Form::post("act", place.path("/act"), title.clone())
        };
        let parts = vec![Part::Form(form), Part::Call(self.request.curl(place))];
        let page = place.page(Some(self.act.section), title, parts);
        place.send(status, ConsolePage { trail: vec![place.trail(self.act.section)], notice, ..page })
    }
}

/// A form that leads to an act's page with fields filled in.
pub fn form(
    place: &Place<'_>,
    name: &str,
    id: &str,
    version: Option<i64>,
    inputs: Vec<Field>,
) -> Option<Part> {
    let act = ACTS.iter().find(|act| act.name == name)?;
    if !place.may(act.area, Access::Write) {
        return None;
    }
    let mut hidden = vec![("act".to_owned(), act.name.to_owned()), ("id".to_owned(), id.to_owned())];
    hidden.extend(version.map(|version| ("version".to_owned(), version.to_string())));
    Some(Part::Form(Form {
        title: place.say(act.key),
        hidden,
        fields: inputs,
        ..Form { is_post: false, ..Form::post(act.name, place.path("/act"), place.say("console-continue")) }
    }))
}

/// A form for something that is made: its id is a field.
pub fn making(place: &Place<'_>, name: &str, inputs: Vec<Field>) -> Option<Part> {
    match form(place, name, "", None, inputs)? {
        Part::Form(mut form) => {
            form.hidden.retain(|(name, _)| name != "id");
            Some(Part::Form(form))
        }
        other => Some(other),
    }
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:%".contains(&byte));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Words of a field, parted by spaces or lines.
fn words(fields: &Params, name: &str) -> Vec<String> {
    fields.get(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Names of the boxes that are ticked: fields `name.value`.
fn ticked(fields: &Params, name: &str) -> Vec<String> {
    let mark = format!("{name}.");
    fields.iter().filter_map(|(field, _)| field.strip_prefix(&mark)).map(str::to_owned).collect()
}

fn user(id: &str) -> String {
    format!("/users/{}", percent::encode(id))
}

fn client(id: &str) -> String {
    format!("/clients/{}", percent::encode(id))
}

fn context(id: &str) -> String {
    let (kind, id) = id.split_once('/').unwrap_or_default();
    format!("/contexts/{}/{}", percent::encode(kind), percent::encode(id))
}

fn patch(path: String, body: Value) -> Request {
    Request::new("PATCH", path, Some(body))
}

fn delete(path: String) -> Request {
    Request::new("DELETE", path, None)
}

const fn act(
    (name, key, question): (&'static str, &'static str, &'static str),
    (area, section): (Area, Section),
    request: fn(&str, &Params) -> Request,
) -> Act {
    Act { name, key, question, area, is_dangerous: false, section, request, removes: false }
}

const fn dangerous(act: Act) -> Act {
    Act { is_dangerous: true, ..act }
}

const fn removing(act: Act) -> Act {
    Act { removes: true, ..dangerous(act) }
}

const PEOPLE: (Area, Section) = (Area::Users, Section::People);
const CLIENTS: (Area, Section) = (Area::Clients, Section::Clients);

/// The acts.
pub static ACTS: &[Act] = &[
    act(("user-lock", "console-lock", "console-lock-question"), PEOPLE, |id, _| {
        patch(user(id), json!({ "locked": true }))
    }),
    act(("user-unlock", "console-unlock", "console-unlock-question"), PEOPLE, |id, _| {
        patch(user(id), json!({ "locked": false }))
    }),
    dangerous(act(("user-disable", "console-disable", "console-disable-person"), PEOPLE, |id, _| {
        patch(user(id), json!({ "disabled": true }))
    })),
    act(("user-enable", "console-enable", "console-enable-person"), PEOPLE, |id, _| {
        patch(user(id), json!({ "disabled": false }))
    }),
    act(("user-roles", "console-change-roles", "console-change-roles-question"), PEOPLE, |id, fields| {
        patch(user(id), json!({ "roles": ticked(fields, "role") }))
    }),
    removing(act(("user-remove", "console-remove", "console-remove-person"), PEOPLE, |id, _| {
        delete(user(id))
    })),
    dangerous(act(("client-disable", "console-disable", "console-disable-client"), CLIENTS, |id, _| {
        patch(client(id), json!({ "disabled": true }))
    })),
    act(("client-enable", "console-enable", "console-enable-client"), CLIENTS, |id, _| {
        patch(client(id), json!({ "disabled": false }))
    }),
    removing(act(("client-remove", "console-remove", "console-remove-client"), CLIENTS, |id, _| {
        delete(client(id))
    })),
    act(
        ("role-permissions", "console-change-permissions", "console-change-permissions-question"),
        (Area::Roles, Section::Roles),
        |id, fields| {
            patch(
                format!("/roles/{}", percent::encode(id)),
                json!({ "permissions": words(fields, "permissions") }),
            )
        },
    ),
    act(
        ("role-make", "console-make-role", "console-make-role-question"),
        (Area::Roles, Section::Roles),
        |id, fields| {
            let mut role = json!({ "id": id });
            if let Some(name) = fields.get("name").filter(|name| !name.is_empty()) {
                role["name"] = json!(name);
            }
            Request::new("POST", "/roles".to_owned(), Some(role))
        },
    ),
    removing(act(
        ("role-remove", "console-remove", "console-remove-role"),
        (Area::Roles, Section::Roles),
        |id, _| delete(format!("/roles/{}", percent::encode(id))),
    )),
    dangerous(act(
        ("context-disable", "console-disable", "console-disable-context"),
        (Area::Contexts, Section::Contexts),
        |id, _| patch(context(id), json!({ "disabled": true })),
    )),
    act(
        ("context-enable", "console-enable", "console-enable-context"),
        (Area::Contexts, Section::Contexts),
        |id, _| patch(context(id), json!({ "disabled": false })),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_shell_is_one_word_whatever_it_holds() {
        assert_eq!(quoted("https://id.example/admin/v1/tenants/t"), "https://id.example/admin/v1/tenants/t");
        assert_eq!(quoted("it's \"$TOKEN\""), "'it'\\''s \"$TOKEN\"'");
    }

    #[test]
    fn acts_are_requests_of_the_api_that_exist() {
        let mut names = std::collections::BTreeSet::new();
        for act in ACTS {
            assert!(names.insert(act.name), "{}", act.name);
            let request = (act.request)("a/b", &Params::default());
            let path = format!("/tenants/t{}", request.path);
            let found = admin::route::find(request.method, &path);
            let admin::route::Found::Route(route, _) = found else { panic!("{} {path}", request.method) };
            assert_eq!((route.area, route.access), (act.area, Access::Write), "{}", act.name);
        }
    }
}
