//! mittwald mStudio (criteria MW-01 to MW-22).

mod codes;
mod contributor;
mod executions;
mod managing;
mod sign_out;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use doorward_crypto::base64url;
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::extended::{Installed, P1, P2, X1, X2};
use doorward_tests::{
    ALICE, BOB, Page, Reply, VERIFIER, WEB, basic, challenge, encode, request, secret_of, user_id,
};
use serde_json::json;

use super::Speaker;
use super::transcript::play;
use crate::admin::Admin;
use crate::extensions::{claims, press};

const SCOPES: &str = "openid profile offline_access rs1:read rs1:write";
const CALLBACK: &str = "https://x1.example/callback";

async fn mittwald() -> (Speaker, Installed) {
    let at = Speaker::of("mittwald").await;
    let of = at.app.install(X1, (P1, "project/p-1"), SCOPES).await;
    (at, of)
}

fn authorize(extra: &[(&str, &str)]) -> String {
    let mut params = vec![("response_type", "code"), ("client_id", X1), ("redirect_uri", CALLBACK)];
    params.extend_from_slice(&[("scope", "rs1:read"), ("state", "s"), ("code_challenge_method", "S256")]);
    let challenge = challenge(VERIFIER);
    params.push(("code_challenge", &challenge));
    for (name, value) in extra {
        params.retain(|(known, _)| known != name);
        if !value.is_empty() {
            params.push((name, value));
        }
    }
    format!("/v2/oauth2/authorize?{}", encode(&params))
}

/// A key with which somebody opens an installation.
async fn key(admin: &Admin<'_>, of: &Installed, user: &str) -> String {
    let path = format!("/tenants/t1/installations/{}/launch", of.id);
    let made = admin.json("POST", &path, json!({ "user": user_id(user), "issuer": "mittwald" })).await;
    made.text("retrieval_key")
}

async fn exchange(at: &Speaker, key: &str, user: &str) -> Reply {
    let body = json!({ "userId": user_id(user), "accessTokenRetrievalKey": key });
    at.json("POST", "/v2/authenticate-token-retrieval-key", body).await
}

/// What their description has for 400, which clients that are made from it read and nothing else.
fn is_refused(reply: &Reply) {
    let told = reply.json();
    assert_eq!((reply.status, told["type"].as_str()), (400, Some("ValidationError")), "{}", reply.body);
    assert!(told["message"].is_string() && told["validationErrors"].is_array(), "{}", reply.body);
}

async fn instance_token(at: &Speaker, of: &Installed, body: serde_json::Value) -> Reply {
    at.json("POST", &format!("/v2/extension-instances/{}/tokens", of.id), body).await
}

