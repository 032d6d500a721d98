//! The worker of the outbox: takes what is due, answers requests, sends mails, and comes back to what could not be sent, for a day. A mail
//! that hangs at the mail server keeps its own place and nothing else: others are taken meanwhile, and requests wait for no mail.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::login::forgot::ForgotAnswer;
use doorward_core::login::invitation::SignUpAnswer;
use doorward_core::model::{Actor, Event, EventKind, Mail, MailKind};
use doorward_core::{Ctx, Effect, Facts, Timestamp};
use doorward_crypto::random::{Random, SystemRandom};
use doorward_store::directory::Entry;
use doorward_store::outbox::Waiting;
use doorward_store::{CommitError, Fault};
use doorward_wire::text::Email;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle, JoinSet};

use super::Unsent;
use super::text::letter;
use crate::app::App;

/// Sends every second, until `shutdown` says so. A mail server that is slow keeps nobody from leaving: what it was given without an
/// answer is sent again later.
pub fn start(app: &Arc<App>, mut shutdown: watch::Receiver<bool>) -> JoinHandle<()> {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let mut sending = Sending::default();
        loop {
            let turn = async {
                let rested = sending.rest().await;
                sending.turn(&app).await?;
                let (waiting, _) = app.store.mails_waiting().await?;
                app.mails.wait(usize::try_from(waiting).unwrap_or_default());
                rested
            };
            let ended = tokio::select! {
                ended = turn => ended,
                _ = shutdown.changed() => return,
            };
            if let Err(fault) = ended {
                app.metrics.worker_fault("mail");
                tracing::warn!(worker = "mail", fault.during = fault.during, fault.detail = %fault.detail, "a worker met trouble");
            }
        }
    })
}

/// Mails on their way, each at a place of its own until the mail server has answered.
#[derive(Debug, Default)]
pub struct Sending {
    places: JoinSet<Result<bool, Fault>>,
    /// The last turn may have left something that is due.
    leaves: bool,
}

impl Sending {
    /// Begins to send as many mails as there are places, and answers requests. It waits for no mail server. Answers how many requests
    /// left the outbox.
    pub async fn turn(&mut self, app: &Arc<App>) -> Result<usize, Fault> {
        self.leaves = false;
        let free = PLACES.saturating_sub(self.places.len());
        let due = if free == 0 { Vec::new() } else { app.store.mails_due(limit(free)).await? };
        let is_full = due.len() == free;
        take(app, due, &mut self.places).await?;
        let due = app.store.requests_due(limit(REQUESTS)).await?;
        self.leaves = is_full || due.len() == REQUESTS;
        let mut answering = JoinSet::new();
        take(app, due, &mut answering).await?;
        all(&mut answering).await
    }

    /// Waits until the next turn: a second, or less where the last one left something and half of the places are free.
    async fn rest(&mut self) -> Result<(), Fault> {
        let mut ended = Ok(());
        let tick = tokio::time::sleep(EVERY);
        tokio::pin!(tick);
        while !self.leaves || self.places.len() * 2 > PLACES {
            tokio::select! {
                () = &mut tick => break,
                Some(one) = self.one() => ended = ended.and(one.map(drop)),
            }
        }
        ended
    }

    /// Waits until one mail has left (`true`) or was not sent; none: none is on its way.
    pub async fn one(&mut self) -> Option<Result<bool, Fault>> {
        self.places.join_next().await.map(of_one)
    }
}

/// One turn, and all that it began is waited for: how many left the outbox.
pub async fn send_due(app: &Arc<App>) -> Result<usize, Fault> {
    let mut sending = Sending::default();
    let answered = sending.turn(app).await?;
    Ok(answered + all(&mut sending.places).await?)
}

/// Each is taken first: who dies while sending has it sent again later, and no other node sends it meanwhile. The shortest pause is
/// longer than the mail server may take to answer.
async fn take(
    app: &Arc<App>,
    due: Vec<Waiting>,
    places: &mut JoinSet<Result<bool, Fault>>,
) -> Result<(), Fault> {
    for waiting in due {
        let next = app.store.now().plus_ms(pause_ms(waiting.attempts));
        if app.store.take_mail(&waiting, next).await? {
            let app = Arc::clone(app);
            places.spawn(async move { one(&app, &waiting).await });
        }
    }
    Ok(())
}

async fn all(places: &mut JoinSet<Result<bool, Fault>>) -> Result<usize, Fault> {
    let (mut left, mut fault) = (0, None);
    while let Some(ended) = places.join_next().await {
        match of_one(ended) {
            Ok(has_left) => left += usize::from(has_left),
            Err(of_one) => fault = Some(of_one),
        }
    }
    fault.map_or(Ok(left), Err)
}

