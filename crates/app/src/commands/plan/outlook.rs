//! What a plan would mean, in sentences: what would happen, how long it would take, and what both systems would do beside.
//!
//! It says what is known and that the rest is not. Not responsible for single steps.

use obmen_domain::plan::{PlanCounts, Step};
use obmen_domain::record::{Catalog, Side};

use crate::forecast::Forecast;
use crate::words::Words;

const SECONDS_A_MINUTE: f64 = 60.0;
const MINUTES_AN_HOUR: u64 = 60;
/// From so many minutes on, hours are told.
const TOLD_IN_HOURS: u64 = 90;

/// What the systems do by themselves, as far as their settings say.
#[derive(Debug, Clone, Default)]
pub(super) struct Habits {
    /// Whether creates may start the portal's robots.
    pub(super) allow_automation: bool,
    /// The contract that 1C gives to each new counterparty.
    pub(super) own_contract: Option<String>,
}

/// A subject and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) subject: String,
    pub(super) sentences: Vec<String>,
}

/// Whether a step makes a counterparty that 1C has not had.
pub(super) fn is_new_counterparty(step: &Step) -> bool {
    matches!(step, Step::Create(creation)
        if creation.side == Side::Onec && creation.catalog == Catalog::Counterparty && creation.revives.is_none())
}

/// What would happen, in one sentence, and in a second one what would not.
pub(in crate::commands) fn headline(counts: &PlanCounts, words: &Words) -> String {
    let parts: Vec<String> = [
        ("plan-will-link", counts.link),
        ("plan-will-create-bitrix24", counts.create_bitrix24),
        ("plan-will-create-onec", counts.create_onec),
        ("plan-will-update-bitrix24", counts.update_bitrix24),
        ("plan-will-update-onec", counts.update_onec),
        ("plan-will-unlink", counts.unlink),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(id, count)| words.say_with(id, &[("count", count.into())]))
    .collect();
    let mut headline = match (parts.as_slice(), counts.ask) {
        ([], 0) => words.say("plan-empty"),
        ([], _) => words.say("plan-will-nothing"),
        (parts, _) => words.say_with("plan-will", &[("what", parts.join(", ").into())]),
    };
    if counts.ask > 0 {
        headline += &format!(" {}", words.say_with("plan-will-ask", &[("count", counts.ask.into())]));
    }
    headline
}

/// How long it would take and what binds it, then what either system would do beside.
pub(super) fn remarks(
    counts: &PlanCounts,
    forecast: &Forecast,
    new_counterparties: usize,
    habits: &Habits,
    words: &Words,
) -> Vec<Remark> {
    [
        ("outlook-time", time(forecast, words)),
        ("outlook-portal", portal(counts, habits, words)),
        ("outlook-onec", onec(new_counterparties, habits, words)),
    ]
    .into_iter()
    .map(|(subject, sentences)| Remark { subject: words.say(subject), sentences })
    .collect()
}

fn time(forecast: &Forecast, words: &Words) -> Vec<String> {
    let mut sentences =
        vec![words.say_with("outlook-takes", &[("time", duration(forecast.seconds, words).into())])];
    if forecast.seconds >= SECONDS_A_MINUTE {
        sentences.push(words.say_with("outlook-binding", &[("binding", forecast.binding.word().into())]));
    }
    let whole = |seconds: f64| format!("{:.0}", seconds.ceil());
    sentences.push(words.say_with(
        "outlook-work",
        &[
            ("requests", forecast.requests.into()),
            ("execution", whole(forecast.execution_seconds).into()),
            ("onec", whole(forecast.onec_seconds).into()),
        ],
    ));
    sentences
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a forecast stays far below 2^53"
)]
fn duration(seconds: f64, words: &Words) -> String {
    let minutes = (seconds / SECONDS_A_MINUTE).ceil() as u64;
    if seconds < SECONDS_A_MINUTE {
        words.say("outlook-below-a-minute")
    } else if minutes < TOLD_IN_HOURS {
        words.say_with("outlook-minutes", &[("minutes", minutes.into())])
    } else {
        let (hours, minutes) = (minutes / MINUTES_AN_HOUR, minutes % MINUTES_AN_HOUR);
        words.say_with("outlook-hours", &[("hours", hours.into()), ("minutes", minutes.into())])
    }
}

