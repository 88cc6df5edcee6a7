"""What the device's own shell does for us, as POSIX sh for mksh and toybox.

These texts are constant. Values reach them as positional parameters, never as part of the text.
"""

from android_bench.transport.base import ShellResult, Transport

ANSWER_S = 60.0  # the longest silence; a file of 500 MB takes about that long to hash

# /proc/PID/stat: behind the name in brackets come the state and, 2 and 19 fields on, the process
# group and the start time, which tells a process from a later one of the same number (proc(5)).
# A run's file "pid" has both of its process, and those of the leader of its group: adbd gives
# each shell a group of its own, and when a connection breaks it tells the leader alone. As long as
# a group has a process, no other process gets its number.
PROCESSES = """
field() { # PID OFFSET
    stat=
    { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null
    [ -n "$stat" ] || return 0
    offset=$2
    set -f
    set -- ${stat##*) }
    set +f
    shift "$offset"
    echo "$1"
}
alive() { # RUN: whether its process is there
    pid= started= group= leader=
    { read -r pid started group leader <"$1/pid"; } 2>/dev/null
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    [ "$(field "$pid" 19)" = "$started" ] && [ "$(field "$pid" 0)" != Z ]
}
of_run() { # after alive: whether its group is not ours and has no later process
    case $group in '' | *[!0-9]* | 0* | 1) return 1 ;; esac
    [ "$group" != "$(field $$ 2)" ] || return 1
    now=$(field "$group" 19)
    [ -z "$now" ] || [ "$now" = "$leader" ]
}
"""

# ROOT: prints "alive RUN" or "gone RUN" for the folder of each run.
SURVEY = f"""{PROCESSES}
cd "$1" 2>/dev/null || exit 0
for run in run-*; do
    [ -d "$run" ] || continue
    if alive "$run"; then echo "alive $run"; else echo "gone $run"; fi
done
"""

# ROOT RUN...: ends their processes and removes their folders, and what was pushed in part.
# A connection may have broken while a script of the run was on its way: those are ended by the
# run's name in their command line. The folder is renamed first, so that what still comes to launch
# a program finds it gone, or has left its number in time.
DISCARD = f"""{PROCESSES}
cd "$1" 2>/dev/null || exit 0
shift
status=0
for run do
    for process in $(grep -lsF -e "$run" /proc/[0-9]*/cmdline); do
        process=${{process#/proc/}}
        process=${{process%/cmdline}}
        [ "$(field "$process" 2)" = "$(field $$ 2)" ] || kill -9 "$process" 2>/dev/null
    done
    gone=${{run%.gone}}.gone
    [ "$gone" = "$run" ] || [ ! -d "$run" ] || mv "$run" "$gone" || status=1
    if alive "$gone"; then kill -9 "$pid"; fi
    if of_run; then kill -9 "-$group" 2>/dev/null; fi
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        alive "$gone" || {{ of_run && kill -0 "-$group" 2>/dev/null; }} || break
        sleep 0.1
    done
    if alive "$gone"; then
        echo "process $pid can't be ended" >&2
        status=1
    else
        rm -rf "./$gone" || status=1
    fi
done
rm -f files/*.part || status=1
exit $status
"""

# ROOT: makes the folders, removes what is no complete file and prints the names of those that are.
VERIFY = """
umask 077
mkdir -p "$1/files" && chmod 700 "$1" && cd "$1/files" || exit 1
for file in * .[!.]*; do
    { sum=$(sha256sum <"./$file"); } 2>/dev/null
    if [ -f "$file" ] && [ ! -L "$file" ] && [ "${sum%% *}" = "$file" ]; then
        echo "$file"
    elif [ -e "$file" ] || [ -L "$file" ]; then
        rm -rf "./$file" || exit 1
    fi
done
"""

# FOLDER: prints the bytes free to us, as "BLOCKS SIZE" or as df's table in KiB.
SPACE = """stat -f -c '%a %S' "$1" 2>/dev/null || df -Pk "$1" """

OTHER_CONTENT = 3
# FILE SHA256 SIZE: an upload that is complete gets its name. Without sha256sum the size decides,
# and the runner, which hashes its files itself.
ACCEPT = f"""
if command -v sha256sum >/dev/null; then
    sum=$(sha256sum <"$1.part") || exit 1
    [ "${{sum%% *}}" = "$2" ] || exit {OTHER_CONTENT}
else
    [ "$(($(wc -c <"$1.part")))" = "$3" ] || exit {OTHER_CONTENT}
fi
mv -f "$1.part" "$1"
"""

# ROOT FILE...: removes files of the store.
PRUNE = 'cd "$1/files" && shift && rm -f "$@"'

# ROOT: removes everything.
REMOVE = 'rm -rf "$1"'

# ROOT RUN [NAME SHA256]...: makes the folder of a run, with links to what is or will be in the
# store, and prints the names of all runs.
LINK = """
umask 077
mkdir -p "$1/files" && cd "$1" && mkdir "$2" || exit 1
for run in run-*; do echo "$run"; done
cd "$2" || exit 1
shift 2
while [ $# -gt 0 ]; do
    ln -s "../files/$2" "./$1" || exit 1
    shift 2
done
"""

LAUNCH_FAILED = 125
NOT_EXECUTABLE, NOT_FOUND = 126, 127  # as every POSIX shell has it
# RUN PROGRAM ARGUMENT...: becomes the program, in the folder of the run, which gets its number.
LAUNCH = f"""{PROCESSES}
group=$(field $$ 2)
cd "$1" && echo "$$ $(field $$ 19) $group $(field "$group" 19)" >pid && [ -d "$1" ] ||
    exit {LAUNCH_FAILED}
shift
exec "$@"
"""


def ask(
    transport: Transport, script: str, *values: str, silence_s: float = ANSWER_S
) -> ShellResult:
    """Runs one of the texts above. Raises DeviceLostError."""
    return transport.shell(("sh", "-c", script, "sh", *values), silence_s=silence_s)
