"""`mobileinst doctor`: whether this machine, or a phone, has what each command needs."""

from pathlib import Path

import click

from mobileinst_deploy.cli.devices import keys_option
from mobileinst_deploy.cli.output import format_option


@click.command()
@click.option(
    "--serial", metavar="SERIAL", help="Look at this phone: HOST:PORT, or a serial of USB."
)
@keys_option
@format_option
@click.pass_context
def doctor(
    context: click.Context, serial: str | None, keys: Path | None, output_format: str
) -> None:
    """Say what each command lacks here, and which installed packages are known to clash.

    Reads the packages' metadata, so it works where they are missing or broken. Exits with 0 when
    every command can be used, and with 1 when one can't or something is known to break.

    With --serial, say whether that phone is fit to measure on, and what to change; exits with 1
    where it is not, and with 5 where it can't be reached.

    \b
    Run it first on a new machine, and put its output into a bug report:
      mobileinst doctor
      mobileinst doctor --format json > doctor.json
    Before measuring:
      mobileinst doctor --serial 192.168.1.20:5555
    """
    text, healthy = look_here() if serial is None else look_at_phone(serial, keys)
    click.echo(text[output_format])
    context.exit(0 if healthy else 1)


def look_here() -> tuple[dict[str, str], bool]:
    from mobileinst_deploy.doctor import as_json, as_table, diagnose
    from mobileinst_deploy.environment import examine
    from mobileinst_deploy.known_versions import WATCHED

    diagnosis = diagnose(examine(WATCHED))
    return {"json": as_json(diagnosis), "table": as_table(diagnosis)}, diagnosis.usable


def look_at_phone(serial: str, keys: Path | None) -> tuple[dict[str, str], bool]:
    from mobileinst_deploy.fitness import as_json, as_text, examine_phone, is_fit
    from mobileinst_deploy.phone_checks import judge

    checks = judge(examine_phone(serial, keys))
    return {"json": as_json(serial, checks), "table": as_text(checks)}, is_fit(checks)
