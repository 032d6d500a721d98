//! A system's sequence as it was written down: requests, and what they are answered, exactly. What the server makes up stands in braces; a
//! name that comes again means the same text.
//!
//!     = what the step is
//!     > POST /path                      the request; `@` before the path: a browser sends it
//!     > content-type: application/json
//!     > {"key":"{key}"}
//!     < 200                             the answer
//!     < content-type: application/json
//!     < {"token":"{token}"}             its body: JSON, a text, `(empty)`, or `(page)` and the page's heading
//!     ! POST /path                      instead of a request: what an extension has heard, the first that no step has told of
//!     ! {"kind":"InstanceUpdated"}      its headers and body, as above
//!
//! A step says what its answer's body is, or where it sends to: one that pins neither would accept anything.

use std::collections::{BTreeMap, VecDeque};

use doorward_tests::sink::{Heard, Sink};
use doorward_tests::{Browser, Reply};
use serde_json::Value;

use super::Speaker;

/// One step.
struct Step {
    name: String,
    method: String,
    path: String,
    is_of_browser: bool,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    answered: Vec<(String, String)>,
    answer: Option<String>,
    is_heard: bool,
}

/// Plays a transcript, and returns how many steps it had.
pub async fn play(
    at: &Speaker,
    browser: &Browser<'_>,
    text: &str,
    known: &mut BTreeMap<String, String>,
) -> usize {
    play_with(at, browser, None, text, known).await
}

/// The same where an extension is told at that sink, which hears what its steps say and nothing else.
pub async fn play_with(
    at: &Speaker,
    browser: &Browser<'_>,
    sink: Option<&Sink>,
    text: &str,
    known: &mut BTreeMap<String, String>,
) -> usize {
    let steps = steps(text);
    let mut heard = VecDeque::new();
    for step in &steps {
        if step.is_heard {
            let news = heard.pop_front().unwrap_or_else(|| panic!("{}: nothing was heard", step.name));
            check_heard(step, &news, known);
            continue;
        }
        let sent = |text: &str| filled(text, known);
        let path = sent(&step.path);
        let headers: Vec<(String, String)> =
            step.headers.iter().map(|(name, value)| (name.clone(), sent(value))).collect();
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let target = format!("{}{path}", at.mount);
        let body = sent(&step.body);
        let reply = match step.is_of_browser {
            true => browser.send(&step.method, &target, &headers, &body).await,
            false => at.app.send(&step.method, &target, &headers, &body).await,
        };
        check(step, &reply, known);
        if let Some(sink) = sink {
            crate::webhooks::turns(&at.app.app).await;
            heard.extend(sink.take());
        }
    }
    assert!(heard.is_empty(), "no step tells of {heard:?}");
    steps.len()
}

fn check_heard(step: &Step, news: &Heard, known: &mut BTreeMap<String, String>) {
    let name = &step.name;
    assert!(fits(&step.path, &news.target, known), "{name}: {}, not {}", news.target, step.path);
    for (header, pattern) in &step.answered {
        let value = news.header(header);
        assert!(fits(pattern, value, known), "{name}: {header}: {value}, not {pattern}");
    }
    let text = step.answer.as_deref().unwrap_or_else(|| panic!("{name}: pins no body"));
    let (pattern, body) = (serde_json::from_str(text).expect("JSON"), news.json());
    assert!(is_like(&pattern, &body, known), "{name}: {body}, not {pattern}");
}

