//! From an admitted request to its answer: mount, route, endpoint.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use http::{Method, Response, StatusCode};

use doorward_core::Reason;
use doorward_core::model::TicketKind;
use doorward_store::directory::{Directory, Mounted};
use doorward_wire::metadata::{OAUTH_AUTHORIZATION_SERVER, OPENID_CONFIGURATION};

use crate::admin;
use crate::app::{App, Call};
use crate::console;
use crate::cors;
use crate::dialect::{Dialect, Endpoint, Route};
use crate::edge::{self, EdgeRequest, Nowhere, Refusal, Routed, Service, USUAL_BODY};
use crate::endpoint::{
    asset, authorize, discovery, guard, introspect, jwks, logout, maker, revoke, token, userinfo, webhook_key,
};
use crate::form::browser::Browser;
use crate::form::{
    account, account_email, account_factor, consent, due_password, error, extension, forgot, join, link,
    second_factor, select_account, set_up, sign_in, sign_out, sign_up,
};
use crate::ops::{Outcome, Stray};
use crate::page::view::ErrorKind;
use crate::render::{self, Answer};
use crate::traffic::admission::Shed;
use crate::traffic::{self, Class, OfClient};
use crate::unread;

/// The server behind the public listener.
#[derive(Clone)]
pub struct Server {
    app: Arc<App>,
}

impl Server {
    /// Of this application.
    pub fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// The application.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    async fn answer(&self, request: EdgeRequest) -> Answer {
        let mut call = match self.call_of(&request) {
            Ok(call) => call,
            Err(stray) => {
                let answer = if stray == Stray::Host { misdirected() } else { not_found() };
                return self.astray(stray, answer);
            }
        };
        let started = Instant::now();
        let Some((route, segments)) = call.dialect.route(call.path) else {
            let mut answer = self.unrouted(&call).await;
            answer.extensions_mut().insert(routed_to(&call, None));
            return answer;
        };
        call.segments = segments;
        let mut answer = routed(&call, route).await;
        let took = started.elapsed();
        let reason = answer.extensions().get::<Reason>();
        let outcome = match answer.status().as_u16() {
            // Nothing failed: there was too much to do.
            500.. if reason == Some(&Reason::Overloaded) => Outcome::Refused,
            500.. => Outcome::Fault,
            400.. => Outcome::Refused,
            _ => Outcome::Ok,
        };
        let reason = reason.map_or("", |reason| reason.as_str());
        self.app.metrics.request(route.endpoint.name(), outcome, reason, took);
        tracing::debug!(
            request.id = %call.request.request_id,
            tenant.id = %call.issuer.tenant,
            endpoint = route.endpoint.name(),
            http.status = answer.status().as_u16(),
            reason,
            took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
        answer.extensions_mut().insert(routed_to(&call, Some(route.endpoint.name())));
        answer
    }

    /// A request at the mount that it came to.
    fn call_of<'a>(&'a self, request: &'a EdgeRequest) -> Result<Call<'a>, Stray> {
        let directory = self.app.directory();
        let (host, path) = (request.host.as_str(), request.path.as_str());
        let Some((mounted, below)) = mount(&directory, host, path) else {
            let is_known = directory.hosts().any(|known| known == host);
            return Err(if is_known { Stray::Issuer } else { Stray::Host });
        };
        let dialect = Dialect::of(&mounted.issuer).ok_or(Stray::Issuer)?;
        if mounted.issuer.disabled_at.is_some() {
            return Err(Stray::Disabled);
        }
        Ok(Call {
            app: &self.app,
            request,
            dialect,
            issuer: mounted.issuer,
            tenant: mounted.entry,
            path: below,
            segments: Vec::new(),
            address: request.client_ip.to_string(),
            client: OnceLock::new(),
            of_client: OfClient::default(),
        })
    }

    /// Counts a request that belongs to no endpoint, and lets the access log say so.
    fn astray(&self, stray: Stray, mut answer: Answer) -> Answer {
        self.app.metrics.stray(stray);
        answer.extensions_mut().insert(Nowhere(stray.reason()));
        answer
    }

    /// Assets, and addresses where there is nothing.
    async fn unrouted(&self, call: &Call<'_>) -> Answer {
        let asset = call.path.strip_prefix("/assets/").filter(|_| call.request.is_read());
        if let Some(found) = asset.and_then(asset::get) {
            return found;
        }
        if call.header("accept").is_some_and(|accept| accept.contains("text/html")) {
            let page = || error::page(call, &Browser::of(call), ErrorKind::NotFound, None);
            return within(call, Class::Page, async { self.astray(Stray::Route, page()) }).await;
        }
        let words = || render::worded(call, &Reason::RouteUnknown.into());
        cors::open(within(call, Class::Protocol, async { self.astray(Stray::Route, words()) }).await)
    }
}

