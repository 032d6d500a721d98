//! Key sets that others publish (RFC 7517, section 5): those of issuers, whose tokens are verified here, and of clients, whose assertions the
//! server verifies (OpenID Connect Core, section 10.1.1).
//!
//! One flight per url at a time, which outlives whoever asked for it; an unknown key is looked for again, but not
//! more often than once per [`Freshness::retry_ms`]; a source that is down leaves the keys that were known. Nobody
//! waits for the source of another url.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use doorward_crypto::jose::key_set::{BadJwkSet, JwkSet};

/// Where key sets come from.
pub trait Source: Send + Sync + 'static {
    /// Why there is no document.
    type Error: Clone + Send + 'static;

    /// The document at `url`.
    fn get(&self, url: &str) -> impl Future<Output = Result<Bytes, Self::Error>> + Send;
}

/// How long a key set is used. Milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// A set older than this is fetched again before use.
    pub max_age_ms: i64,
    /// A set older than this is not used, even while its source is down.
    pub max_stale_ms: i64,
    /// Between two fetches of one url.
    pub retry_ms: i64,
    /// Between two fetches of one url that never gave a set.
    pub first_retry_ms: i64,
    /// Urls remembered.
    pub capacity: usize,
}

impl Default for Freshness {
    fn default() -> Self {
        Freshness {
            max_age_ms: 5 * 60_000,
            max_stale_ms: 24 * 3_600_000,
            retry_ms: 30_000,
            first_retry_ms: 5_000,
            capacity: 10_000,
        }
    }
}

/// Why there is no key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwksError<E> {
    /// The document is no key set.
    Document(BadJwkSet),
    /// The document could not be fetched.
    Fetch(E),
    /// What there was has become too old, or the fetch broke off.
    Gone,
}

/// Key sets by url. Clones share them.
pub struct JwksCache<S: Source>(Arc<Inner<S>>);

impl<S: Source> Clone for JwksCache<S> {
    fn clone(&self) -> Self {
        JwksCache(self.0.clone())
    }
}

struct Inner<S: Source> {
    source: S,
    freshness: Freshness,
    entries: Mutex<HashMap<String, Arc<Entry<S::Error>>>>,
}

struct Entry<E> {
    known: Mutex<Known<E>>,
    /// Held by the one flight.
    flight: Arc<tokio::sync::Mutex<()>>,
}

struct Known<E> {
    set: Option<(Arc<JwkSet>, i64)>,
    tried: Option<(i64, Result<(), JwksError<E>>)>,
}

impl<S: Source> JwksCache<S> {
    /// An empty cache.
    pub fn new(source: S, freshness: Freshness) -> Self {
        JwksCache(Arc::new(Inner { source, freshness, entries: Mutex::default() }))
    }

    /// The key set at `url`: one that is `wanted` where that can be had, otherwise the newest. `now_ms` is the time in
    /// milliseconds since the epoch.
    pub async fn keys(
        &self,
        url: &str,
        now_ms: i64,
        wanted: impl Fn(&JwkSet) -> bool,
    ) -> Result<Arc<JwkSet>, JwksError<S::Error>> {
        let entry = self.entry(url);
        let (held, may_fetch) = {
            let known = lock(&entry.known);
            let held = known.usable(now_ms, &self.0.freshness);
            if let Some((set, true)) = &held
                && wanted(set)
            {
                return Ok(set.clone());
            }
            (held, known.may_fetch(now_ms, &self.0.freshness))
        };
        if !may_fetch {
            return known_or_error(&entry, held.map(|(set, _)| set));
        }
        let flight = match entry.flight.clone().try_lock_owned() {
            Ok(flight) => flight,
            Err(_) => {
                // Somebody is on the way. What merely grew old serves meanwhile.
                if let Some((set, _)) = held
                    && wanted(&set)
                {
                    return Ok(set);
                }
                let _landed = entry.flight.lock().await;
                let held = lock(&entry.known).usable(now_ms, &self.0.freshness);
                return known_or_error(&entry, held.map(|(set, _)| set));
            }
        };
        // Another flight may have landed since we looked.
        if !lock(&entry.known).may_fetch(now_ms, &self.0.freshness) {
            let held = lock(&entry.known).usable(now_ms, &self.0.freshness);
            return known_or_error(&entry, held.map(|(set, _)| set));
        }
        // A task of its own: who asked may go away, those who wait behind may not be left with nothing for it.
        let (cache, entry_there, url) = (self.0.clone(), entry.clone(), url.to_owned());
        let task = tokio::spawn(async move {
            let _flight = flight;
            cache.fetch(&entry_there, &url, now_ms).await;
        });
        // Its panic is a failed fetch.
        let _ = task.await;
        let held = lock(&entry.known).usable(now_ms, &self.0.freshness);
        known_or_error(&entry, held.map(|(set, _)| set))
    }

