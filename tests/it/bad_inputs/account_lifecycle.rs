//! Bad inputs: accounts from an invitation to a forgotten password (OWASP ASVS 5.0, 6.4 and 7.5).

use std::collections::BTreeSet;

use doorward_core::Effect;
use doorward_core::model::{Client, EventKind, Tenant};
use doorward_tests::{
    ALICE, BOB, Browser, M2M, PASSWORD, Page, RS1, Reply, T1, TestApp, WEB, basic, secret_of, user_id,
};
use doorward_web::manage::{By, Invitation, Manage};
use serde_json::json;

use super::steps::{OFFLINE, client_of, put, signed_in};
use super::{Case, json as error, page, rows, status};
use crate::admin::{Admin, pointers, user};
use crate::mail::{go, link_of, path};

rows![
    fresh ac_001, fresh ac_002, fresh ac_004, fresh ac_006, fresh ac_007, fresh ac_009, fresh ac_010, fresh ac_011,
    fresh ac_013, fresh ac_015, fresh ac_018, fresh ac_021,
];

const NEW: &str = "a wholly new passphrase";

/// Ask for a link for a new password, as anybody may.
pub async fn forgot(app: &TestApp, name: &str) -> Reply {
    let browser = app.browser();
    let page = Page::of(browser.get("/forgot-password").await);
    browser.submit(&page, &[("username", name)]).await
}

async fn reset_link(case: &Case, name: &str) -> String {
    forgot(&case.app, name).await;
    link_of(case.app.mails().await.last().expect("a mail"))
}

/// The page of a link, opened while it works.
async fn opened<'a>(case: &'a Case, link: &str) -> (Browser<'a>, Page) {
    let browser = case.app.browser();
    let page = Page::of(browser.get(link).await);
    (browser, page)
}

