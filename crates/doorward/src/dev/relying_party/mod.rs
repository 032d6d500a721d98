//! The demo application: a small relying party (OpenID Connect Core, section 3.1) that speaks to the issuer over HTTP as any
//! other would. It shows what it gets.

mod api;
mod browser;
mod callback;
mod extension;
mod http;
mod issuer;
mod login;
mod names;
mod page;
mod play;
mod restore;
mod visitor;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use ::http::{Method, Response, StatusCode};
use bytes::Bytes;

use doorward_web::edge::{self, EdgeRequest, Service};
use doorward_web::endpoint::asset;
use doorward_web::mail::Mailbox;
use doorward_wire::params::Params;

use super::Place;
use super::seed::secret_of;
use super::tls::Made;
use crate::failure::Failure;
use browser::Browser;
use issuer::Issuer;
use names::Names;
use visitor::Visitors;

/// The application.
pub struct RelyingParty {
    /// Where it is reached.
    url: String,
    /// By which hosts.
    names: Names,
    /// Where everything is.
    place: Place,
    client_id: String,
    client_secret: String,
    issuer: Issuer,
    visitors: Mutex<Visitors>,
    /// Sign-ins inside a frame that are under way.
    framed: Mutex<VecDeque<String>>,
    /// Mails that the server would have sent.
    mailbox: Arc<Mailbox>,
}

/// What is answered.
type Answer = Response<Bytes>;

impl RelyingParty {
    /// An application at `place.demo` that listens at `listens`, for the issuer that is reached at `address`.
    pub fn new(
        place: &Place,
        listens: SocketAddr,
        address: SocketAddr,
        tls: Option<&Made>,
        mailbox: Arc<Mailbox>,
    ) -> Result<Self, Failure> {
        Ok(Self {
            url: place.demo.clone(),
            names: Names::of(&place.demo, listens),
            place: place.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: secret_of(CLIENT),
            issuer: Issuer::new(&place.issuer, address, tls)?,
            visitors: Mutex::default(),
            framed: Mutex::default(),
            mailbox,
        })
    }

    fn redirect_uri(&self) -> String {
        format!("{}/callback", self.url)
    }

    async fn answer(&self, request: EdgeRequest) -> Answer {
        if !self.names.has(&request.host) {
            let text = format!("The demo application is at {}, and answers under no other name.\n", self.url);
            return edge::text(StatusCode::MISDIRECTED_REQUEST, text);
        }
        let browser = Browser::of(&request, self.url.starts_with("https://"));
        let query = Params::parse_query(request.query.as_deref().unwrap_or_default()).unwrap_or_default();
        let form = Params::parse_form(&request.body).unwrap_or_default();
        let is_read = request.is_read();
        match (request.method == Method::POST, request.path.as_str()) {
            (false, "/" | "/spa") if is_read => self.home(&browser, &query),
            (false, "/mails") if is_read => self.mails(&browser, &query),
            (false, "/login") if is_read => self.login(&browser, &query).await,
            (false, "/callback") if is_read => self.callback(&browser, &query).await,
            (false, "/extension/open") if is_read => self.opened(&browser, &query).await,
            (false, "/extension/sign-in") if is_read => self.framed(&query),
            (false, "/extension/callback") if is_read => self.framed_callback(&browser, &query).await,
            (true, "/extension/act") => self.act(&form).await,
            (true, "/callback") => self.callback(&browser, &form).await,
            (true, "/userinfo") => self.userinfo(&browser, &form).await,
            (true, "/refresh") => self.refresh(&browser, &form).await,
            (true, "/sign-out") => self.sign_out(&browser, &form).await,
            (is_post, path) if path.starts_with("/systems/") => {
                let mut parts = path.splitn(4, '/').skip(2);
                match (is_post, parts.next().unwrap_or_default(), parts.next()) {
                    (true, name, None) => self.step(&browser, name, &form).await,
                    (true, name, Some("callback")) => self.handed_over(&browser, name, &form),
                    (false, name, None) if is_read => self.sequence(&browser, name).await,
                    (false, name, Some("callback")) if is_read => self.came_back(&browser, name, &query),
                    _ => edge::text(StatusCode::NOT_FOUND, "Not found\n"),
                }
            }
            (_, path) if path.starts_with("/api/") => {
                self.api(&request.method, path, request.query.as_deref(), &request.headers).await
            }
            (false, path) if is_read => {
                let found = path.strip_prefix("/assets/").and_then(asset::get);
                found.unwrap_or_else(|| edge::text(StatusCode::NOT_FOUND, "Not found\n"))
            }
            _ => edge::text(StatusCode::NOT_FOUND, "Not found\n"),
        }
    }
}

impl Service for RelyingParty {
    async fn call(&self, request: EdgeRequest) -> Answer {
        self.answer(request).await
    }
}

const CLIENT: &str = "demo-web";
