//! Decision 0023: what a ticket signs a frame in to and for how long, what is answered inside it, and what a window beside it asks.

use doorward_core::authorize::framed::FramedRequest;
use doorward_core::authorize::handover::Handover;
use doorward_core::authorize::{Missing, Step};
use doorward_core::facts::{Belonging, TicketFacts};
use doorward_core::id::SessionId;
use doorward_core::installation::frame::{MakeTicket, RedeemTicket, SignedIn};
use doorward_core::installation::opening::Who;
use doorward_core::model::session::Factor;
use doorward_core::model::{Actor, ConsentPolicy, Event, Grant, SecondFactor, TicketKind};
use doorward_core::{Decision, Effect, Facts, Reason, Timestamp};
use doorward_wire::params::Params;

use crate::cases::{AuthorizeCase, assert_rows, happens, outcome};
use crate::world::{self, HANDLE, NOW, ago, parse, with_ctx};

const MFA: &str = "urn:doorward:acr:mfa";
const PASSWORD: &str = "urn:doorward:acr:password";

/// A frame of the extension `web` that hands a ticket in.
struct Redeem {
    facts: Facts,
    request: RedeemTicket,
}

impl Redeem {
    fn new() -> Self {
        let (_, found) = world::of_installation(TicketKind::FrameSignIn, "openid rs1:read");
        let request = RedeemTicket { ticket: found.ticket.key, extension: "web".into(), place: None };
        Self { facts: Facts { ticket: Some(found), ..world::facts() }, request }
    }

    fn found(&mut self) -> &mut TicketFacts {
        self.facts.ticket.as_mut().unwrap()
    }

    fn named(&mut self, place: &str) {
        self.request.place = Some(place.to_owned());
    }

    fn decide(&self) -> Decision<SignedIn> {
        with_ctx(NOW, |ctx| self.request.decide(&self.facts, ctx))
    }
}

#[test]
fn what_a_ticket_is_for() {
    use Reason::{
        FrameTicketExpired, FrameTicketRepeated, FrameTicketUnknown, FrameTicketWrongExtension,
        FrameTicketWrongIssuer, FrameTicketWrongPlace, NotAMember,
    };
    const SIGNED_IN: &[&str] = &["consume", "start 0", "ticket frame", "event installation.frame_signed_in"];
    assert_rows(
        Redeem::new,
        |case| outcome(&case.decide()),
        &[
            ("as it was made", |_| (), Ok(()), SIGNED_IN),
            ("for its installation", |case| case.named("ins_1"), Ok(()), SIGNED_IN),
            ("for what it is installed in", |case| case.named("project/p-1"), Ok(()), SIGNED_IN),
            (
                "for what lies above",
                |case| case.named("customer/c-1"),
                Err(FrameTicketWrongPlace),
                &["event installation.frame_refused frame.wrong_place"],
            ),
            ("of nothing", |case| case.facts.ticket = None, Err(FrameTicketUnknown), &[]),
            (
                "of another kind",
                |case| case.found().ticket.kind = TicketKind::RetrievalKey,
                Err(FrameTicketUnknown),
                &["event installation.frame_refused frame.unknown"],
            ),
            (
                "in another extension",
                |case| case.request.extension = "other".into(),
                Err(FrameTicketWrongExtension),
                &["event installation.frame_refused frame.wrong_extension"],
            ),
            (
                "at another issuer of the tenant",
                |case| case.found().grant.as_mut().unwrap().grant.issuer = "iss-other".into(),
                Err(FrameTicketWrongIssuer),
                &["event installation.frame_refused frame.wrong_issuer"],
            ),
            (
                "once more, and late",
                |case| {
                    case.found().ticket.consumed_at = Some(ago(1));
                    case.found().ticket.expires_at = ago(1);
                },
                Err(FrameTicketRepeated),
                &["event installation.frame_refused frame.repeated"],
            ),
            (
                "at its end",
                |case| case.found().ticket.expires_at = NOW,
                Err(FrameTicketExpired),
                &["event installation.frame_refused frame.expired"],
            ),
            ("just before", |case| case.found().ticket.expires_at = NOW.plus_ms(1), Ok(()), SIGNED_IN),
            (
                "of somebody who left",
                |case| {
                    let of = case.found().grant.as_mut().unwrap();
                    of.installation.as_mut().unwrap().belongs = Belonging::Outside;
                },
                Err(NotAMember),
                &["event installation.frame_refused context.not_a_member"],
            ),
        ],
    );
}

