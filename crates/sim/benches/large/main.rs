//! What the simulators cost on large bases: load time, resident memory, and CPU time of the usual requests.
//!
//! A plain program, because a base is loaded once and measured many times, and memory belongs to a process. CPU time
//! is measured, so that a busy machine makes no difference. Ends with a failure if a figure misses its bound.
//! Numbers of records may be given as arguments: `cargo bench -p obmen-sim -- 100000 10000 100000`.

mod figures;
mod gauge;
mod infobase;
mod lines;
mod portal;

use std::process::ExitCode;

use figures::Figures;
use mimalloc::MiMalloc;

/// That of the binary.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let mut counts = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let contacts = counts.next().unwrap_or(500_000);
    let companies = counts.next().unwrap_or(50_000);
    let counterparties = counts.next().unwrap_or(500_000);
    let records = contacts + companies + counterparties;
    let mut figures = Figures::new(&format!(
        "{contacts} contacts and {companies} companies in Bitrix24, {counterparties} counterparties in 1C"
    ));
    let before = gauge::resident_megabytes();
    let (mut portal, portal_seconds) = portal::load(contacts, companies);
    let with_portal = gauge::resident_megabytes();
    let (mut infobase, infobase_seconds) = infobase::load(counterparties);
    let with_both = gauge::resident_megabytes();
    // The bounds are meant for a million records.
    let share = records as f64 / 1_000_000.0;
    figures.add("load of the portal, s of CPU time", portal_seconds, None);
    figures.add("load of the infobase, s of CPU time", infobase_seconds, None);
    figures.add("load of both, s of CPU time", portal_seconds + infobase_seconds, Some(30.0 * share));
    figures.add("memory of the portal, MB", with_portal - before, None);
    figures.add("memory of the infobase, MB", with_both - with_portal, None);
    figures.add("memory of both, MB", with_both - before, Some(2500.0 * share));
    portal::measure(&mut portal, contacts, &mut figures);
    infobase::measure(&mut infobase, &mut figures);
    figures.end()
}
