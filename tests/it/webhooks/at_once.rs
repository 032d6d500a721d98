//! A new secret that the extension is told at once, while a request waits: what happens meanwhile waits its turn, and what dies meanwhile is
//! told by the line.

use std::sync::Arc;

use doorward_tests::extended::{Installed, P1, X1};
use doorward_tests::sink::{Answer, Heard, Sink};
use doorward_tests::{Reply, TestApp, basic, request};
use doorward_web::edge::{EdgeRequest, Service};
use doorward_web::server::Server;
use serde_json::json;
use tokio::task::{JoinHandle, yield_now};

use super::{loopback, numbers, turns};
use crate::admin::{client_with, token_of};

/// X1 is told at a sink, and installed in P1, whose first news it has.
struct Told {
    app: TestApp,
    of: Installed,
    sink: Sink,
    token: String,
}

impl Told {
    async fn new() -> Self {
        let app = TestApp::fetching(loopback()).await;
        app.extend().await;
        let sink = Sink::new().await;
        let url = sink.url("/hook");
        app.change_extension(X1, |found| found.manifest.webhook_url = Some(url)).await;
        let of = app.install(X1, (P1, "project/p-1"), "openid").await;
        client_with(&app, "maker", SCOPE).await;
        let token = token_of(&app, "maker", SCOPE).await;
        turns(&app.app).await;
        sink.take();
        Self { app, of, sink, token }
    }

    fn rotation(&self, allow_failure: bool) -> EdgeRequest {
        let path = format!("/admin/v1/tenants/t1/extensions/{X1}/installations/{}/secret", self.of.id);
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        request("PUT", &path, &headers, &json!({ "allow_failure": allow_failure }).to_string())
    }

    /// Asks for a rotation that a task of its own waits for.
    fn begin(&self, allow_failure: bool) -> JoinHandle<Reply> {
        let (server, request) = (self.app.server().clone(), self.rotation(allow_failure));
        tokio::spawn(async move { answer(&server, request).await })
    }

    /// The same, until the extension has heard of it.
    async fn begun(&self, allow_failure: bool) -> (JoinHandle<Reply>, Heard) {
        self.sink.hold(true);
        let task = self.begin(allow_failure);
        while self.sink.heard().is_empty() {
            assert!(!task.is_finished(), "nothing was told");
            yield_now().await;
        }
        (task, self.sink.take().remove(0))
    }

    async fn rotate(&self, allow_failure: bool) -> Reply {
        answer(self.app.server(), self.rotation(allow_failure)).await
    }

    async fn works(&self, secret: &str) -> bool {
        let authorization = basic(self.of.id.as_str(), secret);
        let form = [("grant_type", "client_credentials")];
        self.app.post_form("/token", &form, &[("authorization", &authorization)]).await.status == 200
    }

    async fn change(&self) {
        self.app.change(self.of.id.as_str()).await;
    }

    async fn turns(&self) -> Vec<Heard> {
        turns(&self.app.app).await;
        self.sink.take()
    }

    fn numbers(&self, heard: &[Heard]) -> Vec<i64> {
        numbers(heard, self.of.id.as_str())
    }

    async fn outcomes(&self) -> Vec<Option<&'static str>> {
        let told = self.app.store.webhooks(&"t1".into(), &self.of.id, None, 100).await.expect("readable");
        told.iter().rev().map(|told| told.outcome.map(|outcome| outcome.as_str())).collect()
    }
}

async fn answer(server: &Server, request: EdgeRequest) -> Reply {
    Reply::from(Arc::new(server.clone()).call(request).await)
}

fn secret(heard: &Heard) -> String {
    heard.json()["secret"].as_str().expect("a secret").to_owned()
}

#[tokio::test]
async fn what_happens_while_it_is_told_is_told_after_it() {
    let told = Told::new().await;
    let (task, heard) = told.begun(false).await;
    let number = heard.json()["number"].as_i64().expect("a number");
    told.change().await;
    assert!(told.turns().await.is_empty(), "the line is held");
    told.app.clock.advance_ms(LEASE_MS - 1);
    assert!(told.turns().await.is_empty(), "as long as it lasts");
    told.sink.hold(false);
    let reply = task.await.expect("an answer");
    assert_eq!((reply.status, &reply.json()["is_told"]), (200, &json!(true)), "{}", reply.body);
    assert_eq!(reply.text("secret"), secret(&heard));
    assert_eq!((told.works(&secret(&heard)).await, told.works(&told.of.secret).await), (true, false));
    assert_eq!(told.numbers(&told.turns().await), [number + 1], "at once, and it is not told again");
    assert_eq!(told.outcomes().await, [Some("delivered"); 3]);
    assert_eq!(told.app.rows("webhook_queues").await, 0, "nothing waits");
}

