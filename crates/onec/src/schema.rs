//! The published schema: which properties the profile's types really have. Of OData it is read from `$metadata` in one pass.
//!
//! A full schema has thousands of types and megabytes; all others are passed over. Not responsible for the extension's way of
//! telling it (see `extension::about`). Invariant: memory stays in the
//! order of what the profile mentions.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::wire::NAMESPACE;

/// Properties by name.
pub(crate) type Properties = BTreeMap<String, Property>;

/// What the schema tells of a property.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Property {
    /// The type of its values, as `Edm.String`.
    pub(crate) value_type: String,
    /// Their greatest length, where there is one.
    pub(crate) length: Option<usize>,
    /// The set that a reference is of.
    pub(crate) target: Option<String>,
    /// The values of an enumeration, where they are told.
    pub(crate) values: Vec<String>,
}

/// Types by name, without their namespace.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    types: BTreeMap<String, Properties>,
    /// Sets whose objects may have an id in the extension's register of links.
    linked: BTreeSet<String>,
}

impl Schema {
    /// Reads the types that are wanted; the error says what is wrong with the document.
    pub(crate) fn parse(xml: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Self, String> {
        let mut reader = Reader::from_reader(xml);
        let mut schema = Self::default();
        let mut current: Option<String> = None;
        let mut references = References::default();
        let mut any_type = false;
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer).map_err(|error| error.to_string())? {
                Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                    b"EntityType" | b"ComplexType" => {
                        any_type = true;
                        current = attribute(&element, b"Name").filter(|name| wanted(name));
                        if let Some(name) = &current {
                            schema.types.insert(name.clone(), Properties::new());
                        }
                    }
                    b"Property" => schema.add_property(current.as_deref(), &element),
                    _ => references.read(current.as_deref(), &element),
                },
                Event::Eof => break,
                _ => {}
            }
            buffer.clear();
        }
        references.give_to(&mut schema.types);
        if any_type { Ok(schema) } else { Err("a schema without types".to_owned()) }
    }

    /// Adds a type.
    pub(crate) fn add(&mut self, name: &str, properties: Properties) {
        self.types.insert(name.to_owned(), properties);
    }

    /// Notes that objects of a set may have an id in the register of links.
    pub(crate) fn takes_links(&mut self, set: String) {
        self.linked.insert(set);
    }

    /// Whether objects of a set may have an id in the register of links.
    pub(crate) fn has_links(&self, set: &str) -> bool {
        self.linked.contains(set)
    }

    /// The properties of a type.
    pub(crate) fn properties(&self, type_name: &str) -> Option<&Properties> {
        self.types.get(type_name)
    }

    /// The columns of a tabular section; `None` where the entity has none of this name.
    pub(crate) fn columns(&self, set: &str, section: &str) -> Option<&Properties> {
        self.properties(set)?.get(section)?;
        self.properties(&format!("{set}_{section}_RowType"))
            .or_else(|| self.properties(&format!("{set}_{section}")))
    }

    fn add_property(&mut self, current: Option<&str>, element: &BytesStart<'_>) {
        let properties = current.and_then(|name| self.types.get_mut(name));
        if let (Some(properties), Some(name)) = (properties, attribute(element, b"Name")) {
            let length = attribute(element, b"MaxLength").and_then(|length| length.parse().ok());
            let value_type = attribute(element, b"Type").unwrap_or_default();
            properties.insert(name, Property { value_type, length, ..Property::default() });
        }
    }
}

/// References of wanted types: which set each of them is of is told apart from the types, and behind them.
#[derive(Default)]
struct References {
    /// The association of a reference, with its type and its name.
    open: BTreeMap<String, (String, String)>,
    current: Option<String>,
    /// Type, name, and the type of what it refers to.
    found: Vec<(String, String, String)>,
}

