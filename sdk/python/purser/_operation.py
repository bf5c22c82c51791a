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
    repeatable: bool = False
    """It may be sent again after any failure (with the same key where it is keyed): nothing happens twice."""
    keyed: bool = False
    """It heeds an Idempotency-Key."""
    form: bool = False
    """It takes a form instead of JSON."""
    items: Optional[Writers] = None
    """It takes many of these, one a line."""
