//! The guard as a reverse proxy in front of one API: each request is asked about at the issuer's `/guard`, which decides; what may pass is sent
//! on, in the name of whom the answer says. Bodies stream, and a connection may become a WebSocket's.

mod body;
mod hygiene;
mod metadata;
mod remote;
mod websocket;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorward_web::dialect::scheme::HEADERS;
use doorward_web::endpoint::guard::IDENTITY;
use doorward_wire::percent;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub use body::Patience;
use body::{Outgoing, Stage, awaited};
use metadata::Metadata;
pub use remote::Address;
use remote::Remote;

/// What is answered.
type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// Who stands in front of an API.
pub struct Guard {
    upstream: Remote<Outgoing>,
    server: Remote<Empty<Bytes>>,
    /// The issuer's host, as it is asked for.
    host: HeaderValue,
    /// What is asked: the issuer's `/guard`, with the API.
    question: String,
    /// What clients are told of the API, where it is asked for here.
    metadata: Option<Metadata>,
    patience: Patience,
    /// One for each WebSocket that there may be besides. They last, so that requests would find no place among them.
    websockets: Arc<Semaphore>,
}

impl Guard {
    /// In front of `upstream`, which has that audience; the issuer is asked at `server`. There are so many WebSockets at once at most.
    pub fn new(
        upstream: Address,
        server: Address,
        issuer: &str,
        api: &str,
        (patience, websockets): (Patience, usize),
    ) -> Result<Self, String> {
        let uri: http::Uri = issuer.parse().map_err(|_| "this is no URL".to_owned())?;
        let host = uri.authority().ok_or("this URL has no host")?.as_str();
        let host = HeaderValue::from_str(host).map_err(|_| "this URL has no host".to_owned())?;
        let path = uri.path().trim_end_matches('/');
        let question = format!("{path}/guard?api={}", percent::encode(api));
        let metadata = Metadata::of(api, path);
        let (upstream, server) = (Remote::at(upstream), Remote::at(server));
        let websockets = Arc::new(Semaphore::new(websockets));
        Ok(Self { upstream, server, host, question, metadata, patience, websockets })
    }

    async fn answer(&self, mut request: Request<Incoming>, peer: IpAddr) -> Answer {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        if !target.starts_with('/') || request.method() == Method::CONNECT {
            return plain(StatusCode::BAD_REQUEST, "This is no path.\n");
        }
        if !hygiene::has_one_host(&request) {
            return plain(StatusCode::BAD_REQUEST, "The request needs one well-formed host.\n");
        }
        if hygiene::is_coded_otherwise(request.headers()) {
            return plain(StatusCode::NOT_IMPLEMENTED, "The body is in no coding that is known.\n");
        }
        if let Some(metadata) = self.metadata.as_ref().filter(|metadata| metadata.is_asked(&request)) {
            let document = self.asked(&metadata.question, HeaderMap::new()).await;
            return document.map_or_else(|_| plain(StatusCode::SERVICE_UNAVAILABLE, UNSURE), told);
        }
        let is_websocket = websocket::is_asked(&request);
        let asked = match self.ask(request.method(), &target, request.headers()).await {
            Ok(asked) => asked,
            Err(_) => return plain(StatusCode::SERVICE_UNAVAILABLE, UNSURE),
        };
        if asked.status() != StatusCode::OK {
            return told(asked);
        }
        let host = hygiene::clean(&mut request);
        let headers = request.headers_mut();
        hygiene::tell_origin(headers, host, peer);
        for name in IDENTITY.map(HeaderName::from_static) {
            let Some(value) = asked.headers().get(&name) else {
                return plain(StatusCode::SERVICE_UNAVAILABLE, "Nobody can say whose this is.\n");
            };
            headers.insert(name, value.clone());
        }
        headers.insert(header::HOST, self.upstream.host());
        *request.uri_mut() = match target.parse() {
            Ok(uri) => uri,
            Err(_) => return plain(StatusCode::BAD_REQUEST, "This is no path.\n"),
        };
        *request.version_mut() = http::Version::HTTP_11;
        if is_websocket { self.upgraded(request).await } else { self.passed(request).await }
    }

    /// What the issuer's server says of a request.
    async fn ask(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, String> {
        let mut told = HeaderMap::new();
        let target = HeaderValue::from_str(target).map_err(|_| "no target".to_owned())?;
        let method = HeaderValue::from_str(method.as_str()).map_err(|_| "no method".to_owned())?;
        told.insert("x-original-uri", target);
        told.insert("x-original-method", method);
        for name in HEADERS {
            for value in headers.get_all(name) {
                told.append(name, value.clone());
            }
        }
        self.asked(&self.question, told).await
    }

    /// What the issuer's server answers.
    async fn asked(&self, question: &str, headers: HeaderMap) -> Result<Response<Incoming>, String> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = question.parse().map_err(|_| "no question".to_owned())?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(header::HOST, self.host.clone());
        timeout(ASKING, self.server.send(request)).await.map_err(|_| "it took too long".to_owned())?
    }

