//! What administrators do: each act is one request of the admin API, written down once. The page that asks shows it as a line for
//! curl, and the answer is that of the API itself, asked in this process with the person's own token: what is shown is what is done.

mod extending;
#[cfg(test)]
mod pinned;
mod request;
mod table;

use std::fmt::Write;

use serde_json::Value;

use doorward_core::Reason;
use doorward_core::admin::{Access, Area};
use doorward_core::id::UserId;
use doorward_wire::params::Params;
use doorward_wire::percent;

use super::visit::{FORM, Place};
use crate::form::browser::{fields, is_same_site};
use crate::form::error;
use crate::page::view::ErrorKind;
use crate::page::view::console::{Bit, ConsolePage, Field, Form, Input, Link, Notice, Part, Section, Tone};
use crate::render::{self, Answer};

pub use request::Request;
use table::{Act, Document, named};

/// Links to acts, under one heading; none where the area may not be written.
pub fn links(place: &Place<'_>, acts: &[&str], id: &str, version: Option<i64>) -> Option<Part> {
    titled(place, place.say("console-acts"), acts, id, version)
}

/// The same below what they belong to, which has the heading.
pub fn links_below(place: &Place<'_>, acts: &[&str], id: &str, version: Option<i64>) -> Option<Part> {
    titled(place, String::new(), acts, id, version)
}

fn titled(place: &Place<'_>, title: String, acts: &[&str], id: &str, version: Option<i64>) -> Option<Part> {
    let found = acts.iter().filter_map(|name| named(name));
    let links: Vec<Link> = found.filter_map(|act| link(place, act, id, version)).collect();
    (!links.is_empty()).then_some(Part::Links(title, links))
}

/// The link to one act, where it may be done.
pub fn link_to(place: &Place<'_>, name: &str, id: &str) -> Option<Link> {
    named(name).and_then(|act| link(place, act, id, None))
}

/// The link of a row to what can be done with it; `back` is the page that it stands on, below the tenant's.
pub fn of_row(place: &Place<'_>, name: &str, id: &str, more: &[(&str, &str)]) -> Vec<Bit> {
    let act = named(name).filter(|act| place.may_somewhere(act.area, Access::Write));
    let link = act.map(|act| {
        let mut query = vec![("act", name), ("id", id)];
        query.extend_from_slice(more);
        Bit::Link(place.onward(act.key, "/act", &query))
    });
    link.into_iter().collect()
}

fn link(place: &Place<'_>, act: &Act, id: &str, version: Option<i64>) -> Option<Link> {
    let version = version.map(|version| version.to_string()).unwrap_or_default();
    let query = [("act", act.name), ("id", id), ("version", &version)];
    place.may_somewhere(act.area, Access::Write).then(|| place.onward(act.key, "/act", &query))
}

/// GET: the page that asks.
pub async fn ask(place: &Place<'_>) -> Answer {
    match Asked::of(place, &place.visit.query, None).await {
        Ok(asked) if !asked.is_of_something(place).await => place.visit.not_found(),
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
    let asked = match Asked::of(place, &form, form.get("document")).await {
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
        // What was written is not lost.
        412 if asked.document.is_some() => {
            asked.page(place, Some(Notice::bad(place.say("console-edit-conflict"), None)), 412)
        }
        // Somebody was faster: the fresh state, and what to make of it.
        412 => {
            let back = asked.back(place, false);
            let mark = if back.contains('?') { '&' } else { '?' };
            render::see_other(&format!("{}{back}{mark}conflict=1", visit.call.issuer.origin()))
        }
        _ => asked.page(place, Some(failure(place, &body)), status),
    }
}

/// Whether a path that somebody wrote into an address stays below the one that it is put behind, however a browser reads it: no segment
/// of it is empty or goes up, written out or escaped, and nothing in it is passed over or taken for a slash.
fn stays_below(back: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte);
    let stays = |segment: &str| {
        let decoded = percent::decode_segment(segment);
        segment.bytes().all(is_plain) && decoded.is_some_and(|name| !matches!(name.as_str(), "" | "." | ".."))
    };
    back.strip_prefix('/').is_some_and(|rest| rest.split('/').all(stays))
}

/// What the API says of a failure, as a notice.
pub fn failure(place: &Place<'_>, body: &Value) -> Notice {
    Notice::bad(place.say(why(body)), Some(told(body)))
}

