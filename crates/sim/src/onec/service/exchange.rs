//! `SelectChanges` and `NotifyChangesReceived`: an exchange plan read over the interface.
//!
//! The answer is Atom whatever is asked for, and the options of a query do not touch it. Invariant: a node forgets
//! nothing before the message that brought it is confirmed.

use uuid::Uuid;

use crate::http::{Request, Response};
use crate::onec::address::reference_literal;
use crate::onec::error::Refusal;
use crate::onec::objects::{Object, flag};
use crate::onec::query::Query;
use crate::onec::render;
use crate::onec::schema::{EntitySet, Nature};
use crate::onec::settings::Right;
use crate::onec::value::Value;

use super::{Service, root, taking};

pub(super) const SELECT: &str = "SelectChanges";
pub(super) const CONFIRM: &str = "NotifyChangesReceived";

impl Service<'_> {
    pub(super) fn exchange(
        &mut self,
        function: &str,
        query: &Query,
        request: &Request,
    ) -> Result<Response, Refusal> {
        if request.method != "POST" {
            return Err(Refusal::method(&request.method));
        }
        let (plan, node) = self.node(query)?;
        let message = query.get("MessageNo").ok_or_else(|| Refusal::no_argument("MessageNo"))?;
        let message: i64 = message.parse().map_err(|_| Refusal::argument("MessageNo"))?;
        let object = self.base.object(&plan, node).ok_or_else(|| Refusal::no_instance(&plan, node))?.clone();
        if message <= number(&object, "ReceivedNo") {
            return Err(Refusal::exception("Номер сообщения меньше или равен номеру последнего принятого"));
        }
        match function {
            SELECT => Ok(self.select_changes(&plan, node, message, object, request)),
            _ => {
                self.base.changes.confirm(node, message);
                self.count_message(&plan, node, object, "ReceivedNo", message);
                let cost = self.settings.write_cost;
                Ok(Response { status: 204, headers: vec![], body: vec![], took: cost })
            }
        }
    }

    fn select_changes(
        &mut self,
        plan: &str,
        node: Uuid,
        message: i64,
        object: Object,
        request: &Request,
    ) -> Response {
        let mut changes = self.base.changes.select(node, message);
        // Records of registers are selected and confirmed, and never shown.
        let is_shown = |set: &EntitySet| set.nature == Nature::Objects;
        changes.retain(|change| self.base.configuration.set(change.set).is_some_and(is_shown));
        self.count_message(plan, node, object, "SentNo", message);
        let moment = self.now.to_string();
        let feed = render::changes(self.base, &self.access, &root(self.settings, request), &moment, &changes);
        let rows = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        taking(feed, self.settings.read_cost + self.settings.row_cost * rows)
    }

    fn count_message(&mut self, plan: &str, node: Uuid, mut object: Object, counter: &str, message: i64) {
        object.insert(counter.to_owned(), Value::from(message.to_string()));
        self.base.write(plan, node, object);
    }

    /// The plan and the node of `DataExchangePoint`, which is an absolute address in quotes.
    fn node(&self, query: &Query) -> Result<(String, Uuid), Refusal> {
        const NAME: &str = "DataExchangePoint";
        let text = query.get(NAME).ok_or_else(|| Refusal::no_argument(NAME))?;
        let address = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        let address =
            address.filter(|address| address.starts_with("http")).ok_or_else(|| Refusal::argument(NAME))?;
        let (_, entity) =
            address.split_once(&self.settings.base_path).ok_or_else(|| Refusal::argument(NAME))?;
        let (plan, node) = reference_literal(entity)?;
        let is_plan = self.base.configuration.plans.iter().any(|known| known.set == plan);
        if !is_plan {
            return Err(Refusal::no_set(&plan));
        }
        let set = self.access.opened().set(&plan).ok_or_else(|| Refusal::no_set(&plan))?;
        self.access.check(Right::Read, set)?;
        self.access.check(Right::Update, set)?;
        let object = self.base.object(&plan, node).ok_or_else(|| Refusal::no_instance(&plan, node))?;
        if flag(object, "ThisNode") { Err(Refusal::argument(NAME)) } else { Ok((plan, node)) }
    }
}

fn number(object: &Object, name: &str) -> i64 {
    match object.get(name) {
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        Some(other) => other.as_number().and_then(serde_json::Number::as_i64).unwrap_or(0),
        None => 0,
    }
}
