//! Sections 1 and 5 of the design: the attempt is counted before the password is looked at; one answer for every failure.

use std::sync::Arc;

use doorward_core::facts::UserFacts;
use doorward_core::id::UserId;
use doorward_core::keys::TenantKeys;
use doorward_core::login::account::{ChangePassword, EndConsent, EndSession};
use doorward_core::login::attempt::{Attempt, Counter, Guess};
use doorward_core::login::conclude::Conclusion;
use doorward_core::login::device::Device;
use doorward_core::login::opening::SignedIn;
use doorward_core::login::second_factor::step::Concluded;
use doorward_core::login::set_up::{SetUp, make_link};
use doorward_core::model::{Bucket, BucketRow};
use doorward_core::{Decision, Effect, Facts, Reason, Timestamp};
use doorward_crypto::{base64url, password};

use crate::cases::{Row, assert_rows, outcome, said};
use crate::world::{self, HANDLE, NOW, ago, with_ctx};

fn attempt(device: Option<Device>) -> Attempt {
    let holder = "198.51.100.7".to_owned();
    Attempt {
        name_key: Some("alice".to_owned()),
        typed: "Alice".to_owned(),
        device,
        holder,
        guess: Guess::Password,
    }
}

/// Facts in which so many attempts were made from this address, and by strangers in all.
fn tried(facts: &mut Facts, here: Option<BucketRow>, in_all: Option<BucketRow>) {
    facts.attempts = vec![here, in_all];
}

fn row(since: Timestamp, count: i64) -> Option<BucketRow> {
    Some(BucketRow { since, count })
}

#[test]
fn attempting() {
    const THROTTLED: &[&str] = &["event session.sign_in_throttled sign_in.throttled"];
    const COUNTED: &[&str] = &["count attempt", "count attempt"];
    let rows: &[Row<Facts>] = &[
        ("the first", |_| (), Ok(()), COUNTED),
        ("one less than the limit", |facts| tried(facts, row(ago(1), 9), row(ago(1), 9)), Ok(()), COUNTED),
        (
            "at the limit of this address",
            |facts| tried(facts, row(ago(1), 10), None),
            Err(Reason::SignInThrottled),
            THROTTLED,
        ),
        ("at the limit of others", |facts| tried(facts, None, row(ago(1), 99)), Ok(()), COUNTED),
        (
            "at the limit of all strangers",
            |facts| tried(facts, None, row(ago(1), 100)),
            Err(Reason::SignInThrottled),
            THROTTLED,
        ),
        (
            "at the limit, at the end of the window",
            |facts| tried(facts, row(ago(900).plus_ms(1), 10), None),
            Err(Reason::SignInThrottled),
            THROTTLED,
        ),
        (
            "at the limit, the window has passed",
            |facts| tried(facts, row(ago(900), 10), row(ago(900), 100)),
            Ok(()),
            COUNTED,
        ),
        ("nobody of that name", |facts| facts.user = None, Ok(()), COUNTED),
    ];
    let facts = || {
        let mut facts = world::facts();
        facts.user = Some(world::user_facts());
        facts
    };
    assert_rows(facts, |facts| outcome(&with_ctx(NOW, |ctx| attempt(None).decide(facts, ctx))), rows);
    // Equal work, whether or not there is such a person.
    let phc = |facts: &Facts| with_ctx(NOW, |ctx| attempt(None).decide(facts, ctx)).answer.unwrap().phc;
    let mut facts = facts();
    assert_eq!(phc(&facts), "$hash");
    facts.user.as_mut().unwrap().password = None;
    assert_eq!(phc(&facts), password::DUMMY);
    facts.user = None;
    assert_eq!(phc(&facts), password::DUMMY);
}

