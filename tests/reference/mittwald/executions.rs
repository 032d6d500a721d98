//! The list of what a contributor's extensions were told, or will be.

use doorward_core::id::ContextKey;
use doorward_core::model::{Actor, Extension, Installation};
use doorward_core::{Effect, installation};
use doorward_tests::extended::{MAKER, P2, X1, X2};
use doorward_tests::sink::{Answer, Sink};
use doorward_tests::{ALICE, BOB, Reply, T1, T2, basic, secret_of};
use doorward_web::webhook::worker::Delivering;
use serde_json::{Value, json};

use super::super::Speaker;
use super::contributor::{kind, told};
use super::managing::{by, pair};
use super::{SCOPES, instance_token, uuid};
use crate::admin::Admin;

const LIST: &str = "/v2/contributors/maker/webhook-executions";

/// What is answered with a query, and how many there are.
async fn listed(at: &Speaker, token: &str, query: &str) -> (Vec<Value>, String) {
    let reply = by(at, token, "GET", &format!("{LIST}{query}"), Value::Null).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.body);
    let total = reply.header("x-pagination-totalcount").expect("it is told").to_owned();
    (reply.json().as_array().expect("a list").clone(), total)
}

/// Kind, state, attempts and the time of the next one.
type Shape = (String, String, i64, Option<String>);

fn shapes(listed: &[Value]) -> Vec<Shape> {
    let shape = |one: &Value| {
        let word = |name: &str| one[name].as_str().map(str::to_owned);
        let attempts = one["attempts"].as_i64().expect("a number");
        (word("kind").expect("one"), word("state").expect("one"), attempts, word("nextScheduledExecution"))
    };
    listed.iter().map(shape).collect()
}

async fn turn(at: &Speaker, sink: &Sink, status: u16) {
    sink.answer([Answer::status(status)]);
    crate::webhooks::turns(&at.app.app).await;
}

#[tokio::test]
async fn executions_say_what_was_told_what_waits_and_what_is_over() {
    let (at, of, sink) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    let now = async || listed(&at, &token, "").await.0;
    let first = now().await;
    let mut expected = json!([{
        "extensionInstanceId": uuid(of.id.as_str()), "extensionId": X1, "contributorId": "maker",
        "kind": "extensionAddedToContext", "state": "successful", "attempts": 1,
    }]);
    expected[0]["id"] = first[0]["id"].clone();
    assert_eq!(json!(first), expected, "exactly these members");
    // The first that waits has its turn at some time, what is behind it has none yet.
    at.app.change(of.id.as_str()).await;
    turn(&at, &sink, 500).await;
    at.app.live(&of.id, |life, now| life.disable(now)).await;
    let waiting = now().await;
    let due =
        at.app.store.webhook_queue(&"t1".into(), &of.id).await.expect("readable").expect("a line").due_at;
    let due = due.map(doorward_core::desired::date::write);
    let shape = |kind: &str, state: &str, attempts: i64, next: Option<String>| -> Shape {
        (kind.to_owned(), state.to_owned(), attempts, next)
    };
    let added = || shape("extensionAddedToContext", "successful", 1, None);
    let updated = |state, attempts, next| shape("instanceUpdated", state, attempts, next);
    assert!(due.is_some());
    let queued = [updated("queued", 1, due), updated("queued", 0, None), added()];
    assert_eq!(shapes(&waiting), queued, "the next first, then the newest");
    // On its way.
    at.app.advance_s(20);
    sink.take();
    sink.answer([Answer::status(500)]);
    sink.hold(true);
    let mut delivering = Delivering::default();
    assert_eq!(delivering.turn(&at.app.app).await.expect("it can be claimed"), 1);
    while sink.heard().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(shapes(&now().await)[1], updated("running", 1, None));
    sink.hold(false);
    delivering.one().await.expect("one").expect("it was noted");
    // Stopped, and gone.
    let pause = Effect::PauseWebhooks {
        tenant: "t1".into(),
        installation: of.id.clone(),
        number: at.app.standing(of.id.as_str()).await.version,
        reason: "paused".to_owned(),
        now: at.app.clock.now(),
    };
    at.app.commit(vec![pause]).await;
    let halted = now().await;
    assert!(halted[..2].iter().all(|one| one["state"] == "halted"), "{halted:?}");
    let resume =
        Effect::ResumeWebhooks { tenant: "t1".into(), installation: of.id.clone(), now: at.app.clock.now() };
    at.app.commit(vec![resume]).await;
    at.app.uninstall(of.id.as_str()).await;
    at.app.advance_s(60);
    turn(&at, &sink, 204).await;
    let removed = shape("instanceRemovedFromContext", "successful", 1, None);
    let last = now().await;
    assert_eq!(shapes(&last), [removed, updated("failed", 2, None), added()], "what was never sent is none");
}

