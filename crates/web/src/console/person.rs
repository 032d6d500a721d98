//! A person: who they are, what they hold, where they are signed in, what applications hold of them, and what happened.

use doorward_core::admin::{Access, Area};
use doorward_core::facts::{Application, UserFacts};
use doorward_core::id::{ContextKey, GrantId, UserId};
use doorward_core::model::{Assignment, Grant, Membership, Role, Session};
use doorward_store::Fault;
use doorward_store::history::{EventFilter, EventPage, Order};

use super::act;
use super::rows::{FEW, FEW_ROWS, PAGE, PAGE_ROWS, events, grants as grants_table, user_state};
use super::visit::{Place, code, text, time};
use crate::page::device;
use crate::page::view::console::{
    Bit, Cell, Choice, ConsolePage, Facts, Field, Input, Link, Part, Section, Table, Tone,
};
use crate::render::Answer;

/// All that the page shows; what may not be seen is not read.
struct Known {
    user: UserFacts,
    roles: Vec<Assignment>,
    offered: Vec<Role>,
    memberships: Vec<Membership>,
    sessions: Vec<Session>,
    applications: Vec<Application>,
    grants: Vec<Grant>,
    events: EventPage,
}

/// GET.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must(Area::Users, Access::Read) {
        return *answer;
    }
    match known(place, &id.into()).await {
        Ok(Some(known)) => place.send(200, page(place, &known)),
        Ok(None) => place.visit.not_found(),
        Err(fault) => place.visit.fault(&fault),
    }
}

async fn known(place: &Place<'_>, id: &UserId) -> Result<Option<Known>, Fault> {
    let (store, tenant) = (&place.visit.call.app.store, place.id());
    let Some(user) = store.user(tenant, id).await? else { return Ok(None) };
    let may = |area| place.may(area, Access::Read);
    let filter = EventFilter { user: Some(id.clone()), ..EventFilter::default() };
    Ok(Some(Known {
        user,
        roles: if may(Area::Roles) || may(Area::Users) {
            store.assignments_of(tenant, id).await?
        } else {
            Vec::new()
        },
        offered: if place.may(Area::Users, Access::Write) {
            store.roles_from(tenant, "", MOST_OFFERED as i64 + 1).await?
        } else {
            Vec::new()
        },
        memberships: if may(Area::Contexts) {
            store.memberships_of(tenant, id, None, PAGE_ROWS).await?
        } else {
            Vec::new()
        },
        sessions: if may(Area::Sessions) { store.sessions_of(tenant, id).await? } else { Vec::new() },
        applications: if may(Area::Consents) { store.applications_of(tenant, id).await? } else { Vec::new() },
        grants: if may(Area::Grants) {
            store.holdings_of_user(tenant, id, None, FEW_ROWS).await?
        } else {
            Vec::new()
        },
        events: if may(Area::Events) {
            store.history(tenant, &filter, Order::NewestFirst, None, FEW).await?
        } else {
            EventPage::default()
        },
    }))
}

fn page(place: &Place<'_>, known: &Known) -> ConsolePage {
    let user = &known.user.user;
    let id = user.id.as_str();
    let may = |area| place.may(area, Access::Read);
    let mut parts = vec![Part::Facts(profile(place, &known.user))];
    let acts = [
        if user.locked_at.is_some() { "user-unlock" } else { "user-lock" },
        if user.disabled_at.is_some() { "user-enable" } else { "user-disable" },
        "user-incident",
        "user-edit",
        "user-remove",
    ];
    parts.extend(act::links(place, &acts, id, Some(user.version)));
    let help: Vec<Link> = HELP.iter().filter_map(|name| act::link_to(place, name, id)).collect();
    if !help.is_empty() {
        parts.push(Part::Links(place.say("console-help"), help));
    }
    parts.push(Part::Table(roles(place, &known.roles)));
    parts.extend(change_roles(place, known));
    if may(Area::Contexts) {
        parts.push(Part::Table(memberships(place, known)));
    }
    if may(Area::Sessions) {
        parts.push(Part::Table(sessions(place, &user.id, &known.sessions)));
    }
    if may(Area::Consents) {
        parts.push(Part::Table(applications(place, &user.id, &known.applications)));
    }
    if may(Area::Grants) {
        let list = format!("/users/{}/grants", doorward_wire::percent::encode(id));
        let more = (known.grants.len() == FEW).then(|| place.onward("console-all-grants", &list, &[]));
        let table =
            grants_table(place, place.say("console-grants"), &known.grants, true, more.into_iter().collect());
        parts.push(Part::Table(table));
    }
    if may(Area::Events) {
        let more = vec![
            place.onward("console-all-events", "/events", &[("user", id)]),
            place.onward("console-all-done", "/events", &[("actor", &format!("user:{id}"))]),
        ];
        parts.push(Part::Table(events(place, place.say("console-recent"), &known.events.events, more)));
    }
    ConsolePage {
        trail: vec![place.trail(Section::People)],
        badges: user_state(place, user),
        ..place.page(Some(Section::People), user.display_name().to_owned(), parts)
    }
}

