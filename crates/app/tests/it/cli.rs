//! What is typed and what is refused, before any system is asked.

use std::path::Path;

use crate::bench::{Outcome, obmen};

#[test]
fn help_shows_commands_examples_and_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["--help"]);
    assert_eq!(outcome.code, 0);
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn help_of_a_command_shows_its_options() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["sync", "--help"]);
    for option in ["--limit", "--yes", "--accept-large", "--partial-rights", "--config", "--pair", "--json"] {
        assert!(outcome.stdout.contains(option), "{option}");
    }
}

#[test]
fn wrong_usage_ends_with_code_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [["sync", "--limit", "0"].as_slice(), &["fly"], &["sim", "onec", "--time-scale", "0"]] {
        assert_eq!(run(folder.path(), arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn the_extension_is_written_with_its_steps_before_anything_is_configured() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["--lang", "ru", "setup", "--extension", "1c"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    for build in ["bp30", "unf", "ut11"] {
        assert!(folder.path().join("1c").join(build).join("Configuration.xml").is_file(), "{build}");
        assert!(outcome.stdout.contains(&format!("/1c/{build} -Extension ОбменСБитрикс24")), "{outcome:?}");
    }
    assert!(outcome.stdout.contains("ibcmd extension create") && outcome.stdout.contains("обм_Обмен"));
    let module = std::fs::read(folder.path().join("1c/unf/HTTPServices/обм_Служба/Ext/Module.bsl")).unwrap();
    assert!(module.starts_with(b"\xef\xbb\xbf"), "as in a dump");
}

#[test]
fn of_a_known_configuration_only_its_build_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[[pair]]\n[pair.bitrix24]\nwebhook_url = \"https://x.bitrix24.ru/rest/1/a/\"\n[pair.onec]\nkind = \"extension\"\n\
                  url = \"http://127.0.0.1/base\"\nuser = \"obmen\"\npassword = \"a\"\nconfiguration = \"ut11\"\n";
    std::fs::write(folder.path().join("obmen.toml"), config).unwrap();
    let outcome = run(folder.path(), &["setup", "--extension", "1c", "--json"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["builds"], serde_json::json!(["ut11"]), "{document}");
    assert!(!folder.path().join("1c/unf").exists());
    assert!(folder.path().join("1c/onec-extension.ru.md").is_file(), "the steps lie beside it");
}

#[test]
fn a_missing_configuration_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["plan", "--config", "other.toml"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("there is no configuration file other.toml"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("obmen demo --once"), "{}", outcome.stderr);
}

#[test]
fn an_unknown_key_is_shown_with_line_column_and_excerpt_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("obmen.toml"), "[store]\nulr = \"sqlite:x.db\"\n").unwrap();
    let english = run(folder.path(), &["status"]);
    assert_eq!(english.code, 2);
    insta::assert_snapshot!(english.stderr, @r#"
      × the key "ulr" is unknown
       ╭─[obmen.toml:2:1]
     1 │ [store]
     2 │ ulr = "sqlite:x.db"
       · ─┬─
       ·  ╰── here
       ╰────
      help: Possible here: url.
    "#);
    let russian = run(folder.path(), &["--lang", "ru", "status"]);
    assert!(russian.stderr.contains("ключ «ulr» неизвестен"), "{}", russian.stderr);
}

#[test]
fn a_document_is_printed_for_a_wrong_configuration_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("obmen.toml"), "[server]\nlisten = \"x\"\n").unwrap();
    let outcome = run(folder.path(), &["--json", "status"]);
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(outcome.code, 2);
    // The missing pair concerns the whole file, so it has no place.
    let places: Vec<_> = document["error"]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["line"].as_u64(), problem["column"].as_u64()))
        .collect();
    assert_eq!(places, [(None, None), (Some(2), Some(10))]);
}

#[test]
fn an_unset_variable_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[[pair]]\n[pair.bitrix24]\nwebhook_url = { env = \"OBMEN_TEST_UNSET\" }\n[pair.onec]\n\
                url = \"http://127.0.0.1:1/o\"\nuser = \"u\"\npassword = \"p\"\nconfiguration = \"bp30\"\n";
    std::fs::write(folder.path().join("obmen.toml"), text).unwrap();
    let outcome = run(folder.path(), &["check"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("the environment variable OBMEN_TEST_UNSET is not set"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("obmen.toml:3:1"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("export OBMEN_TEST_UNSET="), "{}", outcome.stderr);
}

fn run(folder: &Path, arguments: &[&str]) -> Outcome {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    obmen(folder, &arguments)
}
