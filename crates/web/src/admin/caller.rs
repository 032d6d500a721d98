//! Who comes to a route of the API, when their token lets them do what it does.

use std::borrow::Cow;

use doorward_core::admin::Errand;
use doorward_core::admin::access::{self, Caller, Wanted};
use doorward_core::id::TenantId;
use doorward_core::{Reason, Refusal};

use super::problem::{self, Problem};
use super::route::Route;
use crate::app::Call;
use crate::dialect::challenge::Challenge;
use crate::render::{self, Answer};
use crate::run::{Failure, run_plain};
use crate::traffic::{self, Class, ClientKey};

/// Why somebody is not let in.
#[derive(Debug)]
pub enum Unwelcome {
    /// Nothing can be told of them now.
    Failed(Failure),
    /// Their token does not let them.
    Refused(Reason),
    /// Their client has asked too often: it waits so many seconds.
    TooMany(u32),
}

/// Who came with a token, when it lets them do what the route does.
pub async fn authorised(
    call: &Call<'_>,
    token: Result<Cow<'_, str>, Reason>,
    route: &'static Route,
    values: &[String],
) -> Result<Caller, Unwelcome> {
    let token = token.map_err(Unwelcome::Refused)?;
    let presented = call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring);
    let of_tenant = route.path.starts_with("/tenants/{tenant}");
    let wanted = Wanted {
        tenant: of_tenant.then(|| TenantId(values[0].clone())),
        area: route.area,
        access: route.access,
        route: route.path,
    };
    let needs = access::needs(&presented);
    let came = run_plain(call, needs, |facts, ctx| access::decide(&presented, &wanted, facts, ctx)).await;
    counted(call, came)
}

/// Who came with a token, when it lets them do an errand. `route` is for the event of a refusal.
pub async fn on_errand(
    call: &Call<'_>,
    token: Result<Cow<'_, str>, Reason>,
    errand: (Errand, &'static str),
) -> Result<Caller, Unwelcome> {
    let token = token.map_err(Unwelcome::Refused)?;
    let presented = call.app.tokens.read(&token, &call.issuer, &call.tenant.keys.ring);
    let needs = access::needs(&presented);
    let came =
        run_plain(call, needs, |facts, ctx| access::decide_errand(&presented, errand, facts, ctx)).await;
    counted(call, came)
}

/// The caller, where they are let in and their client has not asked too often.
fn counted(call: &Call<'_>, came: Result<Result<Caller, Refusal>, Failure>) -> Result<Caller, Unwelcome> {
    let caller = came.map_err(Unwelcome::Failed)?.map_err(|refusal| Unwelcome::Refused(refusal.reason))?;
    let (tenant, client) = (call.issuer.tenant.as_str(), caller.client.as_str());
    let key = ClientKey { tenant, client, holder: None };
    match call.of_client.count(&call.app.traffic, &key, call.app.store.now()) {
        Some(wait_s) => Err(Unwelcome::TooMany(wait_s)),
        None => Ok(caller),
    }
}

impl Unwelcome {
    /// What an endpoint of a dialect answers, which counts in that class and asks for a token that may do this.
    pub fn worded(self, call: &Call<'_>, class: Class, scope: Option<&str>) -> Answer {
        match self {
            Self::Failed(failure) => render::failed(call, &failure),
            Self::Refused(reason) => render::challenged(call, &Challenge { scope, ..Challenge::of(reason) }),
            Self::TooMany(wait_s) => traffic::too_many(call, class, wait_s),
        }
    }

    /// What the API answers.
    pub fn answer(self, call: &Call<'_>, route: &Route) -> Answer {
        match self {
            Self::Failed(Failure::Busy) => traffic::overloaded(call, Class::Admin),
            Self::Failed(Failure::Fault(fault)) => Problem::from(fault).answer(call),
            Self::Refused(reason) => problem::refused(call, reason, route.area.scope(route.access)),
            Self::TooMany(wait_s) => traffic::too_many(call, Class::Admin, wait_s),
        }
    }
}
