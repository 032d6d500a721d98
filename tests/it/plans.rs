//! What a plan reads: as many statements of a tenant that has much as of one that has little.

use doorward_core::desired::{Action, State};
use doorward_tests::{T1, TestApp};
use doorward_web::manage::{By, Manage};
use serde_json::{Value, json};

/// Objects of each kind that are added: few enough for one page.
const MANY: usize = 120;

fn document() -> State {
    let each = |of: fn(usize) -> Value| (0..MANY).map(of).collect::<Vec<_>>();
    let document = json!({ "tenants": [{
        "id": T1,
        "roles": [{ "id": "reader", "permissions": ["things:read"] }],
        "contexts": each(|number| json!({ "id": format!("project/p-{number}") })),
        "clients": each(|number| json!({
            "id": format!("machine-{number}"), "grant_types": ["client_credentials"], "secret": "generate"
        })),
        "users": each(|number| json!({ "user_name": format!("person{number}"), "roles": ["reader"] })),
        "memberships": each(|number| json!({
            "user": format!("person{number}"), "context": format!("project/p-{number}"), "roles": ["reader"]
        })),
    }] });
    serde_json::from_value(document).expect("it is a document")
}

/// Statements that an export asks, and those that a plan of it asks.
async fn asked(app: &TestApp) -> (u64, u64) {
    let manage = Manage::new(app.store.clone(), By::operator());
    let driver = app.store.driver();
    let start = driver.asked();
    let state = manage.export(Some(T1.to_owned())).await.expect("it can be exported");
    let exported = driver.asked();
    let done = manage.apply(&state, true, true).await.expect("it can be planned");
    assert!(done.changes.iter().all(|change| change.action == Action::Unchanged), "{:?}", done.changes);
    (exported - start, driver.asked() - exported)
}

#[tokio::test]
async fn a_plan_asks_as_many_statements_however_many_objects_there_are() {
    let app = TestApp::new().await;
    let few = asked(&app).await;
    let manage = Manage::new(app.store.clone(), By::operator());
    let done = manage.apply(&document(), false, false).await.expect("it is carried out");
    assert_eq!(done.generated.len(), MANY, "each client has a secret");
    assert_eq!(asked(&app).await, few, "an export, and a plan of it");
    assert!(few.1 < 20, "{few:?}");
}
