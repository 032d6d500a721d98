//! Bad inputs: the token endpoint as such (RFC 6749, sections 3.2 and 5.2).

use std::time::Duration;

use doorward_crypto::random::{Random, SeededRandom};
use doorward_tests::{ALICE, M2M, PASSWORD, PKJ, Reply, SPA, WEB, basic, encode, secret_of};
use doorward_web::edge::Limits;
use doorward_wire::params::{ParamError, Params};
use serde_json::json as value;
use tokio::io::AsyncWriteExt;

use super::compat_dialects::{by_password, theirs, token};
use super::steps::signed_in;
use super::wire::{Wire, read, reply};
use super::{Case, json, rows, status};

rows![
    shared te_001, shared te_003, shared te_004, shared te_005, shared te_009, shared te_011, shared te_012, fresh te_013, fresh te_014, shared te_016,
    shared te_017, shared te_018, shared te_019, shared te_020, shared te_022, shared te_024, shared te_026, fresh te_027,
];

const FORM: &str = "application/x-www-form-urlencoded";

fn m2m() -> String {
    basic(M2M, &secret_of(M2M))
}

/// M2M's token request with that content type (none when empty) and body.
async fn ask(case: &Case, content_type: &str, body: &str) -> Reply {
    let authorization = m2m();
    let mut headers = vec![("authorization", authorization.as_str())];
    if !content_type.is_empty() {
        headers.push(("content-type", content_type));
    }
    case.app.send("POST", "/token", &headers, body).await
}

const GOOD: &str = "grant_type=client_credentials&scope=rs1%3Aread";

async fn te_001(case: &Case) {
    for path in ["/token", "/revoke", "/introspect"] {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            let authorization = m2m();
            let target = format!("{path}?{GOOD}");
            let headers = [("authorization", authorization.as_str())];
            let send = case.app.send(method, &target, &headers, "");
            let reply = case.expect(status(405).event("request.method"), send).await;
            let allow = reply.header("allow").expect("what is allowed");
            assert!(allow.split(", ").any(|method| method == "POST") && !allow.contains("GET"), "{allow}");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert!(!reply.body.contains("access_token"));
        }
    }
}

async fn te_003(case: &Case) {
    let body = r#"{"grant_type":"client_credentials","scope":"rs1:read"}"#;
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "application/jwt",
        "text/json",
        "application/ld+json",
    ] {
        for body in [body, GOOD, ""] {
            let expected = json(400, "invalid_request").event("request.media_type");
            case.expect(expected, ask(case, kind, body)).await;
        }
    }
    // The form's name over a JSON body is a form without a grant type.
    case.expect(json(400, "invalid_request").event("request.parameter_missing"), ask(case, FORM, body)).await;
}

async fn te_004(case: &Case) {
    assert_eq!(ask(case, FORM, GOOD).await.status, 200, "the base is right");
    for kind in [
        "",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/x-www-form-urlencodedx",
        "application/x-www-form-urlencoded/",
        "x-www-form-urlencoded",
        "text/plain, application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded, text/plain",
        "*/*",
    ] {
        let expected = json(400, "invalid_request").event("request.media_type");
        case.expect(expected, ask(case, kind, GOOD)).await;
    }
    let authorization = m2m();
    let twice =
        [("authorization", authorization.as_str()), ("content-type", FORM), ("content-type", "text/plain")];
    let expected = json(400, "invalid_request").event("request.media_type");
    case.expect(expected, case.app.send("POST", "/token", &twice, GOOD)).await;
    for kind in ["Application/X-WWW-Form-URLencoded", "application/x-www-form-urlencoded;charset=UTF-8"] {
        assert_eq!(ask(case, kind, GOOD).await.status, 200, "{kind}");
    }
}

async fn te_005(case: &Case) {
    for parameter in [
        "charset=utf-16",
        "charset=utf-7",
        "charset=iso-8859-1",
        "charset=",
        "charset=\"utf-8",
        "charset=utf-8; charset=utf-16",
        "charset*=utf-8''utf-16",
        "boundary=x",
        "x",
    ] {
        let expected = json(400, "invalid_request").event("request.media_type");
        case.expect(expected, ask(case, &format!("{FORM}; {parameter}"), GOOD)).await;
    }
}

