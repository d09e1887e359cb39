//! Reading a configuration: what is accepted, and where complaints point.

use std::path::Path;

use obmen_domain::party::Field;
use obmen_domain::record::Side;
use obmen_domain::rules::{Direction, Preference};
use secrecy::ExposeSecret as _;

use super::*;

const SMALL: &str = r#"[[pair]]
[pair.bitrix24]
webhook_url = "https://x.bitrix24.ru/rest/1/geheim/"
[pair.onec]
url = "http://127.0.0.1/base/odata/standard.odata"
user = "obmen"
password = "geheim"
configuration = "bp30"
"#;

#[test]
fn the_sample_is_valid_and_says_every_key() {
    let loaded = parse(SAMPLE).unwrap();
    let pair = &loaded.config.pairs[0];
    let rules = pair.rules(false);
    assert_eq!(rules.field(Field::Phone).on_conflict, Preference::Bitrix24);
    assert_eq!(rules.field(Field::Position).direction, Direction::Bitrix24ToOnec);
    assert_eq!(rules.field(Field::Inn).owner, Some(Side::Onec));
    assert_eq!(pair.managers.table().collect::<Vec<_>>(), [("12", "ivanova@example.org")]);
    assert_eq!(pair.managers.fallback_bitrix24(), Some("1"));
    for key in KEYS {
        let stands = SAMPLE.lines().any(|line| !line.starts_with('#') && line.contains(&format!("{key} = ")));
        assert!(stands, "{key} is not explained");
    }
}

#[test]
fn every_page_for_beginners_shows_a_configuration_that_is_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/start");
    let mut configurations = Vec::new();
    for page in folder.read_dir().unwrap() {
        let page = page.unwrap().path();
        let text = std::fs::read_to_string(&page).unwrap();
        let blocks: Vec<&str> = text.split("```toml\n").skip(1).collect();
        assert_eq!(blocks.len(), 1, "{}", page.display());
        let block = blocks[0].split("```").next().unwrap();
        let loaded = parse(block).unwrap_or_else(|complaints| panic!("{}: {complaints:?}", page.display()));
        configurations.push(loaded.config.pairs[0].onec.configuration.clone());
    }
    configurations.sort();
    assert_eq!(configurations, ["bp30", "bp30", "unf", "unf", "ut11", "ut11"]);
}

#[test]
fn what_is_left_out_has_the_value_of_the_sample() {
    let small = parse(SMALL).unwrap();
    let (small, sample) = (&small.config.pairs[0], &parse(SAMPLE).unwrap().config.pairs[0]);
    assert_eq!(small.name, sample.name);
    assert_eq!(small.bitrix24.limits, sample.bitrix24.limits);
    assert_eq!(small.bitrix24.contact_id_field, sample.bitrix24.contact_id_field);
    assert_eq!(small.onec.id_attribute, sample.onec.id_attribute);
    assert_eq!(small.onec.parallel, sample.onec.parallel);
    assert_eq!((small.persons.clone(), small.new_persons), (sample.persons.clone(), sample.new_persons));
}

#[test]
fn addresses_take_part_unless_they_are_switched_off() {
    let addresses = |addition: &str| parse(&with(addition)).unwrap().config.pairs[0].fields.addresses();
    assert!(parse(SMALL).unwrap().config.pairs[0].fields.addresses());
    assert!(addresses("[pair.fields]\naddress = { rule = \"bitrix24\" }\n"));
    assert!(!addresses("[pair.fields]\naddress = { direction = \"none\" }\n"));
}

#[test]
fn what_the_extension_can_do_itself_is_left_to_it() {
    let by_odata = parse(SMALL).unwrap();
    let onec = &by_odata.config.pairs[0].onec;
    assert_eq!((onec.poll_seconds(), onec.store_id()), (10, StoreId::Attribute));
    let text = SMALL.replace("[pair.onec]\n", "[pair.onec]\nkind = \"extension\"\n");
    let by_extension = parse(&text).unwrap();
    let onec = &by_extension.config.pairs[0].onec;
    assert_eq!((onec.poll_seconds(), onec.store_id()), (1, StoreId::Extension));
}

