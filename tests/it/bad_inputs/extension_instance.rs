//! Bad inputs: extensions and their installations.

use std::sync::Arc;

use doorward_core::Effect;
use doorward_core::model::{EventKind, Issuer, Life, RequestedScope, Tenant};
use doorward_tests::extended::{ASKS, Installed, P1, P2, X1, X2};
use doorward_tests::{
    ALICE, BOB, PASSWORD, Page, RS1, Reply, T1, T2, WEB, basic, claims, credentials, secret_of,
};
use serde_json::json as value;

use super::forge::relabelled;
use super::steps::{is_active, put, signed_in};
use super::{Case, bearer, json, page, rows, status};
use crate::admin::extensions::{T, manifest, prepared};
use crate::admin::in_contexts::{furnished, person};
use crate::admin::{ADMIN, Admin, pointers};
use crate::extensions::alive::{fall, issue, rise};
use crate::extensions::{opened, session_token};
use crate::reference::{issuer, magic, mia_platform, speak};

rows![
    fresh ex_001, fresh ex_002, fresh ex_003, fresh ex_006, fresh ex_007, fresh ex_009, fresh ex_011, fresh ex_012,
    fresh ex_013, fresh ex_015, fresh ex_017, fresh ex_020, fresh ex_021, fresh ex_022, fresh ex_025,
];

/// X1 in `project/p-1`.
async fn installed(case: &Case) -> Installed {
    case.app.extend().await;
    case.app.install(X1, (P1, "project/p-1"), ASKS).await
}

/// What an installation gets with its secret.
async fn ask(case: &Case, of: &Installed) -> Reply {
    case.app.installation_token(of, &[]).await
}

async fn ex_001(case: &Case) {
    let of = installed(case).await;
    let elsewhere = case.app.install(X1, (P2, "project/p-2"), ASKS).await;
    let of_another = case.app.install(X2, (P1, "project/p-1"), ASKS).await;
    let last = if of.secret.ends_with('A') { 'E' } else { 'A' };
    let changed = format!("{}{last}", &of.secret[..of.secret.len() - 1]);
    for secret in [elsewhere.secret, of_another.secret, secret_of(X1), changed, of.secret.to_uppercase()] {
        let wrong = Installed { secret, ..of.clone() };
        case.expect(json(401, "invalid_client").recorded("installation.secret_wrong"), ask(case, &wrong))
            .await;
    }
    let nobody = Installed { id: "ins_AAAAAAAAAAAAAAAAAAAAAA".into(), ..of.clone() };
    case.expect(json(401, "invalid_client").event("installation.unknown"), ask(case, &nobody)).await;
    // Its id is no client's, nor is a client's secret its own.
    let as_client = [("authorization", &*basic(X1, &of.secret))];
    let form = [("grant_type", "client_credentials")];
    case.expect(json(401, "invalid_client"), case.app.post_form("/token", &form, &as_client)).await;
    assert_eq!(ask(case, &of).await.status, 200);
}

