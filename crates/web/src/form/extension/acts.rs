//! What who administers an installation does to it: switch it off and on, change what it may do, remove it. Each is asked about their
//! rights when it is done, not when its button was shown.

use doorward_core::Reason;
use doorward_core::admin::in_person::Visitor;
use doorward_wire::params::Params;

use super::super::browser::Browser;
use super::super::error;
use super::INSTALLATIONS;
use super::installation::{Seen, Unseen, not_seen, page, seen};
use super::offer::{self, Offer};
use super::visitor::{form, manage, note, troubled, visitor};
use super::words::texts;
use crate::app::Call;
use crate::manage::Trouble;
use crate::page::view::{InstallNotice, InstallationNotice, RemoveInstallation};
use crate::render::{self, Answer};

/// POST: it is switched on, or off.
pub async fn switch(call: &Call<'_>, id: &str, is_on: bool) -> Answer {
    let browser = Browser::of(call);
    let (visitor, seen, _) = match posted(call, &browser, id).await {
        Ok(Posted { visitor, seen, form: Some(form) }) => (visitor, seen, form),
        Ok(Posted { visitor, seen, form: None }) => {
            return page(call, &browser, &visitor, &seen, (403, Some(InstallationNotice::Stale))).await;
        }
        Err(answer) => return answer,
    };
    let manage = manage(call, &visitor);
    let done = manage.switch(&seen.row, is_on).await;
    let notice = match &done {
        Ok(()) => {
            let done = if is_on { "enabled" } else { "disabled" };
            return render::see_other(&call.url(&format!("{INSTALLATIONS}{id}?done={done}")));
        }
        Err(Trouble::Refused(_)) => InstallationNotice::Suspended,
        Err(Trouble::Conflict) => InstallationNotice::Conflict,
        Err(trouble) => return gone_or(call, &browser, trouble),
    };
    page(call, &browser, &visitor, &seen, (409, Some(notice))).await
}

/// GET: the page that asks before it is removed.
pub async fn ask_remove(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    match changeable(call, &browser, id).await {
        Ok((_, seen)) => removal(call, &browser, &seen, (200, None)),
        Err(answer) => answer,
    }
}

/// POST: it is removed.
pub async fn remove(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let (visitor, seen) = match posted(call, &browser, id).await {
        Ok(Posted { visitor, seen, form: Some(_) }) => (visitor, seen),
        Ok(Posted { seen, form: None, .. }) => {
            return removal(call, &browser, &seen, (403, Some(InstallationNotice::Stale)));
        }
        Err(answer) => return answer,
    };
    match manage(call, &visitor).uninstall(&seen.row).await {
        Ok(()) => render::see_other(&call.url("/account/extensions?done=removed")),
        Err(Trouble::Conflict) => removal(call, &browser, &seen, (409, Some(InstallationNotice::Conflict))),
        Err(trouble) => gone_or(call, &browser, &trouble),
    }
}

/// GET: what it may do, to be changed.
pub async fn ask_scopes(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    match changeable(call, &browser, id).await {
        Ok((visitor, seen)) => scopes_page(call, &browser, (&visitor, &seen), None, (200, None)).await,
        Err(answer) => answer,
    }
}

