"""A stand-in for TNNTest: a POSIX shell script that takes its options and prints its line.

What the proto's file says decides how it behaves: a text that names no behaviour measures.
"""

from collections.abc import Mapping
from pathlib import Path

SCRIPT = """#!/bin/sh
model= runs=1 output= input= device=ARM precision=AUTO
while [ $# -gt 1 ]; do
    case $1 in
    -mp) model=$2 ;;
    -ic) runs=$2 ;;
    -op) output=$2 ;;
    -ip) input=$2 ;;
    -dt) device=$2 ;;
    -pr) precision=$2 ;;
    esac
    shift 2
done
sleep 0.2
if [ ! -r "$model" ] || [ ! -r "${model%proto}model" ] || [ ! -r "$input" ]; then
    echo "E/tnn: CheckResult [File test/test.cc][Line 338] init tnn failed: code: 0x6005 " >&2
    exit 5
fi
fail() {
    echo "E/tnn: Init [File a.cc][Line 1] the first reason" >&2
    echo "E/tnn: CheckResult [File b.cc][Line 2] the second" >&2
    exit 0
}
numbers=1
IFS= read -r behaviour <"$model"
case $behaviour in
*lies*) fail ;;
*dies*) kill -ILL $$ ;;
*moves*) taskset -p 1 $$ >/dev/null; sleep 0.2; taskset -p 3 $$ >/dev/null; sleep 0.2 ;;
*nan*) numbers=nan ;;
*talks*) echo "TNN Benchmark time cost: soon" ;;
esac
lines=4
case ${model##*/} in
CASES
esac
if [ -n "$output" ]; then
    { echo 1; echo "y mat_type: 32 dims: 2 1 2"; echo "$numbers"; } >"$output"
    yes 0.5 | head -n $((lines - 3)) >>"$output"
fi
name="${model##*/} - $device"
head="I/tnn: void tnn::test::Timer::Print() [File test/timer.cc][Line 59] "
printf '%s%-45s TNN Benchmark time cost: ' "$head" "$name"
printf 'min = %s  ms  |  max = %s  ms  |  avg = %s  ms \\n' "  1.000" "$runs.500" "  1.250"
"""


def write_fake(path: Path, lines: Mapping[str, int] | None = None) -> Path:
    """`lines`: how many it writes as a graph's outputs, by the name of the graph."""
    cases = [f"{graph}.*) lines={count} ;;" for graph, count in (lines or {}).items()]
    path.write_text(SCRIPT.replace("CASES", "\n".join(cases) or "*) ;;"))
    path.chmod(0o755)
    return path
