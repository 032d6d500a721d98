//! The way back: the answer is checked (`state`; `iss`, RFC 9207), the code redeemed, the ID token verified (OpenID Connect
//! Core, section 3.1.3.7), and what the tokens are good for is tried.

use serde_json::Value;

use doorward_crypto::jose::verify::Unverified;
use doorward_web::page::view::demo_refusal::check;
use doorward_wire::params::Params;

use super::browser::Browser;
use super::issuer::{Refused, Tokens};
use super::page::see_other;
use super::visitor::{Pending, SignedIn};
use super::{Answer, RelyingParty};

impl RelyingParty {
    /// `/callback`, by GET, or by POST for `response_mode=form_post`.
    pub(super) async fn callback(&self, browser: &Browser, answer: &Params) -> Answer {
        let state = answer.get("state").unwrap_or_default();
        let Some(pending) = self.change(browser, |visitor| visitor.take(state)) else {
            return self.failed(browser, Refused::Checked(check::STATE));
        };
        match self.redeem(answer, pending).await {
            Ok(signed_in) => {
                self.change(browser, |visitor| visitor.signed_in = Some(signed_in));
                browser.remember(see_other("/"))
            }
            Err(refused) => self.failed(browser, refused),
        }
    }

    /// POST of `/userinfo`.
    pub(super) async fn userinfo(&self, browser: &Browser, form: &Params) -> Answer {
        let Some(signed_in) = self.look(browser).signed_in.filter(|_| self.is_own(browser, form)) else {
            return see_other("/");
        };
        let outcome = self.issuer.userinfo(&signed_in.tokens.access_token).await;
        let subject = claims(&signed_in.id_token).and_then(|claims| text(&claims, "sub"));
        self.change(browser, |visitor| {
            let Some(now) = &mut visitor.signed_in else { return };
            match outcome {
                // Section 5.3.2: it must be about the same person.
                Ok(found) if text(&found, "sub") != subject => {
                    now.problem = Some(Refused::Checked(check::USERINFO));
                }
                Ok(found) => {
                    now.problem = None;
                    now.userinfo = serde_json::to_string_pretty(&found).ok();
                }
                Err(refused) => now.problem = Some(refused),
            }
        });
        see_other("/")
    }

    /// POST of `/refresh`.
    pub(super) async fn refresh(&self, browser: &Browser, form: &Params) -> Answer {
        let Some(signed_in) = self.look(browser).signed_in.filter(|_| self.is_own(browser, form)) else {
            return see_other("/");
        };
        let Some(refresh_token) = &signed_in.tokens.refresh_token else { return see_other("/") };
        let form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
        let outcome = match self.issuer.tokens(&self.client_id, &self.client_secret, form).await {
            Ok(tokens) => self.refreshed(tokens, &signed_in).await,
            Err(refused) => Err(refused),
        };
        self.change(browser, |visitor| {
            let Some(now) = &mut visitor.signed_in else { return };
            match outcome {
                Ok(refreshed) => *now = refreshed,
                Err(refused) => now.problem = Some(refused),
            }
        });
        see_other("/")
    }