/// Whatever the extension would have answered, and whatever the caller would have made of it: who dies has told nobody, and the extension has a
/// secret that counts.
#[tokio::test]
async fn a_server_that_dies_meanwhile_leaves_it_to_the_line() {
    for (status, allow_failure) in [(204, false), (500, false), (500, true)] {
        let mut told = Told::new().await;
        told.sink.answer([Answer::status(status)]);
        let (task, first) = told.begun(allow_failure).await;
        told.app.kill(loopback()).await;
        task.abort();
        told.sink.hold(false);
        told.change().await;
        assert!(told.turns().await.is_empty(), "the line is held");
        assert!(told.works(&told.of.secret).await && !told.works(&secret(&first)).await);
        told.app.clock.advance_ms(LEASE_MS);
        let heard = told.turns().await;
        let number = first.json()["number"].as_i64().expect("a number");
        assert_eq!(told.numbers(&heard), [number, number + 1], "in its order");
        assert_eq!(secret(&heard[0]), secret(&first), "it is the same secret");
        assert_eq!(heard[0].header("webhook-id"), first.header("webhook-id"), "of the same news");
        assert!(told.works(&secret(&first)).await, "{status}, {allow_failure}");
        told.app.advance_s(86_400);
        assert!(!told.works(&told.of.secret).await, "the one before ends a day after its use");
        assert!(told.works(&secret(&first)).await);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_written_down_leaves_it_to_the_line() {
    for status in [204, 500] {
        let told = Told::new().await;
        told.sink.answer([Answer::status(status)]);
        let (task, first) = told.begun(false).await;
        told.app.fail_writes(true).await;
        told.sink.hold(false);
        assert_eq!(task.await.expect("an answer").status, 503);
        told.app.fail_writes(false).await;
        told.app.clock.advance_ms(LEASE_MS);
        let heard = told.turns().await;
        assert_eq!(heard.iter().map(secret).collect::<Vec<_>>(), [secret(&first)]);
        assert!(told.works(&secret(&first)).await);
    }
}

#[tokio::test]
async fn what_waits_before_it_is_told_first() {
    for (allow_failure, counts) in [(false, false), (true, true)] {
        let told = Told::new().await;
        told.sink.answer([Answer::status(500)]);
        told.change().await;
        assert_eq!(told.turns().await.len(), 1);
        let reply = told.rotate(allow_failure).await;
        let body = reply.json();
        let found = (reply.status, &body["is_told"], &body["counts"], body.get("status"));
        assert_eq!(found, (200, &json!(false), &json!(counts), None), "{}", reply.body);
        assert!(told.sink.heard().is_empty(), "nobody is told out of turn");
        let works = (told.works(&reply.text("secret")).await, told.works(&told.of.secret).await);
        assert_eq!(works, (counts, !counts));
        assert_eq!(told.numbers(&told.turns().await), [2], "and nothing of it afterwards");
        assert_eq!(told.outcomes().await, [Some("delivered"), Some("delivered"), Some("skipped")]);
    }
}

#[tokio::test]
async fn of_two_at_once_one_is_told_that_the_other_was_first() {
    let told = Told::new().await;
    let other = told.app.second_node_fetching(loopback()).await;
    let other = other.map_or_else(|| told.app.server().clone(), |(_, server)| server);
    let (task, first) = told.begun(false).await;
    let late = answer(&other, told.rotation(true)).await;
    assert_eq!((late.status, late.json()["type"].as_str()), (409, Some(CONFLICT)), "{}", late.body);
    told.sink.hold(false);
    assert_eq!(task.await.expect("an answer").status, 200);
    assert_eq!(told.sink.take().len(), 0, "the other was told to nobody");
    assert!(told.works(&secret(&first)).await);
    // Let go together, each is told to the end or refused; the one that is told last counts, and no other.
    let tasks: Vec<_> = (0..4).map(|_| told.begin(false)).collect();
    let mut made = Vec::new();
    for task in tasks {
        let reply = task.await.expect("an answer");
        assert!(matches!(reply.status, 200 | 409), "{}", reply.body);
        made.extend((reply.status == 200).then(|| reply.json()));
    }
    let heard = told.sink.take();
    assert_eq!(heard.len(), made.len());
    let newest = heard.iter().max_by_key(|heard| heard.json()["number"].as_i64()).expect("one was told");
    for secret in made.iter().map(|made| made["secret"].as_str().expect("a secret")) {
        assert_eq!(told.works(secret).await, newest.json()["secret"] == secret);
    }
}

#[tokio::test]
async fn an_installation_that_goes_meanwhile_has_no_secret() {
    let told = Told::new().await;
    let (task, first) = told.begun(true).await;
    told.app.uninstall(told.of.id.as_str()).await;
    told.sink.hold(false);
    assert_eq!(task.await.expect("an answer").status, 409);
    assert!(!told.works(&secret(&first)).await && !told.works(&told.of.secret).await);
    told.app.clock.advance_ms(LEASE_MS);
    let heard = told.turns().await;
    assert_eq!(heard.iter().map(|heard| heard.json()["kind"].clone()).collect::<Vec<_>>(), ["Removed"]);
}

const SCOPE: &str = "admin:extensions.write";
const CONFLICT: &str = "urn:doorward:problem:conflict";
/// How long a line is held.
const LEASE_MS: i64 = doorward_store::webhooks::LEASE_MS;
