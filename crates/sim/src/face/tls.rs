//! The certificate and the key under which a face speaks https.
//!
//! HTTP/1.1 alone is offered, so that a fault closes exactly one request. Not responsible for whether anybody trusts the
//! certificate.

use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// A certificate with its key.
#[derive(Debug, Clone)]
pub struct Tls(Arc<ServerConfig>);

/// Why two files make no certificate with its key.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The first file is no PEM or has no certificate in it.
    #[error("there is no certificate in PEM form")]
    Certificate(#[source] pem::Error),
    /// The second file is no PEM or has no private key in it.
    #[error("there is no private key in PEM form")]
    Key(#[source] pem::Error),
    /// The library takes one of them not, or not both together.
    #[error("certificate and key do not serve")]
    Refused(#[from] rustls::Error),
}

impl Tls {
    /// Reads a chain, the server's own certificate first, and the key of that certificate.
    ///
    /// # Errors
    /// One of them is missing or unreadable, or they do not go together.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(TlsError::Certificate)?;
        if chain.is_empty() {
            return Err(TlsError::Certificate(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0))
    }
}
