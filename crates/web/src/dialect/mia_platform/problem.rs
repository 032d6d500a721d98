//! The routes of the admin API that are asked here, and what they refuse, in their words.

use doorward_core::Refusal;

use super::super::{codec, scheme};
use super::codec::error;
use crate::admin::problem::Problem;
use crate::admin::relay::Relay;
use crate::app::Call;
use crate::render::{self, Answer};
use crate::traffic::Class;

/// A request to the route of that method, and a path below its tenant, by whoever bears the token.
pub async fn relay<'a>(call: &'a Call<'_>, method: &str, path: &str) -> Result<Relay<'a>, Box<Answer>> {
    let path = format!("/tenants/{}{path}", doorward_wire::percent::encode(call.issuer.tenant.as_str()));
    let relay = Relay::of(call, scheme::token_of(call), (method, &path)).await;
    relay.map_err(|unwelcome| Box::new(unwelcome.worded(call, Class::Admin, None)))
}

/// What the API refuses.
pub fn told(call: &Call<'_>, problem: &Problem) -> Box<Answer> {
    let first = problem.errors.first().map(|error| error.detail.as_str());
    let status = problem.kind.status();
    let body = error(status, first.unwrap_or(&problem.detail));
    Box::new(problem.worded(call, status, codec::json(&body)))
}

/// A refusal of ours.
pub fn refused(call: &Call<'_>, refusal: impl Into<Refusal>) -> Box<Answer> {
    Box::new(render::refused(call, &refusal.into()))
}
