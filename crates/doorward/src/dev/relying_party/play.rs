//! The pages that play a sequence: one step at a press of a button, with what was sent and what came back.

use std::collections::BTreeMap;

use ::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;

use doorward_web::edge;
use doorward_web::page::Texts;
use doorward_web::page::view::demo_fragment::DemoFragment;
use doorward_web::page::view::demo_refusal::check;
use doorward_web::page::view::demo_sequence::{DemoExchange, DemoSequence, DemoStep};
use doorward_wire::params::Params;

use super::browser::Browser;
use super::issuer::{Refused, base64};
use super::page::{decoded, see_other, show};
use super::{Answer, RelyingParty};
use crate::dev::seed::PASSWORD;
use crate::dev::sequence::{Act, Ask, Body, Sequence, Step, Values, Visit, filled, script, values};

/// How far a visitor is in one sequence.
#[derive(Clone, Debug, Default)]
pub struct Play {
    values: Values,
    /// What was done; where the last was not as expected, its step is still to be done.
    done: Vec<Exchange>,
}

/// What was sent, and what came back.
#[derive(Clone, Debug)]
struct Exchange {
    request: String,
    status: u16,
    answer: String,
    /// What of the answer is a token, or may be.
    tokens: Vec<String>,
    is_expected: bool,
}

/// All of a visitor's plays, by the name of the sequence.
pub type Plays = BTreeMap<&'static str, Play>;

impl Play {
    /// Which step is next.
    fn next(&self) -> usize {
        self.done.len() - usize::from(self.done.last().is_some_and(|last| !last.is_expected))
    }

    /// The visit that is next.
    fn visit(&self, sequence: &'static Sequence) -> Option<&'static Visit> {
        match &sequence.steps.get(self.next())?.act {
            Act::Visit(visit) => Some(visit),
            Act::Ask(_) => None,
        }
    }

    fn record(&mut self, exchange: Exchange) {
        self.done.truncate(self.next());
        self.done.push(exchange);
    }
}

impl RelyingParty {
    /// GET of `/systems/{name}`: what was done, and what is next; of `/systems/{name}.sh`, all of it as a script.
    pub(super) async fn sequence(&self, browser: &Browser, name: &str) -> Answer {
        if let Some(sequence) = name.strip_suffix(".sh").and_then(Sequence::named) {
            let text = match self.values(sequence).await {
                Ok(values) => script::text(sequence, &values, self.place.authority.as_deref()),
                Err(refused) => script::failing(&in_english(refused)),
            };
            return edge::text(StatusCode::OK, text);
        }
        let Some(sequence) = Sequence::named(name) else {
            return edge::text(StatusCode::NOT_FOUND, "Not found\n");
        };
        let play = self.look(browser).plays.remove(sequence.name).unwrap_or_default();
        browser.remember(show(StatusCode::OK, &self.page(browser, sequence, play)))
    }

    /// POST of `/systems/{name}`: the next step, or all of them anew.
    pub(super) async fn step(&self, browser: &Browser, name: &str, form: &Params) -> Answer {
        let Some(sequence) = Sequence::named(name).filter(|_| self.is_own(browser, form)) else {
            return see_other("/");
        };
        let here = format!("/systems/{name}");
        if form.get("action") == Some("again") {
            self.change(browser, |visitor| visitor.plays.remove(sequence.name));
            return see_other(&here);
        }
        let mut play = self.look(browser).plays.remove(sequence.name).unwrap_or_default();
        let Some(step) = sequence.steps.get(play.next()) else { return see_other(&here) };
        if play.done.is_empty() {
            play.values = match self.values(sequence).await {
                Ok(values) => values,
                Err(refused) => return self.failed(browser, refused),
            };
        }
        let to = match &step.act {
            Act::Visit(visit) => address(visit, &play.values),
            Act::Ask(ask) => {
                let exchange = self.exchange(ask, &mut play.values).await;
                play.record(exchange);
                format!("{here}#step-{}", play.done.len())
            }
        };
        self.change(browser, |visitor| visitor.plays.insert(sequence.name, play));
        browser.remember(see_other(&to))
    }

