//! Cuts the profile of a catalog down to what the schema has, and builds the selection of its reads.

use std::collections::{BTreeMap, BTreeSet};

use obmen_domain::create_rule::{self, Wanted};
use obmen_domain::party::{Field, PointKind};
use obmen_domain::record::Catalog;

use super::kinds::FoundKind;
use crate::facts::{ContactKind, Table};
use crate::profile::{CatalogProfile, NamedKind};
use crate::schema::{Properties, Schema};
use crate::settings::{IdPlace, Settings};
use crate::wire::{DESCRIPTION, FOLDER, MARK, PARENT, PREDEFINED, PREDEFINED_NAME, REF, VERSION};

pub(super) fn table(
    catalog: Catalog,
    names: &CatalogProfile,
    schema: &Schema,
    kinds: &[FoundKind],
    settings: &Settings,
) -> Table {
    let profile = &settings.profile;
    let keeps_links = settings.store_id == IdPlace::Register;
    let nothing = Properties::new();
    let properties = schema.properties(&names.set).unwrap_or(&nothing);
    let mut names = pruned(names, properties, schema);
    let contact_columns = schema.columns(&names.set, &profile.contact.section);
    let attribute_columns = schema.columns(&names.set, &profile.attributes.section);
    let mut selected =
        [REF, VERSION, MARK, DESCRIPTION, FOLDER, PREDEFINED, PREDEFINED_NAME].map(str::to_owned).to_vec();
    selected.extend(attributes_of(&names));
    selected.extend([profile.contact.section.clone(), profile.attributes.section.clone()]);
    let attributes = attributes(&settings.attributes, properties);
    selected.extend(attributes.values().cloned());
    selected.retain(|name| properties.contains_key(name));
    let mut known = BTreeSet::new();
    selected.retain(|name| known.insert(name.clone()));
    let (phones, emails) = match contact_columns {
        Some(_) => (
            kinds_of(&names.phones, &names.kinds_group, &profile.contact.phone_type, kinds),
            kinds_of(&names.emails, &names.kinds_group, &profile.contact.email_type, kinds),
        ),
        None => (Vec::new(), Vec::new()),
    };
    let address = address_kind(&names, kinds, settings).filter(|_| contact_columns.is_some());
    if address.is_some() {
        names.lengths.insert(Field::Address, profile.contact.text_length);
    }
    Table {
        catalog,
        select: selected.join(","),
        contact_columns: contact_columns.map(|columns| columns.keys().cloned().collect()).unwrap_or_default(),
        keeps_links: keeps_links && schema.has_links(&names.set),
        has_attributes: attribute_columns.is_some(),
        has_folders: properties.contains_key(FOLDER),
        has_parents: properties.contains_key(PARENT),
        attributes,
        configured: Vec::new(),
        phones,
        emails,
        address,
        names,
    }
}

/// The kind of legal addresses, where these take part and the infobase has it.
fn address_kind(names: &CatalogProfile, kinds: &[FoundKind], settings: &Settings) -> Option<ContactKind> {
    let sort = settings.profile.contact.address_type.as_deref().filter(|_| settings.addresses)?;
    let wanted = names.address.as_deref()?;
    let kind = kinds.iter().find(|kind| !kind.is_folder && kind.sort == sort && kind.name == wanted)?;
    Some(ContactKind { reference: kind.reference, kind: PointKind::Work, several: kind.several })
}

/// The properties that conditions ask about; a reference may be named without its suffix, a folder by a word.
fn attributes(wanted: &Wanted, properties: &Properties) -> BTreeMap<String, String> {
    let property = |name: &String| match name.as_str() {
        create_rule::FOLDER => properties.contains_key(FOLDER).then(|| PARENT.to_owned()),
        _ => [name.clone(), format!("{name}_Key")].into_iter().find(|name| properties.contains_key(name)),
    };
    wanted.keys().filter_map(|name| Some((name.clone(), property(name)?))).collect()
}

