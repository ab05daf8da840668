#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job, shown: simulates a panel, reads the meter with pymodbus, compares with the truth. Writes build/demo/.

Usage: demo.py [--scenario FILE | --wave FILE [--map MAP]] [--tier rtl|model] [--seconds S] [--settle S] [--ct N] [--out DIR]
The metered power of a CT is the growth of its energy registers between two windows, read over Modbus TCP, by the time between
them; the true one is the growth of the integral of v * i of the analog waveform between the same two boundaries.
"""
import argparse, csv, json, os, pathlib, signal, subprocess, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from meter_client import Meter, MeterError  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
RATED_FLOOR = 0.001      # of rated current: below it a channel's error is shown, not judged
PF_FLOOR = 0.1           # below it the error is of the apparent power: a percentage of (nearly) no W means nothing
ERR_LIMIT_PCT = 0.1


def stop(text):
    print(f"demo: {text}", file=sys.stderr)
    sys.exit(1)


def start(args, out):
    sim = ROOT / (args.sim or f"build/sim/pwsim-{args.tier}{'-' + str(args.ct) if args.tier == 'rtl' else ''}")
    if not sim.exists():
        stop(f"{sim.relative_to(ROOT)} is not built (make demo TIER={args.tier} CT={args.ct} builds it)")
    command = [str(sim), "--seconds", str(args.settle + args.seconds + 0.45), "--linger", "120", "--port", "0", "--ct", str(args.ct),
               "--ready", str(out / "ready"), "--truth", str(out / "truth.csv"), "--samples", str(out / "samples.csv"),
               "--screen", str(out / "lcd.txt"), "--report", str(out / "sim.json"), "--console", str(out / "console.txt"),
               "--keys", f"{args.settle}:down"]
    if args.wave:
        command += ["--wave", args.wave] + (["--map", args.map] if args.map else [])
    else:
        command += [args.scenario]
    (out / "ready").unlink(missing_ok=True)
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
    while not (out / "ready").exists():
        if run.poll() is not None:
            sys.exit(run.returncode or 1)      # it said why
        time.sleep(0.05)
    time.sleep(0.1)
    return run, int((out / "ready").read_text().split("port=")[1].split()[0])


def load_truth(path):
    """seq -> row; a row that is still being written is left out."""
    rows = {}
    with open(path) as f:
        reader = csv.reader(f)
        head = next(reader)
        for row in reader:
            if len(row) == len(head):
                rows[int(row[0])] = dict(zip(head, map(float, row)))
    return rows


def measure(args, meter):
    """Two snapshots, the first after the filters have settled, the second at least `seconds` later."""
    longest, every = 600, 0.5 if args.tier == "rtl" else 0.02       # a window takes seconds in the RTL tier
    settled = args.settle * 1e6        # whole cycles if there are any: a recording may have no voltage to count on
    meter.wait(lambda w: w["UPTIME_WIN"] >= settled and (w["CYCLES"] or w["UPTIME_WIN"] >= settled + 1e6), longest, "first window", every)
    first = meter.snapshot()
    until = first["WINDOW"]["UPTIME_WIN"] + args.seconds * 1e6
    meter.wait(lambda w: w["UPTIME_WIN"] >= until, longest, f"{args.seconds} s of metered time", every)
    return first, meter.snapshot()


def compare(first, last, truth, labels, n_ct):
    t0, t1 = truth[first["WINDOW"]["FE_SEQ"]], truth[last["WINDOW"]["FE_SEQ"]]
    span = t1["seconds"] - t0["seconds"]
    channels = []
    for k in range(n_ct):
        col = lambda name: t1[f"ct{k}_{name}"] - t0[f"ct{k}_{name}"]
        e0, e1, ct, label = first["ENERGY"][k], last["ENERGY"][k], last["CT"][k], labels[k]
        uwh = (e1["E_DEL"] - e0["E_DEL"]) - (e1["E_REC"] - e0["E_REC"])
        w_true, w = col("wh_j") / span, uwh * 3600e-6 / span
        v_true, i_true = (col("v2s") / span) ** 0.5, (col("i2s") / span) ** 0.5
        s_true = v_true * i_true
        basis = w_true if abs(w_true) >= PF_FLOOR * s_true else s_true
        channels.append({
            "name": label["name"], "kind": label["kind"], "ct": k, "noload": label["noload"],
            "w_true": w_true, "w_metered": w, "err_pct": 100 * (w - w_true) / basis if basis else 100.0 * (w != 0),
            "err_of": "" if not basis else "W" if basis == w_true else "VA",
            "v_true": v_true, "v_metered": ct["CT_V"] / 1e3, "a_true": i_true, "a_metered": ct["CT_I"] / 1e3,
            "pf_true": w_true / s_true if s_true else 0.0, "pf_metered": ct["CT_PF"] / 1e4,
            "flags": ct["CT_FLAGS"], "judged": bool(basis) and i_true >= RATED_FLOOR * label["rated_a"] * 0.99,
            "registered_uwh": e1["E_DEL"] + e1["E_REC"],
        })
    return channels, span


def table(channels):
    print(f"\n{'CT':>3} {'load':18} {'V true':>9} {'V':>9} {'A true':>9} {'A':>9} {'W true':>11} {'W':>11} {'PF true':>7} {'PF':>7} {'error %':>9}")
    for c in channels:
        if c["kind"] == "unused":
            continue
        err = f"{c['err_pct']:+.4f}" + (" of VA" if c["err_of"] == "VA" else "") if c["err_of"] else "-"
        print(f"{c['ct']:>3} {c['name'][:18]:18} {c['v_true']:9.3f} {c['v_metered']:9.3f} {c['a_true']:9.3f} {c['a_metered']:9.3f} "
              f"{c['w_true']:11.3f} {c['w_metered']:11.3f} {c['pf_true']:7.4f} {c['pf_metered']:7.4f} {err:>9}")


def client_report(last, meter):
    diag, w = meter.item("DIAG"), last["WINDOW"]
    print(f"\nModbus client (pymodbus): serial {meter.ident['SERIAL']}, {meter.n_ct} CT, {meter.n_points} points, window {w['SEQ']}, "
          f"{w['FREQ'] / 1000:.3f} Hz, total {w['TOTAL_P'] / 1e6:.3f} kW, {w['TOTAL_DEL'] / 1e9:.6f} kWh delivered")
    for name, v in zip("ABC", last["VOLT"]):
        print(f"  phase {name}: {v['V_MV'] / 1000:.3f} V, {v['V_ANGLE'] / 100:.2f} degrees behind A")
    print(f"  CPU load {diag['LOAD'] / 100:.2f} %, longest loop {diag['WORST'] / 1000:.2f} ms, stack {diag['STACK']} bytes, bus errors {diag['BUSERR']}")
    return {"diag": diag, "window": w, "ident": meter.ident, "volt": last["VOLT"]}


def plots(out, channels):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    used = [c for c in channels if c["kind"] != "unused"]
    judged = [c for c in used if c["judged"]]
    fig, ax = plt.subplots(figsize=(11, 4.5), layout="constrained")
    ax.bar([f"{c['ct']}\n{c['name']}" for c in judged], [c["err_pct"] for c in judged], color="tab:blue", width=0.6)
    for y in (ERR_LIMIT_PCT, -ERR_LIMIT_PCT):
        ax.axhline(y, color="tab:red", lw=1, ls="--")
    ax.annotate("limit 0.1 %", (0.99, ERR_LIMIT_PCT), xycoords=("axes fraction", "data"), ha="right", va="bottom", color="tab:red", fontsize=8)
    ax.set_ylabel("error of active energy, %")
    ax.set_title("Metered against true energy, each loaded CT")
    ax.tick_params(axis="x", labelsize=6, rotation=60)
    ax.grid(axis="y", alpha=0.3)
    fig.savefig(out / "errors.png", dpi=110)

    with open(out / "samples.csv") as f:
        rows = list(csv.DictReader(f))
    rows = rows[-420:]                         # three cycles and a bit
    t = [(float(r["seconds"]) - float(rows[0]["seconds"])) * 1e3 for r in rows]
    show = sorted((c for c in used if c["a_true"] > 0), key=lambda c: (c["kind"], c["ct"]))
    kinds, picks = set(), []
    for c in show:
        if c["kind"] not in kinds or c["kind"] == "recorded":
            kinds.add(c["kind"])
            picks.append(c)
    picks = picks[:11]
    n = len(picks) + 1
    fig, axes = plt.subplots((n + 1) // 2, 2, figsize=(11, 1.7 * ((n + 1) // 2)), sharex=True, layout="constrained", squeeze=False)
    flat = list(axes.flat)
    for name in "abc":
        flat[0].plot(t, [float(r[f"v{name}_v"]) for r in rows], lw=1, label=f"V{name}")
    flat[0].set_title("voltages, V", fontsize=8)
    flat[0].legend(fontsize=7, loc="upper right", ncols=3)
    for ax, c in zip(flat[1:], picks):
        ax.plot(t, [float(r[f"ct{c['ct']}_a"]) for r in rows], lw=1, color="tab:orange")
        ax.set_title(f"CT {c['ct']}: {c['name']} ({c['kind']}), A", fontsize=8)
    for ax in flat:
        ax.grid(alpha=0.3)
        ax.tick_params(labelsize=7)
    for ax in flat[n:]:
        ax.set_visible(False)
    for ax in axes[-1]:
        ax.set_xlabel("ms", fontsize=8)
    fig.suptitle("What the front-end's decimator delivered", fontsize=10)
    fig.savefig(out / "waveforms.png", dpi=110)


def run(args, out):
    sim, port = start(args, out)
    try:
        meter = Meter(port)
        first, last = measure(args, meter)
        read = client_report(last, meter)
        meter.close()
    except (MeterError, OSError) as e:
        sim.kill()
        stop(str(e))
    sim.send_signal(signal.SIGTERM)
    if sim.wait(timeout=60) != 0:
        stop(f"the simulation ended with {sim.returncode}")
    report = json.loads((out / "sim.json").read_text())
    channels, span = compare(first, last, load_truth(out / "truth.csv"), report["loads"], args.ct)
    return channels, span, report, read


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--scenario", default="sim/scenarios/panel24.scn")
    ap.add_argument("--wave")
    ap.add_argument("--map")
    ap.add_argument("--tier", choices=("rtl", "model"), default="rtl")
    ap.add_argument("--seconds", type=float, default=2.0)
    ap.add_argument("--settle", type=float, default=0.8)
    ap.add_argument("--ct", type=int, default=24)
    ap.add_argument("--out", default="build/demo")
    ap.add_argument("--sim", help="the simulator, default by tier and CTs")
    args = ap.parse_args()
    for path in filter(None, (args.wave, None if args.wave else args.scenario)):
        if not os.path.isfile(path):
            stop(f"{path}: no such file")
    out = ROOT / args.out
    out.mkdir(parents=True, exist_ok=True)
    channels, span, sim, read = run(args, out)
    table(channels)
    judged = [c for c in channels if c["judged"]]
    crept = [c for c in channels if c["noload"] and c["registered_uwh"]]
    worst = max((abs(c["err_pct"]) for c in judged), default=0.0)
    print("\n+" + "-" * 20 + "+\n" + "".join(f"|{line:20.20}|\n" for line in (out / "lcd.txt").read_text().split("\n")[:4]) + "+" + "-" * 20 + "+")
    plots(out, channels)
    report = {"source": args.wave or args.scenario, "tier": args.tier, "channels": channels, "max_err_pct": worst, "limit_pct": ERR_LIMIT_PCT,
              "noload_registered": [c["name"] for c in crept], "cosim_mhz": sim["cosim_mhz"], "metered_seconds": span,
              "wall_seconds": sim["wall_seconds"], "client": read}
    (out / "report.json").write_text(json.dumps(report, indent=1))
    print(f"\n{span:.3f} s metered between two windows, largest error {worst:.4f} % of {len(judged)} loaded CTs; no-load CTs "
          f"{'registered: ' + ', '.join(c['name'] for c in crept) if crept else 'registered nothing'}")
    print(f"{args.tier} tier: {sim['cosim_mhz']:.2f} MHz of system clock, {sim['realtime_factor']:.3f} x real time")
    print(f"plots and report: {args.out}/errors.png, waveforms.png, report.json")
    if worst > ERR_LIMIT_PCT or crept:
        stop(f"beyond the limit of {ERR_LIMIT_PCT} %" if worst > ERR_LIMIT_PCT else "a no-load CT registered energy")


if __name__ == "__main__":
    main()
