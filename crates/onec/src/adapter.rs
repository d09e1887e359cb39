//! The adapter: 1C as the engine's reader, writer and doctor.
//!
//! Not responsible for decisions. Invariants: a walk reads each catalog once; what a question returns was verified
//! against the keys asked for; a catalog that could not be read is an error, never an empty answer.

mod card;
mod look;
mod ports;
mod ties;

pub(crate) use look::question;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use obmen_engine::ports::{Clock, Memory, SideError, Transport};
use uuid::Uuid;

use crate::connect::discover;
use crate::facts::Facts;
use crate::interface::Interface;
use crate::mains::Mains;
use crate::places::Places;
use crate::read::Reading;
use crate::settings::{Settings, Way};
use crate::write::learned::Learned;

/// One infobase behind one of its interfaces.
pub struct Onec {
    pub(crate) settings: Settings,
    pub(crate) interface: Interface,
    pub(crate) memory: Arc<dyn Memory>,
    pub(crate) learned: Learned,
    pub(crate) clock: Arc<dyn Clock>,
    places: Places,
    mains: Mains,
    facts: Mutex<Option<Arc<Facts>>>,
    /// References of own staff among the individuals, as read at the beginning of the last walk.
    staff: Mutex<Arc<HashSet<Uuid>>>,
}

impl Onec {
    /// A client that has not spoken yet.
    pub fn new(
        settings: Settings,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        memory: Arc<dyn Memory>,
    ) -> Self {
        Self {
            interface: Interface::new(&settings, transport, Arc::clone(&clock)),
            clock,
            // The contract promises it.
            learned: if settings.way == Way::Extension { Learned::certain() } else { Learned::default() },
            settings,
            memory,
            places: Places::default(),
            mains: Mains::default(),
            facts: Mutex::default(),
            staff: Mutex::default(),
        }
    }

    /// Finds out what the infobase publishes, and keeps it. Until then capacities are empty; questions and writes connect
    /// by themselves.
    ///
    /// # Errors
    ///
    /// When the infobase cannot be reached, the user is not let in, or a catalog that takes part cannot be read.
    pub async fn connect(&self) -> Result<(), SideError> {
        if self.settings.way == Way::Odata {
            self.learned.recall(&*self.memory).await?;
        }
        let facts = discover(&self.settings, &self.interface).await?;
        if facts.part.is_some() {
            self.mains.recall(&*self.memory).await?;
        }
        *self.facts_place() = Some(Arc::new(facts));
        Ok(())
    }

    /// What was found out, now if not before.
    pub(crate) async fn facts(&self) -> Result<Arc<Facts>, SideError> {
        if let Some(facts) = self.known_facts() {
            return Ok(facts);
        }
        self.connect().await?;
        Ok(self.known_facts().expect("connecting leaves the facts behind"))
    }

    /// What the contract is called that the configuration itself gives to each new counterparty; `None` where the profile
    /// knows of none.
    pub fn own_contract(&self) -> Option<&str> {
        self.settings.profile.own_contract()
    }

    pub(crate) fn known_facts(&self) -> Option<Arc<Facts>> {
        self.facts_place().clone()
    }

    pub(crate) fn reading<'a>(&'a self, facts: &'a Facts) -> Reading<'a> {
        Reading { profile: &self.settings.profile, facts, phones: &self.settings.phone_context }
    }

    fn facts_place(&self) -> MutexGuard<'_, Option<Arc<Facts>>> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn staff_place(&self) -> MutexGuard<'_, Arc<HashSet<Uuid>>> {
        self.staff.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Onec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Onec").field("settings", &self.settings).finish_non_exhaustive()
    }
}
