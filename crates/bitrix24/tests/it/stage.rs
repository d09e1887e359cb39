//! A portal, a client and a clock that moves when somebody waits or works.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_executor::block_on;
use jiff::Timestamp;
use obmen_bitrix24::{Access, Bitrix24, Limits, Settings};
use obmen_domain::forms::phone::PhoneContext;
use obmen_engine::ports::{
    BoxFuture, Clock, HttpRequest, HttpResponse, Memory, StoreError, Transport, TransportError,
};
use obmen_sim::bitrix24::{Portal, Settings as PortalSettings};
use obmen_sim::http::Request;
use obmen_sim::world::World;
use serde_json::{Value, json};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not arrive.
    Lost,
    /// It arrives, its answer does not.
    ReplyLost,
    /// A proxy answers with a page after the effect.
    Html,
    /// The portal has moved.
    Moved,
}

pub(crate) struct World1 {
    portal: Mutex<Portal>,
    now: Mutex<Timestamp>,
    texts: Mutex<BTreeMap<String, String>>,
    /// Fault of each request to come, by its number from now on.
    faults: Mutex<Vec<Option<Fault>>>,
    requests: Mutex<Vec<Value>>,
    addresses: Mutex<Vec<String>>,
    kept_before_sending: Mutex<Vec<String>>,
}

pub(crate) struct Stage {
    pub(crate) world: Arc<World1>,
    pub(crate) client: Bitrix24,
}

pub(crate) const START: &str = "2026-09-21T07:00:00Z";

impl Stage {
    /// A portal with the usual user fields.
    pub(crate) fn new() -> Self {
        let stage = Self::bare(PortalSettings::default());
        for (entity, name) in [
            ("CRM_CONTACT", "UF_CRM_1C_CONTACT_ID"),
            ("CRM_CONTACT", "UF_CRM_INN"),
            ("CRM_COMPANY", "UF_CRM_1C_COMPANY_ID"),
            ("CRM_COMPANY", "UF_CRM_INN"),
        ] {
            let id = stage.dump()["userfields"].as_array().map_or(0, Vec::len) + 1;
            stage.load(&json!({
                "entity": "userfield", "ID": id.to_string(), "ENTITY_ID": entity, "FIELD_NAME": name,
                "USER_TYPE_ID": "string", "MULTIPLE": "N"
            }));
        }
        stage.load(&json!({"entity": "user", "ID": "1", "NAME": "Ольга", "LAST_NAME": "Админова",
            "EMAIL": "Olga@Firm.example", "ACTIVE": true}));
        stage
    }

    pub(crate) fn bare(settings: PortalSettings) -> Self {
        let world = Arc::new(World1 {
            portal: Mutex::new(Portal::new(settings)),
            now: Mutex::new(START.parse().unwrap()),
            texts: Mutex::default(),
            faults: Mutex::default(),
            requests: Mutex::default(),
            addresses: Mutex::default(),
            kept_before_sending: Mutex::default(),
        });
        let client = client(&world, |_| {});
        Self { world, client }
    }

    /// Another client of the same portal, as after a restart.
    pub(crate) fn restart(&mut self, adjust: impl FnOnce(&mut Settings)) {
        self.client = client(&self.world, adjust);
    }

    pub(crate) fn load(&self, line: &Value) {
        self.world.portal.lock().unwrap().load(line).unwrap();
    }

    /// Does what a person at the portal's screen would do.
    pub(crate) fn act(&self, action: &Value) -> Value {
        let now = self.now();
        self.world.portal.lock().unwrap().act(now, action).unwrap()
    }

    pub(crate) fn dump(&self) -> Value {
        self.world.portal.lock().unwrap().dump()
    }

    pub(crate) fn counters(&self) -> Value {
        self.world.portal.lock().unwrap().counters()
    }

