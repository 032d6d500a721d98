//! `docs/manual/admin-api.md` and `docs/manual/admin-api.openapi.json`: the routes of the admin API.

use std::path::Path;

use doorward_tests::TestApp;
use doorward_web::admin::openapi;

use super::compare;

#[test]
fn the_admin_api_of_the_manual_is_the_table_of_routes() {
    compare("admin-api.md", "routes", &openapi::page());
}

#[test]
fn the_openapi_document_is_the_table_of_routes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manual/admin-api.openapi.json");
    let made = serde_json::to_string_pretty(&openapi::document("/admin/v1")).expect("it is JSON") + "\n";
    if std::env::var_os("DOORWARD_WRITE_MANUAL").is_some() {
        std::fs::write(&path, &made).expect("the document can be written");
        return;
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == made,
        "docs/manual/admin-api.openapi.json is not what the code says; \
         write it anew: DOORWARD_WRITE_MANUAL=1 cargo test -p doorward-tests --test it manual"
    );
}

/// Every reference leads somewhere, and the server gives it out with its own address.
#[tokio::test]
async fn the_openapi_document_holds_together() {
    let app = TestApp::new().await;
    let served = app.get("/admin/v1/openapi.json", &[]).await;
    assert_eq!(served.status, 200);
    let document = served.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "https://id.example/admin/v1");
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap_or_default();
        assert!(document.pointer(pointer).is_some_and(serde_json::Value::is_object), "{pointer}");
    }
    let of_t2 = app.get("/t/t2/admin/v1/openapi.json", &[]).await.json();
    assert_eq!(of_t2["servers"][0]["url"], "https://id.example/t/t2/admin/v1");
    let mut ids = std::collections::BTreeSet::new();
    for operations in document["paths"].as_object().expect("paths").values() {
        for operation in operations.as_object().expect("operations").values() {
            assert!(ids.insert(operation["operationId"].to_string()), "{operation}");
        }
    }
}
