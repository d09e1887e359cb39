//! Where the portal rings when the queue of an application has something.
//!
//! The address ends with a secret, since the call carries none that is known beforehand. It is made of the application's own and
//! opens nothing else: whoever reads it in a log of addresses can have the portal asked, and no more.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::Known;
use crate::failure::Failure;

impl Known {
    /// The last part of the address; none without an application.
    pub(crate) fn ring(&self) -> Result<Option<SecretString>, Failure> {
        let Some(oauth) = &self.config().bitrix24.oauth else { return Ok(None) };
        let secret = self.secret("bitrix24/oauth/client_secret", Some(&oauth.client_secret))?;
        Ok(secret.map(|secret| {
            let text = format!("queue\n{}\n{}\n{}", self.pair, oauth.client_id, secret.expose_secret());
            let digest = Sha256::digest(text);
            digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
        }))
    }

    /// The address, where the portal reaches us.
    pub(super) fn rings_at(&self) -> Result<Option<String>, Failure> {
        let (Some(url), Some(ring)) = (&self.loaded.config.server.public_url, self.ring()?) else {
            return Ok(None);
        };
        let url = url.trim_end_matches('/');
        Ok(Some(format!("{url}/hooks/bitrix24/{}/queue/{}", self.pair, ring.expose_secret())))
    }
}
