# SPDX-License-Identifier: Apache-2.0
"""Run the analog tests; last line "N passed, N failed". Arguments go to pytest."""
import os
import sys

import pytest


class Count:
    passed = failed = 0

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed += 1
        elif report.when == "call" and report.passed:
            self.passed += 1

    def pytest_collectreport(self, report):
        self.failed += report.failed


count = Count()
here = os.path.dirname(os.path.abspath(__file__))
args = sys.argv[1:] or [here]
status = pytest.main(["-q", "-rP" if "-v" in args else "-rf", "--no-header", "-p", "no:cacheprovider", "--rootdir", here, *args], plugins=[count])
print(f"{count.passed} passed, {count.failed} failed")
sys.exit(1 if count.failed or status != 0 else 0)
