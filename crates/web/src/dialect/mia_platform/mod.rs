//! Mia-Platform Console: single sign-on for extensions, its command-line client, and machine to machine. A *tenant* of theirs, which their
//! pages call a company, is the context `company/{tenantId}` of ours.

mod apps;
mod authorize;
mod codec;
mod problem;
mod providers;
mod sessions;
mod tokens;
mod userinfo;

use doorward_core::client_auth::unnamed::{Excuse, Unnamed};
use doorward_core::model::Legacy;
use doorward_core::policies::{AccessTokens, Assertions, Policies};
use doorward_crypto::jose::algorithm::Algorithm;

use super::{Dialect, Endpoint, Own, Route, closed, open};
use crate::traffic::Class;

/// The row.
pub const DIALECT: Dialect =
    Dialect { name: "mia-platform", routes: ROUTES, policies: &POLICIES, codec: &codec::CODEC };

/// Code and state are all that an extension shows, so the code is bound to the state; and nothing outlives the session that it came of.
const POLICIES: Policies = Policies {
    listed_clients: true,
    unnamed_clients: &[
        Unnamed { grant_type: "authorization_code", by: Excuse::Switch(Legacy::UnauthenticatedCode) },
        Unnamed { grant_type: "refresh_token", by: Excuse::Began(Some(Legacy::UnauthenticatedCode)) },
    ],
    binds_state: true,
    redirects_on: true,
    hears_offline: false,
    access_tokens: AccessTokens {
        are_issued: true,
        names_extension: true,
        tells_user: true,
        algorithm: Some(Algorithm::Rs256),
        lists_audience: true,
        ..AccessTokens::STANDARD
    },
    assertions: Assertions { audience: Some("console-client-credentials"), longest_s: 3600, names_key: true },
    secure_redirects: true,
    ..Policies::STANDARD
};

const ROUTES: &[Route] = &[
    closed("/oauth/authorize", Endpoint::Authorize, "GET"),
    closed("/tenants/*/extension/*/authz", Endpoint::Authorize, "GET"),
    closed(authorize::OF_APP, Endpoint::Authorize, "GET"),
    closed("/api/oauth/token", Endpoint::Own(&CODE), "POST"),
    closed("/api/refreshtoken", Endpoint::Own(&REFRESH), "POST"),
    closed("/api/refreshtoken/", Endpoint::Own(&REFRESH), "POST"),
    closed("/api/refreshToken", Endpoint::Own(&REFRESH), "POST"),
    closed("/api/refreshToken/", Endpoint::Own(&REFRESH), "POST"),
    closed("/api/m2m/oauth/token", Endpoint::Own(&MACHINE), "POST"),
    closed(userinfo::PATH, Endpoint::Own(&USERINFO), "GET"),
    closed("/tokeninfo", Endpoint::Own(&TOKENINFO), "GET"),
    closed("/api/apps/*/providers", Endpoint::Own(&PROVIDERS), "GET"),
    closed("/api/apps/*/providers/", Endpoint::Own(&PROVIDERS), "GET"),
    closed("/api/extensibility/tenants/*/extensions/*/apps", Endpoint::Own(&APPS), "GET, POST"),
    closed("/api/extensibility/tenants/*/extensions/*/apps/*", Endpoint::Own(&APP), "PATCH, DELETE"),
    closed("/sessions/*", Endpoint::Own(&SESSIONS), "DELETE"),
    closed("/expired-sessions", Endpoint::Own(&EXPIRED), "DELETE"),
    closed("/expired-sessions/*", Endpoint::Own(&EXPIRED), "DELETE"),
    open("/jwks", Endpoint::Jwks, "GET, OPTIONS"),
];

const CODE: Own = Own {
    name: "mia_platform.code",
    class: Class::Protocol,
    about: "A code, with the state of its request, for tokens.",
    answer: |call| Box::pin(tokens::of_code(call)),
};

const REFRESH: Own = Own {
    name: "mia_platform.refresh",
    class: Class::Protocol,
    about: "A refresh token for the next pair.",
    answer: |call| Box::pin(tokens::of_refresh(call)),
};

const MACHINE: Own = Own {
    name: "mia_platform.machine",
    class: Class::Protocol,
    about: "A client's credentials for a token of its own.",
    answer: |call| Box::pin(tokens::of_machine(call)),
};

const USERINFO: Own = Own {
    name: "mia_platform.userinfo",
    class: Class::Protocol,
    about: "Who the person of an access token is.",
    answer: |call| Box::pin(userinfo::get(call)),
};

const TOKENINFO: Own = Own {
    name: "mia_platform.tokeninfo",
    class: Class::Protocol,
    about: "Who the person of an access token is, and where they signed in.",
    answer: |call| Box::pin(userinfo::with_provider(call)),
};

const PROVIDERS: Own = Own {
    name: "mia_platform.providers",
    class: Class::Protocol,
    about: "The ways to sign in: one, the sign-in page.",
    answer: |call| Box::pin(providers::get(call)),
};

const APPS: Own = Own {
    name: "mia_platform.apps",
    class: Class::Admin,
    about: "Whether people sign in to an extension, and that they do from now on.",
    answer: |call| Box::pin(apps::all(call)),
};

const APP: Own = Own {
    name: "mia_platform.app",
    class: Class::Admin,
    about: "Where people come back to from the sign-in to an extension, and that they sign in no longer.",
    answer: |call| Box::pin(apps::one(call)),
};

const SESSIONS: Own = Own {
    name: "mia_platform.sessions",
    class: Class::Admin,
    about: "Signs a person out everywhere.",
    answer: |call| Box::pin(sessions::end(call)),
};

const EXPIRED: Own = Own {
    name: "mia_platform.expired_sessions",
    class: Class::Admin,
    about: "Nothing is left to do: sessions that have expired are forgotten by themselves.",
    answer: |call| Box::pin(sessions::forget(call)),
};
