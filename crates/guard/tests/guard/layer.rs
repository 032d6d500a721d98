//! The layer in front of axum's handlers: who gets through, and what is said to the others.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use doorward_guard::{Demand, FetchError, Guard, Introspection, Reason, Refusal, Token};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use serde_json::json;
use tower_service::Service;

use crate::issuer::Issuer;

const METADATA: &str = "https://api.example/.well-known/oauth-protected-resource";

async fn who(token: Token) -> String {
    format!("{} {} {}", token.sub(), token.client_id(), token.installation().unwrap_or("-"))
}

fn app(guard: &Guard) -> Router {
    let layer = guard.layer();
    let reads = layer.scope("orders:read").unwrap();
    let writes = reads.scope("orders:write orders:pay").unwrap();
    let fresh = layer.acr_values("urn:mfa urn:key").max_age(300);
    Router::new()
        .route("/any", get(who).layer(layer))
        .route("/read", get(who).layer(reads))
        .route("/write", get(who).layer(writes))
        .route("/fresh", get(who).layer(fresh))
        .route("/open", get(|token: Option<Token>| async move { token.map_or("nobody", |_| "somebody") }))
        .route("/fault", get(who))
}

async fn ask(app: &mut Router, path: &str, authorization: &[&str]) -> Response<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    for value in authorization {
        request.headers_mut().append("authorization", HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    app.call(request).await.unwrap()
}

fn challenge(response: &Response<Body>) -> &str {
    response.headers().get("www-authenticate").map_or("", |value| value.to_str().unwrap())
}

fn is(response: &Response<Body>, status: u16, said: &str, refusal: impl Into<Refusal>) {
    assert_eq!((response.status().as_u16(), challenge(response)), (status, said));
    assert_eq!(response.extensions().get::<Refusal>(), Some(&refusal.into()));
    assert_eq!(response.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn handlers_are_told_who_it_is() {
    let issuer = Issuer::new("a");
    let mut app = app(&issuer.guard(|guard| guard));
    let bearer = format!("Bearer {}", issuer.jwt(json!({ "installation": "ins_1" })));
    for path in ["/any", "/read"] {
        let response = ask(&mut app, path, &[&bearer]).await;
        assert_eq!(response.status(), 200);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "usr_1 web ins_1");
    }
    // Where there is no guard nobody is named, and a handler that must be told is not reached.
    let response = ask(&mut app, "/open", &[&bearer]).await;
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "nobody");
    assert_eq!(ask(&mut app, "/fault", &[&bearer]).await.status(), 500);
}

#[tokio::test]
async fn what_is_missing_is_said_in_the_words_of_the_specifications() {
    let issuer = Issuer::new("a");
    let mut app = app(&issuer.guard(|guard| guard.resource_metadata(METADATA)));
    let metadata = format!("resource_metadata=\"{METADATA}\"");
    for none in [&[][..], &["Basic YTpi"], &["DPoP abc"]] {
        is(&ask(&mut app, "/read", none).await, 401, &format!("Bearer {metadata}"), Refusal::NoToken);
    }
    let bad = "Bearer error=\"invalid_token\", error_description=";
    let expired = format!("Bearer {}", issuer.jwt(json!({ "exp": 1 })));
    let said = format!("{bad}\"the access token has expired\", {metadata}");
    is(&ask(&mut app, "/read", &[&expired]).await, 401, &said, Reason::Expired);
    let said = format!("{bad}\"tokens of this kind are not taken\", {metadata}");
    is(&ask(&mut app, "/read", &["Bearer opaque"]).await, 401, &said, Reason::Kind);
    let good = format!("Bearer {}", issuer.jwt(json!({})));
    let said = format!(
        "Bearer error=\"insufficient_scope\", error_description=\"the access token lacks a scope\", \
         scope=\"orders:read orders:write orders:pay\", {metadata}"
    );
    is(&ask(&mut app, "/write", &[&good]).await, 403, &said, Refusal::Scope);
    let said = format!(
        "Bearer error=\"invalid_request\", \
         error_description=\"more than one access token, or none that can be read\", {metadata}"
    );
    for wrong in [
        &[good.as_str(), &good][..],
        &["Bearer "],
        &["Bearer a b"],
        &["Bearer \u{e4}"],
        &[&good, "Basic YTpi"],
    ] {
        is(&ask(&mut app, "/read", wrong).await, 400, &said, Refusal::Request);
    }
    // A token in the address is none.
    let path = format!("/read?access_token={}", &good["Bearer ".len()..]);
    is(&ask(&mut app, &path, &[]).await, 401, &format!("Bearer {metadata}"), Refusal::NoToken);
}

#[tokio::test]
async fn all_scopes_are_needed() {
    let issuer = Issuer::new("a");
    let mut app = app(&issuer.guard(|guard| guard));
    for (scope, status) in [
        ("orders:read orders:write orders:pay openid", 200),
        ("orders:read orders:write", 403),
        ("orders:write orders:pay", 403),
        ("", 403),
    ] {
        let bearer = format!("Bearer {}", issuer.jwt(json!({ "scope": scope })));
        assert_eq!(ask(&mut app, "/write", &[&bearer]).await.status(), status, "{scope}");
    }
    assert!(Demand::default().with_scope("a\"b").is_err());
}

#[tokio::test]
async fn a_sign_in_can_be_asked_for_that_is_strong_and_recent() {
    let issuer = Issuer::new("a");
    let mut app = app(&issuer.guard(|guard| guard));
    let now = issuer.now();
    for (changed, is_enough) in [
        (json!({ "acr": "urn:mfa", "auth_time": now - 300 }), true),
        (json!({ "acr": "urn:key", "auth_time": now }), true),
        (json!({ "acr": "urn:mfa", "auth_time": now - 301 }), false),
        (json!({ "acr": "urn:password", "auth_time": now }), false),
        (json!({ "acr": "", "auth_time": now }), false),
        (json!({ "acr": "urn:mfa urn:key", "auth_time": now }), false),
        (json!({ "auth_time": now }), false),
        (json!({ "acr": "urn:mfa" }), false),
    ] {
        let bearer = format!("Bearer {}", issuer.jwt(changed.clone()));
        let response = ask(&mut app, "/fresh", &[&bearer]).await;
        if is_enough {
            assert_eq!(response.status(), 200, "{changed}");
            continue;
        }
        let said = "Bearer error=\"insufficient_user_authentication\", \
                    error_description=\"the sign-in is too old or not strong enough\", \
                    acr_values=\"urn:mfa urn:key\", max_age=\"300\"";
        is(&response, 401, said, Refusal::SignIn);
    }
}

#[tokio::test]
async fn no_class_is_not_one_that_is_asked_for() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    for acr_values in ["", " ", "urn:mfa  urn:key"] {
        let mut headers = HeaderMap::new();
        let bearer = format!("bearer {}", issuer.jwt(json!({ "acr": "", "auth_time": issuer.now() })));
        headers.insert("authorization", bearer.parse().unwrap());
        let demand = Demand::default().with_acr_values(acr_values);
        assert_eq!(guard.check(&headers, &demand).await, Err(Refusal::SignIn), "{acr_values:?}");
    }
}

