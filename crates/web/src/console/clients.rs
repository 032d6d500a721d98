//! Clients: their registration, their secrets, what they hold of people, and what happened.

use doorward_core::admin::{Access, Area, is_built_in_client};
use doorward_core::facts::ClientFacts;
use doorward_core::id::{ClientId, GrantId};
use doorward_core::model::{Client, Grant, SecretState};
use doorward_store::Fault;
use doorward_store::history::{EventFilter, EventPage, Order};

use super::act;
use super::rows::{self, FEW, FEW_ROWS, PAGE, PAGE_ROWS, events, grants as grants_table, switched};
use super::visit::{Place, code, time};
use crate::page::view::console::{
    Bit, Cell, ConsolePage, Facts, Field, Form, Link, Part, Section, Table, Tone,
};
use crate::render::Answer;

/// GET: those whose id begins as is asked.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Clients, Access::Read) {
        return *answer;
    }
    let (typed, after) = (place.asked("q"), Some(place.asked("after")).filter(|after| !after.is_empty()));
    let store = &place.visit.call.app.store;
    let clients = match store.clients_page(place.id(), typed, after.unwrap_or_default(), PAGE_ROWS).await {
        Ok(clients) => clients,
        Err(fault) => return place.visit.fault(&fault),
    };
    let next = clients.last().filter(|_| clients.len() == PAGE);
    let more = next
        .map(|last| place.onward("console-next", "/clients", &[("q", typed), ("after", last.id.as_str())]));
    let search = Form {
        fields: vec![Field::line("q", place.say("console-clients-find"), typed)],
        ..Form::ask("clients", place.path("/clients"), place.say("console-find-button"))
    };
    let table = Table {
        id: "list",
        title: String::new(),
        columns: ["console-client", "field-name", "console-kind", "console-grant-types", "console-state"]
            .map(|key| place.say(key))
            .into(),
        rows: clients.iter().map(|client| rows::client(place, client)).collect(),
        empty: place.say("console-no-clients"),
        more: more.into_iter().collect(),
    };
    let mut parts = vec![Part::Form(search), Part::Table(table)];
    parts.extend(act::links(place, &["client-make"], "", None));
    place.send(200, place.page(Some(Section::Clients), place.say("console-clients"), parts))
}

/// GET of one.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must(Area::Clients, Access::Read) {
        return *answer;
    }
    match known(place, &id.into()).await {
        Ok(Some((client, grants, events))) => place.send(200, page(place, &client, &grants, &events)),
        Ok(None) => place.visit.not_found(),
        Err(fault) => place.visit.fault(&fault),
    }
}

async fn known(
    place: &Place<'_>,
    id: &ClientId,
) -> Result<Option<(ClientFacts, Vec<Grant>, EventPage)>, Fault> {
    let (store, tenant) = (&place.visit.call.app.store, place.id());
    let Some(client) = store.client(tenant, id).await? else { return Ok(None) };
    let filter = EventFilter { client: Some(id.clone()), ..EventFilter::default() };
    let grants = if place.may(Area::Grants, Access::Read) {
        store.holdings_of_client(tenant, id, None, FEW_ROWS).await?
    } else {
        Vec::new()
    };
    let events = if place.may(Area::Events, Access::Read) {
        store.history(tenant, &filter, Order::NewestFirst, None, FEW).await?
    } else {
        EventPage::default()
    };
    Ok(Some((client, grants, events)))
}

fn page(place: &Place<'_>, found: &ClientFacts, grants: &[Grant], recent: &EventPage) -> ConsolePage {
    let client = &found.client;
    let id = client.id.as_str();
    let mut parts = vec![Part::Facts(registration(place, client))];
    let is_ours = is_built_in_client(&client.id);
    let switch = if client.disabled_at.is_some() { "client-enable" } else { "client-disable" };
    parts.extend(
        act::links(place, &["client-edit", switch, "client-remove"], id, Some(client.version))
            .filter(|_| !is_ours),
    );
    let explain = place.onward("console-explain", "/explain", &[("client", id)]);
    parts.push(Part::Links(place.say("console-see-also"), vec![explain]));
    if !client.is_public() {
        parts.push(Part::Table(secrets(place, found)));
        let field = Field {
            hint: place.say("console-retire-hint"),
            ..Field::line("retire_others_s", place.say("console-retire"), "")
        };
        let by_secret = client.auth_method.starts_with("client_secret_");
        parts.extend(act::form(place, "secret-make", id, None, vec![field]).filter(|_| by_secret));
        parts.extend(act::links_below(place, &["secret-make-pending"], id, None).filter(|_| by_secret));
    }
    if place.may(Area::Grants, Access::Read) {
        let list = format!("/clients/{}/grants", doorward_wire::percent::encode(id));
        let more = (grants.len() == FEW).then(|| place.onward("console-all-grants", &list, &[]));
        let table =
            grants_table(place, place.say("console-grants"), grants, false, more.into_iter().collect());
        parts.push(Part::Table(table));
    }
    if place.may(Area::Events, Access::Read) {
        let more = vec![place.onward("console-all-events", "/events", &[("client", id)])];
        parts.push(Part::Table(events(place, place.say("console-recent"), &recent.events, more)));
    }
    ConsolePage {
        trail: vec![place.trail(Section::Clients)],
        badges: switched(place, client.disabled_at),
        ..place.page(Some(Section::Clients), client.name.clone(), parts)
    }
}

