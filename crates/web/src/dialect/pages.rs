//! The pages for people, which are the same at an issuer of any dialect.

use super::{Endpoint, Route, closed};

/// The routes.
pub const ROUTES: &[Route] = &[
    closed("/sign-in", Endpoint::SignIn, "GET, POST"),
    closed("/consent", Endpoint::Consent, "POST"),
    closed("/second-factor", Endpoint::SecondFactor, "POST"),
    closed("/select-account", Endpoint::SelectAccount, "POST"),
    closed("/select-installation", Endpoint::SelectInstallation, "POST"),
    closed("/extensions/**", Endpoint::Extension, "GET, POST"),
    closed("/account", Endpoint::Account, "GET"),
    closed("/account/password", Endpoint::AccountPassword, "POST"),
    closed("/account/second-factor", Endpoint::AccountSecondFactor, "GET, POST"),
    closed("/account/sessions", Endpoint::AccountSessions, "POST"),
    closed("/account/applications", Endpoint::AccountApplications, "POST"),
    closed("/account/extensions", Endpoint::AccountExtensions, "GET"),
    closed("/account/extensions/**", Endpoint::AccountExtensions, "GET, POST"),
    closed("/account/installations/**", Endpoint::AccountInstallations, "GET, POST"),
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