fn portal(counts: &PlanCounts, habits: &Habits, words: &Words) -> Vec<String> {
    let say = |id: &str, count: usize| words.say_with(id, &[("count", count.into())]);
    let created = match (counts.create_bitrix24, habits.allow_automation) {
        (0, _) => words.say("outlook-portal-nothing-new"),
        (count, true) => say("outlook-portal-starts", count),
        (count, false) => say("outlook-portal-quiet", count),
    };
    // Whoever is created in 1C leaves its reference in the card it was made from.
    let changed = counts.update_bitrix24 + counts.create_onec;
    let mut sentences = vec![created];
    if changed > 0 {
        sentences.push(say("outlook-portal-changes", changed));
    }
    sentences
}

fn onec(new_counterparties: usize, habits: &Habits, words: &Words) -> Vec<String> {
    match (new_counterparties, &habits.own_contract) {
        (0, _) => vec![words.say("outlook-onec-nothing-new")],
        (count, Some(name)) => {
            let args = [("count", count.into()), ("name", name.as_str().into())];
            vec![words.say_with("outlook-onec-contracts", &args)]
        }
        (_, None) => vec![words.say("outlook-onec-unknown")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::Binding;
    use crate::words::Lang;

    #[test]
    fn one_sentence_says_what_would_happen_and_another_what_waits() {
        let cases = [
            (PlanCounts::default(), "Делать нечего: стороны согласованы."),
            (
                PlanCounts { ask: 1, ..PlanCounts::default() },
                "Ничего не будет записано. 1 вопрос должен решить человек.",
            ),
            (
                PlanCounts { link: 1, create_onec: 2, update_bitrix24: 5, ask: 3, ..PlanCounts::default() },
                "Будет связана 1 пара записей, создано 2 записи в 1С, изменено 5 записей в Битрикс24. \
                 3 вопроса должен решить человек.",
            ),
        ];
        let words = Words::new(Lang::Ru);
        for (counts, sentence) in cases {
            assert_eq!(headline(&counts, &words), sentence);
        }
        let counts = PlanCounts { link: 2, create_onec: 1, ask: 1, ..PlanCounts::default() };
        assert_eq!(
            headline(&counts, &Words::new(Lang::En)),
            "A sync would link 2 pairs of records, create 1 record in 1C. 1 question waits for a person."
        );
    }

    #[test]
    fn time_is_told_in_the_unit_that_people_would_use() {
        let words = Words::new(Lang::Ru);
        let told = [20.0, 61.0, 1260.0, 12_000.0].map(|seconds| duration(seconds, &words));
        assert_eq!(told, ["меньше минуты", "около 2 минут", "около 21 минуты", "около 3 ч 20 мин"]);
    }

    #[test]
    fn what_the_systems_would_do_beside_is_told_as_far_as_it_is_known() {
        let words = Words::new(Lang::En);
        let counts = PlanCounts { create_bitrix24: 3, create_onec: 2, ..PlanCounts::default() };
        let forecast = Forecast {
            seconds: 700.0,
            requests: 30,
            execution_seconds: 12.5,
            onec_seconds: 1.0,
            binding: Binding::Rate,
        };
        let say = |habits: &Habits| {
            let remarks = remarks(&counts, &forecast, 2, habits, &words);
            remarks.into_iter().map(|remark| remark.sentences.join(" ")).collect::<Vec<_>>()
        };
        let quiet = say(&Habits::default());
        assert!(quiet[0].contains("about 12 minutes") && quiet[0].contains("request limit"), "{quiet:?}");
        assert!(quiet[1].contains("3 new cards start neither robots nor workflows"), "{quiet:?}");
        assert!(quiet[1].contains("2 cards would change"), "{quiet:?}");
        assert!(quiet[2].contains("knows of no contract"), "{quiet:?}");
        let habits = Habits {
            allow_automation: true, own_contract: Some("Основной договор".to_owned())
        };
        let loud = say(&habits);
        assert!(loud[1].contains("3 new cards may start"), "{loud:?}");
        assert!(loud[2].contains("2 contracts «Основной договор»"), "{loud:?}");
    }
}
