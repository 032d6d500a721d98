//! Answers of the admin API that are kept for who repeats a request.

use doorward_core::Timestamp;
use doorward_core::effect::KeptAnswer;
use doorward_core::id::TenantId;

use crate::seal::aad;
use crate::statement::statements;
use crate::write::{Expect, Write};
use crate::{Fault, Store};

statements! {
    /// Keeps an answer; no row when one of that key is kept and not over.
    pub(crate) ANSWER_KEEP = tenant
        "INSERT INTO admin_answers (tenant, key, request_hash, sealed, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, key) DO UPDATE SET
             request_hash = excluded.request_hash,
             sealed = excluded.sealed,
             expires_at = excluded.expires_at
         WHERE admin_answers.expires_at <= $6";
    /// An answer that is not over.
    pub(crate) ANSWER = tenant
        "SELECT request_hash, sealed, expires_at FROM admin_answers
         WHERE tenant = $1 AND key = $2 AND expires_at > $3";
    /// Forgets answers that are over.
    pub(crate) REAP_ANSWERS = server("the reaper serves every tenant")
        "DELETE FROM admin_answers WHERE expires_at <= $1";
}

pub(crate) fn keep(answer: &KeptAnswer, now: Timestamp) -> Write {
    Write::new(
        &ANSWER_KEEP,
        Expect::One,
        vec![
            answer.tenant.as_str().into(),
            answer.key.into(),
            answer.request.into(),
            answer.sealed.clone().into(),
            answer.expires_at.into(),
            now.into(),
        ],
    )
}

/// What a sealed answer is bound to.
pub fn answer_aad(tenant: &TenantId, key: &[u8; 32]) -> Vec<u8> {
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    aad("admin_answers", &[tenant.as_str(), &key], "sealed")
}

impl Store {
    /// The answer that is kept under a key, if it is not over.
    pub async fn kept_answer(&self, tenant: &TenantId, key: [u8; 32]) -> Result<Option<KeptAnswer>, Fault> {
        let params = [tenant.as_str().into(), key.into(), self.now().into()];
        let rows = self.driver().read(&ANSWER, &params).await?;
        let answer = rows.into_iter().next().map(|mut row| {
            Ok(KeptAnswer {
                tenant: tenant.clone(),
                key,
                request: row.bytes()?,
                sealed: row.blob()?,
                expires_at: row.time()?,
            })
        });
        answer.transpose()
    }
}
