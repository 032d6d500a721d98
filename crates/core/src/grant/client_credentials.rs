//! `client_credentials`: a client's own token (RFC 6749, section 4.4). No refresh token, no ID token, no grant.

use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::GrantType;
use crate::client_auth::Authenticated;
use crate::model::{Actor, Event, EventKind};
use crate::permission::audience::{audience, named};
use crate::permission::{default_scopes, effective, is_openid_scope};
use crate::token::issue::{Issued, access_token};
use crate::{Ctx, Decision, Effect, Facts, Reason};

/// The row.
pub const GRANT: GrantType = GrantType { name: "client_credentials", needs: |_, _, _, _| Ok(()), decide };

fn decide(params: &Params, client: &Authenticated<'_>, facts: &Facts, ctx: &mut Ctx<'_>) -> Decision<Issued> {
    if !client.is_proven() {
        return Decision::refuse(Reason::ClientAnonymous);
    }
    let scopes = match scopes(params, client, facts) {
        Ok(scopes) => scopes,
        Err(reason) => return Decision::refuse(reason),
    };
    let resources = match named(params.all("resource"), client.client, &facts.apis) {
        Ok(resources) => resources,
        Err(reason) => return Decision::refuse(reason),
    };
    let audience = audience(&scopes, &scopes, &resources, client.client, facts);
    let (access_token, stored) = access_token(facts, client.client, None, &audience, ctx);
    let event =
        Event::new(EventKind::ClientToken, &facts.tenant.id, Actor::Client(client.client.id.clone()), ctx)
            .client(&client.client.id)
            .data(serde_json::json!({ "scope": audience.scopes.to_string(), "aud": audience.names }));
    let effects = stored.into_iter().chain([Effect::Record(event)]).collect();
    let issued = Issued {
        access_token,
        expires_in_s: audience.lifetime_s,
        scopes: audience.scopes,
        id_token: None,
        refresh_token: None,
    };
    Decision::with(effects, issued)
}

/// What the client gets for itself: nothing of OpenID Connect, which is about people.
fn scopes(params: &Params, client: &Authenticated<'_>, facts: &Facts) -> Result<Scopes, Reason> {
    let Some(asked) = params.get("scope") else {
        return Ok(default_scopes(client.client, &facts.apis).filter(|scope| !is_openid_scope(scope)));
    };
    let asked = Scopes::parse(asked).map_err(|_| Reason::ScopeMalformed)?;
    let effective = effective(&asked, client.client, None, None, &facts.apis);
    if !effective.fell.is_empty() || effective.scopes.iter().any(is_openid_scope) {
        return Err(Reason::ScopeNotAllowed);
    }
    Ok(effective.scopes)
}
