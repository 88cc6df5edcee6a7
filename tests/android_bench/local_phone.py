"""A phone that is a folder of this machine, and a runner that is a shell script."""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.remote.job import FileRef, Job, JobGraph, JobInput, JobOutput, file_ref
from android_bench.remote.session import FOLDER
from android_bench.transport.base import ShellResult
from android_bench.transport.local import LocalTransport

APPLETS = "cat chmod df env getconf grep ln mkdir mv rm sed setsid sha256sum sleep stat uname wc"

START = (
    '{"event":"start","schema_version":1,"runner":"0.3.0","ncnn":"1","target":"t","build":"Release",'
    '"command":"bench","bundle":"b","manifest_sha256":"ab","pid":1,"core":0,"cores_allowed":[0],'
    '"features":[],"options":{}}'
)
END = '{"event":"end","peak_rss_kib":1,"elapsed_ns":2}'
FILE = '{"event":"file","path":"%s","sha256":"%s","bytes":%s}'
LOADED = '{"event":"loaded","key":"%s","graph":"%s","precision":"%s","load_ns":1,"first_ns":1}'
SAMPLE = '{"event":"sample","key":"%s","phase":"measure","round":0,"ns":5,"core":0,"at_ns":9}'
# Its command says how it behaves; like the real one it checks that the files are there.
RUNNER = f"""#!/bin/sh
say() {{ printf '%s\\n' "$1"; }}
fail() {{ printf '{{"event":"error","code":%s,"message":"%s"}}\\n' "$@"; exit "$1"; }}
say '{START}'
while IFS='	' read -r kind first second third rest; do
    case $kind in
        file)
            sum=$(sha256sum <"$third")
            [ "${{sum%% *}}" = "$first" ] || fail 3 "$third is not $first"
            printf '{FILE}\n' "$third" "$first" "$second" ;;
        graph) printf '{LOADED}\n' "$first" "$second" "$third" ;;
    esac
done <"$2"
case $1 in
    bench) ;;
    serve) while read -r key; do
        case $key in
            *:KILL) kill -KILL $$ ;;
            *:hang) sleep 100 ;;
            *:error) fail 4 "this can't be run" ;;
            *:end) break ;;
            *) printf '{SAMPLE}\n' "$key" ;;
        esac
    done ;;
    dump) mkdir outputs; printf abc >outputs/0.bin ;;
    core) fail 5 "core 9 can't be had" ;;
    load) fail 3 "a file is broken" ;;
    quiet) exit 0 ;;
    babble) say "WARNING: linker" ;;
    complain) echo "what a pity" >&2; exit 4 ;;
    hang) sleep 100 ;;
    long) printf '{SAMPLE}\n' keyframe; sleep 100 ;;
    *) kill "-$1" $$ ;;
esac
say '{END}'
"""


def job(bundle: str = "b", param: FileRef | None = None) -> Job:
    files = [file_ref(content) for content in (b"param", b"w" * 200_000, b"image")]
    graph = JobGraph(
        "keyframe",
        "keyframe",
        "fp32",
        param or files[0],
        files[1],
        (JobInput("image", "in0", (5,), files[2]),),
        (JobOutput("masks", "out0"),),
    )
    return Job(bundle, "ab" * 32, (graph,))


def android_tools(folder: Path) -> None:
    """Android's own shell and tools, as far as Debian has them."""
    shell, toybox = shutil.which("mksh"), shutil.which("toybox")
    if not shell or not toybox:
        pytest.skip("mksh or toybox is not installed here (apt-get install mksh toybox)")
    known = subprocess.run([toybox], check=True, capture_output=True, text=True).stdout.split()
    (folder / "sh").symlink_to(shell)
    for applet in {*APPLETS.split()} & {*known}:
        (folder / applet).symlink_to(toybox)


@dataclass
class LocalPhone:
    """`pushed` and `connected` say what happened to it."""

    folder: Path
    properties: dict[str, str] = field(default_factory=dict)
    pushed: list[str] = field(default_factory=list)
    connected: int = 0
    only_tools: bool = False  # it has no others than those in `tools`

    def __post_init__(self) -> None:
        self.tools = self.folder / "bin"
        self.storage = self.folder / "tmp"
        for folder in (self.tools, self.storage):
            folder.mkdir(parents=True)
        self.answer("ro.boot.qemu", "1")
        self.answer("debug.mobileinst.storage", str(self.storage))
        self.answer("debug.mobileinst.sysfs", str(self.folder / "sys"))  # nothing: it is quick

    def answer(self, name: str, value: str) -> None:
        self.properties[name] = value
        answers = "".join(f"{key}) echo '{said}' ;;\n" for key, said in self.properties.items())
        self.tool("getprop", f'case "$1" in\n{answers}esac\n')

    def tool(self, name: str, script: str) -> None:
        """Plays a program of the phone."""
        (self.tools / name).unlink(missing_ok=True)
        (self.tools / name).write_text(f"#!/bin/sh\n{script}")
        (self.tools / name).chmod(0o755)

    def connect(self, serial: str, keys: Path | None = None) -> LocalTransport:
        self.connected += 1
        path = str(self.tools) if self.only_tools else f"{self.tools}:/usr/bin:/bin"
        return Recording(self, self.storage, {"PATH": path, "LC_ALL": "C"}, serial)

    @property
    def root(self) -> Path:
        return self.storage / FOLDER

    def stored(self) -> set[str]:
        """What the store holds; fails where there is anything else, or a file is incomplete."""
        if not self.root.exists():
            return set()
        assert {path.name for path in self.root.iterdir()} <= {"files"}
        files = list((self.root / "files").iterdir())
        for path in files:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        return {path.name for path in files}


class Recording(LocalTransport):
    def __init__(self, phone: LocalPhone, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.phone = phone

    def push(self, source, target, mode=0o644, progress=None) -> None:
        self.phone.pushed.append(Path(target).name.removesuffix(".part"))
        super().push(source, target, mode, progress)


class Lossy:
    """Breaks off at its n-th step: a call, the answer to one, a chunk or a line."""

    def __init__(
        self, inner: LocalTransport, steps: int, loss: type[BaseException] = DeviceLostError
    ) -> None:
        self.inner, self.left, self.loss = inner, steps, loss
        self.serial = inner.serial

    def step(self) -> None:
        self.left -= 1
        if self.left == -1 or (self.left < 0 and self.loss is DeviceLostError):
            raise self.loss(f"lost {self.serial}")

    def shell(self, arguments, *, silence_s=30.0, on_line=None) -> ShellResult:
        def line(text: str) -> None:
            self.step()
            on_line(text)

        self.step()
        heard = line if on_line else None
        result = self.inner.shell(arguments, silence_s=silence_s, on_line=heard)
        self.step()
        return result

    def push(self, source, target, mode=0o644, progress=None) -> None:
        def chunk(size: int) -> None:
            self.step()
            progress(size)

        self.step()
        self.inner.push(source, target, mode, chunk)
        self.step()

    def pull(self, source, target) -> None:
        self.step()
        self.inner.pull(source, target)

    def close(self) -> None:
        self.inner.close()


def gone(serial: str, keys: Path | None = None) -> LocalTransport:
    raise DeviceError(f"no device {serial}")
