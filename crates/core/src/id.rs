//! The names of things. Every id is a type of its own, so that no two kinds can be mistaken for each other.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::Timestamp;
use doorward_crypto::base62;
use doorward_crypto::random::Random;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl From<&str> for $name { fn from(text: &str) -> Self { Self(text.to_owned()) } }
        impl From<String> for $name { fn from(text: String) -> Self { Self(text) } }
        impl fmt::Display for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) } }
    )*};
}

text_ids! {
    /// A tenant: a short slug that never changes, such as `demo`.
    TenantId,
    /// An issuer, unique in the server.
    IssuerId,
    /// A person; `usr_` and 22 characters. It is the `sub` of their tokens.
    UserId,
    /// An OAuth client, unique in its tenant. Never begins with `usr_` or `ins_`: subjects of people, clients and installations are
    /// disjoint.
    ClientId,
    /// An API, unique in its tenant: its audience, a URI (RFC 8707).
    ApiId,
    /// A role, unique in its tenant.
    RoleId,
    /// A context, by kind and id: `project/p-123`. Unique among those that stand in its tenant.
    ContextId,
    /// An extension, unique in its tenant; its OAuth client has the same id.
    ExtensionId,
    /// An installation of an extension; `ins_` and 22 characters. It is the `sub` of the tokens that it gets for itself.
    InstallationId,
    /// A stored secret of a client or of an installation.
    SecretId,
    /// An event that an extension is told of: the `webhook-id` of every attempt; `msg_` and the id of the event in the audit trail.
    WebhookId,
    /// The `kid` of a signing key (RFC 7517, section 4.5).
    KeyId,
}

impl ExtensionId {
    /// The client that the extension is.
    pub fn client(&self) -> ClientId {
        ClientId(self.0.clone())
    }
}

impl UserId {
    /// What every id of a person begins with, and no id of a client.
    pub const PREFIX: &'static str = "usr_";
}

impl InstallationId {
    /// What every id of an installation begins with, and no id of a client.
    pub const PREFIX: &'static str = "ins_";

    /// A fresh id.
    pub fn fresh(rng: &mut dyn Random) -> Self {
        Self(named(Self::PREFIX, rng))
    }

    /// The installation that a client id names.
    pub fn of_client(id: &ClientId) -> Option<Self> {
        id.0.starts_with(Self::PREFIX).then(|| Self(id.0.clone()))
    }
}

impl WebhookId {
    /// What each begins with.
    pub const PREFIX: &'static str = "msg_";

    /// That of an event of the audit trail.
    pub fn of(event: EventId) -> Self {
        Self(format!("{}{event}", Self::PREFIX))
    }
}

impl SecretId {
    /// What every id that we make begins with.
    pub const PREFIX: &'static str = "sec_";

    /// A fresh id.
    pub fn fresh(rng: &mut dyn Random) -> Self {
        Self(named(Self::PREFIX, rng))
    }
}

/// A random UUID (RFC 9562, version 4).
pub fn uuid(rng: &mut dyn Random) -> String {
    let mut random = [0; 16];
    rng.fill(&mut random);
    hyphenated(u128::from_be_bytes(random) & !(0xf << 76 | 0x3 << 62) | (0x4 << 76 | 0x2 << 62))
}

/// The UUID of that number (RFC 9562, section 4).
pub fn hyphenated(number: u128) -> String {
    let hex = format!("{number:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn named(prefix: &str, rng: &mut dyn Random) -> String {
    let mut random = [0; 16];
    rng.fill(&mut random);
    format!("{prefix}{}", base62::encode_fixed(&random, 22))
}

macro_rules! ordered_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        /// Time-ordered: 41 bits of milliseconds since 2020, then 22 random bits, so that inserts append.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// A fresh id. Two ids of one millisecond may collide (1 in 4 million); the insert then conflicts and is decided again.
            pub fn new(now: Timestamp, rng: &mut dyn Random) -> Self { Self(ordered(now, rng)) }

            /// Ids for many of one moment: each is followed by the next number, so that no two of them collide.
            pub fn series(now: Timestamp, rng: &mut dyn Random) -> impl Iterator<Item = Self> + use<> {
                (ordered(now, rng)..).map(Self)
            }
        }
        impl fmt::Display for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}", self.0) } }
    )*};
}

ordered_ids! {
    /// A session.
    SessionId,
    /// A grant.
    GrantId,
    /// A consent.
    ConsentId,
    /// A mail that waits to be sent.
    MailId,
    /// A role, as assignments name it.
    RoleKey,
    /// A context, as memberships and assignments name it.
    ContextKey,
    /// An extension, as installations name it.
    ExtensionKey,
    /// An attempt to tell an extension of something.
    AttemptId,
}

impl SessionId {
    /// No session.
    pub const NONE: Self = Self(0);
}

/// An event: 48 bits of time, 80 random bits. Unique across nodes without asking anyone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// A fresh id.
    pub fn new(now: Timestamp, rng: &mut dyn Random) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes[6..]);
        bytes[..6].copy_from_slice(&now.0.to_be_bytes()[2..]);
        Self(bytes)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn ordered(now: Timestamp, rng: &mut dyn Random) -> i64 {
    let mut random = [0; 4];
    rng.fill(&mut random);
    let low = i64::from(u32::from_be_bytes(random) & 0x3f_ffff);
    ((now.0 - EPOCH_2020_MS).max(0) << 22) | low
}

const EPOCH_2020_MS: i64 = 1_577_836_800_000;
