//! RFC 8693 (token exchange), as far as embedded pages need it: what a session token says, and what it is exchanged for.

use std::sync::Arc;

use doorward_core::facts::{Belonging, InstallationFacts};
use doorward_core::id::{ConsentId, SessionId};
use doorward_core::installation::opening::Who;
use doorward_core::installation::session_token::{SessionClaims, SessionToken, SessionTokenRequest};
use doorward_core::model::{Actor, ConsentPolicy, Event, Grant};
use doorward_core::token::claims::ActClaim;
use doorward_core::token::issue::UnsignedClaims;
use doorward_core::{Decision, Effect, Facts, Reason};

use crate::cases::{TokenCase, assert_rows};
use crate::world::{self, HANDLE, NOW, ago, parse, with_ctx};

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The token says that instead.
fn says(case: &mut TokenCase, change: impl FnOnce(&mut SessionClaims)) {
    let mut claims = world::session_claims();
    change(&mut claims);
    case.set("subject_token", &world::session_token_of("session+jwt", &claims));
}

/// The platform made it, for somebody who signs in elsewhere.
fn vouched(case: &mut TokenCase) {
    says(case, |claims| {
        claims.sid = "platform:s-1".to_owned();
        claims.act = Some(ActClaim { sub: "panel".to_owned() });
    });
    case.facts.session_of = None;
}

fn installation(case: &mut TokenCase) -> &mut InstallationFacts {
    case.facts.installation.as_mut().unwrap()
}

fn ask(case: &mut TokenCase) {
    case.facts.extension.as_mut().unwrap().manifest.consent = ConsentPolicy::Asked;
}

/// When the token was made: amid a second.
const MADE_MS: i64 = -40_000 + 500;

#[test]
fn what_a_session_token_is_exchanged_for() {
    use Reason::{
        ActorToken, ClientAnonymous, RequestedTokenType, ScopeEmpty, ScopeWidened, SubjectTokenInvalid,
        SubjectTokenType,
    };
    const DONE: &[&str] = &["grant", "event installation.session_exchanged"];
    assert_rows(
        TokenCase::session_token,
        TokenCase::outcome,
        &[
            ("as it was made", |_| (), Ok(()), DONE),
            ("nobody proves who they are", TokenCase::make_public, Err(ClientAnonymous), &[]),
            (
                "a token of another issuer",
                |case| says(case, |claims| claims.iss = "https://id.example/t/t2".to_owned()),
                Err(SubjectTokenInvalid),
                &[],
            ),
            (
                "another token of ours",
                |case| {
                    let token = world::session_token_of("JWT", &world::session_claims());
                    case.set("subject_token", &token);
                },
                Err(SubjectTokenInvalid),
                &[],
            ),
            (
                "a session token by its own name",
                |case| case.set("subject_token_type", "urn:doorward:token-type:session"),
                Ok(()),
                DONE,
            ),
            ("of another type", |case| case.set("subject_token_type", ACCESS), Err(SubjectTokenType), &[]),
            ("an actor", |case| case.set("actor_token", "x"), Err(ActorToken), &[]),
            ("an actor's type", |case| case.set("actor_token_type", ACCESS), Err(ActorToken), &[]),
            ("for an access token", |case| case.set("requested_token_type", ACCESS), Ok(()), DONE),
            (
                "for a JWT",
                |case| case.set("requested_token_type", "urn:ietf:params:oauth:token-type:jwt"),
                Err(RequestedTokenType),
                &[],
            ),
            (
                "at its end",
                |case| says(case, |claims| claims.exp = NOW.seconds()),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused exchange.expired"],
            ),
            (
                "a second before its end",
                |case| says(case, |claims| claims.exp = NOW.seconds() + 1),
                Ok(()),
                DONE,
            ),
            (
                "of another extension",
                |case| says(case, |claims| claims.extension = "other".into()),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused atrek.wrong_extension"],
            ),
            (
                "of another installation",
                |case| says(case, |claims| claims.installation = "ins_2".into()),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused atrek.wrong_installation"],
            ),
            (
                "of an epoch of before",
                |case| says(case, |claims| claims.installation_epoch -= 1),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused installation.past"],
            ),
            (
                "in a session of somebody else",
                |case| case.facts.session_of.as_mut().unwrap().user = "usr_bob".into(),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused session.ended"],
            ),
            ("in no session of ours", vouched, Ok(()), DONE),
            (
                "members are asked, and this one was not",
                |case| {
                    ask(case);
                    case.facts.consent = None;
                },
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused consent.ended"],
            ),
            ("members are asked, and this one allowed it", ask, Ok(()), DONE),
            (
                "members are asked, and this one allowed less than it has been given since",
                |case| {
                    ask(case);
                    case.facts.consent.as_mut().unwrap().scopes = parse("openid");
                },
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused consent.ended"],
            ),
            (
                "installing was consent enough, and it was taken back",
                |case| case.facts.consent.as_mut().unwrap().ended_at = Some(ago(1)),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused consent.ended"],
            ),
            (
                "it was taken back, and given anew",
                |case| case.facts.consent.as_mut().unwrap().id = ConsentId(21),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused consent.ended"],
            ),
            (
                "nothing of before then counts for the person",
                |case| {
                    case.facts.user.as_mut().unwrap().user.valid_from = Some(NOW.plus_ms(MADE_MS + 1));
                },
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused token.before_valid_from"],
            ),
            (
                "what was made at that moment counts",
                |case| case.facts.user.as_mut().unwrap().user.valid_from = Some(NOW.plus_ms(MADE_MS)),
                Ok(()),
                DONE,
            ),
            (
                "they came back after it was made",
                |case| installation(case).belongs = Belonging::Since(NOW.plus_ms(MADE_MS + 1)),
                Err(SubjectTokenInvalid),
                &["event installation.launch_refused context.not_a_member"],
            ),
            (
                "they came at the moment at which it was made",
                |case| installation(case).belongs = Belonging::Since(NOW.plus_ms(MADE_MS)),
                Ok(()),
                DONE,
            ),
            ("for more than it says", |case| case.set("scope", "openid email"), Err(ScopeWidened), &[]),
            (
                "for what cannot be had any longer",
                |case| {
                    Arc::make_mut(&mut case.facts.apis)[0].disabled_at = Some(ago(1));
                    case.set("scope", "rs1:read");
                },
                Err(ScopeEmpty),
                &[],
            ),
        ],
    );
}

