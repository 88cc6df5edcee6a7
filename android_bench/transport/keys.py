"""The RSA key by which a phone knows this computer."""

import base64
import getpass
import os
import platform
import tempfile
from pathlib import Path

from adb_shell.auth.keygen import encode_pubkey, keygen
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from android_bench.errors import DeviceError

NAME = "adbkey"
BITS = 2048  # ANDROID_PUBKEY_MODULUS_SIZE of AOSP's libcrypto_utils, in bits


class Key:
    """Signs what adbd asks to be signed, as adb-shell's signers do, with nothing but the key."""

    def __init__(self, path: Path) -> None:
        """Raises DeviceError where the file is missing or is not a 2048 bit RSA key in PEM."""
        self.path = path
        self._key = read_key(path)
        public = base64.b64encode(encode_pubkey(str(path))).decode()
        self._public = f"{public} {owner()}"

    def Sign(self, data: bytes) -> bytes:
        """The signature of a token of 20 bytes, which adbd takes for a SHA-1 digest."""
        return self._key.sign(data, padding.PKCS1v15(), utils.Prehashed(hashes.SHA1()))

    def GetPublicKey(self) -> str:
        """As a line of the phone's adb_keys."""
        return self._public


def owner() -> str:
    """USER@HOST, which the phone's dialog shows."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        user = "unknown"
    return f"{user}@{platform.node() or 'unknown'}"


def read_key(path: Path) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise DeviceError(
            f"can't read the ADB key {path}: {error.strerror}; leave out --keys, and one is made"
        ) from error
    except (TypeError, ValueError) as error:
        raise DeviceError(
            f"{path} is not an ADB key: expected an RSA key in PEM without a passphrase, such as "
            "~/.android/adbkey"
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != BITS:
        raise DeviceError(
            f"{path} is not an ADB key: expected RSA of {BITS} bits; 'adb keygen FILE' makes one"
        )
    return key


def default_key() -> Path:
    """The key of the user's own adb; where there is none, one of ours, made if need be."""
    of_adb = Path.home() / ".android" / NAME
    return of_adb if of_adb.is_file() else made_key(config_folder() / NAME)


def config_folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "mobileinst-deploy"


def made_key(path: Path) -> Path:
    """Makes a key that nobody else can read at any moment, unless one is there.

    Raises DeviceError where it can't be kept there.
    """
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=path.parent) as private:  # its mode is 0700
            make_key(Path(private) / NAME, path)
    except OSError as error:
        raise DeviceError(
            f"can't keep an ADB key in {path.parent}: {error.strerror}; give one with --keys"
        ) from error
    return path


def make_key(private: Path, path: Path) -> None:
    keygen(str(private))
    private.chmod(0o600)
    try:
        os.link(private, path)
    except FileExistsError:  # another process was quicker
        return
    os.replace(f"{private}.pub", f"{path}.pub")
