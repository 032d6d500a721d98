//! `password`: a person's password at the token endpoint (RFC 6749, section 4.3), which the specifications have given up (RFC 9700, section 2.4):
//! for older clients, where the wire contract has it. The client is authenticated first. The verbs run twice, as at the sign-in page: the
//! attempt is counted and committed, the password looked at, and then it is decided. Every kind of failure gets one answer.

use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::{GrantType, TokenRequest, lifetime};
use crate::authorize::approve::{Allowing, consent};
use crate::client_auth::Authenticated;
use crate::facts::{GrantFacts, UserFacts};
use crate::id::{GrantId, SessionId, UserId};
use crate::login::acr::{Class, PWD};
use crate::login::attempt::{Attempt, ToVerify};
use crate::login::second_factor::is_expected;
use crate::login::verified::Verified;
use crate::model::{Actor, Event, EventKind, Grant, User};
use crate::permission::audience::{audience, named};
use crate::permission::{Limits, asked_scopes, effective, is_withdrawn};
use crate::policies::Policies;
use crate::token::account::Account;
use crate::token::issue::{Issued, Subject, id_token, is_answered, issued_token};
use crate::token::refresh_pair::{FIRST_GENERATION, RefreshPair};
use crate::{Ctx, Decision, Effect, Facts, Needs, Reason, Refusal};

/// The row.
pub const GRANT: GrantType = GrantType {
    name: "password",
    is_legacy: true,
    needs: |params, _, needs| {
        needs.is_extension = true;
        text(params, "username").and(text(params, "password")).map(drop)
    },
    for_installations: false,
    decide,
};

fn text<'a>(params: &'a Params, name: &str) -> Result<&'a str, Refusal> {
    Ok(params.get(name).filter(|text| !text.is_empty()).ok_or(Reason::ParameterMissing)?)
}

/// Whether a request is one of this row, where it is spoken.
pub fn is_asked(request: &TokenRequest, policies: &Policies) -> bool {
    request.grant_type(policies).is_ok_and(|grant| grant.name == GRANT.name)
}

/// A password that came with a request, and was looked at.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The attempt as which it was counted.
    pub attempt: Attempt,
    /// Whose name it came with; none where nobody is called so.
    pub user: Option<UserId>,
    /// What came of it.
    pub verified: Verified,
}

/// The first run: who asks, and whether they may try at all.
#[derive(Clone, Debug)]
pub struct First<'a> {
    /// The request, nothing of whose password is known.
    pub request: &'a TokenRequest,
    /// The attempt.
    pub attempt: &'a Attempt,
}

/// What is to be verified, and whose it is.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The hash, or one that fits nothing.
    pub to_verify: ToVerify,
    /// The person of that name.
    pub user: Option<UserId>,
}

impl First<'_> {
    /// What must be loaded.
    pub fn needs(&self, mount: &crate::policies::Mount<'_>) -> Result<Needs, Refusal> {
        let attempt = self.attempt.needs();
        let needs = self.request.needs(mount)?;
        Ok(Needs { login_name: attempt.login_name, attempt: attempt.attempt, ..needs })
    }

    /// Decide. What shows the client is used up in the second run.
    pub fn decide(&self, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Asked> {
        let may = self.request.admitted(facts, ctx).and_then(|(_, client, effects)| {
            may_bring(&client, facts).map_err(|reason| (reason.into(), effects))
        });
        if let Err((refusal, effects)) = may {
            return Decision::refuse_with(effects, refusal);
        }
        let decision = self.attempt.decide(facts, ctx);
        let user = facts.user.as_ref().map(|found| found.user.id.clone());
        Decision {
            effects: decision.effects,
            answer: match decision.answer {
                Ok(to_verify) => Ok(Asked { to_verify, user }),
                Err(refusal) => {
                    Err(Refusal { retry_after_s: refusal.retry_after_s, ..Reason::TooMany.into() })
                }
            },
        }
    }
}

impl Shown {
    /// What the second run needs to know besides.
    pub(super) fn needs(&self, policies: &Policies, needs: &mut Needs) {
        needs.user = self.user.clone();
        needs.consent_for = self.user.as_ref().and(needs.client.clone());
        (needs.factors, needs.held) = (self.user.is_some(), self.user.is_some());
        needs.top_context = policies.tells_account;
    }
}

fn decide(
    request: &TokenRequest,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    if let Err(reason) = may_bring(client, facts) {
        return Decision::refuse(reason);
    }
    let Some(shown) = &request.shown else { return Decision::refuse(Reason::ParameterMissing) };
    let person = shown.verified.person(facts, ctx).and_then(|found| enough(found, client, facts));
    let found = match person {
        Ok(found) => found,
        Err(reason) => {
            let actor = Actor::Client(client.client.id.clone());
            let effects = shown.verified.failed(reason, &actor, facts, ctx);
            return Decision::refuse_with(effects, Reason::PasswordGrant);
        }
    };
    let effects = shown.verified.succeeded(&shown.attempt, found, facts);
    let asked = scopes(&request.params, client, &found.user, facts)
        .and_then(|scopes| Ok((scopes, named(request.params.all("resource"), client.client, &facts.apis)?)));
    match asked {
        Ok((scopes, resources)) => issue(scopes, resources, client, &found.user, effects, facts, ctx),
        Err(reason) => Decision::refuse_with(effects, reason),
    }
}

