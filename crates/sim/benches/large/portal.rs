//! The portal: pages of contacts in the ways that clients ask for them, and whole batches of them.

use jiff::{SignedDuration, Timestamp};
use obmen_sim::bitrix24::{Portal, Settings};
use obmen_sim::http::Request;
use obmen_sim::world::World;
use serde_json::{Value, json};

use crate::figures::Figures;
use crate::gauge::{self, cpu_milliseconds};
use crate::lines;

/// Milliseconds that a page of 50 contacts may take.
const PAGE: f64 = 1.0;
/// Milliseconds that a batch of fifty such pages may take.
const BATCH: f64 = 30.0;

/// Gives the seconds of CPU time too.
pub(crate) fn load(contacts: u64, companies: u64) -> (Portal, f64) {
    let mut portal = Portal::new(Settings::default());
    for name in ["CRM_CONTACT", "CRM_COMPANY"] {
        let line = json!({
            "entity": "userfield", "ENTITY_ID": name, "FIELD_NAME": "UF_CRM_INN", "USER_TYPE_ID": "string",
        });
        portal.load(&line).expect("a user field");
    }
    let mut seconds = gauge::load(&mut portal, companies, lines::company);
    seconds += gauge::load(&mut portal, contacts, |ordinal| lines::contact(ordinal, companies));
    (portal, seconds)
}

/// A portal and its clock, which leaves a minute between requests: limits are not what is measured.
struct Bench<'a> {
    portal: &'a mut Portal,
    now: Timestamp,
}

pub(crate) fn measure(portal: &mut Portal, contacts: u64, figures: &mut Figures) {
    let now = "2026-09-21T07:00:00Z".parse().expect("a date");
    let mut bench = Bench { portal, now };
    // First the largest answers: until it has freed one, glibc gives memory back to the system after every answer.
    for (method, command) in [
        (
            "crm.contact.list",
            "select[]=*&select[]=UF_*&select[]=PHONE&select[]=EMAIL&order[ID]=ASC&filter[>ID]=",
        ),
        ("crm.item.list", "entityTypeId=3&order[id]=asc&filter[>id]="),
    ] {
        let command = |at: u64| format!("{method}?start=-1&{command}{}", at * contacts / 60);
        let commands: serde_json::Map<String, Value> =
            (0..50).map(|at| (format!("c{at}"), command(at).into())).collect();
        let rows = |answer: &Value| {
            let pages = answer["result"]["result"].as_object().expect("the answers by key");
            pages.values().map(rows_of).sum::<usize>()
        };
        let milliseconds = bench.time(5, "batch", &json!({"cmd": commands}), rows, 2_500);
        figures.add(&format!("batch of 50 times {method}, all fields, ms"), milliseconds, Some(BATCH));
    }
    let middle = (contacts / 2).to_string();
    let select =
        json!(["ID", "DATE_MODIFY", "NAME", "LAST_NAME", "ORIGIN_ID", "UF_CRM_INN", "PHONE", "EMAIL"]);
    let all = json!(["*", "UF_*", "PHONE", "EMAIL"]);
    let by_id = json!({">ID": middle});
    let since = |ordinal: u64| json!({">=DATE_MODIFY": lines::changed(ordinal).to_string()});
    let last = contacts.saturating_sub(5_000);
    let origin = lines::reference(contacts / 3).to_string();
    let origins: Vec<String> = (1..=50).map(|ordinal| lines::reference(7 * ordinal).to_string()).collect();
    let inns: Vec<String> = (1..=50).map(|ordinal| lines::inn(11 * ordinal)).collect();
    for (name, select, filter, start) in [
        ("a first page without a filter, counted", &select, json!({}), 0),
        (">ID, some fields", &select, by_id.clone(), -1),
        (">ID, all fields", &all, by_id.clone(), -1),
        (">=DATE_MODIFY, half of all", &select, since(contacts / 2), -1),
        (">=DATE_MODIFY, the last 5,000", &select, since(last), -1),
        (">=DATE_MODIFY, the last 500, counted", &select, since(contacts.saturating_sub(500)), 0),
        ("ORIGIN_ID", &select, json!({"ORIGINATOR_ID": "1C", "ORIGIN_ID": origin}), 0),
        ("50 times ORIGIN_ID", &select, json!({"@ORIGIN_ID": origins}), -1),
        ("50 times UF_CRM_INN", &select, json!({"UF_CRM_INN": inns}), -1),
        ("PHONE", &select, json!({"PHONE": "+7 (912) 000-00-50"}), -1),
    ] {
        let params = json!({"select": select, "filter": filter, "order": {"ID": "ASC"}, "start": start});
        bench.page(&format!("crm.contact.list, {name}, ms"), "crm.contact.list", &params, figures);
    }
    let some = json!(["id", "updatedTime", "name", "lastName", "originId", "ufCrmInn", "fm"]);
    let since = |ordinal: u64| json!({">=updatedTime": lines::changed(ordinal).to_string()});
    for (name, select, filter) in [
        (">id, some fields", &some, json!({">id": middle})),
        (">id, all fields", &json!(["*"]), json!({">id": middle})),
        (">=updatedTime, half of all", &some, since(contacts / 2)),
        (">=updatedTime, the last 5,000", &some, since(last)),
        ("originId", &some, json!({"originId": origin})),
        ("50 times ufCrmInn", &some, json!({"@ufCrmInn": inns})),
    ] {
        let params = json!({"entityTypeId": 3, "select": select, "filter": filter, "order": {"id": "ASC"}, "start": -1});
        bench.page(&format!("crm.item.list, {name}, ms"), "crm.item.list", &params, figures);
    }
}

fn rows_of(page: &Value) -> usize {
    page.get("items").unwrap_or(page).as_array().expect("a page is a list").len()
}

impl Bench<'_> {
    fn page(&mut self, name: &str, method: &str, params: &Value, figures: &mut Figures) {
        let milliseconds = self.time(50, method, params, |answer| rows_of(&answer["result"]), 1);
        figures.add(name, milliseconds, Some(PAGE));
    }

    /// Milliseconds of a request whose answer has at least so many rows.
    fn time(
        &mut self,
        times: u32,
        method: &str,
        params: &Value,
        rows: impl Fn(&Value) -> usize,
        least: usize,
    ) -> f64 {
        let request = Request {
            method: "POST".to_owned(),
            target: format!("{}{method}", self.portal.settings().path()),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: params.to_string().into_bytes(),
        };
        let answer = self.send(&request);
        let answer: Value = serde_json::from_slice(&answer).expect("an answer is JSON");
        assert!(rows(&answer) >= least, "{method} {params} answers too few rows");
        cpu_milliseconds(times, || {
            self.send(&request);
        })
    }

    fn send(&mut self, request: &Request) -> Vec<u8> {
        self.now += SignedDuration::from_mins(1);
        let response = self.portal.handle(self.now, request);
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        response.body
    }
}
