//! What ought to be: a model of sessions, consents, grants, codes and refresh tokens, written from the design and not from the code.

use std::collections::BTreeMap;

use doorward_tests::{SPA, SPA2};

/// Milliseconds.
pub type Time = i64;

/// The world as it ought to be.
#[derive(Default)]
pub struct Model {
    pub now: Time,
    pub sessions: Vec<Session>,
    pub consents: Vec<Consent>,
    pub grants: Vec<Grant>,
}

pub struct Session {
    pub person: usize,
    used_at: Time,
    ends_at: Time,
    ended: bool,
}

pub struct Consent {
    pub person: usize,
    pub client: &'static str,
    pub scopes: Vec<&'static str>,
    pub ended: bool,
}

pub struct Grant {
    pub client: &'static str,
    pub session: usize,
    pub consent: usize,
    pub scopes: Vec<&'static str>,
    pub code: Code,
    pub ended: bool,
    /// Refresh tokens by generation: the first is the first.
    pub refresh: Vec<String>,
    /// Access tokens, with their scopes and when they end.
    pub access: Vec<(String, Vec<&'static str>, Time)>,
    used_at: Time,
    ends_at: Time,
    /// When generations were spent.
    spent: BTreeMap<usize, Time>,
}

pub struct Code {
    pub secret: String,
    pub redirect_uri: String,
    pub has_pkce: bool,
    made_at: Time,
    redeemed_at: Option<Time>,
    failures: u32,
}

/// What the model says of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Granted,
    Refused,
}

/// How a code is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    Right,
    WrongClient,
    WrongRedirectUri,
    WrongVerifier,
}

/// How a refresh is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    Right,
    WrongClient,
    Wider,
}

pub const SECOND: Time = 1000;
const SESSION_IDLE: Time = 1800 * SECOND;
const SESSION_ABSOLUTE: Time = 43_200 * SECOND;
const CODE: Time = 60 * SECOND;
const ACCESS: Time = 600 * SECOND;
const REFRESH_IDLE: Time = 30 * 86_400 * SECOND;
const REFRESH_ABSOLUTE: Time = 180 * 86_400 * SECOND;
const LATE: Time = 10 * SECOND;
const GRACE: Time = 30 * SECOND;

impl Model {
    /// The session that a person has open.
    pub fn session_of(&self, person: usize) -> Option<usize> {
        (0..self.sessions.len()).rev().find(|at| self.sessions[*at].person == person && self.is_open(*at))
    }

    pub fn sign_in(&mut self, person: usize) -> usize {
        let (used_at, ends_at) = (self.now, self.now + SESSION_ABSOLUTE);
        self.sessions.push(Session { person, used_at, ends_at, ended: false });
        self.sessions.len() - 1
    }

    pub fn sign_out(&mut self, person: usize) {
        let of_person = self.sessions.iter_mut().filter(|session| session.person == person);
        of_person.for_each(|session| session.ended = true);
    }

    pub fn is_open(&self, session: usize) -> bool {
        let session = &self.sessions[session];
        !session.ended && self.now < session.ends_at && self.now < session.used_at + SESSION_IDLE
    }

    fn touch(&mut self, session: usize) {
        if self.is_open(session) && self.now - self.sessions[session].used_at >= 60 * SECOND {
            self.sessions[session].used_at = self.now;
        }
    }

    pub fn consent_of(&self, person: usize, client: &str) -> Option<usize> {
        self.consents.iter().position(|one| one.person == person && one.client == client && !one.ended)
    }

