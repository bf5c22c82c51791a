"""An exception for every kind of problem that the API answers; each is a Problem."""

from ._problems import *
