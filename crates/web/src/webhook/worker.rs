//! The worker of webhooks: takes whose turn it is, as many as there are places, and tells each. An extension has so many places at once,
//! and one that does not answer has one, so that it costs the others nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use doorward_core::id::{AttemptId, ExtensionKey, InstallationId, TenantId};
use doorward_core::model::{Actor, Event, EventKind, Extension, Installation};
use doorward_crypto::base64url;
use doorward_crypto::random::{self, SystemRandom};
use doorward_store::Fault;
use doorward_store::webhooks::{Attempt, CLAIMS, Claimed, Due, Next, Outcome};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::body::{Letter, Secret};
use super::format::Format;
use super::load::Load;
use super::outcome::{after, is_slow};
use super::schedule::{GIVEN_UP_MS, HELD_MS};
use super::sign::Signers;
use super::{KEPT_BYTES, PLACES, TOTAL, request_id};
use crate::app::App;
use crate::fetch::FetchError;

/// Delivers until `shutdown` says so. What is on its way then is left to the end of its lease.
pub fn start(app: &Arc<App>, mut shutdown: watch::Receiver<bool>) -> JoinHandle<()> {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let mut delivering = Delivering::default();
        let mut looked_at: Option<Instant> = None;
        loop {
            let round = async {
                let rested = delivering.rest().await;
                delivering.turn(&app).await?;
                if looked_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
                    looked_at = Some(Instant::now());
                    look_after(&app).await?;
                }
                rested
            };
            let ended = tokio::select! {
                ended = round => ended,
                _ = shutdown.changed() => return,
            };
            if let Err(fault) = ended {
                app.metrics.worker_fault("webhooks");
                tracing::warn!(worker = "webhooks", fault.during = fault.during, fault.detail = %fault.detail, "a worker met trouble");
            }
        }
    })
}

/// What was left of removed installations long ago is given up, and figures are taken.
async fn look_after(app: &App) -> Result<(), Fault> {
    let store = &app.store;
    for (tenant, installation) in store.webhooks_left(store.now().plus_ms(-GIVEN_UP_MS)).await? {
        let event = event(app, EventKind::WebhookGivenUp, &tenant, &installation);
        store.give_up_webhooks(&tenant, &installation, &event).await?;
    }
    app.webhooks.wait(&store.webhooks_waiting().await?, store.now());
    Ok(())
}

/// Attempts on their way, each at a place of its own until it was answered.
#[derive(Debug, Default)]
pub struct Delivering {
    places: JoinSet<(ExtensionKey, Result<Tried, Fault>)>,
    loads: HashMap<ExtensionKey, Load>,
    /// The last turn may have left something that is due.
    leaves: bool,
}

/// What became of a turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    /// Nothing was sent.
    Nothing,
    /// It was answered, one way or the other.
    Answered,
    /// It was not.
    Slow,
}

impl Delivering {
    /// Begins as many attempts as there are places. It waits for no answer. Says how many were begun.
    pub async fn turn(&mut self, app: &Arc<App>) -> Result<usize, Fault> {
        self.leaves = false;
        let free = PLACES.saturating_sub(self.places.len()).min(CLAIMS);
        if free == 0 {
            return Ok(0);
        }
        let busy: Vec<ExtensionKey> =
            self.loads.iter().filter(|(_, load)| load.free(OF_EXTENSION) == 0).map(|(key, _)| *key).collect();
        let due = app.store.webhooks_due(&busy, free).await?;
        let chosen = self.chosen(&due);
        self.leaves = due.len() == free || chosen.len() < due.len();
        if chosen.is_empty() {
            return Ok(0);
        }
        let lease = base64url::encode(&random::array::<12>(&mut SystemRandom));
        let claimed = app.store.claim_webhooks(&chosen, &lease).await?;
        let begun = claimed.len();
        let mut of = BTreeMap::new();
        for claimed in claimed {
            let key = claimed.extension;
            let about = match of.get(&key) {
                Some(known) => Arc::clone(known),
                None => {
                    let about = Arc::new(About::of(app, &claimed.tenant, key).await);
                    of.insert(key, Arc::clone(&about));
                    about
                }
            };
            self.loads.entry(key).or_default().begin();
            let app = Arc::clone(app);
            self.places.spawn(async move {
                let tried = match &*about {
                    Ok(about) => one(&app, &claimed, about).await,
                    // Its lease ends, and it is looked at again.
                    Err(fault) => Err(fault.clone()),
                };
                (key, tried)
            });
        }
        Ok(begun)
    }

