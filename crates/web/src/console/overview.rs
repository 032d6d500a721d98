//! A tenant at a glance: where it is reached, and what happened last.

use doorward_core::admin::{Access, Area};
use doorward_store::history::{EventFilter, Order};

use super::act;
use super::rows::{FEW, events, switched};
use super::visit::{Place, code, time};
use crate::page::view::console::{Facts, Link, Part, Section, Table};
use crate::render::Answer;

/// GET.
pub async fn show(place: &Place<'_>) -> Answer {
    let tenant = &place.tenant.tenant;
    let mut parts = Vec::new();
    if place.may(Area::Tenants, Access::Read) {
        parts.push(Part::Facts(Facts {
            id: "tenant",
            title: place.say("console-tenant"),
            rows: vec![
                (place.say("console-id"), code(tenant.id.as_str())),
                (place.say("console-state"), switched(place, tenant.disabled_at)),
                (place.say("console-since"), time(Some(tenant.created_at))),
            ],
        }));
        parts.extend(act::links(place, &["tenant-edit"], "", None));
    }
    if place.may(Area::Issuers, Access::Read) {
        let issuers = place.tenant.issuers.iter();
        parts.push(Part::Table(Table {
            id: "issuers",
            title: place.say("console-issuers"),
            columns: ["console-address", "console-id", "console-state", "console-acts"]
                .map(|key| place.say(key))
                .into(),
            rows: issuers
                .map(|issuer| {
                    vec![
                        code(issuer.url.as_str()),
                        code(issuer.id.as_str()),
                        switched(place, issuer.disabled_at),
                        act::of_row(place, "issuer-edit", issuer.id.as_str(), &[]),
                    ]
                })
                .collect(),
            empty: place.say("console-no-issuers"),
            more: act::link_to(place, "issuer-make", "").into_iter().collect(),
        }));
    }
    if place.may(Area::Events, Access::Read) {
        let store = &place.visit.call.app.store;
        let page =
            match store.history(place.id(), &EventFilter::default(), Order::NewestFirst, None, FEW).await {
                Ok(page) => page,
                Err(fault) => return place.visit.fault(&fault),
            };
        let more = vec![place.onward("console-all-events", "/events", &[])];
        parts.push(Part::Table(events(place, place.say("console-recent"), &page.events, more)));
    }
    if parts.is_empty() {
        // Who may look at none of this is shown the way to what they may.
        let shell = place.shell();
        let links = shell
            .sections
            .iter()
            .filter(|section| **section != Section::Overview)
            .map(|section| Link { text: place.say(section.key()), href: shell.link(section) });
        parts.push(Part::Links(place.say("console-nothing-do"), links.collect()));
    }
    place.send(200, place.page(Some(Section::Overview), tenant.name.clone(), parts))
}
