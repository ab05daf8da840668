# SPDX-License-Identifier: Apache-2.0
"""Random panels through the model tier: scenario file, modulators, bit-exact front-end, the meter's firmware; its answer read over Modbus.
`model.py PANELS [--seed N] [--jobs N] [--report FILE]`; the last line counts panels without and with a mistake."""
import argparse, concurrent.futures, json, pathlib, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import meter_client
import panels

SIM = ROOT / "build/sim/pwsim-model"
NEEDED = {False: (2.9, 2), True: (3.9, 3)}      # metered s, evaluations: two agree; clipping is an inrush for two


def answer(meter):
    got = []
    for i in meter.items("WIRING", meter.n_ct):
        f = i["FOUND"]
        got.append({"code": panels.CODES[i["CODE"]], "phase": f & 3, "reversed": bool(f & 4), "alt_phase": f >> 8 & 3, "alt_reversed": bool(f & 0x400),
                    "confidence": i["CONFIDENCE"], "partner": i["PARTNER"], "clipping": bool(f & 0x8000), "registers": i["REGISTERS"]})
    return got, meter.item("WIRING_ALL")


def run(seed, **how):
    panel = panels.Panel(seed, **how)
    seconds, evaluations = NEEDED[any(f["kind"] == "clipping" for f in panel.faults)]
    with tempfile.TemporaryDirectory(prefix="pw-wiring-") as tmp:
        scenario, ready = pathlib.Path(tmp, "panel.scn"), pathlib.Path(tmp, "ready")
        scenario.write_text(panel.scenario())
        sim = subprocess.Popen([SIM, "--seconds", str(seconds), "--linger", "60", "--port", "0", "--pty-dir", tmp, "--ready", ready, "--ct",
                                str(panel.n_ct), "--seed", str(seed), scenario], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            end = time.time() + 120
            while not ready.exists() or not ready.read_text().endswith("\n"):
                if sim.poll() is not None or time.time() > end:
                    raise SystemExit(f"seed {seed}: {sim.stderr.read().strip() or 'the simulator does not start'}")
                time.sleep(0.02)
            meter = meter_client.Meter(int(ready.read_text().split("port=")[1].split()[0]))
            meter.wait(lambda w: w["UPTIME_WIN"] > (seconds - 0.3) * 1e6, 120, "end of the run", 0.05)
            while True:
                before = meter.item("WIRING_ALL")
                results, general = answer(meter)
                if general["EVALUATIONS"] == before["EVALUATIONS"] >= evaluations:
                    break
                if time.time() > end:
                    raise SystemExit(f"seed {seed}: {general['EVALUATIONS']} evaluations only")
                time.sleep(0.05)
            meter.close()
        finally:
            sim.terminate()
            sim.wait()
    return panel, results, general["SERVICE"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("panels", type=int)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--report", type=pathlib.Path)
    a = p.parse_args()
    tally, bad = panels.Tally(), 0
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        for panel, results, service in pool.map(run, range(a.seed, a.seed + a.panels)):
            n = len(tally.bad)
            tally.add(panel, results, service)
            wrong = [t for v, t in tally.bad[n:] if v != "hinted"]
            bad += bool(wrong)
            for text in wrong:
                print(text)
    report = tally.report() | {"seed": a.seed, "metered_seconds": NEEDED[False][0], "min_load_pct_of_rated": 100 * panels.MIN_SHARE, "lag_deg": panels.LAG}
    if a.report:
        a.report.parent.mkdir(parents=True, exist_ok=True)
        a.report.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps({k: v for k, v in report.items() if k != "confusion"}))
    print(f"{a.panels - bad} passed, {bad} failed")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
