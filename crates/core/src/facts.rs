//! What decisions are made on: of each handle that [`Needs`](crate::Needs) names, the row with all that it hangs on.
//!
//! States (`disabled_at`, `ended_at`, …) in facts always come from the database; only descriptions may come from a cache.

use std::sync::Arc;

use crate::Timestamp;
use crate::id::{ContextId, InstallationId, TenantId, UserId};
use crate::keys::TenantKeys;
use crate::login::second_factor::Factors;
use crate::model::{
    Api, BucketRow, Client, ClientSecret, Consent, Context, Credential, Extension, ExtensionState, Grant,
    Installation, InstallationSecret, Installed, Issuer, Session, Tenant, Ticket, TicketKind, User,
};
use crate::permission::{Held, Limits, Permissions};
use crate::policies::{Mount, Policies};
use doorward_crypto::jose::key_set::JwkSet;

/// What the store found. What was not needed, and what does not exist, is absent.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The tenant whose mount the request came to.
    pub tenant: Arc<Tenant>,
    /// The issuer whose mount the request came to.
    pub issuer: Arc<Issuer>,
    /// The tenant's APIs.
    pub apis: Arc<Vec<Api>>,
    /// The tenant's keys.
    pub keys: Arc<TenantKeys>,
    /// The public keys of the client that was named, where its registration holds them or its `jwks_uri` gave them.
    pub client_keys: Option<Arc<JwkSet>>,
    /// The client that was named, with its secrets; its state as the database has it now.
    pub client: Option<Arc<ClientFacts>>,
    /// The ticket.
    pub ticket: Option<TicketFacts>,
    /// The grant.
    pub grant: Option<GrantFacts>,
    /// The session.
    pub session: Option<SessionFacts>,
    /// The session that a token speaks of.
    pub session_of: Option<Session>,
    /// The consent.
    pub consent: Option<Consent>,
    /// The person.
    pub user: Option<UserFacts>,
    /// The installation that was named.
    pub installation: Option<Box<InstallationFacts>>,
    /// The extension of the installation that was named, or that the client is.
    pub extension: Option<Box<Extension>>,
    /// Where it is installed in contexts that the person belongs to.
    pub places: Vec<Place>,
    /// What the person of the grant, of the session, or the person named holds; none where nothing asks for it.
    pub held: Option<HeldFacts>,
    /// The topmost context that the person belongs to; of several that are as high, the oldest.
    pub top_context: Option<Context>,
    /// What the person can show beside their password.
    pub factors: Factors,
    /// Of a ticket that is a link of a person (who is in `user` then): which link of its kind is their newest.
    pub newest_link: Option<String>,
    /// The throttle's buckets, in the order of [`Attempt::counters`](crate::login::attempt::Attempt::counters); none for one that was never used.
    pub attempts: Vec<Option<BucketRow>>,
    /// Whose the names or addresses are that were asked for, in that order.
    pub whose: Vec<Option<UserId>>,
    /// What the issuer's wire contract chooses among the rules.
    pub policies: &'static Policies,
    /// Whether this server sends mail.
    pub mail: bool,
    /// Whether the mark is set.
    pub marked: bool,
}

impl Facts {
    /// Facts that know nothing but whose mount the request came to.
    pub fn of(tenant: Arc<Tenant>, issuer: Arc<Issuer>, apis: Arc<Vec<Api>>, keys: Arc<TenantKeys>) -> Self {
        Self {
            tenant,
            issuer,
            apis,
            keys,
            client_keys: None,
            client: None,
            ticket: None,
            grant: None,
            session: None,
            session_of: None,
            consent: None,
            user: None,
            installation: None,
            extension: None,
            places: Vec::new(),
            held: None,
            top_context: None,
            factors: Factors::default(),
            newest_link: None,
            attempts: Vec::new(),
            whose: Vec::new(),
            policies: &Policies::STANDARD,
            mail: false,
            marked: false,
        }
    }

    /// Whether a client may use the issuer that the request came to.
    pub fn may_use_issuer(&self, client: &Client) -> bool {
        self.policies.admits(client, &self.issuer.id)
    }

    /// Where the request came to.
    pub fn mount(&self) -> Mount<'_> {
        Mount { issuer: &self.issuer, keys: &self.keys, policies: self.policies }
    }
}

/// What a person holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HeldFacts {
    /// Their roles, in the whole tenant and in contexts that stand.
    pub roles: Vec<Held>,
    /// The client through which they act: that of the grant, else the one that was named. It may narrow what the roles say.
    pub client: Option<Arc<ClientFacts>>,
}

