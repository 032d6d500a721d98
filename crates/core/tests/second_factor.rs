//! The second factor as rules: what a first step leads to, what a code spends, who must have one, what a session lacks.

use std::sync::Arc;

use doorward_core::authorize::AuthorizationRequest;
use doorward_core::facts::HeldFacts;
use doorward_core::login::attempt::Attempt;
use doorward_core::login::conclude::Conclusion;
use doorward_core::login::second_factor::enrol::{EnrolSignedIn, NewFactor};
use doorward_core::login::second_factor::manage::{Act, Manage};
use doorward_core::login::second_factor::proof::{Proof, Typed};
use doorward_core::login::second_factor::step::{Concluded, Pending, SecondStep, StepUp};
use doorward_core::login::second_factor::{Factors, RECOVERY, Recovery, TOTP, Totp, is_required, reset};
use doorward_core::model::session::Factor;
use doorward_core::model::{Actor, Credential, SecondFactor, Session};
use doorward_core::permission::Held;
use doorward_core::{Facts, Reason};
use doorward_crypto::random::SeededRandom;
use doorward_crypto::recovery::RecoveryCode;
use doorward_crypto::totp::{Code, Seed, step};

use crate::cases::{AuthorizeCase, Row, assert_rows, assert_steps, outcome};
use crate::world::{self, HANDLE, NOW, ago, with_ctx};

fn seed() -> Seed {
    Seed::from_bytes(b"12345678901234567890").unwrap()
}

fn credential(kind: &str, data: String) -> Credential {
    Credential {
        tenant: "t1".into(),
        user: "usr_alice".into(),
        kind: kind.to_owned(),
        data,
        created_at: ago(1000),
    }
}

fn code(steps: i64) -> Typed {
    Typed::Code(Code::parse(seed().code(step(NOW.seconds()) + steps).expose()))
}

fn recovery_code(number: u64) -> RecoveryCode {
    RecoveryCode::generate(&mut SeededRandom::new(number))
}

/// An app whose last used step was so many steps ago, and the recovery codes 1 and 2.
pub fn factors(last: i64) -> Factors {
    let totp = Totp { sealed: "sealed".to_owned(), last_step: step(NOW.seconds()) + last };
    let recovery = Recovery(vec![recovery_code(1).hash(), recovery_code(2).hash()]);
    Factors {
        totp: Some(credential(TOTP, serde_json::to_string(&totp).unwrap())),
        recovery: Some(credential(RECOVERY, serde_json::to_string(&recovery).unwrap())),
        told_closed: None,
    }
}

fn facts() -> Facts {
    let mut facts = world::facts();
    facts.user = Some(world::user_facts());
    facts.factors = factors(-10);
    facts
}

fn set(facts: &mut Facts, who: SecondFactor) {
    Arc::make_mut(&mut facts.tenant).settings.second_factor = who;
}

fn held(requires_second_factor: bool) -> HeldFacts {
    let held = Held {
        role: "admin".into(),
        permissions: Default::default(),
        requires_second_factor,
        context: Some("project/p1".into()),
    };
    HeldFacts { roles: vec![held], client: None }
}

