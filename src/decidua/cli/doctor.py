"""`decidua doctor`: looks at every part the program needs and says what is missing."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Annotated

import typer

EXIT_PART_MISSING = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One part that was looked at."""

    part: str
    is_well: bool
    what: str


def doctor_command(
    json_output: Annotated[bool, typer.Option("--json", help="Write one JSON object instead.")] = False,
) -> None:
    """Check that this installation is whole, and say what is missing.

    Looks at the Python version, the packages, the cache folder, the compiler, the solver and the evidence;
    changes nothing but the cache. The exit code is 0 when all is well and 1 when a part is missing.
    """
    findings = [_looked_at(part, look) for part, look in _PARTS.items()]
    typer.echo(_as_json(findings) if json_output else _as_lines(findings))
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(EXIT_PART_MISSING)


def _looked_at(part: str, look: Callable[[], str]) -> Finding:
    # Whatever is broken in an installation, and however it fails, must end up as a line of the report.
    try:
        return Finding(part, True, look())
    except Exception as error:  # noqa: BLE001
        return Finding(part, False, f"{type(error).__name__}: {error}")


def _python() -> str:
    return f"{platform.python_implementation()} {platform.python_version()} on {sys.platform}"


def _packages() -> str:
    missing = [name for name in _required_names() if not _is_installed(name)]
    if missing:
        raise ModuleNotFoundError(f"not installed: {', '.join(missing)}; install locks/run.txt")
    return f"all {len(_required_names())} there"


def _required_names() -> list[str]:
    lines = [line for line in requires("decidua") or [] if "extra ==" not in line]
    return [line.split(";")[0].split(">")[0].split("<")[0].split("=")[0].strip() for line in lines]


def _is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _cache() -> str:
    from decidua.base.folders import cache_folder

    return str(cache_folder())


def _compiler() -> str:
    from decidua.base.compiled import compiled

    @compiled
    def doubled(x: float) -> float:
        return 2.0 * x

    if doubled(21.0) != 42.0:
        raise ArithmeticError("compiled code gives a wrong answer")
    return f"Numba {version('numba')} compiles and computes"


def _solver() -> str:
    import roadrunner

    return f"libRoadRunner {roadrunner.__version__}"


def _evidence() -> str:
    from decidua.base.provenance import evidence_version
    from decidua.evidence import load_ledger

    load_ledger()
    return f"version {evidence_version()} loads and passes its own checks"


_PARTS: dict[str, Callable[[], str]] = {
    "Python": _python,
    "packages": _packages,
    "cache folder": _cache,
    "compiler": _compiler,
    "solver": _solver,
    "evidence": _evidence,
}


def _as_json(findings: list[Finding]) -> str:
    from decidua.base.version import MODEL_VERSION, SCHEMA_VERSION, __version__

    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "program": "decidua",
            "version": __version__,
            "model_version": MODEL_VERSION,
            "is_well": all(finding.is_well for finding in findings),
            "findings": [
                {"part": finding.part, "is_well": finding.is_well, "what": finding.what}
                for finding in findings
            ],
        }
    )


def _as_lines(findings: list[Finding]) -> str:
    lines = [f"{'well   ' if f.is_well else 'MISSING'}  {f.part:<13} {f.what}" for f in findings]
    broken = sum(not finding.is_well for finding in findings)
    lines.append("all is well" if not broken else f"{broken} of {len(findings)} parts need attention")
    return "\n".join(lines)
