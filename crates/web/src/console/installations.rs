//! Installations: what was consented to where, its state and secrets, and what happened to it.

use doorward_core::admin::{self, Access, Area};
use doorward_core::id::{ContextId, ContextKey, ExtensionId, InstallationId};
use doorward_core::model::{Installation, InstallationSecret, Life, SecretState};
use doorward_store::history::{EventFilter, EventPage, Order};

use super::act;
use super::rows::{FEW, PAGE, PAGE_ROWS, events};
use super::visit::{Place, code, text, time};
use crate::manage::{By, Manage, Trouble};
use crate::page::view::console::{
    Bit, Cell, ConsolePage, Facts, Field, Form, Link, Part, Section, Table, Tone,
};
use crate::render::Answer;

/// GET: those that stand, in order of id.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must_somewhere(Area::Installations, Access::Read) {
        return *answer;
    }
    let (extension, context, after) =
        (place.asked("extension"), place.asked("context"), place.asked("after"));
    let found = match found(place, extension, context, after).await {
        Ok(found) => found,
        Err(Trouble::Fault(fault)) => return place.visit.fault(&fault),
        Err(_) => return place.visit.not_found(),
    };
    let next = found.last().filter(|_| found.len() == PAGE);
    let query = |last: &str| {
        [("extension", extension), ("context", context), ("after", last)]
            .map(|(name, value)| (name, value.to_owned()))
    };
    let more = next.map(|last| {
        let query = query(last.id.as_str());
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        place.onward("console-next", "/installations", &query)
    });
    let search = Form {
        fields: vec![
            Field::line("extension", place.say("console-extension"), extension),
            Field::line("context", place.say("console-context"), context),
        ],
        ..Form::ask("installations", place.path("/installations"), place.say("console-find-button"))
    };
    let table = table(place, ("list", String::new()), &found, more);
    let mut parts = vec![Part::Form(search), Part::Table(table)];
    parts.extend(act::links(place, &["installation-make"], "", None));
    place.send(200, place.page(Some(Section::Installations), place.say("console-installations"), parts))
}

async fn found(
    place: &Place<'_>,
    extension: &str,
    context: &str,
    after: &str,
) -> Result<Vec<Installation>, Trouble> {
    let (store, tenant) = (&place.visit.call.app.store, place.id());
    let is_wide = place.may(Area::Installations, Access::Read);
    let of = match extension {
        "" => None,
        id => match store.extension(tenant, &ExtensionId::from(id)).await? {
            Some(found) => Some(found.key),
            None => return Ok(Vec::new()),
        },
    };
    let at = match context {
        "" => None,
        id if is_wide && id.strip_prefix("tenant/") == Some(tenant.as_str()) => Some(ContextKey(0)),
        // What is out of reach is not there.
        id => match manage(place).place(tenant, &ContextId::from(id)).await? {
            Some((found, there)) if within(place, &there) => Some(found.key),
            _ => return Ok(Vec::new()),
        },
    };
    Ok(match (of, at) {
        (of, None) if !is_wide => {
            let mut own = manage(place).own_installations(tenant, of, (after, PAGE_ROWS)).await?;
            own.truncate(PAGE);
            own
        }
        (None, None) => store.installations_from(tenant, after, PAGE_ROWS).await?,
        (Some(of), None) => store.installations_of(tenant, of, after, PAGE_ROWS).await?,
        (None, Some(at)) => store.installations_in(tenant, at, after, PAGE_ROWS).await?,
        (Some(of), Some(at)) => store.installation_at(tenant, of, at).await?.into_iter().collect(),
    })
}

fn within(place: &Place<'_>, there: &admin::Place) -> bool {
    let read = (Area::Installations, Access::Read);
    place.visit.rights.allow_in(place.id(), read, there).is_ok()
}

/// What looks for what is within reach of the visit.
pub fn manage(place: &Place<'_>) -> Manage {
    let by = By { rights: place.visit.rights.clone(), ..By::operator() };
    Manage::new(place.visit.call.app.store.clone(), by)
}

/// GET of one.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must_somewhere(Area::Installations, Access::Read) {
        return *answer;
    }
    let (row, secrets, recent) = match known(place, id).await {
        Ok(found) => found,
        Err(Trouble::Fault(fault)) => return place.visit.fault(&fault),
        Err(_) => return place.visit.not_found(),
    };
    let mut switch = match row.life {
        Life::Enabled => vec!["installation-disable", "installation-suspend", "installation-incident"],
        Life::Disabled { .. } => vec!["installation-enable", "installation-suspend", "installation-incident"],
        Life::Suspended { .. } => vec!["installation-resume", "installation-incident"],
        Life::Removed { .. } => Vec::new(),
    };
    // What the platform does, who administers in a context alone does not.
    let is_wide = place.may(Area::Installations, Access::Write);
    switch.retain(|act| is_wide || !OF_PLATFORM.contains(act));
    let acts: Vec<&str> =
        ["installation-edit"].into_iter().chain(switch).chain(["installation-remove"]).collect();
    let mut parts = vec![Part::Facts(facts(place, &row))];
    parts.extend(act::links(place, &acts, id, Some(row.version)));
    let deliveries = format!("/installations/{id}/deliveries");
    let mut see = vec![place.onward("console-deliveries", &deliveries, &[])];
    if place.may(Area::Clients, Access::Read) {
        see.push(place.onward("console-explain", "/explain", &[("installation", id)]));
    }
    parts.push(Part::Links(place.say("console-see-also"), see));
    parts.push(Part::Table(secrets_table(place, id, &secrets)));
    parts.extend(act::links_below(place, &["installation-rotate", "installation-rotate-shown"], id, None));
    parts.push(Part::Table(events(place, place.say("console-recent"), &recent.events, Vec::new())));
    let title = place.visit.frame.get(
        "console-installed-in",
        &[("extension", row.extension_id.as_str()), ("context", row.context_id.as_str())],
    );
    let page = place.page(Some(Section::Installations), title, parts);
    let trail = vec![place.trail(Section::Installations)];
    place.send(200, ConsolePage { trail, badges: state(place, row.life), ..page })
}

