//! What people and extensions do with what is installed, and whether it does what the model says.

use doorward_tests::{RS1, Reply, secret_of, user_id};
use serde_json::Value;

use super::issued::{Kind, Refreshed};
use super::model::Model;
use super::{EXTENSIONS, PEOPLE, Run};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const RETRIEVAL: &str = "urn:doorward:grant:retrieval-key";

/// As whom something is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    /// The client that an extension is.
    Extension(usize),
    /// An installation, by one of its secrets.
    Installation(usize, usize),
}

fn writes(scope: &Value) -> bool {
    scope.as_str().is_some_and(|scope| scope.split(' ').any(|scope| scope == "rs1:write"))
}

impl Run {
    /// Somebody who could be right: mostly the extension of an installation or the installation itself, sometimes another.
    fn somebody(&mut self, at: usize) -> By {
        let of = self.model.installations[at].extension;
        match self.chance.below(12) {
            0 => By::Extension(1 - of),
            1..=6 => By::Extension(of),
            7 => {
                let other = self.chance.below(self.model.installations.len());
                self.by_secret(other).unwrap_or(By::Extension(of))
            }
            _ => self.by_secret(at).unwrap_or(By::Extension(of)),
        }
    }

    /// An installation by one of its secrets that anybody was told, more often by a new one.
    fn by_secret(&mut self, at: usize) -> Option<By> {
        let secrets = &self.model.installations[at].secrets;
        let known: Vec<usize> =
            (0..secrets.len()).filter(|secret| secrets[*secret].plain.is_some()).collect();
        let newest = known.len().saturating_sub(3);
        let from = if self.chance.once_in(3) { 0 } else { newest };
        (!known.is_empty()).then(|| By::Installation(at, *self.chance.pick(&known[from..])))
    }

    fn authenticates(&self, by: By) -> bool {
        match by {
            By::Extension(_) => true,
            By::Installation(at, secret) => self.model.authenticates(at, secret),
        }
    }

    /// Whether it is the extension of an installation, or that itself.
    fn is_of(&self, by: By, at: usize) -> bool {
        match by {
            By::Extension(extension) => extension == self.model.installations[at].extension,
            By::Installation(other, _) => other == at,
        }
    }

    /// A form to the token endpoint; none: the server died before it was committed. Who authenticates has used the secret, whatever comes
    /// of the request.
    async fn ask(&mut self, by: By, form: &[(&str, &str)]) -> Option<Reply> {
        let (id, secret) = match by {
            By::Extension(of) => (EXTENSIONS[of].to_owned(), secret_of(EXTENSIONS[of])),
            By::Installation(at, secret) => {
                let one = &self.model.installations[at];
                (one.id.clone(), one.secrets[secret].plain.clone().unwrap_or_default())
            }
        };
        let does = self.authenticates(by);
        let reply = self.token((&id, &secret), form).await?;
        self.check(
            matches!(reply.status, 401 | 403) != does,
            &format!("{by:?} authenticates: {does}: {} {}", reply.status, reply.body),
        );
        if let By::Installation(at, secret) = by
            && does
        {
            self.model.use_secret(at, secret);
        }
        Some(reply)
    }

    #[track_caller]
    pub(super) fn compare(&mut self, works: bool, reply: &Reply, what: &str) {
        self.summary.looked += 1;
        self.check(
            (reply.status == 200) == works,
            &format!("{what}: works: {works}, answered {} {}", reply.status, reply.body),
        );
    }

    pub(super) async fn exchange_key(&mut self) {
        let Some((grant, key)) = self.key(Kind::Retrieval) else { return };
        self.use_key(grant, key).await;
    }

