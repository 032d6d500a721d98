//! People at their browsers, or for whom the platform acts: opening an extension, looking at it in a frame.

use doorward_tests::{Browser, Page, Reply, user_id};
use serde_json::json;

use super::issued::Kind;
use super::model::{Model, SECOND, Time};
use super::{EXTENSIONS, PEOPLE, Run};

/// A session that is older is signed out of, long before it could end by itself.
const OLDEST: Time = 900 * SECOND;

impl Run {
    /// An installation and a person, more often one who belongs there.
    fn visitor(&mut self) -> Option<(usize, usize)> {
        let at = self.installation()?;
        Some((at, self.likely(PEOPLE.len(), |model, person| model.opens(person, at))?))
    }

    /// Somebody asks for what begins something, themselves or by the platform; the answer where it was one, and the session.
    async fn begin(&mut self, what: &str) -> Option<(usize, (usize, Option<usize>), Reply)> {
        let (at, person) = self.visitor()?;
        let id = self.model.installations[at].id.clone();
        // To sign in is dear: whoever is signed in does more.
        let odds = if self.model.session_of(person).is_some() { 2 } else { 20 };
        let (session, reply) = if self.chance.once_in(odds) {
            let session = self.signed_in(person).await;
            let last = if what == "launch" { "open" } else { what };
            (Some(session), self.submit(person, &format!("/account/installations/{id}/{last}")).await)
        } else {
            let body = json!({ "user": user_id(PEOPLE[person]) });
            (None, self.change("POST", &format!("/installations/{id}/{what}"), body).await?)
        };
        let opens = self.model.opens(person, at);
        let works = matches!(reply.status, 200 | 303);
        let who = PEOPLE[person];
        self.log.push(format!("{what}: {who}, installation {at}, session {session:?}: {}", reply.status));
        self.summary.looked += 1;
        self.check(works == opens, &format!("{who} opens installation {at}: {opens}: {}", reply.body));
        self.summary.issued += u64::from(opens);
        opens.then_some((at, (person, session), reply))
    }

    pub(super) async fn open(&mut self) {
        let Some((at, who, reply)) = self.begin("launch").await else { return };
        let key = match who.1 {
            Some(_) => reply.param("key").unwrap_or_else(|| panic!("no key: {}", reply.location())),
            None => reply.text("retrieval_key"),
        };
        self.log.push(format!("grant {} begins", self.model.grants.len()));
        self.model.open(who, at, Kind::Retrieval, key);
    }

    pub(super) async fn make_session_token(&mut self) {
        let Some((at, who, reply)) = self.begin("session-token").await else { return };
        self.model.add_session_token(who, at, reply.text("session_token"));
    }

    pub(super) async fn make_frame_ticket(&mut self) {
        let Some((at, who, reply)) = self.begin("sign-in-ticket").await else { return };
        self.log.push(format!("grant {} begins", self.model.grants.len()));
        self.model.open(who, at, Kind::Frame, reply.text("sign_in_ticket"));
    }

    // --- frames ---

    /// A grant and its key, more often one that can be redeemed.
    pub(super) fn key(&mut self, kind: Kind) -> Option<(usize, String)> {
        let is_wanted = |model: &Model, grant| model.is_of_kind(grant, kind) && model.is_fresh(grant);
        let grant = self.likely(self.model.grants.len(), is_wanted)?;
        let key = self.model.grants[grant].key.as_ref().filter(|key| key.kind == kind)?;
        Some((grant, key.secret.clone()))
    }

