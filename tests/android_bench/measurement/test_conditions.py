import os

import pytest

from android_bench.errors import DeviceError
from android_bench.measurement import conditions
from android_bench.measurement.conditions import CoreState

X86 = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu\t\t: 7\nmodel name\t: Some Xeon @ 2 GHz\n"
ARM = "processor\t: 0\nCPU part\t: 0xd41\n\nHardware\t: Qualcomm SM7325\n"


@pytest.fixture
def allowed():
    return conditions.allowed_cores()


def test_the_default_core_is_the_last_that_is_allowed(allowed):
    assert conditions.choose_core(None) == max(allowed)


@pytest.mark.parametrize("core", [-1, 100_000])
def test_a_core_that_does_not_exist_is_refused(core, allowed):
    with pytest.raises(DeviceError) as caught:
        conditions.choose_core(core)
    message = str(caught.value)
    assert f"core {core} was asked for" in message
    assert conditions.describe_cores(allowed) in message
    assert "\n" not in message


def test_a_core_outside_the_mask_is_refused(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2})
    with pytest.raises(DeviceError, match="cores 0, 2 only"), conditions.pinned(1):
        pass


def test_every_allowed_core_can_be_pinned_to_and_read_back(allowed):
    for core in allowed:
        with conditions.pinned(core) as pinned:
            assert pinned == core
            assert os.sched_getaffinity(0) == {core}
            assert conditions.current_core() == core
        assert conditions.allowed_cores() == allowed


def test_the_mask_is_restored_after_a_failure(allowed):
    with pytest.raises(KeyError), conditions.pinned(allowed[0]):
        raise KeyError
    assert conditions.allowed_cores() == allowed


def test_a_mask_that_has_no_effect_is_refused(monkeypatch, allowed):
    monkeypatch.setattr(os, "sched_setaffinity", lambda *_: None)
    monkeypatch.setattr(conditions, "current_core", lambda: max(allowed) + 1)
    with pytest.raises(DeviceError, match="had no effect"), conditions.pinned(None):
        pass


def test_a_system_that_refuses_to_pin_is_reported(monkeypatch, allowed):
    restore = os.sched_setaffinity

    def refuse(pid, mask):
        if len(mask) == 1 and len(allowed) > 1:
            raise PermissionError(1, "Operation not permitted")
        restore(pid, mask)

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with pytest.raises(DeviceError, match="Operation not permitted"), conditions.pinned(None):
        pass


def test_a_system_without_affinity_is_reported(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    with pytest.raises(DeviceError, match="measure on Linux"):
        conditions.choose_core(None)


def test_core_state_is_read(tmp_path):
    folder = tmp_path / "cpu3" / "cpufreq"
    folder.mkdir(parents=True)
    (folder / "scaling_governor").write_text("schedutil\n")
    (folder / "scaling_cur_freq").write_text("2400000\n")
    assert conditions.read_core_state(3, tmp_path) == CoreState("schedutil", 2_400_000)


def test_core_state_is_unknown_where_nothing_can_be_read(tmp_path):
    assert conditions.read_core_state(0, tmp_path) == CoreState(None, None)


@pytest.mark.parametrize(
    ("text", "name"),
    [(X86, "Some Xeon @ 2 GHz"), (ARM, "Qualcomm SM7325"), ("", None), ("no colon", None)],
)
def test_cpu_model(text, name, tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text(text)
    assert conditions.cpu_model(path) == name


def test_peak_memory_is_read(tmp_path):
    path = tmp_path / "status"
    path.write_text("Name:\tpython\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n")
    assert conditions.peak_rss_mib(path) == 2.0


def test_peak_memory_is_unknown_where_nothing_can_be_read(tmp_path):
    assert conditions.peak_rss_mib(tmp_path / "none") is None
