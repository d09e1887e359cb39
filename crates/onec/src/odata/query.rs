//! Addresses of the interface: encoding, literals, filters that fit into a URL.
//!
//! Invariant: a space is `%20` and a plus `%2B` (1C reads no `+`), a quote inside a literal is doubled, and no address
//! is longer than web servers in front of 1C take.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::condition::{Condition, Filter, Literal, Relation, Test};
use crate::wire::REF;

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
    /// What the objects have to meet.
    pub(crate) filter: Filter,
    /// How many rows at most.
    pub(crate) top: Option<usize>,
}

impl Query<'_> {
    /// `allowed_only` leaves out what rights on records hide; without it such a row makes 1C refuse the whole read.
    pub(super) fn path(&self, allowed_only: bool, filter: &str) -> String {
        let mut path = format!("/{}?$format=application/json;odata=nometadata", encode_path(self.set));
        path += &format!("&$select={}", encode(self.select));
        if self.has_references() {
            path += "&$orderby=Ref_Key";
        }
        if let Some(top) = self.top {
            path += &format!("&$top={top}");
        }
        if allowed_only {
            path += ALLOWED_ONLY;
        }
        path + &filter_option('&', filter)
    }

    /// Whether the set holds objects; records of registers and constants have no reference.
    pub(crate) fn has_references(&self) -> bool {
        !["InformationRegister_", "Constant_"].iter().any(|kind| self.set.starts_with(kind))
    }

    pub(super) fn count_path(&self, allowed_only: bool) -> String {
        let filter = filter_option('?', &filter(&self.filter));
        let allowed = match (allowed_only, filter.is_empty()) {
            (false, _) => "",
            (true, true) => "?allowedOnly=true",
            (true, false) => ALLOWED_ONLY,
        };
        format!("/{}/$count{filter}{allowed}", encode_path(self.set))
    }
}

/// What the objects meet, as the interface spells it; empty for no condition.
pub(crate) fn filter(filter: &Filter) -> String {
    let is_one = filter.all.is_empty();
    let any = filter.any.iter().map(condition).collect::<Vec<_>>().join(" or ");
    let any = (!any.is_empty()).then(|| if is_one { any.clone() } else { format!("({any})") });
    filter.all.iter().map(|one| test("", one)).chain(any).collect::<Vec<_>>().join(" and ")
}

/// The part of what a filter lets through that follows a reference.
pub(super) fn behind(after: Option<Uuid>, filter: String) -> String {
    match (after, filter.as_str()) {
        (None, _) => filter,
        (Some(after), "") => format!("{REF} gt guid'{after}'"),
        (Some(after), filter) => format!("{REF} gt guid'{after}' and ({filter})"),
    }
}

/// One condition.
pub(super) fn condition(condition: &Condition) -> String {
    let any_row = |section: &str, tests: &[Test], joint: &str| {
        let tests: Vec<String> = tests.iter().map(|one| test("d/", one)).collect();
        format!("{section}/any(d: {})", tests.join(joint))
    };
    match condition {
        Condition::Own(one) => test("", one),
        Condition::Row { section, tests } => any_row(section, tests, " and "),
        Condition::AnyRow { section, tests } => any_row(section, tests, " or "),
    }
}

/// A test of a property. Of several values each is compared; only those that must all differ are joined by `and`.
fn test(prefix: &str, test: &Test) -> String {
    let name = format!("{prefix}{}", test.name);
    let compared = |value: &Literal| match (test.relation, value) {
        (Relation::Begins, Literal::Text(text)) => format!("startswith({name},{})", quoted(text)),
        (Relation::Ends, Literal::Text(text)) => format!("endswith({name},{})", quoted(text)),
        (Relation::Not, value) => format!("{name} ne {}", literal(value)),
        (_, Literal::Mixed(text)) => format!("cast({name},'String') eq {}", quoted(text)),
        (_, value) => format!("{name} eq {}", literal(value)),
    };
    let joint = if test.relation == Relation::Not { " and " } else { " or " };
    test.values.iter().map(compared).collect::<Vec<_>>().join(joint)
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Text(text) | Literal::Mixed(text) => quoted(text),
        Literal::Key(key) => format!("guid'{key}'"),
        Literal::Flag(flag) => flag.to_string(),
    }
}

fn filter_option(separator: char, filter: &str) -> String {
    if filter.is_empty() {
        return String::new();
    }
    format!("{separator}$filter={}", encode(filter))
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
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Joins conditions by `or` into as few filters as fit into `room` bytes of an address each.
pub(super) fn or_filters(conditions: impl IntoIterator<Item = String>, room: usize) -> Vec<String> {
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
        let filter = filter(&Filter::all(vec![Test::is_text("Description", "ООО 'Ромашка+'")]));
        let query =
            Query { set: "Catalog_X", select: "Ref_Key,ИНН", filter: Filter::default(), top: Some(5) };
        let path = query.path(false, &filter);
        assert!(
            path.starts_with("/Catalog_X?$format=application/json;odata=nometadata&$select=Ref_Key,%D0%98"),
            "{path}"
        );
        assert!(path.ends_with(
            "&$orderby=Ref_Key&$top=5&$filter=Description%20eq%20'%D0%9E%D0%9E%D0%9E%20''%D0%A0%D0%BE%D0%BC%D0%B0%D1%88%D0%BA%D0%B0%2B'''"
        ), "{path}");
    }

    #[test]
    fn a_filter_says_all_of_one_list_and_one_of_the_other() {
        let key = Uuid::nil();
        let row = |section: &str, tests| Condition::Row { section: section.to_owned(), tests };
        let wanted = Filter {
            all: vec![Test::is_flag("IsFolder", false), Test::is_text("Code", "7")],
            any: vec![
                Condition::is_key(REF, key),
                row("Ряды", vec![Test::new("Значение", Relation::Is, vec![Literal::Mixed("x".to_owned())])]),
            ],
        };
        assert_eq!(
            filter(&wanted),
            format!(
                "IsFolder eq false and Code eq '7' and (Ref_Key eq guid'{key}' or Ряды/any(d: cast(d/Значение,'String') eq 'x'))"
            )
        );
        let others = ["a", "b"].map(str::to_owned);
        assert_eq!(
            filter(&Filter::all(vec![Test::of_texts("Вид", Relation::Not, &others)])),
            "Вид ne 'a' and Вид ne 'b'"
        );
        assert_eq!(behind(Some(key), "A eq 1".to_owned()), format!("Ref_Key gt guid'{key}' and (A eq 1)"));
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
