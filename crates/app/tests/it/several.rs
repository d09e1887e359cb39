//! Several pairs in one hub: two infobases joined to one portal.

use obmen_sim::face::{Face, FaceOptions, serve};
use obmen_sim::onec::{self, Infobase, Product};
use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::served::{Served, Serving, until};

const CLIENTS: &str = "Catalog_Контрагенты";

/// A portal with two infobases of different configurations.
struct Hub {
    bench: Bench,
    second: Face<Infobase>,
}

impl Hub {
    async fn new(id_field: &str) -> Self {
        let bench = Bench::furnished(Product::Bp30).await.paced();
        let settings = onec::Settings {
            password: "geheim".to_owned(),
            configuration: Product::Unf,
            ..onec::Settings::default()
        };
        let options = FaceOptions { time_scale: 20.0, ..FaceOptions::new(bench.onec.now()) };
        let second = serve(Infobase::furnished(settings), options).await.unwrap();
        let pair = format!(
            r#"
[[pair]]
name = "second"
[pair.bitrix24]
webhook_url = "{}/rest/1/geheim/"
contact_id_field = "{id_field}CONTACT"
company_id_field = "{id_field}COMPANY"
limits = {{ per_second = 2 }}
[pair.onec]
url = "{}/base/odata/standard.odata"
user = "obmen"
password = "geheim"
configuration = "unf"
[pair.managers]
fallback_bitrix24 = "1"
"#,
            bench.bitrix24.url(),
            second.url(),
        );
        Self { bench: bench.with_further(&pair), second }
    }

    async fn sync(&self) {
        for pair in ["main", "second"] {
            let (code, report) = self.bench.run_json(&["--pair", pair, "sync"]).await;
            assert_eq!((code, &report["failed"]), (0, &json!(0)), "{pair}: {report}");
        }
    }

    fn firm(&self, inn: &str, title: &str, in_second: bool) {
        let kind = if in_second {
            "ВидКонтрагента"
        } else {
            "ЮридическоеФизическоеЛицо"
        };
        let fields =
            json!({"Description": title, "НаименованиеПолное": title, "ИНН": inn, (kind): "ЮридическоеЛицо"});
        let action = json!({"do": "create", "set": CLIENTS, "fields": fields});
        if in_second {
            let now = self.second.now();
            self.second.world.lock().unwrap().act(now, &action).unwrap();
        } else {
            self.bench.act_in_onec(&action);
        }
    }

    fn companies(&self) -> Vec<String> {
        let mut titles: Vec<String> = rows(&dump(&self.bench.bitrix24.world)["companies"])
            .iter()
            .map(|row| text(&row["TITLE"]))
            .collect();
        titles.sort();
        titles
    }

    /// The titles of clients in both infobases.
    fn clients(&self) -> [Vec<String>; 2] {
        [&self.bench.onec.world, &self.second.world].map(|world| {
            let objects = dump(world)["objects"][CLIENTS].clone();
            let mut titles: Vec<String> =
                rows(&objects).iter().map(|row| text(&row["Description"])).collect();
            titles.retain(|title| title.starts_with("ООО"));
            titles.sort();
            titles
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_infobases_keep_their_clients_equal_with_one_portal() {
    let hub = Hub::new("UF_CRM_SECOND_").await;
    for pair in ["main", "second"] {
        let (code, setup) = hub.bench.run_json(&["--pair", pair, "setup"]).await;
        assert_eq!(code, 0, "{setup}");
    }
    hub.firm("7707083893", "ООО Ромашка", false);
    hub.firm("5017002196", "ООО Лютик", true);
    hub.firm("7701234560", "ООО Мак", false);
    hub.firm("7701234560", "ООО Мак", true);
    hub.sync().await;
    hub.sync().await;
    let all = ["ООО Лютик", "ООО Мак", "ООО Ромашка"];
    assert_eq!(hub.companies(), all, "the one that both know stands there once");
    assert_eq!(hub.clients(), [all, all]);
    for company in rows(&dump(&hub.bench.bitrix24.world)["companies"]) {
        let ids = ["UF_CRM_1C_COMPANY_ID", "UF_CRM_SECOND_COMPANY"].map(|field| text(&company[field]));
        assert!(ids[0].len() == 36 && ids[1].len() == 36 && ids[0] != ids[1], "{company}");
    }

    // Live: both pairs in one process, within the limits of the portal.
    Serving::BY_POLLS.prepare(&hub.bench);
    hub.bench.reset_counters();
    let served = Served::start(&hub.bench).await;
    let fields = json!({"TITLE": "ООО Василёк", "UF_CRM_INN": "7736050003"});
    hub.bench.act_in_bitrix24(&json!({"do": "create", "entity": "company", "fields": fields}));
    hub.firm("5024002119", "ООО Клевер", true);
    until("everybody stands everywhere", || {
        let all = ["ООО Василёк", "ООО Клевер", "ООО Лютик", "ООО Мак", "ООО Ромашка"];
        hub.companies() == all && hub.clients() == [all, all]
    })
    .await;
    served.at_rest(&hub.bench).await;
    assert_eq!(served.stop().await, Some(0));
    assert_eq!(hub.companies().len(), 5, "nobody was created twice");
    assert_eq!(hub.bench.bitrix24.world.lock().unwrap().counters()["limited_503"], 0);
    for pair in ["main", "second"] {
        let (code, diff) = hub.bench.run_json(&["--pair", pair, "diff"]).await;
        assert_eq!(code, 0, "{pair}: {diff}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pairs_that_would_write_over_each_others_ids_are_refused() {
    let hub = Hub::new("UF_CRM_1C_").await;
    hub.bench.configure(|text| text.replace("UF_CRM_1C_CONTACT\"", "UF_CRM_1C_CONTACT_ID\""));
    for command in ["check", "sync"] {
        let outcome = hub.bench.run(&["--pair", "second", command]).await;
        assert_eq!(outcome.code, 1, "{outcome:?}");
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(told.contains("the pair main keeps its ids in the same place"), "{told}");
    }
}

fn rows(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}
