"""Makes the shipped table of the womb again: python -m decidua.womb."""

from __future__ import annotations

import sys

from decidua.womb.bridge import bridge_path, write_bridge
from decidua.womb.tabulation import tabulate_bridge


def show(done: int, total: int) -> None:
    """One line on standard error, rewritten as the runs go by."""
    if done % 50 == 0 or done == total:
        sys.stderr.write(f"\rwomb: {done} of {total} runs")


def main() -> None:
    """Tabulate and write."""
    bridge = tabulate_bridge(progress=show)
    bridge_path().parent.mkdir(exist_ok=True)
    write_bridge(bridge, bridge_path())
    sys.stderr.write(f"\nwomb: wrote {bridge_path().name}, content {bridge.content}\n")


if __name__ == "__main__":
    main()
