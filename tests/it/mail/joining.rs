//! Invitations, and signing up.

use std::collections::BTreeSet;

use doorward_core::Effect;
use doorward_core::model::Tenant;
use doorward_core::model::tenant::SignUpSettings;
use doorward_tests::{ALICE, PASSWORD, Page, Reply, T1, TestApp};
use doorward_web::manage::{By, Invitation, Manage};

use super::{kinds, link_of, path};

pub async fn invited(app: &TestApp, email: Option<&str>, by_mail: bool) -> String {
    let manage = Manage::new(app.store.clone(), By::operator()).sending_mail(true);
    let wish = Invitation { email: email.map(str::to_owned), by_mail, ..Invitation::default() };
    let made = manage.invite(Some(T1.to_owned()), wish).await.expect("somebody can be invited");
    match made.url {
        Some(url) => path(&url),
        None => link_of(app.mails().await.last().expect("a mail")),
    }
}

async fn join(app: &TestApp, link: &str, name: &str, more: &[(&str, &str)]) -> Reply {
    let browser = app.browser();
    let opened = browser.get(link).await;
    if opened.status != 200 {
        return opened;
    }
    let mut fields = vec![("username", name), ("password", PASSWORD), ("password_again", PASSWORD)];
    fields.extend_from_slice(more);
    browser.submit(&Page::of(opened), &fields).await
}

pub async fn open_for(app: &TestApp, domains: &[&str]) {
    let tenant = app.store.tenant(&T1.into()).await.expect("readable").expect("there");
    let mut settings = tenant.settings.clone();
    settings.sign_up =
        SignUpSettings { open: true, domains: domains.iter().map(|domain| (*domain).to_owned()).collect() };
    app.store.commit(vec![Effect::PutTenant(Tenant { settings, ..tenant })]).await.expect("it can be opened");
}

pub async fn sign_up(app: &TestApp, email: &str) -> Reply {
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-up").await);
    browser.submit(&page, &[("email", email)]).await
}

/// AC-015
#[tokio::test]
async fn an_invitation_makes_one_account_with_its_address() {
    let app = TestApp::new().await;
    let link = invited(&app, Some("carol@example.net"), true).await;
    assert_eq!(kinds(&app).await, ["invitation"]);
    let other = join(&app, &link, "carol", &[("email", "mallory@example.net")]).await;
    assert_eq!(other.status, 400, "for another address");
    assert_eq!(app.recorded("invitation.address").await, 1);
    let taken = join(&app, &link, ALICE, &[]).await;
    assert_eq!(taken.status, 409, "{}", taken.body);
    let done = join(&app, &link, "carol", &[("email", "carol@example.net"), ("name", "Carol")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let found = app.store.user_by_name(&T1.into(), "carol@example.net").await.expect("readable");
    let user = found.expect("there").user;
    assert!(user.email_verified_at.is_some() && user.user_name == "carol", "she reads what is sent there");
    app.browser().sign_in("carol").await;
    assert_eq!(join(&app, &link, "carol2", &[]).await.status, 400, "once");
    // In another flow, and too late.
    let link = invited(&app, None, false).await;
    for flow in ["/sign-up/finish", "/reset-password", "/address", "/sign-in/link"] {
        let (_, query) = link.split_once('?').expect("it has a query");
        assert_eq!(app.browser().get(&format!("{flow}?{query}")).await.status, 400, "{flow}");
    }
    app.advance_s(7 * 86_400);
    assert_eq!(join(&app, &link, "dora", &[]).await.status, 400);
}

#[tokio::test]
async fn an_address_that_was_only_typed_is_not_verified() {
    let app = TestApp::new().await;
    let link = invited(&app, None, false).await;
    assert_eq!(join(&app, &link, "dora", &[("email", "dora@example.net")]).await.status, 303);
    let found = app.store.user_by_name(&T1.into(), "dora").await.expect("readable").expect("there");
    assert_eq!(found.user.email_verified_at, None);
}

#[tokio::test]
async fn a_form_from_elsewhere_makes_no_account() {
    let app = TestApp::new().await;
    let link = invited(&app, None, false).await;
    let browser = app.browser();
    let mut page = Page::of(browser.get(&link).await);
    page.hidden.retain(|(name, _)| name != "form");
    let fields =
        [("username", "carol"), ("password", PASSWORD), ("password_again", PASSWORD), ("form", "made-up")];
    let people = app.rows("users").await;
    assert_eq!(browser.submit(&page, &fields).await.status, 403);
    assert_eq!(app.rows("users").await, people);
}

#[tokio::test]
async fn two_at_once_make_one_account() {
    let app = TestApp::new().await;
    let link = invited(&app, None, false).await;
    let (one, two) = tokio::join!(join(&app, &link, "dora", &[]), join(&app, &link, "erin", &[]));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400]);
}

