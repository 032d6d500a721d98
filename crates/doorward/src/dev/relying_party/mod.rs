//! The demo relying party of `doorward dev`: an ordinary client on an origin of its own, where one can click through sign-in, consent,
//! tokens, userinfo, refresh and sign-out. It does what a careful client does: PKCE, `state`, `nonce`, `iss`, verified ID tokens.

mod back_channel;
mod flow;
mod session;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use doorward_crypto::base64url;
use doorward_crypto::digest::{constant_time_eq, sha256};
use doorward_crypto::random::{SystemRandom, array};
use doorward_web::edge::{Edge, EdgeRequest, Service, Tls, text};
use doorward_web::page::choose;
use doorward_web::page::view::demo::{DemoError, DemoHome, DemoSignedIn, DemoToken};
use doorward_web::page::view::{Frame, View};
use doorward_web::server::Server;
use doorward_wire::params::Params;

use back_channel::BackChannel;
use flow::Problem;
use session::{Session, SignedIn};

/// What the demo is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer that it signs in at.
    pub issuer: String,
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Its own address, without a trailing slash.
    pub own_url: String,
    /// The API that it may ask for.
    pub api: String,
    /// What it asks for unless told otherwise.
    pub scope: String,
    /// Names to sign in with, shown on its first page.
    pub people: Vec<String>,
    /// Their password.
    pub password: String,
}

/// The relying party.
struct RelyingParty {
    settings: Settings,
    issuer: BackChannel,
    sessions: Mutex<HashMap<String, Session>>,
}

/// Serve it until `shutdown`.
pub fn serve(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    server: Server,
    settings: Settings,
    shutdown: watch::Receiver<bool>,
) -> JoinHandle<()> {
    let issuer = BackChannel::new(server, &settings);
    let party = RelyingParty { settings, issuer, sessions: Mutex::default() };
    Edge { tls, ..Edge::default() }.serve(listener, Arc::new(party), shutdown)
}

impl Service for RelyingParty {
    async fn call(&self, request: EdgeRequest) -> Response<Bytes> {
        let key = self.session_key(&request);
        let answer = match (&request.method, request.path.as_str()) {
            (&Method::GET | &Method::HEAD, path) if path.starts_with("/assets/") => {
                return assets(&path["/assets/".len()..]);
            }
            (&Method::GET | &Method::HEAD, "/" | "/spa") => self.home(&request, &key),
            (&Method::GET, "/login") => self.begin(&request, &key),
            (&Method::GET | &Method::POST, "/callback") => self.finish(&request, &key).await,
            (&Method::POST, "/userinfo" | "/refresh" | "/sign-out") => self.act(&request, &key).await,
            _ => text(StatusCode::NOT_FOUND, "Not found\n"),
        };
        self.with_cookie(answer, &request, &key)
    }
}

impl RelyingParty {
    fn home(&self, request: &EdgeRequest, key: &str) -> Response<Bytes> {
        let frame = self.frame(request);
        match self.session(key).signed_in {
            Some(signed_in) => page(200, &self.signed_in(frame, key, &signed_in)),
            None => {
                let home = DemoHome {
                    frame,
                    issuer: self.settings.issuer.clone(),
                    scope: self.settings.scope.clone(),
                    api: self.settings.api.clone(),
                    signed_out: request.query.as_deref() == Some("signed_out"),
                    people: self.settings.people.clone(),
                    password: self.settings.password.clone(),
                };
                page(200, &home)
            }
        }
    }

    fn begin(&self, request: &EdgeRequest, key: &str) -> Response<Bytes> {
        let asked = Params::parse_query(request.query.as_deref().unwrap_or_default()).unwrap_or_default();
        let (pending, location) = flow::begin(&self.settings, &asked);
        self.change(key, |session| session.pending = Some(pending));
        see_other(&location)
    }

    async fn finish(&self, request: &EdgeRequest, key: &str) -> Response<Bytes> {
        let params = if request.method == Method::POST {
            Params::parse_form(&request.body)
        } else {
            Params::parse_query(request.query.as_deref().unwrap_or_default())
        };
        let pending = self.session(key).pending;
        self.change(key, |session| session.pending = None);
        match flow::finish(&self.settings, &self.issuer, &params.unwrap_or_default(), pending).await {
            Ok(signed_in) => {
                self.change(key, |session| session.signed_in = Some(signed_in));
                see_other(&self.settings.own_url)
            }
            Err(Problem { error, description }) => {
                page(400, &DemoError { frame: self.frame(request), error, description })
            }
        }
    }

