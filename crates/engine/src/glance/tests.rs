//! A glance over a small world: what it says, and how often it asks.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use obmen_domain::forms::email::read_emails;
use obmen_domain::forms::person_name::PersonName;
use obmen_domain::party::{Party, Person, Point};
use obmen_domain::plan::LinkReason;
use obmen_domain::record::{Catalog, Side, Standing};
use obmen_domain::review::{AskReason, ReviewKind};

use super::*;
use crate::surroundings::{HOLDERS, gather};

/// A store of few records that counts how often it is asked.
#[derive(Default)]
struct World {
    records: Vec<Record>,
    keys: BTreeMap<RecordId, BTreeSet<Key>>,
    links: Vec<Link>,
    rulings: Vec<Ruled>,
    reviews: Vec<Review>,
    asked: AtomicUsize,
}

#[test]
fn surroundings_are_the_same_at_a_glance_and_take_fewer_questions() {
    let world = world();
    let ids = world.records.iter().map(|record| record.id.clone());
    let people: Vec<RecordId> = ids.filter(|id| id.kind == Kind::Contact).collect();
    let alone: Vec<String> =
        people.iter().map(|id| format!("{:?}", now(gather(&world, id)).unwrap())).collect();
    let asked_alone = world.asked.swap(0, Ordering::Relaxed);

    let glance = now(Glance::around(&world, Kind::Contact, &people, HOLDERS)).unwrap();
    let at_a_glance: Vec<String> =
        people.iter().map(|id| format!("{:?}", now(gather(&glance, id)).unwrap())).collect();
    let asked = world.asked.load(Ordering::Relaxed);

    assert_eq!(at_a_glance, alone);
    assert!(asked * 4 < asked_alone, "{asked} of {asked_alone}");
}

#[test]
fn what_was_not_foreseen_is_asked_of_the_store() {
    let world = world();
    let nobody = now(Glance::around(&world, Kind::Contact, &[], HOLDERS)).unwrap();
    for record in &world.records {
        let alone = now(gather(&world, &record.id)).unwrap();
        assert_eq!(format!("{:?}", now(gather(&nobody, &record.id)).unwrap()), format!("{alone:?}"));
    }
}

/// Chains of people who share mailboxes, one linked, one ruled about, one asked about; some work for a firm, linked or not.
fn world() -> World {
    let mut world = World::default();
    let firms = [RecordId::bitrix24(Kind::Company, "1"), RecordId::bitrix24(Kind::Company, "2")];
    for (place, id) in firms.iter().enumerate() {
        world.records.push(record(id.clone(), person(&format!("firm{place}@a.ru"), None)));
    }
    world.links.push(link(firms[0].clone(), RecordId::onec(Kind::Company, "f")));
    for number in 0..40_usize {
        let left = RecordId::bitrix24(Kind::Contact, number.to_string());
        let right = RecordId::onec(Kind::Contact, &format!("r{number}"));
        let employer = (number % 3 == 0).then(|| firms[number % 2].clone());
        // Sixes of people hang together over two mailboxes each.
        let [one, other] = [number / 6 * 6 + number % 6, number / 6 * 6 + (number + 1) % 6];
        world.records.push(record(left.clone(), person(&format!("p{one}@a.ru, p{other}@a.ru"), employer)));
        world.records.push(record(right.clone(), person(&format!("p{one}@a.ru, all@a.ru"), None)));
        match number % 10 {
            0 => world.links.push(link(left, right)),
            1 => world.rulings.push(Ruled::new(left, right, Ruling::Same)),
            2 => world.rulings.push(Ruled::new(left, right, Ruling::Apart)),
            3 => world.reviews.push(Review {
                kind: ReviewKind::Match,
                party: Kind::Contact,
                records: vec![left, right],
                fields: Vec::new(),
                reason: AskReason::NamesDoubtful,
            }),
            _ => {}
        }
    }
    world.keys = world.records.iter().map(|record| (record.id.clone(), keys_of_record(record))).collect();
    world
}