#[test]
fn the_count_is_bounded_when_it_is_written_and_says_when_to_come_back() {
    let mut facts = world::facts();
    let decision = with_ctx(NOW, |ctx| attempt(None).decide(&facts, ctx));
    let counted: Vec<_> = decision
        .effects
        .iter()
        .map(|effect| match effect {
            Effect::CountAttempt { bucket, window_ms, limit, now } => (*bucket, *window_ms, *limit, *now),
            other => panic!("{other:?}"),
        })
        .collect();
    let [here, in_all] = attempt(None).counters_in(&facts)[..] else { panic!() };
    assert_eq!(counted, [(here.bucket, 900_000, 10, NOW), (in_all.bucket, 900_000, 100, NOW)]);
    // The longer of two waits.
    tried(&mut facts, row(ago(100), 10), row(ago(50), 100));
    let refusal = with_ctx(NOW, |ctx| attempt(None).decide(&facts, ctx)).answer.unwrap_err();
    assert_eq!(refusal.retry_after_s, Some(851));
}

/// Strangers cannot use up the attempts of a device that the person signed in from before, nor those of another address before many
/// addresses did, nor of another tenant's account; all names of an account share its attempts.
#[test]
fn buckets() {
    let (keys, alice, bob) = (world::keys(), UserId::from("usr_alice"), UserId::from("usr_bob"));
    let of = |attempt: &Attempt, user: Option<&UserId>| attempt.counters(user, &"t1".into(), &keys);
    let stranger = of(&attempt(None), Some(&alice));
    assert_eq!(stranger.iter().map(|counter| counter.share).collect::<Vec<_>>(), [1, 10]);
    let by_email = Attempt { name_key: Some("alice@example.com".to_owned()), ..attempt(None) };
    assert_eq!(of(&by_email, Some(&alice)), stranger, "an account is one, by whichever name");
    let differ = |others: &[Counter]| others.iter().all(|other| stranger.iter().all(|one| one != other));
    assert!(differ(&of(&attempt(None), Some(&bob))));
    assert!(differ(&attempt(None).counters(Some(&alice), &"t2".into(), &keys)));
    let elsewhere = of(&Attempt { holder: "203.0.113.9".to_owned(), ..attempt(None) }, Some(&alice));
    assert_ne!(elsewhere[0], stranger[0]);
    assert_eq!(elsewhere[1], stranger[1], "strangers share what they have in all");

    let device = |user: &UserId, at| Device::of(user, &keys, at).unwrap();
    let known = of(&attempt(Some(device(&alice, NOW))), Some(&alice));
    assert!(known.len() == 1 && known[0].share == 1 && differ(&known));
    assert_ne!(of(&attempt(Some(device(&alice, ago(1)))), Some(&alice)), known);
    assert_eq!(of(&attempt(Some(device(&bob, NOW))), Some(&alice)), stranger, "somebody else's device");
    assert_eq!(of(&attempt(Some(device(&alice, NOW))), None), of(&attempt(None), None), "nobody's device");
    let signed_in = Attempt::signed_in(&world::user(), &keys);
    let signed_in = of(&signed_in, Some(&alice));
    assert!(signed_in.len() == 1 && differ(&signed_in) && signed_in != known);

    // A code has a million values: what strangers may try is counted for the account, wherever they try it, and for a day.
    let at_code = of(&attempt(None).at_code(), Some(&alice));
    let day = Some(86_400);
    let told =
        |counters: &[Counter]| counters.iter().map(|one| (one.share, one.window_s)).collect::<Vec<_>>();
    assert_eq!(told(&at_code), [(1, None), (5, day)]);
    assert!(differ(&at_code), "what is guessed at a password is not guessed at a code");
    let elsewhere = Attempt { holder: "203.0.113.9".to_owned(), ..attempt(None).at_code() };
    assert_eq!(of(&elsewhere, Some(&alice)), at_code);
    let known_at_code = of(&attempt(Some(device(&alice, NOW))).at_code(), Some(&alice));
    assert!(known_at_code.len() == 1 && differ(&known_at_code));
    assert!(known_at_code != known && !at_code.contains(&known_at_code[0]));

    assert_ne!(of(&attempt(None), None), of(&by_email, None), "nobody's names count for themselves");
    let named_like_an_id = Attempt { name_key: Some("usr_alice".to_owned()), ..attempt(None) };
    assert!(differ(&of(&named_like_an_id, None)));
    let otherwise = Attempt { typed: "  ALICE ".to_owned(), ..attempt(None) };
    assert_eq!(of(&otherwise, None), of(&attempt(None), None), "a name is one however it is written");
    let unnamed = Attempt { name_key: None, typed: "???".to_owned(), ..attempt(None) };
    assert_ne!(of(&unnamed, None), of(&attempt(None), None));
}

