//! Launches of extensions: what leads to one. Where the address lies, the button that makes a key, where the key is seen, and who follows.

use doorward_tests::extended::{ASKS, P1, X1, member};
use doorward_tests::{ALICE, Browser, Logs, MALLORY, Page, claims, user_id};
use serde_json::json as value;

use crate::admin::extensions::{T, manifest, prepared};
use crate::admin::{Admin, pointers};
use crate::bad_inputs::steps::{put, signed_in};
use crate::bad_inputs::{Case, json, page};
use crate::extensions::{Key, opened, press};

/// What opens an extension leads to a host of its own, whoever writes it into a manifest.
pub async fn at_011(case: &Case) {
    let admin = Admin::of_server(&case.app).await;
    prepared(&admin).await;
    let path = format!("{T}/extensions/e");
    let before = admin.get(&path).await.body;
    for evil in [
        "https://evil.example/?key=:accessTokenRetrievalKey&user=:userId",
        "https://e.example.evil.example/",
        "https://evil.example/e.example",
        "https://e.example@evil.example/",
        "https://evil.example:443/",
        "https://:contextId.example/",
        "https://e.example:contextId/",
        "https:\\\\evil.example/",
        "//evil.example/",
        "javascript:alert(1)//e.example",
    ] {
        let saved = admin.json("PATCH", &path, value!({ "manifest": { "launch_url": evil } })).await;
        assert_eq!(
            (saved.status, pointers(&saved)),
            (400, vec!["/manifest/launch_url".to_owned()]),
            "{evil}"
        );
    }
    assert_eq!(admin.get(&path).await.body, before);
    let own = value!({ "manifest": { "launch_url": "https://e.example:8443/:unknown/:context" } });
    assert_eq!(admin.json("PATCH", &path, own).await.status, 200);
    assert_eq!(manifest()["callback_url"], "https://e.example/cb", "the host is that of its redirect URI");
}

/// A key is made by the button of a page of ours, in the browser that was shown it.
pub async fn at_013(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    let path = format!("/account/installations/{}/open", of.id);
    let alice = signed_in(case, ALICE).await;
    let token = async |browser: &Browser<'_>| {
        let page = Page::of(browser.get("/account").await);
        page.field("form").expect("a form has a token").to_owned()
    };
    let own = token(&alice).await;
    let of_another = token(&signed_in(case, ALICE).await).await;
    let with = |token: &str| format!("form={token}");
    let media = ("content-type", "application/x-www-form-urlencoded");
    let ours = ("origin", "https://id.example");
    let evil = ("origin", "https://evil.example");
    for (headers, body) in [
        (vec![media, ours], String::new()),
        (vec![media, ours], with("guess")),
        (vec![media, ours], with(&of_another)),
        (vec![media, evil], with(&own)),
        (vec![media, ("origin", "null")], with(&own)),
        (vec![media, ("sec-fetch-site", "cross-site")], with(&own)),
    ] {
        case.expect(page(403), alice.send("POST", &path, &headers, &body)).await;
    }
    for target in [path.clone(), format!("{path}?form={own}")] {
        case.expect(page(404), alice.get(&target)).await;
    }
    assert_eq!(case.app.rows("grants").await, 0);
    assert_eq!(press(&alice, &of, &[]).await.status, 303);
}

/// A key is in the address that it opens, and nowhere else: no page has it, no log, no `Referer`; and the token endpoint takes it from
/// no address.
pub async fn at_014(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    let mark = Logs::mark();
    let alice = signed_in(case, ALICE).await;
    let reply = press(&alice, &of, &[]).await;
    assert_eq!(reply.status, 303, "a reload posts nothing again");
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let key = Key::of(&reply);
    assert!(!reply.body.contains(&key.key), "{}", reply.body);
    let mut form = key.form().to_vec();
    form.remove(1);
    let in_address = format!("/token?retrieval_key={}", key.key);
    let headers = [("authorization", &*doorward_tests::basic(X1, &doorward_tests::secret_of(X1)))];
    case.expect(json(400, "invalid_request"), case.app.post_form(&in_address, &form, &headers)).await;
    assert_eq!(key.exchange(&case.app, X1).await.status, 200);
    let pages = ["/account", "/account/extensions", &format!("/account/installations/{}", of.id)];
    for path in pages {
        let shown = alice.get(path).await;
        assert!(shown.status == 200 && !shown.body.contains(&key.key), "{path}");
    }
    let admin = Admin::of_server(&case.app).await;
    let trail = admin.get(&format!("{T}/installations/{}/events", of.id)).await;
    assert!(trail.body.contains("installation.launched"), "{}", trail.body);
    case.flush().await;
    for text in [trail.body, Logs::since(mark), format!("{:?}", case.app.events().await)] {
        assert!(!text.contains(&key.key[4..]), "the key is told");
    }
}

/// A launch says who opened, not who looks: a link that somebody else follows opens as its maker. The manual says so, and names what binds
/// a sign-in to the browser: that of the extension, by `state`.
pub async fn at_015(case: &Case) {
    case.app.extend().await;
    put(&case.app, vec![member(MALLORY, P1, "project/p-1")]).await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    let key = opened(&case.app, MALLORY, &of).await;
    let victim = signed_in(case, ALICE).await;
    let tokens = key.exchange(&case.app, X1).await;
    assert_eq!(claims(&tokens.text("access_token"))["sub"], user_id(MALLORY), "never the victim");
    let as_victim = Key { user: user_id(ALICE), ..opened(&case.app, MALLORY, &of).await };
    let refused = json(400, "invalid_grant").recorded("atrek.wrong_user");
    case.expect(refused, as_victim.exchange(&case.app, X1)).await;
    let bound = victim.get("/extensions/x1/authorize?state=of-this-browser").await;
    assert_eq!(bound.param("state").as_deref(), Some("of-this-browser"));
    case.expect(page(400), victim.get("/extensions/x1/authorize")).await;
    let manual = include_str!("../../../../docs/manual/recipes/extensions.md");
    let warning = manual.split("**A link that somebody else follows.**").nth(1).expect("it is said");
    assert!(warning.split("\n\n").next().is_some_and(|said| said.contains("authorize?state=")), "{warning}");
}
