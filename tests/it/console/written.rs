//! Objects that are written as documents: everything that the admin API can say of them, without leaving the console.

use doorward_core::Effect;
use doorward_core::model::User;
use doorward_tests::{ALICE, BOB, Browser, T1, WEB, user_id};
use serde_json::{Value, json};

use super::acts::{act, deed};
use super::{enter, give, open, world};

/// What a page's text area holds.
fn document(body: &str) -> String {
    let area = body.split_once("name=\"document\"").expect("a document").1;
    let text = area.split_once(">\n").expect("its text").1.split_once("</textarea>").expect("its end").0;
    [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Open an act's page, write into it, and save.
pub async fn write(browser: &Browser<'_>, query: &str, write: impl Fn(&mut Value)) -> doorward_tests::Reply {
    let page = browser.get(&format!("/console/tenants/t1/act?{query}")).await;
    let mut form = deed(&page);
    let mut value: Value = serde_json::from_str(&document(&page.body)).expect("JSON");
    write(&mut value);
    form.push(("document".to_owned(), value.to_string()));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post("/console/tenants/t1/act", &form).await
}

#[tokio::test]
async fn an_object_of_each_kind_is_made_and_changed() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let made = [
        ("user-make", json!({ "id": "usr_new-0001", "user_name": "newcomer" }), "users", "usr_new-0001"),
        (
            "api-make",
            json!({ "id": "https://new.example", "name": "New" }),
            "apis",
            "https%3A%2F%2Fnew.example",
        ),
        ("context-make", json!({ "id": "project/new", "name": "New" }), "contexts", "project%2Fnew"),
        ("role-make", json!(null), "roles", "new-role"),
        ("issuer-make", json!({ "id": "new", "url": "https://new.example" }), "", "new"),
        (
            "client-make",
            json!({ "id": "new-app", "name": "New", "redirect_uris": ["https://new.example/back"], "scopes": "openid" }),
            "clients",
            "new-app",
        ),
    ];
    for (name, body, list, id) in made {
        if body.is_null() {
            act(&browser, &format!("act={name}&id={id}")).await;
        } else {
            let done = write(&browser, &format!("act={name}"), |value| *value = body.clone()).await;
            assert!(matches!(done.status, 200 | 303), "{name}: {} {}", done.status, done.body);
        }
        let edit = format!("{}-edit", name.trim_end_matches("-make"));
        let member = if name == "user-make" { "email" } else { "name" };
        let value = if name == "user-make" { "new@example.org" } else { "Renamed" };
        if list.is_empty() {
            let page = open(&browser, "/console/tenants/t1").await;
            assert!(page.body.contains(&format!("act={edit}&#38;id={id}")), "{}", page.body);
            let done =
                write(&browser, &format!("act={edit}&id={id}"), |value| value["disabled"] = json!(true))
                    .await;
            assert_eq!(done.location(), "https://id.example/console/tenants/t1?done=1");
            continue;
        }
        let here = format!("/console/tenants/t1/{list}/{id}");
        let page = open(&browser, &here).await;
        assert!(page.body.contains(&format!("act={edit}&#38;id=")), "{name}: {}", page.body);
        let done =
            write(&browser, &format!("act={edit}&id={id}"), |object| object[member] = json!(value)).await;
        assert_eq!(done.location(), format!("https://id.example{here}?done=1"));
        assert!(open(&browser, &here).await.body.contains(value), "{name}");
        // What is saved as it is changes nothing.
        let page = browser.get(&format!("/console/tenants/t1/act?act={edit}&id={id}")).await;
        let before: Value = serde_json::from_str(&document(&page.body)).unwrap();
        write(&browser, &format!("act={edit}&id={id}"), |_| {}).await;
        let page = browser.get(&format!("/console/tenants/t1/act?act={edit}&id={id}")).await;
        assert_eq!(serde_json::from_str::<Value>(&document(&page.body)).unwrap(), before, "{name}");
    }
    let done = write(&browser, "act=tenant-edit", |tenant| tenant["name"] = json!("Another name")).await;
    assert_eq!(done.location(), "https://id.example/console/tenants/t1?done=1");
    assert!(open(&browser, "/console/tenants/t1").await.body.contains("Another name"));
}

#[tokio::test]
async fn what_was_written_stays_on_the_page_when_it_is_refused() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let query = format!("act=client-edit&id={WEB}");
    let refused = write(&browser, &query, |client| client["redirect_uris"] = json!(["nowhere", "<b>"])).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(refused.body.contains("must be an absolute URI"), "{}", refused.body);
    assert!(document(&refused.body).contains("\"nowhere\",\"<b>\""), "{}", refused.body);

    let page = browser.get(&format!("/console/tenants/t1/act?{query}")).await;
    let mut form = deed(&page);
    form.push(("document".to_owned(), "{ \"id\": ".to_owned()));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let broken = browser.post("/console/tenants/t1/act", &form).await;
    assert_eq!(broken.status, 400, "{}", broken.body);
    assert_eq!(document(&broken.body), "{ \"id\": ");
}

