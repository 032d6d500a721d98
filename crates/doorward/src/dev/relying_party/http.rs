//! A request to the issuer: one connection each, to the listener itself, under the issuer's name.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::dev::tls::host;
use crate::failure::{Exit, Failure};

/// How the issuer is reached.
pub struct Http {
    address: SocketAddr,
    authority: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Http {
    /// To the issuer at `url`, at that address; `root` is the certificate to trust.
    pub fn new(url: &str, address: SocketAddr, root: Option<&Path>) -> Result<Self, Failure> {
        let failed = |what: String| {
            Failure::new(Exit::Failed, format!("the demo application cannot trust the server: {what}"))
        };
        let authority =
            url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
        let tls = match root {
            None => None,
            Some(root) => {
                let mut roots = RootCertStore::empty();
                let certificate =
                    CertificateDer::from_pem_file(root).map_err(|error| failed(error.to_string()))?;
                roots.add(certificate).map_err(|error| failed(error.to_string()))?;
                let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
                let name =
                    ServerName::try_from(host(url).to_owned()).map_err(|error| failed(error.to_string()))?;
                Some((TlsConnector::from(Arc::new(config)), name))
            }
        };
        Ok(Self { address, authority: authority.to_owned(), tls })
    }

    /// Sends a request, with its target and without a host; the answer, read whole.
    pub async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, String> {
        let host = self.authority.parse().map_err(|_| "the issuer has no host".to_owned())?;
        request.headers_mut().insert(header::HOST, host);
        let exchange = async {
            let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
            match &self.tls {
                None => exchange(stream, request).await,
                Some((connector, name)) => {
                    let stream =
                        connector.connect(name.clone(), stream).await.map_err(|error| error.to_string())?;
                    exchange(stream, request).await
                }
            }
        };
        tokio::time::timeout(WITHIN, exchange)
            .await
            .unwrap_or_else(|_| Err("the server did not answer in time".to_owned()))
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, String> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    let driving = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, MOST).collect().await.map_err(|error| error.to_string())?.to_bytes();
    driving.abort();
    Ok(Response::from_parts(parts, body))
}

const WITHIN: Duration = Duration::from_secs(10);
const MOST: usize = 1 << 20;
