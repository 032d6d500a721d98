//! `client_credentials`: a client's own token, or an installation's (RFC 6749, section 4.4). No refresh token, no ID token, no grant.

use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;
use doorward_wire::text::DisplayName;

use super::{GrantType, TokenRequest};
use crate::client_auth::Authenticated;
use crate::facts::InstallationFacts;
use crate::model::{Actor, Event, EventKind};
use crate::permission::audience::{Audience, audience, named};
use crate::permission::{Limits, asked_scopes, effective, is_openid_scope};
use crate::token::issue::{Issued, Subject, issued_token};
use crate::{Ctx, Decision, Effect, Facts, Reason};

/// The row.
pub const GRANT: GrantType = GrantType {
    name: "client_credentials",
    is_legacy: false,
    needs: |_, _, needs| {
        needs.is_extension = needs.installation.is_none();
        Ok(())
    },
    for_installations: true,
    decide,
};

fn decide(
    request: &TokenRequest,
    client: &Authenticated<'_>,
    facts: &Facts,
    ctx: &mut Ctx<'_>,
) -> Decision<Issued> {
    let params = &request.params;
    if !client.is_proven() {
        return Decision::refuse(Reason::ClientAnonymous);
    }
    // Nobody consented to anything for an extension: its installations get tokens, each what was consented to there.
    if client.installation.is_none() && facts.extension.is_some() {
        return Decision::refuse(Reason::ExtensionItself);
    }
    let (scopes, label) = match scopes(params, client, facts).and_then(|scopes| Ok((scopes, label(params)?)))
    {
        Ok(asked) => asked,
        Err(reason) => return Decision::refuse(reason),
    };
    let resources = match named(params.all("resource"), client.client, &facts.apis) {
        Ok(resources) => resources,
        Err(reason) => return Decision::refuse(reason),
    };
    let audience = audience(&scopes, &scopes, &resources, client.client, facts);
    let (subject, audience) = match client.installation {
        Some(found) => (Subject::Installation(found, label.clone()), short(audience)),
        None => (Subject::Client, audience),
    };
    let (access_token, stored) = issued_token(facts, client.client, subject, &audience, ctx);
    let mut data = serde_json::json!({ "scope": audience.scopes.to_string(), "aud": audience.names });
    if let Some(label) = label {
        data["actor_label"] = label.into();
    }
    let event =
        Event::new(EventKind::ClientToken, &facts.tenant.id, Actor::Client(client.client.id.clone()), ctx)
            .client(&client.client.id)
            .data(data);
    let event = match client.installation {
        Some(found) => event.installation(&found.installation.id),
        None => event,
    };
    let effects = stored.into_iter().chain([Effect::Record(event)]).collect();
    let issued = Issued {
        access_token,
        validity: audience.validity(ctx.now),
        scopes: audience.scopes,
        id_token: None,
        refresh_token: None,
        issued_token_type: None,
        account: None,
    };
    Decision::with(effects, issued)
}

/// What the client gets for itself: nothing of OpenID Connect, which is about people. An installation gets what was consented to.
fn scopes(params: &Params, client: &Authenticated<'_>, facts: &Facts) -> Result<Scopes, Reason> {
    let installed = client.installation.map(|found| &found.installation.scopes);
    let limits = Limits { installed, ..Limits::of(client.client, &facts.apis) };
    let Some(asked) = params.get("scope") else {
        let all = match client.installation {
            Some(InstallationFacts { installation, .. }) => effective(&installation.scopes, &limits).scopes,
            None => asked_scopes(None, client.client, facts)?,
        };
        return Ok(all.filter(|scope| !is_openid_scope(scope)));
    };
    let asked = Scopes::parse(asked).map_err(|_| Reason::ScopeMalformed)?;
    let effective = effective(&asked, &limits);
    if !effective.fell.is_empty() || effective.scopes.iter().any(is_openid_scope) {
        return Err(Reason::ScopeNotAllowed);
    }
    Ok(effective.scopes)
}

/// Whom or what an installation says it acts for. It is recorded and told, and widens nothing.
fn label(params: &Params) -> Result<Option<String>, Reason> {
    let Some(label) = params.get("actor_label") else { return Ok(None) };
    match DisplayName::parse(label) {
        Ok(_) => Ok(Some(label.to_owned())),
        Err(_) => Err(Reason::ParameterMalformed),
    }
}

/// A token of an installation lives shortly: it cannot be refreshed, and need not be.
fn short(audience: Audience) -> Audience {
    Audience { lifetime_s: audience.lifetime_s.min(LONGEST_S), ..audience }
}

/// Seconds that a token of an installation lives at most.
const LONGEST_S: i64 = 600;
