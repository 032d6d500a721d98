//! The pages: what the visitor sees.

use std::sync::PoisonError;

use ::http::header::HeaderValue;
use ::http::{Response, StatusCode};
use bytes::Bytes;
use serde_json::Value;

use doorward_crypto::base64url;
use doorward_web::page::View;
use doorward_web::page::view::demo::{
    DemoError, DemoHome, DemoMail, DemoMailRow, DemoMails, DemoSignedIn, DemoToken,
};
use doorward_wire::params::Params;

use super::browser::Browser;
use super::issuer::Refused;
use super::visitor::{SignedIn, Visitor};
use super::{Answer, RelyingParty};
use crate::dev::seed::{API, PASSWORD, PEOPLE};
use crate::dev::sequence;

impl RelyingParty {
    /// `/`: the tokens of who is signed in, else the way to sign in.
    pub(super) fn home(&self, browser: &Browser, query: &Params) -> Answer {
        let returned = query.get("state");
        let visitor = self.look(browser);
        if let Some(signed_in) = &visitor.signed_in {
            return browser.remember(show(StatusCode::OK, &self.signed_in(browser, signed_in)));
        }
        let signed_out = returned.is_some() && returned == visitor.signing_out.as_deref();
        let page = DemoHome {
            frame: browser.frame.clone(),
            issuer: self.issuer.url.clone(),
            scope: SCOPE.to_owned(),
            api: API.to_owned(),
            signed_out,
            people: PEOPLE.iter().map(|(name, _)| (*name).to_owned()).collect(),
            password: PASSWORD.to_owned(),
            systems: sequence::ALL.map(|of| (of.name.to_owned(), of.called.to_owned())).into(),
        };
        browser.remember(show(StatusCode::OK, &page))
    }

    /// `/mails`: what the server would have sent, newest first; `?mail=N` is one of them.
    pub(super) fn mails(&self, browser: &Browser, query: &Params) -> Answer {
        let letters = self.mailbox.letters();
        let wanted = query.get("mail").and_then(|number| number.parse::<usize>().ok());
        let shown = wanted.and_then(|number| letters.get(number)).map(|letter| DemoMail {
            number: wanted.unwrap_or_default(),
            from: letter.from.clone(),
            to: letter.to.clone(),
            subject: letter.subject.clone(),
            paragraphs: letter.text.split("\n\n").map(str::to_owned).collect(),
            link: letter.link.clone(),
        });
        let mut mails: Vec<DemoMailRow> = letters
            .iter()
            .enumerate()
            .map(|(number, letter)| DemoMailRow {
                number,
                to: letter.to.clone(),
                subject: letter.subject.clone(),
            })
            .collect();
        mails.reverse();
        let page = DemoMails { frame: browser.frame.clone(), mails, shown };
        browser.remember(show(StatusCode::OK, &page))
    }

    /// A sign-in that failed.
    pub(super) fn failed(&self, browser: &Browser, refused: Refused) -> Answer {
        let page = DemoError { frame: browser.frame.clone(), refusal: refused };
        browser.remember(show(StatusCode::BAD_REQUEST, &page))
    }

    /// The visitor as they are now.
    pub(super) fn look(&self, browser: &Browser) -> Visitor {
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner).look(&browser.cookie)
    }

    /// Changes the visitor.
    pub(super) fn change<T>(&self, browser: &Browser, change: impl FnOnce(&mut Visitor) -> T) -> T {
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner).change(&browser.cookie, change)
    }

    fn signed_in(&self, browser: &Browser, signed_in: &SignedIn) -> DemoSignedIn {
        DemoSignedIn {
            frame: browser.frame.clone(),
            form: browser.form_token(),
            name: signed_in.name.clone(),
            id_token: decoded(&signed_in.id_token),
            access_token: decoded(&signed_in.tokens.access_token),
            scope: signed_in.scope.clone(),
            expires_at: signed_in.expires_at,
            can_refresh: signed_in.tokens.refresh_token.is_some(),
            refreshed: signed_in.refreshed,
            userinfo: signed_in.userinfo.clone(),
            problem: signed_in.problem.clone(),
        }
    }
}

/// To another address.
pub fn see_other(location: &str) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(value) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(::http::header::LOCATION, value);
    }
    answer.headers_mut().insert(::http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// A page under its headers.
pub fn show(status: StatusCode, view: &impl View) -> Answer {
    doorward_web::page::sent(status.as_u16(), view)
}

/// A token with its parts in the clear, where it has any. Shown, not trusted.
pub fn decoded(raw: &str) -> DemoToken {
    let parts: Vec<&str> = raw.split('.').collect();
    let json = |part: &str| {
        let value: Value = serde_json::from_slice(&base64url::decode(part)?).ok()?;
        serde_json::to_string_pretty(&value).ok()
    };
    match parts.as_slice() {
        [header, claims, _] => DemoToken { raw: raw.to_owned(), header: json(header), claims: json(claims) },
        _ => DemoToken { raw: raw.to_owned(), header: None, claims: None },
    }
}

const SCOPE: &str = "openid profile email offline_access";
