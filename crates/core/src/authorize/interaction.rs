//! What the person must still do (OpenID Connect Core, sections 3.1.2.3 and 3.1.2.4): sign in, choose, allow; or nothing.

use doorward_wire::prompt::Prompt;

use super::acr::{self, Missing};
use super::installed::{self, Where};
use super::max_age::{is_recent, is_since};
use super::{Act, Asked, AuthorizationRequest, Step, answer_refused, approve};
use crate::facts::SessionFacts;
use crate::grant::lifetime;
use crate::may_issue::is_signed_in;
use crate::model::{Actor, Event, EventKind, User};
use crate::{Ctx, Decision, Effect, Facts, Reason};

/// Decide the next step of a request that passed every check.
pub(super) fn decide(
    request: &AuthorizationRequest,
    asked: Asked<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Step> {
    let signed_in =
        facts.session.as_ref().and_then(|found| is_signed_in(found, ctx.now).ok().map(|user| (found, user)));
    let Some((found, user)) = signed_in else {
        return no_page(&asked, Reason::LoginRequired, facts)
            .unwrap_or_else(|| sign_in(request, &asked, None));
    };
    if !is_meant(&asked, user) {
        // Who signed in for this very request is somebody else: the client is told, not asked for ever.
        if is_since(request.shown_at(), found.session.auth_time) && request.act == Act::None {
            let answer = answer_refused(asked.target, &Reason::LoginRequired.into(), facts);
            return Decision::answer(Step::Return(answer));
        }
        return no_page(&asked, Reason::LoginRequired, facts)
            .unwrap_or_else(|| sign_in(request, &asked, None));
    }
    let (shown_at, auth_time) = (request.shown_at(), found.session.auth_time);
    if !is_recent(&asked, shown_at, auth_time, ctx.now) || request.act == Act::OtherAccount {
        return no_page(&asked, Reason::LoginRequired, facts)
            .unwrap_or_else(|| sign_in(request, &asked, (request.act != Act::OtherAccount).then_some(user)));
    }
    if must_select(request, &asked, found) {
        let client_name = asked.client.name.clone();
        return no_page(&asked, Reason::SelectionRequired, facts)
            .unwrap_or_else(|| Decision::answer(Step::SelectAccount { client_name }));
    }
    if let Some(missing) = acr::missing(&asked, shown_at, found, user, facts, ctx) {
        return show_more(missing, request, asked, user, facts);
    }
    let asked = match installed::find(&request.params, facts) {
        Where::Nowhere => asked,
        Where::Here(found, extension) => installed::narrowed(asked, found, extension),
        Where::Several => {
            let (client_name, places) = (asked.client.name.clone(), facts.places.clone());
            return no_page(&asked, Reason::InteractionRequired, facts)
                .unwrap_or_else(|| Decision::answer(Step::SelectInstallation { client_name, places }));
        }
        Where::Refused(reason) => return not_installed(reason, &asked, user, facts, ctx),
    };
    let asked = match asked.in_the_name_of(user, facts) {
        Ok(asked) => asked,
        Err(target) => {
            let answer = answer_refused(*target, &Reason::PersonMayNot.into(), facts);
            return Decision::answer(Step::Return(answer));
        }
    };
    match answered(request, &asked, user, facts) {
        Some(false) => denied(asked, user, facts, ctx),
        Some(true) => approve::decide(request, asked, &found.session, user, false, facts, ctx),
        None if needs_consent(&asked, facts) => {
            no_page(&asked, Reason::ConsentRequired, facts).unwrap_or_else(|| ask(asked, facts))
        }
        None => {
            let is_implicit = !has_consent(&asked, facts);
            approve::decide(request, asked, &found.session, user, is_implicit, facts, ctx)
        }
    }
}

/// `prompt=none`: no page is shown, and the client is told what would have been.
fn no_page(asked: &Asked<'_>, reason: Reason, facts: &Facts) -> Option<Decision<Step>> {
    asked
        .prompts
        .contains(Prompt::None)
        .then(|| Decision::answer(Step::Return(answer_refused(asked.target.clone(), &reason.into(), facts))))
}

/// The person must show more than they have: a page, or the error that says so.
fn show_more(
    missing: Missing,
    request: &AuthorizationRequest,
    asked: Asked<'_>,
    user: &User,
    facts: &Facts,
) -> Decision<Step> {
    if missing == Missing::Impossible {
        let answer = answer_refused(asked.target, &Reason::AcrUnmet.into(), facts);
        return Decision::answer(Step::Return(answer));
    }
    no_page(&asked, Reason::LoginRequired, facts).unwrap_or_else(|| match missing {
        Missing::SignIn | Missing::Impossible => sign_in(request, &asked, Some(user)),
        Missing::Code | Missing::Factor => Decision::answer(Step::SecondFactor {
            client_name: asked.client.name.clone(),
            has_factor: missing == Missing::Code,
        }),
    })
}

/// Never a redirect: whoever asks learns nothing of who belongs where.
fn not_installed(
    reason: Reason,
    asked: &Asked<'_>,
    user: &User,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Step> {
    let actor = Actor::User(user.id.clone());
    let event = Event::new(EventKind::LaunchRefused, &facts.tenant.id, actor, ctx)
        .user(&user.id)
        .client(&asked.client.id)
        .reason(reason);
    let event = match facts.installation.as_deref() {
        Some(found) => event.installation(&found.installation.id),
        None => event,
    };
    let client_name = asked.client.name.clone();
    Decision::with(vec![Effect::Record(event)], Step::NotInstalled { client_name })
}

fn sign_in(request: &AuthorizationRequest, asked: &Asked<'_>, again: Option<&User>) -> Decision<Step> {
    let hint = request.params.get("login_hint").map(str::to_owned);
    let name = hint.or_else(|| again.map(|user| user.user_name.clone()));
    Decision::answer(Step::SignIn { client_name: asked.client.name.clone(), name })
}

fn ask(asked: Asked<'_>, facts: &Facts) -> Decision<Step> {
    let live = facts.consent.as_ref().filter(|consent| consent.ended_at.is_none());
    Decision::answer(Step::Consent {
        is_offline: lifetime::is_offline(&asked.scopes, asked.client),
        client: Box::new(asked.client.clone()),
        already: live.map(|consent| consent.scopes.clone()).unwrap_or_default(),
        scopes: asked.to_allow,
        target: asked.target,
    })
}

fn denied(asked: Asked<'_>, user: &User, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Step> {
    let event = Event::new(EventKind::ConsentDenied, &facts.tenant.id, Actor::User(user.id.clone()), ctx)
        .user(&user.id)
        .client(&asked.client.id)
        .reason(Reason::AccessDenied);
    let answer = answer_refused(asked.target, &Reason::AccessDenied.into(), facts);
    Decision::with(vec![Effect::Record(event)], Step::Return(answer))
}

/// Whether the person signed in is the one that `id_token_hint` names.
fn is_meant(asked: &Asked<'_>, user: &User) -> bool {
    asked.hinted.as_deref().is_none_or(|hinted| hinted == user.id.as_str())
}

fn must_select(request: &AuthorizationRequest, asked: &Asked<'_>, found: &SessionFacts) -> bool {
    let has_chosen =
        !matches!(request.act, Act::None) || is_since(request.shown_at(), found.session.auth_time);
    asked.prompts.contains(Prompt::SelectAccount) && !has_chosen
}

/// What the person said on the consent page, if this page was shown to this person and said no less than what is asked now.
fn answered(request: &AuthorizationRequest, asked: &Asked<'_>, user: &User, facts: &Facts) -> Option<bool> {
    match &request.act {
        Act::Consent { user: shown_to, scopes, allowed } if *shown_to == user.id => {
            (!allowed || asked.to_allow.is_subset(scopes)).then_some(*allowed)
        }
        Act::Allowed if facts.policies.answers_consent => Some(true),
        _ if facts.policies.answers_consent && request.params.get("grant_consent") == Some("false") => {
            Some(false)
        }
        Act::None | Act::AccountChosen | Act::OtherAccount | Act::Allowed | Act::Consent { .. } => None,
    }
}

fn needs_consent(asked: &Asked<'_>, facts: &Facts) -> bool {
    if asked.prompts.contains(Prompt::Consent) {
        return true;
    }
    if asked.client.first_party || asked.is_allowed {
        return false;
    }
    // Anybody on the device can pose as a native client (RFC 8252, section 8.6): its consent is not remembered.
    let can_be_posed_as = asked.client.is_public()
        && (asked.target.registered.is_custom_scheme() || asked.target.registered.is_loopback());
    can_be_posed_as || !has_consent(asked, facts)
}

/// Whether a live consent covers what is asked.
fn has_consent(asked: &Asked<'_>, facts: &Facts) -> bool {
    facts
        .consent
        .as_ref()
        .is_some_and(|consent| consent.ended_at.is_none() && asked.to_allow.is_subset(&consent.scopes))
}
