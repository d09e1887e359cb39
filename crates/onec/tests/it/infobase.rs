//! A small simulated infobase, and a client that speaks to it without a socket.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard};

use futures_executor::block_on;
use jiff::Timestamp;
use obmen_domain::forms::phone::PhoneContext;
use obmen_domain::record::{Catalog, Kind, Record, RecordId};
use obmen_engine::ports::{
    BoxFuture, Clock, HttpRequest, HttpResponse, Memory, Outcome, Reader as _, StoreError, Transport,
    TransportError,
};
use obmen_onec::{IdPlace, Onec, Profile, Secret, Settings, Way};
use obmen_sim::http::Request;
use obmen_sim::onec::{Fault, Infobase};
use obmen_sim::world::World as _;
use serde_json::{Value, json};

pub(crate) const PHONE: &str = "271f381e-f234-11e4-a7a9-000d884fd00d";
pub(crate) const LEGAL_ADDRESS: &str = "a67dfea3-a50f-11e4-a7a9-000d884fd00d";
pub(crate) const EMAIL: &str = "c642d7b9-91f9-11e4-a7a9-000d884fd00d";
pub(crate) const PERSON_MOBILE: &str = "a8975ce6-83a7-11e4-a7a9-000d884fd00d";
pub(crate) const ID_ATTRIBUTE: &str = "7a10c000-1c02-11ef-9a3d-0050568b35ac";
pub(crate) const ROMASHKA: &str = "10000000-0000-4000-8000-000000000001";
pub(crate) const ENTREPRENEUR: &str = "10000000-0000-4000-8000-000000000002";
pub(crate) const NAMED_ENTREPRENEUR: &str = "10000000-0000-4000-8000-000000000003";
pub(crate) const CUSTOMER: &str = "20000000-0000-4000-8000-000000000001";
pub(crate) const MARKED: &str = "20000000-0000-4000-8000-000000000002";
pub(crate) const ANNA: &str = "30000000-0000-4000-8000-000000000001";
pub(crate) const FRIEND: &str = "30000000-0000-4000-8000-000000000002";
pub(crate) const STRAY: &str = "30000000-0000-4000-8000-000000000003";
pub(crate) const INDIVIDUAL: &str = "40000000-0000-4000-8000-000000000001";
pub(crate) const STAFF: &str = "40000000-0000-4000-8000-000000000002";
pub(crate) const USER: &str = "50000000-0000-4000-8000-000000000001";

/// The world, the client, and what travelled between them.
pub(crate) struct World {
    pub(crate) client: Onec,
    pub(crate) wire: Arc<Wire>,
    pub(crate) memory: Arc<Shelf>,
}