#[tokio::test]
async fn the_sequence_is_as_it_was_written_down() {
    let (at, of) = managing::managed().await;
    let admin = Admin::of_tenant(&at.app).await;
    let manager = managing::pair(&at, ALICE).await.text("access_token");
    let browser = at.signed_in(ALICE).await;
    let mut known: BTreeMap<String, String> = [
        ("challenge", challenge(VERIFIER)),
        ("verifier", VERIFIER.to_owned()),
        ("basic", basic(X1, &secret_of(X1))),
        ("instance", of.id.0.clone()),
        ("instance_secret", of.secret.clone()),
        ("user", user_id(ALICE)),
        ("manager", manager),
        ("key", key(&admin, &of, ALICE).await),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let steps = play(&at, &browser, include_str!("mittwald.txt"), &mut known).await;
    assert!(steps >= 59, "{steps} steps");
}

#[tokio::test]
async fn mw_02_public_clients_use_pkce_and_confidential_ones_need_not() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    at.app.change_client(X1, |client| client.require_pkce = true).await;
    let reply = at.get(&browser, &authorize(&bare)).await;
    assert_eq!(reply.param("error").as_deref(), Some("invalid_request"), "it must");
    at.app.change_client(X1, |client| client.require_pkce = false).await;
    let code = at.get(&browser, &authorize(&bare)).await.param("code").expect("a code");
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let headers = [
        ("authorization", &*basic(X1, &secret_of(X1))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    assert_eq!(at.send("POST", "/v2/oauth2/token", &headers, &encode(&form)).await.status, 200);
}

#[tokio::test]
async fn mw_04_a_redirect_uri_that_is_not_the_registered_one_is_told_to_nobody() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    for other in [
        "https://x1.example:444/callback",
        "https://x1.example/callback/",
        "https://x1.example/Callback",
        "https://x1.example.evil/callback",
    ] {
        let reply = at.get(&browser, &authorize(&[("redirect_uri", other)])).await;
        assert_eq!((reply.status, reply.header("location")), (400, None), "{other}");
        assert_eq!(reply.json()["error"], "invalid_request", "{}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn mw_05_a_scope_that_the_client_may_not_ask_is_told() {
    let (at, _) = mittwald().await;
    let browser = at.signed_in(ALICE).await;
    let reply = at.get(&browser, &authorize(&[("scope", "nope:read")])).await;
    assert_eq!(reply.param("error").as_deref(), Some("invalid_scope"), "{}", reply.body);
}

#[tokio::test]
async fn mw_06_consent_is_given_by_the_request_only_where_a_page_of_ours_sent_it() {
    let (at, _) = mittwald().await;
    at.app
        .change_extension(X1, |found| found.manifest.consent = doorward_core::model::ConsentPolicy::Asked)
        .await;
    let browser = at.signed_in(ALICE).await;
    let sent = async |consent: &str, headers: &[(&str, &str)]| {
        let target = format!("{}{}", at.mount, authorize(&[("grant_consent", consent)]));
        browser.send("GET", &target, headers, "").await
    };
    let ours = [("sec-fetch-site", "same-origin")];
    assert_eq!(sent("false", &[]).await.param("error").as_deref(), Some("access_denied"));
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "none")]] {
        let asked = sent("true", headers).await;
        assert_eq!((asked.status, Page::of(asked).action), (200, format!("{}/consent", at.mount)));
    }
    assert_eq!(at.app.rows("consents").await, 0);
    assert!(sent("true", &ours).await.param("code").is_some());
    assert_eq!(at.app.rows("consents").await, 1);
    // Nobody is there: they sign in, and are asked.
    let stranger = at.app.browser();
    let target = format!("{}{}", at.mount, authorize(&[("grant_consent", "true")]));
    let page = Page::of(stranger.send("GET", &target, &ours, "").await);
    assert_eq!(page.action, format!("{}/sign-in", at.mount));
}

#[tokio::test]
async fn mw_08_a_key_works_once_for_its_person_and_in_time() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let made = key(&admin, &of, ALICE).await;
    assert_eq!(made.len(), 37, "{made}");
    let wrong = exchange(&at, &made, BOB).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    assert_eq!(exchange(&at, &made, ALICE).await.status, 200);
    let again = exchange(&at, &made, ALICE).await;
    is_refused(&again);
    let late = key(&admin, &of, ALICE).await;
    at.app.advance_s(60);
    assert_eq!(exchange(&at, &late, ALICE).await.status, 400);
    for (body, path) in [
        (json!({ "userId": user_id(ALICE) }), "accessTokenRetrievalKey"),
        (json!({ "accessTokenRetrievalKey": late }), "userId"),
        (json!({ "userId": 1, "accessTokenRetrievalKey": late }), "userId"),
        (
            json!({ "userId": user_id(ALICE), "accessTokenRetrievalKey": format!("{late}A") }),
            "accessTokenRetrievalKey",
        ),
    ] {
        let reply = at.json("POST", "/v2/authenticate-token-retrieval-key", body).await;
        let told = reply.json();
        assert_eq!((reply.status, told["type"].as_str()), (400, Some("ValidationError")), "{}", reply.body);
        assert_eq!(told["validationErrors"][0]["path"], path, "{}", reply.body);
    }
}

