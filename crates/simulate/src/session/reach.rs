//! How far events are let happen: until such a request is on its way, until the process is at such a point.

use super::{PATIENCE, SERVING_PATIENCE, Session};
use crate::desk::{Stage, Wait};
use crate::op::{CrashPoint, Target};

impl Session {
    /// Lets events happen until such a request is on its way, after so many others of its sort.
    pub(super) fn flow_to_call(&mut self, target: Target, skip: u8) -> Option<u64> {
        let mut met = Vec::new();
        for _ in 0..self.patience() {
            let on_their_way: Vec<u64> = {
                let table = self.desk.table();
                let wanted = |is_write: bool| target == Target::Any || is_write;
                let calls = table.calls.iter();
                calls
                    .filter(|(_, call)| matches!(call.stage, Stage::Sent) && wanted(call.is_write))
                    .map(|(id, _)| *id)
                    .collect()
            };
            for id in on_their_way {
                if !met.contains(&id) {
                    met.push(id);
                }
                if met.len() > usize::from(skip) {
                    return Some(id);
                }
            }
            if !self.step() {
                return None;
            }
        }
        None
    }

    /// Lets events happen until the process is at such a point. Returns whether it came there.
    pub(super) fn flow_to_crash(&mut self, point: CrashPoint, skip: u8) -> bool {
        let what = match point {
            CrashPoint::BeforeCommit => Wait::BeforeCommit,
            CrashPoint::AfterCommit => Wait::AfterCommit,
            CrashPoint::BeforeCall(target) => return self.flow_to_call(target, skip).is_some(),
            CrashPoint::AfterCall(target) => {
                let call = self.flow_to_call(target, skip);
                if let Some(id) = call {
                    self.arrive(id);
                }
                return call.is_some();
            }
        };
        let mut met = Vec::new();
        for _ in 0..self.patience() {
            let waiting: Vec<u64> = {
                let table = self.desk.table();
                table.pauses.iter().filter(|(_, pause)| pause.what == what).map(|(id, _)| *id).collect()
            };
            met.extend(waiting.into_iter().filter(|id| !met.contains(id)).collect::<Vec<_>>());
            if met.len() > usize::from(skip) {
                return true;
            }
            if !self.step() {
                return false;
            }
        }
        false
    }

    /// A process that serves may have nothing to write for long.
    fn patience(&self) -> usize {
        if self.is_live { SERVING_PATIENCE } else { PATIENCE }
    }
}
