"""A study in Python: read it, look at what it assumes, run it, have it told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decidua.base.errors import InputError
from decidua.care.following import days_until_result, p_accepts, wait_days
from decidua.care.pathways import CarePathway
from decidua.evidence import Ledger, load_ledger
from decidua.study.comparison import DEFAULT_DRAWS, DEFAULT_WOMEN, StudyResult, rests_on, run_study
from decidua.study.kept_run import Progress
from decidua.study.study_file import ReadStudy, read_study
from decidua.tell.study_files import study_record, write_study
from decidua.tell.study_page import sentence_of, study_html

WAYS_TO_TELL: dict[str, Callable[[StudyResult], str]] = {"sentence": sentence_of, "report": study_html}


@dataclass(frozen=True)
class Result:
    """What a study found."""

    found: StudyResult

    def tell(self, way: str) -> str:
        """The result as text: "sentence" in a few plain sentences, "report" as a page.

        Raises:     InputError for any other way
        """
        if way not in WAYS_TO_TELL:
            raise InputError(field="tell", value=way, allowed=", ".join(WAYS_TO_TELL))
        return WAYS_TO_TELL[way](self.found)

    def cite(self) -> list[str]:
        """Titles of the sources behind the entries that the pathways rest on."""
        ledger = load_ledger()
        names = dict.fromkeys(name for arm in self.found.arms for name in rests_on(arm.care))
        sources = dict.fromkeys(value.reference.source for name in names for value in ledger[name].values)
        return [ledger.sources[source].title or source for source in sources]

    def to_dict(self) -> dict[str, Any]:
        """The result as summary.json holds it."""
        return study_record(self.found)

    def write(self, folder: Path) -> list[str]:
        """Write summary.json, results.parquet and report.html into a folder that exists.

        Raises:     OSError as it comes
        """
        return write_study(self.found, folder)


@dataclass(frozen=True)
class Study:
    """A question to simulated lives."""

    held: ReadStudy

    @classmethod
    def read(cls, study: str | Path) -> Study:
        """A shipped study by its name, or one's own from a YAML or JSON file.

        Raises:     InputError naming file, field and value
        """
        return cls(read_study(study))

    def preview(self) -> str:
        """Question, arms, and what each takes as given, before anything is run."""
        ledger, file = load_ledger(), self.held.file
        lines = [file.title, file.question, f"compared with: {self.held.against}"]
        return "\n".join([*lines, *(line for care in self.held.pathways for line in preview(care, ledger))])

    def run(
        self,
        *,
        women: int = DEFAULT_WOMEN,
        seed: int,
        draws: int | None = DEFAULT_DRAWS,
        jobs: int = 1,
        progress: Progress | None = None,
    ) -> Result:
        """Let the same women live in every arm; arguments as in `decidua study`."""
        found = run_study(self.held, women=women, draws=draws, seed=seed, jobs=jobs, progress=progress)
        return Result(found)


def preview(care: CarePathway, ledger: Ledger) -> list[str]:
    """One pathway and the assumed entries that it rests on."""
    lines = [f"{care.name}: {care.title}"]
    if care.test != "none":
        lines.append(
            f"  {days_until_result(care, ledger)} days until a result, {wait_days(care)} days before each "
            f"pregnancy under the course, taken by {100 * p_accepts(care, ledger):.0f} of 100"
        )
    assumed = [name for name in rests_on(care) if ledger[name].kind == "assumed"]
    is_followed = care.test != "none" or care.regimens
    return [*lines, f"  assumed: {', '.join(assumed)}"] if is_followed else lines
