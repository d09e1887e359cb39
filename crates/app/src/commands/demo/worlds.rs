//! The two simulated systems of the demo, and the configuration that reaches them.

use std::collections::BTreeMap;
use std::io;
use std::sync::PoisonError;

use obmen_engine::ports::Clock as _;
use obmen_sim::bitrix24::{self, Portal};
use obmen_sim::face::{Face, FaceOptions, serve};
use obmen_sim::onec::{self, Infobase};
use obmen_sim::population::Bases;
use obmen_sim::world::World;
use serde::Serialize;
use serde_json::Value;

use crate::config::LimitsConfig;
use crate::context::Context;

const PASSWORD: &str = "demo";

/// Both systems, listening.
pub(super) struct Worlds {
    bitrix24: Face<Portal>,
    onec: Face<Infobase>,
    webhook_path: String,
    odata_path: String,
}

/// What was on each side before the sync.
#[derive(Debug, Default, Serialize)]
pub(super) struct Before {
    pub(super) contacts: u64,
    pub(super) companies: u64,
    /// Objects by set; folders count as objects.
    pub(super) onec: BTreeMap<String, u64>,
}

/// Requests that the portal refused by its limits.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Refused {
    limited_503: u64,
    limited_429: u64,
}

impl Before {
    /// Counts the records that may take part.
    pub(super) fn of(bases: &Bases) -> Self {
        let mut before = Self::default();
        for line in &bases.bitrix24 {
            match line["entity"].as_str() {
                Some("contact") => before.contacts += 1,
                Some("company") => before.companies += 1,
                _ => {}
            }
        }
        for line in &bases.onec {
            if let Some(set @ ("Catalog_Контрагенты" | "Catalog_КонтактныеЛица" | "Catalog_ФизическиеЛица")) =
                line["entity"].as_str()
            {
                *before.onec.entry(set.to_owned()).or_default() += 1;
            }
        }
        before
    }
}

impl Refused {
    /// All of them.
    pub(super) fn total(self) -> u64 {
        self.limited_503 + self.limited_429
    }
}

impl Worlds {
    /// Loads both bases and listens on 127.0.0.1.
    pub(super) async fn start(bases: &Bases, factor: f64, context: &Context) -> io::Result<Self> {
        let options = || FaceOptions { time_scale: factor, ..FaceOptions::new(context.clock.now()) };
        let settings = bitrix24::Settings { secret: PASSWORD.to_owned(), ..bitrix24::Settings::default() };
        let webhook_path = settings.path();
        let mut portal = Portal::new(settings);
        load(&mut portal, &bases.bitrix24)?;
        let settings = onec::Settings { password: PASSWORD.to_owned(), ..onec::Settings::default() };
        let odata_path = settings.base_path.clone();
        let mut infobase = Infobase::new(settings);
        load(&mut infobase, &bases.onec)?;
        Ok(Self {
            bitrix24: serve(portal, options()).await?,
            onec: serve(infobase, options()).await?,
            webhook_path,
            odata_path,
        })
    }

    /// The address of the webhook.
    pub(super) fn bitrix24_url(&self) -> String {
        format!("{}{}", self.bitrix24.url(), self.webhook_path)
    }

    /// The address of the OData interface.
    pub(super) fn onec_url(&self) -> String {
        format!("{}{}", self.onec.url(), self.odata_path)
    }

    /// An `obmen.toml` for these two.
    pub(super) fn configuration(&self, limits: &LimitsConfig) -> String {
        let LimitsConfig { per_second, burst, execution_seconds, window_seconds, request_seconds } = limits;
        format!(
            r#"[[pair]]
name = "demo"
[pair.bitrix24]
webhook_url = "{}"
inn_field = "UF_CRM_INN"
limits = {{ per_second = {per_second}, burst = {burst}, execution_seconds = {execution_seconds}, window_seconds = {window_seconds}, request_seconds = {request_seconds} }}
[pair.onec]
url = "{}"
user = "obmen"
password = "{PASSWORD}"
configuration = "bp30"
parallel = 4
manager_attribute = "ОтветственныйМенеджер"
[pair.managers]
fallback_bitrix24 = "1"
"#,
            self.bitrix24_url(),
            self.onec_url(),
        )
    }

    /// What both hold, in their dump formats.
    pub(super) fn dump(&self) -> (Value, Value) {
        (with(&self.bitrix24, World::dump), with(&self.onec, World::dump))
    }

    /// What the portal refused by its limits.
    pub(super) fn refused(&self) -> Refused {
        let counters = with(&self.bitrix24, World::counters);
        let count = |name: &str| counters[name].as_u64().unwrap_or_default();
        Refused { limited_503: count("limited_503"), limited_429: count("limited_429") }
    }
}

fn with<W, T>(face: &Face<W>, ask: impl FnOnce(&W) -> T) -> T {
    ask(&face.world.lock().unwrap_or_else(PoisonError::into_inner))
}

fn load<W: World>(world: &mut W, lines: &[Value]) -> io::Result<()> {
    lines.iter().try_for_each(|line| world.load(line)).map_err(io::Error::other)
}
