//! What a path below the interface names.

use uuid::Uuid;

use super::error::Refusal;
use super::filter::is_date;

/// The thing that a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Service,
    Metadata,
    Set(String),
    Count(String),
    Entity(String, Key),
    /// What a path from an entity leads to: its own property, or one behind its references.
    Path(String, Key, Vec<String>),
    /// The newest or oldest records of a periodic register.
    Slice(String, Slice),
}

/// The key of an entity as the address writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Reference(Uuid),
    /// Names and values of the parts of a key.
    Record(Vec<(String, String)>),
}

/// The arguments of `SliceLast` and `SliceFirst`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) last: bool,
    pub(crate) period: Option<String>,
    pub(crate) condition: Option<String>,
}

impl Address {
    /// Reads a decoded path, relative to the interface.
    pub(crate) fn parse(path: &str) -> Result<Self, Refusal> {
        let path = path.trim_matches('/');
        match path {
            "" => return Ok(Address::Service),
            "$metadata" => return Ok(Address::Metadata),
            _ => {}
        }
        for (name, last) in [("/SliceLast", true), ("/SliceFirst", false)] {
            if let Some((set, rest)) = path.split_once(name).filter(|(set, _)| set_name(set).is_ok()) {
                return Ok(Address::Slice(set.to_owned(), slice_of(last, rest)?));
            }
        }
        let Some(at) = path.find(['(', '/']) else {
            return Ok(Address::Set(set_name(path)?));
        };
        let (set, rest) = (set_name(&path[..at])?, &path[at..]);
        if rest == "/$count" {
            return Ok(Address::Count(set));
        }
        let key = rest.strip_prefix('(').ok_or_else(|| Refusal::url(path))?;
        let close = unquoted(key, ')').next().ok_or_else(|| Refusal::url(path))?;
        let (key, rest) = (key_of(&key[..close])?, &key[close + 1..]);
        if rest.is_empty() {
            return Ok(Address::Entity(set, key));
        }
        let rest = rest.strip_prefix('/').ok_or_else(|| Refusal::url(path))?;
        // The bytes of a value storage; only the end of a path may ask for them.
        let (rest, stream) = match rest.strip_suffix("/$value") {
            Some(rest) => (rest, Some("$value".to_owned())),
            None => (rest, None),
        };
        let mut names = rest.split('/').map(set_name).collect::<Result<Vec<_>, _>>()?;
        names.extend(stream);
        Ok(Address::Path(set, key, names))
    }

    /// The set, where the address has one.
    pub(crate) fn set(&self) -> Option<&str> {
        match self {
            Address::Service | Address::Metadata => None,
            Address::Set(set)
            | Address::Count(set)
            | Address::Entity(set, _)
            | Address::Path(set, ..)
            | Address::Slice(set, _) => Some(set),
        }
    }
}

/// The literal of a reference: `Catalog_X(guid'…')`.
pub(crate) fn reference_literal(text: &str) -> Result<(String, Uuid), Refusal> {
    match Address::parse(text)? {
        Address::Entity(set, Key::Reference(key)) => Ok((set, key)),
        _ => Err(Refusal::unparsed(text)),
    }
}

fn set_name(text: &str) -> Result<String, Refusal> {
    let is_name = !text.is_empty() && text.chars().all(|one| one.is_alphanumeric() || one == '_');
    if is_name { Ok(text.to_owned()) } else { Err(Refusal::url(text)) }
}

/// What stands between the brackets of an entity.
fn key_of(text: &str) -> Result<Key, Refusal> {
    if text.is_empty() {
        return Err(Refusal::new(400, 7, "Не указана часть ключа"));
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for end in unquoted(text, ',').chain([text.len()]) {
        let part = text[start..end].trim();
        start = end + 1;
        parts.push(match unquoted(part, '=').next() {
            Some(at) => (part[..at].trim().to_owned(), literal(part[at + 1..].trim())?),
            None => (String::new(), literal(part)?),
        });
    }
    if let [(name, value)] = parts.as_slice()
        && (name.is_empty() || name == "Ref_Key")
    {
        return Uuid::try_parse(value).map(Key::Reference).map_err(|_| Refusal::unparsed(text));
    }
    Ok(Key::Record(parts))
}

/// The value of a literal in a key.
fn literal(text: &str) -> Result<String, Refusal> {
    let within = |prefix: &str| text.strip_prefix(prefix).and_then(|text| text.strip_suffix('\''));
    let value = match (within("guid'"), within("datetime'"), within("'")) {
        (Some(guid), _, _) => Uuid::try_parse(guid).ok().map(|guid| guid.to_string()),
        (_, Some(date), _) => is_date(date).then(|| date.to_owned()),
        (_, _, Some(text)) => Some(text.replace("''", "'")),
        _ => text.parse::<i64>().is_ok().then(|| text.to_owned()),
    };
    value.ok_or_else(|| Refusal::unparsed(text))
}

/// Where the sign stands outside of quotes.
fn unquoted(text: &str, sign: char) -> impl Iterator<Item = usize> + '_ {
    let mut is_quoted = false;
    text.char_indices().filter_map(move |(at, one)| {
        is_quoted ^= one == '\'';
        (one == sign && !is_quoted).then_some(at)
    })
}