    /// Those of `due` for which their extension has a place.
    fn chosen(&self, due: &[Due]) -> Vec<InstallationId> {
        let mut taken: HashMap<ExtensionKey, usize> = HashMap::new();
        let has_place = |due: &&Due| {
            let free = self.loads.get(&due.extension).map_or(OF_EXTENSION, |load| load.free(OF_EXTENSION));
            let taken = taken.entry(due.extension).or_default();
            *taken += 1;
            *taken <= free
        };
        due.iter().filter(has_place).map(|due| due.installation.clone()).collect()
    }

    /// Waits until the next turn: half a second, or a moment where the last one left something or somebody was answered, who may have more
    /// waiting. What is answered in that moment is turned to at once.
    async fn rest(&mut self) -> Result<(), Fault> {
        let mut ended = Ok(());
        let mut is_short = self.leaves;
        let tick = tokio::time::sleep(if is_short { GATHER } else { EVERY });
        tokio::pin!(tick);
        loop {
            tokio::select! {
                () = &mut tick => return ended,
                Some(one) = self.one() => {
                    ended = ended.and(one.map(drop));
                    if !is_short {
                        is_short = true;
                        tick.as_mut().reset(tokio::time::Instant::now() + GATHER);
                    }
                }
            }
        }
    }

    /// Waits until one attempt is over; none: none is on its way.
    pub async fn one(&mut self) -> Option<Result<Tried, Fault>> {
        let Ok((key, tried)) = self.places.join_next().await? else {
            return Some(Err(Fault::new("deliver a webhook", "an attempt was interrupted")));
        };
        let load = self.loads.entry(key).or_default();
        load.end(match tried {
            Ok(Tried::Answered) => Some(false),
            Ok(Tried::Slow) => Some(true),
            Ok(Tried::Nothing) | Err(_) => None,
        });
        if load.is_over() {
            self.loads.remove(&key);
        }
        Some(tried)
    }
}

/// One turn, and all that it began is waited for: how many attempts were answered or not.
pub async fn deliver_due(app: &Arc<App>) -> Result<usize, Fault> {
    let mut delivering = Delivering::default();
    let mut tried = delivering.turn(app).await?;
    while let Some(one) = delivering.one().await {
        if one? == Tried::Nothing {
            tried -= 1;
        }
    }
    Ok(tried)
}

/// What is the same for all installations of an extension.
struct About {
    extension: Option<Extension>,
    signers: Option<Signers>,
    /// Neither its tenant nor the extension is switched off.
    is_on: bool,
}

impl About {
    async fn of(app: &App, tenant: &TenantId, key: ExtensionKey) -> Result<Self, Fault> {
        let extension = app.store.extension_of_key(tenant, key).await?;
        let has_address = extension.as_ref().filter(|found| found.manifest.webhook_url.is_some());
        let signers = match has_address {
            Some(found) => Some(app.webhook_keys.signers(&app.store, tenant, (key, &found.client())).await?),
            None => None,
        };
        let directory = app.directory();
        let of_tenant = directory.tenant(tenant).is_some_and(|entry| entry.tenant.disabled_at.is_none());
        let is_on = of_tenant && extension.as_ref().is_none_or(|found| found.suspended_at.is_none());
        Ok(Self { extension, signers, is_on })
    }
}