#[test]
fn what_an_exchange_grants() {
    let granted = |change: fn(&mut TokenCase)| -> (Grant, Option<i64>) {
        let mut case = TokenCase::session_token();
        change(&mut case);
        let Decision { effects, answer } = case.decide();
        let [.., Effect::InsertGrant(grant), Effect::Record(event)] = effects.as_slice() else {
            panic!("{effects:?}");
        };
        let about = (&event.user, &event.client, event.grant, &event.installation);
        let of = (&Some("usr_alice".into()), &Some("web".into()), Some(grant.id), &Some("ins_1".into()));
        assert_eq!(about, of);
        let installed = installation(&mut case).installed();
        assert_eq!(
            (grant.offline, grant.redeemed_at, &grant.installation),
            (false, Some(NOW), &Some(installed))
        );
        assert_eq!(grant.scopes, answer.as_ref().unwrap().scopes, "the grant is of what the token may do");
        (grant.clone(), Some(answer.unwrap().validity.expires_in_s))
    };
    let (grant, life_s) = granted(|_| ());
    assert_eq!((grant.session, grant.actor, life_s), (SessionId(10), None, Some(300)));
    assert_eq!(grant.scopes, parse("openid rs1:read"), "what the token says, and no more");
    let (grant, _) = granted(vouched);
    assert_eq!((grant.session, grant.actor.as_deref()), (SessionId::NONE, Some("panel")));
    let (grant, _) = granted(|case| case.set("scope", "rs1:read"));
    assert_eq!(grant.scopes, parse("rs1:read"));
    let (grant, _) = granted(|case| {
        Arc::make_mut(&mut case.facts.apis)[0].disabled_at = Some(ago(1));
        case.set("scope", "openid rs1:read");
    });
    assert_eq!(grant.scopes, parse("openid"), "what can still be had");
    let (_, life_s) = granted(|case| {
        case.facts.session_of.as_mut().unwrap().expires_at = NOW.plus_s(100);
    });
    assert_eq!(life_s, Some(100), "no longer than the session");
}

#[test]
fn a_refusal_says_of_whom() {
    let mut case = TokenCase::session_token();
    says(&mut case, |claims| claims.exp = NOW.seconds());
    let [Effect::Record(event)]: [Effect; 1] = case.decide().effects.try_into().unwrap() else {
        panic!("nothing is recorded");
    };
    let about = (event.user, event.client, event.installation, event.actor);
    let of =
        (Some("usr_alice".into()), Some("web".into()), Some("ins_1".into()), Actor::Client("web".into()));
    assert_eq!(about, of);
}

