//! The audit trail: read by filters, or exported as lines of JSON.

use doorward_core::admin::{Access, Area};
use doorward_core::desired::date;
use doorward_core::id::{ClientId, GrantId, UserId};
use doorward_core::model::{Actor, EventKind};
use doorward_store::events::Numbered;
use doorward_store::history::{EventFilter, Order};
use serde_json::{Value, json};

use super::super::asked::{Asked, Reply};
use super::super::problem::{Kind, Problem};
use super::super::route::{Answered, Query, Route};
use super::super::shapes::EVENT;

/// The routes.
pub const ROUTES: &[Route] = &[Route {
    method: "GET",
    path: "/tenants/{tenant}/events",
    area: Area::Events,
    access: Access::Read,
    summary: "Read the audit trail; as lines of JSON with Accept: application/jsonl",
    query: LIST,
    request: None,
    answer: Answered::Page(&EVENT),
    run: |asked| Box::pin(list(asked)),
}];

async fn list(asked: &Asked<'_>) -> Result<Reply, Problem> {
    page(asked, EventFilter::default()).await
}

/// A page of the trail, of what is `within` and the query asks for.
pub(super) async fn page(asked: &Asked<'_>, within: EventFilter) -> Result<Reply, Problem> {
    let (limit, after) = asked.page()?;
    let kind =
        asked.param("kind").map(|name| EventKind::parse(name).ok_or("there is no such kind of events"));
    let grant =
        asked.param("grant").map(|id| id.parse().map(GrantId).map_err(|_| "grant must be the id of a grant"));
    let actor = asked.param("actor").map(|text| Actor::parse(text).ok_or(WHICH_ACTOR));
    let order = match asked.param("order") {
        None | Some("oldest") => Order::OldestFirst,
        Some("newest") => Order::NewestFirst,
        Some(_) => return Err(malformed("order is oldest or newest")),
    };
    let filter = EventFilter {
        user: asked.param("user").map(|id| UserId(id.to_owned())),
        client: asked.param("client").map(ClientId::from),
        grant: grant.transpose().map_err(malformed)?,
        actor: actor.transpose().map_err(malformed)?,
        kind: kind.transpose().map_err(malformed)?,
        from: asked.time("from")?,
        to: asked.time("to")?,
        ..within
    };
    let place =
        after.map(|text| text.parse().map_err(|_| malformed("after must be the `next` of a page before")));
    let store = asked.manage.store();
    let page = store.history(&asked.tenant(), &filter, order, place.transpose()?, limit).await?;
    // From where people came is not told to who looks after one installation of theirs.
    let shows_addresses = asked.caller.rights.allow(&asked.tenant(), Area::Events, Access::Read).is_ok();
    let items: Vec<Value> = page.events.iter().map(|found| shown(found, shows_addresses)).collect();
    let accepts = asked.call.header("accept").unwrap_or_default();
    let mut reply = Reply::plain(200, json!({ "items": items, "next": null }));
    reply.next = page.next.map(|seq| seq.to_string());
    if ["application/jsonl", "application/x-ndjson"].iter().any(|lines| accepts.contains(lines)) {
        reply.lines = Some(items.iter().map(|item| format!("{item}\n")).collect());
    }
    Ok(reply)
}

const WHICH_ACTOR: &str = "actor is `user:` or `client:` and an id, or operator, server or unknown";

fn malformed(text: &'static str) -> Problem {
    Problem::new(Kind::Malformed, text)
}

fn shown(numbered: &Numbered, shows_address: bool) -> Value {
    let event = &numbered.event;
    let mut body = json!({
        "seq": numbered.seq,
        "id": event.id.to_string(),
        "at": date::write(event.at),
        "kind": event.kind.as_str(),
        "actor": event.actor,
        "request_id": event.request_id,
        "data": serde_json::from_str::<Value>(&event.data).unwrap_or_else(|_| json!({})),
    });
    if shows_address {
        body["address"] = json!(event.address);
    }
    if let Some(user) = &event.user {
        body["user"] = json!(user);
    }
    if let Some(client) = &event.client {
        body["client"] = json!(client);
    }
    if let Some(grant) = event.grant {
        body["grant"] = json!(grant.to_string());
    }
    if let Some(installation) = &event.installation {
        body["installation"] = json!(installation);
    }
    if let Some(reason) = &event.reason {
        body["reason"] = json!(reason);
    }
    body
}

/// How the trail is asked.
pub(super) const LIST: &[Query] = &[
    Query { name: "limit", about: "how many at most: 1 to 200, 50 when absent" },
    Query { name: "after", about: "where to go on: `next` of the page before" },
    Query { name: "user", about: "only what concerns this person" },
    Query { name: "client", about: "only what concerns this client" },
    Query { name: "grant", about: "only what concerns this grant" },
    Query {
        name: "actor",
        about: "only what this one did: `user:{id}`, `client:{id}`, `operator`, `server` or `unknown`",
    },
    Query { name: "kind", about: "only of this kind" },
    Query { name: "from", about: "only from this time on" },
    Query { name: "to", about: "only before this time" },
    Query { name: "order", about: "`oldest` first, when absent, or `newest`" },
];
