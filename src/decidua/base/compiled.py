"""The one compile decorator, with a cache that notices edits in every file it depends on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from decidua.base.compiled_once import CompiledOnce
from decidua.base.folders import cache_folder
from decidua.base.sources import kernel_hash, package_root

Function = TypeVar("Function", bound=Callable[..., Any])

_DECORATING = threading.Lock()
_NUMBA_SETTINGS: Any = numba.config
_PLAIN: dict[str, Any] = {"nogil": True}
_BARE: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy"}
_INSIDE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compiled(function: Function) -> Function:
    """Compile a plain scalar function with Numba, once for each set of sources.

    Numba's own cache checks only the file of the function it is asked for, so after an edit of a callee in
    another file it goes on serving the old machine code, also after an upgrade. Here the folder of the cache
    is named by a hash of every file that can end up in a kernel.

    Assumes no number of the evidence ledger is a global of the function: pass numbers as arguments.
    Fast-math stays off, so that results do not depend on how the compiler reorders sums.

    Arguments:  function  plain Python; positional arguments only, since compiled functions cannot call each
                          other by keyword
    Returns:    the same function, compiled when first called; releases the interpreter lock while it runs
    Checked by: tests/unit/base/test_compiled.py (an edited callee changes its compiled caller)
    """
    return _kept(function, _PLAIN)


def compiled_step(function: Function) -> Function:
    """The same for a function that only compiled functions call: it is kept in their caches, and has none.

    A wrapper for Python and a cache for every step took a quarter of the time of the first use.
    """
    return cast("Function", _Step(function, _PLAIN, _INSIDE))


def compiled_in_place(function: Function) -> Function:
    """A step whose machine code is put where it is called, and which counts no references to arrays.

    A function that takes tuples of many numbers or arrays costs more to call than to run, and counting
    references to arrays costs more than their use: tried, both together took three quarters of the time of a
    life and half of the time of an answer to a history. Such a function must neither make nor return arrays,
    nor call one that does. Nobody looks for a division by zero in it: that is an infinity.
    """
    return cast("Function", _Step(function, _BARE, {**_INSIDE, "forceinline": True}))


def compiled_story(function: Function) -> Function:
    """The whole story that such steps tell: Python calls it, so it has a wrapper and a cache."""
    return _kept(function, _BARE)


class _Step:
    """A step as its compiled callers see it; called from Python, as checks do, it is compiled anew."""

    def __init__(
        self, function: Callable[..., Any], settings: dict[str, Any], inside: dict[str, Any]
    ) -> None:
        update_wrapper(self, function)
        self._settings = settings
        self._inside = numba.njit(**settings, **inside)(function)

    @property
    def _numba_type_(self) -> object:
        """What Numba asks of a name it meets while it compiles a caller."""
        return self._inside._numba_type_

    @cached_property
    def _outside(self) -> Callable[..., Any]:
        return _kept(cast("Callable[..., Any]", self._inside.py_func), self._settings)

    def __call__(self, *arguments: object) -> object:
        return self._outside(*arguments)


def _kept(function: Function, settings: dict[str, Any]) -> Function:
    dispatcher: Any = numba.njit(**settings)(function)
    source = Path(function.__code__.co_filename)
    if source.is_file():  # what is typed at a prompt has no source to key a cache by
        with _DECORATING, _CacheIn(cache_folder() / "kernels" / _folder_name(source)):
            dispatcher._cache = CompiledOnce(function)  # noqa: SLF001 - Numba takes no cache from outside
    return cast("Function", dispatcher)


def _folder_name(source: Path) -> str:
    root = package_root(source)
    return f"{root.stem}-{kernel_hash(root)}"


class _CacheIn:
    """Numba settles a function's cache folder while decorating, from a setting of the whole process.

    The setting is put back at once, so that other packages which use Numba keep theirs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.before = _NUMBA_SETTINGS.CACHE_DIR
        _NUMBA_SETTINGS.CACHE_DIR = str(self.folder)

    def __exit__(self, *error: object) -> None:
        _NUMBA_SETTINGS.CACHE_DIR = self.before
