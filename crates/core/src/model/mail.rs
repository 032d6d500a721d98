//! A mail to a person: queued in the commit of what it tells of, and sent afterwards.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use crate::id::{MailId, TenantId, UserId};
use crate::{Ctx, Timestamp};

/// A mail that waits to be sent. Its content is sealed where it is stored: links in it are secrets.
#[derive(Clone, PartialEq)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Whose tenant.
    pub tenant: TenantId,
    /// What it is about.
    pub kind: MailKind,
    /// The person it concerns, where there is one.
    pub user: Option<UserId>,
    /// What it says and to whom.
    pub content: MailContent,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailContent {
    /// The address it goes to.
    pub to: String,
    /// How the person is called.
    pub name: String,
    /// The language they prefer; the tenant's when absent.
    pub locale: Option<String>,
    /// Where its button leads: a secret.
    pub link: Option<String>,
    /// Further values of the text, by the name of their placeholder.
    pub values: BTreeMap<String, String>,
}

macro_rules! mail_kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $has_link:literal;)*) => {
        /// What a mail is about. The names are those of tenants' own texts.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum MailKind { $($(#[$doc])* $variant),* }

        impl MailKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Whether it has a link.
            pub const fn has_link(self) -> bool {
                match self { $(Self::$variant => $has_link),* }
            }
        }
    };
}

mail_kinds! {
    /// Somebody signed in with the right password to an account that is disabled or locked.
    AccountClosed = "account_closed", false;
    /// To the old address: an administrator changed it.
    AddressChanged = "address_changed", false;
    /// To the new address: confirm that it is yours.
    AddressConfirm = "address_confirm", true;
    /// To the old address: it was replaced; undo it here.
    AddressReplaced = "address_replaced", true;
    /// Somebody wants this address for another account, and it is that of yours.
    AddressTaken = "address_taken", false;
    /// Confirm that the address of your account is yours.
    AddressVerify = "address_verify", true;
    /// A second factor was set up, in the place of the one before where there was one.
    FactorAdded = "factor_added", false;
    /// The person took the second factor away.
    FactorRemoved = "factor_removed", false;
    /// An administrator took the second factor away.
    FactorReset = "factor_reset", false;
    /// No mail: somebody asked for a new password. Who that is, is looked up when nobody waits.
    Forgotten = "forgotten", false;
    /// You are invited.
    Invitation = "invitation", true;
    /// Somebody signed in from a browser that was not known.
    NewDevice = "new_device", false;
    /// The password was changed.
    PasswordChanged = "password_changed", false;
    /// An administrator set another password.
    PasswordReplaced = "password_replaced", false;
    /// Choose a new password here.
    PasswordReset = "password_reset", true;
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_code_used", false;
    /// Recovery codes were made anew.
    RecoveryCodesMade = "recovery_codes_made", false;
    /// Confirm the address and the account is made.
    SignUp = "sign_up", true;
    /// No mail: somebody signed up. Whether the address is known, is looked up when nobody waits.
    SignUpAsked = "sign_up_asked", false;
    /// Somebody wanted to sign up with the address of an account.
    SignUpKnown = "sign_up_known", false;
}

impl MailKind {
    /// The requests.
    pub const REQUESTS: [Self; 2] = [Self::Forgotten, Self::SignUpAsked];

    /// Whether it is a request that the outbox answers, and never sends.
    pub const fn is_request(self) -> bool {
        matches!(self, Self::Forgotten | Self::SignUpAsked)
    }

    /// The values of its text beside the name, the brand and the link: what a tenant's own text can have filled in.
    pub const fn values(self) -> &'static [&'static str] {
        match self {
            Self::AccountClosed
            | Self::FactorAdded
            | Self::FactorRemoved
            | Self::FactorReset
            | Self::PasswordChanged
            | Self::RecoveryCodesMade => &["account", "address", "user_name"],
            Self::RecoveryCodeUsed => &["account", "address", "left", "user_name"],
            Self::NewDevice => &["account", "address", "device", "user_name"],
            Self::PasswordReplaced => &["account", "user_name"],
            Self::AddressReplaced => &["new_address", "user_name"],
            Self::AddressChanged | Self::AddressConfirm | Self::AddressVerify | Self::SignUpKnown => {
                &["user_name"]
            }
            Self::PasswordReset => &["address", "user_name"],
            Self::AddressTaken | Self::Invitation | Self::SignUp => &[],
            Self::Forgotten | Self::SignUpAsked => &["address", "issuer", "key"],
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

impl Mail {
    /// A mail to a person at `to`.
    pub fn new(kind: MailKind, tenant: &TenantId, to: &str, name: &str, ctx: &mut Ctx<'_>) -> Self {
        Self {
            id: MailId::new(ctx.now, ctx.rng),
            tenant: tenant.clone(),
            kind,
            user: None,
            content: MailContent {
                to: to.to_owned(),
                name: name.to_owned(),
                locale: None,
                link: None,
                values: BTreeMap::new(),
            },
            created_at: ctx.now,
        }
    }

    /// It concerns this person, and speaks their language.
    pub fn user(mut self, user: &super::User) -> Self {
        self.user = Some(user.id.clone());
        self.content.locale = user.locale().map(str::to_owned);
        self
    }

    /// In that language.
    pub fn locale(mut self, locale: Option<String>) -> Self {
        self.content.locale = locale;
        self
    }

    /// With a link.
    pub fn link(mut self, link: String) -> Self {
        self.content.link = Some(link);
        self
    }

    /// With a value of its text.
    pub fn value(mut self, name: &str, value: impl Into<String>) -> Self {
        self.content.values.insert(name.to_owned(), value.into());
        self
    }
}

/// Without what it says.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Without what it says.
impl fmt::Debug for MailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[mail]")
    }
}
