//! What the extension says of itself and of the infobase: `info` and `schema`.

use std::collections::BTreeSet;

use obmen_domain::record::Side;
use obmen_engine::ports::SideError;
use serde::Deserialize;

use super::Extension;
use crate::schema::{Properties, Property, Schema};

/// The major version that is spoken here.
const MAJOR: &str = "1";

/// Who answers, and what it lacks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Info {
    contract: String,
    pub(crate) extension: Names,
    pub(crate) configuration: Names,
    methods: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) lacks: Vec<Lack>,
}

/// A name with its versions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Names {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) build: String,
}

/// How much one request may hold.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
pub(crate) struct Limits {
    pub(crate) questions: usize,
    pub(crate) page: usize,
    pub(crate) references: usize,
    pub(crate) items: usize,
    pub(crate) rows: usize,
}

/// Something that the extension cannot do in this infobase.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lack {
    pub(crate) code: String,
    pub(crate) words: String,
    pub(crate) set: String,
}

#[derive(Deserialize)]
struct Shown {
    sets: Vec<ShownSet>,
}

#[derive(Deserialize)]
struct ShownSet {
    name: String,
    read: bool,
    links: bool,
    fields: Vec<ShownField>,
    sections: Vec<ShownSection>,
}

#[derive(Deserialize)]
struct ShownSection {
    name: String,
    fields: Vec<ShownField>,
}

#[derive(Deserialize)]
struct ShownField {
    name: String,
    #[serde(rename = "type", default)]
    value_type: String,
    length: Option<usize>,
    of: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { questions: 10, page: 1000, references: 500, items: 100, rows: 500 }
    }
}

impl Info {
    /// Whether the extension knows a method of the contract.
    pub(crate) fn knows(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known == method)
    }
}

impl Extension {
    /// Who answers; an extension that speaks another major version is none.
    pub(crate) async fn info(&self) -> Result<Info, SideError> {
        let mut info: Info = self.get("info").await?;
        if info.contract.split('.').next() != Some(MAJOR) {
            let words = format!("it speaks version {} of the contract", info.contract);
            return Err(SideError::NoExtension { words });
        }
        let needed = ["schema", "find", "get", "write"];
        if let Some(missing) = needed.into_iter().find(|method| !info.knows(method)) {
            return Err(SideError::NoExtension { words: format!("it does not know {missing}") });
        }
        info.limits = info.limits.usable();
        *self.known() = info.clone();
        Ok(info)
    }

    /// The sets that its user may read.
    pub(crate) async fn sets(&self) -> Result<BTreeSet<String>, SideError> {
        self.info().await?;
        let shown: Shown = self.get("schema").await?;
        Ok(shown.sets.into_iter().filter(|set| set.read).map(|set| set.name).collect())
    }

    /// What the sets have.
    pub(crate) async fn schema(&self) -> Result<Schema, SideError> {
        let shown: Shown = self.get("schema").await?;
        if shown.sets.is_empty() {
            let words = "a schema without sets".to_owned();
            return Err(SideError::Unexpected { side: Side::Onec, words });
        }
        let mut schema = Schema::default();
        for set in shown.sets {
            let mut properties = properties(set.fields);
            for section in set.sections {
                properties.insert(section.name.clone(), Property::default());
                schema.add(&format!("{}_{}", set.name, section.name), self::properties(section.fields));
            }
            schema.add(&set.name, properties);
            if set.links {
                schema.takes_links(set.name);
            }
        }
        Ok(schema)
    }
}

impl Limits {
    /// None is less than one.
    fn usable(self) -> Self {
        Self {
            questions: self.questions.max(1),
            page: self.page.max(1),
            references: self.references.max(1),
            items: self.items.max(1),
            rows: self.rows.max(1),
        }
    }
}

fn properties(fields: Vec<ShownField>) -> Properties {
    let property = |field: ShownField| {
        let ShownField { name, value_type, length, of, values } = field;
        (name, Property { value_type, length: length.filter(|length| *length > 0), target: of, values })
    };
    fields.into_iter().map(property).collect()
}
