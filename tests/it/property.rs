//! Random sequences against a simple model. A ticket redeems at most once; scope never widens; nothing of an ended grant works; no
//! redirect goes to an unregistered URI; a refresh family has at most one live head; an honest client is never signed out.
//!
//! `DOORWARD_TEST_SEED` repeats a run; `DOORWARD_TEST_LONG=1` runs a hundred worlds.

mod model;

use doorward_core::Effect;
use doorward_core::id::TenantId;
use doorward_tests::chance::{Chance, is_long};
use doorward_tests::{
    ALICE, BOB, Browser, Code, EVIL, MALLORY, Page, RS1, Reply, SPA, SPA2, T1, TestApp, VERIFIER, WEB,
    authorize_target, report, user_id,
};

use model::{Model, Redemption, Refresh, SECOND, Verdict, is_public};

const PEOPLE: [&str; 3] = [ALICE, BOB, MALLORY];
const CLIENTS: [&str; 6] = [WEB, SPA, SPA2, EVIL, "first", "plain"];
const SCOPES: [&str; 6] = ["openid", "profile", "email", "offline_access", "rs1:read", "rs1:write"];
const STEPS: usize = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_worlds_are_as_the_model_says() {
    let chance = Chance::of_environment("random worlds");
    let worlds = if is_long() { 100 } else { 3 };
    for world in 0..worlds {
        let app = TestApp::new().await;
        let mut run = Run::new(&app, chance.part(world), chance.seed, world);
        for _ in 0..STEPS {
            Box::pin(run.step()).await;
        }
        Box::pin(run.look_at_everything()).await;
        println!("world {world}: {}", run.summary());
    }
    report(
        "Random worlds",
        &format!("{worlds} worlds of {STEPS} steps as the model says, 0 violations; seed {}", chance.seed),
    );
}

struct Run<'a> {
    app: &'a TestApp,
    chance: Chance,
    model: Model,
    browsers: Vec<Browser<'a>>,
    /// What happened, for whoever reads of a failure.
    log: Vec<String>,
    name: String,
}

impl<'a> Run<'a> {
    fn new(app: &'a TestApp, chance: Chance, seed: u64, world: u64) -> Self {
        Self {
            app,
            chance,
            model: Model::default(),
            browsers: PEOPLE.iter().map(|_| app.browser()).collect(),
            log: Vec::new(),
            name: format!("DOORWARD_TEST_SEED={seed}, world {world}"),
        }
    }

    async fn step(&mut self) {
        match self.chance.below(40) {
            0..=6 => self.authorize().await,
            7..=11 => self.redeem().await,
            12..=27 => self.refresh().await,
            28..=31 => self.look().await,
            32 => self.revoke().await,
            33 => self.sign_out().await,
            34 => self.take_consent_back().await,
            _ => self.wait(),
        }
    }

    #[track_caller]
    fn check(&self, holds: bool, what: &str) {
        let from = self.log.len().saturating_sub(40);
        assert!(holds, "{what} ({})\n{}", self.name, self.log[from..].join("\n"));
    }

    fn wait(&mut self) {
        let seconds =
            *self.chance.pick(&[1, 1, 5, 5, 9, 9, 11, 11, 29, 31, 59, 61, 61, 300, 601, 1799, 1801, 20_000]);
        self.app.advance_s(seconds);
        self.model.now += seconds * SECOND;
        self.log.push(format!("{seconds} s pass"));
    }

