//! Which doubts become a case, whom a case names, and who waits for it.

use super::*;
use crate::brought::recall_copy_of;
use crate::key::keys_of;
use crate::party::Field;

#[test]
fn a_case_names_only_records_that_have_to_do_with_each_other() {
    let cases: &[Case<'_>] = &[
        (
            "a chain: a nameless mailbox beside a surname, and a namesake of that one",
            &[
                b("1", "Гордеева", "", "info@lodka.example"),
                o("a", "Потап", "", "info@lodka.example"),
                o("b", "Нина Гордеева Павловна", "+79123456789", "info@lodka.example"),
                b("2", "Гордеева Нина Павловна", "+79990000001", ""),
            ],
            &["ask match 1 a b", "ask match 2 b"],
        ),
        (
            "one mailbox, three cards that may be one person: one case",
            &[
                b("1", "Жанна", "", "sklad@lodka.example"),
                b("2", "Жанна Ким", "", "sklad@lodka.example"),
                o("a", "Ким Ж.", "", "sklad@lodka.example"),
            ],
            &["ask match 1 2 a"],
        ),
        (
            "two namesakes, each with a key of one card of the other side: one case",
            &[
                cb("1", "ООО Торговый дом Ресурс", "", "", "info@resurs.example"),
                cb("2", "ООО ТД Ресурс", "", "", "sales@resurs.example"),
                legally(
                    co("a", "Ресурс торговый", "", "", "info@resurs.example, sales@resurs.example"),
                    "ООО «Торговый дом Ресурс Плюс»",
                ),
            ],
            &["ask match 1 2 a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn a_party_in_doubt_is_not_copied_from_any_of_its_records() {
    let cases: &[Case<'_>] = &[
        (
            "the fuller card of a proprietor is not the one in doubt",
            &[
                cb("1", "Котов Яков Ильич", "776536357656", "", "kotov@bk.example"),
                legally(
                    cb("2", "ИП Котов Яков Ильич", "776536357656", "", "yakov@bk.example"),
                    "ИП Котов Я.И.",
                ),
                co("a", "ИП Котов", "", "", "kotov@bk.example"),
            ],
            &["ask twins 1 2", "ask match 1 a"],
        ),
        (
            "two cards that may be one: the fuller one is copied",
            &[
                b("1", "Старченко Дженна Августовна", "+79123456789", "d@s.example"),
                b("2", "Дженна", "+79123456789", ""),
            ],
            &["new 1", "ask twins 1 2"],
        ),
        (
            "a name that cannot be read beside both keys of another card",
            &[
                b("1", "Егор Ыыыыыыыыы", "+79123456789", "e@s.example"),
                b("2", "Снегов Егор Львович", "+79123456789", "e@s.example"),
            ],
            &["new 2", "ask twins 1 2"],
        ),
        (
            "three cards with nothing but a firm's name: only the bare one waits",
            &[
                cb("1", "ООО Парус", "7701234560", "770101001", ""),
                cb("2", "Парус", "", "", "info@parus.example"),
                cb("3", "Парус ООО", "", "", ""),
            ],
            &["new 1", "new 2", "ask twins 1 2 3"],
        ),
        (
            "one INN, no KPP, other mailboxes: a branch, or twins",
            &[
                co("a", "АО Парус", "7701234560", "770101001", "info@parus.example"),
                co("b", "Парус", "7701234560", "", "msk@parus.example"),
            ],
            &["new a", "ask twins a b"],
        ),
    ];
    check_all(cases);
}

#[test]
fn a_card_that_tells_nobody_is_not_copied() {
    let unreadable = |phone: &str| named(b("1", "", phone, ""), "Рощин", "Σ@ρω", "");
    check("no key at all", &[unreadable("")], &[], &["ask refused 1"]);
    check("a phone tells somebody", &[unreadable("+79123456789")], &[], &["new 1"]);
}

#[test]
fn who_looks_like_somebodys_partner_may_be_his_twin() {
    let cases: &[Case<'_>] = &[
        (
            "a mailbox here, a phone there, and 1C has both beside a first name",
            &[
                b("1", "Рощина Любовь Игоревна", "+79123456789", ""),
                b("2", "Рощина Л. И.", "", "l@r.example"),
                o("a", "Любовь", "+79123456789", "l@r.example"),
            ],
            &["link 1=a phone", "ask twins 1 2", "ask match 2 a"],
        ),
        (
            "the twin stands in the same case where it shares a key",
            &[
                b("1", "Рощина Любовь Игоревна", "+79123456789", "l@r.example"),
                b("2", "Рощина Жжжжжжж", "+79123456789", ""),
                o("a", "Рощина Любовь Игоревна", "+79123456789", "l@r.example"),
            ],
            &["link 1=a email", "ask match 1 2 a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn a_name_is_recognised_in_other_letters_and_in_short_forms() {
    let two = |one: &str, other: &str| [b("1", one, "+79123456789", ""), o("a", other, "+79123456789", "")];
    let cases: &[(&str, [Record; 2], &[&str])] = &[
        ("Latin letters", two("Petrushin Gleb", "Петрушин Глеб Олегович"), &["link 1=a phone"]),
        ("a short form", two("Петрушина Настя", "Петрушина Анастасия"), &["link 1=a phone"]),
        (
            "a short form against Latin letters",
            two("Petrushina Anastasiya", "Петрушина Настя"),
            &["link 1=a phone"],
        ),
        ("no Russian name", two("Lin Van Duk", "Лин Ван Дук"), &["link 1=a phone"]),
        (
            "another surname, the first name in Latin letters",
            two("Petrushina Anastasiya", "Ольхова Анастасия Львовна"),
            &["ask match 1 a"],
        ),
        (
            "another surname, the initials are the same",
            two("Петрушина Анастасия Львовна", "Ольхова А. Л."),
            &["ask match 1 a"],
        ),
        (
            "another surname and other initials",
            two("Петрушина Анастасия Львовна", "Ольхова В. Л."),
            &["new 1", "new a"],
        ),
    ];
    for (what, records, expected) in cases {
        check(what, records, &[], expected);
    }
    let [left, right] = two("Petrushin Gleb", "Петрушин Глеб Олегович");
    let third = o("b", "Котов Яков Ильич", "+79123456789", "");
    check("Latin letters beside a phone of several", &[left, right, third], &[], &["new b", "ask match 1 a"]);
}

#[test]
fn what_several_branches_share_tells_none_of_them() {
    let cases: &[Case<'_>] = &[
        (
            "two branches with one mailbox, and a card without a KPP",
            &[
                cb("1", "ООО Парус", "7701234560", "", "info@parus.example"),
                co("a", "ООО Парус", "", "540143001", "info@parus.example"),
                co("b", "ООО Парус", "", "165743002", "info@parus.example"),
            ],
            &["ask match 1 a b"],
        ),
        (
            "two branches with one mailbox, and the KPP of one of them",
            &[
                cb("1", "ООО Парус", "7701234560", "540143001", "info@parus.example"),
                co("a", "ООО Парус", "", "540143001", "info@parus.example"),
                co("b", "ООО Парус", "", "165743002", "info@parus.example"),
            ],
            &["link 1=a email", "ask match 1 a b"],
        ),
        (
            "one INN with partners, and a branch that 1C itself calls one",
            &[
                cb("1", "ООО Парус", "7701234560", "", "info@parus.example"),
                co("a", "ООО Парус", "7701234560", "770101001", "info@parus.example"),
                branch(co("b", "Парус (Тверь)", "7701234560", "", "tver@parus.example")),
            ],
            &["link 1=a inn", "new b"],
        ),
        (
            "a card retired in words and a namesake with nothing else in common",
            &[
                cb("1", "ООО Парус НЕ РАБОТАТЬ", "7701234560", "", ""),
                co("a", "Парус ООО", "", "", "info@parus.example"),
            ],
            &["new 1", "new a"],
        ),
    ];
    check_all(cases);
}

fn branch(mut record: Record) -> Record {
    if let Party::Organization(organization) = &mut record.party {
        organization.is_branch = true;
    }
    record
}

#[test]
fn what_a_slip_or_a_branch_may_explain_is_asked_about() {
    let cases: &[Case<'_>] = &[
        (
            "a letter left out of a firm's name",
            &[
                cb("1", "ООО Берёзовик", "7701234560", "", "luk@grib.example"),
                co("a", "ООО \"Берёзвик\"", "", "", "luk@grib.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "a firm's name in Latin letters",
            &[
                cb("1", "ООО Снегоход Центр", "", "", "luk@grib.example"),
                co("a", "ООО Snegokhod Tsentr", "", "", "luk@grib.example"),
            ],
            &["ask match 1 a"],
        ),
        (
            "another firm with the same mailbox",
            &[
                cb("1", "ООО Снегоход", "", "", "luk@grib.example"),
                co("a", "ООО Луноход", "", "", "luk@grib.example"),
            ],
            &["new 1", "new a"],
        ),
        (
            "two cards of one person, a letter left out",
            &[
                b("1", "Гнедич Тарас Маркович", "+79123456789", "taras@grib.example"),
                b("2", "Гендич Тарас", "", "taras@grib.example"),
            ],
            &["new 1", "ask twins 1 2"],
        ),
        (
            "two cards of one person, one of them in initials",
            &[
                b("1", "Гнедич Тарас", "+79123456789", "taras@grib.example, t.gnedich@grib.example"),
                b("2", "Гнеич Т. М.", "", "taras@grib.example, t.gnedich@grib.example"),
            ],
            &["new 1", "ask twins 1 2"],
        ),
        (
            "brothers with one mailbox",
            &[
                b("1", "Гнедич Тарас Маркович", "+79123456789", "dom@grib.example"),
                b("2", "Гнедич Остап Маркович", "", "dom@grib.example"),
            ],
            &["new 1", "new 2"],
        ),
        (
            "an INN that one card of each side has, and phones that differ",
            &[
                cb("1", "ООО Берёзовик", "7701234560", "", "a@grib.example"),
                co("a", "ООО Берёзовик", "7701234560", "", "b@grib.example"),
            ],
            &["ask match 1 a"],
        ),
    ];
    check_all(cases);
}

#[test]
fn what_a_link_brought_tells_nothing_new_about_others() {
    let relative = || b("1", "Авдеева", "+79794012417", "");
    let own = || b("2", "Авдеева Марта", "", "marta@rosinka.example");
    let partner = || o("a", "Авдеева Марта", "+79794012417", "marta@rosinka.example");
    let expected = &["ask twins 1 2", "ask match 1 a"];
    check("before the sides are united", &[relative(), own(), partner()], &[("2", "a")], expected);
    let united = || b("2", "Авдеева Марта", "+79794012417", "marta@rosinka.example");
    let mut brought = united();
    brought.brought =
        brought.party.phones().iter().filter_map(|phone| phone.key.clone()).map(Key::Phone).collect();
    check("and after it", &[relative(), brought.clone(), partner()], &[("2", "a")], expected);
    let moved = o("a", "Авдеева Марта", "", "marta@rosinka.example");
    check(
        "where the partner has it no more",
        &[relative(), brought, moved],
        &[("2", "a")],
        &["ask twins 1 2"],
    );
    check("one of its own", &[relative(), united(), partner()], &[("2", "a")], &["ask twins 1 2"]);
}

#[test]
fn what_people_added_to_a_copy_before_it_was_linked_is_its_own() {
    let mut source = b("1", "Авдеева Марта Андреевна", "+79794012417", "");
    let mut copy = o("a", "Авдеева Марта Андреевна", "+79794012417", "marta@romashka.example");
    recall_copy_of(&mut copy, &source.party);
    assert_eq!(copy.brought, keys_of(&source.party));
    // The link brings the mailbox to the source.
    let before = source.clone();
    source.party.set(Field::Email, copy.party.value(Field::Email).unwrap());
    source.brought = keys_of(&source.party).difference(&keys_of(&before.party)).cloned().collect();
    let twin = o("b", "Авдеева Марта Андреевна", "", "marta@romashka.example");
    check("a twin by that mailbox", &[source, copy, twin], &[("1", "a")], &["ask twins a b"]);
}

#[test]
fn a_copy_says_nothing_of_its_own_and_has_twins_all_the_same() {
    let source = || o("a", "Авдеева Марта Андреевна", "+79794012417", "");
    let mut copy = b("2", "Авдеева Марта Андреевна", "+79794012417", "");
    recall_copy(&mut copy);
    let namesake = || o("b", "Авдеева Марта Андреевна", "", "");
    let links = &[("2", "a")];
    check("a namesake of the source", &[source(), namesake()], &[], &["new a", "ask twins a b"]);
    check("and of its copy", &[source(), copy.clone(), namesake()], links, &["ask twins a b"]);
    let twin = b("1", "Авдеева Марта", "+79794012417", "");
    check("a later twin of the copy", &[source(), copy.clone(), twin.clone()], links, &["ask twins 1 2"]);
    let filled_in =
        Record { mutual_id: copy.mutual_id.clone(), ..b("2", "Авдеева М. А.", "+79794012417", "") };
    let filled_in = Record { brought: copy.brought, ..filled_in };
    check("a copy that somebody changed", &[source(), filled_in, twin], links, &["ask twins 1 2"]);
}
