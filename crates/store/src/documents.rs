//! Domain values as columns keep them: documents and words.
//!
//! Invariant: a failure names the statement and a place in the document, never what stands there.

use obmen_engine::ports::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A domain value as a column keeps it.
pub(crate) fn to_json(sql: &str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unreadable(sql, "write", &error))
}

/// A domain value as a column kept it.
pub(crate) fn from_json<T: DeserializeOwned>(sql: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| unreadable(sql, "read", &error))
}

/// The word of a closed set as a column keeps it.
pub(crate) fn to_word(sql: &str, value: &impl Serialize) -> Result<String, StoreError> {
    Ok(to_json(sql, value)?.trim_matches('"').to_owned())
}

/// The word of a closed set as a column kept it.
pub(crate) fn from_word<T: DeserializeOwned>(sql: &str, word: &str) -> Result<T, StoreError> {
    from_json(sql, &format!("\"{word}\""))
}

/// The words of `serde_json` may quote the document, so only the place is told.
fn unreadable(sql: &str, verb: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Failed(format!(
        "{}: cannot {verb} a stored document (line {}, column {})",
        name_of(sql),
        error.line(),
        error.column()
    ))
}

/// The name of a statement, from the comment it begins with.
pub(crate) fn name_of(sql: &str) -> &str {
    sql.strip_prefix("/* ").and_then(|rest| rest.split_once(" */")).map_or("statement", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_document_is_not_quoted() {
        let words = from_json::<u32>("/* seen.read */ select 1", "\"Иванов\"").unwrap_err().to_string();
        assert!(words.starts_with("use the store: seen.read: cannot read"), "{words}");
        assert!(!words.contains("Иванов"), "{words}");
    }
}