async fn te_009(case: &Case) {
    let authorization = m2m();
    let headers = [("authorization", authorization.as_str()), ("content-type", FORM)];
    for (query, body, error) in [
        ("grant_type=client_credentials", "scope=rs1%3Aread", "invalid_request"),
        ("grant_type=client_credentials&scope=rs1%3Aread", "", "invalid_request"),
        ("scope=rs1%3Aread", "grant_type=bogus", "unsupported_grant_type"),
        ("grant_type=client_credentials", "grant_type=refresh_token", "unauthorized_client"),
    ] {
        let target = format!("/token?{query}");
        case.expect(json(400, error), case.app.send("POST", &target, &headers, body)).await;
    }
    // The query widens nothing.
    let target = "/token?scope=rs1%3Awrite&resource=https%3A%2F%2Frs2.example&grant_type=bogus";
    let reply = case.app.send("POST", target, &headers, GOOD).await;
    assert_eq!((reply.status, reply.text("scope").as_str()), (200, "rs1:read"), "{}", reply.body);
    // Nor does a code in it count.
    let code = case.app.code(WEB, &[]).await;
    let target = format!("/token?code={}", code.code);
    let web = basic(WEB, &secret_of(WEB));
    let form = [("grant_type", "authorization_code"), ("redirect_uri", "https://app.example/cb")];
    let headers = [("authorization", web.as_str())];
    let send = case.app.post_form(&target, &form, &headers);
    case.expect(json(400, "invalid_request").event("request.parameter_missing"), send).await;
}

async fn te_011(case: &Case) {
    let form = [("grant_type".to_owned(), "client_credentials".to_owned())];
    for client in [SPA, WEB, "first", "rs1"] {
        let expected = json(400, "unauthorized_client").event("token.grant_type_not_allowed");
        case.expect(expected, case.app.token_as(client, &form)).await;
    }
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let launch = "urn:doorward:grant:retrieval-key";
    for (client, grant) in [
        (M2M, "authorization_code"),
        (M2M, "refresh_token"),
        ("rs1", "authorization_code"),
        (WEB, exchange),
        (SPA, exchange),
        (M2M, launch),
        (SPA, launch),
    ] {
        let form =
            [("grant_type".to_owned(), grant.to_owned()), ("code".to_owned(), "whatever-code".to_owned())];
        let expected = json(400, "unauthorized_client").event("token.grant_type_not_allowed");
        case.expect(expected, case.app.token_as(client, &form)).await;
    }
}

/// There is no password grant, for anybody: `unsupported_grant_type` (decision 0011).
async fn te_012(case: &Case) {
    for grant in [
        "password",
        "implicit",
        "PASSWORD",
        "authorization_code ",
        "client_credentials,refresh_token",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:device_code",
        "bogus",
        "\u{200b}password",
    ] {
        for client in [WEB, SPA, M2M] {
            let form = [
                ("grant_type".to_owned(), grant.to_owned()),
                ("username".to_owned(), ALICE.to_owned()),
                ("password".to_owned(), doorward_tests::PASSWORD.to_owned()),
            ];
            let expected = json(400, "unsupported_grant_type").event("token.grant_type_unknown");
            case.expect(expected, case.app.token_as(client, &form)).await;
        }
    }
}

/// A person's password at Smartenit's contract, by whoever shows no client: none is looked at.
async fn te_013(case: &Case) {
    theirs(case).await;
    let tried = case.app.rows("throttle_buckets").await;
    let refused = |reason| json(401, "invalid_client").event(reason);
    let mut body = value!({ "grant_type": "password", "username": ALICE, "password": PASSWORD });
    case.expect(refused("client.anonymous"), token(case, body.clone())).await;
    body["client_id"] = value!(WEB);
    case.expect(refused("client.method"), token(case, body.clone())).await;
    case.app
        .change_client(WEB, |client| {
            client.auth_method = "none".to_owned();
            client.also_auth_methods.clear();
        })
        .await;
    case.expect(refused("client.anonymous"), token(case, body.clone())).await;
    body["client_secret"] = value!("wrong");
    case.expect(refused("client.method"), token(case, body)).await;
    assert_eq!(case.app.rows("throttle_buckets").await, tried, "no password was tried");
}