#[tokio::test]
async fn executions_are_sought_ordered_and_paged_as_the_query_says() {
    let (at, of, sink) = told().await;
    let token = pair(&at, ALICE).await.text("access_token");
    at.app.change(of.id.as_str()).await;
    turn(&at, &sink, 500).await;
    at.app.advance_s(20);
    turn(&at, &sink, 500).await;
    let other = at.app.install(X2, (P2, "project/p-2"), SCOPES).await;
    let sought = async |query: &str| {
        let (listed, total) = listed(&at, &token, query).await;
        let states = listed.iter().map(|one| one["state"].as_str().expect("a word").chars().next());
        (states.map(|state| state.expect("a letter")).collect::<String>(), total)
    };
    let of_x1 = format!("?extensionInstanceId={}", of.id);
    let of_x2 = format!("?extensionInstanceId={}", other.id);
    let by_uuid = format!("?extensionInstanceId={}", uuid(of.id.as_str()).to_uppercase());
    for (query, states, total) in [
        ("?extensionId=x1", "qs", "2"),
        ("?extensionId=nothing", "", "0"),
        (&of_x1, "qs", "2"),
        (&of_x2, "q", "1"),
        (&by_uuid, "qs", "2"),
        ("?extensionId=x1&extensionInstanceId=nothing", "", "0"),
        ("?state=successful", "s", "1"),
        ("?state=successful&state=queued&extensionId=x1", "qs", "2"),
        ("?state[]=running&state%5B%5D=halted", "", "0"),
        ("?state[0]=failed&state[1]=successful", "s", "1"),
        ("?extensionId=x1&sort=attempts", "qs", "2"),
        ("?extensionId=x1&sort=attempts&order=asc", "sq", "2"),
        ("?extensionId=x1&sort=nextScheduledExecution&order=asc", "sq", "2"),
        ("?extensionId=x1&order=desc", "qs", "2"),
        (
            "?extensionId=x1&sort[0]=attempts&sort[1]=nextScheduledExecution&order[0]=asc&order[1]=desc",
            "sq",
            "2",
        ),
        ("?extensionId=x1&limit=1", "q", "2"),
        ("?extensionId=x1&limit=1&skip=1", "s", "2"),
        ("?extensionId=x1&limit=1&page=1", "s", "2"),
        ("?extensionId=x1&limit=1&page=1&skip=0", "q", "2"),
        ("?extensionId=x1&limit=0", "", "2"),
        ("?extensionId=x1&skip=2", "", "2"),
        ("?page=9223372036854775807", "", "3"),
    ] {
        assert_eq!(sought(query).await, (states.to_owned(), total.to_owned()), "{query}");
    }
    let heads = |reply: &Reply| {
        ["limit", "skip", "page"].map(|name| reply.header(&format!("x-pagination-{name}")).map(str::to_owned))
    };
    for (query, expected) in [
        ("", ["50", "0", "0"]),
        ("?limit=2&page=3", ["2", "6", "3"]),
        ("?limit=0&skip=4", ["0", "4", "0"]),
        ("?limit=100000", ["1000", "0", "0"]),
    ] {
        let reply = by(&at, &token, "GET", &format!("{LIST}{query}"), Value::Null).await;
        assert_eq!(heads(&reply), expected.map(|value| Some(value.to_owned())), "{query}");
    }
    for (query, path) in [
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=1.5", "limit"),
        ("skip=-1", "skip"),
        ("skip=99999999999999999999", "skip"),
        ("page=-1", "page"),
        ("state=done", "state"),
        ("state=queued&state=", ""),
        ("state=queued,running", "state"),
        ("state=queued&state=Queued", "state"),
        ("sort=id", "sort"),
        ("order=up", "order"),
        ("limit=1&limit=2", "query"),
        ("extensionId=x1&extensionId=x2", "query"),
        ("state=%zz", "query"),
    ] {
        let reply = by(&at, &token, "GET", &format!("{LIST}?{query}"), Value::Null).await;
        if path.is_empty() {
            assert_eq!(reply.status, 200, "an empty value is none: {query}");
            continue;
        }
        assert_eq!(kind(&reply), (400, "ValidationError".into()), "{query}: {}", reply.body);
        assert_eq!(reply.json()["validationErrors"][0]["path"], path, "{query}");
    }
}