#[test]
fn a_device_is_known_when_the_person_signed_in_from_it() {
    let mut facts = world::facts();
    let known = attempt(Device::of(&"usr_alice".into(), &facts.keys, NOW));
    assert!(!known.is_known(&facts), "nobody of that name");
    facts.user = Some(world::user_facts());
    assert!(known.is_known(&facts));
    assert!(!attempt(None).is_known(&facts));
    assert!(!attempt(Device::of(&"usr_bob".into(), &facts.keys, NOW)).is_known(&facts));
}

/// Nobody who does not hold the tenant's key can tell which names meet in a bucket.
#[test]
fn buckets_are_keyed() {
    let keys = world::keys();
    let older = TenantKeys { mac: [(1, keys.mac[&1].clone())].into(), ..TenantKeys::default() };
    assert_ne!(Bucket::of(&keys, &[b"a"]), Bucket::of(&older, &[b"a"]));
    assert_ne!(Bucket::of(&keys, &[b"a", b"b"]), Bucket::of(&keys, &[b"ab", b""]));
    assert!((0..1 << 20).contains(&Bucket::of(&keys, &[b"a"]).0));
    assert_eq!(Bucket::of(&TenantKeys::default(), &[b"a"]), Bucket(0));
}

#[test]
fn devices() {
    let (keys, alice) = (world::keys(), UserId::from("usr_alice"));
    let device = Device::of(&alice, &keys, NOW).unwrap();
    assert_eq!(Device::parse(&device.encode()), Some(device));
    assert!(device.is_of(&alice, &keys) && !device.is_of(&"usr_bob".into(), &keys));
    let mut forged = device.bytes();
    for bit in 0..forged.len() * 8 {
        forged[bit / 8] ^= 1 << (bit % 8);
        assert!(!Device::parse(&base64url::encode(&forged)).unwrap().is_of(&alice, &keys), "{bit}");
        forged[bit / 8] ^= 1 << (bit % 8);
    }
    // A device stays known when the key is rotated, and is forgotten with its key.
    let older = TenantKeys { mac: [(1, keys.mac[&1].clone())].into(), ..TenantKeys::default() };
    assert!(Device::of(&alice, &older, NOW).unwrap().is_of(&alice, &keys));
    assert!(!device.is_of(&alice, &older));
    for not_one in ["", "AAAA", "%", &base64url::encode(&[0; 25])] {
        assert_eq!(Device::parse(not_one), None, "{not_one}");
    }
}

struct Case {
    facts: Facts,
    conclusion: Conclusion,
}

impl Case {
    fn new() -> Self {
        let mut facts = world::facts();
        facts.user = Some(world::user_facts());
        let conclusion = Conclusion {
            attempt: attempt(None),
            verified: world::verified(),
            session: None,
            remember: false,
            user_agent: "Browser".to_owned(),
        };
        Self { facts, conclusion }
    }

    fn user(&mut self) -> &mut UserFacts {
        self.facts.user.as_mut().unwrap()
    }

    fn decide(&self) -> Decision<SignedIn> {
        with_ctx(NOW, |ctx| self.conclusion.decide(&self.facts, ctx)).map(|concluded| match concluded {
            Concluded::SignedIn(signed_in) => *signed_in,
            Concluded::Pending { .. } | Concluded::NewPassword(_) => panic!("a code is due"),
        })
    }
}

