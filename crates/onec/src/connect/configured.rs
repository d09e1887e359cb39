//! Finds the attributes that configured fields are: properties of the catalogs, or additional attributes by name.
//!
//! Invariant: an attribute that is given to a catalog exists there, and its selection reads it.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::configured::{Choice, DELETION_MARK, Place, Sort};
use obmen_domain::forms::slip::nearest;
use obmen_domain::party::PointKind;
use obmen_domain::record::{Catalog, Kind};
use obmen_engine::ports::SideError;
use serde_json::Value;
use uuid::Uuid;

use super::kinds::FoundKind;
use super::{CATALOGS, find_attribute, select, usable};
use crate::condition::{Filter, Test};
use crate::configured::{At, Attribute, Fault, Form};
use crate::facts::{ContactKind, Facts, Table};
use crate::interface::Interface;
use crate::odata::{Object, Query};
use crate::schema::{Properties, Schema};
use crate::settings::Settings;
use crate::wire::{DESCRIPTION, FOLDER, MARK, NAMESPACE, PARENT, PREDEFINED_NAME, REF, guid, text};

/// More values than that are no list to choose from.
const MOST_VALUES: usize = 1000;
/// The longest text that the value of an additional attribute holds.
const LONGEST_ADDITIONAL: usize = 1024;
/// The type of the values that a characteristic has.
pub(super) const VALUE_TYPE: &str = "ValueType";

/// What a value of a list belongs to.
const OWNER: &str = "Owner_Key";

/// Sets of additional attributes.
type Groups = BTreeMap<Uuid, (String, Option<Uuid>)>;

/// An attribute before its values are known.
struct Found {
    at: At,
    form: Form,
    length: Option<usize>,
    values: Vec<String>,
    /// The additional attribute whose list of values it chooses from.
    list_of: Option<Uuid>,
}

/// What is known of an infobase while configured fields are looked for.
pub(super) struct Search<'a> {
    pub(super) settings: &'a Settings,
    pub(super) interface: &'a Interface,
    pub(super) schema: &'a Schema,
    pub(super) kinds: &'a [FoundKind],
    /// Additional attributes.
    pub(super) chart: &'a [Object],
}

