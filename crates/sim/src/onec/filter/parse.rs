//! Parses a filter by recursive descent and binds its names to the schema.

use crate::onec::access::Opened;
use crate::onec::error::Refusal;
use crate::onec::schema::{EntitySet, Section};

use super::bind::{bound, is_condition, is_storage, navigated, targets_of};
use super::call::function_call;
use super::token::{Token, tokens};
use super::{Arithmetic, Comparison, Expr, Quantifier, TypeName};

/// Nesting of brackets beyond this is refused.
const DEEPEST: usize = 48;
/// Longer chains of arithmetic or of references are refused; each link nests the expression by one.
const LONGEST: usize = 16;

/// Parses the value of `$filter` for a set.
pub(crate) fn parse(opened: Opened<'_>, set: &'static EntitySet, text: &str) -> Result<Expr, Refusal> {
    let mut parser = Parser::of(opened, set, text)?;
    let expr = parser.either()?;
    if parser.at < parser.tokens.len() || !is_condition(&expr) {
        return Err(malformed());
    }
    Ok(expr)
}

/// Parses something that rows are ordered by, and says where it ends: what stands behind it is a word or nothing.
pub(crate) fn parse_value(
    opened: Opened<'_>,
    set: &'static EntitySet,
    text: &str,
) -> Result<(Expr, Option<String>), Refusal> {
    let mut parser = Parser::of(opened, set, text)?;
    let expr = parser.sum()?;
    match &parser.tokens[parser.at..] {
        [] => Ok((expr, None)),
        [Token::Name(word)] => Ok((expr, Some(word.clone()))),
        _ => Err(Refusal::option("$orderby")),
    }
}

struct Parser<'c> {
    opened: Opened<'c>,
    set: &'static EntitySet,
    tokens: Vec<Token>,
    at: usize,
    /// Names of the lambda variables from the outermost, with the section each runs over.
    variables: Vec<(String, &'static Section)>,
    depth: usize,
}

impl<'c> Parser<'c> {
    fn of(opened: Opened<'c>, set: &'static EntitySet, text: &str) -> Result<Self, Refusal> {
        Ok(Self { opened, set, tokens: tokens(text)?, at: 0, variables: Vec::new(), depth: 0 })
    }

