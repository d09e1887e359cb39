//! An application of the portal in place of a webhook: installed, then synced, then served.

use serde_json::json;

use crate::bench::{Bench, dump, text};
use crate::failures::contacts;
use crate::served::{NEVER, Served, log, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_brings_its_key_by_the_installation_and_is_told_by_its_queue() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = bench.bitrix24.url();
    let oauth = format!(
        "oauth = {{ portal = \"{url}\", client_id = \"local.obmen\", client_secret = \"geheim\", auth_url = \"{url}\" }}"
    );
    let webhook = format!("webhook_url = \"{url}/rest/1/geheim/\"");
    bench.configure(|text| {
        assert!(text.contains(&webhook), "{text}");
        // Nobody asks by himself: the queue rings.
        let portal = format!("{oauth}\npoll_seconds = {NEVER}");
        let server = format!("listen = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"");
        format!("[server]\n{server}\n{}", text.replace(&webhook, &portal))
    });
    let refused = bench.run(&["sync"]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("the application is not let into the portal"), "{refused:?}");

    let served = Served::start_alone(&bench).await;
    let install = json!({"do": "install", "client_id": "local.obmen", "client_secret": "geheim",
        "handler": format!("http://127.0.0.1:{port}/hooks/bitrix24/main")});
    bench.act_in_bitrix24(&install);
    assert_eq!(served.ended().await, Some(0));
    assert!(log(&bench).contains("The application is installed. Run obmen sync now"), "{}", log(&bench));
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!(code, 0, "{report}");

    bench.reset_counters();
    let served = Served::start_alone(&bench).await;
    until("the queue is asked", || bench.calls("event.offline.get") > 0).await;
    served.at_rest(&bench).await;
    let fields = json!({"NAME": "Вера", "LAST_NAME": "Кольцова",
        "EMAIL": [{"VALUE": "vera@firm.example", "VALUE_TYPE": "WORK"}]});
    bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    let mutual_id = || text(&dump(&bench.bitrix24.world)["contacts"][0]["UF_CRM_1C_CONTACT_ID"]);
    until("its id stands in the contact", || mutual_id().len() == 36).await;
    until("the queue is confirmed", || bench.calls("event.offline.clear") > 0).await;
    served.at_rest(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    assert_eq!((contacts(&bench), bench.writes()), (1, (1, 1)));
    let log = log(&bench);
    for secret in ["geheim", "access0", "refresh0"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