#[test]
fn concluding() {
    const IN: &[&str] = &["forgive", "give back", "session", "event session.signed_in"];
    let rows: &[Row<Case>] = &[
        ("the right password", |_| (), Ok(()), IN),
        (
            "a wrong password",
            |case| case.conclusion.verified.fits = false,
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed sign_in.failed"],
        ),
        (
            "what is stored is no hash (BF-014)",
            |case| {
                case.conclusion.verified.fits = false;
                case.conclusion.verified.invalid = true;
            },
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed sign_in.failed", "event hash.invalid sign_in.failed"],
        ),
        (
            "nobody of that name",
            |case| case.facts.user = None,
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed sign_in.unknown_name"],
        ),
        (
            "nobody of that name, whatever was verified",
            |case| {
                case.facts.user = None;
                case.conclusion.verified.against = password::DUMMY.to_owned();
            },
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed sign_in.unknown_name"],
        ),
        (
            "the password was changed meanwhile",
            |case| {
                case.user().password.as_mut().unwrap().data = "$new".to_owned();
            },
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed sign_in.failed"],
        ),
        (
            "a person without a password",
            |case| {
                case.user().password = None;
                case.conclusion.verified.against = password::DUMMY.to_owned();
            },
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed sign_in.failed"],
        ),
        (
            "disabled",
            |case| case.user().user.disabled_at = Some(ago(1)),
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed token.user_disabled"],
        ),
        (
            "locked",
            |case| case.user().user.locked_at = Some(ago(1)),
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed token.user_locked"],
        ),
        (
            "valid from later",
            |case| case.user().user.valid_from = Some(NOW.plus_ms(1)),
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed token.before_valid_from"],
        ),
        ("valid from now", |case| case.user().user.valid_from = Some(NOW), Ok(()), IN),
        (
            "the tenant is switched off",
            |case| Arc::make_mut(&mut case.facts.tenant).disabled_at = Some(ago(1)),
            Err(Reason::SignInFailed),
            &["event session.sign_in_failed tenant.disabled"],
        ),
        (
            "the same person again: the session stays, with a new secret",
            |case| {
                case.facts.session = Some(world::session_facts());
            },
            Ok(()),
            &["forgive", "give back", "renew session", "event session.signed_in"],
        ),
        (
            "another person was signed in",
            |case| {
                case.facts.session = Some(world::session_facts());
                case.facts.session.as_mut().unwrap().session.user = "usr_bob".into();
            },
            Ok(()),
            &["forgive", "give back", "end session 10", "session", "event session.signed_in"],
        ),
        (
            "the same person, whose session had ended: ended is final",
            |case| {
                case.facts.session = Some(world::session_facts());
                case.facts.session.as_mut().unwrap().session.ended_at = Some(ago(1));
            },
            Ok(()),
            IN,
        ),
        (
            "the same person, whose session was idle for too long",
            |case| {
                case.facts.session = Some(world::session_facts());
                case.facts.session.as_mut().unwrap().session.used_at = ago(1800);
            },
            Ok(()),
            IN,
        ),
        (
            "an old hash",
            |case| case.conclusion.verified.upgraded = Some("$better".to_owned()),
            Ok(()),
            &["forgive", "give back", "upgrade credential", "session", "event session.signed_in"],
        ),
    ];
    assert_rows(Case::new, |case| outcome(&case.decide()), rows);
}

#[test]
fn a_session_lives_as_the_tenant_says_and_is_new() {
    let session = |remember| {
        let mut case = Case::new();
        case.conclusion.remember = remember;
        case.decide().answer.unwrap()
    };
    let short = session(false);
    assert_eq!((short.session.idle_ms, short.session.expires_at), (1_800_000, NOW.plus_s(43_200)));
    assert_eq!((short.session.auth_time, short.session.used_at, short.session.created_at), (NOW, NOW, NOW));
    assert_eq!((short.session.acr.as_str(), short.session.amr()), (world::ACR, vec!["pwd".to_owned()]));
    let long = session(true);
    assert_eq!((long.session.idle_ms, long.session.expires_at), (2_592_000_000, NOW.plus_s(2_592_000)));
    // The cookie shows the session, and nobody else's does.
    let handle = doorward_core::needs::SessionHandle::of_cookie(short.cookie.expose()).unwrap();
    assert_eq!((handle.id, handle.secret_hash), (short.session.id, short.session.secret_hash));
}

