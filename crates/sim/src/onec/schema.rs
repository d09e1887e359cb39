//! What catalogs a configuration has: the tables that drive reading, writing, filtering and `$metadata` alike.
//!
//! A table is a text beside this file, so another configuration is another text. Not responsible for the behaviour
//! of a configuration's code (see `handlers`). Invariant: every `ref` and `any` names a set of the same table or an
//! `Edm` type; a unit test holds it.

mod table;

use std::sync::LazyLock;

use super::settings::Product;

/// One configuration.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) product: Product,
    pub(crate) enumerations: Vec<Enumeration>,
    pub(crate) sets: Vec<EntitySet>,
    /// The rows of each tabular section as a set of its own.
    pub(crate) row_sets: Vec<EntitySet>,
    pub(crate) plans: Vec<Plan>,
}

/// An exchange plan.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The set of its nodes.
    pub(crate) set: &'static str,
    /// Whether it registers every write of its content by itself; otherwise code of the configuration does.
    pub(crate) registers: bool,
    pub(crate) content: Vec<&'static str>,
}

/// An enumeration and its values.
#[derive(Debug, Clone)]
pub(crate) struct Enumeration {
    pub(crate) name: &'static str,
    pub(crate) values: Vec<&'static str>,
}

/// What the interface shows under one name.
#[derive(Debug)]
pub(crate) struct EntitySet {
    pub(crate) name: &'static str,
    pub(crate) nature: Nature,
    pub(crate) code: Option<Code>,
    pub(crate) properties: Vec<Property>,
    pub(crate) sections: Vec<Section>,
    /// The predefined kinds of its contact information; the form offers the first of each type.
    pub(crate) kinds: Vec<ContactKind>,
    /// The elements that every infobase has.
    pub(crate) items: Vec<Item>,
    /// What the form wants filled in.
    pub(crate) required: Vec<&'static str>,
}

/// A predefined kind of contact information.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContactKind {
    pub(crate) contact_type: &'static str,
    pub(crate) name: &'static str,
    /// Whether a party may have several rows of it.
    pub(crate) several: bool,
}

/// A predefined element of a catalog.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) name: &'static str,
    pub(crate) code: &'static str,
    pub(crate) title: String,
    pub(crate) is_folder: bool,
}

/// What the elements of a set are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Nature {
    /// Elements of a catalog or of a chart of characteristic types, with a reference and a version.
    Objects,
    /// Records of an independent register, known by their period and dimensions.
    Records { periodic: bool, dimensions: Vec<&'static str> },
    /// Rows of a tabular section, which nobody writes but with their owner.
    Rows { owner: &'static str, section: &'static str },
}

/// The code of a catalog.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code {
    pub(crate) prefix: &'static str,
    pub(crate) length: usize,
    pub(crate) auto: bool,
}

/// A tabular section.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Property>,
}

/// A property of an entity or a column of a tabular section, under its name in the interface.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// The type of a property.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Text(Option<usize>),
    Enumeration(Vec<&'static str>),
    Boolean,
    /// `Edm.Int64`: a string in JSON.
    Long,
    Short,
    Double,
    Date,
    Guid,
    /// A reference to one set; the name ends in `_Key`.
    Reference(&'static str),
    /// A value of several types, with the name of the property that tells which.
    Composite {
        types: Vec<&'static str>,
        type_property: &'static str,
    },
    /// What a value storage holds, as base 64; the name ends in `_Base64Data`. It cannot be compared.
    Storage,
    /// The `_Type` of a composite property.
    TypeName,
    Version,
    /// `ValueType` of a characteristic: kept as it comes.
    TypeDescription,
}

impl Configuration {
    pub(crate) fn of(product: Product) -> &'static Configuration {
        static BP30: LazyLock<Configuration> =
            LazyLock::new(|| table::parse(Product::Bp30, include_str!("schema/bp30.txt")));
        static UT11: LazyLock<Configuration> =
            LazyLock::new(|| table::parse(Product::Ut11, include_str!("schema/ut11.txt")));
        static UNF: LazyLock<Configuration> =
            LazyLock::new(|| table::parse(Product::Unf, include_str!("schema/unf.txt")));
        match product {
            Product::Bp30 => &BP30,
            Product::Ut11 => &UT11,
            Product::Unf => &UNF,
        }
    }

    pub(crate) fn set(&self, name: &str) -> Option<&EntitySet> {
        self.sets.iter().find(|set| set.name == name)
    }

    pub(crate) fn row_set(&self, name: &str) -> Option<&EntitySet> {
        self.row_sets.iter().find(|set| set.name == name)
    }
}

