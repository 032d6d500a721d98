//! What it means that an answer could not be printed, and how another is had of what is shown once.

use crate::operator::{Answer, Generated};

/// What is lost with an answer.
pub enum Lost {
    /// Nothing: it can be asked for again.
    Nothing,
    /// The report of what is done.
    Report,
    /// The only copy of a secret; what to do about it.
    Secret(String),
}

/// Of that answer.
pub fn of(answer: &Answer) -> Lost {
    match answer {
        Answer::Applied { generated, .. } if !generated.is_empty() => {
            let again: Vec<_> = generated.iter().map(another).collect();
            Lost::Secret(format!("{SHOWN_ONCE}: {}", again.join("; ")))
        }
        Answer::Link { .. } => {
            Lost::Secret(format!("{SHOWN_ONCE}: doorward user setup-link makes another, and ends this one"))
        }
        Answer::Helped { url: Some(_), .. } => {
            Lost::Secret(format!("{SHOWN_ONCE}: the same command makes another link, and ends this one"))
        }
        Answer::Invited { invitation } if invitation.url.is_some() => Lost::Secret(format!(
            "{SHOWN_ONCE}: call the invitation back by doorward user withdraw-invitation {}, and make another",
            invitation.id
        )),
        Answer::Applied { dry_run: true, .. }
        | Answer::Document { .. }
        | Answer::Explained { .. }
        | Answer::Findings { .. }
        | Answer::Invitations { .. }
        | Answer::Object { .. }
        | Answer::Objects { .. } => Lost::Nothing,
        Answer::Applied { .. }
        | Answer::Copied { .. }
        | Answer::Ended { .. }
        | Answer::FactorReset { .. }
        | Answer::Helped { .. }
        | Answer::Imported { .. }
        | Answer::Invited { .. }
        | Answer::Keys { .. }
        | Answer::Rewrapped { .. } => Lost::Report,
    }
}

fn another(made: &Generated) -> String {
    match made {
        Generated::Password { tenant, user_name, .. } => {
            format!("doorward user set-password {user_name} --tenant {tenant} --generate")
        }
        Generated::Secret { tenant, client, hash, .. } => format!(
            "doorward client add-secret {client} --tenant {tenant}, then doorward client remove-secret {client} {hash} --tenant {tenant}"
        ),
    }
}

const SHOWN_ONCE: &str = "it is done, and what is shown only once is lost";
