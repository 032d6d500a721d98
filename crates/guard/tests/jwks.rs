//! The cache of key sets, with times passed in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::key_set::JwkSet;
use doorward_guard::FetchError;
use doorward_guard::jwks::{Freshness, JwksCache, JwksError, Source};
use tokio::sync::Semaphore;

type Answers = Mutex<VecDeque<Result<Bytes, FetchError>>>;

/// Gives prepared answers, one a permit.
#[derive(Clone)]
struct Led(Arc<Leads>);

struct Leads {
    answers: Answers,
    asked: AtomicUsize,
    permits: Semaphore,
}

impl Source for Led {
    type Error = FetchError;

    async fn get(&self, url: &str) -> Result<Bytes, FetchError> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        if url.contains("stuck") {
            std::future::pending::<()>().await;
        }
        self.0.permits.acquire().await.unwrap().forget();
        self.0.answers.lock().unwrap().pop_front().unwrap_or(Err(UNREACHABLE))
    }
}

impl Led {
    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    fn gives(&self, answer: Result<Bytes, FetchError>) {
        self.0.answers.lock().unwrap().push_back(answer);
    }
}

fn cache(permits: usize) -> (Led, JwksCache<Led>) {
    let led = Led(Arc::new(Leads {
        answers: Answers::default(),
        asked: AtomicUsize::new(0),
        permits: Semaphore::new(permits),
    }));
    (led.clone(), JwksCache::new(led, Freshness::default()))
}

fn set(kids: &[&str]) -> Bytes {
    let keys = kids.iter().map(|kid| SigningKey::generate(Algorithm::Es256, kid).unwrap().public_jwk());
    JwkSet::from_keys(keys).unwrap().to_json().into()
}

fn has(kid: &str) -> impl Fn(&JwkSet) -> bool {
    move |set| set.keys().iter().any(|key| key.kid() == Some(kid))
}

const UNREACHABLE: FetchError = FetchError::Status(502);
const URL: &str = "https://app.example/jwks";
const MINUTE: i64 = 60_000;

#[tokio::test]
async fn a_set_is_fetched_once_while_it_is_fresh() {
    let (led, cache) = cache(9);
    led.gives(Ok(set(&["a"])));
    for now in [0, 1, 4 * MINUTE] {
        assert!(has("a")(&cache.keys(URL, now, has("a")).await.unwrap()));
    }
    assert_eq!(led.asked(), 1);
    led.gives(Ok(set(&["b"])));
    assert!(has("b")(&cache.keys(URL, 6 * MINUTE, has("b")).await.unwrap()));
    assert_eq!(led.asked(), 2);
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_in_thirty_seconds() {
    let (led, cache) = cache(9);
    led.gives(Ok(set(&["a"])));
    cache.keys(URL, 0, has("a")).await.unwrap();
    for now in [1, 1_000, 29_999] {
        assert!(!has("b")(&cache.keys(URL, now, has("b")).await.unwrap()));
    }
    assert_eq!(led.asked(), 1);
    led.gives(Ok(set(&["a", "b"])));
    assert!(has("b")(&cache.keys(URL, 30_000, has("b")).await.unwrap()));
    for now in [30_001, 31_000, 59_999] {
        assert!(!has("c")(&cache.keys(URL, now, has("c")).await.unwrap()));
    }
    assert_eq!(led.asked(), 2);
}

#[tokio::test]
async fn known_keys_outlive_an_outage_but_not_a_day() {
    let (led, cache) = cache(9);
    led.gives(Ok(set(&["a"])));
    cache.keys(URL, 0, has("a")).await.unwrap();
    for answer in [Err(FetchError::Timeout), Ok(Bytes::from("{}")), Ok(Bytes::from("<html>"))] {
        led.gives(answer);
    }
    for now in [10 * MINUTE, 11 * MINUTE, 12 * MINUTE] {
        assert!(has("a")(&cache.keys(URL, now, has("a")).await.unwrap()));
    }
    assert_eq!(led.asked(), 4);
    // Between tries the old set serves without a fetch.
    assert!(cache.keys(URL, 12 * MINUTE + 1, has("a")).await.is_ok());
    assert_eq!(led.asked(), 4);
    let day = cache.keys(URL, 24 * 60 * MINUTE, has("a")).await;
    assert_eq!(day.unwrap_err(), JwksError::Fetch(UNREACHABLE));
}

#[tokio::test]
async fn a_source_that_never_worked_is_asked_again_after_five_seconds() {
    let (led, cache) = cache(9);
    led.gives(Err(FetchError::Status(500)));
    for now in [0, 1, 4_999] {
        assert_eq!(
            cache.keys(URL, now, has("a")).await.unwrap_err(),
            JwksError::Fetch(FetchError::Status(500))
        );
    }
    assert_eq!(led.asked(), 1);
    led.gives(Ok(set(&["a"])));
    assert!(cache.keys(URL, 5_000, has("a")).await.is_ok());
    // A clock that was set back does not end fetching.
    led.gives(Ok(set(&["b"])));
    assert!(has("b")(&cache.keys(URL, -MINUTE, has("b")).await.unwrap()));
}

#[tokio::test]
async fn trouble_is_told_until_it_is_over() {
    let (led, cache) = cache(9);
    assert_eq!(cache.trouble(URL), None);
    led.gives(Err(FetchError::Timeout));
    cache.keys(URL, 0, has("a")).await.unwrap_err();
    assert_eq!(cache.trouble(URL), Some(JwksError::Fetch(FetchError::Timeout)));
    led.gives(Ok(set(&["a"])));
    cache.keys(URL, MINUTE, has("a")).await.unwrap();
    assert_eq!(cache.trouble(URL), None);
}

#[tokio::test]
async fn a_hundred_askers_are_one_flight() {
    let (led, cache) = cache(0);
    led.gives(Ok(set(&["a"])));
    let askers: Vec<_> = (0..100)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { cache.keys(URL, 0, has("a")).await.is_ok() })
        })
        .collect();
    tokio::task::yield_now().await;
    led.0.permits.add_permits(100);
    for asker in askers {
        assert!(asker.await.unwrap());
    }
    assert_eq!(led.asked(), 1);
}

