//! mittwald mStudio: its OAuth endpoints, and the JSON endpoints by which extensions get tokens.

mod ask;
mod bearer;
mod client;
mod codec;
mod contributor;
mod executions;
mod instances;
mod listing;
mod member;
mod person;
mod public_key;
mod query;
mod session_token;
mod tokens;
mod uuid;
mod webhook;

use doorward_core::client_auth::unnamed::{Excuse, Unnamed};
use doorward_core::policies::Policies;

pub use webhook::WEBHOOKS;

use super::{Answering, Dialect, Endpoint, Own, Route, closed, open};
use crate::app::Call;
use crate::render::Answer;
use crate::traffic::Class;

/// The row.
pub const DIALECT: Dialect =
    Dialect { name: "mittwald", routes: ROUTES, policies: &POLICIES, codec: &codec::CODEC };

/// Whoever has a retrieval key, or a refresh token of what came of one, names no client.
const POLICIES: Policies = Policies {
    listed_clients: true,
    unnamed_clients: &[
        Unnamed { grant_type: "urn:doorward:grant:retrieval-key", by: Excuse::Possession },
        Unnamed { grant_type: "refresh_token", by: Excuse::Began(None) },
    ],
    any_loopback_port: false,
    answers_consent: true,
    asks_redirect_uri: true,
    session_tokens: session_token::SESSION_TOKENS,
    names: uuid::written,
    ..Policies::STANDARD
};

const ROUTES: &[Route] = &[
    closed("/v2/oauth2/authorize", Endpoint::Authorize, "GET"),
    open("/v2/oauth2/token", Endpoint::Token, "POST, OPTIONS"),
    // Where mittwald's own bridge looks by default.
    closed("/oauth2/authorize", Endpoint::Authorize, "GET"),
    open("/oauth2/token", Endpoint::Token, "POST, OPTIONS"),
    closed("/v2/authenticate-token-retrieval-key", Endpoint::Own(&RETRIEVAL_KEY), "POST"),
    closed("/v2/users/self/sessions", Endpoint::Own(&SESSION_REFRESH), "PUT"),
    closed("/v2/extension-instances/*/tokens", Endpoint::Own(&INSTANCE_TOKEN), "POST"),
    closed("/v2/authenticate-session-token", Endpoint::Own(&SESSION_TOKEN), "POST"),
    open("/v2/public-keys/*", Endpoint::Own(&PUBLIC_KEY), "GET, OPTIONS"),
    open("/v2/scopes", Endpoint::Own(&person::SCOPES), "GET, OPTIONS"),
    closed("/v2/users/self/sessions/current/status", Endpoint::Own(&person::STATUS), "GET"),
    closed("/v2/logout", Endpoint::Own(&person::LOGOUT), "PUT"),
    closed("/v2/extension-instances", Endpoint::Own(&instances::ALL), "GET, POST"),
    closed("/v2/extension-instances/*/scopes", Endpoint::Own(&instances::CONSENT), "PATCH"),
    closed("/v2/extension-instances/*/actions/enable", Endpoint::Own(&instances::ENABLE), "POST"),
    closed("/v2/extension-instances/*/actions/disable", Endpoint::Own(&instances::DISABLE), "POST"),
    closed(
        "/v2/extension-instances/*/actions/create-access-token-retrieval-key",
        Endpoint::Own(&instances::RETRIEVAL_KEY),
        "POST",
    ),
    closed("/v2/extension-instances/*/sessions/*", Endpoint::Own(&instances::SESSION), "POST"),
    closed("/v2/extension-instances/*", Endpoint::Own(&instances::REMOVE), "DELETE"),
    closed("/v2/contributors/*/extensions/*/secret", Endpoint::Own(&contributor::SECRET), "POST"),
    closed("/v2/contributors/*/extensions/*/secret/*", Endpoint::Own(&contributor::SECRET_REMOVE), "DELETE"),
    closed(
        "/v2/contributors/*/extensions/*/extension-instances/*/secret",
        Endpoint::Own(&contributor::ROTATE),
        "PUT",
    ),
    closed(
        "/v2/contributors/*/extensions/*/extension-instances/*/actions/dry-run/*",
        Endpoint::Own(&contributor::DRY_RUN),
        "POST",
    ),
    closed("/v2/contributors/*/oauth-clients", Endpoint::Own(&client::ADD), "POST"),
    closed("/v2/contributors/*/oauth-clients/*", Endpoint::Own(&client::CHANGE), "PATCH"),
    closed("/v2/contributors/*/webhook-executions", Endpoint::Own(&executions::LIST), "GET"),
];

const RETRIEVAL_KEY: Own = Own {
    name: "mittwald.retrieval_key",
    class: Class::Protocol,
    about: "An access token retrieval key for tokens of the person who opened the extension.",
    answer: |call| Box::pin(tokens::of_retrieval_key(call)),
};

const SESSION_REFRESH: Own = Own {
    name: "mittwald.session_refresh",
    class: Class::Protocol,
    about: "A refresh token for the next pair.",
    answer: |call| Box::pin(tokens::of_refresh(call)),
};

const INSTANCE_TOKEN: Own = Own {
    name: "mittwald.instance_token",
    class: Class::Protocol,
    about: "An extension instance's secret for a token of its own.",
    answer: |call| Box::pin(tokens::of_instance(call)),
};

const PUBLIC_KEY: Own = Own {
    name: "mittwald.public_key",
    class: Class::Protocol,
    about: "The public key of a serial, of webhooks or of session tokens.",
    answer: |call| Box::pin(public_key::get(call)),
};

const SESSION_TOKEN: Own = Own {
    name: "mittwald.session_token",
    class: Class::Protocol,
    about: "A session token of an embedded page for a token of whom it speaks of.",
    answer: |call| Box::pin(tokens::of_session_token(call)),
};

const fn own(
    name: &'static str,
    about: &'static str,
    answer: for<'a> fn(&'a Call<'a>) -> Answering<'a>,
) -> Own {
    Own { name, class: Class::Protocol, about, answer }
}

/// What an endpoint answers, whichever way it came about.
async fn answer(work: impl Future<Output = Result<Answer, Box<Answer>>>) -> Answer {
    work.await.unwrap_or_else(|refused| *refused)
}
