//! Ids that one side keeps of the other: evidence, unless the names deny it.

use super::*;

#[test]
fn a_stored_id_joins_whatever_may_be_one_party() {
    let holding = |record: Record| Record { mutual_id: "a".to_owned(), ..record };
    let cases: &[Case<'_>] = &[
        (
            "the names agree, nothing else is common",
            &[holding(b("1", "Иванов Пётр", "", "a@b.example")), o("a", "Иванов Пётр Сергеевич", "", "")],
            &["link 1=a mutual-id"],
        ),
        (
            "another person's name",
            &[holding(b("1", "Иванов Пётр", "", "a@b.example")), o("a", "Сидоров Олег Ильич", "", "")],
            &["ask match 1 a"],
        ),
        (
            "a relative's name",
            &[holding(b("1", "Иванов Пётр", "+79123456789", "")), o("a", "Иванова Анна", "+79123456789", "")],
            &["ask match 1 a"],
        ),
        (
            "half of a double surname and an initial",
            &[
                holding(b("1", "Мальцева Арина Дмитриевна", "+79123456789", "")),
                o("a", "А. Мальцева-Антипова", "+79123456789", ""),
            ],
            &["link 1=a mutual-id"],
        ),
        (
            "a firm with a slip in its name",
            &[holding(cb("1", "ООО Огонёк-Софт", "", "", "")), co("a", "ООО Огнек-Софт", "", "", "")],
            &["link 1=a mutual-id"],
        ),
        (
            "a brand instead of the name, and a common mailbox",
            &[
                holding(cb("1", "Лодка", "", "", "mail@lodka.example")),
                co("a", "ООО Виноград", "", "", "mail@lodka.example"),
            ],
            &["link 1=a mutual-id"],
        ),
        (
            "the twin that keeps the id takes part, not the fuller one",
            &[
                holding(b("1", "Зимина Арина", "", "a.zimina@pochta.example")),
                b("2", "Зимина Арина Валентиновна", "+79123456789", "a.zimina@pochta.example"),
                o("a", "Зимина Арина Валентиновна", "+79123456789", "a.zimina@pochta.example"),
            ],
            &["link 1=a email", "ask twins 1 2"],
        ),
    ];
    check_all(cases);
}
