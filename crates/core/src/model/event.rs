//! An event: what happened, written in the commit that it reports.

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, EventId, GrantId, InstallationId, TenantId, UserId};
use crate::model::Grant;
use crate::{Ctx, Reason, Timestamp};

/// An event of the audit trail. Never holds a secret.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Its id, made by whoever decides.
    pub id: EventId,
    /// Whose tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Who did it.
    pub actor: Actor,
    /// The person it concerns.
    pub user: Option<UserId>,
    /// The client it concerns.
    pub client: Option<ClientId>,
    /// The grant it concerns.
    pub grant: Option<GrantId>,
    /// The installation it concerns.
    #[serde(default)]
    pub installation: Option<InstallationId>,
    /// Why, for refusals and endings: the name of a [`Reason`].
    pub reason: Option<String>,
    /// The id of the request that caused it.
    pub request_id: String,
    /// The caller's address.
    pub address: String,
    /// Details, as JSON; `{}` when there are none.
    pub data: String,
}

/// Who did something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// A client, authenticated.
    Client(ClientId),
    /// Whoever holds the local socket or the data folder.
    Operator,
    /// The server itself: rotation by age, expiry.
    Server,
    /// A person, signed in.
    User(UserId),
    /// Somebody who has not said or shown who they are.
    Unknown,
}

impl Actor {
    /// Who is meant by `user:…`, `client:…`, `operator`, `server` or `unknown`; none by anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some((_, "")) => None,
            Some(("user", id)) => Some(Self::User(id.into())),
            Some(("client", id)) => Some(Self::Client(id.into())),
            Some(_) => None,
            None => match text {
                "operator" => Some(Self::Operator),
                "server" => Some(Self::Server),
                "unknown" => Some(Self::Unknown),
                _ => None,
            },
        }
    }
}

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// What happened. The names are stable: administrators filter by them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum EventKind { $($(#[$doc])* $variant),* }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

