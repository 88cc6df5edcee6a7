"""Changing a bundle so that only what a test is about is wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx

from export.manifest import MANIFEST_NAME, digest


def edit_manifest(bundle: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = bundle / MANIFEST_NAME
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def edit_onnx(bundle: Path, graph: str, change: Callable[[onnx.ModelProto], object]) -> None:
    """Changes a graph's file and writes its new hash into the manifest."""
    path = bundle / f"{graph}.onnx"
    model = onnx.load(path)
    change(model)
    onnx.save(model, path)
    rehash(bundle)


def rehash(bundle: Path) -> None:
    """Makes every hash and size of the manifest that of the file as it is."""

    def refresh(part: object) -> None:
        if isinstance(part, dict):
            if "sha256" in part and "file" in part:
                path = bundle / part["file"]
                part.update(sha256=digest(path), size=path.stat().st_size)
            for value in part.values():
                refresh(value)
        elif isinstance(part, list):
            for value in part:
                refresh(value)

    edit_manifest(bundle, refresh)
