//! The introspection endpoint (RFC 7662).

use doorward_core::Reason;
use doorward_core::token::introspect::IntrospectionRequest;
use doorward_wire::response::IntrospectionResponse;

use super::credentials::{begin, credentials, form};
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::{Failure, run_beside};

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
    let token = call.app.tokens.read(token, &call.issuer, &call.tenant.keys.ring);
    let request = IntrospectionRequest { credentials, token };
    match answer(call, &request).await {
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

async fn answer(
    call: &Call<'_>,
    request: &IntrospectionRequest,
) -> Result<Result<IntrospectionResponse, doorward_core::Refusal>, Failure> {
    let needs = match request.needs(&call.issuer.tenant) {
        Ok(needs) => needs,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // A client's own JWT hangs on its client: that is a second read beside the caller's.
    run_beside(call, needs, request.token.separate_needs(), |facts, subject, ctx| {
        request.decide(facts, subject, ctx)
    })
    .await
}