#[tokio::test]
async fn a_flight_outlives_who_asked_for_it() {
    let (led, cache) = cache(0);
    led.gives(Ok(set(&["a"])));
    let first = {
        let cache = cache.clone();
        tokio::spawn(async move { cache.keys(URL, 0, has("a")).await })
    };
    while led.asked() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    led.0.permits.add_permits(1);
    assert!(cache.keys(URL, 0, has("a")).await.is_ok());
    assert_eq!(led.asked(), 1);
}

#[tokio::test]
async fn nobody_waits_for_anothers_source() {
    let (led, cache) = cache(9);
    let stuck = {
        let cache = cache.clone();
        tokio::spawn(async move { cache.keys("https://stuck.example/jwks", 0, has("a")).await.is_ok() })
    };
    while led.asked() == 0 {
        tokio::task::yield_now().await;
    }
    led.gives(Ok(set(&["a"])));
    assert!(cache.keys(URL, 0, has("a")).await.is_ok());
    assert!(!stuck.is_finished());
    stuck.abort();
}

#[tokio::test]
async fn an_aging_set_serves_while_a_newer_one_is_on_its_way() {
    let (led, cache) = cache(1);
    led.gives(Ok(set(&["a"])));
    cache.keys(URL, 0, has("a")).await.unwrap();
    let refreshing = {
        let cache = cache.clone();
        tokio::spawn(async move { cache.keys(URL, 10 * MINUTE, has("a")).await.is_ok() })
    };
    while led.asked() < 2 {
        tokio::task::yield_now().await;
    }
    assert!(has("a")(&cache.keys(URL, 10 * MINUTE, has("a")).await.unwrap()));
    assert!(!refreshing.is_finished());
    led.0.permits.add_permits(1);
    assert!(refreshing.await.unwrap());
}

#[tokio::test]
async fn urls_are_forgotten_oldest_first() {
    let led = cache(99).0;
    let cache = JwksCache::new(led.clone(), Freshness { capacity: 2, ..Freshness::default() });
    for (n, url) in ["https://1.example", "https://2.example", "https://3.example"].into_iter().enumerate() {
        led.gives(Ok(set(&["a"])));
        cache.keys(url, n as i64, has("a")).await.unwrap();
    }
    assert_eq!(led.asked(), 3);
    cache.keys("https://3.example", 4, has("a")).await.unwrap();
    cache.keys("https://2.example", 4, has("a")).await.unwrap();
    assert_eq!(led.asked(), 3);
    led.gives(Ok(set(&["a"])));
    cache.keys("https://1.example", 5, has("a")).await.unwrap();
    assert_eq!(led.asked(), 4);
}
