//! Bad inputs: what is another tenant's.

use doorward_core::Effect;
use doorward_core::id::{ClientId, TenantId};
use doorward_tests::{ALICE, BOB, M2M, PASSWORD, RS1, T1, T2, WEB, basic, secret_of, user_id};
use doorward_web::admin::route::routes;
use serde_json::json;

use super::steps::{OFFLINE, is_active, is_signed_in};
use super::{Case, json as refused, rows};
use crate::admin::{Admin, pointers, user};

rows![
    fresh tx_001, fresh tx_003, fresh tx_006, fresh tx_007, fresh tx_008, fresh tx_009, fresh tx_010, fresh tx_011,
];

/// Every route with ids of T2: as if there were no such tenant.
async fn tx_001(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    let before = case.app.store.counts().await.expect("rows can be counted");
    for route in routes().filter(|route| route.path.contains("{tenant}")) {
        let path =
            route.path.replace("{tenant}", T2).replace("{id}", "web").replace("{user}", &user_id("amy"));
        let path = path.replace("{type}", "project").replace("{secret}", "s1").replace("{kid}", "t2-RS256");
        let reply = admin.send(route.method, &path, &[], "{}").await;
        assert_eq!(reply.status, 404, "{} {}: {}", route.method, route.path, reply.body);
        assert_eq!(reply.text("detail"), "there is no such tenant");
    }
    let after = case.app.store.counts().await.expect("rows can be counted");
    let but_events = |rows: &[(&'static str, i64)]| -> Vec<(&'static str, i64)> {
        rows.iter().filter(|(table, _)| *table != "events").copied().collect()
    };
    assert_eq!(but_events(&before), but_events(&after));
}

/// A code of T1 is nothing at T2, whose client has the same name and secret.
async fn tx_003(case: &Case) {
    let code = case.app.code(WEB, &[]).await;
    let credentials = basic(WEB, &secret_of(WEB));
    let form = code.form();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let headers = [("authorization", credentials.as_str())];
    case.expect(refused(400, "invalid_grant"), case.app.post_form("/t/t2/token", &form, &headers)).await;
    assert_eq!(case.app.post_form("/token", &form, &headers).await.status, 200, "it is still good at home");
}

/// A body cannot say another tenant than the path.
async fn tx_006(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    for member in ["tenant", "tenant_id"] {
        let body = json!({"user_name": "dora", member: T2});
        let reply = admin.json("POST", &format!("/tenants/{T1}/users"), body).await;
        assert_eq!((reply.status, pointers(&reply)), (400, vec![format!("/{member}")]), "{}", reply.body);
    }
    let people = case.app.store.users(&TenantId::from(T2), None, 10).await.expect("people can be read");
    assert_eq!(people.len(), 1);
}

/// A cursor works for the list that gave it.
async fn tx_007(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    let list = format!("/tenants/{T1}/users");
    let first = admin.get(&format!("{list}?limit=1")).await;
    let next = first.text("next");
    assert_eq!(admin.get(&format!("{list}?limit=2&after={next}")).await.status, 200);
    let forged = doorward_crypto::base64url::encode(user_id(ALICE).as_bytes());
    for (target, after) in [
        (format!("/tenants/{T2}/users?"), next.as_str()),
        (format!("/tenants/{T1}/clients?"), next.as_str()),
        (format!("{list}?disabled=false&"), next.as_str()),
        (format!("{list}?"), forged.as_str()),
        (format!("{list}?"), &next[1..]),
    ] {
        let reply = admin.get(&format!("{target}after={after}")).await;
        assert_eq!(reply.status, 400, "{target}{after}: {}", reply.body);
    }
    for foreign in ["sort=password_hash", "filter=tenant", "fields=password"] {
        assert_eq!(admin.get(&format!("{list}?{foreign}")).await.status, 400, "{foreign}");
    }
}

/// No spelling of a tenant is another tenant.
async fn tx_008(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    for tenant in [
        "t1/../t2",
        "t1%2ft2",
        "t1%2f..%2ft2",
        "T1",
        "t1%20",
        "%741%00",
        "ｔ1",
        "t1;t2",
        "t1%3Bt2",
        "./t1",
        "",
    ] {
        let target = doorward_wire::percent::encode(tenant);
        for tenant in [tenant.to_owned(), target].iter().filter(|tenant| tenant.is_ascii()) {
            let reply = admin.get(&format!("/tenants/{tenant}/users")).await;
            assert_eq!(reply.status, 404, "{tenant}: {}", reply.body);
        }
    }
    assert_eq!(admin.get("/tenants/%741/users").await.status, 200, "decoded once, this is t1");
}

/// The cache of clients keeps the tenants apart.
async fn tx_009(case: &Case) {
    let credentials = basic(WEB, &secret_of(WEB));
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let ask = async |path: &str| {
        case.app.post_form(path, &form, &[("authorization", credentials.as_str())]).await.error()
    };
    assert_eq!(
        (ask("/token").await, ask("/t/t2/token").await),
        ("invalid_grant".into(), "invalid_grant".into())
    );
    let tenant = TenantId::from(T1);
    let found = case.app.store.client(&tenant, &ClientId::from(WEB)).await.expect("read").expect("there");
    let mut client = found.client.clone();
    client.disabled_at = Some(case.app.clock.now());
    case.app.store.commit(vec![Effect::PutClient(client)]).await.expect("stored");
    assert_eq!(
        (ask("/token").await, ask("/t/t2/token").await),
        ("invalid_client".into(), "invalid_grant".into())
    );
}

/// No door deletes a tenant (decision 0011); of one that is switched off nothing works: tokens of every kind, sessions, links, the
/// admin API, and its own pages.
async fn tx_010(case: &Case) {
    let app = &case.app;
    let (admin, boss) = (Admin::of_tenant(app).await, Admin::of_server(app).await);
    let offline = app.tokens(WEB, &OFFLINE).await;
    let token = offline.text("access_token");
    let own = app.token_as(M2M, &own()).await;
    assert_eq!(own.status, 200);
    let browser = app.browser();
    browser.sign_in(BOB).await;
    let pending = browser.code(WEB, &[]).await;
    let made =
        admin.send("POST", &format!("/tenants/{T1}/users/{}/sign-in-link", user_id(BOB)), &[], "").await;
    let link = crate::mail::path(&made.text("url"));
    assert_eq!((app.userinfo(&token).await.status, browser.get("/account").await.status), (200, 200));
    assert!(is_active(case, RS1, &token).await);
    let deleted = boss.send("DELETE", &format!("/tenants/{T1}"), &[], "").await;
    assert_eq!((deleted.status, deleted.header("allow")), (405, Some("GET, PUT, PATCH")));
    let mut tenant = app.store.tenant(&TenantId::from(T1)).await.expect("read").expect("there");
    tenant.disabled_at = Some(app.clock.now());
    app.store.commit(vec![Effect::PutTenant(tenant)]).await.expect("stored");
    let rows = case.rows().await;
    assert_eq!(app.userinfo(&token).await.status, 401);
    assert_eq!(app.introspect(RS1, &token).await.status, 401);
    for refused in [
        app.refresh(WEB, &offline.text("refresh_token")).await,
        pending.redeem(app).await,
        app.token_as(M2M, &self::own()).await,
    ] {
        refused.assert_error(401, "invalid_client");
    }
    assert_eq!(admin.get(&format!("/tenants/{T1}/users")).await.status, 401);
    assert_eq!(boss.get(&format!("/tenants/{T2}/users")).await.status, 401);
    assert!(!is_signed_in(&browser).await);
    assert_eq!(browser.authorize(WEB, &[]).await.status, 400);
    assert_eq!(browser.get(&link).await.status, 400);
    assert_eq!(app.browser().sign_in_with(BOB, PASSWORD).await.status, 200, "the page again");
    assert_eq!(case.rows().await, rows, "nothing was made of it");
    // Others go on.
    assert_eq!(app.get("/t/t2/sign-in", &[]).await.status, 200);
}

/// The form of a client that asks for itself.
fn own() -> [(String, String); 2] {
    [("grant_type", "client_credentials"), ("scope", "rs1:read")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// The audit trail of a tenant tells of that tenant.
async fn tx_011(case: &Case) {
    let admin = Admin::of_tenant(&case.app).await;
    let page = case.app.get("/t/t2/sign-in", &[]).await;
    assert_eq!(page.status, 200);
    let boss = Admin::of_server(&case.app).await;
    let amy = format!("/tenants/{T2}/users/{}", user_id("amy"));
    assert_eq!(boss.json("PATCH", &amy, json!({"locked": true})).await.status, 200);
    let bob = format!("/tenants/{T1}/users/{}", user_id(BOB));
    assert_eq!(boss.json("PATCH", &bob, json!({"locked": true})).await.status, 200);
    case.flush().await;
    let own = admin.get(&format!("/tenants/{T1}/events?limit=200")).await;
    assert!(own.body.contains(&user_id(BOB)) && !own.body.contains("amy"), "{}", own.body);
    assert_eq!(admin.get(&format!("/tenants/{T2}/events")).await.status, 404);
    let theirs = boss.get(&format!("/tenants/{T2}/events?limit=200")).await;
    assert!(theirs.body.contains("amy") && !theirs.body.contains(&user_id(BOB)));
    assert!(user(&case.app, BOB).await.locked_at.is_some());
}