/// The kind of a failure, as a sentence of the catalogue. The details are the API's own words.
fn why(problem: &Value) -> &'static str {
    match problem["type"].as_str().and_then(|kind| kind.rsplit(':').next()).unwrap_or_default() {
        "forbidden" => "console-failed-forbidden",
        "in-use" => "console-failed-in-use",
        "invalid" | "malformed" | "too-large" => "console-failed-invalid",
        "not-found" => "console-failed-gone",
        "refused" | "conflict" => "console-failed-refused",
        "taken" => "console-failed-taken",
        "too-many-requests" | "unavailable" => "console-failed-later",
        _ => "console-failed",
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
        let (pointer, detail) = (text(error, "pointer"), text(error, "detail"));
        let _ = match problem["detail"] == detail.as_str() {
            true => write!(out, "; {pointer}"),
            false => write!(out, "; {pointer}: {detail}"),
        };
    }
    out
}

/// What a person calls the object of an act: somebody by their name and user name, where people may be read; else its id.
async fn called(place: &Place<'_>, act: &Act, id: &str) -> Result<String, super::visit::Early> {
    let is_person = act.section == Section::People && !id.is_empty() && place.may(Area::Users, Access::Read);
    if !is_person {
        return Ok(id.to_owned());
    }
    let found = place.visit.call.app.store.user(place.id(), &UserId::from(id)).await;
    Ok(match found.map_err(|fault| Box::new(place.visit.fault(&fault)))? {
        Some(found) if found.user.display_name() == found.user.user_name => found.user.user_name,
        Some(found) => format!("{} ({})", found.user.display_name(), found.user.user_name),
        None => id.to_owned(),
    })
}

/// An act on an object, as it is asked for.
struct Asked<'a> {
    act: &'static Act,
    id: String,
    /// What a person calls it.
    called: String,
    fields: &'a Params,
    request: Request,
    /// What is written, where the act is one of a document.
    document: Option<String>,
}

impl<'a> Asked<'a> {
    /// `written` is a document that came with the form; what stands in a link is nobody's writing.
    async fn of(
        place: &Place<'_>,
        fields: &'a Params,
        written: Option<&str>,
    ) -> Result<Self, super::visit::Early> {
        let act = fields.get("act").and_then(named);
        let Some(act) = act else { return Err(Box::new(place.visit.not_found())) };
        // What makes something may have no id yet; of what must have one, the API knows none that is empty.
        let id = fields.get("id").unwrap_or_default();
        place.must_somewhere(act.area, Access::Write)?;
        let version = fields.get("version").and_then(|version| version.parse().ok());
        let mut request = Request { version, ..(act.request)(id, fields) };
        let called = called(place, act, id).await?;
        let document = match (act.document, written) {
            (None, _) => None,
            (Some(_), Some(written)) => Some(written.to_owned()),
            (Some(Document::New(first)), None) => Some(pretty(first.as_bytes())),
            (Some(Document::AsItIs), None) => {
                let (document, version) = as_it_is(place, &request).await?;
                request.version = version;
                Some(document)
            }
        };
        if document.is_some() {
            request.body.clone_from(&document);
        }
        Ok(Self { act, id: id.to_owned(), called, fields, request, document })
    }

    /// Whether there is what the act is about, as far as the API can be asked: nobody is invited to press a button that can only fail.
    async fn is_of_something(&self, place: &Place<'_>) -> bool {
        let mut path = self.request.path.as_str();
        if path.split('/').skip(1).any(str::is_empty) {
            return false;
        }
        // What is put need not be there yet; what it is put into must be.
        if self.request.method == "PUT" && self.document.is_none() {
            path = path.rsplit_once('/').map_or("", |(above, _)| above);
        }
        while let Some((above, _)) = path.rsplit_once('/') {
            let read = Request::new("GET", path.to_owned(), None);
            if read.is_known(place) {
                return read.send(place).await.status() != 404;
            }
            path = above;
        }
        true
    }

    /// The object's page, or its list.
    fn back(&self, place: &Place<'_>, is_gone: bool) -> String {
        if let Some(back) = self.fields.get("back").filter(|back| stays_below(back)) {
            return place.path(back);
        }
        let list = self.act.section.path().trim_start_matches('/');
        if is_gone || !self.has_page() {
            place.path(self.act.section.path())
        } else {
            place.of(list, &self.id)
        }
    }

    /// Whether the object has a page of its own.
    fn has_page(&self) -> bool {
        // Of what hangs on somebody the list has no page.
        let hangs = matches!(self.act.name, "session-end" | "grant-end" | "consent-end" | "issuer-edit");
        self.act.section != Section::Keys && !self.id.is_empty() && !hangs
    }

