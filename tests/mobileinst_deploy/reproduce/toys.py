"""Bundles that pass for the paper's networks, and whose graphs take microseconds."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from export.manifest import Bundle, open_bundle, write_manifest
from mobileinst_deploy.reproduce.choosing import choose_tables, models_of
from tests.mobileinst_deploy.toy_bundle import write_bundle

SIZE = "8x8"


def write_toy(folder: Path, model: str) -> Bundle:
    bundle = write_bundle(folder / model)
    named = replace(bundle.manifest.model, name=model)
    write_manifest(bundle.path, replace(bundle.manifest, model=named))
    return open_bundle(bundle.path)


def write_toys(folder: Path, numbers: Iterable[int]) -> dict[str, Bundle]:
    """Of every network of these tables, by model."""
    folder.mkdir()
    models = models_of(choose_tables([*numbers]))
    return {model: write_toy(folder, model) for model in models}