    async fn use_key(&mut self, grant: usize, key: String) {
        let of = &self.model.grants[grant];
        let (at, person) = (of.installation, of.person);
        let by = self.somebody(at);
        let names = if self.chance.once_in(8) { self.chance.below(PEOPLE.len()) } else { person };
        let user = user_id(PEOPLE[names]);
        let form = [("grant_type", RETRIEVAL), ("retrieval_key", key.as_str()), ("user_id", user.as_str())];
        let does = self.authenticates(by);
        let is_of = self.is_of(by, at);
        let works = does && is_of && names == person && self.model.is_fresh(grant);
        let Some(reply) = self.ask(by, &form).await else { return };
        self.compare(works, &reply, &format!("the key of grant {grant} by {by:?} for {}", PEOPLE[names]));
        if does && is_of && names != person {
            self.model.guess(grant);
        }
        if works {
            self.issued(&reply, self.model.writes(grant));
            self.model.exchange_key(grant, reply.text("access_token"), reply.text("refresh_token"));
        }
    }

    #[track_caller]
    pub(super) fn issued(&mut self, reply: &Reply, expected: bool) {
        self.summary.issued += 1;
        self.check(
            writes(&reply.json()["scope"]) == expected,
            &format!("writes: {expected}: {}", reply.body),
        );
    }

    pub(super) async fn refresh(&mut self) {
        let is_refreshing =
            |model: &Model, grant| model.is_alive(grant) && !model.grants[grant].refresh.is_empty();
        let Some(grant) = self.likely(self.model.grants.len(), is_refreshing) else { return };
        if self.model.grants[grant].refresh.is_empty() {
            return;
        }
        let of = &self.model.grants[grant];
        let (at, newest) = (of.installation, of.refresh.len() - 1);
        let generation = match self.chance.below(10) {
            0 => self.chance.below(newest + 1),
            1 => newest.saturating_sub(1),
            _ => newest,
        };
        let token = self.model.grants[grant].refresh[generation].clone();
        let by = self.somebody(at);
        let is_right = self.authenticates(by) && self.is_of(by, at);
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        self.log.push(format!("refresh token {generation} of {newest} of grant {grant} by {by:?}"));
        let Some(reply) = self.ask(by, &form).await else { return };
        let refreshed = if is_right { self.model.refresh(grant, generation) } else { Refreshed::Refused };
        let works = refreshed != Refreshed::Refused;
        self.compare(works, &reply, &format!("refresh token {generation} of grant {grant} by {by:?}"));
        if !works {
            return;
        }
        self.issued(&reply, self.model.writes(grant));
        let successor = reply.text("refresh_token");
        let is_known = self.model.grants[grant].refresh.last() == Some(&successor);
        self.check(
            is_known == (refreshed == Refreshed::Again),
            "a successor is new, or that of before once more",
        );
        self.model.refreshed(grant, reply.text("access_token"), (!is_known).then_some(successor));
    }

    // --- embedded pages ---

    pub(super) async fn exchange_session_token(&mut self) {
        let Some(token) = self.likely(self.model.session_tokens.len(), Model::is_exchanged) else { return };
        self.use_session_token(token).await;
    }

