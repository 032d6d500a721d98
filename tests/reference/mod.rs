//! The five reference systems: every numbered criterion is a test under its number, and each system's own sequence is played as it was
//! written down, step by step, in a file beside its tests.

mod criteria;
pub mod ez_publish;
mod listed;
mod liveness;
pub mod magic;
pub mod mia_platform;
mod mittwald;
pub mod smartenit;
mod transcript;
mod worded;

use std::sync::Arc;

use doorward_core::model::{Client, Issuer};
use doorward_core::{Effect, Timestamp};
use doorward_tests::{ALICE, Browser, Page, Reply, T1, TestApp, user_id};

use crate::admin::{Admin, every_scope};

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

    /// What the guard of RS1's API says to a GET of that target, with a token in this header.
    pub async fn at_the_guard(&self, target: &str, shown: (&str, &str)) -> Reply {
        let asked = [shown, ("x-original-method", "GET"), ("x-original-uri", target)];
        self.send("GET", "/guard?api=https%3A%2F%2Frs1.example", &asked, "").await
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

/// An administrator ends the newest of the consents that ALICE gave a client, or of its grants of hers.
pub async fn end_newest(app: &TestApp, list: &str, client: &str) {
    let admin = Admin::with(app, &format!("ender-of-{list}"), &every_scope()).await;
    let found = admin.get(&format!("/tenants/{T1}/users/{}/{list}", user_id(ALICE))).await.json();
    let mut of_client = found["items"].as_array().expect("a list").iter().rev();
    let newest = of_client.find(|found| found["client"] == client).expect("one that lives");
    let path = format!("/tenants/{T1}/{list}/{}", newest["id"].as_str().expect("an id"));
    let reply = admin.send("DELETE", &path, &[], "").await;
    assert_eq!(reply.status, 204, "{path}: {}", reply.body);
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
