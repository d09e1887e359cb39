//! The infobase (БП 3.0): counterparties, contact persons and individuals as load lines.
//!
//! Which catalog holds a person follows from the firm: a contact person where 1C has the employer, otherwise a
//! counterparty. References and codes follow from ordinals.

pub(super) mod catalogs;
mod contacts;

use serde_json::{Map, Value, json};

use self::catalogs::Catalogs;
use self::contacts::Rows;
use super::cast::{Cast, Firm, Naming, Person, Place};
use super::draw::{Draw, Purpose, reference};
use super::firms::{self, Style};
use super::names::FullName;
use super::numbers;
use super::truth::OnecObject;

const COUNTERPARTIES: &str = "Catalog_Контрагенты";
const CONTACT_PERSONS: &str = "Catalog_КонтактныеЛица";
const INDIVIDUALS: &str = "Catalog_ФизическиеЛица";

/// All lines in the order of loading: what is referred to comes first.
pub(super) fn lines(cast: &Cast) -> Vec<Value> {
    let catalogs = Catalogs::new(cast.seed);
    let mut lines = catalogs.lines(&cast.users);
    let firms = cast.firms.iter().filter(|firm| firm.known.place.in_onec());
    lines.extend(firms.map(|firm| firm_counterparty(cast, &catalogs, firm)));
    let people = || cast.people.iter().filter(|person| person.known.place.in_onec());
    let (mut private, mut contact_persons) = (Vec::new(), Vec::new());
    for person in people() {
        match onec_employer(cast, person) {
            Some(firm) => contact_persons.push(contact_person(cast, &catalogs, person, firm)),
            None => private.push(private_counterparty(cast, &catalogs, person)),
        }
    }
    lines.append(&mut private);
    lines.append(&mut contact_persons);
    let individuals = people().filter(|person| person.individual);
    lines.extend(individuals.map(|person| individual(cast, &catalogs, person)));
    lines
}

/// The object a firm is in 1C.
pub(super) fn firm_object(cast: &Cast, firm: &Firm) -> OnecObject {
    OnecObject { entity: COUNTERPARTIES.into(), reference: reference(cast.seed, "firm", firm.ordinal) }
}

/// The main object a person is in 1C.
pub(super) fn person_object(cast: &Cast, person: &Person) -> OnecObject {
    let entity = if onec_employer(cast, person).is_some() { CONTACT_PERSONS } else { COUNTERPARTIES };
    OnecObject { entity: entity.into(), reference: reference(cast.seed, "person", person.ordinal) }
}

/// The further objects of a person.
pub(super) fn person_facets(cast: &Cast, person: &Person) -> Vec<OnecObject> {
    let reference = reference(cast.seed, "individual", person.ordinal);
    let facet = OnecObject { entity: INDIVIDUALS.into(), reference };
    person.individual.then_some(facet).into_iter().collect()
}

fn onec_employer<'a>(cast: &'a Cast, person: &Person) -> Option<&'a Firm> {
    cast.employer(person, Place::in_onec)
}

fn firm_counterparty(cast: &Cast, catalogs: &Catalogs, firm: &Firm) -> Value {
    let mut draw = spelling(cast, Purpose::FirmSpelling, firm.ordinal);
    let reference = firm_object(cast, firm).reference;
    let without_yo = draw.chance(500);
    let code = code(100 + 2 * firm.ordinal);
    let mut object = head(&reference, &code, firm.known.marked, &mut draw);
    let (description, full, legal_kind) = match &firm.naming {
        Naming::Organization { form, word } => {
            let style = if draw.chance(600) { Style::Quoted } else { Style::FormLast };
            object.insert("КПП".into(), numbers::kpp(&firm.inn).into());
            (firms::spell(*form, word, style), firms::spell_in_full(*form, word), "ЮридическоеЛицо")
        }
        Naming::Entrepreneur(name) => {
            object.insert("ИндивидуальныйПредприниматель".into(), true.into());
            let whole = name.whole();
            let short = if draw.chance(500) { format!("ИП {whole}") } else { format!("{whole} ИП") };
            (short, format!("Индивидуальный предприниматель {whole}"), "ФизическоеЛицо")
        }
    };
    object.insert("Description".into(), respell(&description, without_yo).into());
    object.insert("НаименованиеПолное".into(), respell(&full, without_yo).into());
    object.insert("ЮридическоеФизическоеЛицо".into(), legal_kind.into());
    object.insert("ИНН".into(), firm.inn.clone().into());
    if draw.chance(600) {
        object.insert("РегистрационныйНомер".into(), firm.registration.clone().into());
    }
    let mut rows = Rows::default();
    rows.add_all(&firm.known.onec, catalogs.counterparty(), &mut draw);
    if draw.chance(500) {
        rows.add_address(catalogs.counterparty_address(), firm.city.name, &mut draw);
    }
    let folder = draw.pick(&["Покупатели", "Покупатели", "Поставщики", ""]);
    insert_counterparty(&mut object, catalogs, &reference, folder, rows);
    insert_manager(&mut object, catalogs, firm.manager, &mut draw);
    json!({"entity": COUNTERPARTIES, "object": object})
}

