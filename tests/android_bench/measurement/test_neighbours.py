import os

import pytest

from android_bench.measurement.neighbours import (
    PROC_STAT,
    CoreTime,
    busy_elsewhere,
    read_core_times,
)

# As /proc/stat has it: all cores, each core, and what is not about cores.
STAT = """\
cpu  160 20 60 700 60 10 20 30 5 0
cpu0 100 10 40 300 20 5 15 10 5 0
cpu1 60 10 20 400 40 5 5 20 0 0
intr 12345 0 1
ctxt 99
"""


def test_a_cores_time_is_what_it_was_not_idle_or_waiting(tmp_path):
    path = tmp_path / "stat"
    path.write_text(STAT)
    assert read_core_times(path) == {0: CoreTime(180, 500), 1: CoreTime(120, 560)}


def test_a_missing_file_has_no_times(tmp_path):
    assert read_core_times(tmp_path / "none") == {}


BEFORE = {core: CoreTime(1000, 5000) for core in range(3)}
AFTER = {0: CoreTime(1100, 5100), 1: CoreTime(1050, 5100), 2: CoreTime(1000, 5100)}


@pytest.mark.parametrize(("core", "busy"), [(0, 0.25), (1, 0.5), (2, 0.75)])
def test_the_measured_core_itself_does_not_count(core, busy):
    assert busy_elsewhere(BEFORE, AFTER, core) == busy


def test_unknown_where_there_is_no_other_core_or_no_time_passed():
    assert busy_elsewhere({0: BEFORE[0]}, {0: AFTER[0]}, core=0) is None
    assert busy_elsewhere({}, {}, core=0) is None
    assert busy_elsewhere(BEFORE, BEFORE, core=0) is None


@pytest.mark.skipif(not PROC_STAT.exists(), reason="needs /proc/stat")
def test_this_machine_says_how_busy_its_cores_are():
    times = read_core_times()
    assert os.sched_getaffinity(0) <= times.keys()
    assert all(0 < time.busy <= time.total for time in times.values())
