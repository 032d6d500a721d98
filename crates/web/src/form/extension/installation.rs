//! The page of an installation: for who belongs there its state and what it may do, for who administers it there its secrets and news too,
//! and what can be done.

use doorward_core::admin::in_person::Visitor;
use doorward_core::admin::{Access, Place};
use doorward_core::id::{InstallationId, UserId};
use doorward_core::model::{Actor, EventKind, Extension, Installation};
use doorward_core::needs::InstallationHandle;
use doorward_store::Fault;
use doorward_store::history::{EventFilter, Order};

use super::super::browser::Browser;
use super::super::continuation::lines;
use super::super::error;
use super::directory::state;
use super::offer::maker;
use super::told;
use super::visitor::{manage, troubled, visitor};
use super::words::{Words, texts};
use crate::app::Call;
use crate::manage::{Manage, Trouble};
use crate::page::view::{ErrorKind, InstallationNotice, InstallationPage, InstalledState, Told};
use crate::render::Answer;

/// An installation, as somebody may see it.
pub(super) struct Seen {
    pub row: Installation,
    pub extension: Extension,
    /// The name of what it is installed in.
    pub context: String,
    /// The same for rights; none: the tenant itself.
    pub place: Option<Place>,
    pub belongs: bool,
    /// Whether they administer it there: look at it, and change it.
    pub administers: bool,
    pub may_change: bool,
}

/// Why it is not seen.
pub(super) enum Unseen {
    /// It was removed.
    Gone,
    /// It is not there, or not theirs to see, or that cannot be told.
    Trouble(Trouble),
}

/// GET.
pub async fn get(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let visitor = match visitor(call, &browser).await {
        Ok(visitor) => visitor,
        Err(answer) => return answer,
    };
    let notice = call.request.query.as_deref().and_then(InstallationNotice::of_query);
    match seen(call, &visitor, id).await {
        Ok(seen) => page(call, &browser, &visitor, &seen, (200, notice)).await,
        Err(unseen) => not_seen(call, &browser, &unseen),
    }
}

/// The installation, for who belongs there or administers it.
pub(super) async fn seen(call: &Call<'_>, visitor: &Visitor, id: &str) -> Result<Seen, Unseen> {
    let (store, tenant) = (&call.app.store, &call.issuer.tenant);
    let id = InstallationId::from(id);
    let handle =
        InstallationHandle { id: id.clone(), secret_hash: None, user: Some(visitor.user.id.clone()) };
    let unknown = || Unseen::Trouble(Trouble::Unknown { noun: "installation", name: id.0.clone() });
    let found = store.installation_facts(tenant, &handle).await?.ok_or_else(unknown)?;
    let belongs = found.belongs.is_member();
    let manage = manage(call, visitor);
    let administered = match manage.installation(tenant, &id, Access::Read).await {
        Ok(found) => Some(found),
        Err(Trouble::Unknown { .. }) => None,
        Err(trouble) => return Err(Unseen::Trouble(trouble)),
    };
    if !belongs && administered.is_none() {
        return Err(unknown());
    }
    let row = found.installation;
    let (context, place) = match where_it_is(call, &manage, &row).await? {
        Some(place) if row.life.removed_at().is_none() => place,
        _ => return Err(Unseen::Gone),
    };
    let extension = store.extension_of_key(tenant, row.extension).await?.ok_or(Unseen::Gone)?;
    let may_change = administered.as_ref().is_some_and(|found| manage.administers(found, Access::Write));
    Ok(Seen { row, extension, context, place, belongs, administers: administered.is_some(), may_change })
}

/// The name of what it is installed in, and the place; none where that is gone.
async fn where_it_is(
    call: &Call<'_>,
    manage: &Manage,
    row: &Installation,
) -> Result<Option<(String, Option<Place>)>, Trouble> {
    if row.is_of_tenant() {
        return Ok(Some((call.tenant.tenant.name.clone(), None)));
    }
    let found = manage.place(&row.tenant, &row.context_id).await?;
    let found = found.filter(|(context, _)| context.key == row.context);
    Ok(found.map(|(context, place)| (context.name, Some(place))))
}