#[tokio::test]
async fn a_link_writes_nothing_into_a_document() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let query = format!("act=client-edit&id={WEB}&version=99&document=%7B%22name%22%3A%22Evil%22%7D");
    let page = browser.get(&format!("/console/tenants/t1/act?{query}")).await;
    let shown: Value = serde_json::from_str(&document(&page.body)).expect("what is");
    assert_eq!((&shown["id"], &shown["version"]), (&json!(WEB), &json!(1)));
    assert!(!page.body.contains("Evil"), "{}", page.body);
}

#[tokio::test]
async fn somebody_who_was_faster_is_not_written_over() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    let page = browser.get("/console/tenants/t1/act?act=user-edit&id=usr_bob-0001").await;
    let form = deed(&page);
    let found = app.store.user(&T1.into(), &user_id(BOB).into()).await.unwrap().unwrap().user;
    let other = User { updated_at: app.clock.now(), ..found };
    app.store.commit(vec![Effect::PutUser(other)]).await.unwrap();
    let mut form: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mine = document(&page.body).replace("\"user_name\": \"bob\"", "\"user_name\": \"robert\"");
    form.push(("document", &mine));
    let late = browser.post("/console/tenants/t1/act", &form).await;
    assert_eq!(late.status, 412, "{}", late.body);
    assert_eq!(document(&late.body), mine);
    let found = app.store.user(&T1.into(), &user_id(BOB).into()).await.unwrap().unwrap().user;
    assert_eq!(found.user_name, "bob");
}

#[tokio::test]
async fn who_may_not_write_an_area_sees_none_of_it() {
    let app = world().await;
    let _role = give(&app, T1, BOB, 7, &["admin:clients.read", "admin:users.write"]).await;
    let browser = enter(&app, BOB).await;
    let page = open(&browser, &format!("/console/tenants/t1/clients/{WEB}")).await;
    assert!(!page.body.contains("client-edit"), "{}", page.body);
    for query in
        [format!("act=client-edit&id={WEB}"), "act=tenant-edit".to_owned(), "act=issuer-make".to_owned()]
    {
        let page = browser.get(&format!("/console/tenants/t1/act?{query}")).await;
        assert_eq!(page.status, 403, "{query}: {}", page.body);
    }
    // Nor does a document give what its writer does not hold.
    let raised =
        write(&browser, "act=user-edit&id=usr_bob-0001", |user| user["administrator"] = json!(true)).await;
    assert_eq!(raised.status, 403, "{}", raised.body);
}

#[tokio::test]
async fn members_come_and_go_and_a_pending_secret_takes_over() {
    let app = world().await;
    let browser = enter(&app, ALICE).await;
    write(&browser, "act=context-make", |value| *value = json!({ "id": "project/p", "name": "P" })).await;
    let here = "/console/tenants/t1/contexts/project%2Fp";
    let done = act(&browser, "act=member-put&id=project%2Fp&user=usr_bob-0001").await;
    assert_eq!(done.location(), format!("https://id.example{here}?done=1"));
    assert!(
        open(&browser, here)
            .await
            .body
            .contains("act=member-remove&#38;id=project%2Fp&#38;user=usr_bob-0001")
    );
    act(&browser, "act=member-remove&id=project%2Fp&user=usr_bob-0001").await;
    assert!(!open(&browser, here).await.body.contains("member-remove"));

    let reply = act(&browser, &format!("act=secret-make-pending&id={WEB}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let page = open(&browser, &format!("/console/tenants/t1/clients/{WEB}")).await;
    let query = page.body.split_once("act=secret-activate&#38;").expect("one that waits").1;
    let query = query.split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(act(&browser, &format!("act=secret-activate&{query}")).await.status, 303);
    let page = open(&browser, &format!("/console/tenants/t1/clients/{WEB}")).await;
    assert!(!page.body.contains("secret-activate"), "{}", page.body);
}
