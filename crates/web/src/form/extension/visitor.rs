//! Who is at the pages of extensions, and what is carried out for them.

use doorward_core::admin::in_person::{self, Lacks, Visitor};
use doorward_core::model::Actor;
use doorward_core::{Facts, Reason};
use doorward_wire::params::Params;
use serde_json::json;

use super::super::browser::{Browser, posted};
use super::super::continuation::Arrival;
use super::super::journey::{Behind, Journey, Purpose};
use super::super::sign_in::account_page;
use super::super::{account_factor, error};
use crate::admin::note_denied;
use crate::app::Call;
use crate::manage::{By, Manage, Trouble};
use crate::page::view::ErrorKind;
use crate::render::{self, Answer};
use crate::run::run_plain;

/// Who is there. Nobody: they sign in, and come back to the page. Somebody who administers and has not shown their second factor shows it first.
pub(super) async fn visitor(call: &Call<'_>, browser: &Browser) -> Result<Visitor, Answer> {
    let decide = |facts: &Facts, ctx: &mut doorward_core::Ctx<'_>| in_person::decide(facts, ctx);
    match run_plain(call, in_person::needs(browser.session), decide).await {
        Ok(Ok(visitor)) => {
            browser.knows(&visitor.user);
            match visitor.lacks {
                None => Ok(visitor),
                Some(Lacks::Code) => Err(account_factor::ask(call, browser, Behind::Extensions).await),
                Some(Lacks::Factor) => Err(render::see_other(&call.url("/account/second-factor"))),
            }
        }
        Ok(Err(_)) if call.request.is_read() => {
            let query = call.request.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
            let purpose = Purpose::Page(format!("{}{query}", call.path));
            let journey = Journey::begin(purpose, browser, call.app.store.now());
            Err(account_page(call, browser, &journey, Arrival::default(), 200).await)
        }
        Ok(Err(_)) => Err(render::see_other(&call.url("/sign-in"))),
        Err(failure) => Err(error::failed(call, browser, &failure)),
    }
}

/// A form of a page of ours, and whether it is fresh: nothing is done for one that is stale.
pub(super) async fn form(call: &Call<'_>, browser: &Browser) -> Result<(Visitor, Params, bool), Answer> {
    let form = posted(call, browser).map_err(|answer| *answer)?;
    let visitor = visitor(call, browser).await?;
    let is_fresh = browser.fits(call, "account", form.get("form"));
    if !is_fresh {
        call.app.tally.refused(&call.issuer.tenant, Reason::FormStale);
    }
    Ok((visitor, form, is_fresh))
}

/// What carries out what they do, under their rights.
pub(super) fn manage(call: &Call<'_>, visitor: &Visitor) -> Manage {
    let by = By {
        actor: Actor::User(visitor.user.id.clone()),
        rights: visitor.rights.clone(),
        session: None,
        request_id: call.request.request_id.clone(),
        address: call.address.clone(),
    };
    Manage::new(call.app.store.clone(), by)
}

/// Records what somebody may not do.
pub(super) async fn note(call: &Call<'_>, manage: &Manage, trouble: &Trouble) {
    if let Trouble::Denied(denied) = trouble {
        let denial = manage.denial(&call.issuer.tenant, PAGES, denied, json!({}));
        // Where it cannot be written, nothing was done all the same.
        let _outage = note_denied(call, vec![denial]).await;
    }
}

/// The page for what went wrong and has no words of its own.
pub(super) fn troubled(call: &Call<'_>, browser: &Browser, trouble: &Trouble) -> Answer {
    match trouble {
        Trouble::Fault(fault) => error::fault(call, browser, fault),
        Trouble::Unknown { .. } => error::page(call, browser, ErrorKind::NotFound, None),
        other => error::page(call, browser, ErrorKind::BadRequest, Some(other.to_string())),
    }
}

/// What these pages are called in events.
const PAGES: &str = "/account/extensions";
