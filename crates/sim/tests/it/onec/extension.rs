//! The service of obmen's extension against its contract.

use super::*;
use obmen_sim::onec::{Attached, Fault};

const NEW: &str = "30000000-0000-0000-0000-000000000001";
const OTHER: &str = "30000000-0000-0000-0000-000000000002";
const LINKS: &str = "InformationRegister_СвязиКонтрагентКонтакт";

fn attached() -> Settings {
    Settings { extension: Some(Attached::default()), ..Settings::default() }
}

fn extended() -> Infobase {
    infobase(attached())
}

fn ask(base: &mut Infobase, method: &str, body: &Value) -> Response {
    let verb = if body.is_null() { "GET" } else { "POST" };
    let request = Request {
        method: verb.to_owned(),
        target: format!("/base/hs/obmen/v1/{method}"),
        headers: vec![("Authorization".to_owned(), "Basic b2JtZW46c2VjcmV0".to_owned())],
        body: if body.is_null() { vec![] } else { body.to_string().into_bytes() },
    };
    base.handle(now(), &request)
}

fn asked(base: &mut Infobase, method: &str, request: &Value) -> Value {
    body(&ask(base, method, request), 200)
}

/// The answer to one question.
fn found(base: &mut Infobase, question: &Value) -> Value {
    asked(base, "find", &json!({"pair": "main", "questions": [question]}))["answers"][0].clone()
}

fn refs(answer: &Value) -> Vec<&str> {
    answer["objects"].as_array().unwrap().iter().map(|object| object["Ref_Key"].as_str().unwrap()).collect()
}

/// The outcome of one item.
fn written(base: &mut Infobase, item: &Value) -> Value {
    asked(base, "write", &json!({"pair": "main", "items": [item]}))["items"][0].clone()
}

fn object(base: &mut Infobase, set: &str, key: &str) -> Value {
    let answer = asked(base, "get", &json!({"pair": "main", "wanted": [{"set": set, "refs": [key]}]}));
    answer["found"][0]["objects"][0].clone()
}

fn version(base: &mut Infobase, set: &str, key: &str) -> Value {
    object(base, set, key)["DataVersion"].clone()
}

fn waiting(base: &mut Infobase) -> Vec<Value> {
    asked(base, "changes", &json!({}))["rows"].as_array().unwrap().clone()
}

fn firm(fields: &Value) -> Value {
    json!({"set": COUNTERPARTIES, "ref": NEW, "version": "", "fields": fields})
}

fn plain_firm() -> Value {
    firm(
        &json!({"Description": "Лютик", "ЮридическоеФизическоеЛицо": "ЮридическоеЛицо", "ИНН": "5017002196"}),
    )
}

#[test]
fn there_is_no_service_without_the_extension_and_nobody_comes_in_without_a_password() {
    assert_eq!(ask(&mut plain(), "info", &Value::Null).status, 404);
    let mut base = extended();
    let request = Request {
        method: "GET".into(),
        target: "/base/hs/obmen/v1/info".into(),
        headers: vec![],
        body: vec![],
    };
    assert_eq!(base.handle(now(), &request).status, 401);
    assert_eq!(ask(&mut base, "nothing", &Value::Null).status, 404);
    assert_eq!(ask(&mut base, "find", &Value::Null).status, 405);
}

#[test]
fn info_tells_the_contract_the_build_and_what_is_lacking() {
    let mut base = infobase(Settings {
        extension: Some(Attached { safe_mode: true, ..Attached::default() }),
        ..Settings::default()
    });
    base.act(now(), &json!({"do": "deny", "set": PERSONS, "rights": ["update"]})).unwrap();
    let info = asked(&mut base, "info", &Value::Null);
    assert_eq!((&info["contract"], &info["extension"]["build"]), (&json!("1.0"), &json!("bp30")));
    assert_eq!(info["time"], json!({"utc": "2026-03-01T06:30:00Z", "local": "2026-03-01T09:30:00"}));
    let lacks: Vec<&Value> = info["lacks"].as_array().unwrap().iter().collect();
    let lacks_of = |code: &str| lacks.iter().find(|lack| lack["code"] == code).copied();
    assert_eq!(lacks_of("no-right").unwrap()["set"], PERSONS);
    assert!(lacks_of("safe-mode").is_some() && lacks_of("notify-off").is_some());
}

