//! Addresses of the interface: encoding, literals, filters that fit into a URL.
//!
//! Invariant: a space is `%20` and a plus `%2B` (1C reads no `+`), a quote inside a literal is doubled, and no address
//! is longer than web servers in front of 1C take.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

/// Apache takes 8190 bytes a line; what proxies add has to fit as well.
pub(super) const LONGEST_URL: usize = 6000;

const ALLOWED_ONLY: &str = "&allowedOnly=true";

const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b'*');

/// A read of a set. Objects come in the order of their references; records of registers and constants have none.
#[derive(Debug, Clone)]
pub(crate) struct Query<'a> {
    /// The entity set.
    pub(crate) set: &'a str,
    /// Properties and sections, separated by commas.
    pub(crate) select: &'a str,
    /// The condition, empty for none.
    pub(crate) filter: String,
    /// How many rows at most.
    pub(crate) top: Option<usize>,
}

impl Query<'_> {
    /// `allowed_only` leaves out what rights on records hide; without it such a row makes 1C refuse the whole read.
    pub(super) fn path(&self, allowed_only: bool) -> String {
        let mut path = format!("/{}?$format=application/json;odata=nometadata", encode_path(self.set));
        path += &format!("&$select={}", encode(self.select));
        if !["InformationRegister_", "Constant_"].iter().any(|kind| self.set.starts_with(kind)) {
            path += "&$orderby=Ref_Key";
        }
        if let Some(top) = self.top {
            path += &format!("&$top={top}");
        }
        if allowed_only {
            path += ALLOWED_ONLY;
        }
        path + &self.filter_option('&')
    }

    /// The page of this read that follows a reference.
    pub(crate) fn page(&self, after: Option<Uuid>, size: usize) -> Self {
        let mut page = self.clone();
        page.top = Some(size);
        if let Some(after) = after {
            page.filter = match self.filter.as_str() {
                "" => format!("Ref_Key gt guid'{after}'"),
                filter => format!("Ref_Key gt guid'{after}' and ({filter})"),
            };
        }
        page
    }

    pub(super) fn count_path(&self, allowed_only: bool) -> String {
        let filter = self.filter_option('?');
        let allowed = match (allowed_only, filter.is_empty()) {
            (false, _) => "",
            (true, true) => "?allowedOnly=true",
            (true, false) => ALLOWED_ONLY,
        };
        format!("/{}/$count{filter}{allowed}", encode_path(self.set))
    }

    fn filter_option(&self, separator: char) -> String {
        if self.filter.is_empty() {
            return String::new();
        }
        format!("{separator}$filter={}", encode(&self.filter))
    }
}

pub(super) fn encode_path(segment: &str) -> String {
    encode(segment)
}

/// The parts of a record's key between its brackets.
pub(super) fn encode_key(key: &str) -> String {
    const KEPT_IN_KEYS: &AsciiSet = &KEPT.remove(b'=');
    utf8_percent_encode(key, KEPT_IN_KEYS).to_string()
}

/// A value of an address that is an address itself.
pub(super) fn encode_whole(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Encodes what is not ASCII in an address typed by a person.
pub(super) fn encode_base(url: &str) -> String {
    const REFUSED: &AsciiSet = &CONTROLS.add(b' ');
    utf8_percent_encode(url, REFUSED).to_string()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// A string literal of a filter.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Joins conditions by `or` into as few filters as fit into `room` bytes of an address each.
pub(crate) fn or_filters(conditions: impl IntoIterator<Item = String>, room: usize) -> Vec<String> {
    const JOINT: &str = " or ";
    let mut filters: Vec<String> = Vec::new();
    let mut used = 0;
    for condition in conditions {
        let bytes = encode(&condition).len();
        let joint = encode(JOINT).len();
        match filters.last_mut() {
            Some(filter) if used + joint + bytes <= room => {
                filter.push_str(JOINT);
                filter.push_str(&condition);
                used += joint + bytes;
            }
            _ => {
                filters.push(condition);
                used = "&$filter=".len() + bytes;
            }
        }
    }
    filters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_pluses_are_percent_sequences_and_quotes_are_doubled() {
        let filter = format!("Description eq {}", quoted("ООО 'Ромашка+'"));
        let query = Query { set: "Catalog_X", select: "Ref_Key,ИНН", filter, top: Some(5) };
        let path = query.path(false);
        assert!(
            path.starts_with("/Catalog_X?$format=application/json;odata=nometadata&$select=Ref_Key,%D0%98"),
            "{path}"
        );
        assert!(path.ends_with(
            "&$orderby=Ref_Key&$top=5&$filter=Description%20eq%20'%D0%9E%D0%9E%D0%9E%20''%D0%A0%D0%BE%D0%BC%D0%B0%D1%88%D0%BA%D0%B0%2B'''"
        ), "{path}");
    }

    #[test]
    fn long_alternatives_are_cut_into_several_requests() {
        let conditions = (0..100).map(|number| format!("Ref_Key eq guid'{number:036}'"));
        let filters = or_filters(conditions, 1000);
        assert!(filters.len() > 5);
        assert!(filters.iter().all(|filter| encode(filter).len() <= 1000));
        assert_eq!(filters.iter().map(|filter| filter.matches("eq").count()).sum::<usize>(), 100);
        assert!(or_filters(Vec::new(), 10).is_empty());
    }
}
