//! What was issued, and whether it lives: keys, access and refresh tokens of people, session tokens, tokens of installations themselves.

use super::model::{Model, SECOND, Time};

/// What an installation may do in a person's name.
pub struct Grant {
    pub installation: usize,
    pub person: usize,
    pub writes: bool,
    epoch: i64,
    began: Time,
    pub key: Option<Key>,
    /// The session that it ends with.
    session: Option<usize>,
    /// What the frame that is signed in by it keeps.
    pub cookie: Option<(String, String)>,
    pub access: Vec<AccessToken>,
    /// Refresh tokens by generation: the first is the first.
    pub refresh: Vec<String>,
    /// When generations were spent.
    spent: Vec<Time>,
    used_at: Time,
    idle: Time,
    ends_at: Time,
    is_ended: bool,
}

/// What is redeemed once for a grant.
pub struct Key {
    pub kind: Kind,
    pub secret: String,
    until: Time,
    is_spent: bool,
    guesses: u32,
}

/// What a key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A ticket that signs a frame in.
    Frame,
    /// What an extension is opened with.
    Retrieval,
}

/// Somebody at their browser.
pub struct Session {
    pub person: usize,
    pub since: Time,
    is_ended: bool,
}

pub struct AccessToken {
    pub token: String,
    writes: bool,
    until: Time,
}

pub struct SessionToken {
    pub token: String,
    pub installation: usize,
    pub person: usize,
    /// The session that it ends with; none: the platform's.
    session: Option<usize>,
    writes: bool,
    epoch: i64,
    began: Time,
}

/// A token that an installation got for itself.
pub struct OwnToken {
    pub token: String,
    pub installation: usize,
    writes: bool,
    epoch: i64,
    until: Time,
}

/// What presenting a refresh token leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refreshed {
    /// A successor.
    Granted,
    /// The successor of before once more: its answer may have been lost.
    Again,
    Refused,
}

const KEY: Time = 60 * SECOND;
const SESSION_TOKEN: Time = 60 * SECOND;
const ACCESS: Time = 600 * SECOND;
const EXCHANGED: Time = 300 * SECOND;
/// A frame that the platform signed in, and one that a person did.
const FRAME: [Time; 2] = [3600 * SECOND, 28_800 * SECOND];
const REFRESH_IDLE: Time = 30 * 86_400 * SECOND;
const REFRESH_ABSOLUTE: Time = 180 * 86_400 * SECOND;
const LATE: Time = 10 * SECOND;
/// The extension that may act for people while they are away.
pub const OFFLINE: usize = 0;
/// Guesses at the person after which a key is burnt.
const GUESSES: u32 = 5;

impl Model {
    /// Whether a person can open it.
    pub fn opens(&self, person: usize, at: usize) -> bool {
        self.is_on(at) && self.has_belonged(person, self.installations[at].place, self.now)
    }

    /// A person opened it, at their browser or by the platform: there is a key. Where it may act while they are away, it outlives their
    /// session; a frame never does.
    pub fn open(&mut self, (person, session): (usize, Option<usize>), at: usize, kind: Kind, secret: String) {
        let ends_at = self.now + KEY;
        let key = Some(Key { kind, secret, until: ends_at, is_spent: false, guesses: 0 });
        let is_offline = kind == Kind::Retrieval && self.installations[at].extension == OFFLINE;
        let session = session.filter(|_| !is_offline);
        let writes = self.installations[at].writes;
        self.grants.push(Grant { key, session, ends_at, ..self.grant(person, at, writes) });
    }

    fn grant(&self, person: usize, at: usize, writes: bool) -> Grant {
        Grant {
            installation: at,
            person,
            writes,
            epoch: self.epoch(at),
            began: self.now,
            key: None,
            session: None,
            cookie: None,
            access: Vec::new(),
            refresh: Vec::new(),
            spent: Vec::new(),
            used_at: self.now,
            idle: REFRESH_IDLE,
            ends_at: self.now + REFRESH_ABSOLUTE,
            is_ended: false,
        }
    }

    /// Whether a grant and all that it hangs on stand.
    pub fn is_alive(&self, grant: usize) -> bool {
        let grant = &self.grants[grant];
        self.is_on(grant.installation)
            && grant.epoch == self.epoch(grant.installation)
            && self.has_belonged(grant.person, self.installations[grant.installation].place, grant.began)
            && grant.session.is_none_or(|session| self.is_open(session))
            && !grant.is_ended
            && self.now < grant.ends_at
            && self.now < grant.used_at + grant.idle
    }

    /// Whether a grant's key can be exchanged.
    pub fn is_fresh(&self, grant: usize) -> bool {
        let is_fresh = |key: &Key| !key.is_spent && self.now < key.until;
        self.grants[grant].key.as_ref().is_some_and(is_fresh) && self.is_alive(grant)
    }

    /// Somebody shows a key with another person: one time too many burns it.
    pub fn guess(&mut self, grant: usize) {
        if let Some(key) = self.grants[grant].key.as_mut() {
            key.guesses += 1;
            key.is_spent |= key.guesses >= GUESSES;
        }
    }

    /// Whether it is a grant's key that is wanted.
    pub fn is_of_kind(&self, grant: usize, kind: Kind) -> bool {
        self.grants[grant].key.as_ref().is_some_and(|key| key.kind == kind)
    }

    /// A frame was signed in.
    pub fn sign_in_frame(&mut self, grant: usize, cookie: (String, String)) {
        let (now, of) = (self.now, &mut self.grants[grant]);
        let life = FRAME[usize::from(of.session.is_some())];
        if let Some(key) = of.key.as_mut() {
            key.is_spent = true;
        }
        of.cookie = Some(cookie);
        (of.used_at, of.idle, of.ends_at) = (now, life, now + life);
    }

