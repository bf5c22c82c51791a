"""What is known of one operation: how it is called, and what may be done when a call fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Optional, TypeVar

from ._codec import Record, Writers

Given = TypeVar("Given", bound=Record)


@dataclass(frozen=True)
class Operation(Generic[Given]):
    id: str
    path: str
    gives: type[Given]
    takes: Optional[Writers] = None
    reads: bool = False
    """It changes nothing."""
    keyed: bool = False
    """It heeds an Idempotency-Key: sent again with the same one, it happens once."""
    form: bool = False
    """It takes a form instead of JSON."""
    items: Optional[Writers] = None
    """It takes many of these, one a line."""

    @property
    def repeatable(self) -> bool:
        return self.reads or self.keyed