/// Whoever has a factor, or must have one, is not signed in by the password.
#[test]
fn what_a_right_password_leads_to() {
    type Row = (&'static str, fn(&mut Facts), &'static str);
    let rows: &[Row] = &[
        ("nobody asks for more", |facts| facts.factors = Factors::default(), "signed in"),
        ("who has one", |_| (), "code"),
        ("who has one, where none is offered", |facts| set(facts, SecondFactor::Off), "code"),
        ("recovery codes alone are none", |facts| facts.factors.totp = None, "signed in"),
        (
            "everybody must",
            |facts| {
                facts.factors = Factors::default();
                set(facts, SecondFactor::Required);
            },
            "enrol",
        ),
        (
            "administrators must, by default",
            |facts| {
                facts.factors = Factors::default();
                facts.user.as_mut().unwrap().user.administrator_since = Some(ago(5));
            },
            "enrol",
        ),
        (
            "a role that asks for it",
            |facts| {
                facts.factors = Factors::default();
                facts.held = Some(held(true));
            },
            "enrol",
        ),
        (
            "a role that does not",
            |facts| {
                facts.factors = Factors::default();
                facts.held = Some(held(false));
            },
            "signed in",
        ),
    ];
    for (name, change, expected) in rows {
        let mut facts = facts();
        change(&mut facts);
        let conclusion = Conclusion {
            attempt: Attempt::signed_in(&world::user(), &facts.keys),
            verified: world::verified(),
            session: None,
            remember: false,
            user_agent: String::new(),
        };
        let decision = with_ctx(NOW, |ctx| conclusion.decide(&facts, ctx));
        let words = outcome(&decision).1;
        let opened = words.iter().any(|word| word == "session");
        let found = match decision.answer.unwrap() {
            Concluded::SignedIn(_) => "signed in",
            Concluded::Pending { has_factor: true, .. } => "code",
            Concluded::Pending { has_factor: false, .. } => "enrol",
            Concluded::NewPassword(_) => "new password",
        };
        assert_eq!((found, opened), (*expected, *expected == "signed in"), "{name}: {words:?}");
    }
}

#[test]
fn who_must_have_one() {
    use SecondFactor::{Administrators, Off, Optional, Required};
    let rows = [
        (Off, true, true, false),
        (Optional, true, false, false),
        (Optional, false, true, true),
        (Administrators, false, false, false),
        (Administrators, true, false, true),
        (Administrators, false, true, true),
        (Required, false, false, true),
    ];
    for (who, is_administrator, by_role, expected) in rows {
        let mut facts = facts();
        set(&mut facts, who);
        facts.held = Some(held(by_role));
        let mut user = world::user();
        user.administrator_since = is_administrator.then_some(ago(1));
        assert_eq!(is_required(&facts, &user), expected, "{who:?} {is_administrator} {by_role}");
    }
}

struct Case {
    facts: Facts,
    pending: Pending,
    typed: Typed,
    sealed: &'static str,
}

impl Case {
    fn new() -> Self {
        let pending = Pending::by_password(&world::user_facts(), "$hash", false, ago(60));
        Self { facts: facts(), pending, typed: code(0), sealed: "sealed" }
    }

    fn proof(&self) -> Proof {
        Proof { typed: self.typed.clone(), seed: Some((self.sealed.to_owned(), seed())) }
    }

    fn attempt(&self) -> Attempt {
        Attempt::signed_in(&world::user(), &self.facts.keys).at_code()
    }
}

