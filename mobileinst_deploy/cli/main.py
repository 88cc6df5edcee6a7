"""The `mobileinst` command: verbs are loaded when they are called, so that --help is quick."""

import importlib
import sys
from importlib.metadata import version

import click

from mobileinst_deploy.cli.output import note
from mobileinst_deploy.cli.stopping import stoppable
from mobileinst_deploy.errors import exit_code

# In the order of the work, as --help lists them.
COMMANDS = {
    "models": "List the networks; count their MACs.",
    "export": "Turn a network into a bundle of ONNX, ncnn and TNN graphs.",
    "convert": "Turn any ONNX model into ncnn or TNN files.",
    "inspect": "Verify a bundle and show what is in it.",
    "parity": "Prove that a bundle computes what PyTorch computes.",
    "ranges": "Find the tensors that float16 can't hold.",
    "runner": "Build the program that runs graphs on a phone.",
    "bench": "Measure a bundle's latency on one core.",
    "bundle": "Pack a bundle for a device farm: one zip, one script.",
    "summarise": "Turn what a device farm measured into a result of bench.",
    "compare": "Compare two results of bench: is anything slower?",
    "reproduce": "Measure the rows of the paper's tables again.",
    "estimate": "Bound a bundle's latency from below, from a device's numbers.",
    "preview": "Draw a bundle's masks over frames of a video.",
    "track": "Follow the objects of a video, a folder of pictures or a webcam.",
    "curve": "Latency and quality over the keyframe interval.",
    "eval": "Score a bundle, or results, against ground truth.",
    "report": "Show results as one page: pictures, tables, conditions.",
    "train": "Train a network on COCO's or YouTube-VIS's layout.",
    "synthesise": "Make clips with exact masks and identities, to test and train on.",
    "devices": "List the phones that can be reached.",
    "doctor": "Show versions, and what is missing for which command.",
}
OURS = ("models", "export", "android_bench", "mobileinst_deploy")


class LazyGroup(click.Group):
    """A group whose commands live in modules of their names beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"mobileinst_deploy.cli.{cmd_name}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(version("mobileinst-deploy"), prog_name="mobileinst")
@click.pass_context
def cli(context: click.Context) -> None:
    """Take MobileInst, video instance segmentation on the mobile, from PyTorch to a phone.

    \b
    Example: export the base model, prove it, measure it.
      mobileinst export mobileinst-topformer-b -o out/base
      mobileinst parity out/base
      mobileinst bench out/base

    Results go to stdout, everything else to stderr. Exit codes: 0 ok, 1 the answer is no, 2 usage,
    3 load or conversion failed, 4 run failed, 5 device absent or unfit.

    \b
    Shell completion: eval "$(_MOBILEINST_COMPLETE=bash_source mobileinst)"
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> None:
    run(cli)


def run(command: click.Command) -> None:
    """Ends the process with the command's exit code, and one line where it fails."""
    try:
        with stoppable():
            check_encoding(sys.argv[1:])
            code = command(standalone_mode=False)
    except click.UsageError as error:
        hint = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        report(f"{error.format_message()}{hint}")
        code = error.exit_code
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OURS:
            raise
        report(
            f"this command needs {error.name}, which is not installed; "
            "'mobileinst doctor' says what is missing and how to get it"
        )
        code = 3
    except Exception as error:
        known = exit_code(error)
        if known is None:
            raise
        report(str(error))
        code = known
    sys.exit(code)


def check_encoding(arguments: list[str]) -> None:
    """Raises UsageError for a name that is not UTF-8: tables and JSON could not show it."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise click.UsageError(f"{argument!a} is not UTF-8: give it another name") from error


def report(message: str) -> None:
    """One line, also where a file's name has more."""
    note(f"Error: {' '.join(message.splitlines())}")