/// Where nobody signed in (OpenID Connect Core, section 2), no time of it counts.
#[tokio::test]
async fn no_sign_in_is_recent_whose_class_is_0() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let demand = Demand::default().with_max_age(300);
    for (changed, expected) in [
        (json!({ "acr": "urn:any", "auth_time": issuer.now() }), None),
        (json!({ "auth_time": issuer.now() }), None),
        (json!({ "acr": "0", "auth_time": issuer.now() }), Some(Refusal::SignIn)),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", format!("bearer {}", issuer.jwt(changed.clone())).parse().unwrap());
        assert_eq!(guard.check(&headers, &demand).await.err(), expected, "{changed}");
    }
}

#[tokio::test]
async fn when_nobody_can_say_it_is_503_and_no_challenge() {
    let issuer = Issuer::new("a");
    let mut app = app(&issuer.guard(|guard| guard.introspecting(Introspection::by("api", "secret"))));
    issuer.is_in_trouble(Err(FetchError::Timeout));
    for token in [issuer.jwt(json!({})), "opaque".to_owned()] {
        let response = ask(&mut app, "/any", &[&format!("Bearer {token}")]).await;
        is(&response, 503, "", Refusal::Unavailable);
        assert_eq!(response.headers()["retry-after"], "1");
    }
}

#[tokio::test]
async fn without_tower_a_guard_can_be_asked_too() {
    let issuer = Issuer::new("a");
    let guard = issuer.guard(|guard| guard);
    let demand = Demand::default().with_scope("orders:write").unwrap();
    let mut headers = HeaderMap::new();
    assert_eq!(guard.check(&headers, &demand).await, Err(Refusal::NoToken));
    headers.insert("authorization", format!("bearer {}", issuer.jwt(json!({}))).parse().unwrap());
    assert_eq!(guard.check(&headers, &demand).await, Err(Refusal::Scope));
    assert!(guard.challenge(Refusal::Unavailable, &demand).is_none());
}
