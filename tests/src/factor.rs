//! An authenticator app, and what a person does with it.

use doorward_core::{Ctx, Decision, Facts, Needs, Refusal};
use doorward_crypto::random::SystemRandom;
use doorward_crypto::totp::{Seed, step};

use crate::app::TestApp;
use crate::browser::{Browser, Page, credentials};
use crate::client::claims;
use crate::fixture::{PASSWORD, T1};
use crate::reply::Reply;

/// An authenticator app that was shown a seed.
#[derive(Clone, Debug)]
pub struct Authenticator {
    seed: Seed,
}

impl Authenticator {
    /// The app that scanned a page.
    pub fn of(page: &Reply) -> Self {
        let start = page.body.find("secret=").unwrap_or_else(|| panic!("no seed: {}", page.body)) + 7;
        let text = page.body[start..].split(['&', '"']).next().unwrap_or_default();
        Self { seed: Seed::from_bytes(&decoded(text)).expect("a seed has twenty bytes") }
    }

    /// What it was shown.
    pub fn seed(&self) -> &[u8] {
        self.seed.expose()
    }

    /// The code that it shows so many steps from now.
    pub fn code(&self, app: &TestApp, steps: i64) -> String {
        self.seed.code(step(app.clock.now().seconds()) + steps).expose().clone()
    }
}

impl Browser<'_> {
    /// The page with that person's second step: name and password are typed.
    pub async fn first_step(&self, user: &str) -> Page {
        let page = Page::of(self.get("/sign-in").await);
        let reply = self.submit(&page, &credentials(user)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert!(reply.body.contains("action=\"/second-factor\""), "{}", reply.body);
        Page::of(reply)
    }

    /// Set an app up, signed in: the app, and the recovery codes. The clock goes on by a step, so that the app shows a fresh code.
    pub async fn enrol(&self, app: &TestApp) -> (Authenticator, Vec<String>) {
        let account = self.get("/account/second-factor").await;
        let fields = [("password", PASSWORD), ("action", "begin")];
        let shown = self.submit(&Page::of(account), &fields).await;
        let authenticator = Authenticator::of(&shown);
        let code = authenticator.code(app, 0);
        let fields = [("code", code.as_str()), ("action", "enrol")];
        let codes = self.submit(&Page::of(shown), &fields).await;
        assert_eq!(codes.status, 200, "{}", codes.body);
        app.advance_s(30);
        (authenticator, recovery_codes(&codes))
    }
}

/// The recovery codes of a page.
pub fn recovery_codes(page: &Reply) -> Vec<String> {
    let items = page.body.split("<li><code>").skip(1);
    let codes: Vec<String> = items.filter_map(|item| item.split('<').next()).map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{}", page.body);
    codes
}

/// The bytes of a text in base 32.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = if letter >= b'A' { letter - b'A' } else { letter - b'2' + 26 };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 255).expect("a byte"));
        }
        held &= (1 << bits) - 1;
    }
    bytes
}

impl TestApp {
    /// The claims of the ID token of a token response.
    pub fn id_claims(&self, reply: &Reply) -> serde_json::Value {
        claims(&reply.text("id_token"))
    }

    /// Decide and commit at T1 as an administrator's interface does.
    pub async fn decide<T>(
        &self,
        needs: Needs,
        decide: impl FnOnce(&Facts, &mut Ctx<'_>) -> Decision<T>,
    ) -> Result<T, Refusal> {
        let facts = self.facts(needs).await;
        let mut rng = SystemRandom;
        let mut ctx = Ctx { now: self.clock.now(), rng: &mut rng, request_id: "admin", address: "" };
        let decision = decide(&facts, &mut ctx);
        self.store.commit(decision.effects).await.expect("effects can be committed");
        decision.answer
    }

    /// What is known of T1.
    pub async fn facts(&self, needs: Needs) -> Box<Facts> {
        let directory = self.store.directory();
        let entry = directory.tenants().find(|entry| entry.tenant.id.as_str() == T1).expect("T1 is there");
        let base = Facts::of(
            entry.tenant.clone(),
            entry.issuers[0].clone(),
            entry.apis.clone(),
            entry.keys.ring.clone(),
        );
        self.store.load(Box::new(base), &needs).await.expect("facts can be loaded")
    }
}