#[tokio::test]
async fn what_is_refused_with_400_has_the_one_body_that_there_is_for_it() {
    let (at, of) = managing::managed().await;
    let secret = json!({ "extensionInstanceSecret": of.secret });
    is_refused(&instance_token(&at, &of, json!({ "extensionInstanceSecret": "dwx_nothing" })).await);
    is_refused(&instance_token(&at, &of, json!({})).await);
    let session = json!({ "sessionToken": "nothing", "extensionSecret": secret_of(X1) });
    is_refused(&at.json("POST", "/v2/authenticate-session-token", session).await);
    let refresh = json!({ "refreshToken": "dwr_nothing" });
    is_refused(&at.json("PUT", "/v2/users/self/sessions", refresh).await);
    let manager = managing::pair(&at, ALICE).await.text("access_token");
    let disable = format!("/v2/extension-instances/{}/actions/disable", of.id);
    assert_eq!(managing::by(&at, &manager, "POST", &disable, json!(null)).await.status, 204);
    is_refused(&instance_token(&at, &of, secret).await);
    // A dry run for an extension that is told nothing.
    let path = "/v2/contributors/maker/extensions/x1/extension-instances";
    let run = format!("{path}/{}/actions/dry-run/extension-instance-updated", of.id);
    is_refused(&managing::by(&at, &manager, "POST", &run, json!(null)).await);
}

/// A client that names none is the one that the key was made for; at the standard issuer it has to show itself.
#[tokio::test]
async fn mw_08_no_client_is_named_in_this_dialect_only() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let made = key(&admin, &of, ALICE).await;
    let form = [
        ("grant_type", "urn:doorward:grant:retrieval-key"),
        ("retrieval_key", made.as_str()),
        ("user_id", &*user_id(ALICE)),
    ];
    at.app.post_form("/token", &form, &[]).await.assert_error(401, "invalid_client");
    at.app.change_client(X1, |client| client.disabled_at = Some(doorward_core::Timestamp(1))).await;
    assert_eq!(exchange(&at, &made, ALICE).await.status, 400, "its client is off");
    at.app.change_client(X1, |client| client.disabled_at = None).await;
    assert_eq!(exchange(&at, &made, ALICE).await.status, 200);
}

