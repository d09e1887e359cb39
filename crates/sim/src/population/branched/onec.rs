//! The infobase: custom fields to load, and counterparties, in УТ with their partners, as people enter them.

use serde_json::{Map, Value, json};

use super::Recipe;
use super::houses::{Arrangement, House, Member};
use crate::onec::Product;
use crate::population::draw::reference;
use crate::population::firms::Style;
use crate::population::numbers::{Spelling, spell_phone};

const COUNTERPARTIES: &str = "Catalog_Контрагенты";
const PARTNERS: &str = "Catalog_Партнеры";
const CHART: &str = "ChartOfCharacteristicTypes_ДополнительныеРеквизитыИСведения";
/// Names and types of custom fields.
const CUSTOM: [(&str, &str); 3] = [("Сегмент", "String"), ("КлиентС", "Date"), ("Лимит", "Number")];

/// The custom fields.
pub(super) fn chart(seed: u64) -> Vec<Value> {
    let line = |(ordinal, (name, sort)): (u64, (&str, &str))| {
        json!({"entity": CHART, "object": {"Ref_Key": field(seed, ordinal), "Description": name, "Заголовок": name,
            "Имя": name, "ValueType": {"Types": [sort]}}})
    };
    (0..).zip(CUSTOM).map(line).collect()
}

fn field(seed: u64, ordinal: u64) -> String {
    reference(seed, "custom", ordinal)
}

/// What people enter, in order.
pub(super) fn deeds(recipe: &Recipe, houses: &[House]) -> Vec<Value> {
    let mut deeds = Vec::new();
    for house in houses {
        for member in house.members.iter().filter(|member| member.in_onec) {
            let owner = partner_owner(house, member);
            if recipe.product == Product::Ut11 && owner.number == member.number {
                deeds.push(partner(recipe.seed, member));
            }
            deeds.push(counterparty(recipe, house, member, owner));
        }
    }
    deeds
}

/// The party whose partner this one's counterparty belongs to.
fn partner_owner<'a>(house: &'a House, member: &'a Member) -> &'a Member {
    match house.arrangement {
        Arrangement::Scattered => member,
        _ => &house.members[0],
    }
}

fn partner_reference(seed: u64, member: &Member) -> String {
    reference(seed, "house partner", member.number)
}

fn partner(seed: u64, member: &Member) -> Value {
    let fields = json!({"Description": member.naming.short(Style::Quoted), "НаименованиеПолное": member.naming.full(),
        "ЮрФизЛицо": "Компания", "Клиент": true, "phones": [phone(member)]});
    create(PARTNERS, &partner_reference(seed, member), &fields)
}

fn counterparty(recipe: &Recipe, house: &House, member: &Member, owner: &Member) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("Description", json!(member.naming.short(Style::Quoted)));
    put("НаименованиеПолное", json!(member.naming.full()));
    put("ИНН", json!(member.inn));
    put("КПП", json!(member.kpp));
    put("РегистрационныйНомер", json!(member.registration));
    put("ДополнительныеРеквизиты", custom_values(recipe.seed, member));
    if recipe.product == Product::Ut11 {
        put("Партнер_Key", json!(partner_reference(recipe.seed, owner)));
    } else {
        put("phones", json!([phone(member)]));
    }
    if member.address.in_onec {
        put("addresses", json!([{"kind": "ЮрАдресКонтрагента", "value": member.address.whole()}]));
    }
    fields.extend(legal(recipe.product, member));
    fields.extend(branch(recipe.product, house, member));
    create(COUNTERPARTIES, &member.reference, &Value::Object(fields))
}

/// What the configurations tell legal kinds by.
fn legal(product: Product, member: &Member) -> Map<String, Value> {
    let fields = match (product, member.naming.is_proprietor()) {
        (Product::Bp30, false) => json!({"ЮридическоеФизическоеЛицо": "ЮридическоеЛицо"}),
        (Product::Bp30, true) => {
            json!({"ЮридическоеФизическоеЛицо": "ФизическоеЛицо", "ИндивидуальныйПредприниматель": true})
        }
        (Product::Ut11, false) => json!({"ЮрФизЛицо": "ЮрЛицо"}),
        (Product::Ut11, true) => json!({"ЮрФизЛицо": "ИндивидуальныйПредприниматель"}),
        (Product::Unf, false) => json!({"ВидКонтрагента": "ЮридическоеЛицо"}),
        (Product::Unf, true) => json!({"ВидКонтрагента": "ИндивидуальныйПредприниматель"}),
    };
    fields.as_object().cloned().unwrap_or_default()
}

/// Where a configuration tells branches apart, those of gathered houses say whose they are; others were entered carelessly.
fn branch(product: Product, house: &House, member: &Member) -> Map<String, Value> {
    let is_told = member.naming.is_branch() && house.arrangement == Arrangement::Gathered;
    let fields = match product {
        Product::Bp30 | Product::Ut11 if is_told => {
            json!({"ОбособленноеПодразделение": true, "ГоловнойКонтрагент_Key": house.members[0].reference})
        }
        _ => json!({}),
    };
    fields.as_object().cloned().unwrap_or_default()
}

/// The segment where the portal lacks it, or has the same; the limit and the date here alone.
fn custom_values(seed: u64, member: &Member) -> Value {
    let segment = if member.number.is_multiple_of(2) { "Опт" } else { "Розница" };
    let since = format!("20{:02}-03-01T00:00:00", 10 + member.number % 15);
    let values = [
        (0, json!(segment), "Edm.String", member.number % 3 != 2),
        (1, json!(since), "Edm.DateTime", member.number.is_multiple_of(2)),
        (2, json!(100 * (1 + member.number)), "Edm.Double", true),
    ];
    let given = values.into_iter().filter(|(.., is_given)| *is_given);
    let row = |(line, (at, value, sort, _)): (usize, (u64, Value, &str, bool))| {
        json!({"LineNumber": (line + 1).to_string(), "Свойство_Key": field(seed, at), "Значение": value,
            "Значение_Type": sort})
    };
    given.enumerate().map(row).collect()
}

fn phone(member: &Member) -> String {
    spell_phone(member.phone, Spelling::Compact)
}

fn create(set: &str, reference: &str, fields: &Value) -> Value {
    json!({"do": "create", "set": set, "ref": reference, "fields": fields})
}