impl Service for Server {
    async fn call(&self, request: EdgeRequest) -> Answer {
        self.answer(request).await
    }

    fn body_limit(&self, method: &Method, path: &str) -> usize {
        let _ = method;
        if admin::is_below(path) { admin::MOST_BYTES } else { USUAL_BODY }
    }

    fn refused(&self, request: &EdgeRequest, refusal: Refusal) -> Option<Answer> {
        let call = self.call_of(request).ok()?;
        let route = call.dialect.route(call.path).map(|(route, _)| route);
        let mut answer = unread::refused(&call, route, refusal)?;
        answer.extensions_mut().insert(routed_to(&call, route.map(|route| route.endpoint.name())));
        Some(answer)
    }
}

/// The issuer that a path belongs to, and what is left of the path. `/.well-known/<name>/<path>` belongs to the issuer of `<path>`
/// (RFC 8414, section 3.1).
fn mount<'a>(directory: &Directory, host: &str, path: &'a str) -> Option<(Mounted, &'a str)> {
    for name in [OPENID_CONFIGURATION, OAUTH_AUTHORIZATION_SERVER] {
        let inserted = path.strip_prefix(name).filter(|rest| rest.starts_with('/'));
        if let Some(mounted) = inserted.and_then(|rest| directory.at(host, rest)) {
            return Some((mounted, name));
        }
    }
    let mounted = directory.lookup(host, path)?;
    let below = &path[mounted.prefix..];
    Some((mounted, below))
}

async fn routed(call: &Call<'_>, route: &Route) -> Answer {
    let method = &call.request.method;
    // The admin API has methods of its own at each of its paths, and says which.
    let is_admin = route.endpoint == Endpoint::Admin;
    if !route.answers(method) && !is_admin {
        // Who opens the address of a form, by a reload or a bookmark, is a person.
        let is_person = *method == Method::GET && route.endpoint.class() == Class::Page;
        let answer = match is_person {
            true => error::method_not_allowed(call, &route.allowed()),
            false => render::method_not_allowed(call, &route.allowed()),
        };
        return if route.is_open { cors::open(answer) } else { answer };
    }
    // Of the guard by path it is asked what was asked of an API.
    if method == Method::OPTIONS && !is_admin && route.endpoint != Endpoint::GuardByPath {
        return cors::preflight(route.allow);
    }
    let answer = within(call, route.endpoint.class(), endpoint(call, route.endpoint)).await;
    if route.is_open { cors::open(answer) } else { answer }
}

/// Lets a request be answered that its caller may make now, once there is a place for it.
async fn within(call: &Call<'_>, class: Class, work: impl Future<Output = Answer>) -> Answer {
    if class == Class::Open {
        return work.await;
    }
    let traffic = &call.app.traffic;
    let tenant = &call.tenant.tenant;
    let mut standings = traffic.count(class, call.request.client_ip, tenant, call.app.store.now());
    let mut answer = match standings.wait_s() {
        Some(wait_s) => traffic::too_many(call, class, wait_s),
        None => match traffic.enter(class).await {
            Ok(_place) => work.await,
            Err(Shed) => traffic::overloaded(call, class),
        },
    };
    standings.client = call.of_client.standing();
    (call.dialect.codec.quotas)(&standings, answer.headers_mut());
    if answer.status() == StatusCode::TOO_MANY_REQUESTS
        && let Some(quota) = standings.over()
    {
        traffic::note_over(call, class, quota, &mut answer);
    }
    answer
}