    fn either(&mut self) -> Result<Expr, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(malformed());
        }
        let mut parts = vec![self.both()?];
        while self.keyword("or") {
            parts.push(self.both()?);
        }
        self.depth -= 1;
        joined(parts, Expr::Or)
    }

    fn both(&mut self) -> Result<Expr, Refusal> {
        let mut parts = vec![self.equality()?];
        while self.keyword("and") {
            parts.push(self.equality()?);
        }
        joined(parts, Expr::And)
    }

    fn equality(&mut self) -> Result<Expr, Refusal> {
        self.compared(Self::relation, |word| match word {
            "eq" => Some(Comparison::Eq),
            "ne" => Some(Comparison::Ne),
            _ => None,
        })
    }

    fn relation(&mut self) -> Result<Expr, Refusal> {
        self.compared(Self::sum, |word| match word {
            "gt" => Some(Comparison::Gt),
            "ge" => Some(Comparison::Ge),
            "lt" => Some(Comparison::Lt),
            "le" => Some(Comparison::Le),
            _ => None,
        })
    }

    fn compared(
        &mut self,
        part: fn(&mut Self) -> Result<Expr, Refusal>,
        comparison_of: fn(&str) -> Option<Comparison>,
    ) -> Result<Expr, Refusal> {
        let mut left = part(self)?;
        for _ in 0..LONGEST {
            let word = match self.tokens.get(self.at) {
                Some(Token::Name(name)) => comparison_of(name),
                _ => None,
            };
            let Some(comparison) = word else { return Ok(left) };
            self.at += 1;
            let right = part(self)?;
            if is_storage(&left) || is_storage(&right) {
                return Err(Refusal::not_supported("сравнение хранилища значения"));
            }
            left = Expr::Compare(comparison, Box::new(left), Box::new(right));
        }
        Err(malformed())
    }

    fn sum(&mut self) -> Result<Expr, Refusal> {
        let mut left = self.product()?;
        for _ in 0..LONGEST {
            let operation = match () {
                () if self.keyword("add") => Arithmetic::Add,
                () if self.keyword("sub") => Arithmetic::Sub,
                () => return Ok(left),
            };
            left = Expr::Arithmetic(operation, Box::new(left), Box::new(self.product()?));
        }
        Err(malformed())
    }

    fn product(&mut self) -> Result<Expr, Refusal> {
        let mut left = self.unary()?;
        for _ in 0..LONGEST {
            let operation = match () {
                () if self.keyword("mul") => Arithmetic::Mul,
                () if self.keyword("div") => Arithmetic::Div,
                () => return Ok(left),
            };
            left = Expr::Arithmetic(operation, Box::new(left), Box::new(self.unary()?));
        }
        Err(malformed())
    }

    fn unary(&mut self) -> Result<Expr, Refusal> {
        let mut turns = 0;
        while self.keyword("not") {
            turns += 1;
        }
        let expr = self.primary()?;
        match turns {
            0 => Ok(expr),
            _ if !is_condition(&expr) => Err(malformed()),
            turns if turns % 2 == 0 => Ok(expr),
            _ => Ok(Expr::Not(Box::new(expr))),
        }
    }

    fn primary(&mut self) -> Result<Expr, Refusal> {
        match self.next()? {
            Token::Text(text) => Ok(Expr::Text(text)),
            Token::Number(number) => Ok(Expr::Number(number)),
            Token::Guid(guid) => Ok(Expr::Guid(guid)),
            Token::Date(date) => Ok(Expr::Date(date)),
            Token::Open => {
                let expr = self.either()?;
                self.expect(&Token::Close)?;
                Ok(expr)
            }
            Token::Name(name) => self.named(&name),
            Token::Minus if !self.sees(&Token::Minus) => {
                let negated = Box::new(self.primary()?);
                Ok(Expr::Arithmetic(Arithmetic::Sub, Box::new(Expr::Number(0.0)), negated))
            }
            _ => Err(malformed()),
        }
    }

    fn named(&mut self, name: &str) -> Result<Expr, Refusal> {
        match name {
            "true" => return Ok(Expr::Boolean(true)),
            "false" => return Ok(Expr::Boolean(false)),
            "null" => return Ok(Expr::Null),
            _ => {}
        }
        if self.sees(&Token::Open) {
            return self.call(name);
        }
        if let Some(at) = self.variables.iter().rposition(|(variable, _)| variable == name) {
            self.expect(&Token::Slash)?;
            let column = self.name()?;
            let up = self.variables.len() - 1 - at;
            let columns = &self.variables[at].1.columns;
            let field = bound(columns, &column, up).ok_or_else(|| Refusal::no_property(&column))?;
            return self.path(field);
        }
        if let Some(section) = self.set.section(name) {
            return self.lambda(section);
        }
        let up = self.variables.len();
        let field = bound(&self.set.properties, name, up).ok_or_else(|| Refusal::no_property(name))?;
        self.path(field)
    }

    /// What follows a reference: `/ИНН`, `/Партнер/ОсновнойМенеджер`.
    fn path(&mut self, mut from: Expr) -> Result<Expr, Refusal> {
        for _ in 0..LONGEST {
            if !self.sees(&Token::Slash) {
                return Ok(from);
            }
            self.at += 1;
            let name = self.name()?;
            let targets = self.targets(&from);
            if !targets.iter().any(|set| bound(&set.properties, &name, 0).is_some()) {
                return Err(Refusal::no_property(&name));
            }
            from = Expr::Through { from: Box::new(from), name };
        }
        Ok(from)
    }

    /// The sets that a reference may point into.
    fn targets(&self, expr: &Expr) -> Vec<&'static EntitySet> {
        let names: Vec<&str> = match expr {
            Expr::Field { property, .. } => targets_of(property),
            Expr::Cast(_, TypeName::Set(name)) => vec![name],
            Expr::Through { from, name } => {
                let properties = self.targets(from);
                let bound = properties.iter().filter_map(|set| navigated(&set.properties, name));
                bound.flat_map(targets_of).collect()
            }
            _ => vec![],
        };
        names.into_iter().filter_map(|name| self.opened.set(name)).collect()
    }

    fn lambda(&mut self, section: &'static Section) -> Result<Expr, Refusal> {
        if !self.sees(&Token::Slash) {
            return Err(Refusal::argument(section.name));
        }
        self.at += 1;
        let quantifier = match self.name()?.as_str() {
            "any" => Quantifier::Any,
            "all" => Quantifier::All,
            other => return Err(Refusal::argument(other)),
        };
        self.expect(&Token::Open)?;
        let depth = self.variables.len();
        if quantifier == Quantifier::Any && self.sees(&Token::Close) {
            self.at += 1;
            return Ok(Expr::Quantified { quantifier, section, condition: None, depth });
        }
        let variable = self.name()?;
        self.expect(&Token::Colon)?;
        self.variables.push((variable, section));
        let condition = self.either()?;
        self.variables.pop();
        self.expect(&Token::Close)?;
        if !is_condition(&condition) {
            return Err(Refusal::argument(section.name));
        }
        Ok(Expr::Quantified { quantifier, section, condition: Some(Box::new(condition)), depth })
    }

    fn call(&mut self, name: &str) -> Result<Expr, Refusal> {
        if matches!(name, "cast" | "isof") {
            return self.typed(name);
        }
        let arguments = self.arguments()?;
        function_call(name, arguments)
    }

    fn typed(&mut self, name: &str) -> Result<Expr, Refusal> {
        let mut arguments = self.arguments()?;
        let (Some(second), Some(first), true) = (arguments.pop(), arguments.pop(), arguments.is_empty())
        else {
            return Err(Refusal::no_argument(name));
        };
        let Expr::Text(type_name) = second else {
            return Err(Refusal::argument(name));
        };
        let wanted = match type_name.as_str() {
            "String" => TypeName::Text,
            "Number" => TypeName::Number,
            "Boolean" => TypeName::Boolean,
            "Date" => TypeName::Date,
            other => {
                let set = self.opened.configuration.set(other);
                TypeName::Set(set.ok_or_else(|| Refusal::argument(other))?.name)
            }
        };
        match name {
            "isof" => Ok(Expr::IsOf(Box::new(first), wanted)),
            _ => self.path(Expr::Cast(Box::new(first), wanted)),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, Refusal> {
        self.expect(&Token::Open)?;
        let mut arguments = Vec::new();
        if self.sees(&Token::Close) {
            self.at += 1;
            return Ok(arguments);
        }
        loop {
            arguments.push(self.either()?);
            match self.next()? {
                Token::Comma => {}
                Token::Close => return Ok(arguments),
                _ => return Err(malformed()),
            }
        }
    }

    fn next(&mut self) -> Result<Token, Refusal> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(malformed)?;
        self.at += 1;
        Ok(token)
    }

    fn name(&mut self) -> Result<String, Refusal> {
        match self.next()? {
            Token::Name(name) => Ok(name),
            _ => Err(malformed()),
        }
    }

    fn expect(&mut self, token: &Token) -> Result<(), Refusal> {
        if self.next()? == *token { Ok(()) } else { Err(malformed()) }
    }

    fn sees(&self, token: &Token) -> bool {
        self.tokens.get(self.at) == Some(token)
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }
}

fn malformed() -> Refusal {
    Refusal::option("$filter")
}

fn joined(mut parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Result<Expr, Refusal> {
    match parts.len() {
        1 => parts.pop().ok_or_else(malformed),
        _ if parts.iter().all(is_condition) => Ok(join(parts)),
        _ => Err(malformed()),
    }
}