    async fn use_session_token(&mut self, token: usize) {
        let at = self.model.session_tokens[token].installation;
        let subject = self.model.session_tokens[token].token.clone();
        let by = self.somebody(at);
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token", subject.as_str()),
            ("subject_token_type", "urn:doorward:token-type:session"),
        ];
        let works = self.authenticates(by) && self.is_of(by, at) && self.model.is_exchanged(token);
        let Some(reply) = self.ask(by, &form).await else { return };
        self.compare(works, &reply, &format!("session token {token} of installation {at} by {by:?}"));
        if works {
            self.model.exchange_session_token(token, reply.text("access_token"));
            self.issued(&reply, self.model.writes(self.model.grants.len() - 1));
        }
    }

    // --- installations themselves ---

    pub(super) async fn act_for_itself(&mut self) {
        let Some(at) = self.installation() else { return };
        let Some(by) = self.by_secret(at) else { return };
        let works = self.authenticates(by);
        let Some(reply) = self.ask(by, &[("grant_type", "client_credentials")]).await else { return };
        self.compare(works, &reply, &format!("{by:?} for itself"));
        if works {
            self.issued(&reply, self.model.installations[at].writes);
            self.model.add_own(at, reply.text("access_token"));
        }
    }

    // --- looking ---

    /// One of what was issued is looked at.
    pub(super) async fn look(&mut self) {
        match self.chance.below(5) {
            0 | 1 => {
                let Some(grant) = self.some(self.model.grants.len()) else { return };
                let Some(token) = self.some(self.model.grants[grant].access.len()) else { return };
                self.look_at_access(grant, token).await;
            }
            2 => {
                let Some(grant) = self.some(self.model.grants.len()) else { return };
                let Some(token) = self.some(self.model.grants[grant].refresh.len()) else { return };
                self.look_at_refresh(grant, token).await;
            }
            3 => {
                let Some(own) = self.some(self.model.own_tokens.len()) else { return };
                self.look_at_own(own).await;
            }
            _ => {
                let Some(at) = self.installation() else { return };
                self.look_at(at).await;
            }
        }
    }

    /// The newest that was issued of an installation is looked at, and sometimes tried.
    pub(super) async fn look_at(&mut self, at: usize) {
        let of = |grant: &usize| self.model.grants[*grant].installation == at;
        let grants: Vec<usize> = (0..self.model.grants.len()).filter(of).rev().take(2).collect();
        for grant in grants {
            self.look_at_frame(grant).await;
            if let Some(token) = self.model.grants[grant].access.len().checked_sub(1) {
                self.look_at_access(grant, token).await;
            }
            if let Some(token) = self.model.grants[grant].refresh.len().checked_sub(1) {
                self.look_at_refresh(grant, token).await;
            }
        }
        let own = self.model.own_tokens.iter().rposition(|own| own.installation == at);
        if let Some(own) = own {
            self.look_at_own(own).await;
        }
        if self.chance.once_in(2) {
            return;
        }
        let token = self.model.session_tokens.iter().rposition(|token| token.installation == at);
        if let Some(token) = token {
            self.use_session_token(token).await;
        }
        let is_key = |grant: usize| {
            self.model.grants[grant].installation == at && self.model.is_of_kind(grant, Kind::Retrieval)
        };
        let grant = (0..self.model.grants.len()).rev().find(|grant| is_key(*grant));
        if let Some((grant, key)) =
            grant.and_then(|grant| Some((grant, self.model.grants[grant].key.as_ref()?.secret.clone())))
        {
            self.use_key(grant, key).await;
        }
    }

    async fn look_at_access(&mut self, grant: usize, token: usize) {
        let text = self.model.grants[grant].access[token].token.clone();
        let expected = self.model.access_token(grant, token);
        self.introspect(RS1, &text, expected, &format!("access token {token} of grant {grant}")).await;
    }

    async fn look_at_refresh(&mut self, grant: usize, token: usize) {
        let of = &self.model.grants[grant];
        let (text, client) =
            (of.refresh[token].clone(), EXTENSIONS[self.model.installations[of.installation].extension]);
        let expected = self.model.is_newest(grant, token).then(|| self.model.writes(grant));
        self.introspect(client, &text, expected, &format!("refresh token {token} of grant {grant}")).await;
    }

    async fn look_at_own(&mut self, own: usize) {
        let text = self.model.own_tokens[own].token.clone();
        let expected = self.model.own_token(own);
        let what = format!("token {own} of installation {} itself", self.model.own_tokens[own].installation);
        self.introspect(RS1, &text, expected, &what).await;
    }

    /// `expected`: whether it writes; none: it is dead.
    async fn introspect(&mut self, client: &str, token: &str, expected: Option<bool>, what: &str) {
        let told = self.post("/introspect", (client, &secret_of(client)), &[("token", token)]).await.json();
        let found = (told["active"] == true).then(|| writes(&told["scope"]));
        self.summary.looked += 1;
        self.check(
            found == expected,
            &format!("{what}: writes: {found:?}, not {expected:?}; at {}: {told}", self.model.now),
        );
    }
}