    fn done(&self, place: &Place<'_>, body: &Value) -> Answer {
        let back = self.back(place, self.act.removes);
        // An object's own address is no link.
        let names: &[&str] = if self.document.is_some() {
            &["client_secret"]
        } else {
            &["secret", "client_secret", "password", "url"]
        };
        let secret = names.iter().find_map(|member| body[*member].as_str());
        if let Some(shows) = self.act.shows {
            let parts =
                vec![shows(place, body), Part::Call(self.request.curl(place)), self.way_back(place, back)];
            let page = place.page(Some(self.act.section), place.say(self.act.key), parts);
            return place.send(200, page);
        }
        match secret {
            // What is shown once is shown at once: nothing keeps it.
            Some(secret) => {
                let mut notice = Notice::good(place.say("console-done"));
                notice.secret = Some((place.say("console-once"), secret.to_owned()));
                let parts = vec![Part::Call(self.request.curl(place)), self.way_back(place, back)];
                let page = place.page(Some(self.act.section), place.say(self.act.key), parts);
                place.send(200, ConsolePage { notice: Some(notice), ..page })
            }
            None => {
                let mark = if back.contains('?') { '&' } else { '?' };
                render::see_other(&format!("{}{back}{mark}done=1", place.visit.call.issuer.origin()))
            }
        }
    }

    fn way_back(&self, place: &Place<'_>, href: String) -> Part {
        Part::Links(String::new(), vec![Link { text: place.say("console-back"), href }])
    }

    /// The page that asks: first for the fields, where there are some; then whether it shall be done.
    fn page(&self, place: &Place<'_>, notice: Option<Notice>, status: u16) -> Answer {
        let title = place.say(self.act.key);
        // What is not made yet has no page to go back to.
        let is_new = self.act.name == "role-make";
        let own: &[&str] = if self.document.is_some() { &["form", "document", "version"] } else { &["form"] };
        let mut hidden: Vec<(String, String)> = self
            .fields
            .iter()
            .filter(|(name, _)| !own.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        hidden.push(("form".to_owned(), place.visit.form_token()));
        let mut fields = Vec::new();
        if let Some(document) = &self.document {
            hidden.extend(self.request.version.map(|version| ("version".to_owned(), version.to_string())));
            fields.push(Field {
                name: "document",
                label: place.say("console-document"),
                input: Input::Lines(document.clone()),
                hint: place.say("console-document-hint"),
            });
        }
        let button = if fields.is_empty() { title.clone() } else { place.say("console-save") };
        let form = Form {
            fields,
            text: place.visit.frame.get(self.act.question, &[("id", &self.called)]),
            hidden,
            tone: if self.act.is_dangerous { Tone::Bad } else { Tone::Good },
            back: Some(Link { text: place.say("console-cancel"), href: self.back(place, is_new) }),
            ..Form::post("act", place.path("/act"), button)
        };
        let parts = vec![Part::Form(form), Part::Call(self.request.curl(place))];
        let page = place.page(Some(self.act.section), title, parts);
        let mut trail = vec![place.trail(self.act.section)];
        if self.has_page() && !is_new && self.fields.get("back").is_none() {
            trail.push(Link { text: self.called.clone(), href: self.back(place, false) });
        }
        place.send(status, ConsolePage { trail, notice, ..page })
    }
}

/// What the admin API shows of the object that a request writes, to be written over, and its version.
async fn as_it_is(
    place: &Place<'_>,
    request: &Request,
) -> Result<(String, Option<i64>), super::visit::Early> {
    let answer = Request::new("GET", request.path.clone(), None).send(place).await;
    match answer.status().as_u16() {
        200 => {}
        404 => return Err(Box::new(place.visit.not_found())),
        // Who may write an area may read it: what is left is trouble.
        _ => {
            let visit = place.visit;
            return Err(Box::new(error::page(visit.call, &visit.browser, ErrorKind::Unavailable, None)));
        }
    }
    let version = answer.headers().get(http::header::ETAG).and_then(|tag| tag.to_str().ok());
    let version = version.and_then(|tag| tag.trim_matches('"').parse().ok());
    Ok((pretty(answer.body()), version))
}

/// JSON as a person reads it.
fn pretty(json: &[u8]) -> String {
    let value: Value = serde_json::from_slice(json).unwrap_or_default();
    format!("{value:#}")
}

/// A form that leads to an act's page with fields filled in.
pub fn form(
    place: &Place<'_>,
    name: &str,
    id: &str,
    version: Option<i64>,
    inputs: Vec<Field>,
) -> Option<Part> {
    let act = named(name)?;
    if !place.may_somewhere(act.area, Access::Write) {
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
