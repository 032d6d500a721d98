//! A browser without JavaScript: it keeps cookies, fills forms, and follows nothing unless told to.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::app::{TestApp, authorization, encode};
use crate::client::{Code, VERIFIER};
use crate::fixture::PASSWORD;
use crate::reply::Reply;

/// A browser.
pub struct Browser<'a> {
    app: &'a TestApp,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// A page that holds one form.
#[derive(Clone, Debug)]
pub struct Page {
    /// The answer.
    pub reply: Reply,
    /// Where its form goes.
    pub action: String,
    /// Its hidden fields.
    pub hidden: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    /// Without cookies.
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: RefCell::default() }
    }

    /// The cookies.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.borrow().clone()
    }

    /// Put a cookie, or take it away when empty.
    pub fn set_cookie(&self, name: &str, value: &str) {
        if value.is_empty() {
            self.cookies.borrow_mut().remove(name);
        } else {
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
    }

    /// GET.
    pub async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, &[], "").await
    }

    /// POST a form from a page of the issuer.
    pub async fn post(&self, target: &str, form: &[(&str, &str)]) -> Reply {
        let headers =
            [("origin", "https://id.example"), ("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", target, &headers, &encode(form)).await
    }

    /// Send anything, with the cookies; keep what is set.
    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let cookie = self
            .cookies
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let mut all = headers.to_vec();
        if !cookie.is_empty() {
            all.push(("cookie", &cookie));
        }
        let reply = self.app.send(method, target, &all, body).await;
        for value in reply.headers.get_all("set-cookie") {
            let text = value.to_str().expect("a cookie is text");
            let (name, value) =
                text.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie is a pair");
            self.set_cookie(name, value);
        }
        reply
    }

    /// Submit a page's form with these fields beside its hidden ones.
    pub async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Reply {
        let mut form: Vec<(&str, &str)> =
            page.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.extend_from_slice(fields);
        self.post(&page.action, &form).await
    }

    /// Sign in by way of the account page.
    pub async fn sign_in(&self, user: &str) -> Reply {
        let page = Page::of(self.get("/sign-in").await);
        let reply = self.submit(&page, &credentials(user)).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply
    }

    /// Try to sign in with that password, by way of the account page.
    pub async fn sign_in_with(&self, user: &str, password: &str) -> Reply {
        let page = Page::of(self.get("/sign-in").await);
        self.submit(&page, &[("username", user), ("password", password), ("action", "sign-in")]).await
    }

    /// The authorization endpoint's answer.
    pub async fn authorize(&self, client: &str, extra: &[(&str, &str)]) -> Reply {
        self.get(&authorize_target(client, extra)).await
    }

    /// A code for that client: signed in already, allows what is asked.
    pub async fn code(&self, client: &str, extra: &[(&str, &str)]) -> Code {
        let params = authorization(client, extra);
        let mut reply = self.authorize(client, extra).await;
        if reply.status == 200 {
            reply = self.submit(&Page::of(reply), &[("action", "allow")]).await;
        }
        let code =
            reply.param("code").unwrap_or_else(|| panic!("no code: {} {}", reply.location(), reply.body));
        let of = |name: &str| params.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        Code {
            code,
            client: client.to_owned(),
            redirect_uri: of("redirect_uri").unwrap_or_default(),
            verifier: of("code_challenge").map(|_| VERIFIER.to_owned()),
        }
    }
}

/// The fields of a sign-in.
pub fn credentials(user: &str) -> [(&str, &str); 3] {
    [("username", user), ("password", PASSWORD), ("action", "sign-in")]
}

/// The authorization endpoint with a client's parameters.
pub fn authorize_target(client: &str, extra: &[(&str, &str)]) -> String {
    let params = authorization(client, extra);
    let pairs: Vec<(&str, &str)> =
        params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    format!("/authorize?{}", encode(&pairs))
}

impl Page {
    /// The first form of an answer.
    #[track_caller]
    pub fn of(reply: Reply) -> Self {
        let form = reply
            .body
            .split("<form")
            .nth(1)
            .unwrap_or_else(|| panic!("no form: {} {}", reply.status, reply.body))
            .to_owned();
        let (head, rest) = form.split_once('>').expect("a form's tag ends");
        let action = attribute(head, "action").unwrap_or_default();
        let inside = rest.split("</form>").next().unwrap_or_default();
        let hidden = inside
            .split("<input")
            .skip(1)
            .filter_map(|input| input.split('>').next())
            .filter(|input| attribute(input, "type").as_deref() == Some("hidden"))
            .filter_map(|input| {
                Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))
            })
            .collect();
        Self { reply, action, hidden }
    }

    /// A hidden field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.hidden.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag[start..].split('"').next()?;
    Some(
        value
            .replace("&#38;", "&")
            .replace("&amp;", "&")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">"),
    )
}
