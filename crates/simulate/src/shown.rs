//! What the product was shown: every answer that came back to it, but for those that a process took with it when it died.
//!
//! Not responsible for what it made of them. A value is looked for once in each answer, however often it is asked about.

use std::collections::BTreeMap;

use obmen_domain::record::Side;

/// Every answer, in their order.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    answers: Vec<Answer>,
    /// How many there ever were, with those that died with a process.
    count: u64,
    /// How many of them there were at the last commit: what came later dies with the process.
    taken_down: usize,
    sought: BTreeMap<(Side, String), Sought>,
}

/// An answer that came back.
#[derive(Debug)]
struct Answer {
    side: Side,
    body: Vec<u8>,
    /// How many there were before it.
    number: u64,
}

/// How far answers were looked through for a value.
#[derive(Debug, Default, Clone, Copy)]
struct Sought {
    to: usize,
    found_at: Option<usize>,
}

impl Shown {
    /// An answer of a side came back. Returns how many there ever were.
    pub(crate) fn add(&mut self, side: Side, body: Vec<u8>) -> u64 {
        self.answers.push(Answer { side, body, number: self.count });
        self.count += 1;
        self.count
    }

    /// A commit: whatever was shown is written down, as far as it is of interest.
    pub(crate) fn take_down(&mut self) {
        self.taken_down = self.answers.len();
    }

    /// The process is gone.
    pub(crate) fn forget(&mut self) {
        self.answers.truncate(self.taken_down);
        for sought in self.sought.values_mut() {
            sought.to = sought.to.min(self.taken_down);
            sought.found_at = sought.found_at.filter(|at| *at < self.taken_down);
        }
    }

    /// Whether an answer of a side held a value.
    pub(crate) fn holds(&mut self, side: Side, value: &str) -> bool {
        self.held(side, value, self.count)
    }

    /// Whether one of the first so many answers did.
    pub(crate) fn held(&mut self, side: Side, value: &str, answers: u64) -> bool {
        let sought = self.sought.entry((side, value.to_owned())).or_default();
        if sought.found_at.is_none() {
            let later = self.answers[sought.to..].iter();
            let found = later.clone().position(|answer| answer.side == side && mentions(&answer.body, value));
            sought.found_at = found.map(|at| sought.to + at);
            sought.to = self.answers.len();
        }
        sought.found_at.is_some_and(|at| self.answers[at].number < answers)
    }
}

/// Whether an answer holds a value: the digits of a phone, however they are parted, or a text in whatever case.
fn mentions(body: &[u8], value: &str) -> bool {
    let (sort, bare) = value.split_once(' ').unwrap_or_default();
    if sort != "phone" {
        return body.windows(bare.len()).any(|window| window.eq_ignore_ascii_case(bare.as_bytes()));
    }
    let (wanted, length) = (bare.parse::<u64>().unwrap_or_default(), bare.len());
    let modulus = 10_u64.pow(u32::try_from(length).unwrap_or_default());
    let digits = body.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| u64::from(byte - b'0'));
    let mut last = 0;
    digits.enumerate().any(|(at, digit)| {
        last = (last * 10 + digit) % modulus;
        at + 1 >= length && last == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_written_down_dies_with_the_process() {
        let mut shown = Shown::default();
        let holds = |shown: &mut Shown, value| shown.holds(Side::Onec, value);
        shown.add(Side::Onec, b"+7 (912) 345-67-89".to_vec());
        shown.add(Side::Bitrix24, b"BOX1@party0.example".to_vec());
        assert!(holds(&mut shown, "phone 9123456789"));
        assert!(!holds(&mut shown, "phone 9123456780"));
        assert!(!holds(&mut shown, "email box1@party0.example"), "of the other side");
        assert!(!shown.held(Side::Bitrix24, "email box1@party0.example", 1), "it came later");
        assert!(shown.held(Side::Bitrix24, "email box1@party0.example", 2));
        assert!(shown.holds(Side::Bitrix24, "email box1@party0.example"));
        shown.forget();
        assert!(!holds(&mut shown, "phone 9123456789"));
        shown.add(Side::Onec, b"7701234560".to_vec());
        shown.take_down();
        shown.forget();
        assert!(holds(&mut shown, "inn 7701234560"));
        assert!(!holds(&mut shown, "phone 9123456789"));
    }
}
