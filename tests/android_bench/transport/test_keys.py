import os
import stat
import threading

import pytest
from adb_shell.auth.keygen import decode_pubkey
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from android_bench.errors import DeviceError
from android_bench.transport.keys import Key, default_key, made_key


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "home"


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_new_key_is_the_users_alone(home, tmp_path, umask):
    before = os.umask(umask)
    try:
        path = default_key()
    finally:
        os.umask(before)
    assert path == tmp_path / "config/mobileinst-deploy/adbkey"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert sorted(file.name for file in path.parent.iterdir()) == ["adbkey", "adbkey.pub"]
    assert default_key().read_bytes() == path.read_bytes()  # made once


def test_its_public_part(home):
    path = default_key()
    public = Key(path).GetPublicKey()
    decode_pubkey(public.split()[0])
    assert path.with_name("adbkey.pub").read_text().split()[0] == public.split()[0]


def test_the_key_of_the_users_adb_comes_first(home):
    of_adb = home / ".android/adbkey"
    made_key(of_adb)
    assert default_key() == of_adb


def test_two_make_a_key_at_once(tmp_path):
    path, found = tmp_path / "keys/adbkey", []
    threads = [
        threading.Thread(target=lambda: found.append(made_key(path).read_bytes())) for _ in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [path.read_bytes()] * 2
    public = path.with_name("adbkey.pub").read_text().split()[0]
    assert Key(path).GetPublicKey().split()[0] == public


def pem(key, password: bytes | None = None) -> bytes:
    cipher = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not an ADB key: expected an RSA key in PEM"),
        (b"\xff\x00 no key", "is not an ADB key: expected an RSA key in PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "expected RSA of 2048 bits"),
        (pem(rsa.generate_private_key(65537, 1024)), "expected RSA of 2048 bits"),
        (pem(rsa.generate_private_key(65537, 2048), b"secret"), "without a passphrase"),
    ],
    ids=["empty", "noise", "elliptic", "short", "locked"],
)
def test_files_that_are_no_keys(tmp_path, content, words):
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(DeviceError, match=words) as caught:
        Key(path)
    assert str(path) in str(caught.value)


def test_a_missing_key(tmp_path):
    with pytest.raises(DeviceError, match=r"missing: No such file or directory; leave out --keys"):
        Key(tmp_path / "missing")


def test_no_place_for_a_key(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DeviceError, match=r"can't keep an ADB key in .*/file: .*; give one with"):
        made_key(tmp_path / "file/adbkey")
