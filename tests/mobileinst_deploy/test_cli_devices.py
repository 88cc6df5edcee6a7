import json
import re

import pytest

from tests.command import run
from tests.mobileinst_deploy.refusal import refused


@pytest.fixture(autouse=True)
def nobody_else(tmp_path, monkeypatch):
    """No adb server, and a user without a key."""
    monkeypatch.setenv("ADB_SERVER_SOCKET", f"localfilesystem:{tmp_path}/none")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_phone_in_a_row(phone):
    ran = run("devices", "--serial", phone.serial, "--keys", phone.keys)
    assert ran.code == 0, ran.err
    assert ran.err == f"Next: mobileinst doctor --serial {phone.serial}\n"
    words = " ".join(ran.out.split())
    for word in ("Snapdragon 778G", "SM7325", "arm64-v8a", "13", "emulated"):
        assert word in words


def test_json(phone):
    ran = run("devices", "--serial", phone.serial, "--keys", phone.keys, "--format", "json")
    [listed] = json.loads(ran.out)["devices"]
    assert (listed["serial"], listed["state"]) == (phone.serial, "ready")
    assert listed["facts"]["emulated"] is True
    assert 20 < listed["hottest_c"] < 60


def test_phones_that_an_adb_server_has(phone, monkeypatch):
    monkeypatch.setenv("ADB_SERVER_SOCKET", phone.witness.environment["ADB_SERVER_SOCKET"])
    phone.adb("get-state")
    ran = run("devices", "--format", "json")
    assert [phone.serial] == [listed["serial"] for listed in json.loads(ran.out)["devices"]]


def test_one_that_fails_does_not_lose_the_other(phone):
    with phone.proxy("refuse") as other:
        serials = ("--serial", other, "--serial", phone.serial)
        ran = run("devices", *serials, "--keys", phone.keys, "--format", "json")
    assert ran.code == 0
    failed, good = json.loads(ran.out)["devices"]
    assert failed["state"].startswith(f"nobody listens at {other}: ")
    assert (failed["facts"], good["state"]) == (None, "ready")


def test_no_phone_that_can_be_worked_with(unauthorised, monkeypatch):
    monkeypatch.setattr("android_bench.transport.connect.__defaults__", (None, 0.5))
    ran = run("devices", "--serial", unauthorised.serial, "--keys", unauthorised.keys)
    assert (ran.code, ran.out) == (5, "")
    assert re.fullmatch(rf"{unauthorised.serial} .* yet \(unauthorised\): [^\n]*\n", ran.err)


def test_a_hostile_name_is_only_shown(phone):
    phone.set_property("ro.product.model", "[red]x[/red]\x1b[31m$(touch hostile)")
    ran = run("devices", "--serial", phone.serial, "--keys", phone.keys, "--format", "json")
    [listed] = json.loads(ran.out)["devices"]
    assert listed["facts"]["model"] == "[red]x[/red] [31m$(touch hostile)"
    assert "\x1b" not in run("devices", "--serial", phone.serial, "--keys", phone.keys).out


def test_clean(phone):
    old = phone.storage / "mobileinst-deploy/files"
    old.mkdir(parents=True)
    (old / "old").write_text("old")
    (phone.storage / "of others").write_text("stays")
    ran = run(
        *("devices", "--clean", "--serial", phone.serial, "--keys", phone.keys),
        *("--format", "json"),
    )
    assert json.loads(ran.out)["devices"][0]["state"] == "ready, cleaned"
    assert [path.name for path in phone.storage.iterdir()] == ["of others"]


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("devices", 5, "no phone found: plug one in"),
        ("doctor --serial 127.0.0.1:0", 5, "is no device: expected HOST:PORT"),
        ("doctor --serial 127.0.0.1:1 --keys missing", 5, "can't read the ADB key missing: No"),
        ("devices --serial", 2, "requires an argument"),
    ],
)
def test_refusals(command, code, says, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(command, code, says, capfd)


def test_doctor_finds_a_phone_fit(phone):
    ran = run("doctor", "--serial", phone.serial, "--keys", phone.keys)
    assert ran.code == 0, ran.out
    assert ran.out.endswith("this phone can be measured on\n")
    assert "storage, execute" in ran.out
    assert not list(phone.storage.iterdir())


def test_doctor_in_json_when_a_phone_is_not_fit(phone):
    phone.set_property("ro.product.cpu.abi", "armeabi-v7a")
    options = ("--keys", phone.keys, "--format", "json")
    ran = run("doctor", "--serial", phone.serial, *options)
    assert ran.code == 1
    said = json.loads(ran.out)
    assert said["fit"] is False
    assert [c["name"] for c in said["checks"] if c["verdict"] == "fail"] == ["ABI"]
