//! Who does not list an issuer of an older contract is not there (row CI-017 of the bad inputs), and what such a contract adds is at no other
//! issuer.

use doorward_tests::extended::X1;
use doorward_tests::{ALICE, PASSWORD, WEB, authorize_target, basic, secret_of};
use doorward_web::dialect::DIALECTS;
use serde_json::{Value, json};

use super::Speaker;

#[tokio::test]
async fn a_client_that_lists_no_issuer_uses_none_of_an_older_contract() {
    for dialect in DIALECTS.iter().filter(|dialect| dialect.name != "standard") {
        assert!(dialect.policies.listed_clients, "{}", dialect.name);
    }
    let at = Speaker::of("smartenit").await;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &*basic(WEB, &secret_of(WEB))),
    ];
    let allow = |client: &mut doorward_core::model::Client| {
        client.grant_types = ["authorization_code", "client_credentials"].map(str::to_owned).into();
    };
    at.app.change_client(WEB, allow).await;
    let ask = || at.send("POST", "/v2/oauth2/token", &headers, "grant_type=client_credentials");
    assert_eq!(ask().await.status, 200);
    at.app.change_client(WEB, |client| client.issuers.clear()).await;
    let refused = ask().await;
    assert_eq!((refused.status, refused.text("error").as_str()), (401, "invalid_client"));
    let browser = at.signed_in(ALICE).await;
    let page = at.get(&browser, "/v2/oauth2/dialog?response_type=code&client_id=web&state=s").await;
    assert_eq!((page.status, page.header("location")), (400, None));
    // At the standard issuer it is who it was.
    let standard = at.app.send("POST", "/token", &headers, "grant_type=client_credentials").await;
    assert_eq!(standard.status, 200, "{}", standard.body);
    assert_eq!(browser.get(&authorize_target(WEB, &[])).await.status, 200, "the consent page");
}

#[tokio::test]
async fn an_extension_is_opened_at_no_issuer_that_it_does_not_list() {
    let at = Speaker::of("mittwald").await;
    let of = at.app.install(X1, (doorward_tests::extended::P1, "project/p-1"), "rs1:read").await;
    let path = format!("/v2/extension-instances/{}/tokens", of.id);
    let body = json!({ "extensionInstanceSecret": of.secret });
    assert_eq!(at.json("POST", &path, body.clone()).await.status, 201);
    at.app.change_client(X1, |client| client.issuers.clear()).await;
    assert_eq!(at.json("POST", &path, body).await.status, 400);
}

#[tokio::test]
async fn paths_of_one_contract_are_not_answered_at_another() {
    let at = Speaker::of("smartenit").await;
    for path in
        ["/token", "/authorize", "/.well-known/openid-configuration", "/v2/authenticate-token-retrieval-key"]
    {
        assert_eq!(at.send("POST", path, &[], "").await.status, 404, "{path}");
    }
    let form = format!("grant_type=password&username={ALICE}&password={PASSWORD}");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(at.app.send("POST", "/v2/oauth2/token", &headers, &form).await.status, 404);
}

/// Where there is nothing, whoever is no browser reads of it what they read of any other error.
#[tokio::test]
async fn where_there_is_nothing_each_contract_says_so_in_its_own_words() {
    for (dialect, pointer, expected) in [
        ("standard", "/error", json!("invalid_request")),
        ("mittwald", "/type", json!("ObjectNotFound")),
        ("mia-platform", "/statusCode", json!(404)),
        ("smartenit", "/error/errors/0/code", json!(404)),
        ("magic", "/error", json!("invalid_request")),
        ("ez-publish", "/error", json!("invalid_request")),
    ] {
        let at = Speaker::of(dialect).await;
        for method in ["GET", "POST", "DELETE", "OPTIONS"] {
            let reply = at.send(method, "/there/is/nothing", &[("origin", "https://a.example")], "").await;
            assert_eq!(
                (reply.status, reply.header("content-type")),
                (404, Some("application/json")),
                "{dialect}"
            );
            assert_eq!(reply.json().pointer(pointer), Some(&expected), "{dialect}: {}", reply.body);
            assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{dialect}");
        }
        let reply = at.send("GET", "/there/is/nothing", &[("accept", "text/html,*/*")], "").await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (404, Some("text/html; charset=utf-8")),
            "{dialect}"
        );
    }
}

