//! Bad inputs: the contracts of other systems.

use doorward_core::model::Client;
use doorward_tests::{ALICE, PASSWORD, Reply, WEB, basic, secret_of};
use serde_json::json as value;

use super::steps::signed_in;
use super::{Case, json, page, rows, status};
use crate::reference::{smartenit, speak};

rows![fresh ci_009, fresh ci_010, fresh ci_011, fresh ci_012, fresh ci_017];

const DIALOG: &str = "/sm/v2/oauth2/dialog?response_type=token&client_id=web&state=st4te";

/// A tenant that speaks Smartenit's contract, to WEB as one of their applications.
async fn theirs(case: &Case) {
    case.app.extend().await;
    speak(&case.app, "smartenit").await;
    case.app.change_client(WEB, smartenit::as_theirs).await;
}

async fn token(case: &Case, body: serde_json::Value) -> Reply {
    let headers = [("content-type", "application/json")];
    case.app.send("POST", "/sm/v2/oauth2/token", &headers, &body.to_string()).await
}

/// Tokens in the redirect, for a client that is not registered for them, or in the query.
async fn ci_009(case: &Case) {
    theirs(case).await;
    let browser = signed_in(case, ALICE).await;
    let sent_with = async |target: &str, error: &'static str, reason: &'static str| {
        let reply = case.expect(status(303).event(reason), browser.get(target)).await;
        let to = reply.location();
        assert!(to.starts_with(&format!("https://app.example/cb#error={error}&")), "{to}");
        assert!(to.contains("&state=st4te&") && !to.contains("access_token"), "{to}");
    };
    let query = format!("{DIALOG}&response_mode=query");
    sent_with(&query, "invalid_request", "authz.response_mode").await;
    let remove = |client: &mut Client| {
        client.grant_types.remove("implicit");
    };
    case.app.change_client(WEB, remove).await;
    sent_with(DIALOG, "unauthorized_client", "authz.grant_type").await;
}

/// A token in the fragment: in no part of an address that a server sees. That none is in a log is looked at after each row.
async fn ci_010(case: &Case) {
    theirs(case).await;
    let browser = signed_in(case, ALICE).await;
    let reply = browser.get(DIALOG).await;
    let location = reply.location();
    let (seen, fragment) = location.split_once('#').expect("a fragment");
    assert_eq!(seen, "https://app.example/cb");
    let token = fragment.split('&').find_map(|part| part.strip_prefix("access_token=")).expect("a token");
    let me = [("authorization", &*format!("Bearer {token}"))];
    assert_eq!(case.app.send("GET", "/sm/v2/users/me", &me, "").await.status, 200);
    // There it would be in every log on the way.
    let asked = format!("/sm/v2/users/me?access_token={token}");
    assert_eq!(case.app.send("GET", &asked, &[], "").await.status, 401);
}

/// A person who is wrong, known or not, behind a client that is right.
async fn ci_011(case: &Case) {
    theirs(case).await;
    let by = |user: &str, password: &str| {
        value!({
            "grant_type": "password", "username": user, "password": password, "client_id": WEB,
            "client_secret": secret_of(WEB),
        })
    };
    let refused = || json(400, "invalid_grant");
    let wrong = case.expect(refused().recorded("sign_in.failed"), token(case, by(ALICE, "wrong"))).await;
    let unknown =
        case.expect(refused().recorded("sign_in.unknown_name"), token(case, by("x", PASSWORD))).await;
    assert_eq!(wrong.body, unknown.body);
}

/// A client's own token where a person's is needed.
async fn ci_012(case: &Case) {
    theirs(case).await;
    let body =
        value!({ "grant_type": "client_credentials", "client_id": WEB, "client_secret": secret_of(WEB) });
    let own = format!("Bearer {}", token(case, body).await.text("access_token"));
    let bearer = [("authorization", own.as_str())];
    let asked = case.app.send("GET", "/sm/v2/users/me", &bearer, "");
    case.expect(status(403).event("bearer.scope"), asked).await;
}

/// A client at a contract that it does not speak, in either direction.
async fn ci_017(case: &Case) {
    theirs(case).await;
    let own = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &*basic(WEB, &secret_of(WEB))),
    ];
    let form = "grant_type=client_credentials";
    // Its path is not there at the standard issuer, and the standard path is not there at its own.
    case.expect(status(404), case.app.send("POST", "/v2/oauth2/token", &own, form)).await;
    case.expect(status(404), case.app.send("POST", "/sm/token", &own, form)).await;
    // One that lists no issuer is nobody there.
    case.app.change_client(WEB, |client| client.issuers.clear()).await;
    let refused = case.app.send("POST", "/sm/v2/oauth2/token", &own, form);
    case.expect(json(401, "invalid_client").event("client.issuer"), refused).await;
    let browser = signed_in(case, ALICE).await;
    case.expect(page(400).event("authz.unknown_client"), browser.get(DIALOG)).await;
    // What only the older contract has is asked of the standard one in vain.
    let password =
        format!("grant_type=password&username={ALICE}&password={}", "correct%20horse%20battery%20staple");
    let asked = case.app.send("POST", "/token", &own, &password);
    case.expect(json(400, "unsupported_grant_type").event("token.grant_type_unknown"), asked).await;
}
