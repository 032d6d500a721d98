//! The authorization endpoint (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2): the table of checks in their order,
//! then the interaction that is still due, then the code.

mod acr;
pub mod approve;
pub mod binding;
pub mod claims;
pub mod client;
pub mod display;
pub mod framed;
pub mod handover;
pub mod hint;
mod implicit;
pub mod installed;
pub mod interaction;
pub mod max_age;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod request_object;
pub mod resource;
pub mod response_mode;
pub mod response_type;
pub mod scope;
pub mod state;

use doorward_wire::params::Params;
use doorward_wire::pkce::CodeChallenge;
use doorward_wire::prompt::Prompts;
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::response_mode::ResponseMode;
use doorward_wire::scope::Scopes;

pub use acr::{AcrRequest, Missing};
pub use implicit::Handed;
pub use response_type::Row;

use crate::facts::Place;

use crate::id::UserId;
use crate::model::{Actor, Client, Event, EventKind, Installed, TicketKey, TicketKind, User};
use crate::needs::SessionHandle;
use crate::permission::{is_openid_scope, is_withdrawn};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal, Timestamp};

/// One check of the table: it reads parameters and facts, and fills in what it found.
type Check = for<'a> fn(&Params, &'a Facts, &mut Draft<'a>) -> Result<(), Refusal>;

/// The checks, in order. Up to `redirect_uri`, what fails is shown on our own page; from there on, told to the client.
const CHECKS: [(&str, Check); 18] = [
    ("client", client::check),
    ("redirect_uri", redirect_uri::check),
    ("response_mode", response_mode::check),
    ("state", state::check),
    ("request_object", request_object::check),
    ("response_type", response_type::check),
    ("client_may_use", client::may_use),
    ("pkce", pkce::check),
    ("binding", binding::check),
    ("scope", scope::check),
    ("implicit", implicit::check),
    ("resource", resource::check),
    ("prompt", prompt::check),
    ("max_age", max_age::check),
    ("display", display::check),
    ("acr_values", acr::check),
    ("claims", claims::check),
    ("id_token_hint", hint::check),
];

/// An authorization request, as it is carried through our pages.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// Its parameters, as they came.
    pub params: Params,
    /// When it first arrived: what the person does later counts as fresh for it.
    pub started_at: Timestamp,
    /// The name under which its forms are one request; none for a request that has shown no page yet.
    pub key: Option<String>,
    /// The session cookie that came with it.
    pub session: Option<SessionHandle>,
    /// What the person did on our pages with this very submission.
    pub act: Act,
}

/// What a person did on our pages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Act {
    /// Nothing yet, or signing in, which the session shows.
    #[default]
    None,
    /// They chose to go on as the person signed in.
    AccountChosen,
    /// They chose to sign in as somebody else.
    OtherAccount,
    /// They allowed it by the request itself, which a page of the platform's own sent, where the wire contract has that.
    Allowed,
    /// They answered the consent page.
    Consent {
        /// The person whom the page was shown to.
        user: UserId,
        /// What it said.
        scopes: Scopes,
        /// Allow, or deny.
        allowed: bool,
    },
}

/// What the checks have found so far.
#[derive(Default)]
pub struct Draft<'a> {
    client: Option<&'a Client>,
    target: Option<Target>,
    response: Option<&'static Row>,
    scopes: Scopes,
    resources: Vec<String>,
    challenge: Option<CodeChallenge>,
    prompts: Prompts,
    max_age_s: Option<u32>,
    acr: AcrRequest,
    claims: Option<String>,
    claimed: Scopes,
    nonce: Option<String>,
    hinted: Option<String>,
}

