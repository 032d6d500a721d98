//! What is managed with a token is what the admin API does, under the same rights: an endpoint here asks one of its routes, and renames.

use serde_json::{Value, json};

use super::super::{codec, scheme};
use crate::admin::asked::Reply;
use crate::admin::problem::{Kind, Problem};
use crate::admin::relay::Relay;
use crate::app::Call;
use crate::render::Answer;
use crate::traffic::Class;

/// Asks the route of that method, and a path below its tenant, in the name of whoever bears the token.
pub async fn ask(call: &Call<'_>, method: &str, path: &str, body: Value) -> Result<Reply, Box<Answer>> {
    carry(call, relay(call, method, path).await?, body, &[]).await
}

/// Carries such a request out. What is wrong with its body is told by the names that these members have in this contract.
pub async fn carry(
    call: &Call<'_>,
    relay: Relay<'_>,
    body: Value,
    names: &[Renamed],
) -> Result<Reply, Box<Answer>> {
    relay.carry(body).await.map_err(|problem| told_by(call, &problem, names))
}

/// A member, as this contract has it and as the API does.
pub type Renamed = (&'static str, &'static str);

/// Where in the body something is wrong: by which of its members, and below that.
fn path(pointer: &str, names: &[Renamed]) -> String {
    let pointer = pointer.trim_start_matches('/');
    let (member, below) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
    let theirs = names.iter().find(|(_, ours)| *ours == member).map_or(member, |(theirs, _)| theirs);
    format!("{theirs}{below}")
}

/// Such a request, whose sender is known and which is not carried out yet.
pub async fn relay<'a>(call: &'a Call<'_>, method: &str, path: &str) -> Result<Relay<'a>, Box<Answer>> {
    let path = format!("/tenants/{}{path}", doorward_wire::percent::encode(call.issuer.tenant.as_str()));
    let relay = Relay::of(call, scheme::token_of(call), (method, &path)).await;
    relay.map_err(|unwelcome| Box::new(unwelcome.worded(call, Class::Protocol, None)))
}

/// What the API refuses, in this contract's words.
pub fn told(call: &Call<'_>, problem: &Problem) -> Box<Answer> {
    told_by(call, problem, &[])
}

/// The same, by these names of members.
pub fn told_by(call: &Call<'_>, problem: &Problem, names: &[Renamed]) -> Box<Answer> {
    let (status, kind) = match problem.kind {
        Kind::Forbidden => (403, "PermissionDenied"),
        Kind::NotFound => (404, "ObjectNotFound"),
        Kind::Unauthorized => (401, "Unauthorized"),
        Kind::Conflict | Kind::InUse | Kind::Stale | Kind::Taken => (412, "PreconditionFailed"),
        Kind::TooMany => (429, "RateLimitError"),
        Kind::Unavailable => (503, "ServiceUnavailable"),
        Kind::Malformed
        | Kind::Invalid
        | Kind::Refused
        | Kind::Method
        | Kind::TooLarge
        | Kind::TooSlow
        | Kind::MediaType
        | Kind::KeyReused => (400, "ValidationError"),
    };
    let mut body = json!({ "type": kind, "message": problem.detail });
    if kind == "ValidationError" {
        let wrong = problem.errors.iter().map(|error| {
            json!({ "message": error.detail, "path": path(&error.pointer, names), "type": "invalid" })
        });
        body["validationErrors"] = wrong.collect();
    }
    Box::new(problem.worded(call, status, codec::json(&body)))
}
