"""A machine of round numbers, as a profile: 1 GHz, 4 lanes, so 4 GMAC/s in float32."""

from pathlib import Path

import msgspec

from android_bench.device.profiles import Profile, read_profile
from mobileinst_deploy.estimate.machine import Machine, Precision, make_machine

# L1 moves 64 GB/s, L2 32, L3 16, memory 1.
ROUND_TOML = """
title = "Round numbers"
soc = ["ROUND"]
source = "made up"

[features]
names = ["fp16"]
source = "made up"

[memory]
bandwidth_gb_s = 1.0
source = "made up"

[l3]
kib = 1024
source = "made up"

[[clusters]]
name = "prime"
cores = [0]
microarchitecture = "round"
max_mhz = 1000
source = "made up"

[microarchitectures.round.fma]
pipes = 1
bits = 128
source = "made up"
[microarchitectures.round.l1d]
kib = 1
bytes_per_cycle = 64
source = "made up"
[microarchitectures.round.l2]
kib = 16
bytes_per_cycle = 32
source = "made up"
[microarchitectures.round.l3]
bytes_per_cycle = 16
source = "made up"
assumed = "all of it"
"""
ROUND = msgspec.toml.decode(ROUND_TOML, type=Profile)
# Faster than any core that there is: whatever is measured anywhere takes longer than its bound.
FASTER_THAN_ANY = (
    ROUND_TOML.replace("max_mhz = 1000", "max_mhz = 10000")
    .replace("pipes = 1", "pipes = 8")
    .replace("bits = 128", "bits = 512")
    .replace("bandwidth_gb_s = 1.0", "bandwidth_gb_s = 5000.0")
    .replace("bytes_per_cycle = 16", "bytes_per_cycle = 500")
    .replace("bytes_per_cycle = 32", "bytes_per_cycle = 500")
    .replace("bytes_per_cycle = 64", "bytes_per_cycle = 500")
)


def machine(precision: Precision = "fp32") -> Machine:
    return make_machine(ROUND, "prime", precision)


def written(path: Path, text: str = ROUND_TOML) -> Path:
    path.write_text(text)
    assert read_profile(path).title
    return path
