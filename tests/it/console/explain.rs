//! Why a token or a request may not do something, in the console.

use doorward_core::model::EventKind;
use doorward_tests::extended::{CUSTOMER, P1, X1, unassign};
use doorward_tests::{ALICE, BOB, Page, TestApp, WEB};

use super::{administered, enter, give, open};

const AT: &str = "/console/tenants/t1/explain";

async fn world() -> TestApp {
    let app = TestApp::extended().await;
    administered(&app).await;
    app
}

#[tokio::test]
async fn each_scope_says_which_clause_took_it_away_and_who_could_change_that() {
    let app = world().await;
    let of = app.install(X1, (P1, "project/p-1"), "openid rs1:read rs1:write").await;
    app.commit(vec![unassign(P1)]).await;
    let browser = enter(&app, ALICE).await;
    let page = open(&browser, &format!("{AT}?installation={}&user=alice", of.id)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in [
        "project/p-1",
        "The person does not hold there",
        "orders:write",
        "/roles/writer",
        "It was not consented to where the extension is installed",
        "/users/usr_alice-0001\"><bdi>alice</bdi>",
        "administrator of the server",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(page.body.contains("<span class=\"badge\">Granted</span>"), "{}", page.body);
    // Of a plain application, and of fewer scopes.
    let page = open(&browser, &format!("{AT}?client={WEB}&user=bob&scope=openid+rs1%3Aread")).await.body;
    assert!(page.contains("The person has not allowed it to this application"), "{page}");
    assert!(!page.contains("rs1:write"), "{page}");
    // What does not stand says why at once.
    app.live(&of.id, |life, now| life.disable(now)).await;
    let page = open(&browser, &format!("{AT}?installation={}&user=alice", of.id)).await.body;
    assert!(page.contains("Nothing is issued") && page.contains("installation.disabled"), "{page}");
    // What is not there is told, and the form is there again.
    for query in ["client=nobody", "installation=ins_none", &format!("client={WEB}&user=nobody")] {
        let page = open(&browser, &format!("{AT}?{query}")).await;
        assert_eq!(page.status, 404, "{query}: {}", page.body);
        assert!(page.body.contains("name=\"client\""), "{query}");
    }
    for (path, link) in [
        (format!("/console/tenants/t1/installations/{}", of.id), format!("{AT}?installation={}", of.id)),
        (format!("/console/tenants/t1/clients/{WEB}"), format!("{AT}?client={WEB}")),
    ] {
        assert!(open(&browser, &path).await.body.contains(&link), "{path}");
    }
}

#[tokio::test]
async fn a_token_is_explained_and_stands_in_no_address_and_in_no_event() {
    let app = world().await;
    let code = app.code(WEB, &[("scope", "openid rs1:read"), ("resource", "https://rs1.example")]).await;
    let tokens = code.redeem(&app).await;
    let token = tokens.text("access_token");
    let browser = enter(&app, ALICE).await;
    let form = Page::of(open(&browser, AT).await);
    assert!(form.reply.body.contains("name=\"token\""), "{}", form.reply.body);
    let token_of = form.reply.body.split("id=\"token\"").nth(1).expect("a form for tokens");
    let csrf = token_of.split("name=\"form\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let csrf = csrf.expect("a token of the form").to_owned();
    let page = browser.post(AT, &[("form", &csrf), ("token", &token)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(
        page.body.contains(&format!("/clients/{WEB}")) && page.body.contains("rs1:read"),
        "{}",
        page.body
    );
    assert!(!page.body.contains(&token), "it is not shown back");
    for event in app.events().await {
        assert!(!event.data.contains(&token), "{event:?}");
    }
    let unknown = browser.post(AT, &[("form", &csrf), ("token", "garbage")]).await;
    assert_eq!(unknown.status, 404, "{}", unknown.body);
    // A stale form, and that of another site.
    assert_eq!(browser.post(AT, &[("form", "x"), ("token", &token)]).await.status, 403);
    let foreign = [("origin", "https://evil.example"), ("content-type", "application/x-www-form-urlencoded")];
    let body = doorward_tests::encode(&[("form", &csrf), ("token", &token)]);
    assert_eq!(browser.send("POST", AT, &foreign, &body).await.status, 403);
    // In an address it is nothing.
    let page = open(&browser, &format!("{AT}?token={token}")).await.body;
    assert!(!page.contains("What comes of it"), "{page}");
}

#[tokio::test]
async fn it_takes_the_rights_that_the_api_asks_for() {
    let app = world().await;
    let _clients = give(&app, "t1", BOB, 7, &["admin:clients.read"]).await;
    let browser = enter(&app, BOB).await;
    let page = open(&browser, AT).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(!page.body.contains("name=\"token\""), "a token is asked about by who may write: {}", page.body);
    let page = open(&browser, &format!("{AT}?client={WEB}&user=alice")).await;
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains("admin:users.read"), "{}", page.body);
    let csrf = Page::of(page).hidden.first().map(|(_, value)| value.clone()).unwrap_or_default();
    assert_eq!(browser.post(AT, &[("form", &csrf), ("token", "x")]).await.status, 403);
    let denied = app.events().await.into_iter().any(|event| event.kind == EventKind::AdminDenied);
    assert!(denied, "it is in the audit trail");
    let _users = give(&app, "t1", "mallory", 8, &["admin:users.read"]).await;
    let browser = enter(&app, "mallory").await;
    assert_eq!(browser.get(AT).await.status, 403);
    assert_eq!(app.browser().get(AT).await.status, 303);
}

#[tokio::test]
async fn where_it_is_installed_in_several_places_the_page_lists_them() {
    let app = world().await;
    let one = app.install(X1, (P1, "project/p-1"), "openid rs1:read").await;
    let other = app.install(X1, (CUSTOMER, "customer/c-1"), "openid rs1:read").await;
    let browser = enter(&app, ALICE).await;
    let page = open(&browser, &format!("{AT}?client={X1}&user=alice")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in ["name one of these installations", one.id.as_str(), other.id.as_str(), "project/p-1"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let page = open(&browser, &format!("{AT}?client={X1}&user=bob")).await.body;
    assert!(page.contains("installation.nowhere"), "{page}");
    let page = open(&browser, &format!("{AT}?client={X1}&scope={}", "a".repeat(300))).await;
    assert_eq!(page.status, 400, "{}", page.body);
}
