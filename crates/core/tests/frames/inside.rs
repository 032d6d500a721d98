//! What is answered inside a frame.

use doorward_core::authorize::Step;
use doorward_core::authorize::framed::FramedRequest;
use doorward_core::facts::TicketFacts;
use doorward_core::id::SessionId;
use doorward_core::model::{Grant, SecondFactor, TicketKind};
use doorward_core::{Decision, Effect, Timestamp};
use doorward_wire::params::Params;

use super::{MFA, PASSWORD};
use crate::cases::{AuthorizeCase, happens};
use crate::world::{self, NOW, ago, parse, with_ctx};

/// A request inside a frame that Alice is signed in to.
struct Framed {
    case: AuthorizeCase,
    waited_since: Option<Timestamp>,
}

impl Framed {
    fn new() -> Self {
        let mut case = AuthorizeCase::new();
        let (_, mut found) =
            world::of_installation(TicketKind::Frame, "openid offline_access rs1:read rs1:write");
        found.grant.as_mut().unwrap().grant.redeemed_at = Some(ago(5));
        case.facts.ticket = Some(found);
        case.facts.session = None;
        Self { case, waited_since: None }
    }

    fn found(&mut self) -> &mut TicketFacts {
        self.case.facts.ticket.as_mut().unwrap()
    }

    fn grant(&mut self) -> &mut Grant {
        &mut self.found().grant.as_mut().unwrap().grant
    }

    fn vouched(&mut self) {
        let of = self.found().grant.as_mut().unwrap();
        (of.grant.session, of.session) = (SessionId::NONE, None);
        of.grant.acr = "0".to_owned();
    }

    /// The session behind it was used so long ago that its use is noted.
    fn idle(&mut self) {
        self.found().grant.as_mut().unwrap().session.as_mut().unwrap().used_at = ago(60);
    }

    fn required(&mut self, acr: &str) {
        self.case.client().required_acr = Some(acr.to_owned());
    }

    fn decide(&self) -> Decision<Step> {
        let frame = self.case.facts.ticket.as_ref().unwrap().ticket.key;
        let params = Params::from_pairs(self.case.params.clone());
        let request = FramedRequest { params, frame, waited_since: self.waited_since };
        with_ctx(NOW, |ctx| request.decide(&self.case.facts, ctx))
    }
}

/// A row: what is different, the change, and what happens.
type FramedRow = (&'static str, fn(&mut Framed), &'static str);

#[test]
fn what_is_answered_inside_a_frame() {
    let rows: &[FramedRow] = &[
        ("somebody is signed in", |_| (), "code"),
        ("a ticket that nobody handed in", |it| it.found().ticket.kind = TicketKind::FrameSignIn, "sign in"),
        ("a cookie at its end", |it| it.found().ticket.expires_at = NOW, "sign in"),
        ("another client", |it| it.grant().client = "other".into(), "sign in"),
        ("another issuer of the tenant", |it| it.grant().issuer = "iss-other".into(), "sign in"),
        ("a grant that has ended", |it| it.grant().ended_at = Some(ago(1)), "sign in"),
        (
            "of no installation",
            |it| {
                it.grant().installation = None;
                it.found().grant.as_mut().unwrap().installation = None;
            },
            "sign in",
        ),
        ("none, and all is well", |it| it.case.set("prompt", "none"), "code"),
        ("consent", |it| it.case.set("prompt", "consent"), "error authz.consent_required"),
        ("login", |it| it.case.set("prompt", "login"), "sign in"),
        ("login and consent: who it is comes first", |it| it.case.set("prompt", "login consent"), "sign in"),
        (
            "login, of who signed in since the frame waits",
            |it| {
                it.case.set("prompt", "login");
                it.waited_since = Some(ago(900));
            },
            "code",
        ),
        (
            "login, of who signed in just before it waited",
            |it| {
                it.case.set("prompt", "login");
                it.waited_since = Some(ago(900).plus_ms(1));
            },
            "error authz.login_required",
        ),
        ("exactly as old as may be", |it| it.case.set("max_age", "900"), "code"),
        (
            "older by a moment",
            |it| {
                it.case.set("max_age", "899");
                it.grant().auth_time = ago(899).plus_ms(-1);
            },
            "sign in",
        ),
        (
            "older, none",
            |it| {
                it.case.set("max_age", "899");
                it.case.set("prompt", "none");
            },
            "error authz.login_required",
        ),
        ("as much as the client demands", |it| it.required(PASSWORD), "code"),
        ("less than the client demands", |it| it.required(MFA), "sign in"),
        (
            "less than the client demands, and a ticket showed no more",
            |it| {
                it.required(MFA);
                it.waited_since = Some(ago(5));
            },
            "error authz.acr_unmet",
        ),
        (
            "less than the person must show",
            |it| it.case.settings().second_factor = SecondFactor::Required,
            "sign in",
        ),
        (
            "the same, where the platform knows who looks",
            |it| {
                it.vouched();
                it.case.settings().second_factor = SecondFactor::Required;
            },
            "code",
        ),
        (
            "less than the client demands, where the platform knows who looks",
            |it| {
                it.vouched();
                it.required(PASSWORD);
            },
            "sign in",
        ),
    ];
    for (name, change, expected) in rows {
        let mut case = Framed::new();
        change(&mut case);
        assert_eq!(happens(case.decide()), *expected, "{name}");
    }
}

/// What is granted is what the frame was signed in to and is still consented to, as it was signed in, and never offline.
#[test]
fn what_a_frame_is_granted() {
    let granted = |change: fn(&mut Framed)| -> Grant {
        let mut case = Framed::new();
        case.case.set("scope", "openid offline_access rs1:read rs1:write");
        change(&mut case);
        let effects = case.decide().effects;
        let touches = effects.iter().filter(|effect| matches!(effect, Effect::TouchSession { .. }));
        assert_eq!(touches.count(), usize::from(case.grant().session != SessionId::NONE));
        let grants = effects.into_iter().filter_map(|effect| match effect {
            Effect::InsertGrant(grant) => Some(grant),
            _ => None,
        });
        let [grant]: [Grant; 1] = grants.collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(grant.installation, case.grant().installation);
        assert!(!grant.offline);
        grant
    };
    let grant = granted(|it| it.idle());
    assert_eq!((grant.session, grant.auth_time, grant.actor), (SessionId(10), ago(900), None));
    assert_eq!((grant.acr.as_str(), grant.amr), (PASSWORD, vec!["pwd".to_owned()]));
    assert_eq!(grant.scopes, parse("openid rs1:read"), "what is consented to there");
    let narrow = granted(|it| {
        it.idle();
        it.grant().scopes = parse("openid");
    });
    assert_eq!(narrow.scopes, parse("openid"), "what the frame was signed in to");
    let told = granted(|it| {
        it.idle();
        it.grant().acr = MFA.to_owned();
        it.case.set("acr_values", PASSWORD);
    });
    assert_eq!(told.acr, PASSWORD, "the class that was asked for");
    let best = granted(|it| {
        it.idle();
        it.grant().acr = MFA.to_owned();
        it.case.set("acr_values", &format!("{MFA} {PASSWORD}"));
    });
    assert_eq!(best.acr, MFA, "the first that fits");
    let vouched = granted(|it| {
        it.vouched();
        it.grant().actor = Some("panel".to_owned());
    });
    assert_eq!((vouched.session, vouched.acr.as_str()), (SessionId::NONE, "0"));
    assert_eq!(vouched.actor.as_deref(), Some("panel"));
}