    /// GET of `/systems/{name}/callback`: the browser is back from the issuer. What stands in the fragment, no server is sent: the page
    /// that is shown then hands it over.
    pub(super) fn came_back(&self, browser: &Browser, name: &str, query: &Params) -> Answer {
        let Some(sequence) = Sequence::named(name) else { return see_other("/") };
        let play = self.look(browser).plays.remove(sequence.name).unwrap_or_default();
        match play.visit(sequence) {
            Some(visit) if visit.in_fragment && !query.contains("state") => {
                let (frame, form) = (browser.frame.clone(), browser.form_token());
                let (name, called) = (sequence.name.to_owned(), sequence.called.to_owned());
                browser.remember(show(StatusCode::OK, &DemoFragment { frame, form, name, called }))
            }
            visit => self.arrived(browser, sequence, play, visit, '?', query),
        }
    }

    /// POST of `/systems/{name}/callback`: what stood behind the `#`, or the whole address.
    pub(super) fn handed_over(&self, browser: &Browser, name: &str, form: &Params) -> Answer {
        let Some(sequence) = Sequence::named(name).filter(|_| self.is_own(browser, form)) else {
            return see_other("/");
        };
        let play = self.look(browser).plays.remove(sequence.name).unwrap_or_default();
        let visit = play.visit(sequence).filter(|visit| visit.in_fragment);
        let pasted = form.get("answer").unwrap_or_default().trim();
        let fragment = pasted.split_once('#').map_or(pasted, |(_, fragment)| fragment);
        let answer = Params::parse_query(fragment).unwrap_or_default();
        self.arrived(browser, sequence, play, visit, '#', &answer)
    }

    /// The answer to an authorization request, which stood behind `mark`.
    fn arrived(
        &self,
        browser: &Browser,
        sequence: &'static Sequence,
        mut play: Play,
        visit: Option<&Visit>,
        mark: char,
        answer: &Params,
    ) -> Answer {
        let state = play.values.get("state").map(String::as_str);
        let Some(visit) = visit.filter(|_| state.is_some() && answer.get("state") == state) else {
            return self.failed(browser, Refused::Checked(check::STATE));
        };
        let brought = answer.get(visit.brings.member).map(str::to_owned);
        play.record(Exchange {
            request: format!("GET {}", address(visit, &play.values)),
            status: 303,
            answer: format!("location: {}{mark}{}", play.values["callback"], answer.to_query()),
            tokens: brought.iter().filter(|value| is_token(value)).cloned().collect(),
            is_expected: brought.is_some(),
        });
        play.values.extend(brought.map(|value| (visit.brings.value.to_owned(), value)));
        let to = format!("/systems/{}#step-{}", sequence.name, play.done.len());
        self.change(browser, |visitor| visitor.plays.insert(sequence.name, play));
        see_other(&to)
    }

    /// What is the same for every step, with what the sequences are about as it was before any of them.
    async fn values(&self, sequence: &Sequence) -> Result<Values, Refused> {
        Ok(values(&self.place, sequence, &self.restored(PLAYED_BY).await?))
    }

    /// Sends a request and keeps what its answer brings.
    async fn exchange(&self, ask: &Ask, values: &mut Values) -> Exchange {
        let fill = |text: &str| filled(text, &|name| values.get(name).cloned());
        let url = fill(&format!("{}{}", ask.at.base(), ask.path));
        let mut headers: Vec<(&str, String)> =
            ask.headers.iter().map(|(name, value)| (*name, fill(value))).collect();
        if let Some((name, secret)) = ask.basic {
            let credentials = format!("{}:{}", fill(name), fill(secret));
            headers.push(("authorization", format!("Basic {}", base64(credentials.as_bytes()))));
        }
        let body = match ask.body {
            Body::None => String::new(),
            Body::Json(json) => fill(json),
            Body::Form(form) => {
                let form = form.iter().map(|(name, value)| ((*name).to_owned(), fill(value)));
                Params::from_pairs(form.collect()).to_query()
            }
        };
        match ask.body {
            Body::None => {}
            Body::Json(_) => headers.push(("content-type", "application/json".to_owned())),
            Body::Form(_) => headers.push(("content-type", "application/x-www-form-urlencoded".to_owned())),
        }
        let mut request = Request::builder().method(ask.method).uri(&url);
        let mut text = format!("{} {url}", ask.method);
        for (name, value) in &headers {
            request = request.header(*name, value);
            text.push_str(&format!("\n{name}: {value}"));
        }
        if !body.is_empty() {
            text.push_str(&format!("\n\n{body}"));
        }
        let answer = self.send(&url, request, Bytes::from(body)).await;
        let (status, answer, found) = match answer {
            Ok(answer) => told(&answer),
            Err(why) => (0, why, Value::Null),
        };
        let is_expected = status == ask.expects;
        let mut tokens = Vec::new();
        for take in ask.takes.iter().filter(|_| is_expected) {
            if let Some(value) = member(&found, take.member, take.beside) {
                tokens.push(value.to_owned());
                values.insert(take.value.to_owned(), value.to_owned());
            }
        }
        tokens.retain(|token| is_token(token));
        Exchange { request: text, status, answer, tokens, is_expected }
    }

