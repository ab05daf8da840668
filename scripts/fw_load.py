# SPDX-License-Identifier: Apache-2.0
"""CPU load and longest pass of the main loop, as the firmware itself measures them on the RTL with a panel of loads and no client; one Modbus request at
the end reads them. Then the supply warns that it will fail, and what is saved for that is timed. Writes JSON:
{name: {cpu_load_pct, worst_loop_ms, stack_used_b, missed_windows, hold_up_ms}}."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import meter_client

WINDOWS_A_S = 5
AFTER_S = 0.6  # the request is answered by then


def windows(csv: pathlib.Path) -> int:
    return max(0, csv.read_text(encoding="ascii").count("\n") - 1) if csv.exists() else 0


def measure(sim: str, scenario: str, ct: str, seconds: float) -> dict:
    with tempfile.TemporaryDirectory(prefix="pw-load-") as tmp:
        ready, truth, report = (pathlib.Path(tmp, name) for name in ("ready", "truth.csv", "report.json"))
        run = subprocess.Popen([sim, "--ct", ct, "--seconds", str(seconds + 60), "--port", "0", "--pty-dir", tmp, "--ready", str(ready), "--truth", str(truth), "--report", str(report),
                                "--power-fail", str(seconds + AFTER_S), scenario],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while windows(truth) < seconds * WINDOWS_A_S or not ready.exists() or not ready.read_text(encoding="ascii").endswith("\n"):
                if run.poll() is not None:
                    raise SystemExit(f"{sim}: ended with {run.returncode} before it served anything")
                time.sleep(0.5)
            port = next(int(w[5:]) for w in ready.read_text(encoding="ascii").split() if w.startswith("port="))
            meter = meter_client.Meter(port)
            d = meter.item("DIAG")
            meter.close()
            while windows(truth) < (seconds + 2 * AFTER_S) * WINDOWS_A_S and run.poll() is None:
                time.sleep(0.5)
        finally:
            run.terminate()
            run.wait()
        saved_ms = json.loads(report.read_text(encoding="ascii"))["power_fail_saved_ms"]
    return {"cpu_load_pct": d["LOAD"] / 100, "worst_loop_ms": d["WORST"] / 1000, "stack_used_b": d["STACK"], "missed_windows": d["MISSED"],
            "hold_up_ms": saved_ms}


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--out", required=True)
    ap.add_argument("--seconds", type=float, default=4.0, help="metered before it is read")
    ap.add_argument("tier", nargs="+", metavar="name=simulator=scenario=CTs")
    args = ap.parse_args()
    report = {}
    for item in args.tier:
        name, sim, scenario, ct = item.split("=", 3)
        report[name] = measure(sim, scenario, ct, args.seconds)
        print(f"{name:14} load {report[name]['cpu_load_pct']:5.1f} %, longest pass {report[name]['worst_loop_ms']:5.1f} ms")
    pathlib.Path(args.out).write_text(json.dumps(report, indent=2) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
