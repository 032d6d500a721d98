//! A world with extensions: who makes them, where they are installed, who belongs there.

use doorward_core::id::{ContextKey, ExtensionKey, InstallationId, RoleKey, SecretId};
use doorward_core::installation;
use doorward_core::model::{
    Actor, Api, Assignment, Client, ClientSecret, Context, Extension, ExtensionState, Guarding, Installation,
    Life, Manifest, Membership, RequestedScope, Role, SecretState, User,
};
use doorward_core::permission::Permission;
use doorward_core::{Ctx, Effect, Timestamp};
use doorward_crypto::digest;
use doorward_crypto::random::SystemRandom;
use doorward_web::edge::EdgeRequest;
use doorward_wire::scope::Scopes;

use crate::app::{encode, request};
use crate::client::basic;
use crate::fixture::{ALICE, BOB, T1};
use crate::{TestApp, secret_of, user_id};

/// An extension of T1; its client has the same id.
pub const X1: &str = "x1";
/// Another.
pub const X2: &str = "x2";
/// The context that both are made by.
pub const MAKER: i64 = 5;
/// `customer/c-1`, which ALICE belongs to.
pub const CUSTOMER: i64 = 10;
/// `project/p-1` of that customer.
pub const P1: i64 = 11;
/// `project/p-2`, which BOB belongs to.
pub const P2: i64 = 12;
/// A role that lets who has it write orders, which `rs1:write` asks for.
pub const WRITER: RoleKey = RoleKey(1);
/// What extensions of this world ask for.
pub const ASKS: &str = "openid profile offline_access rs1:read rs1:write";

/// An installation, and a secret of it that its extension has.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its id.
    pub id: InstallationId,
    /// The secret.
    pub secret: String,
}

impl Installed {
    /// A form to the token endpoint as this installation.
    pub fn request(&self, form: &[(&str, &str)]) -> EdgeRequest {
        let authorization = basic(self.id.as_str(), &self.secret);
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", authorization.as_str()),
        ];
        request("POST", "/token", &headers, &encode(form))
    }
}

