//! What an application does with a token of its own for people who have none yet (SMI-05): each under a scope of just that.

use doorward_core::id::ApiId;
use doorward_core::model::Actor;
use doorward_tests::{ALICE, PASSWORD, Reply, T1, WEB, secret_of};
use serde_json::{Value, json};

use super::{as_theirs, by_password, is_envelope, me, smartenit, token};
use crate::reference::Speaker;
use doorward_wire::scope::Scopes;

/// As theirs, in which WEB may do those errands too and asks for nothing by name.
async fn with(scopes: &str) -> Speaker {
    let at = smartenit().await;
    may(&at, scopes).await;
    at
}

async fn may(at: &Speaker, scopes: &str) {
    at.app
        .change_client(WEB, |client| {
            as_theirs(client);
            client.apis.insert(ApiId::from("urn:doorward:admin"));
            let all = format!("openid profile rs1:read {scopes}");
            client.scopes = Scopes::parse(&all).expect("scopes");
            client.default_scopes = client.scopes.clone();
        })
        .await;
}

/// The application's own token.
async fn own(at: &Speaker) -> String {
    let body = json!({
        "grant_type": "client_credentials", "client_id": WEB, "client_secret": secret_of(WEB),
    });
    let issued = token(at, body).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    assert_eq!(issued.json().get("refresh_token"), None);
    issued.text("access_token")
}

async fn post(at: &Speaker, path: &str, token: &str, body: Value) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    at.send("POST", path, &headers, &body.to_string()).await
}

fn somebody(name: &str) -> Value {
    json!({ "username": name, "password": PASSWORD, "profile": { "name": "New", "email": format!("{name}@example.com") } })
}

const USERS: &str = "/v2/users";
const RECOVER: &str = "/v2/users/recover_password";
const BOTH: &str = "admin:users.create admin:users.recover";

#[tokio::test]
async fn smi_05_an_application_makes_people_who_sign_in_and_have_no_role() {
    let at = with(BOTH).await;
    let made = post(&at, USERS, &own(&at).await, somebody("newcomer")).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let user = &made.json()["data"];
    assert_eq!(user["username"], "newcomer");
    assert_eq!(user["profile"], json!({ "name": "New", "email": "newcomer@example.com" }));

    let issued = token(&at, by_password("newcomer", PASSWORD)).await;
    assert_eq!(issued.json()["data"]["user"]["_id"], user["_id"], "{}", issued.body);
    assert_eq!(me(&at, &issued.text("access_token")).await.json()["data"]["_id"], user["_id"]);
    let tenant = T1.into();
    let id = doorward_core::id::UserId(user["_id"].as_str().expect("an id").to_owned());
    let found = at.app.store.user(&tenant, &id).await.expect("readable").expect("made").user;
    // Nothing is shown of the address yet, and nothing is held.
    assert_eq!((found.email_verified_at, found.administrator_since), (None, None));
    assert_eq!(at.app.store.assignments_of_all(&tenant, &[id]).await.expect("readable"), [Vec::new()]);
    // As an administrator's act it is in the trail, under the application's name.
    let events = at.app.events().await;
    let event = events.iter().rfind(|event| event.kind.as_str() == "object.created").expect("an event");
    assert_eq!(event.actor, Actor::Client(WEB.into()));
}

/// As the documentation of their library has it, and in the other spelling that there is.
#[tokio::test]
async fn smi_05_a_last_name_is_a_family_name() {
    let at = with(BOTH).await;
    let own = own(&at).await;
    for (number, said) in ["lastName", "lastname", "family_name"].into_iter().enumerate() {
        let body = json!({ "username": format!("newcomer{number}"), "profile": { "name": "New Comer", said: "Comer" } });
        let made = post(&at, USERS, &own, body).await;
        assert_eq!(made.status, 201, "{said}: {}", made.body);
        let told = &made.json()["data"]["profile"];
        assert_eq!(told, &json!({ "name": "New Comer", "family_name": "Comer" }), "{said}");
    }
    let people = at.app.rows("users").await;
    for profile in [
        json!({ "lastName": "Comer", "family_name": "Comer" }),
        json!({ "lastName": "Comer", "lastname": "Comer" }),
        json!({ "lastName": 1 }),
    ] {
        let made = post(&at, USERS, &own, json!({ "username": "newcomer", "profile": profile })).await;
        is_envelope(&made, 400, 400);
    }
    assert_eq!(at.app.rows("users").await, people);
}