#[test]
fn complaints_name_the_key_and_its_place() {
    let cases: [(&str, &str, &str, (usize, usize)); 26] = [
        ("an unknown key", "[pair.onec]\nport = 1\n", "config-unknown-key", (5, 1)),
        ("a wrong type", "[store]\nurl = 5\n", "config-wrong-type", (10, 7)),
        ("no TOML", "[[pair]\n", "config-syntax", (9, 8)),
        ("no host", "[store]\nurl = \"postgres:///x\"\n", "config-store-url", (10, 7)),
        ("a store without a name", "[store]\nurl = \"sqlite:\"\n", "config-store-url", (10, 7)),
        ("no address", "[server]\nlisten = \"here\"\n", "config-address", (10, 10)),
        ("no console", "[server]\nconsole = 5\n", "config-wrong-type", (10, 11)),
        ("no URL", "[server]\npublic_url = \"obmen\"\n", "config-url", (10, 14)),
        ("a name with spaces", "name = \"a b\"\n", "config-pair-name", (2, 8)),
        ("an unknown direction", "direction = \"up\"\n", "config-unknown-value", (2, 13)),
        ("no persons", "persons = []\n", "config-persons-empty", (2, 11)),
        ("an unused catalog", "new_persons = \"individual\"\n", "config-new-persons", (2, 15)),
        ("no country", "default_country = \"Россия\"\n", "config-country", (2, 19)),
        ("no area code", "area_code = \"+7\"\n", "config-area-code", (2, 13)),
        ("a long pause", "settle_seconds = 9999\n", "config-settle", (2, 18)),
        ("no condition", "[pair.create]\nonec = \"x = 1\"\n", "config-create", (10, 8)),
        ("half a condition", "[pair.create]\nonec = \"x\"\n", "config-create-ends", (10, 8)),
        ("no user field", "[pair.bitrix24]\ninn_field = \"INN\"\n", "config-user-field", (3, 13)),
        ("a limit of nothing", "[pair.bitrix24]\nlimits = { burst = 0 }\n", "config-positive", (3, 20)),
        (
            "a webhook and an application",
            "[pair.bitrix24]\noauth = { portal = \"https://x\", client_id = \"a\", client_secret = \"b\" }\n",
            "config-webhook-or-oauth",
            (2, 7),
        ),
        ("a plan without a node", "[pair.onec]\nexchange_plan = \"X\"\n", "config-plan-and-node", (5, 17)),
        ("too many at once", "[pair.onec]\nparallel = 100\n", "config-parallel", (5, 12)),
        (
            "ids where nobody reads them",
            "[pair.onec]\nstore_id = \"extension\"\n",
            "config-store-id-by-odata",
            (5, 12),
        ),
        ("no user id", "[pair.managers]\n\"x\" = \"y\"\n", "config-manager-id", (10, 7)),
        (
            "a field left out",
            "[pair.fields]\ninn = { direction = \"none\" }\n",
            "config-field-none",
            (10, 21),
        ),
        ("mutual ids", "[pair.fields]\nmutual-id = { rule = \"ask\" }\n", "config-field-mutual-id", (10, 1)),
    ];
    for (case, addition, id, place) in cases {
        let text = with(addition);
        let error = parse(&text).expect_err(case);
        let problem = &error.problems[0];
        assert_eq!(problem.id, id, "{case}: {problem:?}");
        let start = problem.span.as_ref().expect(case).start;
        assert_eq!(place_of(&text, start), place, "{case}");
    }
}

#[test]
fn a_missing_key_is_told_with_its_section() {
    let text = SMALL.replace("user = \"obmen\"\n", "");
    let error = parse(&text).unwrap_err();
    assert_eq!(
        (error.problems[0].id, error.problems[0].details[0].1.as_str()),
        ("config-missing-key", "user")
    );
    assert_eq!(parse("").unwrap_err().problems[0].id, "config-no-pair");
}

#[test]
fn every_problem_of_a_file_is_told_at_once_in_its_order() {
    let text = with("[store]\nurl = \"x\"\n").replace("[[pair]]\n", "[[pair]]\nname = \"A\"\n");
    let ids: Vec<_> = parse(&text).unwrap_err().problems.iter().map(|problem| problem.id).collect();
    assert_eq!(ids, ["config-pair-name", "config-store-url"]);
}

