//! Gathers what an undo may know: the journal of a run, and its records as the sides hold them at this moment.

use std::collections::BTreeSet;

use obmen_domain::party::{Field, Value};
use obmen_domain::record::{Exclusion, RecordId, Side, Standing};
use obmen_domain::stay::{StayReason, Tie};

use super::{Scene, Taker, Undo, mentioned};
use crate::progress::Stage;
use crate::store::Event;
use crate::surroundings::partners;
use crate::sync::{Engine, EngineError};

/// Records looked at together.
const PAGE: usize = 500;

impl Engine {
    /// What taking a run back comes to as things stand. Nothing is written to either side.
    ///
    /// # Errors
    /// Where a side or the store fails.
    pub async fn plan_undo(&self, run: &str, refused: &BTreeSet<RecordId>) -> Result<Undo, EngineError> {
        self.progress.begin(Stage::Planning, None);
        let mut taker = Taker::new();
        let mut after: Option<RecordId> = None;
        loop {
            let page = self.store.written(run, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            let scene = self.scene(run, &page, refused).await?;
            for id in &page {
                taker.take_back(id, &scene)?;
            }
            self.progress.advance(Stage::Planning, page.len() as u64);
        }
        let kept = self.employers_of_those_who_stay(&taker).await?;
        self.progress.finish(Stage::Planning);
        Ok(taker.finish(&kept, StayReason::Tied(Tie::People))?)
    }

    async fn scene(
        &self,
        run: &str,
        page: &[RecordId],
        refused: &BTreeSet<RecordId>,
    ) -> Result<Scene, EngineError> {
        let mut scene = Scene { run: run.to_owned(), refused: refused.clone(), ..Scene::default() };
        let mut ids: BTreeSet<RecordId> = page.iter().cloned().collect();
        for id in page {
            let journal = self.store.journal(id).await?;
            ids.extend(mentioned(&journal));
            scene.journals.insert(id.clone(), journal);
        }
        for link in self.store.links(page).await? {
            ids.extend([link.bitrix24, link.onec]);
        }
        for id in &ids {
            if !scene.journals.contains_key(id) {
                scene.journals.insert(id.clone(), self.store.journal(id).await?);
            }
        }
        let ids: Vec<RecordId> = ids.into_iter().collect();
        scene.links = self.store.links(&ids).await?;
        scene.companies = partners(self.store.as_ref(), &employers_in(&scene)).await?;
        for side in [Side::Bitrix24, Side::Onec] {
            let wanted: Vec<RecordId> = ids.iter().filter(|id| id.side == side).cloned().collect();
            if wanted.is_empty() {
                continue;
            }
            let records = self.side(side).fetch(&wanted).await?;
            self.take_in(records.clone()).await?;
            scene.records.extend(records.into_iter().map(|record| (record.id.clone(), record)));
            let is_hidden = |id: &&RecordId| !scene.records.contains_key(*id) && !scene.is_taken_away(id);
            let hidden: Vec<RecordId> = wanted.iter().filter(is_hidden).cloned().collect();
            self.check_gone(side, &hidden).await?;
            let stands = |id: &&RecordId| {
                scene.records.get(*id).is_some_and(|record| record.standing != Standing::Marked)
            };
            let made: Vec<RecordId> =
                wanted.iter().filter(|id| scene.source(id).is_some()).filter(stands).cloned().collect();
            if !made.is_empty() {
                let ties = self.side(side).ties(&made).await?;
                scene.ties.extend(ties);
            }
        }
        Ok(scene)
    }

    /// A company to which somebody who stays belongs stays too.
    async fn employers_of_those_who_stay(&self, taker: &Taker) -> Result<BTreeSet<RecordId>, EngineError> {
        let mut kept = BTreeSet::new();
        for chunk in taker.companies_going().chunks(PAGE) {
            let people = self.store.employed_by(chunk).await?;
            for side in [Side::Bitrix24, Side::Onec] {
                let stay = |id: &&RecordId| id.side == side && !taker.goes(id);
                let stay: Vec<RecordId> = people.iter().filter(stay).cloned().collect();
                if stay.is_empty() {
                    continue;
                }
                for person in self.side(side).fetch(&stay).await? {
                    let is_part_of_company = Standing::Out(Exclusion::PartOfCompany);
                    if person.standing == Standing::Marked || person.standing == is_part_of_company {
                        continue;
                    }
                    let planned = taker.employers_planned(&person.id);
                    let employers = planned.unwrap_or_else(|| person.party.belongs_to());
                    kept.extend(employers.iter().filter(|id| taker.goes(id)).cloned());
                }
            }
        }
        Ok(kept)
    }
}

/// Companies that the journals speak of.
fn employers_in(scene: &Scene) -> Vec<RecordId> {
    let entries = scene.journals.values().flatten();
    let changes = entries.filter_map(|entry| match &entry.event {
        Event::Updated { changes } | Event::Unanswered { changes } => Some(changes),
        _ => None,
    });
    let of_company = changes.flatten().filter(|change| change.field == Field::Company);
    let ids = of_company.flat_map(|change| match &change.before {
        Value::Employers(ids) => ids.as_slice(),
        _ => &[],
    });
    ids.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}