fn link(bitrix24: RecordId, onec: RecordId) -> Link {
    Link { bitrix24, onec, reason: LinkReason::Email, base: None }
}

fn person(emails: &str, employer: Option<RecordId>) -> Party {
    Party::Person(Person {
        name: PersonName::from_whole("Иванов Пётр"),
        emails: read_emails(emails)
            .into_iter()
            .map(|key| Point::known(key.clone(), key.to_string()))
            .collect(),
        employers: employer.into_iter().collect(),
        ..Person::default()
    })
}

fn record(id: RecordId, party: Party) -> Record {
    let catalog = if id.side == Side::Bitrix24 { Catalog::Bitrix24 } else { Catalog::Counterparty };
    Record {
        id,
        catalog,
        version: "1".to_owned(),
        party,
        standing: Standing::TakesPart,
        mutual_id: String::new(),
        changed_at: None,
        native: String::new(),
        lacks: BTreeSet::new(),
        attributes: BTreeMap::new(),
        brought: BTreeSet::new(),
    }
}

/// The answer of a future that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("nothing here waits"),
    }
}

impl World {
    fn answer<'a, T: Send + 'a>(&self, answer: Vec<T>) -> BoxFuture<'a, Result<Vec<T>, StoreError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        at_once(answer)
    }
}

impl Known for World {
    fn seen<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        let find = |id: &RecordId| self.records.iter().find(|record| record.id == *id).cloned();
        self.answer(ids.iter().filter_map(find).collect())
    }

    fn links<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Link>, StoreError>> {
        let concerns = |link: &&Link| ids.contains(&link.bitrix24) || ids.contains(&link.onec);
        let mut links: Vec<Link> = self.links.iter().filter(concerns).cloned().collect();
        links.sort_by(|a, b| a.bitrix24.cmp(&b.bitrix24));
        self.answer(links)
    }

    fn rulings<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Ruled>, StoreError>> {
        let concerns = |ruled: &&Ruled| ids.contains(&ruled.first) || ids.contains(&ruled.second);
        let mut rulings: Vec<Ruled> = self.rulings.iter().filter(concerns).cloned().collect();
        rulings.sort_by(|a, b| (&a.first, &a.second).cmp(&(&b.first, &b.second)));
        self.answer(rulings)
    }

    fn reviews_of<'a>(&'a self, ids: &'a [RecordId]) -> BoxFuture<'a, Result<Vec<Review>, StoreError>> {
        let concerns = |review: &&Review| review.records.iter().any(|id| ids.contains(id));
        let mut reviews: Vec<Review> = self.reviews.iter().filter(concerns).cloned().collect();
        reviews.sort_by_key(Review::id);
        self.answer(reviews)
    }

    fn holders<'a>(
        &'a self,
        kind: Kind,
        keys: &'a [Key],
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Holders>, StoreError>> {
        let of = |key: &Key| {
            let mut holders = Holders { key: key.clone(), records: Vec::new(), count: BTreeMap::new() };
            for side in [Side::Bitrix24, Side::Onec] {
                let is_of = |id: &&RecordId| id.kind == kind && id.side == side;
                let held = self.keys.iter().filter(|(_, keys)| keys.contains(key)).map(|(id, _)| id);
                let held: BTreeSet<RecordId> = held.filter(is_of).cloned().collect();
                holders.count.insert(side, held.len());
                holders.records.extend(held.into_iter().take(limit));
            }
            holders.count.retain(|_, count| *count > 0);
            holders
        };
        self.answer(keys.iter().map(of).collect())
    }

    fn is_dirty<'a>(&'a self, id: &'a RecordId) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        at_once(id.id == "2")
    }

    fn journal<'a>(&'a self, _: &'a RecordId) -> BoxFuture<'a, Result<Vec<Entry>, StoreError>> {
        self.answer(Vec::new())
    }
}