#[test]
fn the_second_step() {
    const IN: &[&str] = &["spend totp", "forgive", "session", "event session.signed_in"];
    const BY_RECOVERY: &[&str] = &[
        "spend recovery",
        "event factor.recovery_code_used",
        "forgive",
        "session",
        "event session.signed_in",
    ];
    const WRONG: &[&str] = &["event session.sign_in_failed totp.wrong"];
    const REPLAYED: &[&str] = &["event session.sign_in_failed totp.replay"];
    let rows: &[Row<Case>] = &[
        ("the code of now", |_| (), Ok(()), IN),
        ("the code before", |case| case.typed = code(-1), Ok(()), IN),
        ("the code after", |case| case.typed = code(1), Ok(()), IN),
        ("two steps before", |case| case.typed = code(-2), Err(Reason::TotpWrong), WRONG),
        ("two steps after", |case| case.typed = code(2), Err(Reason::TotpWrong), WRONG),
        ("no code", |case| case.typed = Typed::Code(None), Err(Reason::TotpWrong), WRONG),
        ("the code was used", |case| case.facts.factors = factors(0), Err(Reason::TotpReplayed), REPLAYED),
        ("a later one was used", |case| case.facts.factors = factors(1), Err(Reason::TotpReplayed), REPLAYED),
        ("another seed since", |case| case.sealed = "before", Err(Reason::TotpWrong), WRONG),
        ("no app any more", |case| case.facts.factors.totp = None, Err(Reason::TotpWrong), WRONG),
        (
            "somebody else's app",
            |case| case.facts.factors.totp.as_mut().unwrap().user = "usr_bob".into(),
            Err(Reason::TotpWrong),
            WRONG,
        ),
        ("a recovery code", |case| case.typed = Typed::Recovery(Some(recovery_code(2))), Ok(()), BY_RECOVERY),
        (
            "one that is none of those left",
            |case| case.typed = Typed::Recovery(Some(recovery_code(3))),
            Err(Reason::RecoveryWrong),
            &["event session.sign_in_failed recovery.wrong"],
        ),
        (
            "somebody else's recovery codes",
            |case| {
                case.typed = Typed::Recovery(Some(recovery_code(2)));
                case.facts.factors.recovery.as_mut().unwrap().user = "usr_bob".into();
            },
            Err(Reason::RecoveryWrong),
            &["event session.sign_in_failed recovery.wrong"],
        ),
        ("the first step was ten minutes ago", |case| case.pending.first.at = ago(600), Ok(()), IN),
        ("it was longer ago", |case| case.pending.first.at = ago(601), Err(Reason::SecondStepStale), &[]),
        (
            "another password since",
            |case| case.facts.user.as_mut().unwrap().password.as_mut().unwrap().data = "$new".to_owned(),
            Err(Reason::SecondStepStale),
            &[],
        ),
        ("another person", |case| case.pending.user = "usr_bob".into(), Err(Reason::SecondStepStale), &[]),
        (
            "disabled since",
            |case| case.facts.user.as_mut().unwrap().user.disabled_at = Some(ago(1)),
            Err(Reason::SecondStepStale),
            &[],
        ),
        (
            "cut off since",
            |case| case.facts.user.as_mut().unwrap().user.valid_from = Some(ago(30)),
            Err(Reason::SecondStepStale),
            &[],
        ),
        (
            "the tenant is switched off",
            |case| Arc::make_mut(&mut case.facts.tenant).disabled_at = Some(ago(1)),
            Err(Reason::SecondStepStale),
            &[],
        ),
    ];
    let decide = |case: &Case| {
        let step = SecondStep {
            attempt: case.attempt(),
            pending: case.pending.clone(),
            proof: case.proof(),
            session: None,
            user_agent: String::new(),
        };
        outcome(&with_ctx(NOW, |ctx| step.decide(&case.facts, ctx)))
    };
    assert_rows(Case::new, decide, rows);
}

#[test]
fn a_step_up_keeps_the_session_and_its_age() {
    let mut case = Case::new();
    case.facts.session = Some(world::session_facts());
    let request = |case: &Case| StepUp {
        attempt: case.attempt(),
        session: HANDLE,
        user: "usr_alice".into(),
        proof: case.proof(),
    };
    let decision = with_ctx(NOW, |ctx| request(&case).decide(&case.facts, ctx));
    let renewed = decision
        .effects
        .iter()
        .find_map(|effect| match effect {
            doorward_core::Effect::RenewSession { session, from } => Some((session.clone(), *from)),
            _ => None,
        })
        .unwrap();
    let (session, from) = renewed;
    assert_eq!((from, session.auth_time), ([9; 32], ago(900)));
    assert_ne!(session.secret_hash, [9; 32]);
    assert_eq!(
        (session.acr.as_str(), session.amr().join(" ")),
        ("urn:doorward:acr:mfa", "pwd otp mfa".to_owned())
    );
    case.facts.session.as_mut().unwrap().session.ended_at = Some(ago(1));
    let decision = with_ctx(NOW, |ctx| request(&case).decide(&case.facts, ctx));
    assert_eq!(decision.answer.unwrap_err().reason, Reason::NotSignedIn);
}

struct Managed {
    facts: Facts,
    act: Act,
    fits: bool,
}

