//! What an application is registered for: its code, and what it lets people do by their roles.

use doorward_core::id::RoleKey;
use doorward_core::model::{Assignment, Client, Role};
use doorward_core::permission::Permission;
use doorward_core::{Effect, Timestamp};
use doorward_tests::extended::{P1, assign};
use doorward_tests::{ALICE, BOB, PASSWORD, Reply, T1, WEB, encode, secret_of, user_id};
use doorward_wire::scope::Scopes;
use serde_json::json;

use super::{Speaker, as_theirs, by_password, is_envelope, is_oauth_error, me, smartenit, token};

/// A role beside those that are there.
const VIEWER: i64 = 77;
const CALLBACK: &str = "https://app.example/cb";

/// The code that somebody comes back from the dialog with.
async fn code(at: &Speaker) -> String {
    let browser = at.signed_in(ALICE).await;
    let dialog = format!(
        "/v2/oauth2/dialog?response_type=code&client_id=web&state=s&{}",
        encode(&[("redirect_uri", CALLBACK)])
    );
    let back = at.get(&browser, &dialog).await;
    assert_eq!(back.param("state").as_deref(), Some("s"), "unchanged");
    back.param("code").expect("a code")
}

#[tokio::test]
async fn smi_01_a_code_is_for_the_application_that_shows_itself() {
    let at = smartenit().await;
    let body = |code: &str, secret: &str, to: &str| {
        json!({
            "grant_type": "authorization_code", "code": code, "redirect_uri": to, "client_id": WEB,
            "client_secret": secret,
        })
    };
    let fresh = code(&at).await;
    is_oauth_error(&token(&at, body(&fresh, "wrong", CALLBACK)).await, 401, "invalid_client");
    for lacking in [&["client_secret"][..], &["client_id", "client_secret"]] {
        let mut body = body(&fresh, "", CALLBACK);
        lacking.iter().for_each(|name| drop(body.as_object_mut().expect("an object").remove(*name)));
        is_oauth_error(&token(&at, body).await, 401, "invalid_client");
    }
    let elsewhere = body(&fresh, &secret_of(WEB), "https://app.example/other");
    is_oauth_error(&token(&at, elsewhere).await, 400, "invalid_grant");
    let issued = token(&at, body(&fresh, &secret_of(WEB), CALLBACK)).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    assert_eq!(me(&at, &issued.text("access_token")).await.status, 200);
    is_oauth_error(&token(&at, body(&fresh, &secret_of(WEB), CALLBACK)).await, 400, "invalid_grant");
    // The dialog and the token endpoint stand at their addresses here, and at no other issuer's.
    let headers = [("content-type", "application/json")];
    let standard = at.app.send("POST", "/v2/oauth2/token", &headers, "{}").await;
    assert_eq!((standard.status, at.app.browser().get("/v2/oauth2/dialog").await.status), (404, 404));
}

/// ALICE writes orders wherever she is, and the application's map is this.
async fn mapped(at: &Speaker, map: &[(&str, &str)]) {
    let Effect::Assign(mut everywhere) = assign(P1) else { panic!("an assignment") };
    everywhere.context = None;
    at.app.commit(vec![Effect::Assign(everywhere)]).await;
    let permission = |word: &str| Permission::parse(word).expect("a permission");
    let map = map.iter().map(|(role, word)| ((*role).into(), [permission(word)].into())).collect();
    at.app
        .change_client(WEB, |client: &mut Client| {
            as_theirs(client);
            client.default_scopes = Scopes::parse("openid rs1:read rs1:write").expect("scopes");
            client.role_permissions = Some(map);
        })
        .await;
}

