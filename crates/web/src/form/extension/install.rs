//! The page on which an extension is installed. What is asked depends on where: nobody consents to what they could not do there
//! themselves.

use doorward_core::admin::Place;
use doorward_core::admin::in_person::Visitor;
use doorward_core::id::{ContextId, ContextKey, ExtensionId};
use doorward_core::model::{Context, Extension};
use doorward_wire::params::Params;
use doorward_wire::percent;

use super::super::browser::Browser;
use super::super::error;
use super::INSTALLATIONS;
use super::offer::{Offer, view};
use super::spots::{Spots, is_installable};
use super::visitor::{form, manage, note, troubled, visitor};
use crate::app::Call;
use crate::manage::{Install, Manage, Trouble};
use crate::page::view::{ErrorKind, InstallNotice};
use crate::render::{self, Answer};

/// GET: where, and then what.
pub async fn get(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let visitor = match visitor(call, &browser).await {
        Ok(visitor) => visitor,
        Err(answer) => return answer,
    };
    let query = call.request.query.as_deref().and_then(|query| Params::parse_query(query).ok());
    let context = query.as_ref().and_then(|query| query.get("context")).filter(|id| !id.is_empty());
    let at = At { call, browser: &browser, visitor: &visitor };
    match at.show(id, context, None, (200, None)).await {
        Ok(answer) => answer,
        Err(trouble) => troubled(call, &browser, &trouble),
    }
}

/// POST: it is installed.
pub async fn post(call: &Call<'_>, id: &str) -> Answer {
    let browser = Browser::of(call);
    let (visitor, form, is_fresh) = match form(call, &browser).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let at = At { call, browser: &browser, visitor: &visitor };
    match at.install(id, &form, is_fresh).await {
        Ok(answer) => answer,
        Err(trouble) => troubled(call, &browser, &trouble),
    }
}

/// Who is at which request.
struct At<'a> {
    call: &'a Call<'a>,
    browser: &'a Browser,
    visitor: &'a Visitor,
}

/// Where it shall be installed.
struct There {
    id: ContextId,
    key: ContextKey,
    name: String,
    /// None: the tenant itself.
    place: Option<Place>,
}

