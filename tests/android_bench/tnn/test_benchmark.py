"""What TNNTest printed, on x86 and as an ARM under QEMU, and what it might print."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from android_bench.errors import BenchError
from android_bench.tnn.benchmark import Said, Timing, failure, options, read_timing

PLACE = "I/tnn: Print [File test/timer.cc][Line 59] "
TABLE = " TNN Benchmark time cost: "
X86 = (
    f"{PLACE}m13.opt.tnnproto - X86                       {TABLE}"
    "min =  0.243   ms  |  max = 18.597   ms  |  avg =  1.385   ms "
)
ARM = (
    f"{PLACE}conv_3_8_3_2_1.tnnproto - ARM                {TABLE}"
    "min = 38.231   ms  |  max = 38.231   ms  |  avg = 38.231   ms "
)
ANDROID = ARM.replace("Print", "void tnn::test::Timer::Print()", 1)
LONG_NAME = (
    f"{PLACE}{'n' * 60}.tnnproto - ARM{TABLE}"
    "min =  0.165   ms  |  max = 2012.008 ms  |  avg =  0.641   ms "
)


def said(*out: str, err: tuple[str, ...] = (), code: int = 0) -> Said:
    return Said(out, err, code)


@pytest.mark.parametrize(
    ("line", "model", "device", "timing"),
    [
        (X86, "m13.opt.tnnproto", "X86", Timing(0.243, 18.597, 1.385)),
        (ARM, "conv_3_8_3_2_1.tnnproto", "ARM", Timing(38.231, 38.231, 38.231)),
        (ANDROID, "conv_3_8_3_2_1.tnnproto", "ARM", Timing(38.231, 38.231, 38.231)),
        (LONG_NAME, f"{'n' * 60}.tnnproto", "ARM", Timing(0.165, 2012.008, 0.641)),
    ],
    ids=["x86", "arm", "android", "long name"],
)
def test_its_line_is_found_among_others(line: str, model: str, device: str, timing: Timing):
    assert read_timing(said("", "other words", line, ""), model, device) == timing


@pytest.mark.parametrize("code", [0, 1, 139])
def test_with_its_line_it_has_measured_whatever_the_status_says(code: int):
    found = read_timing(said(ARM, err=("a warning",), code=code), "conv_3_8_3_2_1.tnnproto")
    assert found.mean == 38.231


def with_times(low: str, high: str, mean: str) -> str:
    return f"{PLACE}m - ARM {TABLE}min = {low} ms  |  max = {high} ms  |  avg = {mean} ms "


HOSTILE = {
    "twice": ((with_times("1", "3", "2"),) * 2, "printed 2 results for one run of m"),
    "another model": ((ARM,), "measured conv_3_8_3_2_1.tnnproto on ARM, expected m on ARM"),
    "another device": (
        (with_times("1", "3", "2").replace("- ARM", "- NAIVE"),),
        "measured m on NAIVE, expected m on ARM",
    ),
    "no numbers": ((with_times("x", "y", "z"),), "a result that can't be read"),
    "NaN": ((with_times("1", "2", "nan"),), "took 1 to 2 ms, nan on average"),
    "infinite": ((with_times("1", "inf", "2"),), "took 1 to inf ms"),
    "negative": ((with_times("-1", "2", "1"),), "the device's clock set meanwhile"),
    "zero": ((with_times("0.000", "0.000", "0.000"),), "which can't be"),
    "mean above all": ((with_times("1", "2", "3"),), "which can't be"),
    "mean below all": ((with_times("2", "3", "1"),), "which can't be"),
    "a clock set back by a year": (
        (with_times("-31536000000.0", "1", "-1"),),
        "which can't be",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_line_that_can_not_be_right_is_refused(name: str):
    lines, says = HOSTILE[name]
    with pytest.raises(BenchError, match=says):
        read_timing(said(*lines), "m")


@settings(deadline=None)
@given(st.integers(0, len(ARM) - 8))
def test_a_line_that_is_cut_is_refused(length: int):
    with pytest.raises(BenchError, match=r"can't be read|has not measured|can't be"):
        read_timing(said(ARM[:length]), "conv_3_8_3_2_1.tnnproto")


@settings(deadline=None)
@given(st.lists(st.text()), st.lists(st.text()), st.integers(0, 255))
def test_no_other_text_is_a_result(out: list[str], err: list[str], code: int):
    with pytest.raises(BenchError, match=r"\ATNNTest has not measured m: [^\n]+\Z"):
        read_timing(Said(out, err, code), "m")


E = "E/tnn: {} [File source/tnn/x.cc][Line 12] {}"
# Exit statuses as TNNTest (f0cb081, static, aarch64) gave them.
LIES = {
    "a layer that ARM lacks": (
        0,
        E.format("Optimize", "Error: empty implemented_layouts of layer 307"),
        "Error: empty implemented_layouts of layer 307",
    ),
    "no such device": (
        0,
        "E/tnn: Init [File source/tnn/core/instance.cc][Line 61] device is nil or unsupported for "
        "type: 32",
        "device is nil or unsupported for type: 32",
    ),
    "precision LOW": (
        0,
        E.format("Init", "ArmReformatLayerAcc::Init Error: src_fmt: 4, dst_fmt: 0"),
        "ArmReformatLayerAcc::Init Error: src_fmt: 4, dst_fmt: 0",
    ),
    "no proto": (
        2,
        E.format("CheckResult", "init tnn failed: code: 0x1002 msg: proto content is empty "),
        "init tnn failed: code: 0x1002 msg: proto content is empty",
    ),
    "no model": (
        5,
        E.format("CheckResult", "init tnn failed: code: 0x6005 msg: model content is invalid "),
        "init tnn failed: code: 0x6005 msg: model content is invalid",
    ),
    "on Android": (
        0,
        E.format("bool tnn::test::CheckResult(std::string, Status)", "create instance failed"),
        "create instance failed",
    ),
    "a flag it does not know": (
        1,
        "ERROR: unknown command line flag 'zz'",
        "ERROR: unknown command line flag 'zz'",
    ),
    "bionic finds no library": (
        1,
        'CANNOT LINK EXECUTABLE "./TNNTest": library "libTNN.so" not found: needed by main '
        "executable",
        'CANNOT LINK EXECUTABLE "./TNNTest": library "libTNN.so" not found',
    ),
    "glibc finds no library": (
        127,
        "./TNNTest: error while loading shared libraries: libTNN.so: cannot open shared object",
        "error while loading shared libraries: libTNN.so",
    ),
    "another machine's": (126, "sh: ./TNNTest: not executable: 64-bit ELF file", "not executable"),
    "SIGILL": (132, "", "an instruction that this CPU lacks"),
    "SIGSEGV, after an error": (139, E.format("f", "the reason"), "the reason"),
    "SIGKILL": (137, "", "most likely for memory"),
    "nothing at all": (0, "", "it said nothing, exit status 0"),
}


@pytest.mark.parametrize("name", LIES)
def test_without_its_line_it_has_failed_whatever_the_status_says(name: str):
    code, line, says = LIES[name]
    with pytest.raises(BenchError) as caught:
        read_timing(Said((), (line,), code), "m")
    assert str(caught.value).startswith("TNNTest has not measured m: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_first_of_several_errors_is_the_reason():
    lines = ("W/tnn: x", E.format("a", "the cause"), E.format("b", "what came of it"))
    assert failure(Said((), lines, 0)) == "the cause"


def test_what_it_prints_on_stdout_can_be_the_reason():
    assert failure(Said(("Parameter -mp is not set ",), (), 255)) == "Parameter -mp is not set"


def test_the_papers_setting_is_one_thread_on_the_arm():
    told = options(7)
    pairs = dict(zip(told[::2], told[1::2], strict=True))
    assert pairs == {"-mt": "TNN", "-dt": "ARM", "-th": "1", "-it": "0", "-dl": "7"}
