//! Lists: by pages in the order of keys, none twice and none missed, and filters.

use doorward_core::Effect;
use doorward_core::id::{TenantId, UserId};
use doorward_core::model::User;
use doorward_tests::{ALICE, T1, TestApp, user_id};

use super::{Admin, user};

/// So many further people, every tenth of them disabled.
async fn crowd(app: &TestApp, many: usize) {
    let pattern = user(app, ALICE).await;
    let people = (0..many).map(|number| User {
        tenant: TenantId::from(T1),
        id: UserId(format!("usr_crowd{number:05}")),
        user_name: format!("crowd{number:05}"),
        user_name_key: format!("crowd{number:05}"),
        email: Some(format!("c{number:05}@crowd.example")),
        email_key: Some(format!("c{number:05}@crowd.example")),
        disabled_at: (number % 10 == 0).then(|| app.clock.now()),
        external_id: Some(format!("ext-{number}")),
        version: 0,
        ..pattern.clone()
    });
    let effects: Vec<Effect> = people.map(Effect::PutUser).collect();
    for some in effects.chunks(200) {
        app.store.commit(some.to_vec()).await.unwrap();
    }
}

/// Every id of a list, page by page.
async fn all(admin: &Admin<'_>, path: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut after = String::new();
    loop {
        let join = if path.contains('?') { '&' } else { '?' };
        let reply = admin.get(&format!("{path}{join}limit={limit}{after}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let page = reply.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn a_thousand_people_are_listed_once_each() {
    let app = TestApp::new().await;
    crowd(&app, 1000).await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/{T1}/users");
    for limit in [7, 200] {
        let ids = all(&admin, &path, limit).await;
        assert_eq!(ids.len(), 1003, "everybody");
        assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
    }
    let named = all(&admin, &format!("{path}?q=CROWD0001"), 3).await;
    assert_eq!(named.len(), 10, "{named:?}");
    let by_address = all(&admin, &format!("{path}?q=c0099"), 4).await;
    assert_eq!(by_address.len(), 10, "{by_address:?}");
    assert_eq!(
        all(&admin, &format!("{path}?q=c"), 150).await.len(),
        1000,
        "who has two such names comes once"
    );
    assert_eq!(all(&admin, &format!("{path}?q=%25"), 50).await.len(), 0, "nothing is a pattern");
    assert_eq!(all(&admin, &format!("{path}?disabled=true"), 30).await.len(), 100);
    assert_eq!(all(&admin, &format!("{path}?disabled=false"), 200).await.len(), 903);
    assert_eq!(all(&admin, &format!("{path}?external_id=ext-77"), 5).await, ["usr_crowd00077"]);
    assert_eq!(all(&admin, &format!("{path}?q={ALICE}"), 5).await, [user_id(ALICE)]);
    let clients = all(&admin, &format!("/tenants/{T1}/clients"), 3).await;
    assert!(clients.len() > 10 && clients.is_sorted(), "{clients:?}");
    assert_eq!(all(&admin, &format!("/tenants/{T1}/clients?q=spa"), 1).await, ["spa", "spa2"]);
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused() {
    let app = TestApp::new().await;
    let admin = Admin::of_tenant(&app).await;
    for query in
        ["limit=0", "limit=201", "limit=x", "limit=5&limit=6", "after=%21", "disabled=1", "page=2", "q=%ff"]
    {
        let reply = admin.get(&format!("/tenants/{T1}/users?{query}")).await;
        assert_eq!(reply.status, 400, "{query}: {}", reply.body);
    }
}
