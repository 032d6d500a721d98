//! The standard dialect: the specifications.

use super::{Dialect, Endpoint, Route};

/// The row.
pub const DIALECT: Dialect = Dialect { name: "standard", routes: ROUTES };

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
    closed("/sign-in", Endpoint::SignIn, "GET, POST"),
    closed("/consent", Endpoint::Consent, "POST"),
    closed("/second-factor", Endpoint::SecondFactor, "POST"),
    closed("/select-account", Endpoint::SelectAccount, "POST"),
    closed("/select-installation", Endpoint::SelectInstallation, "POST"),
    closed("/extensions/*", Endpoint::Extension, "GET, POST"),
    closed("/admin/v1/*", Endpoint::Admin, "GET, POST, PUT, PATCH, DELETE"),
    closed("/account", Endpoint::Account, "GET"),
    closed("/account/password", Endpoint::AccountPassword, "POST"),
    closed("/account/second-factor", Endpoint::AccountSecondFactor, "GET, POST"),
    closed("/account/sessions", Endpoint::AccountSessions, "POST"),
    closed("/account/applications", Endpoint::AccountApplications, "POST"),
    closed("/account/extensions", Endpoint::AccountExtensions, "GET"),
    closed("/account/extensions/*", Endpoint::AccountExtensions, "GET, POST"),
    closed("/account/installations/*", Endpoint::AccountInstallations, "GET, POST"),
    closed("/console", Endpoint::Console, "GET"),
    closed("/console/*", Endpoint::Console, "GET, POST"),
    closed("/sign-out", Endpoint::SignOut, "POST"),
    closed("/forgot-password", Endpoint::ForgotPassword, "GET, POST"),
    closed("/reset-password", Endpoint::ResetPassword, "GET, POST"),
    closed("/sign-up", Endpoint::SignUp, "GET, POST"),
    closed("/sign-up/finish", Endpoint::SignUpFinish, "GET, POST"),
    closed("/join", Endpoint::Join, "GET, POST"),
    closed("/address", Endpoint::Address, "GET, POST"),
    closed("/address/new", Endpoint::AddressNew, "GET, POST"),
    closed("/address/undo", Endpoint::AddressUndo, "GET, POST"),
    closed("/sign-in/link", Endpoint::SignInLink, "GET, POST"),
    closed("/new-password", Endpoint::NewPassword, "POST"),
    closed("/account/email", Endpoint::AccountEmail, "GET, POST"),
    closed("/setup", Endpoint::SetUp, "GET, POST"),
    closed("/.well-known/change-password", Endpoint::ChangePassword, "GET"),
    closed("/", Endpoint::Home, "GET"),
    closed("", Endpoint::Home, "GET"),
];

const fn open(path: &'static str, endpoint: Endpoint, allow: &'static str) -> Route {
    Route { path, endpoint, allow, is_open: true }
}

const fn closed(path: &'static str, endpoint: Endpoint, allow: &'static str) -> Route {
    Route { path, endpoint, allow, is_open: false }
}
