"""Runs programs one after the other, each as if alone, and tells of each whether it came to its end: programs.py file…"""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
import traceback

for path in sys.argv[1:]:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(path, run_name="__main__")
        print(f"ok {path}")
    except BaseException:
        print(f"not ok {path}: {traceback.format_exc()}".replace("\n", " | "))