#[test]
fn every_field_of_the_schema_can_be_asked_for() {
    for product in [Product::Bp30, Product::Ut11, Product::Unf] {
        let mut base = Infobase::new(Settings { configuration: product, ..attached() });
        let schema = asked(&mut base, "schema", &Value::Null);
        for set in schema["sets"].as_array().unwrap() {
            let names = |list: &Value| -> Vec<Value> {
                list.as_array().unwrap().iter().map(|one| one["name"].clone()).collect()
            };
            let fields = [names(&set["fields"]), names(&set["sections"])].concat();
            let answer = found(&mut base, &json!({"id": "x", "set": set["name"], "fields": fields}));
            assert!(answer["objects"].is_array(), "{}: {answer}", set["name"]);
        }
    }
}

#[test]
fn pages_follow_the_references_and_bring_what_belongs_to_their_objects() {
    let mut base = extended();
    let question = |after: &Value| {
        json!({"id": "p", "set": COUNTERPARTIES, "fields": ["Description"], "after": after, "limit": 1, "count": true,
               "with": [{"set": PERSONS, "by": "Ref_Key", "to": "ОбъектВладелец", "fields": ["Description"]}]})
    };
    let first = found(&mut base, &question(&json!("")));
    assert_eq!((refs(&first), &first["count"]), (vec![FIRM], &json!(2)));
    assert_eq!(first["objects"][0], json!({"Ref_Key": FIRM, "Description": "Ромашка", "@mutual_id": ""}));
    assert_eq!(first["with"][0]["objects"][0]["Description"], "Анна");
    let second = found(&mut base, &question(&first["next"]));
    assert_eq!((refs(&second), &second["with"][0]["objects"]), (vec![BRANCH], &json!([])));
    let last = found(&mut base, &question(&second["next"]));
    assert_eq!((refs(&last), last.get("next")), (vec![], None));
}

#[test]
fn conditions_are_told_by_field_by_row_and_by_the_beginning_and_end_of_a_text() {
    let mut base = extended();
    let mut holders = |conditions: Value| -> Vec<String> {
        let mut question = json!({"id": "c", "set": COUNTERPARTIES});
        question.as_object_mut().unwrap().extend(conditions.as_object().unwrap().clone());
        let answer = found(&mut base, &question);
        refs(&answer).into_iter().map(str::to_owned).collect()
    };
    let section = "КонтактнаяИнформация";
    assert_eq!(holders(json!({"all": [{"is": {"ИНН": ["7701234560"]}}]})), [FIRM, BRANCH]);
    assert_eq!(holders(json!({"all": [{"not": {"ГоловнойКонтрагент_Key": [FIRM]}}]})), [FIRM]);
    assert_eq!(
        holders(
            json!({"all": [{"begins": {"Description": ["РОМАШКА"]}}, {"ends": {"Description": ["'юг'"]}}]})
        ),
        [BRANCH]
    );
    assert_eq!(
        holders(
            json!({"any": [{"section": section, "begins": {"НомерТелефона": ["7495"]}}, {"is": {"ИНН": ["нет"]}}]})
        ),
        [FIRM]
    );
    let attribute = |value: &str| json!({"all": [{"section": "ДополнительныеРеквизиты", "is": {"Свойство_Key": [ATTRIBUTE], "Значение": [value]}}]});
    assert_eq!(holders(attribute("123")), [FIRM]);
    assert_eq!(holders(attribute(MANAGER)), [""; 0], "both columns have to be met in one row");
    assert_eq!(holders(json!({"all": [{"is": {"ИНН": []}}]})), [""; 0]);
}

#[test]
fn a_question_that_fails_leaves_the_others_alone() {
    let mut base = extended();
    let answers = asked(
        &mut base,
        "find",
        &json!({"questions": [
            {"id": "1", "set": "Catalog_Зарплата"},
            {"id": "2", "set": COUNTERPARTIES, "fields": ["ИНН", "Нет"]},
            {"id": "3", "set": COUNTERPARTIES, "all": [{"is": {"DeletionMark": ["да"]}}]},
            {"id": "4", "set": COUNTERPARTIES, "fields": []},
        ]}),
    );
    let codes: Vec<&Value> = answers["answers"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [&json!("no-set"), &json!("no-field"), &json!("bad-value"), &Value::Null]);
    assert_eq!(answers["answers"][3]["objects"].as_array().unwrap().len(), 2);
}

