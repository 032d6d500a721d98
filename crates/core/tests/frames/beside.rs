//! What a window beside a frame asks.

use doorward_core::authorize::Missing;
use doorward_core::authorize::handover::Handover;
use doorward_core::model::SecondFactor;
use doorward_core::model::session::Factor;
use doorward_core::{Decision, Effect, Timestamp};
use doorward_wire::params::Params;

use super::MFA;
use crate::cases::AuthorizeCase;
use crate::world::{HANDLE, NOW, ago, with_ctx};

/// A window beside a frame, in which Alice is signed in.
struct Beside {
    case: AuthorizeCase,
    waits_since: Option<Timestamp>,
}

impl Beside {
    fn decide(&self) -> Decision<Option<Missing>> {
        let params = Params::from_pairs(self.case.params.clone());
        let request = Handover { params, waits_since: self.waits_since, session: Some(HANDLE) };
        let Decision { effects, answer } = with_ctx(NOW, |ctx| request.decide(&self.case.facts, ctx));
        Decision { effects, answer: answer.map(|(_, missing)| missing) }
    }

    fn demand(&mut self) {
        self.case.client().required_acr = Some(MFA.to_owned());
    }
}

/// A row: what is different, the change, and what they have to show first.
type BesideRow = (&'static str, fn(&mut Beside), Option<Missing>);

#[test]
fn what_a_window_beside_a_frame_asks_first() {
    let rows: &[BesideRow] = &[
        ("nothing", |_| (), None),
        ("login", |it| it.case.set("prompt", "login"), Some(Missing::SignIn)),
        (
            "login, and they signed in since the frame waits",
            |it| {
                it.case.set("prompt", "login");
                it.waits_since = Some(ago(900));
            },
            None,
        ),
        (
            "login, and they signed in just before",
            |it| {
                it.case.set("prompt", "login");
                it.waits_since = Some(ago(900).plus_ms(1));
            },
            Some(Missing::SignIn),
        ),
        ("older than may be", |it| it.case.set("max_age", "899"), Some(Missing::SignIn)),
        ("a factor that they do not have: a fresh sign-in", Beside::demand, Some(Missing::SignIn)),
        (
            "a factor that they do not have, and they signed in for this",
            |it| {
                it.demand();
                it.waits_since = Some(ago(900));
            },
            Some(Missing::Factor),
        ),
        (
            "a factor that they do not have, and they signed in minutes ago",
            |it| {
                it.demand();
                it.case.facts.session.as_mut().unwrap().session.auth_time = ago(600);
            },
            Some(Missing::Factor),
        ),
        (
            "a factor that they do not have, and too old a sign-in by a moment",
            |it| {
                it.demand();
                it.case.facts.session.as_mut().unwrap().session.auth_time = ago(600).plus_ms(-1);
            },
            Some(Missing::SignIn),
        ),
        (
            "a factor that nobody may have",
            |it| {
                it.demand();
                it.case.settings().second_factor = SecondFactor::Off;
            },
            Some(Missing::Impossible),
        ),
        (
            "a request that is wrong: the frame tells it",
            |it| {
                it.case.set("prompt", "login");
                it.case.set("redirect_uri", "https://evil.example");
            },
            None,
        ),
    ];
    for (name, change, expected) in rows {
        let mut case = Beside { case: AuthorizeCase::new(), waits_since: None };
        change(&mut case);
        let decision = case.decide();
        assert_eq!(decision.answer.unwrap(), *expected, "{name}");
        assert!(matches!(decision.effects.as_slice(), [Effect::TouchSession { .. }]), "{name}");
    }
    // Of both, they sign in first: the code comes after the password.
    let mut case = Beside { case: AuthorizeCase::new(), waits_since: None };
    case.demand();
    case.case.set("prompt", "login");
    case.case.facts.factors = crate::second_factor::factors(-10);
    assert_eq!(case.decide().answer.unwrap(), Some(Missing::SignIn));
    case.case.without("prompt");
    assert_eq!(case.decide().answer.unwrap(), Some(Missing::Code));
    let session = &mut case.case.facts.session.as_mut().unwrap().session;
    session.factors.push(Factor { method: "otp".to_owned(), at: ago(900) });
    assert_eq!(case.decide().answer.unwrap(), None);
}
