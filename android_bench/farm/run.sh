#!/bin/sh
# Measures the graphs beside it on one core of this device, and writes one JSON document.
# For a POSIX sh with the tools of Android, of busybox or of any Linux.

usage="usage: sh run.sh [-c CORE] [-w WARMUP] [-n ITERATIONS] [-t CELSIUS] [-d SECONDS]
                  [-s NAME] [-o FILE]
  -c  the core: prime, big, little or a number; one of the fastest cluster if not said
  -w  rounds before those that count (10)
  -n  rounds that count (50)
  -t  wait until the hottest sensor of the CPU is at so many degrees or below (45)
  -d  but no longer than this (300)
  -s  what the device is called in the result; its serial number if not said
  -o  the result (result.json beside this script)
exit codes: 0 ok, 2 usage, 3 a file is damaged, 4 a run failed, 5 this device or its core is unfit"

say() {
    printf '%s\n' "$*" >&2
}

fail() { # CODE MESSAGE
    code=$1
    shift
    say "Error: $*"
    exit "$code"
}

whole() { # OPTION TEXT: whether it is a number that the shell can count with
    case $2 in '' | *[!0-9]* | ????????*) fail 2 "$1 expects a whole number, got '$2'" ;; esac
}

core=
warmup=10
iterations=50
limit_c=45
bound_s=300
name=
output=
while getopts c:w:n:t:d:s:o:h option; do
    case $option in
    c) core=$OPTARG ;;
    w) whole -w "$OPTARG" && warmup=$OPTARG ;;
    n) whole -n "$OPTARG" && iterations=$OPTARG ;;
    t) whole -t "$OPTARG" && limit_c=$OPTARG ;;
    d) whole -d "$OPTARG" && bound_s=$OPTARG ;;
    s) name=$OPTARG ;;
    o) output=$OPTARG ;;
    h) say "$usage" && exit 0 ;;
    *) say "$usage" && exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# = 0 ] || fail 2 "run.sh takes options alone, got '$1'"
[ "$iterations" -ge 2 ] || fail 2 "-n expects 2 or more, got '$iterations'"

case $output in '' | /*) ;; *) output=$PWD/$output ;; esac
case $0 in */*) cd "${0%/*}" || exit 3 ;; esac
here=$PWD
output=${output:-$here/result.json}
[ ! -d "$output" ] || fail 2 "$output is a folder"
rm -f "$output" || fail 3 "can't replace $output"

# What is written goes here first, and nothing of it is left in the end.
for old in run-[0-9]*; do
    [ -d "$old" ] || continue
    ! kill -0 "${old#run-}" 2>/dev/null || fail 4 "process ${old#run-} is measuring here"
    { read -r orphan <"$old/pid"; } 2>/dev/null && # its shell was killed, it was not
        grep -q mobileinst-runner "/proc/$orphan/cmdline" 2>/dev/null && kill -9 "$orphan"
    rm -rf "./$old"
done
work=$here/run-$$
runner_pid=
clean() {
    [ -z "$runner_pid" ] || kill "$runner_pid" 2>/dev/null
    rm -rf "$work" "$output.part"
}
stop() { # SIGNAL NUMBER
    trap - "$1" EXIT
    clean
    say "Interrupted: no result is left"
    exit $((128 + $2))
}
trap clean EXIT
trap 'stop HUP 1' HUP
trap 'stop INT 2' INT
trap 'stop TERM 15' TERM
mkdir "$work" 2>/dev/null || fail 3 "can't write in $here"
{ true >"$output.part"; } 2>/dev/null || fail 3 "can't write $output"

await() { # PROCESS: as wait, but signals are heeded at once
    runner_pid=$1
    wait "$runner_pid"
    code=$?
    runner_pid=
    return $code
}

section() { # NAME: of the facts
    sed -n -e "/^== $1\$/,/^== /s/^ //p" "$work/facts"
}

one_of() { # FILE: its only line
    line=
    { IFS= read -r line <"$1" || true; } 2>/dev/null
    printf '%s\n' "$line"
}

[ -r SHA256SUMS ] || fail 3 "SHA256SUMS is not there; unpack the zip again"
if command -v sha256sum >/dev/null; then
    while read -r sum file; do
        { seen=$(sha256sum <"$file"); } 2>/dev/null
        [ "${seen%% *}" = "$sum" ] || fail 3 "$file is damaged or not there; unpack the zip again"
    done <SHA256SUMS
else
    say "Note: there is no sha256sum; the runner checks the graphs' files itself"
fi

sh device_facts.sh >"$work/facts" 2>/dev/null || fail 4 "device_facts.sh failed"
sysfs=$(section sysfs)
sysfs=${sysfs:-/sys}
prefix=
if [ "$(section 'property ro.boot.qemu')" = 1 ] || [ "$(section 'property ro.kernel.qemu')" = 1 ]
then
    prefix=$(section 'property debug.mobileinst.exec_prefix')
fi
name=${name:-$(getprop ro.serialno 2>/dev/null </dev/null)}
name=${name:-farm}

target=$(one_of target)
case $target in
aarch64-*) wanted='arm64-v8a aarch64' ;;
*) wanted='x86_64 x86_64' ;;
esac
abi=$(section 'property ro.product.cpu.abi')
abi=${abi:-$(uname -m)}
case " $wanted " in
*" $abi "*) ;;
*) fail 5 "the runner is for $target, but this device has $abi; bundle it with another --target" ;;
esac

