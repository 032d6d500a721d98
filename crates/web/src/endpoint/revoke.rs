//! The revocation endpoint (RFC 7009).

use doorward_core::Reason;
use doorward_core::token::revoke::RevocationRequest;

use super::credentials::{begin, credentials, form};
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run_beside;

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let params = match form(call) {
        Ok(params) => params,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    let credentials = credentials(call, &params);
    let pending = match begin(call, &credentials) {
        Ok(pending) => pending,
        Err(refusal) => return render::refused(call, &refusal),
    };
    let Some(token) = params.get("token") else {
        pending.settle(None);
        return render::refused(call, &Reason::ParameterMissing.into());
    };
    let request = RevocationRequest::new(credentials, token, &call.issuer, &call.tenant.keys.ring);
    let needs = match request.needs(&call.issuer.tenant) {
        Ok(needs) => needs,
        Err(refusal) => {
            pending.settle(Some(refusal.reason));
            return render::refused(call, &refusal);
        }
    };
    let outcome = run_beside(call, needs, request.token.separate_needs(), |facts, subject, ctx| {
        request.decide(facts, subject, ctx)
    })
    .await;
    match outcome {
        Ok(Ok(())) => {
            pending.settle(None);
            render::json(200, &serde_json::json!({}))
        }
        Ok(Err(refusal)) => {
            pending.settle(Some(refusal.reason));
            render::refused(call, &refusal)
        }
        Err(failure) => {
            pending.settle(None);
            render::failed(call, &failure)
        }
    }
}
