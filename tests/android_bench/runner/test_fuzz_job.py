"""Damaged jobs: a run, or one line that says what is wrong, and never a crash."""

from collections import Counter
from pathlib import Path

import numpy as np

from tests.android_bench.runner.program import Command, run_program
from tests.android_bench.runner.tiny import tiny_job
from tests.export.to_tnn.damage import ROUNDS, damaged

TOKENS = [
    *(str(number).encode() for number in (-1, 0, 1, 2**31 - 1, 2**31, 2**63, 10**30)),
    *(b"\t", b"\n", b"\t\t", b"\r\n", b"\0", b"\xff", b"\xed\xa0\x80", b",", b"1,", b"../", b"/"),
    *(b"fp16", b"fp16-storage", b"fp32", b"key", b"reuse", b"tiny", b"in0", b"out0", b"net.param"),
    *(b"bundle\t", b"file\t", b"graph\t", b"input\t", b"output\t", b"schedule\t", b"x" * 4096),
    b"input\ttiny\tin0\timage\t5,3,2\tin.f32\n",
    b"schedule\tkey\ttiny\ttiny\n",
]
COMMANDS = (
    ("bench", "--warmup", 0, "--iterations", 1),
    ("schedule", "--interval", 1, "--warmup", 0, "--frames", 1),
    ("profile", "--warmup", 0, "--iterations", 1),
)


def test_a_damaged_job_never_crashes(host: Command, tmp_path: Path):
    path = tiny_job(
        tmp_path, ("tiny", "twin"), "schedule\tkey\ttiny\ttwin", "schedule\treuse\ttwin"
    )
    content, rng, codes = path.read_bytes(), np.random.default_rng(0), Counter[int]()
    for i in range(ROUNDS // 2):
        path.write_bytes(damaged(content, TOKENS, rng))
        command, *options = COMMANDS[i % len(COMMANDS)]
        ended = run_program(host, command, path, *options)
        codes[ended.code] += 1
        last = ended.events[-1]
        assert last["event"] == ("error" if ended.code else "end"), path.read_bytes()
        assert last.get("code", 0) == ended.code, path.read_bytes()
        assert "crashed" not in ended.err, path.read_bytes()
    assert codes.keys() == {0, 3}
    assert codes[3] > codes[0] > 0