#[test]
fn an_answer_that_would_leave_out_a_hidden_row_is_denied() {
    let mut base = extended();
    base.act(now(), &json!({"do": "hide", "refs": [BRANCH]})).unwrap();
    assert_eq!(found(&mut base, &json!({"id": "h", "set": COUNTERPARTIES}))["code"], "denied");
    let wanted = json!({"wanted": [{"set": COUNTERPARTIES, "refs": [FIRM]}, {"set": COUNTERPARTIES, "refs": [BRANCH]}]});
    let answer = asked(&mut base, "get", &wanted);
    assert_eq!((answer["found"][0].get("code"), &answer["found"][1]["code"]), (None, &json!("denied")));
    assert_eq!(answer["found"][1].get("missing"), None, "what could not be read is not missing");
}

#[test]
fn get_tells_which_references_nobody_has() {
    let mut base = extended();
    let answer = asked(&mut base, "get", &json!({"wanted": [{"set": COUNTERPARTIES, "refs": [NEW, FIRM]}]}));
    assert_eq!((refs(&answer["found"][0]), &answer["found"][0]["missing"]), (vec![FIRM], &json!([NEW])));
}

#[test]
fn an_object_is_created_once_under_its_reference_however_often_it_is_sent() {
    let mut base = extended();
    let item = json!({"key": "k1", "objects": [plain_firm()]});
    let first = written(&mut base, &item);
    assert_eq!((&first["outcome"], &first["repeated"]), (&json!("done"), &json!(false)));
    let again = written(&mut base, &item);
    assert_eq!((&again["outcome"], &again["repeated"]), (&json!("done"), &json!(true)));
    assert_eq!(again["objects"], first["objects"]);
    let other = written(&mut base, &json!({"key": "k2", "objects": [plain_firm()]}));
    assert_eq!((&other["outcome"], &other["ref"]), (&json!("exists"), &json!(NEW)));
    let shown = object(&mut base, COUNTERPARTIES, NEW);
    assert_eq!(
        (&shown["Description"], &shown["ИННВведенКорректно"]),
        (&json!("Лютик"), &json!(true)),
        "handlers ran"
    );
}

#[test]
fn an_object_in_another_version_is_not_written() {
    let mut base = extended();
    let stale = version(&mut base, COUNTERPARTIES, FIRM);
    base.act(
        now(),
        &json!({"do": "update", "set": COUNTERPARTIES, "ref": FIRM, "fields": {"КПП": "770101001"}}),
    )
    .unwrap();
    let item = |version: &Value| json!({"key": "m", "objects": [{"set": COUNTERPARTIES, "ref": FIRM, "version": version, "fields": {"Description": "Иначе"}}]});
    assert_eq!(written(&mut base, &item(&stale))["outcome"], "moved");
    assert_eq!(object(&mut base, COUNTERPARTIES, FIRM)["Description"], "Ромашка");
    let fresh = version(&mut base, COUNTERPARTIES, FIRM);
    assert_eq!(written(&mut base, &item(&fresh))["outcome"], "done", "a key of what was not done is free");
    let missing = json!({"key": "n", "objects": [{"set": COUNTERPARTIES, "ref": OTHER, "version": fresh, "fields": {}}]});
    assert_eq!(written(&mut base, &missing)["outcome"], "missing");
}

#[test]
fn an_item_is_written_as_a_whole_or_not_at_all() {
    let mut base = Infobase::new(Settings { configuration: Product::Ut11, ..attached() });
    let client = |inn: &str| {
        json!({"key": "c", "objects": [
            {"set": "Catalog_Партнеры", "ref": OTHER, "version": "", "fields": {"Description": "Лютик", "Клиент": true}},
            {"set": COUNTERPARTIES, "ref": NEW, "version": "", "mutual_id": "company:7",
             "fields": {"Description": "Лютик", "ИНН": inn, "Партнер_Key": OTHER, "ЮрФизЛицо": "ЮрЛицо"}},
        ]})
    };
    let refused = written(&mut base, &client("5017002196501"));
    assert_eq!(
        (&refused["outcome"], &refused["field"], &refused["ref"]),
        (&json!("refused"), &json!("ИНН"), &json!(NEW))
    );
    assert!(object(&mut base, "Catalog_Партнеры", OTHER).is_null(), "the partner went with it");
    assert_eq!(waiting(&mut base), [] as [Value; 0]);
    assert_eq!(written(&mut base, &client("5017002196"))["outcome"], "done");
    assert_eq!(object(&mut base, COUNTERPARTIES, NEW)["@mutual_id"], "company:7");
}

