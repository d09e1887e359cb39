//! Which functions there are, and which arguments each takes.

use crate::onec::error::Refusal;
use crate::onec::schema::Kind;

use super::{DatePart, DateUnit, Expr, Function};

/// What an argument has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Text,
    Number,
    Date,
}

/// A call with its arguments checked, as far as they show what they are.
pub(super) fn function_call(name: &str, mut arguments: Vec<Expr>) -> Result<Expr, Refusal> {
    use Wanted::{Date, Number, Text};
    let part = |part| (Function::DatePart(part), &[Date][..], 1);
    let (function, wanted, least) = match name {
        "substringof" => (Function::SubstringOf, &[Text, Text][..], 2),
        "startswith" => (Function::StartsWith, &[Text, Text][..], 2),
        "endswith" => (Function::EndsWith, &[Text, Text][..], 2),
        "like" => (Function::Like, &[Text, Text][..], 2),
        "concat" => (Function::Concat, &[Text, Text][..], 2),
        "substring" => (Function::Substring, &[Text, Number, Number][..], 2),
        "round" => (Function::Round, &[Number][..], 1),
        "day" => part(DatePart::Day),
        "dayofweek" => part(DatePart::DayOfWeek),
        "dayofyear" => part(DatePart::DayOfYear),
        "hour" => part(DatePart::Hour),
        "minute" => part(DatePart::Minute),
        "month" => part(DatePart::Month),
        "quarter" => part(DatePart::Quarter),
        "second" => part(DatePart::Second),
        "year" => part(DatePart::Year),
        "dateadd" if arguments.len() == 3 => {
            let unit = unit_of(name, &arguments.remove(1))?;
            (Function::DateAdd(unit), &[Date, Number][..], 2)
        }
        "datedifference" if arguments.len() == 3 => {
            let unit = unit_of(name, &arguments.remove(2))?;
            (Function::DateDifference(unit), &[Date, Date][..], 2)
        }
        "dateadd" | "datedifference" if arguments.len() < 3 => return Err(Refusal::no_argument(name)),
        "dateadd" | "datedifference" => return Err(Refusal::argument(name)),
        _ => return Err(Refusal::no_function(name)),
    };
    if arguments.len() < least {
        return Err(Refusal::no_argument(name));
    }
    if arguments.len() > wanted.len()
        || arguments.iter().zip(wanted).any(|(one, wanted)| !may_be(one, *wanted))
    {
        return Err(Refusal::argument(name));
    }
    Ok(Expr::Call(function, arguments))
}

fn unit_of(name: &str, argument: &Expr) -> Result<DateUnit, Refusal> {
    let Expr::Text(text) = argument else { return Err(Refusal::argument(name)) };
    match text.as_str() {
        "second" => Ok(DateUnit::Second),
        "minute" => Ok(DateUnit::Minute),
        "hour" => Ok(DateUnit::Hour),
        "day" => Ok(DateUnit::Day),
        "month" => Ok(DateUnit::Month),
        "quarter" => Ok(DateUnit::Quarter),
        "year" => Ok(DateUnit::Year),
        other => Err(Refusal::argument(other)),
    }
}

/// False where the argument is plainly something else; what only a row can tell may be anything.
fn may_be(argument: &Expr, wanted: Wanted) -> bool {
    let found = match argument {
        Expr::Text(_) => Wanted::Text,
        Expr::Number(_) | Expr::Arithmetic(..) => Wanted::Number,
        Expr::Date(_) => Wanted::Date,
        Expr::Boolean(_) | Expr::Guid(_) => return false,
        Expr::Field { property, .. } => match property.kind {
            Kind::Text(_) | Kind::Enumeration(_) | Kind::TypeName | Kind::Version => Wanted::Text,
            Kind::Long | Kind::Short | Kind::Double => Wanted::Number,
            Kind::Date => Wanted::Date,
            Kind::Composite { .. } => return true,
            _ => return false,
        },
        _ => return true,
    };
    found == wanted
}
