//! Mails to people: what a queued mail says, and how it leaves. Queued in the commit of what they tell of, sent by a worker, so that
//! no page ever waits for a mail server.

pub mod smtp;
pub mod text;
pub mod worker;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use smtp::Smtp;

/// A mail as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// What tells it from every other.
    pub id: String,
    /// What it is about.
    pub kind: &'static str,
    /// Whom it is from, as a mailbox.
    pub from: String,
    /// Where answers go; none: to whom it is from.
    pub reply_to: Option<String>,
    /// The address it goes to.
    pub to: String,
    /// Its subject, one line.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Where its button leads.
    pub link: Option<String>,
}

/// How mails leave.
#[derive(Clone, Debug, Default)]
pub enum Mailer {
    /// They do not: what needs a mail is not offered.
    #[default]
    Off,
    /// They are kept in memory, for whoever develops.
    Memory(Arc<Mailbox>),
    /// By a mail server.
    Smtp(Arc<Smtp>),
}

/// Mails that were kept instead of sent, newest last.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<Vec<Letter>>);

/// Why a mail did not leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unsent {
    /// It never will: the address or the content is refused.
    Never(String),
    /// It may later.
    NotNow(String),
}

impl Mailer {
    /// One that keeps mails.
    pub fn memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// Whether mails leave at all.
    pub const fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// The mailbox of one that keeps them.
    pub fn mailbox(&self) -> Option<&Arc<Mailbox>> {
        match self {
            Self::Memory(mailbox) => Some(mailbox),
            Self::Off | Self::Smtp(_) => None,
        }
    }

    /// The address that mails are from, where the tenant names none.
    pub fn from(&self) -> &str {
        match self {
            Self::Off | Self::Memory(_) => "Doorward <doorward@localhost>",
            Self::Smtp(smtp) => smtp.from(),
        }
    }

    /// Sends one.
    pub async fn send(&self, letter: &Letter) -> Result<(), Unsent> {
        match self {
            Self::Off => Err(Unsent::NotNow("no mail server is set".to_owned())),
            Self::Memory(mailbox) => {
                mailbox.keep(letter.clone());
                Ok(())
            }
            Self::Smtp(smtp) => smtp.send(letter).await,
        }
    }
}

impl Mailbox {
    /// All that it holds, newest last.
    pub fn letters(&self) -> Vec<Letter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, letter: Letter) {
        let mut letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if letters.len() >= KEPT {
            letters.remove(0);
        }
        letters.push(letter);
    }
}

/// Without what it says.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Display for Unsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(what) | Self::NotNow(what) => f.write_str(what),
        }
    }
}

/// Mails that a mailbox in memory keeps.
const KEPT: usize = 500;
