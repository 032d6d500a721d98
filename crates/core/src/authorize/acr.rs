//! `acr_values` (OpenID Connect Core, section 3.1.2.1), the `acr` member of `claims` (section 5.5.1.1), what the client, the tenant and the
//! person themselves ask of a sign-in; and what of it a session lacks.

use doorward_wire::claims::ClaimRequest;
use doorward_wire::params::Params;

use super::max_age::is_since;
use super::{Asked, Draft};
use crate::facts::SessionFacts;
use crate::login::acr::Class;
use crate::login::second_factor::{STEPS_S, is_expected, is_offered};
use crate::model::User;
use crate::{Ctx, Facts, Reason, Refusal, Timestamp};

/// The classes that a request names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AcrRequest {
    /// Those that we know, best first.
    wanted: Vec<Class>,
    /// Whether nothing else will do.
    is_essential: bool,
}

/// What a session lacks for a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// A code of the factor that the person has.
    Code,
    /// A factor: the person has none yet.
    Factor,
    /// What cannot be had here.
    Impossible,
    /// A sign-in by password, or one of these minutes before a factor is set up.
    SignIn,
}

impl AcrRequest {
    /// The class that the answer names for a session of `class`: a session satisfies every class below its own.
    pub(super) fn told(&self, class: Class) -> Class {
        self.wanted.iter().copied().find(|wanted| *wanted <= class).unwrap_or(class)
    }

    /// The least that an essential request takes.
    fn least(&self) -> Option<Class> {
        self.wanted.iter().copied().min().filter(|_| self.is_essential)
    }
}

/// A list of wishes, best first; those that we do not know are passed over.
pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    let named = params.get("acr_values").unwrap_or_default();
    let wanted = named.split(' ').filter_map(Class::parse).collect();
    draft.acr = AcrRequest { wanted, is_essential: false };
    Ok(())
}

/// The same by `claims`, which may insist. A demand that nothing here can meet is told to the client.
pub(super) fn claimed(claim: &ClaimRequest, draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let named = claim.value.iter().chain(&claim.values);
    let names: Vec<&str> = named.filter_map(serde_json::Value::as_str).collect();
    if claim.value.is_none() && claim.values.is_empty() {
        return Ok(());
    }
    let wanted: Vec<Class> = names.into_iter().filter_map(Class::parse).collect();
    if claim.essential && wanted.is_empty() {
        return Err(Reason::AcrUnmet.into());
    }
    draft.acr = AcrRequest { wanted, is_essential: claim.essential };
    Ok(())
}

/// The least that the client and its request take, whoever comes.
pub(super) fn least(asked: &Asked<'_>) -> Option<Class> {
    asked.client.required_acr.as_deref().and_then(Class::parse).max(asked.acr.least())
}

/// What the session lacks, the first thing of all, for a request that was first shown on a page at `shown_at`.
pub(super) fn missing(
    asked: &Asked<'_>,
    shown_at: Option<Timestamp>,
    found: &SessionFacts,
    user: &User,
    facts: &Facts,
    ctx: &Ctx<'_>,
) -> Option<Missing> {
    let class = Class::of(&found.session.factors);
    let has_factor = facts.factors.is_there();
    let by_person = is_expected(facts, user).then_some(Class::Mfa);
    let needed = by_person.max(least(asked))?;
    if class >= needed {
        return None;
    }
    if class < Class::Password {
        return Some(Missing::SignIn);
    }
    if has_factor {
        return Some(Missing::Code);
    }
    if !is_offered(&facts.tenant) {
        return Some(Missing::Impossible);
    }
    // A browser that was left open is no reason to bind somebody's device to the account.
    let is_fresh = is_since(shown_at, found.session.auth_time)
        || ctx.now.since_ms(found.session.auth_time) <= STEPS_S * 1000;
    Some(if is_fresh { Missing::Factor } else { Missing::SignIn })
}
