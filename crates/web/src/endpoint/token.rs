//! The token endpoint (RFC 6749, section 3.2).

use doorward_core::Refusal;
use doorward_core::client_auth::Credentials;
use doorward_core::grant::TokenRequest;
use doorward_core::token::account::Account;
use doorward_wire::params::Params;
use doorward_wire::response::TokenResponse;

use super::credentials::{begin, credentials};
use super::password;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::run;
use crate::sign::token_response;

/// POST.
pub async fn post(call: &Call<'_>) -> Answer {
    let codec = call.dialect.codec;
    let params = match (codec.token_form)(call) {
        Ok(params) => params,
        Err(reason) => return render::refused(call, &reason.into()),
    };
    match issue(call, credentials(call, &params), params).await {
        Ok(response) => render::json_bytes(200, (codec.token)(response)),
        Err(answer) => *answer,
    }
}

/// What the token endpoint issues to who shows these credentials; else its refusal.
pub async fn issue(
    call: &Call<'_>,
    credentials: Credentials,
    params: Params,
) -> Result<TokenResponse, Box<Answer>> {
    issue_and_tell(call, credentials, params).await.map(|(response, _)| response)
}

/// The same, and whose it is, where the dialect tells that.
pub async fn issue_and_tell(
    call: &Call<'_>,
    credentials: Credentials,
    params: Params,
) -> Result<(TokenResponse, Option<Account>), Box<Answer>> {
    let refused = |refusal: &Refusal| Box::new(render::refused(call, refusal));
    let pending = begin(call, &credentials).map_err(|refusal| refused(&refusal))?;
    let request = TokenRequest { credentials, params, shown: None };
    let request = match password::shown(call, request).await {
        Ok(Ok(request)) => request,
        Ok(Err(refusal)) => {
            pending.settle(Some(refusal.reason));
            return Err(refused(&refusal));
        }
        Err(failure) => {
            pending.settle(None);
            return Err(Box::new(render::failed(call, &failure)));
        }
    };
    let needs = match request.needs(&call.mount()) {
        Ok(needs) => needs,
        Err(refusal) => {
            pending.settle(Some(refusal.reason));
            return Err(refused(&refusal));
        }
    };
    let outcome = run(
        call,
        needs,
        |facts, ctx| request.decide(facts, ctx),
        |mut issued| {
            let account = issued.account.take();
            Ok((token_response(issued, &call.tenant)?, account))
        },
    )
    .await;
    match outcome {
        Ok(Ok(told)) => {
            pending.settle(None);
            Ok(told)
        }
        Ok(Err(refusal)) => {
            pending.settle(Some(refusal.reason));
            Err(refused(&refusal))
        }
        Err(failure) => {
            pending.settle(None);
            Err(Box::new(render::failed(call, &failure)))
        }
    }
}