/// What a token says, and what is recorded of its making.
fn made(facts: &Facts, who: Who, session: Option<&str>) -> (SessionClaims, Vec<Event>) {
    let request =
        SessionTokenRequest { installation: "ins_1".into(), who, session: session.map(str::to_owned) };
    let Decision { effects, answer } = with_ctx(NOW, |ctx| request.decide(facts, ctx));
    let SessionToken { token, sid } = answer.unwrap();
    let UnsignedClaims::Session(claims, _) = token.claims else { panic!("it is a session token") };
    assert_eq!((token.typ, &claims.sid), ("session+jwt", &sid));
    let events = effects.into_iter().map(|effect| match effect {
        Effect::Record(event) => event,
        other => panic!("{other:?}"),
    });
    (*claims, events.collect())
}

#[test]
fn what_a_session_token_says() {
    let mut found = world::installation_facts();
    found.installation.variant = Some("eu".to_owned());
    let mut extension = world::extension();
    extension.manifest.audiences = vec!["https://api.example".to_owned()];
    let mut facts = Facts {
        session: Some(world::session_facts()),
        user: Some(world::user_facts()),
        installation: Some(Box::new(found)),
        extension: Some(Box::new(extension)),
        consent: Some(world::consent("openid rs1:read offline_access")),
        ..world::facts()
    };
    let expected = SessionClaims {
        aud: vec!["web".to_owned(), "https://api.example".to_owned()].into(),
        variant: Some("eu".to_owned()),
        scope: "openid rs1:read offline_access".to_owned(),
        exp: NOW.plus_s(60).seconds(),
        iat: NOW.seconds(),
        made_at: NOW,
        ..world::session_claims()
    };
    let (said, events) = made(&facts, Who::Session(HANDLE), None);
    assert_eq!(said, SessionClaims { jti: said.jti.clone(), ..expected.clone() });
    assert!(events.is_empty(), "what a person does themselves is told by the exchange");
    // By the platform: who did it, in a session of its own, which it may name.
    facts.session = None;
    let platform =
        || Who::Person { user: "usr_alice".into(), by: Actor::Client("panel".into()), session: None };
    let (named, events) = made(&facts, platform(), Some("s-1"));
    let act = Some(ActClaim { sub: "panel".to_owned() });
    let sid = "platform:s-1".to_owned();
    assert_eq!(named, SessionClaims { jti: named.jti.clone(), act, sid, ..expected });
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(
        (event.kind.as_str(), event.data.as_str()),
        ("installation.session_token", r#"{"sid":"platform:s-1"}"#)
    );
    // By a token of their own: theirs, whatever the platform calls its own, and nobody acts for them.
    facts.session_of = Some(world::session());
    let (user, by) = ("usr_alice".into(), Actor::User("usr_alice".into()));
    let own = Who::Person { user, by, session: Some(SessionId(10)) };
    let (said, events) = made(&facts, own.clone(), Some("s-1"));
    assert_eq!((&*said.sid, said.session(), said.act), ("platform:s-1", Some(SessionId(10)), None));
    assert_eq!(events.len(), 1, "what a token does is told");
    let (said, _) = made(&facts, own, None);
    assert_eq!((&*said.sid, said.session(), said.asked_in), ("10", Some(SessionId(10)), None));
    assert_eq!(named.session(), None);
    let (unnamed, _) = made(&facts, platform(), None);
    assert!(unnamed.sid.starts_with("platform:") && unnamed.sid.len() > 20, "{}", unnamed.sid);
    assert_ne!(said.jti, unnamed.jti);
    // Where installing was consent enough, it is given with the first token, and is what that hangs on.
    facts.consent = None;
    let request = SessionTokenRequest { installation: "ins_1".into(), who: platform(), session: None };
    let Decision { effects, answer } = with_ctx(NOW, |ctx| request.decide(&facts, ctx));
    let [Effect::InsertConsent(given), Effect::Record(_), Effect::Record(_)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let UnsignedClaims::Session(said, _) = answer.unwrap().token.claims else {
        panic!("it is a session token")
    };
    assert_eq!((said.consent, given.implicit), (given.id, true));
    // Where members are asked, nothing is handed out to who was not.
    facts.extension.as_mut().unwrap().manifest.consent = ConsentPolicy::Asked;
    let request = SessionTokenRequest { installation: "ins_1".into(), who: platform(), session: None };
    let refused = with_ctx(NOW, |ctx| request.decide(&facts, ctx)).answer.unwrap_err();
    assert_eq!(refused.reason, Reason::ConsentRequired);
}
