//! What an extension's maker asks for, by the client that the extension is: what happened (for makers who cannot be told), what is
//! installed, secrets that it does not have yet, and the secret that signs what it is told.

mod pull;
mod secrets;

use doorward_core::id::ExtensionId;
use doorward_core::installation::maker::MakerRequest;
use doorward_core::model::Extension;
use doorward_core::{Reason, Refusal};
use doorward_wire::params::Params;
use http::Method;

pub use pull::{events, installations};
pub use secrets::{reveal, webhook_secrets};

use super::credentials::{begin, credentials, form, no_secret_in_query};
use crate::app::Call;
use crate::render::{self, Answer};
use crate::run::{Failure, run_plain};

/// An extension whose client has shown itself, and what it asks with.
struct Asked {
    extension: Extension,
    params: Params,
}

/// Why there is no answer of its own.
enum Not {
    Refused(Refusal),
    Failed(Failure),
}

impl From<Reason> for Not {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<doorward_store::Fault> for Not {
    fn from(fault: doorward_store::Fault) -> Self {
        Self::Failed(fault.into())
    }
}

fn answered(call: &Call<'_>, outcome: Result<Answer, Not>) -> Answer {
    match outcome {
        Ok(answer) => answer,
        Err(Not::Refused(refusal)) => render::refused(call, &refusal),
        Err(Not::Failed(failure)) => render::failed(call, &failure),
    }
}

/// Who asks is the extension of the path. Client and secret come as at the token endpoint; a GET has them in its header, and what else
/// it asks with in its query.
async fn authenticated(call: &Call<'_>) -> Result<Asked, Not> {
    let params = params(call)?;
    let credentials = credentials(call, &params);
    let pending = begin(call, &credentials).map_err(Not::Refused)?;
    let request = MakerRequest { credentials, extension: ExtensionId::from(call.segment(0)) };
    let needs = match request.needs(&call.issuer.tenant) {
        Ok(needs) => needs,
        Err(refusal) => {
            pending.settle(Some(refusal.reason));
            return Err(Not::Refused(refusal));
        }
    };
    match run_plain(call, needs, |facts, ctx| request.decide(facts, ctx)).await {
        Ok(Ok(())) => pending.settle(None),
        Ok(Err(refusal)) => {
            pending.settle(Some(refusal.reason));
            return Err(Not::Refused(refusal));
        }
        Err(failure) => {
            pending.settle(None);
            return Err(Not::Failed(failure));
        }
    }
    let found = call.app.store.extension(&call.issuer.tenant, &request.extension).await?;
    Ok(Asked { extension: found.ok_or(Reason::MakerForeign)?, params })
}

fn params(call: &Call<'_>) -> Result<Params, Reason> {
    let is_post = call.request.method == Method::POST;
    if is_post && !call.request.body.is_empty() {
        return form(call);
    }
    no_secret_in_query(call)?;
    if is_post {
        return Ok(Params::default());
    }
    let query = call.request.query.as_deref().unwrap_or_default();
    Ok(Params::parse_query(query)?)
}

impl Asked {
    /// A whole number that is asked with.
    fn number(&self, name: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Reason> {
        let Some(text) = self.params.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or(Reason::ParameterMalformed)
    }
}
