//! `response_type` (RFC 6749, section 3.1.1; OAuth 2.0 Multiple Response Types, section 3): a table of rows. An issuer's wire contract says
//! which of them it speaks; the specifications have given up tokens in redirects (RFC 9700, section 2.1.2).

use doorward_wire::params::Params;
use doorward_wire::response_mode::ResponseMode;
use doorward_wire::response_type::ResponseType;

use super::Draft;
use crate::policies::Policies;
use crate::{Facts, Reason, Refusal};

/// A row.
#[derive(PartialEq, Eq, Debug)]
pub struct Row {
    /// Its name.
    pub name: ResponseType,
    /// The grant type for which a client must be registered that asks for it (RFC 7591, section 2.1).
    pub grant_type: &'static str,
    /// The modes in which the answer may travel; the first is the default. Tokens never stand in a query, nor a code in a fragment.
    pub modes: &'static [ResponseMode],
    /// Whether a code is given.
    pub code: bool,
    /// Whether an access token is given.
    pub token: bool,
    /// Whether an ID token is given.
    pub id_token: bool,
}

/// `code`.
pub const CODE: Row = Row {
    name: ResponseType::Code,
    grant_type: "authorization_code",
    modes: &[ResponseMode::Query, ResponseMode::FormPost],
    code: true,
    token: false,
    id_token: false,
};

/// `token` (RFC 6749, section 4.2).
pub const TOKEN: Row = Row { name: ResponseType::Token, token: true, ..IMPLICIT };

/// `id_token` (OpenID Connect Core, section 3.2).
pub const ID_TOKEN: Row = Row { name: ResponseType::IdToken, id_token: true, ..IMPLICIT };

/// `id_token token`.
pub const ID_TOKEN_TOKEN: Row =
    Row { name: ResponseType::IdTokenToken, token: true, id_token: true, ..IMPLICIT };

const IMPLICIT: Row = Row {
    name: ResponseType::Token,
    grant_type: "implicit",
    modes: &[ResponseMode::Fragment, ResponseMode::FormPost],
    code: false,
    token: false,
    id_token: false,
};

impl Row {
    /// The row that a request names, among those that are spoken here.
    pub fn asked(params: &Params, policies: &Policies) -> Result<&'static Self, Reason> {
        let asked = params.get("response_type").ok_or(Reason::ResponseTypeMissing)?;
        let known = ResponseType::parse(asked).ok();
        let row = policies.response_types.iter().find(|row| Some(row.name) == known);
        row.ok_or(Reason::ResponseTypeUnknown)
    }

    /// The modes of an answer, also of one that says that no row was found.
    pub fn modes_of(params: &Params, policies: &Policies) -> &'static [ResponseMode] {
        Self::asked(params, policies).map_or(CODE.modes, |row| row.modes)
    }
}

pub(super) fn check<'a>(params: &Params, facts: &'a Facts, draft: &mut Draft<'a>) -> Result<(), Refusal> {
    draft.response = Some(Row::asked(params, facts.policies)?);
    Ok(())
}
