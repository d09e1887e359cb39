//! Reads the text tables of configurations.
//!
//! The tables are part of the program, so a mistake in them stops it with a sentence.

use super::{Code, Configuration, EntitySet, Enumeration, Kind, Property, Section};

pub(super) fn parse(text: &'static str) -> Configuration {
    let mut reader = Reader::default();
    for line in text.lines() {
        let words: Vec<&'static str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            words if line.starts_with(' ') => reader.inner(words),
            words => reader.outer(words),
        }
    }
    for set in &mut reader.sets {
        set.properties.push(property("Predefined", Kind::Boolean));
        set.properties.push(property("PredefinedDataName", Kind::Text(Some(150))));
    }
    Configuration { enumerations: reader.enumerations, sets: reader.sets }
}

#[derive(Default)]
struct Reader {
    enumerations: Vec<Enumeration>,
    sections: Vec<Section>,
    sets: Vec<EntitySet>,
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
            ["set", name, options @ ..] => self.sets.push(new_set(name, options)),
            other => panic!("a line of the schema table is unknown: {other:?}"),
        }
    }

    fn inner(&mut self, words: &[&'static str]) {
        match words {
            ["has", name] => self.attach(name, name),
            ["has", name, "as", shown] => self.attach(name, shown),
            ["form", contact_type, kind] => self.set().form_kinds.push((contact_type, kind)),
            [name, "typeof"] => {
                let properties = self.properties();
                if let Some(Property { kind: Kind::Composite { type_property, .. }, .. }) =
                    properties.last_mut()
                {
                    *type_property = name;
                }
                properties.push(property(name, Kind::TypeName));
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

fn new_set(name: &'static str, options: &[&'static str]) -> EntitySet {
    let mut set = EntitySet {
        name,
        folders: options.contains(&"folders"),
        code: None,
        properties: vec![
            property("Ref_Key", Kind::Guid),
            property("DataVersion", Kind::Version),
            property("DeletionMark", Kind::Boolean),
        ],
        sections: vec![],
        form_kinds: vec![],
    };
    if set.folders {
        set.properties.push(property("Parent_Key", Kind::Reference(name)));
        set.properties.push(property("IsFolder", Kind::Boolean));
    }
    if let Some(length) = option(options, "code") {
        set.code = Some(Code { length, auto: options.contains(&"auto") });
        set.properties.push(property("Code", Kind::Text(Some(length))));
    }
    set.properties
        .push(property("Description", Kind::Text(Some(option(options, "description").unwrap_or(100)))));
    set
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
