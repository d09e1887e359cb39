//! Operations: all that can happen, as values. Nothing happens unless an operation says so.
//!
//! Picks are plain numbers that are taken modulo what there is, so that a list stays meaningful when operations are
//! left out of it.

use obmen_domain::record::Side;

use crate::streams::Draw;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// A person edits something.
    Edit(Edit),
    /// A sync begins, unless one is under way.
    Run,
    /// The pending request picked arrives.
    Deliver(u32),
    /// The answer picked comes back.
    Answer(u32),
    /// So many events happen as they come: requests arrive, answers come back, timers ring.
    Flow(u32),
    /// The next request of this sort, after so many others of it, meets a fault.
    Fault(Target, u8, Fault),
    /// Other applications use the portal: so many of its tokens are gone.
    OtherApps(u8),
    /// So many seconds pass.
    Advance(u32),
    /// The process dies at the next such point, after so many others.
    Crash(CrashPoint, u8),
}

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A further phone.
    AddPhone(u32),
    /// Another number in place of one.
    ChangePhone(u32),
    /// A phone less.
    RemovePhone(u32),
    /// A further mailbox.
    AddEmail(u32),
    /// Another address in place of one.
    ChangeEmail(u32),
    /// A mailbox less.
    RemoveEmail(u32),
    /// Another name or title; of linked records only, since an unlinked one becomes somebody else by it.
    Rename(u32),
    /// Another tax number of a linked company.
    ChangeInn(u32),
    /// A new person.
    CreatePerson(Side, u32),
    /// A new company.
    CreateCompany(Side, u32),
    /// Somebody known to one side only is entered on the other by hand.
    CreateAgain(u32),
    /// A portal contact gets another company.
    MoveContact(u32),
    /// A 1C object is marked for deletion.
    Mark(u32),
}

/// Which requests are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Any request.
    Any,
    /// Requests that write.
    Write,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is refused: no effect.
    Refuse,
    /// A 500 with an HTML body: no effect.
    Error500,
    /// The connection is cut: no effect.
    ResetBefore,
    /// It takes effect, then the connection is cut.
    ResetAfter,
    /// The connection is cut at once, the effect comes so many seconds later.
    Late(u8),
    /// A gateway gives up with 504, the effect comes so many seconds later.
    Gateway(u8),
    /// Silence until the client gives up; the effect comes so many seconds after sending, if at all.
    Silence(Option<u8>),
}

/// Where a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CrashPoint {
    /// Before a commit of the store.
    BeforeCommit,
    /// After a commit of the store.
    AfterCommit,
    /// A request was sent and has not arrived.
    BeforeCall(Target),
    /// A request took effect, its answer has not come back.
    AfterCall(Target),
}

impl Fault {
    /// Its name in the coverage figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuse => "fault: refused",
            Self::Error500 => "fault: 500 before effect",
            Self::ResetBefore => "fault: reset before effect",
            Self::ResetAfter => "fault: reset after effect",
            Self::Late(_) => "fault: late effect",
            Self::Gateway(_) => "fault: 504 and late effect",
            Self::Silence(None) => "fault: silence without effect",
            Self::Silence(Some(_)) => "fault: silence with effect",
        }
    }
}

impl CrashPoint {
    /// Its name in the coverage figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeCommit => "crash: before a commit",
            Self::AfterCommit => "crash: after a commit",
            Self::BeforeCall(_) => "crash: before a call",
            Self::AfterCall(_) => "crash: after a call",
        }
    }
}

/// Draws a list of operations.
pub(crate) fn draw_ops(draw: &mut Draw, count: usize) -> Vec<Op> {
    // The portal's tokens are eaten in few seeds: where they are, refusals by limit prove nothing.
    let other_apps = draw.percent(10);
    (0..count).map(|_| draw_op(draw, other_apps)).collect()
}

fn draw_op(draw: &mut Draw, other_apps: bool) -> Op {
    match draw.below(100) {
        0..38 => Op::Edit(draw_edit(draw)),
        38..50 => Op::Run,
        50..54 => Op::Deliver(draw.any()),
        54..58 => Op::Answer(draw.any()),
        58..74 => Op::Flow(draw_flow(draw)),
        74..88 => Op::Fault(draw_target(draw), draw_skip(draw), draw_fault(draw)),
        88..90 if other_apps => Op::OtherApps(draw_byte(draw, 1, 48)),
        88..93 => Op::Advance(draw_seconds(draw)),
        _ => Op::Crash(draw_point(draw), draw_skip(draw)),
    }
}

fn draw_edit(draw: &mut Draw) -> Edit {
    let side = if draw.percent(50) { Side::Bitrix24 } else { Side::Onec };
    let pick = draw.any();
    match draw.below(100) {
        0..14 => Edit::AddPhone(pick),
        14..26 => Edit::ChangePhone(pick),
        26..32 => Edit::RemovePhone(pick),
        32..44 => Edit::AddEmail(pick),
        44..52 => Edit::ChangeEmail(pick),
        52..56 => Edit::RemoveEmail(pick),
        56..66 => Edit::Rename(pick),
        66..70 => Edit::ChangeInn(pick),
        70..79 => Edit::CreatePerson(side, pick),
        79..83 => Edit::CreateCompany(side, pick),
        83..91 => Edit::CreateAgain(pick),
        91..95 => Edit::MoveContact(pick),
        _ => Edit::Mark(pick),
    }
}

fn draw_fault(draw: &mut Draw) -> Fault {
    match draw.below(16) {
        0 => Fault::Refuse,
        1 | 2 => Fault::Error500,
        3 | 4 => Fault::ResetBefore,
        5..=8 => Fault::ResetAfter,
        9..=11 => Fault::Late(draw_byte(draw, 1, 60)),
        12 => Fault::Gateway(draw_byte(draw, 0, 60)),
        13 => Fault::Silence(None),
        _ => Fault::Silence(Some(draw_byte(draw, 0, 60))),
    }
}

fn draw_point(draw: &mut Draw) -> CrashPoint {
    match draw.below(4) {
        0 => CrashPoint::BeforeCommit,
        1 => CrashPoint::AfterCommit,
        2 => CrashPoint::BeforeCall(draw_target(draw)),
        _ => CrashPoint::AfterCall(draw_target(draw)),
    }
}

fn draw_target(draw: &mut Draw) -> Target {
    if draw.percent(25) { Target::Any } else { Target::Write }
}

fn draw_skip(draw: &mut Draw) -> u8 {
    match draw.below(4) {
        0 | 1 => 0,
        2 => draw_byte(draw, 1, 3),
        _ => draw_byte(draw, 3, 30),
    }
}

fn draw_flow(draw: &mut Draw) -> u32 {
    let most = if draw.percent(50) { 60 } else { 600 };
    u32::try_from(draw.between(1, most)).expect("at most 600")
}

fn draw_seconds(draw: &mut Draw) -> u32 {
    let most = if draw.percent(70) { 90 } else { 4000 };
    u32::try_from(draw.between(1, most)).expect("at most 4000")
}

fn draw_byte(draw: &mut Draw, low: u8, high: u8) -> u8 {
    u8::try_from(draw.between(low.into(), high.into())).expect("both ends are bytes")
}