tab=$(printf '\t')
if grep -q "^graph$tab[^$tab]*$tab[^$tab]*${tab}fp16$tab" job.txt; then
    section cpuinfo >"$work/cpuinfo"
    if ! grep -q '^Features.* asimdhp' "$work/cpuinfo" ||
        grep '^Features' "$work/cpuinfo" | grep -qv ' asimdhp'; then
        fail 5 "this device has no float16 arithmetic; bundle the graphs without fp16"
    fi
fi

if command -v awk >/dev/null; then
    chosen=$(awk -v asked="$core" -f choose_core.awk <"$work/facts") ||
        fail 5 "no core '$core' that is on; there are: $chosen"
    core=$chosen
else
    case $core in '' | *[!0-9]*) fail 5 "without awk the core has to be a number: give -c" ;; esac
fi

# The CPU's sensors, by the rules of device/parsers.py, as options of the runner.
set --
while IFS= read -r line; do
    case $line in
    '== zone '*) zone=${line#== zone } kind= ;;
    '== '*) zone= ;;
    ' type='*) kind=${line# type=} ;;
    ' temp='*)
        [ -n "$zone" ] || continue
        case $kind in
        *[cC][pP][uU]* | [bB][iI][gG]* | [mM][iI][dD]* | [lL][iI][tT][tT][lL][eE]* | [sS][oO][cC]*)
            set -- "$@" --thermal "$zone/temp" ;;
        esac ;;
    esac
done <"$work/facts"

hottest() { # prints thousandths of a degree; nothing where no sensor can be read
    hottest=
    for file in "$@"; do
        [ "$file" != --thermal ] || continue
        value=$(one_of "$file")
        case $value in '' | - | *[!0-9-]* | ?*-* | ??????????*) continue ;; esac
        [ "${value#-}" -ge 1000 ] || value=$((value * 1000))
        [ "$value" -gt -40000 ] && [ "$value" -lt 150000 ] || continue
        if [ -z "$hottest" ] || [ "$value" -gt "$hottest" ]; then hottest=$value; fi
    done
    printf '%s\n' "$hottest"
}

state() { # FILE ...: FILE=FIRST LINE
    clock=$sysfs/devices/system/cpu/cpu$core/cpufreq
    for file in "$clock/scaling_cur_freq" "$clock/scaling_max_freq" "$@"; do
        [ "$file" = --thermal ] || printf '%s=%s\n' "$file" "$(one_of "$file")"
    done
}

started_s=$(date +%s)
start_mc=$(hottest "$@")
now_mc=$start_mc
waited_s=0
while [ -n "$now_mc" ] && [ "$now_mc" -gt $((limit_c * 1000)) ] && [ "$waited_s" -lt "$bound_s" ]; do
    [ "$waited_s" -gt 0 ] || say "Waiting until the CPU is at $limit_c degrees or below"
    pause_s=$((bound_s - waited_s < 5 ? bound_s - waited_s : 5))
    sleep "$pause_s" &
    await $!
    waited_s=$(($(date +%s) - started_s))
    now_mc=$(hottest "$@")
done

# Each run of runs.txt: COMMAND JOB OPTION ...
chmod 755 ./mobileinst-runner 2>/dev/null
state "$@" >"$work/before"
number=0
while read -r command job options <&3; do
    number=$((number + 1))
    say "Run $number: $command on core $core of $name"
    case $command in bench | profile) options="$options --iterations $iterations" ;; esac
    set -f # the prefix and the options are words
    # shellcheck disable=SC2086
    $prefix ./mobileinst-runner "$command" "$job" --core "$core" --warmup "$warmup" \
        --sysfs "$sysfs" "$@" $options >"$work/events-$number" 3<&- &
    set +f
    echo $! >"$work/pid"
    await $!
    code=$?
    [ $code -lt 126 ] || say "Error: the runner ended with exit status $code; a folder where" \
        "programs may run is needed, such as /data/local/tmp"
    [ $code = 0 ] || exit $code
    [ $number != 1 ] || state "$@" >"$work/after"
done 3<runs.txt

escaped() { # stdin as the inside of JSON strings; what is not printable ASCII becomes a "?"
    LC_ALL=C sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e "s/$tab/\\\\t/g" -e 's/[^ -~]/?/g'
}

lines() { # FILE: its lines as a JSON list
    echo '['
    escaped <"$1" | sed -e 's/^/"/' -e 's/$/"/' -e '$!s/$/,/'
    echo ']'
}

document() {
    [ -z "$start_mc" ] || reached=$([ "$now_mc" -le $((limit_c * 1000)) ] && echo true || echo false)
    called=$(printf '%s\n' "$name" | escaped | sed -e '1!d')
    printf '{"format": "mobileinst-farm", "version": 1, "name": "%s", "core": %s, "plan":\n' \
        "$called" "$core"
    cat plan.json
    printf ', "cool_down": {"limit_c": %s, "waited_s": %s, "start_milli_c": %s,' \
        "$limit_c" "$waited_s" "${start_mc:-null}"
    printf ' "end_milli_c": %s, "reached": %s}' "${now_mc:-null}" "${reached:-null}"
    for part in facts before after; do
        printf ', "%s":\n' "$part"
        lines "$work/$part"
    done
    printf ', "runs": [\n'
    comma=
    run=0
    while read -r command job options; do
        run=$((run + 1))
        printf '%s{"command": "%s", "events": [\n' "$comma" "$command"
        sed -e '$!s/$/,/' "$work/events-$run"
        printf ']}\n'
        comma=', '
    done <runs.txt
    printf ']}\n'
}

document >"$output.part" && mv -f "$output.part" "$output" || fail 3 "can't write $output"
say "Saved $output"
