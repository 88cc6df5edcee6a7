"""The script that runs TNNTest and watches it, in this machine's shell and in Android's."""

import os

import pytest

from android_bench.errors import BenchError, DeviceError
from android_bench.tnn.benchmark import options
from android_bench.tnn.blocks import (
    Block,
    BlockReader,
    Planned,
    Watched,
    check_core,
    complete,
    core_mask,
    plan_text,
    script,
)
from tests.android_bench.local_phone import LocalPhone
from tests.fake_tnn_test import write_fake

CORE = max(os.sched_getaffinity(0))
OTHERS = sorted(os.sched_getaffinity(0) - {CORE})
FIRST = Planned("first", "m.tnnproto", "in.txt", "HIGH", 0, 1)
BLOCK = Planned("block", "m.tnnproto", "in.txt", "NORMAL", 3, 8)


def ran(phone: LocalPhone, *planned: Planned, model: str = "", mask: str = "") -> BlockReader:
    folder = phone.storage
    write_fake(folder / "TNNTest")
    texts = {"blocks.sh": script().decode(), "plan.txt": plan_text(planned), "in.txt": "1\n"}
    texts |= {"m.tnnproto": model, "m.tnnmodel": "", "zones.txt": "heat\nnosuch\n"}
    texts |= {"heat": "41500\n", "scaling_cur_freq": "900\n", "scaling_max_freq": "1200\n"}
    for name, text in texts.items():
        (folder / name).write_text(text)
    reader = BlockReader()
    watched = (mask or core_mask([CORE]), core_mask(OTHERS), ".")
    command = ("sh", "blocks.sh", "plan.txt", "zones.txt", *watched, "./TNNTest", *options(CORE))
    phone.connect("local").shell(command, on_line=reader.read)
    return reader


def test_each_process_has_its_timing_and_was_seen_on_its_core(any_phone: LocalPhone):
    first, block = complete(ran(any_phone, FIRST, BLOCK), [FIRST, BLOCK], "local")
    for one in (first, block):
        check_core(one, CORE)
        assert one.watched[-1].frequency_khz == 900
        assert one.watched[-1].frequency_limit_khz == 1200
        assert one.code == 0
    assert (first.timing().longest, block.timing().longest) == (1.5, 8.5)
    assert (first.outputs, block.outputs) == ((4, 0), None)
    assert 0 < first.end_s < block.end_s


def test_the_heat_is_read_before_and_after_each(any_phone: LocalPhone):
    heat = ran(any_phone, FIRST, BLOCK).heat
    assert [(path, value) for _, path, value in heat] == [("heat", 41500), ("nosuch", None)] * 3


def test_nothing_of_a_process_reaches_the_next(local_phone: LocalPhone):
    ran(local_phone, FIRST, BLOCK)
    assert not (local_phone.storage / "outputs.txt").exists()


def test_outputs_that_are_no_numbers_are_counted(any_phone: LocalPhone):
    assert ran(any_phone, FIRST, model="nan\n").blocks[0].outputs == (4, 1)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("lies\n", "m.tnnproto: the first reason"),
        ("dies\n", "an instruction that this CPU lacks"),
        ("talks\n", "printed 2 results"),
    ],
)
def test_a_process_that_has_not_measured_says_why(any_phone: LocalPhone, model: str, says: str):
    reader = ran(any_phone, BLOCK, BLOCK, model=model)
    assert [block.over for block in reader.blocks] == [True, True]
    with pytest.raises(BenchError, match=says):
        reader.blocks[1].timing()


@pytest.mark.skipif({0, 1} - os.sched_getaffinity(0) != set(), reason="needs the cores 0 and 1")
def test_a_process_that_leaves_its_core_is_refused(any_phone: LocalPhone):
    (block,) = ran(any_phone, BLOCK, model="moves\n").blocks
    with pytest.raises(BenchError, match=f"but core {CORE} was asked for, so the result is"):
        check_core(block, CORE)


def test_a_core_that_is_not_there_is_said(any_phone: LocalPhone):
    with pytest.raises(DeviceError, match="local can't pin TNNTest to a core: taskset: "):
        complete(ran(any_phone, BLOCK, mask=core_mask([60])), [BLOCK], "local")


def test_a_phone_without_taskset_is_told(local_phone: LocalPhone):
    reader = BlockReader()
    (local_phone.storage / "blocks.sh").write_bytes(script())
    script_only = ("env", "PATH=", "/bin/sh", "blocks.sh", "plan", "zones", "1", "-", ".", "x")
    local_phone.connect("local").shell(script_only, on_line=reader.read)
    with pytest.raises(DeviceError, match="there is no taskset"):
        complete(reader, [BLOCK], "local")


@pytest.mark.parametrize(
    "look",
    [
        Watched(0, "0", None, None, None),
        Watched(7, "0-7", None, None, None),
        Watched(None, "-", None, None, None),
    ],
)
def test_one_look_elsewhere_is_enough_to_refuse(look: Watched):
    right = Watched(7, "7", None, None, None)
    check_core(Block("block", "m", [right]), 7)
    with pytest.raises(BenchError, match="core 7 was asked for"):
        check_core(Block("block", "m", [right, look, right]), 7)


def test_a_process_that_nobody_saw_is_refused():
    with pytest.raises(BenchError, match="over before anyone could see"):
        check_core(Block("block", "m"), 7)


BEGUN = ("begin block m", "end 0")
BROKEN = {
    "an unknown word": ("hello world",),
    "a look at nothing": ("watch 7 7 - - -",),
    "a look that is cut": ("begin block m", "watch 7 7 -"),
    "a number that is none": ("begin block m", "end x"),
    "a second beginning": ("begin block m", "begin block m"),
    "an end of nothing": (*BEGUN, "end 0"),
    "words after the end": ("done", "begin block m"),
    "a beginning without a model": ("begin block",),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_line_that_the_script_does_not_print_is_refused(name: str):
    *usual, broken = BROKEN[name]
    reader = BlockReader()
    for line in usual:
        reader.read(line)
    with pytest.raises(BenchError, match=r"the device printed"):
        reader.read(broken)


@pytest.mark.parametrize("lines", [(), BEGUN, (*BEGUN, "begin block m"), ("done",)])
def test_a_script_that_stopped_early_is_no_measurement(lines: tuple[str, ...]):
    reader = BlockReader()
    for line in lines:
        reader.read(line)
    with pytest.raises(BenchError, match=r"stopped after [01] of 2 processes; measure again"):
        complete(reader, [BLOCK, BLOCK], "local")


def test_what_tnntest_prints_can_not_pass_for_the_scripts_lines():
    reader = BlockReader()
    for line in ("begin block m", "out end 0", "err done", "out begin block x", "end 3", "done"):
        reader.read(line)
    (block,) = reader.blocks
    assert (block.out, block.err, block.code) == (["end 0", "begin block x"], ["done"], 3)


def test_masks_are_hexadecimal():
    assert [core_mask(cores) for cores in ([0], [7], [4, 5, 6, 7], [])] == ["1", "80", "f0", "-"]