fn registration(place: &Place<'_>, client: &Client) -> Facts {
    let codes = |items: Vec<String>| -> Cell { items.into_iter().map(Bit::Code).collect() };
    let yes = |is: bool| vec![Bit::Say(place.say(if is { "console-yes" } else { "console-no" }))];
    let mut methods = vec![client.auth_method.clone()];
    methods.extend(client.also_auth_methods.iter().cloned());
    let mut rows: Vec<(String, Cell)> = vec![
        (place.say("console-id"), code(client.id.as_str())),
        (place.say("console-auth-method"), codes(methods)),
        (place.say("console-grant-types"), codes(client.grant_types.iter().cloned().collect())),
        (place.say("console-scopes"), code(client.scopes.to_string())),
        (
            place.say("console-apis"),
            client
                .apis
                .iter()
                .map(|api| place.link((Area::Apis, "apis"), api.as_str(), api.as_str()))
                .collect(),
        ),
        (
            place.say("console-redirects"),
            codes(client.redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect()),
        ),
        (
            place.say("console-logout-redirects"),
            codes(client.post_logout_redirect_uris.iter().map(|uri| uri.as_str().to_owned()).collect()),
        ),
        (place.say("console-first-party"), yes(client.first_party)),
        (place.say("console-pkce"), yes(client.require_pkce || client.is_public())),
        (
            place.say("console-token-life"),
            vec![Bit::Say(place.visit.frame.span(&client.lifetimes.access_token_s))],
        ),
    ];
    let told = client.backchannel_logout_uri.as_ref();
    rows.extend(told.map(|uri| (place.say("console-logout-told"), code(uri.as_str()))));
    rows.extend(client.jwks_uri.as_ref().map(|uri| (place.say("console-jwks-uri"), code(uri.as_str()))));
    rows.push((place.say("console-since"), time(Some(client.created_at))));
    rows.retain(|(_, value)| !value.is_empty());
    Facts { id: "registration", title: place.say("console-registration"), rows }
}

fn secrets(place: &Place<'_>, found: &ClientFacts) -> Table {
    let now = place.visit.now();
    Table {
        id: "secrets",
        title: place.say("console-secrets"),
        columns: ["console-id", "console-state", "console-since", "console-until", "console-acts"]
            .map(|key| place.say(key))
            .into(),
        rows: found
            .secrets
            .iter()
            .map(|secret| {
                let is_over = secret.expires_at.is_some_and(|end| now >= end);
                let (key, tone) = match secret.state {
                    _ if is_over => ("console-over", Tone::Dim),
                    SecretState::Pending => ("console-pending", Tone::Dim),
                    SecretState::Current => ("console-current", Tone::Good),
                    SecretState::Retiring => ("console-retiring", Tone::Dim),
                };
                vec![
                    code(secret.id.as_str()),
                    vec![Bit::Badge(place.say(key), tone)],
                    time(Some(secret.created_at)),
                    time(secret.expires_at),
                    SECRET_ACTS
                        .iter()
                        .filter(|name| **name != "secret-activate" || secret.state == SecretState::Pending)
                        .flat_map(|name| {
                            let of = [("secret", secret.id.as_str())];
                            act::of_row(place, name, found.client.id.as_str(), &of)
                        })
                        .collect(),
                ]
            })
            .collect(),
        empty: place.say("console-no-secrets"),
        more: Vec::new(),
    }
}

