//! Who must have a second factor, and what an administrator does for whoever lost theirs.

use doorward_core::Effect;
use doorward_core::id::{RoleKey, TenantId};
use doorward_core::model::{
    Actor, Assignment, EventKind, Membership, Role, SecondFactor, TenantSettings, User,
};
use doorward_tests::{
    ALICE, Authenticator, BOB, Page, T1, TestApp, WEB, credentials, recovery_codes, user_id,
};
use doorward_web::manage::{By, Manage};

use super::sign_in::is_signed_in;

async fn set(app: &TestApp, who: SecondFactor) {
    let mut tenant = app.store.tenant(&T1.into()).await.expect("read").expect("it is there");
    tenant.settings.second_factor = who;
    app.store.commit(vec![Effect::PutTenant(tenant)]).await.expect("it can be changed");
    app.store.refresh().await.expect("the directory is read");
}

async fn make_administrator(app: &TestApp, name: &str) {
    let found = app.store.user(&T1.into(), &user_id(name).into()).await.expect("read").expect("they exist");
    let user = User { administrator_since: Some(app.clock.now()), ..found.user };
    app.store.commit(vec![Effect::PutUser(user)]).await.expect("they can be changed");
}

#[tokio::test]
async fn administrators_must_have_one_unless_the_tenant_says_otherwise() {
    assert_eq!(TenantSettings::default().second_factor, SecondFactor::Administrators);
    let app = TestApp::new().await;
    set(&app, SecondFactor::Administrators).await;
    make_administrator(&app, ALICE).await;
    let browser = app.browser();
    let page = Page::of(browser.authorize(WEB, &[]).await);
    let shown = browser.submit(&page, &credentials(ALICE)).await;
    let authenticator = Authenticator::of(&shown);
    assert!(!is_signed_in(&browser).await, "nothing is opened before it is set up");
    let code = authenticator.code(&app, 0);
    let codes = browser.submit(&Page::of(shown), &[("code", &code), ("action", "enrol")]).await;
    recovery_codes(&codes);
    assert!(browser.cookies().contains_key("__Host-d-t1"), "the browser is known from now on");
    let consent = browser.submit(&Page::of(codes), &[("action", "continue")]).await;
    assert!(consent.body.contains("action=\"/consent\""), "{}", consent.body);
    // She keeps it.
    let page = Page::of(browser.get("/account/second-factor").await);
    assert!(!page.reply.body.contains("value=\"remove\""), "{}", page.reply.body);
    let fields = [("password", doorward_tests::PASSWORD), ("action", "remove")];
    assert_eq!(browser.submit(&page, &fields).await.status, 403);
    app.browser().sign_in(BOB).await;

    let app = TestApp::new().await;
    make_administrator(&app, ALICE).await;
    set(&app, SecondFactor::Optional).await;
    app.browser().sign_in(ALICE).await;
}

#[tokio::test]
async fn a_tenant_may_require_it_of_all() {
    let app = TestApp::new().await;
    let (known, earlier) = (app.browser(), app.browser());
    known.sign_in(ALICE).await;
    let (authenticator, _) = known.enrol(&app).await;
    earlier.sign_in(BOB).await;
    set(&app, SecondFactor::Required).await;
    let browser = app.browser();
    let shown = browser.first_step(BOB).await;
    assert!(shown.reply.body.contains("otpauth://"));
    // A session from before gets nothing without one either.
    let none = earlier.authorize(WEB, &[("prompt", "none")]).await;
    assert_eq!(none.param("error").as_deref(), Some("login_required"));
    assert!(earlier.authorize(WEB, &[]).await.body.contains("otpauth://"));
    // What a person chose is not taken away by the setting.
    set(&app, SecondFactor::Off).await;
    let page = app.browser().first_step(ALICE).await;
    assert!(page.reply.body.contains("one-time-code") && !page.reply.body.contains("otpauth://"));
    let _unused = authenticator;
}

/// Whoever knows the password can be asked to set one up as the owner is, and cannot put theirs in the place of the owner's.
#[tokio::test]
async fn what_was_set_up_in_another_tab_is_asked_for() {
    let app = TestApp::new().await;
    set(&app, SecondFactor::Required).await;
    let (owner, other) = (app.browser(), app.browser());
    let (of_owner, of_other) = (owner.first_step(BOB).await, other.first_step(BOB).await);
    let theirs = Authenticator::of(&of_owner.reply);
    let code = theirs.code(&app, 0);
    recovery_codes(&owner.submit(&of_owner, &[("code", &code), ("action", "enrol")]).await);
    let code = Authenticator::of(&of_other.reply).code(&app, 0);
    let late = other.submit(&of_other, &[("code", &code), ("action", "enrol")]).await;
    assert_eq!(late.status, 403, "{}", late.body);
    assert!(!is_signed_in(&other).await);
    app.advance_s(30);
    let page = app.browser().first_step(BOB).await;
    assert!(page.reply.body.contains("one-time-code") && !page.reply.body.contains("otpauth://"));
    let browser = app.browser();
    let page = browser.first_step(BOB).await;
    browser.submit(&page, &[("code", &theirs.code(&app, 0)), ("action", "verify")]).await;
    assert!(is_signed_in(&browser).await, "the owner's is the one that counts");
}