async fn known(
    place: &Place<'_>,
    id: &str,
) -> Result<(Installation, Vec<InstallationSecret>, EventPage), Trouble> {
    let store = &place.visit.call.app.store;
    let row =
        manage(place).installation(place.id(), &InstallationId::from(id), Access::Read).await?.installation;
    let mut secrets = store.installation_secrets(place.id(), &row.id).await?;
    secrets.retain(|secret| secret.expires_at.is_none_or(|end| place.visit.now() < end));
    let filter = EventFilter { installation: Some(row.id.clone()), ..EventFilter::default() };
    let recent = store.history(place.id(), &filter, Order::NewestFirst, None, FEW).await?;
    Ok((row, secrets, recent))
}

/// A table of installations.
pub fn table(
    place: &Place<'_>,
    (id, title): (&'static str, String),
    found: &[Installation],
    more: Option<Link>,
) -> Table {
    Table {
        id,
        title,
        columns: [
            "console-installation",
            "console-extension",
            "console-context",
            "console-state",
            "console-scopes",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: found
            .iter()
            .map(|row| {
                let (id, extension) = (row.id.as_str(), row.extension_id.as_str());
                vec![
                    vec![place.link((Area::Installations, "installations"), id, id)],
                    vec![place.link((Area::Extensions, "extensions"), extension, extension)],
                    context(place, row),
                    state(place, row.life),
                    code(row.scopes.to_string()),
                ]
            })
            .collect(),
        empty: place.say("console-no-installations"),
        more: more.into_iter().collect(),
    }
}

fn state(place: &Place<'_>, life: Life) -> Cell {
    let (key, tone) = match life {
        Life::Enabled => ("console-active", Tone::Good),
        Life::Disabled { .. } => ("console-disabled", Tone::Bad),
        Life::Suspended { .. } => ("console-suspended", Tone::Bad),
        Life::Removed { .. } => ("console-over", Tone::Dim),
    };
    vec![Bit::Badge(place.say(key), tone)]
}

fn context(place: &Place<'_>, row: &Installation) -> Cell {
    let id = row.context_id.as_str();
    match row.context {
        ContextKey(0) => vec![Bit::Say(place.say("console-the-tenant"))],
        _ => vec![place.link((Area::Contexts, "contexts"), id, id)],
    }
}

fn facts(place: &Place<'_>, row: &Installation) -> Facts {
    let extension = row.extension_id.as_str();
    let mut rows: Vec<(String, Cell)> = vec![
        (place.say("console-id"), code(row.id.as_str())),
        (
            place.say("console-extension"),
            vec![place.link((Area::Extensions, "extensions"), extension, extension)],
        ),
        (place.say("console-context"), context(place, row)),
        (place.say("console-scopes"), code(row.scopes.to_string())),
        (place.say("console-variant"), row.variant.iter().cloned().map(Bit::Code).collect()),
        (place.say("console-settings"), row.settings.keys().cloned().map(Bit::Code).collect()),
        (place.say("console-manifest-version"), code(row.manifest_version.to_string())),
        (
            place.say("console-installed-by"),
            row.installed_by.iter().map(|id| place.user(id.as_str())).collect(),
        ),
        (place.say("console-since"), time(Some(row.created_at))),
        (place.say("console-changed"), time(Some(row.updated_at))),
    ];
    rows.retain(|(_, value)| {
        !value.is_empty() && !matches!(value.as_slice(), [Bit::Code(code)] if code.is_empty())
    });
    Facts { id: "installation", title: place.say("console-installation"), rows }
}

fn secrets_table(place: &Place<'_>, id: &str, secrets: &[InstallationSecret]) -> Table {
    let now = place.visit.now();
    Table {
        id: "secrets",
        title: place.say("console-secrets"),
        columns: [
            "console-id",
            "console-state",
            "console-age",
            "console-delivered",
            "console-until",
            "console-acts",
        ]
        .map(|key| place.say(key))
        .into(),
        rows: secrets
            .iter()
            .map(|secret| {
                let (key, tone) = match secret.state {
                    SecretState::Pending => ("console-pending", Tone::Dim),
                    SecretState::Current => ("console-current", Tone::Good),
                    SecretState::Retiring => ("console-retiring", Tone::Dim),
                };
                let acts: &[&str] = match (secret.state, secret.delivered_at) {
                    (SecretState::Pending, None) => {
                        &["installation-secret-reveal", "installation-secret-end"]
                    }
                    (SecretState::Pending, Some(_)) => {
                        &["installation-secret-confirm", "installation-secret-end"]
                    }
                    (SecretState::Current | SecretState::Retiring, _) => &["installation-secret-end"],
                };
                let of = [("secret", secret.id.as_str())];
                let age = now.since_ms(secret.created_at) / 1000;
                vec![
                    code(secret.id.as_str()),
                    vec![Bit::Badge(place.say(key), tone)],
                    text(place.visit.frame.span(&age)),
                    time(secret.delivered_at),
                    time(secret.expires_at),
                    acts.iter().flat_map(|name| act::of_row(place, name, id, &of)).collect(),
                ]
            })
            .collect(),
        empty: place.say("console-no-secrets"),
        more: Vec::new(),
    }
}

/// What the platform alone does.
const OF_PLATFORM: [&str; 3] = ["installation-suspend", "installation-resume", "installation-incident"];
