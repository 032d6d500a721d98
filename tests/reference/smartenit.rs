//! Smartenit (criteria SMI-01 to SMI-10).

mod applications;
mod client_first;
mod users;

use std::collections::BTreeMap;

use doorward_core::model::{Client, Legacy, RefreshPolicy};
use doorward_tests::{ALICE, BOB, MALLORY, PASSWORD, Page, Reply, WEB, secret_of, user_id};
use doorward_wire::redirect_uri::RedirectUri;
use doorward_wire::scope::Scopes;
use serde_json::{Value, json};

use super::transcript::play;
use super::{Speaker, end_newest};

/// An application that is registered for all that theirs do, and ALICE in a project.
pub async fn smartenit() -> Speaker {
    let at = Speaker::of("smartenit").await;
    at.app.change_client(WEB, as_theirs).await;
    at
}

/// Registered for all that theirs do.
pub fn as_theirs(client: &mut Client) {
    client.grant_types =
        ["authorization_code", "client_credentials", "implicit", "password", "refresh_token"]
            .map(str::to_owned)
            .into();
    client.redirect_uris.truncate(1);
    client.require_pkce = false;
    client.first_party = true;
    client.refresh_policy = RefreshPolicy::Reuse;
    client.legacy = [Legacy::RefreshWithoutClient].into();
    client.default_scopes = Scopes::parse("openid profile rs1:read").expect("scopes");
}

pub async fn token(at: &Speaker, body: Value) -> Reply {
    at.json("POST", "/v2/oauth2/token", body).await
}

/// Somebody's password, by the application with its secret.
pub fn by_password(user: &str, password: &str) -> Value {
    by_password_at(WEB, user, password)
}

/// The same, by that application.
fn by_password_at(client: &str, user: &str, password: &str) -> Value {
    json!({
        "grant_type": "password", "username": user, "password": password, "client_id": client,
        "client_secret": secret_of(client),
    })
}

pub async fn me(at: &Speaker, token: &str) -> Reply {
    at.send("GET", "/v2/users/me", &[("authorization", &format!("Bearer {token}"))], "").await
}

fn is_oauth_error(reply: &Reply, status: u16, error: &str) {
    assert_eq!((reply.status, reply.text("error").as_str()), (status, error), "{}", reply.body);
}

