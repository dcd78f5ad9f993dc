"""Every statistic that rows of the lives' rule name, and the tables of cells that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from decidua.evidence import Ledger
from decidua.study import validation_lives_tests as tests
from decidua.study.validation_lives_denmark import Denmark
from decidua.study.validation_lives_rule import LivesRule
from decidua.study.validation_lives_statistics import (
    Statistic,
    Value,
    c_statistic,
    cohort_share,
    egerup_ratio,
    flat_week,
    mantel_haenszel,
    never_lost_share,
    odds_ratio_of,
    share_at,
    shifted_share,
    slope,
)
from decidua.study.validation_published import picked


@dataclass(frozen=True)
class Asked:
    """Collects the statistics of all tests under the names that rows of the rule use."""

    rule: LivesRule
    ledger: Ledger
    found: list[Statistic] = field(default_factory=list)

    def add(self, name: str, tables: str | tuple[str, ...], value: Value, scale: str = "identity") -> None:
        """One statistic of one table or of several."""
        self.found.append(Statistic(name, (tables,) if isinstance(tables, str) else tables, value, scale))

    def everything(self) -> list[Statistic]:
        """Every statistic of the rule."""
        for part in (self.registers, self.denmark, self.karyotypes, self.clinics, self.women, self.weeks):
            part()
        return self.found

    def registers(self) -> None:
        """Runs of losses, final number of pregnancies, and how well age and history can tell."""
        overall = (
            float(picked(self.ledger, "KNUDSEN_REC", {"previous_losses": "any (overall)"}).estimate or 0.0)
            / 100.0
        )
        self.add("knudsen.all", "knudsen", lambda *_: overall, "logit")
        for run in (1, 2, 3, 4):
            self.add(f"knudsen.{run}", "knudsen", _shifted(run, overall), "logit")
        for run in (1, 2, 3):
            self.add(f"bhattacharya.{run}", "bhattacharya", _odds_ratio(4, run, run - 1), "log")
        for ever in (1, 2, 6):
            self.add(f"roman.{ever}", "roman", share_at((ever - 1) * tests.GRAVIDITIES), "logit")
        self.add("roman.all", "roman", share_at(tests.GRAVIDITIES**2), "logit")
        self.add("kolte", "kolte", c_statistic)

    def denmark(self) -> None:
        """Loss by age and in life as Danish registers saw them."""
        denmark, both = Denmark.of(self.ledger), ("nybo", "lidegaard")
        self.add("nybo.flat", "nybo", denmark.flat, "logit")
        self.add("nybo.log_ascertained", "nybo", denmark.log_ascertained)
        for place in range(denmark.n.size):
            self.add(f"nybo.{place}", "nybo", _with_place(denmark.by_age, place), "logit")
        for losses in range(5):
            self.add(f"lidegaard.{losses}", both, _with_place(denmark.in_life, losses), "log")
            self.add(f"lidegaard.random.{losses}", both, _with_place(denmark.at_random, losses), "log")

    def karyotypes(self) -> None:
        """Odds of an abnormal karyotype after many losses against few."""
        for name in ("ozawa", "nikitina"):
            self.add(name, name, _odds_ratio(2, 1, 0), "log")

    def clinics(self) -> None:
        """Live birth of the next pregnancy, its slopes, and trials."""
        two, three = (self.rule.assumed(f"losses_{n}_or_more") for n in ("two", "three"))
        older = self.rule.assumed("irish_share_from_35")
        mixes = {
            "brigham.level": (two, True, None),
            "cohorts.cohn": (two, True, None),
            "cohorts.rai": (three, True, None),
            "cohorts.du_fosse": (two, False, None),
            "cohorts.irish": (three, False, older),
        }
        for name, mix in mixes.items():
            self.add(name, "cohorts", _cohort(*mix), "logit")
        for name, share in {
            "brigham.no_losses": None,
            "cohorts.no_losses": None,
            "cohorts.irish_no_losses": older,
        }.items():
            self.add(name, "cohorts", _never_lost(share), "logit")
        ages, losses, births = tests.REGRESSION_AGES, tests.REGRESSION_LOSSES, tests.REGRESSION_BIRTHS
        for axis, name in enumerate(("year", "loss")):
            self.add(f"brigham.{name}", "brigham", _slope((ages, losses), axis))
        for axis, name in enumerate(("year", "loss", "birth")):
            self.add(f"koki.{name}", "koki", _slope((ages, losses, births), axis))
        self.add("egerup", "egerup", egerup_ratio, "log")
        for place, name in enumerate(("promise", "promise.no_losses")):
            self.add(name, "promise", share_at(place), "logit")
        for place, name in enumerate(("prism.none", "prism.one", "prism.no_bleeding")):
            self.add(name, "prism", share_at(place), "logit")
        self.add("prism.gradient", "prism", odds_ratio_of(1, 0), "log")

    def women(self) -> None:
        """Women followed from a first visit, conceiving or not."""
        for place, name in enumerate(("lund.5", "lund.15", "lund.no_losses")):
            self.add(name, "lund", share_at(place), "logit")
        for place, name in enumerate(("koki.conceived", "koki.no_losses")):
            self.add(name, "koki_conceived", share_at(place), "logit")
        for place, name in enumerate(("other_loss", "other_child", "carrier_loss", "carrier_child")):
            self.add(f"franssen.{name}", "franssen", share_at(place), "logit")
        self.add("franssen.ratio", "franssen", odds_ratio_of(2, 0), "log")

    def weeks(self) -> None:
        """Chance of loss in the weeks of each band, and what a level chance would make of it."""
        bands = [(row["first"], row["last"]) for row in self.rule.raw["weeks"]["rows"]]
        for place, (first, last) in enumerate(bands):
            self.add(f"etm.{first}-{last}", "etm", share_at(place), "logit")
            self.add(f"etm.flat.{first}-{last}", "etm", flat_week(bands, place), "logit")


def _shifted(run: int, overall: float) -> Value:
    return lambda cells: shifted_share(cells, run, overall=overall)


def _odds_ratio(columns: int, above: int, below: int) -> Value:
    return lambda cells: mantel_haenszel(cells, columns=columns, above=above, below=below)


def _with_place(of: Callable[..., float], place: int) -> Value:
    return lambda *cells: of(*cells, place)


def _cohort(mix: Mapping[int, float], is_unexplained: bool, from_35: float | None) -> Value:
    return lambda cells: cohort_share(cells, mix=mix, is_unexplained=is_unexplained, from_35=from_35)


def _never_lost(from_35: float | None) -> Value:
    return lambda cells: never_lost_share(cells, from_35=from_35)


def _slope(sizes: Sequence[int], axis: int) -> Value:
    return lambda cells: slope(cells, sizes=sizes, axis=axis)