/// A tenant's installations are nobody's in another, whichever way they come.
async fn ex_002(case: &Case) {
    let of = installed(case).await;
    let admin = Admin::of_server(&case.app).await;
    let scopes = value!([{ "name": "rs1:read" }]);
    let wish = value!({ "state": "published", "manifest": { "name": "X1", "scopes": scopes } });
    let made = admin.json("PUT", "/tenants/t2/extensions/x1", wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let wish = value!({ "extension": "x1", "context": "tenant/t2" });
    let made = admin.json("POST", "/tenants/t2/installations", wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let secrets = format!("/tenants/t2/installations/{}/secrets", made.text("id"));
    let list = admin.get(&secrets).await.json();
    let pending = list["items"][0]["id"].as_str().expect("it has one");
    let shown = admin.send("POST", &format!("{secrets}/{pending}/reveal"), &[], "").await;
    let theirs = Installed { id: made.text("id").as_str().into(), secret: shown.text("secret") };
    let form = [("grant_type", "client_credentials")];
    let at = |path: &'static str, id: &Installed, secret: &Installed| {
        let authorization = basic(id.id.as_str(), &secret.secret);
        async move { case.app.post_form(path, &form, &[("authorization", &authorization)]).await }
    };
    for (path, id, secret) in [
        ("/t/t2/token", &theirs, &of),
        ("/t/t2/token", &of, &of),
        ("/token", &of, &theirs),
        ("/token", &theirs, &theirs),
    ] {
        case.expect(json(401, "invalid_client"), at(path, id, secret)).await;
    }
    assert_eq!(at("/t/t2/token", &theirs, &theirs).await.status, 200);
    assert_eq!(at("/token", &of, &of).await.status, 200);
}

/// The old secret works while it is being retired, which is recorded, and not a moment longer.
async fn ex_003(case: &Case) {
    let old = installed(case).await;
    assert_eq!(ask(case, &old).await.status, 200);
    case.app.rotate_secret(&old.id).await;
    let new = Installed { secret: case.app.deliver(&old.id).await, ..old.clone() };
    assert_eq!(ask(case, &new).await.status, 200);
    case.app.advance_s(86_399);
    case.new_events().await;
    assert_eq!(ask(case, &old).await.status, 200);
    let events = case.new_events().await;
    let told = events.iter().filter(|event| event.kind == EventKind::InstallationSecretOld).count();
    assert_eq!(told, 1, "{events:?}");
    case.app.advance_s(1);
    let refused = json(401, "invalid_client").recorded("installation.secret_expired");
    case.expect(refused, ask(case, &old)).await;
    assert_eq!(ask(case, &new).await.status, 200);
}

/// What does not work gets nothing, and what it had got is inactive at once.
async fn ex_006(case: &Case) {
    case.app.extend().await;
    for (name, refused) in [
        ("disabled", json(403, "unauthorized_client").recorded("installation.disabled")),
        ("suspended", json(403, "unauthorized_client").recorded("installation.suspended")),
        ("removed", json(401, "invalid_client").recorded("installation.secret_wrong")),
    ] {
        let issued = issue(&case.app).await;
        assert!(is_active(case, RS1, &issued.own).await && is_active(case, RS1, &issued.access).await);
        fall(&case.app, &issued.of, name).await;
        case.expect(refused, ask(case, &issued.of)).await;
        for token in [&issued.own, &issued.access, &issued.refresh] {
            assert!(!is_active(case, RS1, token).await, "{name}");
        }
        case.expect(bearer(401, "invalid_token"), case.app.userinfo(&issued.access)).await;
        if name != "removed" {
            rise(&case.app, &issued.of, name).await;
            for token in [&issued.own, &issued.access, &issued.refresh] {
                assert!(!is_active(case, RS1, token).await, "{name}: nothing wakes");
            }
            case.app.live(&issued.of.id, |life, now| life.remove(now)).await;
        }
    }
    let issued = issue(&case.app).await;
    let found = case.app.store.tenant(&T1.into()).await.expect("it can be read").expect("T1");
    put(&case.app, vec![Effect::PutTenant(Tenant { disabled_at: Some(case.app.store.now()), ..found })])
        .await;
    case.expect(json(403, "unauthorized_client").recorded("client.disabled"), ask(case, &issued.of)).await;
    case.expect(json(401, "invalid_client"), case.app.introspect(RS1, &issued.own)).await;
}

/// An extension that was withdrawn is told so where it shows who it is, and its installations get nothing any more.
async fn ex_007(case: &Case) {
    let issued = {
        case.app.extend().await;
        issue(&case.app).await
    };
    let admin = Admin::of_server(&case.app).await;
    let withdrawn = admin.send("POST", &format!("{T}/extensions/x1/withdraw"), &[], "").await;
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.body);
    let refused = json(403, "unauthorized_client").recorded("ext.withdrawn");
    case.expect(refused, ask(case, &issued.of)).await;
    assert!(!is_active(case, RS1, &issued.own).await && !is_active(case, RS1, &issued.access).await);
    let guess = Installed { secret: "dwx_guess-of-a-secret".to_owned(), ..issued.of.clone() };
    case.expect(json(401, "invalid_client"), ask(case, &guess)).await;
    let back = admin.json("PATCH", &format!("{T}/extensions/x1"), value!({ "state": "published" })).await;
    assert!((400..500).contains(&back.status), "it is final: {}", back.body);
    case.expect(json(403, "unauthorized_client"), ask(case, &issued.of)).await;
}

