//! What makes one simulated portal differ from another.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::tz::Offset;
use serde::Deserialize;

use super::methods::Scope;
use super::plan::{State, Tariff};
use super::rights::Rights;

/// The portal's webhook, rights and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The webhook's owner, who also becomes author of its changes.
    pub user: u64,
    /// The secret in the webhook's address.
    pub secret: String,
    /// Whether the owner is an administrator.
    pub admin: bool,
    /// Granted scopes, such as `crm` and `user`.
    pub scopes: BTreeSet<String>,
    /// Requests that drain from the bucket each second.
    pub per_second: f64,
    /// Requests the bucket holds.
    pub burst: f64,
    /// Execution time that each method has within a window.
    pub execution_seconds: f64,
    /// Length of that window; it moves in ten steps.
    pub window_seconds: f64,
    /// Time after which a request is cut.
    pub request_seconds: f64,
    /// The zone in which the portal writes its dates.
    pub offset: Offset,
    /// The portal's public host name.
    pub domain: String,
    /// The portal's identity, which stays when it is renamed.
    pub member_id: String,
    /// Id of the first requisite preset, which differs between portals; the others follow.
    pub first_preset: u64,
    /// Whether deleted cards go into the recycle bin, from which people restore them. Read when the portal is made.
    pub recycle_bin: bool,
    /// Whether the webhook's owner has the right to import; an administrator always has it.
    pub may_import: bool,
    /// Whether REST refuses writes that leave a mandatory user field empty, which the portal's administrator decides.
    pub checks_required_fields: bool,
    /// Whether `useOriginalUfNames` is known; older boxes ignore it.
    pub knows_original_uf_names: bool,
    /// Methods that this portal does not have, as an old box.
    pub lacks: BTreeSet<String>,
    /// What becomes of events on their way.
    pub deliveries: DeliverySettings,
    /// What the portal's owner pays for. Its limits are set by [`Tariff::set_limits`].
    pub tariff: Tariff,
    /// What the portal does with calls.
    pub state: State,
    /// Methods that need an administrator's confirmation in a state that waits for it; none stand for all.
    pub confirm_methods: BTreeSet<String>,
    /// What the webhook's owner may see and change if no administrator, and what every other user may.
    pub rights: Rights,
    /// When the webhook ends, in seconds since 1970.
    pub webhook_ends: Option<i64>,
}

/// How the vendor's queue server treats events. The same seed and the same changes give the same fate.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliverySettings {
    /// Seed of all draws.
    pub seed: u64,
    /// Seconds that every delivery takes at least.
    pub delay_seconds: f64,
    /// Up to as many seconds more, drawn for each: more than the pause between two changes swaps them.
    pub spread_seconds: f64,
    /// Share of events that are lost for a handler.
    pub loss: f64,
    /// Share of events that a handler gets twice.
    pub doubling: f64,
}

impl Default for DeliverySettings {
    /// At once, each event once, in order.
    fn default() -> Self {
        Self { seed: 0, delay_seconds: 0.0, spread_seconds: 0.0, loss: 0.0, doubling: 0.0 }
    }
}

impl Default for Settings {
    /// An administrator's webhook with all rights on a cloud portal with an ordinary plan.
    fn default() -> Self {
        Self {
            user: 1,
            secret: "secret".to_owned(),
            admin: true,
            scopes: BTreeSet::from(["crm".to_owned(), "user".to_owned()]),
            per_second: 2.0,
            burst: 50.0,
            execution_seconds: 480.0,
            window_seconds: 600.0,
            request_seconds: 60.0,
            offset: jiff::tz::offset(3),
            domain: "demo.bitrix24.ru".to_owned(),
            member_id: "0f00000000000000000000000000000f".to_owned(),
            first_preset: 1,
            recycle_bin: true,
            may_import: true,
            checks_required_fields: false,
            knows_original_uf_names: true,
            lacks: BTreeSet::new(),
            deliveries: DeliverySettings::default(),
            tariff: Tariff::Professional,
            state: State::default(),
            confirm_methods: BTreeSet::new(),
            rights: Rights::default(),
            webhook_ends: None,
        }
    }
}

impl Settings {
    /// Path under which the webhook's methods live, with a slash at its end.
    pub fn path(&self) -> String {
        format!("/rest/{}/{}/", self.user, self.secret)
    }

    /// Whether the portal has this method.
    pub(crate) fn has(&self, method: &str) -> bool {
        !self.lacks.contains(method)
    }

    /// Whether this user may import.
    pub(crate) fn allows_import(&self, user: u64) -> bool {
        self.is_admin(user) || self.may_import
    }

    /// Whether this user is an administrator: the webhook's owner alone can be one.
    pub(crate) fn is_admin(&self, user: u64) -> bool {
        self.admin && user == self.user
    }

    /// Whether a call of this method waits for an administrator's word.
    pub(crate) fn needs_confirmation(&self, method: &str) -> bool {
        self.confirm_methods.is_empty()
            || self.confirm_methods.iter().any(|known| known.eq_ignore_ascii_case(method))
    }

    pub(crate) fn grants(&self, scope: Scope) -> bool {
        match scope {
            Scope::Basic => true,
            Scope::Crm => self.scopes.contains("crm"),
            Scope::User => {
                ["user", "user_basic", "user_brief"].iter().any(|scope| self.scopes.contains(*scope))
            }
        }
    }

    /// The scopes as tokens tell them.
    pub(crate) fn scope_list(&self) -> String {
        self.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn request_time(&self) -> Duration {
        Duration::try_from_secs_f64(self.request_seconds).unwrap_or(Duration::MAX)
    }
}
