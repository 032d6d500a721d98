//! Bringing people in over the API.

use doorward_core::model::{Actor, EventKind};
use doorward_tests::{ALICE, Reply, TestApp, request};
use doorward_web::edge::{EdgeRequest, Service};
use serde_json::{Value, json};

use super::{ADMIN, Admin, every_scope};

const LINES: [(&str, &str); 1] = [("content-type", "application/x-ndjson")];

fn person(id: &str, version: i64, name: &str) -> Value {
    json!({ "type": "user", "external_id": id, "external_version": version, "user_name": name })
}

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

#[tokio::test]
async fn records_are_put_and_each_is_told() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let body = lines(&[person("1", 1, "one"), json!("no object"), person("2", 1, ALICE)]);
    let path = "/tenants/t1/import";
    let dry = admin.send("PUT", &format!("{path}?dry_run=true"), &LINES, &body).await;
    assert_eq!(
        (dry.status, dry.json()["items"][0]["outcome"].clone()),
        (200, json!("created")),
        "{}",
        dry.body
    );
    assert_eq!(app.rows("users").await, 4);
    let reply = admin.send("PUT", path, &LINES, &body).await;
    let told = reply.json();
    assert_eq!(told["items"][0], json!({ "line": 1, "outcome": "created" }));
    assert_eq!(told["items"][1]["problems"][0]["pointer"], "");
    assert_eq!(told["items"][2]["problems"][0]["pointer"], "/user_name");
    assert_eq!(told["items"][2]["retry"], true);
    let headers = [LINES[0], ("accept", "application/x-ndjson")];
    let again = admin.send("PUT", path, &headers, &body).await;
    assert_eq!(again.headers["content-type"], "application/jsonl");
    assert_eq!(again.body.lines().next(), Some("{\"line\":1,\"outcome\":\"unchanged\"}"));
    let events = app.events().await;
    let made = events.iter().find(|event| event.kind == EventKind::ObjectCreated).expect("an event");
    assert_eq!(made.actor, Actor::Client("chief".into()));
}

#[tokio::test]
async fn a_batch_has_its_form_and_its_size() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let path = "/tenants/t1/import";
    let many = lines(&(0..1001).map(|n| person(&n.to_string(), 1, &format!("n{n}"))).collect::<Vec<_>>());
    let rows = [
        (415, "application/json", "{}".to_owned()),
        (400, "application/x-ndjson", many),
        (200, "application/jsonl; charset=utf-8", String::new()),
    ];
    for (status, media_type, body) in rows {
        let reply = admin.send("PUT", path, &[("content-type", media_type)], &body).await;
        assert_eq!(reply.status, status, "{media_type}: {}", reply.body);
    }
    assert_eq!(app.rows("users").await, 4);
}

/// A line of another encoding stops no other.
#[tokio::test]
async fn a_line_that_is_not_utf_8_is_one_refused_record() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let mut body = lines(&[person("1", 1, "one")]).into_bytes();
    body.extend_from_slice(b"{\"type\":\"user\",\"user_name\":\"J\xfcrgen\"}\n");
    body.extend_from_slice(lines(&[person("2", 1, "two")]).as_bytes());
    let bearer = format!("Bearer {}", admin.token);
    let headers = [LINES[0], ("authorization", bearer.as_str())];
    let request = request("PUT", &format!("{ADMIN}/tenants/t1/import"), &headers, "");
    let reply = Reply::from(app.server().call(EdgeRequest { body: body.into(), ..request }).await);
    let problem = json!({ "pointer": "", "detail": "the JSON text is not UTF-8" });
    let expected = json!([
        { "line": 1, "outcome": "created" },
        { "line": 2, "outcome": "refused", "problems": [problem] },
        { "line": 3, "outcome": "created" },
    ]);
    assert_eq!((reply.status, reply.json()["items"].clone()), (200, expected), "{}", reply.body);
}

