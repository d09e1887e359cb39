"""What both scenarios share: the portal they were given, and one line for each check that holds."""
from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from portal import Portal

Check = Callable[[Portal], str]


def run(checks: list[Check]) -> int:
    """Runs checks named by their functions, all of them, whatever fails; the exit code."""
    sim = Portal(webhook_url=sys.argv[1], control=sys.argv[2])
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
