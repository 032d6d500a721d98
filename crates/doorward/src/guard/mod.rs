//! The guard as a reverse proxy in front of one API: each request is asked about at the issuer's `/guard`, which decides; what may pass is sent
//! on, in the name of whom the answer says. Bodies stream, and a connection may become a WebSocket's.

mod hygiene;
mod remote;
mod websocket;

use std::convert::Infallible;
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
use tokio::time::timeout;

pub use remote::Address;
use remote::Remote;

/// What is answered.
type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// Who stands in front of an API.
pub struct Guard {
    upstream: Remote<Incoming>,
    server: Remote<Empty<Bytes>>,
    /// The issuer's host, as it is asked for.
    host: HeaderValue,
    /// What is asked: the issuer's `/guard`, with the API.
    question: String,
    within: Duration,
}

impl Guard {
    /// In front of `upstream`, which has that audience; the issuer is asked at `server`.
    pub fn new(
        upstream: Address,
        server: Address,
        issuer: &str,
        api: &str,
        within: Duration,
    ) -> Result<Self, String> {
        let uri: http::Uri = issuer.parse().map_err(|_| "this is no URL".to_owned())?;
        let host = uri.authority().ok_or("this URL has no host")?.as_str();
        let host = HeaderValue::from_str(host).map_err(|_| "this URL has no host".to_owned())?;
        let path = uri.path().trim_end_matches('/');
        let question = format!("{path}/guard?api={}", percent::encode(api));
        Ok(Self { upstream: Remote::at(upstream), server: Remote::at(server), host, question, within })
    }

    async fn answer(&self, mut request: Request<Incoming>, peer: IpAddr) -> Answer {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        if !target.starts_with('/') || request.method() == Method::CONNECT {
            return plain(StatusCode::BAD_REQUEST, "This is no path.\n");
        }
        let is_websocket = websocket::is_asked(&request);
        let asked = match self.ask(request.method(), &target, request.headers()).await {
            Ok(asked) => asked,
            Err(_) => {
                return plain(StatusCode::SERVICE_UNAVAILABLE, "Nobody can say whether this may pass.\n");
            }
        };
        if asked.status() != StatusCode::OK {
            return denied(asked);
        }
        let host = hygiene::clean(request.headers_mut());
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
        let mut question = Request::new(Empty::new());
        *question.uri_mut() = self.question.parse().map_err(|_| "no question".to_owned())?;
        let told = question.headers_mut();
        told.insert(header::HOST, self.host.clone());
        let target = HeaderValue::from_str(target).map_err(|_| "no target".to_owned())?;
        let method = HeaderValue::from_str(method.as_str()).map_err(|_| "no method".to_owned())?;
        told.insert("x-original-uri", target);
        told.insert("x-original-method", method);
        for name in HEADERS {
            for value in headers.get_all(name) {
                told.append(name, value.clone());
            }
        }
        timeout(ASKING, self.server.send(question)).await.map_err(|_| "it took too long".to_owned())?
    }

    async fn passed(&self, request: Request<Incoming>) -> Answer {
        match timeout(self.within, self.upstream.send(request)).await {
            Ok(Ok(answer)) => passed_back(answer),
            Ok(Err(_)) => plain(StatusCode::BAD_GATEWAY, "The API does not answer.\n"),
            Err(_) => plain(StatusCode::GATEWAY_TIMEOUT, "The API takes too long.\n"),
        }
    }

    /// A request for a WebSocket: where the API agrees, what either side sends from then on is passed on as it is.
    async fn upgraded(&self, mut request: Request<Incoming>) -> Answer {
        say_upgrade(request.headers_mut());
        let near = hyper::upgrade::on(&mut request);
        let mut answer = match timeout(self.within, self.upstream.send_alone(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => return plain(StatusCode::BAD_GATEWAY, "The API does not answer.\n"),
            Err(_) => return plain(StatusCode::GATEWAY_TIMEOUT, "The API takes too long.\n"),
        };
        if !websocket::is_agreed(&answer) {
            return passed_back(answer);
        }
        let far = hyper::upgrade::on(&mut answer);
        hygiene::clean_answer(answer.headers_mut());
        say_upgrade(answer.headers_mut());
        tokio::spawn(async move {
            if let (Ok(near), Ok(far)) = (near.await, far.await) {
                let (mut near, mut far) = (TokioIo::new(near), TokioIo::new(far));
                // Whoever ends it ends it for both.
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        });
        answer.map(BodyExt::boxed)
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
    hygiene::clean_answer(answer.headers_mut());
    answer.map(BodyExt::boxed)
}

fn say_upgrade(headers: &mut HeaderMap) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
}

/// What the issuer's server answers instead of the API.
fn denied(asked: Response<Incoming>) -> Answer {
    let status = match asked.status().as_u16() {
        400 | 401 | 403 | 429 => asked.status(),
        // What is no denial is none.
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let (parts, body) = asked.into_parts();
    let mut answer = Response::new(body.boxed());
    *answer.status_mut() = status;
    for name in [header::WWW_AUTHENTICATE, header::CONTENT_TYPE, header::CACHE_CONTROL, header::RETRY_AFTER] {
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
    answer
}

/// How long a client may take for a request's head.
const HEAD: Duration = Duration::from_secs(15);
/// How long the issuer's server may take.
const ASKING: Duration = Duration::from_secs(5);