#[tokio::test]
async fn smi_05_what_it_may_not_say_of_people_is_refused_and_nobody_is_made() {
    let at = with(BOTH).await;
    let (own, people) = (own(&at).await, at.app.rows("users").await);
    for (body, code) in [
        (json!({ "username": "newcomer", "roles": ["r1"] }), 400),
        (json!({ "username": "newcomer", "administrator": true }), 400),
        (json!({ "username": "newcomer", "email_verified": true }), 400),
        (json!({ "username": "newcomer", "profile": { "email_verified": true } }), 400),
        (json!({ "username": "newcomer", "profile": "x" }), 400),
        (json!({ "username": "newcomer", "password": "short" }), 400),
        (json!({ "password": PASSWORD }), 400),
        (json!({ "username": 1 }), 400),
        (json!(["newcomer"]), 400),
        // Whoever is called so already.
        (json!({ "username": ALICE }), 409),
        (json!({ "username": "newcomer", "profile": { "email": "alice@example.com" } }), 409),
    ] {
        let reply = post(&at, USERS, &own, body).await;
        is_envelope(&reply, code, code);
        // Whose a name or an address is, is told nobody here.
        let message = &reply.json()["error"]["errors"][0]["message"];
        assert!(code != 409 || message == "username or profile.email is taken", "{message}");
    }
    // What is wrong is told by the name that it has here.
    for (body, named) in [
        (json!({ "username": "a b" }), "username: "),
        (json!({ "username": "newcomer", "profile": { "email": "nobody" } }), "profile.email: "),
        (json!({ "username": "newcomer", "profile": { "locale": 1 } }), "profile.locale: "),
        (json!({ "username": "newcomer", "password": "short" }), "password: "),
    ] {
        let reply = post(&at, USERS, &own, body).await;
        is_envelope(&reply, 400, 400);
        let message = reply.json()["error"]["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.starts_with(named) && !message.contains("user_name"), "{message}");
    }
    let form =
        [("content-type", "application/x-www-form-urlencoded"), ("authorization", &format!("Bearer {own}"))];
    is_envelope(&at.send("POST", USERS, &form, "username=newcomer").await, 400, 400);
    assert_eq!(at.app.rows("users").await, people);
}

#[tokio::test]
async fn smi_05_each_takes_its_own_scope_in_a_token_of_nobody() {
    let at = with("").await;
    let asks = async |token: &str| {
        let made = post(&at, USERS, token, somebody("newcomer")).await;
        let mailed = post(&at, RECOVER, token, json!({ "username": ALICE })).await;
        [made, mailed]
    };
    let refused = |replies: &[Reply]| replies.iter().for_each(|reply| is_envelope(reply, 403, 403));
    refused(&asks(&own(&at).await).await);
    may(&at, "admin:users.read admin:clients.write").await;
    let replies = asks(&own(&at).await).await;
    refused(&replies);
    let challenge = replies[1].header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("scope=\"admin:users.recover\""), "{challenge}");
    // Each is for one thing.
    may(&at, "admin:users.create").await;
    refused(&[post(&at, RECOVER, &own(&at).await, json!({ "username": ALICE })).await]);
    may(&at, "admin:users.recover").await;
    refused(&[post(&at, USERS, &own(&at).await, somebody("newcomer")).await]);
    // In the name of a person who could do all of it themselves, nothing.
    may(&at, BOTH).await;
    let since = Some(doorward_core::Timestamp(1));
    at.app.change_user(ALICE, |user| user.administrator_since = since).await;
    let hers = token(&at, by_password(ALICE, PASSWORD)).await;
    assert!(hers.text("scope").contains("admin:users.create"), "{}", hers.body);
    refused(&asks(&hers.text("access_token")).await);
    assert_eq!(at.app.mails().await.len(), 0);

    // No token, none that lives, none that is one any more.
    is_envelope(&at.json("POST", USERS, somebody("newcomer")).await, 401, 114);
    is_envelope(&post(&at, USERS, "nonsense", somebody("newcomer")).await, 401, 114);
    let own = own(&at).await;
    at.app.change_client(WEB, |client| client.disabled_at = since).await;
    asks(&own).await.iter().for_each(|reply| is_envelope(reply, 401, 114));
    at.app.change_client(WEB, |client| client.disabled_at = None).await;
    // What its client is no longer registered for counts no more.
    may(&at, "").await;
    refused(&asks(&own).await);
    may(&at, BOTH).await;
    at.app.advance_s(600);
    asks(&own).await.iter().for_each(|reply| is_envelope(reply, 401, 115));
}