    /// A frame was answered with a code, and that was redeemed. What the person could not do at that moment was not granted.
    pub fn redeem_code(&mut self, frame: usize, access: String, refresh: String) {
        let of = &self.grants[frame];
        let (session, writes) = (of.session, self.writes(frame));
        let grant = Grant { session, ..self.grant(of.person, of.installation, writes) };
        self.grants.push(grant);
        let grant = self.grants.len() - 1;
        self.grants[grant].refresh.push(refresh);
        self.add_access(grant, access, ACCESS);
    }

    /// A key was exchanged.
    pub fn exchange_key(&mut self, grant: usize, access: String, refresh: String) {
        let (now, of) = (self.now, &mut self.grants[grant]);
        if let Some(key) = of.key.as_mut() {
            key.is_spent = true;
        }
        (of.used_at, of.ends_at) = (now, now + REFRESH_ABSOLUTE);
        of.refresh.push(refresh);
        self.add_access(grant, access, ACCESS);
    }

    fn add_access(&mut self, grant: usize, token: String, life: Time) {
        let (writes, until) = (self.writes(grant), self.now + life);
        self.grants[grant].access.push(AccessToken { token, writes, until });
    }

    /// Whether what is issued of a grant now writes.
    pub fn writes(&self, grant: usize) -> bool {
        let grant = &self.grants[grant];
        let one = &self.installations[grant.installation];
        grant.writes && one.writes && self.may_write(grant.person, one.place)
    }

    /// What an access token says: whether it writes; none: it is dead.
    pub fn access_token(&self, grant: usize, token: usize) -> Option<bool> {
        let token = &self.grants[grant].access[token];
        (self.is_alive(grant) && self.now < token.until).then(|| token.writes && self.writes(grant))
    }

    /// Whether a refresh token is the newest of a grant that lives.
    pub fn is_newest(&self, grant: usize, generation: usize) -> bool {
        self.is_alive(grant) && generation + 1 == self.grants[grant].refresh.len()
    }

    /// A refresh token is presented.
    pub fn refresh(&mut self, grant: usize, generation: usize) -> Refreshed {
        if !self.is_alive(grant) {
            return Refreshed::Refused;
        }
        let (now, of) = (self.now, &mut self.grants[grant]);
        match of.refresh.len() - 1 - generation {
            0 => {
                of.spent.push(now);
                of.used_at = now;
                Refreshed::Granted
            }
            1 => Refreshed::Again,
            2 if now - of.spent[generation] <= LATE => Refreshed::Refused,
            _ => {
                of.is_ended = true;
                Refreshed::Refused
            }
        }
    }

    /// What came of a refresh that was granted.
    pub fn refreshed(&mut self, grant: usize, access: String, successor: Option<String>) {
        self.grants[grant].refresh.extend(successor);
        self.add_access(grant, access, ACCESS);
    }

    pub fn add_session_token(&mut self, (person, session): (usize, Option<usize>), at: usize, token: String) {
        let one = &self.installations[at];
        let writes = one.writes && self.may_write(person, one.place);
        let (epoch, began) = (self.epoch(at), self.now);
        self.session_tokens.push(SessionToken {
            token,
            installation: at,
            person,
            session,
            writes,
            epoch,
            began,
        });
    }

    /// Whether a session token can be exchanged.
    pub fn is_exchanged(&self, session_token: usize) -> bool {
        let token = &self.session_tokens[session_token];
        self.is_on(token.installation)
            && token.epoch == self.epoch(token.installation)
            && self.has_belonged(token.person, self.installations[token.installation].place, token.began)
            && token.session.is_none_or(|session| self.is_open(session))
            && self.now < token.began + SESSION_TOKEN
    }

    /// A session token was exchanged.
    pub fn exchange_session_token(&mut self, session_token: usize, access: String) {
        let token = &self.session_tokens[session_token];
        let (session, ends_at) = (token.session, self.now + EXCHANGED);
        let grant = self.grant(token.person, token.installation, token.writes);
        self.grants.push(Grant { session, ends_at, ..grant });
        self.add_access(self.grants.len() - 1, access, EXCHANGED);
    }

    // --- sessions of people ---

    pub fn sign_in(&mut self, person: usize) -> usize {
        self.sessions.push(Session { person, since: self.now, is_ended: false });
        self.sessions.len() - 1
    }

    /// The session in which a person is signed in.
    pub fn session_of(&self, person: usize) -> Option<usize> {
        (0..self.sessions.len()).rev().find(|at| self.sessions[*at].person == person && self.is_open(*at))
    }

    pub fn is_open(&self, session: usize) -> bool {
        !self.sessions[session].is_ended
    }

    pub fn end_session(&mut self, session: usize) {
        self.sessions[session].is_ended = true;
    }

    // --- tokens of installations themselves ---

    /// It got a token for itself.
    pub fn add_own(&mut self, at: usize, token: String) {
        let (writes, epoch) = (self.installations[at].writes, self.epoch(at));
        let until = self.now + ACCESS;
        self.own_tokens.push(OwnToken { token, installation: at, writes, epoch, until });
    }

    /// What a token that an installation got for itself says: whether it writes; none: it is dead.
    pub fn own_token(&self, own: usize) -> Option<bool> {
        let token = &self.own_tokens[own];
        let is_alive = self.is_on(token.installation)
            && token.epoch == self.epoch(token.installation)
            && self.now < token.until;
        is_alive.then(|| token.writes && self.installations[token.installation].writes)
    }
}
