//! Pages of extensions that are shown in frames: in the frame, beside it, and around it.

use askama::Template;

use super::{Frame, InstallationChoice, Policy, View, render};

/// In the frame: nobody is signed in there yet. Posts `ticket` to `handed_to`.
#[derive(Clone, Debug, Template)]
#[template(path = "framed_sign_in.html")]
pub struct FramedSignIn {
    /// What stands around it.
    pub frame: Frame,
    /// The extension's name.
    pub extension: String,
    /// Its id, for the page around the frame.
    pub id: String,
    /// The installation that the request names.
    pub installation: Option<String>,
    /// The context that the request names.
    pub context: Option<String>,
    /// Where a ticket goes; opened in a window of its own, the page that makes one.
    pub handed_to: String,
    /// The request again.
    pub again: String,
    /// Origins from which a ticket is taken, beside our own.
    pub origins: Vec<String>,
    /// What went wrong.
    pub problem: Option<FrameProblem>,
}

/// Why a frame is not signed in although a ticket was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameProblem {
    /// The browser keeps no cookies in this frame.
    NoCookie,
    /// The ticket was late, used before, or for something else.
    Refused,
}

/// Beside the frame: the window that hands a ticket to the frame that opened it. Posts `form` to
/// `{base}/account/installations/{id}/sign-in-ticket`.
#[derive(Clone, Debug, Template)]
#[template(path = "handover.html")]
pub struct Handover {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// The extension's name.
    pub extension: String,
    /// Who is signed in: display name, may be empty.
    pub name: String,
    /// Who is signed in: user name.
    pub user_name: String,
    /// Where it is installed; at least one.
    pub places: Vec<InstallationChoice>,
}

/// Around the frame: a page of ours that shows an extension.
#[derive(Clone, Debug, Template)]
#[template(path = "show_extension.html")]
pub struct ShowExtension {
    /// What stands around it.
    pub frame: Frame,
    /// The token against forged forms.
    pub form: String,
    /// The extension's name.
    pub extension: String,
    /// The installation's id.
    pub installation: String,
    /// The origin that it is opened at.
    pub launched_at: String,
    /// The issuer's URL.
    pub issuer: String,
    /// Who is signed in: display name, may be empty.
    pub name: String,
    /// Who is signed in: user name.
    pub user_name: String,
}

impl View for FramedSignIn {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for Handover {
    fn policy(&self) -> Policy {
        Policy::Hands
    }

    fn html(&self) -> String {
        render(self)
    }
}

impl View for ShowExtension {
    fn policy(&self) -> Policy {
        Policy::ToClient
    }

    fn html(&self) -> String {
        render(self)
    }
}
