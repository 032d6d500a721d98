//! Clients are told that sessions ended (OpenID Connect Back-Channel Logout 1.0): what is due is taken, signed anew for each attempt, and tried
//! again for hours. A client that does not answer keeps its own place and nothing else.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorward_core::Ctx;
use doorward_core::id::ClientId;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_core::token::logout_token::logout_token;
use doorward_crypto::random::SystemRandom;
use doorward_store::Fault;
use doorward_store::logouts::Due;
use doorward_wire::params::Params;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::app::App;
use crate::sign::signed;
use crate::webhook::load::Load;
use crate::webhook::outcome::{is_slow, is_success};
use crate::webhook::schedule;

/// Tells every half second, until `shutdown` says so.
pub fn start(app: &Arc<App>, mut shutdown: watch::Receiver<bool>) -> JoinHandle<()> {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let mut telling = Telling::default();
        loop {
            let turn = async {
                let rested = telling.rest().await;
                telling.turn(&app).await.and(rested)
            };
            let ended = tokio::select! {
                ended = turn => ended,
                _ = shutdown.changed() => return,
            };
            if let Err(fault) = ended {
                app.metrics.worker_fault("logouts");
                tracing::warn!(worker = "logouts", fault.during = fault.during, fault.detail = %fault.detail, "a worker met trouble");
            }
        }
    })
}

/// One turn, and all that it began is waited for: how many clients answered or did not.
pub async fn tell_due(app: &Arc<App>) -> Result<usize, Fault> {
    let mut telling = Telling::default();
    telling.turn(app).await?;
    let mut told = 0;
    while let Some(one) = telling.one().await {
        one?;
        told += 1;
    }
    Ok(told)
}

/// Attempts on their way, each at a place of its own until it was answered.
#[derive(Debug, Default)]
struct Telling {
    places: JoinSet<(ClientId, Result<bool, Fault>)>,
    loads: HashMap<ClientId, Load>,
}

impl Telling {
    /// Begins as many attempts as there are places. It waits for no answer.
    async fn turn(&mut self, app: &Arc<App>) -> Result<(), Fault> {
        let free = PLACES.saturating_sub(self.places.len());
        if free == 0 {
            return Ok(());
        }
        let busy: Vec<&ClientId> = self
            .loads
            .iter()
            .filter(|(_, load)| load.free(OF_CLIENT) == 0)
            .map(|(client, _)| client)
            .collect();
        let due = app.store.logouts_due(&busy, i64::try_from(free).unwrap_or(i64::MAX)).await?;
        for due in due {
            let load = self.loads.entry(due.client.clone()).or_default();
            // Longer than an attempt takes: who dies meanwhile has it told again.
            if load.free(OF_CLIENT) == 0
                || !app.store.take_logout(&due, app.store.now().plus_ms(TAKEN_MS)).await?
            {
                continue;
            }
            load.begin();
            let app = Arc::clone(app);
            self.places.spawn(async move { (due.client.clone(), one(&app, &due).await) });
        }
        Ok(())
    }

    async fn rest(&mut self) -> Result<(), Fault> {
        let mut ended = Ok(());
        let tick = tokio::time::sleep(EVERY);
        tokio::pin!(tick);
        loop {
            tokio::select! {
                () = &mut tick => return ended,
                Some(one) = self.one() => ended = ended.and(one),
            }
        }
    }

    /// Waits until one attempt is over; none: none is on its way.
    async fn one(&mut self) -> Option<Result<(), Fault>> {
        let Ok((client, told)) = self.places.join_next().await? else {
            return Some(Err(Fault::new("tell of a sign-out", "an attempt was interrupted")));
        };
        let load = self.loads.entry(client.clone()).or_default();
        load.end(told.as_ref().ok().copied());
        if load.is_over() {
            self.loads.remove(&client);
        }
        Some(told.map(drop))
    }
}

/// One attempt; whether the client was slow. Whoever has no address any more, or is switched off, is told nothing.
async fn one(app: &App, due: &Due) -> Result<bool, Fault> {
    let store = &app.store;
    let Some((url, token)) = letter(app, due).await? else {
        return store.forget_logout(due, None).await.map(|()| false);
    };
    let body = Params::from_pairs(vec![("logout_token".to_owned(), token)]).to_query();
    let answer = app.logout_fetcher.post(&url, &HEADERS, Bytes::from(body)).await;
    let slow = is_slow(&answer);
    let retry_after = match &answer {
        Ok(posted) if is_success(posted.status) => {
            store.forget_logout(due, None).await?;
            return Ok(slow);
        }
        Ok(posted) => posted.retry_after().map(str::to_owned),
        Err(_) => None,
    };
    tracing::info!(
        client.id = %due.client,
        tenant.id = %due.tenant,
        attempts = due.attempts + 1,
        status = answer.as_ref().ok().map(|posted| posted.status),
        error = answer.as_ref().err().map(ToString::to_string),
        "a client was not told of a sign-out"
    );
    if due.attempts + 1 >= TRIES {
        store.forget_logout(due, Some(&given_up(app, due))).await?;
    } else {
        let next = schedule::next(store.now(), due.attempts, retry_after.as_deref());
        store.put_off_logout(due, next).await?;
    }
    Ok(slow)
}

/// Where the client is told, and by what token.
async fn letter(app: &App, due: &Due) -> Result<Option<(String, String)>, Fault> {
    let directory = app.directory();
    let Some(entry) = directory.tenant(&due.tenant).filter(|entry| entry.tenant.disabled_at.is_none()) else {
        return Ok(None);
    };
    let Some(issuer) = entry.issuers.iter().find(|issuer| issuer.id == due.issuer) else { return Ok(None) };
    let found = app.store.client(&due.tenant, &due.client).await?;
    let Some(client) = found.map(|found| found.client).filter(|client| client.disabled_at.is_none()) else {
        return Ok(None);
    };
    let Some(url) = client.backchannel_logout_uri.clone() else { return Ok(None) };
    let token = logout_token(issuer, &client, (&due.user, due.session), app.store.now());
    Ok(Some((url, signed(&token, entry)?)))
}

fn given_up(app: &App, due: &Due) -> Event {
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now: app.store.now(), rng: &mut rng, request_id: "logout", address: "" };
    Event::new(EventKind::LogoutGivenUp, &due.tenant, Actor::Server, &mut ctx)
        .user(&due.user)
        .client(&due.client)
        .data(serde_json::json!({ "session": due.session.to_string(), "attempts": due.attempts + 1 }))
}

/// Attempts that are on their way at once.
pub const PLACES: usize = 32;
/// Of these, of one client.
const OF_CLIENT: usize = 8;
/// Attempts after which nobody is told any longer: some ten hours.
const TRIES: i64 = 20;
/// How long one is taken: longer than any attempt takes.
const TAKEN_MS: i64 = 20_000;
const EVERY: Duration = Duration::from_millis(500);
const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];
