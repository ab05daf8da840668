# SPDX-License-Identifier: Apache-2.0
"""The finder in the running meter (model tier): LCD, console events and command, Modbus, and with --long the alarm of an unmetered tap."""
import os, pathlib, subprocess, sys, tempfile, termios, time, tty

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import meter_client

PANEL = """name "wiring, in the meter"
service wye 120
ct 0-2 rated=600
ct 4 reversed=yes
ct 6 told=a
load 0 main on=a point="mains"
load 1 main on=b point="mains"
load 2 main on=c point="mains"
load 3 heater amps=10 on=a
load 4 heater amps=12 on=b
load 5 heater amps=14 on=c
load 6 heater amps=9 on=b
load 7 motor amps=8 pf=0.5 on=b
load 8 noload on=c
"""
TAP = """ct 9 open=yes
load 9 heater amps=3.2 on=b
"""
checks = []


def check(what, got, want):
    checks.append(got == want)
    if got != want:
        print(f"{what}: {got!r}, expected {want!r}")


def console(path, command, last):
    """Sends a command, returns all lines up to the one that begins with `last`."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd, termios.TCSANOW)
    os.set_blocking(fd, False)
    os.write(fd, command.encode() + b"\r")
    text, end = b"", time.time() + 60
    while b"\n" not in text[text.find(b"\n" + last.encode()) + 1:] or b"\n" + last.encode() not in text:
        if time.time() > end:
            break
        try:
            text += os.read(fd, 4096)
        except BlockingIOError:
            time.sleep(0.02)
    os.close(fd)
    return text.decode().replace("\r", "").split("\n")


class Run:
    """The simulator on a panel; `ready` holds its port and console once it listens."""

    def __init__(self, tmp, panel, seconds, *options):
        scenario, ready = pathlib.Path(tmp, "p.scn"), pathlib.Path(tmp, "ready")
        scenario.write_text(panel)
        self.tmp = tmp
        self.sim = subprocess.Popen([ROOT / "build/sim/pwsim-model", "--ct", "12", "--seconds", str(seconds), "--linger", "120", "--port", "0",
                                     "--pty-dir", tmp, "--ready", ready, "--screen", f"{tmp}/screen", "--console", f"{tmp}/console.txt",
                                     *options, scenario], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not ready.exists() or not ready.read_text().endswith("\n"):
            if self.sim.poll() is not None:
                raise SystemExit("the simulator does not start")
            time.sleep(0.05)
        words = dict(w.split("=") for w in ready.read_text().split() if "=" in w)
        self.console, self.meter = words["console"], meter_client.Meter(int(words["port"]))
        self.meter.wait(lambda w: w["UPTIME_WIN"] > (seconds - 0.4) * 1e6, 600, "end of the run", 0.1)

    def stop(self):
        self.meter.close()
        self.sim.terminate()
        self.sim.wait()
        return pathlib.Path(self.tmp, "screen").read_text().split("\n"), pathlib.Path(self.tmp, "console.txt").read_text().replace("\r", "")


def short():
    with tempfile.TemporaryDirectory(prefix="pw-wiring-") as tmp:
        run = Run(tmp, PANEL, 7.2, "--keys", "4.6:up,5.1:up,5.6:up,6.1:up,6.6:enter")
        ct, general = run.meter.items("WIRING", 12), run.meter.item("WIRING_ALL")
        check("codes", [c["CODE"] for c in ct], [1, 1, 1, 1, 2, 1, 3, 1, 0, 0, 0, 0])
        check("place of CT 6", (ct[6]["FOUND"] & 7, ct[6]["CONFIGURED"], ct[6]["REGISTERS"]), (1, 0, -50))
        check("CT 4 registers", ct[4]["REGISTERS"], -100)
        check("load of CT 4", round(ct[4]["LOAD"] / 100, 1), 6.0)
        check("general", (general["N_FAULTS"], general["SERVICE"], general["SUPPLY"], general["BALANCED"], general["BAL_VALID"], general["BAL_ALARM"]),
              (2, 0, 3, 1, 1, 0))
        rest = [b["BAL_REST"] for b in run.meter.items("BALANCE", 3)]
        check(f"balance {rest}", all(r < 100 for r in rest), True)
        said = console(run.console, "wiring", "balance of phase C:")
        for start in ("faults 2 evaluations ", "CT 7: on phase B, configured A (99 %, load 9.0", "CT 9: not enough load", "balance of phase A: 0.0 A"):
            check(f"console says {start}", any(line.startswith(start) for line in said), True)
        screen, events = run.stop()
        check("LCD", [s.rstrip() for s in screen[:4]], ["CT 5: reversed", "", "", "Sure 99%, gets -100%"])
        check("events", [e for e in events.split("\n") if "! wiring: " in e],
              ["! wiring: CT 5: reversed, sure % 99", "! wiring: CT 7: on phase B, configured A, sure % 99"])


BAD = [("terminals a b", "'terminals' and three of a, b, c, none expected"), ("terminals a a c", "a twice"), ("terminals a b d", "'d' is none of"),
       ("ct 3 swapped=3", "no other CT"), ("ct 3 swapped=12", "no other CT"), ("ct 3 swapped=4\nct 5 swapped=4", "no other CT"),
       ("ct 3 role=boss", "none of branch"), ("ct 3 told=d", "none of a"), ("ct 3 open=maybe", "none of no"), ("load 0 main amps=3", "main has no size"),
       ("load 0 main on=ab", "main is on one conductor"), ("load 0 main on=a\nload 1 fridge amps=5", "main: no load of the panel may switch")]


def bad_scenarios():
    with tempfile.TemporaryDirectory(prefix="pw-wiring-") as tmp:
        for lines, says in BAD:
            pathlib.Path(tmp, "p.scn").write_text("service wye 120\n" + lines + "\n")
            r = subprocess.run([ROOT / "build/sim/pwsim-model", "--ct", "12", "--seconds", "1", "--port", "0", "--pty-dir", tmp, f"{tmp}/p.scn"],
                               capture_output=True, text=True)
            check(f"{lines!r} says {r.stderr.strip()!r}", (r.returncode, r.stderr.count("\n"), says in r.stderr), (2, 1, True))


def rightly_wired():
    """The scenarios that users see are no wiring faults: forms, delta, high leg, PV, poor motors."""
    for name in ("delta", "euro50", "highleg", "panel12", "panel24", "service600"):
        with tempfile.TemporaryDirectory(prefix="pw-wiring-") as tmp:
            subprocess.run([ROOT / "build/sim/pwsim-model", "--seconds", "3.6", "--port", "0", "--pty-dir", tmp, "--console", f"{tmp}/c.txt",
                            ROOT / f"sim/scenarios/{name}.scn"], check=True, capture_output=True)
            text = pathlib.Path(tmp, "c.txt").read_text()
            check(name, ("Polywatt" in text, [e for e in text.split("\n") if "wiring:" in e]), (True, []))


def tap():
    with tempfile.TemporaryDirectory(prefix="pw-wiring-") as tmp:
        run = Run(tmp, PANEL + TAP, 66)
        general, b = run.meter.item("WIRING_ALL"), run.meter.items("BALANCE", 3)
        check("tap", (general["BAL_VALID"], general["BAL_ALARM"], general["N_FAULTS"]), (1, 2, 2))
        check(f"amperes {b[1]['BAL_REST']}", abs(b[1]["BAL_REST"] - 3200) < 60, True)
        check(f"watts {b[1]['BAL_REST_P']}", abs(b[1]["BAL_REST_P"] - 384000) < 6000, True)
        _, events = run.stop()
        check("event", [e[:37] for e in events.split("\n") if "unmetered" in e], ["! wiring: unmetered on phase B: 3.2 A"])


if __name__ == "__main__":
    bad_scenarios()
    rightly_wired()
    short()
    if "--long" in sys.argv:
        tap()
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")
    sys.exit(not all(checks))