fn is_envelope(reply: &Reply, status: u16, code: u16) {
    let told = reply.json();
    assert_eq!(
        (reply.status, told["error"]["errors"][0]["code"].as_u64()),
        (status, Some(u64::from(code))),
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn the_sequence_is_as_it_was_written_down() {
    let at = smartenit().await;
    at.app
        .change_client(WEB, |client| {
            client.also_auth_methods.insert("client_token".to_owned());
            client.apis.insert(doorward_core::admin::API.into());
            let errands = "openid profile rs1:read admin:users.create admin:users.recover";
            client.scopes = Scopes::parse(errands).expect("scopes");
        })
        .await;
    let browser = at.signed_in(ALICE).await;
    let mut known: BTreeMap<String, String> = [("secret", secret_of(WEB)), ("user", user_id(ALICE))]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    let steps = play(&at, &browser, include_str!("smartenit.txt"), &mut known).await;
    assert_eq!(steps, 25);
}

#[tokio::test]
async fn smi_02_tokens_in_the_fragment_are_for_who_is_registered_for_them_and_nowhere_else() {
    let at = smartenit().await;
    let browser = at.app.browser();
    // Nobody is signed in: they sign in on our own page, and then arrive.
    let dialog = "/v2/oauth2/dialog?response_type=token&client_id=web&state=s";
    let page = Page::of(at.get(&browser, dialog).await);
    let reply = browser.submit(&page, &doorward_tests::credentials(ALICE)).await;
    let location = reply.header("location").expect("back to the application");
    let (address, fragment) = location.split_once('#').expect("a fragment");
    assert_eq!(address, "https://app.example/cb");
    assert!(fragment.starts_with("access_token=") && fragment.contains("&expires_in=600&"));
    assert!(fragment.contains("&state=s&") && !fragment.contains("refresh_token"));

    // Of two addresses it is neither.
    let another = RedirectUri::parse("https://app.example/another").expect("an address");
    at.app.change_client(WEB, |client| client.redirect_uris.push(another)).await;
    let page = at.get(&browser, dialog).await;
    assert_eq!((page.status, page.header("location")), (400, None), "{}", page.body);
    at.app.change_client(WEB, as_theirs).await;

    let query = at.get(&browser, &format!("{dialog}&response_mode=query")).await;
    let told = query.header("location").expect("back to the application");
    assert!(told.contains("#error=invalid_request"), "never in a query: {told}");

    at.app
        .change_client(WEB, |client| {
            client.grant_types.remove("implicit");
        })
        .await;
    let refused = at.get(&browser, dialog).await;
    assert!(
        refused.header("location").is_some_and(|to| to.contains("#error=unauthorized_client")),
        "{refused:?}"
    );
    // The standard issuer of the same tenant knows no such thing, whatever the client is registered for.
    at.app.change_client(WEB, as_theirs).await;
    let standard = browser.get("/authorize?response_type=token&client_id=web&state=s").await;
    assert_eq!(standard.param("error").as_deref(), Some("unsupported_response_type"));
}

#[tokio::test]
async fn smi_03_the_client_comes_first_and_nothing_tells_what_was_wrong_of_the_person() {
    let at = smartenit().await;
    let mut wrong_client = by_password(ALICE, PASSWORD);
    wrong_client["client_secret"] = json!("wrong");
    is_oauth_error(&token(&at, wrong_client).await, 401, "invalid_client");
    let mut nobody = by_password(ALICE, PASSWORD);
    nobody.as_object_mut().expect("an object").remove("client_secret");
    is_oauth_error(&token(&at, nobody).await, 401, "invalid_client");

    let wrong = token(&at, by_password(ALICE, "wrong")).await;
    is_oauth_error(&wrong, 400, "invalid_grant");
    assert_eq!(token(&at, by_password("nobody", "wrong")).await.body, wrong.body);
    at.app.change_user(BOB, |user| user.disabled_at = Some(doorward_core::Timestamp(1))).await;
    assert_eq!(token(&at, by_password(BOB, PASSWORD)).await.body, wrong.body);

    // Ten at one name, and it is enough: even the right one waits.
    for _ in 0..9 {
        token(&at, by_password(ALICE, "wrong")).await;
    }
    let limited = token(&at, by_password(ALICE, PASSWORD)).await;
    assert_eq!(limited.status, 429, "{}", limited.body);
    assert!(limited.header("retry-after").is_some());

    // A client that may not use it, and the standard issuer, which has no such grant.
    at.app
        .change_client(WEB, |client| {
            client.grant_types.remove("password");
        })
        .await;
    is_oauth_error(&token(&at, by_password(ALICE, PASSWORD)).await, 400, "unauthorized_client");
    let form = format!(
        "grant_type=password&username=alice&password=x&client_id=web&client_secret={}",
        secret_of(WEB)
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let standard = at.app.send("POST", "/token", &headers, &form).await;
    is_oauth_error(&standard, 400, "unsupported_grant_type");
}

#[tokio::test]
async fn smi_06_lifetimes_are_the_applications_and_tokens_end_then() {
    let at = smartenit().await;
    let mut tokens = Vec::new();
    for (client, lives_s) in [(WEB, 120), ("plain", 180)] {
        at.app.change_client(client, as_theirs).await;
        at.app.change_client(client, |client| client.lifetimes.access_token_s = lives_s).await;
        let issued = token(&at, by_password_at(client, ALICE, PASSWORD)).await;
        assert_eq!(issued.json()["expires_in"], lives_s, "{client}: {}", issued.body);
        tokens.push(issued.text("access_token"));
    }
    at.app.advance_s(119);
    assert_eq!((me(&at, &tokens[0]).await.status, me(&at, &tokens[1]).await.status), (200, 200));
    at.app.advance_s(1);
    // SMI-09: theirs is the code that makes their application refresh.
    is_envelope(&me(&at, &tokens[0]).await, 401, 115);
    assert_eq!(me(&at, &tokens[1]).await.status, 200, "it is the other's");
    at.app.advance_s(60);
    is_envelope(&me(&at, &tokens[1]).await, 401, 115);
}

/// Their application keeps the one that it began with, and shows the access token of before, which has expired.
#[tokio::test]
async fn smi_07_one_refresh_token_serves_until_its_grant_ends() {
    let at = smartenit().await;
    at.app.change_client(WEB, |client| client.lifetimes.refresh_absolute_s = 3600).await;
    let issued = token(&at, by_password(ALICE, PASSWORD)).await;
    let (refresh, mut access) = (issued.text("refresh_token"), issued.text("access_token"));
    let again = async |access: &str| {
        let bearer = format!("Bearer {access}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = json!({ "grant_type": "refresh_token", "refresh_token": refresh });
        at.send("POST", "/v2/oauth2/token", &headers, &body.to_string()).await
    };
    for time in 1..=4 {
        at.app.advance_s(700);
        is_envelope(&me(&at, &access).await, 401, 115);
        let reply = again(&access).await;
        assert_eq!((reply.status, reply.text("refresh_token")), (200, refresh.clone()), "{time}");
        access = reply.text("access_token");
        assert_eq!(me(&at, &access).await.status, 200, "{time}");
    }
    // What makes up for it: an end that use does not put off.
    at.app.advance_s(800);
    is_oauth_error(&again(&access).await, 400, "invalid_grant");
    is_envelope(&me(&at, &access).await, 401, 115);
}

/// And all that came of a consent ends with it.
#[tokio::test]
async fn smi_07_a_consent_that_is_ended_ends_every_token_that_came_of_it() {
    let at = smartenit().await;
    let others = token(&at, by_password(BOB, PASSWORD)).await.text("access_token");
    let issued = token(&at, by_password(ALICE, PASSWORD)).await;
    let refresh = json!({ "grant_type": "refresh_token", "refresh_token": issued.text("refresh_token") });
    let second = token(&at, refresh.clone()).await;
    let both = [issued.text("access_token"), second.text("access_token")];
    for access in &both {
        assert_eq!(me(&at, access).await.status, 200);
    }
    end_newest(&at.app, "consents", WEB).await;
    for access in &both {
        is_envelope(&me(&at, access).await, 401, 114);
    }
    is_oauth_error(&token(&at, refresh).await, 400, "invalid_grant");
    assert_eq!(me(&at, &others).await.status, 200);
}

#[tokio::test]
async fn smi_07_a_refresh_without_a_client_is_for_clients_that_are_marked_so() {
    let at = smartenit().await;
    let issued = token(&at, by_password(ALICE, PASSWORD)).await;
    let refresh = json!({ "grant_type": "refresh_token", "refresh_token": issued.text("refresh_token") });
    at.app.advance_s(601);
    let again = token(&at, refresh.clone()).await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(me(&at, &again.text("access_token")).await.status, 200);

    at.app
        .change_client(WEB, |client| {
            client.legacy.remove(&Legacy::RefreshWithoutClient);
        })
        .await;
    is_oauth_error(&token(&at, refresh.clone()).await, 401, "invalid_client");
    // It is over for good where the person is switched off.
    at.app.change_client(WEB, as_theirs).await;
    at.app.change_user(ALICE, |user| user.disabled_at = Some(doorward_core::Timestamp(1))).await;
    is_oauth_error(&token(&at, refresh).await, 400, "invalid_grant");
    is_envelope(&me(&at, &again.text("access_token")).await, 401, 114);
}

#[tokio::test]
async fn smi_05_a_clients_own_token_is_nobodys() {
    let at = smartenit().await;
    let body = json!({
        "grant_type": "client_credentials", "client_id": WEB, "client_secret": secret_of(WEB),
    });
    let own = token(&at, body).await;
    assert_eq!(own.json().get("refresh_token"), None);
    is_envelope(&me(&at, &own.text("access_token")).await, 403, 403);
}

#[tokio::test]
async fn smi_08_the_account_is_the_topmost_context_and_null_where_there_is_none() {
    let at = smartenit().await;
    let of_nothing = token(&at, by_password(MALLORY, PASSWORD)).await;
    assert_eq!(of_nothing.json()["data"]["user"]["_id"], user_id(MALLORY));
    assert_eq!(of_nothing.json()["data"]["account"], Value::Null);
    // By a form as by JSON.
    let secret = secret_of(WEB);
    let form = [
        ("grant_type", "password"),
        ("username", ALICE),
        ("password", PASSWORD),
        ("client_id", WEB),
        ("client_secret", &secret),
    ];
    let told = at.app.post_form(&format!("{}/v2/oauth2/token", at.mount), &form, &[]).await.json();
    assert_eq!(told["data"]["user"]["_id"], user_id(ALICE), "{told}");
    assert_eq!(told["data"]["account"], json!({ "_id": "customer/c-1", "name": "customer/c-1" }));
    let account = |reply: Reply| reply.json()["data"]["account"]["_id"].clone();
    // She is of a project of that customer too.
    assert_eq!(account(token(&at, by_password(ALICE, PASSWORD)).await), "customer/c-1");
    assert_eq!(account(token(&at, by_password(BOB, PASSWORD)).await), "project/p-2");
    let since = Some(doorward_core::Timestamp(1));
    at.app.change_context("customer/c-1", |context| context.disabled_at = since).await;
    assert_eq!(account(token(&at, by_password(ALICE, PASSWORD)).await), Value::Null, "all below is off too");
}

/// Tokens that were issued are answered: what their answer tells is read before they are.
#[tokio::test]
async fn smi_08_where_the_account_cannot_be_read_nothing_is_issued() {
    let at = smartenit().await;
    let grants = at.app.rows("grants").await;
    at.app.alter("ALTER TABLE contexts RENAME COLUMN data TO away").await;
    let reply = token(&at, by_password(ALICE, PASSWORD)).await;
    assert_eq!((reply.status, reply.header("retry-after").is_some()), (503, true), "{}", reply.body);
    at.app.alter("ALTER TABLE contexts RENAME COLUMN away TO data").await;
    assert_eq!(at.app.rows("grants").await, grants);
    assert_eq!(token(&at, by_password(ALICE, PASSWORD)).await.status, 200);
    assert_eq!(at.app.rows("grants").await, grants + 1);
}
