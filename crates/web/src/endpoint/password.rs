//! The password of a `password` grant: counted, committed, looked at, before the grant is decided. In the pool of all passwords, and
//! limited as the sign-in page is.

use doorward_core::grant::password::{Asked, First, Shown};
use doorward_core::grant::{TokenRequest, password};
use doorward_core::login::attempt::{Attempt, Guess};
use doorward_core::{Refusal, client_auth};
use doorward_crypto::secret::SecretString;

use crate::app::Call;
use crate::form::sign_in::name_key;
use crate::form::strangers;
use crate::limit::holder;
use crate::run::{Failure, run_plain};

/// The request with what came of its password, where it is one that has it.
pub async fn shown(call: &Call<'_>, request: TokenRequest) -> Result<Result<TokenRequest, Refusal>, Failure> {
    if !password::is_asked(&request, call.dialect.policies) {
        return Ok(Ok(request));
    }
    if call.app.passwords.is_full() {
        return Err(Failure::Busy);
    }
    let typed = request.params.get("username").unwrap_or_default().to_owned();
    let attempt = Attempt {
        name_key: name_key(&typed),
        typed,
        device: None,
        holder: holder(call.request.client_ip).to_string(),
        guess: Guess::Password,
    };
    let first = First { request: &request, attempt: &attempt };
    let needs = match first.needs(&call.mount()) {
        Ok(needs) => needs,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let client = client_auth::identify(&request.credentials).ok().map(|(_, id)| id.0);
    let begun = match strangers::begin_by(call, client.as_deref()) {
        Ok(begun) => begun,
        Err(wait_s) => {
            let reason = doorward_core::Reason::TooMany;
            return Ok(Err(Refusal { retry_after_s: Some(wait_s), ..reason.into() }));
        }
    };
    let Asked { to_verify, user } = match run_plain(call, needs, |facts, ctx| first.decide(facts, ctx)).await
    {
        Ok(Ok(asked)) => asked,
        Ok(Err(refusal)) => {
            // Nobody's password was looked at.
            begun.succeeded();
            return Ok(Err(refusal));
        }
        Err(failure) => {
            begun.succeeded();
            return Err(failure);
        }
    };
    let password = SecretString::from(request.params.get("password").unwrap_or_default());
    let verified = match call.app.passwords.verify(password, to_verify.phc.clone()).await {
        Ok(verified) => verified,
        Err(busy) => {
            begun.succeeded();
            return Err(busy.into());
        }
    };
    if verified.fits {
        begun.succeeded();
    } else {
        strangers::failed(call, &attempt);
        tokio::time::sleep(call.app.passwords.owed(verified.worked)).await;
    }
    let shown = Shown { attempt, user, verified: verified.against(to_verify.phc) };
    Ok(Ok(TokenRequest { shown: Some(shown), ..request }))
}