#[tokio::test]
async fn people_sign_up_where_the_tenant_lets_them() {
    let app = TestApp::new().await;
    assert_eq!(app.browser().get("/sign-up").await.status, 404);
    assert!(!app.browser().get("/sign-in").await.body.contains("/sign-up"));
    open_for(&app, &[]).await;
    assert!(app.browser().get("/sign-in").await.body.contains("/sign-up"));
    assert_eq!(sign_up(&app, "new@example.net").await.status, 303);
    assert!(app.store.user_by_name(&T1.into(), "new@example.net").await.expect("readable").is_none());
    let mails = app.mails().await;
    assert_eq!(mails.last().map(|mail| (mail.kind, mail.to.as_str())), Some(("sign_up", "new@example.net")));
    let link = link_of(mails.last().expect("a mail"));
    assert_eq!(join(&app, &link, "newcomer", &[]).await.status, 303);
    app.browser().sign_in("newcomer").await;
    // Switched off meanwhile, a link of it makes nothing.
    sign_up(&app, "late@example.net").await;
    let link = link_of(app.mails().await.last().expect("a mail"));
    let tenant = app.store.tenant(&T1.into()).await.expect("readable").expect("there");
    let mut settings = tenant.settings.clone();
    settings.sign_up.open = false;
    app.store.commit(vec![Effect::PutTenant(Tenant { settings, ..tenant })]).await.expect("written");
    assert_eq!(join(&app, &link, "late", &[]).await.status, 400);
    // Nor is anybody answered who asked before, or asks for it without the page.
    app.store.refresh().await.expect("the directory is read");
    open_for(&app, &[]).await;
    let page = Page::of(app.browser().get("/sign-up").await);
    sign_up(&app, "later@example.net").await;
    let tenant = app.store.tenant(&T1.into()).await.expect("readable").expect("there");
    let mut settings = tenant.settings.clone();
    settings.sign_up.open = false;
    app.store.commit(vec![Effect::PutTenant(Tenant { settings, ..tenant })]).await.expect("written");
    let before = app.mails().await.len();
    assert_eq!(app.browser().submit(&page, &[("email", "anyone@example.net")]).await.status, 404);
    assert_eq!((app.mails().await.len(), app.rows("outbox").await), (before, 0));
    assert!(app.mails().await.iter().all(|mail| mail.to != "later@example.net"));
}

#[tokio::test]
async fn nobody_joins_a_tenant_that_is_switched_off() {
    let app = TestApp::new().await;
    let link = invited(&app, None, false).await;
    let browser = app.browser();
    let page = Page::of(browser.get(&link).await);
    let tenant = app.store.tenant(&T1.into()).await.expect("readable").expect("there");
    let off = Tenant { disabled_at: Some(app.clock.now()), ..tenant };
    app.store.commit(vec![Effect::PutTenant(off)]).await.expect("a tenant can be disabled");
    let people = app.rows("users").await;
    let fields = [("username", "carol"), ("password", PASSWORD), ("password_again", PASSWORD)];
    assert_ne!(browser.submit(&page, &fields).await.status, 303);
    assert_eq!(app.rows("users").await, people);
}

/// EN-005
#[tokio::test]
async fn an_address_that_has_an_account_gets_the_same_page_and_its_owner_a_mail() {
    let app = TestApp::new().await;
    open_for(&app, &[]).await;
    let (free, taken) = (sign_up(&app, "free@example.net").await, sign_up(&app, "ALICE@example.com").await);
    assert_eq!((free.status, free.location()), (taken.status, taken.location()));
    assert_eq!(app.browser().get("/sign-up?done=sent").await.status, 200);
    let mails = app.mails().await;
    let kinds: BTreeSet<_> = mails.iter().map(|mail| (mail.kind, mail.to.as_str())).collect();
    let expected = [("sign_up", "free@example.net"), ("sign_up_known", "ALICE@example.com")];
    assert_eq!(kinds, BTreeSet::from(expected));
    let known = mails.iter().find(|mail| mail.kind == "sign_up_known").expect("there");
    assert!(known.text.contains("alice"), "{}", known.text);
}

/// AC-013
#[tokio::test]
async fn only_addresses_of_the_allowed_domains_sign_up() {
    let app = TestApp::new().await;
    open_for(&app, &["good.example"]).await;
    for bad in
        ["a@evil.example@good.example", "a@good.example.evil.example", "a@evilgood.example", "good.example"]
    {
        assert_eq!(sign_up(&app, bad).await.status, 400, "{bad}");
    }
    assert_eq!(sign_up(&app, "a@Good.Example").await.status, 303);
    assert_eq!(app.mails().await.len(), 1);
}
