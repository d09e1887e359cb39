//! Operations: all that can happen, as values. Nothing happens unless an operation says so.
//!
//! Picks are plain numbers that are taken modulo what there is, so that a list stays meaningful when operations are
//! left out of it.

mod draw;

use obmen_domain::record::Side;

pub(crate) use draw::{draw_live, draw_ops};

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
    /// The first sync comes to its end, and `obmen serve` runs from here on: whatever begins a run begins it.
    Serve,
    /// So many seconds of the live exchange, as they come.
    Live(u16),
    /// The process is ended, and for so many seconds there is none.
    Down(u16),
    /// The process is ended, and a person answers an open question.
    Decide(u32),
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
    /// A 1C object is not marked any more.
    Unmark(u32),
    /// A new person is entered on both sides within the same second.
    CreateBoth(u32),
    /// Somebody is entered a second time on the same side.
    CreateTwin(u32),
    /// Two records of one party on one side are merged by hand.
    Merge(u32),
    /// A portal card is deleted.
    Delete(u32),
    /// Marked 1C objects that nobody refers to are deleted.
    Purge,
    /// A contact is joined with a company, on the company's card.
    Join(u32),
    /// A contact is taken from a company, on the company's card.
    Part(u32),
    /// Somebody's save of a 1C object is refused by code of the base from here on, or is not any more.
    Forbid(u32),
    /// The user whom obmen calls the portal as is no administrator any more: records are hidden from it.
    TakeRights(u32),
    /// He is one again.
    GiveRights,
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

impl Edit {
    /// Its name in the coverage figures, where it has one.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::CreateBoth(_) => "edit: the same person on both sides in one second",
            Self::CreateTwin(_) => "edit: somebody is entered twice on one side",
            Self::Merge(_) => "edit: a merge",
            Self::Delete(_) => "edit: a portal card is deleted",
            Self::Purge => "edit: marked 1C objects are deleted",
            Self::Mark(_) => "edit: a mark",
            Self::Unmark(_) => "edit: a mark is taken off",
            Self::Join(_) => "edit: a contact joins a company",
            Self::Part(_) => "edit: a contact leaves a company",
            Self::Forbid(_) => "edit: a 1C object refuses to be written",
            Self::TakeRights(_) => "edit: the rights at the portal are taken away",
            Self::GiveRights => "edit: the rights at the portal are given back",
            _ => return None,
        })
    }
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
