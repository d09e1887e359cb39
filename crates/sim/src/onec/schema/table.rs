//! Reads the text tables of configurations.
//!
//! The tables are part of the program, so a mistake in them stops it with a sentence.

use super::{
    Code, Configuration, ContactKind, EntitySet, Enumeration, Item, Kind, Nature, Plan, Property, Section,
};
use crate::onec::settings::Product;

/// The key of a constant, which is always the empty reference.
const SURROGATE_KEY: &str = "SurrogateKey";

pub(super) fn parse(product: Product, text: &'static str) -> Configuration {
    let mut reader = Reader { prefix: "00-", ..Reader::default() };
    for line in text.lines() {
        let words: Vec<&'static str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            words if line.starts_with(' ') => reader.inner(words),
            words => reader.outer(words),
        }
    }
    for set in reader.sets.iter_mut().filter(|set| has_predefined(set)) {
        set.properties.push(property("Predefined", Kind::Boolean));
        set.properties.push(property("PredefinedDataName", Kind::Text(Some(150))));
    }
    let row_sets = reader.sets.iter().flat_map(row_sets).collect();
    Configuration {
        product,
        enumerations: reader.enumerations,
        sets: reader.sets,
        row_sets,
        plans: reader.plans,
    }
}

#[derive(Default)]
struct Reader {
    prefix: &'static str,
    enumerations: Vec<Enumeration>,
    sections: Vec<Section>,
    sets: Vec<EntitySet>,
    plans: Vec<Plan>,
}

