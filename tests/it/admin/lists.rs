//! What hangs on people and clients: consents, grants, sessions, secrets, keys, and the audit trail.

use doorward_core::Effect;
use doorward_core::model::{Actor, EventKind, User};
use doorward_tests::{ALICE, BOB, M2M, Reply, SPA, T1, TestApp, WEB, basic, secret_of, user_id};
use serde_json::{Value, json};

use super::{Admin, client_with};

fn items(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["items"].as_array().unwrap().clone()
}

fn text<'a>(item: &'a Value, member: &str) -> &'a str {
    item[member].as_str().unwrap_or_else(|| panic!("no {member}: {item}"))
}

#[tokio::test]
async fn consents_grants_and_sessions_are_listed_and_ended() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let (t, alice) = (format!("/tenants/{T1}"), user_id(ALICE));
    let of_web = app.tokens(WEB, &[("scope", "openid offline_access"), ("prompt", "consent")]).await;
    let of_spa = app.tokens(SPA, &[]).await;
    for (of_user, of_client) in [("consents", "consents"), ("grants", "grants")] {
        let of_user = items(&admin.get(&format!("{t}/users/{alice}/{of_user}")).await);
        assert_eq!(of_user.len(), 2, "{of_user:?}");
        let of_client = items(&admin.get(&format!("{t}/clients/{WEB}/{of_client}")).await);
        assert_eq!(of_client.len(), 1, "{of_client:?}");
        assert!(of_user.contains(&of_client[0]));
        assert_eq!((text(&of_client[0], "user"), text(&of_client[0], "client")), (alice.as_str(), WEB));
    }
    assert!(items(&admin.get(&format!("{t}/users/{}/grants", user_id(BOB))).await).is_empty());
    assert_eq!(admin.get(&format!("{t}/users/usr_nobody/grants")).await.status, 404);

    let grants = items(&admin.get(&format!("{t}/clients/{SPA}/grants")).await);
    let end = format!("{t}/grants/{}", text(&grants[0], "id"));
    assert_eq!(admin.send("DELETE", &end, &[], "").await.status, 204);
    assert_eq!(admin.send("DELETE", &end, &[], "").await.status, 404, "it has ended");
    assert_eq!(app.userinfo(&of_spa.text("access_token")).await.status, 401);
    assert_eq!(app.userinfo(&of_web.text("access_token")).await.status, 200);

    let consents = items(&admin.get(&format!("{t}/clients/{WEB}/consents")).await);
    let end = format!("{t}/consents/{}", text(&consents[0], "id"));
    assert_eq!(admin.send("DELETE", &end, &[], "").await.status, 204);
    assert_eq!(admin.send("DELETE", &end, &[], "").await.status, 404);
    assert_eq!(app.userinfo(&of_web.text("access_token")).await.status, 401);
    assert!(items(&admin.get(&format!("{t}/users/{alice}/grants")).await).is_empty());

    let sessions = items(&admin.get(&format!("{t}/users/{alice}/sessions")).await);
    assert_eq!(sessions.len(), 2, "one of each code");
    assert!(!sessions[0].to_string().contains("secret"));
    let end = format!("{t}/sessions/{}", text(&sessions[0], "id"));
    assert_eq!(admin.send("DELETE", &end, &[], "").await.status, 204);
    assert_eq!(admin.send("DELETE", &end, &[], "").await.status, 404);
    assert_eq!(items(&admin.get(&format!("{t}/users/{alice}/sessions")).await), sessions[1..]);
    assert_eq!(admin.send("DELETE", &format!("{t}/users/{alice}/sessions"), &[], "").await.status, 204);
    assert!(items(&admin.get(&format!("{t}/users/{alice}/sessions")).await).is_empty());
    let ended = app.events().await.into_iter().filter(|event| event.kind == EventKind::SessionEnded);
    let ended: Vec<_> = ended.map(|event| (event.user.map(|user| user.0), event.actor)).collect();
    let by = Actor::Client("chief".into());
    assert_eq!(ended, [(Some(alice.clone()), by.clone()), (Some(alice.clone()), by)], "each is told");

    let chief = Actor::Client("chief".into());
    let events = app.events().await;
    for kind in [EventKind::GrantEnded, EventKind::ConsentEnded, EventKind::SessionEnded] {
        let event = events.iter().rfind(|event| event.kind == kind).unwrap();
        assert_eq!(
            (&event.actor, event.user.as_ref().unwrap().as_str()),
            (&chief, alice.as_str()),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn secrets_overlap_while_they_rotate() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/clients/{M2M}/secrets");
    let works = async |secret: &str| {
        let form = [("grant_type", "client_credentials")];
        app.post_form("/token", &form, &[("authorization", &basic(M2M, secret))]).await.status == 200
    };
    let old = secret_of(M2M);
    let both = admin.json("POST", &path, json!({"state": "pending", "retire_others_s": 0})).await;
    assert_eq!((both.status, super::pointers(&both)), (400, vec!["/retire_others_s".to_owned()]));
    let made = admin.json("POST", &path, json!({"state": "pending"})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (new, id) = (made.text("secret"), made.text("id"));
    assert!(works(&old).await && !works(&new).await, "pending");
    let listed = admin.get(&path).await;
    assert_eq!(items(&listed).len(), 2);
    assert!(!listed.body.contains(&new) && !listed.body.contains("hash"), "{}", listed.body);

    let activated =
        admin.json("POST", &format!("{path}/{id}/activate"), json!({"retire_others_s": 3600})).await;
    assert_eq!((activated.status, activated.text("state").as_str()), (200, "current"), "{}", activated.body);
    assert!(works(&old).await && works(&new).await, "both for an hour");
    let again = admin.json("POST", &format!("{path}/{id}/activate"), json!({})).await;
    assert_eq!(again.status, 409);
    app.advance_s(3601);
    let admin = Admin::with(&app, "second", "admin:clients.write").await;
    assert!(!works(&old).await && works(&new).await);

    let third = admin.json("POST", &path, json!({"retire_others_s": 0})).await.text("secret");
    assert!(!works(&new).await && works(&third).await, "at once");
    assert_eq!(admin.send("DELETE", &format!("{path}/{id}"), &[], "").await.status, 204);
    assert_eq!(admin.send("DELETE", &format!("{path}/{id}"), &[], "").await.status, 404);
    for _ in 0..4 {
        assert_eq!(admin.json("POST", &path, json!({})).await.status, 201);
    }
    assert_eq!(admin.json("POST", &path, json!({})).await.status, 409, "at most five");
    let public = admin.json("POST", &format!("/tenants/{T1}/clients/{SPA}/secrets"), json!({})).await;
    assert_eq!(public.status, 409, "{}", public.body);
    client_with(&app, "strong", "admin:keys.write").await;
    let strong = admin.json("POST", &format!("/tenants/{T1}/clients/strong/secrets"), json!({})).await;
    assert_eq!(strong.status, 403, "a secret would be all that it may do: {}", strong.body);
    assert!(app.events().await.iter().filter(|event| event.kind == EventKind::SecretChanged).count() >= 7);
}

#[tokio::test]
async fn keys_rotate_and_never_show_what_is_private() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/keys");
    let before = admin.get(&path).await;
    for hidden in ["sealed", "\"d\"", "pkcs8", "PRIVATE", "public_jwk"] {
        assert!(!before.body.contains(hidden), "{hidden}");
    }
    let current = |keys: &[Value]| {
        let of = |key: &&Value| key["algorithm"] == "ES256" && key["state"] == "current";
        text(keys.iter().find(of).unwrap(), "kid").to_owned()
    };
    let old = current(&items(&before));
    let rotated = admin.json("POST", &format!("{path}/rotate"), json!({"algorithm": "ES256"})).await;
    let new = current(&items(&rotated));
    assert_ne!(old, new);
    let wrong = admin.json("POST", &format!("{path}/rotate"), json!({"algorithm": "HS256"})).await;
    assert_eq!((wrong.status, super::pointers(&wrong)), (400, vec!["/algorithm".to_owned()]));
    assert_eq!(admin.send("DELETE", &format!("{path}/{old}"), &[], "").await.status, 204);
    let admin = Admin::with(&app, "second", "admin:keys.read admin:keys.write").await;
    assert!(!admin.get(&path).await.body.contains(&old));
    assert_eq!(admin.send("DELETE", &format!("{path}/{old}"), &[], "").await.status, 404);
}

/// Those who read our key set take no more than fifty keys, and the server's memory of all tenants is no place for more either.
#[tokio::test]
async fn keys_rotate_until_there_are_as_many_as_anybody_takes() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/keys");
    let rotate =
        async || admin.json("POST", &format!("{path}/rotate"), json!({ "algorithm": "EdDSA" })).await;
    let mut rotations = 0;
    let refused = loop {
        let reply = rotate().await;
        if reply.status != 200 {
            break reply;
        }
        rotations += 1;
        assert!(rotations < 50, "there is no end to it");
    };
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(rotations > 30, "{rotations}");
    let published = app.get("/jwks", &[]).await.json()["keys"].as_array().unwrap().len();
    assert!((30..=50).contains(&published), "{published}");
    let keys = items(&admin.get(&path).await);
    let one = keys.iter().find(|key| key["state"] == "previous").unwrap();
    assert_eq!(admin.send("DELETE", &format!("{path}/{}", text(one, "kid")), &[], "").await.status, 204);
    assert_eq!(rotate().await.status, 200, "there is room for one");
    app.advance_s(2 * 86_400);
    let admin = Admin::with(&app, "later", "admin:keys.write").await;
    let later = admin.json("POST", &format!("{path}/rotate"), json!({})).await;
    assert_eq!(later.status, 200, "the tokens of the others are over: {}", later.body);
}