    async fn passed(&self, request: Request<Incoming>) -> Answer {
        self.sent(request, Remote::send).await.map_or_else(|failed| failed, passed_back)
    }

    /// A request for a WebSocket: where the API agrees, what either side sends from then on is passed on as it is.
    async fn upgraded(&self, mut request: Request<Incoming>) -> Answer {
        let Ok(place) = Arc::clone(&self.websockets).try_acquire_owned() else {
            let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE, "There are too many WebSockets.\n");
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            return answer;
        };
        say_upgrade(request.headers_mut());
        let near = hyper::upgrade::on(&mut request);
        let mut answer = match self.sent(request, Remote::send_alone).await {
            Ok(answer) => answer,
            Err(failed) => return failed,
        };
        if !websocket::is_agreed(&answer) {
            return passed_back(answer);
        }
        let far = hyper::upgrade::on(&mut answer);
        hygiene::clean_answer(&mut answer);
        say_upgrade(answer.headers_mut());
        tokio::spawn(async move {
            if let (Ok(near), Ok(far)) = (near.await, far.await) {
                let (mut near, mut far) = (TokioIo::new(near), TokioIo::new(far));
                // Whoever ends it ends it for both.
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
            drop(place);
        });
        answer.map(BodyExt::boxed)
    }

    /// What the API answers, or what is said in its place. Where it is not waited for any longer its connection ends, and half a body is never taken
    /// for a whole one.
    async fn sent<'a, F>(
        &'a self,
        request: Request<Incoming>,
        send: impl FnOnce(&'a Remote<Outgoing>, Request<Outgoing>) -> F,
    ) -> Result<Response<Incoming>, Answer>
    where
        F: Future<Output = Result<Response<Incoming>, String>>,
    {
        let (parts, body) = request.into_parts();
        let (body, mut stage) = Outgoing::of(body);
        let sending = send(&self.upstream, Request::from_parts(parts, body));
        let (status, text) = match awaited(sending, &mut stage, self.patience).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(_)) if *stage.borrow() == Stage::Broken => {
                (StatusCode::BAD_REQUEST, "The body is none, or not whole.\n")
            }
            Ok(Err(_)) => (StatusCode::BAD_GATEWAY, "The API does not answer.\n"),
            Err(Stage::Client) => (StatusCode::REQUEST_TIMEOUT, "The body does not go on.\n"),
            Err(Stage::Api | Stage::Broken | Stage::Whole) => {
                (StatusCode::GATEWAY_TIMEOUT, "The API takes too long.\n")
            }
        };
        Err(plain(status, text))
    }
}

/// Serves one connection.
pub async fn serve(stream: TcpStream, peer: IpAddr, guard: Arc<Guard>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let guard = Arc::clone(&guard);
        async move { Ok::<_, Infallible>(guard.answer(request, peer).await) }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD);
    // How it ended is between the two of them.
    let _ = server.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}

/// What the API answers, in HTTP.
fn passed_back(mut answer: Response<Incoming>) -> Answer {
    // Nobody asked for that protocol. The connection goes with the answer.
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return plain(StatusCode::BAD_GATEWAY, "The API changes the protocol unasked.\n");
    }
    if hygiene::is_coded_otherwise(answer.headers()) {
        return plain(StatusCode::BAD_GATEWAY, "The API's answer is in no coding that is known.\n");
    }
    hygiene::clean_answer(&mut answer);
    answer.map(BodyExt::boxed)
}

fn say_upgrade(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
}

/// What the issuer's server answers instead of the API.
fn told(asked: Response<Incoming>) -> Answer {
    let status = match asked.status().as_u16() {
        200 | 400 | 401 | 403 | 429 => asked.status(),
        // What is no denial is none.
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let (parts, body) = asked.into_parts();
    let mut answer = Response::new(body.boxed());
    *answer.status_mut() = status;
    for name in [
        header::WWW_AUTHENTICATE,
        header::CONTENT_TYPE,
        header::CACHE_CONTROL,
        header::RETRY_AFTER,
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
    ] {
        if let Some(value) = parts.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let body = Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {});
    let mut answer = Response::new(body.boxed());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    // Where the body was not read to its end, nothing is known of what would follow.
    if matches!(status.as_u16(), 400 | 408 | 501 | 504) {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

const UNSURE: &str = "Nobody can say whether this may pass.\n";
/// How long a client may take for a request's head.
const HEAD: Duration = Duration::from_secs(15);
/// How long the issuer's server may take.
const ASKING: Duration = Duration::from_secs(5);
