//! The suite's relying party and its browser: a client without PKCE that authenticates by `client_secret_basic`, and a browser without
//! JavaScript that fills in whatever page comes.

use doorward_crypto::jose::key_set::JwkSet;
use doorward_crypto::jose::verify::Unverified;
use doorward_tests::{ALICE, Browser, Code, Page, Reply, TestApp, credentials};
use serde_json::Value;

/// The client of the suite.
pub const CLIENT: &str = "plain";
/// Its second one.
pub const CLIENT2: &str = "first";
/// The issuer.
pub const ISSUER: &str = "https://id.example";
/// Where both are registered.
pub const REDIRECT_URI: &str = "https://app.example/cb";

/// A relying party, its browser and the person who sits before it.
pub struct Party<'a> {
    /// The server under test.
    pub app: &'a TestApp,
    /// The browser.
    pub browser: Browser<'a>,
    /// The client.
    pub client: &'static str,
}

/// What a visit of the authorization endpoint led to.
#[derive(Debug)]
pub struct Visit {
    /// Paths of the forms that were filled in on the way.
    pub pages: Vec<String>,
    /// The last answer: a redirect to the client, or a page without a way on.
    pub reply: Reply,
}

/// What a code was exchanged for, the ID token verified.
#[derive(Debug)]
pub struct Tokens {
    /// The code and what it was asked with.
    pub code: Code,
    /// The token response.
    pub reply: Reply,
    /// The claims of its ID token.
    pub id: Value,
}

impl<'a> Party<'a> {
    /// A fresh one, signed in nowhere.
    pub fn new(app: &'a TestApp) -> Self {
        Self::of(app, CLIENT)
    }

    /// The same as another client.
    pub fn of(app: &'a TestApp, client: &'static str) -> Self {
        Self { app, browser: app.browser(), client }
    }

    /// Visit the authorization endpoint with the suite's request, `extra` replacing or (when empty) removing parameters.
    pub async fn visit(&self, extra: &[(&str, &str)]) -> Visit {
        self.follow(self.browser.authorize(self.client, &suite(extra)).await).await
    }

    /// Fill in the pages that come: sign in as ALICE, allow.
    pub async fn follow(&self, mut reply: Reply) -> Visit {
        let mut pages = Vec::new();
        while reply.status == 200 && reply.body.contains("method=\"post\"") && pages.len() < 5 {
            let page = Page::of(reply);
            reply = match page.action.as_str() {
                "/sign-in" => self.browser.submit(&page, &credentials(ALICE)).await,
                "/consent" => self.browser.submit(&page, &[("action", "allow")]).await,
                other => panic!("no such page in the suite: {other}"),
            };
            pages.push(page.action);
        }
        Visit { pages, reply }
    }

    /// The whole flow: a code, its tokens, the ID token verified as every module of the suite does.
    pub async fn flow(&self, extra: &[(&str, &str)]) -> Tokens {
        let visit = self.visit(extra).await;
        self.exchange(&visit, extra).await
    }

    /// Exchange the code of a visit.
    pub async fn exchange(&self, visit: &Visit, extra: &[(&str, &str)]) -> Tokens {
        let code = self.code(visit);
        let reply = code.redeem(self.app).await;
        let nonce = extra.iter().find(|(name, _)| *name == "nonce").map_or("n0nce", |(_, value)| *value);
        let id = self.accepted(&reply, Some(nonce).filter(|nonce| !nonce.is_empty())).await;
        Tokens { code, reply, id }
    }

