//! The labels of user fields: one text, or a text for each language.
//!
//! Not responsible for the labels of other fields, which this portal does not translate.

use crate::bitrix24::php::{Key, Php};
use crate::bitrix24::schema::UserField;

/// The labels that a field has.
pub(crate) const LABELS: [&str; 5] =
    ["EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL", "ERROR_MESSAGE", "HELP_MESSAGE"];

/// Languages of the portal, the first being its own.
const LANGUAGES: [&str; 5] = ["ru", "en", "de", "ua", "kz"];

/// The text that forms show for a field.
pub(crate) fn label(field: &UserField) -> Php {
    match in_language(field, "EDIT_FORM_LABEL", LANGUAGES[0]) {
        Php::Null => Php::text(&field.name),
        text => text,
    }
}

/// A label in one language; what was never given is `null`.
pub(crate) fn in_language(field: &UserField, name: &str, language: &str) -> Php {
    let given = field.option(name).or_else(|| field.option("LABEL"));
    given.map(|given| translated(given, language)).unwrap_or_default()
}

/// A label in all languages.
pub(crate) fn in_all_languages(field: &UserField, name: &str) -> Php {
    Php::map(LANGUAGES.map(|language| (language, in_language(field, name, language))))
}

/// The labels as they are kept: a text stands for all languages, a map only for those it names; the others get what
/// `LABEL` says, or nothing.
pub(crate) fn spelled_out(fields: &Php) -> Vec<(Key, Php)> {
    let general = fields.get("LABEL");
    let mut labels = Vec::new();
    for name in LABELS {
        let Some(given) = fields.get(name).or(general) else { continue };
        let texts = LANGUAGES.map(|language| {
            let text = match (given, general) {
                (Php::Map(_), Some(general)) if given.get(language).is_none() => {
                    translated(general, language)
                }
                (Php::Map(_), None) => given.get(language).cloned().unwrap_or_else(|| Php::text("")),
                _ => translated(given, language),
            };
            (language, text)
        });
        labels.push((Key::Borrowed(name), Php::map(texts)));
    }
    labels
}

/// A text is the same in all languages; of a map that does not know the language, the first text serves.
fn translated(label: &Php, language: &str) -> Php {
    match label {
        Php::Map(texts) => {
            let known = texts.iter().find(|(known, _)| known == language).or_else(|| texts.first());
            known.map(|(_, text)| text.clone()).unwrap_or_default()
        }
        text => text.clone(),
    }
}