/// Hands requests to the simulator. A reply can be lost on the way back.
pub(crate) struct Wire {
    base: Mutex<Infobase>,
    now: Mutex<Timestamp>,
    lose_replies_to: Mutex<Option<&'static str>>,
    away_until: Mutex<Option<Timestamp>>,
    refuse_writes: Mutex<Option<&'static str>>,
    /// The set whose writes alone are refused.
    refused_set: Mutex<Option<&'static str>>,
    /// What somebody does just before the next request of this end of an address arrives.
    befalls: Mutex<Option<(&'static str, Value)>>,
    /// How many replies to requests of this end of an address are lost.
    loses: Mutex<(&'static str, usize)>,
    sent: Mutex<Vec<HttpRequest>>,
}

#[derive(Default)]
pub(crate) struct Shelf(Mutex<BTreeMap<String, String>>);

impl World {
    pub(crate) fn new() -> Self {
        Self::with(obmen_sim::onec::Settings::default(), |_| {})
    }

    pub(crate) fn with(settings: obmen_sim::onec::Settings, change: impl FnOnce(&mut Settings)) -> Self {
        Self::of(settings, &objects(), change)
    }

    /// A base of other objects, of whatever configuration.
    pub(crate) fn of(
        settings: obmen_sim::onec::Settings,
        lines: &[Value],
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut base = Infobase::new(settings);
        for line in lines {
            base.load(line).unwrap();
        }
        let start = "2026-03-01T09:00:00Z".parse().unwrap();
        let wire = Arc::new(Wire {
            base: Mutex::new(base),
            now: Mutex::new(start),
            lose_replies_to: Mutex::default(),
            away_until: Mutex::default(),
            refuse_writes: Mutex::default(),
            refused_set: Mutex::default(),
            befalls: Mutex::default(),
            loses: Mutex::default(),
            sent: Mutex::default(),
        });
        let memory = Arc::new(Shelf::default());
        let mut settings = client_settings();
        change(&mut settings);
        let client = Onec::new(settings, wire.clone(), wire.clone(), memory.clone());
        Self { client, wire, memory }
    }

    /// The same, with the extension loaded and spoken to.
    pub(crate) fn by_extension(
        settings: obmen_sim::onec::Settings,
        lines: &[Value],
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let world = Self::of(settings, lines, |settings| {
            settings.way = Way::Extension;
            settings.store_id = IdPlace::Register;
            change(settings);
        });
        world.wire.act(&json!({"do": "extend"}));
        world
    }

    /// Another client of the same infobase, as after a restart.
    pub(crate) fn restarted(&self) -> Onec {
        Onec::new(client_settings(), self.wire.clone(), self.wire.clone(), self.memory.clone())
    }

    /// A whole walk.
    pub(crate) async fn sweep(&self, kind: Kind) -> Vec<Record> {
        let mut records = Vec::new();
        let mut cursor = None;
        loop {
            let portion = self.client.sweep(kind, cursor).await.unwrap();
            records.extend(portion.records);
            cursor = portion.next.into_iter().next();
            if cursor.is_none() {
                return records;
            }
        }
    }

    pub(crate) async fn record(&self, kind: Kind, reference: &str) -> Record {
        self.client.fetch(&[RecordId::onec(kind, reference)]).await.unwrap().remove(0)
    }

    /// Each fault comes over a base of its own after it was found well; a walk tells it by words that begin so.
    #[track_caller]
    pub(crate) fn assert_told(well: impl Fn() -> Self, faults: &[(Fault, &str)]) {
        for (fault, expected) in faults {
            let world = well();
            block_on(world.client.connect()).unwrap();
            world.wire.advance(60);
            world.wire.base().settings_mut().fault = Some(*fault);
            let error = block_on(world.client.sweep(Kind::Company, None)).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{fault:?}: {error}");
        }
    }
}

impl Wire {
    pub(crate) fn base(&self) -> MutexGuard<'_, Infobase> {
        self.base.lock().unwrap()
    }

    pub(crate) fn lose_replies_to(&self, method: Option<&'static str>) {
        *self.lose_replies_to.lock().unwrap() = method;
    }

    /// From now on writes are refused with these words.
    pub(crate) fn refuse_writes(&self, words: &'static str) {
        *self.refuse_writes.lock().unwrap() = Some(words);
    }

    /// From now on writes of one set are refused with these words; with none no more.
    pub(crate) fn refuse_writes_to(&self, set: &'static str, words: Option<&'static str>) {
        *self.refused_set.lock().unwrap() = Some(set);
        *self.refuse_writes.lock().unwrap() = words;
    }

    /// Somebody does something in the infobase.
    pub(crate) fn act(&self, action: &Value) -> Value {
        let now = *self.now.lock().unwrap();
        self.base().act(now, action).unwrap_or_else(|words| panic!("{words}: {action}"))
    }

    /// Somebody does something just before the next request to this end of an address arrives.
    pub(crate) fn befall(&self, end: &'static str, action: Value) {
        *self.befalls.lock().unwrap() = Some((end, action));
    }

    /// Loses so many replies to requests to this end of an address.
    pub(crate) fn lose(&self, end: &'static str, replies: usize) {
        *self.loses.lock().unwrap() = (end, replies);
    }

    /// The ends of the addresses that were asked since the last look.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        let end = |request: HttpRequest| request.url.rsplit('/').next().unwrap_or_default().to_owned();
        sent.into_iter().map(end).collect()
    }

