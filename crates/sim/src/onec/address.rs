//! What a path below the interface names.

use uuid::Uuid;

use super::error::Refusal;

/// The thing that a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Service,
    Metadata,
    Set(String),
    Count(String),
    Entity(String, Uuid),
}

impl Address {
    /// Reads a decoded path, relative to the interface.
    pub(crate) fn parse(path: &str) -> Result<Self, Refusal> {
        let mut segments = path.trim_matches('/').split('/');
        let first = segments.next().unwrap_or("");
        let address = match (first, segments.next()) {
            ("", None) => Address::Service,
            ("$metadata", None) => Address::Metadata,
            (set, Some("$count")) => Address::Count(set_name(set)?),
            (entity, None) if entity.contains('(') => entity_of(entity)?,
            (entity, Some(_)) if entity.contains('(') => {
                return Err(Refusal::not_supported("путь к свойству"));
            }
            (set, None) => Address::Set(set_name(set)?),
            _ => return Err(Refusal::url(path)),
        };
        match segments.next() {
            None => Ok(address),
            Some(_) => Err(Refusal::url(path)),
        }
    }

    /// The set, where the address has one.
    pub(crate) fn set(&self) -> Option<&str> {
        match self {
            Address::Service | Address::Metadata => None,
            Address::Set(set) | Address::Count(set) | Address::Entity(set, _) => Some(set),
        }
    }
}

fn set_name(text: &str) -> Result<String, Refusal> {
    let is_name = !text.is_empty() && text.chars().all(|one| one.is_alphanumeric() || one == '_');
    if is_name { Ok(text.to_owned()) } else { Err(Refusal::url(text)) }
}

/// `Catalog_X(guid'…')`.
fn entity_of(text: &str) -> Result<Address, Refusal> {
    let (set, key) = text.split_once('(').ok_or_else(|| Refusal::url(text))?;
    let key = key.strip_suffix(')').ok_or_else(|| Refusal::url(text))?;
    let key = key.strip_prefix("Ref_Key=").unwrap_or(key);
    if key.is_empty() {
        return Err(Refusal::new(400, 7, "Не указана часть ключа"));
    }
    let guid = key.strip_prefix("guid'").and_then(|key| key.strip_suffix('\''));
    let guid = guid.and_then(|guid| Uuid::try_parse(guid).ok()).ok_or_else(|| Refusal::unparsed(key))?;
    Ok(Address::Entity(set_name(set)?, guid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_they_say() {
        let key = "00000000-0000-0000-0000-00000000000a";
        let guid = Uuid::try_parse(key).unwrap();
        for (path, expected) in [
            ("", Ok(Address::Service)),
            ("/", Ok(Address::Service)),
            ("/$metadata", Ok(Address::Metadata)),
            ("/Catalog_X", Ok(Address::Set("Catalog_X".to_owned()))),
            ("/Catalog_X/$count", Ok(Address::Count("Catalog_X".to_owned()))),
            (&format!("/Catalog_X(guid'{key}')"), Ok(Address::Entity("Catalog_X".to_owned(), guid))),
            ("/Catalog_X(5)", Err(1)),
            ("/Catalog_X()", Err(7)),
            ("/$batch", Err(6)),
            ("/Catalog_X/One/Two", Err(6)),
        ] {
            assert_eq!(Address::parse(path).map_err(|refusal| refusal.code), expected, "{path}");
        }
    }
}
