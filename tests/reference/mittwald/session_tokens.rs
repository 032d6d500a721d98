//! Session tokens, and the keys that verify them.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use doorward_core::model::Actor;
use doorward_crypto::base64url;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::webhook::spki_pem;
use doorward_tests::extended::X1;
use doorward_tests::{ALICE, Browser, Page, T1, claims, secret_of, user_id};
use doorward_web::keys;
use serde_json::{Value, json};

use super::super::Speaker;
use super::{SCOPES, mittwald, uuid};
use crate::admin::Admin;

#[tokio::test]
async fn mw_17_a_serial_means_one_key_in_both_forms() {
    let (at, _) = mittwald().await;
    let get = async |serial: &str, query: &str| {
        at.send("GET", &format!("/v2/public-keys/{serial}{query}"), &[], "").await
    };
    for (purpose, other) in [("", "?purpose=session_token"), ("?purpose=session_token", "?purpose=webhook")] {
        let and = if purpose.is_empty() { "?" } else { "&" };
        let mut known: Vec<Value> = Vec::new();
        for _ in 0..3 {
            let latest = get("latest", purpose).await.json();
            assert_eq!(latest["algorithm"], "Ed25519");
            assert!(known.iter().all(|old| old["serial"] != latest["serial"] && old["key"] != latest["key"]));
            known.push(latest);
            // Those before the newest are what they were.
            for key in &known {
                let serial = key["serial"].as_str().expect("a serial");
                for format in ["", "format=raw"] {
                    assert_eq!(
                        get(serial, &format!("{purpose}{and}{format}")).await.json(),
                        *key,
                        "{format}"
                    );
                }
                let pem = get(serial, &format!("{purpose}{and}format=spki")).await.text("key");
                assert_eq!(Some(pem), spki_pem(key["key"].as_str().expect("a key")), "{serial}");
                assert_eq!(get(serial, other).await.status, 404, "{serial} is no key of that purpose");
            }
            rotate(&at).await;
        }
        assert_eq!(get("nothing", purpose).await.status, 404);
        assert_eq!(get("latest", &format!("{purpose}{and}format=pem")).await.status, 400);
    }
    assert_eq!(get("latest", "").await.json(), get("latest", "?purpose=webhook").await.json());
    let unknown = get("latest", "?purpose=other").await;
    assert_eq!(unknown.status, 400, "{}", unknown.body);
}

/// Both kinds of keys get a successor.
async fn rotate(at: &Speaker) {
    let (store, tenant, by) = (&at.app.store, T1.into(), Actor::Server);
    keys::rotate(store, &tenant, Algorithm::EdDSA, 60, &by).await.expect("keys can be rotated");
    let effects = keys::new_webhook_key(store, &tenant, &by).await.expect("a key can be made");
    at.app.commit(effects).await;
}

/// A browser's session is called the same while it lasts, and another's is called otherwise; one that the platform names, by that name.
#[tokio::test]
async fn mw_18_a_session_keeps_its_name() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let (one, other) = (at.signed_in(ALICE).await, at.signed_in(ALICE).await);
    let by_browser = async |browser: &Browser<'_>| {
        let account = Page::of(at.get(browser, "/account").await);
        let form = account.field("form").expect("a form has a token");
        let path = format!("{}/account/installations/{}/session-token", at.mount, of.id);
        browser.post(&path, &[("form", form)]).await.text("session_token")
    };
    let by_platform = async || {
        let path = format!("/tenants/t1/installations/{}/session-token", of.id);
        let wish = json!({ "user": user_id(ALICE), "issuer": "mittwald", "session": "s-1" });
        admin.json("POST", &path, wish).await.text("session_token")
    };
    let first = [by_browser(&one).await, by_browser(&other).await, by_platform().await];
    at.app.advance_s(40);
    let second = [by_browser(&one).await, by_browser(&other).await, by_platform().await];
    let name = |token: &String| claims(token)["sessionId"].as_str().expect("a name").to_owned();
    for (first, second) in first.iter().zip(&second) {
        assert_ne!(first, second);
        assert_eq!(name(first), name(second));
        let body = json!({ "sessionToken": second, "extensionSecret": secret_of(X1) });
        assert_eq!(at.json("POST", "/v2/authenticate-session-token", body).await.status, 201);
    }
    assert_ne!(name(&first[0]), name(&first[1]));
    assert!(!name(&first[0]).contains(':') && name(&first[2]) == "platform:s-1");
}

