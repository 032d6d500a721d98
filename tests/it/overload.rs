//! Overload (503): a place is kept until the answer, each class of requests is told in its own words, and what is refused is counted.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use doorward_core::{Ctx, Effect};
use doorward_crypto::secret::SecretString;
use doorward_tests::{PASSWORD, Page, TestApp, WEB};
use doorward_web::app::Options;
use doorward_web::password_pool::{Busy, PasswordPool, Verified};
use doorward_web::traffic::{Class, Quota, Quotas};

use super::traffic::{address, ask_from, poll, world};

/// A place is kept from the moment when a request is begun with until it is answered, whatever it waits for meanwhile.
#[tokio::test]
async fn a_request_has_its_place_until_it_is_answered() {
    let app = world(0, 0).await;
    let admission = app.app.traffic.admission(Class::Page).expect("pages have places");
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let form = [("username", "alice"), ("password", PASSWORD), ("action", "sign-in")];
    let mut request = Box::pin(browser.submit(&page, &form));
    let mut waited = 0;
    let reply = loop {
        assert_eq!(admission.load(), (usize::from(waited > 0), 0));
        if let Some(reply) = poll(&mut request) {
            break reply;
        }
        waited += 1;
        tokio::task::yield_now().await;
    };
    assert!(reply.status == 303 && waited > 0, "storage and the password were waited for");
    assert_eq!(admission.load(), (0, 0));
}

/// One request too many at once is told so in the words of its class, and why is counted.
#[tokio::test]
async fn each_class_is_shed_in_its_own_words() {
    let app = world(0, 0).await;
    for (class, path, media_type) in [
        (Class::Admin, "/admin/v1/tenants", "application/problem+json"),
        (Class::Page, "/sign-in", "text/html; charset=utf-8"),
        (Class::Protocol, "/userinfo", "application/json"),
    ] {
        let admission = app.app.traffic.admission(class).expect("it has places");
        let mut taken = Vec::new();
        for _ in 0..8 {
            taken.push(admission.enter().await.expect("a place"));
        }
        let mut request = Box::pin(app.send_from(address("198.51.100.1"), "GET", path, &[], ""));
        assert!(poll(&mut request).is_none(), "{path}: it waits for a place");
        let mut newer: Vec<_> = (0..256).map(|_| Box::pin(admission.enter())).collect();
        for one in &mut newer {
            assert!(poll(one).is_none());
        }
        let reply = poll(&mut request).expect("the oldest is told");
        assert_eq!((reply.status, reply.header("content-type")), (503, Some(media_type)), "{path}");
        assert!(reply.header("retry-after").is_some(), "{path}");
        if class == Class::Admin {
            assert_eq!(reply.json()["type"], "urn:doorward:problem:unavailable");
        }
    }
    assert_eq!(refusals(&app), [("traffic.overloaded".to_owned(), 3)]);
    assert_eq!(Quota::ALL.map(|quota| app.app.traffic.over(quota)), [0, 0, 0], "nobody asked too often");
}

/// How long a place is waited for is a setting.
#[tokio::test]
async fn who_is_not_to_wait_is_told_at_once() {
    let quotas = Quotas { at_once: 8, patience: Duration::ZERO, ..Quotas::default() };
    let app = TestApp::with(Options { quotas, ..Options::default() }).await;
    let admission = app.app.traffic.admission(Class::Protocol).expect("it has places");
    let mut taken = Vec::new();
    for _ in 0..8 {
        taken.push(admission.enter().await.expect("a place"));
    }
    let mut request = Box::pin(app.send_from(address("198.51.100.1"), "GET", "/userinfo", &[], ""));
    let began = Instant::now();
    while began.elapsed() < Quotas::default().patience / 2 {
        if let Some(reply) = poll(&mut request) {
            assert_eq!(reply.status, 503);
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it waits as long as where nobody said how long");
}

#[tokio::test]
async fn who_asks_too_often_is_counted() {
    let app = world(1, 1).await;
    for _ in 0..3 {
        ask_from(&app, "198.51.100.1", WEB).await;
    }
    assert_eq!(Quota::ALL.map(|quota| app.app.traffic.over(quota)), [2, 0, 0]);
    let told = refusals(&app);
    assert!(told.contains(&("traffic.too_many".to_owned(), 2)), "{told:?}");
}

/// Refusals that wait to be told of in one event, with how often each was.
pub fn refusals(app: &TestApp) -> Vec<(String, u64)> {
    let mut rng = doorward_crypto::random::SystemRandom;
    let mut ctx = Ctx { now: app.clock.now(), rng: &mut rng, request_id: "", address: "" };
    let events = app.app.tally.take_refusals(&mut ctx).into_iter().filter_map(|effect| match effect {
        Effect::Record(event) => Some(event),
        _ => None,
    });
    let counts = events.filter_map(|event| serde_json::from_str::<BTreeMap<String, u64>>(&event.data).ok());
    counts.flatten().collect()
}

/// A password that waits to be verified.
type Job<'a> = Pin<Box<dyn Future<Output = Result<Verified, Busy>> + 'a>>;

/// A queue of the password threads that is full and stays so, because the threads begin with nothing until this ends.
pub struct FullQueue<'a> {
    passwords: &'a PasswordPool,
    waiting: Vec<Job<'a>>,
}

impl<'a> FullQueue<'a> {
    /// Lets so many passwords wait to be verified that there is no room for another.
    pub fn of(passwords: &'a PasswordPool) -> FullQueue<'a> {
        passwords.hold(true);
        let mut waiting = Vec::new();
        while !passwords.is_full() {
            let guess = SecretString::new("guess".to_owned());
            let mut job: Job<'a> =
                Box::pin(passwords.verify(guess, doorward_crypto::password::DUMMY.to_owned()));
            assert!(poll(&mut job).is_none_or(|verified| verified.is_err()));
            waiting.push(job);
        }
        FullQueue { passwords, waiting }
    }

    /// Gives up all that waits, and comes back once there is room.
    pub async fn end(self) {
        drop(self.waiting);
        self.passwords.hold(false);
        while self.passwords.is_full() {
            tokio::task::yield_now().await;
        }
    }
}