#[test]
fn a_cookie_of_another_length_shows_no_session() {
    for (length, is_one) in [(7, false), (39, false), (40, true), (41, false)] {
        let cookie = doorward_crypto::base64url::encode(&vec![7; length]);
        let handle = doorward_core::needs::SessionHandle::of_cookie(&cookie);
        assert_eq!(handle.is_some(), is_one, "{length} bytes");
    }
}

#[test]
fn a_renewed_session_has_another_secret_and_keeps_its_beginning() {
    let mut case = Case::new();
    case.facts.session = Some(world::session_facts());
    let decision = case.decide();
    let Effect::RenewSession { session, from } = &decision.effects[2] else {
        panic!("{:?}", decision.effects)
    };
    assert_eq!(
        (*from, session.id, session.created_at, session.auth_time),
        ([9; 32], world::session().id, ago(900), NOW)
    );
    assert_ne!(session.secret_hash, [9; 32]);
}

#[test]
fn changing_a_password() {
    struct Case {
        facts: Facts,
        change: ChangePassword,
    }
    let new = || {
        let mut facts = world::facts();
        facts.session = Some(world::session_facts());
        facts.user = Some(world::user_facts());
        let change = ChangePassword {
            attempt: Attempt::signed_in(&world::user(), &facts.keys),
            session: HANDLE,
            user: "usr_alice".into(),
            against: "$hash".to_owned(),
            fits: true,
            new: "$new".to_owned(),
            everywhere: false,
        };
        Case { facts, change }
    };
    const WRONG: &[&str] = &["event session.sign_in_failed password.wrong"];
    let rows: &[Row<Case>] = &[
        ("here", |_| (), Ok(()), &["credential", "renew session", "event user.password_changed", "forgive"]),
        (
            "everywhere",
            |case| case.change.everywhere = true,
            Ok(()),
            &[
                "credential",
                "renew session",
                "event user.password_changed",
                "forgive",
                "end sessions",
                "user",
            ],
        ),
        ("a wrong one", |case| case.change.fits = false, Err(Reason::PasswordWrong), WRONG),
        (
            "with a factor that this session has not shown",
            |case| case.facts.factors.totp = case.facts.user.as_ref().unwrap().password.clone(),
            Err(Reason::SecondStepDue),
            &["forgive"],
        ),
        (
            "changed meanwhile",
            |case| case.facts.user.as_mut().unwrap().password.as_mut().unwrap().data = "$x".to_owned(),
            Err(Reason::PasswordWrong),
            WRONG,
        ),
        (
            "somebody else's",
            |case| case.facts.user.as_mut().unwrap().user.id = "usr_bob".into(),
            Err(Reason::PasswordWrong),
            WRONG,
        ),
        ("signed out", |case| case.facts.session = None, Err(Reason::NotSignedIn), &[]),
        (
            "a session that is over",
            |case| case.facts.session.as_mut().unwrap().session.expires_at = NOW,
            Err(Reason::NotSignedIn),
            &[],
        ),
        (
            "disabled",
            |case| case.facts.session.as_mut().unwrap().user.as_mut().unwrap().disabled_at = Some(ago(1)),
            Err(Reason::NotSignedIn),
            &[],
        ),
    ];
    assert_rows(new, |case| outcome(&with_ctx(NOW, |ctx| case.change.decide(&case.facts, ctx))), rows);
    // Everywhere: what was before is dead for good, this session is not.
    let mut case = new();
    case.change.everywhere = true;
    let decision = with_ctx(NOW, |ctx| case.change.decide(&case.facts, ctx));
    for effect in &decision.effects {
        match effect {
            Effect::PutUser(user) => assert_eq!(user.valid_from, Some(NOW)),
            Effect::RenewSession { session, .. } => {
                assert_eq!((session.auth_time, session.id), (NOW, HANDLE.id))
            }
            Effect::EndSessionsOf { user, except, .. } => {
                assert_eq!((user.as_str(), *except), ("usr_alice", Some(HANDLE.id)));
            }
            _ => {}
        }
    }
}

