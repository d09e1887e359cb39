//! Steps of a plan in the words of whoever reads them: in sections, a line each, with the names of records and fields.
//!
//! One source for the terminal and the page. Not responsible for the words themselves, nor for how programs read a step.

mod known;
mod line;
mod section;
mod values;

pub(super) use known::{Known, Users, records_of};
pub(super) use line::line;
pub(super) use section::{Excerpt, Section, place};
pub(super) use values::{Shown, label, shown, text};

use crate::context::Context;

/// So many steps of a section are shown on the terminal.
pub(super) const STEPS: usize = 20;

/// The first steps of each section.
pub(super) fn show(excerpt: &Excerpt, sections: &[Section], known: &Known, context: &Context) {
    for section in sections {
        let Some(part) = excerpt.of(*section) else { continue };
        show_title(&context.say(section.title()), part.count, context);
        let shown = part.first(STEPS);
        for step in &shown {
            context.print(&format!("  {}", line(step, known, &context.words)));
        }
        for (id, count) in [("plan-more", part.more_than(shown.len())), ("plan-only-ids", part.only_ids)] {
            if count > 0 {
                context.print(&format!("  {}", context.say_with(id, &[("count", count.into())])));
            }
        }
    }
}

/// The title of a section, with a line above it.
pub(super) fn show_title(title: &str, count: usize, context: &Context) {
    let args = [("title", title.into()), ("count", count.into())];
    context.print(&format!("\n{}", context.say_with("plan-section", &args)));
}
