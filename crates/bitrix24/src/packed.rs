//! Answers of the portal that wait, as text: read, one takes ten times as much memory.
//!
//! Not responsible for what they say. Invariant: what is opened is what was packed.

use serde_json::Value;

/// A value as text.
#[derive(Debug, Clone)]
pub(crate) struct Packed(Box<str>);

impl Packed {
    pub(crate) fn of(value: &Value) -> Self {
        Self(value.to_string().into_boxed_str())
    }

    pub(crate) fn open(&self) -> Value {
        serde_json::from_str(&self.0).expect("what a value was written as can be read")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_opened_is_what_was_packed() {
        let texts =
            json!({"ID": "17", "NAME": "Ёж \u{1f994} \" \u{0}", "PHONE": [{"ID": 1}], "EMAIL": false});
        for value in [texts, json!(null), json!(u64::MAX), json!(0.5)] {
            assert_eq!(Packed::of(&value).open(), value);
        }
    }
}
