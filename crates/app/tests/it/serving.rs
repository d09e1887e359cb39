//! The live exchange: what happens on one side stands on the other, whatever becomes of the messages about it.

use obmen_sim::world::World as _;
use serde_json::{Value, json};

use crate::bench::{Bench, dump, text};
use crate::served::{HOOK_SECRET, NEVER, Served, Serving, log, until};

const CLIENTS: &str = "Catalog_Контрагенты";
const PLAN: &str = "ExchangePlan_МобильнаяБухгалтерия";
const REFERENCE: &str = "6f1d4a52-0d5e-4b57-9a0c-0a3f6f0f1b11";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_entered_in_bitrix24_arrives_in_1c_by_its_webhook_and_gets_its_id_back() {
    let bench = Bench::synced().await;
    let token = Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    let contact = enter_contact(&bench, "Вера");
    until("the client stands in 1C", || clients(&bench) == ["Кольцова Вера"]).await;
    until("its id stands in the contact", || !mutual_id(&bench, &contact).is_empty()).await;
    served.at_rest(&bench).await;
    assert_eq!(clients(&bench).len(), 1);
    let metrics = served.metrics().await;
    for counted in [
        "obmen_hooks_total",
        "obmen_lag_seconds_count{pair=\"main\",direction=\"bitrix24-to-onec\"} 1\n",
        "obmen_lag_seconds_bucket{pair=\"main\",direction=\"bitrix24-to-onec\",le=\"3600\"} 1\n",
        "obmen_limit_requests{pair=\"main\",state=\"left\"}",
        "obmen_round_seconds_count{pair=\"main\"}",
        "obmen_writes_total{pair=\"main\",side=\"onec\",sort=\"create\"} 1\n",
        "obmen_requests_total{pair=\"main\",side=\"bitrix24\"}",
        "obmen_requests_total{pair=\"main\",side=\"onec\"}",
    ] {
        assert!(metrics.contains(counted), "{counted} in {metrics}");
    }
    assert!(
        !metrics.contains("direction=\"onec-to-bitrix24\""),
        "an id written back is no change that arrived"
    );

    change_contact(&bench, &contact, "Анна");
    until("the change stands in 1C", || clients(&bench) == ["Кольцова Анна"]).await;
    assert_eq!(served.stop().await, Some(0));

    let log = log(&bench);
    assert!(log.contains("serve.round") && log.contains("created_onec=1"), "{log}");
    for private in ["Кольцова", "Вера", "Анна", "firm.example", "geheim", &token] {
        assert!(!log.contains(private), "{private} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_is_still_typing_is_left_alone_for_as_long_as_the_configuration_says() {
    const SETTLES: i64 = 60;
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    bench.append_to_pair(&format!("settle_seconds = {SETTLES}"));
    let served = Served::start(&bench).await;
    let began = bench.bitrix24.now();
    let contact = enter_contact(&bench, "Вера");
    change_contact(&bench, &contact, "Анна");
    until("the client stands in 1C", || clients(&bench) == ["Кольцова Анна"]).await;
    let took = bench.bitrix24.now().duration_since(began).as_secs();
    assert!(took >= SETTLES, "{took}");
    served.at_rest(&bench).await;
    assert_eq!(bench.writes(), (1, 1), "what was typed in two steps is one look");
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counterparty_saved_in_1c_arrives_in_bitrix24_by_its_event() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    let client = enter_client(&bench, "Кольцова Вера");
    let event = json!({"type": "Справочник.Контрагенты", "ref": client});
    assert_eq!(served.post_onec("wrong", &event).await, 403);
    assert_eq!(served.post_onec(HOOK_SECRET, &event).await, 200);
    until("the contact stands in Bitrix24", || contacts(&bench) == ["Вера"]).await;
    served.at_rest(&bench).await;

    let change =
        json!({"do": "update", "set": CLIENTS, "ref": client, "fields": {"Description": "Кольцова Анна"}});
    bench.act_in_onec(&change);
    assert_eq!(served.post_onec(HOOK_SECRET, &event).await, 200);
    until("the change stands in Bitrix24", || contacts(&bench) == ["Анна"]).await;
    served.at_rest(&bench).await;
    assert_eq!(clients(&bench).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_said_is_found_by_asking_both_sides() {
    ask_both_sides(Bench::synced().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_said_is_found_by_asking_both_sides_by_the_extension() {
    ask_both_sides(Bench::synced_by_extension().await).await;
}

async fn ask_both_sides(bench: Bench) {
    Serving::BY_POLLS.prepare(&bench);
    let served = Served::start(&bench).await;
    let contact = enter_contact(&bench, "Вера");
    until("the client stands in 1C", || clients(&bench) == ["Кольцова Вера"]).await;
    until("its id stands in the contact", || !mutual_id(&bench, &contact).is_empty()).await;
    let client = mutual_id(&bench, &contact);
    let change =
        json!({"do": "update", "set": CLIENTS, "ref": client, "fields": {"Description": "Кольцова Анна"}});
    bench.act_in_onec(&change);
    until("the change of 1C stands in Bitrix24", || contacts(&bench) == ["Анна"]).await;
    enter_client(&bench, "Белова Нина");
    until("the new client stands in Bitrix24", || contacts(&bench) == ["Анна", "Нина"]).await;
    served.at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_exchange_plan_of_1c_registered_is_carried_over_and_confirmed() {
    let bench = Bench::synced().await;
    read_exchange_plan(&bench);
    let served = Served::start(&bench).await;
    enter_client(&bench, "Кольцова Вера");
    until("the contact stands in Bitrix24", || contacts(&bench) == ["Вера"]).await;
    let received = || text(&dump(&bench.onec.world)["objects"][PLAN][0]["ReceivedNo"]);
    until("the message is confirmed", || received() != "0").await;
    served.at_rest(&bench).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_exchange_plan_registered_is_found_by_a_walk_over_the_versions() {
    let bench = Bench::synced().await;
    enter_client(&bench, "Кольцова Вера");
    read_exchange_plan(&bench);
    let served = Served::start_alone(&bench).await;
    until("the contact stands in Bitrix24", || contacts(&bench) == ["Вера"]).await;
    served.at_rest(&bench).await;
}

/// From now on 1C registers for a node of ours what is written, and obmen reads that.
fn read_exchange_plan(bench: &Bench) {
    let node = json!({"Ref_Key": "70000000-0000-4000-8000-000000000001", "Code": "OBMEN", "SentNo": "0",
        "ReceivedNo": "0"});
    let node = json!({"entity": PLAN, "object": node});
    bench.onec.world.lock().unwrap().load(&node).unwrap();
    Serving { poll_onec: 10, ..Serving::BY_HOOKS }.prepare(bench);
    let file = bench.folder().join("obmen.toml");
    let plan = format!("exchange_plan = \"{}\"\nexchange_node = \"OBMEN\"", &PLAN["ExchangePlan_".len()..]);
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace("[pair.onec]\n", &format!("[pair.onec]\n{plan}\n"))).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_asked_to_end_finishes_the_round_that_is_under_way() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    bench.faults(&bench.onec.url(), &json!([{"kind": "slow", "seconds": 30, "times": 1000}])).await;
    bench.reset_counters();
    let contact = enter_contact(&bench, "Вера");
    until("the round has begun", || bench.calls("crm.contact.list") > 0).await;
    assert_eq!(served.stop().await, Some(0));
    assert!(!log(&bench).contains("cut off"), "{}", log(&bench));
    assert_eq!(clients(&bench), ["Кольцова Вера"]);
    assert!(!mutual_id(&bench, &contact).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_outbox_of_the_extension_holds_is_carried_over_and_acknowledged() {
    let bench = Bench::synced_by_extension().await;
    Serving { poll_onec: 1, ..Serving::BY_HOOKS }.prepare(&bench);
    let served = Served::start(&bench).await;
    // A walk over the versions comes at the start, and not again for ten minutes.
    let asked = || bench.onec.world.lock().unwrap().counters()["by_set"]["hs/obmen/v1/changes"].clone();
    until("1C was asked", || asked()["post"].as_u64() > Some(3)).await;
    let client = enter_client(&bench, "Кольцова Вера");
    until("the contact stands in Bitrix24", || contacts(&bench) == ["Вера"]).await;
    served.at_rest(&bench).await;
    let links = dump(&bench.onec.world)["links"].clone();
    assert_eq!((&links[0]["ref"], links.as_array().map(Vec::len)), (&json!(client), Some(1)), "{links}");
    let metrics = served.metrics().await;
    assert!(metrics.contains("obmen_lag_seconds_count{pair=\"main\",direction=\"onec-to-bitrix24\"} 1\n"));
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_twice_does_nothing_twice_and_our_own_writes_come_back_as_nothing() {
    say_everything_twice(Bench::synced().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_twice_does_nothing_twice_and_our_own_writes_come_back_as_nothing_by_the_extension()
 {
    say_everything_twice(Bench::synced_by_extension().await).await;
}

async fn say_everything_twice(bench: Bench) {
    bench.bitrix24.world.lock().unwrap().settings_mut().deliveries.doubling = 1.0;
    Serving { listens: true, ..Serving::BY_POLLS }.prepare(&bench);
    let served = Served::start(&bench).await;
    let people = ["Вера", "Анна", "Нина"].map(|name| enter_contact(&bench, name));
    until("all stand in 1C", || clients(&bench).len() == 3).await;
    until("all have their ids", || people.iter().all(|contact| !mutual_id(&bench, contact).is_empty())).await;
    served.at_rest(&bench).await;
    let created_and_written_back = (3, 3);
    assert_eq!(bench.writes(), created_and_written_back, "nothing was done twice");

    bench.reset_counters();
    until("both sides were asked again and again", || {
        bench.calls("crm.requisite.list") > 20 && bench.requests_to_onec() > 10
    })
    .await;
    served.at_rest(&bench).await;
    assert_eq!(bench.writes(), (0, 0), "our own writes plan nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_a_crash_is_done_after_it() {
    crash(Bench::synced().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_a_crash_is_done_after_it_by_the_extension() {
    crash(Bench::synced_by_extension().await).await;
}

async fn crash(bench: Bench) {
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    bench.act_in_onec(&json!({"do": "fault", "fault": "locked"}));
    bench.reset_counters();
    enter_contact(&bench, "Вера");
    until("the portal's message was taken", || bench.calls("crm.contact.list") > 0).await;
    served.kill();
    assert_eq!(clients(&bench), Vec::<String>::new());

    bench.act_in_onec(&json!({"do": "fault", "fault": "none"}));
    let served = Served::start_alone(&bench).await;
    until("the client stands in 1C", || clients(&bench) == ["Кольцова Вера"]).await;
    served.at_rest(&bench).await;
    assert_eq!((clients(&bench).len(), contacts(&bench).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_while_nobody_served_is_found_at_the_start_and_so_is_who_is_gone() {
    let bench = Bench::synced().await;
    Serving { poll_bitrix24: NEVER, poll_onec: NEVER, listens: false }.prepare(&bench);
    let served = Served::start(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    let contact = enter_contact(&bench, "Вера");
    let client = enter_client(&bench, "Белова Нина");
    let served = Served::start_alone(&bench).await;
    until("both stand on both sides", || clients(&bench).len() == 2 && contacts(&bench).len() == 2).await;
    served.at_rest(&bench).await;
    assert_eq!(served.stop().await, Some(0));

    bench.act_in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": contact}));
    let served = Served::start(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    let (_, reviews) = bench.run_json(&["review", "list"]).await;
    assert_eq!(reviews["reviews"][0]["kind"], "deletion", "{reviews}");
    assert_eq!(reviews["reviews"].as_array().unwrap().len(), 1, "{reviews}");
    assert_ne!(reviews["reviews"][0]["onec"], json!([client]));
    assert_eq!(clients(&bench).len(), 2, "nothing is deleted in 1C");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_shows_in_a_full_reading_alone_is_found_a_day_later() {
    let mut bench = Bench::synced().await;
    let firm = json!({"do": "create", "entity": "company", "fields": {"TITLE": "ООО «Ромашка»"}});
    let firm = text(&bench.act_in_bitrix24(&firm)["id"]);
    let numbers = json!({"ENTITY_TYPE_ID": "4", "ENTITY_ID": firm, "PRESET_ID": "1", "NAME": "Ромашка",
        "RQ_INN": "7707083893"});
    let numbers = json!({"do": "create", "entity": "requisite", "fields": numbers});
    let requisite = text(&bench.act_in_bitrix24(&numbers)["id"]);
    let (code, report) = bench.run_json(&["sync"]).await;
    assert_eq!((code, &report["created_onec"]), (0, &json!(1)), "{report}");
    Serving { poll_bitrix24: 10, poll_onec: 10, listens: false }.prepare(&bench);
    // What was changed a moment ago is told once more; by the next poll that is over.
    let served = Served::start(&bench).await;
    let polls = bench.calls("server.time");
    until("another poll begins", || bench.calls("server.time") > polls).await;
    served.at_rest(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    bench.act_in_bitrix24(&json!({"do": "delete", "entity": "requisite", "id": requisite}));
    let served = Served::start(&bench).await;
    assert_eq!(served.stop().await, Some(0));
    let holds_number = || dump(&bench.bitrix24.world)["requisites"].to_string().contains("7707083893");
    assert!(!holds_number(), "neither a poll nor a walk over ids shows it");
    bench.a_day_passes().await;
    let served = Served::start_alone(&bench).await;
    let holds_number = || dump(&bench.bitrix24.world)["requisites"].to_string().contains("7707083893");
    until("the number that 1C has stands there again", holds_number).await;
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_is_told_is_a_question_and_its_content_is_not_believed() {
    let bench = Bench::synced().await;
    let token = Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    let contact = enter_contact(&bench, "Вера");
    until("its id stands in the contact", || !mutual_id(&bench, &contact).is_empty()).await;
    served.at_rest(&bench).await;
    let told =
        |event: &str| format!("event={event}&data[FIELDS][ID]={contact}&auth[application_token]={token}");
    assert_eq!(served.post_form("/hooks/bitrix24/main", &told("ONCRMCONTACTDELETE")).await, 200);
    served.at_rest(&bench).await;
    let deletions = |count: u32| format!("obmen_open_reviews{{pair=\"main\",kind=\"deletion\"}} {count}");
    assert!(served.metrics().await.contains(&deletions(0)), "it stands there all the same");

    bench.act_in_bitrix24(&json!({"do": "delete", "entity": "contact", "id": contact}));
    for _ in 0..1500 {
        if served.metrics().await.contains(&deletions(1)) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let metrics = served.metrics().await;
    assert!(metrics.contains(&deletions(1)), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_strangers_and_nonsense_are_refused() {
    let bench = Bench::synced().await;
    let token = Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    let event =
        |token: &str| format!("event=ONCRMCONTACTADD&data[FIELDS][ID]=1&auth[application_token]={token}");
    let hook = "/hooks/bitrix24/main";
    assert_eq!(served.post_form(hook, &event(&token)).await, 200);
    assert_eq!(served.post_form(hook, &event(&format!("{token}x"))).await, 403);
    assert_eq!(served.post_form(hook, "event=ONCRMCONTACTADD&data[FIELDS][ID]=1").await, 403);
    assert_eq!(served.post_form(hook, "once upon a time").await, 400);
    assert_eq!(served.post_form("/hooks/bitrix24/other", &event(&token)).await, 404);
    let nobody = json!({"type": CLIENTS, "ref": REFERENCE});
    assert_eq!(served.post_onec(HOOK_SECRET, &nobody).await, 200);
    served.at_rest(&bench).await;
    assert_eq!(bench.writes(), (0, 0), "nobody is there to be copied");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_serves_no_pair_before_its_first_sync_and_no_store_twice() {
    let bench = Bench::with_people(0, 0).await.paced();
    bench.run_json(&["setup"]).await;
    Serving::BY_POLLS.prepare(&bench);
    let refused = bench.run(&["serve"]).await;
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("has had no whole sync yet"), "{refused:?}");
    assert!(refused.stderr.contains("obmen sync --config"), "the remedy: {refused:?}");
    bench.run_json(&["sync"]).await;

    let served = Served::start(&bench).await;
    let (code, status) = bench.run_json(&["status"]).await;
    assert_eq!((code, &status["lag_seconds"]), (0, &json!(0.0)), "asked beside the server: {status}");
    assert_eq!(bench.run(&["review", "list"]).await.code, 0);
    let second = bench.run(&["--lang", "ru", "serve"]).await;
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.stderr.contains("занято"), "{second:?}");
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_side_that_is_away_is_waited_for() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    bench.act_in_onec(&json!({"do": "fault", "fault": "locked"}));
    let served = Served::start_alone(&bench).await;
    enter_contact(&bench, "Вера");
    until("the reason is told", || log(&bench).contains("base is locked")).await;
    let failures = "obmen_failures_total{pair=\"main\",class=\"findings\"}";
    assert!(served.metrics().await.contains(failures), "{}", served.metrics().await);
    bench.act_in_onec(&json!({"do": "fault", "fault": "none"}));
    until("the client stands in 1C", || clients(&bench) == ["Кольцова Вера"]).await;
    assert_eq!(served.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_side_that_goes_away_while_it_is_served_is_waited_for_too() {
    let bench = Bench::synced().await;
    Serving::BY_HOOKS.prepare(&bench);
    let served = Served::start(&bench).await;
    bench.act_in_onec(&json!({"do": "fault", "fault": "login-page"}));
    enter_contact(&bench, "Вера");
    until("the failure is told", || log(&bench).contains("serve.failure")).await;
    bench.act_in_onec(&json!({"do": "fault", "fault": "none"}));
    until("the client stands in 1C", || clients(&bench) == ["Кольцова Вера"]).await;
    assert_eq!(served.stop().await, Some(0));
}

/// Somebody enters a contact; returns its id.
fn enter_contact(bench: &Bench, name: &str) -> String {
    let fields = json!({"NAME": name, "LAST_NAME": "Кольцова", "EMAIL": [{"VALUE": mailbox(name), "VALUE_TYPE": "WORK"}]});
    let done = bench.act_in_bitrix24(&json!({"do": "create", "entity": "contact", "fields": fields}));
    text(&done["id"])
}

fn change_contact(bench: &Bench, contact: &str, name: &str) {
    let change = json!({"do": "update", "entity": "contact", "id": contact, "fields": {"NAME": name}});
    bench.act_in_bitrix24(&change);
}

/// Somebody enters a private client; returns the reference.
fn enter_client(bench: &Bench, name: &str) -> String {
    let fields = json!({
        "Description": name, "НаименованиеПолное": name, "ЮридическоеФизическоеЛицо": "ФизическоеЛицо",
        "emails": [mailbox(name)]
    });
    text(&bench.act_in_onec(&json!({"do": "create", "set": CLIENTS, "fields": fields}))["ref"])
}

fn mailbox(name: &str) -> String {
    let number: u32 = name.chars().map(u32::from).sum();
    format!("n{number}@firm.example")
}

/// The names of all clients in 1C, sorted; folders and what is predefined left out.
fn clients(bench: &Bench) -> Vec<String> {
    let objects = dump(&bench.onec.world)["objects"][CLIENTS].clone();
    let mut names = names(&objects, "Description");
    names.retain(|name| name.starts_with("Кольцова") || name.starts_with("Белова"));
    names
}

/// The first names of all contacts in Bitrix24, sorted.
fn contacts(bench: &Bench) -> Vec<String> {
    names(&dump(&bench.bitrix24.world)["contacts"], "NAME")
}

fn names(rows: &Value, field: &str) -> Vec<String> {
    let mut names: Vec<String> = rows.as_array().into_iter().flatten().map(|row| text(&row[field])).collect();
    names.sort();
    names
}

/// The id of 1C that a contact keeps.
fn mutual_id(bench: &Bench, contact: &str) -> String {
    let contacts = dump(&bench.bitrix24.world)["contacts"].clone();
    let row = contacts.as_array().unwrap().iter().find(|row| text(&row["ID"]) == contact).cloned();
    row.map(|row| text(&row["UF_CRM_1C_CONTACT_ID"])).filter(|id| id != "null").unwrap_or_default()
}