#[test]
fn two_pairs_need_two_names_and_a_choice() {
    let second = SMALL.replace("[[pair]]\n", "[[pair]]\nname = \"second\"\n");
    let loaded = parse(&format!("{SMALL}{second}")).unwrap();
    assert_eq!(loaded.pair(None).unwrap_err().problems[0].id, "config-pair-needed");
    assert_eq!(loaded.pair(Some("third")).unwrap_err().problems[0].id, "config-pair-unknown");
    assert_eq!(loaded.pair(Some("second")).unwrap().0, 1);
    assert_eq!(parse(&format!("{SMALL}{SMALL}")).unwrap_err().problems[0].id, "config-pair-twice");
}

#[test]
fn a_secret_is_a_text_a_variable_or_a_file_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password.txt"), "from a file\n").unwrap();
    // PATH is a variable that is set wherever tests run.
    let path = std::env::var("PATH").unwrap();
    for (form, expected) in [
        ("\"text\"", "text"),
        ("{ env = \"PATH\" }", path.as_str()),
        ("{ file = \"password.txt\" }", "from a file"),
    ] {
        let text = SMALL.replace("password = \"geheim\"", &format!("password = {form}"));
        let loaded = Loaded::parse(&folder.path().join("obmen.toml"), text).unwrap();
        let secret = loaded.reveal("pair/0/onec/password", &loaded.config.pairs[0].onec.password).unwrap();
        assert_eq!(secret.expose_secret(), expected, "{form}");
    }
}

#[test]
fn a_secret_that_is_not_there_is_told_at_its_place() {
    for (form, id) in [
        ("{ env = \"OBMEN_TEST_NO_SUCH_VARIABLE\" }", "config-env-missing"),
        ("{ file = \"no-such-file\" }", "config-secret-file"),
    ] {
        let text = SMALL.replace("password = \"geheim\"", &format!("password = {form}"));
        let loaded = parse(&text).unwrap();
        let password = &loaded.config.pairs[0].onec.password;
        let error = loaded.reveal("pair/0/onec/password", password).unwrap_err();
        let problem = &error.problems[0];
        assert_eq!(problem.id, id);
        assert_eq!(place_of(&text, problem.span.as_ref().unwrap().start).0, 7);
    }
}

#[test]
fn a_misspelt_secret_is_refused() {
    let text = SMALL.replace("password = \"geheim\"", "password = { enw = \"X\" }");
    let error = parse(&text).unwrap_err();
    assert_eq!(error.problems[0].id, "config-unknown-key");
    let two = SMALL.replace("password = \"geheim\"", "password = { env = \"X\", file = \"Y\" }");
    assert_eq!(parse(&two).unwrap_err().problems[0].id, "config-unknown-key");
}

#[test]
fn nothing_shown_of_a_file_holds_a_secret() {
    let error = parse(&SMALL.replace("bp30\"", "bp30\"\nport = 1")).unwrap_err();
    assert!(!error.excerpt.contains("geheim"), "{}", error.excerpt);
    assert!(!format!("{:?}", parse(SMALL).unwrap().config).contains("geheim"));
}

fn parse(text: &str) -> Result<Loaded, ConfigError> {
    Loaded::parse(Path::new("obmen.toml"), text.to_owned())
}

/// The small file with keys or a section added; keys of a section that stands there are put under its heading.
fn with(addition: &str) -> String {
    let (heading, keys) = addition.split_once('\n').unwrap();
    if !heading.starts_with('[') {
        return SMALL.replace("[[pair]]\n", &format!("[[pair]]\n{addition}"));
    }
    if SMALL.contains(heading) && heading != "[[pair]" {
        return SMALL.replace(&format!("{heading}\n"), &format!("{heading}\n{keys}"));
    }
    format!("{SMALL}{addition}")
}

fn place_of(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    (line, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
}

const KEYS: [&str; 45] = [
    "url",
    "listen",
    "console",
    "public_url",
    "name",
    "direction",
    "on_conflict",
    "on_delete",
    "persons",
    "new_persons",
    "default_country",
    "area_code",
    "settle_seconds",
    "bitrix24",
    "onec",
    "webhook_url",
    "application_token",
    "contact_id_field",
    "company_id_field",
    "inn_field",
    "poll_seconds",
    "comment_failures",
    "secret",
    "per_second",
    "burst",
    "execution_seconds",
    "window_seconds",
    "request_seconds",
    "allow_automation",
    "kind",
    "user",
    "password",
    "configuration",
    "parallel",
    "store_id",
    "id_attribute",
    "manager_attribute",
    "hook_secret",
    "folder",
    "access_group",
    "roles",
    "fallback_bitrix24",
    "phone",
    "rule",
    "limits",
];
