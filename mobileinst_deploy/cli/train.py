"""`mobileinst train`: from a config to weights."""

from pathlib import Path

import click

from mobileinst_deploy.cli.output import format_option


@click.command()
@click.argument("config")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="The run's folder.",
)
@click.option("--resume", is_flag=True, help="Go on from the checkpoint in DIR.")
@click.option(
    "--data",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="What the paths in CONFIG are from, if not its own folder. A shipped config needs it.",
)
@click.option(
    "--weights",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Begin with these, whatever CONFIG says; if of other classes, without the class head.",
)
@format_option
def train(
    config: str,
    output: Path,
    resume: bool,
    data: Path | None,
    weights: Path | None,
    output_format: str,
) -> None:
    """Train the network that CONFIG describes, in DIR, which keeps everything.

    CONFIG is a TOML file, a run's config.json, or the name of a shipped one: coco and ytvis are the
    paper's two runs on the official layouts, emoji is a small one on the clips of
    scripts/training-data, shapes one on what `mobileinst synthesise` draws. DIR gets log.csv,
    checkpoints to go on from, and at the end weights.safetensors, which `export` takes.

    \b
    Examples:
      mobileinst synthesise -o shapes/train --clips 100
      mobileinst train shapes --data shapes -o runs/shapes
      mobileinst train ytvis --data datasets --weights coco.safetensors -o runs/ytvis
      torchrun --nproc_per_node 2 -m mobileinst_deploy train my.toml -o runs/mine
    """
    from mobileinst_deploy.cli.train_runs import run_training, show
    from mobileinst_deploy.training import TrainWishes
    from models.training.config import shipped_configs
    from models.training.processes import joined

    if data is None and config in shipped_configs():
        raise click.UsageError(
            f"{config} is a shipped config: say with --data where the pictures are",
            click.get_current_context(),
        )
    with joined() as processes:
        summary = run_training(TrainWishes(config, output, resume, data, weights), processes)
    if processes.first:
        show(summary, output_format)