    async fn redeem(&self, answer: &Params, pending: Pending) -> Result<SignedIn, Refused> {
        if answer.get("iss") != Some(self.issuer.url.as_str()) {
            return Err(Refused::Checked(check::ISSUER));
        }
        if let Some(error) = answer.get("error") {
            return Err(Refused::Told(error.to_owned(), answer.get("error_description").map(str::to_owned)));
        }
        let code = answer.get("code").ok_or(Refused::Checked(check::CODE))?;
        let redirect_uri = self.redirect_uri();
        let form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", pending.verifier.as_str()),
        ];
        let tokens = self.issuer.tokens(&self.client_id, &self.client_secret, form).await?;
        let raw = tokens.id_token.clone().ok_or(Refused::Checked(check::ID_TOKEN))?;
        let claims = self.verified(&raw, &tokens).await?;
        if text(&claims, "nonce").as_deref() != Some(pending.nonce.as_str()) {
            return Err(Refused::Checked(check::NONCE));
        }
        let mut signed_in = signed_in(tokens, raw, &claims, &pending.scope, 0);
        // What to greet the person by. An application with its own accounts would ask once and keep it.
        if let Ok(found) = self.issuer.userinfo(&signed_in.tokens.access_token).await {
            signed_in.name = text(&found, "name").unwrap_or(signed_in.name);
        }
        Ok(signed_in)
    }

    /// After a refresh: a new ID token must name the same person (section 12.2).
    async fn refreshed(&self, mut tokens: Tokens, before: &SignedIn) -> Result<SignedIn, Refused> {
        if tokens.refresh_token.is_none() {
            tokens.refresh_token.clone_from(&before.tokens.refresh_token);
        }
        let raw = match &tokens.id_token {
            None => before.id_token.clone(),
            Some(raw) => {
                let now = self.verified(raw, &tokens).await?;
                let then = claims(&before.id_token).unwrap_or_default();
                if text(&now, "sub") != text(&then, "sub") {
                    return Err(Refused::Checked(check::PERSON));
                }
                raw.clone()
            }
        };
        let found = claims(&raw).unwrap_or_default();
        let mut after = signed_in(tokens, raw, &found, &before.scope, before.refreshed.saturating_add(1));
        after.name.clone_from(&before.name);
        after.userinfo.clone_from(&before.userinfo);
        Ok(after)
    }

    /// The claims of an ID token, once its signature, issuer, audience, time and `at_hash` are checked.
    async fn verified(&self, raw: &str, tokens: &Tokens) -> Result<Value, Refused> {
        let keys = self.issuer.keys().await?;
        let token = Unverified::parse(raw).map_err(Refused::failed)?;
        let key = keys.find(token.header()).ok_or(Refused::Checked(check::KEY))?;
        let payload = token.verify(key).map_err(Refused::failed)?;
        let claims: Value = serde_json::from_slice(&payload).map_err(Refused::failed)?;
        if text(&claims, "iss").as_deref() != Some(self.issuer.url.as_str()) {
            return Err(Refused::Checked(check::ISSUER_OF_TOKEN));
        }
        let is_for_us = match claims.get("aud") {
            Some(Value::String(only)) => *only == self.client_id,
            Some(Value::Array(all)) => {
                all.iter().any(|aud| aud == &self.client_id)
                    && text(&claims, "azp").as_ref() == Some(&self.client_id)
            }
            _ => false,
        };
        if !is_for_us {
            return Err(Refused::Checked(check::AUDIENCE));
        }
        if claims.get("exp").and_then(Value::as_i64).is_none_or(|end| end <= now_s()) {
            return Err(Refused::Checked(check::EXPIRED));
        }
        let hash = token.header().algorithm().half_hash(&tokens.access_token);
        if text(&claims, "at_hash").is_some_and(|found| found != hash) {
            return Err(Refused::Checked(check::ACCESS_TOKEN));
        }
        Ok(claims)
    }
}

fn signed_in(tokens: Tokens, id_token: String, claims: &Value, asked: &str, refreshed: u32) -> SignedIn {
    let name =
        ["name", "preferred_username", "email", "sub"].into_iter().find_map(|claim| text(claims, claim));
    SignedIn {
        scope: tokens.scope.clone().unwrap_or_else(|| asked.to_owned()),
        expires_at: now_s().saturating_add(tokens.expires_in),
        tokens,
        id_token,
        name: name.unwrap_or_default(),
        refreshed,
        userinfo: None,
        problem: None,
    }
}

/// The claims of a token that was verified before.
pub(super) fn claims(raw: &str) -> Option<Value> {
    serde_json::from_slice(Unverified::parse(raw).ok()?.claims_unverified()).ok()
}

/// A claim that is text.
pub(super) fn text(claims: &Value, name: &str) -> Option<String> {
    claims.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn now_s() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