#[tokio::test]
async fn the_audit_trail_is_read_by_filters_and_exported() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let (t, alice) = (format!("/tenants/{T1}"), user_id(ALICE));
    app.tokens(WEB, &[]).await;
    app.advance_s(100);
    let bob = app.browser();
    bob.sign_in(BOB).await;
    let all = app.events().await;
    let list = async |query: &str| items(&admin.get(&format!("{t}/events?limit=200{query}")).await);
    let everything = list("").await;
    assert_eq!(everything.len(), all.len());
    let seqs: Vec<i64> = everything.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted());
    let grant = everything.iter().find_map(|event| event["grant"].as_str()).unwrap();
    let newest = list("&order=newest").await;
    assert!(newest.iter().eq(everything.iter().rev()));
    for (query, fits) in [
        (
            format!("&user={alice}"),
            Box::new(|event: &Value| event["user"] == json!(user_id(ALICE))) as Box<dyn Fn(&Value) -> bool>,
        ),
        (format!("&client={WEB}"), Box::new(|event: &Value| event["client"] == WEB)),
        (
            "&kind=session.signed_in".to_owned(),
            Box::new(|event: &Value| event["kind"] == "session.signed_in"),
        ),
        (
            format!("&actor=user:{alice}"),
            Box::new(|event: &Value| event["actor"] == json!({"kind": "user", "id": user_id(ALICE)})),
        ),
        (
            "&actor=client:chief".to_owned(),
            Box::new(|event: &Value| event["actor"] == json!({"kind": "client", "id": "chief"})),
        ),
        (format!("&grant={grant}"), Box::new(|event: &Value| event["grant"] == json!(grant))),
        (
            format!("&user={alice}&kind=session.signed_in"),
            Box::new(|event: &Value| {
                event["user"] == json!(user_id(ALICE)) && event["kind"] == "session.signed_in"
            }),
        ),
        (
            "&from=2026-01-01T00:01:00Z".to_owned(),
            Box::new(|event: &Value| event["user"] == json!(user_id(BOB))),
        ),
    ] {
        let wanted: Vec<&Value> = everything.iter().filter(|event| fits(event)).collect();
        assert!(!wanted.is_empty(), "{query}");
        assert!(list(&query).await.iter().eq(wanted.iter().copied()), "{query}");
        let backwards = list(&format!("{query}&order=newest")).await;
        assert!(backwards.iter().eq(wanted.iter().rev().copied()), "{query}");
    }
    for wrong in [
        "kind=nothing",
        "from=yesterday",
        "order=random",
        "after=abc",
        "grant=x",
        "actor=alice",
        "actor=user:",
    ] {
        assert_eq!(admin.get(&format!("{t}/events?{wrong}")).await.status, 400, "{wrong}");
    }
    let mut lines = Vec::new();
    let mut target = format!("{t}/events?limit=2&user={alice}");
    loop {
        let page = admin.send("GET", &target, &[("accept", "application/jsonl")], "").await;
        assert_eq!(page.header("content-type"), Some("application/jsonl"));
        lines.extend(page.body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        let Some(link) = page.header("link") else { break };
        let next = link.split(['<', '>']).nth(1).unwrap();
        target = next.strip_prefix("https://id.example/admin/v1").unwrap().to_owned();
    }
    assert_eq!(lines, list(&format!("&user={alice}")).await);
}

