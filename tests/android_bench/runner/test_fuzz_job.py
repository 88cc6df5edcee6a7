"""Damaged jobs: a run, or one line that says what is wrong, and never a crash."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.android_bench.runner.pixels import pixel_job
from tests.android_bench.runner.program import Command, run_program
from tests.android_bench.runner.tiny import tiny_job
from tests.export.to_tnn.damage import ROUNDS, damaged

TOKENS = [
    *(str(number).encode() for number in (-1, 0, 1, 2**31 - 1, 2**31, 2**63, 10**30)),
    *(b"\t", b"\n", b"\t\t", b"\r\n", b"\0", b"\xff", b"\xed\xa0\x80", b",", b"1,", b"../", b"/"),
    *(b"fp16", b"fp16-storage", b"fp32", b"key", b"reuse", b"tiny", b"in0", b"out0", b"net.param"),
    *(b"bundle\t", b"file\t", b"graph\t", b"input\t", b"output\t", b"schedule\t", b"x" * 4096),
    *(b"clip\t", b"picture\t", b"preprocessing\t", b"state\t", b"tracking\t", b"live", b"whole"),
    *(b"0.5", b"-1", b"1e999", b"nan", b"16,24", b"8,4,6", b"kernels", b"fold", b"keyframe"),
    b"input\ttiny\tin0\timage\t5,3,2\tin.f32\n",
    b"schedule\tkey\ttiny\ttiny\n",
]
COMMANDS = (
    ("bench", "--warmup", 0, "--iterations", 1),
    ("schedule", "--interval", 1, "--warmup", 0, "--frames", 1),
    ("profile", "--warmup", 0, "--iterations", 1),
)

TRACK = (("track",),)


def test_a_damaged_job_never_crashes(host: Command, tmp_path: Path):
    path = tiny_job(
        tmp_path, ("tiny", "twin"), "schedule\tkey\ttiny\ttwin", "schedule\treuse\ttwin"
    )
    check(host, path, COMMANDS, ROUNDS // 2)


def test_a_damaged_clip_never_crashes(host: Command, tmp_path: Path):
    check(host, pixel_job(tmp_path, 2), TRACK, ROUNDS // 4)


def check(host: Command, path: Path, commands: Sequence[Sequence[object]], rounds: int) -> None:
    content, rng, codes = path.read_bytes(), np.random.default_rng(0), Counter[int]()
    assert run_program(host, commands[0][0], path).code == 0
    for i in range(rounds):
        path.write_bytes(damaged(content, TOKENS, rng))
        command, *options = commands[i % len(commands)]
        ended = run_program(host, command, path, *options)
        codes[ended.code] += 1
        last = ended.events[-1]
        assert last["event"] == ("error" if ended.code else "end"), path.read_bytes()
        assert last.get("code", 0) == ended.code, path.read_bytes()
        assert "crashed" not in ended.err, path.read_bytes()
    assert codes.keys() <= {0, 3}, codes  # little of a job can be damaged without a word
    assert codes[3] > rounds / 2