fn private_counterparty(cast: &Cast, catalogs: &Catalogs, person: &Person) -> Value {
    let mut draw = spelling(cast, Purpose::PersonSpelling, person.ordinal);
    let without_yo = draw.chance(500);
    let reference = person_object(cast, person).reference;
    let mut object = head(&reference, &code(101 + 2 * person.ordinal), person.known.marked, &mut draw);
    let whole = respell(&person.name.whole(), without_yo);
    object.insert("Description".into(), whole.clone().into());
    object.insert("НаименованиеПолное".into(), whole.into());
    object.insert("ЮридическоеФизическоеЛицо".into(), "ФизическоеЛицо".into());
    if let Some(inn) = &person.known.onec.inn {
        object.insert("ИНН".into(), inn.clone().into());
    }
    let mut rows = Rows::default();
    rows.add_all(&person.known.onec, catalogs.counterparty(), &mut draw);
    let folder = draw.pick(&["Розничные", "Розничные", "Покупатели", ""]);
    insert_counterparty(&mut object, catalogs, &reference, folder, rows);
    insert_manager(&mut object, catalogs, person.manager, &mut draw);
    json!({"entity": COUNTERPARTIES, "object": object})
}

fn contact_person(cast: &Cast, catalogs: &Catalogs, person: &Person, firm: &Firm) -> Value {
    let mut draw = spelling(cast, Purpose::PersonSpelling, person.ordinal);
    let without_yo = draw.chance(500);
    let reference = person_object(cast, person).reference;
    let mut object = head(&reference, &code(1 + person.ordinal), person.known.marked, &mut draw);
    object.insert("ОбъектВладелец".into(), firm_object(cast, firm).reference.into());
    object.insert("ОбъектВладелец_Type".into(), format!("StandardODATA.{COUNTERPARTIES}").into());
    object.insert("ВидКонтактногоЛица".into(), "КонтактноеЛицоКонтрагента".into());
    object.insert("Должность".into(), person.post.into());
    insert_name(&mut object, &person.name, without_yo);
    if let Some(date) = &person.birth_date {
        object.insert("ДатаРождения".into(), format!("{date}T00:00:00").into());
    }
    let mut rows = Rows::default();
    rows.add_all(&person.known.onec, catalogs.contact_person(), &mut draw);
    object.insert("КонтактнаяИнформация".into(), rows.into_value());
    json!({"entity": CONTACT_PERSONS, "object": object})
}

fn individual(cast: &Cast, catalogs: &Catalogs, person: &Person) -> Value {
    let mut draw = spelling(cast, Purpose::PersonSpelling, person.ordinal);
    let without_yo = draw.chance(500);
    let reference = reference(cast.seed, "individual", person.ordinal);
    let mut object = head(&reference, &format!("00-{:07}", 1 + person.ordinal), false, &mut draw);
    insert_name(&mut object, &person.name, without_yo);
    object.insert("ФИО".into(), respell(&person.name.whole(), without_yo).into());
    object.insert("Пол".into(), if person.name.female { "Женский" } else { "Мужской" }.into());
    if let Some(inn) = &person.known.onec.inn {
        object.insert("ИНН".into(), inn.clone().into());
    }
    let mut rows = Rows::default();
    rows.add_all(&person.known.onec, catalogs.individual(), &mut draw);
    object.insert("КонтактнаяИнформация".into(), rows.into_value());
    json!({"entity": INDIVIDUALS, "object": object})
}

fn head(reference: &str, code: &str, marked: bool, draw: &mut Draw) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("Ref_Key".into(), reference.into());
    object.insert("Code".into(), code.into());
    object.insert("DataVersion".into(), catalogs::data_version(1 + draw.below(9)).into());
    if marked {
        object.insert("DeletionMark".into(), true.into());
    }
    object
}

/// What counterparties have beside their own fields. A head organization is its own `ГоловнойКонтрагент`.
fn insert_counterparty(
    object: &mut Map<String, Value>,
    catalogs: &Catalogs,
    reference: &str,
    folder: &str,
    rows: Rows,
) {
    object.insert("Parent_Key".into(), catalogs.folder(folder).into());
    object.insert("ГоловнойКонтрагент_Key".into(), reference.into());
    object.insert("СтранаРегистрации_Key".into(), catalogs.russia().into());
    object.insert("КонтактнаяИнформация".into(), rows.into_value());
}

/// Most counterparties have their manager in the additional attribute.
fn insert_manager(object: &mut Map<String, Value>, catalogs: &Catalogs, manager: usize, draw: &mut Draw) {
    let rows = if draw.chance(850) {
        json!([{
            "LineNumber": "1", "Свойство_Key": catalogs.manager_attribute(),
            "Значение": catalogs.user(manager), "Значение_Type": "StandardODATA.Catalog_Пользователи",
        }])
    } else {
        json!([])
    };
    object.insert("ДополнительныеРеквизиты".into(), rows);
}

fn insert_name(object: &mut Map<String, Value>, name: &FullName, without_yo: bool) {
    object.insert("Description".into(), respell(&name.whole(), without_yo).into());
    object.insert("Фамилия".into(), respell(&name.last, without_yo).into());
    object.insert("Имя".into(), respell(name.first, without_yo).into());
    object.insert("Отчество".into(), respell(&name.patronymic, without_yo).into());
}

fn respell(text: &str, without_yo: bool) -> String {
    if without_yo { text.replace('ё', "е").replace('Ё', "Е") } else { text.to_owned() }
}

/// A code of nine characters; the prefix counts full millions.
fn code(number: u64) -> String {
    format!("{:02}-{:06}", number / 1_000_000, number % 1_000_000)
}

fn spelling(cast: &Cast, purpose: Purpose, ordinal: u64) -> Draw {
    Draw::new(cast.seed, purpose, 2 * ordinal + 1)
}
