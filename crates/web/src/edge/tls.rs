//! TLS by rustls with certificate files that may change under a running server (RFC 8446, RFC 7301).

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A certificate chain and its key, as files, and the TLS settings around them.
pub struct Tls {
    acceptor: TlsAcceptor,
    files: Arc<Files>,
}

/// A certificate that cannot be used.
#[derive(Debug)]
pub enum TlsError {
    /// The chain's file cannot be read as PEM.
    Certificate(PathBuf, pem::Error),
    /// A file cannot be looked at.
    File(PathBuf, io::Error),
    /// The key's file cannot be read as PEM.
    Key(PathBuf, pem::Error),
    /// Chain and key do not belong together, or are of a kind that is not supported.
    Pair(rustls::Error),
}

struct Files {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    seen: Mutex<Stamp>,
}

/// What tells two states of the files apart without reading them.
type Stamp = [(SystemTime, u64); 2];

impl Tls {
    /// Reads a PEM chain (leaf first) and its PEM key.
    pub fn from_files(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, TlsError> {
        let (chain, key) = (chain.into(), key.into());
        let seen = stamp(&chain, &key)?;
        let current = load(&chain, &key)?;
        let files =
            Arc::new(Files { chain, key, current: RwLock::new(Arc::new(current)), seen: Mutex::new(seen) });
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?
            .with_no_client_auth()
            .with_cert_resolver(files.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), files })
    }

    /// Takes the files up again if they have changed (true) since they were last looked at. When they cannot be
    /// used, for instance because only one of them has been replaced so far, the old ones stay in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let stamp = stamp(&self.files.chain, &self.files.key)?;
        let mut seen = self.files.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == stamp {
            return Ok(false);
        }
        *seen = stamp;
        let loaded = load(&self.files.chain, &self.files.key)?;
        *self.files.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
        Ok(true)
    }

    /// Calls [`Tls::reload`] now and then until `shutdown` turns true.
    pub fn watch(self: &Arc<Self>, every: Duration, mut shutdown: watch::Receiver<bool>) -> JoinHandle<()> {
        let tls = self.clone();
        tokio::spawn(async move {
            while tokio::time::timeout(every, shutdown.wait_for(|stop| *stop)).await.is_err() {
                match tls.reload() {
                    Ok(true) => tracing::info!("the TLS certificate was reloaded"),
                    Ok(false) => {}
                    Err(error) => tracing::warn!(error = %error, "the new TLS certificate is not usable"),
                }
            }
        })
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("chain", &self.files.chain).field("key", &self.files.key).finish()
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Files")
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::Certificate(path, error) => {
                write!(f, "no certificate chain in {}: {error}", path.display())
            }
            TlsError::File(path, error) => write!(f, "{}: {error}", path.display()),
            TlsError::Key(path, error) => write!(f, "no private key in {}: {error}", path.display()),
            TlsError::Pair(error) => write!(f, "the certificate cannot be used with its key: {error}"),
        }
    }
}

impl std::error::Error for TlsError {}

fn load(chain: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let certificate = |error| TlsError::Certificate(chain.to_owned(), error);
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(certificate)?;
    if certificates.is_empty() {
        return Err(certificate(pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::Key(key.to_owned(), error))?;
    CertifiedKey::from_der(certificates, key, &aws_lc_rs::default_provider()).map_err(TlsError::Pair)
}

fn stamp(chain: &Path, key: &Path) -> Result<Stamp, TlsError> {
    let one = |path: &Path| {
        fs::metadata(path)
            .and_then(|metadata| Ok((metadata.modified()?, metadata.len())))
            .map_err(|error| TlsError::File(path.to_owned(), error))
    };
    Ok([one(chain)?, one(key)?])
}