    /// A code was issued to the session's person: a consent that covers it, and a grant.
    pub fn allow(
        &mut self,
        session: usize,
        client: &'static str,
        scopes: Vec<&'static str>,
        secret: String,
        redirect_uri: String,
        has_pkce: bool,
    ) {
        let person = self.sessions[session].person;
        let consent = self.consent_of(person, client).unwrap_or_else(|| {
            self.consents.push(Consent { person, client, scopes: Vec::new(), ended: false });
            self.consents.len() - 1
        });
        let allowed = &mut self.consents[consent].scopes;
        let more: Vec<_> = scopes.iter().filter(|scope| !allowed.contains(scope)).copied().collect();
        allowed.extend(more);
        let code = Code { secret, redirect_uri, has_pkce, made_at: self.now, redeemed_at: None, failures: 0 };
        self.touch(session);
        self.grants.push(Grant {
            client,
            session,
            consent,
            scopes,
            code,
            ended: false,
            refresh: Vec::new(),
            access: Vec::new(),
            used_at: self.now,
            ends_at: self.now + CODE,
            spent: BTreeMap::new(),
        });
    }

    /// Whether anything of the grant may work.
    pub fn is_alive(&self, grant: usize) -> bool {
        let grant = &self.grants[grant];
        let idle = if grant.code.redeemed_at.is_some() { REFRESH_IDLE } else { CODE };
        let stands = grant.scopes.contains(&"offline_access") || self.is_open(grant.session);
        !grant.ended
            && !self.consents[grant.consent].ended
            && stands
            && self.now < grant.ends_at
            && self.now < grant.used_at + idle
    }

    /// Present the grant's code. A granted one is told by `redeemed`.
    pub fn present_code(&mut self, at: usize, how: Redemption) -> Verdict {
        let is_alive = self.is_alive(at);
        let now = self.now;
        let grant = &mut self.grants[at];
        if let Some(redeemed_at) = grant.code.redeemed_at {
            let is_lost_answer = how == Redemption::Right && grant.code.has_pkce && now - redeemed_at <= LATE;
            grant.ended |= !is_lost_answer;
            return Verdict::Refused;
        }
        if how == Redemption::WrongClient {
            return Verdict::Refused;
        }
        if !is_alive || grant.code.failures >= 5 || now >= grant.code.made_at + CODE {
            return Verdict::Refused;
        }
        match how {
            Redemption::Right => {}
            Redemption::WrongVerifier if grant.code.has_pkce => {
                grant.code.failures += 1;
                return Verdict::Refused;
            }
            _ => return Verdict::Refused,
        }
        grant.code.redeemed_at = Some(now);
        (grant.used_at, grant.ends_at) = (now, now + REFRESH_ABSOLUTE);
        let session = grant.session;
        self.touch(session);
        Verdict::Granted
    }

    /// Present the refresh token of that generation (0 is the first). What was granted is told by `refreshed`.
    pub fn present_refresh(&mut self, at: usize, generation: usize, how: Refresh) -> Verdict {
        let is_alive = self.is_alive(at);
        let now = self.now;
        let grant = &mut self.grants[at];
        if how == Refresh::WrongClient || !is_alive {
            return Verdict::Refused;
        }
        let newest = grant.refresh.len() - 1;
        let spent_for = |generation: usize| grant.spent.get(&generation).map(|spent_at| now - spent_at);
        match newest - generation {
            0 => {}
            1 if !is_public(grant.client) || spent_for(generation).is_some_and(|ms| ms <= GRACE) => {}
            2 if spent_for(generation).is_some_and(|ms| ms <= LATE) => return Verdict::Refused,
            _ => {
                grant.ended = true;
                return Verdict::Refused;
            }
        }
        if how == Refresh::Wider {
            return Verdict::Refused;
        }
        if generation == newest {
            grant.spent.insert(generation, now);
            grant.used_at = now;
        }
        let session = grant.session;
        self.touch(session);
        Verdict::Granted
    }

    /// What an answer brought. A retry brings the token that is the newest already.
    pub fn received(&mut self, at: usize, access: String, scopes: Vec<&'static str>, refresh: String) {
        let grant = &mut self.grants[at];
        grant.access.push((access, scopes, self.now + ACCESS));
        if grant.refresh.last() != Some(&refresh) {
            grant.refresh.push(refresh);
        }
    }
}

/// Whether that client is public.
pub fn is_public(client: &str) -> bool {
    [SPA, SPA2].contains(&client)
}
