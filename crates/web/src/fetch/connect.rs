//! Connects to one of the checked addresses, with TLS where the url asks for it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::FetchError;
use super::policy::Target;

/// The certificate authorities that are trusted.
pub enum Roots {
    /// These alone.
    Own(Vec<CertificateDer<'static>>),
    /// The system's.
    System,
}

/// A connection in the clear or under TLS.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TokioIo<TcpStream>),
    Tls(Box<TokioIo<TlsStream<TcpStream>>>),
}

/// Connects to the first address that answers.
pub(super) async fn connect(
    target: &Target,
    addresses: &[SocketAddr],
    roots: &Roots,
) -> Result<Wire, FetchError> {
    let mut stream = None;
    for address in addresses {
        if let Ok(connected) = TcpStream::connect(address).await {
            stream = Some(connected);
            break;
        }
    }
    let stream = stream.ok_or(FetchError::Unreachable)?;
    if !target.https {
        return Ok(Wire::Plain(TokioIo::new(stream)));
    }
    let bare = target.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(|_| FetchError::BadUrl)?;
    let connector = TlsConnector::from(roots.config().await?);
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Wire::Tls(Box::new(TokioIo::new(stream)))),
        Err(_) => Err(FetchError::Tls),
    }
}

impl Roots {
    async fn config(&self) -> Result<Arc<ClientConfig>, FetchError> {
        static SYSTEM: OnceLock<Arc<ClientConfig>> = OnceLock::new();
        match self {
            Roots::Own(certificates) => configure(certificates.iter().cloned()),
            Roots::System => {
                if let Some(config) = SYSTEM.get() {
                    return Ok(config.clone());
                }
                // Reading a folder of certificates takes too long for start-up and for a thread that serves.
                let config = tokio::task::spawn_blocking(|| {
                    let found = rustls_native_certs::load_native_certs();
                    if found.certs.is_empty() {
                        tracing::warn!("no system root certificates were found; https fetches will fail");
                    }
                    configure(found.certs)
                });
                let config = config.await.map_err(|_| FetchError::Tls)??;
                Ok(SYSTEM.get_or_init(|| config).clone())
            }
        }
    }
}

fn configure(
    certificates: impl IntoIterator<Item = CertificateDer<'static>>,
) -> Result<Arc<ClientConfig>, FetchError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| FetchError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl Read for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Wire::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl Write for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Wire::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Wire::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Wire::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
