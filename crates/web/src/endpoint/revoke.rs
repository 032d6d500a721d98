//! The revocation endpoint (RFC 7009).

use doorward_core::Reason;
use doorward_core::token::revoke::RevocationRequest;

use super::credentials::{begin, credentials, form, settle};
use super::token::throttled;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::{load, run_plain};

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
    let needs = match request.needs() {
        Ok(needs) => needs,
        Err(refusal) => return render::refused(call, &refusal),
    };
    let subject = match request.token.separate_needs() {
        Some(needs) => match load(call, &needs).await {
            Ok(facts) => Some(facts),
            Err(failure) => return render::failed(call, &failure),
        },
        None => None,
    };
    let outcome =
        run_plain(call, needs, |facts, ctx| request.decide(facts, subject.as_ref().unwrap_or(facts), ctx))
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
