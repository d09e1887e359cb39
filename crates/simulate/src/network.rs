//! What happens to requests: they arrive, meet faults, take effect late, are answered.
//!
//! Not responsible for choosing which. Invariant: a portal's effect comes at most 60 s after sending, an infobase's
//! within the request's time-out.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use obmen_domain::record::{Catalog, Side};
use obmen_engine::ports::{HttpResponse, TransportError};
use obmen_sim::http::{Request, Response};
use obmen_sim::onec::IfMatch;

use crate::desk::{Call, Knew, Reply, Stage};
use crate::invariants::{Violation, written_against};
use crate::op::Fault;
use crate::session::Session;
use crate::snapshot::Entry;
use crate::surroundings::is_write;
use crate::systems::Records;
use crate::truth::Birth;

/// The portal is at work on a request for so long at most.
const LONGEST_WORK: Duration = Duration::from_secs(60);

impl Session {
    /// A request arrives and takes effect; its answer is there when the server has done its work.
    pub(crate) fn arrive(&mut self, id: u64) {
        let travel = Duration::from_millis(self.latency.between(1, 40));
        let at = self.now() + travel;
        self.advance_to(at);
        let Some((side, request, knew)) = self.in_transit(id) else { return };
        let (response, replaced) = self.take_effect(side, &request, knew);
        let ready = self.now() + response.took;
        if let Some(call) = self.desk.table().calls.get_mut(&id) {
            call.stage = Stage::Handled(ready, response, replaced);
        }
    }

    /// The answer of a request comes back.
    pub(crate) fn answer(&mut self, id: u64) {
        let mut table = self.desk.table();
        let Some(call) = table.calls.get_mut(&id) else { return };
        let side = call.side;
        if let Stage::Handled(_, response, _) = std::mem::replace(&mut call.stage, Stage::Silent) {
            if shows_records(side, &call.request) {
                table.answers = self.truth.shown.add(side, response.body.clone());
            }
            table.reply(id, as_reply(response));
        }
    }

    /// A request that has not arrived meets a fault.
    pub(crate) fn strike(&mut self, id: u64, fault: Fault) {
        let Some((side, request, knew)) = self.in_transit(id) else { return };
        self.coverage.hit(fault.name());
        self.trace.add(format!("{} {} {}: {}", self.now(), side.word(), request.method, fault.name()));
        self.truth.cut_off += 1;
        if let Fault::Late(wait) | Fault::Gateway(wait) | Fault::Silence(Some(wait)) = fault {
            let due = self.now() + Duration::from_secs(wait.into());
            let due = due.min(self.last_moment(id));
            self.systems.hold(due, side, request.clone(), knew);
        }
        let reply = match fault {
            Fault::Refuse => Err(TransportError::NotSent("connection refused".to_owned())),
            Fault::Error500 => Ok(page(500)),
            Fault::ResetAfter => {
                self.take_effect_unheard(side, &request, knew);
                Err(no_reply())
            }
            Fault::ResetBefore | Fault::Late(_) => Err(no_reply()),
            Fault::Gateway(_) => Ok(page(504)),
            Fault::Silence(_) => {
                if let Some(call) = self.desk.table().calls.get_mut(&id) {
                    call.stage = Stage::Silent;
                }
                return;
            }
        };
        self.desk.table().reply(id, reply);
    }

    /// Requests whose sender is gone may still arrive, or may not.
    pub(crate) fn scatter_orphans(&mut self) {
        let orphans = std::mem::take(&mut self.desk.table().orphans);
        for call in orphans {
            if self.orphans.percent(50) {
                self.coverage.hit("orphan: never arrives");
                continue;
            }
            self.coverage.hit("orphan: arrives");
            let left = last_moment(&call).duration_since(self.now()).as_millis();
            let wait = self.orphans.between(0, u64::try_from(left).unwrap_or(0));
            let due = self.now() + Duration::from_millis(wait);
            self.systems.hold(due, call.side, call.request, call.knew);
        }
    }

