"""Links both files with both programs and prints precision and recall. Called by `run.py` with the matcher's path."""
from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import records

LEAST_PRECISION = 0.9998
LEAST_RECALL = 0.994
# What Splink's documentation links at, and what many take.
THRESHOLDS = (0.5, 0.9, 0.95, 0.99)
Pairs = set[tuple[str, str]]


def main() -> int:
    other = subprocess.Popen([sys.executable, str(Path(__file__).with_name("splink_link.py"))], stdout=subprocess.PIPE)
    files = records.load()
    persons = len(files[0])
    keys = records.keys(files)
    print(f"{persons} + {len(files[1])} records, {len(keys)} keys: {', '.join('+'.join(key) for key in keys)}")
    begun = time.monotonic()
    links, questions = ours(Path(sys.argv[1]), files, keys)
    seconds = time.monotonic() - begun
    precision, recall = judged(links, persons)
    print(line("obmen", "links", precision, recall, links), f" {seconds:.1f} s")
    about = sum(len(ids) == 2 and records.true_pair(*ids) for ids, _ in questions)
    print(f"       {len(questions)} questions, {about} of them about a true pair alone; not counted as links")
    for why, count in Counter(why for _, why in questions).most_common():
        print(f"       {count:4} {why}")
    output = other.communicate()[0]
    if other.returncode != 0:
        print("Splink failed")
        return 1
    scored = json.loads(output)
    for threshold in THRESHOLDS:
        above = {(left, right) for left, right, probability, _ in scored if probability >= threshold}
        print(line("Splink", f"probability >= {threshold}", *judged(above, persons), above))
    threshold, best = best_by_truth(scored, persons)
    print(line("Splink", f"best F1, threshold {threshold:.4f} chosen by the truth", *judged(best, persons), best))
    missed = [f"precision below {LEAST_PRECISION}"] * (precision < LEAST_PRECISION)
    missed += [f"recall below {LEAST_RECALL}"] * (recall < LEAST_RECALL)
    print(f"obmen: {', '.join(missed)}" if missed else "obmen is within its bounds")
    return int(bool(missed))


def ours(matcher: Path, files: tuple[records.File, records.File], keys: list[tuple[str, ...]]) -> tuple[Pairs, list]:
    """The links and the questions of obmen's matcher."""
    lines = "\n".join(json.dumps(line) for line in matcher_lines(files, keys))
    run = subprocess.run([str(matcher)], input=lines, capture_output=True, text=True, check=True)
    decisions = [json.loads(line) for line in run.stdout.splitlines()]
    links = {tuple(decision["link"]) for decision in decisions if "link" in decision}
    return links, [(decision["ask"], decision["why"]) for decision in decisions if "ask" in decision]


def matcher_lines(files: tuple[records.File, records.File], keys: list[tuple[str, ...]]) -> Iterator[dict]:
    for side, file in zip(("left", "right"), files):
        for row, person in file.items():
            values = ((key, records.value(person, key)) for key in keys)
            emails = [mailbox(key, value) for key, value in values if value]
            last, first = (records.squeezed(person[field]) for field in ("surname", "given_name"))
            yield {"side": side, "id": row, "last": last, "first": first, "emails": emails}


def mailbox(key: tuple[str, ...], value: tuple[str, ...]) -> str:
    """A key as a mailbox of a zone of its own: the matcher's keys are tax numbers, phones and mailboxes."""
    zone = "-".join(key).replace("_", "-")
    return f"{'.'.join(value)}@{zone}.example"


def judged(links: Pairs, persons: int) -> tuple[float, float]:
    right = sum(records.true_pair(*pair) for pair in links)
    return right / max(1, len(links)), right / persons


def best_by_truth(scored: Iterable[tuple[str, str, float, float]], persons: int) -> tuple[float, Pairs]:
    """The threshold at which Splink's F1 is highest. Nobody could choose it without the true pairs."""
    best, chosen, right, above = 0.0, (1.0, set()), 0, []
    for left, right_id, probability, _ in sorted(scored, key=lambda pair: -pair[3]):
        above.append((left, right_id))
        right += records.true_pair(left, right_id)
        f1 = 2 * right / (len(above) + persons)
        if f1 > best:
            best, chosen = f1, (probability, set(above))
    return chosen


def line(program: str, what: str, precision: float, recall: float, links: Pairs) -> str:
    wrong = sum(not records.true_pair(*pair) for pair in links)
    return f"{program:6} precision {precision:.5f}  recall {recall:.4f}  {len(links)} links, {wrong} wrong  {what}"


if __name__ == "__main__":
    sys.exit(main())
