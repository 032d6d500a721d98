//! The extensions that are installed in what a person belongs to, with a button that opens each.

use std::collections::HashMap;

use doorward_core::id::{ContextId, ExtensionId};
use doorward_core::model::{Extension, ExtensionState, Installation, Life, User};
use doorward_store::Fault;

use super::super::account::person;
use super::super::browser::Browser;
use super::super::continuation::lines;
use super::super::error;
use super::words::{Words, place_name, texts};
use crate::app::Call;
use crate::page::view::{InstalledRow, InstalledState, MyExtensions};
use crate::render::Answer;

/// GET.
pub async fn get(call: &Call<'_>) -> Answer {
    let browser = Browser::of(call);
    let user = match person(call, &browser).await {
        Ok(user) => user,
        Err(answer) => return answer,
    };
    match rows(call, &browser, &user).await {
        Ok(rows) => {
            let view = MyExtensions {
                frame: browser.frame(call, None),
                form: browser.form_token(call, "account"),
                rows,
            };
            browser.page(call, 200, &view)
        }
        Err(fault) => error::fault(call, &browser, &fault),
    }
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
    let state = match (row.life, of.state) {
        (_, ExtensionState::Withdrawn) => InstalledState::Withdrawn,
        _ if of.suspended_at.is_some() => InstalledState::Suspended,
        (Life::Suspended { .. }, _) => InstalledState::Suspended,
        (Life::Disabled { .. }, _) => InstalledState::Disabled,
        (Life::Enabled | Life::Removed { .. }, _) => InstalledState::Enabled,
    };
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

/// Installations that are shown at most.
const MOST: i64 = 200;
