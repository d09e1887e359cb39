//! The outbox: what was written or deleted since it was acknowledged.

use obmen_domain::record::Side;
use obmen_engine::ports::SideError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Extension;

/// A row: an object that is worth a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) set: String,
    #[serde(rename = "ref")]
    pub(crate) reference: Uuid,
    version: String,
}

#[derive(Deserialize)]
struct Changes {
    rows: Vec<Row>,
}

impl Extension {
    /// The oldest rows. They stay until they are acknowledged.
    pub(crate) async fn changes(&self) -> Result<Vec<Row>, SideError> {
        let changes: Changes = self.ask("changes", &json!({ "limit": self.limits().rows })).await?;
        Ok(changes.rows)
    }

    /// Deletes rows, but for those that were written again.
    pub(crate) async fn acknowledge(&self, rows: &[Row]) -> Result<(), SideError> {
        for some in rows.chunks(self.limits().rows) {
            let _kept: Value = self.ask("acknowledge", &json!({ "rows": some })).await?;
        }
        Ok(())
    }
}

impl Row {
    /// Rows as a receipt.
    pub(crate) fn into_text(rows: &[Self]) -> String {
        serde_json::to_string(rows).expect("rows always serialise")
    }

    /// The rows of a receipt.
    pub(crate) fn of_text(text: &str) -> Result<Vec<Self>, SideError> {
        serde_json::from_str(text).map_err(|_| SideError::Unexpected {
            side: Side::Onec,
            words: "a receipt of another side".to_owned(),
        })
    }
}
