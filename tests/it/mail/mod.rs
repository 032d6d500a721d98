//! Mails to people, and what they lead to.

mod address;
mod choosing;
mod forgotten;
mod help;
mod joining;
mod notices;
mod server;
mod taken_back;

use doorward_core::model::User;
use doorward_tests::{Browser, Page, Reply, T1, TestApp, user_id};
use doorward_web::mail::Letter;

/// A link of the issuer, as a path.
pub fn path(url: &str) -> String {
    url.strip_prefix("https://id.example").expect("to the issuer").to_owned()
}

/// Where a mail's button leads, as a path.
pub fn link_of(mail: &Letter) -> String {
    path(mail.link.as_deref().expect("with a link"))
}

/// The kinds of the mails that were sent so far.
async fn kinds(app: &TestApp) -> Vec<&'static str> {
    app.mails().await.iter().map(|mail| mail.kind).collect()
}

/// Open a link, and click its button where there is one.
pub async fn go(browser: &Browser<'_>, link: &str) -> Reply {
    let opened = browser.get(link).await;
    if opened.status != 200 {
        return opened;
    }
    browser.submit(&Page::of(opened), &[("action", "go")]).await
}

async fn person(app: &TestApp, name: &str) -> User {
    app.store.user(&T1.into(), &user_id(name).into()).await.expect("readable").expect("there").user
}
