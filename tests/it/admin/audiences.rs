//! Audiences of manifests: none is given to two extensions, by whichever door it is wished for.

use doorward_core::desired::State;
use doorward_tests::{ALICE, T1, TestApp};
use doorward_web::manage::{By, Manage, Trouble};
use serde_json::{Value, json};

use super::extensions::T;
use super::in_contexts::{furnished, person};
use super::{Admin, pointers};

const BACK: &str = "https://back.example";
const FRONT: &str = "https://front.example";

fn manifest(audiences: &[&str]) -> Value {
    json!({ "name": "E", "audiences": audiences })
}

/// Two that make extensions, and an extension of the first, which has an audience.
async fn prepared(admin: &Admin<'_>) {
    for maker in ["one", "two"] {
        let made = admin.json("PUT", &format!("{T}/contexts/maker/{maker}"), json!({})).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let made = admin.json("PUT", &format!("{T}/extensions/first"), by("maker/one", &[BACK])).await;
    assert_eq!(made.status, 201, "{}", made.body);
}

fn by(maker: &str, audiences: &[&str]) -> Value {
    json!({ "contributor": maker, "manifest": manifest(audiences) })
}

#[tokio::test]
async fn an_audience_of_another_extension_is_not_to_be_had() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let path = format!("{T}/extensions/second");
    let own = admin.json("PUT", &path, by("maker/two", &[FRONT])).await;
    assert_eq!(own.status, 201, "{}", own.body);
    let before = (app.events().await.len(), admin.get(&path).await.body);
    let takes = json!({ "manifest": { "audiences": [FRONT, BACK] } });
    let wishes = [
        ("PUT", path.clone(), by("maker/two", &[FRONT, BACK]), "/manifest/audiences/1"),
        ("PATCH", path.clone(), takes, "/manifest/audiences/1"),
        // The same that makes the other; and the tenant itself.
        ("PUT", format!("{T}/extensions/new"), by("maker/one", &[BACK]), "/manifest/audiences/0"),
        (
            "PUT",
            format!("{T}/extensions/new"),
            json!({ "manifest": manifest(&[BACK]) }),
            "/manifest/audiences/0",
        ),
    ];
    for (method, path, wish, at) in wishes {
        let reply = admin.json(method, &path, wish).await;
        assert_eq!(
            (reply.status, pointers(&reply)),
            (400, vec![at.to_owned()]),
            "{method} {path}: {}",
            reply.body
        );
        assert_eq!(reply.json()["type"], "urn:doorward:problem:invalid");
        assert!(!reply.body.contains("first"), "whose it is is theirs to say: {}", reply.body);
    }
    assert_eq!((app.events().await.len(), admin.get(&path).await.body), before, "nothing changed");
    assert_eq!(admin.get(&format!("{T}/extensions/new")).await.status, 404);

    // Its own is no other's.
    let again = json!({ "manifest": { "name": "Again" } });
    assert_eq!(admin.json("PATCH", &format!("{T}/extensions/first"), again).await.status, 200);
    // It is free once the extension has left it.
    let less = admin
        .json("PATCH", &format!("{T}/extensions/first"), json!({ "manifest": { "audiences": [] } }))
        .await;
    assert_eq!(less.status, 200, "{}", less.body);
    let taken = admin.json("PUT", &path, by("maker/two", &[FRONT, BACK])).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
}

/// Who administers extensions in a context alone, of one that was looked at.
#[tokio::test]
async fn what_is_proposed_takes_no_audience() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    furnished(&admin).await;
    let of_tenant = json!({ "manifest": manifest(&[BACK]) });
    assert_eq!(admin.json("PUT", &format!("{T}/extensions/theirs"), of_tenant).await.status, 201);
    let path = format!("{T}/extensions/own");
    assert_eq!(admin.json("PUT", &path, by("customer/c", &[FRONT])).await.status, 201);
    assert_eq!(admin.send("POST", &format!("{path}/publish"), &[], "").await.status, 200);
    let alice = person(&app, ALICE).await;
    let taken = alice.ask("PATCH", &path, json!({ "manifest": { "audiences": [BACK] } })).await;
    assert_eq!(
        (taken.status, pointers(&taken)),
        (400, vec!["/manifest/audiences/0".to_owned()]),
        "{}",
        taken.body
    );
    assert!(admin.get(&path).await.json().get("proposed").is_none());
    // What is proposed takes none either.
    let free = "https://free.example";
    let proposed = alice.ask("PATCH", &path, json!({ "manifest": { "audiences": [free] } })).await;
    assert_eq!(proposed.status, 200, "{}", proposed.body);
    let body = json!({ "id": free, "scopes": [] });
    let api = admin.json("POST", &format!("{T}/apis"), body).await;
    assert_eq!(api.status, 201, "{}", api.body);
    let accepted = admin.send("POST", &format!("{path}/manifest/accept"), &[], "").await;
    assert_eq!((accepted.status, pointers(&accepted).len()), (400, 1), "{}", accepted.body);
}

#[tokio::test]
async fn the_platform_is_told_whose_audience_it_would_have() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let api = admin.json("POST", &format!("{T}/apis"), json!({ "id": BACK, "scopes": [] })).await;
    assert_eq!((api.status, pointers(&api)), (400, vec!["/id".to_owned()]), "{}", api.body);
    assert!(api.body.contains("is an audience of the extension first"), "{}", api.body);
    assert_eq!(admin.get(&format!("{T}/apis")).await.body.matches(BACK).count(), 0);
}

#[tokio::test]
async fn a_document_is_held_to_the_same_and_may_swap() {
    let app = TestApp::new().await;
    let admin = Admin::of_server(&app).await;
    prepared(&admin).await;
    let operator = Manage::new(app.store.clone(), By::operator());
    let apply = async |extensions: Value| {
        let document = json!({ "tenants": [{ "id": T1, "extensions": extensions }] });
        let state: State = serde_json::from_value(document).unwrap();
        operator.apply(&state, false, false).await
    };
    let of = |id: &str, maker: &str, audience: &str| {
        let mut wish = by(maker, &[audience]);
        wish["id"] = id.into();
        wish
    };
    for maker in ["maker/one", "maker/two"] {
        let Err(Trouble::Problems(problems)) = apply(json!([of("second", maker, BACK)])).await else {
            panic!("it is another's");
        };
        let at: Vec<&str> = problems.0.iter().map(|problem| problem.at.as_str()).collect();
        assert_eq!(at, [format!("tenants[t1].extensions[second].manifest.audiences[{BACK}]")]);
    }
    apply(json!([of("second", "maker/two", FRONT)])).await.unwrap();
    apply(json!([of("first", "maker/one", FRONT), of("second", "maker/two", BACK)])).await.unwrap();
    let has = admin.get(&format!("{T}/extensions/second")).await.json();
    assert_eq!(has["manifest"]["audiences"], json!([BACK]));
}
