//! `Idempotency-Key`: who repeats a request gets the answer again, for a day. The answer is kept, sealed, in the very commit that it
//! tells of, so that of two requests with the same key one is carried out.

use std::sync::Arc;

use doorward_core::Effect;
use doorward_core::admin::access::Caller;
use doorward_core::effect::KeptAnswer;
use doorward_core::id::TenantId;
use doorward_crypto::digest::sha256;
use doorward_crypto::random::SystemRandom;
use doorward_crypto::seal::SealingKey;
use doorward_store::Fault;
use doorward_store::answers::answer_aad;
use serde_json::{Value, json};

use super::asked::Reply;
use super::problem::{Kind, Problem};
use crate::app::Call;

/// A request that names a key.
pub struct Keep {
    tenant: TenantId,
    key: [u8; 32],
    request: [u8; 32],
    sealer: Arc<SealingKey>,
}

impl Keep {
    /// The key of a request; none when it names none.
    pub async fn of(call: &Call<'_>, caller: &Caller) -> Result<Option<Self>, Problem> {
        let mut headers = call.request.headers.get_all("idempotency-key").iter();
        let name = match (headers.next(), headers.next()) {
            (None, _) => return Ok(None),
            (Some(value), None) => value.to_str().ok(),
            (Some(_), Some(_)) => None,
        };
        let name = name.filter(|name| (1..=LONGEST).contains(&name.len())).ok_or_else(|| {
            Problem::new(Kind::Malformed, "Idempotency-Key is one text of 1 to 255 characters")
        })?;
        let tenant = call.issuer.tenant.clone();
        let who = serde_json::to_string(&caller.actor).unwrap_or_default();
        let request = &call.request;
        let asked = [
            request.method.as_str().as_bytes(),
            call.path.as_bytes(),
            request.query.as_deref().unwrap_or_default().as_bytes(),
            &request.body,
        ];
        Ok(Some(Self {
            key: digest(&[who.as_bytes(), caller.client.as_str().as_bytes(), name.as_bytes()]),
            request: digest(&asked),
            sealer: call.app.store.sealer(&tenant).await?,
            tenant,
        }))
    }

    /// The answer that is kept for this request.
    pub async fn find(&self, call: &Call<'_>) -> Result<Option<Reply>, Problem> {
        let Some(found) = call.app.store.kept_answer(&self.tenant, self.key).await? else { return Ok(None) };
        if found.request != self.request {
            return Err(Problem::new(Kind::KeyReused, "use another key for another request"));
        }
        let aad = answer_aad(&self.tenant, &self.key);
        let opened = self.sealer.open(&aad, &found.sealed).ok();
        let reply = opened.and_then(|text| serde_json::from_slice(&text).ok()).and_then(|kept| read(&kept));
        reply.map(Some).ok_or_else(|| Fault::new("open a kept answer", "it is not what was sealed").into())
    }

    /// What keeps an answer.
    pub fn effect(&self, call: &Call<'_>, reply: &Reply) -> Effect {
        let now = call.app.store.now();
        let plain = write(reply).to_string();
        let aad = answer_aad(&self.tenant, &self.key);
        let answer = KeptAnswer {
            tenant: self.tenant.clone(),
            key: self.key,
            request: self.request,
            sealed: self.sealer.seal(&aad, plain.as_bytes(), &mut SystemRandom),
            expires_at: now.plus_s(KEPT_S),
        };
        Effect::KeepAnswer { answer, now }
    }
}

fn write(reply: &Reply) -> Value {
    json!({ "status": reply.status, "body": reply.body, "version": reply.version, "location": reply.location })
}

fn read(kept: &Value) -> Option<Reply> {
    Some(Reply {
        status: kept["status"].as_u64().and_then(|status| u16::try_from(status).ok())?,
        body: Some(kept["body"].clone()).filter(|body| !body.is_null()),
        version: kept["version"].as_i64(),
        location: kept["location"].as_str().map(str::to_owned),
        ..Reply::nothing()
    })
}

/// Parts with their lengths, so that no two lists of them are the same text.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut text = Vec::new();
    for part in parts {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    sha256(&text)
}

const LONGEST: usize = 255;
const KEPT_S: i64 = 24 * 3600;
