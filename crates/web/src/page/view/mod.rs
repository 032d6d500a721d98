//! One file per page: a plain struct of what it shows, and the template that shows it.
//!
//! Every form carries `form`, the token against forged requests; those that belong to an
//! authorization or sign-out request carry it sealed as `request`. Buttons are named `action`.

pub mod account;
pub mod ask_extension;
pub mod change_email;
pub mod consent;
pub mod console;
pub mod continue_to;
pub mod demo;
pub mod demo_extension;
pub mod demo_fragment;
pub mod demo_refusal;
pub mod demo_sequence;
pub mod error;
pub mod forgot;
pub mod form_post;
pub mod framed;
pub mod help;
pub mod hop;
pub mod install_extension;
pub mod installation;
pub mod my_extensions;
pub mod second_factor;
pub mod select_account;
pub mod select_installation;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
pub mod signed_out;

use askama::Template;
use askama::filters::Safe;

use super::asset;
use super::moment;
use super::policy::Policy;
use super::text::Texts;

pub use account::{Account, AccountNotice, ApplicationRow, PasswordProblem, SessionRow};
pub use ask_extension::AskExtension;
pub use change_email::{ChangeEmail, EmailNotice, EmailProblem};
pub use consent::{Access, Consent};
pub use continue_to::ContinueTo;
pub use error::{ErrorKind, ErrorPage};
pub use forgot::{Forgot, ResetPassword, ResetProblem};
pub use form_post::FormPost;
pub use framed::{FrameProblem, FramedSignIn, Handover, ShowExtension};
pub use help::{AskState, ChoosePassword, Join, JoinProblem, LinkStep, SignUp, Step, StepState};
pub use hop::Hop;
pub use install_extension::{Asked, AskedScope, InstallExtension, InstallNotice, VariantChoice};
pub use installation::{InstallationNotice, InstallationPage, NewsRow, RemoveInstallation, SecretRow, Told};
pub use my_extensions::{AvailableRow, InstalledRow, InstalledState, MyExtensions};
pub use second_factor::{
    CodeProblem, CodeStep, EnrolFactor, FactorNotice, FactorProblem, ManageFactor, RecoveryCodes,
};
pub use select_account::{AccountChoice, SelectAccount};
pub use select_installation::{InstallationChoice, SelectInstallation};
pub use set_up::{SetUp, SetUpProblem, SetUpState};
pub use sign_in::{SignIn, SignInNotice, SignInProblem};
pub use sign_out::SignOut;
pub use signed_out::SignedOut;

/// A page that can be sent.
pub trait View {
    /// The headers it is sent under.
    fn policy(&self) -> Policy;

    /// The whole document.
    fn html(&self) -> String;
}

/// What stands around every page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language.
    pub texts: &'static Texts,
    /// Whose page it is: the tenant's display name.
    pub brand: String,
    /// The path prefix of the issuer, without a slash at its end: `""`, `/t/acme`. Forms and assets are
    /// addressed below it.
    pub base: String,
    /// The host that people should see in the address bar; empty: not shown.
    pub host: String,
}

impl Frame {
    fn lang(&self) -> &'static str {
        self.texts.locale()
    }

    fn asset(&self, file: &str) -> String {
        format!("{}{}", self.base, asset::path(file))
    }

    /// A text of the catalogue.
    pub fn say(&self, key: &str) -> String {
        self.texts.say(key)
    }

    /// A text of the catalogue.
    pub fn get(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.texts.get(key, values)
    }

    fn html(&self, key: &str, variable: &str, value: &str) -> Safe<String> {
        self.texts.html(key, &[(variable, value)])
    }

    fn time(&self, seconds: &i64) -> Safe<String> {
        moment::time(self.texts, *seconds)
    }

    /// A span of seconds in words.
    pub fn span(&self, seconds: &i64) -> String {
        moment::span(self.texts, *seconds)
    }
}

fn render(template: &impl Template) -> String {
    template.render().expect("a template writes to a String, which does not fail")
}

/// A link that may stand in a page: with a scheme that runs nothing in it. Registration refuses such
/// URIs; a page does not rely on that.
fn is_harmless(link: &str) -> bool {
    let scheme = link.split(':').next().unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    link.contains(':')
        && scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && scheme.bytes().all(plain)
        && !["javascript", "data", "vbscript", "blob", "file", "about", "filesystem", "view-source"]
            .iter()
            .any(|bad| scheme.eq_ignore_ascii_case(bad))
}

#[cfg(test)]
mod tests {
    use super::is_harmless;

    #[test]
    fn only_links_that_run_nothing_are_shown() {
        for good in ["https://app.example/", "com.example.app:/cb?code=1", "http://localhost:1/"] {
            assert!(is_harmless(good), "{good}");
        }
        for bad in
            ["javascript:alert(1)", "JavaScript:1", " javascript:1", "java\tscript:1", "data:x", "/x", ""]
        {
            assert!(!is_harmless(bad), "{bad}");
        }
    }
}
