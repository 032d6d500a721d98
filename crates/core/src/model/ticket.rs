//! A ticket: any secret we hand out to be redeemed once, or presented until it ends. One table, one row shape.

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, GrantId, InstallationId, TenantId};
use crate::token::issue::OpaqueData;
use crate::{Ctx, Timestamp};
use doorward_crypto::secret::SecretString;
use doorward_crypto::{base62, base64url, digest};

/// Key of a ticket in its table: when it may be forgotten, in steps of 64 s (big-endian, so that rows append and reaping is
/// a range delete), then the hash of the secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct TicketKey {
    /// Steps of 64 s since the Unix epoch.
    pub forget: u32,
    /// SHA-256 of the secret, or of whatever names the row.
    pub hash: [u8; 32],
}

/// What a ticket is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketKind {
    /// An opaque access token, presented until it ends.
    AccessToken,
    /// A link to a new address: whoever opens it has that address.
    AddressConfirm,
    /// A link to the address before: it brings it back.
    AddressUndo,
    /// A link to the address of an account: whoever opens it has it.
    AddressVerify,
    /// The `jti` of a client assertion: its row says that it was used (RFC 7523, section 3).
    Assertion,
    /// An authorization code, redeemed once (RFC 6749, section 4.1.2).
    Code,
    /// That somebody is signed in inside a frame, to one installation: the frame's cookie, presented until it ends.
    Frame,
    /// The one-time ticket by which a frame is signed in: a page around it hands it in.
    FrameSignIn,
    /// An invitation.
    Invitation,
    /// A link by which a new password is chosen.
    PasswordReset,
    /// A request that went through our pages and was answered with a code: its row names the grant, so that a form sent twice
    /// leaves one live grant.
    Request,
    /// The one-time key that an extension is opened with: exchanged for tokens of whoever opened it.
    RetrievalKey,
    /// The `jti` of a JWT without a grant that was revoked.
    RevokedJti,
    /// A set-up link for the first administrator.
    SetUp,
    /// A link by which a person signs in once, made by an administrator.
    SignInLink,
    /// A link by which somebody who signed up shows that the address is theirs.
    SignUp,
}

/// A ticket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Ticket {
    /// Where it stands in the table.
    pub key: TicketKey,
    /// What it is for.
    pub kind: TicketKind,
    /// Whose tenant.
    pub tenant: TenantId,
    /// The grant it hangs on; none for a client's own tokens and for marks.
    pub grant: Option<GrantId>,
    /// The client it is bound to.
    pub client: Option<ClientId>,
    /// The redirect URI it is bound to (codes).
    pub redirect_uri: Option<String>,
    /// The PKCE challenge it is bound to (codes).
    pub code_challenge: Option<String>,
    /// The key that it is bound to (`cnf`), kept for later.
    pub cnf: Option<String>,
    /// Failed tries to redeem it; at five it is burnt.
    pub failures: i64,
    /// Until when it can be redeemed or presented.
    pub expires_at: Timestamp,
    /// When it was redeemed or burnt.
    pub consumed_at: Option<Timestamp>,
    /// What else belongs to it, as JSON of its kind.
    pub data: String,
}

impl Ticket {
    /// A ticket that is bound to nothing yet, and was never used.
    pub fn unbound(key: TicketKey, kind: TicketKind, tenant: &TenantId, expires_at: Timestamp) -> Self {
        Self {
            key,
            kind,
            tenant: tenant.clone(),
            grant: None,
            client: None,
            redirect_uri: None,
            code_challenge: None,
            cnf: None,
            failures: 0,
            expires_at,
            consumed_at: None,
            data: "{}".to_owned(),
        }
    }

    /// A link of `kind` that works for `life_s` seconds and keeps `data`, as JSON: the ticket, and the secret.
    pub fn of_link(
        kind: TicketKind,
        tenant: &TenantId,
        life_s: i64,
        data: &impl Serialize,
        ctx: &mut Ctx<'_>,
    ) -> (Self, SecretString) {
        let expires_at = ctx.now.plus_s(life_s);
        let (key, secret) = TicketKey::mint(kind, expires_at, ctx);
        let data = serde_json::to_string(data).unwrap_or_default();
        (Self { data, ..Self::unbound(key, kind, tenant, expires_at) }, secret)
    }
}

impl Ticket {
    /// The installation that got an opaque access token for itself.
    pub fn of_installation(&self) -> Option<InstallationId> {
        if self.kind != TicketKind::AccessToken || self.grant.is_some() {
            return None;
        }
        let data: OpaqueData = serde_json::from_str(&self.data).ok()?;
        data.claims.installed.installation
    }
}

