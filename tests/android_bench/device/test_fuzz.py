"""Whatever a phone prints, the facts come out or stay None."""

import os
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from android_bench.device.facts import choose_core, describe_clusters, parse_facts
from android_bench.device.profiles import contradictions, filled, profiles
from android_bench.device.sections import split_sections
from android_bench.errors import DeviceError

LINES = (Path(__file__).parents[1] / "dumps/sm7325.txt").read_text().splitlines()
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "4000")) // 10
PIECES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(LINES),
    st.integers().map(lambda number: f" cpufreq/cpuinfo_max_freq={number}"),
    st.sampled_from(["== core 99999", "== core -1", "== zone ", " 0-9999", " level: -1", "== "]),
)


@settings(max_examples=ROUNDS, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(LINES) - 1), PIECES), max_size=30))
def test_damaged_dumps(changes):
    lines = list(LINES)
    for place, piece in changes:
        lines[place] = piece
    facts = parse_facts("phone", split_sections("\n".join(lines)))
    for profile in profiles().values():
        contradictions(filled(facts, profile), profile)
    describe_clusters(facts)
    for asked in ("", "prime", "little", "7"):
        with suppress(DeviceError):
            assert choose_core(facts, asked) in {core.number for core in facts.cores}