/// Boxed, because the future of every request would otherwise be as large as that of the largest endpoint, and it is moved.
async fn endpoint(call: &Call<'_>, endpoint: Endpoint) -> Answer {
    let is_post = call.request.method == Method::POST;
    match endpoint {
        Endpoint::Own(own) => (own.answer)(call).await,
        Endpoint::Token => Box::pin(token::post(call)).await,
        Endpoint::Guard | Endpoint::GuardByPath => Box::pin(guard::any(call)).await,
        Endpoint::GuardMetadata => guard::metadata(call),
        Endpoint::Introspect => Box::pin(introspect::post(call)).await,
        Endpoint::Userinfo => Box::pin(userinfo::get_or_post(call)).await,
        Endpoint::Jwks => jwks::get(call),
        Endpoint::ExtensionEvents => Box::pin(maker::events(call)).await,
        Endpoint::ExtensionInstallations => Box::pin(maker::installations(call)).await,
        Endpoint::ExtensionSecret => Box::pin(maker::reveal(call)).await,
        Endpoint::ExtensionWebhookSecrets => Box::pin(maker::webhook_secrets(call)).await,
        Endpoint::WebhookKey => Box::pin(webhook_key::get(call)).await,
        Endpoint::Revoke => Box::pin(revoke::post(call)).await,
        Endpoint::Discovery => discovery::get(call),
        Endpoint::Authorize if is_post => Box::pin(authorize::post(call)).await,
        Endpoint::Authorize => Box::pin(authorize::get(call)).await,
        Endpoint::Logout if is_post => Box::pin(logout::post(call)).await,
        Endpoint::Logout => Box::pin(logout::get(call)).await,
        Endpoint::SignIn if is_post => Box::pin(sign_in::post(call)).await,
        Endpoint::SignIn => Box::pin(sign_in::get(call)).await,
        Endpoint::Consent => Box::pin(consent::post(call)).await,
        Endpoint::Console => Box::pin(console::any(call)).await,
        Endpoint::SecondFactor => Box::pin(second_factor::post(call)).await,
        Endpoint::SelectAccount => Box::pin(select_account::post(call)).await,
        Endpoint::Admin => Box::pin(admin::any(call)).await,
        Endpoint::Account => Box::pin(account::get(call)).await,
        Endpoint::AccountPassword => Box::pin(account::password(call)).await,
        Endpoint::AccountSecondFactor if is_post => Box::pin(account_factor::post(call)).await,
        Endpoint::AccountSecondFactor => Box::pin(account_factor::get(call)).await,
        Endpoint::AccountSessions => Box::pin(account::sessions(call)).await,
        Endpoint::AccountApplications => Box::pin(account::applications(call)).await,
        Endpoint::Extension => Box::pin(crate::endpoint::extension::any(call)).await,
        Endpoint::SelectInstallation => Box::pin(extension::select::post(call)).await,
        Endpoint::AccountExtensions => Box::pin(extension::extensions(call)).await,
        Endpoint::AccountInstallations => Box::pin(extension::installations(call)).await,
        Endpoint::ForgotPassword if is_post => Box::pin(forgot::post(call)).await,
        Endpoint::ForgotPassword => Box::pin(forgot::get(call)).await,
        Endpoint::ResetPassword if is_post => Box::pin(forgot::post_reset(call)).await,
        Endpoint::ResetPassword => Box::pin(forgot::get_reset(call)).await,
        Endpoint::SignOut => Box::pin(sign_out::post(call)).await,
        Endpoint::SignUp if is_post => Box::pin(sign_up::post(call)).await,
        Endpoint::SignUp => sign_up::get(call),
        Endpoint::NewPassword => Box::pin(due_password::post(call)).await,
        Endpoint::Join if is_post => Box::pin(join::post(call, TicketKind::Invitation)).await,
        Endpoint::Join => Box::pin(join::get(call, TicketKind::Invitation)).await,
        Endpoint::SignUpFinish if is_post => Box::pin(join::post(call, TicketKind::SignUp)).await,
        Endpoint::SignUpFinish => Box::pin(join::get(call, TicketKind::SignUp)).await,
        Endpoint::Address if is_post => Box::pin(link::post(call, TicketKind::AddressVerify)).await,
        Endpoint::Address => Box::pin(link::get(call, TicketKind::AddressVerify)).await,
        Endpoint::AddressNew if is_post => Box::pin(link::post(call, TicketKind::AddressConfirm)).await,
        Endpoint::AddressNew => Box::pin(link::get(call, TicketKind::AddressConfirm)).await,
        Endpoint::AddressUndo if is_post => Box::pin(link::post(call, TicketKind::AddressUndo)).await,
        Endpoint::AddressUndo => Box::pin(link::get(call, TicketKind::AddressUndo)).await,
        Endpoint::SignInLink if is_post => Box::pin(link::post(call, TicketKind::SignInLink)).await,
        Endpoint::SignInLink => Box::pin(link::get(call, TicketKind::SignInLink)).await,
        Endpoint::AccountEmail if is_post => Box::pin(account_email::post(call)).await,
        Endpoint::AccountEmail => Box::pin(account_email::get(call)).await,
        Endpoint::SetUp if is_post => Box::pin(set_up::post(call)).await,
        Endpoint::SetUp => Box::pin(set_up::get(call)).await,
        Endpoint::ChangePassword | Endpoint::Home => render::see_other(&call.url("/account")),
    }
}

fn routed_to(call: &Call<'_>, endpoint: Option<&'static str>) -> Routed {
    Routed {
        tenant: call.issuer.tenant.0.clone(),
        issuer: call.issuer.url.clone(),
        endpoint,
        client: call.client.get().map(|client| client.0.clone()),
    }
}

fn not_found() -> Answer {
    edge::text(StatusCode::NOT_FOUND, "Not found\n")
}

/// A host that no issuer has (RFC 9110, section 15.5.20).
fn misdirected() -> Answer {
    let mut answer: Response<bytes::Bytes> =
        edge::text(StatusCode::MISDIRECTED_REQUEST, "No issuer has this host name\n");
    answer.headers_mut().insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    answer
}