    async fn act(&self, request: &EdgeRequest, key: &str) -> Response<Bytes> {
        let form = Params::parse_form(&request.body).unwrap_or_default();
        let is_ours = form
            .get("form")
            .is_some_and(|token| constant_time_eq(token.as_bytes(), form_token(key).as_bytes()));
        let (true, Some(mut signed_in)) = (is_ours, self.session(key).signed_in) else {
            return see_other(&self.settings.own_url);
        };
        signed_in.problem = None;
        if request.path == "/sign-out" {
            self.change(key, |session| *session = Session::default());
            return see_other(&flow::sign_out(&self.settings, &signed_in));
        }
        let outcome = match request.path.as_str() {
            "/userinfo" => flow::userinfo(&self.issuer, &mut signed_in).await,
            _ => flow::refresh(&self.issuer, &mut signed_in).await,
        };
        if let Err(problem) = outcome {
            signed_in.problem = Some((problem.error, problem.description.unwrap_or_default()));
        }
        self.change(key, |session| session.signed_in = Some(signed_in));
        see_other(&self.settings.own_url)
    }

    fn signed_in(&self, frame: Frame, key: &str, of: &SignedIn) -> DemoSignedIn {
        let claims = flow::claims(&of.id_token).unwrap_or_default();
        let name = ["name", "preferred_username", "sub"].iter().find_map(|name| claims[*name].as_str());
        DemoSignedIn {
            frame,
            form: form_token(key),
            name: name.unwrap_or_default().to_owned(),
            id_token: shown(&of.id_token),
            access_token: shown(&of.access_token),
            scope: of.scope.clone(),
            expires_at: of.expires_at,
            can_refresh: of.refresh_token.is_some(),
            refreshed: of.refreshed,
            userinfo: of.userinfo.clone(),
            problem: of.problem.clone(),
        }
    }

    fn frame(&self, request: &EdgeRequest) -> Frame {
        let language = request.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Frame {
            texts: choose(None, None, language),
            brand: "Demo".to_owned(),
            base: String::new(),
            host: request.host.clone(),
        }
    }

    fn session(&self, key: &str) -> Session {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned().unwrap_or_default()
    }

    fn change(&self, key: &str, change: impl FnOnce(&mut Session)) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MAX_SESSIONS {
            sessions.clear();
        }
        change(sessions.entry(key.to_owned()).or_default());
    }

    /// The browser's key: from its cookie, or a new one.
    fn session_key(&self, request: &EdgeRequest) -> String {
        let cookies =
            request.headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let known = cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE);
        match known {
            Some((_, value)) if value.len() == 43 => value.to_owned(),
            _ => base64url::encode(&array::<32>(&mut SystemRandom)),
        }
    }

    fn with_cookie(&self, mut answer: Response<Bytes>, request: &EdgeRequest, key: &str) -> Response<Bytes> {
        let secure = if request.https { "; Secure" } else { "" };
        if let Ok(value) =
            HeaderValue::from_str(&format!("{COOKIE}={key}; Path=/; HttpOnly; SameSite=Lax{secure}"))
        {
            answer.headers_mut().append(header::SET_COOKIE, value);
        }
        answer
    }
}

fn shown(token: &str) -> DemoToken {
    let part = |at: usize| {
        let bytes = base64url::decode(token.split('.').nth(at)?)?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        serde_json::to_string_pretty(&value).ok()
    };
    let is_jwt = token.split('.').count() == 3;
    DemoToken {
        raw: token.to_owned(),
        header: part(0).filter(|_| is_jwt),
        claims: part(1).filter(|_| is_jwt),
    }
}

fn form_token(key: &str) -> String {
    base64url::encode(&sha256(format!("form:{key}").as_bytes()))
}

fn page(status: u16, view: &impl View) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(view.html()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in view.policy().headers() {
        answer.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

fn assets(name: &str) -> Response<Bytes> {
    doorward_web::endpoint::asset::get(name).unwrap_or_else(|| text(StatusCode::NOT_FOUND, "Not found\n"))
}

fn see_other(location: &str) -> Response<Bytes> {
    doorward_web::render::see_other(location)
}

const COOKIE: &str = "demo";
const MAX_SESSIONS: usize = 1_000;
