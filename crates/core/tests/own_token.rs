//! What a person's own token does in their name hangs on the session that the token hangs on.

use doorward_core::admin::{API, access};
use doorward_core::facts::TicketFacts;
use doorward_core::id::SessionId;
use doorward_core::installation::launch::Launch;
use doorward_core::installation::opening::Who;
use doorward_core::model::session::Factor;
use doorward_core::model::{Actor, Client, Grant};
use doorward_core::token::read::Presented;
use doorward_core::{Effect, Facts, Reason};

use crate::world::{self, ISSUER, NOW, ago, with_ctx};

const MFA: &str = "urn:doorward:acr:mfa";

/// ALICE opens an installation by a token that hangs on her session.
struct Opens {
    facts: Facts,
    launch: Launch,
}

impl Opens {
    fn new() -> Self {
        let mut extension = world::extension();
        extension.manifest.launch_url =
            Some("https://x1.example/:userId/:accessTokenRetrievalKey".to_owned());
        let mut found = world::installation_facts();
        found.installation.scopes = world::parse("openid rs1:read");
        let facts = Facts {
            user: Some(world::user_facts()),
            session_of: Some(world::session()),
            installation: Some(Box::new(found)),
            extension: Some(Box::new(extension)),
            ..world::facts()
        };
        let by = Actor::User("usr_alice".into());
        let who = Who::Person { user: "usr_alice".into(), by, session: Some(SessionId(10)) };
        Self { facts, launch: Launch { installation: "ins_1".into(), who, allowed: None } }
    }

    fn session(&mut self) -> &mut doorward_core::model::Session {
        self.facts.session_of.as_mut().unwrap()
    }

    fn client(&mut self, change: impl FnOnce(&mut Client)) {
        let mut client = world::client();
        change(&mut client);
        self.facts.installation.as_mut().unwrap().client = Some(world::client_facts(client));
    }

    /// The grant that its key stands for.
    fn decide(&self) -> Result<Grant, Reason> {
        let decision = with_ctx(NOW, |ctx| self.launch.decide(&self.facts, ctx));
        decision.answer.map_err(|refusal| refusal.reason)?;
        let grant = decision.effects.into_iter().find_map(|effect| match effect {
            Effect::InsertGrant(grant) => Some(grant),
            _ => None,
        });
        Ok(grant.unwrap())
    }
}

#[test]
fn what_is_opened_hangs_on_the_session_and_says_what_was_shown_in_it() {
    let mut case = Opens::new();
    assert_eq!(case.launch.needs().session_of, Some(SessionId(10)));
    let grant = case.decide().unwrap();
    assert_eq!((grant.session, grant.ends_with_session(), &grant.actor), (SessionId(10), true, &None));
    assert_eq!((grant.auth_time, &*grant.acr), (ago(900), "urn:doorward:acr:password"));
    assert_eq!(grant.amr, ["pwd"]);
    case.session().factors.push(Factor { method: "otp".to_owned(), at: ago(800) });
    let grant = case.decide().unwrap();
    assert_eq!((&*grant.acr, grant.amr), (MFA, vec!["pwd".to_owned(), "otp".to_owned(), "mfa".to_owned()]));
    // Who hangs on no session has shown nothing.
    case.launch.who =
        Who::Person { user: "usr_alice".into(), by: Actor::User("usr_alice".into()), session: None };
    let grant = case.decide().unwrap();
    assert_eq!((grant.session, &*grant.acr, grant.amr.len()), (SessionId::NONE, "0", 0));
}

#[test]
fn nothing_is_opened_in_a_session_that_does_not_stand() {
    use Reason::{BeforeValidFrom, SecondStepDue, SessionEnded, SessionExpired, UserDisabled};
    type Row = (&'static str, fn(&mut Opens), Result<(), Reason>);
    let rows: &[Row] = &[
        ("it stands", |_| (), Ok(())),
        ("it is gone", |case| case.facts.session_of = None, Err(SessionEnded)),
        ("it is another's", |case| case.session().user = "usr_bob".into(), Err(SessionEnded)),
        ("it was ended", |case| case.session().ended_at = Some(ago(1)), Err(SessionEnded)),
        ("it is over", |case| case.session().expires_at = NOW, Err(SessionExpired)),
        ("it was not used", |case| case.session().used_at = ago(1800), Err(SessionExpired)),
        (
            "all before was ended",
            |case| case.facts.user.as_mut().unwrap().user.valid_from = Some(ago(899)),
            Err(BeforeValidFrom),
        ),
        (
            "the person is switched off",
            |case| case.facts.user.as_mut().unwrap().user.disabled_at = Some(ago(1)),
            Err(UserDisabled),
        ),
        (
            "more must be shown",
            |case| case.client(|client| client.required_acr = Some(MFA.to_owned())),
            Err(SecondStepDue),
        ),
        (
            "as much was shown",
            |case| {
                case.client(|client| client.required_acr = Some(MFA.to_owned()));
                case.session().factors.push(Factor { method: "otp".to_owned(), at: ago(1) });
            },
            Ok(()),
        ),
    ];
    for (name, change, expected) in rows {
        let mut case = Opens::new();
        change(&mut case);
        assert_eq!(case.decide().map(|_| ()), *expected, "{name}");
    }
}

#[test]
fn a_caller_brings_the_session_that_their_token_ends_with() {
    let caller = |grant: Option<Grant>| {
        let claims = world::access_claims(grant.as_ref(), "admin:users.read", &[API]);
        let (secret, ticket) = world::opaque(&claims, grant.map(world::grant_facts));
        let token = Presented::read(&secret, &"iss-t1".into(), ISSUER, &world::keys());
        let ticket = TicketFacts { client: Some(doorward_core::facts::Standing::Live), ..ticket };
        let facts = Facts { ticket: Some(ticket), ..world::facts() };
        with_ctx(NOW, |ctx| access::caller(&token, &facts, ctx)).unwrap()
    };
    assert_eq!(caller(Some(world::grant("admin:users.read"))).session, Some(SessionId(10)));
    assert_eq!(caller(Some(world::grant("admin:users.read offline_access"))).session, None);
    let sessionless = Grant { session: SessionId::NONE, ..world::grant("admin:users.read") };
    assert_eq!(caller(Some(sessionless)).session, None);
    assert_eq!(caller(None).session, None);
}