#[test]
fn managing() {
    let shown = |facts: &mut Facts| {
        let session = &mut facts.session.as_mut().unwrap().session;
        session.factors.push(Factor { method: "otp".to_owned(), at: ago(900) });
    };
    let new = || {
        let mut facts = facts();
        facts.session = Some(world::session_facts());
        shown(&mut facts);
        Managed { facts, act: Act::Remove, fits: true }
    };
    const REMOVED: &[&str] = &["forgive", "remove totp", "remove recovery", "event factor.removed"];
    let rows: &[Row<Managed>] = &[
        ("remove", |_| (), Ok(()), REMOVED),
        (
            "new codes",
            |case| case.act = Act::NewCodes,
            Ok(()),
            &["forgive", "credential", "event factor.recovery_codes_made"],
        ),
        ("begin another", |case| case.act = Act::Begin, Ok(()), &["forgive"]),
        (
            "a wrong password",
            |case| case.fits = false,
            Err(Reason::PasswordWrong),
            &["event session.sign_in_failed password.wrong"],
        ),
        (
            "who must have one",
            |case| set(&mut case.facts, SecondFactor::Required),
            Err(Reason::FactorRequired),
            &["forgive"],
        ),
        (
            "exchanging is allowed to who must have one",
            |case| {
                set(&mut case.facts, SecondFactor::Required);
                case.act = Act::Begin;
            },
            Ok(()),
            &["forgive"],
        ),
        (
            "the session has not shown it",
            |case| case.facts.session = Some(world::session_facts()),
            Err(Reason::SecondStepDue),
            &["forgive"],
        ),
        (
            "nothing is there",
            |case| case.facts.factors = Factors::default(),
            Err(Reason::ObjectUnknown),
            &["forgive"],
        ),
        (
            "none is offered",
            |case| {
                case.facts.factors = Factors::default();
                case.act = Act::Begin;
                set(&mut case.facts, SecondFactor::Off);
            },
            Err(Reason::FactorNotOffered),
            &["forgive"],
        ),
    ];
    let decide = |case: &Managed| {
        let request = Manage {
            act: case.act,
            attempt: Attempt::signed_in(&world::user(), &case.facts.keys),
            session: HANDLE,
            user: "usr_alice".into(),
            against: "$hash".to_owned(),
            fits: case.fits,
        };
        outcome(&with_ctx(NOW, |ctx| request.decide(&case.facts, ctx)))
    };
    assert_rows(new, decide, rows);
}

struct Enrolling {
    facts: Facts,
    shown_s: i64,
    typed: Option<Code>,
}

#[test]
fn setting_up() {
    let new = || {
        let mut facts = facts();
        facts.factors = Factors::default();
        facts.session = Some(world::session_facts());
        let typed = Code::parse(seed().code(step(NOW.seconds())).expose());
        Enrolling { facts, shown_s: 60, typed }
    };
    let rows: &[Row<Enrolling>] = &[
        (
            "the first",
            |_| (),
            Ok(()),
            &["add totp", "credential", "event factor.added", "renew session", "event session.stepped_up"],
        ),
        ("no code", |case| case.typed = None, Err(Reason::TotpWrong), &[]),
        ("shown long ago", |case| case.shown_s = 601, Err(Reason::SecondStepStale), &[]),
        (
            "none is offered",
            |case| set(&mut case.facts, SecondFactor::Off),
            Err(Reason::FactorNotOffered),
            &[],
        ),
        (
            "in the place of one that this session has not shown",
            |case| case.facts.factors = factors(-10),
            Err(Reason::SecondStepDue),
            &[],
        ),
        (
            "in the place of one that it has",
            |case| {
                case.facts.factors = factors(-10);
                let session: &mut Session = &mut case.facts.session.as_mut().unwrap().session;
                session.factors.push(Factor { method: "otp".to_owned(), at: ago(900) });
            },
            Ok(()),
            &["spend totp", "credential", "event factor.added", "renew session", "event session.stepped_up"],
        ),
    ];
    let decide = |case: &Enrolling| {
        let new = NewFactor {
            seed: seed(),
            sealed: "new".to_owned(),
            shown_at: ago(case.shown_s),
            code: case.typed.clone(),
        };
        let request = EnrolSignedIn { session: HANDLE, user: "usr_alice".into(), new };
        outcome(&with_ctx(NOW, |ctx| request.decide(&case.facts, ctx)))
    };
    assert_rows(new, decide, rows);
}

