//! The extensions that are installed in what a person belongs to, with a button that opens each, and those that they may install.

use std::collections::HashMap;

use doorward_core::admin::in_person::Visitor;
use doorward_core::id::{ContextId, ExtensionId};
use doorward_core::model::{Extension, ExtensionState, Installation, Life, User};
use doorward_store::Fault;
use doorward_wire::params::Params;
use doorward_wire::percent;

use super::super::browser::Browser;
use super::super::continuation::lines;
use super::super::error;
use super::offer::maker;
use super::spots::Spots;
use super::visitor::visitor;
use super::words::{Words, place_name, texts};
use crate::app::Call;
use crate::page::view::{AvailableRow, InstalledRow, InstalledState, MyExtensions};
use crate::render::Answer;

/// GET.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let visitor = match visitor(call, &browser).await {
        Ok(visitor) => visitor,
        Err(answer) => return answer,
    };
    match view(call, &browser, &visitor).await {
        Ok(view) => browser.page(call, 200, &view),
        Err(fault) => error::fault(call, &browser, &fault),
    }
}

async fn view(call: &Call<'_>, browser: &Browser, visitor: &Visitor) -> Result<MyExtensions, Fault> {
    let query = call.request.query.as_deref().unwrap_or_default();
    let asked = Params::parse_query(query).unwrap_or_default();
    let after = asked.get("after").unwrap_or_default();
    let spots = Spots::of(call, visitor).await?;
    let (available, next) = match spots.is_empty() {
        true => (None, None),
        false => {
            let (rows, next) = available(call, browser, &spots, after).await?;
            (Some(rows), next)
        }
    };
    Ok(MyExtensions {
        frame: browser.frame(call, None),
        form: browser.form_token(call, "account"),
        rows: rows(call, browser, &visitor.user).await?,
        available,
        next,
        is_removed: asked.get("done") == Some("removed"),
    })
}

/// What can be installed, and where the list goes on.
async fn available(
    call: &Call<'_>,
    browser: &Browser,
    spots: &Spots,
    after: &str,
) -> Result<(Vec<AvailableRow>, Option<String>), Fault> {
    let found = call.app.store.extensions_from(&call.issuer.tenant, after, PAGE).await?;
    let last =
        found.last().filter(|_| found.len() == PAGE_ROWS).map(|last| percent::encode(last.id.as_str()));
    let language = browser.frame(call, None).texts.locale();
    let mut rows = Vec::new();
    for extension in &found {
        let free = spots.free_for(extension);
        if free.is_empty() {
            continue;
        }
        let Words { name, summary, .. } = texts(&extension.manifest, language);
        rows.push(AvailableRow {
            id: percent::encode(extension.id.as_str()),
            name,
            summary,
            maker: maker(call, extension).await?,
            places: free.iter().take(FEW).map(|spot| spot.name.clone()).collect(),
            more: i64::try_from(free.len().saturating_sub(FEW)).unwrap_or_default(),
            is_unpublished: extension.state < ExtensionState::Published,
        });
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((rows, last))
}

async fn rows(call: &Call<'_>, browser: &Browser, user: &User) -> Result<Vec<InstalledRow>, Fault> {
    let (store, tenant) = (&call.app.store, &call.issuer.tenant);
    let installed = store.installations_for(tenant, &user.id, "", MOST).await?;
    let mut extensions: HashMap<ExtensionId, Option<Extension>> = HashMap::new();
    let mut names: HashMap<ContextId, String> = HashMap::new();
    let language = browser.frame(call, None).texts.locale();
    let mut rows = Vec::with_capacity(installed.len());
    for row in installed {
        if !extensions.contains_key(&row.extension_id) {
            let found = store.extension(tenant, &row.extension_id).await?;
            extensions.insert(row.extension_id.clone(), found);
        }
        if !names.contains_key(&row.context_id) {
            let name = place_name(call, &row.context_id).await?;
            names.insert(row.context_id.clone(), name);
        }
        let of = extensions.get(&row.extension_id).and_then(Option::as_ref);
        let Some(of) = of.filter(|of| of.key == row.extension) else { continue };
        rows.push(shown(call, user, &row, of, (&names[&row.context_id], language)));
    }
    rows.sort_by(|one, other| (&one.name, &one.context_name).cmp(&(&other.name, &other.context_name)));
    Ok(rows)
}

fn shown(
    call: &Call<'_>,
    user: &User,
    row: &Installation,
    of: &Extension,
    (context, language): (&str, &str),
) -> InstalledRow {
    let Words { name, summary, .. } = texts(&of.manifest, language);
    let state = state(row, of);
    InstalledRow {
        id: row.id.0.clone(),
        name,
        summary,
        context: row.context_id.0.clone(),
        context_name: context.to_owned(),
        state,
        opens: of.manifest.launch_url.is_some() && state == InstalledState::Enabled,
        scopes: lines(call, &row.scopes, &row.scopes, user, None),
        since: row.created_at.seconds(),
    }
}

/// Whether an installation works, as its people see it.
pub(super) fn state(row: &Installation, of: &Extension) -> InstalledState {
    match (row.life, of.state) {
        (_, ExtensionState::Withdrawn) => InstalledState::Withdrawn,
        _ if of.suspended_at.is_some() => InstalledState::Suspended,
        (Life::Suspended { .. }, _) => InstalledState::Suspended,
        (Life::Disabled { .. }, _) => InstalledState::Disabled,
        (Life::Enabled | Life::Removed { .. }, _) => InstalledState::Enabled,
    }
}

/// Extensions that are looked at for one page.
const PAGE: i64 = 200;
/// The same.
const PAGE_ROWS: usize = 200;
/// Places of an extension that are named.
const FEW: usize = 3;
/// Installations that are shown at most.
const MOST: i64 = 200;
