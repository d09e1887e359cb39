//! Operations drawn from a seed's streams.

use obmen_domain::record::Side;

use super::{CrashPoint, Edit, Fault, Op, Target};
use crate::streams::Draw;

/// Draws a list of operations.
pub(crate) fn draw_ops(draw: &mut Draw, count: usize) -> Vec<Op> {
    // The portal's tokens are eaten in few seeds: where they are, refusals by limit prove nothing.
    let other_apps = draw.percent(10);
    (0..count).map(|_| draw_op(draw, other_apps)).collect()
}

/// Draws operations of the live exchange, its beginning first.
pub(crate) fn draw_live(draw: &mut Draw, count: usize) -> Vec<Op> {
    let (faults, other_apps) = (!draw.percent(15), draw.percent(10));
    let mut ops = vec![Op::Serve];
    ops.extend((1..count).map(|_| draw_live_op(draw, faults, other_apps)));
    ops
}

fn draw_live_op(draw: &mut Draw, faults: bool, other_apps: bool) -> Op {
    match draw.below(100) {
        0..38 => Op::Edit(draw_edit(draw)),
        38..52 => Op::Edit(draw_live_edit(draw)),
        52..62 => Op::Live(draw_short(draw)),
        62..70 => Op::Flow(draw_flow(draw).min(80)),
        70..72 => Op::Deliver(draw.any()),
        72..74 => Op::Answer(draw.any()),
        74..77 => Op::Decide(draw.any()),
        77..79 => Op::Down(draw_short(draw)),
        79..91 if faults => Op::Fault(draw_target(draw), draw_skip(draw).min(6), draw_fault(draw)),
        91..93 if faults && other_apps => Op::OtherApps(draw_byte(draw, 1, 48)),
        91..100 if faults => Op::Crash(draw_point(draw), draw_skip(draw).min(6)),
        _ => Op::Live(draw_short(draw)),
    }
}

/// What happens only while both sides are kept together.
fn draw_live_edit(draw: &mut Draw) -> Edit {
    let pick = draw.any();
    match draw.below(100) {
        0..16 => Edit::CreateBoth(pick),
        16..30 => Edit::CreateTwin(pick),
        30..46 => Edit::Merge(pick),
        46..60 => Edit::Delete(pick),
        60..66 => Edit::Unmark(pick),
        66..70 => Edit::Purge,
        70..84 => Edit::Join(pick),
        84..93 => Edit::Part(pick),
        93..96 => Edit::Forbid(pick),
        96..98 => Edit::TakeRights(pick),
        _ => Edit::GiveRights,
    }
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

fn draw_short(draw: &mut Draw) -> u16 {
    let most = if draw.percent(85) { 25 } else { 300 };
    u16::try_from(draw.between(1, most)).expect("at most 300")
}