impl EntitySet {
    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        find(&self.properties, name)
    }

    /// The properties that make up the key.
    pub(crate) fn key(&self) -> Vec<&'static str> {
        match &self.nature {
            Nature::Objects => vec!["Ref_Key"],
            Nature::Rows { .. } => vec!["Ref_Key", "LineNumber"],
            Nature::Records { periodic, dimensions } => {
                let period = periodic.then_some("Period");
                period.into_iter().chain(dimensions.iter().copied()).collect()
            }
        }
    }

    /// Whether this is a constant: a set of one record, which nobody creates or deletes.
    pub(crate) fn is_constant(&self) -> bool {
        self.name.starts_with("Constant_")
    }

    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

impl Property {
    /// The name under which a reference is walked: `Партнер` for `Партнер_Key`.
    pub(crate) fn navigation(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Reference(_) => self.name.strip_suffix("_Key"),
            _ => None,
        }
    }
}

pub(crate) fn find<'a>(properties: &'a [Property], name: &str) -> Option<&'a Property> {
    properties.iter().find(|property| property.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_table_exists_in_the_table() {
        for product in [Product::Bp30, Product::Ut11, Product::Unf] {
            names_are_known(Configuration::of(product));
        }
    }

    fn names_are_known(configuration: &Configuration) {
        for name in configuration.plans.iter().flat_map(|plan| &plan.content) {
            assert!(configuration.set(name).is_some(), "a plan names {name}");
        }
        let types = configuration.enumerations.iter().find(|one| one.name == "ТипыКонтактнойИнформации");
        for set in &configuration.sets {
            for name in &set.required {
                assert!(set.property(name).is_some(), "{} requires {name}", set.name);
            }
            for kind in &set.kinds {
                assert!(set.section("КонтактнаяИнформация").is_some(), "{} has {}", set.name, kind.name);
                let is_type = types.is_some_and(|types| types.values.contains(&kind.contact_type));
                assert!(is_type, "{} is of the type {}", kind.name, kind.contact_type);
            }
            let columns = set.sections.iter().flat_map(|section| &section.columns);
            for property in set.properties.iter().chain(columns) {
                let named = match &property.kind {
                    Kind::Reference(target) => vec![*target],
                    Kind::Composite { types, .. } => types.clone(),
                    _ => vec![],
                };
                for name in named {
                    let known = name.starts_with("Edm.") || configuration.set(name).is_some();
                    assert!(known, "{}.{} names {name}", set.name, property.name);
                }
            }
        }
    }

    #[test]
    fn a_counterparty_has_the_standard_and_the_own_properties() {
        let set = Configuration::of(Product::Bp30).set("Catalog_Контрагенты").unwrap();
        for name in
            ["Ref_Key", "DataVersion", "Parent_Key", "IsFolder", "Code", "ГоловнойКонтрагент_Key", "ИНН"]
        {
            assert!(set.property(name).is_some(), "{name}");
        }
        assert_eq!(set.section("КонтактнаяИнформация").unwrap().columns[0].name, "LineNumber");
        assert_eq!(set.property("СтранаРегистрации_Key").unwrap().navigation(), Some("СтранаРегистрации"));
    }
}