/// GET: everything that a client holds of people, dead grants too as long as they are kept.
pub async fn grants(place: &Place<'_>, id: &str) -> Answer {
    for area in [Area::Clients, Area::Grants] {
        if let Err(answer) = place.must(area, Access::Read) {
            return *answer;
        }
    }
    let (store, client) = (&place.visit.call.app.store, ClientId::from(id));
    let before = place.asked("before").parse().ok().map(GrantId);
    let found = async {
        let Some(found) = store.client(place.id(), &client).await? else { return Ok(None) };
        Ok(Some((found.client, store.holdings_of_client(place.id(), &client, before, PAGE_ROWS).await?)))
    };
    let (client, found) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return place.visit.not_found(),
        Err(fault) => return place.visit.fault(&fault),
    };
    let list = format!("/clients/{}/grants", doorward_wire::percent::encode(id));
    let next = found.last().filter(|_| found.len() == PAGE);
    let more = next.map(|last| place.onward("console-next", &list, &[("before", &last.id.to_string())]));
    let table = grants_table(place, String::new(), &found, false, more.into_iter().collect());
    let page = place.page(Some(Section::Clients), place.say("console-grants"), vec![Part::Table(table)]);
    let trail =
        vec![place.trail(Section::Clients), Link { text: client.name, href: place.of("clients", id) }];
    place.send(200, ConsolePage { trail, ..page })
}

/// GET of one grant: what it hangs on, and its history.
pub async fn grant(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must(Area::Grants, Access::Read) {
        return *answer;
    }
    let Ok(id) = id.parse::<i64>().map(GrantId) else { return place.visit.not_found() };
    let store = &place.visit.call.app.store;
    let found = async {
        let Some(facts) = store.grant(place.id(), id).await? else { return Ok(None) };
        let filter =
            EventFilter { user: Some(facts.grant.user.clone()), grant: Some(id), ..EventFilter::default() };
        let events = if place.may(Area::Events, Access::Read) {
            store.history(place.id(), &filter, Order::NewestFirst, None, PAGE).await?
        } else {
            EventPage::default()
        };
        Ok(Some((facts, events)))
    };
    let (facts, recent) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return place.visit.not_found(),
        Err(fault) => return place.visit.fault(&fault),
    };
    let grant = &facts.grant;
    let lives = doorward_core::may_issue::may_issue(&facts, place.visit.now());
    let why = lives.as_ref().err().map(|reason| reason.as_str());
    let person =
        facts.user.as_ref().map_or_else(|| grant.user.0.clone(), |user| user.display_name().to_owned());
    let mut rows = vec![
        (place.say("console-person"), vec![place.link((Area::Users, "users"), grant.user.as_str(), &person)]),
        (place.say("console-client"), vec![place.client(grant.client.as_str())]),
        (place.say("console-scopes"), code(grant.scopes.to_string())),
        (place.say("console-since"), time(Some(grant.created_at))),
        (place.say("console-redeemed"), time(grant.redeemed_at)),
        (place.say("console-used"), time(Some(grant.used_at))),
        (place.say("console-until"), time(Some(grant.expires_at))),
        (place.say("console-ended"), time(grant.ended_at)),
        (
            place.say("console-offline"),
            vec![Bit::Say(place.say(if grant.offline { "console-yes" } else { "console-no" }))],
        ),
        (place.say("console-proof"), grant.amr.iter().cloned().map(Bit::Code).collect()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    let facts = Facts { id: "grant", title: place.say("console-grant"), rows };
    let mut parts = vec![Part::Facts(facts)];
    let back = format!("/grants/{id}");
    let end = act::of_row(place, "grant-end", &id.to_string(), &[("back", &back)]);
    let links: Vec<Link> = end
        .into_iter()
        .filter_map(|bit| match bit {
            Bit::Link(link) if lives.is_ok() => Some(link),
            _ => None,
        })
        .collect();
    if !links.is_empty() {
        parts.push(Part::Links(place.say("console-acts"), links));
    }
    if place.may(Area::Events, Access::Read) {
        parts.push(Part::Table(events(place, place.say("console-recent"), &recent.events, Vec::new())));
    }
    let title =
        place.visit.frame.get("console-grant-of", &[("person", &person), ("client", grant.client.as_str())]);
    let badges = rows::grant_state(place, lives.is_ok(), why);
    place.send(200, ConsolePage { badges, ..place.page(None, title, parts) })
}

/// What can be done with a secret; a pending one can take over.
const SECRET_ACTS: [&str; 2] = ["secret-activate", "secret-remove"];
