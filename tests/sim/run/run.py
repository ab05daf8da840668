# SPDX-License-Identifier: Apache-2.0
"""Runs the C test programs given as arguments (cmocka) and the Python tests beside this file; ends with 'N passed, N failed'."""
import pathlib, re, subprocess, sys
import pytest


class Count:
    passed = failed = 0

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed += 1
        elif report.when == "call" and report.passed:
            self.passed += 1


count = Count()
for program in sys.argv[1:]:
    r = subprocess.run([program], capture_output=True, text=True, timeout=120)
    text = r.stdout + r.stderr
    passed, failed = (sum(map(int, re.findall(rf"\[  {word}  \] (\d+) test", text))) for word in ("PASSED", "FAILED"))
    if r.returncode != 0 or failed:
        print(text)
        failed = max(failed, 1)
    print(f"{pathlib.Path(program).name}: {passed} of {passed + failed}")
    count.passed += passed
    count.failed += failed
code = pytest.main(["-q", "-p", "no:cacheprovider", str(pathlib.Path(__file__).parent)], plugins=[count])
if code != 0 and count.failed == 0:
    count.failed = 1
print(f"{count.passed} passed, {count.failed} failed")
sys.exit(count.failed != 0)
