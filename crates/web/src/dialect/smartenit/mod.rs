//! Smartenit: the four grants of their API, with a JSON or a form body, the person of a token, and what an application does for people who
//! have none yet.

mod codec;
mod me;
mod tokens;
mod users;

use doorward_core::authorize::response_type::{CODE, TOKEN};
use doorward_core::client_auth::client_token;
use doorward_core::client_auth::unnamed::{Excuse, Unnamed};
use doorward_core::model::Legacy;
use doorward_core::policies::Policies;

use super::{Dialect, Endpoint, Own, Route, closed, open};
use crate::traffic::Class;

/// The row.
pub const DIALECT: Dialect =
    Dialect { name: "smartenit", routes: ROUTES, policies: &POLICIES, codec: &codec::CODEC };

/// Applications show tokens to the browser and bring people's passwords, where they are registered for it, and may show themselves by a token of
/// their own then; those that are marked so refresh without being named.
const POLICIES: Policies = Policies {
    listed_clients: true,
    unnamed_clients: &[Unnamed {
        grant_type: "refresh_token",
        by: Excuse::Switch(Legacy::RefreshWithoutClient),
    }],
    response_types: &[CODE, TOKEN],
    legacy_grants: &["password"],
    tells_account: true,
    auth_methods: &[
        "private_key_jwt",
        "client_secret_basic",
        "client_secret_post",
        client_token::METHOD.name,
        "none",
    ],
    ..Policies::STANDARD
};

const ROUTES: &[Route] = &[
    closed("/v2/oauth2/dialog", Endpoint::Authorize, "GET"),
    open("/v2/oauth2/token", Endpoint::Own(&tokens::ISSUE), "POST, OPTIONS"),
    open("/v2/users/me", Endpoint::Own(&ME), "GET, OPTIONS"),
    open("/v2/users", Endpoint::Own(&users::CREATE), "POST, OPTIONS"),
    open("/v2/users/recover_password", Endpoint::Own(&users::RECOVER), "POST, OPTIONS"),
];

const ME: Own = Own {
    name: "smartenit.me",
    class: Class::Protocol,
    about: "Who the person of an access token is.",
    answer: |call| Box::pin(me::get(call)),
};
