//! What the portal's owner pays for, and the states in which a portal refuses all or part of its work.
//!
//! Not responsible for the limits themselves: a tariff only says how large they are.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

use super::methods::Refusal;
use super::settings::Settings;

/// A plan of the vendor, as far as REST shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tariff {
    /// A cloud portal without REST: every call is refused.
    Free,
    /// A cloud portal whose offline queue only deletes what it gives, and knows no connectors.
    Basic,
    /// An ordinary cloud portal with every feature.
    Professional,
    /// A cloud portal with the larger bucket.
    Enterprise,
    /// A portal on the customer's own server: neither bucket nor execution time are limited.
    Box,
}

impl Tariff {
    /// Its name as `app.info` tells it.
    pub(crate) fn licence(self) -> &'static str {
        match self {
            Self::Free => "ru_project",
            Self::Basic => "ru_basic",
            Self::Professional => "ru_pro100",
            Self::Enterprise => "ru_ent250",
            Self::Box => "ru_selfhosted",
        }
    }

    /// Whether features of the larger plans are there: confirmation of offline events, and connectors.
    pub(crate) fn has_features(self) -> bool {
        !matches!(self, Self::Free | Self::Basic)
    }

    /// Bucket and execution time of this tariff in place of those the settings had.
    pub fn set_limits(self, settings: &mut Settings) {
        settings.tariff = self;
        (settings.per_second, settings.burst, settings.execution_seconds) = match self {
            Self::Free | Self::Basic | Self::Professional => (2.0, 50.0, 480.0),
            Self::Enterprise => (5.0, 250.0, 480.0),
            Self::Box => (2.0, f64::INFINITY, f64::INFINITY),
        };
    }
}

impl FromStr for Tariff {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text)
    }
}

/// What the portal does with calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It answers.
    #[default]
    Working,
    /// The vendor has blocked REST by hand.
    Overloaded,
    /// The subscription is over.
    PaymentRequired,
    /// An administrator has not yet confirmed the methods that need it.
    ConfirmWaiting,
    /// An administrator has refused them.
    ConfirmDenied,
    /// The application is installed, but not for this user.
    UserWithoutAccess,
    /// The server fails.
    Failing,
    /// The server produces no valid answer.
    Unreadable,
    /// Calls come by plain http, which is refused.
    HttpsRequired,
    /// The portal is gone.
    Deleted,
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text)
    }
}

impl State {
    /// What everybody is told before anybody looks who calls.
    pub(crate) fn closed(self) -> Option<Refusal> {
        let (status, code, text) = match self {
            Self::Overloaded => (503, "OVERLOAD_LIMIT", "REST API is blocked due to overload."),
            Self::Failing => (500, "INTERNAL_SERVER_ERROR", "Internal server error"),
            Self::Unreadable => (500, "ERROR_UNEXPECTED_ANSWER", "Server returned an unexpected response"),
            Self::HttpsRequired => (400, "INVALID_REQUEST", "Https required."),
            Self::Deleted => (500, "PORTAL_DELETED", "Portal was deleted"),
            _ => return None,
        };
        Some(Refusal::new(status, code, text))
    }

    /// What a caller who is known is told.
    pub(crate) fn shut_out(self) -> Option<Refusal> {
        let (status, code, text) = match self {
            Self::PaymentRequired => (401, "PAYMENT_REQUIRED", "Payment required"),
            Self::UserWithoutAccess => {
                (403, "user_access_error", "The user does not have access to the application.")
            }
            _ => return None,
        };
        Some(Refusal::new(status, code, text))
    }

    /// What a call of a method that needs an administrator's word is told.
    pub(crate) fn unconfirmed(self) -> Option<Refusal> {
        let (status, code, text) = match self {
            Self::ConfirmWaiting => (401, "METHOD_CONFIRM_WAITING", "Waiting for confirmation"),
            Self::ConfirmDenied => (403, "METHOD_CONFIRM_DENIED", "Method call denied"),
            _ => return None,
        };
        Some(Refusal::new(status, code, text))
    }
}

/// A value by its name.
///
/// # Errors
/// A sentence with the names there are.
pub(crate) fn named<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|error| error.to_string())
}
