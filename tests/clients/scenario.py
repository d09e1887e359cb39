"""What the scenarios share: one line for each check that holds."""
from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

Simulator = TypeVar("Simulator")


def run(checks: list[Callable[[Simulator], str]], sim: Simulator) -> int:
    """Runs checks named by their functions, all of them, whatever fails; the exit code."""
    code = 0
    for check in checks:
        title = check.__name__.replace("_", " ")
        try:
            figures = check(sim)
        except Exception:
            code = 1
            print(f"FAILED  {title}\n{traceback.format_exc()}")
        else:
            print(f"ok      {title}: {figures}")
    return code
