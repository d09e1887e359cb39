//! What a user of УТ or of УНФ fills in beside what one of БП does, so that scenarios are the same on all configurations.

use jiff::Timestamp;
use obmen_sim::onec::{Infobase, Product};
use obmen_sim::world::World as _;
use serde_json::{Map, Value, json};

use crate::bench::text;

const CLIENTS: &str = "Catalog_Контрагенты";
const PARTNERS: &str = "Catalog_Партнеры";
const KIND: &str = "ЮридическоеФизическоеЛицо";
const ENTREPRENEUR: &str = "ИндивидуальныйПредприниматель";
const OF_CLIENT: [&str; 7] =
    ["Description", "НаименованиеПолное", "ИНН", "КПП", "РегистрационныйНомер", KIND, ENTREPRENEUR];

/// An infobase and who sits before it.
pub(crate) struct Desk<'a> {
    pub(crate) infobase: &'a mut Infobase,
    pub(crate) product: Product,
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    /// Types in what the lines of a БП infobase say of users, counterparties, contact persons and individuals.
    pub(crate) fn type_in(&mut self, lines: &[Value]) {
        let mut author = Value::Null;
        for line in lines.iter().filter(|line| line["object"]["IsFolder"] != true) {
            let object = &line["object"];
            match line["entity"].as_str() {
                Some("Catalog_Пользователи") => {
                    self.infobase.load(line).unwrap();
                    author = object["Ref_Key"].clone();
                }
                Some(CLIENTS) => self.create(CLIENTS, object, &typed(object, &OF_CLIENT)),
                Some("Catalog_КонтактныеЛица") => self.contact_person(object, &author),
                Some("Catalog_ФизическиеЛица") => {
                    let fields = typed(object, &["Description", "ИНН"]);
                    self.create("Catalog_ФизическиеЛица", object, &fields);
                }
                _ => {}
            }
        }
    }

    /// Does something at a screen of 1C, in words of БП.
    pub(crate) fn act(&mut self, action: &Value) -> Value {
        let mut action = action.clone();
        if action["do"] == "create" && action["set"] == CLIENTS {
            let fields = action["fields"].as_object().cloned().unwrap_or_default();
            action["fields"] = Value::Object(self.completed(fields));
        }
        let done = self.infobase.act(self.now, &action);
        done.unwrap_or_else(|words| panic!("{words}: {action}"))
    }

    /// A counterparty as the forms of this configuration have it.
    fn completed(&mut self, mut fields: Map<String, Value>) -> Map<String, Value> {
        let is_person = fields.get(KIND).is_some_and(|kind| kind == "ФизическоеЛицо");
        let is_entrepreneur = fields.get(ENTREPRENEUR).is_some_and(|flag| flag == true);
        let name = fields.get("Description").cloned().unwrap_or_default();
        let mut add = |field: &str, value: &str| {
            fields.entry(field).or_insert_with(|| value.into());
        };
        match self.product {
            Product::Bp30 => {}
            Product::Unf if is_entrepreneur => add("ВидКонтрагента", ENTREPRENEUR),
            Product::Unf if is_person => add("ВидКонтрагента", "ФизическоеЛицо"),
            Product::Unf => add("ВидКонтрагента", "ЮридическоеЛицо"),
            Product::Ut11 => {
                let (kind, sort) = match (is_person, is_entrepreneur) {
                    (_, true) => (ENTREPRENEUR, "Компания"),
                    (true, false) => ("ФизЛицо", "ЧастноеЛицо"),
                    (false, false) => ("ЮрЛицо", "Компания"),
                };
                let partner = json!({"Description": name, "НаименованиеПолное": name, "ЮрФизЛицо": sort, "Клиент": true});
                let partner = json!({"do": "create", "set": PARTNERS, "fields": partner});
                add("ЮрФизЛицо", kind);
                if !fields.contains_key("Партнер_Key") {
                    fields.insert("Партнер_Key".to_owned(), self.act(&partner)["ref"].clone());
                }
            }
        }
        if self.product != Product::Bp30 {
            fields.remove(ENTREPRENEUR);
        }
        fields
    }

    fn contact_person(&mut self, object: &Value, author: &Value) {
        let employer = text(&object["ОбъектВладелец"]);
        let mut fields = typed(object, &["Description", "ДатаРождения"]);
        if self.product == Product::Ut11 {
            fields.insert("Owner_Key".to_owned(), self.partner(&employer));
            fields.insert("ДолжностьПоВизитке".to_owned(), object["Должность"].clone());
            fields.insert("Автор".to_owned(), author.clone());
            fields.insert("Автор_Type".to_owned(), "StandardODATA.Catalog_Пользователи".into());
            return self.create("Catalog_КонтактныеЛицаПартнеров", object, &fields);
        }
        self.create("Catalog_КонтактныеЛица", object, &fields);
        let link = json!({"Period": "2020-01-01T00:00:00", "Контрагент_Key": employer, "Контакт_Key": object["Ref_Key"],
            "Должность": object["Должность"]});
        let set = "InformationRegister_СвязиКонтрагентКонтакт";
        self.act(&json!({"do": "create", "set": set, "fields": link}));
    }

    fn create(&mut self, set: &str, object: &Value, fields: &Map<String, Value>) {
        let key = &object["Ref_Key"];
        self.act(&json!({"do": "create", "set": set, "ref": key, "fields": fields}));
        if object["DeletionMark"] == true {
            self.act(&json!({"do": "mark", "set": set, "ref": key}));
        }
    }

    fn partner(&self, client: &str) -> Value {
        let dump = self.infobase.dump();
        let clients = dump["objects"][CLIENTS].as_array().unwrap();
        clients.iter().find(|object| object["Ref_Key"] == client).unwrap()["Партнер_Key"].clone()
    }
}

/// The counterparties of an infobase, with the contact information of their partners where they have such.
pub(crate) fn clients(infobase: &Value) -> Vec<Value> {
    let of = |set: &str| infobase["objects"][set].as_array().cloned().unwrap_or_default();
    let partners = of(PARTNERS);
    let mut clients = of(CLIENTS);
    for client in &mut clients {
        let partner = partners.iter().find(|partner| partner["Ref_Key"] == client["Партнер_Key"]);
        let rows = |object: &Value| object["КонтактнаяИнформация"].as_array().cloned().unwrap_or_default();
        client["КонтактнаяИнформация"] =
            [rows(client), partner.map(rows).unwrap_or_default()].concat().into();
    }
    clients
}

/// Some fields of an object, its phones and its mailboxes.
fn typed(object: &Value, names: &[&str]) -> Map<String, Value> {
    let known = names.iter().filter(|name| !object[**name].is_null());
    let mut fields: Map<String, Value> =
        known.map(|name| ((*name).to_owned(), object[*name].clone())).collect();
    let rows = object["КонтактнаяИнформация"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (sort, name) in [("Телефон", "phones"), ("АдресЭлектроннойПочты", "emails")]
    {
        let of_sort = rows.iter().filter(|row| row["Тип"] == sort);
        fields.insert(name.to_owned(), of_sort.map(|row| row["Представление"].clone()).collect());
    }
    fields
}
