//! What extensions are told of their installations: by whom it is signed, in which order, how often it is tried, and what becomes of it when
//! a server dies.

mod admin;
mod at_once;
mod delivery;
mod order;
mod pull;
mod removal;
mod retries;

use std::sync::Arc;

use doorward_core::id::InstallationId;
use doorward_core::model::{Event, EventKind, Extension};
use doorward_crypto::webhook::SharedSecret;
use doorward_tests::sink::{Heard, Sink};
use doorward_tests::{T1, TestApp};
use doorward_web::app::App;
use doorward_web::fetch::Policy;
use doorward_web::webhook::worker::deliver_due;

/// A server that may go to loopback, and an extension that listens there.
pub struct World {
    pub app: TestApp,
    pub sink: Sink,
    pub extension: Extension,
}

/// The policy under which loopback may be gone to.
pub fn loopback() -> Policy {
    Policy { allow: vec!["127.0.0.0/8".parse().expect("a range")], ..Policy::default() }
}

impl World {
    pub async fn new() -> Self {
        let app = TestApp::fetching(loopback()).await;
        let sink = Sink::new().await;
        let url = sink.url("/hook/:context/:contextId?of=:extensionId");
        let extension = app.extension(100, "shop", Some(&url)).await;
        Self { app, sink, extension }
    }

    /// The same, with an installation in the whole tenant whose first event was delivered.
    pub async fn installed() -> Self {
        let world = Self::new().await;
        world.app.install_as(&world.extension, "ins_1", (0, "tenant/t1")).await;
        assert_eq!(world.turn().await.len(), 1);
        world
    }

    /// What is heard in one turn.
    pub async fn turn(&self) -> Vec<Heard> {
        deliver_due(&self.app.app).await.expect("it can be delivered");
        self.sink.take()
    }

    /// What is heard until nothing is due any more.
    pub async fn turns(&self) -> Vec<Heard> {
        turns(&self.app.app).await;
        self.sink.take()
    }

    /// What both sides verify by: the tenant's public key and the extension's secret.
    pub async fn verified_by(&self) -> (String, SharedSecret) {
        let keys = self.app.store.webhook_keys(&T1.into(), 1).await.expect("readable");
        let secrets = self.app.store.webhook_secrets(&T1.into(), self.extension.key).await.expect("readable");
        (keys[0].public_key.clone(), secrets[0].1.clone())
    }

    pub async fn events(&self, kind: EventKind) -> Vec<Event> {
        self.app.events().await.into_iter().filter(|event| event.kind == kind).collect()
    }

    /// The outcomes of an installation's events, the first first.
    pub async fn outcomes(&self, id: &str) -> Vec<Option<&'static str>> {
        let told = self.app.store.webhooks(&T1.into(), &InstallationId::from(id), None, 1000).await;
        let told = told.expect("readable");
        told.iter().rev().map(|told| told.outcome.map(|outcome| outcome.as_str())).collect()
    }
}

/// Turns until nothing is due any more.
pub async fn turns(app: &Arc<App>) {
    while deliver_due(app).await.expect("it can be delivered") > 0 {}
}

/// The numbers of what was heard of an installation.
pub fn numbers(heard: &[Heard], installation: &str) -> Vec<i64> {
    let bodies = heard.iter().map(Heard::json);
    let of = bodies.filter(|body| body["installation"] == installation);
    of.map(|body| body["number"].as_i64().expect("a number")).collect()
}