/// Who showed itself when a grant began shows itself at each refresh: a plain client, and an extension by its code or its key.
#[tokio::test]
async fn mw_08_only_what_began_unnamed_goes_on_unnamed() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let browser = at.signed_in(ALICE).await;
    let (plain, callback) = ("https://app.example/cb", CALLBACK);
    let asked = at.get(&browser, &authorize(&[("client_id", WEB), ("redirect_uri", plain)])).await;
    let of_plain =
        browser.submit(&Page::of(asked), &[("action", "allow")]).await.param("code").expect("a code");
    let of_extension = at.get(&browser, &authorize(&[])).await.param("code").expect("a code");
    let made = key(&admin, &of, ALICE).await;
    let code = |code, redirect_uri| {
        encode(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ])
    };
    let by_key = encode(&[
        ("grant_type", "urn:doorward:grant:retrieval-key"),
        ("retrieval_key", &made),
        ("user_id", &user_id(ALICE)),
    ]);
    for (client, form) in [(WEB, code(&of_plain, plain)), (X1, code(&of_extension, callback)), (X1, by_key)] {
        let own = [
            ("authorization", &*basic(client, &secret_of(client))),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let issued = at.send("POST", "/v2/oauth2/token", &own, &form).await;
        let refresh = issued.text("refresh_token");
        let unnamed = at.json("PUT", "/v2/users/self/sessions", json!({ "refreshToken": refresh })).await;
        assert_eq!(unnamed.status, 400, "{form}: {}", unnamed.body);
        let again = encode(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
        let unnamed = at.send("POST", "/v2/oauth2/token", &own[1..], &again).await;
        assert_eq!(unnamed.json()["error"], "invalid_client", "{form}: {}", unnamed.body);
        assert_eq!(at.send("POST", "/v2/oauth2/token", &own, &again).await.status, 200, "{form}");
    }
}

/// A token of a person may do what they may there, and what was consented to; never one of these alone.
#[tokio::test]
async fn mw_09_a_persons_token_may_do_what_both_may() {
    let at = Speaker::of("mittwald").await;
    let admin = Admin::of_tenant(&at.app).await;
    let less = "openid profile offline_access rs1:read";
    for (user, place, extension, scopes, expected) in [
        (ALICE, (P1, "project/p-1"), X1, SCOPES, true),
        (ALICE, (P1, "project/p-1"), X2, less, false),
        (BOB, (P2, "project/p-2"), X1, SCOPES, false),
        (BOB, (P2, "project/p-2"), X2, less, false),
    ] {
        let of = at.app.install(extension, place, scopes).await;
        let tokens = exchange(&at, &key(&admin, &of, user).await, user).await;
        let said = claims(&tokens.text("token"))["scope"].as_str().unwrap_or_default().to_owned();
        assert!(said.contains("rs1:read"), "{user} {extension}: {said}");
        assert_eq!(said.contains("rs1:write"), expected, "{user} {extension}: {said}");
    }
}

/// Nobody's password is asked for at this token endpoint, whatever the client may do.
#[tokio::test]
async fn mw_20_there_is_no_grant_by_password() {
    let (at, _) = mittwald().await;
    at.app
        .change_client(X1, |client| {
            client.grant_types.insert("password".to_owned());
        })
        .await;
    let headers = [
        ("authorization", &*basic(X1, &secret_of(X1))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let form = encode(&[("grant_type", "password"), ("username", "alice"), ("password", "x")]);
    let reply = at.send("POST", "/v2/oauth2/token", &headers, &form).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some("unsupported_grant_type")));
}

/// Who of its users an instance acts for is recorded, and widens nothing; all of them share its one secret.
#[tokio::test]
async fn mw_22_users_of_an_external_application_share_one_secret() {
    let (at, of) = mittwald().await;
    let plain = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    let plain = claims(&plain.text("publicToken"));
    let path = format!("{}/v2/extension-instances/{}/tokens", at.mount, of.id);
    let wrong = 500;
    let label = |user: usize| format!("user-{user} rs1:admin");
    let asks = |user: usize| {
        let secret = if user == wrong { "dwx_nothing" } else { &of.secret };
        let body = json!({ "extensionInstanceSecret": secret, "actorLabel": label(user) });
        request("POST", &path, &[("content-type", "application/json")], &body.to_string())
    };
    // At one node: what the others deferred is written by themselves.
    let nodes = &nodes(&at.app).await[..1];
    let (mut left, mut replies): (Vec<usize>, Vec<(usize, Reply)>) = ((0..=1000).collect(), Vec::new());
    // A machine that does other work may ask some of a thousand at a moment to come again; they do, and fewer are left each time.
    while !left.is_empty() {
        let asked = at_once(nodes, left.iter().map(|user| asks(*user)).collect()).await;
        let (busy, done): (Vec<_>, Vec<_>) =
            left.drain(..).zip(asked).partition(|(_, reply)| reply.status == 503);
        assert!(!done.is_empty() && busy.iter().all(|(_, reply)| reply.header("retry-after").is_some()));
        left.extend(busy.into_iter().map(|(user, _)| user));
        replies.extend(done);
    }
    for (user, reply) in &replies {
        let user = *user;
        if user == wrong {
            assert_eq!((reply.status, reply.json()["type"].as_str()), (400, Some("ValidationError")));
            continue;
        }
        assert_eq!(reply.status, 201, "{user}: {}", reply.body);
        let said = claims(&reply.text("publicToken"));
        for name in ["scope", "sub", "aud", "client_id"] {
            assert_eq!(said[name], plain[name], "{name}");
        }
        assert_eq!(said["actor_label"], label(user));
    }
    let events = at.app.events().await;
    let recorded = |event: &doorward_core::model::Event| {
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
        data["actor_label"].as_str().map(str::to_owned)
    };
    let recorded: BTreeSet<String> = events.iter().filter_map(recorded).collect();
    assert_eq!(recorded, (0..=1000).filter(|user| *user != wrong).map(label).collect());
    for label in [json!(1), json!("a\u{0}b"), json!("x".repeat(1000))] {
        let body = json!({ "extensionInstanceSecret": of.secret, "actorLabel": label });
        assert_eq!(instance_token(&at, &of, body).await.status, 400, "{label}");
    }
}

#[tokio::test]
async fn mw_10_an_instance_gets_a_token_that_is_not_refreshed() {
    let (at, of) = mittwald().await;
    let reply = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let members: Vec<String> = reply.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(members, ["expiry", "publicToken"]);
    let said = claims(&reply.text("publicToken"));
    assert_eq!(
        (said["sub"].as_str(), said["scope"].as_str()),
        (Some(of.id.as_str()), Some("rs1:read rs1:write"))
    );
    let wrong = instance_token(&at, &of, json!({ "extensionInstanceSecret": "dwx_none" })).await;
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    let other = Installed { id: "ins_nobody".into(), ..of.clone() };
    assert_eq!(
        instance_token(&at, &other, json!({ "extensionInstanceSecret": of.secret })).await.status,
        400
    );
}

/// An extension's own names, of which some begin like others, and a port.
#[tokio::test]
async fn mw_07_an_address_is_filled_in_and_a_key_is_made_for_one_that_names_key_and_person() {
    let (at, of) = mittwald().await;
    let browser = at.app.browser();
    browser.sign_in(ALICE).await;
    let open = async |template: &str| {
        at.app.change_extension(X1, |found| found.manifest.launch_url = Some(template.to_owned())).await;
        press(&browser, &of, &[]).await.location().to_owned()
    };
    let user = user_id(ALICE);
    for (template, expected) in [
        (":contextId/:context/:foo", "p-1/project/:foo".to_owned()),
        (":extensionInstanceId/:extensionId", format!("{}/x1", of.id)),
        (":contributorId?u=:userId", format!("maker?u={user}")),
        ("?k=:accessTokenRetrievalKey", "?k=:accessTokenRetrievalKey".to_owned()),
    ] {
        let base = "https://x1.example:8443/";
        assert_eq!(open(&format!("{base}{template}")).await, format!("{base}{expected}"));
    }
    assert_eq!(at.app.rows("grants").await, 0, "no key was made");
    let both = open("https://x1.example:8443/?u=:userId&k=:accessTokenRetrievalKey").await;
    let (address, key) = both.split_once("&k=").expect("a key");
    assert_eq!((address, key.len()), (&*format!("https://x1.example:8443/?u={user}"), 37));
    assert_eq!(at.app.rows("grants").await, 1);
}

#[tokio::test]
async fn mw_12_nothing_of_an_instance_that_is_off_works() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let pair = exchange(&at, &key(&admin, &of, ALICE).await, ALICE).await;
    let unused = key(&admin, &of, ALICE).await;
    at.app.live(&of.id, |life, now| life.disable(now)).await;
    let refresh = json!({ "refreshToken": pair.text("refreshToken") });
    assert_eq!(at.json("PUT", "/v2/users/self/sessions", refresh).await.status, 400);
    assert_eq!(exchange(&at, &unused, ALICE).await.status, 400);
    let own = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    assert_eq!(own.status, 400, "{}", own.body);
}