/// Nobody stands behind an installation's own token: what concerns a person is refused, whatever the installation consented to.
async fn ex_009(case: &Case) {
    let of = installed(case).await;
    let own = ask(case, &of).await.text("access_token");
    assert!(is_active(case, RS1, &own).await);
    case.expect(bearer(403, "insufficient_scope"), case.app.userinfo(&own)).await;
    let authorization = format!("Bearer {own}");
    let headers = [("authorization", authorization.as_str())];
    for path in ["users", "installations", &format!("installations/{}", of.id)] {
        case.expect(status(401), case.app.get(&format!("{ADMIN}/tenants/{T1}/{path}"), &headers)).await;
    }
    let reply = case.app.get("/account", &headers).await;
    assert_eq!((reply.status, reply.location()), (303, "https://id.example/sign-in".to_owned()));
    for scope in ["openid", "profile", "offline_access", "openid rs1:read"] {
        let asked = case.app.installation_token(&of, &[("scope", scope)]).await;
        asked.assert_error(400, "invalid_scope");
    }
}

/// A new version asks for more: an installation goes on with what was consented to until somebody there consents to more.
async fn ex_011(case: &Case) {
    case.app.extend().await;
    case.app
        .change_extension(X1, |found| found.manifest.scopes.retain(|asked| asked.name == "rs1:read"))
        .await;
    let of = case.app.install(X1, (P1, "project/p-1"), "rs1:read").await;
    let more = RequestedScope {
        name: "rs1:write".to_owned(),
        reason: "to change".to_owned(),
        reasons: Default::default(),
        optional: false,
    };
    case.app
        .change_extension(X1, |found| {
            found.manifest.scopes.push(more);
            found.manifest_version += 1;
        })
        .await;
    for scope in ["rs1:write", "rs1:read rs1:write"] {
        let asked = [("scope", scope)];
        case.expect(json(400, "invalid_scope"), case.app.installation_token(&of, &asked)).await;
    }
    assert_eq!(ask(case, &of).await.text("scope"), "rs1:read");
    let admin = Admin::of_server(&case.app).await;
    let path = format!("{T}/installations/{}", of.id);
    let consented = admin.json("PATCH", &path, value!({ "scopes": "rs1:read rs1:write" })).await;
    assert_eq!(consented.status, 200, "{}", consented.body);
    assert_eq!(ask(case, &of).await.text("scope"), "rs1:read rs1:write");
}

/// Nothing of what was removed works, its secrets are erased, what it had still to be told is void but that it is gone, and installing
/// it again there wakes nothing.
async fn ex_012(case: &Case) {
    case.app.extend().await;
    let hook = "https://x1.example/hooks".to_owned();
    case.app.change_extension(X1, |found| found.manifest.webhook_url = Some(hook)).await;
    let issued = issue(&case.app).await;
    case.app.rotate_secret(&issued.of.id).await;
    let dead = async || {
        for token in [&issued.own, &issued.access, &issued.refresh] {
            assert!(!is_active(case, RS1, token).await);
        }
        case.expect(json(400, "invalid_grant"), issued.key.exchange(&case.app, X1)).await;
        case.expect(json(400, "invalid_grant"), case.app.refresh(X1, &issued.refresh)).await;
        case.expect(json(401, "invalid_client"), ask(case, &issued.of)).await;
        assert!(issued.frame.is_dead(&case.app).await);
    };
    let admin = Admin::of_server(&case.app).await;
    let path = format!("{T}/installations/{}", issued.of.id);
    assert_eq!(admin.send("DELETE", &path, &[], "").await.status, 204);
    dead().await;
    assert!(matches!(case.app.installation(&issued.of.id).await.life, Life::Removed { .. }));
    let left = case.app.store.installation_secrets(&T1.into(), &issued.of.id).await;
    assert!(left.expect("they can be read").is_empty());
    let told = case.app.store.webhooks(&T1.into(), &issued.of.id, None, 100).await.expect("they can be read");
    let outcomes: Vec<_> = told.iter().map(|told| told.outcome.map(|outcome| outcome.as_str())).collect();
    assert_eq!(outcomes, [None, Some("aborted"), Some("aborted")], "the latest first");
    assert_eq!(admin.get(&path).await.status, 404);
    case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    dead().await;
}

/// Whoever makes an extension that was published proposes another address: what is in force stays.
async fn ex_013(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    furnished(&admin).await;
    let own =
        value!({ "id": "own", "contributor": "customer/c", "state": "published", "manifest": manifest() });
    assert_eq!(admin.json("POST", &format!("{T}/extensions"), own).await.status, 201);
    let path = format!("{T}/extensions/own");
    let evil = value!({ "manifest": {
        "launch_url": "https://evil.example/:userId", "audiences": ["https://evil.example"],
    }});
    let (alice, bob) = (person(&case.app, ALICE).await, person(&case.app, BOB).await);
    assert_eq!(bob.ask("PATCH", &path, evil.clone()).await.status, 404, "another's");
    let saved = alice.ask("PATCH", &path, evil).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let now = admin.get(&path).await.json();
    assert_eq!(now["manifest"]["launch_url"], manifest()["launch_url"], "the old address is kept");
    assert!(now["manifest"].get("audiences").is_none(), "{now}");
    assert_eq!(now["proposed"]["launch_url"], "https://evil.example/:userId", "and waits to be looked at");
    assert_eq!(alice.ask("POST", &format!("{path}/manifest/accept"), value!(null)).await.status, 403);
}

