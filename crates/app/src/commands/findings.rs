//! `obmen check` and `obmen setup`: findings of both doctors, each with its remedy.

use obmen_engine::doctor::{Finding, Severity};
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Ending, Failure};
use crate::gate::{self, Found};
use crate::wiring;
use crate::words::{Words, args_of};

/// Looks both sides over.
pub(crate) async fn check(context: &Context) -> Result<Ending, Failure> {
    let joined = wiring::join(context).await?;
    let found = gate::check(&joined).await;
    Ok(show(&joined.known.pair, &found, context))
}

/// Creates what is missing.
pub(crate) async fn setup(context: &Context) -> Result<Ending, Failure> {
    let joined = wiring::join(context).await?;
    let found = gate::set_up(&joined).await;
    Ok(show(&joined.known.pair, &found, context))
}

fn show(pair: &str, found: &[Found], context: &Context) -> Ending {
    let count = |severity: Severity| found.iter().filter(|(_, finding)| finding.severity == severity).count();
    let (problems, warnings) = (count(Severity::Problem), count(Severity::Warning));
    if context.global.json {
        let findings: Vec<Value> = found.iter().map(|found| document(found, &context.words)).collect();
        context.print_json(
            &json!({ "pair": pair, "problems": problems, "warnings": warnings, "findings": findings }),
        );
    } else {
        context.print(&context.say_with("check-title", &[("pair", pair.into())]));
        for found in found {
            context.print(&text(found, &context.words));
        }
        let (id, number) = match (problems, warnings) {
            (0, 0) => ("check-all-good", 0),
            (0, warnings) => ("check-with-warnings", warnings),
            (problems, _) => ("check-with-problems", problems),
        };
        context.print(&context.say_with(id, &[("count", number.into())]));
    }
    if problems > 0 { Ending::Failed } else { Ending::Done }
}

/// A finding as lines for people.
pub(crate) fn text((side, finding): &Found, words: &Words) -> String {
    let side = words.say_with("side-name", &[("side", side.word().into())]);
    let (message, remedy) = sentence(finding, words);
    let (mark, level) = match finding.severity {
        Severity::Good => ("+", "check-good"),
        Severity::Warning => ("!", "check-warning"),
        Severity::Problem => ("x", "check-problem"),
    };
    let line = format!("{mark} {side}, {}: {message}", words.say(level));
    match remedy {
        Some(remedy) => format!("{line}\n    {}", words.say_with("remedy", &[("text", remedy.into())])),
        None => line,
    }
}

/// A finding as a document for programs.
pub(crate) fn document((side, finding): &Found, words: &Words) -> Value {
    let (message, remedy) = sentence(finding, words);
    let severity = match finding.severity {
        Severity::Good => "good",
        Severity::Warning => "warning",
        Severity::Problem => "problem",
    };
    json!({
        "side": side.word(), "severity": severity, "code": finding.code, "message": message, "remedy": remedy,
    })
}

/// Message and remedy; what is good needs no remedy.
fn sentence(finding: &Finding, words: &Words) -> (String, Option<String>) {
    let args = args_of(&finding.details);
    let remedy = (finding.severity != Severity::Good).then(|| words.remedy(finding.code, &args)).flatten();
    (words.say_with(finding.code, &args), remedy)
}
