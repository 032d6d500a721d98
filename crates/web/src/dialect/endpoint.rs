//! The endpoints: their names, the quota that each shares, and those that one dialect has of its own.

use std::hash::{Hash, Hasher};
use std::pin::Pin;

use crate::app::Call;
use crate::render::Answer;
use crate::traffic::Class;

/// The endpoints: those of programs, then the pages of people.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Endpoint {
    /// RFC 6749, section 3.1.
    Authorize,
    /// OpenID Connect Discovery, section 4; RFC 8414, section 3.
    Discovery,
    /// The guard: whether a request to an API may pass.
    Guard,
    /// The same of a request whose method and path are those of the question.
    GuardByPath,
    /// What clients are told of a guarded API: RFC 9728, section 3.
    GuardMetadata,
    /// RFC 7662.
    Introspect,
    /// RFC 7517, section 5.
    Jwks,
    /// OpenID Connect RP-Initiated Logout.
    Logout,
    /// RFC 7009.
    Revoke,
    /// RFC 6749, section 3.2.
    Token,
    /// OpenID Connect Core, section 5.3.
    Userinfo,
    /// What happened to installations, for the maker of an extension.
    ExtensionEvents,
    /// What is installed, for the maker of an extension.
    ExtensionInstallations,
    /// A pending secret of an installation, for the maker of its extension.
    ExtensionSecret,
    /// What signs that which an extension is told, for its maker.
    ExtensionWebhookSecrets,
    /// The public key by which it is verified.
    WebhookKey,
    /// The admin API.
    Admin,
    /// The account page.
    Account,
    /// Its applications form.
    AccountApplications,
    /// Its list of extensions, and the page on which each is installed.
    AccountExtensions,
    /// Its pages of installed extensions.
    AccountInstallations,
    /// What an extension has of its own: its sign-in.
    Extension,
    /// The form that asks which installation is meant.
    SelectInstallation,
    /// Its password form.
    AccountPassword,
    /// Its page of the second factor.
    AccountSecondFactor,
    /// Its sessions form.
    AccountSessions,
    /// The consent form.
    Consent,
    /// The console, by which administrators do by pages what the admin API does.
    Console,
    /// The page of a forgotten password.
    ForgotPassword,
    /// The issuer's front door: on to the account page.
    Home,
    /// The form of the second factor.
    SecondFactor,
    /// The page that a link for a new password leads to.
    ResetPassword,
    /// The account selection form.
    SelectAccount,
    /// The set-up page.
    SetUp,
    /// The sign-in page.
    SignIn,
    /// The sign-out form.
    SignOut,
    /// The page on which people sign up.
    SignUp,
    /// The page behind its link.
    SignUpFinish,
    /// The page behind an invitation.
    Join,
    /// The page that confirms an address.
    Address,
    /// The page that confirms a new address.
    AddressNew,
    /// The page that takes a change of address back.
    AddressUndo,
    /// The page behind a link that signs in.
    SignInLink,
    /// The form of a password that is due.
    NewPassword,
    /// The account's page of the e-mail address.
    AccountEmail,
    /// A well-known address for password managers.
    ChangePassword,
    /// What one dialect has of its own.
    Own(&'static Own),
}

/// An endpoint that only one dialect has.
pub struct Own {
    /// Its name in metrics and in the manual: the dialect's, a dot, its own.
    pub name: &'static str,
    /// With which it shares quota and places.
    pub class: Class,
    /// What it is, for the manual.
    pub about: &'static str,
    /// What answers it.
    pub answer: for<'a> fn(&'a Call<'a>) -> Answering<'a>,
}

/// An answer that is being made.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Own {}

impl Hash for Own {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Endpoint {
    /// With which it shares quota and places.
    pub const fn class(self) -> Class {
        match self {
            Self::Own(own) => own.class,
            Self::Admin => Class::Admin,
            Self::Discovery | Self::GuardMetadata | Self::Jwks => Class::Open,
            Self::ExtensionEvents
            | Self::ExtensionInstallations
            | Self::ExtensionSecret
            | Self::ExtensionWebhookSecrets
            | Self::WebhookKey => Class::Protocol,
            Self::Guard | Self::GuardByPath => Class::Guard,
            Self::Introspect | Self::Revoke | Self::Token | Self::Userinfo => Class::Protocol,
            Self::Account
            | Self::AccountApplications
            | Self::AccountExtensions
            | Self::AccountInstallations
            | Self::Extension
            | Self::SelectInstallation
            | Self::AccountPassword
            | Self::AccountSecondFactor
            | Self::AccountSessions
            | Self::Authorize
            | Self::ChangePassword
            | Self::Consent
            | Self::Console
            | Self::ForgotPassword
            | Self::Home
            | Self::Logout
            | Self::ResetPassword
            | Self::SecondFactor
            | Self::SelectAccount
            | Self::SetUp
            | Self::SignIn
            | Self::SignUp
            | Self::SignUpFinish
            | Self::Join
            | Self::Address
            | Self::AddressNew
            | Self::AddressUndo
            | Self::SignInLink
            | Self::NewPassword
            | Self::AccountEmail
            | Self::SignOut => Class::Page,
        }
    }

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own(own) => own.name,
            Self::Admin => "admin",
            Self::Account => "account",
            Self::AccountApplications => "account_applications",
            Self::AccountExtensions => "account_extensions",
            Self::AccountInstallations => "account_installations",
            Self::Extension => "extension",
            Self::SelectInstallation => "select_installation",
            Self::AccountPassword => "account_password",
            Self::AccountSecondFactor => "account_second_factor",
            Self::AccountSessions => "account_sessions",
            Self::Authorize => "authorize",
            Self::ChangePassword => "change_password",
            Self::Consent => "consent",
            Self::Console => "console",
            Self::Discovery => "discovery",
            Self::ForgotPassword => "forgot_password",
            Self::Home => "home",
            Self::Guard => "guard",
            Self::GuardByPath => "guard_by_path",
            Self::GuardMetadata => "guard_metadata",
            Self::Introspect => "introspect",
            Self::Jwks => "jwks",
            Self::Logout => "logout",
            Self::ResetPassword => "reset_password",
            Self::Revoke => "revoke",
            Self::SecondFactor => "second_factor",
            Self::SelectAccount => "select_account",
            Self::SignUp => "sign_up",
            Self::SignUpFinish => "sign_up_finish",
            Self::Join => "join",
            Self::Address => "address",
            Self::AddressNew => "address_new",
            Self::AddressUndo => "address_undo",
            Self::SignInLink => "sign_in_link",
            Self::NewPassword => "new_password",
            Self::AccountEmail => "account_email",
            Self::SetUp => "set_up",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::Token => "token",
            Self::Userinfo => "userinfo",
            Self::ExtensionEvents => "extension_events",
            Self::ExtensionInstallations => "extension_installations",
            Self::ExtensionSecret => "extension_secret",
            Self::ExtensionWebhookSecrets => "extension_webhook_secrets",
            Self::WebhookKey => "webhook_key",
        }
    }
}