/// Whoever may administer anything by a role is an administrator, in the tenant or in a context, and nobody else is.
#[tokio::test]
async fn a_permission_of_administration_makes_an_administrator() {
    for (setting, permission, in_context, is_asked) in [
        (SecondFactor::Administrators, "admin:*", false, true),
        (SecondFactor::Administrators, "admin:users.read", false, true),
        (SecondFactor::Administrators, "admin:users.write", true, true),
        (SecondFactor::Administrators, "orders:write", false, false),
        (SecondFactor::Optional, "admin:*", false, false),
        (SecondFactor::Off, "admin:*", true, false),
    ] {
        let app = TestApp::new().await;
        set(&app, setting).await;
        let permissions = [doorward_core::permission::Permission::parse(permission).expect("one")];
        give_role(&app, BOB, permissions.into(), false, in_context).await;
        let browser = app.browser();
        let page = Page::of(browser.get("/sign-in").await);
        let shown = browser.submit(&page, &credentials(BOB)).await;
        assert_eq!(shown.body.contains("otpauth://"), is_asked, "{setting:?} {permission}: {}", shown.body);
        assert_eq!(is_signed_in(&browser).await, !is_asked, "{setting:?} {permission}");
        let doctor = doorward_web::doctor::store(&app.store).await.expect("it looks");
        let told: Vec<_> = doctor.iter().filter(|finding| finding.check == "people.second_factor").collect();
        assert_eq!(told.len(), usize::from(permission.starts_with("admin")), "{permission}");
        let place = if in_context { "in one context" } else { "in the whole tenant" };
        assert!(told.iter().all(|finding| finding.what.contains(place)), "{told:?}");
    }
}

/// A role that asks for a second factor, given to that person.
async fn give_guarded_role(app: &TestApp, name: &str) {
    give_role(app, name, Default::default(), true, false).await;
}

async fn give_role(
    app: &TestApp,
    name: &str,
    permissions: std::collections::BTreeSet<doorward_core::permission::Permission>,
    requires_second_factor: bool,
    in_context: bool,
) {
    let now = app.clock.now();
    let role = Role {
        tenant: T1.into(),
        key: RoleKey(1),
        id: "guarded".into(),
        name: "Guarded".to_owned(),
        description: String::new(),
        permissions,
        requires_second_factor,
        version: 0,
        created_at: now,
    };
    let context = crate::roles::context(7, "project/p-1", &[]);
    let assignment = Assignment {
        tenant: T1.into(),
        user: user_id(name).into(),
        context: in_context.then_some(context.key),
        role: RoleKey(1),
        role_id: "guarded".into(),
        created_at: now,
    };
    let member = Membership {
        tenant: T1.into(),
        user: user_id(name).into(),
        context: context.key,
        context_id: context.id.clone(),
        external_version: None,
        version: 0,
        created_at: now,
    };
    let effects = vec![
        Effect::PutRole(role),
        Effect::PutContext(context),
        Effect::PutMembership(member),
        Effect::Assign(assignment),
    ];
    app.store.commit(effects).await.expect("a role can be given");
}

/// The roles that count are those of who signs in, not of who was signed in at this browser before.
#[tokio::test]
async fn a_role_asks_for_it_whoever_was_signed_in_before() {
    let app = TestApp::new().await;
    set(&app, SecondFactor::Optional).await;
    give_guarded_role(&app, BOB).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let page = Page::of(browser.authorize(WEB, &[("prompt", "login")]).await);
    let shown = browser.submit(&page, &credentials(BOB)).await;
    assert!(shown.body.contains("otpauth://"), "{}", shown.body);
    let account = browser.get("/account").await;
    assert!(
        account.body.contains("value=\"alice\""),
        "nothing is opened before it is set up: {}",
        account.body
    );
    // Nor is anybody asked for it because of another's role.
    let browser = app.browser();
    let shown = browser.first_step(BOB).await;
    let code = Authenticator::of(&shown.reply).code(&app, 0);
    browser.submit(&shown, &[("code", &code), ("action", "enrol")]).await;
    assert!(is_signed_in(&browser).await);
    let page = Page::of(browser.authorize(WEB, &[("prompt", "login")]).await);
    let consent = browser.submit(&page, &credentials(ALICE)).await;
    assert!(consent.body.contains("action=\"/consent\""), "{}", consent.body);
}

#[tokio::test]
async fn an_administrator_resets_it() {
    let app = TestApp::new().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    browser.enrol(&app).await;
    app.mails().await;
    let manage = Manage::new(app.store.clone(), By::operator()).sending_mail(true);
    let (_, had_factor) = manage.reset_factor(Some(T1.to_owned()), ALICE).await.expect("it is done");
    assert!(had_factor);
    assert_eq!(app.rows("credentials").await, 4);
    let letters = app.mails().await;
    let kinds: Vec<_> = letters.iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds, ["factor_added", "factor_reset"], "she is told by mail");
    app.browser().sign_in(ALICE).await;
    let events = app.events().await;
    let reset = events.iter().find(|event| event.kind == EventKind::FactorReset).expect("an event");
    assert_eq!((&reset.actor, &reset.tenant), (&Actor::Operator, &TenantId::from(T1)));
}
