"""Names of runtimes as options have them."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from export.manifest import Bundle
    from mobileinst_deploy.runtimes.base import Runtime


def named(names: str, option: str) -> "tuple[Runtime, ...]":
    """With commas between. Raises BadParameter, which lists the known ones."""
    from mobileinst_deploy.runtimes import RUNTIMES

    asked = dict.fromkeys(names.split(","))
    if unknown := [name for name in asked if name not in RUNTIMES]:
        raise click.BadParameter(
            f"unknown runtime {unknown[0]!r}: known are {', '.join(RUNTIMES)}", param_hint=option
        )
    return tuple(RUNTIMES[name] for name in asked)


def measurable(names: str) -> "tuple[Runtime, ...]":
    """Raises BadParameter for one whose latency would mean nothing."""
    runtimes = named(names, "--runtime")
    for runtime in runtimes:
        if not runtime.measurable:
            raise click.BadParameter(
                f"{runtime.name} is there to compare numbers, its latency means nothing",
                param_hint="--runtime",
            )
    return runtimes


def comparable(bundle: "Bundle", names: str) -> "tuple[Runtime, ...]":
    """With "all": those that the bundle has files for, and that can be used here."""
    from mobileinst_deploy.runtimes import usable

    if names != "all":
        return named(names, "--runtimes")
    found, skipped = usable(bundle)
    for name, reason in skipped.items():
        click.echo(f"Skipped {name}: {reason}", err=True)
    return found
