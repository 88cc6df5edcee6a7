"""`mobileinst devices`: the phones that can be reached."""

import shlex
from pathlib import Path

import click

from mobileinst_deploy.cli.output import format_option, note, stdout_console

serial_option = click.option(
    "--serial",
    "serials",
    metavar="SERIAL",
    multiple=True,
    help="Only this phone: HOST:PORT, or a serial of USB. Can be given several times.",
)
keys_option = click.option(
    "--keys",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The private RSA key that the phone knows; else adb's own, or one that is made.",
)


@click.command()
@serial_option
@keys_option
@click.option("--clean", is_flag=True, help="Remove what earlier runs left on them.")
@format_option
@click.pass_context
def devices(
    context: click.Context,
    serials: tuple[str, ...],
    keys: Path | None,
    clean: bool,
    output_format: str,
) -> None:
    """List the phones that an adb server knows, that are on USB, or that are given.

    What is wrong with one, unauthorised, offline or not there, is said in a line of its own. Exits
    with 5 when there is none that can be worked with.

    \b
    Examples:
      mobileinst devices
      mobileinst devices --serial 192.168.1.20:5555 --format json
      mobileinst devices --clean
    """
    from mobileinst_deploy.devices import as_json, as_table, list_phones, problems

    phones = list_phones(serials, keys, clean)
    ready = [phone.serial for phone in phones if phone.facts]
    if output_format == "json":
        click.echo(as_json(phones))
    elif ready:
        stdout_console().print(as_table(phones))
    for line in problems(phones):
        note(line)
    if ready:
        next_command = shlex.join(["mobileinst", "doctor", "--serial", ready[0]])
        note(f"Next: {next_command}")
    context.exit(0 if ready else 5)
