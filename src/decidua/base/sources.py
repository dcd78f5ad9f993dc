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
    texts = {file: file.read_text(encoding="utf-8") for file in _python_files(root)}
    modules = {_module_name(file, root): file for file in texts}
    waiting = [name for name, file in modules.items() if f"@{DECORATOR}" in texts[file]]
    found: set[Path] = set()
    while waiting:
        name = waiting.pop()
        file = modules.get(name)
        if file is not None and file not in found:
            found.add(file)
            waiting += _imported_names(texts[file], package=_package_of(name, file))
    return found


def _python_files(root: Path) -> list[Path]:
    return [root] if root.is_file() else sorted(root.rglob("*.py"))


def _module_name(file: Path, root: Path) -> str:
    """As it is imported; a package's own file has the name of the package."""
    return ".".join(file.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")


def _package_of(name: str, file: Path) -> list[str]:
    parts = name.split(".")
    return parts if file.name == "__init__.py" else parts[:-1]


def _imported_names(text: str, *, package: list[str]) -> list[str]:
    """Every module that a file may import: what stands after `from` may hold modules or other things."""
    names = [each.split()[0] for line in _PLAIN_IMPORT.findall(text) for each in line.split(",")]
    for module, things in _IMPORT.findall(text):
        whole = _absolute(module, package)
        names += [whole, *(f"{whole}.{thing}" for thing in re.findall(r"\w+", things))]
    return names


def _absolute(module: str, package: list[str]) -> str:
    """The full name of a module that may be given relative to a package, e.g. "..base.errors"."""
    dots = len(module) - len(module.lstrip("."))
    if dots == 0:
        return module
    parts = package[: len(package) + 1 - dots]
    return ".".join([*parts, *filter(None, [module[dots:]])])
