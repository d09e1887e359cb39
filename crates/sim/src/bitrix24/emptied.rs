//! Lists without their rows: what a portal shows that lost the page it was asked for.
//!
//! Works on answers that were given already, of a single call or of a batch; everything that is no list stays as it
//! is. Not responsible for when this befalls a request.

use serde_json::Value;

use super::php::Php;

/// The answer to a list without rows; `None` where the request asked for no list or was refused.
pub(crate) fn without_rows(method: &str, params: &Php, body: &[u8]) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    if method.eq_ignore_ascii_case("batch") {
        let batch = answer.get_mut("result")?;
        // Lists alone have a next page, and all of them lose it.
        *batch.get_mut("result_next")? = Value::Array(Vec::new());
        let results = batch.get_mut("result")?;
        for (key, command) in params.param("cmd")?.entries() {
            let command = command.as_text().unwrap_or_default();
            // A map with the keys 0, 1, … is a list in the answer.
            let result = match &mut *results {
                Value::Array(results) => key.parse::<usize>().ok().and_then(|key| results.get_mut(key)),
                results => results.get_mut(key.as_ref()),
            };
            if let Some(result) = result.filter(|_| is_list(command.split('?').next().unwrap_or_default())) {
                empty(result);
            }
        }
    } else if is_list(method) {
        empty(answer.get_mut("result")?);
        answer.as_object_mut()?.remove("next");
    } else {
        return None;
    }
    serde_json::to_vec(&answer).ok()
}

fn empty(list: &mut Value) {
    let rows = if list.is_array() { Some(list) } else { list.get_mut("items") };
    if let Some(rows) = rows {
        *rows = Value::Array(Vec::new());
    }
}

fn is_list(method: &str) -> bool {
    method.to_ascii_lowercase().ends_with(".list")
}
