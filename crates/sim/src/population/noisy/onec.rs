//! The infobase's cards as load lines (БП 3.0).

use serde_json::{Map, Value, json};

use super::bitrix24::is_active;
use super::entities::Entities;
use super::level::Noise;
use super::reading::{email, phone};
use super::records::{Owner, Place, Record, Records};
use crate::population::draw::{Draw, Purpose, reference};
use crate::population::onec::catalogs::{Catalogs, KindKeys, data_version};

/// All lines in the order of loading: what is referred to comes first.
pub(super) fn lines(seed: u64, noise: Noise, entities: &Entities, records: &Records) -> Vec<Value> {
    let catalogs = Catalogs::new(seed);
    let mut lines = catalogs.lines(&entities.users);
    for (index, line) in lines.iter_mut().filter(|line| line["entity"] == "Catalog_Пользователи").enumerate()
    {
        line["object"]["Недействителен"] = (!is_active(index, noise)).into();
    }
    for place in [Place::Counterparty, Place::ContactPerson, Place::Individual] {
        let cards = (1..).zip(records.all.iter().filter(|card| card.place == place));
        for (number, card) in cards {
            let mut draw = Draw::new(seed, Purpose::NoisyOther, 1_000_000 * (place as u64 + 1) + number);
            let object = object(&catalogs, entities, card, number, &mut draw);
            lines.push(json!({"entity": place.set(), "object": object}));
        }
    }
    lines
}

/// The reference of a user, by index.
pub(super) fn user(seed: u64, index: usize) -> String {
    Catalogs::new(seed).user(index).to_owned()
}

/// The references of the folders.
pub(super) fn folders(seed: u64) -> Vec<String> {
    (0..3).map(|ordinal| reference(seed, "folder", ordinal)).collect()
}

/// The reference of the predefined retail buyer.
pub(super) fn retail(seed: u64) -> String {
    reference(seed, "retail", 0)
}

fn object(catalogs: &Catalogs, entities: &Entities, card: &Record, number: u64, draw: &mut Draw) -> Value {
    let mut object = Map::new();
    let mut put = |property: &str, value: Value| object.insert(property.to_owned(), value);
    put("Ref_Key", card.id.clone().into());
    put("Code", code(card.place, number).into());
    put("DataVersion", data_version(1 + draw.below(9)).into());
    if card.marked {
        put("DeletionMark", true.into());
    }
    put("Description", card.title.clone().into());
    if !card.inn.is_empty() {
        put("ИНН", card.inn.clone().into());
    }
    if let Some([last, first, second]) = &card.parts {
        put("Фамилия", last.clone().into());
        put("Имя", first.clone().into());
        put("Отчество", second.clone().into());
    }
    let kinds = match card.place {
        Place::ContactPerson => {
            put("ОбъектВладелец", card.employer.clone().unwrap_or_default().into());
            put("ОбъектВладелец_Type", "StandardODATA.Catalog_Контрагенты".into());
            put("ВидКонтактногоЛица", "КонтактноеЛицоКонтрагента".into());
            put("Должность", card.post.into());
            catalogs.contact_person()
        }
        Place::Individual => {
            put("ФИО", card.title.clone().into());
            catalogs.individual()
        }
        _ => {
            put_counterparty(&mut put, catalogs, entities, card, draw);
            catalogs.counterparty()
        }
    };
    if let Some(date) = card.birth_date.as_ref().filter(|_| card.place != Place::Counterparty) {
        put("ДатаРождения", format!("{date}T00:00:00").into());
    }
    put("КонтактнаяИнформация", rows(card, kinds).into());
    Value::Object(object)
}

/// What counterparties have beside. A head organization is its own `ГоловнойКонтрагент`.
fn put_counterparty(
    put: &mut impl FnMut(&str, Value) -> Option<Value>,
    catalogs: &Catalogs,
    entities: &Entities,
    card: &Record,
    draw: &mut Draw,
) {
    put("Parent_Key", catalogs.folder(draw.pick(&["Покупатели", "Поставщики", "Розничные", ""])).into());
    put("ГоловнойКонтрагент_Key", card.id.clone().into());
    put("СтранаРегистрации_Key", catalogs.russia().into());
    let manager = if draw.chance(850) {
        json!([{
            "LineNumber": "1", "Свойство_Key": catalogs.manager_attribute(),
            "Значение": catalogs.user(card.manager), "Значение_Type": "StandardODATA.Catalog_Пользователи",
        }])
    } else {
        json!([])
    };
    put("ДополнительныеРеквизиты", manager);
    let Owner::Firm(index) = card.owner else {
        put("НаименованиеПолное", card.title.clone().into());
        put("ЮридическоеФизическоеЛицо", "ФизическоеЛицо".into());
        return;
    };
    let firm = &entities.firms[index];
    put("НаименованиеПолное", card.full.clone().into());
    if !card.kpp.is_empty() {
        put("КПП", card.kpp.clone().into());
    }
    if draw.chance(500) {
        put("РегистрационныйНомер", firm.registration.clone().into());
    }
    if firm.is_entrepreneur() {
        put("ЮридическоеФизическоеЛицо", "ФизическоеЛицо".into());
        if !card.without_flag {
            put("ИндивидуальныйПредприниматель", true.into());
        }
    } else {
        put("ЮридическоеФизическоеЛицо", "ЮридическоеЛицо".into());
    }
}

/// Rows of contact information. What 1C derives from a number it could read stands in the further columns; where it
/// could read none, they are empty.
fn rows(card: &Record, kinds: KindKeys<'_>) -> Vec<Value> {
    let mut rows = Vec::new();
    for (index, text) in card.phones.iter().enumerate() {
        let kind = if index == 0 { kinds.phone } else { kinds.work_phone };
        let read = phone::read(text);
        let number = read.first().filter(|_| read.len() == 1).cloned().unwrap_or_default();
        let local = number.get(number.len().saturating_sub(7)..).unwrap_or_default();
        rows.push(json!({
            "LineNumber": (rows.len() + 1).to_string(), "Тип": "Телефон", "Вид_Key": kind, "Представление": text,
            "НомерТелефона": number, "НомерТелефонаБезКодов": local, "Значение": value("Телефон", text),
        }));
    }
    for text in &card.emails {
        let read = email::read(text);
        let domain =
            read.first().and_then(|mailbox| mailbox.rsplit_once('@')).map_or("", |(_, domain)| domain);
        rows.push(json!({
            "LineNumber": (rows.len() + 1).to_string(), "Тип": "АдресЭлектроннойПочты", "Вид_Key": kinds.email,
            "Представление": text, "АдресЭП": text, "ДоменноеИмяСервера": domain,
            "Значение": value("АдресЭлектроннойПочты", text),
        }));
    }
    rows
}

/// The JSON that 1C keeps of a row.
fn value(sort: &str, text: &str) -> String {
    json!({"version": 5, "value": text, "comment": "", "type": sort}).to_string()
}

fn code(place: Place, number: u64) -> String {
    match place {
        Place::Individual => format!("00-{number:07}"),
        _ => format!("00-{:06}", 100 + number),
    }
}