    /// Requests of a method since the last look.
    pub(crate) fn take_sent(&self, method: &str) -> Vec<HttpRequest> {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        sent.into_iter().filter(|request| request.method == method).collect()
    }

    /// Until then the network is down.
    pub(crate) fn go_away_for(&self, seconds: i64) {
        let until = self.now.lock().unwrap().checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        *self.away_until.lock().unwrap() = Some(until);
    }

    pub(crate) fn advance(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
    }

    /// An object as the infobase keeps it.
    pub(crate) fn object(&self, set: &str, reference: &str) -> Value {
        let dump = self.base().dump();
        let objects = dump["objects"][set].as_array().unwrap();
        objects.iter().find(|object| object["Ref_Key"] == reference).cloned().unwrap_or(Value::Null)
    }

    pub(crate) fn count(&self, set: &str) -> usize {
        self.base().dump()["objects"][set].as_array().unwrap().len()
    }
}

impl Transport for Wire {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        assert!(request.url.len() < 6200, "an address of {} bytes", request.url.len());
        let target = request.url.strip_prefix("http://onec.example").unwrap().to_owned();
        if self.away_until.lock().unwrap().is_some_and(|until| *self.now.lock().unwrap() < until) {
            self.sent.lock().unwrap().push(request);
            return Box::pin(ready(Err(TransportError::NotSent("no route to host".to_owned()))));
        }
        let is_refused = request.method != "GET"
            && self
                .refused_set
                .lock()
                .unwrap()
                .is_none_or(|set| decoded(&target).contains(&format!("/{set}")));
        if let Some(words) = self.refuse_writes.lock().unwrap().filter(|_| is_refused) {
            let message = json!({"lang": "ru", "value": words});
            let body = json!({"odata.error": {"code": "4", "message": message}}).to_string().into_bytes();
            return Box::pin(ready(Ok(HttpResponse { status: 400, headers: Vec::new(), body })));
        }
        let befalls = self.befalls.lock().unwrap().take_if(|(end, _)| target.ends_with(*end));
        if let Some((_, action)) = befalls {
            self.act(&action);
        }
        let is_lost_at_its_end = {
            let mut loses = self.loses.lock().unwrap();
            let is_lost = loses.1 > 0 && target.ends_with(loses.0);
            loses.1 -= usize::from(is_lost);
            is_lost
        };
        let arriving = Request {
            method: request.method.to_owned(),
            target,
            headers: request.headers.clone(),
            body: request.body.clone(),
        };
        let response = self.base().handle(*self.now.lock().unwrap(), &arriving);
        let is_lost = *self.lose_replies_to.lock().unwrap() == Some(request.method);
        self.sent.lock().unwrap().push(request);
        if is_lost || is_lost_at_its_end || response.is_cut() {
            return Box::pin(ready(Err(TransportError::NoReply("the line broke".to_owned()))));
        }
        let headers = response.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
        Box::pin(ready(Ok(HttpResponse {
            status: response.status,
            headers: headers.collect(),
            body: response.body,
        })))
    }
}

impl Clock for Wire {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    fn sleep_until(&self, deadline: Timestamp) -> BoxFuture<'_, ()> {
        let mut now = self.now.lock().unwrap();
        *now = deadline.max(*now);
        Box::pin(ready(()))
    }
}

impl Memory for Shelf {
    fn recall<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        Box::pin(ready(Ok(self.0.lock().unwrap().get(name).cloned())))
    }

    fn keep<'a>(&'a self, name: &'a str, text: String) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.lock().unwrap().insert(name.to_owned(), text);
        Box::pin(ready(Ok(())))
    }
}

/// The record of a write that is expected to take effect.
#[track_caller]
pub(crate) fn done(outcome: &Outcome) -> &Record {
    match outcome {
        Outcome::Done { record, .. } => record,
        other => panic!("not done: {other:?}"),
    }
}

/// An address as a person reads it.
pub(crate) fn decoded(target: &str) -> String {
    percent_encoding::percent_decode_str(target).decode_utf8().unwrap().into_owned()
}

