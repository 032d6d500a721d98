//! RFC 7662, sections 2.1, 2.2 and 4: introspection tells a live token to its audience, and nothing to anybody else.

use std::sync::Arc;

use doorward_core::client_auth::Credentials;
use doorward_core::facts::Standing;
use doorward_core::id::GrantId;
use doorward_core::token::introspect::IntrospectionRequest;
use doorward_core::{Decision, Facts, Reason, Timestamp};
use doorward_crypto::jose::sign::sign;
use doorward_wire::response::IntrospectionResponse;

use crate::cases::{outcome, said};
use crate::world::{self, ISSUER, NOW, RS1, RS2, SECRET, ago, other_key, signing_key, with_ctx};

/// A call by the resource server of RS1.
struct Case {
    token: String,
    facts: Facts,
    /// What a client's own JWT hangs on is read beside the caller.
    subject: Option<Facts>,
    credentials: Credentials,
}

#[test]
fn a_live_token_is_told_to_its_audience() {
    let answer = Case::jwt().answer();
    assert!(answer.active);
    assert_eq!(answer.scope, Some(world::parse("openid rs1:read")));
    assert_eq!(answer.client_id.as_deref(), Some("web"));
    assert_eq!((answer.sub.as_deref(), answer.username.as_deref()), (Some("usr_alice"), Some("alice")));
    assert_eq!((answer.iss.as_deref(), answer.jti.as_deref()), (Some(ISSUER), Some("jti-1")));
    assert_eq!((answer.exp, answer.iat), (Some(NOW.plus_s(300).seconds()), Some(ago(300).seconds())));
    assert!(answer.aud.unwrap().contains(RS1));
    assert!(Case::opaque().answer().active && Case::own().answer().active && Case::refresh().answer().active);
}

