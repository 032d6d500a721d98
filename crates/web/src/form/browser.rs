//! What a browser brings: its cookies, its language, and whether a form came from one of our own pages.

use std::sync::OnceLock;

use doorward_core::Reason;
use doorward_core::model::User;
use doorward_core::needs::SessionHandle;
use doorward_crypto::random::{Random, SystemRandom};
use doorward_crypto::{base64url, digest};
use doorward_wire::params::Params;

use super::error;
use crate::app::Call;
use crate::cookie::Cookie;
use crate::page::policy::Frames;
use crate::page::view::{Frame, View};
use crate::page::{Texts, choose, sent, with_frames};
use crate::render::Answer;

/// The browser of one request.
pub struct Browser {
    /// The session cookie.
    pub session: Option<SessionHandle>,
    /// The pre-session cookie's value, made now when there was none.
    pub pre_session: String,
    /// Whether it was made now, so that it has to be set.
    is_new: bool,
    /// The language of the person signed in, once they are known.
    language: OnceLock<String>,
}

impl Browser {
    /// Of this request.
    pub fn of(call: &Call<'_>) -> Self {
        let known = Cookie::PreSession
            .read(call)
            .filter(|value| base64url::decode(value).is_some_and(|bytes| bytes.len() == 32));
        let is_new = known.is_none();
        let pre_session = known.unwrap_or_else(|| {
            let mut bytes = [0; 32];
            SystemRandom.fill(&mut bytes);
            base64url::encode(&bytes)
        });
        let session = Cookie::Session.read(call).and_then(|value| SessionHandle::of_cookie(&value));
        Self { session, pre_session, is_new, language: OnceLock::new() }
    }

    /// The name of this browser in sealed requests.
    pub fn binding(&self) -> String {
        base64url::encode(&digest::sha256(self.pre_session.as_bytes()))
    }

    /// The token of a form: it fits this form, in this browser, in this session, and no other.
    pub fn form_token(&self, call: &Call<'_>, form: &str) -> String {
        let Some((_, key)) = call.tenant.keys.ring.newest_mac() else { return String::new() };
        base64url::encode(&key.tag(&self.token_parts(form, &self.session_bytes())))
    }

    /// Whether `token` is the form's.
    pub fn fits(&self, call: &Call<'_>, form: &str, token: Option<&str>) -> bool {
        // All of it: a MAC may be cut short elsewhere, a form's token is what was written into the form.
        let tag = token.and_then(base64url::decode).filter(|tag| tag.len() == 32);
        let Some(tag) = tag else { return false };
        let session = self.session_bytes();
        call.tenant.keys.ring.mac.values().any(|key| key.verify(&self.token_parts(form, &session), &tag))
    }

    /// Send a page under its headers, and set the pre-session cookie when it is new.
    pub fn page(&self, call: &Call<'_>, status: u16, view: &impl View) -> Answer {
        let mut answer = sent(status, view);
        self.keep(call, &mut answer);
        answer
    }

    /// Send a page that is shown in a frame. No cookie is set: the browser would not send it there.
    pub fn bare_page(&self, status: u16, view: &impl View) -> Answer {
        sent(status, view)
    }

    /// Set the pre-session cookie when it is new.
    pub fn keep(&self, call: &Call<'_>, answer: &mut Answer) {
        if self.is_new {
            Cookie::PreSession.set(call, &self.pre_session, None, answer);
        }
    }

    /// The person who is signed in: from now on pages are in their language.
    pub fn knows(&self, user: &User) {
        if let Some(locale) = user.locale() {
            let _earlier = self.language.set(locale.to_owned());
        }
    }

    /// What stands around a page, in the language that is wished: by the request, by the person signed in, by the browser.
    pub fn frame(&self, call: &Call<'_>, ui_locales: Option<&str>) -> Frame {
        let browser = call.header("accept-language");
        let query = call.request.query.as_deref().and_then(|query| Params::parse_query(query).ok());
        let ui_locales = ui_locales.or_else(|| query.as_ref()?.get("ui_locales"));
        let account = self.language.get().map(String::as_str);
        let fallback = Some(call.tenant.tenant.settings.locale.as_str()).filter(|_| browser.is_none());
        Frame {
            texts: language(ui_locales, account.or(fallback), browser),
            brand: call.tenant.tenant.name.clone(),
            base: call.issuer.path().to_owned(),
            host: call.issuer.host().to_owned(),
        }
    }

    fn session_bytes(&self) -> Vec<u8> {
        self.session
            .map_or_else(Vec::new, |handle| [&handle.id.0.to_be_bytes()[..], &handle.secret_hash].concat())
    }

    fn token_parts<'a>(&'a self, form: &'a str, session: &'a [u8]) -> [&'a [u8]; 4] {
        [b"form", form.as_bytes(), self.pre_session.as_bytes(), session]
    }
}

/// What is answered, where pages of these origins may show it in a frame. For what asks nobody anything: who looks at it does not see whose
/// page is around it.
pub fn shown_by(mut answer: Answer, origins: &[String]) -> Answer {
    answer.headers_mut().remove(http::header::X_FRAME_OPTIONS);
    with_frames(answer, Frames::In(origins))
}

/// Whether what is answered is shown in a frame (Fetch Metadata, `Sec-Fetch-Dest`). Browsers that do not say so are shown the ordinary
/// pages, which stand in no frame.
pub fn is_framed(call: &Call<'_>) -> bool {
    matches!(call.header("sec-fetch-dest"), Some("iframe" | "frame"))
}

/// Whether a form was sent from a page of this issuer (Fetch standard, `Origin`; RFC 9700, section 4.7). Browsers that send neither
/// header are judged by the form's token alone.
pub fn is_same_site(call: &Call<'_>) -> bool {
    let mut origins = call.request.headers.get_all("origin").iter();
    match (origins.next(), origins.next()) {
        (None, _) => call.header("sec-fetch-site").is_none_or(|site| site == "same-origin"),
        (Some(origin), None) => origin.as_bytes() == call.issuer.origin().as_bytes(),
        (Some(_), Some(_)) => false,
    }
}

/// The fields of a form that one of our own pages sent; else the page that refuses it.
pub fn posted(call: &Call<'_>, browser: &Browser) -> Result<Params, Box<Answer>> {
    let refused = |reason: Reason| Box::new(error::refused(call, browser, &reason.into()));
    if !is_same_site(call) {
        return Err(refused(Reason::FormForeign));
    }
    fields(call).ok_or_else(|| refused(Reason::BodyMalformed))
}

/// The fields of a form of ours.
pub fn fields(call: &Call<'_>) -> Option<Params> {
    let content_type = call.header("content-type")?;
    doorward_wire::media_type::form(content_type).ok()?;
    Params::parse_page(&call.request.body).ok()
}

fn language(ui_locales: Option<&str>, account: Option<&str>, browser: Option<&str>) -> &'static Texts {
    choose(ui_locales, account, browser)
}