    /// To the issuer, or to the demo API, which is served here.
    async fn send(
        &self,
        url: &str,
        request: ::http::request::Builder,
        body: Bytes,
    ) -> Result<Response<Bytes>, String> {
        let Some(path) = url.strip_prefix(&self.url).filter(|path| path.starts_with("/api/")) else {
            return self.issuer.ask(request, body).await;
        };
        let (parts, ()) = request.body(()).map_err(|error| error.to_string())?.into_parts();
        Ok(self.api(&parts.method, path, None, &parts.headers).await)
    }

    fn page(&self, browser: &Browser, sequence: &'static Sequence, play: Play) -> DemoSequence {
        let next = play.next();
        let mut done = play.done.into_iter();
        let texts = browser.frame.texts;
        let step = |(number, step): (usize, &Step)| DemoStep {
            number: number + 1,
            title: texts.say(step.title),
            visits: matches!(step.act, Act::Visit(_)),
            is_next: number == next,
            exchange: done.next().map(|exchange| DemoExchange {
                request: exchange.request,
                status: exchange.status,
                answer: exchange.answer,
                tokens: exchange.tokens.iter().map(|token| decoded(token)).collect(),
                is_expected: exchange.is_expected,
            }),
        };
        let steps: Vec<DemoStep> = sequence.steps.iter().enumerate().map(step).collect();
        DemoSequence {
            form: browser.form_token(),
            frame: browser.frame.clone(),
            name: sequence.name.to_owned(),
            called: sequence.called.to_owned(),
            issuer: format!("{}{}", self.place.issuer, sequence.path),
            command: script::command(&self.place, sequence),
            person: PLAYED_BY.to_owned(),
            password: PASSWORD.to_owned(),
            account: format!("{}/account", self.place.issuer),
            has_begun: steps.iter().any(|step| step.exchange.is_some()),
            has_ended: next == steps.len(),
            steps,
        }
    }
}

/// Whether it is a token that can be decoded.
fn is_token(text: &str) -> bool {
    text.split('.').count() == 3
}

/// What a script says of a refusal.
fn in_english(refused: Refused) -> String {
    match refused {
        Refused::Checked(message) => Texts::for_locale("en").say(message),
        Refused::Told(error, description) => description.unwrap_or(error),
    }
}

/// Where a browser is sent.
fn address(visit: &Visit, values: &Values) -> String {
    let fill = |text: &str| filled(text, &|name| values.get(name).cloned());
    let query = visit.query.iter().map(|(name, value)| ((*name).to_owned(), fill(value))).collect();
    format!("{}?{}", fill(&format!("{{issuer}}{}", visit.path)), Params::from_pairs(query).to_query())
}

/// An answer as it is shown, and what of it is JSON.
fn told(answer: &Response<Bytes>) -> (u16, String, Value) {
    let found: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let body = match serde_json::to_string_pretty(&found) {
        Ok(pretty) if !found.is_null() => pretty,
        _ => String::from_utf8_lossy(answer.body()).into_owned(),
    };
    let challenge = answer.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    let challenge =
        challenge.map_or_else(String::new, |challenge| format!("www-authenticate: {challenge}\n\n"));
    (answer.status().as_u16(), challenge + &body, found)
}

/// The first text of that name, however deep, in an object that has the other member too.
fn member<'a>(found: &'a Value, name: &str, beside: Option<(&str, &str)>) -> Option<&'a str> {
    match found {
        Value::Object(members) => members
            .get(name)
            .and_then(Value::as_str)
            .filter(|_| {
                beside.is_none_or(|(other, text)| members.get(other).is_some_and(|value| value == text))
            })
            .or_else(|| members.values().find_map(|value| member(value, name, beside))),
        Value::Array(items) => items.iter().find_map(|item| member(item, name, beside)),
        _ => None,
    }
}

/// Who belongs to what the sequences are about.
const PLAYED_BY: &str = "alice";
