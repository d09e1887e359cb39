//! A pair under the live exchange, in memory: both simulated systems, a clock that is set by hand, and the engine between
//! them. Nothing is drawn here, and no message is late.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::Timestamp;
use obmen_bitrix24::{Bitrix24, OutgoingWebhook};
use obmen_domain::forms::phone::PhoneContext;
use obmen_domain::record::{Catalog, RecordId, Side};
use obmen_domain::rules::Rules;
use obmen_engine::notice::{Interpreter as _, Message};
use obmen_engine::ports::{Alone, BoxFuture, Clock, HttpRequest, HttpResponse, Transport, TransportError};
use obmen_engine::progress::Unwatched;
use obmen_engine::report::Report;
use obmen_engine::share::ROUND;
use obmen_engine::store::{Change, DirtyReason, Event, Store};
use obmen_engine::sync::{Engine, Extent, MANY, PORTION};
use obmen_onec::Onec;
use obmen_sim::bitrix24::Portal;
use obmen_sim::http::{Delivery, Request};
use obmen_sim::onec::Infobase;
use obmen_sim::population::{Recipe, generate};
use obmen_sim::world::World;
use obmen_store::SqliteStore;
use serde_json::{Value, json};

pub(crate) const CLIENTS: &str = "Catalog_Контрагенты";
const START: &str = "2026-03-02T09:00:00Z";
const FORM: &str = "application/x-www-form-urlencoded";

/// The pair, after its first sync.
pub(crate) struct Live {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) wire: Arc<Wire>,
}

/// Both systems and their time.
pub(crate) struct Wire {
    portal: Mutex<Portal>,
    infobase: Mutex<Infobase>,
    now: Mutex<Timestamp>,
}

/// The way to one of them.
struct Way(Arc<Wire>, Side);

impl Live {
    /// Two systems without anybody, that have had their first sync.
    pub(crate) fn new() -> Self {
        Self::by(Arc::new(Wire::new()), portal_client(), infobase_client())
    }

    /// The same, where the portal keeps a queue for an application, and an exchange plan registers what is written in 1C.
    pub(crate) fn with_queues() -> Self {
        let wire = Wire::new();
        let node = json!({"Ref_Key": "70000000-0000-4000-8000-000000000001", "Code": "OBMEN", "SentNo": "0",
            "ReceivedNo": "0"});
        let node = json!({"entity": "ExchangePlan_МобильнаяБухгалтерия", "object": node});
        wire.infobase().load(&node).unwrap();
        let install = json!({"do": "install", "client_id": "local.obmen", "client_secret": "geheim"});
        let at = wire.now();
        let installed = wire.portal().act(at, &install).unwrap();
        let mut portal = portal_client();
        portal.access = obmen_bitrix24::Access::App(obmen_bitrix24::App {
            portal: "https://demo.bitrix24.ru".to_owned(),
            client_id: "local.obmen".to_owned(),
            client_secret: "geheim".to_owned(),
            refresh_token: installed["refresh_token"].as_str().map(str::to_owned),
            auth_url: "https://oauth.bitrix.info".to_owned(),
        });
        let mut infobase = infobase_client();
        infobase.exchange = Some(obmen_onec::Exchange {
            plan: "МобильнаяБухгалтерия".to_owned(),
            node: "OBMEN".to_owned(),
        });
        Self::by(Arc::new(wire), portal, infobase)
    }

    fn by(wire: Arc<Wire>, portal: obmen_bitrix24::Settings, infobase: obmen_onec::Settings) -> Self {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory().unwrap().pair("main"));
        let way = |side| Arc::new(Way(Arc::clone(&wire), side));
        let clock: Arc<dyn Clock> = Arc::clone(&wire) as _;
        let bitrix24 = Bitrix24::new(portal, way(Side::Bitrix24), clock.clone(), store.clone() as _);
        now(bitrix24.connect()).unwrap();
        let onec = Onec::new(infobase, way(Side::Onec), clock.clone(), store.clone() as _);
        now(onec.connect()).unwrap();
        let engine = Engine {
            rules: Rules::default(),
            store: store.clone(),
            bitrix24: Arc::new(bitrix24),
            onec: Arc::new(onec),
            clock,
            crew: Arc::new(Alone),
            progress: Arc::new(Unwatched),
            run: "live".to_owned(),
            accept_fewer: false,
            many: MANY,
            portion: PORTION,
            round: ROUND,
        };
        now(engine.sync(Extent::default(), |_| true)).unwrap();
        Self { engine, store, wire }
    }

    /// A person of 1C that both sides know; the ids of contact and counterparty.
    pub(crate) fn with_person(&self, name: &str) -> (RecordId, RecordId) {
        let fields = json!({"Description": name, "НаименованиеПолное": name,
            "ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "emails": ["belova@post.example"]});
        self.in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}));
        now(self.engine.sync(Extent::default(), |_| true)).unwrap();
        let runs = now(self.store.runs(1)).unwrap();
        let written = now(self.store.written(&runs[0].name, None, 10)).unwrap();
        let link = now(self.store.links(&written)).unwrap().pop().expect("they were linked");
        (link.bitrix24, link.onec)
    }

    /// One round. Returns what was done; nothing where nothing was due.
    pub(crate) fn round(&self) -> Option<Report> {
        now(self.engine.run_once()).unwrap()
    }

    /// Takes what the portal posted by now, as a hook does. Returns how many messages there were.
    pub(crate) fn hear(&self) -> usize {
        let deliveries = self.wire.portal().take_deliveries(self.wire.now());
        for Delivery { body, .. } in &deliveries {
            let message = Message { content_type: FORM, secret: "", body: body.as_bytes() };
            let notice = OutgoingWebhook::default().read(&message).unwrap();
            let due = self.wire.now();
            let signal = |id| Change::Dirty { id, reason: DirtyReason::Signal, since: due, due };
            now(self.store.apply(notice.records.into_iter().map(signal).collect())).unwrap();
        }
        deliveries.len()
    }

    /// How often a record was changed by obmen.
    pub(crate) fn updates(&self, id: &RecordId) -> usize {
        let journal = now(self.store.journal(id)).unwrap();
        journal.iter().filter(|entry| matches!(entry.event, Event::Updated { .. })).count()
    }

    /// How many writes each side has counted.
    pub(crate) fn writes(&self) -> (u64, u64) {
        let count = |counters: Value| counters["writes"].as_u64().unwrap();
        (count(self.wire.portal().counters()), count(self.wire.infobase().counters()))
    }

    /// Somebody does something at a screen of Bitrix24.
    pub(crate) fn in_bitrix24(&self, action: &Value) -> Value {
        let at = self.wire.now();
        self.wire.portal().act(at, action).unwrap()
    }

    /// Somebody does something at a screen of 1C.
    pub(crate) fn in_onec(&self, action: &Value) -> Value {
        let at = self.wire.now();
        self.wire.infobase().act(at, action).unwrap()
    }

    /// Time passes.
    pub(crate) fn pass(&self, time: Duration) {
        *self.wire.now.lock().unwrap() += time;
    }

    /// A field of the only contact.
    pub(crate) fn contact(&self, field: &str) -> String {
        self.wire.portal().dump()["contacts"][0][field].as_str().unwrap_or_default().to_owned()
    }
}

