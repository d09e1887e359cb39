//! Phones and mailboxes of a record that is made of two objects: which of them each object is to hold.
//!
//! Invariant: a wanted value stands in one of the two at least; a new value takes the place of one that goes, wherever
//! that stood, and one that takes nobody's place goes where there is room.

use obmen_domain::party::Point;

use crate::facts::{ContactKind, room};

/// Whether new values go to the partner: people and phones are the client's, requisites the counterparty's.
pub(super) fn is_home(root: &[ContactKind], part: &[ContactKind]) -> bool {
    room(part) >= room(root)
}

/// The wanted values of the counterparty and of its partner, in the wanted order. What cannot be read goes along with
/// both, for the order's sake.
pub(super) fn share<K: PartialEq + Clone>(
    wanted: &[Point<K>],
    held: &[Vec<Point<K>>; 2],
    part_is_home: bool,
) -> (Vec<Point<K>>, Vec<Point<K>>) {
    let [root, part] = held;
    let holds = |points: &[Point<K>], wanted: &Point<K>| points.iter().any(|point| point.key == wanted.key);
    let loses = |points: &[Point<K>]| points.iter().any(|point| point.key.is_some() && !holds(wanted, point));
    let (root_loses, part_loses) = (loses(root), loses(part));
    let root_takes = root_loses || (!part_loses && !part_is_home);
    let part_takes = part_loses || (!root_loses && part_is_home);
    let of = |points: &[Point<K>], takes: bool| {
        let is_new = |point: &Point<K>| !holds(root, point) && !holds(part, point);
        let stands_here =
            |point: &&Point<K>| point.key.is_none() || holds(points, point) || (takes && is_new(point));
        wanted.iter().filter(stands_here).cloned().collect::<Vec<_>>()
    };
    (of(root, root_takes), of(part, part_takes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_value_takes_the_place_of_one_that_goes() {
        // What; wanted, held by the counterparty, held by the partner; what each is to hold.
        let cases = [
            ("replaced in both", ["2", "1", "1"], ["2", "2"]),
            ("replaced in the counterparty", ["2 3", "1", "3"], ["2", "3"]),
            ("replaced in the partner", ["2 3", "3", "1"], ["3", "2"]),
            ("one more", ["1 2", "1", "1"], ["1", "1 2"]),
            ("the first one", ["1", "", ""], ["", "1"]),
            ("one less", ["1", "1 2", "2"], ["1", ""]),
            ("another order", ["2 1", "1 2", "1"], ["2 1", "1"]),
        ];
        for (what, [wanted, root, part], expected) in cases {
            let (here, there) = share(&points(wanted), &[points(root), points(part)], true);
            assert_eq!([print(&here), print(&there)], expected, "{what}");
        }
        let (here, there) = share(&points("1"), &[vec![], vec![]], false);
        assert_eq!([print(&here), print(&there)], ["1", ""], "a partner without room");
    }

    fn points(text: &str) -> Vec<Point<u32>> {
        text.split_whitespace().map(|word| Point::known(word.parse().unwrap(), word)).collect()
    }

    fn print(points: &[Point<u32>]) -> String {
        points.iter().map(|point| point.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}
