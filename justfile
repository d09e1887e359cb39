# What is done often, in one word each. `just --list` shows them.

# Exactly what CI runs.
check:
    bash .ci/run

# All tests.
test:
    cargo test --workspace

# A night's work: many seeds, every base, each with a sync that is taken back first, and kills in between.
long seeds="200000": release
    for at in bp30 ut11 unf; do ${CARGO_TARGET_DIR:-target}/release/obmen-simulate --configuration $at --seeds {{seeds}} --operations 200 || exit 1; done
    for plant in believe-messages empty-is-deleted answer-first no-tombstone; do ${CARGO_TARGET_DIR:-target}/release/obmen-simulate --plant $plant --seeds 1000 || exit 1; done
    # Every scenario again by the extension, on each configuration: but for those about OData itself (its composition, its rows
    # left out, its exchange plans, and what stops between two writes), and about folders where УТ has none.
    for at in bp30 unf "ut11 --skip counterparties_of_a_folder"; do set -- $at; \
        export OBMEN_CONFIGURATION=$1; shift; \
        OBMEN_BY_EXTENSION=1 cargo test -p obmen-app --test it -- "$@" --skip a_closed_composition --skip whose_rights_hide_rows \
            --skip exchange_plan --skip a_base_locked_for_the_night --skip a_licence_used_up --skip a_killed_first_sync || exit 1; \
    done
    python3 tests/score.py --set clean --undo
    python3 tests/score.py --set medium --undo
    python3 tests/score.py --set medium-ut11 --undo
    python3 tests/score.py --set medium-unf --undo
    python3 tests/score.py --set hostile --undo
    for set in medium medium-ut11 medium-unf hostile; do python3 tests/score.py --set $set --kind extension --undo || exit 1; done
    python3 tests/crash.py
    python3 tests/crash.py --undo
    python3 tests/killed.py
    OBMEN_MATCHER=${CARGO_TARGET_DIR:-target}/release/examples/match_people python3 tests/febrl/run.py
    just score-generated
    just demo-live
    python3 tests/speed/run.py
    python3 tests/speed/live.py
    python3 crates/app/benches/naive/run.py

# Both simulators, a first sync, then people at work on both sides until Ctrl-C.
demo:
    cargo run --release -- demo

# Ten minutes of the live exchange on a bad day: exit code 1 where something is not equal and nothing explains it.
demo-live: release
    ${CARGO_TARGET_DIR:-target}/release/obmen demo --minutes 10 --lose-webhooks 5% --double-webhooks 5% --fail-requests 2% --lose-answers 1%

# Scores a sync on a set of tests/data.
score SET="clean": release
    python3 tests/score.py --set {{SET}}

# Scores syncs on generated bases of each level: other people, firms and damage with each seed.
score-generated SEEDS="1-10": release
    python3 tests/score.py --noise clean --seeds {{SEEDS}}
    python3 tests/score.py --noise medium --seeds {{SEEDS}}
    python3 tests/score.py --noise hostile --seeds {{SEEDS}}

# Load time, memory and CPU time of both simulators on large bases: a million records.
bench-sim:
    cargo bench -p obmen-sim

# A first sync against the bounds of both systems' limits: requests, time, forecast; then how fast the live exchange is.
bench: release
    python3 tests/speed/run.py
    python3 tests/speed/live.py

# obmen beside the handler that integrators write, under the same faults.
bench-naive: release
    python3 crates/app/benches/naive/run.py

# Published clients and parsers of other people against the simulators; they come from PyPI by name.
clients: release
    python3 tests/clients/run.py
    python3 tests/metadata/run.py

# The 1C extension, as far as it can be checked without 1C; its parsers come from PyPI by name.
extension:
    python3 tests/onec-extension/run.py

# The matcher on FEBRL4, a published data set of persons, beside Splink; both come from PyPI by name.
febrl: release
    OBMEN_MATCHER=${CARGO_TARGET_DIR:-target}/release/examples/match_people python3 tests/febrl/run.py

[private]
release:
    cargo build --release --workspace --bins --examples
