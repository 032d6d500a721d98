//! A server that requests are sent to, over connections that are kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Buf;
use http::header::HeaderValue;
use http::{Method, Request, Response};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Where a server is.
pub struct Address {
    /// Host and port.
    socket: String,
    host: HeaderValue,
}

/// A server.
pub struct Remote<B> {
    address: Address,
    /// Connections that wait.
    idle: Arc<Mutex<Vec<SendRequest<B>>>>,
}

impl Address {
    /// That of a URL that is a host, and maybe a port.
    pub fn parse(url: &str) -> Result<Self, String> {
        let uri: http::Uri = url.parse().map_err(|_| "this is no URL".to_owned())?;
        if uri.scheme_str() != Some("http") {
            let how = "it is spoken to in the clear, on this machine or a net of yours: http://HOST:PORT";
            return Err(how.to_owned());
        }
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or("this URL has no host")?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err("it is a host and a port, without a path".to_owned());
        }
        let host =
            HeaderValue::from_str(authority.as_str()).map_err(|_| "this URL has no host".to_owned())?;
        Ok(Self { socket: format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80)), host })
    }
}

impl<B> Remote<B>
where
    B: Body + Default + Send + 'static,
    B::Data: Buf + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// The server at an address.
    pub fn at(address: Address) -> Self {
        Self { address, idle: Arc::default() }
    }

    /// What it is called by.
    pub fn host(&self) -> HeaderValue {
        self.address.host.clone()
    }

    /// Sends a request. One that a kept connection did not take, because it had been closed, is sent on a new one; so is one that may be sent twice
    /// (RFC 9110, section 9.2.2) and that was lost when a kept connection was closed meanwhile.
    pub async fn send(&self, mut request: Request<B>) -> Result<Response<Incoming>, String> {
        if let Some(mut kept) = self.kept() {
            let again = again(&request);
            match kept.try_send_request(request).await {
                Ok(answer) => {
                    self.keep(kept);
                    return Ok(answer);
                }
                Err(mut error) => {
                    let unsent = error.take_message();
                    let error = error.into_error();
                    let again = again.filter(|_| !error.is_parse() && !error.is_user());
                    request = unsent.or(again).ok_or_else(|| error.to_string())?;
                }
            }
        }
        let mut fresh = self.connect().await?;
        let answer = fresh.send_request(request).await.map_err(|error| error.to_string())?;
        self.keep(fresh);
        Ok(answer)
    }

    /// Sends a request on a connection of its own, which may become another protocol's.
    pub async fn send_alone(&self, request: Request<B>) -> Result<Response<Incoming>, String> {
        self.connect().await?.send_request(request).await.map_err(|error| error.to_string())
    }

    /// A connection that waits, and that nobody has closed as far as is known.
    fn kept(&self) -> Option<SendRequest<B>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|connection| !connection.is_closed())
    }

    async fn connect(&self) -> Result<SendRequest<B>, String> {
        let stream = timeout(CONNECTING, TcpStream::connect(&self.address.socket)).await;
        let stream = stream.map_err(|_| "it took too long".to_owned())?.map_err(|error| error.to_string())?;
        let _ = stream.set_nodelay(true);
        let shaken = Builder::new().handshake(TokioIo::new(stream)).await;
        let (sender, connection) = shaken.map_err(|error| error.to_string())?;
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }

    /// Keeps a connection once its answer has been read.
    fn keep(&self, mut connection: SendRequest<B>) {
        let idle = Arc::clone(&self.idle);
        tokio::spawn(async move {
            if connection.ready().await.is_ok() {
                let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
                if idle.len() < MOST_IDLE {
                    idle.push(connection);
                }
            }
        });
    }
}

/// The same request once more, where that does no harm and there is no body that would be gone.
fn again<B: Body + Default>(request: &Request<B>) -> Option<Request<B>> {
    let may_be = matches!(*request.method(), Method::GET | Method::HEAD) && request.body().is_end_stream();
    may_be.then(|| {
        let mut again = Request::new(B::default());
        *again.method_mut() = request.method().clone();
        *again.uri_mut() = request.uri().clone();
        *again.headers_mut() = request.headers().clone();
        again
    })
}

const CONNECTING: Duration = Duration::from_secs(5);
const MOST_IDLE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port_in_the_clear() {
        for (url, socket, host) in [
            ("http://127.0.0.1:3000", "127.0.0.1:3000", "127.0.0.1:3000"),
            ("http://api.local/", "api.local:80", "api.local"),
            ("http://[::1]:81", "[::1]:81", "[::1]:81"),
        ] {
            let address = Address::parse(url).unwrap_or_else(|why| panic!("{url}: {why}"));
            assert_eq!((address.socket.as_str(), address.host.as_bytes()), (socket, host.as_bytes()));
        }
        for url in [
            "",
            "api.local:80",
            "/a",
            // It would be spoken to without TLS.
            "https://api.local",
            "unix://api.local",
            // What stands there would be left out.
            "http://me:secret@api.local",
            "http://api.local/v1",
            "http://api.local/?a=b",
            "http://api.local?a=b",
        ] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
    }
}