#[tokio::test]
async fn mw_18_a_session_token_is_read_by_its_own_names_and_exchanged_for_a_minute() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let path = format!("/tenants/t1/installations/{}/session-token", of.id);
    let wish = json!({ "user": user_id(ALICE), "issuer": "mittwald", "session": "s-1" });
    let made = admin.json("POST", &path, wish.clone()).await.text("session_token");
    let said = claims(&made);
    for (name, value) in [
        ("sub", json!(user_id(ALICE))),
        ("sessionId", json!("platform:s-1")),
        ("extensionId", json!(X1)),
        ("extensionInstanceId", json!(uuid(of.id.as_str()))),
        ("context", json!("project")),
        ("contextId", json!("p-1")),
        ("scopes", json!(SCOPES.split(' ').collect::<Vec<_>>())),
        ("authenticatableWithoutSecret", json!(false)),
    ] {
        assert_eq!(said[name], value, "{name}");
    }
    let lives_s = said["exp"].as_i64().expect("seconds") - said["iat"].as_i64().expect("seconds");
    assert_eq!(lives_s, 60);
    let serial = said["publicKeySerial"].as_str().expect("a serial");
    let key = at.send("GET", &format!("/v2/public-keys/{serial}?purpose=session_token"), &[], "").await;
    let raw = key.text("key").replace('+', "-").replace('/', "_").replace('=', "");
    let raw = base64url::decode(&raw).expect("32 bytes");
    let (signed, signature) = made.rsplit_once('.').expect("a signature");
    let signature = base64url::decode(signature).expect("64 bytes");
    assert!(UnparsedPublicKey::new(&ED25519, raw).verify(signed.as_bytes(), &signature).is_ok());
    let exchange = async |token: &str, secret: &str| {
        let body = json!({ "sessionToken": token, "extensionSecret": secret });
        at.json("POST", "/v2/authenticate-session-token", body).await
    };
    assert_eq!(exchange(&made, "wrong").await.status, 400);
    let issued = exchange(&made, &secret_of(X1)).await;
    assert_eq!(issued.status, 201, "{}", issued.body);
    assert_eq!(issued.json()["expiry"], "2026-01-01T00:01:00Z");
    let access = claims(&issued.text("publicToken"));
    assert_eq!(
        (access["sub"].as_str(), access["installation"].as_str()),
        (Some(&*user_id(ALICE)), Some(of.id.as_str()))
    );
    // One that was made at the standard issuer is none of this one's, nor the other way round.
    let ours = admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await.text("session_token");
    assert_eq!(
        claims(&ours)["iss"],
        "https://id.example",
        "who names no issuer means that of the specifications"
    );
    assert_eq!(exchange(&ours, &secret_of(X1)).await.status, 400);
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", made.as_str()),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
    ];
    let elsewhere = at.app.post_as_installation(&of, &form).await;
    assert_eq!((elsewhere.status, elsewhere.text("error").as_str()), (400, "invalid_request"));
    at.app.advance_s(60);
    assert_eq!(exchange(&made, &secret_of(X1)).await.status, 400);
}

/// Their names say it to the millisecond, too.
#[tokio::test]
async fn mw_18_what_ends_all_of_before_ends_those_of_its_second() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let path = format!("/tenants/t1/installations/{}/session-token", of.id);
    let make = async || {
        let wish = json!({ "user": user_id(ALICE), "issuer": "mittwald", "session": "s-1" });
        admin.json("POST", &path, wish).await.text("session_token")
    };
    let exchange = async |token: &str| {
        let body = json!({ "sessionToken": token, "extensionSecret": secret_of(X1) });
        at.json("POST", "/v2/authenticate-session-token", body).await.status
    };
    let before = make().await;
    assert_eq!(exchange(&before).await, 201);
    at.app.clock.advance_ms(10);
    let sessions = format!("/tenants/t1/users/{}/sessions", user_id(ALICE));
    assert_eq!(admin.send("DELETE", &sessions, &[], "").await.status, 204);
    at.app.clock.advance_ms(10);
    let after = make().await;
    assert_eq!(claims(&before)["iat"], claims(&after)["iat"], "all within a second");
    assert_eq!((exchange(&before).await, exchange(&after).await), (400, 201));
}