/// Without a `state` nobody could tell whose sign-in comes back: no page of ours asks, and nothing leads away.
async fn ex_015(case: &Case) {
    installed(case).await;
    let alice = signed_in(case, ALICE).await;
    for query in ["", "?", "?state", "?state=", "?nonce=n&context=project%2Fp-1", "?state=a&state=b"] {
        let target = format!("/extensions/x1/authorize{query}");
        case.expect(page(400), alice.get(&target)).await;
        case.expect(page(400), case.app.browser().get(&target)).await;
    }
    let arrived = alice.get("/extensions/x1/authorize?state=s").await;
    assert_eq!((arrived.param("state").as_deref(), arrived.param("code").is_some()), (Some("s"), true));
}

/// A callback without TLS is not saved.
async fn ex_017(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    prepared(&admin).await;
    let before = admin.get(&format!("{T}/extensions/e")).await.body;
    for (member, address) in [
        ("callback_url", "http://e.example/cb"),
        ("callback_url", "ftp://e.example/cb"),
        ("launch_url", "http://e.example/open"),
        ("webhook_url", "http://e.example/hooks"),
        ("icon", "http://e.example/icon.png"),
    ] {
        let wish = value!({ "manifest": { member: address } });
        let saved = admin.json("PATCH", &format!("{T}/extensions/e"), wish).await;
        assert_eq!(saved.status, 400, "{address}");
        assert!(pointers(&saved).contains(&format!("/manifest/{member}")), "{address}: {}", saved.body);
    }
    assert_eq!(admin.get(&format!("{T}/extensions/e")).await.body, before);
}

/// A Console of the dialect `mia-platform`, and what ALICE's browser brings X1 back from it.
async fn mia_code(case: &Case) -> String {
    case.app.extend().await;
    speak(&case.app, "mia-platform").await;
    mia_platform::furnish(&case.app, mia_platform::SCOPES).await;
    mia_again(case).await
}

/// What a backend posts to a Console.
async fn mia_post(case: &Case, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    case.app.send("POST", "/mi/api/oauth/token", &all, body).await
}

async fn ex_020(case: &Case) {
    let code = mia_code(case).await;
    for state in ["st-2", "ST-1", "st-1 "] {
        let body = value!({ "code": code, "state": state }).to_string();
        case.expect(status(400).recorded("code.wrong_state"), mia_post(case, &[], &body)).await;
    }
    let body = value!({ "code": code, "state": "st-1" }).to_string();
    assert_eq!(mia_post(case, &[], &body).await.status, 200);
}

async fn ex_021(case: &Case) {
    let code = mia_code(case).await;
    let extra = value!({ "code": code, "state": "st-1", "grant_type": "password" }).to_string();
    case.expect(status(400).event("token.grant_type_unknown"), mia_post(case, &[], &extra)).await;
    for twice in [
        format!("{{\"code\":\"{code}\",\"state\":\"st-1\",\"state\":\"st-2\"}}"),
        format!("{{\"code\":\"x\",\"code\":\"{code}\",\"state\":\"st-1\"}}"),
        format!("[{{\"code\":\"{code}\",\"state\":\"st-1\"}}]"),
        format!("{{\"code\":[\"{code}\"],\"state\":\"st-1\"}}"),
    ] {
        case.expect(status(400).event("request.body_malformed"), mia_post(case, &[], &twice)).await;
    }
}

