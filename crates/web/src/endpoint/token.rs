//! The token endpoint (RFC 6749, section 3.2).

use doorward_core::grant::TokenRequest;

use super::credentials::{begin, credentials, form};
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
        Err(refusal) => return render::refused(call, &refusal),
    };
    let request = TokenRequest { credentials, params };
    let needs = match request.needs(&call.issuer, &call.tenant.keys.ring) {
        Ok(needs) => needs,
        Err(refusal) => {
            pending.settle(Some(refusal.reason));
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
            pending.settle(None);
            render::json(200, &response)
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
