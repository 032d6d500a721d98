//! The five reference systems: every numbered criterion is a test under its number, and each system's own sequence is played as it was
//! written down, step by step, in a file beside its tests.

pub mod ez_publish;
mod listed;
pub mod magic;
pub mod mia_platform;
mod mittwald;
pub mod smartenit;
mod transcript;
mod worded;

use std::sync::Arc;

use doorward_core::model::{Client, Issuer};
use doorward_core::{Effect, Timestamp};
use doorward_tests::{Browser, Page, Reply, T1, TestApp};

/// A tenant's server that speaks another dialect at an issuer of its own, beside the standard one.
pub struct Speaker {
    /// The server, in the world with extensions.
    pub app: Arc<TestApp>,
    /// The path of the issuer.
    pub mount: String,
}

impl Speaker {
    /// One of that dialect.
    pub async fn of(dialect: &str) -> Self {
        Self::on(TestApp::extended().await, dialect).await
    }

    /// The same, on that server.
    pub async fn on(app: impl Into<Arc<TestApp>>, dialect: &str) -> Self {
        let app = app.into();
        let mount = speak(&app, dialect).await;
        Self { app, mount }
    }

    /// A request below the issuer.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.app.send(method, &format!("{}{path}", self.mount), headers, body).await
    }

    /// A request with a JSON body.
    pub async fn json(&self, method: &str, path: &str, body: serde_json::Value) -> Reply {
        self.send(method, path, &[("content-type", "application/json")], &body.to_string()).await
    }

    /// GET by a browser.
    pub async fn get(&self, browser: &Browser<'_>, path: &str) -> Reply {
        browser.get(&format!("{}{path}", self.mount)).await
    }

    /// A browser in which somebody is signed in.
    pub async fn signed_in(&self, user: &str) -> Browser<'_> {
        let browser = self.app.browser();
        let page = Page::of(self.get(&browser, "/sign-in").await);
        let reply = browser.submit(&page, &doorward_tests::credentials(user)).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        browser
    }
}

/// The tenant gets an issuer of another dialect. The path of the issuer.
pub async fn speak(app: &TestApp, dialect: &str) -> String {
    let mount = format!("/{}", &dialect[..2]);
    app.commit(vec![Effect::PutIssuer(issuer(T1, dialect, &mount))]).await;
    // Nobody is there who does not say so.
    let clients = app.store.clients(&T1.into()).await.expect("they can be read");
    let issuers = [format!("iss-{T1}").as_str().into(), dialect.into()];
    let listed = |client: Client| Client { issuers: issuers.clone().into(), ..client };
    app.commit(clients.into_iter().map(|client| Effect::PutClient(listed(client))).collect()).await;
    mount
}

/// An issuer of a tenant.
pub fn issuer(tenant: &str, dialect: &str, mount: &str) -> Issuer {
    Issuer {
        id: dialect.into(),
        tenant: tenant.into(),
        url: format!("https://id.example{mount}"),
        dialect: dialect.to_owned(),
        profile: "standard".to_owned(),
        shared_secret: None,
        disabled_at: None,
        version: 0,
        created_at: Timestamp(0),
    }
}
