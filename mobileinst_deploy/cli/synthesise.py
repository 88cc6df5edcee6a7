"""`mobileinst synthesise`: clips with exact masks, to test and to train on."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobileinst_deploy.cli.export import Size
from mobileinst_deploy.cli.output import format_option, note, stdout_console

if TYPE_CHECKING:
    from models.synthetic.seeds import Split


class Range(click.ParamType[tuple[Any, Any]]):
    """Two numbers, as 2-6: from, to, both included."""

    name = "FROM-TO"

    def __init__(self, kind: type[int] | type[float]) -> None:
        self.kind = kind

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, Any]:
        first, _, last = str(value).partition("-")
        try:
            return self.kind(first), self.kind(last)
        except ValueError:
            self.fail(f"{value!r} is no range: expected two numbers, as 2-6", param, ctx)


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
    "--drawn",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    help="Share of the clips whose background is drawn although there are photographs.",
)
@click.option(
    "--actors",
    type=Range(int),
    default="1-6",
    show_default=True,
    help="How many things a clip has.",
)
@click.option(
    "--sizes",
    type=Range(float),
    default="0.15-0.65",
    show_default=True,
    help="Of the things, as shares of the picture's shorter side.",
)
@click.option(
    "--events",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Share of the things that cross another one, or leave and come back.",
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
    drawn: float,
    actors: tuple[int, int],
    sizes: tuple[float, float],
    events: float,
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
    from mobileinst_deploy.synthesising import DatasetWishes, SourceFolders, size_table
    from mobileinst_deploy.synthesising import synthesise as write
    from models.synthetic.random_scene import ClipSettings

    try:
        folders = SourceFolders(sprites, backgrounds, drawn)
        settings = ClipSettings(
            *size,
            frames,
            actors,
            sizes,
            events=events,
            split=split,
            sprites=folders.open_sprites(),
            backgrounds=folders.open_backgrounds(),
        )
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