async fn one(app: &App, claimed: &Claimed, about: &About) -> Result<Tried, Fault> {
    let store = &app.store;
    let settle = async |next: Next, events: &[Event]| {
        store.turn_webhook(claimed, &next, None, events).await.map(|()| Tried::Nothing)
    };
    let Some(head) = &claimed.head else { return settle(Next::On(Outcome::Delivered), &[]).await };
    if !about.is_on {
        return settle(Next::Hold(store.now().plus_ms(HELD_MS)), &[]).await;
    }
    let installation: Option<Installation> = serde_json::from_str(&head.state).ok();
    let (Some(extension), Some(installation)) = (&about.extension, installation) else {
        let event = event(app, EventKind::WebhookGivenUp, &claimed.tenant, &claimed.installation);
        return settle(Next::On(Outcome::GivenUp), &[event]).await;
    };
    let Some(signers) = &about.signers else { return settle(Next::On(Outcome::Pull), &[]).await };
    let secret = match &head.secret {
        Some(id) => store.undelivered_secret(&claimed.tenant, &claimed.installation, id).await?,
        None => None,
    };
    let (now, request_id) = (store.now(), request_id());
    let letter = Letter {
        kind: head.kind,
        installation: &installation,
        extension,
        number: head.number,
        happened_at: head.created_at,
        secret: match (&head.secret, &secret) {
            (None, _) => Secret::None,
            (Some(_), None) => Secret::Delivered,
            (Some(_), Some(secret)) => Secret::New(secret),
        },
        request_id: &request_id,
        now,
        dry_run_by: None,
    };
    let Some(url) = letter.url() else { return settle(Next::On(Outcome::Pull), &[]).await };
    let body = Bytes::from(letter.body(&url));
    let headers = Format::of(extension).signed(signers, head.id.as_str(), now.seconds(), &body);
    // Whoever was held up for so long may not have it to itself any more when it is answered.
    if now.plus_ms(TOTAL_MS) >= claimed.until {
        return Ok(Tried::Nothing);
    }
    let began = Instant::now();
    let answer = app.webhook_fetcher.post(&url, &headers, body).await;
    let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let attempt = Attempt {
        id: AttemptId::new(now, &mut SystemRandom).0,
        tenant: claimed.tenant.clone(),
        installation: claimed.installation.clone(),
        number: head.number,
        request_id,
        at: now,
        duration_ms,
        status: answer.as_ref().ok().map(|posted| i64::from(posted.status)),
        error: answer.as_ref().err().map(FetchError::to_string),
        answer: answer.as_ref().ok().map(|posted| kept(posted.body.to_vec(), secret.as_deref())),
    };
    let (next, told) = after(claimed, &answer, store.now());
    if next == Next::On(Outcome::Delivered) {
        app.webhooks.delivered();
    } else {
        app.webhooks.failed();
        tracing::info!(
            installation.id = %claimed.installation,
            webhook.id = %head.id,
            webhook.kind = head.kind.as_str(),
            attempts = claimed.attempts + 1,
            status = attempt.status,
            error = attempt.error.as_deref(),
            "an extension was not told"
        );
    }
    let told: Vec<Event> = told
        .map(|kind| {
            event(app, kind, &claimed.tenant, &claimed.installation).client(&extension.client()).data(
                serde_json::json!({ "kind": head.kind.as_str(), "number": head.number, "attempts": claimed.attempts + 1 }),
            )
        })
        .into_iter()
        .collect();
    store.turn_webhook(claimed, &next, Some(&attempt), &told).await?;
    Ok(if is_slow(&answer) { Tried::Slow } else { Tried::Answered })
}

/// The beginning of an answer. A receiver may answer with what it was sent: the secret is not kept.
pub(super) fn kept(mut answer: Vec<u8>, secret: Option<&str>) -> Vec<u8> {
    if let Some(secret) = secret.map(str::as_bytes).filter(|secret| !secret.is_empty()) {
        while let Some(at) = memchr::memmem::find(&answer, secret) {
            answer.splice(at..at + secret.len(), *b"[secret]");
        }
    }
    answer.truncate(KEPT_BYTES);
    answer
}

fn event(app: &App, kind: EventKind, tenant: &TenantId, installation: &InstallationId) -> Event {
    let mut rng = SystemRandom;
    let mut ctx = super::ctx(&app.store, &mut rng);
    Event::new(kind, tenant, Actor::Server, &mut ctx).installation(installation)
}

const EVERY: Duration = Duration::from_millis(500);
const GATHER: Duration = Duration::from_millis(5);
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Attempts of one extension that are on their way at once.
const OF_EXTENSION: usize = 16;
const TOTAL_MS: i64 = TOTAL.as_millis() as i64;
