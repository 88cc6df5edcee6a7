"""Names and values that want to be commands: none runs, and no terminal obeys one."""

import os
import re
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.command import Ran, run
from tests.device.fixtures import PhoneWith
from tests.device.phone import Phone
from tests.device.storage import full_disk
from tests.device.sysfs import CPU, put
from tests.elf_files import X86_64, elf
from tests.export.tampering import edit_manifest
from tests.mobileinst_deploy.conftest import share
from tests.mobileinst_deploy.faulty import (
    QUICK,
    Commands,
    check_one_line,
    of_this_machine,
    stored,
)

TITLE = "\x1b]0;pwned\x07\x9b31m\x1b[2J"  # changes a terminal's title and colour, and clears it
COMMAND = "$(touch pwned); \"'`touch pwned`"
NAMES = {
    "a command": COMMAND,
    "a list of commands": ";touch pwned;#",
    "other letters": "ä ö 電話 *?~ %s {}",
    "an option": "--help",
    "markup": "[red]x[/blue]",
    "a terminal's commands": f"x{TITLE}",
}


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def check_harmless(ran: Ran, phone: Phone) -> None:
    """What it prints, and what has become of both machines."""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", ran.out + ran.err)
    for place in (phone.folder, Path.cwd().parent):
        assert not [*place.rglob("pwned")]
    stored(phone)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("command", ["bench", "inspect"])
def test_a_folder_of_that_name(commands: Commands, native_phone: Phone, command: str, name: str):
    bundle = Path(shutil.copytree(commands.bundle, f"./{name}", copy_function=share))
    options = (*QUICK, "--serial", native_phone.serial, "--keys", commands.keys)
    ran = run(command, f"./{bundle}", *(options if command == "bench" else ()))
    assert ran.code == 0, ran.err
    check_harmless(ran, native_phone)


def hurt(**parts: object) -> Callable[[dict], None]:
    """Changes these parts of a manifest; `names` are the fold's blobs in ncnn."""

    def change(manifest: dict) -> None:
        fold = manifest["graphs"]["fold"]
        changes: dict[str, Callable[[], object]] = {
            "model": lambda: manifest["model"].update(name=parts["model"]),
            "source": lambda: [g.update(source=parts["source"]) for g in manifest["golden"]],
            "versions": lambda: manifest["versions"].update({"torch": parts["versions"]}),
            "description": lambda: fold.update(description=parts["description"]),
            "key": lambda: manifest["graphs"].update({parts["key"]: fold}),
            "names": lambda: [
                a.update(names=dict.fromkeys(a["names"], parts["names"])) for a in fold["artifacts"]
            ],
            "file": lambda: fold["artifacts"][0]["files"][0].update(file=parts["file"]),
        }
        for name in parts:
            changes[name]()

    return change


@pytest.fixture
def bundle_of_others(commands: Commands) -> Path:
    return Path(shutil.copytree(commands.bundle, "bundle", copy_function=share))


@pytest.mark.parametrize("value", [f"{COMMAND}\n;touch pwned\t{TITLE}", "a\nb", TITLE, "[/x]"])
def test_words_of_a_manifest(
    commands: Commands, native_phone: Phone, bundle_of_others: Path, value: str
):
    parts = ("model", "source", "versions", "description")
    edit_manifest(bundle_of_others, hurt(**dict.fromkeys(parts, value)))
    options = (*QUICK, "--serial", native_phone.serial, "--keys", commands.keys)
    for ran in (run("bench", bundle_of_others, *options), run("inspect", bundle_of_others)):
        assert ran.code == 0, ran.err
        check_harmless(ran, native_phone)


@pytest.mark.parametrize(
    "value", [COMMAND, ";touch pwned", "a\nb", "a\tb", TITLE, "", "../x", "\0"]
)
@pytest.mark.parametrize("part", ["key", "names", "file"])
def test_names_of_a_manifest_that_can_not_be(
    commands: Commands, native_phone: Phone, bundle_of_others: Path, part: str, value: str
):
    edit_manifest(bundle_of_others, hurt(**{part: value}))
    ran = run(
        *("bench", bundle_of_others, *QUICK),
        *("--serial", native_phone.serial, "--keys", commands.keys),
    )
    check_one_line(ran, 3, "bundle")
    check_harmless(ran, native_phone)
    assert [*native_phone.storage.iterdir()] == []


SERIALS = {
    "an option": "-x",
    "a command": ";reboot",
    "a substitution": "$(touch pwned):5555",
    "a path": "../../etc",
    "two lines": "a\nb",
    "two lines and a port": "a\nb:5555",
    "a port too large": "127.0.0.1:99999",
    "a port that is none": "[::1]:x",
    "a port of many digits": f"127.0.0.1:{'9' * 5000}",
    "a command behind a port": "127.0.0.1:5555;touch pwned",
    "no host": ":5555",
    "nothing": "",
    "a terminal's commands": TITLE,
    "a long one": "x" * 5000,
    "a long name of a host": f"{'x' * 300}:5555",
    "markup": "[red]x[/blue]",
}


