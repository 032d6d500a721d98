//! The revocation endpoint (RFC 7009).

use doorward_core::Reason;
use doorward_core::token::revoke::RevocationRequest;

use super::credentials::{begin, credentials, form, settle};
use super::token::throttled;
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
        Err(wait_s) => return render::refused(call, &throttled(wait_s)),
    };
    let Some(token) = params.get("token") else {
        settle(pending, None);
        return render::refused(call, &Reason::ParameterMissing.into());
    };
    let request = RevocationRequest::new(credentials, token, &call.issuer, &call.tenant.keys.ring);
    let needs = match request.needs(&call.issuer.tenant) {
        Ok(needs) => needs,
        Err(refusal) => {
            settle(pending, Some(refusal.reason));
            return render::refused(call, &refusal);
        }
    };
    let outcome = run_beside(call, needs, request.token.separate_needs(), |facts, subject, ctx| {
        request.decide(facts, subject, ctx)
    })
    .await;
    match outcome {
        Ok(Ok(())) => {
            settle(pending, None);
            render::json(200, &serde_json::json!({}))
        }
        Ok(Err(refusal)) => {
            settle(pending, Some(refusal.reason));
            render::refused(call, &refusal)
        }
        Err(failure) => {
            settle(pending, None);
            render::failed(call, &failure)
        }
    }
}
