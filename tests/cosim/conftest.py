# SPDX-License-Identifier: Apache-2.0
"""A running meter for tests: the simulator as a process, its Modbus port, its files."""
import contextlib, json, pathlib, signal, subprocess, sys, time
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from meter_client import Meter  # noqa: E402


class Sim:
    """pwsim in a folder of its own. Fast mode unless --realtime is among the options."""

    def __init__(self, folder, source, *options, tier="model", seconds=3600.0):
        self.folder, self.tier = folder, tier
        folder.mkdir(parents=True, exist_ok=True)
        for old in ("ready", "report.json"):
            (folder / old).unlink(missing_ok=True)
        command = [str(ROOT / f"build/sim/pwsim-{tier}"), "--seconds", str(seconds), "--linger", "300", "--port", "0",
                   "--ready", str(folder / "ready"), "--report", str(folder / "report.json"), "--screen", str(folder / "lcd.txt"),
                   "--console", str(folder / "console.txt"), "--truth", str(folder / "truth.csv"), "--pty-dir", str(folder), *options, str(source)]
        self.log = open(folder / "stderr.txt", "w")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.log, cwd=ROOT)
        end = time.time() + 60
        while not (folder / "ready").exists():
            assert self.process.poll() is None, f"pwsim ended: {(folder / 'stderr.txt').read_text()[-500:]}"
            assert time.time() < end, "the meter did not open its Modbus port"
            time.sleep(0.02)
        time.sleep(0.05)
        self.port = int((folder / "ready").read_text().split("port=")[1].split()[0])

    def meter(self):
        return contextlib.closing(Meter(self.port))

    def stop(self):
        """As Ctrl-C would; returns the report."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=30) == 0, (self.folder / "stderr.txt").read_text()[-500:]
        self.log.close()
        return json.loads((self.folder / "report.json").read_text())

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def screen(self):
        return (self.folder / "lcd.txt").read_text().split("\n")[:4]


@pytest.fixture
def sim(tmp_path):
    """sim(source, options...) starts a meter; all are gone after the test."""
    started = []

    def start(source, *options, name="run", **more):
        started.append(Sim(tmp_path / name, source, *options, **more))
        return started[-1]

    yield start
    for s in started:
        s.kill()


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """One model-tier meter on the demo panel, sealed, shared by the reading tests of a module."""
    s = Sim(tmp_path_factory.mktemp("panel"), ROOT / "sim/scenarios/panel24.scn")
    with s.meter() as m:
        m.wait(lambda w: w["SEQ"] >= 6 and w["CYCLES"], 60, "first windows")
    yield s
    s.kill()
