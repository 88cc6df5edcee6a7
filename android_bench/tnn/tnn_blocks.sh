# Runs TNNTest once for each line of a plan, alone on one core, and prints how it went: a POSIX sh
# with toybox. Whoever watches the process keeps off its core.
# Usage: sh tnn_blocks.sh PLAN ZONES MASK OTHERS CPUFREQ PROGRAM ARGUMENT...
#   PLAN    a file; of each line KIND MODEL INPUT PRECISION WARMUP RUNS
#   ZONES   a file with the path of a thermal sensor in each line
#   MASK    of the core, in hexadecimal; OTHERS: of the cores beside it, or -
# Prints lines of a word and values, - for what is not known:
#   begin KIND MODEL | watch CORE ALLOWED KHZ LIMIT_KHZ PEAK_KIB | out TEXT | err TEXT
#   outputs LINES NOT_NUMBERS | heat PATH MILLI_C | end EXIT_STATUS | fail TEXT | done

plan=$1
zones=$2
mask=$3
others=$4
cpufreq=$5
shift 5

number() { # FILE
    value=
    { IFS= read -r value <"$1"; } 2>/dev/null
    case ${value#-} in '' | *[!0-9]*) value=- ;; esac
}

pin() { # MASK PID
    taskset -p "$1" "$2" >/dev/null 2>pin.txt || {
        sed 's/^/fail /' pin.txt
        exit 1
    }
}

status() { # PID: the cores it may run on, and the most memory it has held
    allowed=-
    peak=-
    while read -r name value unit; do
        case $name in
        Cpus_allowed_list:) allowed=$value ;;
        VmHWM:) peak=$value ;;
        esac
    done <"/proc/$1/status"
} 2>/dev/null

watch() { # PID: fails where the process is over
    status "$1"
    [ "$allowed" != - ] || return 1
    stat=
    { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null
    number "$cpufreq/scaling_cur_freq"
    frequency=$value
    number "$cpufreq/scaling_max_freq"
    set -f
    set -- ${stat##*) }
    set +f
    case ${1:-Z} in Z | X) return 1 ;; esac
    # proc(5): the 39th field is the core it is on; the first here is the third
    echo "watch ${37} $allowed $frequency $value $peak"
}

heat() {
    while IFS= read -r zone; do
        number "$zone"
        echo "heat $zone $value"
    done <"$zones"
}

say() { # WORD: stdin, and a line's end after it
    sed "s/^/$1 /"
    echo
}

command -v taskset >/dev/null || {
    echo 'fail there is no taskset'
    exit 1
}
heat
while read -r kind model input precision warmup runs; do
    echo "begin $kind $model"
    write=
    [ "$kind" != first ] || write='-op outputs.txt'
    pin "$mask" $$ # the program has it from its start
    "$@" -mp "$model" -ip "$input" -pr "$precision" -wc "$warmup" -ic "$runs" $write \
        </dev/null >out.txt 2>err.txt &
    pid=$!
    watch "$pid"
    [ "$others" = - ] || pin "$others" $$
    while watch "$pid"; do
        sleep 0.1
    done
    wait "$pid"
    code=$?
    tail -c 65536 out.txt | say out
    head -c 16384 err.txt | say err
    if [ -f outputs.txt ]; then
        echo "outputs $(($(wc -l <outputs.txt))) $(grep -v mat_type: outputs.txt | grep -c '[a-zA-Z]')"
        rm -f outputs.txt
    fi
    heat
    echo "end $code"
done <"$plan"
echo 'done'
