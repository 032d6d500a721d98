//! The token endpoint (RFC 6749, section 3.2).

use doorward_core::grant::TokenRequest;
use doorward_core::{Reason, Refusal};

use super::credentials::{begin, credentials, form, settle};
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run;
use crate::sign::token_response;

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
    let request = TokenRequest { credentials, params };
    let needs = match request.needs(&call.issuer, &call.tenant.keys.ring) {
        Ok(needs) => needs,
        Err(refusal) => {
            settle(pending, Some(refusal.reason));
            return render::refused(call, &refusal);
        }
    };
    let outcome = run(
        call,
        needs,
        |facts, ctx| request.decide(facts, ctx),
        |issued| token_response(issued, &call.tenant),
    )
    .await;
    match outcome {
        Ok(Ok(response)) => {
            settle(pending, None);
            render::json(200, &response)
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

/// Too many failed authentications of this client from this address.
pub fn throttled(wait_s: u32) -> Refusal {
    Refusal { retry_after_s: Some(wait_s), ..Reason::ClientThrottled.into() }
}
