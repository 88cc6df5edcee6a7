"""What a run of several networks hands over, from this machine or a phone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from android_bench.measurement.results import Measurement
from export.manifest import MANIFEST_NAME, digest
from mobileinst_deploy.reproduce.choosing import Network

POST = "post"  # in the place of a graph's name: what NumPy does behind the graphs
RUN_NAME = "paper-tables"  # in the place of a bundle's name


@dataclass(frozen=True)
class Measured:
    measurement: Measurement  # its graphs are called model/graph
    manifests: dict[str, str]  # sha256, by model
    failed: dict[str, str]  # why a network did not take part, by model


def digest_manifests(networks: Sequence[Network]) -> dict[str, str]:
    return {network.model: digest(network.bundle.path / MANIFEST_NAME) for network in networks}


def digest_all(manifests: dict[str, str]) -> str:
    """One sha256 for all of them."""
    return hashlib.sha256("".join(manifests.values()).encode()).hexdigest()