impl At<'_> {
    async fn show(
        &self,
        id: &str,
        context: Option<&str>,
        chosen: Option<&Params>,
        (status, notice): (u16, Option<InstallNotice>),
    ) -> Result<Answer, Trouble> {
        let (call, browser) = (self.call, self.browser);
        let extension = self.extension(id).await?;
        let spots = Spots::of(call, self.visitor).await?;
        if !is_installable(&extension) && !spots.is_empty() {
            return Ok(not_offered(call, browser));
        }
        let free = spots.free_for(&extension);
        let there = match (context, free.as_slice()) {
            (Some(context), _) => Some(self.there(&extension, context).await?),
            (None, []) => return Err(unknown(id)),
            (None, [only]) => Some(self.there(&extension, only.id.as_str()).await?),
            (None, _) => None,
        };
        if let Some(there) = &there
            && let Some(answer) = self.installed(&extension, there).await?
        {
            return Ok(answer);
        }
        let action = format!("/account/extensions/{}/install", percent::encode(id));
        let ways = (action, "/account/extensions".to_owned());
        let mut page = view(call, browser, &extension, ways, notice).await?;
        page.places = free.iter().map(|spot| (spot.id.0.clone(), spot.name.clone())).collect();
        page.is_cut = spots.is_cut;
        page.asked = there
            .as_ref()
            .map(|there| self.offer(&extension, there).asked(call, page.frame.texts.locale(), chosen));
        Ok(browser.page(call, status, &page))
    }

    async fn install(&self, id: &str, form: &Params, is_fresh: bool) -> Result<Answer, Trouble> {
        let (call, browser) = (self.call, self.browser);
        let context = form.get("context").unwrap_or_default();
        let extension = self.extension(id).await?;
        let there = self.there(&extension, context).await?;
        let again = |status: u16, notice| self.show(id, Some(context), Some(form), (status, Some(notice)));
        if !is_fresh {
            return again(403, InstallNotice::Stale).await;
        }
        if !is_installable(&extension) {
            return Ok(not_offered(call, browser));
        }
        let shown = form.get("manifest").and_then(|version| version.parse().ok());
        if shown != Some(extension.manifest_version) {
            return self.show(id, Some(context), None, (409, Some(InstallNotice::Changed))).await;
        }
        let wanted = Install {
            extension: extension.id.clone(),
            context: there.id.clone(),
            scopes: self.offer(&extension, &there).consented(form),
            variant: form.get("variant").filter(|key| !key.is_empty()).map(str::to_owned),
            manifest_version: extension.manifest_version,
        };
        let manage = self.manage();
        let done = manage.install(&call.issuer.tenant, &wanted).await;
        if let Err(trouble) = &done {
            note(call, &manage, trouble).await;
        }
        match done {
            Ok(id) => Ok(render::see_other(&call.url(&format!("{INSTALLATIONS}{id}?done=installed")))),
            Err(Trouble::Exists { .. }) => {
                Ok(self.installed(&extension, &there).await?.ok_or(Trouble::Conflict)?)
            }
            Err(Trouble::Denied(_)) => again(403, InstallNotice::NotHeld).await,
            Err(Trouble::Stale | Trouble::Problems(_)) => {
                self.show(id, Some(context), None, (409, Some(InstallNotice::Changed))).await
            }
            Err(Trouble::Conflict) => again(409, InstallNotice::Conflict).await,
            Err(trouble) => Err(trouble),
        }
    }

    fn manage(&self) -> Manage {
        manage(self.call, self.visitor)
    }

    async fn extension(&self, id: &str) -> Result<Extension, Trouble> {
        let found = self.call.app.store.extension(&self.call.issuer.tenant, &ExtensionId::from(id)).await?;
        found.ok_or_else(|| unknown(id))
    }

    /// A place where the person may install the extension. Another is not there for them.
    async fn there(&self, extension: &Extension, context: &str) -> Result<There, Trouble> {
        let (call, manage) = (self.call, self.manage());
        let (tenant, id) = (&call.issuer.tenant, ContextId::from(context));
        let is_offered = manage.may_install(tenant, (&extension.id, &id)).await?;
        if !is_offered || !extension.manifest.fits(id.kind()) {
            return Err(unknown(context));
        }
        if context.strip_prefix("tenant/") == Some(tenant.as_str()) {
            let name = call.tenant.tenant.name.clone();
            return Ok(There { id, key: ContextKey(0), name, place: None });
        }
        let found: Option<(Context, Place)> = manage.place(tenant, &id).await?;
        let (found, place) = found.ok_or_else(|| unknown(context))?;
        Ok(There { id, key: found.key, name: found.name, place: Some(place) })
    }

    fn offer<'b>(&'b self, extension: &'b Extension, there: &'b There) -> Offer<'b> {
        Offer {
            visitor: self.visitor,
            extension,
            context: (there.id.0.clone(), there.name.clone()),
            place: there.place.as_ref(),
            before: None,
        }
    }

    /// To what is installed there already.
    async fn installed(&self, extension: &Extension, there: &There) -> Result<Option<Answer>, Trouble> {
        let (store, tenant) = (&self.call.app.store, &self.call.issuer.tenant);
        let found = store.installation_at(tenant, extension.key, there.key).await?;
        Ok(found
            .map(|row| render::see_other(&self.call.url(&format!("{INSTALLATIONS}{}?done=already", row.id)))))
    }
}

fn unknown(name: &str) -> Trouble {
    Trouble::Unknown { noun: "extension", name: name.to_owned() }
}

fn not_offered(call: &Call<'_>, browser: &Browser) -> Answer {
    error::with_way_back(call, browser, ErrorKind::NotOffered, None, super::back(call, browser))
}