#[test]
fn ending_what_is_ones_own() {
    let mut facts = world::facts();
    facts.session = Some(world::session_facts());
    facts.consent = Some(world::consent("openid"));
    let mut other = world::session();
    other.id = doorward_core::id::SessionId(11);
    let mut foreign = other.clone();
    (foreign.id, foreign.user) = (doorward_core::id::SessionId(12), "usr_bob".into());
    let theirs = [world::session(), other, foreign];
    let end = |target: i64, facts: &Facts| {
        let request = EndSession { session: HANDLE, target: doorward_core::id::SessionId(target) };
        outcome(&with_ctx(NOW, |ctx| request.decide(facts, &theirs, ctx)))
    };
    let ended = |session: &str| (Ok(()), vec![session.to_owned(), "event session.ended".to_owned()]);
    assert_eq!(end(11, &facts), ended("end session 11"));
    assert_eq!(end(10, &facts), ended("end session 10"));
    for not_theirs in [12, 13] {
        assert_eq!(end(not_theirs, &facts), (Err(Reason::ObjectUnknown), vec![]));
    }
    let take_back = |id: i64, facts: &Facts| {
        let request = EndConsent { session: HANDLE, consent: doorward_core::id::ConsentId(id) };
        outcome(&with_ctx(NOW, |ctx| request.decide(facts, ctx)))
    };
    assert_eq!(
        take_back(20, &facts),
        (Ok(()), vec!["end consent".to_owned(), "event consent.ended".to_owned()])
    );
    assert_eq!(take_back(21, &facts), (Err(Reason::ObjectUnknown), vec![]));
    facts.consent.as_mut().unwrap().user = "usr_bob".into();
    assert_eq!(take_back(20, &facts), (Err(Reason::ObjectUnknown), vec![]));
    facts.session = None;
    assert_eq!(take_back(20, &facts), (Err(Reason::NotSignedIn), vec![]));
    assert_eq!(end(11, &facts), (Err(Reason::NotSignedIn), vec![]));
}

/// The set-up link works once, for an hour; looking spends nothing.
#[test]
fn setting_up() {
    let mut facts = world::facts();
    let made = with_ctx(NOW, |ctx| make_link(&facts, ctx));
    assert_eq!(
        made.effects.iter().map(said).collect::<Vec<_>>(),
        ["end all of set_up", "ticket set_up", "event setup.link_made"]
    );
    let Effect::InsertTicket(ticket) = &made.effects[1] else { panic!() };
    let link = SetUp { link: made.answer.unwrap().expose().clone() };
    assert_eq!(link.needs().ticket, Some(ticket.key));
    assert_eq!(ticket.expires_at, NOW.plus_s(3600));
    let (_, mut found) = world::code("openid");
    (found.ticket, found.grant) = (ticket.clone(), None);
    facts.ticket = Some(found);
    let spend = |facts: &Facts, now| {
        let decision = with_ctx(now, |ctx| link.decide(world::user(), "$phc".to_owned(), facts, ctx));
        decision.answer.map_err(|refusal| refusal.reason).map(|()| decision.effects)
    };
    let effects = spend(&facts, NOW).unwrap();
    assert_eq!(
        effects.iter().map(said).collect::<Vec<_>>(),
        ["consume", "end all of set_up", "user", "credential", "event setup.done"]
    );
    let Effect::PutUser(user) = &effects[2] else { panic!() };
    assert_eq!(user.administrator_since, Some(NOW));
    assert_eq!(spend(&facts, NOW.plus_s(3600)).unwrap_err(), Reason::LinkSpent);
    facts.ticket.as_mut().unwrap().ticket.consumed_at = Some(ago(1));
    assert_eq!(spend(&facts, NOW).unwrap_err(), Reason::LinkSpent);
    facts.ticket.as_mut().unwrap().ticket.consumed_at = None;
    facts.ticket.as_mut().unwrap().ticket.kind = doorward_core::model::TicketKind::Code;
    assert_eq!(spend(&facts, NOW).unwrap_err(), Reason::LinkSpent);
    facts.ticket = None;
    assert_eq!(spend(&facts, NOW).unwrap_err(), Reason::LinkSpent);
}
