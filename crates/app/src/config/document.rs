//! The text of a configuration file: finds the place of a value, and hides secrets from excerpts.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// Keys whose plain values are never shown.
const SECRET_KEYS: [&str; 7] = [
    "webhook_url",
    "application_token",
    "password",
    "hook_secret",
    "client_secret",
    "refresh_token",
    "secret",
];

/// A file's text.
#[derive(Debug)]
pub(crate) struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    pub(crate) fn new(path: &Path, text: String) -> Self {
        Self { path: path.to_owned(), text }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The file's name as it was given.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The folder to which relative paths in the file refer.
    pub(crate) fn folder(&self) -> PathBuf {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// The bytes of the value at a path such as `pair/0/onec/url`, or of the nearest table around it that stands
    /// in the text.
    pub(crate) fn locate(&self, path: &str) -> Option<Range<usize>> {
        let (root, _) = DeTable::parse_recoverable(&self.text);
        let mut table = root.get_ref();
        let mut found = None;
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        while let Some(part) = parts.next() {
            let (key, mut value) = table.iter().find(|(key, _)| key.get_ref().as_ref() == part)?;
            found = Some(key.span());
            if let DeValue::Array(items) = value.get_ref() {
                let Some(item) = parts.next().and_then(|index| index.parse::<usize>().ok()) else {
                    return Some(value.span());
                };
                value = items.get(item)?;
                found = Some(value.span());
            }
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => return Some(value.span()),
            }
            if parts.clone().next().is_some_and(|next| !holds(table, next)) {
                return found;
            }
        }
        found
    }

    /// The text with plain secrets replaced by stars, every other byte at its place.
    pub(crate) fn masked(&self) -> String {
        let (root, _) = DeTable::parse_recoverable(&self.text);
        let mut spans = Vec::new();
        collect_secrets(root.get_ref(), &mut spans);
        let mut bytes = self.text.clone().into_bytes();
        for span in spans {
            for byte in bytes.get_mut(span).into_iter().flatten() {
                if !matches!(byte, b'"' | b'\'' | b'\n') {
                    *byte = b'*';
                }
            }
        }
        String::from_utf8(bytes).unwrap_or_default()
    }
}

fn holds(table: &DeTable<'_>, name: &str) -> bool {
    table.iter().any(|(key, _)| key.get_ref().as_ref() == name)
}

fn collect_secrets(table: &DeTable<'_>, spans: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        match value.get_ref() {
            // The address of one's own may hold a secret anywhere.
            DeValue::Table(inner) if key.get_ref() == "notify" => {
                spans.extend(inner.iter().map(|(_, value)| value.span()));
            }
            DeValue::Table(inner) => collect_secrets(inner, spans),
            DeValue::Array(items) => {
                for item in items {
                    if let DeValue::Table(inner) = item.get_ref() {
                        collect_secrets(inner, spans);
                    }
                }
            }
            _ if SECRET_KEYS.contains(&key.get_ref().as_ref()) => spans.push(value.span()),
            // The address of a database may hold a password; all of it goes, since it may be written in any way.
            DeValue::String(text) if text.starts_with("postgres") && text.contains('@') => {
                spans.push(value.span())
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[pair]]\nname = \"a\"\n[pair.onec]\nurl = \"x\"\npassword = \"geheim\"\n";

    #[test]
    fn a_value_is_found_by_its_path() {
        let document = Document::new(Path::new("a.toml"), TEXT.to_owned());
        let span = document.locate("pair/0/onec/url").unwrap();
        assert_eq!(&TEXT[span], "\"x\"");
    }

    #[test]
    fn an_absent_key_is_shown_at_its_table() {
        let document = Document::new(Path::new("a.toml"), TEXT.to_owned());
        let span = document.locate("pair/0/onec/user").unwrap();
        assert_eq!(&TEXT[span], "onec");
    }

    #[test]
    fn plain_secrets_are_masked_and_nothing_moves() {
        let document = Document::new(Path::new("a.toml"), TEXT.to_owned());
        let masked = document.masked();
        assert!(!masked.contains("geheim"));
        assert_eq!(masked.len(), TEXT.len());
        assert!(masked.contains("url = \"x\""));
        let text = "[store]\nurl = \"postgres://obmen:geheim@db/obmen\"\n";
        let masked = Document::new(Path::new("a.toml"), text.to_owned()).masked();
        assert!(!masked.contains("geheim") && masked.starts_with("[store]\nurl = \"***"), "{masked}");
    }
}
