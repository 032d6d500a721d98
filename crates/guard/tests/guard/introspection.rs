//! Tokens that the issuer is asked about (RFC 7662).

use std::time::Duration;

use doorward_guard::{BadGuard, FetchError, Guard, Introspection, Reason, Refusal};
use doorward_wire::basic;
use serde_json::{Value, json};

use crate::check;
use crate::issuer::{API, ISSUER, Issuer};

fn asking() -> Introspection {
    Introspection::by("the api", "a: secret%")
}

#[tokio::test]
async fn the_issuer_is_asked_as_the_apis_own_client() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking()));
    issuer.tells("opaque+/~", json!({ "sub": "usr_2", "installation": "ins_1" }));
    let token = check(&guard, "opaque+/~").await.unwrap();
    assert_eq!((token.sub(), token.client_id(), token.installation()), ("usr_2", "web", Some("ins_1")));
    let (url, authorization, body) = issuer.last();
    assert_eq!(url, "https://id.example/introspect");
    assert_eq!(basic::parse(&authorization), Ok(("the api".to_owned(), "a: secret%".to_owned())));
    assert_eq!(body, "token=opaque%2B%2F~&token_type_hint=access_token");
    assert!(!format!("{:?}", asking()).contains("secret%"));
    // JWTs are verified, unless it is said otherwise.
    assert!(check(&guard, &issuer.jwt(json!({}))).await.is_ok());
    assert_eq!(issuer.last().0, "https://id.example/jwks");
}

#[tokio::test]
async fn jwts_are_asked_about_where_that_is_wished() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking().of_jwts_too().at("https://id.example/i")));
    let jwt = issuer.jwt(json!({}));
    assert_eq!(check(&guard, &jwt).await, Err(Reason::Inactive.into()));
    assert_eq!(issuer.last().0, "https://id.example/i");
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking()).without_verification());
    assert_eq!(check(&guard, &issuer.jwt(json!({}))).await, Err(Reason::Kind.into()));
    assert_eq!(issuer.asked(), 0);
}

#[tokio::test]
async fn a_revoked_token_passes_no_longer_than_the_bound() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking().max_staleness(Duration::from_secs(30))));
    issuer.tells("t", json!({}));
    assert!(check(&guard, "t").await.is_ok());
    issuer.revoke("t");
    issuer.advance_s(29);
    assert!(check(&guard, "t").await.is_ok());
    assert_eq!(issuer.asked(), 1);
    issuer.advance_s(1);
    assert_eq!(check(&guard, "t").await, Err(Reason::Inactive.into()));
    // Nor is it refused for longer than that.
    issuer.tells("t", json!({}));
    issuer.advance_s(29);
    assert_eq!(check(&guard, "t").await, Err(Reason::Inactive.into()));
    assert_eq!(issuer.asked(), 2);
    issuer.advance_s(1);
    assert!(check(&guard, "t").await.is_ok());
}

#[tokio::test]
async fn the_bound_counts_from_the_question_not_from_the_answer() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking().max_staleness(Duration::from_secs(30))));
    issuer.tells("t", json!({}));
    issuer.hold();
    let asking = {
        let guard = guard.clone();
        tokio::spawn(async move { check(&guard, "t").await.is_ok() })
    };
    while issuer.asked() == 0 {
        tokio::task::yield_now().await;
    }
    // The answer is on its way for twenty seconds.
    issuer.revoke("t");
    issuer.advance_s(20);
    issuer.let_go();
    assert!(asking.await.unwrap());
    issuer.advance_s(10);
    assert_eq!(check(&guard, "t").await, Err(Reason::Inactive.into()));
}

#[tokio::test]
async fn a_clock_that_is_set_back_lengthens_nothing() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking()));
    issuer.tells("t", json!({}));
    assert!(check(&guard, "t").await.is_ok());
    issuer.revoke("t");
    issuer.advance_s(10);
    issuer.set_back_s(3600);
    assert_eq!(check(&guard, "t").await, Err(Reason::Inactive.into()));
}

#[tokio::test]
async fn nothing_is_kept_past_the_end_of_the_token_and_with_zero_nothing_at_all() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking().max_staleness(Duration::from_secs(3600))));
    issuer.tells("t", json!({ "exp": issuer.now() + 20 }));
    assert!(check(&guard, "t").await.is_ok());
    issuer.revoke("t");
    issuer.advance_s(19);
    assert!(check(&guard, "t").await.is_ok());
    issuer.advance_s(1);
    assert_eq!(check(&guard, "t").await, Err(Reason::Inactive.into()));
    let guard = issuer.guard(|guard| guard.introspecting(asking().max_staleness(Duration::ZERO)));
    issuer.tells("t", json!({}));
    let before = issuer.asked();
    for _ in 0..3 {
        assert!(check(&guard, "t").await.is_ok());
    }
    assert_eq!(issuer.asked(), before + 3);
}