/// An unrecognised parameter is ignored (RFC 6749, section 3.2), whatever it is in JSON; one that is known is a text.
#[tokio::test]
async fn members_of_a_request_for_tokens_that_nobody_knows_are_ignored() {
    let (mine, secret) = (json!(WEB), json!(secret_of(WEB)));
    let whole = json!({
        "grant_type": "authorization_code", "code": "x", "state": "s", "redirect_uri": "https://web.example/cb",
        "client_id": mine, "client_secret": secret,
    });
    for (dialect, path) in [
        ("mittwald", "/v2/oauth2/token"),
        ("mia-platform", "/api/oauth/token"),
        ("smartenit", "/v2/oauth2/token"),
    ] {
        let at = Speaker::of(dialect).await;
        let ask = async |name: &str, value: Value| {
            let mut body = whole.clone();
            body[name] = value;
            let reply = at.json("POST", path, body).await;
            assert_eq!(reply.status, 400, "{dialect}: {}", reply.body);
            reply.body
        };
        let without = ask("code", json!("x")).await;
        assert!(without.contains("the code is unknown"), "{dialect}: {without}");
        for value in [json!({}), json!([1]), json!({ "code": "y" }), json!(1), json!("y"), json!(null)] {
            assert_eq!(ask("foo", value.clone()).await, without, "{dialect} {value}");
        }
        for known in ["code", "grant_type", "redirect_uri", "client_id", "client_secret", "scope", "resource"]
        {
            for value in [json!([whole[known]]), json!({})] {
                let refused = ask(known, value.clone()).await;
                assert!(refused.contains("the body cannot be read"), "{dialect} {known} {value}: {refused}");
            }
        }
    }
}

/// Whatever the body is, however often it stands there and however its name is written: what stands in the query is logged by others (RFC
/// 6749, section 2.3.1).
#[tokio::test]
async fn a_secret_in_the_query_is_refused_whatever_stands_beside_it() {
    let everybodys = ["client_secret", "password", "refresh_token", "access_token", "token"];
    for (dialect, endpoints, theirs) in QUERIED {
        let at = Speaker::of(dialect).await;
        for (method, path, kind) in *endpoints {
            let body = if *kind == JSON { "{}" } else { "grant_type=none&token=x" };
            let headers = [("content-type", *kind)];
            let ask = async |query: &str| at.send(method, &format!("{path}?{query}"), &headers, body).await;
            let without = ask("x=1").await.body;
            for name in everybodys.iter().chain(*theirs) {
                let (first, rest) = name.split_at(1);
                let encoded = format!("%{:02x}{rest}", first.as_bytes()[0]);
                for query in [
                    format!("{name}=x"),
                    format!("{name}=x&{name}=x"),
                    format!("a=1&a=2&{name}=x"),
                    format!("a=%zz&{name}=x"),
                    format!("{encoded}=x"),
                ] {
                    let refused = ask(&query).await;
                    let word = if *dialect == "ez-publish" { "invalid_request" } else { TOLD };
                    assert_eq!(refused.status, 400, "{dialect} {path} {query}: {}", refused.body);
                    assert!(refused.body.contains(word), "{dialect} {path} {query}: {}", refused.body);
                }
                // Nothing, and names that are no secret's.
                for query in [
                    format!("{name}="),
                    (*name).to_owned(),
                    format!("x{name}=x"),
                    format!("%25{encoded}=x"),
                    name.to_uppercase() + "=x",
                ] {
                    assert_eq!(ask(&query).await.body, without, "{dialect} {path} {query}");
                }
            }
            assert!(!without.contains(TOLD), "{dialect} {path}: {without}");
            assert!(*dialect != "ez-publish" || !without.contains("invalid_request"), "{path}: {without}");
        }
    }
}

/// A contract, its endpoints that have a body, and what it calls secrets besides.
type Queried = (&'static str, &'static [(&'static str, &'static str, &'static str)], &'static [&'static str]);

const QUERIED: &[Queried] = &[
    ("standard", &[("POST", "/token", FORM), ("POST", "/introspect", FORM), ("POST", "/revoke", FORM)], &[]),
    (
        "mittwald",
        &[
            ("POST", "/v2/oauth2/token", FORM),
            ("POST", "/v2/oauth2/token", JSON),
            ("POST", "/v2/authenticate-token-retrieval-key", JSON),
            ("PUT", "/v2/users/self/sessions", JSON),
        ],
        &[
            "accessTokenRetrievalKey",
            "extensionInstanceSecret",
            "extensionSecret",
            "refreshToken",
            "sessionToken",
        ],
    ),
    (
        "mia-platform",
        &[
            ("POST", "/api/oauth/token", FORM),
            ("POST", "/api/oauth/token", JSON),
            ("POST", "/api/refreshtoken", FORM),
            ("POST", "/api/refreshToken/", JSON),
            ("POST", "/api/m2m/oauth/token", FORM),
        ],
        &["accessToken", "refreshToken"],
    ),
    ("smartenit", &[("POST", "/v2/oauth2/token", FORM), ("POST", "/v2/oauth2/token", JSON)], &[]),
    ("magic", &[("POST", "/api/token", FORM)], &["code"]),
    (
        "ez-publish",
        &[("POST", "/api/auth/oauth/token", FORM), ("POST", "/introspect", FORM), ("POST", "/revoke", FORM)],
        &["oauth_token"],
    ),
];

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const TOLD: &str = "a secret must not be sent in the query";
