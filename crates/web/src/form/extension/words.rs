//! What pages call an extension, and what it is installed in.

use doorward_core::id::ContextId;
use doorward_core::model::{Manifest, RequestedScope};
use doorward_store::Fault;

use crate::app::Call;

/// What an extension says of itself in a language, where it has it in that.
pub(super) struct Words {
    pub name: String,
    pub summary: String,
    pub description: String,
}

/// The words of a manifest.
pub(super) fn texts(manifest: &Manifest, language: &str) -> Words {
    let translated = manifest.texts.get(language);
    let of = |text: Option<&String>, usual: &String| text.unwrap_or(usual).clone();
    Words {
        name: of(translated.and_then(|texts| texts.name.as_ref()), &manifest.name),
        summary: of(translated.and_then(|texts| texts.summary.as_ref()), &manifest.summary),
        description: of(translated.and_then(|texts| texts.description.as_ref()), &manifest.description),
    }
}

/// Why a scope is asked for, in its maker's words.
pub(super) fn reason(scope: &RequestedScope, language: &str) -> String {
    scope.reasons.get(language).unwrap_or(&scope.reason).clone()
}

/// The name of what something is installed in: of a context, or of the tenant itself.
pub(super) async fn place_name(call: &Call<'_>, id: &ContextId) -> Result<String, Fault> {
    let found = call.app.store.context(&call.issuer.tenant, id).await?;
    Ok(found.map_or_else(|| call.tenant.tenant.name.clone(), |found| found.name))
}