fn of_one(ended: Result<Result<bool, Fault>, JoinError>) -> Result<bool, Fault> {
    ended.unwrap_or_else(|_| Err(Fault::new("send mail", "sending was interrupted")))
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

async fn one(app: &App, waiting: &Waiting) -> Result<bool, Fault> {
    let mail = &waiting.mail;
    let directory = app.directory();
    let Some(entry) = directory.tenant(&mail.tenant) else {
        return app.store.forget_mail(mail, None).await;
    };
    if mail.kind.is_request() {
        return answer(app, entry, mail).await;
    }
    let Some(letter) = letter(mail, &entry.tenant, &app.options.mailer) else {
        return app.store.forget_mail(mail, Some(&given_up(app, waiting))).await;
    };
    let unsent = match app.options.mailer.send(&letter).await {
        Ok(()) => {
            app.mails.sent();
            return app.store.forget_mail(mail, None).await;
        }
        Err(unsent) => unsent,
    };
    app.mails.failed();
    let is_over = app.store.now().since_ms(mail.created_at) >= TRIED_MS;
    tracing::warn!(
        mail.id = %mail.id,
        mail.kind = mail.kind.as_str(),
        tenant.id = %mail.tenant,
        attempts = waiting.attempts + 1,
        error = %unsent.to_string().escape_debug(),
        "a mail was not sent"
    );
    // A refusal for good may be a mistake in the settings, and is believed when it is repeated.
    let is_refused = matches!(unsent, Unsent::Never(_)) && waiting.attempts + 1 >= REFUSED_TRIES;
    if is_over || is_refused {
        let event = given_up(app, waiting);
        app.store.forget_mail(mail, Some(&event)).await?;
    }
    Ok(false)
}

/// A request: who is meant is looked up now, when nobody waits and no time tells; what it leads to is committed with forgetting it.
/// Past the limit of mails for one account the commit conflicts, and the request is forgotten alone.
async fn answer(app: &App, entry: &Entry, mail: &Mail) -> Result<bool, Fault> {
    let value = |name: &str| mail.content.values.get(name).cloned().unwrap_or_default();
    let wanted = value("issuer");
    let issuer =
        entry.issuers.iter().find(|issuer| issuer.id.as_str() == wanted && issuer.disabled_at.is_none());
    let is_late = app.store.now().since_ms(mail.created_at) >= REQUEST_MS;
    let Some(issuer) = issuer.filter(|_| !is_late) else { return app.store.forget_mail(mail, None).await };
    let facts = || {
        let (tenant, apis, keys) =
            (Arc::clone(&entry.tenant), Arc::clone(&entry.apis), Arc::clone(&entry.keys.ring));
        Box::new(Facts { mail: true, ..Facts::of(tenant, Arc::clone(issuer), apis, keys) })
    };
    for _ in 0..ATTEMPTS {
        let mut rng = SystemRandom;
        let decision = if mail.kind == MailKind::SignUpAsked {
            let Ok(email) = Email::parse(&mail.content.to) else { break };
            let request = SignUpAnswer { email, locale: mail.content.locale.clone() };
            let facts = app.store.load(facts(), &request.needs()).await?;
            request.decide(&facts, &mut ctx(app.store.now(), &mut rng))
        } else {
            let request = ForgotAnswer { name_key: value("key"), address: value("address") };
            let facts = app.store.load(facts(), &request.needs()).await?;
            request.decide(&facts, &mut ctx(app.store.now(), &mut rng))
        };
        let mut effects = decision.effects;
        effects.push(Effect::ForgetMail(mail.tenant.clone(), mail.id));
        match app.store.commit(effects).await {
            Ok(()) => return Ok(true),
            Err(CommitError::Conflict) => {}
            Err(CommitError::Fault(fault)) => return Err(fault),
        }
    }
    app.store.forget_mail(mail, None).await
}

fn given_up(app: &App, waiting: &Waiting) -> Event {
    let mut rng = SystemRandom;
    let mut ctx = ctx(app.store.now(), &mut rng);
    let mail = &waiting.mail;
    let event = Event::new(EventKind::MailFailed, &mail.tenant, Actor::Server, &mut ctx)
        .data(serde_json::json!({ "mail": mail.kind.as_str(), "attempts": waiting.attempts + 1 }));
    match &mail.user {
        Some(user) => event.user(user),
        None => event,
    }
}

fn ctx(now: Timestamp, rng: &mut SystemRandom) -> Ctx<'_> {
    Ctx { now, rng, request_id: "mail", address: "" }
}

/// Until the next attempt: a minute, then twice as long each time, at most an hour; a quarter of it is up to chance.
fn pause_ms(attempts: i64) -> i64 {
    let doubled = 60_000_i64 << attempts.clamp(0, 6);
    let pause = doubled.min(3_600_000);
    let mut byte = [0];
    SystemRandom.fill(&mut byte);
    pause - pause * i64::from(byte[0]) / 1024
}

const EVERY: Duration = Duration::from_secs(1);
/// Mails that are on their way at once.
const PLACES: usize = 20;
/// Requests that are answered at once.
const REQUESTS: usize = 20;
/// How long a mail is tried.
const TRIED_MS: i64 = 86_400_000;
/// A request that nobody answered for so long is of no use.
const REQUEST_MS: i64 = 3_600_000;
/// Tries after which a refusal for good is believed.
const REFUSED_TRIES: i64 = 5;
const ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests {
    use super::{MailKind, pause_ms};

    #[test]
    fn what_is_answered_apart_are_the_requests() {
        for kind in MailKind::ALL {
            assert_eq!(kind.is_request(), MailKind::REQUESTS.contains(kind), "{kind:?}");
        }
    }

    #[test]
    fn pauses_grow_to_an_hour() {
        for (attempts, longest) in
            [(0, 60_000), (1, 120_000), (5, 1_920_000), (6, 3_600_000), (99, 3_600_000)]
        {
            let pause = pause_ms(attempts);
            assert!(pause <= longest && pause >= longest * 3 / 4, "{attempts}: {pause}");
        }
    }
}