/// Nobody brings in what they could not give by hand.
#[tokio::test]
async fn records_do_what_the_token_may() {
    let app = TestApp::new().await;
    let boss = Admin::of_tenant(&app).await;
    let role =
        |name: &str, permission: &str| json!({ "id": name, "name": name, "permissions": [permission] });
    for (name, permission) in [("clerk", "orders:read"), ("ruler", "admin:keys.write")] {
        let made = boss.json("PUT", &format!("/tenants/t1/roles/{name}"), role(name, permission)).await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let with = |id: &str, version, roles: Value| {
        let mut person = person(id, version, &format!("person{id}"));
        person["roles"] = roles;
        person
    };
    let given =
        boss.send("PUT", "/tenants/t1/import", &LINES, &lines(&[with("9", 1, json!(["ruler"]))])).await;
    assert_eq!(given.json()["items"][0]["outcome"], "created", "{}", given.body);
    let small = Admin::with(&app, "small", "admin:users.write").await;
    let context = json!({ "type": "context", "external_id": "c", "external_version": 1, "id": "project/c" });
    let mut administrator = person("3", 1, "three");
    administrator["administrator"] = json!(true);
    let records = [
        with("1", 1, json!(["clerk"])),
        with("2", 1, json!(["ruler"])),
        administrator,
        context,
        with("9", 2, json!([])),
        json!({ "type": "user", "external_id": "9", "external_version": 2, "deleted": true }),
    ];
    let reply = small.send("PUT", "/tenants/t1/import", &LINES, &lines(&records)).await;
    let outcomes: Vec<Value> =
        reply.json()["items"].as_array().expect("items").iter().map(|told| told["outcome"].clone()).collect();
    assert_eq!(
        outcomes,
        ["created", "refused", "refused", "refused", "refused", "refused"],
        "{}",
        reply.body
    );
    // What was denied is in the trail: once for the batch, with what was missing first. What is no record at all was not denied.
    let denied = async || {
        let events = app.events().await.into_iter();
        events.filter(|event| event.kind == EventKind::AdminDenied).collect::<Vec<_>>()
    };
    let [event] = &denied().await[..] else { panic!("{:?}", denied().await) };
    assert_eq!(event.actor, Actor::Client("small".into()));
    let data: Value = serde_json::from_str(&event.data).expect("JSON");
    let expected = json!({
        "route": "/tenants/{tenant}/import",
        "lacks": "admin:keys.write",
        "records": 4,
        "first": ["user 2", "context c", "user 9", "user 9"],
    });
    assert_eq!(data, expected);
    // One that is only asked about does not pass by unseen either; however many there are, so many are written in a minute.
    let dry = "/tenants/t1/import?dry_run=true";
    assert_eq!(small.send("PUT", dry, &LINES, &lines(&records[1..2])).await.status, 200);
    assert_eq!(denied().await.len(), 2);
    small.send("PUT", dry, &LINES, &lines(&records[..1])).await;
    assert_eq!(denied().await.len(), 2, "nothing in it was denied");
    for _ in 0..70 {
        small.send("PUT", dry, &LINES, &lines(&records[1..2])).await;
    }
    assert_eq!(denied().await.len(), 60);
    app.advance_s(60);
    // Who may only read, or comes from another tenant, is told nothing of records.
    let reader = Admin::with(&app, "reader", &every_scope().replace(".write", ".read")).await;
    let read = reader.send("PUT", "/tenants/t1/import", &LINES, &lines(&records)).await;
    assert_eq!(read.status, 403, "{}", read.body);
    let foreign = small.send("PUT", "/tenants/t2/import", &LINES, &lines(&records)).await;
    assert_eq!(foreign.status, 404, "{}", foreign.body);
}

async fn outcomes(admin: &Admin<'_>, records: &[Value]) -> Vec<Value> {
    let reply = admin.send("PUT", "/tenants/t1/import", &LINES, &lines(records)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["items"].as_array().expect("a list").iter().map(|item| item["outcome"].clone()).collect()
}

/// Of several deletions the newest is remembered, whichever came last.
#[tokio::test]
async fn an_older_deletion_makes_no_newer_one_forgotten() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let gone = |version: i64| json!({ "type": "user", "external_id": "7", "external_version": version, "deleted": true });
    let told = outcomes(&admin, &[gone(5), gone(3), person("7", 4, "late"), person("7", 6, "newer")]).await;
    assert_eq!(told, ["unchanged", "unchanged", "ignored", "created"]);
    assert_eq!(outcomes(&admin, &[gone(9), gone(8)]).await, ["removed", "unchanged"]);
    assert_eq!(outcomes(&admin, &[person("7", 9, "late")]).await, ["ignored"]);
}

/// A context that was removed stays so for records from before, whichever batch they come in.
#[tokio::test]
async fn a_context_that_was_removed_is_not_made_by_an_older_record() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let put = |version: i64| json!({ "type": "context", "external_id": "p", "external_version": version, "id": "project/p" });
    let gone = json!({ "type": "context", "external_id": "p", "external_version": 3, "deleted": true });
    assert_eq!(outcomes(&admin, &[put(1), gone, put(2)]).await, ["created", "removed", "ignored"]);
    assert_eq!(outcomes(&admin, &[put(3)]).await, ["ignored"]);
    assert_eq!(outcomes(&admin, &[put(4)]).await, ["created"]);
}

/// A membership that a batch changes goes with whose it is, when the same batch removes them.
#[tokio::test]
async fn a_membership_goes_with_its_person_in_one_batch() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    let project = json!({ "type": "context", "external_id": "p", "external_version": 1, "id": "project/p" });
    let member = |version: i64| json!({ "type": "membership", "user_external_id": "7", "context_external_id": "p", "external_version": version });
    let gone = json!({ "type": "user", "external_id": "7", "external_version": 2, "deleted": true });
    assert_eq!(outcomes(&admin, &[project, person("7", 1, "ada"), member(1)]).await, ["created"; 3]);
    assert_eq!(app.rows("memberships").await, 1);
    assert_eq!(outcomes(&admin, &[member(2), gone]).await, ["updated", "removed"]);
    assert_eq!((app.rows("memberships").await, app.rows("users").await), (0, 4));
}
