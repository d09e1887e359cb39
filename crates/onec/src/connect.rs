//! Opening a connection: the service document, the schema, contact kinds, additional attributes, what new objects get.
//!
//! Not responsible for remembering what was found (see `adapter`). It only reads. Invariant: a catalog that the
//! settings need and the interface does not show is an error here, never a record that seems missing later.

mod configured;
mod kinds;
mod prune;

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::create_rule;
use obmen_domain::forms::phone::Country;
use obmen_domain::record::{Catalog, Side};
use obmen_engine::ports::SideError;
use uuid::Uuid;

use crate::condition::{Filter, Relation, Test};
use crate::facts::{CountryName, Facts, Table};
use crate::interface::Interface;
use crate::odata::{Object, Query};
use crate::profile::{AttributesSet, TieSet};
use crate::schema::Schema;
use crate::settings::{IdPlace, Settings};
use crate::wire::{
    CODE, DESCRIPTION, FOLDER, MARK, PARENT, PREDEFINED, PREDEFINED_NAME, REF, VALUE, VERSION, flag, guid,
    text,
};
use configured::Search;

/// The catalogs of parties.
const CATALOGS: [Catalog; 3] = [Catalog::Counterparty, Catalog::ContactPerson, Catalog::Individual];

/// Finds out what an infobase publishes.
pub(crate) async fn discover(settings: &Settings, interface: &Interface) -> Result<Facts, SideError> {
    let sets: BTreeSet<String> = interface.sets().await?;
    let profile = &settings.profile;
    for needed in needed_sets(settings) {
        if !sets.contains(needed) {
            return Err(interface.closed(needed));
        }
    }
    let schema = interface.schema(profile).await?;
    let shows = |set: &str| sets.contains(set) && schema.properties(set).is_some();

    let kinds = kinds::read(settings, interface, &schema).await?;
    let mut facts = Facts { roles: settings.new_roles.clone(), ..Facts::default() };
    for catalog in CATALOGS {
        let Some(names) = profile.catalog(catalog).filter(|names| shows(&names.set)) else { continue };
        let table = prune::table(catalog, names, &schema, &kinds, settings);
        require(&schema, &names.set, &[REF, VERSION, DESCRIPTION])?;
        facts.tables.insert(catalog, table);
    }
    if let Some(names) = profile.partner.as_ref().filter(|names| shows(&names.set)) {
        let table = prune::table(Catalog::Counterparty, names, &schema, &kinds, settings);
        require(&schema, &names.set, &[REF, VERSION, DESCRIPTION])?;
        nobodys(settings, interface, &table, &mut facts).await?;
        facts.part = Some(table);
    }
    let mut chart = Vec::new();
    if shows(&profile.attributes.set) {
        let attributes = attributes(settings, interface, &schema).await?;
        let all: Vec<&Object> = attributes.iter().collect();
        let wanted = |name: &str| find_attribute(&all, &profile.attributes, name);
        let in_attribute = settings.store_id == IdPlace::Attribute;
        facts.id_attribute = if in_attribute { wanted(&settings.id_attribute) } else { None };
        // A manager has one place: the configuration's own attribute comes before an additional one.
        let in_addition = (!profile.has_managers()).then_some(settings.manager_attribute.as_str());
        facts.manager_attribute = in_addition.and_then(wanted);
        chart = attributes;
    }
    facts.staff = profile.staff.as_ref().is_some_and(|staff| shows(&staff.set));
    let has_owner = |names: &&TieSet| {
        schema.properties(&names.set).is_some_and(|properties| properties.contains_key(&names.owner))
    };
    facts.ties = profile.ties.iter().filter(|names| shows(&names.set)).filter(has_owner).cloned().collect();
    if let Some(names) = profile.managers.as_ref().filter(|names| shows(&names.set) && shows(&names.users)) {
        facts.managers_select = select(&schema, &names.set, &[REF, DESCRIPTION, MARK, &names.dismissed]);
    }
    if shows(&profile.users.set) {
        let wanted = [
            REF,
            DESCRIPTION,
            MARK,
            &profile.users.dismissed,
            &profile.users.service,
            &profile.contact.section,
        ];
        facts.users_select = select(&schema, &profile.users.set, &wanted);
    }
    let asks_author = facts.tables.values().any(|table| table.names.author.is_some());
    if asks_author && shows(&profile.users.set) {
        let filter = Filter::all(vec![Test::is_text(DESCRIPTION, settings.user.trim())]);
        let query = Query { set: &profile.users.set, select: REF, filter, top: Some(1) };
        facts.author = interface.rows(&query).await?.first().and_then(|row| guid(row, REF));
    }
    if shows(&profile.countries.set) {
        let found = country(settings, interface, &schema).await?;
        facts.country = found.as_ref().and_then(|row| guid(row, REF));
        facts.country_name = found.map(|row| CountryName {
            name: text(&row, DESCRIPTION).trim().to_owned(),
            code: text(&row, CODE).trim().to_owned(),
        });
    }
    if let Some(groups) = profile.access_groups.as_ref().filter(|groups| shows(&groups.set)) {
        let switch = shows(&groups.switch).then_some(groups.switch.as_str());
        access_groups(settings, interface, (&groups.set, switch), &schema, &mut facts).await?;
    }
    let folders = facts.counterparties().filter(|table| table.has_folders).or(facts.part.as_ref());
    if let Some(table) = folders {
        facts.folder = folder(settings, interface, table).await?;
    }
    if let Some(table) =
        facts.counterparties().filter(|table| table.attributes.contains_key(create_rule::FOLDER))
    {
        facts.folders = all_folders(settings, interface, table).await?;
    }
    facts.sets = sets;
    if !settings.places.is_empty() {
        Search { settings, interface, schema: &schema, kinds: &kinds, chart: &chart }.run(&mut facts).await?;
    }
    Ok(facts)
}

