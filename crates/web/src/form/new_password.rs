//! A new password, wherever one is chosen: typed twice, and held against the one policy. Judging and hashing it is work, and is done
//! for nobody whose link is over, nor without end for who has one that works.

use doorward_core::model::User;
use doorward_crypto::password::BadPassword;
use doorward_crypto::password::policy::Unfit;
use doorward_crypto::secret::SecretString;
use doorward_wire::params::Params;

use crate::app::Call;
use crate::limit::Pending;
use crate::page::view::PasswordProblem;
use crate::password_pool::Busy;
use crate::render::Answer;
use crate::traffic::{self, Class};

/// The answer while nothing can be hashed or verified: known before anything is done for a form.
pub fn no_room(call: &Call<'_>) -> Option<Answer> {
    call.app.passwords.is_full().then(|| traffic::overloaded(call, Class::Page))
}

/// A form with a new password, sent by whoever holds this link, or has shown to be this person: it counts until the password is taken,
/// so that many at once count as many. `Err` gives the seconds to wait, as the page tells them.
pub fn begin<'a>(call: &'a Call<'_>, by: &str) -> Result<Pending<'a>, u32> {
    call.app.choices.begin((call.issuer.tenant.as_str(), by), call.app.store.now())
}

/// What a page says to whoever must wait for so many seconds.
pub const fn throttled(seconds: u32) -> PasswordProblem {
    PasswordProblem::Throttled { seconds: seconds as i64 }
}

/// What was typed in both of these fields, by this person, or by who becomes them: it holds nothing that they are called.
pub async fn chosen(
    call: &Call<'_>,
    form: &Params,
    [first, second]: [&str; 2],
    user: &User,
) -> Result<Result<SecretString, PasswordProblem>, Busy> {
    let typed = form.get(first).unwrap_or_default();
    if form.get(second).unwrap_or_default() != typed {
        return Ok(Err(PasswordProblem::Differs));
    }
    let names = user.called().chain([call.tenant.tenant.name.as_str()]).map(str::to_owned).collect();
    let min_length = call.app.options.password_min_length as usize;
    let judged = call.app.passwords.judge(SecretString::new(typed.to_owned()), min_length, names).await?;
    Ok(judged.map_err(|unfit| match unfit {
        Unfit::Bad(BadPassword::Empty) | Unfit::TooShort(_) => PasswordProblem::TooShort,
        Unfit::Bad(BadPassword::TooLong) => PasswordProblem::TooLong,
        Unfit::Bad(BadPassword::Control) => PasswordProblem::Unusable,
        Unfit::Guessable => PasswordProblem::TooCommon,
        Unfit::HoldsName => PasswordProblem::HoldsName,
        Unfit::Known => PasswordProblem::Known,
    }))
}
