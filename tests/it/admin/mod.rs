//! The admin API.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod audiences;
mod everywhere;
mod explain;
pub mod extensions;
mod help;
mod import;
pub mod in_contexts;
mod in_use;
mod incidents;
mod installation_secrets;
mod last;
mod lists;
mod matrix;
mod objects;
mod pages;
mod repeats;
mod told;
mod wrong;

use doorward_core::Effect;
use doorward_core::admin::{Access, Area, SERVER};
use doorward_core::id::{ClientId, TenantId};
use doorward_core::model::{ClientSecret, SecretState, User};
use doorward_crypto::digest;
use doorward_tests::{M2M, Reply, T1, TestApp, basic, secret_of};
use doorward_wire::scope::Scopes;

/// The issuer of T1.
pub const ADMIN: &str = "/admin/v1";
/// A client that administers the server.
pub const BOSS: &str = "boss";

/// Every scope of administration but the server's.
pub fn every_scope() -> String {
    let scopes = Area::ALL.iter().flat_map(|area| [area.scope(Access::Read), area.scope(Access::Write)]);
    scopes.collect::<Vec<_>>().join(" ")
}

/// A client of T1 that may get a token of its own for these scopes of administration.
pub async fn client_with(app: &TestApp, id: &str, scopes: &str) {
    let tenant = TenantId::from(T1);
    let found = app.store.client(&tenant, &ClientId::from(M2M)).await.unwrap().unwrap();
    let mut client = found.client.clone();
    client.id = id.into();
    client.version = 0;
    client.apis = [doorward_core::admin::API.into()].into();
    client.scopes = Scopes::parse(scopes).unwrap();
    let secret = ClientSecret {
        tenant: tenant.clone(),
        client: client.id.clone(),
        id: "s1".into(),
        hash: digest::sha256(secret_of(id).as_bytes()),
        state: SecretState::Current,
        created_at: app.clock.now(),
        expires_at: None,
    };
    app.store.commit(vec![Effect::PutClient(client), Effect::PutSecret(secret)]).await.unwrap();
}

/// A token that a client gets for itself.
pub async fn token_of(app: &TestApp, client: &str, scopes: &str) -> String {
    let credentials = basic(client, &secret_of(client));
    let form = [("grant_type", "client_credentials"), ("scope", scopes)];
    let reply = app.post_form("/token", &form, &[("authorization", &credentials)]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.text("access_token")
}

/// An administrator of T1 (`server`: of the server): what their client's token may do, everything.
pub struct Admin<'a> {
    /// The server.
    pub app: &'a TestApp,
    token: String,
}

impl<'a> Admin<'a> {
    /// One with these scopes.
    pub async fn with(app: &'a TestApp, id: &str, scopes: &str) -> Self {
        client_with(app, id, scopes).await;
        Self { app, token: token_of(app, id, scopes).await }
    }

    /// One of the tenant.
    pub async fn of_tenant(app: &'a TestApp) -> Self {
        Self::with(app, "chief", &every_scope()).await
    }

    /// One of the server.
    pub async fn of_server(app: &'a TestApp) -> Self {
        Self::with(app, BOSS, &format!("{} {SERVER}", every_scope())).await
    }

    /// A request.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/json"));
        }
        self.app.send(method, &format!("{ADMIN}{path}"), &all, body).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    /// A request with a JSON body.
    pub async fn json(&self, method: &str, path: &str, body: serde_json::Value) -> Reply {
        self.send(method, path, &[], &body.to_string()).await
    }
}

/// The pointers of a problem.
pub fn pointers(reply: &Reply) -> Vec<String> {
    let errors = reply.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["pointer"].as_str().unwrap_or_default().to_owned()).collect()
}

/// A person of T1 as they are stored.
pub async fn user(app: &TestApp, id: &str) -> User {
    let id = doorward_tests::user_id(id).into();
    app.store.user(&TenantId::from(T1), &id).await.unwrap().unwrap().user
}
