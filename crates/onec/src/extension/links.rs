//! The register of links: which record of the portal an object is.

use obmen_engine::ports::SideError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Extension;
use super::item::Holder;

/// An object and the portal's id of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) set: String,
    #[serde(rename = "ref")]
    pub(crate) reference: Uuid,
    pub(crate) mutual_id: String,
}

#[derive(Deserialize)]
struct Links {
    links: Vec<Link>,
}

impl Extension {
    /// The objects that have one of these ids in the pair.
    pub(crate) async fn links_of(&self, mutual_ids: &[String]) -> Result<Vec<Link>, SideError> {
        let mut found = Vec::new();
        if !self.knows("links") {
            return Ok(found);
        }
        for some in mutual_ids.chunks(self.limits().references) {
            let body = json!({ "pair": self.pair, "objects": [], "mutual_ids": some, "put": [] });
            let Links { links } = self.ask("links", &body).await?;
            found.extend(links);
        }
        Ok(found)
    }

    /// Takes the ids of these objects away.
    pub(crate) async fn release(&self, holders: &[Holder]) -> Result<(), SideError> {
        let put = holders.iter().map(|holder| Link {
            set: holder.set.clone(),
            reference: holder.reference,
            mutual_id: String::new(),
        });
        let put: Vec<Link> = put.collect();
        for some in put.chunks(self.limits().references) {
            let body = json!({ "pair": self.pair, "objects": [], "mutual_ids": [], "put": some });
            let Links { .. } = self.ask("links", &body).await?;
        }
        Ok(())
    }
}