impl Wire {
    fn new() -> Self {
        let bases = generate(&Recipe::new(0, 0));
        let (mut portal, mut infobase) = (Portal::new(Default::default()), Infobase::new(Default::default()));
        bases.bitrix24.iter().for_each(|line| portal.load(line).unwrap());
        bases.onec.iter().for_each(|line| infobase.load(line).unwrap());
        for (entity, name) in
            [("CRM_CONTACT", "UF_CRM_1C_CONTACT_ID"), ("CRM_COMPANY", "UF_CRM_1C_COMPANY_ID")]
        {
            let field = json!({"entity": "userfield", "ENTITY_ID": entity, "FIELD_NAME": name,
                "USER_TYPE_ID": "string"});
            portal.load(&field).unwrap();
        }
        Self {
            portal: Mutex::new(portal),
            infobase: Mutex::new(infobase),
            now: Mutex::new(START.parse().unwrap()),
        }
    }

    pub(crate) fn portal(&self) -> MutexGuard<'_, Portal> {
        self.portal.lock().unwrap()
    }

    pub(crate) fn infobase(&self) -> MutexGuard<'_, Infobase> {
        self.infobase.lock().unwrap()
    }
}

impl Clock for Wire {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        let mut now = self.now.lock().unwrap();
        *now = (*now).max(deadline);
        Box::pin(std::future::ready(()))
    }
}

impl Transport for Way {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let Self(wire, side) = self;
        let (_, path) = request.url.split_once("://").unwrap();
        let (host, target) = path.split_at(path.find('/').unwrap());
        let mut headers = request.headers;
        headers.push(("host".to_owned(), host.to_owned()));
        let target = target.to_owned();
        let sent = Request { method: request.method.to_owned(), target, headers, body: request.body };
        let at = wire.now();
        let response = match side {
            Side::Bitrix24 => wire.portal().handle(at, &sent),
            Side::Onec => wire.infobase().handle(at, &sent),
        };
        *wire.now.lock().unwrap() += response.took;
        let headers = response.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone()));
        let (status, headers) = (response.status, headers.collect());
        Box::pin(std::future::ready(Ok(HttpResponse { status, headers, body: response.body })))
    }
}

/// What a future brings that has nothing to wait for.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    for _ in 0..1_000_000 {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
    panic!("nothing here waits");
}

fn portal_client() -> obmen_bitrix24::Settings {
    obmen_bitrix24::Settings {
        pair: "main".to_owned(),
        access: obmen_bitrix24::Access::Webhook("https://portal.example/rest/1/secret/".to_owned()),
        contact_id_field: "UF_CRM_1C_CONTACT_ID".to_owned(),
        company_id_field: "UF_CRM_1C_COMPANY_ID".to_owned(),
        inn_field: "UF_CRM_INN".to_owned(),
        addresses: true,
        further_requisites: false,
        limits: obmen_bitrix24::Limits::default(),
        allow_automation: false,
        phone_context: phone_context(),
        attributes: BTreeMap::new(),
        places: Vec::new(),
        fallback_user: Some("1".to_owned()),
        rings_at: None,
    }
}

fn infobase_client() -> obmen_onec::Settings {
    let served = obmen_sim::onec::Settings::default();
    obmen_onec::Settings {
        pair: "main".to_owned(),
        way: obmen_onec::Way::Odata,
        url: format!("http://base.example{}", served.base_path),
        user: served.user,
        password: obmen_onec::Secret::new(served.password),
        profile: obmen_onec::Profile::bp30(),
        persons: [Catalog::Counterparty, Catalog::ContactPerson].into(),
        parallel: 2,
        store_id: obmen_onec::IdPlace::Attribute,
        id_attribute: "ИдентификаторБитрикс24".to_owned(),
        manager_attribute: "ОтветственныйМенеджер".to_owned(),
        addresses: true,
        further_requisites: false,
        new_folder: String::new(),
        new_access_group: String::new(),
        new_roles: Vec::new(),
        request_seconds: 60,
        allowed_only: false,
        exchange: None,
        attributes: BTreeMap::new(),
        places: Vec::new(),
        phone_context: phone_context(),
    }
}

fn phone_context() -> PhoneContext {
    PhoneContext::new("RU", None).unwrap()
}