/// The sets without which a sync must not run.
pub(crate) fn needed_sets(settings: &Settings) -> Vec<&str> {
    let profile = &settings.profile;
    let mut needed = vec![profile.counterparty.set.as_str()];
    let persons = settings.persons.iter().filter_map(|catalog| profile.catalog(*catalog));
    needed.extend(persons.map(|names| names.set.as_str()));
    needed.extend(profile.partner.as_ref().map(|names| names.set.as_str()));
    if settings.persons.contains(&Catalog::ContactPerson) {
        needed.extend(profile.contact_person.links.as_ref().map(|links| links.set.as_str()));
    }
    needed.push(&profile.kinds.set);
    needed.dedup();
    needed
}

/// Those of the properties that exist, as a selection.
fn select(schema: &Schema, set: &str, wanted: &[&str]) -> String {
    let exists =
        |name: &&&str| schema.properties(set).is_some_and(|properties| properties.contains_key(**name));
    wanted.iter().filter(exists).copied().collect::<Vec<_>>().join(",")
}

fn require(schema: &Schema, set: &str, names: &[&str]) -> Result<(), SideError> {
    let properties = schema.properties(set);
    match names.iter().find(|name| !properties.is_some_and(|all| all.contains_key(**name))) {
        Some(name) => Err(SideError::MissingField { side: Side::Onec, field: format!("{set}.{name}") }),
        None => Ok(()),
    }
}

async fn attributes(
    settings: &Settings,
    interface: &Interface,
    schema: &Schema,
) -> Result<Vec<Object>, SideError> {
    let names = &settings.profile.attributes;
    let mut wanted = vec![REF, DESCRIPTION, MARK, FOLDER, &names.name, &names.title, &names.aside];
    if !settings.places.is_empty() {
        wanted.extend([configured::VALUE_TYPE, &names.group, &names.values_owner]);
    }
    let select = select(schema, &names.set, &wanted);
    let query = Query { set: &names.set, select: &select, filter: Filter::default(), top: None };
    interface.all_rows(&query, settings.profile.page).await
}

/// An attribute by its technical name, else by its title, else by its description.
fn find_attribute(attributes: &[&Object], names: &AttributesSet, wanted: &str) -> Option<Uuid> {
    let wanted = wanted.trim();
    if wanted.is_empty() {
        return None;
    }
    [names.name.as_str(), names.title.as_str(), DESCRIPTION].into_iter().find_map(|property| {
        let mut usable = attributes.iter().copied().filter(|object| usable(object, names));
        usable.find(|object| text(object, property).trim() == wanted).and_then(|found| guid(found, REF))
    })
}

/// Whether an additional attribute stands in objects and is in use.
fn usable(object: &Object, names: &AttributesSet) -> bool {
    !flag(object, MARK) && !flag(object, &names.aside) && !flag(object, FOLDER)
}

async fn country(
    settings: &Settings,
    interface: &Interface,
    schema: &Schema,
) -> Result<Option<Object>, SideError> {
    let names = &settings.profile.countries;
    let select = select(schema, &names.set, &[REF, DESCRIPTION, CODE, &names.code]);
    if !select.contains(&names.code) {
        return Ok(None);
    }
    let code = country_code(settings.phone_context.country);
    let filter = Filter::all(vec![Test::is_text(&names.code, &code)]);
    let query = Query { set: &names.set, select: &select, filter, top: Some(1) };
    Ok(interface.rows(&query).await?.into_iter().next())
}

fn country_code(country: Country) -> String {
    match country {
        Country::Ru => "RU".to_owned(),
        Country::Kz => "KZ".to_owned(),
        Country::By => "BY".to_owned(),
        Country::Uz => "UZ".to_owned(),
        Country::Other(letters) => String::from_utf8_lossy(&letters).into_owned(),
    }
}

/// The folder of new objects, by reference or by name; `None` where none is wanted or none is found. Partners have
/// no folders: any partner may be the parent of others.
async fn folder(
    settings: &Settings,
    interface: &Interface,
    table: &Table,
) -> Result<Option<Uuid>, SideError> {
    let wanted = settings.new_folder.trim();
    if wanted.is_empty() || !table.has_parents {
        return Ok(None);
    }
    let is_folder = table.has_folders.then(|| Test::is_flag(FOLDER, true));
    let tests = is_folder.into_iter().chain([Test::is_flag(MARK, false), called(wanted)]);
    let filter = Filter::all(tests.collect());
    let query = Query { set: &table.names.set, select: REF, filter, top: Some(1) };
    Ok(interface.rows(&query).await?.first().and_then(|row| guid(row, REF)))
}