/// A request that passed every check.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Who asks.
    pub client: &'a Client,
    /// Where the answer goes.
    pub target: Target,
    /// What it is.
    pub response: &'static Row,
    /// What is asked, as far as the client may ask it.
    pub scopes: Scopes,
    /// What the person is asked to allow: the scopes, and those that stand for claims that are asked for one by one.
    pub to_allow: Scopes,
    /// For which APIs.
    pub resources: Vec<String>,
    /// The PKCE challenge.
    pub challenge: Option<CodeChallenge>,
    /// `prompt`.
    pub prompts: Prompts,
    /// `max_age`, seconds.
    pub max_age_s: Option<u32>,
    /// The classes of sign-in that are asked for.
    pub acr: AcrRequest,
    /// `claims`, checked, as it came.
    pub claims: Option<String>,
    /// `nonce`.
    pub nonce: Option<String>,
    /// The subject that `id_token_hint` names.
    pub hinted: Option<String>,
    /// The installation that it is of, once the person is known.
    pub installed: Option<Installed>,
    /// Whether that installation is consent enough: nobody is asked.
    pub is_allowed: bool,
}

/// Where an answer goes: to a registered redirect URI, in a response mode, with the request's state.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// The client's name, for pages on the way.
    pub client_name: String,
    /// The registered URI that the presented one matched.
    pub registered: RedirectUri,
    /// The presented URI, byte for byte.
    pub presented: String,
    /// Whether the request named none, so that the only registered one is meant.
    pub is_implied: bool,
    /// How parameters travel.
    pub mode: ResponseMode,
    /// `state`, byte for byte.
    pub state: Option<String>,
}

/// A request that failed a check.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Where to tell it; none while nothing may be sent anywhere.
    pub target: Option<Target>,
}

/// What happens next.
#[derive(Debug)]
pub enum Step {
    /// The browser goes back to the client: with a code, or with an error.
    Return(Return),
    /// The sign-in page.
    SignIn {
        /// Who asks, for the page.
        client_name: String,
        /// A name to fill in: `login_hint`, or the person who must sign in again.
        name: Option<String>,
    },
    /// A code is due: of the factor that the person signed in has, or of one that they set up now.
    SecondFactor {
        /// Who asks.
        client_name: String,
        /// Whether they have one.
        has_factor: bool,
    },
    /// The page that asks which account to use.
    SelectAccount {
        /// Who asks.
        client_name: String,
    },
    /// The page that asks which installation is meant.
    SelectInstallation {
        /// Who asks.
        client_name: String,
        /// Those there are.
        places: Vec<Place>,
    },
    /// The page that says that the extension is not installed where the person belongs, or does not work there.
    NotInstalled {
        /// Who asks.
        client_name: String,
    },
    /// The consent page.
    Consent {
        /// Who asks.
        client: Box<Client>,
        /// What is asked.
        scopes: Scopes,
        /// What was allowed before.
        already: Scopes,
        /// Whether what is granted outlives the session.
        is_offline: bool,
        /// Where the browser goes afterwards.
        target: Target,
    },
}

/// An authorization response (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
#[derive(Debug)]
pub struct Return {
    /// Where it goes.
    pub target: Target,
    /// Its parameters: `code` or `error`, then `state` and `iss`.
    pub params: Vec<(&'static str, String)>,
    /// Tokens that stand before them, once they are signed.
    pub handed: Option<Box<Handed>>,
    /// Why, when it is an error.
    pub refused: Option<Reason>,
}

impl Asked<'_> {
    /// What of it may be granted in this person's name: a scope that needs a permission falls where they do not hold it. Where
    /// nothing is left that was asked for, the target is told.
    fn in_the_name_of(mut self, user: &User, facts: &Facts) -> Result<Self, Box<Target>> {
        let permissions = facts.permissions(user);
        let left = self.scopes.filter(|scope| permissions.may_grant(scope, &facts.apis));
        if is_withdrawn(&self.scopes, &left) {
            return Err(Box::new(self.target));
        }
        self.to_allow = self.to_allow.filter(|scope| permissions.may_grant(scope, &facts.apis));
        self.scopes = left;
        Ok(self)
    }
}

impl AuthorizationRequest {
    /// What must be loaded.
    pub fn needs(&self) -> Needs {
        let client = self.params.get("client_id").map(Into::into);
        // What OpenID Connect defines depends on nobody's roles.
        let is_plain = |scope: &str| scope.split(' ').all(is_openid_scope);
        let mut needs = Needs {
            held: self.session.is_some() && !self.params.get("scope").is_some_and(is_plain),
            consent_for: self.session.and(client.clone()),
            client,
            session: self.session,
            factors: self.session.is_some(),
            ticket: self.mark(),
            ..Needs::default()
        };
        installed::needs(&self.params, &mut needs);
        needs
    }