#[test]
fn what_is_dead_or_unknown_is_inactive_and_says_no_more() {
    type DeadRow = (&'static str, fn() -> Case, fn(&mut Case));
    let rows: &[DeadRow] = &[
        ("a JWT at its end", Case::jwt, |case| {
            let mut claims = world::access_claims(Some(&world::grant("openid rs1:read")), "rs1:read", &[RS1]);
            claims.exp = NOW.seconds();
            case.token = world::jwt(&claims);
        }),
        ("a JWT whose grant has ended", Case::jwt, |case| grant(case).grant.ended_at = Some(ago(1))),
        ("a JWT whose grant has gone", Case::jwt, |case| case.facts.grant = None),
        ("a JWT of another issuer", Case::jwt, |case| {
            let mut claims = world::access_claims(Some(&world::grant("openid")), "rs1:read", &[RS1]);
            claims.iss = "https://id.example/t/t2".to_owned();
            case.token = world::jwt(&claims);
        }),
        ("a JWT signed by somebody else", Case::jwt, |case| {
            let claims = world::access_claims(Some(&world::grant("openid")), "rs1:read", &[RS1]);
            case.token = sign(other_key(), "at+jwt", &serde_json::to_vec(&claims).unwrap());
        }),
        ("a JWT of another type", Case::jwt, |case| {
            let claims = world::access_claims(Some(&world::grant("openid")), "rs1:read", &[RS1]);
            case.token = sign(signing_key(), "JWT", &serde_json::to_vec(&claims).unwrap());
        }),
        ("an ID token", Case::jwt, |case| case.token = world::id_token("usr_alice", "web", 10)),
        ("an opaque token that was ended", Case::opaque, |case| {
            ticket(case).ticket.consumed_at = Some(ago(1))
        }),
        ("an opaque token at its end", Case::opaque, |case| ticket(case).ticket.expires_at = NOW),
        ("an opaque token that nobody knows", Case::opaque, |case| case.facts.ticket = None),
        ("an opaque token whose grant has gone", Case::opaque, |case| ticket(case).grant = None),
        ("an opaque token whose grant has ended", Case::opaque, |case| {
            ticket(case).grant.as_mut().unwrap().grant.ended_at = Some(ago(1));
        }),
        ("an opaque token of another issuer", Case::opaque, |case| {
            let data = ticket(case).ticket.data.replace(ISSUER, "https://other.example");
            ticket(case).ticket.data = data;
        }),
        ("a code", Case::opaque, |case| {
            let (code, found) = world::code("openid rs1:read");
            case.token = code;
            case.facts.ticket = Some(found);
        }),
        ("a client's own token that was revoked", Case::own, |case| {
            case.subject.as_mut().unwrap().marked = true
        }),
        ("a client's own token, the client switched off", Case::own, |case| {
            Arc::make_mut(case.subject.as_mut().unwrap().client.as_mut().unwrap()).client.disabled_at =
                Some(ago(1));
        }),
        ("a client's own token, the client removed", Case::own, |case| {
            case.subject.as_mut().unwrap().client = None
        }),
        ("a client's own token, the tenant switched off", Case::own, |case| {
            Arc::make_mut(&mut case.subject.as_mut().unwrap().tenant).disabled_at = Some(ago(1));
        }),
        ("a client's own opaque token, the client switched off", Case::own_opaque, |case| {
            ticket(case).client = Some(Standing::Off(ago(1)));
        }),
        ("a client's own opaque token, the client removed", Case::own_opaque, |case| {
            ticket(case).client = Some(Standing::Gone)
        }),
        ("a client's own token, the client made anew since", Case::own, |case| {
            Arc::make_mut(case.subject.as_mut().unwrap().client.as_mut().unwrap()).client.created_at =
                NOW.plus_ms(1000);
        }),
        ("a client's own opaque token, the client made anew since", Case::own_opaque, |case| {
            ticket(case).client_since = Some(NOW.plus_ms(1000));
        }),
        ("a client's own opaque token, the tenant switched off", Case::own_opaque, |case| {
            ticket(case).tenant_disabled_at = Some(ago(1));
        }),
        ("a spent refresh token", Case::refresh, |case| case.token = world::refresh_token(4)),
        ("a refresh token that is newer than the row", Case::refresh, |case| {
            case.token = world::refresh_token(6)
        }),
        ("a refresh token of an ended grant", Case::refresh, |case| {
            grant(case).grant.ended_at = Some(ago(1))
        }),
        ("garbage", Case::jwt, |case| case.token = "garbage".to_owned()),
        ("nothing", Case::jwt, |case| case.token = String::new()),
    ];
    for (name, new, change) in rows {
        let mut case = new();
        assert!(case.answer().active, "{name}: before");
        change(&mut case);
        assert_eq!(case.answer(), IntrospectionResponse::inactive(), "{name}");
        assert!(case.decide().effects.is_empty(), "{name}");
    }
}

#[test]
fn who_may_ask() {
    type CallerRow = (&'static str, fn() -> Case, fn(&mut Case), bool);
    let rows: &[CallerRow] = &[
        ("the audience", Case::jwt, |_| (), true),
        (
            "the audience of another API",
            Case::jwt,
            |case| caller(case).introspects = [RS2.into()].into(),
            false,
        ),
        ("nobody's audience", Case::jwt, |case| caller(case).introspects.clear(), false),
        (
            "who may ask for all",
            Case::jwt,
            |case| {
                caller(case).introspects.clear();
                caller(case).introspects_all = true;
            },
            true,
        ),
        (
            "whom it was issued to",
            Case::jwt,
            |case| {
                caller(case).introspects.clear();
                caller(case).id = "web".into();
                case.credentials.basic = Some(Ok(("web".to_owned(), SECRET.to_owned())));
            },
            true,
        ),
        ("the audience of an opaque token", Case::opaque, |_| (), true),
        (
            "another API's of an opaque token",
            Case::opaque,
            |case| caller(case).introspects = [RS1.into()].into(),
            false,
        ),
        (
            "an API may not ask for a refresh token",
            Case::refresh,
            |case| caller(case).introspects_all = false,
            false,
        ),
    ];
    for (name, new, change, told) in rows {
        let mut case = new();
        change(&mut case);
        let decision = case.decide();
        assert_eq!(
            decision.effects.iter().map(said).collect::<Vec<_>>(),
            if *told { vec![] } else { vec!["event token.foreign introspect.foreign".to_owned()] },
            "{name}"
        );
        let answer = decision.answer.unwrap();
        assert_eq!(answer.active, *told, "{name}");
        if !told {
            assert_eq!(answer, IntrospectionResponse::inactive(), "{name}");
        }
    }
}

#[test]
fn the_caller_must_prove_who_it_is() {
    let mut case = Case::jwt();
    case.credentials.basic = Some(Ok(("rs1".to_owned(), "wrong".to_owned())));
    assert_eq!(outcome(&case.decide()).0, Err(Reason::ClientSecretWrong));
    case.credentials = Credentials::default();
    assert_eq!(outcome(&case.decide()).0, Err(Reason::ClientAnonymous));
    let mut case = Case::jwt();
    caller(&mut case).auth_method = "none".to_owned();
    case.credentials = Credentials { client_id: Some("rs1".to_owned()), ..Credentials::default() };
    assert_eq!(outcome(&case.decide()).0, Err(Reason::IntrospectPublic));
}

/// An API that is switched off or removed is nobody's audience any more, and its scopes allow nothing.
#[test]
fn a_token_is_good_where_its_apis_still_stand() {
    let off = |case: &mut Case, id: &str| {
        Arc::make_mut(&mut case.facts.apis)
            .iter_mut()
            .filter(|api| api.id.as_str() == id)
            .for_each(|api| api.disabled_at = Some(ago(1)));
    };
    for removed in [false, true] {
        let mut case = Case::jwt();
        caller(&mut case).introspects_all = true;
        let whole = case.answer();
        off(&mut case, RS2);
        assert_eq!(case.answer(), whole, "another API's state is no matter");
        if removed {
            Arc::make_mut(&mut case.facts.apis).retain(|api| api.id.as_str() != RS1);
        } else {
            off(&mut case, RS1);
        }
        let answer = case.answer();
        assert_eq!(answer.aud, Some(vec![ISSUER.to_owned()].into()));
        assert_eq!(answer.scope.map(|scope| scope.to_string()).as_deref(), Some("openid"));
        // Its audience is told nothing.
        caller(&mut case).introspects_all = false;
        assert!(!case.answer().active);

        let mut case = Case::opaque();
        caller(&mut case).introspects_all = true;
        assert!(case.answer().active);
        off(&mut case, RS2);
        assert!(!case.answer().active, "no audience is left");
    }
}

#[test]
fn what_is_needed() {
    let needs =
        |case: &Case| (case.request().needs(&"t1".into()).unwrap(), case.request().token.separate_needs());
    let (needed, beside) = needs(&Case::jwt());
    assert_eq!((needed.client, needed.grant, beside), (Some("rs1".into()), Some(GrantId(30)), None));
    let (needed, beside) = needs(&Case::own());
    assert_eq!((needed.client, needed.mark), (Some("rs1".into()), None));
    let beside = beside.unwrap();
    assert_eq!((beside.client, beside.mark.is_some()), (Some("web".into()), true));
    let mut case = Case::jwt();
    case.token = "garbage".to_owned();
    assert_eq!(needs(&case).0, doorward_core::Needs { client: Some("rs1".into()), ..Default::default() });
}

impl Case {
    fn of(token: String) -> Self {
        let mut facts = world::facts();
        let mut client = world::client();
        client.id = "rs1".into();
        client.grant_types.clear();
        client.introspects = [RS1.into()].into();
        facts.client = Some(world::client_facts(client));
        let credentials =
            Credentials { basic: Some(Ok(("rs1".to_owned(), SECRET.to_owned()))), ..Credentials::default() };
        Self { token, facts, subject: None, credentials }
    }

    fn jwt() -> Self {
        let grant = world::grant("openid rs1:read");
        let mut case =
            Self::of(world::jwt(&world::access_claims(Some(&grant), "openid rs1:read", &[RS1, ISSUER])));
        case.facts.grant = Some(world::grant_facts(grant));
        case
    }

    fn opaque() -> Self {
        let of = world::grant_facts(world::grant("rs2:read"));
        let claims = world::access_claims(Some(&of.grant), "rs2:read", &[RS2]);
        let (token, found) = world::opaque(&claims, Some(of));
        let mut case = Self::of(token);
        case.facts.ticket = Some(found);
        caller(&mut case).introspects = [RS2.into()].into();
        case
    }

    fn own() -> Self {
        let mut case = Self::of(world::jwt(&world::access_claims(None, "rs1:read", &[RS1])));
        let mut subject = world::facts();
        subject.client = Some(world::client_facts(world::client()));
        case.subject = Some(subject);
        case
    }

    fn own_opaque() -> Self {
        let (token, found) = world::opaque(&world::access_claims(None, "rs2:read", &[RS2]), None);
        let mut case = Self::of(token);
        case.facts.ticket = Some(found);
        caller(&mut case).introspects = [RS2.into()].into();
        case
    }

    fn refresh() -> Self {
        let mut case = Self::of(world::refresh_token(5));
        case.facts.grant = Some(world::grant_facts(world::grant("rs1:read")));
        caller(&mut case).introspects_all = true;
        case
    }

    fn request(&self) -> IntrospectionRequest {
        IntrospectionRequest::new(self.credentials.clone(), &self.token, &self.facts.issuer, &self.facts.keys)
    }

    fn decide(&self) -> Decision<IntrospectionResponse> {
        self.decide_at(NOW)
    }

    fn decide_at(&self, now: Timestamp) -> Decision<IntrospectionResponse> {
        let subject = self.subject.as_ref().unwrap_or(&self.facts);
        with_ctx(now, |ctx| self.request().decide(&self.facts, subject, ctx))
    }

    #[track_caller]
    fn answer(&self) -> IntrospectionResponse {
        self.decide().answer.unwrap()
    }
}

fn caller(case: &mut Case) -> &mut doorward_core::model::Client {
    &mut Arc::make_mut(case.facts.client.as_mut().unwrap()).client
}

fn grant(case: &mut Case) -> &mut doorward_core::facts::GrantFacts {
    case.facts.grant.as_mut().unwrap()
}

fn ticket(case: &mut Case) -> &mut doorward_core::facts::TicketFacts {
    case.facts.ticket.as_mut().unwrap()
}