/// A client and its secrets.
#[derive(Clone, PartialEq, Debug)]
pub struct ClientFacts {
    /// The client.
    pub client: Client,
    /// Its secrets, in whatever state.
    pub secrets: Vec<ClientSecret>,
    /// Whether it is an extension's.
    pub is_extension: bool,
}

/// A ticket and what it hangs on.
#[derive(Clone, PartialEq, Debug)]
pub struct TicketFacts {
    /// The ticket.
    pub ticket: Ticket,
    /// Its grant, when it names one. A ticket that names a grant which does not exist has none and is dead.
    pub grant: Option<GrantFacts>,
    /// The client's state, for a ticket without a grant.
    pub client: Option<Standing>,
    /// When that client was made: one made anew under the same id owns nothing of its predecessor.
    pub client_since: Option<Timestamp>,
    /// Since when the tenant is disabled.
    pub tenant_disabled_at: Option<Timestamp>,
}

/// A grant, and the state of all that it hangs on, from one joined read.
#[derive(Clone, PartialEq, Debug)]
pub struct GrantFacts {
    /// The grant.
    pub grant: Grant,
    /// The tenant's state.
    pub tenant: Standing,
    /// The client's state.
    pub client: Standing,
    /// The person.
    pub user: Option<User>,
    /// When the consent was ended; absent row: ended.
    pub consent: Standing,
    /// The session.
    pub session: Option<SessionState>,
    /// The installation that the grant names; none also where it names one that is not there.
    pub installation: Option<Box<InstallationFacts>>,
}

/// An installation, and the state of all that it hangs on, from one joined read.
#[derive(Clone, PartialEq, Debug)]
pub struct InstallationFacts {
    /// The installation.
    pub installation: Installation,
    /// The extension's state; none: it was removed.
    pub extension: Option<ExtensionStanding>,
    /// Whether the context stands, with all above it, and is switched on.
    pub context_stands: bool,
    /// The ids of all above the context, the nearest first.
    pub above: Vec<ContextId>,
    /// Whether the person in question belongs there, or to something above it.
    pub belongs: Belonging,
    /// The secret that was presented, where the installation has it.
    pub secret: Option<InstallationSecret>,
    /// The client that the extension is.
    pub client: Option<Arc<ClientFacts>>,
}

/// Whether a person belongs to a context, or to something above it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Belonging {
    /// Nobody is asked about.
    NotAsked,
    /// They do not.
    Outside,
    /// They do. Where several memberships say so, since the oldest of them; what was begun under one that has ended does not stand under
    /// a younger one.
    Since(Timestamp),
}

impl Belonging {
    /// Whether they belong there now.
    pub fn is_member(self) -> bool {
        matches!(self, Self::Since(_))
    }

    /// Whether they belong there, and did when something was begun, so that it may stand on that. Who left and has come back begins anew.
    pub fn holds_from(self, begun: Timestamp) -> bool {
        matches!(self, Self::Since(since) if since <= begun)
    }
}

/// Where an extension is installed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The installation.
    pub id: InstallationId,
    /// The typed id of what it is installed in.
    pub context: ContextId,
    /// The name of that, shown to people.
    pub name: String,
    /// Whether it is switched on there, and what it is installed in is.
    pub is_on: bool,
}

/// What of an extension decides whether it works.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExtensionStanding {
    /// How far it has come.
    pub state: ExtensionState,
    /// Since when the platform has stopped it.
    pub suspended_at: Option<Timestamp>,
    /// How often it was stopped.
    pub epoch: i64,
    /// Whether who makes it stands, and is switched on.
    pub contributor_stands: bool,
}

impl InstallationFacts {
    /// The installation at this moment of its life, as grants name it: its extension's moments count too.
    pub fn installed(&self) -> Installed {
        let of_extension = self.extension.map_or(0, |extension| extension.epoch);
        Installed { id: self.installation.id.clone(), epoch: self.installation.epoch + of_extension }
    }
}

impl GrantFacts {
    /// A grant that is being made: all that it hangs on has just been looked at, and stands.
    pub fn begun(
        grant: Grant,
        user: &User,
        session: Option<SessionState>,
        installation: Option<Box<InstallationFacts>>,
    ) -> Self {
        Self {
            grant,
            tenant: Standing::Live,
            client: Standing::Live,
            user: Some(user.clone()),
            consent: Standing::Live,
            session,
            installation,
        }
    }

