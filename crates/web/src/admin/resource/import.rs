//! Bringing people, contexts and memberships in: NDJSON in, what became of each record out.

use doorward_core::admin::{Access, Area};
use serde_json::json;

use super::super::asked::{Asked, Reply};
use super::super::note_denied;
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, Query, Route};
use super::super::shapes::IMPORTED;

/// The routes.
pub const ROUTES: &[Route] = &[Route {
    method: "PUT",
    path: PATH,
    area: Area::Users,
    access: Access::Write,
    summary: "Bring in at most 1,000 records of people, contexts and memberships, a line of JSON each (application/x-ndjson)",
    query: &[Query { name: "dry_run", about: "true: only tell what would be done" }],
    request: None,
    answer: Answered::Page(&IMPORTED),
    run: |asked| Box::pin(import(asked)),
}];

/// Where batches go.
pub const PATH: &str = "/tenants/{tenant}/import";
/// What a batch is sent as; the first is what the document names.
pub const LINES: [&str; 3] = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

async fn import(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let media_type = asked.call.header("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !LINES.contains(&essence.as_str()) {
        return Err(Problem::new(Kind::MediaType, "the body must be application/x-ndjson"));
    }
    let dry_run = asked.flag("dry_run")?.unwrap_or(false);
    let told = asked.manage.import(&asked.tenant(), asked.call.request.body.clone(), dry_run).await?;
    let denied = asked.manage.denial_of(&asked.call.issuer.tenant, asked.route.path, &told);
    if let Some(denied) = denied {
        note_denied(asked.call, vec![denied]).await?;
    }
    let accepts = asked.call.header("accept").unwrap_or_default();
    let mut reply = Reply::plain(200, json!({ "items": told, "next": null }));
    if LINES.iter().any(|lines| accepts.contains(lines)) {
        let line = |told| serde_json::to_string(told).unwrap_or_default() + "\n";
        reply.lines = Some(told.iter().map(line).collect());
    }
    Ok(reply)
}