/// The right password of who needs a second factor is not enough, and told like a wrong one: no page can ask for the rest.
async fn te_014(case: &Case) {
    theirs(case).await;
    assert_eq!(by_password(case, ALICE, PASSWORD).await.status, 200);
    let (_device, _codes) = signed_in(case, ALICE).await.enrol(&case.app).await;
    let refused = || json(400, "invalid_grant");
    let wrong = case.expect(refused().recorded("sign_in.failed"), by_password(case, ALICE, "wrong")).await;
    let right = case.expect(refused().event("token.password"), by_password(case, ALICE, PASSWORD)).await;
    assert_eq!(wrong.body, right.body);
}

async fn te_016(case: &Case) {
    for scope in ["", "rs1:read", "rs1:read rs1:write", "rs2:read"] {
        let reply = ask(case, FORM, &encode(&[("grant_type", "client_credentials"), ("scope", scope)])).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let answer = reply.json();
        assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none(), "{}", reply.body);
    }
    for scope in
        ["openid", "offline_access", "rs1:read openid", "profile rs1:read", "rs1:read offline_access"]
    {
        let body = encode(&[("grant_type", "client_credentials"), ("scope", scope)]);
        case.expect(json(400, "invalid_scope").event("scope.not_allowed"), ask(case, FORM, &body)).await;
    }
    // One that may do both gets no refresh token for itself either.
    let assertion = super::assertion::good(case);
    let form = [&[("grant_type", "client_credentials")][..], &super::assertion::fields(&assertion)].concat();
    let reply = case.app.post_form("/token", &form, &[]).await;
    assert!(reply.status == 200 && reply.json().get("refresh_token").is_none(), "{PKJ}: {}", reply.body);
}

async fn te_017(case: &Case) {
    for field in [
        "x=%zz",
        "x=%",
        "x=%4",
        "x=%c0%af",
        "x=%ff",
        "x=%ed%a0%80",
        "%zz=x",
        "x=%00",
        "x%00=y",
        "x=%f4%90%80%80",
        "x=%u0041",
    ] {
        for body in [format!("{GOOD}&{field}"), format!("{field}&{GOOD}")] {
            let expected = json(400, "invalid_request").event("request.body_malformed");
            case.expect(expected, ask(case, FORM, &body)).await;
        }
    }
    for body in [
        format!("{GOOD}&grant_type=client_credentials"),
        format!("{GOOD}&scope=rs1:read"),
        format!("{GOOD}&x=1&x=2"),
    ] {
        let expected = json(400, "invalid_request").event("request.parameter_repeated");
        case.expect(expected, ask(case, FORM, &body)).await;
    }
    // An empty parameter is an absent one, and so is none.
    for body in [
        format!("{GOOD}&&"),
        format!("&{GOOD}"),
        format!("{GOOD}&x"),
        format!("{GOOD}&x="),
        format!("{GOOD}&=y"),
        format!("{GOOD}&scope="),
    ] {
        assert_eq!(ask(case, FORM, &body).await.status, 200, "{body}");
    }
}

async fn te_018(case: &Case) {
    let wire = Wire::of(case).await;
    let authorization = format!("Authorization: {}", m2m());
    for length in [1024 * 1024 + 1, 64 * 1024 + 1] {
        let body = format!("{GOOD}&x={}", "y".repeat(length - GOOD.len() - 3));
        let headers = [
            authorization.as_str(),
            "Content-Type: application/x-www-form-urlencoded",
            &format!("Content-Length: {length}"),
        ];
        let before = case.rows().await;
        let answer = wire.request("POST /token", &headers, &body).await;
        assert_eq!(reply(&answer).status, 413, "{answer}");
        assert_eq!(case.rows().await, before);
        // Announced in pieces, it is too long once it is.
        let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        let headers = [
            authorization.as_str(),
            "Content-Type: application/x-www-form-urlencoded",
            "Transfer-Encoding: chunked",
        ];
        let answer = wire.request("POST /token", &headers, &chunk).await;
        assert_eq!(reply(&answer).status, 413, "{answer}");
    }
}