    /// Why the last fetch of `url` gave no set, where it gave none.
    pub fn trouble(&self, url: &str) -> Option<JwksError<S::Error>> {
        let entry = lock(&self.0.entries).get(url).cloned()?;
        let known = lock(&entry.known);
        known.tried.as_ref().and_then(|(_, outcome)| outcome.clone().err())
    }

    fn entry(&self, url: &str) -> Arc<Entry<S::Error>> {
        let mut entries = lock(&self.0.entries);
        if let Some(entry) = entries.get(url) {
            return entry.clone();
        }
        if entries.len() >= self.0.freshness.capacity {
            let tried =
                |entry: &Entry<S::Error>| lock(&entry.known).tried.as_ref().map_or(i64::MIN, |(at, _)| *at);
            let oldest = entries.iter().min_by_key(|(_, entry)| tried(entry)).map(|(url, _)| url.clone());
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        entries.entry(url.to_owned()).or_default().clone()
    }
}

impl<S: Source> Inner<S> {
    async fn fetch(&self, entry: &Entry<S::Error>, url: &str, now_ms: i64) {
        let fetched = match self.source.get(url).await {
            Ok(document) => JwkSet::parse(&document).map_err(JwksError::Document),
            Err(error) => Err(JwksError::Fetch(error)),
        };
        let mut known = lock(&entry.known);
        match fetched {
            Ok(set) => {
                known.set = Some((Arc::new(set), now_ms));
                known.tried = Some((now_ms, Ok(())));
            }
            Err(error) => known.tried = Some((now_ms, Err(error))),
        }
    }
}

impl<E> Default for Entry<E> {
    fn default() -> Self {
        Self { known: Mutex::new(Known { set: None, tried: None }), flight: Arc::default() }
    }
}

impl<E> Known<E> {
    /// The set that may be used, and whether it is fresh.
    fn usable(&self, now_ms: i64, freshness: &Freshness) -> Option<(Arc<JwkSet>, bool)> {
        let (set, at) = self.set.as_ref()?;
        let age = now_ms.saturating_sub(*at);
        (age < freshness.max_stale_ms).then(|| (set.clone(), (0..freshness.max_age_ms).contains(&age)))
    }

    fn may_fetch(&self, now_ms: i64, freshness: &Freshness) -> bool {
        let pause = if self.set.is_some() { freshness.retry_ms } else { freshness.first_retry_ms };
        // Both ways: a clock set back must not end all fetching.
        self.tried.as_ref().is_none_or(|(at, _)| now_ms.abs_diff(*at) >= pause.unsigned_abs())
    }
}

fn known_or_error<E: Clone>(entry: &Entry<E>, set: Option<Arc<JwkSet>>) -> Result<Arc<JwkSet>, JwksError<E>> {
    if let Some(set) = set {
        return Ok(set);
    }
    match &lock(&entry.known).tried {
        Some((_, Err(error))) => Err(error.clone()),
        Some((_, Ok(()))) | None => Err(JwksError::Gone),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Source> fmt::Debug for JwksCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksCache").field("freshness", &self.0.freshness).finish_non_exhaustive()
    }
}

impl<E: fmt::Display> fmt::Display for JwksError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JwksError::Document(error) => write!(f, "the key set is malformed: {error}"),
            JwksError::Fetch(error) => write!(f, "the key set could not be fetched: {error}"),
            JwksError::Gone => f.write_str("there is no key set any more"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for JwksError<E> {}
