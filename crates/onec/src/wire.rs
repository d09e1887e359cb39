//! Reading JSON objects of the interface: names every 1C configuration shares, and values with their defaults.
//!
//! Invariant: a missing property reads as its type's default, as 1C itself shows it.

use serde_json::Value;
use uuid::Uuid;

use crate::odata::Object;

pub(crate) const REF: &str = "Ref_Key";
pub(crate) const VERSION: &str = "DataVersion";
pub(crate) const MARK: &str = "DeletionMark";
pub(crate) const DESCRIPTION: &str = "Description";
pub(crate) const CODE: &str = "Code";
pub(crate) const PARENT: &str = "Parent_Key";
pub(crate) const FOLDER: &str = "IsFolder";
pub(crate) const PREDEFINED: &str = "Predefined";
pub(crate) const PREDEFINED_NAME: &str = "PredefinedDataName";
/// The value of a constant.
pub(crate) const VALUE: &str = "Value";
/// The id that the extension's register of links keeps for an object.
pub(crate) const MUTUAL_ID: &str = "@mutual_id";
pub(crate) const LINE: &str = "LineNumber";
/// What type names of composite properties begin with.
pub(crate) const NAMESPACE: &str = "StandardODATA.";

/// A text property.
pub(crate) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A text property whose name the profile may lack.
pub(crate) fn text_of<'a>(object: &'a Object, name: Option<&String>) -> &'a str {
    name.map_or("", |name| text(object, name))
}

/// A text with the spaces that somebody typed around it, so that undo can give it back as it was; spaces alone are none.
pub(crate) fn typed(text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { text.to_owned() }
}

/// A boolean property.
pub(crate) fn flag(object: &Object, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or_default()
}

/// A reference; `None` for the empty one.
pub(crate) fn guid(object: &Object, name: &str) -> Option<Uuid> {
    Uuid::try_parse(text(object, name)).ok().filter(|key| !key.is_nil())
}

/// The rows of a tabular section.
pub(crate) fn rows<'a>(object: &'a Object, section: &str) -> impl Iterator<Item = &'a Object> {
    object.get(section).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Puts a text into an object.
pub(crate) fn put(object: &mut Object, name: &str, text: impl Into<String>) {
    object.insert(name.to_owned(), Value::String(text.into()));
}

/// The rows as a section of a body: numbered from one, without what only reading shows.
pub(crate) fn section(rows: Vec<Object>) -> Value {
    let numbered = rows.into_iter().enumerate().map(|(position, mut row)| {
        row.retain(|name, _| !name.contains('@') && !name.contains("____") && name != REF);
        put(&mut row, LINE, (position + 1).to_string());
        Value::Object(row)
    });
    Value::Array(numbered.collect())
}

/// A text that fits as it is; else its first `length` characters, without spaces around them.
pub(crate) fn cut(text: &str, length: Option<usize>) -> String {
    let end = |text: &str| length.and_then(|length| text.char_indices().nth(length)).map(|(end, _)| end);
    if end(text).is_none() {
        return text.to_owned();
    }
    let text = text.trim();
    end(text).map_or(text, |end| text[..end].trim_end()).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_reads_as_its_default() {
        let object = Object::new();
        assert_eq!(text(&object, DESCRIPTION), "");
        assert!(!flag(&object, MARK));
        assert_eq!(guid(&object, REF), None);
        assert_eq!(rows(&object, "X").count(), 0);
        let empty = json!({"Ref_Key": "00000000-0000-0000-0000-000000000000"});
        assert_eq!(guid(empty.as_object().unwrap(), REF), None);
    }

    #[test]
    fn a_text_is_cut_by_characters() {
        assert_eq!(cut("Ромашка и ко", Some(8)), "Ромашка");
        assert_eq!(cut("Ромашка", Some(7)), "Ромашка");
        assert_eq!(cut(" Ромашка и ко", Some(7)), "Ромашка");
        assert_eq!(cut(" Ромашка", Some(7)), "Ромашка");
    }

    #[test]
    fn a_text_that_fits_keeps_its_spaces() {
        assert_eq!(cut(" Ромашка ", None), " Ромашка ");
        assert_eq!(cut(" Ромашка", Some(8)), " Ромашка");
        assert_eq!([typed(" Ромашка"), typed("  ")], [" Ромашка", ""]);
    }

    #[test]
    fn rows_are_numbered_anew_and_lose_their_annotations() {
        let row = json!({"LineNumber": "7", "Вид@navigationLinkUrl": "x", "Тип": "Телефон", "Ref_Key": "y"});
        let rows = vec![row.as_object().unwrap().clone()];
        assert_eq!(section(rows), json!([{"LineNumber": "1", "Тип": "Телефон"}]));
    }
}