#[test]
fn our_own_writes_wait_in_no_outbox_and_what_they_bring_about_does() {
    let mut base = extended();
    let held = version(&mut base, COUNTERPARTIES, FIRM);
    let item = json!({"key": "o", "objects": [{"set": COUNTERPARTIES, "ref": FIRM, "version": held, "fields": {"ИНН": "5017002196"}}]});
    assert_eq!(written(&mut base, &item)["outcome"], "done");
    let rows = waiting(&mut base);
    let named: Vec<&Value> = rows.iter().map(|row| &row["ref"]).collect();
    assert_eq!(named, [BRANCH], "the branch got the number of its head");
}

#[test]
fn a_row_that_was_written_again_is_not_forgotten() {
    let mut base = extended();
    let change = |base: &mut Infobase, kpp: &str| {
        base.act(now(), &json!({"do": "update", "set": COUNTERPARTIES, "ref": FIRM, "fields": {"КПП": kpp}}))
            .unwrap();
    };
    change(&mut base, "770101001");
    let given = waiting(&mut base);
    assert_eq!(
        (given.len(), &given[0]["event"], &given[0]["at"]),
        (1, &json!("written"), &json!("2026-03-01T06:30:00Z"))
    );
    assert_eq!(waiting(&mut base), given, "the same until it is acknowledged");
    change(&mut base, "770101002");
    let kept = asked(&mut base, "acknowledge", &json!({"rows": given}));
    assert_eq!(kept["kept"], json!([{"set": COUNTERPARTIES, "ref": FIRM}]));
    let rows = waiting(&mut base);
    assert_eq!(asked(&mut base, "acknowledge", &json!({"rows": rows}))["kept"], json!([]));
    assert_eq!(waiting(&mut base), [] as [Value; 0]);
    assert_eq!(
        asked(&mut base, "acknowledge", &json!({"rows": rows}))["kept"],
        json!([]),
        "what is gone is as good"
    );
}

#[test]
fn deletions_and_loads_of_other_exchanges_wait_too_the_oldest_first() {
    let mut base = extended();
    base.act(now(), &json!({"do": "delete", "set": COUNTERPARTIES, "ref": BRANCH})).unwrap();
    let record = json!({"Ref_Key": NEW, "Description": "Извне"});
    base.act(now(), &json!({"do": "import", "set": COUNTERPARTIES, "load_mode": true, "records": [record]}))
        .unwrap();
    assert_eq!(send(&mut base, "PATCH", &entity(PERSONS, ANNA), &json!({"Должность": "Юрист"})).status, 200);
    let rows = waiting(&mut base);
    let told: Vec<(&Value, &Value)> = rows.iter().map(|row| (&row["ref"], &row["event"])).collect();
    assert_eq!(
        told,
        [
            (&json!(BRANCH), &json!("deleted")),
            (&json!(NEW), &json!("written")),
            (&json!(ANNA), &json!("written"))
        ]
    );
    let first = asked(&mut base, "changes", &json!({"limit": 1}));
    assert_eq!((first["rows"].as_array().unwrap().len(), &first["more"]), (1, &json!(true)));
}

#[test]
fn in_safe_mode_without_roles_nothing_of_users_is_registered() {
    let how = Attached { safe_mode: true, default_roles: false };
    let mut base = infobase(Settings { extension: Some(how), ..Settings::default() });
    base.act(
        now(),
        &json!({"do": "update", "set": COUNTERPARTIES, "ref": FIRM, "fields": {"КПП": "770101001"}}),
    )
    .unwrap();
    assert_eq!(waiting(&mut base), [] as [Value; 0]);
}

