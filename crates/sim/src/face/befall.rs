//! Acts that befall the system in the midst of somebody's work: after so many writes from now.
//!
//! An act happens between two requests, never within one. Not responsible for what an act does.

use serde_json::Value;

/// Acts that wait for their moment.
#[derive(Debug, Default)]
pub(super) struct Befalls {
    waiting: Vec<(u64, Value)>,
}

impl Befalls {
    /// Keeps an act for later: `{"after_writes": 3, "do": …}`. `None` where it is to be done at once.
    pub(super) fn keep(&mut self, action: &Value) -> Option<()> {
        let after = action.get("after_writes")?.as_u64()?;
        let mut act = action.clone();
        act.as_object_mut()?.remove("after_writes");
        self.waiting.push((after, act));
        Some(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The acts whose time has come after so many further writes.
    pub(super) fn take_due(&mut self, writes: u64) -> Vec<Value> {
        for (left, _) in &mut self.waiting {
            *left = left.saturating_sub(writes);
        }
        self.waiting.extract_if(.., |(left, _)| *left == 0).map(|(_, act)| act).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_act_waits_for_its_writes() {
        let mut befalls = Befalls::default();
        assert_eq!(befalls.keep(&json!({"do": "now"})), None);
        assert!(befalls.keep(&json!({"do": "late", "after_writes": 3})).is_some());
        assert!(befalls.keep(&json!({"do": "soon", "after_writes": 1})).is_some());
        assert_eq!(befalls.take_due(0), Vec::<Value>::new());
        assert_eq!(befalls.take_due(2), [json!({"do": "soon"})]);
        assert_eq!(befalls.take_due(2), [json!({"do": "late"})]);
        assert!(befalls.is_empty());
    }
}
