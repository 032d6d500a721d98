//! Secrets of an installation. Rotating takes nothing away: the new one is pending until its extension has it, by news or because it was
//! shown, and those before it go on until it is used, confirmed, or they are retired.

use doorward_core::admin::{Access, Area, in_contexts};
use doorward_core::desired::date;
use doorward_core::model::{EventKind, Installation, InstallationSecret, SecretState};
use doorward_core::{Effect, installation};
use doorward_crypto::random::SystemRandom;
use doorward_store::CommitError;
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::object;
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::{CONFIRMATION, INSTALLATION_SECRET, RETIREMENT, ROTATION_OF_INSTALLATION};
use super::installations::found;
use crate::manage::{Found, Trouble};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/installations/{id}/secrets",
        area: Area::Installations,
        access: Access::Read,
        summary: "List the secrets of an installation, without their values",
        query: PAGED,
        request: None,
        answer: Answered::Page(&INSTALLATION_SECRET),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/secrets",
        area: Area::Installations,
        access: Access::Write,
        summary: "Make a new secret: its extension is told it, or it is shown this once",
        query: &[],
        request: Some(&ROTATION_OF_INSTALLATION),
        answer: Answered::Made(&INSTALLATION_SECRET),
        run: |asked| Box::pin(rotate(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/secrets/{secret}/reveal",
        area: Area::Installations,
        access: Access::Write,
        summary: "Show a pending secret that its extension does not have yet, this once",
        query: &[],
        request: None,
        answer: Answered::One(&INSTALLATION_SECRET),
        run: |asked| Box::pin(reveal(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/secrets/{secret}/confirm",
        area: Area::Installations,
        access: Access::Write,
        summary: "Let a pending secret take over; those before it retire",
        query: &[],
        request: Some(&CONFIRMATION),
        answer: Answered::One(&INSTALLATION_SECRET),
        run: |asked| Box::pin(confirm(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/installations/{id}/secrets/{secret}/retire",
        area: Area::Installations,
        access: Access::Write,
        summary: "Let a secret end after a while",
        query: &[],
        request: Some(&RETIREMENT),
        answer: Answered::One(&INSTALLATION_SECRET),
        run: |asked| Box::pin(retire(asked)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/installations/{id}/secrets/{secret}",
        area: Area::Installations,
        access: Access::Write,
        summary: "End a secret at once",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(end(asked)),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let row = found(asked).await?.installation;
    let after = after.and_then(|key| Some((key.split_once('.')?.0.parse::<i64>().ok()?, key)));
    let mut rows = Vec::new();
    for secret in living(asked, &row).await? {
        // In the order of their numbers, as texts of one length would be.
        let key = format!("{}.{}", secret.number, secret.id);
        let is_past = after
            .as_ref()
            .is_none_or(|(number, after)| (secret.number, key.as_str()) > (*number, after.as_str()));
        if is_past {
            rows.push((key, shown(&secret, asked)));
        }
    }
    Ok(Reply::page(rows, limit))
}

/// Another change of the installation that is faster is waited out: rotating many at once refuses none.
async fn rotate(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let is_shown = asked.body()["reveal"] == json!(true);
    for _ in 0..ATTEMPTS {
        let found = found(asked).await?;
        if is_shown {
            may_have(asked, &found).await?;
        }
        let row = &found.installation;
        let (effects, id, plain) = installation::rotate_secret(
            row,
            is_shown,
            &asked.manage.by().actor,
            &mut asked.manage.ctx(&mut SystemRandom),
        );
        let made = effects.iter().find_map(|effect| match effect {
            Effect::AddInstallationSecret(new) => Some(new.row.clone()),
            _ => None,
        });
        let mut body = made.map_or(Value::Null, |made| shown(&made, asked));
        if is_shown {
            body["secret"] = json!(plain.expose());
        }
        let path = object::path(&row.tenant, doorward_core::desired::Kind::Installation, row.id.as_str());
        let reply = Reply::plain(201, body).made(format!("{path}/secrets/{id}"));
        let effects = effects.into_iter().chain(asked.kept(&reply)).collect();
        match asked.manage.store().commit(effects).await {
            Ok(()) => return Ok(reply),
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(Trouble::from(error).into()),
        }
    }
    Err(Trouble::Conflict.into())
}

async fn reveal(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let found = found(asked).await?;
    may_have(asked, &found).await?;
    let row = &found.installation;
    let secret = named(asked, row).await?;
    let plain = asked.manage.store().undelivered_secret(&row.tenant, &row.id, &secret.id).await?;
    let plain = plain.ok_or_else(|| {
        let is_there = secret.delivered_at.is_some();
        let why = if is_there { "the extension has the secret already" } else { "a later secret took over" };
        Problem::new(Kind::Refused, why)
    })?;
    let now = asked.manage.store().now();
    let shown_at = InstallationSecret { delivered_at: Some(now), ..secret.clone() };
    let mut body = shown(&shown_at, asked);
    body["secret"] = json!(plain);
    let deliver = Effect::DeliverInstallationSecret {
        tenant: row.tenant.clone(),
        installation: row.id.clone(),
        id: secret.id.clone(),
        now,
    };
    asked.commit(vec![deliver, recorded(asked, row, &secret, "shown")], Reply::plain(200, body)).await
}

async fn confirm(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?.installation;
    let secret = named(asked, &row).await?;
    if secret.state != SecretState::Pending {
        return Err(Problem::new(Kind::Refused, "the secret is not pending"));
    }
    if secret.delivered_at.is_none() {
        return Err(Problem::new(Kind::Refused, "the extension does not have the secret yet"));
    }
    let now = asked.manage.store().now();
    let seconds = asked.body()["retire_others_s"].as_i64().unwrap_or(installation::OVERLAP_S);
    let take = Effect::TakeInstallationSecret {
        tenant: row.tenant.clone(),
        installation: row.id.clone(),
        hash: secret.hash,
        number: secret.number,
        now,
        retire_at: now.plus_s(seconds),
    };
    let taken = InstallationSecret { state: SecretState::Current, current_at: Some(now), ..secret.clone() };
    let effects = vec![take, recorded(asked, &row, &secret, "confirmed")];
    asked.commit(effects, Reply::plain(200, shown(&taken, asked))).await
}

async fn retire(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?.installation;
    let secret = named(asked, &row).await?;
    let seconds = asked.body()["expires_in"].as_i64().unwrap_or_default();
    let end = asked.manage.store().now().plus_s(seconds);
    if secret.expires_at.is_some_and(|ends| ends < end) {
        return Err(Problem::new(Kind::Refused, "the secret ends sooner than that"));
    }
    let ending = InstallationSecret { state: SecretState::Retiring, expires_at: Some(end), ..secret };
    let effects = retired(asked, &row, &ending, "retired");
    asked.commit(effects, Reply::plain(200, shown(&ending, asked))).await
}

async fn end(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let row = found(asked).await?.installation;
    let now = asked.manage.store().now();
    let ended = InstallationSecret { expires_at: Some(now), ..named(asked, &row).await? };
    asked.commit(retired(asked, &row, &ended, "removed"), Reply::nothing()).await
}

fn retired(asked: &Asked<'_>, row: &Installation, secret: &InstallationSecret, what: &str) -> Vec<Effect> {
    let retire = Effect::RetireInstallationSecret {
        tenant: row.tenant.clone(),
        installation: row.id.clone(),
        id: secret.id.clone(),
        expires_at: secret.expires_at.unwrap_or(asked.manage.store().now()),
    };
    vec![retire, recorded(asked, row, secret, what)]
}

/// Whoever is shown a secret can act as the installation: they could do all that it may themselves.
async fn may_have(asked: &Asked<'_>, found: &Found) -> Result<(), Problem> {
    let apis = asked.manage.store().apis(&asked.tenant()).await?;
    let (scopes, place) = (&found.installation.scopes, found.place.as_ref());
    match in_contexts::may_consent(scopes, &apis, place, &asked.caller.rights) {
        Ok(()) => Ok(()),
        Err(denied) => asked.denied(denied).await,
    }
}

/// Those that are not over.
pub(super) async fn living(
    asked: &Asked<'_>,
    row: &Installation,
) -> Result<Vec<InstallationSecret>, Problem> {
    let store = asked.manage.store();
    let mut found = store.installation_secrets(&row.tenant, &row.id).await?;
    let now = store.now();
    found.retain(|secret| secret.expires_at.is_none_or(|end| now < end));
    Ok(found)
}

async fn named(asked: &Asked<'_>, row: &Installation) -> Result<InstallationSecret, Problem> {
    let id = asked.value(2);
    let found = living(asked, row).await?.into_iter().find(|secret| secret.id.as_str() == id);
    found.ok_or_else(|| Problem::not_found("secret"))
}

fn recorded(asked: &Asked<'_>, row: &Installation, secret: &InstallationSecret, what: &str) -> Effect {
    let data = json!({ "secret": secret.id, "change": what });
    let event = asked.event(EventKind::InstallationSecretChanged).client(&row.extension_id.client());
    Effect::Record(event.installation(&row.id).data(data))
}

fn shown(secret: &InstallationSecret, asked: &Asked<'_>) -> Value {
    let age = (asked.manage.store().now().0 - secret.created_at.0).max(0) / 1000;
    let mut body = json!({
        "id": secret.id,
        "state": secret.state.as_str(),
        "number": secret.number,
        "age_s": age,
        "created_at": date::write(secret.created_at),
    });
    let times = [
        ("delivered_at", secret.delivered_at),
        ("current_at", secret.current_at),
        ("expires_at", secret.expires_at),
    ];
    for (name, time) in times {
        if let Some(time) = time {
            body[name] = json!(date::write(time));
        }
    }
    body
}

const ATTEMPTS: usize = 20;