/// The page that says why it is not seen.
pub(super) fn not_seen(call: &Call<'_>, browser: &Browser, unseen: &Unseen) -> Answer {
    match unseen {
        Unseen::Gone => {
            let back = super::back(call, browser);
            error::with_way_back(call, browser, ErrorKind::InstallationGone, None, back)
        }
        Unseen::Trouble(trouble) => troubled(call, browser, trouble),
    }
}

/// The page.
pub(super) async fn page(
    call: &Call<'_>,
    browser: &Browser,
    visitor: &Visitor,
    seen: &Seen,
    (status, notice): (u16, Option<InstallationNotice>),
) -> Answer {
    match view(call, browser, visitor, seen, notice).await {
        Ok(view) => browser.page(call, status, &view),
        Err(fault) => error::fault(call, browser, &fault),
    }
}

async fn view(
    call: &Call<'_>,
    browser: &Browser,
    visitor: &Visitor,
    seen: &Seen,
    notice: Option<InstallationNotice>,
) -> Result<InstallationPage, Fault> {
    let Seen { row, extension, .. } = seen;
    let frame = browser.frame(call, None);
    let Words { name, summary, .. } = texts(&extension.manifest, frame.texts.locale());
    let state = state(row, extension);
    let state_since = match state {
        InstalledState::Disabled => row.life.disabled_at(),
        InstalledState::Suspended => extension.suspended_at.or(row.life.suspended_at()),
        InstalledState::Enabled | InstalledState::Withdrawn => None,
    };
    let told = if seen.administers {
        let told = told::of(call, &visitor.user, seen).await?;
        Some(Told {
            installed_by: match &row.installed_by {
                Some(user) => named(call, user).await?,
                None => None,
            },
            disabled_by: if state == InstalledState::Disabled { disabler(call, row).await? } else { None },
            ..told
        })
    } else {
        None
    };
    let is_deprecated = extension.state == doorward_core::model::ExtensionState::Deprecated;
    let variant = row.variant.as_deref().map(|key| {
        let known = extension.manifest.variant(Some(key)).map(|variant| variant.name.clone());
        known.filter(|name| !name.is_empty()).unwrap_or_else(|| key.to_owned())
    });
    Ok(InstallationPage {
        form: browser.form_token(call, "account"),
        id: row.id.0.clone(),
        name,
        summary,
        maker: maker(call, extension).await?,
        context: seen.context.clone(),
        state,
        state_since: state_since.map(doorward_core::Timestamp::seconds),
        deprecated: is_deprecated.then(|| extension.deprecated_on.clone().unwrap_or_default()),
        variant,
        since: row.created_at.seconds(),
        opens: seen.belongs && extension.manifest.launch_url.is_some() && state == InstalledState::Enabled,
        frames: !extension.manifest.frame_origins.is_empty(),
        scopes: lines(call, &row.scopes, &row.scopes, &visitor.user, None),
        told,
        may_change: seen.may_change,
        notice,
        frame,
    })
}

/// Who switched it off, where it was a person.
async fn disabler(call: &Call<'_>, row: &Installation) -> Result<Option<String>, Fault> {
    let Some(since) = row.life.disabled_at() else { return Ok(None) };
    let filter = EventFilter {
        installation: Some(row.id.clone()),
        kind: Some(EventKind::InstallationChanged),
        from: Some(since),
        to: Some(since.plus_ms(1)),
        ..EventFilter::default()
    };
    let found = call.app.store.history(&row.tenant, &filter, Order::OldestFirst, None, 1).await?;
    match found.events.first().map(|found| &found.event.actor) {
        Some(Actor::User(user)) => named(call, user).await,
        _ => Ok(None),
    }
}

/// What a person is called, who is still there.
async fn named(call: &Call<'_>, user: &UserId) -> Result<Option<String>, Fault> {
    let found = call.app.store.user(&call.issuer.tenant, user).await?;
    Ok(found.map(|found| match found.user.display_name() {
        "" => found.user.user_name.clone(),
        name => name.to_owned(),
    }))
}

impl From<Trouble> for Unseen {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Fault> for Unseen {
    fn from(fault: Fault) -> Self {
        Self::Trouble(fault.into())
    }
}
