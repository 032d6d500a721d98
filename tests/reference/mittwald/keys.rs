//! Retrieval keys: the address that one is made for, its exchange, and how the session goes on.

use doorward_core::Effect;
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::extended::{P1, P2, X1, X2, assign, context, member, unassign};
use doorward_tests::{ALICE, BOB, Page, VERIFIER, WEB, basic, claims, encode, request, secret_of, user_id};
use serde_json::json;

use super::super::Speaker;
use super::{CALLBACK, SCOPES, authorize, by_scope, exchange, is_refused, key, mittwald, passes};
use crate::admin::Admin;
use crate::extensions::press;

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

/// What is put in stays in its place, whatever it is made of.
#[tokio::test]
async fn mw_07_what_an_address_is_filled_with_ends_nothing_in_it() {
    let at = Speaker::of("mittwald").await;
    let odd = "project/a/b:userId%41&c=d?e#f";
    at.app.commit(vec![Effect::PutContext(context(60, odd, &[])), member(ALICE, 60, odd)]).await;
    let of = at.app.install(X1, (60, odd), SCOPES).await;
    let template = "https://x1.example/:contextId/in?id=:contextId&u=:userId";
    at.app.change_extension(X1, |found| found.manifest.launch_url = Some(template.to_owned())).await;
    let browser = at.app.browser();
    browser.sign_in(ALICE).await;
    let opened = press(&browser, &of, &[]).await.location();
    let id = "a%2Fb%3AuserId%2541%26c%3Dd%3Fe%23f";
    assert_eq!(opened, format!("https://x1.example/{id}/in?id={id}&u={}", user_id(ALICE)));
}

/// Of two that come at once, one is in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mw_08_of_exchanges_at_once_one_succeeds() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let nodes = nodes(&at.app).await;
    let path = format!("{}/v2/authenticate-token-retrieval-key", at.mount);
    for many in [2, 2, 2, 10] {
        let body =
            json!({ "userId": user_id(ALICE), "accessTokenRetrievalKey": key(&admin, &of, ALICE).await });
        let ask = |_| request("POST", &path, &[("content-type", "application/json")], &body.to_string());
        let mut replies = at_once(&nodes, (0..many).map(ask).collect()).await;
        replies.sort_by_key(|reply| reply.status);
        assert_eq!(replies[0].status, 200, "{}", replies[0].body);
        replies[1..].iter().for_each(is_refused);
    }
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

/// What was made at one issuer is nothing at another, and is not used up there.
#[tokio::test]
async fn mw_08_a_key_is_its_issuers() {
    let (at, of) = mittwald().await;
    let admin = Admin::of_tenant(&at.app).await;
    let path = format!("/tenants/t1/installations/{}/launch", of.id);
    let ours = admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await.text("retrieval_key");
    let theirs = key(&admin, &of, ALICE).await;
    let redeem = async |key: &str| {
        let user = user_id(ALICE);
        let form = [
            ("grant_type", "urn:doorward:grant:retrieval-key"),
            ("retrieval_key", key),
            ("user_id", user.as_str()),
        ];
        let own = basic(X1, &secret_of(X1));
        at.app.post_form("/token", &form, &[("authorization", own.as_str())]).await.status
    };
    assert_eq!((exchange(&at, &ours, ALICE).await.status, redeem(&theirs).await), (400, 400));
    assert_eq!(at.app.recorded("launch.wrong_issuer").await, 2);
    assert_eq!((exchange(&at, &theirs, ALICE).await.status, redeem(&ours).await), (200, 200));
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
    at.app.guarded(by_scope(), false).await;
    let admin = Admin::of_tenant(&at.app).await;
    let mut token = String::new();
    let less = "openid profile offline_access rs1:read";
    for (user, place, extension, scopes, expected) in [
        (BOB, (P2, "project/p-2"), X2, less, false),
        (BOB, (P2, "project/p-2"), X1, SCOPES, false),
        (ALICE, (P1, "project/p-1"), X2, less, false),
        (ALICE, (P1, "project/p-1"), X1, SCOPES, true),
    ] {
        let of = at.app.install(extension, place, scopes).await;
        let tokens = exchange(&at, &key(&admin, &of, user).await, user).await;
        token = tokens.text("token");
        let said = claims(&token)["scope"].as_str().unwrap_or_default().to_owned();
        assert!(said.contains("rs1:read"), "{user} {extension}: {said}");
        assert_eq!(said.contains("rs1:write"), expected, "{user} {extension}: {said}");
        let writes = if expected { 200 } else { 403 };
        assert_eq!(passes(&at, &token).await, (200, writes), "{user} {extension}");
    }
    // What is taken from her later, the same token may no longer.
    at.app.commit(vec![unassign(P1)]).await;
    assert_eq!(passes(&at, &token).await, (200, 403));
    at.app.commit(vec![assign(P1)]).await;
    assert_eq!(passes(&at, &token).await, (200, 200));
}