/// All folders of a catalog: name and the folder around it.
async fn all_folders(
    settings: &Settings,
    interface: &Interface,
    table: &Table,
) -> Result<BTreeMap<Uuid, (String, Option<Uuid>)>, SideError> {
    let select = [REF, DESCRIPTION, PARENT].join(",");
    let query = Query {
        set: &table.names.set,
        select: &select,
        filter: Filter::all(vec![Test::is_flag(FOLDER, true)]),
        top: None,
    };
    let rows = interface.all_rows(&query, settings.profile.page).await?;
    let folder =
        |row: &Object| Some((guid(row, REF)?, (text(row, DESCRIPTION).trim().to_owned(), guid(row, PARENT))));
    Ok(rows.iter().filter_map(folder).collect())
}

/// Whether rights go by access groups, and which one new objects get, by reference or by name. Where the constant that
/// says so is not published, groups that exist are taken for groups in use.
async fn access_groups(
    settings: &Settings,
    interface: &Interface,
    (set, switch): (&str, Option<&str>),
    schema: &Schema,
    facts: &mut Facts,
) -> Result<(), SideError> {
    let has_folders = schema.properties(set).is_some_and(|properties| properties.contains_key(FOLDER));
    let is_element = has_folders.then(|| Test::is_flag(FOLDER, false));
    let living: Vec<Test> = is_element.into_iter().chain([Test::is_flag(MARK, false)]).collect();
    let query = Query { set, select: REF, filter: Filter::all(living.clone()), top: Some(1) };
    facts.has_access_groups = match switch {
        None => !interface.rows(&query).await?.is_empty(),
        Some(switch) => {
            let query = Query { set: switch, select: VALUE, filter: Filter::default(), top: None };
            interface.rows(&query).await?.iter().any(|constant| flag(constant, VALUE))
        }
    };
    let wanted = settings.new_access_group.trim();
    if !wanted.is_empty() {
        let filter = Filter::all(living.into_iter().chain([called(wanted)]).collect());
        let query = Query { filter, ..query };
        facts.access_group = interface.rows(&query).await?.first().and_then(|row| guid(row, REF));
    }
    Ok(())
}

/// The partners that 1C itself brings: they stand for nobody, or for the company itself.
async fn nobodys(
    settings: &Settings,
    interface: &Interface,
    table: &Table,
    facts: &mut Facts,
) -> Result<(), SideError> {
    let has = |name: &str| table.select.split(',').any(|selected| selected == name);
    let is_named = Test::of_texts(PREDEFINED_NAME, Relation::Not, [&String::new()]);
    let tests = [Test::is_flag(PREDEFINED, true), is_named];
    let tests: Vec<Test> = tests.into_iter().filter(|test| has(&test.name)).collect();
    if tests.is_empty() {
        return Ok(());
    }
    let filter = Filter::any(tests);
    let query = Query { set: &table.names.set, select: &table.select, filter, top: None };
    let own = settings.profile.counterparty.part.as_ref().map_or("", |part| part.own.as_str());
    for object in interface.all_rows(&query, settings.profile.page).await? {
        let Some(reference) = guid(&object, REF) else { continue };
        facts.nobodys.insert(reference);
        if !own.is_empty() && text(&object, PREDEFINED_NAME) == own {
            facts.own = Some(reference);
        }
    }
    Ok(())
}

/// The condition for an object of this reference, or of this name.
fn called(wanted: &str) -> Test {
    match Uuid::try_parse(wanted) {
        Ok(key) => Test::is_key(REF, key),
        Err(_) => Test::is_text(DESCRIPTION, wanted),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::profile::Profile;

    #[test]
    fn an_attribute_is_found_by_name_then_title_and_never_among_data_aside() {
        let object = |value: serde_json::Value| value.as_object().unwrap().clone();
        let key = |last: u8| format!("7a10c000-1c01-11ef-9a3d-0050568b35a{last}");
        let attributes = [
            object(json!({"Ref_Key": key(1), "Имя": "Код", "ЭтоДополнительноеСведение": true})),
            object(json!({"Ref_Key": key(2), "Имя": "Иное", "Заголовок": "Код"})),
            object(json!({"Ref_Key": key(3), "Имя": "Код", "DeletionMark": true})),
            object(json!({"Ref_Key": key(4), "Имя": "Код"})),
        ];
        let profile = Profile::bp30();
        let find =
            |list: &[&Object]| find_attribute(list, &profile.attributes, "Код").map(|key| key.to_string());
        let attributes: Vec<&Object> = attributes.iter().collect();
        assert_eq!(find(&attributes), Some(key(4)));
        assert_eq!(find(&attributes[..3]), Some(key(2)));
        assert_eq!(find(&attributes[..1]), None);
    }
}
