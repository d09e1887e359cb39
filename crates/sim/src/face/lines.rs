//! JSON Lines out of a body that comes in pieces: no more than a line of it is held at once.

use serde_json::Value;

/// What came of a body so far.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// How many lines were loaded.
    pub(super) loaded: u64,
    number: u64,
    /// The beginning of a line whose end has not come.
    open: Vec<u8>,
}

impl Lines {
    /// Loads the lines that end in this piece; empty ones are skipped. The error names the line.
    pub(super) fn take_in(
        &mut self,
        piece: &[u8],
        mut load: impl FnMut(&Value) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            self.number += 1;
            let open = std::mem::take(&mut self.open);
            let whole = if open.is_empty() { line } else { &[&open[..], line].concat() };
            if !whole.trim_ascii().is_empty() {
                let value = serde_json::from_slice(whole).map_err(|error| error.to_string());
                let loaded = value.and_then(|value| load(&value));
                loaded.map_err(|reason| format!("line {}: {reason}", self.number))?;
                self.loaded += 1;
            }
            rest = after;
        }
        self.open.extend_from_slice(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_wherever_a_body_is_cut() {
        let body = "{\"n\":\"я\"}\r\n\n{\"n\":2}\n{\"n\":3}".as_bytes();
        for cut in 0..=body.len() {
            let mut lines = Lines::default();
            let mut seen = Vec::new();
            for piece in [&body[..cut], &body[cut..], b"\n"] {
                lines
                    .take_in(piece, |line| {
                        seen.push(line["n"].clone());
                        Ok(())
                    })
                    .unwrap();
            }
            assert_eq!(
                (serde_json::to_string(&seen).unwrap(), lines.loaded),
                ("[\"я\",2,3]".to_owned(), 3),
                "{cut}"
            );
        }
    }

    #[test]
    fn a_wrong_line_is_named_by_its_number() {
        let mut lines = Lines::default();
        let wrong = lines.take_in(b"{}\n\n{\n{}\n", |_| Ok(())).unwrap_err();
        assert!(wrong.starts_with("line 3: "), "{wrong}");
        let refused = Lines::default().take_in(b"{}\n", |_| Err("no entity".to_owned())).unwrap_err();
        assert_eq!(refused, "line 1: no entity");
    }
}
