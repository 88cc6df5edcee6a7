"""`mobileinst export`: a network becomes a bundle."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import note, stdout_console

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from export.formats import Formats
    from export.manifest import Bundle, Format, Precision
    from mobileinst_deploy.trained import NamedNetwork
    from models.preprocessing import ResizeRule


# Options that say something about some architectures only.
OF_ARCHITECTURES = {
    "kernels": ("mobileinst",),
    "literal": ("mobileinst",),
    "instances": ("condinst", "crossvis", "solov2"),
}


class Size(click.ParamType[tuple[int, int]]):
    """HxW, height first, as 320x640."""

    name = "HxW"
    largest = 4096

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"([0-9]{1,4})[xX]([0-9]{1,4})", str(value))
        if not match or not all(1 <= int(side) <= self.largest for side in match.groups()):
            wanted = f"height x width, each from 1 to {self.largest}, as 320x640"
            self.fail(f"{value!r} is no size: expected {wanted}", param, ctx)
        return int(match[1]), int(match[2])


class Kernels(click.ParamType[int | str]):
    """A number of live kernels, or "dynamic"."""

    name = "N|dynamic"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        if value == "dynamic" or isinstance(value, int):
            return value
        if not re.fullmatch(r"[1-9][0-9]{0,3}", str(value)):
            self.fail(f"{value!r} is neither a number from 1 on nor 'dynamic'", param, ctx)
        return int(str(value))


class Names(click.ParamType[tuple[str, ...]]):
    """Names out of a few, with commas between."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(str(value).split(",")))
        for name in names:
            if name not in self.known:
                known = ", ".join(self.known)
                self.fail(f"unknown {self.name.lower()} {name!r}: known are {known}", param, ctx)
        return names


def complete_models(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    from models.trained import trained_runs
    from models.zoo import ZOO

    names = [*trained_runs(), *ZOO]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("model", shell_complete=complete_models)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="The bundle's folder.",
)
@click.option(
    "--size",
    type=Size(),
    show_default="320x640; a run's own",
    help="The network's input size, multiples of 32.",
)
@click.option(
    "--weights",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A safetensors state dict, in the place of a run's own. For a name without it weights are "
    "drawn from --seed: timings and parity mean something then, masks do not.",
)
@click.option(
    "--kernels",
    type=Kernels(),
    default="10",
    show_default=True,
    help="Live kernels n of MobileInst's reuse graphs; 'dynamic' leaves n free.",
)
@click.option(
    "--instances",
    type=click.IntRange(1, 4096),
    default=100,
    show_default=True,
    help="Instances of the graph 'masks', which CondInst, CrossVIS and SOLOv2 have.",
)
@click.option(
    "--targets",
    type=Names("TARGET", ("onnx", "ncnn", "tnn")),
    show_default="onnx,ncnn,tnn; onnx,tnn with --bake",
    help="File formats to write, with commas between; ONNX is always among them.",
)
@click.option(
    "--precisions",
    type=Names("PRECISION", ("fp32", "fp16-storage", "fp16", "int8")),
    show_default="fp32,fp16-storage",
    help="fp16-storage: weights kept as float16 (ncnn, tnn); fp16: with layers that need float32 "
    "marked (ncnn); int8: the backbone's convolutions (onnx). fp32 is always among them.",
)
@click.option("--literal", is_flag=True, help="Add MobileInst's literal keyframe graph.")
@click.option(
    "--bake",
    is_flag=True,
    help="Bake preprocessing into the graphs: they take the uint8 RGB picture.",
)
@click.option(
    "--source-size",
    type=Size(),
    help="The picture's size for --bake; the network's own size if not given.",
)
@click.option(
    "--resize",
    type=click.Choice(["letterbox", "stretch"]),
    show_default="letterbox; a run's own",
    help="How a picture of another shape is made to fit.",
)
@click.option(
    "--opset",
    type=click.IntRange(18, 23),
    default=18,
    show_default=True,
    help="The ONNX operator set.",
)
@click.option(
    "--video",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take golden frames from this video, not from the packaged photographs.",
)
@click.option(
    "--frames",
    type=click.IntRange(1, 16),
    default=4,
    show_default=True,
    help="How many golden frames (at most 4 without --video).",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="For drawn weights.",
)
@click.option("--overwrite", is_flag=True, help="Replace a bundle that is there.")
def export(
    model: str,
    output: Path,
    size: tuple[int, int] | None,
    weights: Path | None,
    kernels: int | str,
    instances: int,
    targets: "tuple[Format, ...] | None",
    precisions: "tuple[Precision, ...] | None",
    literal: bool,
    bake: bool,
    source_size: tuple[int, int] | None,
    resize: "ResizeRule | None",
    opset: int,
    video: Path | None,
    frames: int,
    seed: int,
    overwrite: bool,
) -> None:
    """Export MODEL as a bundle: ONNX, ncnn and TNN graphs, run and compared, with a manifest.

    MODEL is a name that `mobileinst models` lists, or the folder of a run of `mobileinst train`,
    which says what network, weights, input and categories it has; so does a network that comes
    trained. The bundle appears whole or not
    at all. Only MobileInst has reuse graphs; of the networks that it is compared with every frame
    is a keyframe.

    \b
    Examples:
      mobileinst export mobileinst-emoji -o out/emoji
      mobileinst export mobileinst-topformer-b -o out/base --weights base.safetensors
      mobileinst export mobileinst-seaformer-b -o out/sea --size 384x640 --kernels dynamic
      mobileinst export runs/shapes -o out/shapes
      mobileinst export condinst-topformer-b -o out/condinst --instances 50
    """
    from export.graphs import GraphOptions
    from mobileinst_deploy.cli.progress import steps
    from mobileinst_deploy.exporting import ExportWishes, export_model
    from mobileinst_deploy.trained import find_network

    if source_size and not bake:
        raise click.UsageError("--source-size goes with --bake")
    formats = choose_formats(targets, precisions, bake)
    network = find_network(model, weights, size, resize)
    check_meant(network)
    preprocessing = network.preprocessing
    options = GraphOptions(
        preprocessing,
        kernels if isinstance(kernels, int) else None,
        (source_size or (preprocessing.height, preprocessing.width)) if bake else None,
        literal,
        instances,
    )
    wishes = ExportWishes(network, output, options, opset, formats, seed, video, frames, overwrite)
    with steps("export") as step:
        bundle = export_model(wishes, step)
    report(bundle)


