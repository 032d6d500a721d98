//! `max_age` (OpenID Connect Core, section 3.1.2.1): how many seconds ago the person may have signed in.

use doorward_wire::max_age;
use doorward_wire::params::Params;
use doorward_wire::prompt::Prompt;

use super::{Asked, Draft};
use crate::{Facts, Reason, Refusal, Timestamp};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    if let Some(text) = params.get("max_age") {
        draft.max_age_s = Some(max_age::parse(text).map_err(|_| Reason::MaxAgeMalformed)?);
    }
    Ok(())
}

/// Whether a sign-in at `auth_time` is recent enough for `prompt=login`, which takes none of before, and `max_age`. One since `shown_at`,
/// when the request was first shown on a page, always is.
pub(super) fn is_recent(
    asked: &Asked<'_>,
    shown_at: Option<Timestamp>,
    auth_time: Timestamp,
    now: Timestamp,
) -> bool {
    let is_too_old = |max_age_s: u32| now.since_ms(auth_time) > i64::from(max_age_s) * 1000;
    let is_due = asked.prompts.contains(Prompt::Login) || asked.max_age_s.is_some_and(is_too_old);
    !is_due || is_since(shown_at, auth_time)
}

/// Whether somebody signed in for the very request that was first shown on a page at `shown_at`.
pub(super) fn is_since(shown_at: Option<Timestamp>, auth_time: Timestamp) -> bool {
    shown_at.is_some_and(|shown_at| auth_time >= shown_at)
}