/// The lines of a set, as simulators load them.
pub(crate) fn lines_of(set: &str, objects: Vec<Value>) -> Vec<Value> {
    objects.into_iter().map(|object| json!({"entity": set, "object": object})).collect()
}

/// A contact kind of several values.
pub(crate) fn kind(reference: &str, sort: &str, name: &str) -> Value {
    json!({"Ref_Key": reference, "Тип": sort, "ИмяПредопределенногоВида": name, "PredefinedDataName": name,
        "Predefined": true, "Используется": true, "РазрешитьВводНесколькихЗначений": true})
}

pub(crate) fn client_settings() -> Settings {
    Settings {
        pair: "main".to_owned(),
        way: Way::Odata,
        url: "http://onec.example/base/odata/standard.odata/".to_owned(),
        user: "obmen".to_owned(),
        password: Secret::new("secret"),
        profile: Profile::bp30(),
        persons: BTreeSet::from([Catalog::Counterparty, Catalog::ContactPerson]),
        parallel: 2,
        store_id: IdPlace::Attribute,
        id_attribute: "ИдентификаторБитрикс24".to_owned(),
        manager_attribute: "ОтветственныйМенеджер".to_owned(),
        addresses: true,
        further_requisites: false,
        new_folder: "Покупатели".to_owned(),
        new_access_group: String::new(),
        new_roles: vec!["Клиент".to_owned()],
        request_seconds: 60,
        allowed_only: false,
        exchange: None,
        attributes: std::collections::BTreeMap::new(),
        places: Vec::new(),
        phone_context: PhoneContext::new("RU", None).unwrap(),
    }
}

pub(crate) fn objects() -> Vec<Value> {
    let of = |set: &str, objects: Vec<Value>| {
        objects.into_iter().map(|object| json!({"entity": set, "object": object})).collect::<Vec<_>>()
    };
    [
        of("Catalog_ВидыКонтактнойИнформации", kinds()),
        of(
            "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения",
            vec![
                json!({"Ref_Key": "7a10c000-1c01-11ef-9a3d-0050568b35ac", "Имя": "ОтветственныйМенеджер"}),
                json!({"Ref_Key": ID_ATTRIBUTE, "Имя": "ИдентификаторБитрикс24"}),
            ],
        ),
        of("Catalog_СтраныМира", vec![json!({"Ref_Key": "26093578-c180-11e4-a7a9-000d884fd00d", "КодАльфа2": "RU"})]),
        of(
            "Catalog_Пользователи",
            vec![json!({"Ref_Key": USER, "Description": "Иванова Анна", "КонтактнаяИнформация": [
                {"LineNumber": "1", "Тип": "АдресЭлектроннойПочты", "Вид_Key": EMAIL, "Представление": "Ivanova@company.example"}]})],
        ),
        of("Catalog_Контрагенты", counterparties()),
        of("Catalog_КонтактныеЛица", contact_persons()),
        of(
            "Catalog_ФизическиеЛица",
            vec![
                json!({"Ref_Key": INDIVIDUAL, "Description": "Сидорова Вера Ивановна", "ИНН": "500100732259"}),
                json!({"Ref_Key": STAFF, "Description": "Работников Пётр Ильич"}),
            ],
        ),
        of(
            "Catalog_Сотрудники",
            vec![json!({"Ref_Key": "60000000-0000-4000-8000-000000000001", "ФизическоеЛицо_Key": STAFF})],
        ),
    ]
    .concat()
}