/// By construction: the sixty-fifth field ends it, however many follow.
async fn te_019(case: &Case) {
    for many in [65, 1000, 100_000] {
        let body = (0..many).fold(GOOD.to_owned(), |body, n| body + &format!("&f{n}=x"));
        let expected = json(400, "invalid_request").event("request.body_malformed");
        case.expect(expected, ask(case, FORM, &body)).await;
        assert_eq!(Params::parse_form(body.as_bytes()), Err(ParamError::TooMany));
        // What stands behind the cap is not looked at.
        assert_eq!(Params::parse_form(format!("{body}&x=%zz").as_bytes()), Err(ParamError::TooMany));
    }
    let body = (0..62).fold(GOOD.to_owned(), |body, n| body + &format!("&f{n}=x"));
    assert_eq!(ask(case, FORM, &body).await.status, 200);
}

async fn te_020(case: &Case) {
    for length in [8 * 1024 + 1, 1024 * 1024] {
        for field in [
            format!("x={}", "y".repeat(length)),
            format!("{}=y", "x".repeat(length)),
            format!("scope={}", "s".repeat(length)),
        ] {
            let body = format!("grant_type=client_credentials&{field}");
            let expected = json(400, "invalid_request").event("request.body_malformed");
            case.expect(expected, ask(case, FORM, &body)).await;
        }
    }
}

async fn te_022(case: &Case) {
    let usual = Limits::default();
    assert!(usual.body_idle <= Duration::from_secs(10) && usual.body_total <= Duration::from_secs(30));
    let limits =
        Limits { body_idle: Duration::from_millis(200), body_total: Duration::from_millis(400), ..usual };
    let wire = Wire::with(case, limits).await;
    let head =
        "POST /token HTTP/1.1\r\nHost: id.example\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let before = case.rows().await;
    // A body that never goes on.
    let mut stream = wire.connect().await;
    stream
        .write_all(format!("{head}Content-Length: 100\r\n\r\ngrant").as_bytes())
        .await
        .expect("it can be sent");
    assert_eq!(reply(&read(&mut stream).await).status, 408);
    // A body that goes on for ever, byte by byte: it ends by the total.
    let mut stream = wire.connect().await;
    stream
        .write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes())
        .await
        .expect("it can be sent");
    let (mut from, mut to) = stream.split();
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let dribble = async {
        loop {
            tick.tick().await;
            if to.write_all(b"1\r\nx\r\n").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        () = dribble => {}
        ended = tokio::time::timeout(Duration::from_secs(10), tokio::io::AsyncReadExt::read_to_end(&mut from, &mut answer)) => {
            assert!(ended.is_ok(), "the server did not close");
        }
    }
    assert_eq!(case.rows().await, before);
}

async fn te_024(case: &Case) {
    let wire = Wire::of(case).await;
    let form = "Content-Type: application/x-www-form-urlencoded";
    let right = format!("Authorization: {}", m2m());
    let wrong = format!("Authorization: {}", basic(M2M, "wrong-secret-canary"));
    for (status, headers, body) in [
        (400, vec![form], ""),
        (400, vec![form, &right], "grant_type=bogus"),
        (401, vec![form, &wrong], GOOD),
        (401, vec![form], GOOD),
        (400, vec![form, &right], "grant_type=client_credentials&scope=nonsense"),
        (400, vec!["Content-Type: text/plain", &right], GOOD),
        (400, vec![form, &right], "x=%zz"),
    ] {
        let length = format!("Content-Length: {}", body.len());
        let lines: Vec<&str> = headers.iter().copied().chain([length.as_str()]).collect();
        for path in ["/token", "/introspect", "/revoke"] {
            let found = reply(&wire.request(&format!("POST {path}"), &lines, body).await);
            if path == "/token" {
                assert_eq!(found.status, status, "{}", found.body);
            }
            assert!((400..500).contains(&found.status), "{}", found.body);
            for (name, value) in [
                ("cache-control", "no-store"),
                ("pragma", "no-cache"),
                ("x-content-type-options", "nosniff"),
                ("content-type", "application/json"),
            ] {
                assert_eq!(found.header(name), Some(value), "{path} {body}");
            }
            assert!(found.headers.get("server").is_none());
            let members = found.json();
            let names: Vec<&String> = members.as_object().expect("an object").keys().collect();
            assert!(
                names.iter().all(|name| ["error", "error_description"].contains(&name.as_str())),
                "{}",
                found.body
            );
            for trace in ["panicked", ".rs", "crates/", "SQL", "sqlite", "postgres"] {
                assert!(!found.body.contains(trace), "{}", found.body);
            }
        }
    }
}

