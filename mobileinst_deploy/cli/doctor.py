"""`mobileinst doctor`: whether this machine has what each command needs."""

import click

from mobileinst_deploy.cli.output import format_option


@click.command()
@format_option
@click.pass_context
def doctor(context: click.Context, output_format: str) -> None:
    """Say what each command lacks here, and which installed packages are known to clash.

    Reads the packages' metadata, so it works where they are missing or broken. Exits with 0 when
    every command can be used, and with 1 when one can't or something is known to break.

    \b
    Run it first on a new machine, and put its output into a bug report:
      mobileinst doctor
      mobileinst doctor --format json > doctor.json
    """
    from mobileinst_deploy.doctor import as_json, as_table, diagnose
    from mobileinst_deploy.environment import examine
    from mobileinst_deploy.known_versions import WATCHED

    diagnosis = diagnose(examine(WATCHED))
    click.echo(as_json(diagnosis) if output_format == "json" else as_table(diagnosis))
    context.exit(0 if diagnosis.usable else 1)
