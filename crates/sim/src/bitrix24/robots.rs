//! Robots and workflows that start by themselves: they set fields of a card as soon as it is made or changed.
//!
//! What a robot does starts no robot. Imports start none, which the portal sees to.

use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::crm::{Author, Mode};
use super::php::Php;
use super::portal::Portal;
use super::schema::Kind;

impl Portal {
    /// `{"do": "robot", "entity": "contact", "fields": {…}}`: what it sets from here on; without fields there is none.
    pub(super) fn set_robot(&mut self, action: &Value) -> Result<Value, String> {
        let entity = action.get("entity").and_then(Value::as_str).unwrap_or_default();
        let kind = Kind::from_word(entity).ok_or_else(|| format!("unknown entity {entity:?}"))?;
        match action.get("fields") {
            Some(fields) => {
                let fields = Php::deserialize(fields).map_err(|error| error.to_string())?;
                self.robots.insert(kind, fields);
            }
            None => {
                self.robots.remove(&kind);
            }
        }
        Ok(json!({}))
    }

    /// Lets the robots work on what has just been made or changed.
    pub(super) fn run_robots(&mut self, at: Timestamp) {
        let author =
            Author { user: 0, seconds: at.as_second(), offset: self.settings.offset, mode: Mode::Hand };
        for (kind, fields) in &self.robots {
            let begin = format!("ONCRM{}", kind.word().to_uppercase());
            let is_work = |event: &str| {
                event.strip_prefix(&begin).is_some_and(|what| what == "ADD" || what == "UPDATE")
            };
            let ids: Vec<u64> = self
                .crm
                .untold
                .iter()
                .filter(|change| is_work(change.event))
                .filter_map(|change| u64::try_from(change.fields.get("ID")?.as_int()).ok())
                .collect();
            for id in ids {
                // The card may have gone since.
                let _ = self.crm.update(*kind, id, fields, Vec::new(), author, true);
            }
        }
    }
}
