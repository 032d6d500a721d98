//! The nouns: what the server knows about. One file per noun.

pub mod api;
pub mod client;
pub mod consent;
pub mod context;
pub mod event;
pub mod extension;
pub mod grant;
pub mod guard;
pub mod installation;
pub mod issuer;
pub mod key;
pub mod legacy;
pub mod mail;
pub mod membership;
pub mod role;
pub mod secret;
pub mod session;
pub mod tenant;
pub mod throttle;
pub mod ticket;
pub mod tombstone;
pub mod user;

pub use api::{Api, ApiScope, PermissionClaims, TokenFormat};
pub use client::{ApplicationType, Client, Lifetimes, RefreshPolicy};
pub use consent::Consent;
pub use context::Context;
pub use event::{Actor, Event, EventKind};
pub use extension::{
    ConsentPolicy, Extension, ExtensionState, Manifest, ManifestText, RequestedScope, Variant, WebhookFormat,
};
pub use grant::{Grant, Installed};
pub use guard::{Guarding, RouteRule};
pub use installation::{
    Installation, InstallationSecret, Life, NewInstallationSecret, NoStep, WebhookEvent, WebhookKind,
};
pub use issuer::Issuer;
pub use key::{KeyRecord, KeyState, MacKeyRecord, WebhookKeyRecord, WebhookSecretRecord};
pub use legacy::Legacy;
pub use mail::{Mail, MailContent, MailKind};
pub use membership::{Assignment, Membership};
pub use role::Role;
pub use secret::{ClientSecret, SecretState};
pub use session::Session;
pub use tenant::{MailSettings, MailText, SecondFactor, SignUpSettings, Tenant, TenantSettings};
pub use throttle::{Bucket, BucketRow};
pub use ticket::{Ticket, TicketKey, TicketKind};
pub use tombstone::{ExternalKind, Tombstone};
pub use user::{Credential, Profile, User};
