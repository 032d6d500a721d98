//! The password of whoever is signed in, asked for once more: counted as an attempt, then verified.

use doorward_core::Reason;
use doorward_core::login::attempt::Attempt;
use doorward_core::model::User;
use doorward_core::needs::SessionHandle;
use doorward_crypto::secret::SecretString;
use doorward_wire::params::Params;

use super::browser::Browser;
use crate::app::Call;
use crate::run::{Outcome, run_plain};

/// What came of it.
pub struct Shown {
    /// The session in which it was asked for.
    pub session: SessionHandle,
    /// The attempt as which it was counted.
    pub attempt: Attempt,
    /// The stored hash that it was verified against.
    pub against: String,
    /// Whether it is right.
    pub fits: bool,
}

/// Counts, then verifies what the form has as `password`.
pub async fn shown(call: &Call<'_>, browser: &Browser, user: &User, form: &Params) -> Outcome<Shown> {
    let Some(session) = browser.session else { return Ok(Err(Reason::NotSignedIn.into())) };
    let attempt = Attempt::signed_in(user, &call.tenant.keys.ring);
    let counted = run_plain(call, attempt.needs(), |facts, ctx| attempt.decide(facts, ctx)).await?;
    let against = match counted {
        Ok(to_verify) => to_verify.phc,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let typed = SecretString::from(form.get("password").unwrap_or_default());
    let verified = call.app.passwords.verify(typed, against.clone()).await?;
    Ok(Ok(Shown { session, attempt, against, fits: verified.fits }))
}
