//! The query string of a request: options decoded as the server decodes them.
//!
//! Unlike HTML forms, the server does not read `+` as a space: it refuses the option.

use percent_encoding::percent_decode_str;

use super::error::Refusal;

/// Decoded options in the order sent.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(raw: &str) -> Result<Self, Refusal> {
        let mut options = Vec::new();
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name)?;
            if value.contains('+') {
                return Err(Refusal::option(&name));
            }
            options.push((name, decode(value)?));
        }
        Ok(Self(options))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// A count such as `$top`.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| Refusal::option(name)),
        }
    }

    /// A switch that the documentation spells with and without the dollar sign.
    pub(crate) fn allowed_only(&self) -> bool {
        let given = self.get("allowedOnly").or_else(|| self.get("$allowedOnly"));
        given.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// Decodes percent sequences into UTF-8.
pub(crate) fn decode(text: &str) -> Result<String, Refusal> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| Refusal::unparsed(text))?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_refused_and_an_encoded_one_is_a_plus() {
        assert_eq!(Query::parse("$filter=a+eq+1").unwrap_err().code, 14);
        assert_eq!(Query::parse("$filter=a%2Bb%20c").unwrap().get("$filter"), Some("a+b c"));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(Query::parse("$filter=%FF").unwrap_err().code, 1);
    }

    #[test]
    fn a_count_that_is_no_number_is_refused() {
        let query = Query::parse("$top=ten&$skip=3").unwrap();
        assert_eq!(query.number("$top").unwrap_err().code, 14);
        assert_eq!(query.number("$skip"), Ok(Some(3)));
    }
}
