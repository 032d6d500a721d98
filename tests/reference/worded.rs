//! Whatever refuses a request, and however early: its caller reads of it in the words of the contract that it came to, and a script of another
//! origin may read it wherever it may read the endpoint's other errors.

use std::time::Duration;

use doorward_tests::{Reply, TestApp};
use doorward_web::app::Options;
use doorward_web::edge::{Edge, Limits};
use doorward_web::traffic::{Class, Quotas};
use serde_json::{Value, json};

use super::Speaker;
use crate::bad_inputs::wire::{Wire, reply};
use crate::traffic::{address, poll, world};

/// An endpoint of a contract: where it is, whether scripts of other origins may read it, and its words.
struct Place {
    dialect: &'static str,
    path: &'static str,
    is_open: bool,
    /// Whether the body is looked at before anything else is.
    reads_first: bool,
    words: Words,
}

/// How an endpoint tells of an error.
#[derive(Clone, Copy)]
enum Words {
    /// A page for people.
    Page,
    /// A word of plain text, the same as OAuth's.
    Plain,
    /// JSON that has this member.
    Member(&'static str, fn(u16) -> Value),
}

impl Place {
    /// That a reply of that status is what is read here of every error.
    #[track_caller]
    fn assert_told(&self, status: u16, reply: &Reply) {
        let what = format!("{} {} {status}: {}", self.dialect, self.path, reply.body);
        assert_eq!(reply.status, status, "{what}");
        assert_eq!(reply.header("access-control-allow-origin"), self.is_open.then_some("*"), "{what}");
        let media_type = reply.header("content-type");
        match self.words {
            Words::Page => assert_eq!(media_type, Some("text/html; charset=utf-8"), "{what}"),
            Words::Plain => {
                assert_eq!(media_type, Some("text/plain; charset=utf-8"), "{what}");
                assert_eq!(json!(reply.body), oauth(status), "{what}");
            }
            Words::Member(pointer, value) => {
                assert_eq!(reply.json().pointer(pointer), Some(&value(status)), "{what}");
            }
        }
    }

