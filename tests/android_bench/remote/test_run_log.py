"""The runner's events: read as they are, refused where they are not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from android_bench.errors import BenchError
from android_bench.remote.run_log import (
    End,
    Error,
    EventReader,
    File,
    Frame,
    Layer,
    Loaded,
    Output,
    RunLog,
    Sample,
    Start,
    Thermal,
    Track,
    Tracked,
    TrackedInstance,
    read_events,
)

START = """{"event":"start","schema_version":1,"runner":"0.3.0","ncnn":"1.0.20261020",
"target":"aarch64-android","build":"Release","command":"bench","bundle":"b","manifest_sha256":"ab",
"pid":1,"core":7,"cores_allowed":[0,7],"features":["asimdhp"],"options":{"num_threads":1},"seed":0,
"warmup":10,"iterations":50}""".replace("\n", "")
END = '{"event":"end","peak_rss_kib":1,"elapsed_ns":2}'
ERROR = '{"event":"error","code":3,"message":"no such file"}'
SAMPLE = '{"event":"sample","key":"k","phase":"measure","round":0,"ns":5,"core":7,"at_ns":9}'

TRACKED = (
    '{"event":"tracked","index":0,"role":"key","ns":9,"core":7,"at_ns":5,"preprocess_ns":1,'
    '"graphs_ns":2,"tracker_ns":3,"masks_ns":3,"instances":[{"identity":1,"label":2,"score":0.5,'
    '"counts":"04"}]}'
)


def events(*lines: str) -> list[object]:
    return list(read_events(lines))


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            '{"event":"file","path":"p","sha256":"ab","bytes":3}',
            File("p", "ab", 3),
        ),
        (
            '{"event":"loaded","key":"k","graph":"g","precision":"fp16","load_ns":1,"first_ns":2}',
            Loaded("k", "g", "fp16", 1, 2),
        ),
        (SAMPLE, Sample("k", "measure", 0, 5, 7, 9)),
        (
            SAMPLE[:-1] + ',"frequency_khz":null,"frequency_max_khz":24}',
            Sample("k", "measure", 0, 5, 7, 9, None, 24),
        ),
        (TRACKED, Tracked(0, "key", (TrackedInstance(1, 2, 0.5, "04"),), 9, 1, 2, 3, 3, 7, 5)),
        (
            '{"event":"track","identity":1,"label":2,"score":0.5,"frames":3}',
            Track(1, 2, 0.5, 3),
        ),
        ('{"event":"thermal","at_ns":1,"path":"t","milli_c":-5}', Thermal(1, "t", -5)),
        (
            '{"event":"frame","index":1,"role":"key","ns":2,"core":3,"late_ns":-4,"missed":false,'
            '"at_ns":5,"something":"new"}',
            Frame(1, "key", 2, 3, 5, -4, False),
        ),
        (
            '{"event":"layer","key":"k","index":0,"type":"Split","name":"s","samples_ns":[1]}',
            Layer("k", 0, "Split", "s", (1,)),
        ),
        (
            '{"event":"output","key":"k","name":"m","shape":[1,2],"file":"0.bin","sha256":"ab",'
            '"nan":1,"inf":0}',
            Output("k", "m", (1, 2), "0.bin", "ab", 1, 0),
        ),
    ],
)
def test_every_event(line: str, event: object):
    start, got, end = events(START, line, END)
    assert isinstance(start, Start)
    assert start.core == 7
    assert (got, end) == (event, End(1, 2))


def test_an_error_ends_the_stream():
    assert events(ERROR) == [Error(3, "no such file")]
    assert events(START, ERROR)[1:] == [Error(3, "no such file")]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "stops after 0 events"),
        ((START,), "stops after 1 events, without an end"),
        ((SAMPLE,), "first line is no start: .*sample"),
        ((START, START), "started twice"),
        ((START, END, SAMPLE), "said more after its end"),
        ((ERROR, END), "said more after its end"),
        ((START, "WARNING: linker: odd"), "no event .*WARNING: linker: odd"),
        ((START, ""), "no event"),
        ((START, SAMPLE[:40]), "no event"),
        ((START, "[1]"), "no event"),
        ((START, "[" * 5000), "no event .*…$"),
        ((START, SAMPLE.replace("5", "-5")), "no event .*>= 0"),
        ((START, SAMPLE.replace("sample", "nonsense")), "no event .*nonsense"),
        ((START, SAMPLE.replace('"ns":5,', "")), "no event .*missing required field `ns`"),
        ((START.replace('version":1', 'version":2'),), "schema version 2, expected 1; build"),
        ((START.replace('version":1', 'version":"1"'),), "schema version '1'"),
        ((START.replace('"schema_version":1,', ""),), "schema version None"),
        ((START.replace('"seed"', '"start"') + "x",), "no event"),
    ],
)
def test_a_stream_that_is_none(lines: tuple[str, ...], says: str):
    with pytest.raises(BenchError, match=says) as raised:
        events(*lines)
    assert len(str(raised.value).splitlines()) == 1


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_no_line_ends_in_another_error(line: str):
    with pytest.raises(BenchError):
        EventReader().read(line)


def test_a_log_by_kind():
    log = RunLog(tuple(read_events((START, SAMPLE, SAMPLE, END))))
    assert [sample.ns for sample in log.of(Sample)] == [5, 5]
    assert (log.start.seed, log.end.peak_rss_kib) == (0, 1)
