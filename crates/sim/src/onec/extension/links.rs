//! `links`: which record of the portal an object is, in a register of the extension's own.
//!
//! Invariant: in a pair an object has one id, and an id one object that exists.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::sets::of_build;
use super::{Complaint, Extension, Name};

/// The longest id that the register keeps.
const ID_LENGTH: usize = 50;

#[derive(Deserialize)]
pub(super) struct LinksBody {
    pub(super) pair: String,
    #[serde(default)]
    pub(super) objects: Vec<Name>,
    #[serde(default)]
    pub(super) mutual_ids: Vec<String>,
    #[serde(default)]
    pub(super) put: Vec<Json>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(flatten)]
    name: Name,
    mutual_id: String,
}

impl Extension<'_> {
    pub(super) fn links(&mut self, body: &LinksBody) -> Json {
        let put: Vec<Json> = body.put.iter().map(|one| self.put(&body.pair, one)).collect();
        let mut links = Vec::new();
        for name in &body.objects {
            if let Some((set, key)) = self.place(name) {
                let id = self.base.kept.id_of(&body.pair, set, key);
                links.extend((!id.is_empty()).then(|| link(set, key, id)));
            }
        }
        for id in &body.mutual_ids {
            links.extend(self.base.kept.holder(&body.pair, id).map(|(set, key)| link(set, key, id)));
        }
        links.sort_by_key(Json::to_string);
        links.dedup();
        json!({ "links": links, "put": put })
    }

    fn put(&mut self, pair: &str, put: &Json) -> Json {
        let mut answer = json!({ "set": put.get("set"), "ref": put.get("ref") });
        let done = serde_json::from_value::<Link>(put.clone())
            .map_err(|error| Complaint::new("bad-item", error.to_string()))
            .and_then(|link| self.put_link(pair, &link));
        match done {
            Ok(None) => answer["outcome"] = json!("done"),
            Ok(Some(holder)) => {
                answer["outcome"] = json!("taken");
                answer["words"] = json!("Запись портала уже связана с другим объектом.");
                answer["holder"] = holder;
            }
            Err(Complaint { code, words }) => {
                answer["outcome"] = json!(code);
                answer["words"] = json!(words);
            }
        }
        answer
    }

    /// Keeps an id; the other object that has it, where there is one.
    fn put_link(&mut self, pair: &str, link: &Link) -> Result<Option<Json>, Complaint> {
        let place = self.place(&link.name);
        let (set, key) = place.ok_or_else(|| Complaint::new("bad-item", "Нет такого набора."))?;
        if !link.mutual_id.is_empty() && self.base.object(set, key).is_none() {
            return Err(Complaint::new("missing", "Такого объекта нет."));
        }
        let holder = self.holder_but(pair, (set, key), &link.mutual_id)?;
        if holder.is_none() {
            self.base.kept.link(pair, set, key, &link.mutual_id);
        }
        Ok(holder)
    }

    /// Who has this id but the object itself. An object that was deleted has nothing.
    pub(super) fn holder_but(
        &self,
        pair: &str,
        own: (&'static str, Uuid),
        id: &str,
    ) -> Result<Option<Json>, Complaint> {
        let takes = of_build(self.settings.configuration).iter().any(|one| one.name == own.0 && one.has_id);
        if !takes || pair.is_empty() || id.chars().count() > ID_LENGTH {
            return Err(Complaint::new(
                "bad-item",
                "Идентификатор портала хранят только клиенты, для пары с именем.",
            ));
        }
        let holder = self.base.kept.holder(pair, id).filter(|holder| *holder != own && !id.is_empty());
        let holder = holder.filter(|(set, key)| self.base.object(set, *key).is_some());
        Ok(holder.map(|(set, key)| json!({ "set": set, "ref": key.to_string() })))
    }

    fn place(&self, name: &Name) -> Option<(&'static str, Uuid)> {
        let in_build = of_build(self.settings.configuration).iter().find(|one| one.name == name.set)?;
        Some((in_build.name, Uuid::try_parse(&name.reference).ok()?))
    }
}

fn link(set: &str, key: Uuid, id: &str) -> Json {
    json!({ "set": set, "ref": key.to_string(), "mutual_id": id })
}
