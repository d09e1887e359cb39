//! What GET answers: lists, slices, entities, and what a path behind an entity leads to.
//!
//! Invariant: nothing is shown that the rights of the user hide.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use crate::http::Response;
use crate::onec::address::Slice;
use crate::onec::error::Refusal;
use crate::onec::filter::field;
use crate::onec::objects::{Object, reference, text};
use crate::onec::query::Query;
use crate::onec::read::{Page, count, count_of, page, page_of, target};
use crate::onec::records::{named_key, record_key};
use crate::onec::render::{self, Format, Part, View};
use crate::onec::rows::{row_of, rows_of};
use crate::onec::schema::{EntitySet, Kind, Property};
use crate::onec::select::Selection;
use crate::onec::slices::slice;

use super::{Service, is_rows, taking};

impl Service<'_> {
    pub(super) fn list(
        &self,
        set: &'static EntitySet,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let selection = self.selection(set, query)?;
        if !is_rows(set) {
            let page = page(self.base, &self.access, set, query)?;
            return Ok(self.feed(set, &selection, &page, format, root));
        }
        let rows = rows_of(self.base, set);
        let rows = rows.iter().map(|(key, row)| (*key, row));
        let page = page_of(self.base, &self.access, set, rows, query)?;
        Ok(self.feed(set, &selection, &page, format, root))
    }

    pub(super) fn count(&self, set: &'static EntitySet, query: &Query) -> Result<Response, Refusal> {
        let counted = if is_rows(set) {
            let rows = rows_of(self.base, set);
            let rows = rows.iter().map(|(key, row)| (*key, row));
            count_of(self.base, &self.access, set, rows, query)?
        } else {
            count(self.base, &self.access, set, query)?
        };
        Ok(taking(render::count(counted), self.settings.read_cost))
    }

    /// `SliceLast` and `SliceFirst`; the condition may stand in the query too.
    pub(super) fn slice(
        &self,
        set: &'static EntitySet,
        wanted: &Slice,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let selection = self.selection(set, query)?;
        let rows = slice(self.base, &self.access, set, wanted, query)?;
        let page = page_of(self.base, &self.access, set, rows.into_iter(), query)?;
        Ok(self.feed(set, &selection, &page, format, root))
    }

    pub(super) fn get(
        &self,
        set: &'static EntitySet,
        key: Uuid,
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let selection = self.selection(set, query)?;
        let object = self.visible(set, key)?;
        let response = self.show(200, set, object, &selection, format, root);
        Ok(taking(response, self.row_cost()))
    }

    /// One row of a tabular section, by its owner and number.
    pub(super) fn row(
        &self,
        set: &'static EntitySet,
        parts: &[(String, String)],
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let key = named_key(set, parts)?;
        let row = row_of(self.base, set, &key);
        let row = row.ok_or_else(|| Refusal::no_instance(set.name, record_key(set, &key)))?;
        if !self.access.shows(self.base, set, reference(&row, "Ref_Key"), &row) {
            return Err(Refusal::denied());
        }
        let selection = self.selection(set, query)?;
        let response = self.show(200, set, &row, &selection, format, root);
        Ok(taking(response, self.row_cost()))
    }

    /// What a path behind an entity leads to: through references to a property, a tabular section or an entity.
    pub(super) fn part(
        &self,
        set: &'static EntitySet,
        key: Uuid,
        path: &[String],
        query: &Query,
        format: Format,
        root: &str,
    ) -> Result<Response, Refusal> {
        let mut set = set;
        let mut object = self.visible(set, key)?;
        for (at, name) in path.iter().enumerate() {
            if let Some(property) = self.reference(set, name) {
                let found = target(self.base, &self.access, &field(object, property));
                (set, object) =
                    found.ok_or_else(|| Refusal::no_instance(name, reference(object, property.name)))?;
                continue;
            }
            if let Some(stream) = stream_of(set, object, name) {
                let is_end =
                    matches!(&path[at + 1..], [] | [_]) && path.get(at + 1).is_none_or(|end| end == "$value");
                return if is_end {
                    Ok(taking(stream, self.row_cost()))
                } else {
                    Err(Refusal::no_property(name))
                };
            }
            let part = match (set.property(name), set.section(name)) {
                (Some(property), _) => Part::Property(property),
                (None, Some(section)) => Part::Section(section),
                (None, None) => return Err(Refusal::no_property(name)),
            };
            if let Some(next) = path.get(at + 1) {
                return Err(Refusal::no_property(next));
            }
            let selection = Selection::default();
            let moment = self.now.to_string();
            let view = self.view(set, &selection, root, &moment);
            return Ok(taking(render::part(format, &view, object, part), self.row_cost()));
        }
        let selection = self.selection(set, query)?;
        Ok(taking(self.show(200, set, object, &selection, format, root), self.row_cost()))
    }

    /// The object, unless it is absent or hidden by rights.
    pub(super) fn visible(&self, set: &EntitySet, key: Uuid) -> Result<&Object, Refusal> {
        let object = self.base.object(set.name, key).ok_or_else(|| Refusal::no_instance(set.name, key))?;
        if self.access.shows(self.base, set, key, object) { Ok(object) } else { Err(Refusal::denied()) }
    }

    pub(super) fn show(
        &self,
        status: u16,
        set: &'static EntitySet,
        object: &Object,
        selection: &Selection,
        format: Format,
        root: &str,
    ) -> Response {
        let moment = self.now.to_string();
        render::entity(status, format, &self.view(set, selection, root, &moment), object)
    }

    fn feed(
        &self,
        set: &'static EntitySet,
        selection: &Selection,
        page: &Page<'_>,
        format: Format,
        root: &str,
    ) -> Response {
        let moment = self.now.to_string();
        let rows = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let feed = render::feed(format, &self.view(set, selection, root, &moment), page);
        taking(feed, self.settings.read_cost + self.settings.row_cost * rows)
    }

    fn view<'v>(
        &'v self,
        set: &'static EntitySet,
        selection: &'v Selection,
        root: &'v str,
        moment: &'v str,
    ) -> View<'v> {
        View { base: self.base, access: &self.access, root, set, selection, moment }
    }

    /// The reference of this name, unless it leads into a set that is not opened.
    fn reference(&self, set: &'static EntitySet, name: &str) -> Option<&'static Property> {
        set.properties.iter().find(|property| match property.kind {
            Kind::Reference(target) => {
                property.navigation() == Some(name) && self.access.opened().shows(target)
            }
            _ => false,
        })
    }

    fn selection(&self, set: &'static EntitySet, query: &Query) -> Result<Selection, Refusal> {
        Selection::parse(self.access.opened(), set, query)
    }

    fn row_cost(&self) -> Duration {
        self.settings.read_cost + self.settings.row_cost
    }
}

/// What a value storage holds, under the type that it names.
fn stream_of(set: &EntitySet, object: &Object, name: &str) -> Option<Response> {
    let property = set.property(&format!("{name}_Base64Data"))?;
    let bytes = STANDARD.decode(text(object, property.name)).ok()?;
    let kind = text(object, &format!("{name}_Type"));
    Some(render::typed(200, if kind.is_empty() { "application/octet-stream" } else { kind }, bytes))
}