event_kinds! {
    /// A person allowed a client something, or more than before.
    ConsentGiven = "consent.given",
    /// A person or an administrator took a consent back.
    ConsentEnded = "consent.ended",
    /// A person said no on the consent page.
    ConsentDenied = "consent.denied",
    /// A code was issued.
    CodeIssued = "code.issued",
    /// Tokens were given in a redirect, without a code.
    ImplicitIssued = "implicit.issued",
    /// Tokens were given for a password, at the token endpoint.
    PasswordGranted = "password.granted",
    /// A code was redeemed.
    CodeRedeemed = "code.redeemed",
    /// A code was refused with consequence: repeated, wrong client, wrong redirect URI, wrong verifier.
    CodeRefused = "code.refused",
    /// A client was issued a token of its own.
    ClientToken = "client.token",
    /// A client could not authenticate.
    ClientRefused = "client.refused",
    /// A client may do from now on what the specifications have given up.
    LegacyAllowed = "client.legacy_allowed",
    /// An API takes from now on what the specifications have given up.
    LegacyTaken = "api.legacy_allowed",
    /// A refresh token was refused with consequence: replay, other client.
    RefreshRefused = "refresh.refused",
    /// A refresh was repeated by a client that lost the answer.
    RefreshRetried = "refresh.retried",
    /// A late duplicate of a refresh was refused.
    RefreshDuplicate = "refresh.duplicate",
    /// A refresh token was newer than the database: adopted.
    RefreshAhead = "refresh.ahead",
    /// A grant was ended.
    GrantEnded = "grant.ended",
    /// An extension was installed.
    Installed = "installation.added",
    /// An installation was changed: its scopes, variant, settings, or whether it works.
    InstallationChanged = "installation.updated",
    /// An installation got a new secret.
    InstallationSecretRotated = "installation.secret_rotated",
    /// An installation was removed.
    InstallationRemoved = "installation.removed",
    /// A secret of an installation was shown, confirmed or retired.
    InstallationSecretChanged = "installation.secret_changed",
    /// A new secret of an installation was used for the first time: it is current.
    InstallationSecretTaken = "installation.secret_taken",
    /// A secret that is being retired was used.
    InstallationSecretOld = "installation.old_secret",
    /// Somebody could not show that they are an installation.
    InstallationRefused = "installation.refused",
    /// A person opened an installation, or a client or administrator for them: there is a key to be exchanged.
    Launched = "installation.launched",
    /// A launch key was exchanged for a token.
    LaunchRedeemed = "installation.launch_redeemed",
    /// A ticket was made by which a frame is signed in to an installation.
    FrameTicketMade = "installation.frame_ticket",
    /// A frame was signed in to an installation.
    FrameSignedIn = "installation.frame_signed_in",
    /// A frame's sign-in ticket was refused: wrong extension, late, repeated.
    FrameRefused = "installation.frame_refused",
    /// A launch key was refused: wrong person, wrong extension, late, repeated.
    LaunchRefused = "installation.launch_refused",
    /// Nothing is told to the extension of an installation until somebody resumes it: an administrator said so, or it answered that nobody
    /// is there any more.
    WebhooksPaused = "webhook.paused",
    /// The extension of an installation is told again what happens to it.
    WebhooksResumed = "webhook.resumed",
    /// An administrator said that an extension need not be told of something.
    WebhookSkipped = "webhook.skipped",
    /// An administrator had an extension told of something again.
    WebhookResent = "webhook.resent",
    /// An extension could not be told for days that an installation of it is gone. It is not tried any longer.
    WebhookGivenUp = "webhook.given_up",
    /// A client could not be told for hours that a session ended. It is not tried any longer.
    LogoutGivenUp = "logout.given_up",
    /// A secret that signs what an extension is told was made.
    WebhookSecretChanged = "webhook.secret_changed",
    /// An address that somebody wrote leads to where the outbound policy lets nothing go.
    SsrfBlocked = "ssrf.blocked",
    /// A session token was made for a person by the platform.
    SessionTokenMade = "installation.session_token",
    /// A session token was exchanged for a token that works at APIs.
    SessionTokenExchanged = "installation.session_exchanged",
    /// A mail could not be sent: it was refused for good, or not taken for a day. It is not tried any longer.
    MailFailed = "mail.failed",
    /// A link for a new password was asked for.
    ResetAsked = "reset.asked",
    /// A link for a new password that does not work was used.
    ResetRefused = "reset.invalid",
    /// A role was given to a person.
    RoleGiven = "role.given",
    /// A role was taken from a person.
    RoleTaken = "role.taken",
    /// A token was revoked by its client.
    TokenRevoked = "token.revoked",
    /// A revocation or introspection of somebody else's token was refused.
    TokenForeign = "token.foreign",
    /// A person signed in.
    SignedIn = "session.signed_in",
    /// A sign-in failed.
    SignInFailed = "session.sign_in_failed",
    /// What is stored as a person's password hash is none that could be verified: a broken import, or a broken row.
    HashInvalid = "hash.invalid",
    /// Sign-ins of many names failed from one address.
    SignInSprayed = "login.spray",
    /// A sign-in was slowed.
    SignInThrottled = "session.sign_in_throttled",
    /// A password was right, and a code is due.
    SecondStepAsked = "session.second_step_asked",
    /// A person who is signed in showed a further factor.
    SteppedUp = "session.stepped_up",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// A password was changed.
    PasswordChanged = "user.password_changed",
    /// A person set a second factor up.
    FactorAdded = "factor.added",
    /// A person took their second factor away.
    FactorRemoved = "factor.removed",
    /// An administrator took a person's second factor away.
    FactorReset = "factor.reset",
    /// A person made new recovery codes.
    RecoveryCodesMade = "factor.recovery_codes_made",
    /// A recovery code was used in the place of a second factor.
    RecoveryCodeUsed = "factor.recovery_code_used",
    /// An object was made by an administrator.
    ObjectCreated = "object.created",
    /// An object was changed by an administrator.
    ObjectChanged = "object.changed",
    /// An object was removed by an administrator.
    ObjectRemoved = "object.removed",
    /// A secret was added to a client, or taken from it.
    SecretChanged = "client.secret_changed",
    /// Everything of something was ended at once: an extension, who makes extensions, an installation, a person, a key.
    IncidentEnded = "incident.ended",
    /// A signing key was made, took over, or was withdrawn.
    KeyChanged = "key.changed",
    /// A tenant's data key was wrapped by another key-encryption key.
    KeyWrapped = "key.wrapped",
    /// The database was brought back from a backup, and its epoch raised: what was before is over, unless it was told to stay.
    EpochRaised = "epoch.raised",
    /// A link that came by mail or from an administrator was refused.
    LinkRefused = "link.refused",
    /// An administrator made a link for a person: to sign in, or to choose a new password.
    LinkMade = "link.made",
    /// A person must choose a new password at their next sign-in.
    PasswordRequired = "user.password_required",
    /// An address was shown to be the person's.
    AddressVerified = "address.verified",
    /// A person asked to change their address.
    AddressChangeAsked = "address.change_asked",
    /// A person's address was changed, and the new one confirmed.
    AddressChanged = "address.changed",
    /// A change of address was taken back from the old address.
    AddressRestored = "address.restored",
    /// Somebody was invited.
    Invited = "invitation.made",
    /// An invitation was called back: its link works no longer.
    InvitationWithdrawn = "invitation.withdrawn",
    /// An invitation was used: there is an account.
    Joined = "invitation.used",
    /// Somebody signed up, confirmed their address and made an account.
    SignedUp = "sign_up.done",
    /// Somebody signed up, and a link to confirm the address was mailed.
    SignUpAsked = "sign_up.asked",
    /// A person asked for a link to confirm the address of their account.
    AddressVerifyAsked = "address.verify_asked",
    /// A set-up link was made.
    SetUpLinkMade = "setup.link_made",
    /// The first administrator was made by a set-up link.
    SetUpDone = "setup.done",
    /// An administrator, or a client that administers, asked for what they may not do.
    AdminDenied = "admin.denied",
    /// Refusals of unauthenticated callers, counted over a minute.
    Refusals = "refusals",
    /// Ordinary rotations and machine tokens, counted over a minute.
    Tally = "tally",
    /// An authorization request was refused with consequence.
    AuthorizationRefused = "authorization.refused",
}