/// The arguments in brackets. Quotes inside of a condition are not doubled, so it ends at the last one.
fn slice_of(last: bool, text: &str) -> Result<Slice, Refusal> {
    let mut slice = Slice { last, period: None, condition: None };
    if text.is_empty() {
        return Ok(slice);
    }
    let mut rest =
        text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).ok_or_else(|| Refusal::url(text))?;
    if let Some(at) = rest.rfind("Period=") {
        let (before, period) = rest.split_at(at);
        let end = period.find(',').unwrap_or(period.len());
        slice.period = Some(literal(period["Period=".len()..end].trim())?);
        let after = period[end..].trim_start_matches(',');
        rest = if before.is_empty() { after } else { before };
    }
    let rest = rest.trim().trim_end_matches(',');
    if !rest.is_empty() {
        let condition = rest.strip_prefix("Condition='").and_then(|text| text.strip_suffix('\''));
        slice.condition = Some(condition.ok_or_else(|| Refusal::unparsed(rest))?.to_owned());
    }
    Ok(slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "00000000-0000-0000-0000-00000000000a";

    #[test]
    fn paths_name_what_they_say() {
        let guid = Uuid::try_parse(KEY).unwrap();
        let set = || "Catalog_X".to_owned();
        for (path, expected) in [
            ("", Ok(Address::Service)),
            ("/", Ok(Address::Service)),
            ("/$metadata", Ok(Address::Metadata)),
            ("/Catalog_X", Ok(Address::Set(set()))),
            ("/Catalog_X/$count", Ok(Address::Count(set()))),
            (&format!("/Catalog_X(guid'{KEY}')"), Ok(Address::Entity(set(), Key::Reference(guid)))),
            (
                &format!("/Catalog_X(guid'{KEY}')/ИНН"),
                Ok(Address::Path(set(), Key::Reference(guid), vec!["ИНН".to_owned()])),
            ),
            ("/Catalog_X(5)", Err(1)),
            ("/Catalog_X()", Err(7)),
            ("/$batch", Err(6)),
            ("/Catalog_X/One/Two", Err(6)),
        ] {
            assert_eq!(Address::parse(path).map_err(|refusal| refusal.code), expected, "{path}");
        }
    }

    #[test]
    fn a_record_is_named_by_all_parts_of_its_key() {
        let path = format!("/Reg_X(Period=datetime'2026-01-01T00:00:00',Dim_Key=guid'{KEY}',Имя='a,''b)')");
        let parts = [("Period", "2026-01-01T00:00:00"), ("Dim_Key", KEY), ("Имя", "a,'b)")];
        let parts = parts.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            Address::parse(&path),
            Ok(Address::Entity("Reg_X".to_owned(), Key::Record(parts.to_vec())))
        );
    }

    #[test]
    fn a_condition_of_a_slice_does_not_double_its_quotes() {
        let condition = format!("Dim_Key eq guid'{KEY}'");
        for path in [
            format!("/Reg_X/SliceLast(Period=datetime'2026-01-01T00:00:00',Condition='{condition}')"),
            format!("/Reg_X/SliceLast(Condition='{condition}',Period=datetime'2026-01-01T00:00:00')"),
        ] {
            let Ok(Address::Slice(_, slice)) = Address::parse(&path) else { panic!("{path}") };
            assert_eq!(slice.condition.as_deref(), Some(condition.as_str()), "{path}");
            assert_eq!(slice.period.as_deref(), Some("2026-01-01T00:00:00"), "{path}");
        }
    }
}
