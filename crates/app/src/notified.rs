//! An address of the operator's own to which documents are posted.
//!
//! Not responsible for what they say and when. Neither the address nor the secret is in a log line.

use std::time::Duration;

use obmen_engine::ports::{HttpRequest, Transport as _};
use secrecy::{ExposeSecret as _, SecretString};

use crate::transport::HttpTransport;

/// How long the address may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The address.
pub(crate) struct Address {
    pub(crate) url: SecretString,
    pub(crate) secret: Option<SecretString>,
    pub(crate) transport: HttpTransport,
}

impl Address {
    /// Posts a document. Returns whether that is done with: an address that does not want it is not asked again.
    pub(crate) async fn post(&self, document: &serde_json::Value) -> bool {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if let Some(secret) = &self.secret {
            headers.push(("x-obmen-secret".to_owned(), secret.expose_secret().to_owned()));
        }
        let request = HttpRequest {
            method: "POST",
            url: self.url.expose_secret().to_owned(),
            headers,
            body: document.to_string().into_bytes(),
            timeout: PATIENCE,
        };
        match self.transport.send(request).await {
            Ok(response) if (200..300).contains(&response.status) => true,
            Ok(response) => {
                tracing::warn!(status = response.status, "serve.notify: the address does not take a failure");
                !matches!(response.status, 408 | 429 | 500..)
            }
            Err(error) => {
                tracing::warn!(%error, "serve.notify: the address is not reached");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn an_address_that_is_away_is_to_be_asked_again() {
        // An error says that a provider is there already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://{nobody}/told");
        let transport = HttpTransport::new(&url).unwrap();
        let address = Address { url: url.into(), secret: None, transport };
        assert!(!address.post(&json!({})).await);
    }
}