/// Whether a client may bring passwords at all, before any is looked at: one that showed who it is, and is no extension, for which nobody
/// consented to anything.
fn may_bring(client: &Authenticated<'_>, facts: &Facts) -> Result<(), Reason> {
    if !client.is_proven() {
        return Err(Reason::ClientAnonymous);
    }
    if facts.extension.is_some() {
        return Err(Reason::ExtensionItself);
    }
    Ok(())
}

/// Whether a password is all that must be shown: no page can ask for a code or a new password here.
fn enough<'a>(
    found: &'a UserFacts,
    client: &Authenticated<'_>,
    facts: &Facts,
) -> Result<&'a UserFacts, Reason> {
    let least = client.client.required_acr.as_deref().and_then(Class::parse);
    let lacks_factor = is_expected(facts, &found.user) || least.is_some_and(|least| least > Class::Password);
    if lacks_factor || found.user.password_due_at.is_some() {
        return Err(Reason::SecondStepDue);
    }
    Ok(found)
}

/// What is asked, as far as the client may ask it and the person may do it (section 3.3).
fn scopes(params: &Params, client: &Authenticated<'_>, user: &User, facts: &Facts) -> Result<Scopes, Reason> {
    let asked = asked_scopes(params.get("scope"), client.client, facts)?;
    let effective = effective(&asked, &Limits::of(client.client, &facts.apis));
    if params.get("scope").is_some() && !effective.fell.is_empty() {
        return Err(Reason::ScopeNotAllowed);
    }
    let permissions = facts.permissions(user);
    let left = effective.scopes.filter(|scope| permissions.may_grant(scope, &facts.apis));
    if left.is_empty() || is_withdrawn(&effective.scopes, &left) || !is_answered(&left, facts) {
        return Err(Reason::ScopeEmpty);
    }
    Ok(if lifetime::refreshes(client.client) { left } else { left.without("offline_access") })
}

/// A grant under a consent that is implied, and its first tokens.
fn issue(
    scopes: Scopes,
    resources: Vec<String>,
    client: &Authenticated<'_>,
    user: &User,
    mut effects: Vec<Effect>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let allowing = Allowing { client: client.client, installed: None, scopes: &scopes, is_implicit: true };
    let consent = consent(&allowing, user, facts, ctx, &mut effects);
    let audience = audience(&scopes, &scopes, &resources, client.client, facts);
    let life = lifetime::of_grant(client.client, &audience, ctx.now);
    let serial = facts.keys.newest_mac().map(|(serial, _)| serial).filter(|_| life.refreshes);
    let grant = Grant {
        id: GrantId::new(ctx.now, ctx.rng),
        tenant: facts.tenant.id.clone(),
        issuer: facts.issuer.id.clone(),
        consent,
        session: SessionId::NONE,
        user: user.id.clone(),
        client: client.client.id.clone(),
        installation: None,
        actor: None,
        offline: lifetime::is_offline(&scopes, client.client),
        scopes,
        resources,
        authorization_details: None,
        cnf: None,
        auth_time: ctx.now,
        acr: Class::Password.as_str().to_owned(),
        amr: vec![PWD.to_owned()],
        claims: None,
        generation: serial.map_or(0, |_| FIRST_GENERATION),
        mac_key: serial.map_or(0, i64::from),
        spent_at: None,
        spent_before_at: None,
        used_at: ctx.now,
        idle_ms: life.idle_ms,
        expires_at: life.expires_at,
        unnamed: false,
        redeemed_at: Some(ctx.now),
        ended_at: None,
        ended_reason: None,
        created_at: ctx.now,
    };
    let pair = RefreshPair { grant: grant.id, generation: FIRST_GENERATION };
    let refresh_token = serial.and_then(|serial| pair.encode(&facts.issuer.id, serial, &facts.keys));
    let of = GrantFacts::begun(grant, user, None, None);
    let audience = audience.until(of.grant.expires_at, ctx.now);
    let (access_token, stored) = issued_token(facts, client.client, Subject::Person(&of), &audience, ctx);
    let id_token = of.grant.scopes.contains("openid").then(|| id_token(facts, client.client, &of, None, ctx));
    let actor = Actor::Client(client.client.id.clone());
    let event = Event::new(EventKind::PasswordGranted, &facts.tenant.id, actor, ctx)
        .of_grant(&of.grant)
        .data(serde_json::json!({ "scope": audience.scopes.to_string() }));
    effects.push(Effect::InsertGrant(of.grant));
    effects.extend(stored);
    effects.push(Effect::Record(event));
    let account = facts.policies.tells_account.then(|| Account::of(user, &audience.scopes, facts));
    let issued = Issued {
        access_token,
        validity: audience.validity(ctx.now),
        scopes: audience.scopes,
        id_token,
        refresh_token,
        issued_token_type: None,
        account,
    };
    Decision::with(effects, issued)
}