/// Signing a person out everywhere is one thing at every door: what applications hold offline is over too, and it is not done to who
/// holds more.
#[tokio::test]
async fn signing_out_everywhere_ends_what_is_held_offline() {
    let app = TestApp::new().await;
    let admin =
        Admin::with(&app, "sessions", "admin:sessions.write admin:grants.write admin:consents.write").await;
    let offline = [("scope", "openid offline_access rs1:read"), ("prompt", "consent")];
    let held = app.tokens(WEB, &offline).await;
    let end = format!("/tenants/{T1}/users/{}/sessions", user_id(ALICE));
    app.advance_s(1);
    let (works, held) = {
        let refreshed = app.refresh(WEB, &held.text("refresh_token")).await;
        (refreshed.status, refreshed)
    };
    assert_eq!(works, 200);
    assert_eq!(admin.send("DELETE", &end, &[], "").await.status, 204);
    assert_eq!(app.userinfo(&held.text("access_token")).await.status, 401);
    let refused = app.refresh(WEB, &held.text("refresh_token")).await;
    refused.assert_error(400, "invalid_grant");
    app.advance_s(1);
    // Who administers the server: nothing of theirs is ended by who does not.
    let held = app.tokens(WEB, &offline).await;
    let id = user_id(ALICE);
    let list = Admin::with(&app, "reader", "admin:sessions.read admin:grants.read admin:consents.read").await;
    let first = async |of: &str| {
        text(&items(&list.get(&format!("/tenants/{T1}/users/{id}/{of}")).await)[0], "id").to_owned()
    };
    let found = app.store.user(&T1.into(), &id.clone().into()).await.unwrap().unwrap();
    let user = User { administrator_since: Some(app.clock.now()), ..found.user };
    app.store.commit(vec![Effect::PutUser(user)]).await.unwrap();
    for path in [
        end,
        format!("/tenants/{T1}/sessions/{}", first("sessions").await),
        format!("/tenants/{T1}/grants/{}", first("grants").await),
        format!("/tenants/{T1}/consents/{}", first("consents").await),
    ] {
        assert_eq!(admin.send("DELETE", &path, &[], "").await.status, 403, "{path}");
    }
    assert_eq!(app.userinfo(&held.text("access_token")).await.status, 200);
}