impl Search<'_> {
    /// Gives the tables the configured fields that they have.
    pub(super) async fn run(&self, facts: &mut Facts) -> Result<(), SideError> {
        let groups = self.groups(&facts.sets).await?;
        for place in &self.settings.places {
            if let Err(fault) = self.place(place, &groups, facts).await? {
                facts.faults.push((place.clone(), fault));
            }
        }
        Ok(())
    }

    /// Sets of additional attributes: what the configuration calls them, and the set around each.
    async fn groups(&self, sets: &BTreeSet<String>) -> Result<Groups, SideError> {
        let set = &self.settings.profile.attributes.groups;
        let select = select(self.schema, set, &[REF, PARENT, PREDEFINED_NAME]);
        if !sets.contains(set) || !select.contains(PREDEFINED_NAME) {
            return Ok(Groups::new());
        }
        let query = Query { set, select: &select, filter: Filter::default(), top: None };
        let rows = self.interface.all_rows(&query, self.settings.profile.page).await?;
        let group = |row: &Object| {
            Some((guid(row, REF)?, (text(row, PREDEFINED_NAME).to_owned(), guid(row, PARENT))))
        };
        Ok(rows.iter().filter_map(group).collect())
    }

    /// The first fault counts where no table has the field; one table that has it is enough.
    async fn place(
        &self,
        place: &Place,
        groups: &Groups,
        facts: &mut Facts,
    ) -> Result<Result<(), Fault>, SideError> {
        let mut fault = None;
        let taken: Vec<Uuid> = facts.id_attribute.into_iter().chain(facts.manager_attribute).collect();
        let mut is_placed = false;
        for catalog in catalogs(place.kind) {
            let has_part = catalog == Catalog::Counterparty && facts.part.is_some();
            let Some(table) = facts.tables.get_mut(&catalog) else { continue };
            let mut found = self.find(place, table, groups, &taken);
            let mut home = table;
            if let (Err(Fault::Missing(_)), true, Some(part)) = (&found, has_part, facts.part.as_mut()) {
                found = self.find(place, part, groups, &taken);
                home = part;
            }
            match found {
                Err(found) => {
                    fault.get_or_insert(found);
                }
                Ok(found) => match self.sorted(&found, &facts.sets).await? {
                    Err(found) => {
                        fault.get_or_insert(found);
                    }
                    Ok(sort) => {
                        is_placed = true;
                        give(home, place, found, sort);
                    }
                },
            }
        }
        let missing = || Fault::Missing(self.like(place, facts));
        Ok(match fault {
            _ if is_placed => Ok(()),
            Some(Fault::Missing(_)) | None if place.name.is_private_address() => Err(Fault::NoKind),
            Some(Fault::Missing(_)) | None => Err(missing()),
            Some(fault) => Err(fault),
        })
    }

    fn find(&self, place: &Place, table: &Table, groups: &Groups, taken: &[Uuid]) -> Result<Found, Fault> {
        if place.name.is_private_address() {
            return self.address(place, table).ok_or(Fault::Missing(None));
        }
        let nothing = Properties::new();
        let properties = self.schema.properties(&table.names.set).unwrap_or(&nothing);
        let wanted = || place.at.iter().map(|name| name.trim());
        let mut names = wanted().flat_map(|wanted| [wanted.to_owned(), format!("{wanted}_Key")]);
        if let Some((name, property)) = names.find_map(|name| properties.get_key_value(&name)) {
            if is_own(table, name) && place.name.as_str() != DELETION_MARK {
                return Err(Fault::Own);
            }
            let form = match property.value_type.as_str() {
                "Edm.String" if !properties.contains_key(&format!("{name}_Type")) => Form::Text,
                "Edm.Int16" | "Edm.Int32" | "Edm.Double" | "Edm.Decimal" => Form::Number,
                "Edm.Int64" => Form::LongNumber,
                "Edm.Boolean" => Form::Flag,
                "Edm.DateTime" => Form::Moment,
                "Edm.Guid" if property.target.is_some() => {
                    Form::Reference(property.target.clone().unwrap_or_default())
                }
                other => return Err(Fault::Type(other.to_owned())),
            };
            let (length, values) = (property.length, property.values.clone());
            return Ok(Found { at: At::Property(name.clone()), form, length, values, list_of: None });
        }
        if !table.has_attributes {
            return Err(Fault::Missing(None));
        }
        let attributes = &self.settings.profile.attributes;
        let own: Vec<&Object> = self
            .chart
            .iter()
            .filter(|object| {
                guid(object, &attributes.group).is_none_or(|group| is_of_set(groups, group, &table.names.set))
            })
            .collect();
        let key = wanted().find_map(|wanted| find_attribute(&own, attributes, wanted));
        let key = key.ok_or(Fault::Missing(None))?;
        if taken.contains(&key) {
            return Err(Fault::Own);
        }
        let object = self.chart.iter().find(|object| guid(object, REF) == Some(key));
        let chart = self.schema.properties(&attributes.set);
        if !chart.is_some_and(|properties| properties.contains_key(VALUE_TYPE)) {
            return Err(Fault::Untold);
        }
        let form = form_of_types(object)?;
        let length = (form == Form::Text).then_some(LONGEST_ADDITIONAL);
        let list_of = self.list_of(&form, key, object);
        Ok(Found { at: At::Additional(key), form, length, values: Vec::new(), list_of })
    }

    /// The kind of addresses of persons: the one that the profile names, or one of the catalog's own group by its name or title.
    fn address(&self, place: &Place, table: &Table) -> Option<Found> {
        let contact = &self.settings.profile.contact;
        let sort = contact.address_type.as_deref().filter(|_| !table.contact_columns.is_empty())?;
        let of_profile =
            |kind: &FoundKind| table.names.private_address.as_ref().is_some_and(|name| *name == kind.name);
        let group = |kind: &&FoundKind| kind.is_folder && kind.name == table.names.kinds_group;
        let group = self.kinds.iter().find(group).map(|group| group.reference);
        let in_group = |kind: &FoundKind| group.is_some() && kind.parent == group;
        let own = || {
            let of_sort = self.kinds.iter().filter(|kind| !kind.is_folder && kind.sort == sort);
            of_sort.filter(|kind| of_profile(kind) || in_group(kind))
        };
        let named = |wanted: &String| {
            let wanted = wanted.trim();
            own().find(|kind| kind.name == wanted).or_else(|| own().find(|kind| kind.title == wanted))
        };
        let kind = match place.at.is_empty() {
            true => own().find(|kind| of_profile(kind)),
            false => place.at.iter().find_map(named),
        }?;
        let kind = ContactKind { reference: kind.reference, kind: PointKind::Home, several: kind.several };
        let length = Some(contact.text_length);
        Some(Found { at: At::Address(kind), form: Form::Text, length, values: Vec::new(), list_of: None })
    }

    /// The attribute whose list an additional attribute chooses from: its own one, unless it shares that of another.
    fn list_of(&self, form: &Form, key: Uuid, object: Option<&Object>) -> Option<Uuid> {
        let attributes = &self.settings.profile.attributes;
        let Form::Reference(set) = form else { return None };
        let shared = object.and_then(|object| guid(object, &attributes.values_owner));
        let of = shared.filter(|shared| !shared.is_nil()).unwrap_or(key);
        attributes.values.contains(set).then_some(of)
    }

    /// The sort of a found attribute; of a reference, with the objects it may name.
    async fn sorted(&self, found: &Found, sets: &BTreeSet<String>) -> Result<Result<Sort, Fault>, SideError> {
        let set = match &found.form {
            _ if matches!(found.at, At::Address(_)) => return Ok(Ok(Sort::Address)),
            Form::Text if found.values.is_empty() => return Ok(Ok(Sort::Text)),
            Form::Text => {
                let choice = |name: &String| Choice { code: name.clone(), name: name.clone() };
                return Ok(Ok(Sort::Choice(found.values.iter().map(choice).collect())));
            }
            Form::Number => return Ok(Ok(Sort::Number)),
            Form::LongNumber => return Ok(Ok(Sort::WholeNumber)),
            Form::Flag => return Ok(Ok(Sort::Flag)),
            Form::Moment => return Ok(Ok(Sort::Moment)),
            Form::Reference(set) => set,
        };
        if !sets.contains(set) {
            return Ok(Err(Fault::Closed(set.clone())));
        }
        let select = [REF, DESCRIPTION].join(",");
        let mut tests = vec![Test::is_flag(MARK, false)];
        if let Some(attribute) = found.list_of {
            let has = |name: &str| self.schema.properties(set).is_some_and(|all| all.contains_key(name));
            if !has(OWNER) {
                return Ok(Err(Fault::Closed(set.clone())));
            }
            tests.push(Test::is_key(OWNER, attribute));
            tests.extend(has(FOLDER).then(|| Test::is_flag(FOLDER, false)));
        }
        let filter = Filter::all(tests);
        let query = Query { set, select: &select, filter, top: None };
        let (objects, further) = self.interface.page(&query, None, MOST_VALUES).await?;
        if further.is_some() {
            return Ok(Err(Fault::Crowded(set.clone())));
        }
        let choice = |object: &Object| {
            let name = text(object, DESCRIPTION).trim().to_owned();
            Some(Choice { code: guid(object, REF)?.to_string(), name })
        };
        Ok(Ok(Sort::Choice(objects.iter().filter_map(choice).collect())))
    }

    /// The name of an attribute of these catalogs that is most like the wanted one.
    fn like(&self, place: &Place, facts: &Facts) -> Option<String> {
        let attributes = &self.settings.profile.attributes;
        let tables = catalogs(place.kind).filter_map(|catalog| facts.tables.get(&catalog));
        let part = facts.part.as_ref().filter(|_| facts.tables.contains_key(&Catalog::Counterparty));
        let sets = tables.chain(part).map(|table| &table.names.set);
        let properties = sets.filter_map(|set| self.schema.properties(set)).flatten();
        let properties = properties.map(|(name, _)| name.strip_suffix("_Key").unwrap_or(name));
        let titles = self.chart.iter().filter(|object| usable(object, attributes));
        let titles =
            titles.flat_map(|object| [text(object, &attributes.name), text(object, &attributes.title)]);
        let known: Vec<&str> = properties.chain(titles).collect();
        place.at.iter().find_map(|wanted| nearest(wanted, known.iter().copied())).map(str::to_owned)
    }
}

