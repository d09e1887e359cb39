//! The two ways to speak to an infobase, with what both have in common: reading.
//!
//! Not responsible for writing, which is too different (see `write`). Invariant: objects look the same whichever way they came.

use std::collections::BTreeSet;
use std::sync::Arc;

use obmen_domain::record::Side;
use obmen_engine::ports::{Clock, SideError, Transport};
use uuid::Uuid;

use crate::caller::Caller;
use crate::condition::Condition;
use crate::extension::Extension;
use crate::odata::{Object, Odata, Query};
use crate::profile::Profile;
use crate::schema::Schema;
use crate::settings::{Settings, Way};

/// How an infobase is reached.
pub(crate) enum Interface {
    /// The standard OData interface.
    Odata(Box<Odata>),
    /// The HTTP service of obmen's extension.
    Extension(Box<Extension>),
}

impl Interface {
    pub(crate) fn new(settings: &Settings, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        let caller = Caller::new(settings, transport, Arc::clone(&clock));
        match settings.way {
            Way::Odata => Self::Odata(Box::new(Odata::new(settings, caller))),
            Way::Extension => Self::Extension(Box::new(Extension::new(settings, caller, clock))),
        }
    }

    /// The sets that can be read.
    pub(crate) async fn sets(&self) -> Result<BTreeSet<String>, SideError> {
        match self {
            Self::Odata(odata) => Ok(odata.service_document().await?.into_iter().collect()),
            Self::Extension(extension) => extension.sets().await,
        }
    }

    /// Why a set that is needed cannot be read.
    pub(crate) fn closed(&self, set: &str) -> SideError {
        match self {
            Self::Odata(_) => SideError::ClosedComposition { set: set.to_owned() },
            Self::Extension(_) => {
                SideError::MissingRight { side: Side::Onec, what: format!("read {set} by the extension") }
            }
        }
    }

    /// What the sets of a profile have.
    pub(crate) async fn schema(&self, profile: &Profile) -> Result<Schema, SideError> {
        match self {
            Self::Odata(odata) => {
                let xml = odata.schema().await?;
                Schema::parse(&xml, |name| profile.mentions(name))
                    .map_err(|words| SideError::Unexpected { side: Side::Onec, words })
            }
            Self::Extension(extension) => extension.schema().await,
        }
    }

    /// The rows of a set.
    pub(crate) async fn rows(&self, query: &Query<'_>) -> Result<Vec<Object>, SideError> {
        match self {
            Self::Odata(odata) => odata.rows(query).await,
            Self::Extension(extension) => extension.rows(query).await,
        }
    }

    /// One page of a set, and behind what the next one begins where more may follow.
    pub(crate) async fn page(
        &self,
        query: &Query<'_>,
        after: Option<&str>,
        size: usize,
    ) -> Result<(Vec<Object>, Option<String>), SideError> {
        match self {
            Self::Odata(odata) => {
                let after = after.and_then(|after| Uuid::try_parse(after).ok());
                let (objects, last) = odata.page(query, after, size).await?;
                Ok((objects, last.map(|last| last.to_string())))
            }
            Self::Extension(extension) => extension.page(query, after, size).await,
        }
    }

    /// All rows of a set, page by page.
    pub(crate) async fn all_rows(&self, query: &Query<'_>, size: usize) -> Result<Vec<Object>, SideError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let (objects, next) = self.page(query, after.as_deref(), size).await?;
            found.extend(objects);
            if next.is_none() {
                return Ok(found);
            }
            after = next;
        }
    }

    /// Rows that meet one of the conditions.
    pub(crate) async fn rows_of_any(
        &self,
        query: &Query<'_>,
        conditions: Vec<Condition>,
    ) -> Result<Vec<Object>, SideError> {
        if conditions.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Odata(odata) => odata.rows_of_any(query, &conditions).await,
            Self::Extension(extension) => extension.rows_of_any(query, conditions).await,
        }
    }

    /// How many rows of a set meet the query's conditions.
    pub(crate) async fn count(&self, query: &Query<'_>) -> Result<u64, SideError> {
        match self {
            Self::Odata(odata) => odata.count(query).await,
            Self::Extension(extension) => extension.count(query).await,
        }
    }
}
