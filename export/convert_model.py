"""Any ONNX model as ncnn or TNN files, run beside ONNX Runtime before they are handed over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
from numpy.typing import NDArray

from export.errors import ConversionError, first_line
from export.free_sides import sides
from export.manifest import MANIFEST_NAME, FileRef, Format, Precision, digest, file_ref
from export.ncnn_net import NcnnNet
from export.onnx_tensors import Arrays, onnx_session, run_onnx
from export.simplify import simplify
from export.staging import staged_folder
from export.to_ncnn import to_ncnn, without_batch

SCHEMA_VERSION = 1
# Of the largest value. Networks of others are deeper, and some end in a sum of many small numbers:
# 2e-4 was seen between two float32 runtimes; a wrong layer gives 1e-2 and more.
LIMITS: dict[Precision, float] = {"fp32": 1e-3, "fp16-storage": 5e-2}
Shapes = Mapping[str, Sequence[int]]
Picture = Callable[[int, int], NDArray[Any]]  # height, width -> [1, 3, height, width] float32


def draw_picture(height: int, width: int) -> NDArray[Any]:
    """Noise; a caller that has a photograph should give it: networks make little of noise."""
    return np.random.default_rng(0).standard_normal((1, 3, height, width)).astype(np.float32)


@dataclass(frozen=True)
class Output:
    """How far an output of the files is from ONNX Runtime's."""

    name: str
    shape: tuple[int, ...]
    relative: float  # max |a - b| / max |b|


