//! What a request needs to know before it is decided: [`Needs`] names handles, [`Facts`](crate::Facts) brings the row of each.

use crate::id::{ClientId, ConsentId, GrantId, InstallationId, SessionId, UserId};
use crate::login::attempt::Attempt;
use crate::model::TicketKey;
use crate::policies::Policies;

/// What a request needs to know before it can be decided. Filled by the request's `needs`, answered by the store's `load`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Needs {
    /// A client with its secrets.
    pub client: Option<ClientId>,
    /// The `kid` of that client's key, where it signed something: the cache of key sets looks for it anew when it does not know it.
    pub client_key: Option<String>,
    /// A ticket, with its grant and all that the grant hangs on.
    pub ticket: Option<TicketKey>,
    /// A grant and all that it hangs on.
    pub grant: Option<GrantId>,
    /// A session with its person. The store answers it only when the secret's hash fits.
    pub session: Option<SessionHandle>,
    /// A session by its id, of which somebody else's token speaks. It signs nobody in.
    pub session_of: Option<SessionId>,
    /// The live consent that the session's person gave to this client.
    pub consent_for: Option<ClientId>,
    /// A consent by its id.
    pub consent: Option<ConsentId>,
    /// A person by a canonical user name or e-mail address, with their password.
    pub login_name: Option<String>,
    /// A person by id, with their password.
    pub user: Option<UserId>,
    /// What a person can show beside their password, and their roles: the person of `user`, `login_name`, `session` or the grant of
    /// `ticket`, the first of these that is named.
    pub factors: bool,
    /// The buckets of the sign-in throttle that count this attempt: which ones, is known once the person has been looked for.
    pub attempt: Option<Attempt>,
    /// The client that the row of `ticket` or `grant` names, for what it may have now. No refusal may rest on it.
    pub client_of_row: bool,
    /// The roles of the person of `user`, `login_name` or `session`, the first of these that is named. Those of a
    /// grant's person come by themselves where what is issued from it depends on them.
    pub held: bool,
    /// The topmost context that the person of `user` or of the grant belongs to.
    pub top_context: bool,
    /// Whose these user names or addresses are, by their canonical forms.
    pub whose: Vec<String>,
    /// An installation, and all that it hangs on.
    pub installation: Option<InstallationHandle>,
    /// The extension of that installation, and the live consent that the person in question gave to it there.
    pub extension: bool,
    /// Whether the client that is named, or that a row names, is an extension's: which one.
    pub is_extension: bool,
    /// The extension that this client is, and where it is installed in contexts that the session's person, or that of `user`, belongs to; where
    /// there is only one, that installation with all that it hangs on, and what the person consented to there.
    pub installed_for: Option<ClientId>,
    /// Of those, only the installation or context of that id.
    pub place: Option<String>,
    /// The roles of a grant's person, where nothing that is issued depends on them but somebody is told.
    pub roles_of_grant: bool,
    /// A mark: whether a row of this key exists.
    pub mark: Option<TicketKey>,
    /// Read the client from the database even when it is cached: no refusal rests on a cached row.
    pub fresh: bool,
}

impl Needs {
    /// What an access token says beside what the specifications have, where the wire contract wants that.
    pub fn for_access_token(&mut self, policies: &Policies) {
        self.is_extension |= policies.access_tokens.names_extension;
        self.roles_of_grant |= policies.access_tokens.tells_user;
    }
}

/// An installation that is named, by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InstallationHandle {
    /// Which.
    pub id: InstallationId,
    /// SHA-256 of the secret that was presented with it: its row comes along.
    pub secret_hash: Option<[u8; 32]>,
    /// Whose membership there is asked; none: that of the session's person, where one is named.
    pub user: Option<UserId>,
}

/// A presented session cookie: which session, and the hash of the secret that shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionHandle {
    /// The session.
    pub id: SessionId,
    /// SHA-256 of the secret; compared in constant time.
    pub secret_hash: [u8; 32],
}