fn profile(place: &Place<'_>, found: &UserFacts) -> Facts {
    let user = &found.user;
    let mut rows = vec![
        (place.say("console-id"), code(user.id.as_str())),
        (place.say("field-username"), text(user.user_name.as_str())),
    ];
    if user.password_due_at.is_some() {
        rows.push((place.say("console-password-due"), time(user.password_due_at)));
    }
    if let Some(email) = &user.email {
        let (key, tone) = match user.email_verified_at {
            Some(_) => ("account-email-verified", Tone::Good),
            None => ("account-email-unverified", Tone::Dim),
        };
        rows.push((
            place.say("field-email"),
            vec![Bit::Text(email.clone()), Bit::Badge(place.say(key), tone)],
        ));
    }
    rows.extend(user.locale().map(|locale| (place.say("field-language"), code(locale))));
    let password = match &found.password {
        Some(credential) => {
            vec![Bit::Say(place.say("console-password-set")), Bit::Time(credential.created_at.seconds())]
        }
        None => vec![Bit::Say(place.say("console-password-none"))],
    };
    rows.push((place.say("field-password"), password));
    let when = [
        ("console-disabled", user.disabled_at),
        ("console-locked", user.locked_at),
        ("console-administrator", user.administrator_since),
    ];
    rows.extend(when.into_iter().filter(|(_, at)| at.is_some()).map(|(key, at)| (place.say(key), time(at))));
    rows.extend(user.external_id.as_ref().map(|id| (place.say("console-external"), code(id.as_str()))));
    rows.push((place.say("console-since"), time(Some(user.created_at))));
    rows.push((place.say("console-changed"), time(Some(user.updated_at))));
    Facts { id: "profile", title: place.say("account-profile"), rows }
}

fn roles(place: &Place<'_>, held: &[Assignment]) -> Table {
    let everywhere = held.iter().filter(|assignment| assignment.context.is_none());
    Table {
        id: "roles",
        title: place.say("console-roles"),
        columns: ["console-role", "console-since"].map(|key| place.say(key)).into(),
        rows: everywhere
            .map(|assignment| {
                let id = assignment.role_id.as_str();
                vec![vec![place.link((Area::Roles, "roles"), id, id)], time(Some(assignment.created_at))]
            })
            .collect(),
        empty: place.say("console-no-roles"),
        more: Vec::new(),
    }
}

/// What is done for whoever cannot get in by themselves.
const HELP: [&str; 4] =
    ["user-reset-link", "user-sign-in-link", "user-require-password", "user-reset-factor"];

/// The roles that there are, those that the person has ticked. Where there are too many for a form, the API is the way.
fn change_roles(place: &Place<'_>, known: &Known) -> Option<Part> {
    let user = &known.user.user;
    let has = |role: &Role| {
        known.roles.iter().any(|assignment| assignment.context.is_none() && assignment.role == role.key)
    };
    if !(1..=MOST_OFFERED).contains(&known.offered.len()) {
        return None;
    }
    let field = Field {
        name: "role",
        label: place.say("console-roles"),
        input: role_choices(&known.offered, has),
        hint: String::new(),
    };
    act::form(place, "user-roles", user.id.as_str(), Some(user.version), vec![field])
}

/// Roles to tick.
pub fn role_choices(roles: &[Role], has: impl Fn(&Role) -> bool) -> Input {
    let choice =
        |role: &Role| Choice { value: role.id.0.clone(), label: role.id.0.clone(), chosen: has(role) };
    Input::Checks(roles.iter().map(choice).collect())
}

