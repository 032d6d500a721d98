//! Extensions: opened by people, acting for them and for themselves, and dead when anything that they hang on is.

mod account;
pub mod alive;
pub mod frame;
mod launch;
mod platform;
mod secrets;
pub mod session_token;
pub mod sign_in;
mod worlds;

use doorward_tests::extended::Installed;
use doorward_tests::{Browser, Page, Reply, TestApp, basic, secret_of};

/// The key with which an extension was opened, and by whom.
#[derive(Clone, Debug)]
pub struct Key {
    pub key: String,
    pub user: String,
}

impl Key {
    /// Of the address that an extension was opened at.
    pub fn of(reply: &Reply) -> Self {
        let of = |name| reply.param(name).unwrap_or_else(|| panic!("no {name}: {}", reply.location()));
        Self { key: of("key"), user: of("user") }
    }

    /// The request that exchanges it.
    pub fn form(&self) -> [(&str, &str); 3] {
        [
            ("grant_type", "urn:doorward:grant:retrieval-key"),
            ("retrieval_key", &self.key),
            ("user_id", &self.user),
        ]
    }

    /// Exchange it as that extension.
    pub async fn exchange(&self, app: &TestApp, extension: &str) -> Reply {
        let authorization = basic(extension, &secret_of(extension));
        app.post_form("/token", &self.form(), &[("authorization", &authorization)]).await
    }
}

/// Press the button that opens an installation.
pub async fn press(browser: &Browser<'_>, of: &Installed, extra: &[(&str, &str)]) -> Reply {
    let account = Page::of(browser.get("/account").await);
    let form = account.hidden.iter().find(|(name, _)| name == "form").expect("a form has a token");
    let mut fields = vec![("form", form.1.as_str())];
    fields.extend_from_slice(extra);
    browser.post(&format!("/account/installations/{}/open", of.id), &fields).await
}

/// The key with which somebody opens an installation.
pub async fn opened(app: &TestApp, user: &str, of: &Installed) -> Key {
    let browser = app.browser();
    browser.sign_in(user).await;
    let reply = press(&browser, of, &[]).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    Key::of(&reply)
}
