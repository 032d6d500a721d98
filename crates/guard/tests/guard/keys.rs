//! The issuer's keys: fetched once, rotated without a restart, kept while the issuer is away.

use doorward_crypto::jose::sign::sign;
use doorward_guard::{FetchError, Freshness, Guard, Reason, Refusal};
use serde_json::json;

use crate::check;
use crate::issuer::{API, Issuer, key};

#[tokio::test]
async fn a_hundred_requests_fetch_once() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    issuer.hold();
    let token = issuer.jwt(json!({}));
    let requests: Vec<_> = (0..100)
        .map(|_| {
            let (guard, token) = (guard.clone(), token.clone());
            tokio::spawn(async move { check(&guard, &token).await.is_ok() })
        })
        .collect();
    while issuer.asked() == 0 {
        tokio::task::yield_now().await;
    }
    issuer.let_go();
    for request in requests {
        assert!(request.await.unwrap());
    }
    assert_eq!((issuer.asked(), issuer.last().0.as_str()), (1, "https://id.example/jwks"));
}

#[tokio::test]
async fn a_slash_at_the_end_of_an_issuer_is_no_second_one() {
    let (issuer, url) = (Issuer::new("a"), "https://id.example/");
    let guard = Guard::of(url, API).clock(issuer.clone()).fetch(issuer.clone()).build().unwrap();
    assert!(check(&guard, &issuer.jwt(json!({ "iss": url }))).await.is_ok());
    assert_eq!(issuer.last().0, "https://id.example/jwks");
}

#[tokio::test]
async fn a_new_key_is_found_and_strangers_cannot_make_the_guard_look_for_it_all_the_time() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let old = issuer.jwt(json!({}));
    assert!(check(&guard, &old).await.is_ok());
    issuer.advance_s(5);
    issuer.rotate("b");
    let new = issuer.jwt(json!({}));
    assert!(check(&guard, &new).await.is_ok());
    assert!(check(&guard, &old).await.is_ok());
    assert_eq!(issuer.asked(), 2);
    let claims = issuer.claims(json!({})).to_string();
    for number in 0..100 {
        let invented = sign(&key(&format!("k{number}")), "at+jwt", claims.as_bytes());
        assert_eq!(check(&guard, &invented).await, Err(Reason::Key.into()));
    }
    issuer.advance_s(4);
    let invented = sign(&key("k"), "at+jwt", claims.as_bytes());
    assert_eq!(check(&guard, &invented).await, Err(Reason::Key.into()));
    assert_eq!(issuer.asked(), 2);
    issuer.advance_s(1);
    assert_eq!(check(&guard, &invented).await, Err(Reason::Key.into()));
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn a_key_that_was_taken_away_is_not_used_past_its_time() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let token = issuer.jwt(json!({ "exp": issuer.now() + 1000 }));
    assert!(check(&guard, &token).await.is_ok());
    issuer.publish(vec![key("b")]);
    issuer.advance_s(299);
    assert!(check(&guard, &token).await.is_ok());
    issuer.advance_s(1);
    assert_eq!(check(&guard, &token).await, Err(Reason::Key.into()));
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_keys_younger() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let token = issuer.jwt(json!({}));
    assert!(check(&guard, &token).await.is_ok());
    issuer.publish(vec![key("b")]);
    issuer.set_back_s(3600);
    assert_eq!(check(&guard, &token).await, Err(Reason::Key.into()));
}

#[tokio::test]
async fn the_last_keys_serve_while_the_issuer_is_away_but_not_for_ever() {
    let issuer = Issuer::new("a");
    let freshness = Freshness { max_stale_ms: 3_600_000, ..Freshness::default() };
    let guard = issuer.guard(|guard| guard.keys(freshness));
    let token = issuer.jwt(json!({ "exp": issuer.now() + 10_000 }));
    assert!(check(&guard, &token).await.is_ok());
    issuer.is_in_trouble(Err(FetchError::Timeout));
    issuer.advance_s(3599);
    assert!(check(&guard, &token).await.is_ok());
    // A key that may have come since then is not called unknown.
    let new = sign(&key("b"), "at+jwt", issuer.claims(json!({})).to_string().as_bytes());
    assert_eq!(check(&guard, &new).await, Err(Refusal::Unavailable));
    issuer.advance_s(1);
    assert_eq!(check(&guard, &token).await, Err(Refusal::Unavailable));
    issuer.is_well();
    issuer.advance_s(60);
    assert!(check(&guard, &token).await.is_ok());
}

#[tokio::test]
async fn what_is_no_key_set_is_trouble_and_no_denial() {
    let long = " ".repeat(300_000);
    for trouble in [
        Err(FetchError::Timeout),
        Ok((500, "")),
        Ok((404, r#"{"keys":[]}"#)),
        Ok((206, r#"{"keys":[]}"#)),
        Ok((302, "")),
        Ok((200, "<html>")),
        Ok((200, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#)),
        Ok((200, long.as_str())),
    ] {
        let issuer = Issuer::new("a");
        let guard = issuer.guard(|guard| guard);
        let token = issuer.jwt(json!({}));
        issuer.is_in_trouble(trouble.clone());
        assert_eq!(check(&guard, &token).await, Err(Refusal::Unavailable), "{trouble:?}");
        issuer.is_well();
        issuer.advance_s(5);
        assert!(check(&guard, &token).await.is_ok(), "{trouble:?}");
    }
}
