//! The standard dialect: the specifications.

use super::codec::STANDARD;
use super::{Dialect, Endpoint, Policies, Route, closed, open};

/// The row.
pub const DIALECT: Dialect =
    Dialect { name: "standard", routes: ROUTES, policies: &Policies::STANDARD, codec: &STANDARD };

const ROUTES: &[Route] = &[
    open("/token", Endpoint::Token, "POST, OPTIONS"),
    closed("/introspect", Endpoint::Introspect, "POST"),
    open("/userinfo", Endpoint::Userinfo, "GET, POST, OPTIONS"),
    open("/jwks", Endpoint::Jwks, "GET, OPTIONS"),
    closed("/authorize", Endpoint::Authorize, "GET, POST"),
    open("/revoke", Endpoint::Revoke, "POST, OPTIONS"),
    open("/.well-known/openid-configuration", Endpoint::Discovery, "GET, OPTIONS"),
    open("/.well-known/oauth-authorization-server", Endpoint::Discovery, "GET, OPTIONS"),
    closed("/logout", Endpoint::Logout, "GET, POST"),
    open("/webhook-keys/*", Endpoint::WebhookKey, "GET, OPTIONS"),
    closed("/extensions/*/events", Endpoint::ExtensionEvents, "GET, POST"),
    closed("/extensions/*/installations", Endpoint::ExtensionInstallations, "GET, POST"),
    closed("/extensions/*/installations/*/secrets/*/reveal", Endpoint::ExtensionSecret, "POST"),
    closed("/extensions/*/webhook-secrets", Endpoint::ExtensionWebhookSecrets, "GET, POST"),
    closed("/console", Endpoint::Console, "GET"),
    closed("/console/**", Endpoint::Console, "GET, POST"),
    closed("/admin/v1/**", Endpoint::Admin, "GET, POST, PUT, PATCH, DELETE"),
];