/// The scopes that a password brings.
async fn scopes(at: &Speaker, user: &str) -> Reply {
    let reply = token(at, by_password(user, PASSWORD)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

/// Roles add up on both sides: what the map gives to one of them counts of what another gives.
#[tokio::test]
async fn smi_04_what_the_map_gives_is_the_union_over_the_roles_of_the_person() {
    let at = smartenit().await;
    let viewer = Role {
        tenant: T1.into(),
        key: RoleKey(VIEWER),
        id: "viewer".into(),
        name: "Viewer".to_owned(),
        description: String::new(),
        permissions: [Permission::parse("bills:read").expect("a permission")].into(),
        requires_second_factor: false,
        version: 0,
        created_at: Timestamp(0),
    };
    let of = |user: &str| {
        Effect::Assign(Assignment {
            tenant: T1.into(),
            user: user_id(user).into(),
            context: None,
            role: viewer.key,
            role_id: viewer.id.clone(),
            created_at: Timestamp(0),
        })
    };
    at.app.commit(vec![Effect::PutRole(viewer.clone()), of(ALICE), of(BOB)]).await;
    mapped(&at, &[("viewer", "orders:write")]).await;
    assert_eq!(scopes(&at, ALICE).await.text("scope"), "openid rs1:read rs1:write");
    assert_eq!(scopes(&at, BOB).await.text("scope"), "openid rs1:read", "the role gives nothing of it");
}

#[tokio::test]
async fn smi_04_roles_let_people_do_what_the_application_says_of_them() {
    let at = smartenit().await;
    for (map, expected) in [
        (&[("writer", "orders:write")][..], "openid rs1:read rs1:write"),
        (&[("writer", "orders:*")], "openid rs1:read rs1:write"),
        (&[("writer", "orders:read"), ("other", "orders:write")], "openid rs1:read"),
        (&[], "openid rs1:read"),
    ] {
        mapped(&at, map).await;
        assert_eq!(scopes(&at, ALICE).await.text("scope"), expected, "{map:?}");
        // The map gives nobody what no role of theirs gives.
        assert_eq!(scopes(&at, BOB).await.text("scope"), "openid rs1:read", "{map:?}");
    }
}

/// Somebody else's application is limited by what it is registered for, and by the role.
#[tokio::test]
async fn smi_10_an_application_gets_what_both_it_and_the_person_may() {
    let at = smartenit().await;
    mapped(&at, &[("writer", "orders:write")]).await;
    at.app
        .change_client(WEB, |client| client.scopes = Scopes::parse("openid rs1:read").expect("scopes"))
        .await;
    let mut asks = by_password(ALICE, PASSWORD);
    asks["scope"] = json!("openid rs1:write");
    is_oauth_error(&token(&at, asks).await, 400, "invalid_scope");
    at.app.change_client(WEB, |client| client.first_party = false).await;
    at.app.guarded(json!([{ "path": "/write", "scopes": ["rs1:write"] }, { "path": "/read" }]), false).await;
    // Of those who may do the same by their role, the one whose application is registered for it; by that one, only she whose role it is.
    let both = "openid rs1:read rs1:write";
    for (user, registered, scope, writes) in [
        (ALICE, "openid rs1:read", "openid rs1:read", 403),
        (ALICE, both, both, 200),
        (BOB, both, "openid rs1:read", 403),
    ] {
        at.app.change_client(WEB, |client| client.scopes = Scopes::parse(registered).expect("scopes")).await;
        let issued = scopes(&at, user).await;
        assert_eq!(issued.text("scope"), scope, "{user} {registered}");
        let bearer = format!("Bearer {}", issued.text("access_token"));
        for (path, status) in [("/read", 200), ("/write", writes)] {
            let reply = at.at_the_guard(path, ("authorization", &bearer)).await;
            assert_eq!(reply.status, status, "{user} {registered} {path}: {}", reply.body);
        }
    }
}

/// A person who has no scope of an API gets tokens that are not for it; who refreshes for that gets the same again.
#[tokio::test]
async fn smi_09_a_token_for_another_audience_is_no_reason_to_refresh() {
    let at = smartenit().await;
    let access = token(&at, by_password(ALICE, PASSWORD)).await.text("access_token");
    let bearer = format!("Bearer {access}");
    let headers = [("authorization", &*bearer), ("x-original-method", "GET"), ("x-original-uri", "/")];
    let path = format!("{}/guard?api=https%3A%2F%2Frs2.example", at.mount);
    is_envelope(&at.app.get(&path, &headers).await, 401, 401);
}

#[tokio::test]
async fn smi_09_what_is_over_and_what_never_was_have_codes_of_their_own_here_alone() {
    let at = smartenit().await;
    let access = token(&at, by_password(ALICE, PASSWORD)).await.text("access_token");
    is_envelope(&me(&at, "nonsense").await, 401, 114);
    at.app.advance_s(600);
    is_envelope(&me(&at, &access).await, 401, 115);
    // Elsewhere both are what RFC 6750, section 3.1 says.
    let bearer = format!("Bearer {}", at.app.tokens(WEB, &[("scope", "openid")]).await.text("access_token"));
    at.app.advance_s(600);
    for shown in ["Bearer nonsense", &bearer] {
        let told = at.app.send("GET", "/userinfo", &[("authorization", shown)], "").await;
        assert_eq!(told.status, 401, "{}", told.body);
        let challenge = told.header("www-authenticate").expect("a challenge");
        assert!(
            challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""),
            "{challenge}"
        );
        assert!(!told.body.contains("\"errors\""), "{}", told.body);
    }
}
