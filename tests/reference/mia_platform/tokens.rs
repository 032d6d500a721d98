//! What codes, states and refresh tokens are redeemed for, and what tokens say.

use doorward_core::model::{Legacy, RefreshPolicy};
use doorward_tests::extended::{X1, X2, assign, unassign};
use doorward_tests::{ALICE, VERIFIER, basic, challenge, claims, encode, jose_header, secret_of, user_id};
use serde_json::{Value, json};

use super::{AUTHZ, COMPANY, SCOPES, code, console, console_with, is_error, redeem, tokens};

#[tokio::test]
async fn mia_05_code_and_state_in_json_or_a_form_are_answered_in_their_names() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let json = tokens(&at, &browser).await;
    let sent = encode(&[("code", &code(&at, &browser).await), ("state", "st-1")]);
    let by_form = at.send("POST", "/api/oauth/token", &FORM, &sent).await;
    for reply in [json, by_form] {
        let told = reply.json();
        let members: Vec<&str> = told.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(members, ["accessToken", "expireAt", "expiresAt", "refreshToken"], "{}", reply.body);
        let said = claims(&reply.text("accessToken"));
        assert_eq!((&told["expireAt"], &told["expiresAt"]), (&said["exp"], &said["exp"]));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

/// However long the answer takes.
#[tokio::test]
async fn mia_05_the_end_that_is_told_is_what_the_token_says() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let code = code(&at, &browser).await;
    at.app.clock.goes_on_by_ms(1000);
    let issued = redeem(&at, json!({ "code": code, "state": "st-1" })).await;
    let end = &claims(&issued.text("accessToken"))["exp"];
    assert_eq!((&issued.json()["expireAt"], &issued.json()["expiresAt"]), (end, end), "{}", issued.body);
}

/// Their guide's proxy hands on whatever its page has posted.
#[tokio::test]
async fn mia_05_members_that_nobody_knows_are_ignored() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    for (name, value) in [
        ("foo", json!({})),
        ("foo", json!([1])),
        ("foo", json!({ "code": "x" })),
        ("foo", json!(1)),
        ("foo", Value::Null),
    ] {
        let mut body = json!({ "code": code(&at, &browser).await, "state": "st-1" });
        body[name] = value.clone();
        let reply = redeem(&at, body).await;
        assert_eq!(reply.status, 200, "{value}: {}", reply.body);
        let mut body = json!({ "refreshToken": reply.text("refreshToken") });
        body[name] = value;
        assert_eq!(at.json("POST", "/api/refreshtoken", body).await.status, 200);
    }
    // What is known is what it should be, or nothing is done.
    for name in [
        "code",
        "state",
        "redirect",
        "client_id",
        "client_secret",
        "code_verifier",
        "redirect_uri",
        "scope",
        "resource",
        "grant_type",
    ] {
        let mut body = json!({ "code": code(&at, &browser).await, "state": "st-1" });
        body[name] = json!([body[name]]);
        is_error(&redeem(&at, body).await, 400);
    }
}

/// Where no client shows itself, none has failed to.
#[tokio::test]
async fn mia_06_what_is_not_known_is_told_of_what_was_shown() {
    let (at, _) = console().await;
    let code = redeem(&at, json!({ "code": "nothing", "state": "s" })).await;
    is_error(&code, 400);
    assert_eq!(code.json()["message"], "the code is unknown");
    let refresh = at.json("POST", "/api/refreshtoken", json!({ "refreshToken": "nothing" })).await;
    is_error(&refresh, 400);
    assert_eq!(refresh.json()["message"], "the refresh token is unknown");
    let reply =
        at.send("POST", "/api/oauth/token", &[("content-type", "text/plain")], "code=a&state=b").await;
    is_error(&reply, 400);
    assert_eq!(
        reply.json()["message"],
        "the body must be application/x-www-form-urlencoded or application/json"
    );
}

