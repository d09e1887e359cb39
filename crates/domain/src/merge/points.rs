//! Sets of phones and mailboxes, compared by normal form.
//!
//! The first value is primary. A side with little room holds the first ones; it never takes the others away from the
//! side that has room. Where values go one way, the follower gets what the leader has, and loses what the leader had and
//! has no more; what it has of its own stays there. What cannot be read stays where it is.

use std::collections::BTreeSet;

use super::Decision;
use crate::party::{Point, Value};
use crate::plan::ChangeReason;
use crate::record::Side;
use crate::rules::Direction;

/// Decides a set: additions and removals of both sides are carried over, values never multiply.
pub(super) fn decide<K: Ord + Clone>(
    left: &[Point<K>],
    right: &[Point<K>],
    base: Option<&[Point<K>]>,
    room: usize,
    direction: Direction,
    shape: fn(Vec<Point<K>>) -> Value,
) -> Decision {
    let base_keys = base.map(keys);
    let (left_keys, right_keys) = (keys(left), keys(right));
    let room = free_room(right, right_keys.len(), room);
    let base_keys = base_keys.as_deref();
    let (wanted_left, wanted_right, agreed) = match direction.leader() {
        None => {
            let merged = unite(&left_keys, &right_keys, base_keys, room);
            (merged.clone(), merged.iter().take(room).cloned().collect(), merged)
        }
        Some(Side::Onec) => {
            (follow(&right_keys, &left_keys, base_keys, usize::MAX), right_keys.clone(), right_keys.clone())
        }
        Some(Side::Bitrix24) => {
            let held = left_keys.iter().take(room).cloned().collect();
            (left_keys.clone(), follow(&left_keys, &right_keys, base_keys, room), held)
        }
    };
    let reason = match (direction.leader(), base) {
        (Some(_), _) => ChangeReason::Leads,
        (None, Some(_)) => ChangeReason::ChangedThere,
        (None, None) => ChangeReason::Unites,
    };
    let to_left = set(&wanted_left) != set(&left_keys);
    let to_right = set(&wanted_right) != set(&right_keys);
    let agreed = points_for(&agreed, left, right, base.unwrap_or_default());
    Decision {
        left: to_left
            .then(|| (shape(with_unreadable(points_for(&wanted_left, left, right, &[]), left)), reason)),
        right: to_right
            .then(|| (shape(with_unreadable(points_for(&wanted_right, right, left, &[]), right)), reason)),
        agreed: shape(agreed),
        conflict: false,
    }
}

/// The first points that a side with so much room holds; unreadable ones are not carried over.
pub(super) fn first<K>(points: Vec<Point<K>>, room: usize) -> Vec<Point<K>> {
    points.into_iter().filter(|point| point.key.is_some()).take(room).collect()
}

/// The room for readable values: what cannot be read keeps its place, and takes none away that is held already.
fn free_room<K>(points: &[Point<K>], held: usize, room: usize) -> usize {
    let unreadable = points.iter().filter(|point| point.key.is_none()).count();
    room.saturating_sub(unreadable).max(held.min(room))
}

/// The merged list of keys: the left order, with what the right side replaced in the place of the old value.
fn unite<K: Ord + Clone>(left: &[K], right: &[K], base: Option<&[K]>, room: usize) -> Vec<K> {
    let Some(base) = base else {
        let mut all = left.to_vec();
        all.extend(right.iter().filter(|key| !left.contains(key)).cloned());
        return all;
    };
    // What is not among the first of the left side has no place on a right side that is full: nobody need have taken it out.
    let has_place = |key: &&K| right.len() < room || left.iter().take(room).any(|first| first == *key);
    let base_right = base.iter().take(room);
    let removed_right: Vec<&K> =
        base_right.filter(|key| !right.contains(key) && left.contains(key)).filter(has_place).collect();
    let mut added_right: Vec<K> =
        right.iter().filter(|key| !base.contains(key) && !left.contains(key)).cloned().collect();
    let mut merged = Vec::with_capacity(left.len() + added_right.len());
    for key in left {
        if !removed_right.contains(&key) {
            merged.push(key.clone());
        } else if !added_right.is_empty() {
            merged.push(added_right.remove(0));
        }
    }
    merged.extend(added_right);
    merged
}

/// What a follower holds: its own order, what the leader replaced in the place of the old value. Where there is not room
/// for all, the leader's come first.
fn follow<K: Ord + Clone>(leader: &[K], follower: &[K], base: Option<&[K]>, room: usize) -> Vec<K> {
    let is_gone = |key: &K| base.is_some_and(|base| base.contains(key)) && !leader.contains(key);
    let led = leader.iter().take(room);
    let mut arriving = led.clone().filter(|key| !follower.contains(key));
    let mut held: Vec<&K> = Vec::new();
    for key in follower {
        if !is_gone(key) {
            held.push(key);
        } else if let Some(key) = arriving.next() {
            held.push(key);
        }
    }
    held.extend(arriving);
    if held.len() > room {
        let own: Vec<&K> = held.into_iter().filter(|key| !leader.contains(key)).collect();
        held = led.chain(own).take(room).collect();
    }
    held.into_iter().cloned().collect()
}

/// A point for each key: as this side spells it, else as the other does.
fn points_for<K: Ord + Clone>(
    wanted: &[K],
    own: &[Point<K>],
    other: &[Point<K>],
    further: &[Point<K>],
) -> Vec<Point<K>> {
    let all = || own.iter().chain(other).chain(further);
    wanted.iter().filter_map(|key| all().find(|point| point.key.as_ref() == Some(key)).cloned()).collect()
}

fn with_unreadable<K: Clone>(mut points: Vec<Point<K>>, own: &[Point<K>]) -> Vec<Point<K>> {
    points.extend(own.iter().filter(|point| point.key.is_none()).cloned());
    points
}

fn keys<K: Ord + Clone>(points: &[Point<K>]) -> Vec<K> {
    let mut seen = BTreeSet::new();
    points.iter().filter_map(|point| point.key.clone()).filter(|key| seen.insert(key.clone())).collect()
}

fn set<K: Ord>(keys: &[K]) -> BTreeSet<&K> {
    keys.iter().collect()
}
