"""Links the two files with Splink and prints scored pairs as JSON: the model of its published FEBRL4 example.

    python splink_link.py > pairs.json

The comparisons, the blocking rules and the training are those of «Febrl4 link-only» in Splink's documentation (the
detailed model), with dates in the one format that all levels of its date comparison read, and a seed that makes the
sample for the `u` values repeatable. Nothing else is tuned.
"""
from __future__ import annotations

import contextlib
import io
import json
import logging
import sys

import pandas
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

import records

LEAST_PROBABILITY = 0.001


def main() -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)
    # Splink tells how far it is; only the pairs are wanted.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        pairs = predict([frame(file) for file in records.load()])
    json.dump(pairs, sys.stdout)


def frame(file: records.File) -> pandas.DataFrame:
    rows = [{"rec_id": row, **{field: text or None for field, text in dated(person).items()}} for row, person in file.items()]
    return pandas.DataFrame(rows)


def dated(person: records.Person) -> records.Person:
    """With the birth date as Splink's comparison of date differences reads it: 1915-11-11."""
    date = person["date_of_birth"]
    return {**person, "date_of_birth": date and f"{date[:4]}-{date[4:6]}-{date[6:]}"}


def predict(files: list[pandas.DataFrame]) -> list[tuple[str, str, float, float]]:
    blocking = [
        block_on("given_name", "surname"),
        "l.given_name = r.surname and l.surname = r.given_name",
        block_on("date_of_birth"),
        block_on("soc_sec_id"),
        block_on("state", "address_1"),
        block_on("street_number", "address_1"),
        block_on("postcode"),
    ]
    comparisons = [
        compare.NameComparison("given_name").configure(term_frequency_adjustments=True),
        compare.NameComparison("surname").configure(term_frequency_adjustments=True),
        compare.DateOfBirthComparison("date_of_birth", input_is_string=True, invalid_dates_as_null=True),
        compare.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        compare.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        compare.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ]
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="link_only",
        blocking_rules_to_generate_predictions=blocking,
        comparisons=comparisons,
    )
    linker = Linker(files, settings, db_api=DuckDBAPI())
    certain = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for field in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(field), estimate_without_term_frequencies=True
        )
    found = linker.inference.predict(threshold_match_probability=LEAST_PROBABILITY).as_pandas_dataframe()
    found = found.sort_values(["rec_id_l", "rec_id_r"])
    columns = ("rec_id_l", "rec_id_r", "match_probability", "match_weight")
    return [tuple(row) for row in found[list(columns)].itertuples(index=False)]


if __name__ == "__main__":
    main()
