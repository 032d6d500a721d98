//! What is refused, and how that is told.

use doorward_core::model::ExtensionState;
use doorward_tests::extended::{P1, X1};
use doorward_tests::{ALICE, PASSWORD, Reply, basic, encode, secret_of, user_id};
use serde_json::json;

use super::{SCOPES, contributor, instance_token, is_refused, managing, mittwald};

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

/// What is wrong with a request that another API carries out is told by the names that it has here.
#[tokio::test]
async fn what_is_wrong_is_named_as_it_was_sent() {
    let (at, of, _) = contributor::told().await;
    at.app.change_extension(X1, |found| found.state = ExtensionState::Draft).await;
    let manager = managing::pair(&at, ALICE).await.text("access_token");
    let instance = format!("/v2/extension-instances/{}", of.id);
    let place = |scopes: &[&str], variant: Option<&str>| json!({ "extensionId": "x2", "context": "project", "contextId": "p-1", "consentedScopes": scopes, "variantKey": variant });
    let every: Vec<&str> = SCOPES.split(' ').collect();
    let client = "/v2/contributors/maker/oauth-clients/x1";
    for (method, path, body, named) in [
        ("POST", "/v2/extension-instances", place(&["openid"], None), "consentedScopes"),
        ("POST", "/v2/extension-instances", place(&every, Some("nothing")), "variantKey"),
        (
            "PATCH",
            &*format!("{instance}/scopes"),
            json!({ "consentedScopes": ["nope:read"] }),
            "consentedScopes",
        ),
        ("POST", &*format!("{instance}/sessions/{}", "s".repeat(300)), json!({}), "sessionId"),
        ("PATCH", client, json!({ "allowedScopes": ["nope:read"] }), "allowedScopes"),
        ("PATCH", client, json!({ "allowedRedirectUris": ["nowhere"] }), "allowedRedirectUris"),
        (
            "PATCH",
            client,
            json!({ "allowedRedirectUris": ["https://x1.example/callback?error=a"] }),
            "allowedRedirectUris",
        ),
        ("PATCH", client, json!({ "allowedGrantTypes": ["nothing"] }), "allowedGrantTypes"),
        ("PATCH", client, json!({ "humanReadableName": "" }), "humanReadableName"),
    ] {
        let reply = managing::by(&at, &manager, method, path, body.clone()).await;
        is_refused(&reply);
        let errors = reply.json()["validationErrors"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> =
            errors.iter().filter_map(|error| error["path"].as_str()?.split('/').next()).collect();
        assert_eq!(names.first(), Some(&named), "{body}: {}", reply.body);
        assert!(names.iter().all(|name| *name == named), "{body}: {}", reply.body);
    }
}

/// Whoever shows nothing that opens something is told so, and not that a client is none: what there never was is told like what is wrong.
#[tokio::test]
async fn what_opens_nothing_is_told_in_the_words_of_what_was_sent() {
    let (at, of) = managing::managed().await;
    let (never, another) =
        (format!("dwo_{}", "0".repeat(33)), at.app.install("x2", (P1, "project/p-1"), SCOPES).await);
    let secret = |secret: &str| json!({ "extensionInstanceSecret": secret });
    let tokens = |id: &str| format!("/v2/extension-instances/{id}/tokens");
    let key = json!({ "userId": user_id(ALICE), "accessTokenRetrievalKey": never });
    let session = |token: &str| json!({ "sessionToken": token, "extensionSecret": "wrong" });
    let manager = managing::pair(&at, ALICE).await.text("access_token");
    let made = format!("/v2/extension-instances/{}/sessions/s", of.id);
    let made = managing::by(&at, &manager, "POST", &made, json!(null)).await.text("sessionToken");
    for (method, path, body, text) in [
        ("POST", "/v2/authenticate-token-retrieval-key", key, "the retrieval key opens nothing"),
        (
            "PUT",
            "/v2/users/self/sessions",
            json!({ "refreshToken": "dwr_nothing" }),
            "the refresh token is of no session",
        ),
        ("POST", &*tokens(of.id.as_str()), secret("dwx_nothing"), "the secret is none of this instance"),
        ("POST", &*tokens(of.id.as_str()), secret(&another.secret), "the secret is none of this instance"),
        ("POST", &*tokens("ins_nobody"), secret(&of.secret), "the secret is none of this instance"),
        ("POST", "/v2/authenticate-session-token", session("nothing"), NO_SESSION),
        ("POST", "/v2/authenticate-session-token", session(&made), NO_SESSION),
    ] {
        let reply = at.json(method, path, body).await;
        is_refused(&reply);
        assert_eq!(reply.text("message"), text, "{path}");
    }
}

const NO_SESSION: &str = "the session token is none, or the secret is none of its extension";

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

#[tokio::test]
async fn who_can_be_served_later_is_told_when() {
    let (at, of) = managing::managed().await;
    let token = managing::pair(&at, ALICE).await.text("access_token");
    let path = format!("/v2/extension-instances/{}/actions/disable", of.id);
    at.app.fail_writes(true).await;
    let reply = managing::by(&at, &token, "POST", &path, json!({})).await;
    at.app.fail_writes(false).await;
    assert_eq!(contributor::kind(&reply), (503, "ServiceUnavailable".into()), "{}", reply.body);
    assert!(reply.header("retry-after").is_some());
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
    let form = encode(&[("grant_type", "password"), ("username", "alice"), ("password", PASSWORD)]);
    let reply = at.send("POST", "/v2/oauth2/token", &headers, &form).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some("unsupported_grant_type")));
}