/// A context of T1.
pub fn context(key: i64, id: &str, ancestors: &[i64]) -> Context {
    Context {
        tenant: T1.into(),
        key: ContextKey(key),
        id: id.into(),
        name: id.to_owned(),
        parent: None,
        ancestors: ancestors.iter().map(|key| ContextKey(*key)).collect(),
        disabled_at: None,
        removed_at: None,
        external_id: None,
        external_version: None,
        version: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

/// A person of T1 in a context.
pub fn member(user: &str, key: i64, id: &str) -> Effect {
    Effect::PutMembership(Membership {
        tenant: T1.into(),
        user: user_id(user).into(),
        context: ContextKey(key),
        context_id: id.into(),
        external_version: None,
        version: 0,
        created_at: Timestamp(0),
    })
}

/// ALICE may write orders there.
pub fn assign(key: i64) -> Effect {
    Effect::Assign(Assignment {
        tenant: T1.into(),
        user: user_id(ALICE).into(),
        context: Some(ContextKey(key)),
        role: WRITER,
        role_id: "writer".into(),
        created_at: Timestamp(0),
    })
}

/// ALICE may not any longer.
pub fn unassign(key: i64) -> Effect {
    Effect::Unassign {
        tenant: T1.into(),
        user: user_id(ALICE).into(),
        context: Some(ContextKey(key)),
        role: WRITER,
    }
}

/// An extension of T1, as it begins.
pub fn extension(key: i64, id: &str) -> Extension {
    let scope = |name: &str| RequestedScope {
        name: name.to_owned(),
        reason: format!("to do {name}"),
        reasons: Default::default(),
        optional: name == "rs1:write",
    };
    Extension {
        tenant: T1.into(),
        key: ExtensionKey(key),
        id: id.into(),
        contributor: Some("contributor/maker".into()),
        contributor_key: Some(ContextKey(MAKER)),
        state: ExtensionState::Published,
        deprecated_on: None,
        manifest: Manifest {
            name: format!("Extension {id}"),
            scopes: ASKS.split(' ').map(scope).collect(),
            callback_url: Some(format!("https://{id}.example/callback")),
            launch_url: Some(format!(
                "https://{id}.example:8443/open/:contextId?user=:userId&key=:accessTokenRetrievalKey"
            )),
            frame_origins: vec!["https://host.example".to_owned()],
            ..Manifest::default()
        },
        manifest_version: 1,
        proposed: None,
        suspended_at: None,
        epoch: 1,
        version: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

impl TestApp {
    /// A world with X1 and X2, installed nowhere. `rs1:write` asks for `orders:write`, which ALICE has in `project/p-1`.
    pub async fn extended() -> Self {
        let app = Self::new().await;
        app.extend().await;
        app
    }

    /// The same, onto a world.
    pub async fn extend(&self) {
        self.change_api("https://rs1.example", |api| {
            for scope in api.scopes.iter_mut().filter(|scope| scope.name == "rs1:write") {
                scope.permission = Permission::parse("orders:write").ok();
            }
        })
        .await;
        let plain = self.store.client(&T1.into(), &"web".into()).await.expect("it can be read").expect("WEB");
        let mut effects = vec![
            Effect::PutRole(Role {
                tenant: T1.into(),
                key: WRITER,
                id: "writer".into(),
                name: "Writer".to_owned(),
                description: String::new(),
                permissions: [Permission::parse("orders:write").expect("a permission")].into(),
                requires_second_factor: false,
                version: 0,
                created_at: Timestamp(0),
            }),
            Effect::PutContext(context(MAKER, "contributor/maker", &[])),
            Effect::PutContext(context(CUSTOMER, "customer/c-1", &[])),
            Effect::PutContext(Context {
                parent: Some("customer/c-1".into()),
                ..context(P1, "project/p-1", &[CUSTOMER])
            }),
            Effect::PutContext(context(P2, "project/p-2", &[])),
            member(ALICE, CUSTOMER, "customer/c-1"),
            member(ALICE, P1, "project/p-1"),
            member(BOB, P2, "project/p-2"),
            assign(P1),
        ];
        for (key, id) in [(1, X1), (2, X2)] {
            let callback = format!("https://{id}.example/callback");
            let client = Client {
                id: id.into(),
                name: format!("Extension {id}"),
                redirect_uris: vec![
                    doorward_wire::redirect_uri::RedirectUri::parse(&callback).expect("a URI"),
                ],
                grant_types: [
                    "authorization_code",
                    "refresh_token",
                    "client_credentials",
                    "urn:doorward:grant:retrieval-key",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                ]
                .map(str::to_owned)
                .into(),
                scopes: Scopes::parse(ASKS).expect("scopes"),
                apis: ["https://rs1.example".into()].into(),
                require_pkce: false,
                version: 0,
                ..plain.client.clone()
            };
            effects.push(Effect::PutClient(client));
            effects.push(Effect::PutSecret(ClientSecret {
                tenant: T1.into(),
                client: id.into(),
                id: SecretId(format!("sec-{id}")),
                hash: digest::sha256(secret_of(id).as_bytes()),
                state: SecretState::Current,
                created_at: Timestamp(0),
                expires_at: None,
            }));
            effects.push(Effect::PutExtension(Box::new(extension(key, id))));
        }
        self.commit(effects).await;
    }

    /// Commit effects.
    pub async fn commit(&self, effects: Vec<Effect>) {
        self.store.commit(effects).await.expect("the effects can be stored");
    }

    /// What a decision makes, with this world's time.
    pub fn decided<T>(&self, make: impl FnOnce(&mut Ctx<'_>) -> T) -> T {
        let mut rng = SystemRandom;
        make(&mut Ctx { now: self.store.now(), rng: &mut rng, request_id: "test", address: "" })
    }

    /// Install an extension in a context, with these scopes; its secret is delivered.
    pub async fn install(&self, extension: &str, (key, context): (i64, &str), scopes: &str) -> Installed {
        let found = self.store.extension(&T1.into(), &extension.into()).await.expect("it can be read");
        let found = found.expect("an extension of the world");
        let row = Installation {
            id: self.decided(installation::fresh_id),
            tenant: T1.into(),
            extension: found.key,
            extension_id: found.id,
            context: ContextKey(key),
            context_id: context.into(),
            scopes: Scopes::parse(scopes).expect("scopes"),
            manifest_version: 1,
            variant: None,
            settings: Default::default(),
            installed_by: None,
            life: Life::Enabled,
            epoch: 1,
            version: 0,
            created_at: self.store.now(),
            updated_at: self.store.now(),
        };
        let id = row.id.clone();
        let effects = self.decided(|ctx| installation::install(row, &Actor::Operator, ctx));
        self.commit(effects).await;
        let secret = self.deliver(&id).await;
        Installed { id, secret }
    }

    /// The newest secret of an installation, which its extension has from now on.
    pub async fn deliver(&self, id: &InstallationId) -> String {
        let secrets = self.store.installation_secrets(&T1.into(), id).await.expect("they can be read");
        let newest = secrets.last().expect("it has a secret").id.clone();
        let plain = self.store.undelivered_secret(&T1.into(), id, &newest).await.expect("it can be opened");
        let deliver = Effect::DeliverInstallationSecret {
            tenant: T1.into(),
            installation: id.clone(),
            id: newest,
            now: self.store.now(),
        };
        self.commit(vec![deliver]).await;
        plain.expect("nobody had it yet")
    }

    /// An installation as it is.
    pub async fn installation(&self, id: &InstallationId) -> Installation {
        self.store.installation(&T1.into(), id).await.expect("it can be read").expect("it is there")
    }

    /// An installation takes a step in its life.
    pub async fn live(
        &self,
        id: &InstallationId,
        step: impl FnOnce(Life, Timestamp) -> Result<Life, doorward_core::model::NoStep>,
    ) {
        let found = self.installation(id).await;
        let now = self.store.now();
        let effects =
            self.decided(|ctx| installation::live(&found, |life| step(life, now), &Actor::Operator, ctx));
        self.commit(effects.expect("a step from where it is")).await;
    }

    /// A new secret of an installation that nobody has yet.
    pub async fn rotate_secret(&self, id: &InstallationId) {
        let found = self.installation(id).await;
        let (effects, ..) =
            self.decided(|ctx| installation::rotate_secret(&found, false, &Actor::Operator, ctx));
        self.commit(effects).await;
    }

    /// An extension becomes another.
    pub async fn change_extension(&self, id: &str, change: impl FnOnce(&mut Extension)) {
        let found = self.store.extension(&T1.into(), &id.into()).await.expect("it can be read");
        let mut found = found.expect("it is there");
        change(&mut found);
        self.commit(vec![Effect::PutExtension(Box::new(found))]).await;
    }

    /// A client becomes another.
    pub async fn change_client(&self, id: &str, change: impl FnOnce(&mut Client)) {
        let found = self.store.client(&T1.into(), &id.into()).await.expect("it can be read");
        let mut client = found.expect("it is there").client;
        change(&mut client);
        self.commit(vec![Effect::PutClient(client)]).await;
    }

    /// An API becomes another.
    pub async fn change_api(&self, id: &str, change: impl FnOnce(&mut Api)) {
        let found = self.store.apis(&T1.into()).await.expect("they can be read");
        let mut api = found.into_iter().find(|api| api.id.as_str() == id).expect("it is there");
        change(&mut api);
        self.commit(vec![Effect::PutApi(api)]).await;
    }

    /// The rules of the routes of RS1's API, and whether it takes tokens in parameters.
    pub async fn guarded(&self, routes: serde_json::Value, parameters: bool) {
        let routes = serde_json::from_value(routes).expect("rules");
        self.guarding(Guarding { routes, parameters, ..Guarding::default() }).await;
    }

    /// What the guard asks of requests to that API.
    pub async fn guarding(&self, guard: Guarding) {
        self.change_api("https://rs1.example", |api| api.guard = guard).await;
    }

    /// A person becomes another.
    pub async fn change_user(&self, user: &str, change: impl FnOnce(&mut User)) {
        let found = self.store.user(&T1.into(), &user_id(user).into()).await.expect("it can be read");
        let mut found = found.expect("they are there").user;
        change(&mut found);
        self.commit(vec![Effect::PutUser(found)]).await;
    }

    /// A context becomes another.
    pub async fn change_context(&self, id: &str, change: impl FnOnce(&mut Context)) {
        let found = self.store.context(&T1.into(), &id.into()).await.expect("it can be read");
        let mut found = found.expect("it is there");
        change(&mut found);
        self.commit(vec![Effect::PutContext(found)]).await;
    }

    /// A token for an installation itself.
    pub async fn installation_token(&self, of: &Installed, extra: &[(&str, &str)]) -> crate::Reply {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend_from_slice(extra);
        self.post_as_installation(of, &form).await
    }

    /// POST a form to the token endpoint as an installation.
    pub async fn post_as_installation(&self, of: &Installed, form: &[(&str, &str)]) -> crate::Reply {
        let authorization = basic(of.id.as_str(), &of.secret);
        self.post_form("/token", form, &[("authorization", &authorization)]).await
    }
}