    /// Lets time pass up to a moment: late requests land, timers ring, patience ends.
    pub(crate) fn advance_to(&mut self, to: Timestamp) {
        while let Some(landed) = self.systems.take_late(to) {
            let mut table = self.desk.table();
            table.now = table.now.max(landed.at);
            drop(table);
            self.coverage.hit("late effect landed");
            self.take_effect_unheard(landed.side, &landed.request, landed.knew);
        }
        let mut table = self.desk.table();
        table.now = table.now.max(to);
        let now = table.now;
        let given_up: Vec<u64> = table
            .calls
            .iter()
            .filter(|(_, call)| {
                !matches!(call.stage, Stage::Replied(_)) && call.sent_at + call.timeout <= now
            })
            .map(|(id, _)| *id)
            .collect();
        for id in given_up {
            table.reply(id, Err(no_reply()));
        }
        drop(table);
        self.drop_unheard();
    }

    fn take_effect_unheard(&mut self, side: Side, request: &Request, knew: Knew) {
        let (_, replaced) = self.take_effect(side, request, knew);
        self.desk.table().unseen.extend(replaced);
    }

    /// Lets a request take effect. Returns the answer, and the values that it replaced before any answer showed them.
    fn take_effect(&mut self, side: Side, request: &Request, knew: Knew) -> (Response, BTreeSet<String>) {
        let before = is_write(side, request).then(|| self.systems.records(side));
        let now = self.now();
        let mut replaced = BTreeSet::new();
        let response = self.systems.handle(now, side, request);
        self.note_effect(now, side, request, &response);
        if let Some(before) = before {
            let after = self.systems.records(side);
            for (id, entry) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
                let party = self.truth.cast.owners_of(entry).first().copied();
                let birth = Birth { by_us: true, acts: knew.acts, party };
                self.truth.births.entry(id.clone()).or_insert(birth);
            }
            self.count_written(&before, &after);
            self.written(&before, &after, knew);
            let truth = &self.truth;
            let ignores_versions = side == Side::Onec && self.setup.infobase.if_match == IfMatch::Ignored;
            let moved = |old: &Entry| {
                let party = truth.cast.owners_of(old).first().copied();
                ignores_versions && party.is_some_and(|party| truth.touched_after(party, knew.acts))
            };
            for words in written_against(&self.setup.rules, side, &before, &after, moved) {
                self.trace.add(format!("    {words}"));
                self.wrongs.push(Violation { invariant: 7, words });
            }
            if self.is_live {
                match side {
                    Side::Bitrix24 => self.send_out_portal(),
                    Side::Onec => self.send_out_onec(&before, &after),
                }
            }
            replaced = self.replaced_unshown(&before, &after);
            match (side, self.setup.infobase.if_match) {
                // Its answer shows only what the write left.
                (Side::Onec, IfMatch::Ignored) => self.desk.table().unseen.append(&mut replaced),
                (Side::Onec, IfMatch::Honoured) => replaced.clear(),
                // A list stands before the writes of a batch: the answer shows what they replaced, unless rights hide it.
                (Side::Bitrix24, _) if self.systems.are_rights_taken => {
                    self.desk.table().unseen.append(&mut replaced);
                }
                (Side::Bitrix24, _) => {}
            }
        }
        (response, replaced)
    }

    /// Counts records that a write changed or made, and those in which it wrote nothing that tells of their party.
    fn count_written(&mut self, before: &Records, after: &Records) {
        for (id, new) in after.iter().filter(|(id, new)| before.get(*id) != Some(*new)) {
            let Some(old) = before.get(id) else {
                self.count_write(new);
                continue;
            };
            if old.says_as(new) {
                self.truth.noted += 1;
            // What belongs to a record that was just made is written with it.
            } else if self.truth.made_by_people(id) || self.truth.links.contains_key(id) {
                self.count_write(new);
            }
        }
    }

    fn count_write(&mut self, entry: &Entry) {
        if let Some(party) = self.truth.cast.owners_of(entry).first() {
            *self.truth.written.entry(*party).or_default() += 1;
        }
    }

    /// Values that a write replaced and that nobody had been shown.
    fn replaced_unshown(&mut self, before: &Records, after: &Records) -> BTreeSet<String> {
        let mut replaced = BTreeSet::new();
        for (id, old) in before {
            let kept = after.get(id).map(Entry::values).unwrap_or_default();
            for value in old.values().difference(&kept) {
                let is_of_people = self.truth.entered.contains(value) && !self.truth.removed.contains(value);
                if is_of_people && !self.truth.shown.holds(id.side, value) {
                    self.coverage.hit("a write replaced a value before anybody was shown it");
                    replaced.insert(value.clone());
                }
            }
        }
        replaced
    }

    /// 6: a write takes nothing away that nobody took out and that the product had been shown: what it knows of the other
    /// side would have to be older than what it knows of this one.
    fn written(&mut self, before: &Records, after: &Records, knew: Knew) {
        for (id, old) in before {
            // A contact person has room for two phones: which of a longer list they are may change.
            let is_roomy = |new: &&Entry| new.catalog != Catalog::ContactPerson;
            let Some(new) = after.get(id).filter(is_roomy) else { continue };
            // What an ended link had brought is taken back.
            if self.truth.is_ended(id) {
                continue;
            }
            let (old, kept) = (old.values(), new.values());
            for value in old.difference(&kept) {
                let is_of_people = self.truth.entered.contains(value) && !self.truth.removed.contains(value);
                // What was entered since is replaced within the window of one batch, or by a write that took effect late.
                let is_older = self.truth.entered_by.get(value).is_some_and(|act| *act <= knew.acts);
                let is_known = is_of_people && is_older && !value.starts_with("inn");
                if is_known && self.truth.shown.held(id.side, value, knew.answers) {
                    self.coverage.hit("a write took a value away that nobody had taken out");
                    let words = format!("{id} loses {value}, which nobody took out");
                    self.trace.add(format!("    {words}"));
                    self.wrongs.push(Violation { invariant: 6, words });
                }
            }
        }
    }

    fn note_effect(&mut self, now: Timestamp, side: Side, request: &Request, response: &Response) {
        self.trace.add_bytes(request.target.as_bytes());
        self.trace.add_bytes(&request.body);
        self.trace.add_bytes(&response.body);
        let mut line = format!("{now} {} {} -> {}", side.word(), request.method, response.status);
        if self.trace.is_kept() {
            let target = percent_decoded(&request.target);
            line =
                format!("{line} {target}\n    > {}\n    < {}", shown(&request.body), shown(&response.body));
        }
        self.trace.add(line);
    }

    fn in_transit(&self, id: u64) -> Option<(Side, Request, Knew)> {
        let table = self.desk.table();
        let call = table.calls.get(&id).filter(|call| matches!(call.stage, Stage::Sent))?;
        Some((call.side, call.request.clone(), call.knew))
    }

    fn last_moment(&self, id: u64) -> Timestamp {
        let table = self.desk.table();
        table.calls.get(&id).map_or(table.now, last_moment)
    }
}

/// The last moment at which a request may take effect.
fn last_moment(call: &Call) -> Timestamp {
    call.sent_at + call.timeout.min(LONGEST_WORK)
}

fn as_reply(response: Response) -> Reply {
    if response.is_cut() {
        return Err(no_reply());
    }
    let headers =
        response.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    Ok(HttpResponse { status: response.status, headers, body: response.body })
}

fn page(status: u16) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
        body: format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>")
            .into_bytes(),
    }
}

fn no_reply() -> TransportError {
    TransportError::NoReply("connection closed".to_owned())
}

/// Whether an answer shows what stands in records. An infobase that is asked for no contact information tells what it has, or of
/// objects what they are: no record is made of such an answer.
fn shows_records(side: Side, request: &Request) -> bool {
    const SECTION: &str = "КонтактнаяИнформация";
    side == Side::Bitrix24
        || is_write(side, request)
        || percent_decoded(&request.target).contains(SECTION)
        || String::from_utf8_lossy(&request.body).contains(SECTION)
}

fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(4000).collect()
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) if bytes[at] == b'%' => {
                decoded.push(code);
                at += 3;
            }
            _ => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