impl References {
    fn read(&mut self, in_type: Option<&str>, element: &BytesStart<'_>) {
        let text = |name: &[u8]| attribute(element, name).map(|text| bare(&text).to_owned());
        match element.local_name().as_ref() {
            b"NavigationProperty" => {
                if let (Some(of), Some(name), Some(relationship)) =
                    (in_type, text(b"Name"), text(b"Relationship"))
                {
                    self.open.insert(relationship, (of.to_owned(), name));
                }
            }
            b"Association" => self.current = text(b"Name").filter(|name| self.open.contains_key(name)),
            b"End" => {
                let reference = self.current.as_ref().and_then(|current| self.open.get(current));
                if let (Some((of, name)), Some("End"), Some(target)) =
                    (reference, text(b"Role").as_deref(), text(b"Type"))
                {
                    self.found.push((of.clone(), name.clone(), target));
                }
            }
            _ => {}
        }
    }

    fn give_to(self, types: &mut BTreeMap<String, Properties>) {
        for (of, name, target) in self.found {
            let property = types.get_mut(&of).and_then(|known| known.get_mut(&format!("{name}_Key")));
            if let Some(property) = property {
                property.target = Some(target);
            }
        }
    }
}

/// A type's name without its namespace.
fn bare(name: &str) -> &str {
    name.strip_prefix(NAMESPACE).unwrap_or(name)
}

fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let found =
        element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    String::from_utf8(found.value.into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"><edmx:DataServices>
<Schema Namespace="StandardODATA" xmlns="http://schemas.microsoft.com/ado/2009/11/edm">
<EntityType Name="Catalog_Контрагенты"><Key><PropertyRef Name="Ref_Key"/></Key>
<Property Name="Ref_Key" Type="Edm.Guid" Nullable="false"/><Property Name="ИНН" Type="Edm.String" MaxLength="50"/>
<Property Name="КонтактнаяИнформация" Type="Collection(StandardODATA.Catalog_Контрагенты_КонтактнаяИнформация_RowType)"/>
<Property Name="Страна_Key" Type="Edm.Guid"/>
<NavigationProperty Name="Страна" Relationship="StandardODATA.Catalog_Контрагенты_Страна" FromRole="Begin" ToRole="End"/></EntityType>
<EntityType Name="Document_Счет"><Property Name="Номер" Type="Edm.String"/></EntityType>
<ComplexType Name="Catalog_Контрагенты_КонтактнаяИнформация_RowType"><Property Name="Тип" Type="Edm.String"/></ComplexType>
<Association Name="Catalog_Контрагенты_Страна"><End Role="Begin" Type="StandardODATA.Catalog_Контрагенты" Multiplicity="*"/>
<End Role="End" Type="StandardODATA.Catalog_СтраныМира" Multiplicity="0..1"/></Association>
</Schema></edmx:DataServices></edmx:Edmx>"#;

    #[test]
    fn only_wanted_types_are_kept_with_their_properties() {
        let schema = Schema::parse(XML.as_bytes(), |name| name.starts_with("Catalog_")).unwrap();
        let properties = schema.properties("Catalog_Контрагенты").unwrap();
        assert_eq!(properties.len(), 4);
        assert_eq!(
            (properties["ИНН"].value_type.as_str(), properties["ИНН"].length),
            ("Edm.String", Some(50))
        );
        assert_eq!(properties["Страна_Key"].target.as_deref(), Some("Catalog_СтраныМира"));
        assert!(schema.properties("Document_Счет").is_none());
        assert!(schema.columns("Catalog_Контрагенты", "КонтактнаяИнформация").unwrap().contains_key("Тип"));
        assert!(schema.columns("Catalog_Контрагенты", "ДополнительныеРеквизиты").is_none());
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        assert!(Schema::parse(b"<html><body>hello</body></html>", |_| true).is_err());
        assert!(Schema::parse(b"<Schema><EntityType Name=\"X\"></Schema>", |_| true).is_err());
    }
}
