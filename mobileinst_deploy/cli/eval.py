"""`mobileinst eval`: average precision against ground truth."""

from pathlib import Path
from typing import Any

import click

from mobileinst_deploy.cli.eval_options import asked_for, options_of_eval
from mobileinst_deploy.cli.output import check_output, format_option, note


@click.command()
@click.argument("bundle", required=False, type=click.Path(path_type=Path))
@options_of_eval
@click.option("--per-category", is_flag=True, help="Also a table with each category's AP.")
@format_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the scores, as JSON.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
def eval(
    bundle: Path | None,
    per_category: bool,
    output_format: str,
    output: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Score the graphs of BUNDLE, or a file of results, against ground truth.

    Of videos in YouTube-VIS's layout: every one is tracked, and the tracks give AP as its official
    evaluator has it. Of single pictures in COCO's: the keyframe graph's masks give COCO's mask AP.
    What runs is the artifact itself, in every runtime that is named.

    \b
    Example: what does ncnn lose against PyTorch, at two keyframe intervals?
      mobileinst eval out/base --ground-truth instances.json --pictures JPEGImages \\
        --runtime torch,ncnn -T 1,3 --max-drop 0.5
    Single pictures:
      mobileinst eval out/base --ground-truth instances_val2017.json --pictures val2017
    What another program found:
      mobileinst eval --results tracks.json --ground-truth instances.json
    """
    asked = asked_for(bundle, options)
    check_output(output, overwrite)
    from mobileinst_deploy.cli.eval_runs import has_dropped, run_eval, show
    from mobileinst_deploy.evaluation.report import save

    report = run_eval(bundle, asked)
    if output is not None:  # first, since printing fails where a pipe is closed
        save(report, output)
        note(f"Saved {output}")
    show(report, output_format, per_category)
    if has_dropped(report, asked.max_drop):
        raise SystemExit(1)
