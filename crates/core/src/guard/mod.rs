//! The guard: whether a request to an API may pass, on the token that it brings. Everything that the token hangs on is read for each request;
//! what is remembered is at most that a signature was good.

mod route;

use doorward_wire::scope::Scopes;

use crate::id::{ApiId, ClientId, InstallationId, UserId};
use crate::login::acr::Class;
use crate::model::Api;
use crate::permission::is_openid_scope;
use crate::token::introspect::still_granted;
use crate::token::read::{Live, Presented};
use crate::{Ctx, Decision, Facts, Needs, Reason};

pub use route::{Demand, is_method};

/// A request to an API, as who stands in front of that tells it.
#[derive(Clone, Debug)]
pub struct GuardRequest {
    /// Which API.
    pub api: ApiId,
    /// The request's method.
    pub method: String,
    /// Its path and query, as they were sent.
    pub target: String,
    /// Whether it came by https.
    pub https: bool,
    /// The token; why there is none where there is none.
    pub token: Result<Presented, Reason>,
}

/// Who may pass. On an open route nobody is named.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Passed {
    /// The person in whose name.
    pub user: Option<UserId>,
    /// By which client.
    pub client: Option<ClientId>,
    /// In which installation.
    pub installation: Option<InstallationId>,
    /// The scopes of the API that count now, and those of OpenID Connect.
    pub scopes: Scopes,
}

impl GuardRequest {
    /// What is asked of the request; nothing but a token where its API says no more.
    pub fn demand<'a>(&self, apis: &'a [Api]) -> Result<Demand<'a>, Reason> {
        route::demand(self.api(apis)?, &self.method, &self.target)
    }

    /// The API that is called.
    fn api<'a>(&self, apis: &'a [Api]) -> Result<&'a Api, Reason> {
        let api = apis.iter().find(|api| api.id == self.api && api.disabled_at.is_none());
        api.ok_or(Reason::GuardApi)
    }

    /// What must be loaded: all that the token hangs on, as the database has it now.
    pub fn needs(&self) -> Needs {
        let needs = self.token.as_ref().map(Presented::needs).unwrap_or_default();
        Needs { fresh: true, ..needs }
    }

    /// Decide whether it may pass.
    pub fn decide(&self, facts: &Facts, ctx: &Ctx<'_>) -> Decision<Passed> {
        match self.passed(facts, ctx) {
            Ok(passed) => Decision::answer(passed),
            Err(reason) => Decision::refuse(reason),
        }
    }

    fn passed(&self, facts: &Facts, ctx: &Ctx<'_>) -> Result<Passed, Reason> {
        let demand = self.demand(&facts.apis)?;
        if demand.is_open() {
            return Ok(Passed::default());
        }
        self.came_safely(facts)?;
        let token = self.token.as_ref().map_err(|reason| *reason)?;
        let live = token.borne(facts, ctx.now)?;
        if !live.claims.aud.contains(self.api.as_str()) {
            return Err(Reason::TokenAudience);
        }
        let scopes = self.scopes(&live, facts)?;
        if !demand.scopes().iter().all(|scope| scopes.contains(scope)) {
            return Err(Reason::TokenScope);
        }
        if !is_signed_in_well(&live, &demand, ctx) {
            return Err(Reason::TokenSignIn);
        }
        Ok(Passed {
            user: live.grant.map(|of| of.grant.user.clone()),
            client: Some(ClientId(live.claims.client_id.clone())),
            installation: live.claims.installed.installation.clone(),
            scopes,
        })
    }

    /// A token is shown where nobody listens, if its API wants that (RFC 6750, section 5.3).
    fn came_safely(&self, facts: &Facts) -> Result<(), Reason> {
        let wants_https = self.api(&facts.apis)?.guard.https;
        if wants_https && !self.https { Err(Reason::GuardHttps) } else { Ok(()) }
    }

    /// The scopes of the token that are of this API, and still count.
    fn scopes(&self, live: &Live<'_>, facts: &Facts) -> Result<Scopes, Reason> {
        let said = Scopes::parse(&live.claims.scope).map_err(|_| Reason::TokenScope)?;
        let api = self.api(&facts.apis)?;
        let of_api = said.filter(|scope| is_openid_scope(scope) || api.has_scope(scope));
        Ok(still_granted(&of_api, live.grant.and_then(|of| of.user.as_ref()), facts))
    }
}

/// Whether the sign-in that a token rests on is of the class that is asked for, and not too long ago (RFC 9470). A token that rests on none is
/// not enough: one that a platform asked for says when that was, and `acr` 0.
fn is_signed_in_well(live: &Live<'_>, demand: &Demand<'_>, ctx: &Ctx<'_>) -> bool {
    let class = live.claims.acr.as_deref().and_then(Class::parse);
    let asked = demand.acr().map(Class::parse);
    let is_of_class = asked.is_none_or(|asked| asked.is_some() && class >= asked);
    let is_recent = demand.max_age().is_none_or(|most| {
        class.is_some()
            && live.claims.auth_time.is_some_and(|since| ctx.now.seconds().saturating_sub(since) <= most)
    });
    is_of_class && is_recent
}