#[test]
fn resetting_takes_both_and_is_told() {
    let decide = |facts: &Facts| {
        let user = "usr_alice".into();
        with_ctx(NOW, |ctx| reset::decide(&user, Actor::Operator, facts, ctx))
    };
    let mut mailing = facts();
    mailing.mail = true;
    let decision = decide(&mailing);
    let words = outcome(&decision).1;
    assert_eq!(words[..3], ["remove totp", "remove recovery", "event factor.reset"]);
    assert!(words[3].contains("FactorReset"), "a mail: {words:?}");
    assert!(decision.answer.unwrap());
    let mut none = facts();
    none.factors = Factors::default();
    let decision = decide(&none);
    assert!(decision.effects.is_empty() && !decision.answer.unwrap());
}

/// What a request asks for, and what of it the session has.
#[test]
fn what_a_session_lacks() {
    fn with_otp(case: &mut AuthorizeCase) {
        let session = &mut case.facts.session.as_mut().unwrap().session;
        session.factors.push(Factor { method: "otp".to_owned(), at: ago(900) });
    }
    fn demand(case: &mut AuthorizeCase, acr: &str) {
        let claims = serde_json::json!({ "id_token": { "acr": { "essential": true, "value": acr } } });
        case.set("claims", &claims.to_string());
    }
    const MFA: &str = "urn:doorward:acr:mfa";
    const PASSWORD: &str = "urn:doorward:acr:password";
    assert_steps(&[
        ("nobody asks", |_| (), "code"),
        ("the person has a factor", |case| case.facts.factors = factors(-10), "code page"),
        (
            "and has shown it",
            |case| {
                case.facts.factors = factors(-10);
                with_otp(case);
            },
            "code",
        ),
        (
            "no page may be shown",
            |case| {
                case.facts.factors = factors(-10);
                case.set("prompt", "none");
            },
            "error authz.login_required",
        ),
        ("a demand, and none is there: a fresh sign-in first", |case| demand(case, MFA), "sign in"),
        (
            "a demand, and none is there, signed in minutes ago",
            |case| {
                demand(case, MFA);
                case.facts.session.as_mut().unwrap().session.auth_time = ago(600);
            },
            "enrol page",
        ),
        (
            "a demand where none is offered",
            |case| {
                demand(case, MFA);
                set(&mut case.facts, SecondFactor::Off);
            },
            "error authz.acr_unmet",
        ),
        ("a demand that is unknown", |case| demand(case, "urn:x"), "error authz.acr_unmet"),
        ("a wish", |case| case.set("acr_values", MFA), "code"),
        (
            "a demand of no class",
            |case| case.set("claims", r#"{"id_token":{"acr":{"essential":true}}}"#),
            "code",
        ),
        (
            "a demand of one of several: the least will do",
            |case| {
                let values = serde_json::json!({ "essential": true, "values": [MFA, PASSWORD] });
                case.set("claims", &serde_json::json!({ "id_token": { "acr": values } }).to_string());
            },
            "code",
        ),
        (
            "a demand, and the client demands more",
            |case| {
                demand(case, PASSWORD);
                case.client().required_acr = Some(MFA.to_owned());
            },
            "sign in",
        ),
        (
            "a demand of less than the person must show",
            |case| {
                demand(case, PASSWORD);
                case.facts.factors = factors(-10);
            },
            "code page",
        ),
        (
            "a link was all that was shown, by who has a factor: the password comes first",
            |case| {
                case.facts.session.as_mut().unwrap().session.factors[0].method = "link".to_owned();
                case.facts.factors = factors(-10);
                demand(case, MFA);
            },
            "sign in",
        ),
        (
            "a link was all that was shown",
            |case| {
                case.facts.session.as_mut().unwrap().session.factors[0].method = "link".to_owned();
                demand(case, "urn:doorward:acr:password");
            },
            "sign in",
        ),
        (
            "a link was all that was shown, and nobody asks",
            |case| case.facts.session.as_mut().unwrap().session.factors[0].method = "link".to_owned(),
            "code",
        ),
    ]);
    let mut case = AuthorizeCase::new();
    case.facts.factors = factors(-10);
    let needs = AuthorizationRequest { session: None, ..case.request() }.needs();
    assert!(!needs.factors && case.request().needs().factors);
}