/// Their other server sends the client's id with a refresh, and its secret where it has one.
#[tokio::test]
async fn mia_09_a_client_that_is_named_is_the_one_that_the_token_is_of() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let refresh = async |token: &str, more: &[(&str, &str)]| {
        let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        pairs.extend_from_slice(more);
        at.send("POST", "/api/refreshToken", &FORM, &encode(&pairs)).await
    };
    let first = tokens(&at, &browser).await.text("refreshToken");
    is_error(&refresh(&first, &[("client_id", X2)]).await, 400);
    is_error(&refresh(&first, &[("client_id", "nobody")]).await, 401);
    is_error(&refresh(&first, &[("client_id", X1), ("client_secret", "wrong")]).await, 401);
    let named = refresh(&first, &[("client_id", X1)]).await;
    assert_eq!(named.status, 200, "{}", named.body);
    let second = named.text("refreshToken");
    at.app
        .change_client(X1, |client| client.also_auth_methods = ["client_secret_post".to_owned()].into())
        .await;
    let shown = refresh(&second, &[("client_id", X1), ("client_secret", &secret_of(X1))]).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    // Its name alone is not enough without the switch, nor for what began with more.
    at.app.change_client(X1, |client| client.legacy.clear()).await;
    is_error(&refresh(&shown.text("refreshToken"), &[("client_id", X1)]).await, 401);
    let sent = encode(&[("code", &code(&at, &browser).await), ("state", "st-1"), ("client_id", X1)]);
    is_error(&at.send("POST", "/api/oauth/token", &FORM, &sent).await, 401);
    let sent = encode(&[
        ("code", &code(&at, &browser).await),
        ("state", "st-1"),
        ("client_id", X1),
        ("client_secret", &secret_of(X1)),
    ]);
    let began = at.send("POST", "/api/oauth/token", &FORM, &sent).await.text("refreshToken");
    at.app.change_client(X1, |client| client.legacy = [Legacy::UnauthenticatedCode].into()).await;
    is_error(&refresh(&began, &[("client_id", X1)]).await, 401);
}

#[tokio::test]
async fn mia_06_a_code_is_good_for_its_state_only_once_and_for_a_minute() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let made = code(&at, &browser).await;
    for wrong in
        [json!({ "code": made }), json!({ "code": made, "state": 1 }), json!({ "code": made, "state": "" })]
    {
        is_error(&redeem(&at, wrong).await, 400);
    }
    is_error(&redeem(&at, json!({ "code": made, "state": "st-2" })).await, 400);
    let right = json!({ "code": made, "state": "st-1" });
    let first = redeem(&at, right.clone()).await;
    assert_eq!(first.status, 200, "{}", first.body);
    is_error(&redeem(&at, right).await, 400);
    // Who shows it again ends what came of it.
    let refresh = json!({ "refreshToken": first.text("refreshToken") });
    is_error(&at.json("POST", "/api/refreshtoken", refresh).await, 400);
    let late = code(&at, &browser).await;
    at.app.advance_s(60);
    is_error(&redeem(&at, json!({ "code": late, "state": "st-1" })).await, 400);
}

#[tokio::test]
async fn mia_06_who_guesses_at_the_state_burns_the_code() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let made = code(&at, &browser).await;
    for guess in 0..5 {
        is_error(&redeem(&at, json!({ "code": made, "state": format!("guess-{guess}") })).await, 400);
    }
    assert_eq!(at.app.recorded("code.wrong_state").await, 5);
    is_error(&redeem(&at, json!({ "code": made, "state": "st-1" })).await, 400);
    assert_eq!(at.app.recorded("code.burnt").await, 1);
}

/// Code and state alone are enough for a client that is marked so; every other shows itself, here too. So does whoever began so, later.
#[tokio::test]
async fn mia_06_code_and_state_alone_are_a_switch_of_the_client() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    at.app.change_client(X1, |client| client.legacy.clear()).await;
    let body = json!({ "code": code(&at, &browser).await, "state": "st-1" });
    is_error(&redeem(&at, body.clone()).await, 401);
    assert_eq!(at.app.recorded("client.anonymous").await, 1);
    let own = [("content-type", "application/json"), ("authorization", &*basic(X1, &secret_of(X1)))];
    let others = [("content-type", "application/json"), ("authorization", &*basic(X2, &secret_of(X2)))];
    is_error(&at.send("POST", "/api/oauth/token", &others, &body.to_string()).await, 400);
    let shown = at.send("POST", "/api/oauth/token", &own, &body.to_string()).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    at.app.change_client(X1, |client| client.legacy = [Legacy::UnauthenticatedCode].into()).await;
    let refresh = json!({ "refreshToken": shown.text("refreshToken") });
    is_error(&at.json("POST", "/api/refreshtoken", refresh.clone()).await, 401);
    let reply = at.send("POST", "/api/refreshtoken", &own, &refresh.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// The switch opens nothing at the standard issuer: no client is unnamed there.
#[tokio::test]
async fn mia_06_the_switch_counts_in_this_dialect_only() {
    let (at, _) = console().await;
    let browser = at.app.browser();
    browser.sign_in(ALICE).await;
    let made = browser.get("/extensions/x1/authorize?context=company/acme&state=st-1").await;
    let made = made.param("code").unwrap_or_else(|| panic!("no code: {}", made.body));
    let sent = [("grant_type", "authorization_code"), ("code", made.as_str()), ("state", "st-1")];
    at.app.post_form("/token", &sent, &[]).await.assert_error(401, "invalid_client");
    // Nor is a code of that issuer good here.
    is_error(&redeem(&at, json!({ "code": made, "state": "st-1" })).await, 400);
    assert_eq!(at.app.recorded("code.wrong_issuer").await, 1);
}

/// Whoever can does more: a challenge is asked for its verifier, beside the state.
#[tokio::test]
async fn mia_06_pkce_counts_where_it_is_used() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let target = format!("{AUTHZ}&code_challenge={}&code_challenge_method=S256", challenge(VERIFIER));
    let made = at.get(&browser, &target).await.param("code").expect("a code");
    is_error(&redeem(&at, json!({ "code": made, "state": "st-1" })).await, 400);
    let whole = json!({ "code": made, "state": "st-1", "code_verifier": VERIFIER });
    assert_eq!(redeem(&at, whole).await.status, 200);
}