async fn te_026(case: &Case) {
    let canaries = [
        "canary\"quote",
        "canary\\back",
        "canary\u{7}bell",
        "canary\r\nSet-Cookie: a=b",
        "canary\u{e9}",
        "canary<script>",
        "canary'{{7*7}}",
    ];
    let params = [
        "grant_type",
        "scope",
        "resource",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "client_id",
        "client_secret",
        "client_assertion_type",
        "token",
        "token_type_hint",
        "canary",
    ];
    for canary in canaries {
        for name in params {
            let mut form = vec![("grant_type", "client_credentials"), ("token", "whatever-token")];
            form.retain(|(known, _)| known != &name);
            form.push((name, canary));
            let as_name = [("grant_type", "client_credentials"), (canary, "x"), (canary, "y")];
            for path in ["/token", "/introspect", "/revoke"] {
                for form in [&form[..], &as_name[..]] {
                    let reply = case.app.post_form(path, form, &[("authorization", &m2m())]).await;
                    assert!(reply.status < 500, "{}", reply.body);
                    assert!(!reply.body.contains("canary"), "{}", reply.body);
                    assert!(reply.headers.get("set-cookie").is_none());
                    if reply.status != 200 {
                        let description = reply.text("error_description");
                        let is_fine = |c: char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
                        assert!(!description.is_empty() && description.chars().all(is_fine), "{description}");
                    }
                }
            }
        }
    }
}

/// A few thousand mutations of requests that are right; the fuzz targets of each parser go further.
async fn te_027(case: &Case) {
    let tokens = case.app.tokens(WEB, &[]).await;
    let seed = 20_260_101;
    println!("te_027: seed {seed}");
    let mut random = SeededRandom::new(seed);
    let assertion = super::assertion::good(case);
    let form = [&[("grant_type", "client_credentials")][..], &super::assertion::fields(&assertion)].concat();
    let seeds = [
        GOOD.to_owned(),
        encode(&form),
        encode(&[("grant_type", "refresh_token"), ("refresh_token", &tokens.text("refresh_token"))]),
        encode(&[("token", &tokens.text("access_token")), ("token_type_hint", "access_token")]),
        encode(&[
            ("grant_type", "authorization_code"),
            ("code", "dwc_x"),
            ("code_verifier", doorward_tests::VERIFIER),
        ]),
    ];
    let authorizations = [m2m(), basic(WEB, &secret_of(WEB)), "Basic d2Vi".to_owned()];
    let mut draw = |below: usize| {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % below as u64).expect("it is small")
    };
    for _ in 0..4_000 {
        let mut bytes = seeds[draw(seeds.len())].clone().into_bytes();
        for _ in 0..=draw(4) {
            let at = draw(bytes.len());
            match draw(5) {
                0 => bytes[at] = u8::try_from(draw(256)).expect("a byte"),
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, b"&=%+;\0\xff"[draw(7)]),
                3 => {
                    let piece = bytes[at..(at + draw(20)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                bytes.push(b'x');
            }
        }
        let mut authorization = authorizations[draw(3)].clone();
        if draw(4) == 0 {
            authorization.truncate(draw(authorization.len()));
        }
        let path = ["/token", "/introspect", "/revoke"][draw(3)];
        let headers = [("content-type", FORM), ("authorization", authorization.as_str())];
        let mut request = doorward_tests::request("POST", path, &headers[..1 + usize::from(draw(5) > 0)], "");
        request.body = bytes.into();
        let reply = Reply::from(doorward_web::edge::Service::call(case.app.server(), request).await);
        assert!(reply.status < 500, "{}", reply.body);
        case.app.advance_s(1);
    }
}
