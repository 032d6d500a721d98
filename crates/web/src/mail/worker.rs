//! The worker of the outbox: takes what is due, sends it, and comes back to what could not be sent, for a day.

use doorward_core::Ctx;
use doorward_core::model::{Actor, Event, EventKind};
use doorward_crypto::random::{Random, SystemRandom};
use doorward_store::Fault;
use doorward_store::outbox::Waiting;

use super::text::letter;
use super::{Mailer, Unsent};
use crate::app::App;

/// One round: sends what is due, some at a time. Answers how many left.
pub async fn send_due(app: &App) -> Result<usize, Fault> {
    if !app.options.mailer.is_on() {
        return Ok(0);
    }
    let mut sent = 0;
    for waiting in app.store.mails_due(AT_ONCE).await? {
        let next = app.store.now().plus_ms(pause_ms(waiting.attempts));
        // Taken first: who dies while sending has it sent again later, and no other node sends it meanwhile.
        if app.store.take_mail(&waiting, next).await? {
            sent += usize::from(send(app, &app.options.mailer, &waiting).await?);
        }
    }
    Ok(sent)
}

async fn send(app: &App, mailer: &Mailer, waiting: &Waiting) -> Result<bool, Fault> {
    let mail = &waiting.mail;
    let Some(tenant) = app.store.tenant(&mail.tenant).await? else {
        app.store.forget_mail(mail, None).await?;
        return Ok(false);
    };
    let letter = letter(mail, &tenant, mailer);
    let unsent = match mailer.send(&letter).await {
        Ok(()) => {
            app.mails.sent();
            app.store.forget_mail(mail, None).await?;
            return Ok(true);
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
        error = %unsent,
        "a mail was not sent"
    );
    if is_over || matches!(unsent, Unsent::Never(_)) {
        let event = given_up(app, waiting);
        app.store.forget_mail(mail, Some(&event)).await?;
    }
    Ok(false)
}

fn given_up(app: &App, waiting: &Waiting) -> Event {
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now: app.store.now(), rng: &mut rng, request_id: "mail", address: "" };
    let mail = &waiting.mail;
    let event = Event::new(EventKind::MailFailed, &mail.tenant, Actor::Server, &mut ctx)
        .data(serde_json::json!({ "mail": mail.kind.as_str(), "attempts": waiting.attempts + 1 }));
    match &mail.user {
        Some(user) => event.user(user),
        None => event,
    }
}

/// Until the next attempt: a minute, then twice as long each time, at most an hour; a quarter of it is up to chance.
fn pause_ms(attempts: i64) -> i64 {
    let doubled = 60_000_i64 << attempts.clamp(0, 6);
    let pause = doubled.min(3_600_000);
    let mut byte = [0];
    SystemRandom.fill(&mut byte);
    pause - pause * i64::from(byte[0]) / 1024
}

/// Mails of one round.
const AT_ONCE: i64 = 20;
/// How long a mail is tried.
const TRIED_MS: i64 = 86_400_000;

#[cfg(test)]
mod tests {
    use super::pause_ms;

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
