//! The console's own registration: a client of every tenant that nobody has to make, and nobody can spoil. It is put right whenever
//! the console is about to sign somebody in by it, so that it follows the tenant's issuers.

use std::collections::BTreeSet;

use doorward_core::admin::{self, Access, Area};
use doorward_core::id::{ClientId, TenantId};
use doorward_core::model::{Actor, Client, Event, EventKind, Issuer, Lifetimes};
use doorward_core::{Ctx, Effect, Timestamp};
use doorward_crypto::random::SystemRandom;
use doorward_store::{CommitError, Fault, Store};
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;

use super::PREFIX;

/// Its id. Ids that begin so are never an operator's.
pub const ID: &str = "doorward-console";

/// Make the console's client of a tenant what it shall be. Nothing is written when it is.
pub async fn ensure(store: &Store, tenant: &TenantId) -> Result<(), Fault> {
    let issuers = store.issuers_of(tenant).await?;
    let found = store.client(tenant, &ID.into()).await?.map(|facts| facts.client);
    let now = store.now();
    let wanted = registration(tenant, &issuers, found.as_ref(), now);
    if found.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let kind = if found.is_some() { EventKind::ObjectChanged } else { EventKind::ObjectCreated };
    let event = {
        let mut rng = SystemRandom;
        let mut ctx = Ctx { now, rng: &mut rng, request_id: "console", address: "" };
        Event::new(kind, tenant, Actor::Server, &mut ctx).client(&wanted.id)
    };
    match store.commit(vec![Effect::PutClient(wanted), Effect::Record(event)]).await {
        // Another node was faster.
        Ok(()) | Err(CommitError::Conflict) => Ok(()),
        Err(CommitError::Fault(fault)) => Err(fault),
    }
}

/// What the console asks for. What the person may not do falls away.
pub fn scopes() -> String {
    let areas = Area::ALL.iter().flat_map(|area| [area.scope(Access::Read), area.scope(Access::Write)]);
    let mut words = vec!["openid"];
    words.extend(areas);
    words.push(admin::SERVER);
    words.join(" ")
}

/// Where codes for it go.
pub fn redirect_uri(issuer: &Issuer) -> String {
    format!("{}{PREFIX}/callback", issuer.url)
}

fn registration(tenant: &TenantId, issuers: &[Issuer], found: Option<&Client>, now: Timestamp) -> Client {
    let uris = |path: &str| -> Vec<RedirectUri> {
        issuers
            .iter()
            .filter_map(|issuer| RedirectUri::parse(&format!("{}{PREFIX}{path}", issuer.url)).ok())
            .collect()
    };
    Client {
        tenant: tenant.clone(),
        id: ClientId::from(ID),
        name: "Doorward".to_owned(),
        auth_method: "none".to_owned(),
        also_auth_methods: BTreeSet::new(),
        application_type: Default::default(),
        redirect_uris: uris("/callback"),
        post_logout_redirect_uris: uris(""),
        backchannel_logout_uri: None,
        backchannel_logout_session_required: false,
        grant_types: ["authorization_code", "refresh_token"].map(str::to_owned).into(),
        scopes: Scopes::parse(&scopes()).unwrap_or_default(),
        default_scopes: Scopes::default(),
        apis: [admin::API.into()].into(),
        introspects: BTreeSet::new(),
        introspects_all: false,
        issuers: BTreeSet::new(),
        jwks: None,
        jwks_uri: None,
        require_pkce: true,
        first_party: true,
        required_acr: None,
        id_token_algorithm: "ES256".to_owned(),
        lifetimes: Lifetimes::default(),
        refresh_policy: Default::default(),
        refresh_grace_s: 30,
        legacy: BTreeSet::new(),
        rate_limit: 0,
        role_permissions: None,
        disabled_at: None,
        version: found.map_or(0, |client| client.version),
        created_at: found.map_or(now, |client| client.created_at),
    }
}
