//! The way to the issuer: an authorization request with state, nonce and PKCE (OpenID Connect Core, section 3.1.2.1), and the
//! sign-out (RP-Initiated Logout, section 2).

use doorward_crypto::{base64url, digest};
use doorward_wire::params::Params;

use super::browser::{Browser, random};
use super::page::see_other;
use super::visitor::Pending;
use super::{Answer, RelyingParty};

impl RelyingParty {
    /// GET of `/login`.
    pub(super) async fn login(&self, browser: &Browser, query: &Params) -> Answer {
        let metadata = match self.issuer.metadata().await {
            Ok(metadata) => metadata,
            Err(refused) => return self.failed(browser, refused),
        };
        let scope = query.get("scope").unwrap_or("openid").to_owned();
        let pending = Pending { state: random(), nonce: random(), verifier: random(), scope: scope.clone() };
        let challenge = base64url::encode(&digest::sha256(pending.verifier.as_bytes()));
        let mut asked: Vec<(String, String)> = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri()),
            ("scope", &scope),
            ("state", &pending.state),
            ("nonce", &pending.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for name in ["prompt", "login_hint", "resource", "response_mode"] {
            if let Some(value) = query.get(name) {
                asked.push((name.to_owned(), value.to_owned()));
            }
        }
        self.change(browser, |visitor| {
            visitor.begin(pending);
            visitor.signing_out = None;
        });
        let query = Params::from_pairs(asked).to_query();
        browser.remember(see_other(&format!("{}?{query}", metadata.authorization_endpoint)))
    }

    /// POST of `/sign-out`: signed out here at once, and at the issuer by its page.
    pub(super) async fn sign_out(&self, browser: &Browser, form: &Params) -> Answer {
        if !self.is_own(browser, form) {
            return see_other("/");
        }
        let metadata = match self.issuer.metadata().await {
            Ok(metadata) => metadata,
            Err(refused) => return self.failed(browser, refused),
        };
        let state = random();
        let before = self.change(browser, |visitor| {
            visitor.signing_out = Some(state.clone());
            visitor.signed_in.take()
        });
        let Some(before) = before else { return see_other("/") };
        let asked = [
            ("id_token_hint", before.id_token.as_str()),
            ("client_id", &self.client_id),
            ("post_logout_redirect_uri", &format!("{}/", self.url)),
            ("state", &state),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let query = Params::from_pairs(asked.into()).to_query();
        see_other(&format!("{}?{query}", metadata.end_session_endpoint))
    }

    /// Whether a form is one that we showed to this browser.
    pub(super) fn is_own(&self, browser: &Browser, form: &Params) -> bool {
        let sent = form.get("form").unwrap_or_default();
        digest::constant_time_eq(sent.as_bytes(), browser.form_token().as_bytes())
    }
}
