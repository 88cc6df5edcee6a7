"""`mobileinst runner`: the program that runs graphs on a phone, built without the NDK."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.output import check_output, format_option, stdout_console

if TYPE_CHECKING:
    from android_bench.building import Runner

# As in android_bench.building.TARGETS, with what to do next.
NEXT = {
    "aarch64-android": "mobileinst bench BUNDLE --serial SERIAL",
    "x86_64-linux": "mobileinst bench BUNDLE --device host",
}


@click.group()
def runner() -> None:
    """Build the program that runs a bundle's ncnn graphs on a phone.

    \b
    Example:
      mobileinst runner build
    """


@runner.command()
@click.option(
    "--target",
    type=click.Choice([*NEXT]),
    default="aarch64-android",
    show_default=True,
    help="The machine to build for.",
)
@click.option(
    "--ndk",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Your Android NDK, instead of zig.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A copy of the program; it stays in the cache folder too.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file that --output names.")
@format_option
def build(
    target: str, ndk: Path | None, output: Path | None, overwrite: bool, output_format: str
) -> None:
    """Build ncnn and the runner, some minutes the first time and nothing after that.

    Compiler, cmake and ninja come from pip install 'mobileinst-deploy[runner]', ncnn's source from
    the same index. One program fits every phone with an ARMv8 core: it chooses its kernels when it
    starts. `bench --serial` builds it by itself where it is missing.

    \b
    Example:
      mobileinst runner build --target aarch64-android -o out/mobileinst-runner
    """
    from android_bench.building import build_runner
    from android_bench.files import replace_file
    from mobileinst_deploy.cli.progress import fraction

    check_output(output, overwrite)
    with fraction(f"runner for {target}") as progress:
        built = build_runner(target, ndk, progress)
    if output:
        replace_file(output, built.path.read_bytes(), mode=0o755)
    PRINTERS[output_format](built)
    click.echo(f"Next: {NEXT[target]}", err=True)


def print_table(built: "Runner") -> None:
    from rich.table import Table

    table = Table(title=f"Runner for {built.target}", show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in rows(built).items():
        table.add_row(name, value)
    stdout_console().print(table)


def rows(built: "Runner") -> dict[str, str]:
    took = f"{built.seconds:.0f} s"
    return {
        "program": str(built.path),
        "size": f"{built.bytes / 2**20:.1f} MiB",
        "sha256": built.sha256,
        "ncnn": built.ncnn_version,
        "toolchain": built.toolchain,
        "build": f"from the cache; it took {took} then" if built.from_cache else took,
    }


def print_json(built: "Runner") -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(built, enc_hook=str), indent=2))


PRINTERS = {"table": print_table, "json": print_json}