    /// A frame hands in a ticket, sometimes that of another extension.
    pub(super) async fn redeem_ticket(&mut self) {
        let Some((grant, ticket)) = self.key(Kind::Frame) else { return };
        let of = self.model.installations[self.model.grants[grant].installation].extension;
        let extension = if self.chance.once_in(8) { 1 - of } else { of };
        let frame = self.app.browser();
        let path = format!("/extensions/{}/frame?state=s", EXTENSIONS[extension]);
        let reply = frame.post(&path, &[("ticket", ticket.as_str())]).await;
        let works = extension == of && self.model.is_fresh(grant);
        let cookie = frame.cookies().into_iter().find(|(name, _)| name.starts_with("__Host-f-"));
        self.log.push(format!("the ticket of grant {grant} at {}: {}", EXTENSIONS[extension], reply.status));
        self.summary.looked += 1;
        self.check(
            cookie.is_some() == works,
            &format!("the ticket of grant {grant} works: {works}: {}", reply.status),
        );
        if let Some(cookie) = cookie {
            self.model.sign_in_frame(grant, cookie);
        }
    }

    /// A frame asks for a code, and what it is for.
    pub(super) async fn look_into_frame(&mut self) {
        let is_wanted =
            |model: &Model, grant: usize| model.grants[grant].cookie.is_some() && model.is_alive(grant);
        let Some(grant) = self.likely(self.model.grants.len(), is_wanted) else { return };
        self.look_at_frame(grant).await;
    }

    pub(super) async fn look_at_frame(&mut self, grant: usize) {
        let Some((name, value)) = self.model.grants[grant].cookie.clone() else { return };
        let extension = EXTENSIONS[self.model.installations[self.model.grants[grant].installation].extension];
        let frame = self.app.browser();
        frame.set_cookie(&name, &value);
        let path = format!("/extensions/{extension}/authorize?state=s");
        let reply = frame.send("GET", &path, &[("sec-fetch-dest", "iframe")], "").await;
        let code = reply.header("location").and_then(|_| reply.param("code"));
        let works = self.model.is_alive(grant);
        self.log.push(format!("the frame of grant {grant}: {}", reply.status));
        self.summary.looked += 1;
        self.check(
            code.is_some() == works,
            &format!("the frame of grant {grant} works: {works}: {}", reply.status),
        );
        let Some(code) = code.filter(|_| self.chance.once_in(2)) else { return };
        let callback = format!("https://{extension}.example/callback");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", callback.as_str()),
        ];
        let secret = doorward_tests::secret_of(extension);
        let Some(reply) = self.token((extension, &secret), &form).await else { return };
        self.check(reply.status == 200, &format!("the code of a frame: {}", reply.body));
        self.model.redeem_code(grant, reply.text("access_token"), reply.text("refresh_token"));
        self.issued(&reply, self.model.writes(self.model.grants.len() - 1));
    }

    // --- sessions ---

    /// The session in which a person is signed in.
    async fn signed_in(&mut self, person: usize) -> usize {
        if let Some(session) = self.model.session_of(person) {
            return session;
        }
        let browser = self.app.browser();
        browser.sign_in(PEOPLE[person]).await;
        let account = Page::of(browser.get("/account").await);
        let form = account.field("form").expect("a form has a token").to_owned();
        self.browsers[person] = (browser.cookies(), form);
        let session = self.model.sign_in(person);
        self.log.push(format!("{} signs in: session {session}", PEOPLE[person]));
        session
    }

    fn browser(&self, person: usize) -> Browser<'_> {
        let browser = self.app.browser();
        self.browsers[person].0.iter().for_each(|(name, value)| browser.set_cookie(name, value));
        browser
    }

    async fn submit(&self, person: usize, path: &str) -> Reply {
        self.browser(person).post(path, &[("form", self.browsers[person].1.as_str())]).await
    }

    /// Who has been signed in for long signs out; now and then somebody else does.
    pub(super) async fn sign_out(&mut self) {
        for (person, name) in PEOPLE.iter().enumerate() {
            let Some(session) = self.model.session_of(person) else { continue };
            if self.model.now - self.model.sessions[session].since > OLDEST || self.chance.once_in(60) {
                let browser = self.browser(person);
                let page = Page::of(browser.get("/logout").await);
                let reply = browser.submit(&page, &[("action", "sign-out")]).await;
                self.check(reply.status == 200, &reply.body);
                self.log.push(format!("{name} signs out of session {session}"));
                self.model.end_session(session);
            }
        }
    }
}
