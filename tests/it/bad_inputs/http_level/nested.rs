//! JSON and tokens inside of requests: numbers, text and depth.

use doorward_crypto::base64url;
use doorward_crypto::jose::sign::sign;
use doorward_tests::{ALICE, ClientKey, PKJ, Reply, WEB, encode};

use crate::bad_inputs::steps::{apply_to, signed_in, token_by};
use crate::bad_inputs::{Case, bearer, json, page, redirect};

/// A token request of PKJ with these claims, as they are written.
async fn asserted(case: &Case, claims: &str) -> Reply {
    token_by(case, &sign(ClientKey::private(), "JWT", claims.as_bytes())).await
}

fn claims_of(exp: &str, rest: &str) -> String {
    format!(
        r#"{{"iss":"{PKJ}","sub":"{PKJ}","aud":"https://id.example","jti":"j{}","exp":{exp}{rest}}}"#,
        exp.len()
    )
}

/// Numbers that are no times, or none at all.
pub(super) async fn ht_020(case: &Case) {
    let numbers = [
        "1e999",
        "-1e999",
        "-0",
        "-0.0",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e18",
        "1.5",
        "0",
        "-1",
        "1e-400",
        "00",
        "+1",
        "0x10",
        "1_000",
        "NaN",
        "Infinity",
        "\"1\"",
        "[1]",
        "{}",
        "true",
        "null",
    ];
    for number in numbers {
        case.expect(json(401, "invalid_client"), asserted(case, &claims_of(number, ""))).await;
        let now = case.app.clock.now().seconds() + 60;
        for member in ["iat", "nbf"] {
            let reply =
                asserted(case, &claims_of(&now.to_string(), &format!(",\"{member}\":{number}"))).await;
            assert!(matches!(reply.status, 200 | 401), "{member} {number}: {}", reply.body);
        }
    }
    let browser = signed_in(case, ALICE).await;
    for number in ["1e999", "00", "0x1", "NaN", "-", "1e", "+1"] {
        let claims = format!(r#"{{"userinfo":{{"name":{{"value":{number}}}}}}}"#);
        let expected = redirect("invalid_request").event("authz.claims");
        case.expect(expected, browser.authorize(WEB, &[("claims", &claims)])).await;
    }
    for max_age in ["1e3", "-1", "1.5", "0x10", "99999999999999999999", "+1", " 1", "\u{661}"] {
        let expected = redirect("invalid_request").event("authz.max_age");
        case.expect(expected, browser.authorize(WEB, &[("max_age", max_age)])).await;
    }
}

/// Text that is no text.
pub(super) async fn ht_021(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    let target = doorward_tests::authorize_target(WEB, &[]);
    for claims in
        ["%7B%22userinfo%22%3A%7B%22%FF%22%3Anull%7D%7D", "%C0%80", "%ED%A0%80", "%F4%90%80%80", "%E2%82"]
    {
        for name in ["claims", "state2", "login_hint"] {
            case.expect(page(400), browser.get(&format!("{target}&{name}={claims}"))).await;
        }
        let body = format!("grant_type=client_credentials&x={claims}");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        for path in ["/token", "/introspect", "/revoke"] {
            case.expect(json(400, "invalid_request"), case.app.send("POST", path, &headers, &body)).await;
        }
    }
    for claims in [
        "{\"userinfo\":{\"\\ud800\":null}}",
        "{\"userinfo\":{\"a\":{\"value\":\"\\udfff\\ud800\"}}}",
        "\u{feff}{\"userinfo\":{}}",
        "{\"userinfo\":{}}\u{feff}",
    ] {
        let expected = redirect("invalid_request").event("authz.claims");
        case.expect(expected, browser.authorize(WEB, &[("claims", claims)])).await;
    }
    let now = case.app.clock.now().seconds() + 60;
    let surrogate = claims_of(&now.to_string(), ",\"x\":\"\\ud800\"");
    case.expect(json(401, "invalid_client"), asserted(case, &surrogate)).await;
    case.expect(json(401, "invalid_client"), asserted(case, &format!("\u{feff}{}", claims_of("1", ""))))
        .await;
}

/// An object is an object.
pub(super) async fn ht_022(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for claims in [
        "null",
        "[]",
        "\"x\"",
        "1",
        "true",
        "[{}]",
        "{",
        "}",
        "{}{}",
        "{\"userinfo\":[]}",
        "{\"userinfo\":\"name\"}",
        "{\"userinfo\":{\"name\":[]}}",
    ] {
        let expected = redirect("invalid_request").event("authz.claims");
        case.expect(expected, browser.authorize(WEB, &[("claims", claims)])).await;
    }
    for claims in ["null", "[]", "\"x\"", "1", ""] {
        case.expect(json(401, "invalid_client"), asserted(case, claims)).await;
    }
    // The protocol endpoints take forms.
    for path in ["/token", "/introspect", "/revoke"] {
        for body in ["null", "[]", "{}", "\"x\"", "{\"grant_type\":\"client_credentials\"}"] {
            for media in [
                "application/json",
                "text/plain",
                "",
                "multipart/form-data; boundary=x",
                "application/x-www-form-urlencoded-x",
            ] {
                let expected = json(400, "invalid_request").event("request.media_type");
                let headers = [("content-type", media)];
                let reply = case.app.send("POST", path, &headers, body).await;
                expected.assert(&reply);
            }
        }
    }
}

/// Nested a hundred thousand deep, wherever JSON or a token is read: refused, and the process lives.
pub(super) async fn ht_028(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for depth in [7, 33, 129, 1000, 4000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let claims = format!("{{\"userinfo\":{{\"name\":{{\"value\":{nested}}}}}}}");
            let request = [("claims", claims.as_str())];
            let reply = browser.authorize(WEB, &request).await;
            assert!(
                reply.status == 400 || reply.param("error").as_deref() == Some("invalid_request"),
                "{depth}"
            );
            let now = case.app.clock.now().seconds() + 60;
            if depth >= 33 {
                let deep = claims_of(&now.to_string(), &format!(",\"x\":{nested}"));
                let reply = asserted(case, &deep).await;
                assert!(matches!(reply.status, 400 | 401), "{}", reply.body);
            }
            for header in [nested.clone(), format!("{{\"alg\":\"ES256\",\"jwk\":{nested}}}")] {
                let token = format!("{}.e30.AAAA", base64url::encode(header.as_bytes()));
                assert_eq!(case.app.userinfo(&token).await.status, 401);
                let introspected = case.app.introspect(doorward_tests::RS1, &token).await.json();
                assert_ne!(introspected["active"], true);
                let reply = browser.get(&format!("/logout?{}", encode(&[("id_token_hint", &token)]))).await;
                assert!(matches!(reply.status, 400 | 414), "{}", reply.status);
            }
        }
    }
    let deep = "[".repeat(100_000);
    for (list, member) in [("clients", "jwks"), ("clients", "name"), ("users", "profile")] {
        let id = if list == "users" { ALICE } else { PKJ };
        let refused = apply_to(&case.app, list, id, |row| row[member] = deep.clone().into()).await;
        assert!(refused.is_err(), "{list} {member}");
    }
    case.expect(bearer(401, ""), case.app.userinfo(&deep[..16_000])).await;
    let body = format!("request={}", "%5B".repeat(20_000));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://id.example")];
    let reply = browser.send("POST", "/consent", &headers, &body).await;
    assert!(reply.status < 500, "{}", reply.body);
}