fn kinds() -> Vec<Value> {
    let kind = |reference: &str, sort: &str, name: &str, several: bool| {
        json!({"Ref_Key": reference, "Тип": sort, "ИмяПредопределенногоВида": name, "PredefinedDataName": name,
            "Predefined": true, "Используется": true, "РазрешитьВводНесколькихЗначений": several})
    };
    vec![
        kind(PHONE, "Телефон", "ТелефонКонтрагента", true),
        kind(EMAIL, "АдресЭлектроннойПочты", "EmailКонтрагенты", true),
        kind(LEGAL_ADDRESS, "Адрес", "ЮрАдресКонтрагента", false),
        kind(PERSON_MOBILE, "Телефон", "ТелефонМобильныйКонтактныеЛица", false),
        kind("75499482-dbd2-11e4-a7a9-000d884fd00d", "Телефон", "ТелефонРабочийКонтактныеЛица", false),
        kind("f1f27411-f3ce-11e4-a7a9-000d884fd00d", "АдресЭлектроннойПочты", "EmailКонтактныеЛица", true),
        kind("58cea06a-4b19-11e4-a7a9-000d884fd00d", "Телефон", "ТелефонМобильныйФизическиеЛица", false),
        kind("eade04c2-ae39-11e4-a7a9-000d884fd00d", "АдресЭлектроннойПочты", "EMailФизическиеЛица", true),
    ]
}

fn counterparties() -> Vec<Value> {
    let person = "ФизическоеЛицо";
    vec![
        json!({"Ref_Key": "00000000-0000-4000-8000-000000000001", "Description": "Розничный покупатель",
            "Predefined": true, "PredefinedDataName": "РозничныйПокупатель"}),
        json!({"Ref_Key": "00000000-0000-4000-8000-000000000002", "Description": "Покупатели", "IsFolder": true}),
        json!({"Ref_Key": ROMASHKA, "DataVersion": "AAAAAAAAAAE=", "Description": "Ромашка", "НаименованиеПолное": "ООО \"Ромашка\"",
            "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо", "ИНН": "7701234560", "КПП": "770101001",
            "КонтактнаяИнформация": [
                {"LineNumber": "1", "Тип": "Адрес", "Вид_Key": LEGAL_ADDRESS, "Представление": "Москва"},
                {"LineNumber": "2", "Тип": "Телефон", "Вид_Key": PHONE, "Представление": "8 (495) 123-45-67", "НомерТелефона": "84951234567"},
                {"LineNumber": "3", "Тип": "АдресЭлектроннойПочты", "Вид_Key": EMAIL, "Представление": "info@romashka.example", "АдресЭП": "info@romashka.example"}],
            "ДополнительныеРеквизиты": [
                {"LineNumber": "1", "Свойство_Key": "7a10c000-1c01-11ef-9a3d-0050568b35ac", "Значение": USER, "Значение_Type": "StandardODATA.Catalog_Пользователи"}]}),
        json!({"Ref_Key": ENTREPRENEUR, "Description": "Петров П.П.", "ЮридическоеФизическоеЛицо": person,
            "ИндивидуальныйПредприниматель": true}),
        json!({"Ref_Key": NAMED_ENTREPRENEUR, "Description": "Гусев Максим Михайлович ИП", "ЮридическоеФизическоеЛицо": person}),
        json!({"Ref_Key": CUSTOMER, "Description": "Иванов Иван Иванович", "НаименованиеПолное": "Иванов Иван Иванович",
            "ЮридическоеФизическоеЛицо": person, "КонтактнаяИнформация": [
                {"LineNumber": "1", "Тип": "Телефон", "Вид_Key": PHONE, "Представление": "+7 (912) 345-67-89", "НомерТелефона": "79123456789"}]}),
        json!({"Ref_Key": MARKED, "Description": "Старый Клиент Иванович", "ЮридическоеФизическоеЛицо": person, "DeletionMark": true}),
    ]
}

fn contact_persons() -> Vec<Value> {
    let person = |reference: &str, name: &str, owner: &str, set: &str| {
        json!({"Ref_Key": reference, "Description": name, "ОбъектВладелец": owner,
            "ОбъектВладелец_Type": format!("StandardODATA.Catalog_{set}"),
            "ВидКонтактногоЛица": "КонтактноеЛицоКонтрагента", "Должность": "Инженер"})
    };
    vec![
        person(ANNA, "Белова Анна Сергеевна", ROMASHKA, "Контрагенты"),
        person(FRIEND, "Друг Ивана Петрович", CUSTOMER, "Контрагенты"),
        person(STRAY, "Чужой Контакт Иванович", USER, "Пользователи"),
    ]
}
