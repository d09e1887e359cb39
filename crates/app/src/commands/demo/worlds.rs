//! The two simulated systems of the demo, and the configuration that reaches them.

use std::collections::BTreeMap;
use std::io;
use std::sync::PoisonError;

use obmen_domain::record::Side;
use obmen_engine::ports::Clock as _;
use obmen_sim::bitrix24::{self, Portal};
use obmen_sim::face::{Face, FaceOptions, serve};
use obmen_sim::faults::{Kind, Rule};
use obmen_sim::onec::{self, Infobase};
use obmen_sim::population::Bases;
use obmen_sim::world::{RecordQuery, World};
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::LimitsConfig;
use crate::context::Context;

/// The secret of everything: of the webhook, of the user of 1C, of the messages of 1C.
pub(super) const PASSWORD: &str = "demo";
/// How often each side is asked: as much oftener as a person who looks on wants to see something.
pub(super) const POLL_SECONDS: u32 = 3;

/// After so long nothing comes of a request any more: both systems give one a minute of their time, which is three seconds.
const REQUEST_SECONDS: u32 = 8;

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

    /// An `obmen.toml` for these two; `hooks` is where obmen listens, `token` that of the portal's outgoing webhook.
    pub(super) fn configuration(&self, limits: &LimitsConfig, hooks: &str, token: &str) -> String {
        let LimitsConfig { per_second, burst, execution_seconds, window_seconds, request_seconds: _ } =
            limits;
        format!(
            r#"[server]
listen = "{hooks}"
[[pair]]
name = "demo"
settle_seconds = 1
[pair.bitrix24]
webhook_url = "{}"
application_token = "{token}"
poll_seconds = {POLL_SECONDS}
inn_field = "UF_CRM_INN"
limits = {{ per_second = {per_second}, burst = {burst}, execution_seconds = {execution_seconds}, window_seconds = {window_seconds}, request_seconds = {REQUEST_SECONDS} }}
[pair.onec]
url = "{}"
user = "obmen"
password = "{PASSWORD}"
hook_secret = "{PASSWORD}"
request_seconds = {REQUEST_SECONDS}
poll_seconds = {POLL_SECONDS}
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

    /// Somebody does something at a screen.
    pub(super) fn act(&self, side: Side, action: &Value) -> Result<Value, String> {
        match side {
            Side::Bitrix24 => act(&self.bitrix24, action),
            Side::Onec => act(&self.onec, action),
        }
    }

    /// How many records a set has, and the row at this place of its list.
    pub(super) fn shown(&self, side: Side, set: &str, place: usize) -> (usize, Option<Value>) {
        let wanted = RecordQuery { set: set.to_owned(), find: String::new(), skip: place, limit: 1 };
        let shown = match side {
            Side::Bitrix24 => with(&self.bitrix24, |world| world.records(&wanted)),
            Side::Onec => with(&self.onec, |world| world.records(&wanted)),
        };
        let shown = shown.unwrap_or_default();
        let total = shown["total"].as_u64().and_then(|total| usize::try_from(total).ok());
        (total.unwrap_or(0), shown["rows"].get(0).cloned())
    }

    /// The portal posts its events to an address from here on; returns their token. None arrives yet.
    pub(super) fn listen(&self, url: &str) -> Result<String, String> {
        let told = self.act(Side::Bitrix24, &json!({"do": "listen", "url": url}))?;
        self.deliver(&json!({ "loss": 1.0 }))?;
        Ok(told["application_token"].as_str().unwrap_or_default().to_owned())
    }

    /// Says what becomes of the portal's events on their way.
    pub(super) fn deliver(&self, how: &Value) -> Result<(), String> {
        let mut action = how.clone();
        action["do"] = "deliveries".into();
        self.act(Side::Bitrix24, &action).map(|_| ())
    }

    /// From here on such shares of the requests to either side fail without effect, or lose their answer.
    pub(super) fn set_faults(&self, failing: f64, unanswered: f64) {
        let rules = |seed| {
            let rule = |kind, share: f64| Rule {
                pattern: String::new(),
                method: None,
                kind,
                times: None,
                after: 0,
                share: Some(share),
                seed,
                seconds: 1.0,
                status: 503,
            };
            let both = [rule(Kind::Error500, failing), rule(Kind::ResetAfter, unanswered)];
            both.into_iter().filter(|rule| rule.share > Some(0.0)).collect()
        };
        self.bitrix24.set_faults(rules(1));
        self.onec.set_faults(rules(2));
    }

    /// How many calls changed something on either side by the interfaces.
    pub(super) fn writes(&self) -> [u64; 2] {
        let of = |counters: Value| counters["writes"].as_u64().unwrap_or_default();
        [of(with(&self.bitrix24, World::counters)), of(with(&self.onec, World::counters))]
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

fn act<W: World>(face: &Face<W>, action: &Value) -> Result<Value, String> {
    let now = face.now();
    face.world.lock().unwrap_or_else(PoisonError::into_inner).act(now, action)
}

fn load<W: World>(world: &mut W, lines: &[Value]) -> io::Result<()> {
    lines.iter().try_for_each(|line| world.load(line)).map_err(io::Error::other)
}
