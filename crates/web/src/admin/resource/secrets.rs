//! Secrets of a client: made, activated, removed. A rotation overlaps: a pending secret is handed out, takes over, and the ones before
//! it work until they end.

use doorward_core::Effect;
use doorward_core::admin::authority::over_client;
use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::desired::settle::fresh_secret;
use doorward_core::facts::ClientFacts;
use doorward_core::id::SecretId;
use doorward_core::model::{ClientSecret, EventKind, SecretState};
use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::{base62, digest};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::object::encoded;
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, PAGED, Route};
use super::super::shapes::{ACTIVATION, SECRET};

/// The routes.
pub const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/tenants/{tenant}/clients/{id}/secrets",
        area: Area::Clients,
        access: Access::Read,
        summary: "List the secrets of a client, without their values",
        query: PAGED,
        request: None,
        answer: Answered::Page(&SECRET),
        run: |asked| Box::pin(list(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/clients/{id}/secrets",
        area: Area::Clients,
        access: Access::Write,
        summary: "Make a secret, shown this once",
        query: &[],
        request: Some(&SECRET),
        answer: Answered::Made(&SECRET),
        run: |asked| Box::pin(make(asked)),
    },
    Route {
        method: "GET",
        path: "/tenants/{tenant}/clients/{id}/secrets/{secret}",
        area: Area::Clients,
        access: Access::Read,
        summary: "Read of a secret what is not secret",
        query: &[],
        request: None,
        answer: Answered::One(&SECRET),
        run: |asked| Box::pin(read(asked)),
    },
    Route {
        method: "POST",
        path: "/tenants/{tenant}/clients/{id}/secrets/{secret}/activate",
        area: Area::Clients,
        access: Access::Write,
        summary: "Let a pending secret take over",
        query: &[],
        request: Some(&ACTIVATION),
        answer: Answered::One(&SECRET),
        run: |asked| Box::pin(activate(asked)),
    },
    Route {
        method: "DELETE",
        path: "/tenants/{tenant}/clients/{id}/secrets/{secret}",
        area: Area::Clients,
        access: Access::Write,
        summary: "Remove a secret at once",
        query: &[],
        request: None,
        answer: Answered::Nothing,
        run: |asked| Box::pin(remove(asked)),
    },
];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let found = asked.client(asked.value(1)).await?;
    let mut rows: Vec<(String, Value)> = found
        .secrets
        .iter()
        .filter(|secret| after.as_ref().is_none_or(|after| secret.id.0 > *after))
        .map(|secret| (secret.id.0.clone(), shown(secret)))
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Reply::page(rows, limit))
}

async fn read(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let found = asked.client(asked.value(1)).await?;
    Ok(Reply::plain(200, shown(named(asked, &found)?)))
}

pub(super) async fn make(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let found = mine(asked).await?;
    let (client, now) = (&found.client, asked.manage.store().now());
    let by_secret = std::iter::once(&client.auth_method)
        .chain(&client.also_auth_methods)
        .any(|method| method.starts_with("client_secret_"));
    if !by_secret {
        return Err(Problem::new(Kind::Refused, "the client does not authenticate by a secret"));
    }
    if found.secrets.iter().filter(|secret| works(secret, asked)).count() >= MOST {
        return Err(Problem::new(Kind::Refused, "a client has at most 5 secrets: remove one first"));
    }
    let expires_at = asked.text("expires_at").and_then(date::read);
    let state = match (asked.text("state"), expires_at) {
        (Some("retiring"), _) => return Err(asked.wrong("/state", "a new secret is pending or current")),
        (Some("pending"), _) => SecretState::Pending,
        (_, Some(_)) => SecretState::Retiring,
        (_, None) => SecretState::Current,
    };
    // What does not work yet takes nobody's place.
    if state == SecretState::Pending && asked.body()["retire_others_s"].is_number() {
        return Err(asked.wrong("/retire_others_s", "belongs to the activation of a pending secret"));
    }
    let mut random = [0; 16];
    SystemRandom.fill(&mut random);
    let secret = fresh_secret(&mut asked.manage.ctx(&mut SystemRandom));
    let row = ClientSecret {
        tenant: asked.tenant(),
        client: client.id.clone(),
        id: SecretId(format!("sec_{}", base62::encode_fixed(&random, 22))),
        hash: digest::sha256(secret.expose().as_bytes()),
        state,
        created_at: now,
        expires_at,
    };
    let mut effects = retire_others(asked, &found, &row.id);
    effects.push(Effect::PutSecret(row.clone()));
    effects.push(recorded(asked, &row, "made"));
    let mut body = shown(&row);
    body["secret"] = json!(secret.expose());
    let (tenant, of) = (encoded(asked.value(0)), encoded(asked.value(1)));
    // An extension's client is reached by either name.
    let list = if asked.route.area == Area::Extensions { "extensions" } else { "clients" };
    let path = format!("/tenants/{tenant}/{list}/{of}/secrets/{}", row.id);
    asked.commit(effects, Reply::plain(201, body).made(path)).await
}

