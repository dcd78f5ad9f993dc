"""Inside one cycle and pregnancy: cells, embryo, arteries, hormones, infection, drugs and regimens."""

from decidua.womb.bridge import Bridge, load_bridge
from decidua.womb.mechanisms import MECHANISM_CLASS, MECHANISMS
from decidua.womb.pregnancy import WombCourse, simulate_pregnancy
from decidua.womb.regimens import (
    REGIMENS,
    SAFETY_SENTENCE,
    Regimen,
    load_regimen,
    read_regimen,
    regimen_from,
    render_regimen,
)
from decidua.womb.solver import SolverError
from decidua.womb.story import story_world
from decidua.womb.tabulation import tabulate_bridge

__all__ = [
    "MECHANISMS",
    "MECHANISM_CLASS",
    "REGIMENS",
    "SAFETY_SENTENCE",
    "Bridge",
    "Regimen",
    "SolverError",
    "WombCourse",
    "load_bridge",
    "load_regimen",
    "read_regimen",
    "regimen_from",
    "render_regimen",
    "simulate_pregnancy",
    "story_world",
    "tabulate_bridge",
]