/// Whoever has code and state gets what the code is of, and for whom: X2 gains nothing that is for X2.
async fn ex_022(case: &Case) {
    let code = mia_code(case).await;
    let body = value!({ "code": code, "state": "st-1" }).to_string();
    let as_x2 = [("authorization", &*basic(X2, &secret_of(X2)))];
    case.expect(status(400).recorded("code.wrong_client"), mia_post(case, &as_x2, &body)).await;
    let unknown = value!({ "code": code }).to_string();
    case.expect(status(400).event("request.parameter_missing"), mia_post(case, &[], &unknown)).await;
    let issued = mia_post(case, &[], &body).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    let said = claims(&issued.text("accessToken"));
    let audience = said["aud"].as_array().expect("a list");
    assert!(audience.contains(&value!("https://x1.example")), "{said}");
    assert!(!audience.contains(&value!("https://x2.example")), "{said}");
    assert_eq!(said["client_id"], X1);
    // A minute, and not a moment longer.
    let late = mia_again(case).await;
    case.app.advance_s(60);
    let body = value!({ "code": late, "state": "st-1" }).to_string();
    case.expect(status(400).event("code.expired"), mia_post(case, &[], &body)).await;
}

/// Another code of the same Console.
async fn mia_again(case: &Case) -> String {
    let browser = case.app.browser();
    let page = Page::of(browser.get("/mi/oauth/authorize?tenantId=acme&extensionId=x1&state=st-1").await);
    let reply = browser.submit(&page, &credentials(ALICE)).await;
    reply.param("code").unwrap_or_else(|| panic!("no code: {}", reply.body))
}

/// No token passes for another kind: an ID token, a session token and what was issued elsewhere are no access tokens, and none of them is a
/// session token. (What a dialect makes of its ID tokens is a row of that dialect.)
async fn ex_025(case: &Case) {
    let of = installed(case).await;
    let tokens = opened(&case.app, ALICE, &of).await.exchange(&case.app, X1).await;
    let id_token = tokens.text("id_token");
    let alice = signed_in(case, ALICE).await;
    let session = session_token::token(&alice, &of).await.text("session_token");
    let elsewhere = case.app.tokens(WEB, &[]).await.text("id_token");
    for token in [&id_token, &session, &elsewhere] {
        case.expect(bearer(401, "invalid_token"), case.app.userinfo(token)).await;
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        case.expect(status(401), case.app.get(&format!("{ADMIN}/tenants/{T1}/users"), &headers)).await;
        assert!(!is_active(case, RS1, token).await);
    }
    for token in [&id_token, &elsewhere, &tokens.text("access_token")] {
        let refused = json(400, "invalid_request").event("exchange.subject_token");
        case.expect(refused, session_token::exchange(&case.app, &of, token)).await;
    }
    // It is the type that tells, also of what our own key signed.
    let access = tokens.text("access_token");
    assert_eq!(case.app.userinfo(&relabelled(&access, "at+jwt")).await.status, 200);
    for typ in ["JWT", "session+jwt", "logout+jwt", "jwt"] {
        let token = relabelled(&access, typ);
        case.expect(bearer(401, "invalid_token"), case.app.userinfo(&token)).await;
        assert!(!is_active(case, RS1, &token).await, "{typ}");
    }
    let exchange =
        async |typ: &str| session_token::exchange(&case.app, &of, &relabelled(&session, typ)).await;
    for typ in ["JWT", "at+jwt"] {
        case.expect(json(400, "invalid_request").event("exchange.subject_token"), exchange(typ)).await;
    }
    assert_eq!(exchange("session+jwt").await.status, 200);
    assert_eq!(claims(&id_token)["aud"], X1);
    // Nor does an access token of this tenant in another.
    let headers = [("authorization", &*format!("Bearer {access}"))];
    case.expect(bearer(401, "invalid_token"), case.app.get("/t/t2/userinfo", &headers)).await;
    assert_eq!(case.app.userinfo(&access).await.status, 200);
    ex_025_magic(case).await;
}

/// Where Magic's contract is spoken an ID token opens APIs: there alone, and at no other tenant that speaks it too.
async fn ex_025_magic(case: &Case) {
    let at = magic::on(Arc::clone(&case.app)).await;
    let own = magic::by_password(&at, magic::APP, magic::SECRET, ALICE, PASSWORD).await.text("id_token");
    let theirs = Issuer { id: "magic-2".into(), ..issuer(T2, "magic", "/t/t2/ma") };
    case.app.commit(vec![Effect::PutIssuer(theirs)]).await;
    let headers = [("authorization", &*format!("Token {own}"))];
    case.expect(status(401), case.app.get("/t/t2/ma/api/validate", &headers)).await;
    case.expect(bearer(401, "invalid_token").event("bearer.revoked"), case.app.userinfo(&own)).await;
    let asked = magic::with_token(&at, "GET", magic::GUARD, "Bearer", &own);
    case.expect(status(401).event("bearer.missing"), asked).await;
    assert_eq!(magic::validate(&at, &own).await, 200);
}
