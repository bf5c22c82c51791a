"""What operations give, what stands inside of their inputs, and the data of events."""

from ._types import *
