"""`mobileinst track`: follow the objects of a video."""

from pathlib import Path
from typing import Any

import click

from mobileinst_deploy.cli.output import format_option
from mobileinst_deploy.cli.track_options import asked_for, options_of_track


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("source")
@options_of_track
@format_option
def track(
    bundle: Path,
    source: str,
    output: Path | None,
    results: Path | None,
    overwrite: bool,
    output_format: str,
    **options: Any,
) -> None:
    """Follow the objects of SOURCE with the graphs of BUNDLE: one identity, one colour.

    SOURCE is a video, a folder of pictures of one size, or a webcam's number, which Ctrl-C ends.
    Printed are the tracks and what a frame cost. Where a run is stopped or fails, the video keeps
    the frames that were done; the results of --json are written for a whole run alone.

    \b
    Example: a keyframe in 3 frames; the masks over the video, and as results.
      mobileinst track out/base street.mp4 -T 3 -o tracked.mp4 --json tracks.json
    Keyframes when they are needed, in ncnn, on core 1:
      mobileinst track out/base street.mp4 --adaptive 2:10 --runtime ncnn --core 1
    On a phone:
      mobileinst track out/base street.mp4 --serial 192.168.1.7:5555 -o tracked.mp4
    """
    from mobileinst_deploy.cli.track_files import Files, check_files, write_results
    from mobileinst_deploy.cli.track_runs import run_track, show

    asked, files = asked_for(options), Files(output, results)
    check_files(files, source, overwrite)
    report, result = run_track(bundle, source, asked, files)
    write_results(files.results, result)
    show(report, output_format)