#[tokio::test]
async fn trouble_is_no_denial_and_lets_nobody_through() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking()));
    issuer.tells("known", json!({}));
    assert!(check(&guard, "known").await.is_ok());
    let long = format!("{{\"active\":false,\"x\":\"{}\"}}", "x".repeat(300_000));
    for trouble in [
        Err(FetchError::Timeout),
        // The API's own credentials are no fault of whoever asks it.
        Ok((401, r#"{"error":"invalid_client"}"#)),
        Ok((400, r#"{"error":"invalid_request"}"#)),
        Ok((429, "")),
        Ok((503, "")),
        Ok((500, r#"{"active":false}"#)),
        Ok((206, r#"{"active":false}"#)),
        Ok((302, "")),
        Ok((200, "")),
        Ok((200, "[]")),
        Ok((200, "{}")),
        Ok((200, r#"{"active":"true"}"#)),
        Ok((200, r#"{"active":false,"active":true}"#)),
        Ok((200, long.as_str())),
    ] {
        issuer.is_in_trouble(trouble.clone());
        assert_eq!(check(&guard, "t").await, Err(Refusal::Unavailable), "{trouble:?}");
    }
    // What was said counts as long as it would have, and not a moment longer.
    issuer.advance_s(9);
    assert!(check(&guard, "known").await.is_ok());
    issuer.advance_s(1);
    assert_eq!(check(&guard, "known").await, Err(Refusal::Unavailable));
    // Trouble is not remembered.
    issuer.is_well();
    assert!(check(&guard, "known").await.is_ok());
}

#[tokio::test]
async fn what_is_active_must_be_an_access_token_for_this_api() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard.introspecting(asking()));
    let rows: [(Value, Option<Reason>); 9] = [
        (json!({ "iss": null, "exp": null, "token_type": "bearer" }), None),
        (json!({ "aud": [API, ISSUER] }), None),
        (json!({ "aud": "https://other.example" }), Some(Reason::Audience)),
        (json!({ "aud": null }), Some(Reason::Audience)),
        (json!({ "iss": "https://other.example" }), Some(Reason::Issuer)),
        (json!({ "sub": null }), Some(Reason::Inactive)),
        (json!({ "token_type": "DPoP" }), Some(Reason::Inactive)),
        (json!({ "cnf": { "jkt": "x" } }), Some(Reason::Inactive)),
        (json!({ "active": false }), Some(Reason::Inactive)),
    ];
    for (number, (changed, reason)) in rows.into_iter().enumerate() {
        let token = format!("t{number}");
        issuer.tells(&token, changed.clone());
        assert_eq!(check(&guard, &token).await.err(), reason.map(Refusal::Invalid), "{changed}");
    }
    // A refresh token that is alive: it has no type, and is for no API.
    let told =
        json!({ "active": true, "sub": "usr_1", "client_id": "web", "scope": "orders:read", "aud": API });
    issuer.tells_just("refresh", told);
    assert_eq!(check(&guard, "refresh").await, Err(Reason::Inactive.into()));
}

#[test]
fn nobody_is_asked_in_the_clear_on_other_machines() {
    let issuer = Issuer::new("a");
    let build = |url: &str, plain: bool| {
        let builder = Guard::of(url, API).clock(issuer.clone()).fetch(issuer.clone());
        let builder = if plain { builder.plain_http() } else { builder };
        builder.introspecting(asking()).build().err()
    };
    for url in ["https://id.example", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:80/t/"]
    {
        assert_eq!(build(url, false), None, "{url}");
    }
    for url in ["http://id.example", "http://localhost.example", "id.example", "ftp://id.example", "/"] {
        assert!(matches!(build(url, false), Some(BadGuard::Url(_))), "{url}");
    }
    assert_eq!(build("http://id.example", true), None);
    // Nor where it was said where they are.
    let clear = "http://id.example/other";
    for builder in [
        Guard::of(ISSUER, API).jwks_uri(clear),
        Guard::of(ISSUER, API).introspecting(asking().at(clear)).without_verification(),
    ] {
        assert_eq!(builder.fetch(issuer.clone()).build().err(), Some(BadGuard::Url(clear.to_owned())));
    }
    let split = Guard::of(ISSUER, API)
        .fetch(issuer.clone())
        .resource_metadata("https://api.example/\r\na: b")
        .build();
    assert!(matches!(split.err(), Some(BadGuard::Url(_))), "each challenge would be left out");
    let nothing = Guard::of(ISSUER, API).fetch(issuer.clone()).without_verification().build();
    assert_eq!(nothing.err(), Some(BadGuard::Kinds));
}