@dataclass(frozen=True)
class Conversion:
    """What `manifest.json` beside the files says."""

    schema_version: int
    source: str  # the ONNX file's name
    source_sha256: str
    format: Format
    precision: Precision
    files: tuple[FileRef, ...]  # ncnn: .param, .bin; tnn: .tnnproto, .tnnmodel
    inputs: dict[str, tuple[int, ...]]  # by the ONNX file's names
    names: dict[str, str]  # the ONNX file's inputs and outputs -> names in the files
    outputs: tuple[Output, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class Written:
    """Files in a folder, and a way to run them by the ONNX model's names."""

    paths: tuple[Path, Path]
    names: dict[str, str]
    run: Callable[[Arrays], Arrays]


def convert_model(
    path: Path,
    target: Path,
    kind: Format,
    precision: Precision = "fp32",
    *,
    shapes: Shapes | None = None,
    feed: Arrays | None = None,
    picture: Picture = draw_picture,
    overwrite: bool = False,
) -> Conversion:
    """Writes the files and what is known about them to the folder `target`, whole or not at all.

    `shapes` are those of inputs with free sides, `feed` what to compare on; where it is not given,
    `picture` makes inputs that look like one, and others are drawn. Raises ConversionError,
    OutputExistsError.
    """
    model = load_onnx(path)
    given = given_shapes(model, shapes or {}, feed or {})
    fixed = simplify(model, given)
    fed = {**draw_inputs(fixed, given, picture), **(feed or {})}
    wanted = run_onnx(onnx_session(fixed.SerializeToString()), fed)
    with staged_folder(target, overwrite) as root:
        written = WRITERS[kind](root, path.stem, fixed, fed, precision)
        outputs = compare(written.run(fed), wanted, precision)
        refs = tuple(file_ref(root, file) for file in written.paths)
        conversion = Conversion(
            SCHEMA_VERSION,
            path.name,
            digest(path),
            kind,
            precision,
            refs,
            {name: tuple(array.shape) for name, array in fed.items()},
            written.names,
            outputs,
            {tool: version(tool) for tool in TOOLS[kind]},
        )
        encoded = msgspec.json.format(msgspec.json.encode(conversion), indent=2)
        (root / MANIFEST_NAME).write_bytes(encoded + b"\n")
    return conversion


def load_onnx(path: Path) -> onnx.ModelProto:
    """Raises ConversionError where there is no file, or it is not a valid model."""
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except OSError as error:
        raise ConversionError(f"can't read {path}: {error.strerror or error}") from error
    except Exception as error:  # protobuf's and onnx' errors share no base class
        raise ConversionError(f"{path} is not a valid ONNX model: {first_line(error)}") from error
    return model


def given_shapes(model: onnx.ModelProto, shapes: Shapes, feed: Arrays) -> dict[str, list[int]]:
    """Each input's shape as numbers. Raises ConversionError for one that stays free or is odd."""
    weights = {weight.name for weight in model.graph.initializer}
    inputs = {v.name: v for v in model.graph.input if v.name not in weights}
    if unknown := [name for name in (*shapes, *feed) if name not in inputs]:
        raise ConversionError(f"no input {unknown[0]!r}: the model has {', '.join(inputs)}")
    wanted = {**shapes, **{name: array.shape for name, array in feed.items()}}
    if other := [name for name in shapes if (*shapes[name],) != wanted[name]]:
        asked, got = ("x".join(map(str, s[other[0]])) for s in (shapes, wanted))
        raise ConversionError(f"input {other[0]!r} was to be {asked}, but its array is {got}")
    return {name: shape_of(value, wanted.get(name)) for name, value in inputs.items()}


def shape_of(value: onnx.ValueInfoProto, wanted: Sequence[int] | None) -> list[int]:
    own = [dim.dim_value if dim.dim_value > 0 else None for dim in sides(value)]
    shape = list(own if wanted is None else wanted)
    shown = "x".join(str(side or "?") for side in own)
    if len(shape) != len(own) or any(
        o is not None and s != o for s, o in zip(shape, own, strict=True)
    ):
        raise ConversionError(
            f"input {value.name!r} has the shape {shown}, got {'x'.join(map(str, shape))}"
        )
    known = [side for side in shape if side is not None]
    if len(known) != len(shape):
        raise ConversionError(
            f"input {value.name!r} has the shape {shown}: give its free sides, as "
            f"--shape {value.name}={'x'.join(str(side or 1) for side in own)}"
        )
    return known


def draw_inputs(
    model: onnx.ModelProto, shapes: Mapping[str, Sequence[int]], picture: Picture
) -> Arrays:
    """An array for every input: a picture where it has the shape of one, else drawn numbers.

    These are normal ones, or 0 to 255 where the input takes integers.
    """
    generator = np.random.default_rng(0)
    kinds = {
        v.name: onnx.helper.tensor_dtype_to_np_dtype(v.type.tensor_type.elem_type)
        for v in model.graph.input
    }
    return {
        name: (
            picture(shape[2], shape[3])
            if kinds[name] == np.float32 and len(shape) == 4 and [*shape[:2]] == [1, 3]
            else generator.standard_normal(shape)
            if np.issubdtype(kinds[name], np.floating)
            else generator.integers(0, 256, shape)
        ).astype(kinds[name])
        for name, shape in shapes.items()
        if name in kinds
    }


def compare(got: Arrays, wanted: Arrays, precision: Precision) -> tuple[Output, ...]:
    """Raises ConversionError where an output is further away than the precision explains."""
    outputs = tuple(
        Output(name, array.shape, relative_error(got[name], array))
        for name, array in wanted.items()
    )
    limit = LIMITS[precision]
    for output in outputs:
        if not output.relative <= limit:
            raise ConversionError(
                f"the output {output.name!r} differs from ONNX Runtime by {output.relative:.1e} of "
                f"the largest value, expected at most {limit:.0e}: nothing was written"
            )
    return outputs


def relative_error(got: NDArray[Any], wanted: NDArray[Any]) -> float:
    if got.size != wanted.size:
        return float("inf")
    a, b = got.reshape(wanted.shape).astype(np.float64), wanted.astype(np.float64)
    largest = max(float(np.abs(b).max(initial=0)), 1e-30)
    return float(np.abs(a - b).max(initial=0) / largest)


def write_ncnn(
    root: Path, stem: str, model: onnx.ModelProto, feed: Arrays, precision: Precision
) -> Written:
    files = to_ncnn(model, feed, half=precision == "fp16-storage")
    paths = root / f"{stem}.param", root / f"{stem}.bin"
    paths[0].write_text(files.param)
    stored = files.weights if files.half_weights is None else files.half_weights
    paths[1].write_bytes(stored)
    net = NcnnNet(*paths, precision)
    outputs = {output.name: files.names[output.name] for output in model.graph.output}

    def run(inputs: Arrays) -> Arrays:
        fed = {
            files.names[name]: without_batch(array)
            for name, array in inputs.items()
            if name in files.names
        }
        values = net.run(fed, [*outputs.values()])
        return {name: values[blob] for name, blob in outputs.items()}

    return Written(paths, files.names, run)


def write_tnn(
    root: Path, stem: str, model: onnx.ModelProto, feed: Arrays, precision: Precision
) -> Written:
    from export.to_tnn.convert import convert
    from export.to_tnn.format import halve, read_net, write_net
    from export.to_tnn.interpreter import Interpreter

    converted = convert(model)
    paths = root / f"{stem}.tnnproto", root / f"{stem}.tnnmodel"
    net = halve(converted.net) if precision == "fp16-storage" else converted.net
    write_net(net, *paths)
    interpreter = Interpreter(read_net(*paths))
    dtypes = {given.name: given.dtype for given in net.inputs}

    def run(inputs: Arrays) -> Arrays:
        blobs = {converted.names[n]: a for n, a in inputs.items() if n in converted.names}
        values = interpreter.run({b: a.astype(dtypes[b], copy=False) for b, a in blobs.items()})
        return {output.name: values[converted.names[output.name]] for output in model.graph.output}

    return Written(paths, converted.names, run)


WRITERS: dict[Format, Callable[..., Written]] = {"ncnn": write_ncnn, "tnn": write_tnn}
TOOLS: dict[Format, tuple[str, ...]] = {
    "ncnn": ("mobileinst-deploy", "onnx", "onnxruntime", "pnnx", "ncnn"),
    "tnn": ("mobileinst-deploy", "onnx", "onnxruntime", "onnxsim"),
}
