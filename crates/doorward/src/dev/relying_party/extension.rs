//! The demo extension: opened with a one-time key, or signed in to inside its frame; it shows for whom it acts, and by a session token what it
//! may do for them at the moment.

use std::sync::PoisonError;

use ::http::header::{CONTENT_TYPE, HeaderValue};
use ::http::{Response, StatusCode};
use bytes::Bytes;
use serde_json::{Value, json};

use doorward_web::form::browser::shown_by;
use doorward_web::page::Texts;
use doorward_web::page::view::demo_extension::DemoExtension;
use doorward_web::page::view::demo_refusal::check;
use doorward_wire::origin::Origin;
use doorward_wire::params::Params;

use super::browser::{Browser, random};
use super::callback::{claims, text};
use super::issuer::{Refused, Tokens};
use super::page::{decoded, see_other, show};
use super::{Answer, RelyingParty};
use crate::dev::seed::secret_of;

impl RelyingParty {
    /// GET of the launch address: the key is exchanged for tokens of whoever opened it.
    pub(super) async fn opened(&self, browser: &Browser, query: &Params) -> Answer {
        let of = |name: &str| query.get(name).unwrap_or_default();
        let form = vec![
            ("grant_type", "urn:doorward:grant:retrieval-key"),
            ("retrieval_key", of("key")),
            ("user_id", of("user")),
        ];
        match self.issuer.tokens(EXTENSION, &secret_of(EXTENSION), form).await {
            Ok(tokens) => self.board(browser, tokens, false).await,
            Err(refused) => self.refused(browser, refused),
        }
    }

    /// GET of the link that signs in inside the frame.
    pub(super) fn framed(&self, query: &Params) -> Answer {
        let state = random();
        let mut framed = self.framed.lock().unwrap_or_else(PoisonError::into_inner);
        framed.push_back(state.clone());
        if framed.len() > MOST_FRAMED {
            framed.pop_front();
        }
        let asked =
            [("state", state.as_str()), ("installation", query.get("installation").unwrap_or_default())];
        let asked = asked.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let query = Params::from_pairs(asked.into()).to_query();
        see_other(&format!("{}/extensions/{EXTENSION}/authorize?{query}", self.issuer.url))
    }

    /// GET of the callback of that sign-in.
    pub(super) async fn framed_callback(&self, browser: &Browser, answer: &Params) -> Answer {
        let state = answer.get("state").unwrap_or_default();
        let is_known = {
            let mut framed = self.framed.lock().unwrap_or_else(PoisonError::into_inner);
            let at = framed.iter().position(|known| known == state);
            at.and_then(|at| framed.remove(at)).is_some()
        };
        if !is_known || answer.get("iss") != Some(self.issuer.url.as_str()) {
            return self.refused(browser, Refused::Checked(check::EXTENSION));
        }
        let Some(code) = answer.get("code") else {
            let description = answer.get("error_description").map(str::to_owned);
            let refused = match answer.get("error") {
                Some(error) => Refused::Told(error.to_owned(), description),
                None => Refused::Checked(check::CODE),
            };
            return self.refused(browser, refused);
        };
        let redirect_uri = format!("{}/extension/callback", self.url);
        let form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
        ];
        match self.issuer.tokens(EXTENSION, &secret_of(EXTENSION), form).await {
            Ok(tokens) => self.board(browser, tokens, true).await,
            Err(refused) => self.refused(browser, refused),
        }
    }

    /// POST of a session token by the page's script: exchanged, it says what may be done now.
    pub(super) async fn act(&self, form: &Params) -> Answer {
        let form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", form.get("session_token").unwrap_or_default()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ];
        let said = match self.issuer.tokens(EXTENSION, &secret_of(EXTENSION), form).await {
            Ok(tokens) => json!({ "scope": tokens.scope }),
            Err(Refused::Told(error, description)) => {
                json!({ "error": error, "error_description": description })
            }
            Err(Refused::Checked(message)) => json!({ "error": Texts::for_locale("en").say(message) }),
        };
        let mut answer = Response::new(Bytes::from(said.to_string()));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer
    }

    /// For whom it acts, and where.
    async fn board(&self, browser: &Browser, tokens: Tokens, by_frame: bool) -> Answer {
        let name = match self.issuer.userinfo(&tokens.access_token).await {
            Ok(found) => text(&found, "name").or_else(|| text(&found, "sub")).unwrap_or_default(),
            Err(refused) => return self.refused(browser, refused),
        };
        let said: Value = claims(&tokens.access_token).unwrap_or_default();
        let page = DemoExtension {
            frame: browser.frame.clone(),
            name,
            context: text(&said, "context").unwrap_or_default(),
            installation: text(&said, "installation").unwrap_or_default(),
            scope: tokens.scope.clone().unwrap_or_default(),
            access_token: decoded(&tokens.access_token),
            by_frame,
            host: self.origin(),
        };
        self.framed_answer(show(StatusCode::OK, &page))
    }

    fn refused(&self, browser: &Browser, refused: Refused) -> Answer {
        self.framed_answer(self.failed(browser, refused))
    }

    /// Its pages may be shown by the issuer's page for it.
    fn framed_answer(&self, answer: Answer) -> Answer {
        shown_by(answer, &[self.origin()])
    }

    fn origin(&self) -> String {
        Origin::of_url(&self.issuer.url).map_or_else(|_| self.issuer.url.clone(), |origin| origin.to_string())
    }
}

/// The extension, and its client.
const EXTENSION: &str = "demo-extension";
const MOST_FRAMED: usize = 100;