/// A code goes to the callback that it was made for, and is worth nothing once that is no longer the extension's.
#[tokio::test]
async fn mia_06_a_code_is_bound_to_the_callback() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let made = code(&at, &browser).await;
    let elsewhere = json!({ "code": made, "state": "st-1", "redirect_uri": "https://x1.example/other" });
    is_error(&redeem(&at, elsewhere).await, 400);
    at.app.change_client(X1, |client| client.redirect_uris.clear()).await;
    is_error(&redeem(&at, json!({ "code": made, "state": "st-1" })).await, 400);
    assert_eq!(at.app.recorded("code.redirect_mismatch").await, 2);
}

#[tokio::test]
async fn mia_07_a_token_says_whom_it_is_of_and_for() {
    let (at, of) = console().await;
    at.app.commit(vec![assign(COMPANY)]).await;
    let browser = at.signed_in(ALICE).await;
    let token = tokens(&at, &browser).await.text("accessToken");
    let said = claims(&token);
    assert_eq!(said["iss"], "https://id.example/mi");
    let audience = said["aud"].as_array().expect("a list");
    assert!(audience.contains(&json!("https://x1.example")), "{said}");
    assert_eq!(said["sub"], user_id(ALICE));
    for name in ["jti", "iat", "exp"] {
        assert!(!said[name].is_null(), "{name}: {said}");
    }
    let user = &said["user"];
    assert_eq!(user["userId"], user_id(ALICE));
    assert!(user["name"].is_string() && user["email"].is_string(), "{said}");
    assert_eq!(user["groups"], json!(["writer"]), "what she is there");
    assert_eq!(said["installation"], of.id.as_str());
    let header = jose_header(&token);
    let keys = at.send("GET", "/jwks", &[], "").await.json();
    let known = keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == header["kid"]);
    let known = known.unwrap_or_else(|| panic!("{header} is not among {keys}"));
    assert_eq!((&header["alg"], &known["alg"]), (&json!("RS256"), &json!("RS256")));
    at.app.commit(vec![unassign(COMPANY)]).await;
    let said = claims(&tokens(&at, &browser).await.text("accessToken"));
    assert_eq!(said["user"]["groups"], json!([]));
}

/// What an extension was not allowed to know when it was installed, its tokens do not say.
#[tokio::test]
async fn mia_07_a_token_says_no_more_than_was_consented_to() {
    let (at, _) = console_with("openid rs1:read").await;
    at.app.commit(vec![assign(COMPANY)]).await;
    let browser = at.signed_in(ALICE).await;
    let said = claims(&tokens(&at, &browser).await.text("accessToken"));
    assert_eq!(said["user"], json!({ "userId": user_id(ALICE), "groups": [] }));
}

#[tokio::test]
async fn mia_08_a_token_of_one_extension_is_for_no_other() {
    let (at, _) = console().await;
    at.app.install(X2, (COMPANY, "company/acme"), SCOPES).await;
    let browser = at.signed_in(ALICE).await;
    let said = claims(&tokens(&at, &browser).await.text("accessToken"));
    let audience = said["aud"].as_array().expect("a list");
    assert!(!audience.contains(&json!("https://x2.example")), "{said}");
}

