//! A new password, wherever one is chosen: typed twice, and held against the one policy.

use doorward_crypto::password::BadPassword;
use doorward_crypto::password::policy::Unfit;
use doorward_crypto::secret::SecretString;
use doorward_wire::params::Params;

use crate::app::Call;
use crate::page::view::PasswordProblem;
use crate::password_pool::Busy;

/// What was typed in both of these fields, by a person of these names.
pub async fn chosen(
    call: &Call<'_>,
    form: &Params,
    [first, second]: [&str; 2],
    names: &[&str],
) -> Result<Result<SecretString, PasswordProblem>, Busy> {
    let typed = form.get(first).unwrap_or_default();
    if form.get(second).unwrap_or_default() != typed {
        return Ok(Err(PasswordProblem::Differs));
    }
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.push(call.tenant.tenant.name.clone());
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