    fn is_page(&self) -> bool {
        matches!(self.words, Words::Page)
    }
}

/// Each of the places, at an issuer of its contract.
async fn places(app: impl AsyncFn() -> TestApp) -> Vec<(&'static Place, Speaker)> {
    let mut all: Vec<(&Place, Speaker)> = Vec::new();
    for place in PLACES {
        let at = match all.last() {
            Some((last, at)) if last.dialect == place.dialect => {
                Speaker { app: at.app.clone(), mount: at.mount.clone() }
            }
            _ => Speaker::on(app().await, place.dialect).await,
        };
        all.push((place, at));
    }
    all
}

#[tokio::test]
async fn of_what_the_edge_cuts_short() {
    for (place, at) in places(TestApp::extended).await {
        let limits = Limits { body_idle: Duration::from_millis(50), ..Limits::default() };
        let wire = Wire::before(&at.app, Edge { limits, ..Edge::default() }).await;
        let (path, form) = (format!("POST {}{}", at.mount, place.path), "Content-Type: application/json");
        for (status, fields, body) in [
            (413, &["Content-Length: 2000000"][..], ""),
            (408, &["Content-Length: 10"], "{"),
            (400, &["Content-Length: 2", "Authorization: Bearer a", "Authorization: Bearer b"], "{}"),
        ] {
            let answer = wire.request(&path, &[&[form], fields].concat(), body).await;
            place.assert_told(status, &reply(&answer));
            assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        }
    }
}

/// Nobody is told more than that there is no such host, or no issuer.
#[tokio::test]
async fn where_no_issuer_is_the_edge_speaks_for_itself() {
    let at = Speaker::of("smartenit").await;
    let wire = Wire::before(&at.app, Edge::default()).await;
    at.app
        .commit(vec![doorward_core::Effect::PutIssuer(doorward_core::model::Issuer {
            disabled_at: Some(at.app.clock.now()),
            version: 1,
            ..super::issuer(doorward_tests::T1, "smartenit", &at.mount)
        })])
        .await;
    let answer = wire.request(&format!("POST {}/v2/users", at.mount), &["Content-Length: 2000000"], "").await;
    let told = reply(&answer);
    assert_eq!((told.status, &*told.body), (413, "The request body is too large.\n"));
    assert_eq!(told.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn of_methods_and_media_types_that_are_not_taken() {
    for (place, at) in places(TestApp::extended).await {
        let ask = async |method: &str, kind: &str| {
            at.send(method, place.path, &[("content-type", kind)], "<a/>").await
        };
        match place.path {
            "/there/is/nothing" => place.assert_told(404, &ask("DELETE", "text/xml").await),
            _ if place.is_page() => {}
            _ => place.assert_told(405, &ask("DELETE", "text/xml").await),
        }
        if place.reads_first {
            place.assert_told(400, &ask("POST", "text/xml").await);
        }
    }
}

#[tokio::test]
async fn of_too_many_requests() {
    let quotas = || Quotas { protocol: 1, pages: 1, admin: 1, ..Quotas::default() };
    let app = async || TestApp::with(Options { quotas: quotas(), ..Options::default() }).await;
    for (number, (place, at)) in places(app).await.into_iter().enumerate() {
        let path = format!("{}{}", at.mount, place.path);
        let ask = || at.app.send_from(address(&format!("198.51.100.{number}")), "POST", &path, &[], "");
        assert_ne!(ask().await.status, 429, "{path}");
        let over = ask().await;
        place.assert_told(429, &over);
        assert_eq!(over.header("retry-after"), Some("60"), "{path}");
    }
}

#[tokio::test]
async fn of_too_much_to_do() {
    for (place, at) in places(async || world(0, 0).await).await {
        let path = format!("{}{}", at.mount, place.path);
        let mut taken = Vec::new();
        for class in [Class::Admin, Class::Page, Class::Protocol] {
            for _ in 0..8 {
                taken.push(at.app.app.traffic.enter(class).await.expect("a place"));
            }
        }
        let mut request = Box::pin(at.app.send("POST", &path, &[], ""));
        assert!(poll(&mut request).is_none(), "{path}: it waits for a place");
        let mut newer = Vec::new();
        for class in [Class::Admin, Class::Page, Class::Protocol] {
            newer.extend((0..256).map(|_| Box::pin(at.app.app.traffic.enter(class))));
        }
        for one in &mut newer {
            assert!(poll(one).is_none(), "{path}");
        }
        let shed = poll(&mut request).expect("the oldest is told");
        place.assert_told(503, &shed);
        assert!(shed.header("retry-after").is_some(), "{path}");
    }
}

const fn open(dialect: &'static str, path: &'static str, words: Words) -> Place {
    Place { dialect, path, is_open: true, reads_first: false, words }
}

const fn closed(dialect: &'static str, path: &'static str, words: Words) -> Place {
    Place { dialect, path, is_open: false, reads_first: false, words }
}

/// One that looks at the body before anything else.
const fn reads(place: Place) -> Place {
    Place { reads_first: true, ..place }
}

const OAUTH: Words = Words::Member("/error", oauth);
const MITTWALD: Words = Words::Member("/type", |status| match status {
    404 => json!("ObjectNotFound"),
    405 => json!("MethodNotAllowed"),
    429 => json!("RateLimitError"),
    503 => json!("ServiceUnavailable"),
    _ => json!("ValidationError"),
});
const MIA: Words = Words::Member("/statusCode", |status| json!(status));
const SMARTENIT: Words = Words::Member("/error/errors/0/code", |status| json!(status));
const PROBLEM: Words = Words::Member("/status", |status| json!(status));

const PLACES: &[Place] = &[
    reads(open("standard", "/token", OAUTH)),
    reads(open("standard", "/revoke", OAUTH)),
    reads(closed("standard", "/introspect", OAUTH)),
    open("standard", "/there/is/nothing", OAUTH),
    closed("standard", "/admin/v1/tenants/t1/roles", PROBLEM),
    closed("standard", "/sign-in", Words::Page),
    reads(open("mittwald", "/v2/oauth2/token", OAUTH)),
    reads(closed("mittwald", "/v2/authenticate-token-retrieval-key", MITTWALD)),
    closed("mittwald", "/v2/extension-instances", MITTWALD),
    open("mittwald", "/there/is/nothing", MITTWALD),
    reads(closed("mia-platform", "/api/oauth/token", MIA)),
    closed("mia-platform", "/api/extensibility/tenants/c/extensions/x/apps", MIA),
    reads(open("smartenit", "/v2/oauth2/token", OAUTH)),
    open("smartenit", "/v2/users", SMARTENIT),
    reads(closed("magic", "/api/token", OAUTH)),
    open("magic", "/api/validate", OAUTH),
    open("magic", "/api/signout", OAUTH),
    reads(closed("ez-publish", "/api/auth/oauth/token", Words::Plain)),
    reads(closed("ez-publish", "/introspect", OAUTH)),
];

/// The word of RFC 6749, section 5.2.
fn oauth(status: u16) -> Value {
    match status {
        429 | 503 => json!("temporarily_unavailable"),
        _ => json!("invalid_request"),
    }
}