def check_meant(network: "NamedNetwork") -> None:
    """Raises UsageError for an option that says nothing about such a network."""
    from models.zoo import architecture_of

    context, architecture = click.get_current_context(), architecture_of(network.config)
    for name, meant in OF_ARCHITECTURES.items():
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and architecture not in meant:
            raise click.UsageError(
                f"--{name} says nothing about {network.name}: it goes with {', '.join(meant)}"
            )


def choose_formats(
    targets: "tuple[Format, ...] | None", precisions: "tuple[Precision, ...] | None", bake: bool
) -> "Formats":
    """Raises UsageError for a precision that none of the formats has, and for ncnn with --bake."""
    from export.formats import FORMAT_PRECISIONS, FORMATS, PHONE_PRECISIONS, Formats

    # ncnn takes float32 alone, and makes it from pixels by itself.
    if bake and targets and "ncnn" in targets:
        raise click.UsageError(
            "ncnn takes float32 alone: export it without --bake, and let "
            "ncnn::Mat::from_pixels_resize and substract_mean_normalize make the image"
        )
    usual = tuple(kind for kind in FORMATS if not (bake and kind == "ncnn"))
    formats = Formats(targets or usual, precisions or PHONE_PRECISIONS)
    for precision in precisions or ():
        having = [kind for kind in FORMATS if precision in FORMAT_PRECISIONS[kind]]
        if not {"onnx", *formats.targets} & {*having}:
            raise click.UsageError(f"{precision} needs --targets {' or '.join(having)}")
    return formats


def report(bundle: "Bundle") -> None:
    from mobileinst_deploy.inspection import graph_table, size_table

    stdout_console().print(graph_table(bundle), size_table(bundle))
    if bundle.manifest.model.weights.source_sha256 is None:
        note(
            "Note: no --weights were given, so the weights are drawn and the batch norms "
            "calibrated: latency and parity mean something, masks do not."
        )
    note(f"Next: {shlex.join(['mobileinst', 'parity', str(bundle.path)])}")