impl TicketKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::AccessToken,
        Self::AddressConfirm,
        Self::AddressUndo,
        Self::AddressVerify,
        Self::Assertion,
        Self::Code,
        Self::Frame,
        Self::FrameSignIn,
        Self::Invitation,
        Self::PasswordReset,
        Self::Request,
        Self::RetrievalKey,
        Self::RevokedJti,
        Self::SetUp,
        Self::SignInLink,
        Self::SignUp,
    ];

    /// Its name in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::AddressConfirm => "address_confirm",
            Self::AddressUndo => "address_undo",
            Self::AddressVerify => "address_verify",
            Self::Assertion => "assertion",
            Self::Code => "code",
            Self::Frame => "frame",
            Self::FrameSignIn => "frame_sign_in",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::Request => "request",
            Self::RetrievalKey => "retrieval_key",
            Self::RevokedJti => "revoked_jti",
            Self::SetUp => "set_up",
            Self::SignInLink => "sign_in_link",
            Self::SignUp => "sign_up",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What its secrets begin with: secret scanners find them, and one kind never passes for another.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessToken => "dwa_",
            Self::Assertion | Self::Request | Self::RevokedJti => "",
            Self::Code => "dwc_",
            Self::Frame => "dwf_",
            Self::FrameSignIn => "dwt_",
            Self::RetrievalKey => "dwo_",
            Self::SetUp => "dws_",
            Self::AddressConfirm => "dwe_",
            Self::AddressUndo => "dwu_",
            Self::AddressVerify => "dwv_",
            Self::Invitation => "dwi_",
            Self::PasswordReset => "dwp_",
            Self::SignInLink => "dwl_",
            Self::SignUp => "dwn_",
        }
    }
}

impl TicketKind {
    /// Random bytes in its secrets. A retrieval key lives for a minute, and existing clients want it in 37 characters.
    const fn random_bytes(self) -> usize {
        if matches!(self, Self::RetrievalKey) { 20 } else { 32 }
    }

    /// Whether its secrets are letters and digits after their prefix.
    const fn has_letters_only(self) -> bool {
        matches!(self, Self::RetrievalKey)
    }
}

impl TicketKey {
    /// Bytes as they stand in the table.
    pub fn to_bytes(self) -> [u8; 36] {
        let mut bytes = [0; 36];
        bytes[..4].copy_from_slice(&self.forget.to_be_bytes());
        bytes[4..].copy_from_slice(&self.hash);
        bytes
    }

    /// The key of those bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (forget, hash) = bytes.split_first_chunk::<4>()?;
        Some(Self { forget: u32::from_be_bytes(*forget), hash: hash.try_into().ok()? })
    }

    /// A fresh secret of `kind` that may be forgotten at `forget_at`, and its key.
    pub fn mint(kind: TicketKind, forget_at: Timestamp, ctx: &mut Ctx<'_>) -> (Self, SecretString) {
        let forget = forget_step(forget_at);
        let random: [u8; 32] = ctx.bytes();
        let bytes = [&forget.to_be_bytes()[..], &random[..kind.random_bytes()]].concat();
        let body = match kind.has_letters_only() {
            true => base62::encode_fixed(&bytes, base62::length_for(bytes.len())),
            false => base64url::encode(&bytes),
        };
        let secret = format!("{}{body}", kind.prefix());
        (Self { forget, hash: digest::sha256(secret.as_bytes()) }, SecretString::new(secret))
    }

    /// The key of a presented secret of `kind`; none when it does not even look like one.
    pub fn of_secret(kind: TicketKind, secret: &str) -> Option<Self> {
        let body = secret.strip_prefix(kind.prefix())?;
        let bytes = match kind.has_letters_only() {
            true => base62::decode_fixed(body, 4 + kind.random_bytes())?,
            false => base64url::decode(body)?,
        };
        let (forget, random) = bytes.split_first_chunk::<4>()?;
        if random.len() != kind.random_bytes() {
            return None;
        }
        Some(Self { forget: u32::from_be_bytes(*forget), hash: digest::sha256(secret.as_bytes()) })
    }

    /// The key of a mark: a row whose existence says that `parts` were seen or revoked until `forget_at`.
    pub fn of_mark(kind: TicketKind, forget_at: Timestamp, parts: &[&str]) -> Self {
        let mut bytes = kind.as_str().as_bytes().to_vec();
        for part in parts {
            bytes.push(0);
            bytes.extend_from_slice(&digest::sha256(part.as_bytes()));
        }
        Self { forget: forget_step(forget_at), hash: digest::sha256(&bytes) }
    }

    /// The first key that may not be forgotten at `now`: everything below it can go.
    pub fn forgotten_before(now: Timestamp) -> Self {
        Self { forget: u32::try_from(now.0.max(0) / FORGET_STEP_MS).unwrap_or(u32::MAX), hash: [0; 32] }
    }
}

fn forget_step(forget_at: Timestamp) -> u32 {
    // A time that a stranger wrote may be any number.
    u32::try_from(forget_at.0.max(0).saturating_add(FORGET_STEP_MS - 1) / FORGET_STEP_MS).unwrap_or(u32::MAX)
}

const FORGET_STEP_MS: i64 = 64_000;
