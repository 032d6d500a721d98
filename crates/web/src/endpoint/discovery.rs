//! The issuer's metadata (OpenID Connect Discovery, section 3; RFC 8414, section 2), derived from the tables: what is not in a table
//! is not published.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use bytes::Bytes;

use doorward_core::admin;
use doorward_core::client_auth;
use doorward_core::grant;
use doorward_core::id::IssuerId;
use doorward_core::login::acr::{ACR_MFA, ACR_PASSWORD};
use doorward_core::login::second_factor::is_offered;
use doorward_core::permission::OPENID_SCOPES;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_store::directory::Entry;
use doorward_wire::claims::{SCOPE_CLAIMS, name};
use doorward_wire::display::Display;
use doorward_wire::metadata::ServerMetadata;
use doorward_wire::prompt::Prompt;

use crate::app::Call;
use crate::render::{self, Answer};

/// GET, at both well-known names.
pub fn get(call: &Call<'_>) -> Answer {
    render::public_json(call.app.documents.of(call), MAX_AGE)
}

/// The documents of issuers, made once for each state of their tenant.
#[derive(Default)]
pub struct Documents(RwLock<HashMap<IssuerId, (Weak<Entry>, Bytes)>>);

impl Documents {
    fn of(&self, call: &Call<'_>) -> Bytes {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((entry, document)) = known.get(&call.issuer.id)
            && std::ptr::eq(entry.as_ptr(), Arc::as_ptr(&call.tenant))
        {
            return document.clone();
        }
        drop(known);
        let document = Bytes::from(serde_json::to_vec(&metadata(call)).unwrap_or_default());
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // What was made of a tenant that has changed, or is gone.
        known.retain(|_, (entry, _)| entry.strong_count() > 0);
        known.insert(call.issuer.id.clone(), (Arc::downgrade(&call.tenant), document.clone()));
        document
    }
}

/// The scopes that there are.
pub fn scopes(call: &Call<'_>) -> Vec<String> {
    let of_apis = apis(call).flat_map(|api| api.scopes.iter().map(|scope| scope.name.clone()));
    OPENID_SCOPES.iter().map(|scope| (*scope).to_owned()).chain(of_apis).collect()
}

/// The APIs that are told of.
fn apis<'a>(call: &'a Call<'_>) -> impl Iterator<Item = &'a doorward_core::model::Api> {
    call.tenant.apis.iter().filter(|api| api.disabled_at.is_none() && !admin::is_built_in(&api.id))
}

/// The document.
pub fn metadata(call: &Call<'_>) -> ServerMetadata {
    let policies = call.dialect.policies;
    let methods =
        || Some(client_auth::spoken(policies).map(|method| method.name.to_owned()).collect::<Vec<_>>());
    let proving = || {
        Some(
            client_auth::spoken(policies)
                .filter(|method| method.name != "none")
                .map(|method| method.name.to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let acr_values: Vec<&str> = match is_offered(&call.tenant.tenant) {
        true => vec![ACR_PASSWORD, ACR_MFA],
        false => vec![ACR_PASSWORD],
    };
    let url = |path: &str| Some(call.url(path));
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    let mut modes = Vec::new();
    for mode in policies.response_types.iter().flat_map(|row| row.modes) {
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    let assertions =
        || Some(Algorithm::ALL.iter().map(|algorithm| algorithm.as_str().to_owned()).collect::<Vec<_>>());
    ServerMetadata {
        issuer: call.issuer.url.clone(),
        authorization_endpoint: url("/authorize"),
        token_endpoint: url("/token"),
        userinfo_endpoint: url("/userinfo"),
        jwks_uri: url("/jwks"),
        introspection_endpoint: url("/introspect"),
        revocation_endpoint: url("/revoke"),
        end_session_endpoint: url("/logout"),
        backchannel_logout_supported: Some(true),
        backchannel_logout_session_supported: Some(true),
        scopes_supported: Some(scopes(call)),
        response_types_supported: Some(
            policies.response_types.iter().map(|row| row.name.as_str().to_owned()).collect(),
        ),
        response_modes_supported: Some(modes.into_iter().map(|mode| mode.as_str().to_owned()).collect()),
        grant_types_supported: Some(grant::spoken(policies).map(|row| row.name.to_owned()).collect()),
        acr_values_supported: words(&acr_values),
        subject_types_supported: words(&["public"]),
        id_token_signing_alg_values_supported: words(&ID_TOKEN_ALGORITHMS),
        token_endpoint_auth_methods_supported: methods(),
        token_endpoint_auth_signing_alg_values_supported: assertions(),
        revocation_endpoint_auth_methods_supported: methods(),
        revocation_endpoint_auth_signing_alg_values_supported: assertions(),
        introspection_endpoint_auth_methods_supported: proving(),
        introspection_endpoint_auth_signing_alg_values_supported: assertions(),
        display_values_supported: Some(Display::ALL.iter().map(|row| row.as_str().to_owned()).collect()),
        claim_types_supported: words(&["normal"]),
        claims_supported: Some(
            [
                name::SUB,
                name::ISS,
                name::AUD,
                name::EXP,
                name::IAT,
                name::AUTH_TIME,
                name::ACR,
                name::AMR,
                name::SID,
            ]
            .into_iter()
            .chain(SCOPE_CLAIMS.iter().flat_map(|(_, claims)| claims.iter().copied()))
            .map(str::to_owned)
            .collect(),
        ),
        ui_locales_supported: words(&["en", "de"]),
        prompt_values_supported: Some(
            Prompt::ALL.iter().map(|row| row.as_str().to_owned()).filter(|row| row != "create").collect(),
        ),
        code_challenge_methods_supported: words(&["S256"]),
        claims_parameter_supported: Some(true),
        request_parameter_supported: Some(false),
        request_uri_parameter_supported: Some(false),
        authorization_response_iss_parameter_supported: Some(true),
        protected_resources: Some(apis(call).map(|api| api.id.0.clone()).collect::<Vec<_>>())
            .filter(|apis: &Vec<String>| !apis.is_empty()),
        ..ServerMetadata::default()
    }
}

/// Algorithms that a client may ask its ID tokens to be signed with.
pub const ID_TOKEN_ALGORITHMS: [&str; 4] = ["RS256", "ES256", "EdDSA", "PS256"];
const MAX_AGE: &str = "public, max-age=300";
