//! What other programs of the same portal do to its limits.
//!
//! Every request of theirs counts for the bucket; execution time only that of a program with the same webhook, or of
//! the application that is named, since each has an account of its own. They stand behind `{"do": "other_apps", …}` alone: nobody simulates their requests. Not responsible for the limits
//! themselves.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Portal;
use super::methods::find_method;

impl Portal {
    /// Others sent `requests` from the same address just now, and called `method` for `seconds` of execution by the
    /// webhook, or as the application `client_id`.
    pub(crate) fn let_others_work(&mut self, now: Timestamp, action: &Value) -> Result<Value, String> {
        let requests =
            action.get("requests").map_or(Some(0), Value::as_u64).ok_or("requests are no number")?;
        for _ in 0..requests {
            if !self.bucket.admit(now, &self.settings) {
                break;
            }
        }
        if let Some(name) = action.get("method") {
            let name = name.as_str().unwrap_or_default();
            let method = find_method(name).ok_or_else(|| format!("there is no method {name:?}"))?;
            let seconds = action.get("seconds").and_then(Value::as_f64);
            let spent = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let spent = spent.ok_or("a method is called for some seconds")?;
            let account = action.get("client_id").and_then(Value::as_str);
            self.operating.charge(account, method.name, now, spent, &self.settings);
        } else if requests == 0 {
            return Err("others send requests, or call a method for some seconds".to_owned());
        }
        Ok(json!({}))
    }
}
