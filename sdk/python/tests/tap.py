"""Runs tests and tells of each by the sentence that it proves, as the Test Anything Protocol has it: tap.py module…"""

from __future__ import annotations

import sys
import unittest
from typing import Any


class Sentences(unittest.TestResult):
    count = 0

    def _say(self, verdict: str, test: unittest.TestCase, why: str = "") -> None:
        self.count += 1
        print(f"{verdict} {self.count} - {test.shortDescription() or test.id()}", flush=True)
        for line in why.splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self._say("ok", test)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        print(f"# {test.shortDescription() or test.id()}: skipped, {reason}", flush=True)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._say("not ok", test, self.failures[-1][1])

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._say("not ok", test, self.errors[-1][1])


result = Sentences()
unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:]).run(result)
print(f"1..{result.count}")
sys.exit(not result.wasSuccessful())