#[test]
fn an_id_has_one_object_and_an_object_one_id() {
    let mut base = extended();
    let put = |key: &str, id: &str| json!({"pair": "main", "put": [{"set": COUNTERPARTIES, "ref": key, "mutual_id": id}]});
    let before = version(&mut base, COUNTERPARTIES, FIRM);
    assert_eq!(asked(&mut base, "links", &put(FIRM, "company:7"))["put"][0]["outcome"], "done");
    assert_eq!(version(&mut base, COUNTERPARTIES, FIRM), before, "the object is not written");
    let taken = asked(&mut base, "links", &put(BRANCH, "company:7"));
    assert_eq!(
        (&taken["put"][0]["outcome"], &taken["put"][0]["holder"]["ref"]),
        (&json!("taken"), &json!(FIRM))
    );
    let item = json!({"key": "t", "objects": [{"set": COUNTERPARTIES, "ref": NEW, "version": "", "mutual_id": "company:7", "fields": {"Description": "Лютик"}}]});
    let refused = written(&mut base, &item);
    assert_eq!((&refused["outcome"], &refused["holder"]["ref"]), (&json!("taken"), &json!(FIRM)));
    assert_eq!(asked(&mut base, "links", &put(NEW, "company:8"))["put"][0]["outcome"], "missing");
    let read = asked(
        &mut base,
        "links",
        &json!({"pair": "main", "objects": [{"set": COUNTERPARTIES, "ref": FIRM}], "mutual_ids": ["company:7"]}),
    );
    assert_eq!(read["links"], json!([{"set": COUNTERPARTIES, "ref": FIRM, "mutual_id": "company:7"}]));
    let elsewhere = asked(&mut base, "links", &json!({"pair": "other", "mutual_ids": ["company:7"]}));
    assert_eq!(elsewhere["links"], json!([]), "pairs know nothing of each other");
    base.act(now(), &json!({"do": "delete", "set": COUNTERPARTIES, "ref": FIRM})).unwrap();
    assert_eq!(
        asked(&mut base, "links", &put(BRANCH, "company:7"))["put"][0]["outcome"],
        "done",
        "who is gone holds nothing"
    );
}

#[test]
fn a_link_of_a_contact_person_is_a_record_and_stands_for_the_person_in_the_outbox() {
    let mut base = Infobase::new(Settings { configuration: Product::Unf, ..attached() });
    for (set, key) in [(COUNTERPARTIES, FIRM), (PERSONS, ANNA)] {
        base.load(&json!({"entity": set, "object": {"Ref_Key": key, "Description": "Имя"}})).unwrap();
    }
    let record = |was: Value, position: &str| {
        json!({"key": format!("r{position}{was}"), "records": [{"set": LINKS, "was": was, "fields": {
            "Period": "2026-03-01T09:30:00", "Контрагент_Key": FIRM, "Контакт_Key": ANNA, "Должность": position}}]})
    };
    assert_eq!(written(&mut base, &record(Value::Null, "Юрист"))["outcome"], "done");
    assert_eq!(written(&mut base, &record(Value::Null, "Повар"))["outcome"], "moved", "there is one by now");
    assert_eq!(written(&mut base, &record(json!({"Должность": "Юрист"}), "Повар"))["outcome"], "done");
    let answer =
        found(&mut base, &json!({"id": "l", "set": LINKS, "all": [{"is": {"Контакт_Key": [ANNA]}}]}));
    assert_eq!(
        (answer["objects"].as_array().unwrap().len(), &answer["objects"][0]["Должность"]),
        (1, &json!("Повар"))
    );
    assert_eq!(waiting(&mut base), [] as [Value; 0]);
    let fields = json!({"Period": "2026-03-02T09:30:00", "Контрагент_Key": FIRM, "Контакт_Key": ANNA});
    base.act(now(), &json!({"do": "create", "set": LINKS, "fields": fields})).unwrap();
    let rows = waiting(&mut base);
    assert_eq!((rows.len(), &rows[0]["set"], &rows[0]["ref"]), (1, &json!(PERSONS), &json!(ANNA)));
}