/// Whoever does not administer what a contributor makes sees none of it, by whichever name.
#[tokio::test]
async fn executions_are_seen_by_who_makes_the_extensions_and_nobody_else() {
    let (at, of, _) = told().await;
    let alice = pair(&at, ALICE).await.text("access_token");
    let bob = pair(&at, BOB).await.text("access_token");
    at.app.context(99, "contributor/other", &[]).await;
    elsewhere(&at).await;
    let get = async |token: &str, maker: &str| {
        let path = format!("/v2/contributors/{maker}/webhook-executions");
        by(&at, token, "GET", &path, Value::Null).await
    };
    let seen = get(&alice, "maker").await;
    assert_eq!((seen.status, seen.json().as_array().map(Vec::len)), (200, Some(1)), "{}", seen.body);
    for maker in ["other", "t1", "nobody", "%00", "c-1", "customer%2Fc-1"] {
        let reply = get(&alice, maker).await;
        assert_eq!(kind(&reply), (404, "ObjectNotFound".into()), "{maker}: {}", reply.body);
        assert_eq!(reply.header("www-authenticate"), None, "no token would help");
    }
    let refused = get(&bob, "maker").await;
    assert!(matches!(refused.status, 401 | 403), "{}", refused.body);
    assert_eq!(kind(&get("nothing", "maker").await), (401, "Unauthorized".into()));
    let own = instance_token(&at, &of, json!({ "extensionInstanceSecret": of.secret })).await;
    assert_eq!(get(&own.text("publicToken"), "maker").await.status, 401, "a token of an instance");
    // Who administers all sees each contributor's, and the tenant's own under its name.
    let chief = chief(&at).await;
    for (maker, expected) in [("maker", 1), ("other", 0), ("t1", 1)] {
        let seen = get(&chief, maker).await;
        assert_eq!((seen.status, seen.json().as_array().map(Vec::len)), (200, Some(expected)), "{maker}");
        assert!(seen.json().as_array().into_iter().flatten().all(|one| one["contributorId"] == maker));
    }
    assert_eq!(get(&chief, "t2").await.status, 404);
    // Whoever comes after a contributor under its id sees nothing of it.
    let key = ContextKey(MAKER);
    at.app
        .commit(vec![Effect::RemoveContext { tenant: T1.into(), key, version: 1, now: at.app.clock.now() }])
        .await;
    assert_eq!(get(&chief, "maker").await.status, 404);
    at.app.context(97, "contributor/maker", &[]).await;
    assert_eq!(get(&chief, "maker").await.json(), json!([]));
}

/// The tenant has an extension of its own, and another tenant has one of a contributor with the same key and id; both are installed.
async fn elsewhere(at: &Speaker) {
    let mut ours = doorward_tests::extended::extension(98, "ours");
    (ours.contributor, ours.contributor_key) = (None, None);
    at.app.commit(vec![Effect::PutExtension(Box::new(ours.clone()))]).await;
    at.app.install_as(&ours, "ins_ours", (0, "tenant/t1")).await;
    let theirs = Extension { tenant: T2.into(), ..doorward_tests::extended::extension(97, "theirs") };
    at.app.commit(vec![Effect::PutExtension(Box::new(theirs.clone()))]).await;
    let found = at.app.standing("ins_ours").await;
    let row = Installation {
        id: "ins_theirs".into(),
        tenant: T2.into(),
        extension: theirs.key,
        extension_id: theirs.id,
        version: 0,
        ..found
    };
    at.app.act(|ctx| installation::install(row, &Actor::Operator, ctx)).await;
}

/// The token of a client that administers all of the tenant, of this issuer.
async fn chief(at: &Speaker) -> String {
    Admin::of_tenant(&at.app).await;
    let headers = [
        ("authorization", &*basic("chief", &secret_of("chief"))),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let form = "grant_type=client_credentials&scope=admin%3Aextensions.read";
    at.send("POST", "/v2/oauth2/token", &headers, form).await.text("access_token")
}