fn pruned(names: &CatalogProfile, properties: &Properties, schema: &Schema) -> CatalogProfile {
    let mut names = names.clone();
    let has = |name: &String| properties.contains_key(name);
    for name in [
        &mut names.full_name,
        &mut names.whole_name,
        &mut names.family,
        &mut names.first,
        &mut names.patronymic,
        &mut names.inn,
        &mut names.kpp,
        &mut names.ogrn,
        &mut names.head,
        &mut names.country,
        &mut names.position,
        &mut names.manager,
        &mut names.inactive,
        &mut names.access_group,
        &mut names.author,
    ] {
        name.take_if(|name| !has(name));
    }
    names.legal.take_if(|legal| !has(&legal.attribute));
    names.owner.take_if(|owner| {
        !has(&owner.attribute) || owner.type_attribute.as_ref().is_some_and(|name| !has(name))
    });
    names.part.take_if(|part| !has(&part.reference));
    names.roles.retain(|_, flag| has(flag));
    if let Some(legal) = &mut names.legal {
        legal.flag.take_if(|name| !has(name));
    }
    if let Some(owner) = &mut names.owner {
        owner.sort.take_if(|name| !has(name));
    }
    if let Some(part) = &mut names.part {
        part.branch.take_if(|name| !has(name));
    }
    names.links.take_if(|links| schema.properties(&links.set).is_none());
    if let Some(links) = &mut names.links {
        let columns = schema.properties(&links.set);
        for name in [&mut links.position, &mut links.void, &mut links.order] {
            name.take_if(|name| !columns.is_some_and(|columns| columns.contains_key(name)));
        }
    }
    lengths_of_schema(&mut names, properties);
    names
}

/// Where the schema tells a length, it is the true one.
fn lengths_of_schema(names: &mut CatalogProfile, properties: &Properties) {
    let fields = [
        (Field::Name, Some(DESCRIPTION)),
        (Field::LegalName, names.full_name.as_deref()),
        (Field::Inn, names.inn.as_deref()),
        (Field::Kpp, names.kpp.as_deref()),
        (Field::Ogrn, names.ogrn.as_deref()),
        (Field::Position, names.position.as_deref()),
    ];
    for (field, name) in fields {
        if let Some(length) = name.and_then(|name| properties.get(name).and_then(|property| property.length))
        {
            names.lengths.insert(field, length);
        }
    }
}

fn attributes_of(names: &CatalogProfile) -> Vec<String> {
    let legal = names.legal.iter().flat_map(|legal| [Some(&legal.attribute), legal.flag.as_ref()]);
    let owner = names
        .owner
        .iter()
        .flat_map(|owner| [Some(&owner.attribute), owner.type_attribute.as_ref(), owner.sort.as_ref()]);
    let part = names.part.iter().map(|part| Some(&part.reference));
    let own = [
        names.full_name.as_ref(),
        names.family.as_ref(),
        names.first.as_ref(),
        names.patronymic.as_ref(),
        names.inn.as_ref(),
        names.kpp.as_ref(),
        names.ogrn.as_ref(),
        names.head.as_ref(),
        names.position.as_ref(),
        names.manager.as_ref(),
        names.inactive.as_ref(),
    ];
    own.into_iter().chain(legal).chain(owner).chain(part).flatten().cloned().collect()
}

/// The profile's kinds in its order, then those that users added to the catalog's own group.
fn kinds_of(named: &[NamedKind], group: &str, sort: &str, found: &[FoundKind]) -> Vec<ContactKind> {
    let of_sort = || found.iter().filter(|kind| !kind.is_folder && kind.sort == sort);
    let known = named.iter().filter_map(|wanted| {
        let kind = of_sort().find(|kind| kind.name == wanted.name)?;
        Some(ContactKind { reference: kind.reference, kind: wanted.kind, several: kind.several })
    });
    let mut kinds: Vec<ContactKind> = known.collect();
    let group = found.iter().find(|kind| kind.is_folder && kind.name == group).map(|kind| kind.reference);
    for kind in of_sort() {
        let is_new = kinds.iter().all(|known| known.reference != kind.reference);
        if is_new && group.is_some() && kind.parent == group {
            kinds.push(ContactKind {
                reference: kind.reference,
                kind: PointKind::Other,
                several: kind.several,
            });
        }
    }
    kinds
}
