//! The token endpoint (RFC 6749, section 3.2): a table of grant types, one file each.

pub mod authorization_code;
pub mod client_credentials;
pub mod lifetime;
pub mod password;
mod redeem;
pub mod refresh_token;
pub mod retrieval_key;
pub mod token_exchange;

use doorward_wire::params::Params;

use crate::client_auth::{self, Authenticated, Credentials, unnamed};
use crate::may_issue::session_stands;
use crate::policies::{Mount, Policies};
use crate::token::issue::Issued;
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// One grant type of the table.
pub struct GrantType {
    /// Its name, the value of `grant_type`.
    pub name: &'static str,
    /// Whether the specifications have given it up: only where the wire contract has it.
    pub is_legacy: bool,
    /// What it needs to know besides the client. Garbage is refused here, before anything is loaded.
    pub needs: fn(&Params, &Mount<'_>, &mut Needs) -> Result<(), Refusal>,
    /// Whether an installation may use it that acts for itself.
    pub for_installations: bool,
    /// What it decides, once the client is authenticated.
    pub decide: fn(&TokenRequest, &Authenticated<'_>, &Facts, &mut Ctx<'_>) -> Decision<Issued>,
}

/// The grant types.
pub const GRANTS: [&GrantType; 6] = [
    &authorization_code::GRANT,
    &client_credentials::GRANT,
    &password::GRANT,
    &refresh_token::GRANT,
    &retrieval_key::GRANT,
    &token_exchange::GRANT,
];

/// Those that are spoken where a wire contract chooses so.
pub fn spoken(policies: &Policies) -> impl Iterator<Item = &'static GrantType> {
    let (legacy, only) = (policies.legacy_grants, policies.grant_types);
    let is_chosen = move |name| only.is_none_or(|only| only.contains(&name));
    let spoken = move |grant: &&GrantType| match grant.is_legacy {
        true => legacy.contains(&grant.name),
        false => is_chosen(grant.name),
    };
    GRANTS.into_iter().filter(spoken)
}

/// Who may go on, by which row.
type Admitted<'a> = (&'static GrantType, Authenticated<'a>, Vec<Effect>);

/// A request to the token endpoint.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// How the client authenticates.
    pub credentials: Credentials,
    /// The body.
    pub params: Params,
    /// What came of the password in it, where it has one that was looked at.
    pub shown: Option<password::Shown>,
}

impl TokenRequest {
    /// What must be loaded to decide it.
    pub fn needs(&self, mount: &Mount<'_>) -> Result<Needs, Refusal> {
        let grant = self.grant_type(mount.policies)?;
        let mut needs = match self.is_unnamed(grant, mount.policies) {
            true => unnamed::needs(),
            false => client_auth::needs(&self.credentials, &mount.issuer.tenant)?,
        };
        // A client that did not show who it is learns nothing about a token: garbage is told in `decide`, after authentication.
        let _garbage = (grant.needs)(&self.params, mount, &mut needs);
        self.shown.iter().for_each(|shown| shown.needs(mount.policies, &mut needs));
        Ok(needs)
    }

    /// Decide it.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Issued> {
        let (grant, client, mut effects) = match self.admitted(facts, ctx) {
            Ok(admitted) => admitted,
            Err((refusal, effects)) => return Decision::refuse_with(effects, refusal),
        };
        let mut decision = (grant.decide)(self, &client, facts, ctx);
        effects.append(&mut decision.effects);
        Decision { effects, answer: decision.answer }
    }

    /// The row, and the client, which showed who it is and may use it; with the effects of using its proof up.
    fn admitted<'a>(
        &self,
        facts: &'a Facts,
        ctx: &mut Ctx<'_>,
    ) -> Result<Admitted<'a>, (Refusal, Vec<Effect>)> {
        let grant = self.grant_type(facts.policies).map_err(|reason| (reason.into(), Vec::new()))?;
        let is_unnamed = self.is_unnamed(grant, facts.policies)
            || unnamed::is_merely_named(&self.credentials, grant.name, facts);
        let (client, effects) = match is_unnamed {
            true => unnamed::authenticate(grant.name, facts).map_err(|reason| (reason.into(), Vec::new()))?,
            false => client_auth::authenticate_any(&self.credentials, grant.name, facts, ctx)?,
        };
        let is_open = client.installation.is_none() || grant.for_installations;
        if !is_open || !client.client.may_use(grant.name) {
            return Err((Reason::GrantTypeNotAllowed.into(), effects));
        }
        match (grant.needs)(&self.params, &facts.mount(), &mut Needs::default()) {
            Ok(()) => Ok((grant, client, effects)),
            Err(refusal) => Err((refusal, effects)),
        }
    }

    /// Whether no client is named, and none need be.
    fn is_unnamed(&self, grant: &GrantType, policies: &Policies) -> bool {
        unnamed::is_used(&self.credentials, grant.name, policies)
    }

    fn grant_type(&self, policies: &Policies) -> Result<&'static GrantType, Reason> {
        let name = self.params.get("grant_type").ok_or(Reason::ParameterMissing)?;
        spoken(policies).find(|grant| grant.name == name).ok_or(Reason::GrantTypeUnknown)
    }
}

/// Effects that a session's use by a refresh or a code leaves: stamped at most once a minute.
pub(crate) fn touch_session(facts: &crate::facts::GrantFacts, ctx: &Ctx<'_>) -> Option<Effect> {
    let session = facts.session.as_ref()?;
    // An offline grant outlives its session, and does not wake it.
    let is_open = session_stands(Some(session), ctx.now).is_ok();
    (is_open && ctx.now.since_ms(session.used_at) >= 60_000).then(|| Effect::TouchSession {
        tenant: facts.grant.tenant.clone(),
        id: facts.grant.session,
        now: ctx.now,
    })
}
