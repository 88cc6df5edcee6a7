"""`mobileinst synthesise`: clips with exact masks, to test and to train on."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mobileinst_deploy.cli.export import Size
from mobileinst_deploy.cli.output import format_option, note, stdout_console

if TYPE_CHECKING:
    from models.synthetic.seeds import Split


@click.command()
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="The data set's folder.",
)
@click.option(
    "--clips", type=click.IntRange(1, 99999), default=10, show_default=True, help="How many."
)
@click.option(
    "--frames",
    type=click.IntRange(1, 99999),
    default=12,
    show_default=True,
    help="Of each clip.",
)
@click.option(
    "--size",
    type=Size(),
    default="192x320",
    show_default=True,
    help="Of the pictures, each side from 32 on.",
)
@click.option(
    "--sprites",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Cut-outs of your own: a folder for each category, with RGBA pictures (.png, .webp). "
    "Without it, shapes are drawn.",
)
@click.option(
    "--backgrounds",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Photographs of your own (.jpg, .png, .webp). Without it, backgrounds are drawn.",
)
@click.option(
    "--split",
    type=click.Choice(["all", "train", "val"]),
    default="all",
    show_default=True,
    help="train and val share no sprite and no background.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="The same seed gives the same files.",
)
@click.option("--overwrite", is_flag=True, help="Replace a data set that is there.")
@format_option
def synthesise(
    output: Path,
    clips: int,
    frames: int,
    size: tuple[int, int],
    sprites: Path | None,
    backgrounds: Path | None,
    split: "Split",
    seed: int,
    overwrite: bool,
    output_format: str,
) -> None:
    """Make clips of moving things with exact masks and identities, in YouTube-VIS's layout.

    Pictures go to DIR/JPEGImages, tracks to DIR/instances.json, settings and licence to
    DIR/card.json. The folder appears whole or not at all.

    \b
    Examples:
      mobileinst synthesise -o shapes --clips 20 --frames 24 --size 360x640
      mobileinst synthesise -o train --sprites cutouts --backgrounds photos --split train
    """
    import msgspec

    from mobileinst_deploy.cli.progress import steps
    from mobileinst_deploy.synthesising import DatasetWishes, choose_settings, size_table
    from mobileinst_deploy.synthesising import synthesise as write

    try:
        settings = choose_settings(size, frames, split, sprites, backgrounds)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with steps("synthesise", clips) as step:
        written = write(DatasetWishes(output, clips, seed, settings, overwrite), step)
    if output_format == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(written), indent=2))
    else:
        stdout_console().print(size_table(written))
    first = str(output / "JPEGImages" / "00000")
    note(f"Next: {shlex.join(['mobileinst', 'track', 'BUNDLE', first, '-o', 'tracked.mp4'])}")
