//! The one gate: whether anything may be issued from, or confirmed of, a grant. Every path asks it; nothing is alive by itself.

use crate::facts::{GrantFacts, InstallationFacts, SessionFacts, SessionState, Standing};
use crate::model::{ExtensionState, Life, User};
use crate::{Reason, Timestamp};

/// Whether the grant and all that it hangs on stand at `now`. The first thing that does not is the reason.
pub fn may_issue(facts: &GrantFacts, now: Timestamp) -> Result<(), Reason> {
    let grant = &facts.grant;
    standing(facts.tenant, Reason::TenantDisabled)?;
    standing(facts.client, Reason::ClientDisabled)?;
    user_stands(facts.user.as_ref(), grant.created_at)?;
    standing(facts.consent, Reason::ConsentEnded)?;
    if let Some(installed) = &grant.installation {
        let found = facts.installation.as_deref().ok_or(Reason::InstallationRemoved)?;
        installation_stands(found)?;
        if found.installed() != *installed {
            return Err(Reason::InstallationPast);
        }
        if !found.belongs.holds_from(grant.created_at) {
            return Err(Reason::NotAMember);
        }
    }
    if grant.ends_with_session() {
        session_stands(facts.session.as_ref(), now)?;
    }
    if grant.ended_at.is_some() {
        return Err(Reason::GrantEnded);
    }
    if !grant.is_open(now) {
        return Err(Reason::GrantExpired);
    }
    Ok(())
}

/// Whether an installation works: it, its extension, who makes that, and where it is installed.
pub fn installation_stands(facts: &InstallationFacts) -> Result<(), Reason> {
    match facts.installation.life {
        Life::Enabled => {}
        Life::Disabled { .. } => return Err(Reason::InstallationDisabled),
        Life::Suspended { .. } => return Err(Reason::InstallationSuspended),
        Life::Removed { .. } => return Err(Reason::InstallationRemoved),
    }
    let extension = facts.extension.ok_or(Reason::ExtensionGone)?;
    if extension.state == ExtensionState::Withdrawn {
        return Err(Reason::ExtensionWithdrawn);
    }
    if extension.suspended_at.is_some() {
        return Err(Reason::ExtensionSuspended);
    }
    if !extension.contributor_stands {
        return Err(Reason::ContributorGone);
    }
    if facts.context_stands { Ok(()) } else { Err(Reason::ContextGone) }
}

/// Whether a session and its person stand at `now`, so that the browser counts as signed in.
pub fn is_signed_in(facts: &SessionFacts, now: Timestamp) -> Result<&User, Reason> {
    if facts.tenant_disabled_at.is_some() {
        return Err(Reason::TenantDisabled);
    }
    let session = &facts.session;
    session_stands(Some(&SessionState::of(session)), now)?;
    user_stands(facts.user.as_ref(), session.auth_time)?;
    facts.user.as_ref().ok_or(Reason::UserRemoved)
}

/// Whether a person may be issued anything on the strength of an act at `since`.
pub fn user_stands(user: Option<&User>, since: Timestamp) -> Result<(), Reason> {
    let Some(user) = user else { return Err(Reason::UserRemoved) };
    if user.disabled_at.is_some() {
        return Err(Reason::UserDisabled);
    }
    if user.locked_at.is_some() {
        return Err(Reason::UserLocked);
    }
    if user.valid_from.is_some_and(|valid_from| since < valid_from) {
        return Err(Reason::BeforeValidFrom);
    }
    Ok(())
}

/// Whether a session stands at `now`; its person is asked elsewhere.
pub fn session_stands(session: Option<&SessionState>, now: Timestamp) -> Result<(), Reason> {
    let Some(session) = session else { return Err(Reason::SessionEnded) };
    if session.ended_at.is_some() {
        return Err(Reason::SessionEnded);
    }
    if now >= session.expires_at || now >= session.used_at.plus_ms(session.idle_ms) {
        return Err(Reason::SessionExpired);
    }
    Ok(())
}

fn standing(standing: Standing, reason: Reason) -> Result<(), Reason> {
    match standing {
        Standing::Live => Ok(()),
        Standing::Off(_) | Standing::Gone => Err(reason),
    }
}
