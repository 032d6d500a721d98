//! What people are helped by, as rules: a new password that is due, and a change of address.

use std::sync::Arc;

use doorward_core::login::address::AskToChange;
use doorward_core::login::attempt::Attempt;
use doorward_core::login::new_password::NewPassword;
use doorward_core::login::second_factor::enrol::{EnrolAtSignIn, NewFactor};
use doorward_core::login::second_factor::proof::{Proof, Typed};
use doorward_core::login::second_factor::step::{Concluded, Pending, SecondStep};
use doorward_core::login::second_factor::{Factors, TOTP, Totp};
use doorward_core::model::session::Factor;
use doorward_core::model::{Credential, SecondFactor};
use doorward_core::{Decision, Facts, Reason};
use doorward_crypto::totp::{Code, Seed, step};
use doorward_wire::text::Email;

use crate::cases::{Row, assert_rows, outcome};
use crate::world::{self, HANDLE, NOW, ago, with_ctx};

fn seed() -> Seed {
    Seed::from_bytes(b"12345678901234567890").unwrap()
}

fn code() -> Option<Code> {
    Code::parse(seed().code(step(NOW.seconds())).expose())
}

/// Alice has an app.
fn with_app(facts: &mut Facts) {
    let totp = Totp { sealed: "sealed".to_owned(), last_step: step(NOW.seconds()) - 9 };
    facts.factors.totp = Some(Credential {
        tenant: "t1".into(),
        user: "usr_alice".into(),
        kind: TOTP.to_owned(),
        data: serde_json::to_string(&totp).unwrap(),
        created_at: ago(1000),
    });
}

fn require_one(facts: &mut Facts) {
    Arc::make_mut(&mut facts.tenant).settings.second_factor = SecondFactor::Required;
}

/// A sign-in of Alice, whose password is due.
struct Due {
    facts: Facts,
    pending: Pending,
}

impl Due {
    fn new() -> Self {
        let mut facts = world::facts();
        let mut found = world::user_facts();
        found.user.password_due_at = Some(ago(300));
        facts.user = Some(found);
        let pending = Pending::by_password(&world::user_facts(), "$hash", false, ago(60));
        Self { facts, pending }
    }

    fn chosen(&self) -> Decision<Concluded> {
        let request = NewPassword {
            pending: self.pending.clone(),
            phc: "$new".to_owned(),
            session: None,
            user_agent: String::new(),
        };
        with_ctx(NOW, |ctx| request.decide(&self.facts, ctx))
    }
}

#[test]
fn a_password_that_is_due() {
    const CHOSEN: &[&str] = &["credential", "user", "end sessions", "event user.password_changed"];
    const IN: &[&str] = &[
        "credential",
        "user",
        "end sessions",
        "event user.password_changed",
        "session",
        "event session.signed_in",
    ];
    let rows: &[Row<Due>] = &[
        ("is chosen, and its person signed in", |_| (), Ok(()), IN),
        (
            "is not chosen before the code was shown",
            |case| with_app(&mut case.facts),
            Err(Reason::SecondStepDue),
            &[],
        ),
        (
            "is chosen once it was",
            |case| {
                with_app(&mut case.facts);
                case.pending.second = Some(Factor { method: "otp".to_owned(), at: ago(30) });
            },
            Ok(()),
            IN,
        ),
        ("comes before a factor that must be set up", |case| require_one(&mut case.facts), Ok(()), CHOSEN),
        (
            "is not due any more",
            |case| case.facts.user.as_mut().unwrap().user.password_due_at = None,
            Err(Reason::SecondStepStale),
            &[],
        ),
        ("is too late", |case| case.pending.first.at = ago(601), Err(Reason::SecondStepStale), &[]),
    ];
    assert_rows(Due::new, |case| outcome(&case.chosen()), rows);
    let mut case = Due::new();
    require_one(&mut case.facts);
    let concluded = case.chosen().answer.unwrap();
    assert!(matches!(concluded, Concluded::Pending { has_factor: false, .. }), "{concluded:?}");
}

/// Whatever else is right, nothing is opened while a password is due.
#[test]
fn nothing_else_opens_a_session_meanwhile() {
    let mut case = Due::new();
    with_app(&mut case.facts);
    let step = SecondStep {
        attempt: Attempt::signed_in(&world::user(), &case.facts.keys).at_code(),
        pending: case.pending.clone(),
        proof: Proof { typed: Typed::Code(code()), seed: Some(("sealed".to_owned(), seed())) },
        session: None,
        user_agent: String::new(),
    };
    let decision = with_ctx(NOW, |ctx| step.decide(&case.facts, ctx));
    assert_eq!(outcome(&decision).1, ["spend totp", "forgive"]);
    let Ok(Concluded::NewPassword(pending)) = decision.answer else { panic!("a new password") };
    assert_eq!(pending.second, Some(Factor { method: "otp".to_owned(), at: NOW }));

    // Asked for one while a factor was being set up.
    let mut case = Due::new();
    case.facts.factors = Factors::default();
    require_one(&mut case.facts);
    let new = NewFactor { seed: seed(), sealed: "new".to_owned(), shown_at: ago(60), code: code() };
    let enrol =
        EnrolAtSignIn { pending: case.pending.clone(), new, session: None, user_agent: String::new() };
    let decide = |facts: &Facts| outcome(&with_ctx(NOW, |ctx| enrol.decide(facts, ctx)));
    assert_eq!(decide(&case.facts), (Err(Reason::SecondStepStale), Vec::new()));
    case.facts.user.as_mut().unwrap().user.password_due_at = None;
    assert_eq!(decide(&case.facts).0, Ok(()));
}

struct Change {
    facts: Facts,
    fits: bool,
}

#[test]
fn an_address_is_changed_by_who_shows_who_they_are() {
    let new = || {
        let mut facts = world::facts();
        facts.user = Some(world::user_facts());
        facts.session = Some(world::session_facts());
        facts.whose = vec![None];
        Change { facts, fits: true }
    };
    const WRONG: &[&str] = &["event session.sign_in_failed password.wrong"];
    let rows: &[Row<Change>] = &[
        ("a wrong password", |case| case.fits = false, Err(Reason::PasswordWrong), WRONG),
        (
            "another password since",
            |case| case.facts.user.as_mut().unwrap().password.as_mut().unwrap().data = "$new".to_owned(),
            Err(Reason::PasswordWrong),
            WRONG,
        ),
        (
            "a factor that this session has not shown",
            |case| with_app(&mut case.facts),
            Err(Reason::SecondStepDue),
            &[],
        ),
        ("nobody signed in", |case| case.facts.session = None, Err(Reason::NotSignedIn), &[]),
    ];
    let decide = |case: &Change| {
        let request = AskToChange {
            attempt: Attempt::signed_in(&world::user(), &case.facts.keys),
            session: HANDLE,
            user: "usr_alice".into(),
            against: "$hash".to_owned(),
            fits: case.fits,
            new: Email::parse("new@example.net").unwrap(),
        };
        with_ctx(NOW, |ctx| request.decide(&case.facts, ctx))
    };
    assert_rows(new, |case| outcome(&decide(case)), rows);
    assert!(decide(&new()).answer.is_ok());
}