fn memberships(place: &Place<'_>, known: &Known) -> Table {
    let there = |key: ContextKey| -> Cell {
        let held = known.roles.iter().filter(|assignment| assignment.context == Some(key));
        held.map(|assignment| {
            place.link((Area::Roles, "roles"), assignment.role_id.as_str(), assignment.role_id.as_str())
        })
        .collect()
    };
    Table {
        id: "memberships",
        title: place.say("console-memberships"),
        columns: ["console-context", "console-roles", "console-since"].map(|key| place.say(key)).into(),
        rows: known
            .memberships
            .iter()
            .map(|membership| {
                let id = membership.context_id.as_str();
                vec![
                    vec![place.link((Area::Contexts, "contexts"), id, id)],
                    there(membership.context),
                    time(Some(membership.created_at)),
                ]
            })
            .collect(),
        empty: place.say("console-no-memberships"),
        more: Vec::new(),
    }
}

fn sessions(place: &Place<'_>, user: &UserId, sessions: &[Session]) -> Table {
    let back = format!("/users/{}", doorward_wire::percent::encode(user.as_str()));
    Table {
        id: "sessions",
        title: place.say("console-sessions"),
        columns: [
            "console-device",
            "console-signed-in",
            "console-used",
            "console-address",
            "console-proof",
            "console-acts",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: sessions
            .iter()
            .map(|session| {
                let device =
                    device::name(&session.user_agent).unwrap_or_else(|| place.say("account-unknown-device"));
                vec![
                    text(device),
                    time(Some(session.auth_time)),
                    time(Some(session.used_at)),
                    code(session.address.as_str()),
                    session.amr().into_iter().map(Bit::Code).collect(),
                    act::of_row(place, "session-end", &session.id.to_string(), &[("back", &back)]),
                ]
            })
            .collect(),
        empty: place.say("console-no-sessions"),
        more: act::link_to(place, "sessions-end", user.as_str())
            .into_iter()
            .filter(|_| !sessions.is_empty())
            .collect(),
    }
}

fn applications(place: &Place<'_>, user: &UserId, applications: &[Application]) -> Table {
    let back = format!("/users/{}", doorward_wire::percent::encode(user.as_str()));
    Table {
        id: "applications",
        title: place.say("console-allowed"),
        columns: ["console-client", "console-scopes", "console-since", "console-used", "console-acts"]
            .map(|key| place.say(key))
            .into(),
        rows: applications
            .iter()
            .map(|found| {
                let consent = &found.consent;
                vec![
                    vec![place.link((Area::Clients, "clients"), consent.client.as_str(), &found.client_name)],
                    code(consent.scopes.to_string()),
                    time(Some(consent.created_at)),
                    time(found.used_at),
                    act::of_row(place, "consent-end", &consent.id.to_string(), &[("back", &back)]),
                ]
            })
            .collect(),
        empty: place.say("console-no-allowed"),
        more: Vec::new(),
    }
}

/// GET: everything that applications hold of a person, dead grants too as long as they are kept.
pub async fn grants(place: &Place<'_>, id: &str) -> Answer {
    for area in [Area::Users, Area::Grants] {
        if let Err(answer) = place.must(area, Access::Read) {
            return *answer;
        }
    }
    let (store, user) = (&place.visit.call.app.store, UserId::from(id));
    let before = place.asked("before").parse().ok().map(GrantId);
    let found = async {
        let Some(found) = store.user(place.id(), &user).await? else { return Ok(None) };
        Ok(Some((found.user, store.holdings_of_user(place.id(), &user, before, PAGE_ROWS).await?)))
    };
    let (user, found) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return place.visit.not_found(),
        Err(fault) => return place.visit.fault(&fault),
    };
    let list = format!("/users/{}/grants", doorward_wire::percent::encode(id));
    let next = found.last().filter(|_| found.len() == PAGE);
    let more = next.map(|last| place.onward("console-next", &list, &[("before", &last.id.to_string())]));
    let table = grants_table(place, String::new(), &found, true, more.into_iter().collect());
    let page = place.page(Some(Section::People), place.say("console-grants"), vec![Part::Table(table)]);
    let trail = vec![
        place.trail(Section::People),
        Link { text: user.display_name().to_owned(), href: place.of("users", id) },
    ];
    place.send(200, ConsolePage { trail, ..page })
}

/// Roles that a form offers.
pub const MOST_OFFERED: usize = 40;
