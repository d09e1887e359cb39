//! The infobase: pages of a thousand counterparties, and scans for changed versions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use obmen_sim::http::Request;
use obmen_sim::onec::{Infobase, Settings};
use obmen_sim::world::World;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use crate::figures::Figures;
use crate::gauge::{self, cpu_milliseconds};
use crate::lines;

/// Milliseconds that a page of 1,000 objects may take.
const PAGE: f64 = 30.0;
/// What a request line cannot hold as it is.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ');

/// Gives the seconds of CPU time too.
pub(crate) fn load(counterparties: u64) -> (Infobase, f64) {
    let mut infobase = Infobase::new(Settings::default());
    let seconds = gauge::load(&mut infobase, counterparties, lines::counterparty);
    (infobase, seconds)
}

pub(crate) fn measure(infobase: &mut Infobase, figures: &mut Figures) {
    let fields = "Ref_Key,DataVersion,DeletionMark,IsFolder,Code,Description,НаименованиеПолное,ИНН,КПП,\
                  ЮридическоеФизическоеЛицо,КонтактнаяИнформация,ДополнительныеРеквизиты";
    let from = "&$filter=Ref_Key gt guid'80000000-0000-0000-0000-000000000000'&$orderby=Ref_Key";
    for (name, options) in [
        ("first page, contact information", format!("&$select={fields}&$orderby=Ref_Key")),
        ("Ref_Key gt, contact information", format!("&$select={fields}{from}")),
        ("Ref_Key gt, everything", from.to_owned()),
        ("Ref_Key gt, Ref_Key and DataVersion", format!("&$select=Ref_Key,DataVersion{from}")),
        ("no order, Ref_Key and DataVersion", "&$select=Ref_Key,DataVersion".to_owned()),
    ] {
        for metadata in ["nometadata", "minimalmetadata"] {
            let milliseconds = time(infobase, metadata, &options);
            figures.add(&format!("1,000 counterparties, {name}, {metadata}, ms"), milliseconds, Some(PAGE));
        }
    }
}

fn time(infobase: &mut Infobase, metadata: &str, options: &str) -> f64 {
    let mut now: Timestamp = "2026-09-21T07:00:00Z".parse().expect("a date");
    let encoded = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let settings = Settings::default();
    let credentials = STANDARD.encode(format!("{}:{}", settings.user, settings.password));
    let path = format!("{}/Catalog_Контрагенты", settings.base_path);
    let query = format!("$top=1000{options}");
    let request = Request {
        method: "GET".to_owned(),
        target: format!("{}?{}", encoded(&path), encoded(&query)),
        headers: vec![
            ("Accept".to_owned(), format!("application/json;odata={metadata}")),
            ("Authorization".to_owned(), format!("Basic {credentials}")),
        ],
        body: Vec::new(),
    };
    let mut send = || {
        now += SignedDuration::from_mins(1);
        let response = infobase.handle(now, &request);
        assert_eq!(response.status, 200, "{}", String::from_utf8_lossy(&response.body));
        response.body
    };
    let answer: Value = serde_json::from_slice(&send()).expect("an answer is JSON");
    assert_eq!(answer["value"].as_array().map(Vec::len), Some(1000), "{options}");
    cpu_milliseconds(5, || {
        send();
    })
}