#[tokio::test]
async fn mia_09_a_refresh_is_asked_for_in_four_spellings_and_two_bodies() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let mut refresh = tokens(&at, &browser).await.text("refreshToken");
    for path in ["/api/refreshtoken", "/api/refreshToken", "/api/refreshtoken/", "/api/refreshToken/"] {
        let reply = at.json("POST", path, json!({ "refreshToken": refresh })).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let next = reply.text("refreshToken");
        assert_ne!(next, refresh);
        let sent = encode(&[("grant_type", "refresh_token"), ("refresh_token", &next)]);
        let reply = at.send("POST", path, &FORM, &sent).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        refresh = reply.text("refreshToken");
    }
    // Whoever takes the switch away takes it from what has begun, too.
    at.app.change_client(X1, |client| client.legacy.clear()).await;
    let reply = at.json("POST", "/api/refreshtoken", json!({ "refreshToken": refresh })).await;
    assert_eq!(reply.status, 401, "{}", reply.body);
}

/// What a used one is worth is the client's policy: a lost answer is given again and later it is stolen; or it serves until the grant ends.
#[tokio::test]
async fn mia_09_a_refresh_token_is_used_again_as_the_policy_says() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let refresh =
        async |token: &str| at.json("POST", "/api/refreshToken", json!({ "refreshToken": token })).await;
    let first = tokens(&at, &browser).await;
    let second = refresh(&first.text("refreshToken")).await;
    assert_eq!(second.status, 200, "{}", second.body);
    for name in ["accessToken", "refreshToken"] {
        assert_ne!(second.text(name), first.text(name), "a new pair");
    }
    let again = refresh(&first.text("refreshToken")).await;
    assert_eq!(again.text("refreshToken"), second.text("refreshToken"), "a lost answer");
    let third = refresh(&second.text("refreshToken")).await;
    at.app.advance_s(31);
    is_error(&refresh(&first.text("refreshToken")).await, 400);
    is_error(&refresh(&third.text("refreshToken")).await, 400);
    let bearer = format!("Bearer {}", third.text("accessToken"));
    assert_eq!(at.send("GET", "/api/userinfo", &[("authorization", &bearer)], "").await.status, 401);
    // The other policy is for who shows itself; of whoever does not, each use brings another.
    at.app.change_client(X1, |client| client.refresh_policy = RefreshPolicy::Reuse).await;
    let unshown = tokens(&at, &browser).await.text("refreshToken");
    assert_ne!(refresh(&unshown).await.text("refreshToken"), unshown);
    let own = [("content-type", "application/json"), ("authorization", &*basic(X1, &secret_of(X1)))];
    let body = json!({ "code": code(&at, &browser).await, "state": "st-1" }).to_string();
    let kept = at.send("POST", "/api/oauth/token", &own, &body).await.text("refreshToken");
    for _ in 0..3 {
        at.app.advance_s(31);
        let body = json!({ "refreshToken": kept }).to_string();
        let reply = at.send("POST", "/api/refreshtoken", &own, &body).await;
        assert_eq!((reply.status, reply.text("refreshToken")), (200, kept.clone()), "{}", reply.body);
    }
}

#[tokio::test]
async fn mia_10_scripts_of_other_origins_read_nothing() {
    let (at, _) = console().await;
    let browser = at.signed_in(ALICE).await;
    let body = json!({ "code": code(&at, &browser).await, "state": "st-1" }).to_string();
    let headers = [("content-type", "application/json"), ("origin", "https://x1.example")];
    let sends = async |body: &str, status: u16| {
        let reply = at.send("POST", "/api/oauth/token", &headers, body).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        let readable = reply.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(readable, None, "{status}");
    };
    sends(&body, 200).await;
    // Nor what is refused.
    sends(&body, 400).await;
    sends("nothing", 400).await;
    let guess = json!({ "code": "x", "state": "s", "client_id": X1, "client_secret": "wrong" }).to_string();
    sends(&guess, 401).await;
    let mut guesses = 1;
    while at.send("POST", "/api/oauth/token", &headers, &guess).await.status == 401 {
        guesses += 1;
        assert!(guesses < 200, "whoever guesses waits");
    }
    sends(&guess, 429).await;
    let asked = [("origin", "https://x1.example"), ("access-control-request-method", "POST")];
    let reply = at.send("OPTIONS", "/api/oauth/token", &asked, "").await;
    is_error(&reply, 405);
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