#[test]
fn a_ticket_is_made_for_a_minute_where_frames_are() {
    let mut facts = Facts {
        user: Some(world::user_facts()),
        installation: Some(Box::new(world::installation_facts())),
        extension: Some(Box::new(world::extension())),
        ..world::facts()
    };
    let who = Who::Person { user: "usr_alice".into(), by: Actor::Client("panel".into()), session: None };
    let request = MakeTicket { installation: "ins_1".into(), who };
    let make = |facts: &Facts| with_ctx(NOW, |ctx| request.decide(facts, ctx));
    assert_eq!(make(&facts).answer.unwrap_err().reason, Reason::FrameNowhere);
    let manifest = &mut facts.extension.as_mut().unwrap().manifest;
    manifest.frame_origins = vec!["https://host.example".to_owned()];
    let effects = make(&facts).effects;
    let ends_at = |effect: &Effect| match effect {
        Effect::InsertTicket(ticket) => Some((ticket.kind, ticket.expires_at, false)),
        Effect::InsertGrant(grant) => Some((TicketKind::FrameSignIn, grant.expires_at, grant.offline)),
        _ => None,
    };
    let ends = effects.iter().filter_map(ends_at).collect::<Vec<_>>();
    assert_eq!(ends, [(TicketKind::FrameSignIn, NOW.plus_s(60), false); 2]);
    facts.extension.as_mut().unwrap().manifest.consent = ConsentPolicy::Asked;
    assert_eq!(make(&facts).answer.unwrap_err().reason, Reason::ConsentRequired);
}

/// A row: what is different, the change, how long the browser keeps the cookie, and when all behind it ends.
type LifeRow = (&'static str, fn(&mut Redeem), i64, Timestamp);

#[test]
fn how_long_a_frame_stays_signed_in() {
    let rows: &[LifeRow] = &[
        ("a working day", |_| (), 28_800, NOW.plus_s(28_800)),
        (
            "at most as long as the session",
            |case| {
                let of = case.found().grant.as_mut().unwrap();
                of.session.as_mut().unwrap().expires_at = NOW.plus_s(600);
            },
            28_800,
            NOW.plus_s(600),
        ),
        (
            "an hour where the platform knows who looks",
            |case| {
                let of = case.found().grant.as_mut().unwrap();
                (of.grant.session, of.session) = (SessionId::NONE, None);
            },
            3600,
            NOW.plus_s(3600),
        ),
    ];
    for (name, change, life_s, ends_at) in rows {
        let mut case = Redeem::new();
        change(&mut case);
        let Decision { effects, answer } = case.decide();
        assert_eq!(answer.unwrap().life_s, *life_s, "{name}");
        let [
            Effect::ConsumeTicket(_),
            Effect::StartGrant { idle_ms, expires_at, .. },
            Effect::InsertTicket(frame),
            ..,
        ] = effects.as_slice()
        else {
            panic!("{name}: {effects:?}");
        };
        assert_eq!((*idle_ms, *expires_at, frame.expires_at), (life_s * 1000, *ends_at, *ends_at), "{name}");
        assert_eq!(
            (frame.grant, &frame.client),
            (Some(case.found().grant.as_ref().unwrap().grant.id), &Some("web".into()))
        );
    }
}

/// Who, what and where, whatever became of the ticket.
#[test]
fn an_event_says_whose_frame_it_was() {
    let told = |case: &Redeem| -> Event {
        let Some(Effect::Record(event)) = case.decide().effects.pop() else { panic!("nothing is recorded") };
        let about = (event.user.clone(), event.client.clone(), event.installation.clone());
        assert_eq!(about, (Some("usr_alice".into()), Some("web".into()), Some("ins_1".into())));
        event
    };
    let mut case = Redeem::new();
    assert_eq!(told(&case).actor, Actor::User("usr_alice".into()));
    case.request.extension = "other".into();
    assert_eq!(told(&case).actor, Actor::Unknown);
}

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
