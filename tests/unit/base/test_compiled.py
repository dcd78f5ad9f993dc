"""An edit of a callee in another file changes its compiled caller, which Numba's own cache would miss."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from decidua.base.sources import kernel_hash, kernel_sources, package_root

CALLEE = """
from decidua.base.compiled import compiled
from .constants import ADDED

@compiled
def callee(x):
    return {factor} * x + ADDED
"""

CALLER = """
from decidua.base.compiled import compiled
from tiny.callee import callee

@compiled
def caller(x):
    return callee(x)
"""

SHOW = """
import tiny.caller as module
value = module.caller(10.0)
print(value, sum(module.caller.stats.cache_hits.values()))
"""


@pytest.fixture
def tiny(tmp_path):
    package = tmp_path / "tiny"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "plain.py").write_text("UNRELATED = 1\n")
    (package / "constants.py").write_text("ADDED = 0.0\n")
    (package / "callee.py").write_text(CALLEE.format(factor=2.0))
    (package / "caller.py").write_text(CALLER)
    return package


def answer(package: Path, cache: Path) -> tuple[float, int]:
    """What the compiled caller says in a process of its own, and how often the cache served it."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(package.parent)}
    done = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    value, hits = done.stdout.split()
    return float(value), int(hits)


def test_editing_a_callee_changes_the_compiled_caller(tiny, tmp_path):
    cache = tmp_path / "cache"
    assert answer(tiny, cache) == (20.0, 0)
    assert answer(tiny, cache) == (20.0, 1), "the second process must be served from the cache"
    (tiny / "callee.py").write_text(CALLEE.format(factor=3.0))
    assert answer(tiny, cache) == (30.0, 0)


def test_the_key_follows_everything_a_kernel_can_freeze_and_nothing_else(tiny):
    names = {file.name for file in kernel_sources(tiny)}
    assert names == {"caller.py", "callee.py", "constants.py"}


@pytest.mark.parametrize(
    ("edited", "moves"), [("constants.py", True), ("callee.py", True), ("plain.py", False)]
)
def test_an_edit_moves_the_key_only_where_it_can_reach_a_kernel(tiny, edited, moves):
    before = kernel_hash.__wrapped__(tiny)
    (tiny / edited).write_text((tiny / edited).read_text() + "\nMORE = 2.0\n")
    assert (kernel_hash.__wrapped__(tiny) != before) is moves


def test_the_root_is_the_top_package_or_the_file_itself(tiny, tmp_path):
    alone = tmp_path / "alone.py"
    alone.write_text("")
    assert package_root(tiny / "callee.py") == tiny.resolve()
    assert package_root(alone) == alone.resolve()


def test_other_users_of_numba_keep_their_own_cache_setting():
    import numba

    from decidua.base.compiled import compiled

    before = numba.config.CACHE_DIR

    @compiled
    def doubled(x):
        return 2.0 * x

    assert before == numba.config.CACHE_DIR
    assert doubled(4.0) == 8.0


@pytest.mark.parametrize("kind", ["compiled_step", "compiled_in_place"])
def test_a_step_keeps_its_name_and_answers_python_and_compiled_callers_alike(kind):
    from decidua.base import compiled as decorators

    compiled = decorators.compiled

    @getattr(decorators, kind)
    def ratio(a, b):
        """One number over another."""
        return a / b

    @compiled
    def ratio_of_three(a):
        return ratio(a, 3.0)

    assert (ratio.__name__, ratio.__doc__) == ("ratio", "One number over another.")
    assert ratio(2.0, 3.0) == ratio_of_three(2.0) == 2.0 / 3.0


def test_nobody_looks_for_a_division_by_zero_in_a_step_that_counts_no_references():
    from decidua.base.compiled import compiled_in_place, compiled_step

    @compiled_in_place
    def unwatched(a, b):
        return a / b

    @compiled_step
    def watched(a, b):
        return a / b

    assert unwatched(1.0, 0.0) == float("inf")
    with pytest.raises(ZeroDivisionError):
        watched(1.0, 0.0)


def test_a_cache_that_cannot_be_written_gives_way_to_a_temporary_one(tmp_path, monkeypatch):
    from decidua.base.folders import cache_folder

    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked))
    folder = cache_folder.__wrapped__()
    assert folder.is_dir()
    assert blocked not in folder.parents


@pytest.mark.usefixtures("tiny")
def test_processes_that_start_together_compile_once(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", SHOW], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0].split() for process in started]
    assert {float(value) for value, _ in said} == {20.0}
    assert sorted(int(hits) for _, hits in said) == [0, 1, 1]


@pytest.mark.usefixtures("tiny")
def test_who_waits_for_the_first_use_is_told_once(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    asks = "from decidua.base.first_use import tell_at_first_use; tell_at_first_use(lambda: print('waits'))\n"
    said = [
        subprocess.run(
            [sys.executable, "-c", asks + SHOW], env=environment, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert said == [["waits", "20.0", "0"], ["20.0", "1"]]