async fn activate(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let found = mine(asked).await?;
    let secret = named(asked, &found)?;
    if secret.state != SecretState::Pending {
        return Err(Problem::new(Kind::Refused, "the secret is not pending"));
    }
    let state = if secret.expires_at.is_some() { SecretState::Retiring } else { SecretState::Current };
    let row = ClientSecret { state, ..secret.clone() };
    let mut effects = retire_others(asked, &found, &row.id);
    effects.push(Effect::RemoveSecret(row.tenant.clone(), row.client.clone(), row.id.clone()));
    effects.push(Effect::PutSecret(row.clone()));
    effects.push(recorded(asked, &row, "activated"));
    asked.commit(effects, Reply::plain(200, shown(&row))).await
}

pub(super) async fn remove(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let found = mine(asked).await?;
    let row = named(asked, &found)?;
    let remove = Effect::RemoveSecret(row.tenant.clone(), row.client.clone(), row.id.clone());
    asked.commit(vec![remove, recorded(asked, row, "removed")], Reply::nothing()).await
}

/// The client, when the caller holds all that it may have a token of.
async fn mine(asked: &Asked<'_>) -> Result<ClientFacts, Problem> {
    let found = asked.client(asked.value(1)).await?;
    match over_client(&found.client, &asked.caller.rights) {
        Ok(()) => Ok(found),
        Err(denied) => asked.denied(denied).await,
    }
}

fn named<'a>(asked: &Asked<'_>, found: &'a ClientFacts) -> Result<&'a ClientSecret, Problem> {
    let id = asked.value(2);
    found.secrets.iter().find(|secret| secret.id.0 == id).ok_or_else(|| Problem::not_found("secret"))
}

fn works(secret: &ClientSecret, asked: &Asked<'_>) -> bool {
    secret.expires_at.is_none_or(|end| asked.manage.store().now() < end)
}

/// The other secrets end when the request says so; one that ends sooner stays as it is.
fn retire_others(asked: &Asked<'_>, found: &ClientFacts, but: &SecretId) -> Vec<Effect> {
    let seconds = asked.body.as_ref().and_then(|body| body.get("retire_others_s")?.as_i64());
    let Some(seconds) = seconds else { return Vec::new() };
    let end = asked.manage.store().now().plus_s(seconds);
    found
        .secrets
        .iter()
        .filter(|secret| secret.id != *but && secret.state != SecretState::Pending)
        .filter(|secret| secret.expires_at.is_none_or(|ends| end < ends))
        .map(|secret| Effect::RetireSecret {
            tenant: secret.tenant.clone(),
            client: secret.client.clone(),
            id: secret.id.clone(),
            expires_at: end,
        })
        .collect()
}

fn recorded(asked: &Asked<'_>, secret: &ClientSecret, what: &str) -> Effect {
    let data = json!({ "secret": secret.id, "change": what });
    Effect::Record(asked.event(EventKind::SecretChanged).client(&secret.client).data(data))
}

fn shown(secret: &ClientSecret) -> Value {
    let mut body = json!({
        "id": secret.id,
        "state": secret.state.as_str(),
        "created_at": date::write(secret.created_at),
    });
    if let Some(end) = secret.expires_at {
        body["expires_at"] = json!(date::write(end));
    }
    body
}

/// Secrets that a client may have at a time.
const MOST: usize = 5;
