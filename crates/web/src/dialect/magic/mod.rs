//! Magic Collaboration Studio: ID tokens that APIs take, for clients that share one secret, and for people's passwords.

mod codec;
mod discovery;
mod session;
mod tokens;

use doorward_core::authorize::response_type::{CODE, ID_TOKEN};
use doorward_core::client_auth::shared_secret;
use doorward_core::policies::{AccessTokens, IdTokens, Policies};
use doorward_crypto::jose::algorithm::Algorithm;

use super::{Dialect, Endpoint, Own, Route, closed, open};
use crate::traffic::Class;

/// The row.
pub const DIALECT: Dialect =
    Dialect { name: "magic", routes: ROUTES, policies: &POLICIES, codec: &codec::CODEC };

/// Nothing but the shared secret shows a client. Applications have neither `state` nor `nonce` nor PKCE, and fifteen seconds for a code.
const POLICIES: Policies = Policies {
    listed_clients: true,
    auth_methods: &[shared_secret::METHOD.name],
    response_types: &[ID_TOKEN, CODE],
    legacy_grants: &["password"],
    adds_default_scopes: true,
    unbound_answers: true,
    prefix_redirects: true,
    longest_code_s: Some(15),
    access_tokens: AccessTokens { are_issued: false, ..AccessTokens::STANDARD },
    id_tokens: IdTokens { algorithm: Some(SIGNED_BY), names_user: true, are_borne: true },
    ..Policies::STANDARD
};

/// What signs ID tokens, and nothing else: their clients take any key of the set.
const SIGNED_BY: Algorithm = Algorithm::Rs256;

const ROUTES: &[Route] = &[
    open("/.well-known/openid-configuration", Endpoint::Own(&DISCOVERY), "GET, OPTIONS"),
    closed("/authorize", Endpoint::Authorize, "GET"),
    closed("/api/token", Endpoint::Own(&tokens::ISSUE), "POST"),
    open("/jwks.json", Endpoint::Own(&JWKS), "GET, OPTIONS"),
    open("/api/validate", Endpoint::Own(&VALIDATE), "GET, POST, OPTIONS"),
    open("/api/signout", Endpoint::Own(&SIGN_OUT), "POST, OPTIONS"),
];

const DISCOVERY: Own = Own {
    name: "magic.discovery",
    class: Class::Open,
    about: "The members that their configuration has.",
    answer: |call| Box::pin(async move { discovery::get(call) }),
};

const JWKS: Own = Own {
    name: "magic.jwks",
    class: Class::Open,
    about: "The keys that ID tokens are verified with.",
    answer: |call| Box::pin(async move { discovery::keys(call) }),
};

const VALIDATE: Own = Own {
    name: "magic.validate",
    class: Class::Protocol,
    about: "Whether an ID token lives.",
    answer: |call| Box::pin(session::validate(call)),
};

const SIGN_OUT: Own = Own {
    name: "magic.signout",
    class: Class::Protocol,
    about: "Ends what an ID token hangs on, and the session that it was given in.",
    answer: |call| Box::pin(session::sign_out(call)),
};