    pub(crate) fn portal(&self) -> std::sync::MutexGuard<'_, Portal> {
        self.world.portal.lock().unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.world.now.lock().unwrap()
    }

    /// Time passes.
    pub(crate) fn pass(&self, seconds: u64) {
        self.world.pass(Duration::from_secs(seconds));
    }

    /// Faults of the next requests, in their order.
    pub(crate) fn faults(&self, faults: &[Option<Fault>]) {
        *self.world.faults.lock().unwrap() = faults.iter().rev().copied().collect();
    }

    /// The bodies of the requests sent since the last call.
    pub(crate) fn take_requests(&self) -> Vec<Value> {
        std::mem::take(&mut *self.world.requests.lock().unwrap())
    }

    /// Where requests went to since the last call.
    pub(crate) fn take_addresses(&self) -> Vec<String> {
        std::mem::take(&mut *self.world.addresses.lock().unwrap())
    }

    /// A text that is kept.
    pub(crate) fn kept(&self, name: &str) -> Option<String> {
        self.world.texts.lock().unwrap().get(name).cloned()
    }

    /// Keeps a text, as whoever listens does.
    pub(crate) fn keep(&self, name: &str, text: &str) {
        self.world.texts.lock().unwrap().insert(name.to_owned(), text.to_owned());
    }

    /// The limiter's state as kept when each request went out.
    pub(crate) fn kept_states(&self) -> Vec<String> {
        self.world.kept_before_sending.lock().unwrap().clone()
    }

    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        block_on(future)
    }
}

fn client(world: &Arc<World1>, adjust: impl FnOnce(&mut Settings)) -> Bitrix24 {
    let mut settings = Settings {
        pair: "main".to_owned(),
        access: Access::Webhook("http://portal.test/rest/1/secret/".to_owned()),
        contact_id_field: "UF_CRM_1C_CONTACT_ID".to_owned(),
        company_id_field: "UF_CRM_1C_COMPANY_ID".to_owned(),
        inn_field: "UF_CRM_INN".to_owned(),
        addresses: true,
        further_requisites: false,
        limits: Limits::default(),
        allow_automation: false,
        phone_context: PhoneContext::new("RU", Some("495")).unwrap(),
        attributes: std::collections::BTreeMap::new(),
        places: Vec::new(),
        fallback_user: Some("1".to_owned()),
        rings_at: None,
    };
    adjust(&mut settings);
    Bitrix24::new(settings, world.clone(), world.clone(), world.clone())
}

impl Transport for World1 {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let fault = self.faults.lock().unwrap().pop().flatten();
        if let Some(text) = self.texts.lock().unwrap().get("limits/bitrix24") {
            self.kept_before_sending.lock().unwrap().push(text.clone());
        }
        self.addresses.lock().unwrap().push(request.url.clone());
        if !request.body.is_empty() {
            self.requests.lock().unwrap().push(serde_json::from_slice(&request.body).unwrap());
        }
        let answer = self.answer(&request, fault);
        Box::pin(async move { answer })
    }
}

impl World1 {
    fn answer(&self, request: &HttpRequest, fault: Option<Fault>) -> Result<HttpResponse, TransportError> {
        match fault {
            Some(Fault::Lost) => return Err(TransportError::NotSent("connection refused".to_owned())),
            Some(Fault::Moved) => {
                let location = ("location".to_owned(), "https://new.example/rest/1/secret/".to_owned());
                return Ok(HttpResponse { status: 302, headers: vec![location], body: Vec::new() });
            }
            Some(Fault::ReplyLost | Fault::Html) | None => {}
        }
        let (_, address) = request.url.split_once("://").unwrap();
        let (host, target) = address.split_at(address.find('/').unwrap());
        let mut headers = request.headers.clone();
        headers.push(("host".to_owned(), host.to_owned()));
        let wire = Request {
            method: request.method.to_owned(),
            target: target.to_owned(),
            headers,
            body: request.body.clone(),
        };
        let now = *self.now.lock().unwrap();
        let response = self.portal.lock().unwrap().handle(now, &wire);
        self.pass(response.took);
        if response.is_cut() || fault == Some(Fault::ReplyLost) {
            return Err(TransportError::NoReply(format!("no answer from {}", request.url)));
        }
        if fault == Some(Fault::Html) {
            let body = b"<html>Bad gateway</html>".to_vec();
            return Ok(HttpResponse { status: 502, headers: Vec::new(), body });
        }
        let headers =
            response.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Ok(HttpResponse { status: response.status, headers, body: response.body })
    }

    fn pass(&self, time: Duration) {
        *self.now.lock().unwrap() += time;
    }
}

impl Clock for World1 {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        let mut now = self.now.lock().unwrap();
        *now = (*now).max(deadline);
        Box::pin(async {})
    }
}

impl Memory for World1 {
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        let text = self.texts.lock().unwrap().get(name).cloned();
        Box::pin(async move { Ok(text) })
    }

    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
        self.texts.lock().unwrap().insert(name.to_owned(), text);
        Box::pin(async { Ok(()) })
    }
}