    /// Decide what happens next. `Err` is a page of our own; whatever may be told to the client is a [`Step::Return`].
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Step> {
        match self.check(facts) {
            Ok(asked) => interaction::decide(self, asked, facts, ctx),
            Err(refused) => self.refuse(*refused, facts, ctx),
        }
    }

    /// What follows where a check failed.
    fn refuse(&self, refused: Refused, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Step> {
        match refused.target {
            Some(target) => Decision::answer(Step::Return(answer_refused(target, &refused.refusal, facts))),
            None => {
                let effects = refused_with_consequence(&self.params, &refused.refusal, facts, ctx);
                Decision::refuse_with(effects, refused.refusal)
            }
        }
    }

    /// Run the checks.
    pub fn check<'a>(&self, facts: &'a Facts) -> Result<Asked<'a>, Box<Refused>> {
        let mut draft = Draft::default();
        for (_, check) in CHECKS {
            if let Err(refusal) = check(&self.params, facts, &mut draft) {
                return Err(Box::new(Refused { refusal, target: draft.target }));
            }
        }
        let (Some(client), Some(target), Some(response)) = (draft.client, draft.target, draft.response)
        else {
            let refusal = Reason::AuthorizeClientUnknown.into();
            return Err(Box::new(Refused { refusal, target: None }));
        };
        Ok(Asked {
            client,
            target,
            response,
            to_allow: draft.scopes.union(&draft.claimed),
            scopes: draft.scopes,
            resources: draft.resources,
            challenge: draft.challenge,
            prompts: draft.prompts,
            max_age_s: draft.max_age_s,
            acr: draft.acr,
            claims: draft.claims,
            nonce: draft.nonce,
            hinted: draft.hinted,
            installed: None,
            is_allowed: false,
        })
    }

    /// When it was first shown on a page: who signs in from then on does so for this very request. One that arrives only now has been
    /// shown to nobody, even within the millisecond of an earlier sign-in.
    fn shown_at(&self) -> Option<Timestamp> {
        self.key.is_some().then_some(self.started_at)
    }

    /// Key of the row that says which grant this request was last answered with.
    pub fn mark(&self) -> Option<TicketKey> {
        let key = self.key.as_deref()?;
        Some(TicketKey::of_mark(TicketKind::Request, self.started_at.plus_s(REQUEST_KNOWN_S), &[key]))
    }
}

/// An error for the client.
fn answer_refused(target: Target, refusal: &Refusal, facts: &Facts) -> Return {
    let mut params = vec![
        ("error", refusal.reason.code().as_str().to_owned()),
        ("error_description", refusal.description.clone().into_owned()),
    ];
    params.extend(closing(&target, facts));
    Return { target, params, handed: None, refused: Some(refusal.reason) }
}

/// What ends every authorization response: `state` as it came, and `iss` (RFC 9207, section 2).
fn closing(target: &Target, facts: &Facts) -> Vec<(&'static str, String)> {
    let state = target.state.clone().map(|state| ("state", state));
    state.into_iter().chain([("iss", facts.issuer.url.clone())]).collect()
}

/// A request for a client that does not exist or is switched off leaves an event.
fn refused_with_consequence(
    params: &Params,
    refusal: &Refusal,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Vec<Effect> {
    if !matches!(refusal.reason, Reason::AuthorizeClientDisabled) {
        return Vec::new();
    }
    let mut event = Event::new(EventKind::AuthorizationRefused, &facts.tenant.id, Actor::Unknown, ctx)
        .reason(refusal.reason);
    if let Some(client) = params.get("client_id") {
        event = event.client(&client.into());
    }
    vec![Effect::Record(event)]
}

/// Past this, a form's request is too old to go on with.
pub const REQUEST_KNOWN_S: i64 = 86_400;