#[tokio::test]
async fn mw_17_a_serial_means_one_key_in_both_forms() {
    let (at, _) = mittwald().await;
    let get = async |serial: &str, format: &str| {
        let path = format!("/v2/public-keys/{serial}?purpose=session_token&format={format}");
        at.send("GET", &path, &[], "").await
    };
    let latest = get("latest", "raw").await.json();
    assert_eq!(latest["algorithm"], "Ed25519");
    let serial = latest["serial"].as_str().expect("a serial").to_owned();
    let raw = get(&serial, "raw").await.json();
    assert_eq!(raw, latest);
    let pem = get(&serial, "spki").await.json()["key"].as_str().expect("a key").to_owned();
    assert_eq!(Some(pem), doorward_crypto::webhook::spki_pem(raw["key"].as_str().expect("a key")));
    assert_eq!(get("nothing", "raw").await.status, 404);
    assert_eq!(get("latest", "pem").await.status, 400);
    let unknown = at.send("GET", "/v2/public-keys/latest?purpose=other", &[], "").await;
    assert_eq!(unknown.status, 400, "{}", unknown.body);
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
        ("extensionInstanceId", json!(of.id)),
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

/// What is told of errors: OAuth's below `/oauth2/`, `{type, message}` elsewhere.
#[tokio::test]
async fn errors_have_the_shapes_that_clients_know() {
    let (at, _) = mittwald().await;
    let form =
        [("authorization", &*basic(X1, "wrong")), ("content-type", "application/x-www-form-urlencoded")];
    let reply = at.send("POST", "/v2/oauth2/token", &form, "grant_type=authorization_code&code=c").await;
    assert_eq!(
        (reply.status, reply.json()["error"].as_str()),
        (400, Some("invalid_client")),
        "{}",
        reply.body
    );
    let reply = at.send("POST", "/v2/authenticate-token-retrieval-key", &[], "").await;
    assert_eq!(
        (reply.status, reply.json()["type"].as_str()),
        (400, Some("ValidationError")),
        "{}",
        reply.body
    );
    assert!(reply.json()["message"].is_string() && reply.json()["validationErrors"].is_array());
    let reply = at.send("GET", "/v2/authenticate-token-retrieval-key", &[], "").await;
    assert_eq!(
        (reply.status, reply.json()["type"].as_str()),
        (405, Some("MethodNotAllowed")),
        "{}",
        reply.body
    );
}

/// The quota that is nearest to its end, and the refusal of one request too many.
#[tokio::test]
async fn quotas_are_told_in_the_headers_that_clients_know() {
    let (at, _) = mittwald().await;
    let directory = at.app.store.directory();
    let mut tenant = (*directory.tenant(&"t1".into()).expect("the tenant").tenant).clone();
    tenant.settings.rate_limit = 2;
    at.app.commit(vec![doorward_core::Effect::PutTenant(tenant)]).await;
    let ask = async || at.send("GET", "/v2/public-keys/latest?purpose=session_token", &[], "").await;
    let told = |reply: &Reply, name: &str| reply.header(name).map(str::to_owned);
    let first = ask().await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(told(&first, "x-ratelimit-limit").as_deref(), Some("2"));
    assert_eq!(told(&first, "x-ratelimit-remaining").as_deref(), Some("1"));
    assert_eq!(ask().await.status, 200);
    let over = ask().await;
    assert_eq!((over.status, over.json()["type"].as_str()), (429, Some("RateLimitError")), "{}", over.body);
    assert_eq!(told(&over, "x-ratelimit-remaining").as_deref(), Some("0"));
    assert_eq!(told(&over, "x-ratelimit-reset"), told(&over, "retry-after"));
    let standard = at.app.send("GET", "/jwks", &[], "").await;
    assert_eq!(told(&standard, "x-ratelimit-limit"), None, "in this dialect only");
}

/// Nothing of the standard contract is answered at this issuer, and nothing of this one at the standard one.
#[tokio::test]
async fn a_dialect_is_spoken_at_its_own_issuer_only() {
    let (at, _) = mittwald().await;
    for path in
        ["/token", "/introspect", "/userinfo", "/admin/v1/tenants", "/.well-known/openid-configuration"]
    {
        assert_eq!(at.send("GET", path, &[], "").await.status, 404, "{path}");
    }
    assert_eq!(at.app.send("POST", "/v2/oauth2/token", &[], "").await.status, 404);
}

/// Where only JSON is taken no form is asked for.
#[tokio::test]
async fn a_body_that_is_no_json_object_is_told_so() {
    let (at, _) = mittwald().await;
    let path = "/v2/authenticate-token-retrieval-key";
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let reply = at.send("POST", path, &form, "userId=x").await;
    assert_eq!((reply.status, reply.text("message").as_str()), (400, "the body must be application/json"));
    let reply = at.send("POST", path, &[("content-type", "application/json")], "[]").await;
    is_refused(&reply);
    assert!(!reply.text("message").contains("form"), "{}", reply.body);
}
