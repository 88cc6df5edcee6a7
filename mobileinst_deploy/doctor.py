"""Whether an environment has what each command needs, judged by `known_versions`, and as text."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from mobileinst_deploy.environment import Environment, numbers
from mobileinst_deploy.known_versions import COMMANDS, KNOWN, PACKAGES, Severity


@dataclass(frozen=True)
class Finding:
    severity: Severity
    advice: str


@dataclass(frozen=True)
class PackageState:
    name: str
    installed: str | None
    tested: str
    status: str  # ok | missing | too old, expected >= …


@dataclass(frozen=True)
class CommandState:
    name: str
    lacks: tuple[str, ...]  # as pip takes them


@dataclass(frozen=True)
class Diagnosis:
    python: str
    platform: str
    cpu: str
    cores: int
    packages: tuple[PackageState, ...]
    commands: tuple[CommandState, ...]
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Every command has what it needs, and nothing is known to break."""
        lacking = any(command.lacks for command in self.commands)
        return not lacking and all(finding.severity == "note" for finding in self.findings)


def diagnose(environment: Environment) -> Diagnosis:
    states = {name: judge_package(environment, name) for name in PACKAGES}
    lacking = {name for name, state in states.items() if state.status != "ok"}
    return Diagnosis(
        environment.python,
        environment.platform,
        environment.cpu,
        environment.cores,
        tuple(states.values()),
        tuple(judge_command(name, lacking) for name in COMMANDS),
        tuple(
            Finding(fact.severity, fact.advice.format(environment))
            for fact in KNOWN
            if fact.applies(environment)
        ),
    )


def judge_package(environment: Environment, name: str) -> PackageState:
    package, versions = PACKAGES[name], environment.versions
    found = next((n for n in (name, *package.substitutes) if n in versions), None)
    if found is None:
        return PackageState(name, None, package.tested, "missing")
    is_old = numbers(versions[found]) < numbers(package.minimum)
    status = f"too old, expected >= {package.minimum}" if is_old else "ok"
    return PackageState(found, versions[found], package.tested, status)


def judge_command(name: str, lacking: set[str]) -> CommandState:
    lacks = (f"{need}>={PACKAGES[need].minimum}" for need in COMMANDS[name] if need in lacking)
    return CommandState(name, tuple(lacks))


def as_json(diagnosis: Diagnosis) -> str:
    return json.dumps({"usable": diagnosis.usable, **asdict(diagnosis)}, indent=2)


def as_table(diagnosis: Diagnosis) -> str:
    sections = (
        machine_lines(diagnosis),
        package_lines(diagnosis.packages),
        command_lines(diagnosis.commands),
        [f"{finding.severity}: {finding.advice}" for finding in diagnosis.findings],
        conclusion_lines(diagnosis),
    )
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def machine_lines(diagnosis: Diagnosis) -> list[str]:
    return align(
        ("python", diagnosis.python),
        ("platform", diagnosis.platform),
        ("cpu", diagnosis.cpu),
        ("cores to use", str(diagnosis.cores)),
    )


def package_lines(packages: Iterable[PackageState]) -> list[str]:
    rows = ((p.name, p.installed or "-", p.tested, p.status) for p in packages)
    return align(("package", "installed", "tested with", "status"), *rows)


def command_lines(commands: Iterable[CommandState]) -> list[str]:
    rows = ((c.name, f"needs {', '.join(c.lacks)}" if c.lacks else "ok") for c in commands)
    return align(("command", "status"), *rows)


def align(*rows: Sequence[str]) -> list[str]:
    """Columns as wide as their widest cell, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def conclusion_lines(diagnosis: Diagnosis) -> list[str]:
    if diagnosis.usable:
        return ["every command can be used", "next: mobileinst models"]
    lacks = sorted({need for command in diagnosis.commands for need in command.lacks})
    if not lacks:
        return ["next: solve the problems above, then run mobileinst doctor again"]
    return [f"next: pip install {' '.join(map(repr, lacks))}"]
