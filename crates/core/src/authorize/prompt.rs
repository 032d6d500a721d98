//! `prompt` (OpenID Connect Core, section 3.1.2.1): `none` stands alone.

use doorward_wire::params::Params;
use doorward_wire::prompt::Prompts;

use super::Draft;
use crate::{Facts, Reason, Refusal};

pub(super) fn check<'a>(params: &Params, _: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    if let Some(prompt) = params.get("prompt") {
        draft.prompts = Prompts::parse(prompt).map_err(|_| Reason::PromptMalformed)?;
    }
    Ok(())
}
