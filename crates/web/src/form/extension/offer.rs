//! The page on which somebody consents to an extension, as it is installed or later: what of its manifest is shown, and what of the form
//! is consented to.

use doorward_core::admin::Place;
use doorward_core::admin::in_contexts::may_consent;
use doorward_core::admin::in_person::Visitor;
use doorward_core::model::{ConsentPolicy, Extension, RequestedScope};
use doorward_store::Fault;
use doorward_wire::params::Params;
use doorward_wire::scope::Scopes;

use super::super::browser::Browser;
use super::super::continuation::line;
use super::words::{Words, place_name, reason, texts};
use crate::app::Call;
use crate::page::view::{Asked, AskedScope, InstallExtension, InstallNotice, VariantChoice};

/// What is consented to, and by whom.
pub(super) struct Offer<'a> {
    pub visitor: &'a Visitor,
    pub extension: &'a Extension,
    /// The typed id and the name of where.
    pub context: (String, String),
    /// The same for rights; none: the tenant itself.
    pub place: Option<&'a Place>,
    /// What was consented to before, where it is installed.
    pub before: Option<&'a Scopes>,
}

impl Offer<'_> {
    /// What the page asks. `form` is what was chosen before, where it is asked again.
    pub fn asked(&self, call: &Call<'_>, language: &str, form: Option<&Params>) -> Asked {
        let manifest = &self.extension.manifest;
        let chosen = form.and_then(|form| form.get("variant"));
        let chosen = manifest.variant(chosen).or(manifest.variants.first());
        let variant = |variant: &doorward_core::model::Variant| VariantChoice {
            key: variant.key.clone(),
            name: if variant.name.is_empty() { variant.key.clone() } else { variant.name.clone() },
            description: variant.description.clone(),
            is_chosen: chosen.is_some_and(|chosen| chosen.key == variant.key),
        };
        let (optional, required): (Vec<_>, Vec<_>) = manifest.scopes.iter().partition(|scope| scope.optional);
        let scopes = |scopes: Vec<&RequestedScope>| {
            scopes.into_iter().map(|scope| self.scope(call, language, scope, form)).collect()
        };
        Asked {
            is_change: self.before.is_some(),
            context: self.context.0.clone(),
            context_name: self.context.1.clone(),
            manifest: self.extension.manifest_version,
            variants: match self.before {
                None => manifest.variants.iter().map(variant).collect(),
                Some(_) => Vec::new(),
            },
            required: scopes(required),
            optional: scopes(optional),
            asks_members: manifest.consent == ConsentPolicy::Asked,
        }
    }

    fn scope(
        &self,
        call: &Call<'_>,
        language: &str,
        scope: &RequestedScope,
        form: Option<&Params>,
    ) -> AskedScope {
        let was_there = self.before.is_some_and(|before| before.contains(&scope.name));
        let alone = Scopes::from_words([scope.name.as_str()]).unwrap_or_default();
        let is_held = may_consent(&alone, &call.tenant.apis, self.place, &self.visitor.rights).is_ok();
        let is_allowed = match form {
            Some(form) => is_ticked(form, &scope.name),
            None if self.before.is_some() => was_there,
            None => is_held,
        };
        AskedScope {
            line: line(call, &scope.name, !was_there, language),
            reason: reason(scope, language),
            is_held,
            is_allowed,
            is_new: !was_there,
        }
    }

    /// What a form of that page consents to: all that is insisted on, and what else is ticked.
    pub fn consented(&self, form: &Params) -> Scopes {
        let asks = self.extension.manifest.asks();
        let needed = self.extension.manifest.insists_on();
        asks.filter(|scope| needed.contains(scope) || is_ticked(form, scope))
    }
}

fn is_ticked(form: &Params, scope: &str) -> bool {
    form.get(&format!("scope.{scope}")) == Some("on")
}

/// The page, but for what it asks.
pub(super) async fn view(
    call: &Call<'_>,
    browser: &Browser,
    extension: &Extension,
    (action, back): (String, String),
    notice: Option<InstallNotice>,
) -> Result<InstallExtension, Fault> {
    let frame = browser.frame(call, None);
    let Words { name, summary, description } = texts(&extension.manifest, frame.texts.locale());
    Ok(InstallExtension {
        form: browser.form_token(call, "account"),
        action,
        back,
        name,
        summary,
        description,
        maker: maker(call, extension).await?,
        places: Vec::new(),
        is_cut: false,
        asked: None,
        notice,
        frame,
    })
}

/// Who makes an extension.
pub(super) async fn maker(call: &Call<'_>, extension: &Extension) -> Result<String, Fault> {
    match &extension.contributor {
        Some(contributor) => place_name(call, contributor).await,
        None => Ok(call.tenant.tenant.name.clone()),
    }
}
