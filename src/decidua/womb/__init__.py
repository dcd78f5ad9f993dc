"""Inside one cycle and pregnancy: cells, embryo, arteries, hormones, infection, drugs and regimens."""

from decidua.womb.bridge import Bridge, load_bridge
from decidua.womb.genotypes import GENOTYPES, Genotype
from decidua.womb.mechanisms import MECHANISM_CLASS, MECHANISMS
from decidua.womb.pregnancy import WombCourse, pregnancy_run, simulate_pregnancy
from decidua.womb.regimens import (
    REGIMENS,
    SAFETY_SENTENCE,
    Regimen,
    as_regimen,
    load_regimen,
    read_regimen,
    regimen_from,
    regimen_from_text,
    render_regimen,
)
from decidua.womb.solver import SolverError
from decidua.womb.story import story_world
from decidua.womb.tabulation import tabulate_bridge

__all__ = [
    "GENOTYPES",
    "MECHANISMS",
    "MECHANISM_CLASS",
    "REGIMENS",
    "SAFETY_SENTENCE",
    "Bridge",
    "Genotype",
    "Regimen",
    "SolverError",
    "WombCourse",
    "as_regimen",
    "load_bridge",
    "load_regimen",
    "pregnancy_run",
    "read_regimen",
    "regimen_from",
    "regimen_from_text",
    "render_regimen",
    "simulate_pregnancy",
    "story_world",
    "tabulate_bridge",
]
