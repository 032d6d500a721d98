//! What the extension of an installation is told, in the console: seen, and every act on it.

use doorward_tests::sink::Answer;
use doorward_tests::{ALICE, BOB, Browser, Reply};

use super::acts::act;
use super::{administered, enter, give, open};
use crate::webhooks::World;

const AT: &str = "/console/tenants/t1/installations/ins_1/deliveries";
const BACK: &str = "back=%2Finstallations%2Fins_1%2Fdeliveries";

/// An installation whose first event was delivered, and whose second waits after a failed attempt.
async fn told() -> World {
    let world = World::installed().await;
    administered(&world.app).await;
    world.app.change("ins_1").await;
    world.sink.answer([Answer::Status(500, String::new(), b"<b>no</b> paper".to_vec())]);
    assert_eq!(world.turn().await.len(), 1);
    world
}

async fn seen(browser: &Browser<'_>) -> Reply {
    let page = open(browser, AT).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// Says yes to an act of that page, and comes back to it.
async fn done(browser: &Browser<'_>, query: &str) {
    let done = act(browser, &format!("{query}&id=ins_1&{BACK}")).await;
    assert_eq!(done.location(), format!("https://id.example{AT}?done=1"), "{query}: {}", done.body);
}

#[tokio::test]
async fn each_event_is_shown_with_what_became_of_it_and_each_attempt_with_its_answer() {
    let world = told().await;
    let browser = enter(&world.app, ALICE).await;
    let page = seen(&browser).await.body;
    for shown in [
        "Added",
        "Updated",
        "Delivered",
        "Waiting",
        "<span class=\"badge bad\">500</span>",
        "<span class=\"badge\">204</span>",
        "&#60;b&#62;no&#60;/b&#62; paper",
        " ms",
        "Tried in vain",
        "act=webhook-skip",
        "number=2",
        "act=webhook-resend",
        "number=1",
        "webhooks-pause",
        "webhook-try",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("dwx_"), "never a secret: {page}");
    assert!(
        open(&browser, "/console/tenants/t1/installations/ins_1").await.body.contains("/ins_1/deliveries")
    );
    // It outlives the installation.
    world.app.uninstall("ins_1").await;
    let page = seen(&browser).await.body;
    assert!(page.contains("Removed") && page.contains("Void"), "{page}");
    assert_eq!(browser.get(&AT.replace("ins_1", "ins_none")).await.status, 404);
}

#[tokio::test]
async fn it_is_paused_resumed_passed_over_and_sent_again() {
    let world = told().await;
    let browser = enter(&world.app, ALICE).await;
    done(&browser, "act=webhooks-pause&reason=the+maker+moves").await;
    let page = seen(&browser).await.body;
    assert!(page.contains("Paused since") && page.contains("the maker moves"), "{page}");
    world.app.advance_s(120);
    assert!(world.turn().await.is_empty(), "nothing is told");
    done(&browser, "act=webhooks-resume").await;
    assert!(!seen(&browser).await.body.contains("Paused since"));
    done(&browser, "act=webhook-skip&number=2").await;
    assert_eq!(world.outcomes("ins_1").await, [Some("delivered"), Some("skipped")]);
    assert!(seen(&browser).await.body.contains("Passed over"));
    done(&browser, "act=webhook-resend&number=1").await;
    let heard = world.turn().await;
    assert_eq!((heard.len(), heard[0].json()["kind"].as_str()), (1, Some("Added")));
    // What cannot be done is told in the API's words, and nothing changes.
    let refused = act(&browser, &format!("act=webhook-skip&number=1&id=ins_1&{BACK}")).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("it does not wait any longer"), "{}", refused.body);
}

#[tokio::test]
async fn each_kind_is_tried_out_and_its_answer_shown() {
    let world = told().await;
    let browser = enter(&world.app, ALICE).await;
    let before = world.app.rows("webhook_attempts").await;
    for kind in ["Added", "Updated", "SecretRotated", "Removed"] {
        world.sink.answer([Answer::Status(202, String::new(), format!("<i>{kind}</i>").into_bytes())]);
        let page = act(&browser, &format!("act=webhook-try&kind={kind}&id=ins_1&{BACK}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for shown in [">202<", &format!("&#60;i&#62;{kind}&#60;/i&#62;"), "dry_run=true", AT] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
        assert_eq!(world.sink.take().len(), 1);
    }
    assert_eq!(world.app.rows("webhook_attempts").await, before, "nothing is changed");
}

#[tokio::test]
async fn who_only_looks_is_offered_nothing_and_who_may_not_look_sees_nothing() {
    let world = told().await;
    let _look = give(&world.app, "t1", BOB, 7, &["admin:installations.read"]).await;
    let browser = enter(&world.app, BOB).await;
    let page = seen(&browser).await.body;
    assert!(
        page.contains("500") && !page.contains("webhook-skip") && !page.contains("webhooks-pause"),
        "{page}"
    );
    for act in ["webhooks-pause", "webhooks-resume", "webhook-try", "webhook-resend", "webhook-skip"] {
        let page =
            browser.get(&format!("/console/tenants/t1/act?act={act}&id=ins_1&number=2&kind=Added")).await;
        assert_eq!(page.status, 403, "{act}");
    }
    let _users = give(&world.app, "t1", "mallory", 8, &["admin:users.read"]).await;
    let browser = enter(&world.app, "mallory").await;
    assert_eq!(browser.get(AT).await.status, 403);
}
