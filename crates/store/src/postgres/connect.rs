//! Connections, secured as the address wants it.

use std::sync::Arc;

use deadpool_postgres::{Manager, ManagerConfig, RecyclingMethod};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::statement::words_of;
use crate::open_error::OpenError;

/// Makes connections to one store.
pub(crate) struct Connector {
    address: Address,
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    /// Reads the certificates that are needed.
    pub(crate) fn new(address: Address) -> Result<Self, OpenError> {
        let tls = match address.config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(MakeRustlsConnect::new(tls_config(&address)?)),
        };
        Ok(Self { address, tls })
    }

    /// The address.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// A connection of one's own; the runtime drives it until the client is dropped.
    pub(crate) async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let config = &self.address.config;
        if let Some(tls) = &self.tls {
            let (client, connection) = config.connect(tls.clone()).await?;
            tokio::spawn(connection);
            return Ok(client);
        }
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// What makes connections for a pool.
    pub(crate) fn manager(&self) -> Manager {
        let config = self.address.config.clone();
        // One that died in the pool is noticed before anything is asked of it.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Verified };
        match &self.tls {
            Some(tls) => Manager::from_config(config, tls.clone(), recycling),
            None => Manager::from_config(config, NoTls, recycling),
        }
    }

    /// A server that is not reached, or lets nobody in.
    pub(crate) fn failed(&self, error: &tokio_postgres::Error) -> OpenError {
        OpenError::Connect { store: self.address.shown.clone(), words: words_of(error) }
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("address", &self.address.shown).finish_non_exhaustive()
    }
}

fn tls_config(address: &Address) -> Result<ClientConfig, OpenError> {
    let failed = |words: String| OpenError::Connect { store: address.shown.clone(), words };
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?;
    let Some(file) = &address.root_certificate else {
        let builder = builder.with_platform_verifier().map_err(|error| failed(error.to_string()))?;
        return Ok(builder.with_no_client_auth());
    };
    let mut roots = RootCertStore::empty();
    let unreadable = |words: String| failed(format!("sslrootcert {}: {words}", file.display()));
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