    /// When the grant ends whatever happens, where its own end is at `end`: at the latest with its session, unless it is offline.
    pub fn ends_at(&self, end: Timestamp) -> Timestamp {
        let session =
            self.session.filter(|_| self.grant.ends_with_session()).map(|session| session.expires_at);
        session.map_or(end, |session| session.min(end))
    }
}

/// Whether something still stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It does.
    Live,
    /// It was switched off or ended then.
    Off(Timestamp),
    /// There is no such row.
    Gone,
}

/// What of a session decides whether it lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionState {
    /// Last use.
    pub used_at: Timestamp,
    /// Idle lifetime.
    pub idle_ms: i64,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

impl SessionState {
    /// That of a session.
    pub const fn of(session: &Session) -> Self {
        Self {
            used_at: session.used_at,
            idle_ms: session.idle_ms,
            expires_at: session.expires_at,
            ended_at: session.ended_at,
        }
    }
}

/// A session and its person.
#[derive(Clone, PartialEq, Debug)]
pub struct SessionFacts {
    /// The session.
    pub session: Session,
    /// Its person; none when removed.
    pub user: Option<User>,
    /// Since when the tenant is disabled.
    pub tenant_disabled_at: Option<Timestamp>,
}

/// A person and their password.
#[derive(Clone, PartialEq, Debug)]
pub struct UserFacts {
    /// The person.
    pub user: User,
    /// Their credential of kind `password`.
    pub password: Option<Credential>,
}

impl Standing {
    /// The standing of a row with such a column.
    pub fn of(off_at: Option<Timestamp>) -> Self {
        off_at.map_or(Self::Live, Self::Off)
    }
}

/// A row of the account page: a consent with the client's name and its last use.
#[derive(Clone, PartialEq, Debug)]
pub struct Application {
    /// The consent.
    pub consent: Consent,
    /// The client's name.
    pub client_name: String,
    /// The name of the context of the installation that it was given to; none: it was given to none, or to one in the tenant itself.
    pub context_name: Option<String>,
    /// Last use of any of its grants.
    pub used_at: Option<Timestamp>,
}

/// The tenant of some facts, for statements.
impl Facts {
    /// Whose request this is.
    pub fn tenant_id(&self) -> &TenantId {
        &self.tenant.id
    }

    /// The grant, whichever handle brought it. The one that a request was answered with before is another.
    fn any_grant(&self) -> Option<&GrantFacts> {
        let of_ticket = || self.ticket.as_ref().filter(|found| found.ticket.kind != TicketKind::Request);
        self.grant.as_ref().or_else(|| of_ticket().and_then(|found| found.grant.as_ref()))
    }

    /// The installation that acts: the grant's where there is a grant, else the one that was named.
    pub fn of_installation(&self) -> Option<&InstallationFacts> {
        match self.any_grant() {
            Some(of) => of.installation.as_deref(),
            None => self.installation.as_deref(),
        }
    }

    /// The person of the grant, whichever handle brought it.
    pub fn grant_user(&self) -> Option<&User> {
        self.any_grant().and_then(|of| of.user.as_ref())
    }

    /// What limits that which `client` is issued from a grant, as it is now.
    pub fn limits<'a>(
        &'a self,
        client: &'a Client,
        of: &'a GrantFacts,
        permissions: &'a Permissions,
    ) -> Limits<'a> {
        let installed = of.installation.as_deref().map(|found| &found.installation.scopes);
        Limits { installed, permissions: Some(permissions), ..Limits::of(client, &self.apis) }
    }

    /// What the person of a grant may do.
    pub fn permissions_of(&self, of: &GrantFacts) -> Permissions {
        of.user.as_ref().map(|user| self.permissions(user)).unwrap_or_default()
    }

    /// What `user` may do through the client that acts for them; through an installation, there. Where nobody asked for their roles, they
    /// have none.
    pub fn permissions(&self, user: &User) -> Permissions {
        let client = self.held.as_ref().and_then(|held| held.client.as_ref());
        self.permissions_through(user, client.map(|found| &found.client))
    }

    /// The same through that client; none: through one that narrows nothing.
    pub fn permissions_through(&self, user: &User, client: Option<&Client>) -> Permissions {
        let roles = self.held.as_ref().map_or(&[][..], |held| &held.roles);
        let permissions = Permissions::of(user, roles, client);
        match self.of_installation() {
            Some(of) => permissions.within(&of.installation.context_id, &of.above),
            None => permissions,
        }
    }
}