fn check(step: &Step, reply: &Reply, known: &mut BTreeMap<String, String>) {
    let name = &step.name;
    assert_eq!(reply.status, step.status, "{name}: {}", reply.body);
    for (header, pattern) in &step.answered {
        let value = reply.header(header).unwrap_or_else(|| panic!("{name}: no {header}"));
        assert!(fits(pattern, value, known), "{name}: {header}: {value}, not {pattern}");
    }
    match step.answer.as_deref() {
        None => assert!(step.answered.iter().any(|(header, _)| header == "location"), "{name}: pins nothing"),
        Some("(empty)") => assert_eq!(reply.body, "", "{name}"),
        Some(text) => match (text.strip_prefix("(page) "), serde_json::from_str::<Value>(text)) {
            (Some(expected), _) => assert_eq!(heading(&reply.body), expected, "{name}"),
            (None, Ok(pattern)) => {
                let body = serde_json::from_str(&reply.body);
                let body: Value = body.unwrap_or_else(|_| panic!("{name}: no JSON: {}", reply.body));
                assert!(is_like(&pattern, &body, known), "{name}: {body}, not {pattern}");
            }
            (None, Err(_)) => {
                assert!(!text.starts_with('{'), "{name}: {text} is no JSON, and a text that is all made up");
                assert!(fits(text, &reply.body, known), "{name}: {}, not {text}", reply.body);
            }
        },
    }
}

/// The heading of a page.
fn heading(page: &str) -> &str {
    let inside = page.split_once("<h1>").and_then(|(_, rest)| rest.split_once("</h1>"));
    inside.map_or("", |(heading, _)| heading)
}

/// Members exactly, and texts by their patterns.
fn is_like(pattern: &Value, value: &Value, known: &mut BTreeMap<String, String>) -> bool {
    match (pattern, value) {
        (Value::String(pattern), Value::String(text)) => fits(pattern, text, known),
        (Value::Array(patterns), Value::Array(values)) => {
            patterns.len() == values.len()
                && patterns.iter().zip(values).all(|(pattern, value)| is_like(pattern, value, known))
        }
        (Value::Object(patterns), Value::Object(values)) => {
            patterns.len() == values.len()
                && patterns.iter().all(|(name, pattern)| {
                    values.get(name).is_some_and(|value| is_like(pattern, value, known))
                })
        }
        _ => pattern == value,
    }
}

/// Whether a text is as a pattern says; what stands where a new name does is kept under it.
fn fits(pattern: &str, text: &str, known: &mut BTreeMap<String, String>) -> bool {
    let pattern = filled(pattern, known);
    let Some((before, rest)) = pattern.split_once('{') else { return pattern == text };
    let Some((name, after)) = rest.split_once('}') else { return pattern == text };
    let Some(text) = text.strip_prefix(before) else { return false };
    let next = after.split('{').next().unwrap_or_default();
    let end = if next.is_empty() { Some(text.len()) } else { text.find(next) };
    let Some(end) = end.filter(|end| *end > 0) else { return false };
    if !name.is_empty() {
        known.insert(name.to_owned(), text[..end].to_owned());
    }
    fits(after, &text[end..], known)
}

/// With what is known in its place.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (mark, rest) = line.split_at(line.len().min(2));
        let step = steps.last_mut();
        match (mark, step) {
            ("= ", _) => steps.push(Step {
                name: rest.to_owned(),
                method: String::new(),
                path: String::new(),
                is_of_browser: false,
                headers: Vec::new(),
                body: String::new(),
                status: 0,
                answered: Vec::new(),
                answer: None,
                is_heard: false,
            }),
            ("! ", Some(step)) if step.method.is_empty() => {
                let (method, path) = rest.split_once(' ').expect("a method and a path");
                (step.method, step.path) = (method.to_owned(), path.to_owned());
                step.is_heard = true;
            }
            ("> ", Some(step)) if step.method.is_empty() => {
                let (method, path) = rest.split_once(' ').expect("a method and a path");
                step.is_of_browser = path.starts_with('@');
                (step.method, step.path) = (method.to_owned(), path.trim_start_matches('@').to_owned());
            }
            ("> ", Some(step)) => match header(rest) {
                Some(header) => step.headers.push(header),
                None => step.body = rest.to_owned(),
            },
            ("< ", Some(step)) if step.status == 0 => step.status = rest.parse().expect("a status"),
            ("< " | "! ", Some(step)) => match header(rest) {
                Some(header) => step.answered.push(header),
                None => step.answer = Some(rest.to_owned()),
            },
            _ => panic!("no line of a transcript: {line}"),
        }
    }
    steps
}

/// A header, where the line is one: a name of lower case letters, a colon, a space.
fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(": ")?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_name.then(|| (name.to_owned(), value.to_owned()))
}
