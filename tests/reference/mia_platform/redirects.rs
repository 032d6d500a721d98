//! `redirect` beside a code: where the browser goes then, as far as the client's registration has it.

use doorward_tests::extended::X1;
use doorward_tests::{ALICE, WEB, encode};
use doorward_wire::redirect_uri::RedirectUri;
use serde_json::{Value, json};

use super::{code, console, is_error, is_page, redeem};

#[tokio::test]
async fn a_redirect_that_is_registered_is_told_beside_the_tokens() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    for redirect in ["https://x1.example/callback", "https://x1.example/callback?page=1"] {
        let body = json!({ "code": code(&at, &browser).await, "state": "st-1", "redirect": redirect });
        let reply = redeem(&at, body).await;
        assert_eq!((reply.status, reply.header("location")), (200, Some(redirect)), "{}", reply.body);
    }
    let made = code(&at, &browser).await;
    let sent = encode(&[("code", &made), ("state", "st-1"), ("redirect", "https://x1.example/callback")]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = at.send("POST", "/api/oauth/token", &headers, &sent).await;
    assert_eq!((reply.status, reply.header("location")), (200, Some("https://x1.example/callback")));
    // Nobody asked: nothing is told.
    let reply = redeem(&at, json!({ "code": code(&at, &browser).await, "state": "st-1" })).await;
    assert_eq!((reply.status, reply.header("location")), (200, None));
}

#[tokio::test]
async fn any_other_redirect_is_refused_with_no_token_and_the_code_is_not_spent() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let made = code(&at, &browser).await;
    for redirect in [
        "https://evil.example/callback",
        "https://x1.example.evil/callback",
        "https://x1.example/callback/below",
        "https://x1.example/other",
        "https://x1.example/callback#fragment",
        "https://x1.example/callback/../callback",
        "https://me@x1.example/callback",
        "http://x1.example/callback",
        "//x1.example/callback",
        "/callback",
        "https://X1.example/callback",
        "https://x1.example/callback\r\nset-cookie: a=b",
        "https://x1.example/callback?a=%0D%0Ab",
        "javascript:alert(1)",
        "x",
    ] {
        let reply = redeem(&at, json!({ "code": made, "state": "st-1", "redirect": redirect })).await;
        is_error(&reply, 400);
        assert_eq!(reply.header("location"), None, "{redirect}");
        assert_eq!(reply.json().get("accessToken"), None::<&Value>, "{redirect}");
    }
    assert_eq!(at.app.recorded("code.redirect_on").await, 15);
    assert_eq!(redeem(&at, json!({ "code": made, "state": "st-1" })).await.status, 200);
    // With the wrong state nothing is told of what is registered, and the guess counts.
    let made = code(&at, &browser).await;
    let guess = json!({ "code": made, "state": "st-2", "redirect": "https://evil.example/" });
    redeem(&at, guess).await;
    assert_eq!(at.app.recorded("code.wrong_state").await, 1);
    // What is registered no more counts no more.
    let elsewhere = RedirectUri::parse("https://x1.example/elsewhere").expect("an address");
    at.app.change_client(X1, |client| client.redirect_uris.push(elsewhere)).await;
    let to = json!({ "code": made, "state": "st-1", "redirect": "https://x1.example/elsewhere" });
    at.app.change_client(X1, |client| client.redirect_uris.truncate(1)).await;
    is_error(&redeem(&at, to.clone()).await, 400);
    let elsewhere = RedirectUri::parse("https://x1.example/elsewhere").expect("an address");
    at.app.change_client(X1, |client| client.redirect_uris.push(elsewhere)).await;
    assert_eq!(redeem(&at, to).await.header("location"), Some("https://x1.example/elsewhere"));
}

#[tokio::test]
async fn other_contracts_know_no_such_parameter() {
    let (at, _) = console().await;
    let made = at.app.code(WEB, &[]).await;
    let mut pairs = made.form();
    pairs.push(("redirect".to_owned(), "https://evil.example/".to_owned()));
    let reply = at.app.token_as(WEB, &pairs).await;
    assert_eq!((reply.status, reply.header("location")), (200, None), "{}", reply.body);
}

/// As an app of the command line an extension sends its own state too.
#[tokio::test]
async fn an_extension_gets_no_code_without_its_state_at_any_path() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let target = "/api/authorize?appId=x1&redirect_uri=https%3A%2F%2Fx1.example%2Fcallback";
    is_page(&at.get(&browser, target).await, 400);
    is_page(&at.get(&browser, &format!("{target}&state=")).await, 400);
    assert_eq!(at.app.rows("grants").await, 0);
}

/// What is said in two ways is said once.
#[tokio::test]
async fn names_that_contradict_each_other_are_refused() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let whole = "/oauth/authorize?response_type=code&client_id=x1&redirect_uri=https%3A%2F%2Fx1.example%2Fcallback\
        &consent=installation&state=st-1&context=company%2Facme";
    for same in ["", "&extensionId=x1", "&tenantId=acme&extensionId=x1"] {
        let reply = at.get(&browser, &format!("{whole}{same}")).await;
        assert!(reply.param("code").is_some(), "{same}: {}", reply.body);
    }
    for other in ["&tenantId=nope&extensionId=x1", "&tenantId=other", "&extensionId=x2"] {
        is_page(&at.get(&browser, &format!("{whole}{other}")).await, 400);
    }
    let nowhere = whole.replace("&context=company%2Facme", "&tenantId=acme");
    is_page(&at.get(&browser, &nowhere).await, 400);
}
