"""Stands in for the loader, as a launcher before it: the job is done by the interpreter."""

import sys
from pathlib import Path

import numpy as np

from export.to_tnn.format import read_net
from export.to_tnn.interpreter import Interpreter


def main(folder: Path) -> None:
    job = [line.split(" ", 1) for line in (folder / "job.txt").read_text().splitlines()]
    said = dict(job)
    net = read_net(Path(said["proto"]), Path(said["model"]))
    dtypes = {given.name: given for given in net.inputs}
    names = [value for key, value in job if key == "input"]
    values = {name: read(folder / f"input{i}.bin", dtypes[name]) for i, name in enumerate(names)}
    asked = [value for key, value in job if key == "output"]
    got = Interpreter(net).run(values, asked)
    for index, name in enumerate(asked):
        got[name].astype("<f4").tofile(folder / f"output{index}.bin")
    shapes = (" ".join(map(str, got[name].shape)) for name in asked)
    (folder / "shapes.txt").write_text("".join(f"{shape}\n" for shape in shapes))


def read(path: Path, given):
    return np.fromfile(path, given.dtype).reshape(given.shape)


if __name__ == "__main__":
    main(Path(sys.argv[2]))  # behind the loader's own path
