"""Both files together: what is written comes back, and what is wrong is one clear line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.errors import TnnFormatError
from export.to_tnn.format import halve, read_net, write_net
from export.to_tnn.net import Resource, TnnNet
from tests.export.to_tnn.samples import assert_same, sample_net, weight


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "net.tnnproto", tmp_path / "net.tnnmodel"


def test_a_network_comes_back(paths: tuple[Path, Path]):
    write_net(sample_net(), *paths)
    assert_same(read_net(*paths), sample_net())


def test_files_come_back_byte_for_byte(paths: tuple[Path, Path], tmp_path: Path):
    write_net(sample_net(), *paths)
    again = (tmp_path / "again.tnnproto", tmp_path / "again.tnnmodel")
    write_net(read_net(*paths), *again)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


def test_nothing_is_written_where_half_of_it_does_not_fit(paths: tuple[Path, Path]):
    odd = replace(sample_net(), constants={"a": np.zeros(3)})
    with pytest.raises(TnnFormatError, match=r"constant 'a': expected one of float32, .*float64"):
        write_net(odd, *paths)
    assert not any(path.exists() for path in paths)


def test_the_file_that_is_wrong_is_named(paths: tuple[Path, Path], tmp_path: Path):
    write_net(sample_net(), *paths)
    with pytest.raises(TnnFormatError, match=r"net\.tnnproto: byte 4: .* the magic number"):
        read_net(paths[0], paths[0])
    with pytest.raises(TnnFormatError, match=r"net\.tnnmodel: expected UTF-8, got another byte at"):
        read_net(paths[1], paths[1])
    with pytest.raises(TnnFormatError, match=r"can't read .*nothing: No such file"):
        read_net(tmp_path / "nothing", paths[1])
    with pytest.raises(TnnFormatError, match=r"can't read .*: Is a directory"):
        read_net(paths[0], tmp_path)


def halved_dtypes(net: TnnNet) -> dict[str, list[str]]:
    return {r.layer: [a.dtype.name for a in r.arrays.values()] for r in halve(net).resources}


def test_half_precision_is_for_weights_alone():
    assert halved_dtypes(sample_net()) == {
        "conv": ["float16", "float16"],
        "bn": ["float32", "float32"],  # TNN has no float16 there
        "linear": ["float16"],
        "add": ["float16"],
        "pick": ["float32"],
    }
    assert halve(sample_net()).constants["scale"].dtype == np.float32


@pytest.mark.parametrize(
    ("largest", "dtype"), [(65504, "float16"), (65519, "float16"), (65520, "float32")]
)
def test_a_resource_beyond_half_precision_stays_as_it_is(largest: float, dtype: str):
    arrays = {"weight": weight(2, 1, 1, 1), "bias": np.array([1, largest], np.float32)}
    net = replace(sample_net(), resources=(Resource("Convolution", "conv", arrays),))
    assert halved_dtypes(net) == {"conv": [dtype, dtype]}


def test_infinity_is_within_half_precision():
    arrays = {"element": np.array([np.inf, -np.inf, np.nan, 1e-9], np.float32)}
    net = replace(sample_net(), resources=(Resource("Add", "add", arrays),))
    assert halved_dtypes(net) == {"add": ["float16"]}


def test_halving_rounds_and_does_it_once():
    once = halve(sample_net())
    assert_same(halve(once), once)
    exact = sample_net().resources[0].arrays["weight"]
    np.testing.assert_allclose(once.resources[0].arrays["weight"], exact, rtol=2**-11, atol=1e-7)
