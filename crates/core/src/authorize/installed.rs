//! Sign-in into an extension: where it is installed in a context that the person belongs to, consent was given there, and no page asks
//! again. Parameters of ours: `consent=installation` takes nothing else for consent, `installation` or `context` say which one is meant.

use doorward_wire::params::Params;

use super::Asked;
use crate::facts::InstallationFacts;
use crate::may_issue::installation_stands;
use crate::model::{ConsentPolicy, Extension};
use crate::{Facts, Needs, Reason};

/// Of which installation a request is.
#[derive(Debug)]
pub enum Where<'a> {
    /// Of none: the client is plain, or asks as one.
    Nowhere,
    /// Of this one, which the person belongs to.
    Here(&'a InstallationFacts, &'a Extension),
    /// Of one of several: the person says which.
    Several,
    /// Of one that is not there, not theirs, or does not work.
    Refused(Reason),
}

/// Which installations are looked for: those of the client, of the session's person.
pub(super) fn needs(params: &Params, needs: &mut Needs) {
    if needs.session.is_some() {
        needs.installed_for = params.get("client_id").map(Into::into);
        needs.place = named(params).map(str::to_owned);
    }
}

/// Whether nothing but an installation counts as consent.
pub(super) fn is_demanded(params: &Params) -> bool {
    params.get("consent") == Some("installation")
}

/// Which one is meant, where the request says so.
pub(super) fn named(params: &Params) -> Option<&str> {
    params.get("installation").or_else(|| params.get("context"))
}

/// Of which installation the request is. What is asked about beforehand ([`crate::permission::explain`]) is told by the same rule.
pub fn find<'a>(params: &Params, facts: &'a Facts) -> Where<'a> {
    let is_meant = is_demanded(params) || named(params).is_some();
    let Some(extension) = facts.extension.as_deref() else {
        return if is_meant { Where::Refused(Reason::ExtensionGone) } else { Where::Nowhere };
    };
    match (facts.installation.as_deref(), facts.places.len()) {
        (Some(found), _) => match installation_stands(found) {
            Ok(()) if found.belongs.is_member() => Where::Here(found, extension),
            Ok(()) => Where::Refused(Reason::NotAMember),
            Err(reason) => Where::Refused(reason),
        },
        // An extension acts for whoever belongs to where it is installed, and for nobody else, whatever they would allow.
        (None, 0) if named(params).is_some() => Where::Refused(Reason::InstallationRemoved),
        (None, 0) => Where::Refused(Reason::InstalledNowhere),
        (None, _) => Where::Several,
    }
}

/// What of the request may be asked there.
pub(super) fn narrowed<'a>(asked: Asked<'a>, found: &InstallationFacts, extension: &Extension) -> Asked<'a> {
    let consented = &found.installation.scopes;
    Asked {
        scopes: asked.scopes.intersection(consented),
        to_allow: asked.to_allow.intersection(consented),
        installed: Some(found.installed()),
        is_allowed: extension.manifest.consent == ConsentPolicy::Implicit,
        ..asked
    }
}