#[test]
fn locks_code_and_rights_each_have_their_outcome() {
    let mut base = extended();
    let item = json!({"key": "l", "objects": [plain_firm()]});
    base.settings_mut().fault = Some(Fault::LockConflict);
    assert_eq!(written(&mut base, &item)["outcome"], "busy");
    base.settings_mut().fault = Some(Fault::UnfinishedUpdate);
    assert_eq!(written(&mut base, &item)["outcome"], "refused");
    base.settings_mut().fault = None;
    base.act(now(), &json!({"do": "forbid", "ref": NEW, "text": "Дата запрета"})).unwrap();
    let refused = written(&mut base, &item);
    assert_eq!((&refused["outcome"], &refused["words"]), (&json!("refused"), &json!("Дата запрета")));
    base.act(now(), &json!({"do": "forbid", "ref": NEW})).unwrap();
    base.act(now(), &json!({"do": "deny", "set": COUNTERPARTIES, "rights": ["insert"]})).unwrap();
    assert_eq!(written(&mut base, &item)["outcome"], "denied");
    base.act(now(), &json!({"do": "deny", "set": COUNTERPARTIES, "rights": []})).unwrap();
    assert_eq!(written(&mut base, &item)["outcome"], "done");
}

#[test]
fn what_is_no_item_is_named_and_its_neighbours_are_done() {
    let mut base = extended();
    let bad = [
        json!({"objects": []}),
        json!({"key": "", "objects": []}),
        json!({"key": "1", "objects": [{"set": "Catalog_Пользователи", "ref": NEW, "version": "", "fields": {}}]}),
        json!({"key": "2", "objects": [{"set": COUNTERPARTIES, "ref": NEW, "fields": {}}]}),
        json!({"key": "3", "objects": [firm(&json!({"Нет": 1}))]}),
        json!({"key": "4", "objects": [firm(&json!({"DataVersion": "x"}))]}),
        json!({"key": "5", "objects": [firm(&json!({"КонтактнаяИнформация": [{"Нет": 1}]}))]}),
        json!({"key": "6", "objects": [{"set": PERSONS, "ref": NEW, "version": ""}]}),
    ];
    let items: Vec<Value> = bad.into_iter().chain([json!({"key": "7", "objects": [plain_firm()]})]).collect();
    let answer = asked(&mut base, "write", &json!({"items": items}));
    let outcomes: Vec<&str> =
        answer["items"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["bad-item"; 8].into_iter().chain(["done"]).collect::<Vec<_>>());
}

#[test]
fn a_section_is_replaced_by_the_rows_given_and_show_reads_back_what_items_named() {
    let mut base = extended();
    let held = version(&mut base, COUNTERPARTIES, FIRM);
    let rows = json!([{"Тип": "Телефон", "Вид_Key": PHONE_KIND, "Представление": "+7 (912) 345-67-89", "НомерТелефона": "79123456789"}]);
    let item = json!({"key": "s", "objects": [{"set": COUNTERPARTIES, "ref": FIRM, "version": held, "fields": {"КонтактнаяИнформация": rows}}]});
    let stale = json!({"key": "t", "objects": [{"set": COUNTERPARTIES, "ref": BRANCH, "version": "AAAA", "fields": {}}]});
    let show =
        json!([{"set": COUNTERPARTIES, "fields": ["КонтактнаяИнформация", "ДополнительныеРеквизиты"]}]);
    let answer = asked(&mut base, "write", &json!({"items": [item, stale], "show": show}));
    assert_eq!(refs(&answer["shown"][0]), [FIRM, BRANCH], "of every outcome");
    let shown = &answer["shown"][0]["objects"][0];
    assert_eq!(shown["КонтактнаяИнформация"].as_array().unwrap().len(), 1);
    assert_eq!(shown["КонтактнаяИнформация"][0]["НомерТелефона"], "79123456789");
    assert_eq!(shown["ДополнительныеРеквизиты"].as_array().unwrap().len(), 2, "what is not named stays");
}

#[test]
fn a_request_has_its_limits_and_its_time() {
    let mut base = extended();
    let many = vec![json!({"key": "k"}); 501];
    let refused = ask(&mut base, "write", &json!({"items": many}));
    assert_eq!((refused.status, body(&refused, 413)["error"]["code"].clone()), (413, json!("too-many")));
    assert_eq!(body(&ask(&mut base, "find", &json!({})), 400)["error"]["code"], "bad-request");
    let items: Vec<Value> = (0..40).map(|number| json!({"key": format!("k{number}")})).collect();
    let answer = asked(&mut base, "write", &json!({"seconds": 1, "items": items}));
    let outcomes: Vec<&str> =
        answer["items"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!((outcomes[0], outcomes[39]), ("done", "not-reached"));
}