@pytest.mark.parametrize("serial", SERIALS.values(), ids=SERIALS)
@pytest.mark.parametrize("command", ["bench", "parity", "devices", "doctor"])
def test_serials(
    commands: Commands, native_phone: Phone, monkeypatch, tmp_path: Path, command: str, serial: str
):
    monkeypatch.setenv("ADB_SERVER_SOCKET", f"localfilesystem:{tmp_path}/none")
    ran = commands.run(command, serial)
    check_one_line(ran, 5, ".")
    check_harmless(ran, native_phone)


def keys(kind: str, good: Path) -> Path:
    path = Path("key")
    makes: dict[str, Callable[[], object]] = {
        "nothing": lambda: None,
        "text": lambda: path.write_text("text\n"),
        "bytes": lambda: path.write_bytes(bytes(range(256)) * 8),
        "the public key": lambda: shutil.copy(f"{good}.pub", path),
        "a folder": path.mkdir,
        "a part of a key": lambda: path.write_bytes(good.read_bytes()[:500]),
        "what can't be read": lambda: path.symlink_to("/proc/self/mem"),
    }
    makes[kind]()
    return path


KEYS = {
    "nothing": "can't read the ADB key key: No such file",
    "a folder": "can't read the ADB key key: Is a directory",
    "what can't be read": "can't read the ADB key key: Input/output error",
    **dict.fromkeys(
        ("text", "bytes", "the public key", "a part of a key"), "key is not an ADB key: expected"
    ),
}


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("command", ["bench", "devices"])
def test_keys(commands: Commands, native_phone: Phone, command: str, kind: str):
    ran = commands.run(command, native_phone.serial, "--keys", keys(kind, commands.keys))
    check_one_line(ran, 5, KEYS[kind])
    assert [*native_phone.storage.iterdir()] == []


CORES = [
    "huge",
    "99",
    "-1",
    "1e0",
    "0x1",
    "\uff11",
    "prime ",
    "0\n0",
    "0;touch pwned",
    "9" * 5000,
    TITLE,
]


def test_a_core_of_this_machine_with_many_digits(commands: Commands):
    ran = run("bench", commands.bundle, "--core", "9" * 5000)
    check_one_line(ran, 2, "is no core of this machine: expected a number")


@pytest.mark.parametrize(
    ("command", "core"), [*product(["bench"], CORES), ("parity", "huge"), ("parity", TITLE)]
)
def test_cores(commands: Commands, native_phone: Phone, command: str, core: str):
    ran = commands.run(command, native_phone.serial, "--core", core)
    check_one_line(ran, 5, "; choose one of prime")
    check_harmless(ran, native_phone)
    stored(native_phone)


def test_a_core_that_is_off(commands: Commands, phone_with: PhoneWith):
    phone = phone_with(cores=1)
    of_this_machine(phone)
    ran = commands.run("bench", phone.serial, "--core", 7)
    check_one_line(ran, 5, "has no core '7'; choose one of .* 7 off")
    stored(phone)


PROGRAMS: dict[str, tuple[Callable[[Path], object], int]] = {
    "a folder": (Path.mkdir, 2),
    "text": (lambda path: path.write_text(f"{COMMAND}{TITLE}"), 4),
    "a pipe": (os.mkfifo, 4),
    "a device": (lambda path: path.symlink_to("/dev/zero"), 4),
    "for another machine": (lambda path: path.write_bytes(elf(X86_64)), 4),
}


@pytest.mark.parametrize(("make", "code"), PROGRAMS.values(), ids=PROGRAMS)
def test_programs(commands: Commands, native_phone: Phone, make, code: int):
    path = Path(f"TNNTest {TITLE}")
    make(path)
    ran = commands.run("bench", native_phone.serial, "--tnn-test", path)
    check_one_line(ran, code, "TNNTest")
    check_harmless(ran, native_phone)
    assert [*native_phone.storage.iterdir()] == []


def test_a_result_that_has_no_room(commands: Commands, native_phone: Phone):
    Path("disk").mkdir()
    with full_disk(Path("disk"), 4):
        ran = commands.run("bench", native_phone.serial, "-o", "disk/result.json")
        check_one_line(ran, 3, "No space left on device")
        assert [*Path("disk").iterdir()] == []
    assert stored(native_phone)


def test_a_result_in_a_folder_that_is_not_there(commands: Commands, native_phone: Phone):
    ran = commands.run("bench", native_phone.serial, "-o", "nosuch/result.json")
    check_one_line(ran, 2, "there is no folder nosuch")
    assert [*native_phone.storage.iterdir()] == []


@pytest.mark.parametrize("command", ["bench", "devices", "doctor", "parity"])
def test_a_phone_whose_answers_are_hostile(
    commands: Commands, phone_with: PhoneWith, tmp_path: Path, monkeypatch, command: str
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    phone = phone_with()
    of_this_machine(phone)
    hostile = f"{COMMAND}[red]x[/blue]{TITLE}"
    names = ("product.manufacturer", "product.model", "soc.model", "build.version.release")
    for name in names:
        phone.set_property(f"ro.{name}", hostile)
    for core in phone.sysfs.glob(f"{CPU}/cpu*/cpufreq"):
        put(core / "scaling_governor", hostile)
    put(phone.sysfs / "class/thermal/thermal_zone0/type", f"cpu{hostile}")
    ran = commands.run(command, phone.serial)
    assert ran.code == (1 if command == "doctor" else 0), ran.err
    check_harmless(ran, phone)
