//! A client that shows itself by a live token of its own before a person's password is looked at (SMI-03).

use doorward_core::model::{Client, Ticket, TicketKind};
use doorward_core::token::claims::AccessClaims;
use doorward_core::token::read::revoked_mark;
use doorward_core::{Effect, Timestamp};
use doorward_tests::{ALICE, M2M, PASSWORD, Reply, T1, WEB, claims, secret_of};
use doorward_wire::scope::Scopes;
use serde_json::{Value, json};

use super::{as_theirs, by_password, is_oauth_error, smartenit, token};
use crate::reference::Speaker;

/// As theirs, in which WEB may show itself so.
async fn at_client_token() -> Speaker {
    let at = smartenit().await;
    at.app.change_client(WEB, by_token).await;
    at
}

fn by_token(client: &mut Client) {
    as_theirs(client);
    client.also_auth_methods.insert("client_token".to_owned());
}

/// A client's own token.
async fn own(at: &Speaker, client: &str) -> String {
    let body = json!({
        "grant_type": "client_credentials", "client_id": client, "client_secret": secret_of(client),
    });
    let issued = token(at, body).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    issued.text("access_token")
}

/// A password, behind that token.
async fn behind(at: &Speaker, bearer: &str, body: Value) -> Reply {
    let bearer = format!("Bearer {bearer}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    at.send("POST", "/v2/oauth2/token", &headers, &body.to_string()).await
}

fn password_of(user: &str, password: &str) -> Value {
    json!({ "grant_type": "password", "username": user, "password": password })
}

fn named(client: &str) -> Value {
    let mut body = password_of(ALICE, PASSWORD);
    body["client_id"] = json!(client);
    body
}

/// How often somebody's password was tried.
async fn tries(at: &Speaker) -> i64 {
    at.app.rows("throttle_buckets").await
}

#[tokio::test]
async fn smi_03_a_token_of_its_own_does_for_the_secret() {
    let at = at_client_token().await;
    let own = own(&at, WEB).await;
    for body in [password_of(ALICE, PASSWORD), named(WEB)] {
        let issued = behind(&at, &own, body).await;
        assert_eq!(issued.status, 200, "{}", issued.body);
        assert_eq!(issued.json()["data"]["user"]["username"], "alice");
        assert!(issued.json()["refresh_token"].is_string());
    }
    // What is wrong of the person is told as ever, and the token works on.
    is_oauth_error(&behind(&at, &own, password_of(ALICE, "wrong")).await, 400, "invalid_grant");
    assert_eq!(behind(&at, &own, named(WEB)).await.status, 200);
    let mut without = password_of(ALICE, PASSWORD);
    without.as_object_mut().expect("an object").remove("password");
    is_oauth_error(&behind(&at, &own, without).await, 400, "invalid_request");
}

#[tokio::test]
async fn smi_03_any_other_token_is_no_client_and_no_password_is_looked_at() {
    let at = at_client_token().await;
    at.app
        .change_client(M2M, |client| {
            by_token(client);
            client.redirect_uris.clear();
            client.grant_types.remove("authorization_code");
            client.grant_types.remove("implicit");
        })
        .await;
    let (web, other) = (own(&at, WEB).await, own(&at, M2M).await);
    let hers = token(&at, by_password(ALICE, PASSWORD)).await;
    let next = at
        .app
        .post_form(
            "/token",
            &[("grant_type", "client_credentials")],
            &[("authorization", &doorward_tests::basic(WEB, &secret_of(WEB)))],
        )
        .await;
    let tried = tries(&at).await;
    let (access, refresh) = (hers.text("access_token"), hers.text("refresh_token"));
    let (id, next) = (hers.text("id_token"), next.text("access_token"));
    let forged = format!("{}AAAA", &web[..web.len() - 4]);
    for (what, bearer) in [
        ("another client's", &other),
        ("a person's", &access),
        ("a refresh token", &refresh),
        ("an ID token", &id),
        ("one of the issuer next door", &next),
        ("one that nobody signed", &forged),
        ("nothing", &"nonsense".to_owned()),
        ("what can be none", &"a b".to_owned()),
    ] {
        let reply = behind(&at, bearer, named(WEB)).await;
        assert_eq!(
            (reply.status, reply.text("error").as_str()),
            (401, "invalid_client"),
            "{what}: {}",
            reply.body
        );
    }
    // Nobody is named, and the token does not say who: nothing to go by.
    for bearer in [&access, &refresh, &"nonsense".to_owned()] {
        is_oauth_error(&behind(&at, bearer, password_of(ALICE, PASSWORD)).await, 401, "invalid_client");
    }
    // One that has ended, in whichever way.
    at.app.change_client(WEB, |client| client.disabled_at = Some(Timestamp(1))).await;
    is_oauth_error(&behind(&at, &web, named(WEB)).await, 401, "invalid_client");
    at.app.change_client(WEB, |client| client.disabled_at = None).await;
    let taken_back = own(&at, WEB).await;
    at.app.commit(vec![Effect::InsertTicket(taken_away(&taken_back))]).await;
    is_oauth_error(&behind(&at, &taken_back, named(WEB)).await, 401, "invalid_client");
    assert_eq!(tries(&at).await, tried, "no password was tried");
    assert_eq!(behind(&at, &web, named(WEB)).await.status, 200);
    at.app.advance_s(600);
    is_oauth_error(&behind(&at, &web, named(WEB)).await, 401, "invalid_client");
}

/// The mark of a token that was revoked.
fn taken_away(token: &str) -> Ticket {
    let said: AccessClaims = serde_json::from_value(claims(token)).expect("claims");
    let end = Timestamp(said.exp * 1000);
    Ticket::unbound(revoked_mark(&said), TicketKind::RevokedJti, &T1.into(), end)
}

#[tokio::test]
async fn smi_03_of_two_headers_neither_shows_the_client() {
    let at = at_client_token().await;
    let own = format!("Bearer {}", own(&at, WEB).await);
    let tried = tries(&at).await;
    let basic = doorward_tests::basic(WEB, &secret_of(WEB));
    for (one, other) in [(&own, &own), (&own, &basic), (&basic, &own)] {
        let headers = [("authorization", one.as_str()), ("authorization", other.as_str()), JSON];
        let reply = at.send("POST", "/v2/oauth2/token", &headers, &named(WEB).to_string()).await;
        is_oauth_error(&reply, 401, "invalid_client");
    }
    assert_eq!(tries(&at).await, tried, "no password was tried");
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn smi_03_a_token_does_for_a_password_only_and_for_clients_that_are_registered_so() {
    let at = at_client_token().await;
    let web = own(&at, WEB).await;
    for (grant, more) in [
        ("client_credentials", json!({})),
        ("authorization_code", json!({ "code": "dwc_x", "redirect_uri": "https://app.example/cb" })),
    ] {
        let mut body = json!({ "grant_type": grant, "client_id": WEB });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        is_oauth_error(&behind(&at, &web, body).await, 401, "invalid_client");
    }
    // Beside a secret it shows nobody: their programs send their last token along.
    for bearer in [&*web, "null", "nonsense"] {
        let both = behind(&at, bearer, by_password(ALICE, PASSWORD)).await;
        assert_eq!(both.status, 200, "{bearer}: {}", both.body);
        let mut wrong = by_password(ALICE, PASSWORD);
        wrong["client_secret"] = json!("wrong");
        is_oauth_error(&behind(&at, bearer, wrong).await, 401, "invalid_client");
    }
    // A refresh is not asked who brings it: the old token beside it proves nothing, whichever it is.
    let refresh = token(&at, by_password(ALICE, PASSWORD)).await.text("refresh_token");
    let body = json!({ "grant_type": "refresh_token", "refresh_token": refresh });
    assert_eq!(behind(&at, "nonsense", body).await.status, 200);

    at.app
        .change_client(WEB, |client| {
            client.also_auth_methods.remove("client_token");
        })
        .await;
    is_oauth_error(&behind(&at, &web, named(WEB)).await, 401, "invalid_client");
    assert_eq!(at.app.recorded("client.method").await, 3);
}

#[tokio::test]
async fn smi_03_an_opaque_token_does_where_the_client_is_named() {
    let at = at_client_token().await;
    at.app
        .change_client(WEB, |client| {
            client.apis.insert("https://rs2.example".into());
            client.scopes = Scopes::parse("openid rs2:read").expect("scopes");
            client.default_scopes = client.scopes.clone();
        })
        .await;
    let web = own(&at, WEB).await;
    assert!(!web.contains('.'), "{web}");
    assert_eq!(behind(&at, &web, named(WEB)).await.status, 200);
    is_oauth_error(&behind(&at, &web, password_of(ALICE, PASSWORD)).await, 401, "invalid_client");
    is_oauth_error(&behind(&at, &web, named(M2M)).await, 401, "invalid_client");
    // One that the client has of a person shows that it may act for them, and not who it is.
    let of_alice = behind(&at, &web, named(WEB)).await.text("access_token");
    assert!(!of_alice.contains('.'), "{of_alice}");
    is_oauth_error(&behind(&at, &of_alice, named(WEB)).await, 401, "invalid_client");
    at.app.advance_s(600);
    is_oauth_error(&behind(&at, &web, named(WEB)).await, 401, "invalid_client");
}
