//! Extensions and what is installed of them, for tests that are about neither.

use doorward_core::id::{ContextKey, ExtensionKey, InstallationId};
use doorward_core::model::{Actor, Context, Extension, ExtensionState, Installation, Life, Manifest};
use doorward_core::{Ctx, Effect, installation};
use doorward_crypto::random::SystemRandom;
use doorward_wire::scope::Scopes;

use crate::TestApp;
use crate::fixture::T1;

impl TestApp {
    /// An extension of T1 that is told at `webhook_url`.
    pub async fn extension(&self, key: i64, id: &str, webhook_url: Option<&str>) -> Extension {
        let extension = Extension {
            tenant: T1.into(),
            key: ExtensionKey(key),
            id: id.into(),
            contributor: None,
            contributor_key: None,
            state: ExtensionState::Published,
            deprecated_on: None,
            manifest: Manifest {
                name: id.to_owned(),
                webhook_url: webhook_url.map(str::to_owned),
                ..Manifest::default()
            },
            manifest_version: 1,
            proposed: None,
            suspended_at: None,
            epoch: 1,
            version: 0,
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
        };
        self.commit(vec![Effect::PutExtension(Box::new(extension.clone()))]).await;
        Extension { version: 1, ..extension }
    }

    /// A context of T1 in others, the nearest first.
    pub async fn context(&self, key: i64, id: &str, above: &[i64]) -> Context {
        let context = Context {
            tenant: T1.into(),
            key: ContextKey(key),
            id: id.into(),
            name: id.to_owned(),
            parent: None,
            ancestors: above.iter().copied().map(ContextKey).collect(),
            disabled_at: None,
            removed_at: None,
            external_id: None,
            external_version: None,
            version: 0,
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
        };
        self.commit(vec![Effect::PutContext(context.clone())]).await;
        Context { version: 1, ..context }
    }

    /// Installs an extension in a context (0: the tenant itself).
    pub async fn install_as(&self, extension: &Extension, id: &str, context: (i64, &str)) -> Installation {
        let installed = Installation {
            id: id.into(),
            tenant: T1.into(),
            extension: extension.key,
            extension_id: extension.id.clone(),
            context: ContextKey(context.0),
            context_id: context.1.into(),
            scopes: Scopes::parse("openid rs1:read").expect("scopes"),
            manifest_version: 1,
            variant: None,
            settings: serde_json::Map::new(),
            installed_by: None,
            life: Life::Enabled,
            epoch: 1,
            version: 0,
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
        };
        self.act(|ctx| installation::install(installed, &Actor::Operator, ctx)).await;
        self.standing(id).await
    }

    /// An installation of T1 as it is.
    pub async fn standing(&self, id: &str) -> Installation {
        let id = InstallationId::from(id);
        self.store.installation(&T1.into(), &id).await.expect("readable").expect("there")
    }

    /// One more change of an installation.
    pub async fn change(&self, id: &str) {
        let row = self.standing(id).await;
        self.act(|ctx| installation::update(row, serde_json::json!([]), &Actor::Operator, ctx)).await;
    }

    /// Removes an installation.
    pub async fn uninstall(&self, id: &str) {
        let row = self.standing(id).await;
        self.act(|ctx| installation::remove(&row, &Actor::Operator, ctx).expect("it stands")).await;
    }

    /// Gives an installation a further secret, which travels with the news.
    pub async fn rotate(&self, id: &str) -> String {
        let row = self.standing(id).await;
        let mut plain = String::new();
        self.act(|ctx| {
            let (effects, _, secret) = installation::rotate_secret(&row, false, &Actor::Operator, ctx);
            plain = secret.expose().clone();
            effects
        })
        .await;
        plain
    }

    /// Commits what is decided.
    pub async fn act(&self, decide: impl FnOnce(&mut Ctx<'_>) -> Vec<Effect>) {
        let mut rng = SystemRandom;
        let effects =
            decide(&mut Ctx { now: self.clock.now(), rng: &mut rng, request_id: "test", address: "" });
        self.commit(effects).await;
    }
}
