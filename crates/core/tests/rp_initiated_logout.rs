//! OpenID Connect RP-Initiated Logout 1.0, sections 2 and 3.

use std::sync::Arc;

use doorward_core::login::logout::{LoggedOut, LogoutRequest};
use doorward_core::{Decision, Facts};
use doorward_wire::params::Params;

use crate::cases::{outcome, owned};
use crate::world::{self, HANDLE, NOW, ago, with_ctx};

const BYE: &str = "https://app.example/bye";

struct Case {
    facts: Facts,
    params: Vec<(String, String)>,
    confirmed: bool,
}

#[test]
fn signing_out() {
    const ENDED: &[&str] = &["end session 10", "event session.ended"];
    type Case_ = (&'static str, fn(&mut Case), &'static str, &'static [&'static str]);
    let rows: &[Case_] = &[
        ("with a hint of this session", |_| (), "return https://app.example/bye", ENDED),
        (
            "with state",
            |case| case.add("state", "a b&c"),
            "return https://app.example/bye?state=a%20b%26c",
            ENDED,
        ),
        (
            "without a place to go",
            |case| case.params.retain(|(name, _)| name != "post_logout_redirect_uri"),
            "page Web",
            ENDED,
        ),
        (
            "a hint of another session of the person",
            |case| case.hint("usr_alice", "web", 11),
            "confirm Web",
            &[],
        ),
        ("a hint of another person", |case| case.hint("usr_bob", "web", 10), "confirm Web", &[]),
        ("no hint", |case| case.without_hint(), "confirm Web", &[]),
        (
            "no hint, confirmed",
            |case| {
                case.without_hint();
                case.confirmed = true;
            },
            "return https://app.example/bye",
            ENDED,
        ),
        (
            "a hint of another person, confirmed",
            |case| {
                case.hint("usr_bob", "web", 10);
                case.confirmed = true;
            },
            "return https://app.example/bye",
            ENDED,
        ),
        ("nobody is signed in", |case| case.facts.session = None, "return https://app.example/bye", &[]),
        (
            "the session has ended already",
            |case| {
                case.facts.session.as_mut().unwrap().session.ended_at = Some(ago(1));
            },
            "return https://app.example/bye",
            &[],
        ),
        ("a hint that is garbage", |case| case.set("id_token_hint", "x.y.z"), "refused logout.hint", &[]),
        (
            "a hint signed by somebody else",
            |case| {
                let claims = serde_json::to_vec(&world::id_claims("usr_alice", "web", 10)).unwrap();
                let hint = doorward_crypto::jose::sign::sign(world::other_key(), "JWT", &claims);
                case.set("id_token_hint", &hint);
            },
            "refused logout.hint",
            &[],
        ),
        (
            "an access token as hint",
            |case| {
                let claims = world::access_claims(Some(&world::grant("openid")), "openid", &[world::ISSUER]);
                case.set("id_token_hint", &world::jwt(&claims));
            },
            "refused logout.hint",
            &[],
        ),
        (
            "a hint of another client than is named",
            |case| case.set("client_id", "evil"),
            "refused logout.hint",
            &[],
        ),
        (
            "the client is named and the hint is its",
            |case| case.set("client_id", "web"),
            "return https://app.example/bye",
            ENDED,
        ),
        (
            "an unregistered place to go",
            |case| case.set("post_logout_redirect_uri", "https://evil.example/"),
            "refused logout.redirect",
            &[],
        ),
        (
            "a registered one with more",
            |case| case.set("post_logout_redirect_uri", "https://app.example/bye/"),
            "refused logout.redirect",
            &[],
        ),
        (
            "a redirect URI for codes",
            |case| case.set("post_logout_redirect_uri", world::CALLBACK),
            "refused logout.redirect",
            &[],
        ),
        (
            "a place to go and a client that is not there",
            |case| {
                case.without_hint();
                case.without_client();
            },
            "refused logout.redirect",
            &[],
        ),
        (
            "a place to go and no client",
            |case| {
                case.params.retain(|(known, _)| known != "id_token_hint");
                case.without_client();
            },
            "refused logout.client",
            &[],
        ),
        (
            "a client that is switched off",
            |case| {
                Arc::make_mut(case.facts.client.as_mut().unwrap()).client.disabled_at = Some(ago(1));
            },
            "refused logout.redirect",
            &[],
        ),
        (
            "a client of another issuer",
            |case| {
                Arc::make_mut(case.facts.client.as_mut().unwrap()).client.issuers =
                    ["iss-other".into()].into();
            },
            "refused logout.redirect",
            &[],
        ),
        (
            "nothing at all",
            |case| {
                case.params.clear();
                case.without_client();
            },
            "confirm",
            &[],
        ),
        (
            "nothing at all, confirmed",
            |case| {
                case.params.clear();
                case.without_client();
                case.confirmed = true;
            },
            "page",
            ENDED,
        ),
    ];
    let mut failed = String::new();
    for (name, change, expected, effects) in rows {
        let mut case = Case::new();
        change(&mut case);
        let decision = case.decide();
        let left = outcome(&decision).1;
        let found = match decision.answer {
            Ok(LoggedOut::Confirm { client_name }) => format!("confirm {}", client_name.unwrap_or_default()),
            Ok(LoggedOut::Page { client_name }) => format!("page {}", client_name.unwrap_or_default()),
            Ok(LoggedOut::Return { uri }) => format!("return {uri}"),
            Err(refusal) => format!("refused {}", refusal.reason.as_str()),
        };
        if found.trim_end() != *expected || left != *effects {
            failed.push_str(&format!("\n{name}: expected {expected} {effects:?}, found {found} {left:?}"));
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn the_hint_names_the_client_when_nobody_else_does() {
    let case = Case::new();
    let needs = case.request().needs(&case.facts);
    assert_eq!((needs.client, needs.session), (Some("web".into()), Some(HANDLE)));
    let mut case = Case::new();
    case.params.retain(|(known, _)| known != "id_token_hint");
    assert_eq!(case.request().needs(&case.facts).client, None);
    case.set("client_id", "evil");
    assert_eq!(case.request().needs(&case.facts).client, Some("evil".into()));
}

impl Case {
    fn new() -> Self {
        let mut facts = world::facts();
        facts.client = Some(world::client_facts(world::client()));
        facts.session = Some(world::session_facts());
        let hint = world::id_token("usr_alice", "web", 10);
        let params = owned(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]);
        Self { facts, params, confirmed: false }
    }

    fn request(&self) -> LogoutRequest {
        LogoutRequest {
            params: Params::from_pairs(self.params.clone()),
            session: Some(HANDLE),
            confirmed: self.confirmed,
        }
    }

    fn decide(&self) -> Decision<LoggedOut> {
        with_ctx(NOW, |ctx| self.request().decide(&self.facts, ctx))
    }

    fn set(&mut self, name: &str, value: &str) {
        self.params.retain(|(known, _)| known != name);
        self.add(name, value);
    }

    fn add(&mut self, name: &str, value: &str) {
        self.params.push((name.to_owned(), value.to_owned()));
    }

    fn hint(&mut self, sub: &str, aud: &str, sid: i64) {
        self.set("id_token_hint", &world::id_token(sub, aud, sid));
    }

    /// The client is named by `client_id` instead.
    fn without_hint(&mut self) {
        self.params.retain(|(known, _)| known != "id_token_hint");
        self.set("client_id", "web");
    }

    fn without_client(&mut self) {
        self.facts.client = None;
    }
}
