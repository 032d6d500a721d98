//! What a ticket signs a frame in to, and for how long.

use doorward_core::facts::{Belonging, TicketFacts};
use doorward_core::id::SessionId;
use doorward_core::installation::frame::{MakeTicket, RedeemTicket, SignedIn};
use doorward_core::installation::opening::Who;
use doorward_core::model::{Actor, ConsentPolicy, Event, TicketKind};
use doorward_core::{Decision, Effect, Facts, Reason, Timestamp};

use crate::cases::{assert_rows, outcome};
use crate::world::{self, NOW, ago, with_ctx};

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