async fn choose((browser, page): &(Browser<'_>, Page), password: &str) -> Reply {
    browser.submit(page, &[("password", password), ("password_again", password)]).await
}

async fn signs_in(case: &Case, name: &str, password: &str) -> bool {
    case.app.browser().sign_in_with(name, password).await.status == 303
}

/// A link works once, for an hour, while it is the newest and the password is what it was.
async fn ac_001(case: &Case) {
    let refused = || page(400).event("reset.invalid");
    let first = reset_link(case, ALICE).await;
    let (one, two) = (opened(case, &first).await, opened(case, &first).await);
    assert_eq!(choose(&one, NEW).await.status, 303);
    case.expect(refused(), choose(&two, "of whoever came second")).await;

    case.app.advance_s(3601);
    let older = opened(case, &reset_link(case, ALICE).await).await;
    case.app.advance_s(1);
    let newer = opened(case, &reset_link(case, ALICE).await).await;
    case.expect(refused(), choose(&older, "of an older link")).await;
    case.app.advance_s(3600);
    case.expect(refused(), choose(&newer, "of an hour ago")).await;

    let before = opened(case, &reset_link(case, ALICE).await).await;
    case.app.advance_s(1);
    let browser = case.app.browser();
    browser.sign_in_with(ALICE, NEW).await;
    let mut own = Page::of(browser.get("/account").await);
    own.action = "/account/password".to_owned();
    let changed = "chosen in the account meanwhile";
    let fields = [("password", NEW), ("new_password", changed), ("new_password_again", changed)];
    assert_eq!(browser.submit(&own, &fields).await.status, 303);
    case.expect(refused(), choose(&before, "of before the change")).await;
    assert!(signs_in(case, ALICE, changed).await);
}

/// Without the mail there is no link, and no other thing is taken for one.
async fn ac_002(case: &Case) {
    let (browser, asked) = {
        let browser = case.app.browser();
        let page = Page::of(browser.get("/forgot-password").await);
        (browser, page)
    };
    browser.submit(&asked, &[("username", ALICE)]).await;
    let manage = Manage::new(case.app.store.clone(), By::operator());
    let invitation = manage.invite(Some(T1.to_owned()), Invitation::default()).await.expect("a link");
    let invitation = invitation.url.expect("shown");
    let (_, other) = invitation.split_once("link=").expect("a link");
    for link in ["", "alice", "dwp_x", "undefined", "null", "0", other] {
        let page = Page { action: "/reset-password".to_owned(), ..asked.clone() };
        let fields = [("link", link), ("username", ALICE), ("password", NEW), ("password_again", NEW)];
        case.expect(super::page(400).or(super::page(403)), browser.submit(&page, &fields)).await;
    }
    assert!(signs_in(case, ALICE, PASSWORD).await && !signs_in(case, ALICE, NEW).await);
}

/// A new password is no second factor.
async fn ac_004(case: &Case) {
    let owner = signed_in(case, ALICE).await;
    let (_device, _codes) = owner.enrol(&case.app).await;
    let link = reset_link(case, ALICE).await;
    let before = case.app.rows("credentials").await;
    assert_eq!(choose(&opened(case, &link).await, NEW).await.status, 303);
    assert_eq!(case.app.rows("credentials").await, before);
    let browser = case.app.browser();
    let asked = browser.sign_in_with(ALICE, NEW).await;
    assert!(asked.status == 200 && asked.body.contains("one-time-code"), "{}", asked.body);
    assert_eq!(browser.get("/account").await.status, 303);
}

/// Five mails an hour for one account, by whichever of its names, and one answer for all.
async fn ac_006(case: &Case) {
    let expected = forgot(&case.app, ALICE).await.body;
    for number in 1..50 {
        let name = ["alice", "Alice@example.com", "ALICE"][number % 3];
        assert_eq!(case.expect(page(200), forgot(&case.app, name)).await.body, expected);
    }
    assert_eq!(case.app.mails().await.len(), 5);
    case.app.advance_s(3601);
    forgot(&case.app, ALICE).await;
    assert_eq!(case.app.mails().await.len(), 6);
}

/// No line of a mail's head is somebody else's.
async fn ac_007(case: &Case) {
    let lines = [
        "alice@x.example\r\nBcc: evil@evil.example",
        "alice@x.example\nBcc: evil@evil.example",
        "a\0@x.example",
    ];
    let expected = forgot(&case.app, "nobody").await.body;
    open_sign_up(case, &[]).await;
    let admin = Admin::of_tenant(&case.app).await;
    let browser = signed_in(case, ALICE).await;
    for bad in lines {
        let answer = case.expect(page(200).or(page(400)), forgot(&case.app, bad)).await;
        assert!(answer.body == expected || bad.contains('\0'), "{bad:?}: {}", answer.body);
        case.expect(page(400), sign_up(&case.app, bad)).await;
        case.expect(page(400), new_address(&browser, bad, PASSWORD)).await;
        for member in ["email", "name"] {
            let reply = admin
                .json("PATCH", &format!("/tenants/{T1}/users/{}", user_id(ALICE)), json!({ member: bad }))
                .await;
            assert_eq!(reply.status, 400, "{member}: {}", reply.body);
            assert!(pointers(&reply)[0].starts_with('/'), "{}", reply.body);
            let reply =
                admin.json("POST", &format!("/tenants/{T1}/invitations"), json!({ member: bad })).await;
            assert_eq!(reply.status, 400, "invited {member}: {}", reply.body);
        }
    }
    assert!(case.app.mails().await.is_empty());
}

async fn new_address(browser: &Browser<'_>, email: &str, password: &str) -> Reply {
    let mut page = Page::of(browser.get("/account/email").await);
    page.action = "/account/email".to_owned();
    browser.submit(&page, &[("email", email), ("password", password), ("action", "change")]).await
}

/// A new address asks for the password, counts once it is confirmed, and the old one can take it back.
async fn ac_009(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    case.expect(page(400), new_address(&browser, "new@example.net", "not hers")).await;
    case.expect(page(400), new_address(&browser, "new@example.net", "")).await;
    assert!(case.app.mails().await.is_empty());
    assert_eq!(new_address(&browser, "new@example.net", PASSWORD).await.status, 303);
    assert_eq!(user(&case.app, ALICE).await.email.as_deref(), Some("alice@example.com"));
    let mails = case.app.mails().await;
    assert_eq!(mails.last().map(|mail| mail.to.as_str()), Some("new@example.net"));
    assert_eq!(go(&browser, &link_of(mails.last().expect("a mail"))).await.status, 200);
    assert_eq!(user(&case.app, ALICE).await.email.as_deref(), Some("new@example.net"));
    let told = case.app.mails().await.last().expect("a mail").clone();
    assert_eq!(told.to, "alice@example.com");
    assert_eq!(go(&case.app.browser(), &link_of(&told)).await.status, 200);
    assert_eq!(user(&case.app, ALICE).await.email.as_deref(), Some("alice@example.com"));
}

/// A link is about the account that asked for it, whoever opens it.
async fn ac_010(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    assert_eq!(new_address(&browser, "new@example.net", PASSWORD).await.status, 303);
    let link = link_of(case.app.mails().await.last().expect("a mail"));
    let others = signed_in(case, BOB).await;
    let bob = user(&case.app, BOB).await;
    assert_eq!(go(&others, &link).await.status, 200);
    assert_eq!(user(&case.app, ALICE).await.email.as_deref(), Some("new@example.net"));
    assert_eq!(user(&case.app, BOB).await, bob);
}

/// Nobody says of themselves that an address is theirs.
async fn ac_011(case: &Case) {
    let unverified = doorward_core::model::User { email_verified_at: None, ..user(&case.app, ALICE).await };
    put(&case.app, vec![Effect::PutUser(unverified)]).await;
    let token = case.app.tokens(WEB, &OFFLINE).await.text("access_token");
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/merge-patch+json")];
    let target = format!("/admin/v1/tenants/{T1}/users/{}", user_id(ALICE));
    case.expect(status(401), case.app.send("PATCH", &target, &headers, r#"{"email_verified":true}"#)).await;
    let browser = signed_in(case, ALICE).await;
    let mut form = Page::of(browser.get("/account/email").await);
    form.action = "/account/email".to_owned();
    let more = [("email_verified", "true"), ("verified", "1"), ("email_verified_at", "1")];
    let mut fields = vec![("email", "new@example.net"), ("password", PASSWORD), ("action", "change")];
    fields.extend(more);
    browser.submit(&form, &fields).await;
    assert_eq!(user(&case.app, ALICE).await.email_verified_at, None);
    // An administrator may say it, of the address that is named: a new one begins unverified.
    let admin = Admin::of_tenant(&case.app).await;
    let path = format!("/tenants/{T1}/users/{}", user_id(ALICE));
    admin.json("PATCH", &path, json!({ "email_verified": true })).await;
    assert!(user(&case.app, ALICE).await.email_verified_at.is_some());
    let joined = Manage::new(case.app.store.clone(), By::operator())
        .invite(Some(T1.to_owned()), Invitation::default())
        .await
        .expect("invited");
    let (browser, page) = opened(case, &self::path(&joined.url.expect("shown"))).await;
    let mut fields =
        vec![("username", "dora"), ("email", "dora@example.net"), ("password", NEW), ("password_again", NEW)];
    fields.extend(more);
    assert_eq!(browser.submit(&page, &fields).await.status, 303);
    let dora = case.app.store.user_by_name(&T1.into(), "dora").await.expect("readable").expect("there").user;
    assert_eq!(dora.email_verified_at, None);
}

/// Let people sign up, with addresses of these domains.
pub async fn open_sign_up(case: &Case, domains: &[&str]) {
    let tenant = case.app.store.tenant(&T1.into()).await.expect("readable").expect("there");
    let mut settings = tenant.settings.clone();
    settings.sign_up.open = true;
    settings.sign_up.domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
    put(&case.app, vec![Effect::PutTenant(Tenant { settings, ..tenant })]).await;
    case.app.store.refresh().await.expect("read again");
}

/// Ask for an account.
pub async fn sign_up(app: &TestApp, email: &str) -> Reply {
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-up").await);
    browser.submit(&page, &[("email", email)]).await
}

/// An address is of a domain when it is what follows its only `@`, whole.
async fn ac_013(case: &Case) {
    open_sign_up(case, &["good.example"]).await;
    for bad in [
        "a@evil.example@good.example",
        "a@good.example.evil.example",
        "a@evilgood.example",
        "a@sub.good.example",
        "a@good.example@evil.example",
        "\"a@good.example\"@evil.example",
        "a@good.example\u{3002}evil.example",
        "a@g\u{43e}\u{43e}d.example",
    ] {
        case.expect(page(400), sign_up(&case.app, bad)).await;
    }
    assert!(case.app.mails().await.is_empty());
    assert_eq!(sign_up(&case.app, "a@GOOD.example").await.status, 303);
    assert_eq!(case.app.mails().await.len(), 1);
}

/// An invitation makes one account, by its own page, in its week, with its address.
async fn ac_015(case: &Case) {
    let manage = Manage::new(case.app.store.clone(), By::operator()).sending_mail(true);
    let invite = async |email: Option<&str>| {
        let wish = Invitation { email: email.map(str::to_owned), ..Invitation::default() };
        path(&manage.invite(Some(T1.to_owned()), wish).await.expect("invited").url.expect("shown"))
    };
    let join = async |link: &str, name: &str, email: &str| {
        let opened = opened(case, link).await;
        let mut fields = vec![("username", name), ("password", NEW), ("password_again", NEW)];
        fields.extend((!email.is_empty()).then_some(("email", email)));
        opened.0.submit(&opened.1, &fields).await
    };
    let link = invite(Some("carol@example.net")).await;
    let refused = page(400).event("invitation.address");
    case.expect(refused, join(&link, "carol", "mallory@evil.example")).await;
    let (kept, late) =
        (opened(case, &link).await, [("username", "carol2"), ("password", NEW), ("password_again", NEW)]);
    assert_eq!(join(&link, "carol", "carol@example.net").await.status, 303);
    case.expect(page(400).event("invitation.invalid"), kept.0.submit(&kept.1, &late)).await;
    let link = invite(None).await;
    let (_, query) = link.split_once('?').expect("a query");
    for flow in
        ["/sign-up/finish", "/reset-password", "/address", "/address/new", "/address/undo", "/sign-in/link"]
    {
        case.expect(page(400), case.app.get(&format!("{flow}?{query}"), &[])).await;
    }
    case.expect(page(404), case.app.get(&format!("/setup?{query}"), &[])).await;
    case.expect(page(400), case.app.get(&format!("/t/t2/join?{query}"), &[])).await;
    let kept = opened(case, &link).await;
    case.app.advance_s(7 * 86_400);
    case.expect(page(400).event("invitation.invalid"), kept.0.submit(&kept.1, &late)).await;
}

/// One first administrator: of two at once one, and nobody after them.
async fn ac_018(case: &Case) {
    let manage = Manage::new(case.app.store.clone(), By::operator());
    let link = path(&manage.set_up_link(Some(T1.to_owned())).await.expect("a link").url);
    let (one, two) = (opened(case, &link).await, opened(case, &link).await);
    let make = async |(browser, page): &(Browser<'_>, Page), name: &str| {
        browser.submit(page, &[("username", name), ("password", NEW), ("password_again", NEW)]).await
    };
    let (first, second) = tokio::join!(make(&one, "first"), make(&two, "second"));
    let statuses: BTreeSet<u16> = [first.status, second.status].into();
    assert_eq!(statuses, BTreeSet::from([303, 404]), "{}{}", first.body, second.body);
    case.expect(page(404), case.app.get(&link, &[])).await;
    case.expect(page(404), make(&one, "third")).await;
    let done = case.app.events().await.iter().filter(|event| event.kind == EventKind::SetUpDone).count();
    assert_eq!(done, 1);
}

/// A client that is disabled gets nothing, and what it has is dead.
async fn ac_021(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    let credentials = basic(M2M, &secret_of(M2M));
    let form = [("grant_type", "client_credentials"), ("scope", "rs1:read")];
    let issued = case.app.post_form("/token", &form, &[("authorization", &credentials)]).await;
    let token = issued.text("access_token");
    let off = |client: Client| Client { disabled_at: Some(case.app.clock.now()), ..client };
    put(&case.app, vec![Effect::PutClient(off(client_of(&case.app, M2M).await))]).await;
    let headers = [("authorization", credentials.as_str())];
    case.expect(error(401, "invalid_client"), case.app.post_form("/token", &form, &headers)).await;
    assert_eq!(case.app.introspect(RS1, &token).await.json(), json!({ "active": false }));
    assert_eq!(admin.get(&format!("/tenants/{T1}/users")).await.status, 200);
    put(&case.app, vec![Effect::PutClient(off(client_of(&case.app, "chief").await))]).await;
    assert_eq!(admin.get(&format!("/tenants/{T1}/users")).await.status, 401);
}