impl EventKind {
    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

impl Serialize for EventKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| serde::de::Error::custom("unknown event kind"))
    }
}

impl Event {
    /// A new event of `tenant`; who and what it concerns is added by the methods below.
    pub fn new(kind: EventKind, tenant: &TenantId, actor: Actor, ctx: &mut Ctx<'_>) -> Self {
        Self {
            id: EventId::new(ctx.now, ctx.rng),
            tenant: tenant.clone(),
            at: ctx.now,
            kind,
            actor,
            user: None,
            client: None,
            grant: None,
            installation: None,
            reason: None,
            request_id: ctx.request_id.to_owned(),
            address: ctx.address.to_owned(),
            data: "{}".to_owned(),
        }
    }

    /// It concerns this person.
    pub fn user(mut self, user: &UserId) -> Self {
        self.user = Some(user.clone());
        self
    }

    /// It concerns this client.
    pub fn client(mut self, client: &ClientId) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// It concerns this grant.
    pub fn grant(mut self, grant: GrantId) -> Self {
        self.grant = Some(grant);
        self
    }

    /// It concerns this grant, and with it its person, its client and its installation.
    pub fn of_grant(self, grant: &Grant) -> Self {
        Self {
            user: Some(grant.user.clone()),
            client: Some(grant.client.clone()),
            grant: Some(grant.id),
            installation: grant.installation.as_ref().map(|of| of.id.clone()),
            ..self
        }
    }

    /// It concerns this installation.
    pub fn installation(mut self, installation: &InstallationId) -> Self {
        self.installation = Some(installation.clone());
        self
    }

    /// Why.
    pub fn reason(mut self, reason: Reason) -> Self {
        self.reason = Some(reason.as_str().to_owned());
        self
    }

    /// Details.
    pub fn data(mut self, data: serde_json::Value) -> Self {
        self.data = data.to_string();
        self
    }
}
