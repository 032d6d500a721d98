//! Requests with their facts, and the row that a table is made of.

use std::sync::Arc;

use doorward_core::authorize::response_type;
use doorward_core::authorize::{Act, AuthorizationRequest, Step};
use doorward_core::client_auth::Credentials;
use doorward_core::client_auth::unnamed::{Excuse, Unnamed};
use doorward_core::facts::{ClientFacts, GrantFacts, TicketFacts, UserFacts};
use doorward_core::grant::TokenRequest;
use doorward_core::grant::password::Shown;
use doorward_core::login::attempt::Attempt;
use doorward_core::model::{Client, Legacy, TenantSettings, Ticket};
use doorward_core::policies::Policies;
use doorward_core::token::issue::{AccessToken, Issued, UnsignedClaims};
use doorward_core::{Decision, Effect, Facts, Reason, Timestamp};
use doorward_wire::params::Params;
use serde_json::Value;

use crate::world::{self, CALLBACK, CHALLENGE, HANDLE, NOW, SECRET, VERIFIER, with_ctx};

/// A row: what is different, the change, what comes of it, and its effects in words.
pub type Row<C> = (&'static str, fn(&mut C), Result<(), Reason>, &'static [&'static str]);

/// Hold every row against the decision; all that fail are shown.
#[track_caller]
pub fn assert_rows<C>(
    new: impl Fn() -> C,
    decide: impl Fn(&C) -> (Result<(), Reason>, Vec<String>),
    rows: &[Row<C>],
) {
    let mut failed = String::new();
    for (name, change, answer, effects) in rows {
        let mut case = new();
        change(&mut case);
        let (found, said) = decide(&case);
        if (&found, said.iter().map(String::as_str).collect::<Vec<_>>()) != (answer, effects.to_vec()) {
            failed.push_str(&format!(
                "\n{name}:\n  expected {answer:?} {effects:?}\n  found    {found:?} {said:?}"
            ));
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

/// What a decision comes to: the reason, and its effects in words.
pub fn outcome<T>(decision: &Decision<T>) -> (Result<(), Reason>, Vec<String>) {
    let answer = match &decision.answer {
        Ok(_) => Ok(()),
        Err(refusal) => Err(refusal.reason),
    };
    (answer, decision.effects.iter().map(said).collect())
}

/// An effect in words: its name and what of it is a decision.
pub fn said(effect: &Effect) -> String {
    match effect {
        Effect::Record(event) => {
            assert_eq!(
                (event.at, event.request_id.as_str(), event.address.as_str()),
                (NOW, "req-1", "192.0.2.1"),
                "an event says when, and by which request"
            );
            match &event.reason {
                Some(reason) => format!("event {} {reason}", event.kind.as_str()),
                None => format!("event {}", event.kind.as_str()),
            }
        }
        Effect::InsertTicket(ticket) => format!("ticket {}", ticket.kind.as_str()),
        Effect::ConsumeTicket(_) => "consume".to_owned(),
        Effect::CountTicketFailure { .. } => "count failure".to_owned(),
        Effect::EndTicket { .. } => "end ticket".to_owned(),
        Effect::EndTicketsOf { kind, .. } => format!("end all of {}", kind.as_str()),
        Effect::RebindTicket { .. } => "rebind".to_owned(),
        Effect::InsertGrant(_) => "grant".to_owned(),
        Effect::StartGrant { generation, .. } => format!("start {generation}"),
        Effect::RotateGrant { from, to, .. } => format!("rotate {from} {to}"),
        Effect::TouchGrant { .. } => "touch grant".to_owned(),
        Effect::EndGrant { id, reason, .. } => format!("end grant {id} {reason}"),
        Effect::InsertConsent(consent) => format!("consent {}", consent.scopes),
        Effect::WidenConsent { scopes, version, .. } => format!("widen {version} {scopes}"),
        Effect::EndConsent { .. } => "end consent".to_owned(),
        Effect::InsertSession(_) => "session".to_owned(),
        Effect::RenewSession { .. } => "renew session".to_owned(),
        Effect::TouchSession { .. } => "touch session".to_owned(),
        Effect::EndSession { id, .. } => format!("end session {id}"),
        Effect::EndSessionsOf { .. } => "end sessions".to_owned(),
        Effect::EndBefore { .. } => "end before".to_owned(),
        Effect::CountAttempt { .. } => "count attempt".to_owned(),
        Effect::ForgiveAttempts { .. } => "forgive".to_owned(),
        Effect::GiveAttemptBack { .. } => "give back".to_owned(),
        Effect::PutUser(_) => "user".to_owned(),
        Effect::PutCredential(_) => "credential".to_owned(),
        Effect::AddCredential(added) => format!("add {}", added.kind),
        Effect::RemoveCredential(removed) => format!("remove {}", removed.kind),
        Effect::UpgradeCredential { credential, .. } if credential.kind != "password" => {
            format!("spend {}", credential.kind)
        }
        Effect::UpgradeCredential { .. } => "upgrade credential".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A wire contract that has all that the specifications have given up.
pub static OLDER: Policies = Policies {
    unnamed_clients: &[Unnamed {
        grant_type: "refresh_token",
        by: Excuse::Switch(Legacy::RefreshWithoutClient),
    }],
    response_types: &[
        response_type::CODE,
        response_type::TOKEN,
        response_type::ID_TOKEN,
        response_type::ID_TOKEN_TOKEN,
    ],
    legacy_grants: &["password"],
    unbound_answers: true,
    ..Policies::STANDARD
};

/// A request to the token endpoint, by the client `web` with its secret.
pub struct TokenCase {
    pub facts: Facts,
    pub credentials: Credentials,
    pub form: Vec<(String, String)>,
    pub shown: Option<Shown>,
    pub now: Timestamp,
}

impl TokenCase {
    fn of(form: &[(&str, &str)]) -> Self {
        let mut facts = world::facts();
        facts.client = Some(world::client_facts(world::client()));
        let credentials =
            Credentials { basic: Some(Ok(("web".to_owned(), SECRET.to_owned()))), ..Credentials::default() };
        Self { facts, credentials, form: owned(form), shown: None, now: NOW }
    }

    /// A code of `scopes`, as it should be redeemed.
    pub fn code(scopes: &str) -> Self {
        let (code, ticket) = world::code(scopes);
        let mut case = Self::of(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ]);
        case.facts.ticket = Some(ticket);
        case
    }

    /// The newest refresh token (generation 5) of a grant of `scopes`.
    pub fn refresh(scopes: &str) -> Self {
        let mut case =
            Self::of(&[("grant_type", "refresh_token"), ("refresh_token", &world::refresh_token(5))]);
        case.facts.grant = Some(world::grant_facts(world::grant(scopes)));
        case
    }

    /// A launch key of an installation, as it should be exchanged by its extension.
    pub fn launch_key(scopes: &str) -> Self {
        let (key, ticket) = world::launch_key(scopes);
        let mut case = Self::of(&[
            ("grant_type", "urn:doorward:grant:retrieval-key"),
            ("retrieval_key", &key),
            ("user_id", "usr_alice"),
        ]);
        case.facts.ticket = Some(ticket);
        case
    }

    /// A session token of an embedded page, as its extension should exchange it.
    pub fn session_token() -> Self {
        let mut case = Self::of(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", &world::session_token()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ]);
        case.facts.installation = Some(Box::new(world::installation_facts()));
        case.facts.extension = Some(Box::new(world::extension()));
        case.facts.session_of = Some(world::session());
        case.facts.user = Some(UserFacts { user: world::user(), password: None });
        case.facts.consent = Some(world::consent("openid offline_access rs1:read"));
        case
    }

    /// An installation's own token.
    pub fn installation() -> Self {
        let mut case = Self::client_credentials();
        case.facts.installation = Some(Box::new(world::installation_facts()));
        case.credentials.basic = Some(Ok(("ins_1".to_owned(), SECRET.to_owned())));
        case
    }

    /// A client's own token.
    pub fn client_credentials() -> Self {
        Self::of(&[("grant_type", "client_credentials")])
    }

    /// A person's password, brought by a client where that is spoken still.
    pub fn password() -> Self {
        let mut case = Self::of(&[
            ("grant_type", "password"),
            ("username", "alice"),
            ("password", "hills behind the harbour"),
            ("scope", "rs1:read"),
        ]);
        case.facts.policies = &OLDER;
        case.facts.user = Some(world::user_facts());
        case.client().grant_types.insert("password".to_owned());
        case.shown = Some(Shown {
            attempt: Attempt::signed_in(&world::user(), &case.facts.keys),
            user: Some(world::user().id),
            verified: world::verified(),
        });
        case
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.without(name);
        self.add(name, value);
    }

    pub fn add(&mut self, name: &str, value: &str) {
        self.form.push((name.to_owned(), value.to_owned()));
    }

    pub fn without(&mut self, name: &str) {
        self.form.retain(|(known, _)| known != name);
    }

    /// The client as it is registered.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client_facts().client
    }

    pub fn client_facts(&mut self) -> &mut ClientFacts {
        Arc::make_mut(self.facts.client.as_mut().unwrap())
    }

    /// It is a public client now, and says who it is.
    pub fn make_public(&mut self) {
        let client = self.client_facts();
        client.client.auth_method = "none".to_owned();
        client.client.also_auth_methods.clear();
        client.secrets.clear();
        self.credentials = Credentials { client_id: Some("web".to_owned()), ..Credentials::default() };
    }

    pub fn ticket(&mut self) -> &mut Ticket {
        &mut self.ticket_facts().ticket
    }

    pub fn ticket_facts(&mut self) -> &mut TicketFacts {
        self.facts.ticket.as_mut().unwrap()
    }

    /// The grant that the code or the refresh token hangs on.
    pub fn grant(&mut self) -> &mut GrantFacts {
        match &mut self.facts.grant {
            Some(of) => of,
            None => self.facts.ticket.as_mut().unwrap().grant.as_mut().unwrap(),
        }
    }

    pub fn request(&self) -> TokenRequest {
        TokenRequest {
            credentials: self.credentials.clone(),
            params: Params::from_pairs(self.form.clone()),
            shown: self.shown.clone(),
        }
    }

    /// What the request needs must always be known before it is decided, so that a refusal there is one here too.
    pub fn decide(&self) -> Decision<Issued> {
        with_ctx(self.now, |ctx| self.request().decide(&self.facts, ctx))
    }

    pub fn outcome(&self) -> (Result<(), Reason>, Vec<String>) {
        outcome(&self.decide())
    }

    #[track_caller]
    pub fn issued(&self) -> Issued {
        self.decide().answer.unwrap_or_else(|refusal| panic!("{refusal:?}"))
    }
}

/// What of an answer tokens say.
pub struct Said {
    pub scope: String,
    pub aud: Vec<String>,
    pub claims: Value,
    pub id_claims: Option<Value>,
    pub refresh: Option<String>,
}

impl Said {
    /// The claims of a JWT answer.
    #[track_caller]
    pub fn of(issued: Issued) -> Self {
        let Some(AccessToken::Jwt(jwt)) = issued.access_token else { panic!("an opaque token") };
        let claims = json_of(&jwt.claims);
        Self {
            scope: issued.scopes.to_string(),
            aud: names(&claims["aud"]),
            claims,
            id_claims: issued.id_token.map(|jwt| json_of(&jwt.claims)),
            refresh: issued.refresh_token.map(|token| token.expose().clone()),
        }
    }
}

/// `aud` as a list.
pub fn names(aud: &Value) -> Vec<String> {
    match aud {
        Value::String(name) => vec![name.clone()],
        other => serde_json::from_value(other.clone()).unwrap(),
    }
}

fn json_of(claims: &UnsignedClaims) -> Value {
    match claims {
        UnsignedClaims::Access(claims) => serde_json::to_value(claims).unwrap(),
        UnsignedClaims::Id(claims) => serde_json::to_value(claims).unwrap(),
        UnsignedClaims::Logout(claims) => serde_json::to_value(claims).unwrap(),
        UnsignedClaims::Session(claims, _) => serde_json::to_value(claims).unwrap(),
    }
}

/// An authorization request of the client `web`, by a person who is signed in and has allowed it before.
pub struct AuthorizeCase {
    pub facts: Facts,
    pub params: Vec<(String, String)>,
    pub started_at: Timestamp,
    pub key: Option<String>,
    pub act: Act,
}

impl AuthorizeCase {
    pub fn new() -> Self {
        let mut facts = world::facts();
        facts.client = Some(world::client_facts(world::client()));
        facts.session = Some(world::session_facts());
        facts.consent = Some(world::consent("openid profile email offline_access rs1:read rs1:write"));
        let params = owned(&[
            ("response_type", "code"),
            ("client_id", "web"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid rs1:read"),
            ("state", "st4te"),
            ("nonce", "n0nce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        Self { facts, params, started_at: NOW, key: None, act: Act::None }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.without(name);
        self.add(name, value);
    }

    pub fn add(&mut self, name: &str, value: &str) {
        self.params.push((name.to_owned(), value.to_owned()));
    }

    pub fn without(&mut self, name: &str) {
        self.params.retain(|(known, _)| known != name);
    }

    pub fn client(&mut self) -> &mut Client {
        &mut Arc::make_mut(self.facts.client.as_mut().unwrap()).client
    }

    pub fn settings(&mut self) -> &mut TenantSettings {
        &mut Arc::make_mut(&mut self.facts.tenant).settings
    }

    pub fn make_public(&mut self) {
        self.client().auth_method = "none".to_owned();
        self.client().also_auth_methods.clear();
    }

    pub fn request(&self) -> AuthorizationRequest {
        AuthorizationRequest {
            params: Params::from_pairs(self.params.clone()),
            started_at: self.started_at,
            key: self.key.clone(),
            session: self.facts.session.as_ref().map(|_| HANDLE),
            act: self.act.clone(),
        }
    }

    pub fn decide(&self) -> Decision<Step> {
        with_ctx(NOW, |ctx| self.request().decide(&self.facts, ctx))
    }

    /// What happens, in words.
    pub fn happens(&self) -> String {
        happens(self.decide())
    }
}

/// What happens, in words: `page <reason>`, `error <reason>`, `sign in`, `select`, `consent <scopes>`, `code`.
pub fn happens(decision: Decision<Step>) -> String {
    match decision.answer {
        Err(refusal) => format!("page {}", refusal.reason.as_str()),
        Ok(Step::Return(back)) => match back.refused {
            Some(reason) => format!("error {}", reason.as_str()),
            None => "code".to_owned(),
        },
        Ok(Step::SignIn { .. }) => "sign in".to_owned(),
        Ok(Step::SecondFactor { has_factor, .. }) => {
            (if has_factor { "code" } else { "enrol" }).to_owned() + " page"
        }
        Ok(Step::SelectAccount { .. }) => "select".to_owned(),
        Ok(Step::SelectInstallation { places, .. }) => format!("select of {}", places.len()),
        Ok(Step::NotInstalled { .. }) => "not installed".to_owned(),
        Ok(Step::Consent { scopes, .. }) => format!("consent {scopes}"),
    }
}

/// A row of a table about authorization requests: what is different, the change, and what happens.
pub type StepRow = (&'static str, fn(&mut AuthorizeCase), &'static str);

/// Hold every row against the decision. Only a code leaves a grant.
#[track_caller]
pub fn assert_steps(rows: &[StepRow]) {
    let mut failed = String::new();
    for (name, change, expected) in rows {
        let mut case = AuthorizeCase::new();
        change(&mut case);
        let found = case.happens();
        if found != *expected {
            failed.push_str(&format!("\n{name}: expected {expected:?}, found {found:?}"));
        }
        let grants =
            case.decide().effects.iter().filter(|effect| matches!(effect, Effect::InsertGrant(_))).count();
        if grants != usize::from(found == "code") {
            failed.push_str(&format!("\n{name}: {grants} grants"));
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

pub fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