#[tokio::test]
async fn smi_05_such_a_token_reads_nothing_of_people_and_opens_no_other_door() {
    let at = with(BOTH).await;
    let own = own(&at).await;
    is_envelope(&me(&at, &own).await, 403, 403);
    // The issuer next door is another, and its API takes neither scope.
    let bearer = format!("Bearer {own}");
    let api = format!("/admin/v1/tenants/{T1}/users");
    assert_eq!(at.app.send("GET", &api, &[("authorization", &bearer)], "").await.status, 401);
    let form = [("grant_type", "client_credentials"), ("scope", BOTH)];
    let basic = doorward_tests::basic(WEB, &secret_of(WEB));
    let next = at.app.post_form("/token", &form, &[("authorization", &basic)]).await;
    assert_eq!(next.status, 200, "{}", next.body);
    let bearer = format!("Bearer {}", next.text("access_token"));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    for (method, body) in [("GET", ""), ("POST", r#"{"user_name":"newcomer"}"#)] {
        assert_eq!(at.app.send(method, &api, &headers, body).await.status, 403, "{method}");
    }
    // And a token of that issuer is none here.
    is_envelope(&post(&at, USERS, &next.text("access_token"), somebody("newcomer")).await, 401, 114);
}

#[tokio::test]
async fn smi_05_a_mail_for_a_new_password_goes_out_and_tells_nobody_who_is_there() {
    let at = with(BOTH).await;
    let own = own(&at).await;
    let known = post(&at, RECOVER, &own, json!({ "username": ALICE })).await;
    assert_eq!(known.status, 200, "{}", known.body);
    for name in ["nobody", "nobody@example.com", "not a name @ all"] {
        let reply = post(&at, RECOVER, &own, json!({ "username": name })).await;
        assert_eq!((reply.status, reply.body), (known.status, known.body.clone()), "{name}");
    }
    let mails = at.app.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].kind, mails[0].to.as_str()), ("password_reset", "alice@example.com"));
    assert!(
        mails[0].link.as_deref().is_some_and(|link| link.starts_with("https://id.example/sm/reset-password"))
    );

    // As many as from the page, and then the answer is the same and nothing goes out.
    for _ in 0..6 {
        let again = post(&at, RECOVER, &own, json!({ "username": "Alice@Example.com" })).await;
        assert_eq!((again.status, again.body), (known.status, known.body.clone()));
    }
    assert_eq!(at.app.mails().await.len(), 5);
    for body in
        [json!({}), json!({ "username": " " }), json!({ "username": ALICE, "url": "https://evil.example" })]
    {
        is_envelope(&post(&at, RECOVER, &own, body).await, 400, 400);
    }
}

#[tokio::test]
async fn smi_05_a_client_that_asks_too_often_waits() {
    let at = with(BOTH).await;
    at.app.change_client(WEB, |client| client.rate_limit = 60).await;
    let own = own(&at).await;
    let mut statuses = Vec::new();
    for _ in 0..200 {
        let reply = post(&at, RECOVER, &own, json!({ "username": "nobody" })).await;
        statuses.push(reply.status);
        if reply.status == 429 {
            assert!(reply.header("retry-after").is_some());
            is_envelope(&reply, 429, 429);
            return;
        }
    }
    panic!("never: {statuses:?}");
}
