//! Find anything by what one has of it: a person's name, address or id, a client's id, or a token. What is typed comes by POST: a token
//! must not stand in an address, nor in a log.

use doorward_core::Reason;
use doorward_core::admin::{Access, Area};
use doorward_core::id::GrantId;
use doorward_core::token::access_pair::AccessPair;
use doorward_core::token::issue::grant_of_name;
use doorward_core::token::read::Presented;
use doorward_store::Fault;
use doorward_store::directory::Entry;
use doorward_wire::text::{Email, UserName};

use super::visit::{FORM, Place};
use crate::form::browser::{fields, is_same_site};
use crate::form::error;
use crate::page::view::console::{ConsolePage, Link, Notice, Part};
use crate::render::{self, Answer};

/// What was found.
enum Found {
    User(String),
    Client(String),
    Grant(GrantId),
}

/// POST.
pub async fn post(place: &Place<'_>) -> Answer {
    let visit = place.visit;
    let form = fields(visit.call);
    let Some(form) = form.filter(|_| is_same_site(visit.call)) else {
        return error::refused(visit.call, &visit.browser, &Reason::FormForeign.into());
    };
    if !visit.browser.fits(visit.call, FORM, form.get("form")) {
        let page = place.page(None, place.say("console-title"), Vec::new());
        let notice = Some(Notice::bad(place.say("console-stale"), None));
        return place.send(403, ConsolePage { notice, ..page });
    }
    let typed = form.get("find").unwrap_or_default().trim();
    match find(place, typed).await {
        Ok(Some(found)) => {
            render::see_other(&format!("{}{}", visit.call.issuer.origin(), path(place, &found)))
        }
        Ok(None) => nothing(place, typed),
        Err(fault) => visit.fault(&fault),
    }
}

async fn find(place: &Place<'_>, typed: &str) -> Result<Option<Found>, Fault> {
    let (store, tenant) = (&place.visit.call.app.store, place.id());
    if typed.is_empty() {
        return Ok(None);
    }
    if place.may(Area::Users, Access::Read) {
        if let Some(found) = store.user(tenant, &typed.into()).await? {
            return Ok(Some(Found::User(found.user.id.0)));
        }
        let keys = [
            UserName::parse(typed).ok().map(|name| name.key().to_owned()),
            Email::parse(typed).ok().map(|email| email.key().to_owned()),
        ];
        for key in keys.into_iter().flatten() {
            if let Some(found) = store.user_by_name(tenant, &key).await? {
                return Ok(Some(Found::User(found.user.id.0)));
            }
        }
    }
    if place.may(Area::Clients, Access::Read) && store.client(tenant, &typed.into()).await?.is_some() {
        return Ok(Some(Found::Client(typed.to_owned())));
    }
    if place.may(Area::Grants, Access::Read) {
        return of_token(place, typed).await;
    }
    Ok(None)
}

/// What a token stands for, dead or alive: its grant, or the client whose own it is.
async fn of_token(place: &Place<'_>, token: &str) -> Result<Option<Found>, Fault> {
    let entry: &Entry = &place.tenant;
    for issuer in &entry.issuers {
        let found = match Presented::read(token, &issuer.id, &issuer.url, &entry.keys.ring) {
            Presented::Id(claims) | Presented::Jwt(claims) => {
                match claims.grant_id.as_deref().and_then(grant_of_name) {
                    Some(grant) => Found::Grant(grant),
                    None => Found::Client(claims.client_id.clone()),
                }
            }
            Presented::Refresh(pair) | Presented::Pair(AccessPair { of: pair, .. }) => {
                Found::Grant(pair.grant)
            }
            Presented::Opaque(key) => {
                let store = &place.visit.call.app.store;
                match store.ticket(place.id(), key).await? {
                    Some(ticket) => match (ticket.grant, ticket.client) {
                        (Some(grant), _) => Found::Grant(grant),
                        (None, Some(client)) => Found::Client(client.0),
                        (None, None) => return Ok(None),
                    },
                    None => return Ok(None),
                }
            }
            Presented::Unknown => continue,
        };
        return Ok(Some(found));
    }
    Ok(None)
}

fn path(place: &Place<'_>, found: &Found) -> String {
    match found {
        Found::User(id) => place.of("users", id),
        Found::Client(id) => place.of("clients", id),
        Found::Grant(id) => place.of("grants", &id.to_string()),
    }
}

/// Nothing is called exactly so: lists that begin with it, unless it looks like a token.
fn nothing(place: &Place<'_>, typed: &str) -> Answer {
    let mut page = place.page(None, place.say("console-found-nothing"), Vec::new());
    page.notice = Some(Notice::bad(place.say("console-found-nothing-text"), None));
    if !typed.is_empty() && typed.len() <= LONGEST_NAME {
        let mut links: Vec<Link> = Vec::new();
        if place.may(Area::Users, Access::Read) {
            links.push(place.onward("console-people-like", "/users", &[("q", typed)]));
        }
        if place.may(Area::Clients, Access::Read) {
            links.push(place.onward("console-clients-like", "/clients", &[("q", typed)]));
        }
        page.parts.push(Part::Links(place.say("console-look-elsewhere"), links));
    }
    place.send(404, page)
}

/// Longer, and it may be a token.
const LONGEST_NAME: usize = 40;
