//! eZ Publish legacy: its REST API's OAuth, after draft-ietf-oauth-v2-10. Tokens come in pairs of letters and digits, and a pair ends when the
//! next is issued.

mod codec;
mod tokens;

use doorward_core::policies::{AccessTokens, Policies};
use doorward_wire::response::TokenType;

use super::{Dialect, Endpoint, Own, Route, closed};
use crate::traffic::Class;

/// The row.
pub const DIALECT: Dialect =
    Dialect { name: "ez-publish", routes: ROUTES, policies: &POLICIES, codec: &codec::CODEC };

/// Their clients send no `state`, and know codes and refresh tokens only.
const POLICIES: Policies = Policies {
    listed_clients: true,
    grant_types: Some(&["authorization_code", "refresh_token"]),
    unbound_answers: true,
    tells_code_lifetime: true,
    rotates_pairs: true,
    access_tokens: AccessTokens { token_type: TokenType::OAuth, ..AccessTokens::STANDARD },
    ..Policies::STANDARD
};

const ROUTES: &[Route] = &[
    closed("/oauth/authorize", Endpoint::Authorize, "GET, POST"),
    closed(tokens::PATH, Endpoint::Own(&TOKENS), "POST"),
    closed("/introspect", Endpoint::Introspect, "POST"),
    closed("/revoke", Endpoint::Revoke, "POST"),
    closed("/userinfo", Endpoint::Userinfo, "GET, POST"),
];

const TOKENS: Own = Own {
    name: "ez_publish.token",
    class: Class::Protocol,
    about: "A pair of tokens for a code or a refresh token.",
    answer: |call| Box::pin(tokens::post(call)),
};
