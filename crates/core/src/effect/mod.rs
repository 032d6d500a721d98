//! What a decision changes. The store turns each effect into statements that state their precondition; when one of them
//! meets another row count than it expects, the whole commit is a conflict and nothing of it stands.

mod condition;
mod nature;

use crate::Timestamp;
use crate::id::{
    ApiId, ClientId, ConsentId, ContextKey, ExtensionKey, GrantId, InstallationId, IssuerId, KeyId, MailId,
    RoleKey, SecretId, SessionId, TenantId, UserId,
};
use crate::model::{
    Api, Assignment, Bucket, Client, ClientSecret, Consent, Context, Credential, Event, Extension, Grant,
    Installation, Issuer, KeyRecord, KeyState, MacKeyRecord, Mail, Membership, NewInstallationSecret, Role,
    Session, Tenant, Ticket, TicketKey, TicketKind, Tombstone, User, WebhookEvent, WebhookKeyRecord,
    WebhookSecretRecord,
};
use doorward_wire::scope::Scopes;

pub use condition::{ConsumeTicket, Guard, MAX_TICKET_FAILURES};

/// One change.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Write an event.
    Record(Event),

    /// Store a ticket. Conflict: a row of that key exists (a mark that was set before).
    InsertTicket(Ticket),
    /// Redeem a ticket: sets `consumed_at` where it is not set, `now < expires_at`, failures < 5, and every binding is as named.
    ConsumeTicket(ConsumeTicket),
    /// Count a failed try to redeem; at the fifth the ticket is burnt (`consumed_at` set). Precondition: not consumed.
    CountTicketFailure {
        /// Whose tenant.
        tenant: TenantId,
        /// Which ticket.
        key: TicketKey,
        /// Now.
        now: Timestamp,
    },
    /// End a ticket that is presented (an opaque access token) or a link: sets `consumed_at` where it is not set; no row is no conflict.
    EndTicket {
        /// Whose tenant.
        tenant: TenantId,
        /// Which ticket.
        key: TicketKey,
        /// Now.
        now: Timestamp,
    },

    /// End all tickets of a kind that lives shortly and may be forgotten before `until`: no row is no conflict.
    EndTicketsOf {
        /// Whose tenant.
        tenant: TenantId,
        /// What they are for.
        kind: TicketKind,
        /// Now.
        now: Timestamp,
        /// The latest time at which one of them may be forgotten.
        until: Timestamp,
    },

    /// Let a mark name another grant. Precondition: it names `from`.
    RebindTicket {
        /// Whose tenant.
        tenant: TenantId,
        /// Which mark.
        key: TicketKey,
        /// The grant it names.
        from: Option<GrantId>,
        /// The grant it shall name.
        to: GrantId,
    },

    /// Store a grant.
    InsertGrant(Grant),
    /// First redemption. Precondition: `redeemed_at` not set, not ended.
    StartGrant {
        /// Whose tenant.
        tenant: TenantId,
        /// Which grant.
        id: GrantId,
        /// Now: `redeemed_at` and `used_at`.
        now: Timestamp,
        /// 1 when a refresh token is issued, else 0.
        generation: i64,
        /// Serial of the MAC key of that refresh token.
        mac_key: i64,
        /// Idle lifetime from now on.
        idle_ms: i64,
        /// Absolute end from now on.
        expires_at: Timestamp,
        /// Whether its client was not named.
        unnamed: bool,
    },
    /// Rotate: `generation = to`, `spent_before_at = spent_at`, `spent_at = now`, `used_at = now`, `mac_key`.
    /// Precondition: `generation = from`, not ended.
    RotateGrant {
        /// Whose tenant.
        tenant: TenantId,
        /// Which grant.
        id: GrantId,
        /// The generation presented, as the row has it.
        from: i64,
        /// The successor's generation.
        to: i64,
        /// Serial of the MAC key that the successor is made with.
        mac_key: i64,
        /// Now.
        now: Timestamp,
    },
    /// Stamp a use without rotation (policy `reuse`): `used_at = now`. Precondition: not ended.
    TouchGrant {
        /// Whose tenant.
        tenant: TenantId,
        /// Which grant.
        id: GrantId,
        /// Now.
        now: Timestamp,
    },
    /// End a grant: sets `ended_at` where it is not set. No row changed is no conflict: it had ended already.
    EndGrant {
        /// Whose tenant.
        tenant: TenantId,
        /// Which grant.
        id: GrantId,
        /// Now.
        now: Timestamp,
        /// Why.
        reason: String,
    },

    /// Store a consent. Conflict: a live one of that person and client exists.
    InsertConsent(Consent),
    /// Widen a consent. Precondition: its version, not ended.
    WidenConsent {
        /// Whose tenant.
        tenant: TenantId,
        /// Which consent.
        id: ConsentId,
        /// The version it was read at.
        version: i64,
        /// All that is allowed now.
        scopes: Scopes,
        /// Whether no page was ever shown for it.
        implicit: bool,
    },
    /// End a consent where it is not ended.
    EndConsent {
        /// Whose tenant.
        tenant: TenantId,
        /// Which consent.
        id: ConsentId,
        /// Now.
        now: Timestamp,
    },

    /// Store a session.
    InsertSession(Session),
    /// Sign in again as the same person: new secret, `auth_time`, `acr`, factors, lifetimes. Precondition: `secret_hash = from`, not ended.
    RenewSession {
        /// The session as it shall be.
        session: Session,
        /// The hash of the secret that it replaces.
        from: [u8; 32],
    },
    /// Stamp a use: `used_at = now` where it is older. No row is no conflict.
    TouchSession {
        /// Whose tenant.
        tenant: TenantId,
        /// Which session.
        id: SessionId,
        /// Now.
        now: Timestamp,
    },
    /// End a session where it is not ended.
    EndSession {
        /// Whose tenant.
        tenant: TenantId,
        /// Which session.
        id: SessionId,
        /// Now.
        now: Timestamp,
    },
    /// End all sessions of a person but one.
    EndSessionsOf {
        /// Whose tenant.
        tenant: TenantId,
        /// Whose sessions.
        user: UserId,
        /// The one that stays.
        except: Option<SessionId>,
        /// Now.
        now: Timestamp,
    },

    /// Nothing from before `valid_from` counts for a person any more, offline grants neither. Precondition: they are at that version.
    EndBefore {
        /// Whose tenant.
        tenant: TenantId,
        /// Who.
        user: UserId,
        /// Their version.
        version: i64,
        /// From when on it counts.
        valid_from: Timestamp,
        /// Now.
        now: Timestamp,
    },

    /// Count a sign-in attempt: `count + 1` in a window, or 1 in a new one. Precondition: `count < limit` or the window has passed.
    CountAttempt {
        /// Which bucket.
        bucket: Bucket,
        /// Now.
        now: Timestamp,
        /// Length of the window.
        window_ms: i64,
        /// Attempts allowed in it.
        limit: i64,
    },
    /// Take attempts back after a success: `count = 0`. No row is no conflict.
    ForgiveAttempts {
        /// Which bucket.
        bucket: Bucket,
    },
    /// Take one attempt back after a success: `count - 1`, unless it is 0. No row is no conflict.
    GiveAttemptBack {
        /// Which bucket.
        bucket: Bucket,
    },

    /// Create (`version` 0) or replace (`version` as read) a tenant; the row gets `version + 1`. The same holds for the next five.
    PutTenant(Tenant),
    /// Create or replace an issuer. Conflict: its mount is taken.
    PutIssuer(Issuer),
    /// Create or replace a person. Conflict: a name or address is taken.
    PutUser(User),
    /// Create or replace a client.
    PutClient(Client),
    /// Create or replace an API.
    PutApi(Api),
    /// Give a person's names, address and external id back, before the [`Effect::PutUser`] of that person in the same commit, so that
    /// another can take them and people can change names with each other. No row is no conflict: what is put states the version.
    FreeNames(TenantId, UserId),
    /// Leave an issuer's mount, before the [`Effect::PutIssuer`] of it in the same commit. No row is no conflict.
    FreeMount(TenantId, IssuerId),
    /// Remove an issuer. Precondition: it exists at that version.
    RemoveIssuer(TenantId, IssuerId, i64),
    /// Remove a person with their names, credentials, sessions and consents: every grant is dead, whoever gets their id later.
    RemoveUser(TenantId, UserId, i64),
    /// Remove a client with its secrets and what people allowed it: every grant is dead, whatever gets its id later.
    RemoveClient(TenantId, ClientId, i64),
    /// Remove an API.
    RemoveApi(TenantId, ApiId, i64),
    /// Queue a mail: it is sent after the commit, and as often as it takes.
    QueueMail(Box<Mail>),
    /// Take a mail from the outbox: its request is answered. Precondition: it is there.
    ForgetMail(TenantId, MailId),
    /// Create or replace a role.
    PutRole(Role),
    /// Remove a role: whoever had it has it no longer.
    RemoveRole(TenantId, RoleKey, i64),
    /// Create or replace a context. Conflict: another that stands has its id or external id.
    PutContext(Context),
    /// Remove a context: one row, and everything in it and below it is dead. Precondition: its version, not removed.
    RemoveContext {
        /// Whose tenant.
        tenant: TenantId,
        /// Which.
        key: ContextKey,
        /// The version that it was read at.
        version: i64,
        /// Now.
        now: Timestamp,
    },
    /// Create or replace a membership.
    PutMembership(Membership),
    /// Remove a membership with the roles that the person has there.
    RemoveMembership(TenantId, UserId, ContextKey, i64),
    /// Give a person a role. One that they have already is no conflict.
    Assign(Assignment),
    /// Take a role from a person. One that they do not have is no conflict.
    Unassign {
        /// Whose tenant.
        tenant: TenantId,
        /// Whose role.
        user: UserId,
        /// In which context; none: in the whole tenant.
        context: Option<ContextKey>,
        /// Which role.
        role: RoleKey,
    },
    /// Change nothing: somebody stays who is needed. Precondition: they, their tenant and the role that they have in it are as they were
    /// read.
    Guard(Guard),
    /// Remember that another system's object was removed, where nothing newer is remembered.
    PutTombstone(Tombstone),
    /// Keep an answer for who repeats the request. Conflict: one is kept under that key and not over at `now`.
    KeepAnswer {
        /// The answer.
        answer: KeptAnswer,
        /// Now.
        now: Timestamp,
    },
    /// Set a credential, replacing the one of the same person and kind.
    PutCredential(Credential),
    /// Store a credential of a kind that the person has none of. Conflict: they have.
    AddCredential(Credential),
    /// Remove a credential. Precondition: it is as it was read.
    RemoveCredential(Credential),
    /// Replace a credential's data: a password hash by one of the same password with today's parameters, or what was spent of a
    /// second factor. Precondition: the data it was verified against.
    UpgradeCredential {
        /// The new row.
        credential: Credential,
        /// The data it replaces.
        from: String,
    },

    /// Add a client's secret.
    PutSecret(ClientSecret),
    /// Change a secret's end (retire it) where it exists.
    RetireSecret {
        /// Whose tenant.
        tenant: TenantId,
        /// Whose secret.
        client: ClientId,
        /// Which.
        id: SecretId,
        /// Until when it works.
        expires_at: Timestamp,
    },
    /// Remove a client's secret.
    RemoveSecret(TenantId, ClientId, SecretId),

    /// Create or replace an extension. Conflict: there is one of its id, or another extension has one of its audiences.
    PutExtension(Box<Extension>),
    /// Give an extension's audiences back, before the [`Effect::PutExtension`] of it in the same commit, so that another can take them. No
    /// row is no conflict: what is put states the version.
    FreeAudiences(TenantId, ExtensionKey),
    /// Remove an extension. Precondition: it is at that version, and installed nowhere.
    RemoveExtension(TenantId, ExtensionKey, i64),
    /// Create or replace an installation. Conflict: another of the extension stands in that context.
    PutInstallation(Box<Installation>),
    /// Add a secret of an installation. Where it is given in the clear it is kept, sealed, until the extension has it.
    AddInstallationSecret(Box<NewInstallationSecret>),
    /// The extension has a secret: it is in force, and kept as a hash only. No row is no conflict.
    DeliverInstallationSecret {
        /// Whose tenant.
        tenant: TenantId,
        /// Whose secret.
        installation: InstallationId,
        /// Which.
        id: SecretId,
        /// Now.
        now: Timestamp,
    },
    /// A pending secret becomes current; those that are older retire at `retire_at`, unless they end sooner. Precondition: it is pending.
    TakeInstallationSecret {
        /// Whose tenant.
        tenant: TenantId,
        /// Whose secret.
        installation: InstallationId,
        /// SHA-256 of the secret.
        hash: [u8; 32],
        /// Its number: those below it are older.
        number: i64,
        /// Now.
        now: Timestamp,
        /// Until when the older ones work.
        retire_at: Timestamp,
    },
    /// A secret of an installation works until `expires_at`, where it exists.
    RetireInstallationSecret {
        /// Whose tenant.
        tenant: TenantId,
        /// Whose secret.
        installation: InstallationId,
        /// Which.
        id: SecretId,
        /// Until when it works.
        expires_at: Timestamp,
    },
    /// An installation that was removed has no secrets any more. Any number of rows is no conflict.
    ForgetInstallationSecrets(TenantId, InstallationId),
    /// No secret of any installation of an extension works any longer. Any number of rows is no conflict.
    EndInstallationSecrets {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which extension.
        extension: ExtensionKey,
        /// Now.
        now: Timestamp,
    },
    /// Tell the extension of something, after all that happened before to the installation. Conflict: something has that number.
    QueueWebhook(Box<WebhookEvent>),
    /// What the extension of an installation was not told yet, up to a number, it is told no more. No row is no conflict.
    AbortWebhooks {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which installation.
        installation: InstallationId,
        /// The first number that stays.
        before: i64,
        /// Now.
        now: Timestamp,
    },

    /// Nothing goes out of an installation any more, until it is resumed. One that is paused stays as it is.
    PauseWebhooks {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which installation.
        installation: InstallationId,
        /// Its version.
        number: i64,
        /// Why.
        reason: String,
        /// Now.
        now: Timestamp,
    },
    /// What waits of an installation goes out again. Precondition: it is paused.
    ResumeWebhooks {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which installation.
        installation: InstallationId,
        /// Now.
        now: Timestamp,
    },
    /// Whoever tells an event of an installation at once has its line to themselves for a lease. Precondition: nobody else has it, and nothing
    /// waits before that event.
    HoldWebhooks {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which installation.
        installation: InstallationId,
        /// Which.
        number: i64,
        /// The name of the lease.
        lease: String,
        /// Now.
        now: Timestamp,
    },
    /// What the line was held for is over, and it goes on. Precondition: it is still held by that lease, and waits.
    SettleWebhook {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which installation.
        installation: InstallationId,
        /// Which.
        number: i64,
        /// The name of the lease.
        lease: String,
        /// Whether the extension has been told.
        is_delivered: bool,
        /// Now.
        now: Timestamp,
    },
    /// An event of an installation is not waited for any longer. Precondition: it waits.
    SkipWebhook {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which installation.
        installation: InstallationId,
        /// Which.
        number: i64,
        /// Now.
        now: Timestamp,
    },
    /// An event of an installation is sent again, before those that wait. Precondition: it does not wait.
    ResendWebhook {
        /// Whose tenant.
        tenant: TenantId,
        /// Of which installation.
        installation: InstallationId,
        /// Which.
        number: i64,
        /// Now.
        now: Timestamp,
    },
    /// Store a key that signs what extensions are told. Conflict: its tenant has one of that number.
    PutWebhookKey(WebhookKeyRecord),
    /// Store a secret that an extension shares with us; older ones sign until then, unless they end sooner. Conflict: the extension has
    /// one of that number.
    PutWebhookSecret(WebhookSecretRecord, Timestamp),

    /// Store a signing key. Conflict: its tenant has one of that algorithm in that state (`next`, `current`) already.
    PutKey(KeyRecord),
    /// Move a signing key on. Precondition: it is in state `from`.
    MoveKey {
        /// Whose key.
        tenant: TenantId,
        /// Which.
        kid: KeyId,
        /// Its state now.
        from: KeyState,
        /// Its state then.
        to: KeyState,
        /// Now: `activated_at` or `retired_at`.
        now: Timestamp,
        /// Until when it stays published, for `Previous`.
        published_until: Option<Timestamp>,
    },
    /// Withdraw a key at once (compromise, or no longer needed).
    RemoveKey(TenantId, KeyId),
    /// Store a MAC key.
    PutMacKey(MacKeyRecord),
}

/// An answer that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptAnswer {
    /// The tenant of who asked.
    pub tenant: TenantId,
    /// SHA-256 of who asked and of the key that they named.
    pub key: [u8; 32],
    /// SHA-256 of what they asked.
    pub request: [u8; 32],
    /// The answer, sealed.
    pub sealed: Vec<u8>,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}