    /// The code of a visit: an answer with `code`, `state`, `iss` and nothing else (RFC 9207; OpenID Connect Core, 3.1.2.5).
    #[track_caller]
    pub fn code(&self, visit: &Visit) -> Code {
        let reply = &visit.reply;
        assert_eq!(reply.status, 303, "{visit:?}");
        let location = url::Url::parse(&reply.location()).expect("a redirect has an absolute URL");
        assert!(reply.location().starts_with(&format!("{REDIRECT_URI}?")), "{location}");
        let names: Vec<String> = location.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["code", "state", "iss"]);
        assert_eq!(location.fragment(), None);
        assert_eq!(reply.param("state").as_deref(), Some("st4te"));
        assert_eq!(reply.param("iss").as_deref(), Some(ISSUER));
        Code {
            code: reply.param("code").expect("there is a code"),
            client: self.client.to_owned(),
            redirect_uri: REDIRECT_URI.to_owned(),
            verifier: None,
        }
    }

    /// A token response as the suite accepts it (RFC 6749, section 5.1), and the verified claims of its ID token.
    pub async fn accepted(&self, reply: &Reply, nonce: Option<&str>) -> Value {
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("pragma"), Some("no-cache"));
        assert!(reply.text("token_type").eq_ignore_ascii_case("bearer"));
        assert!(reply.json()["expires_in"].as_u64().is_some_and(|seconds| seconds > 0));
        self.verified(&reply.text("id_token"), nonce, &reply.text("access_token")).await
    }

    /// The claims of an ID token, verified with the key set (OpenID Connect Core, sections 3.1.3.7 and 3.1.3.8).
    pub async fn verified(&self, token: &str, nonce: Option<&str>, access_token: &str) -> Value {
        let (algorithm, claims) = self.signed(token).await;
        assert_eq!(algorithm, "RS256", "the default of ID tokens");
        let now = self.app.clock.now().seconds();
        assert_eq!(claims["iss"], ISSUER);
        assert!(claims["sub"].as_str().is_some_and(|sub| (1..=255).contains(&sub.len()) && sub.is_ascii()));
        let audience = match &claims["aud"] {
            Value::Array(names) => names.clone(),
            one => vec![one.clone()],
        };
        assert_eq!(audience, [self.client]);
        let seconds = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name}: {claims}"));
        assert!(seconds("exp") > now && seconds("exp") <= now + 86_400, "{claims}");
        assert!((now - 300..=now).contains(&seconds("iat")), "{claims}");
        assert!(seconds("auth_time") <= now, "{claims}");
        assert_eq!(claims.get("nonce").and_then(Value::as_str), nonce, "{claims}");
        assert!(claims["acr"].is_string(), "{claims}");
        assert!(claims["amr"].as_array().is_some_and(|amr| amr.iter().all(Value::is_string)), "{claims}");
        let hash = doorward_crypto::digest::sha256(access_token.as_bytes());
        assert_eq!(claims["at_hash"], doorward_crypto::base64url::encode(&hash[..16]), "{claims}");
        claims
    }

    /// The algorithm of a JWT and its claims, verified with the one key of the published set that its `kid` names.
    pub async fn signed(&self, token: &str) -> (&'static str, Value) {
        let set = self.app.get("/jwks", &[]).await;
        let set = JwkSet::parse(set.body).expect("a key set can be read");
        let unverified = Unverified::parse(token).expect("an ID token can be read");
        let kid = unverified.header().kid().expect("an ID token names its key");
        assert_eq!(set.keys().iter().filter(|key| key.kid() == Some(kid)).count(), 1);
        let key = set.find(unverified.header()).expect("its key is published");
        let payload = unverified.verify(key).expect("its signature fits");
        let algorithm = unverified.header().algorithm().as_str();
        (algorithm, serde_json::from_slice(&payload).expect("claims are JSON"))
    }
}

impl Visit {
    /// How often the person had to sign in.
    pub fn sign_ins(&self) -> usize {
        self.pages.iter().filter(|page| *page == "/sign-in").count()
    }

    /// An error told to the client as the suite accepts it (OpenID Connect Core, 3.1.2.6): `error`, a description of allowed
    /// characters, `state`, `iss`, no code, nothing unexpected.
    #[track_caller]
    pub fn assert_error(&self, error: &str) {
        assert_eq!(self.reply.status, 303, "{self:?}");
        assert!(self.reply.location().starts_with(&format!("{REDIRECT_URI}?error=")), "{self:?}");
        assert_eq!(self.reply.param("error").as_deref(), Some(error), "{self:?}");
        let location = url::Url::parse(&self.reply.location()).expect("a redirect has an absolute URL");
        let names: Vec<String> = location.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["error", "error_description", "state", "iss"]);
        assert_eq!(self.reply.param("state").as_deref(), Some("st4te"));
        assert_eq!(self.reply.param("iss").as_deref(), Some(ISSUER));
        let description = self.reply.param("error_description").unwrap_or_default();
        assert!(is_description(&description), "{description:?}");
    }
}

/// The characters of an `error_description` (RFC 6749, section 5.2).
pub fn is_description(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// The suite's request: no PKCE, the scope `openid` alone, and what the module adds.
pub fn suite<'e>(extra: &[(&'e str, &'e str)]) -> Vec<(&'e str, &'e str)> {
    let mut all = vec![("code_challenge", ""), ("code_challenge_method", ""), ("scope", "openid")];
    for pair in extra {
        all.retain(|(name, _)| *name != pair.0);
        all.push(*pair);
    }
    all
}
