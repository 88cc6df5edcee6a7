"""What `mobileinst bench` can be told, and which of it makes sense together."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

# Options that say nothing without --serial, or without another option.
FOR_PHONES = (
    *("max_temperature", "cool_down", "keys", "remove_files", "interval", "profile"),
    *("tnn_test", "tnn_lib", "tnn_runs", "tnn_warmup_runs"),
)
FOR_SCHEDULES = ("frames", "fps")


class Finite(click.FloatRange):
    """A number within limits, and never "nan", which is beyond none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail("nan is not a number", param, ctx)
        return number


@dataclass(frozen=True)
class Asked:
    """The options as they came; each is called as its flag."""

    runtime: str | None
    serials: tuple[str, ...]
    core: str
    warmup: int
    iterations: int
    graphs: str | None
    interval: int | None
    frames: int
    fps: float | None
    profile: bool
    max_temperature: float
    cool_down: float
    keys: Path | None
    remove_files: bool
    tnn_test: Path | None
    tnn_lib: tuple[Path, ...]
    tnn_runs: int
    tnn_warmup_runs: int


def all_of(*options: Decorator) -> Decorator:
    """In the order in which --help lists them."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


device_options = all_of(
    click.option(
        "--device",
        type=click.Choice(["host"]),
        help="host, which is this machine and the default; for a phone give --serial.",
    ),
    click.option(
        "--serial",
        "serials",
        multiple=True,
        metavar="SERIAL",
        help="A phone: HOST:PORT, or what 'mobileinst devices' lists. Several are measured at "
        "once, each into a result of its own.",
    ),
    click.option(
        "--runtime",
        show_default="onnxruntime; on a phone ncnn",
        help="What runs the graphs: onnxruntime[:int8], torch, ncnn[:fp16-storage|:fp16], and on a "
        "phone tnn[:fp16-storage|:fp16|:auto] with --tnn-test. On this machine ncnn is the native "
        "runner where it is built; ncnn-runner and ncnn-wheel insist on one. Several with commas "
        "between take turns; ratios are to the first one's keyframe graph.",
    ),
)

core_option = click.option(
    "--core",
    default="",
    show_default="the last one allowed; on a phone one of the fastest cluster",
    help="The core to measure on: its number, or on a phone prime, big or little.",
)

round_options = all_of(
    core_option,
    click.option(
        "--warmup",
        type=click.IntRange(min=0),
        default=10,
        show_default=True,
        help="Rounds before those that count.",
    ),
    click.option(
        "--iterations",
        type=click.IntRange(min=2),
        default=50,
        show_default=True,
        help="Rounds that count; every graph runs once a round.",
    ),
    click.option(
        "--graphs",
        metavar="NAME,NAME",
        help="Measure only these; the keyframe graph always comes along, for the ratios.",
    ),
)

waiting_options = all_of(
    click.option(
        "--max-temperature",
        metavar="C",
        type=Finite(min=0, max=150),
        default=45.0,
        show_default=True,
        help="Wait until the phone's CPU is no hotter.",
    ),
    click.option(
        "--cool-down",
        metavar="SECONDS",
        type=Finite(min=0, max=86400),
        default=300.0,
        show_default=True,
        help="But no longer than this; then measure, with a warning.",
    ),
)

keys_option = click.option(
    "--keys",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The private RSA key that the phone knows.",
)

phone_options = all_of(
    click.option(
        "--interval",
        metavar="T",
        type=click.IntRange(min=1),
        help="Also run frame after frame, one in T being a key frame.",
    ),
    click.option(
        "--frames",
        type=click.IntRange(min=2),
        default=120,
        show_default=True,
        help="Frames of that run.",
    ),
    click.option(
        "--fps",
        type=Finite(min=0.001, max=1e6),
        help="The camera's rate in it: frames come no faster, and deadlines are counted.",
    ),
    click.option("--profile", is_flag=True, help="Also time every layer."),
    waiting_options,
    keys_option,
    click.option(
        "--remove-files",
        is_flag=True,
        help="Leave nothing on the phone; else a second run need not push the files again.",
    ),
)


def asked_for(device: str | None, options: dict[str, Any]) -> Asked:
    """Raises UsageError where one option makes no sense without another."""
    context = click.get_current_context()
    asked = Asked(**options)

    def given(name: str) -> bool:
        return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE

    def refuse(names: tuple[str, ...], need: str) -> None:
        for name in filter(given, names):
            raise click.UsageError(f"--{name.replace('_', '-')} needs {need}", context)

    if asked.serials and device:
        raise click.UsageError("--device host and --serial exclude each other", context)
    if not asked.serials:
        refuse(FOR_PHONES, "a phone: give --serial")
    if asked.interval is None:
        refuse(FOR_SCHEDULES, "--interval")
    if len(set(asked.serials)) < len(asked.serials):
        raise click.UsageError("a serial is there twice", context)
    return asked
