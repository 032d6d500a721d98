//! All tenants, for who administers the server; for everybody else there is one.

use doorward_core::model::Tenant;
use doorward_wire::percent;

use super::visit::{Visit, code, time};
use crate::page::view::console::{Bit, Link, Part, Section, Table, Tone};
use crate::render::Answer;

/// GET.
pub async fn list(visit: &Visit<'_>) -> Answer {
    if !visit.rights.is_server_wide() {
        return visit.not_found();
    }
    let place = match visit.place(visit.call.issuer.tenant.as_str()) {
        Ok(place) => place,
        Err(answer) => return *answer,
    };
    let directory = visit.call.app.directory();
    let mut tenants: Vec<&Tenant> = directory.tenants().map(|entry| &*entry.tenant).collect();
    tenants.sort_by(|a, b| a.id.cmp(&b.id));
    let after = place.asked("after");
    let from = tenants.partition_point(|tenant| tenant.id.as_str() <= after);
    let shown = &tenants[from..tenants.len().min(from + super::rows::PAGE)];
    let more = shown.last().filter(|_| from + shown.len() < tenants.len());
    let more = more.map(|last| Link {
        text: visit.say("console-next"),
        href: format!("{}/tenants?after={}", visit.home_path(), percent::encode(last.id.as_str())),
    });
    let rows = shown.iter().map(|tenant| {
        let href = format!("{}/tenants/{}", visit.home_path(), percent::encode(tenant.id.as_str()));
        let state = match tenant.disabled_at {
            Some(_) => Bit::Badge(visit.say("console-disabled"), Tone::Bad),
            None => Bit::Badge(visit.say("console-active"), Tone::Good),
        };
        vec![
            vec![Bit::Link(Link { text: tenant.name.clone(), href })],
            code(tenant.id.as_str()),
            vec![state],
            time(Some(tenant.created_at)),
        ]
    });
    let table = Table {
        id: "tenants",
        title: String::new(),
        columns: ["field-name", "console-id", "console-state", "console-since"]
            .map(|key| visit.say(key))
            .into(),
        rows: rows.collect(),
        empty: String::new(),
        more: more.into_iter().collect(),
    };
    place
        .send(200, place.page(Some(Section::Tenants), visit.say("console-tenants"), vec![Part::Table(table)]))
}