/// Whether a set of additional attributes is that of a catalog. One that says nothing may be of any.
fn is_of_set(groups: &Groups, group: Uuid, set: &str) -> bool {
    let mut passed = BTreeSet::new();
    let mut next = Some(group);
    while let Some((name, around)) =
        next.filter(|group| passed.insert(*group)).and_then(|group| groups.get(&group))
    {
        if let Some(catalog) = name.strip_prefix("Справочник_") {
            return set.strip_prefix("Catalog_") == Some(catalog);
        }
        next = *around;
    }
    true
}

/// The catalogs that records of a kind stand in.
fn catalogs(kind: Kind) -> impl Iterator<Item = Catalog> {
    CATALOGS.into_iter().take(if kind == Kind::Company { 1 } else { 3 })
}

/// Whether the profile reads a property for itself; what only conditions ask about is free.
fn is_own(table: &Table, name: &str) -> bool {
    let is_read = table.select.split(',').any(|selected| selected == name);
    let is_asked = table.attributes.values().any(|asked| asked == name);
    let is_configured =
        table.configured.iter().any(|known| matches!(&known.at, At::Property(known) if known == name));
    is_read && !is_asked && !is_configured
}

fn give(table: &mut Table, place: &Place, found: Found, sort: Sort) {
    if let At::Property(name) = &found.at
        && !table.select.split(',').any(|selected| selected == name)
    {
        table.select += &format!(",{name}");
    }
    let Found { at, form, length, .. } = found;
    table.configured.push(Attribute { name: place.name, kind: place.kind, at, form, sort, length });
}

/// The form of an additional attribute's values, by the types that its definition names; where it names none, texts.
fn form_of_types(object: Option<&Object>) -> Result<Form, Fault> {
    let types = object.and_then(|object| object.get(VALUE_TYPE)).and_then(|value| value.get("Types"));
    let types: Vec<&str> =
        types.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let [only] = types.as_slice() else {
        return if types.is_empty() { Ok(Form::Text) } else { Err(Fault::Type(types.join(", "))) };
    };
    let only = only.strip_prefix(NAMESPACE).or_else(|| only.strip_prefix("Edm.")).unwrap_or(only);
    match only {
        "String" => Ok(Form::Text),
        "Number" | "Double" | "Decimal" => Ok(Form::Number),
        "Boolean" => Ok(Form::Flag),
        "Date" | "DateTime" => Ok(Form::Moment),
        set if set.starts_with("Catalog_") => Ok(Form::Reference(set.to_owned())),
        other => Err(Fault::Type(other.to_owned())),
    }
}