    fn scopes(&mut self) -> Vec<&'static str> {
        let chosen: Vec<_> = SCOPES.into_iter().filter(|_| self.chance.once_in(2)).collect();
        if chosen.is_empty() { vec!["openid"] } else { chosen }
    }

    async fn authorize(&mut self) {
        let person = self.chance.below(PEOPLE.len());
        let client = *self.chance.pick(&CLIENTS);
        if self.chance.once_in(6) {
            return self.authorize_somewhere_else(person, client).await;
        }
        let session = match self.model.session_of(person) {
            Some(session) => session,
            None => {
                self.browsers[person].sign_in(PEOPLE[person]).await;
                self.log.push(format!("{} signs in", PEOPLE[person]));
                self.model.sign_in(person)
            }
        };
        let scopes = self.scopes();
        let scope = scopes.join(" ");
        let has_pkce = client != "plain";
        let mut extra = vec![("scope", scope.as_str())];
        if !has_pkce {
            extra.extend([("code_challenge", ""), ("code_challenge_method", "")]);
        }
        let is_other = self.chance.once_in(3) && [WEB, "first", "plain"].contains(&client);
        if is_other {
            extra.push(("redirect_uri", "https://app.example/cb2"));
        }
        let covered = self.model.consent_of(person, client).is_some_and(|consent| {
            scopes.iter().all(|scope| self.model.consents[consent].scopes.contains(scope))
        });
        let browser = &self.browsers[person];
        let mut reply = browser.authorize(client, &extra).await;
        self.log.push(format!("{} asks for {scope} of {}: {}", client, PEOPLE[person], reply.status));
        let is_page = reply.status == 200;
        self.check(
            is_page != (covered || client == "first"),
            "the person is asked when they have not allowed it",
        );
        if is_page {
            let action = if self.chance.once_in(8) { "deny" } else { "allow" };
            reply = self.browsers[person].submit(&Page::of(reply), &[("action", action)]).await;
            if action == "deny" {
                self.check(reply.param("error").as_deref() == Some("access_denied"), "no is no");
                return;
            }
        }
        let target = doorward_tests::authorization(client, &extra);
        let registered =
            target.iter().find(|(name, _)| name == "redirect_uri").expect("it is named").1.clone();
        self.check(
            reply.location().starts_with(&format!("{registered}?")),
            "the answer goes where it was asked for",
        );
        let Some(code) = reply.param("code") else {
            return self.check(false, &format!("no code: {}", reply.location()));
        };
        self.model.allow(session, client, scopes, code, registered, has_pkce);
        if !self.chance.once_in(3) {
            self.present_code(self.model.grants.len() - 1, Redemption::Right).await;
        }
    }

    /// To a URI that is not registered, or for a scope that the client may not have.
    async fn authorize_somewhere_else(&mut self, person: usize, client: &'static str) {
        const ELSEWHERE: [&str; 9] = [
            "https://evil.example/",
            "https://app.example/cb/..",
            "https://app.example/CB",
            "http://app.example/cb",
            "https://app.example/cb#x",
            "https://app.example@evil.example/cb",
            "https://app.example:444/cb",
            "//app.example/cb",
            "javascript:alert(1)",
        ];
        let uri = *self.chance.pick(&ELSEWHERE);
        let reply = self.browsers[person].get(&authorize_target(client, &[("redirect_uri", uri)])).await;
        self.log.push(format!("{client} asks to be answered at {uri}: {}", reply.status));
        self.check(
            reply.status == 400 && reply.header("location").is_none(),
            "no redirect to an unregistered URI",
        );
        let reply =
            self.browsers[person].get(&authorize_target(client, &[("scope", "openid rs2:read")])).await;
        self.check(
            reply.param("error").as_deref() == Some("invalid_scope"),
            "no scope that the client may not have",
        );
    }

    fn grant(&mut self) -> Option<usize> {
        let count = self.model.grants.len();
        // The young ones are where the life is.
        (count > 0).then(|| if self.chance.once_in(2) { count - 1 } else { self.chance.below(count) })
    }

    /// A grant with refresh tokens, more often a live one.
    fn family(&mut self) -> Option<usize> {
        let all = 0..self.model.grants.len();
        let families: Vec<usize> = all.filter(|at| !self.model.grants[*at].refresh.is_empty()).collect();
        let alive: Vec<usize> = families.iter().copied().filter(|at| self.model.is_alive(*at)).collect();
        let among = if alive.is_empty() || self.chance.once_in(6) { families } else { alive };
        (!among.is_empty()).then(|| *self.chance.pick(&among))
    }

    async fn redeem(&mut self) {
        let Some(at) = self.grant() else { return };
        let how = *self.chance.pick(&[
            Redemption::Right,
            Redemption::Right,
            Redemption::Right,
            Redemption::WrongClient,
            Redemption::WrongRedirectUri,
            Redemption::WrongVerifier,
        ]);
        self.present_code(at, how).await;
    }

    async fn present_code(&mut self, at: usize, how: Redemption) {
        let grant = &self.model.grants[at];
        let mut code = Code {
            code: grant.code.secret.clone(),
            client: grant.client.to_owned(),
            redirect_uri: grant.code.redirect_uri.clone(),
            verifier: grant.code.has_pkce.then(|| VERIFIER.to_owned()),
        };
        match how {
            Redemption::Right => {}
            Redemption::WrongClient => code.client = self.another(grant.client).to_owned(),
            Redemption::WrongRedirectUri => code.redirect_uri.push('/'),
            Redemption::WrongVerifier => code.verifier = Some("x".repeat(43)),
        }
        let reply = code.redeem(self.app).await;
        self.log.push(format!("code of grant {at} by {} ({how:?}): {}", code.client, reply.status));
        let verdict = self.model.present_code(at, how);
        self.compare(at, verdict, &reply, None);
    }

    async fn refresh(&mut self) {
        let Some(at) = self.family() else { return };
        let grant = &self.model.grants[at];
        let count = grant.refresh.len();
        let back = *self.chance.pick(&[0, 0, 0, 0, 1, 1, 2, 3]);
        let generation = (count - 1).saturating_sub(back);
        let how = *self.chance.pick(&[
            Refresh::Right,
            Refresh::Right,
            Refresh::Right,
            Refresh::WrongClient,
            Refresh::Wider,
        ]);
        let granted = grant.scopes.clone();
        let mut client = grant.client;
        let mut form = vec![
            ("grant_type".to_owned(), "refresh_token".to_owned()),
            ("refresh_token".to_owned(), grant.refresh[generation].clone()),
        ];
        let mut asked = None;
        let missing = SCOPES.into_iter().find(|scope| !granted.contains(scope));
        match (how, missing) {
            (Refresh::WrongClient, _) => client = self.another(client),
            (Refresh::Wider, Some(missing)) => {
                form.push(("scope".to_owned(), format!("{} {missing}", granted.join(" "))));
            }
            _ if self.chance.once_in(3) => {
                let less = granted[..=self.chance.below(granted.len())].to_vec();
                form.push(("scope".to_owned(), less.join(" ")));
                asked = Some(less);
            }
            _ => {}
        }
        let how = if how == Refresh::Wider && missing.is_none() { Refresh::Right } else { how };
        let reply = self.app.token_as(client, &form).await;
        self.log.push(format!("refresh of grant {at}, {back} back, by {client} ({how:?}): {}", reply.status));
        let verdict = self.model.present_refresh(at, generation, how);
        self.compare(at, verdict, &reply, asked);
    }

    /// Hold an answer of the token endpoint against the model's verdict, and keep what it brought.
    #[track_caller]
    fn compare(&mut self, at: usize, verdict: Verdict, reply: &Reply, asked: Option<Vec<&'static str>>) {
        let is_granted = reply.status == 200;
        self.check(
            is_granted == (verdict == Verdict::Granted),
            &format!("the model says {verdict:?}: {}", reply.body),
        );
        if !is_granted {
            let known = ["invalid_grant", "invalid_scope"].contains(&reply.error().as_str());
            return self.check(reply.status == 400 && known, &reply.body);
        }
        let expected = asked.unwrap_or_else(|| self.model.grants[at].scopes.clone());
        let body = reply.json();
        let scope = body["scope"].as_str().unwrap_or_default().to_owned();
        let mut found: Vec<&str> = scope.split(' ').collect();
        let mut wanted = expected.clone();
        found.sort_unstable();
        wanted.sort_unstable();
        self.check(found == wanted, &format!("scope {scope} for {expected:?}"));
        self.check(
            body.get("id_token").is_some() == expected.contains(&"openid"),
            "an ID token comes with openid",
        );
        let (access, refresh) = (reply.text("access_token"), reply.text("refresh_token"));
        self.model.received(at, access, expected, refresh);
    }

    fn another(&self, client: &str) -> &'static str {
        match client {
            SPA => SPA2,
            SPA2 => SPA,
            EVIL => WEB,
            _ => EVIL,
        }
    }

    /// Look at one grant: every token of it.
    async fn look(&mut self) {
        if let Some(at) = self.grant() {
            self.look_at(at).await;
        }
    }

    async fn look_at(&mut self, at: usize) {
        let is_alive = self.model.is_alive(at);
        let grant = &self.model.grants[at];
        for (token, scopes, ends_at) in grant.access.iter().rev().take(4) {
            let lives = is_alive && self.model.now < *ends_at;
            let userinfo = self.app.userinfo(token).await.status;
            let expected = if !lives {
                401
            } else if scopes.contains(&"openid") {
                200
            } else {
                403
            };
            self.check(userinfo == expected, &format!("userinfo of grant {at}: {userinfo}, not {expected}"));
            let told = self.app.introspect(RS1, token).await.json();
            // Who was granted nothing that names an audience means the one API of the client.
            let names_none =
                !grant.scopes.iter().any(|scope| *scope == "openid" || scope.starts_with("rs1:"));
            let is_for_rs1 = scopes.iter().any(|scope| scope.starts_with("rs1:")) || names_none;
            self.check(
                told["active"] == (lives && is_for_rs1),
                &format!("introspection of grant {at}: {told}"),
            );
            if let Some(scope) = told["scope"].as_str() {
                let is_within = scope.split(' ').all(|word| scopes.contains(&word));
                self.check(is_within, &format!("{scope} was never granted, but {scopes:?}"));
            }
        }
        if is_public(grant.client) {
            return;
        }
        let mut heads = 0;
        for token in grant.refresh.iter().rev().take(5) {
            let told = self.app.introspect(grant.client, token).await.json();
            heads += usize::from(told["active"] == true);
        }
        let expected = usize::from(is_alive && !grant.refresh.is_empty());
        self.check(heads == expected, &format!("grant {at} has {heads} live heads, not {expected}"));
    }

    async fn revoke(&mut self) {
        let Some(at) = self.grant() else { return };
        let grant = &self.model.grants[at];
        let tokens: Vec<&String> =
            grant.refresh.iter().chain(grant.access.iter().map(|(token, ..)| token)).collect();
        if tokens.is_empty() {
            return;
        }
        let token = (*self.chance.pick(&tokens)).clone();
        if self.chance.once_in(2) {
            let thief = self.another(grant.client);
            let reply = self.app.revoke(thief, &token).await;
            self.log.push(format!("{thief} revokes grant {at}, which is not its: {}", reply.status));
            let expected = if is_public(thief) { 200 } else { 400 };
            return self.check(reply.status == expected, "somebody else's token");
        }
        let reply = self.app.revoke(grant.client, &token).await;
        self.log.push(format!("grant {at} is revoked: {}", reply.status));
        self.check(reply.status == 200, "a revocation is answered with yes");
        self.model.grants[at].ended = true;
    }

    async fn sign_out(&mut self) {
        let person = self.chance.below(PEOPLE.len());
        if self.model.session_of(person).is_none() {
            return;
        }
        let page = Page::of(self.browsers[person].get("/logout").await);
        let reply = self.browsers[person].submit(&page, &[("action", "sign-out")]).await;
        self.log.push(format!("{} signs out: {}", PEOPLE[person], reply.status));
        self.check(reply.status == 200, "signing out works");
        self.model.sign_out(person);
    }

    async fn take_consent_back(&mut self) {
        let person = self.chance.below(PEOPLE.len());
        let (tenant, user) = (TenantId::from(T1), user_id(PEOPLE[person]).into());
        let found = self.app.store.applications_of(&tenant, &user).await.expect("consents can be read");
        let live =
            self.model.consents.iter().filter(|consent| consent.person == person && !consent.ended).count();
        self.check(
            found.len() == live,
            &format!("{} has {} consents, not {live}", PEOPLE[person], found.len()),
        );
        if found.is_empty() {
            return;
        }
        let taken = &self.chance.pick(&found).consent;
        let end = Effect::EndConsent { tenant, id: taken.id, now: self.app.clock.now() };
        self.app.store.commit(vec![end]).await.expect("a consent can be ended");
        self.log.push(format!("{} takes back what {} was allowed", PEOPLE[person], taken.client));
        let at = self.model.consent_of(person, taken.client.as_str());
        self.check(at.is_some(), "the consent is known");
        if let Some(at) = at {
            self.model.consents[at].ended = true;
        }
    }

    /// At the end: every grant is as the model says, no code works twice, and whoever is honest is signed in still.
    async fn look_at_everything(&mut self) {
        for at in 0..self.model.grants.len() {
            self.look_at(at).await;
            let is_alive = self.model.is_alive(at);
            let grant = &self.model.grants[at];
            if let Some(newest) = grant.refresh.last().cloned() {
                let reply = self.app.refresh(grant.client, &newest).await;
                self.log.push(format!("at the end, refresh of grant {at}: {}", reply.status));
                let generation = grant.refresh.len() - 1;
                let verdict = self.model.present_refresh(at, generation, Refresh::Right);
                self.check((verdict == Verdict::Granted) == is_alive, "the model is of one mind");
                self.compare(at, verdict, &reply, None);
            }
        }
    }

    fn summary(&self) -> String {
        let alive = (0..self.model.grants.len()).filter(|at| self.model.is_alive(*at)).count();
        let refreshes: usize = self.model.grants.iter().map(|grant| grant.refresh.len()).sum();
        format!(
            "{} grants, {alive} alive, {refreshes} refresh tokens, {} sessions",
            self.model.grants.len(),
            self.model.sessions.len()
        )
    }
}
