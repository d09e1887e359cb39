//! The forms of 1C: what people fill in for the same customer in each configuration.
//!
//! In УТ a customer is a counterparty and its partner, who has the phones and mailboxes; contact persons belong to
//! partners. In УНФ a register tells whose contact persons people are.

use obmen_domain::record::{Catalog, RecordId};
use obmen_sim::onec::Product;
use serde_json::{Map, Value, json};

use super::People;
use crate::cast::Name;
use crate::snapshot::{Entry, Row, names};

/// The contact kinds that hold the phones of a contact person of БП, one each.
const PERSON_PHONES: [&str; 2] = ["ТелефонМобильныйКонтактныеЛица", "ТелефонРабочийКонтактныеЛица"];
/// Contact kinds of a partner end so.
const OF_PARTNER: &str = "Партнера";

/// What a customer is typed in as.
pub(super) enum Filled<'a> {
    /// A counterparty of kind individual.
    Private { name: String, inn: &'a str },
    /// A counterparty of kind organization.
    Firm { title: String, inn: &'a str },
    /// A contact person of a counterparty.
    ContactPerson { name: Name, company: &'a RecordId },
}

impl People<'_> {
    /// Fills in a new customer. Returns the answer about the object that its record is called by.
    pub(super) fn fill_in_form(
        &mut self,
        filled: &Filled<'_>,
        phones: &[String],
        emails: &[String],
    ) -> Value {
        let texts = object(json!({ "phones": phones, "emails": emails }));
        match filled {
            Filled::Private { name, inn } => self.fill_in_counterparty(name, true, inn, texts),
            Filled::Firm { title, inn } => self.fill_in_counterparty(title, false, inn, texts),
            Filled::ContactPerson { name, company } => self.fill_in_contact_person(name, company, texts),
        }
    }

    fn fill_in_counterparty(
        &mut self,
        name: &str,
        is_person: bool,
        inn: &str,
        mut fields: Map<String, Value>,
    ) -> Value {
        let kind = if is_person { "ФизическоеЛицо" } else { "ЮридическоеЛицо" };
        let kinds = match self.systems.product {
            Product::Bp30 => json!({ "ЮридическоеФизическоеЛицо": kind }),
            Product::Unf => json!({ "ВидКонтрагента": kind, "ЮридическоеФизическоеЛицо": kind }),
            Product::Ut11 => {
                let sort = if is_person { "ЧастноеЛицо" } else { "Компания" };
                fields.extend(object(json!({
                    "Description": name, "НаименованиеПолное": name, "ЮрФизЛицо": sort, "Клиент": true,
                })));
                let partner = json!({ "do": "create", "set": names::PARTNERS, "fields": fields });
                let partner = self.do_at_infobase(&partner)["ref"].clone();
                fields = Map::new();
                let legal_kind = if is_person { "ФизЛицо" } else { "ЮрЛицо" };
                json!({ "ЮрФизЛицо": legal_kind, "ЮридическоеФизическоеЛицо": kind, "Партнер_Key": partner })
            }
        };
        fields.extend(object(kinds));
        fields.insert("Description".to_owned(), name.into());
        if !inn.is_empty() {
            fields.insert("ИНН".to_owned(), inn.into());
        }
        self.do_at_infobase(&json!({ "do": "create", "set": names::COUNTERPARTIES, "fields": fields }))
    }

    fn fill_in_contact_person(
        &mut self,
        name: &Name,
        company: &RecordId,
        mut fields: Map<String, Value>,
    ) -> Value {
        let product = self.systems.product;
        let further = match product {
            Product::Bp30 => {
                let phones = fields["phones"].as_array().cloned().unwrap_or_default();
                let phones = phones.into_iter().zip(PERSON_PHONES);
                let phones = phones.map(|(phone, kind)| json!({ "kind": kind, "value": phone }));
                fields.insert("phones".to_owned(), phones.collect());
                json!({
                    "ОбъектВладелец": company.id,
                    "ОбъектВладелец_Type": format!("StandardODATA.{}", names::COUNTERPARTIES),
                    "ВидКонтактногоЛица": "КонтактноеЛицоКонтрагента",
                })
            }
            Product::Ut11 => {
                let mut further = self.author();
                further.insert("Owner_Key".to_owned(), self.partner_of(company));
                Value::Object(further)
            }
            Product::Unf => json!({}),
        };
        fields.extend(object(further));
        fields.extend(object(name_fields(product, name)));
        let set = set_of(product, Catalog::ContactPerson);
        let person = self.do_at_infobase(&json!({ "do": "create", "set": set, "fields": fields }));
        if product == Product::Unf {
            let link = json!({
                "Period": "2026-01-01T00:00:00", "Контрагент_Key": company.id, "Контакт_Key": person["ref"],
            });
            self.do_at_infobase(&json!({ "do": "create", "set": names::EMPLOYMENTS, "fields": link }));
        }
        person
    }

    /// Another name of a contact person.
    pub(super) fn rename_contact_person(&mut self, entry: &Entry, name: &Name) {
        let fields = name_fields(self.systems.product, name);
        self.update_infobase(entry, &fields);
    }

    /// The kind of another phone; none where a contact person has no room for it.
    pub(super) fn free_phone(&self, entry: &Entry) -> Option<String> {
        if self.systems.product != Product::Bp30 || entry.catalog != Catalog::ContactPerson {
            return Some(free_mailbox(entry));
        }
        let is_free = |kind: &&str| !entry.phones.iter().any(|row| row.key == *kind);
        PERSON_PHONES.into_iter().find(is_free).map(str::to_owned)
    }

    /// The phones, or the mailboxes, become these: each object gets its own.
    pub(super) fn write_points(&mut self, entry: &Entry, name: &str, rows: &[Row]) {
        let before = if name == "phones" { &entry.phones } else { &entry.emails };
        let has_kinds = self.systems.product == Product::Bp30 && name == "phones";
        let shown = |row: &Row| match entry.catalog {
            Catalog::ContactPerson if has_kinds => json!({ "kind": row.key, "value": row.text }),
            _ => json!(row.text),
        };
        let of = |rows: &[Row], partners: bool| -> Vec<Value> {
            rows.iter().filter(|row| is_of_partner(row) == partners).map(shown).collect()
        };
        if let (Some([partner, _]), true) = (&entry.partner, of(before, true) != of(rows, true)) {
            let fields = json!({ name: of(rows, true) });
            let action = json!({ "do": "update", "set": names::PARTNERS, "ref": partner, "fields": fields });
            self.do_at_infobase(&action);
        }
        if of(before, false) != of(rows, false) {
            self.update_infobase(entry, &json!({ name: of(rows, false) }));
        }
    }

    fn partner_of(&self, company: &RecordId) -> Value {
        let objects = self.systems.infobase.objects_of(&[names::COUNTERPARTIES]);
        let mut clients = objects["objects"][names::COUNTERPARTIES].as_array().into_iter().flatten();
        clients.find(|it| it["Ref_Key"] == company.id).map_or(Value::Null, |it| it["Партнер_Key"].clone())
    }

    /// The form of a contact person of УТ asks for an author; whoever fills it in gives themselves.
    pub(super) fn with_author(&self, entry: &Entry, mut fields: Value) -> Value {
        let asks = self.systems.product == Product::Ut11 && entry.catalog == Catalog::ContactPerson;
        if let (true, Some(fields)) = (asks, fields.as_object_mut()) {
            fields.extend(self.author());
        }
        fields
    }

    /// Some user, as an author.
    fn author(&self) -> Map<String, Value> {
        let user = &self.systems.infobase.objects_of(&[names::USERS])["objects"][names::USERS][0]["Ref_Key"];
        object(json!({ "Автор": user, "Автор_Type": format!("StandardODATA.{}", names::USERS) }))
    }
}

/// The kind of another mailbox: what a partner has is told by it.
pub(super) fn free_mailbox(entry: &Entry) -> String {
    if entry.partner.is_some() { OF_PARTNER.to_owned() } else { String::new() }
}

fn is_of_partner(row: &Row) -> bool {
    row.key.ends_with(OF_PARTNER)
}

fn name_fields(product: Product, name: &Name) -> Value {
    let Name { last, first, middle } = name;
    match product {
        Product::Bp30 => json!({ "Фамилия": last, "Имя": first, "Отчество": middle }),
        Product::Ut11 | Product::Unf => json!({ "Description": name.whole() }),
    }
}

/// The set of a catalog.
pub(crate) fn set_of(product: Product, catalog: Catalog) -> &'static str {
    match (catalog, product) {
        (Catalog::ContactPerson, Product::Ut11) => names::PERSONS_OF_PARTNERS,
        (Catalog::ContactPerson, _) => names::CONTACT_PERSONS,
        _ => names::COUNTERPARTIES,
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