impl Reader {
    fn outer(&mut self, words: &[&'static str]) {
        match words {
            ["enum", name, "=", values @ ..] => {
                self.enumerations.push(Enumeration { name, values: values.to_vec() });
            }
            ["section", name] => {
                self.sections.push(Section { name, columns: vec![property("LineNumber", Kind::Long)] });
            }
            ["prefix", prefix] => self.prefix = prefix,
            ["set", name, options @ ..] => self.sets.push(new_set(name, options, self.prefix)),
            ["plan", name, "of", content @ ..] => {
                self.sets.push(new_plan(name));
                self.plans.push(Plan { set: name, registers: true, content: content.to_vec() });
            }
            ["plan", name, "manual", "of", content @ ..] => {
                self.sets.push(new_plan(name));
                self.plans.push(Plan { set: name, registers: false, content: content.to_vec() });
            }
            ["constant", name, kind @ ..] => {
                let value = self.kind(kind);
                self.sets.push(new_constant(name, value));
            }
            ["register", name, options @ ..] => self.sets.push(new_register(name, options)),
            other => panic!("a line of the schema table is unknown: {other:?}"),
        }
    }

    fn inner(&mut self, words: &[&'static str]) {
        match words {
            ["has", name] => self.attach(name, name),
            ["has", name, "as", shown] => self.attach(name, shown),
            ["dim", line @ ..] => {
                self.inner(line);
                let set = self.set();
                let name = set.properties.last().expect("a dimension has a name").name;
                if let Nature::Records { dimensions, .. } = &mut set.nature {
                    dimensions.push(name);
                }
            }
            ["kind", contact_type, name, options @ ..] => {
                let several = options.contains(&"several");
                self.set().kinds.push(ContactKind { contact_type, name, several });
            }
            ["item", name, title @ ..] => self.item(name, title, false),
            ["folder", name, title @ ..] => self.item(name, title, true),
            ["required", names @ ..] => self.set().required.extend(names),
            [name, "typeof"] => {
                let properties = self.properties();
                if let Some(Property { kind: Kind::Composite { type_property, .. }, .. }) =
                    properties.last_mut()
                {
                    *type_property = name;
                }
                properties.push(property(name, Kind::TypeName));
            }
            [name, "storage"] => {
                let named = |suffix| Box::leak(format!("{name}_{suffix}").into_boxed_str());
                let properties = self.properties();
                properties.push(property(named("Base64Data"), Kind::Storage));
                properties.push(property(named("Type"), Kind::Text(None)));
            }
            [name, kind @ ..] => {
                let kind = self.kind(kind);
                self.properties().push(property(name, kind));
            }
            [] => {}
        }
    }

    fn kind(&self, words: &[&'static str]) -> Kind {
        match words {
            ["text"] => Kind::Text(None),
            ["text", length] => Kind::Text(Some(number(length))),
            ["enum", name] => {
                let found = self.enumerations.iter().find(|one| one.name == *name);
                Kind::Enumeration(found.expect("enumerations stand before their use").values.clone())
            }
            ["bool"] => Kind::Boolean,
            ["long"] => Kind::Long,
            ["short"] => Kind::Short,
            ["double"] => Kind::Double,
            ["date"] => Kind::Date,
            ["uuid"] => Kind::Guid,
            ["ref", target] => Kind::Reference(target),
            ["any", types @ ..] => Kind::Composite { types: types.to_vec(), type_property: "" },
            ["types"] => Kind::TypeDescription,
            other => panic!("a type of the schema table is unknown: {other:?}"),
        }
    }

    fn item(&mut self, name: &'static str, title: &[&str], is_folder: bool) {
        let (name, code) = name.split_once('=').unwrap_or((name, ""));
        self.set().items.push(Item { name, code, title: title.join(" "), is_folder });
    }

    fn attach(&mut self, name: &str, shown: &'static str) {
        let found = self.sections.iter().find(|section| section.name == name);
        let columns = found.expect("sections stand before their use").columns.clone();
        self.set().sections.push(Section { name: shown, columns });
    }

    fn set(&mut self) -> &mut EntitySet {
        self.sets.last_mut().expect("attributes stand under a set")
    }

    fn properties(&mut self) -> &mut Vec<Property> {
        match self.sets.last_mut() {
            Some(set) => &mut set.properties,
            None => &mut self.sections.last_mut().expect("columns stand under a section").columns,
        }
    }
}

fn new_register(name: &'static str, options: &[&'static str]) -> EntitySet {
    let periodic = options.contains(&"periodic");
    let mut set = blank(name, Nature::Records { periodic, dimensions: vec![] });
    set.properties.extend(periodic.then(|| property("Period", Kind::Date)));
    set
}

/// A constant: one record under the empty reference.
fn new_constant(name: &'static str, value: Kind) -> EntitySet {
    let mut set = blank(name, Nature::Records { periodic: false, dimensions: vec![SURROGATE_KEY] });
    set.properties = vec![property(SURROGATE_KEY, Kind::Guid), property("Value", value)];
    set
}

/// The nodes of an exchange plan.
fn new_plan(name: &'static str) -> EntitySet {
    let mut set = new_set(name, &["code", "36", "description", "150"], "");
    set.properties.push(property("SentNo", Kind::Long));
    set.properties.push(property("ReceivedNo", Kind::Long));
    set.properties.push(property("ThisNode", Kind::Boolean));
    set
}

fn has_predefined(set: &EntitySet) -> bool {
    set.nature == Nature::Objects && !set.name.starts_with("ExchangePlan_")
}

/// The sets of a catalog's rows. Their names live as long as the table that they are made from.
fn row_sets(set: &EntitySet) -> Vec<EntitySet> {
    let row_set = |section: &Section| {
        let name = Box::leak(format!("{}_{}", set.name, section.name).into_boxed_str());
        let mut rows = blank(name, Nature::Rows { owner: set.name, section: section.name });
        rows.properties.push(property("Ref_Key", Kind::Guid));
        rows.properties.extend(section.columns.clone());
        rows
    };
    set.sections.iter().map(row_set).collect()
}

fn new_set(name: &'static str, options: &[&'static str], prefix: &'static str) -> EntitySet {
    let mut set = blank(name, Nature::Objects);
    set.properties = vec![
        property("Ref_Key", Kind::Guid),
        property("DataVersion", Kind::Version),
        property("DeletionMark", Kind::Boolean),
    ];
    let has_folders = options.contains(&"folders");
    if has_folders || options.contains(&"items") {
        set.properties.push(property("Parent_Key", Kind::Reference(name)));
    }
    if has_folders {
        set.properties.push(property("IsFolder", Kind::Boolean));
    }
    if let Some(length) = option(options, "code") {
        set.code = Some(Code { prefix, length, auto: options.contains(&"auto") });
        set.properties.push(property("Code", Kind::Text(Some(length))));
    }
    set.properties
        .push(property("Description", Kind::Text(Some(option(options, "description").unwrap_or(100)))));
    set
}

fn blank(name: &'static str, nature: Nature) -> EntitySet {
    EntitySet {
        name,
        nature,
        code: None,
        properties: vec![],
        sections: vec![],
        kinds: vec![],
        items: vec![],
        required: vec![],
    }
}

fn option(options: &[&'static str], name: &str) -> Option<usize> {
    let at = options.iter().position(|option| *option == name)?;
    options.get(at + 1).map(|length| number(length))
}

fn number(text: &str) -> usize {
    text.parse().expect("lengths in the schema table are numbers")
}

fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, kind }
}
