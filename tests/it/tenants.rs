//! Tenants never mix, and neither do the issuers of one tenant: what one issued is nothing at another, though clients and people
//! have the same names and secrets there.

use doorward_core::Effect;
use doorward_core::id::IssuerId;
use doorward_tests::{ALICE, Code, Page, RS1, Reply, T1, T2, TestApp, WEB, credentials};

const OTHER_TENANT: &str = "/t/t2";
const OTHER_ISSUER: &str = "/second";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_issued_is_nothing_at_another() {
    for other in [OTHER_TENANT, OTHER_ISSUER] {
        let app = world().await;
        let browser = app.browser();
        browser.sign_in(ALICE).await;
        let scope = [("scope", "openid offline_access rs1:read")];
        let tokens = browser.code(WEB, &scope).await.redeem(&app).await;
        let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
        let code = browser.code(WEB, &scope).await;

        redeem_at(&app, other, &code).await.assert_error(400, "invalid_grant");
        let form = owned(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
        app.form_as(&format!("{other}/token"), WEB, &form).await.assert_error(400, "invalid_grant");
        let authorization = format!("Bearer {access}");
        let userinfo = app.get(&format!("{other}/userinfo"), &[("authorization", &authorization)]).await;
        assert_eq!(userinfo.status, 401, "{other}: {}", userinfo.body);
        for token in [&access, &refresh] {
            let told = app.form_as(&format!("{other}/introspect"), WEB, &owned(&[("token", token)])).await;
            assert_eq!(told.body, "{\"active\":false}", "{other}");
            let revoked = app.form_as(&format!("{other}/revoke"), WEB, &owned(&[("token", token)])).await;
            assert_eq!(revoked.status, 200, "{other}: {}", revoked.body);
        }
        // At home all of it still works.
        assert_eq!(code.redeem(&app).await.status, 200, "{other}");
        assert_eq!(app.userinfo(&access).await.status, 200, "{other}");
        assert_eq!(app.refresh(WEB, &refresh).await.status, 200, "{other}");
        assert_eq!(app.introspect(RS1, &access).await.json()["active"], true, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_one_tenant_opens_nothing_at_another() {
    let app = world().await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let cookies = browser.cookies();
    let (_, session) = cookies.iter().find(|(name, _)| name.ends_with("s-t1")).expect("she has a session");
    browser.set_cookie("__Host-s-t2", session);
    let silent = [("prompt", "none")];
    let reply =
        browser.get(&format!("{OTHER_TENANT}{}", doorward_tests::authorize_target(WEB, &silent))).await;
    assert_eq!(reply.param("error").as_deref(), Some("login_required"));
    let account = browser.get(&format!("{OTHER_TENANT}/account")).await;
    assert_ne!(account.status, 200, "{}", account.body);
    // The tenant's other issuer has the same people, and knows her.
    let reply =
        browser.get(&format!("{OTHER_ISSUER}{}", doorward_tests::authorize_target("first", &silent))).await;
    assert!(reply.param("code").is_some(), "{}", reply.location());
    assert_eq!(reply.param("iss").as_deref(), Some("https://id.example/second"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_one_is_not_read_by_another() {
    let app = world().await;
    for other in [OTHER_TENANT, OTHER_ISSUER] {
        let browser = app.browser();
        let page = Page::of(browser.authorize(WEB, &[]).await);
        let mut form: Vec<(&str, &str)> =
            page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.extend(credentials(if other == OTHER_TENANT { "amy" } else { ALICE }));
        let reply = browser.post(&format!("{other}/sign-in"), &form).await;
        assert!(reply.status == 403 || reply.status == 400, "{other}: {} {}", reply.status, reply.body);
        assert!(!browser.cookies().keys().any(|name| name.contains("s-t")), "nobody is signed in: {other}");
    }
}

/// T1 with a second issuer, and with a caller there that may ask for every token.
async fn world() -> TestApp {
    let app = TestApp::new().await;
    let mut effects = Vec::new();
    for tenant in [T1, T2] {
        let tenant = tenant.into();
        let mut web =
            app.store.client(&tenant, &WEB.into()).await.expect("read").expect("it is there").client;
        web.introspects_all = true;
        effects.push(Effect::PutClient(web));
    }
    let mut issuer = app.store.issuers_of(&T1.into()).await.expect("read").remove(0);
    issuer.id = IssuerId::from("iss-t1-second");
    issuer.url = format!("https://id.example{OTHER_ISSUER}");
    issuer.version = 0;
    effects.push(Effect::PutIssuer(issuer));
    app.store.commit(effects).await.expect("the world can be changed");
    app
}

async fn redeem_at(app: &TestApp, prefix: &str, code: &Code) -> Reply {
    app.form_as(&format!("{prefix}/token"), &code.client, &code.form()).await
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
