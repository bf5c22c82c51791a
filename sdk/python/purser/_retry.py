"""
When a call is made again: only one that may be repeated (nothing would happen twice), only after what passes
by itself, and not before the server says.
"""

from __future__ import annotations

import random
from typing import Optional

from ._errors import Problem, PurserError

# A server that wants to be left alone for longer gets its way: the problem is raised at once.
LONGEST_WAIT = 120.0
_first, _most = 0.25, 8.0


class Patience:
    """Of one call."""

    def __init__(self, repeatable: bool, retries: int) -> None:
        self._repeatable = repeatable
        self._left = retries
        self._pause = _first

    def wait_after(self, error: PurserError) -> Optional[float]:
        """How many seconds to wait before the next attempt; None: there is none."""
        if not self._repeatable or not error.temporary or self._left <= 0:
            return None
        self._left -= 1
        asked = error.retry_after if isinstance(error, Problem) else None
        pause, self._pause = self._pause, min(2 * self._pause, _most)
        if asked is None:
            return random.uniform(pause / 2, pause)
        return asked + random.uniform(0, 0.1) if asked <= LONGEST_WAIT else None
