"""Which source files can end up in a compiled kernel, and one hash over all of them."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

DECORATOR = "compiled"
_IMPORT = re.compile(r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE)
_PLAIN_IMPORT = re.compile(r"^[ \t]*import[ \t]+([.\w, \t]+)", re.MULTILINE)


def package_root(source: Path) -> Path:
    """Folder of the top package that holds a file, or the file itself when it stands alone."""
    folder, root = source.resolve().parent, source.resolve()
    while (folder / "__init__.py").is_file():
        root, folder = folder, folder.parent
    return root


@cache
def kernel_hash(root: Path) -> str:
    """Hash of every source that can end up in a compiled kernel of a package.

    These are the files that use the decorator, and the files of the same package that those import, since
    Numba freezes the value of every global it meets.

    Arguments:  root  folder of the package, or a single file
    Returns:    sixteen hexadecimal digits
    Checked by: tests/unit/base/test_compiled.py
    """
    digest = hashlib.sha256()
    for file in sorted(kernel_sources(root)):
        digest.update(file.relative_to(root.parent).as_posix().encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def kernel_sources(root: Path) -> set[Path]:
    """The files that use the decorator, and every file of the package that they import, at any remove."""
    waiting = [file for file in _python_files(root) if f"@{DECORATOR}" in file.read_text(encoding="utf-8")]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imported_files(file, root)
    return found


def _python_files(root: Path) -> list[Path]:
    return [root] if root.is_file() else sorted(root.rglob("*.py"))


def _imported_files(file: Path, root: Path) -> list[Path]:
    text = file.read_text(encoding="utf-8")
    modules = [name.split()[0] for names in _PLAIN_IMPORT.findall(text) for name in names.split(",")]
    for module, names in _IMPORT.findall(text):
        whole = _absolute(module, file, root)
        modules.append(whole)
        modules += [f"{whole}.{name}" for name in re.findall(r"\w+", names)]
    places = [root.parent.joinpath(*module.split(".")) for module in modules if _inside(module, root)]
    candidates = [path for place in places for path in (place.with_suffix(".py"), place / "__init__.py")]
    return [path for path in candidates if path.is_file()]


def _inside(module: str, root: Path) -> bool:
    return module.split(".")[0] == root.name


def _absolute(module: str, file: Path, root: Path) -> str:
    """The full name of a module that may be given relative to the file, e.g. "..base.errors"."""
    dots = len(module) - len(module.lstrip("."))
    if dots == 0:
        return module
    package = file.relative_to(root.parent).parts[:-dots]
    return ".".join([*package, *filter(None, [module[dots:]])])