/// POST: it may do that from now on.
pub async fn scopes(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let (visitor, seen, form) = match posted(call, &browser, id).await {
        Ok(Posted { visitor, seen, form: Some(form) }) => (visitor, seen, form),
        Ok(Posted { visitor, seen, form: None }) => {
            let why = (403, Some(InstallNotice::Stale));
            return scopes_page(call, &browser, (&visitor, &seen), None, why).await;
        }
        Err(answer) => return answer,
    };
    let version = seen.extension.manifest_version;
    let shown = form.get("manifest").and_then(|version| version.parse().ok());
    let manage = manage(call, &visitor);
    let done = if shown == Some(version) {
        manage.consent(&seen.row, &offered(&visitor, &seen).consented(&form), version).await
    } else {
        Err(Trouble::Stale)
    };
    if let Err(trouble) = &done {
        note(call, &manage, trouble).await;
    }
    let (chosen, status, notice) = match &done {
        Ok(()) => return render::see_other(&call.url(&format!("{INSTALLATIONS}{id}?done=changed"))),
        Err(Trouble::Denied(_)) => (Some(&form), 403, InstallNotice::NotHeld),
        Err(Trouble::Stale | Trouble::Problems(_)) => (None, 409, InstallNotice::Changed),
        Err(Trouble::Conflict) => (Some(&form), 409, InstallNotice::Conflict),
        Err(trouble) => return gone_or(call, &browser, trouble),
    };
    scopes_page(call, &browser, (&visitor, &seen), chosen, (status, Some(notice))).await
}

/// A form for an installation that its sender may change.
struct Posted {
    visitor: Visitor,
    seen: Seen,
    /// None: it went stale, and nothing is done.
    form: Option<Params>,
}

async fn posted(call: &Call<'_>, browser: &Browser, id: &str) -> Result<Posted, Answer> {
    let (visitor, form, is_fresh) = form(call, browser).await?;
    let seen = may_change(call, browser, &visitor, id).await?;
    Ok(Posted { visitor, seen, form: is_fresh.then_some(form) })
}

async fn changeable(call: &Call<'_>, browser: &Browser, id: &str) -> Result<(Visitor, Seen), Answer> {
    let visitor = visitor(call, browser).await?;
    let seen = may_change(call, browser, &visitor, id).await?;
    Ok((visitor, seen))
}

/// For who may not change it, there is nothing here.
async fn may_change(call: &Call<'_>, browser: &Browser, visitor: &Visitor, id: &str) -> Result<Seen, Answer> {
    match seen(call, visitor, id).await {
        Ok(seen) if seen.may_change => Ok(seen),
        Ok(_) => Err(error::refused(call, browser, &Reason::ObjectUnknown.into())),
        Err(unseen) => Err(not_seen(call, browser, &unseen)),
    }
}

/// What was there a moment ago is gone.
fn gone_or(call: &Call<'_>, browser: &Browser, trouble: &Trouble) -> Answer {
    match trouble {
        Trouble::Unknown { .. } => not_seen(call, browser, &Unseen::Gone),
        trouble => troubled(call, browser, trouble),
    }
}

fn removal(
    call: &Call<'_>,
    browser: &Browser,
    seen: &Seen,
    (status, problem): (u16, Option<InstallationNotice>),
) -> Answer {
    let frame = browser.frame(call, None);
    let view = RemoveInstallation {
        form: browser.form_token(call, "account"),
        id: seen.row.id.0.clone(),
        name: texts(&seen.extension.manifest, frame.texts.locale()).name,
        context: seen.context.clone(),
        problem,
        frame,
    };
    browser.page(call, status, &view)
}

fn offered<'a>(visitor: &'a Visitor, seen: &'a Seen) -> Offer<'a> {
    Offer {
        visitor,
        extension: &seen.extension,
        context: (seen.row.context_id.0.clone(), seen.context.clone()),
        place: seen.place.as_ref(),
        before: Some(&seen.row.scopes),
    }
}

async fn scopes_page(
    call: &Call<'_>,
    browser: &Browser,
    (visitor, seen): (&Visitor, &Seen),
    chosen: Option<&Params>,
    (status, notice): (u16, Option<InstallNotice>),
) -> Answer {
    let here = format!("{INSTALLATIONS}{}", seen.row.id);
    let ways = (format!("{here}/scopes"), here);
    match offer::view(call, browser, &seen.extension, ways, notice).await {
        Ok(mut page) => {
            let language = page.frame.texts.locale();
            page.asked = Some(offered(visitor, seen).asked(call, language, chosen));
            browser.page(call, status, &page)
        }
        Err(fault) => error::fault(call, browser, &fault),
    }
}
