#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The virtual test bench: runs all tests, judges them, writes build/accuracy/report.json and index.html.

Usage: accuracy.py [--sample | --model-only] [--jobs N]
  --sample      a short selection with all kinds of tests, for test-accuracy; last line: N passed, N failed
  --model-only  without the RTL tier (curves while developing)
Exit status 1 if a limit was missed, 2 on bad input.
"""
import argparse, json, sys, time
from concurrent.futures import ThreadPoolExecutor

import bench, plan, points, recordings, report, summary
from cases import REALISTIC


class Jobs:
    """Named jobs on a few threads; each is a process of the bench most of the time. The longest are to be added first."""

    def __init__(self, n):
        self.pool = ThreadPoolExecutor(n)
        self.futures = []

    def add(self, group, name, job, *args):
        def timed():
            t0 = time.time()
            result = job(*args)
            print(f"  {name:34} {time.time() - t0:6.1f} s", flush=True)
            return result
        self.futures.append((group, self.pool.submit(timed)))

    def results(self):
        """group -> list of results, in the order they were added; the first failure ends it."""
        out = {}
        try:
            for group, future in self.futures:
                out.setdefault(group, []).append(future.result())
        except BaseException:
            for _, future in self.futures:
                future.cancel()
            raise
        return out


def flat(lists):
    return [m for ms in lists for m in ms]


def add_recordings(jobs, tier):
    for path in recordings.files(plan.WAVEFORMS):
        jobs.add(f"recording {tier}", f"{tier} {path.name}", plan.run_recording, path, tier)


def collect(jobs):
    r = jobs.results()
    return {
        "ideal": flat(r.get("ideal", [])), "ideal_rtl": flat(r.get("ideal rtl", [])), "real": flat(r.get("real", [])), "real_rtl": flat(r.get("real rtl", [])),
        "recordings": flat(r.get("recording model", []) + r.get("recording rtl", [])), "tones": flat(r.get("tones", [])), "crosstalk": r.get("crosstalk", []),
        "creep": r.get("creep", []), "long": r.get("long", []), "tiers": r.get("tiers", []),
    }


def full(jobs, with_rtl):
    fs_hz = bench.FS_HZ
    gains = bench.calibrate(plan.calibration_case(), "model")
    if with_rtl:
        for case in plan.rtl_cases():
            jobs.add("ideal rtl", f"rtl {case.name}", plan.run_measured, case, "rtl")
        for case in plan.calibrated(plan.realistic_rtl(), gains):
            jobs.add("real rtl", f"rtl {case.name}", plan.run_measured, case, "rtl")
        add_recordings(jobs, "rtl")
        jobs.add("tiers", "model = rtl", plan.run_tier_compare)
        jobs.add("crosstalk", "rtl crosstalk", plan.run_crosstalk, "rtl")
        jobs.add("tones", "rtl tones", plan.run_tones, plan.tone_case_rtl(fs_hz), "rtl")
        jobs.add("creep", "rtl no load", plan.run_creep, "rtl", 3.0)
    jobs.add("long", "no load, 24 h", plan.run_noload, 24.0)
    for case in plan.model_cases():
        jobs.add("ideal", f"model {case.name}", plan.run_measured, case, "model")
    for case in plan.calibrated(plan.realistic_model(), gains):
        jobs.add("real", f"model {case.name}", plan.run_measured, case, "model")
    for case in plan.tone_cases(fs_hz):
        jobs.add("tones", f"model {case.name}", plan.run_tones, case, "model")
    add_recordings(jobs, "model")
    jobs.add("crosstalk", "model crosstalk", plan.run_crosstalk, "model")
    jobs.add("long", "pulses, 1 h", plan.run_pulses, 1.0)
    jobs.add("long", "a known error", plan.run_known_error)
    jobs.add("long", "bad stimuli", plan.run_refusals)
    return collect(jobs)


def sample(jobs):
    """About a minute on two cores: the same tests, fewer points, shorter runs."""
    gains = bench.calibrate(plan.calibration_case(), "model")
    for case in plan.sample_cases("rtl"):
        jobs.add("ideal rtl", f"rtl {case.name}", plan.run_measured, case, "rtl")
    jobs.add("tiers", "model = rtl", plan.run_tier_compare)
    for case in plan.sample_cases("model"):
        jobs.add("ideal", f"model {case.name}", plan.run_measured, case, "model")
    for case in plan.calibrated(plan.realistic_model()[1:2], gains):
        jobs.add("real", f"model {case.name}", plan.run_measured, case, "model")
    for case in plan.tone_cases(bench.FS_HZ)[2:5]:
        jobs.add("tones", f"model {case.name}", plan.run_tones, case, "model")
    add_recordings(jobs, "model")
    jobs.add("crosstalk", "model crosstalk", plan.run_crosstalk, "model")
    jobs.add("long", "a known error", plan.run_known_error)
    jobs.add("long", "bad stimuli", plan.run_refusals)
    jobs.add("long", "no load, 3 min", plan.run_noload, 0.05)
    jobs.add("long", "pulses, 3 min", plan.run_pulses, 0.05)
    return collect(jobs)


def main():
    ap = argparse.ArgumentParser(description="Virtual test bench")
    ap.add_argument("--sample", action="store_true")
    ap.add_argument("--model-only", action="store_true")
    ap.add_argument("--jobs", type=int, default=3)
    args = ap.parse_args()
    t0 = time.time()
    bench.forget_old()
    jobs = Jobs(args.jobs)
    try:
        data = sample(jobs) if args.sample else full(jobs, not args.model_only)
    except (bench.BenchError, recordings.RecordingError, OSError) as e:
        print(f"accuracy: {e}", file=sys.stderr)
        return 2
    result = summary.build(data)
    result["wall_seconds"] = round(time.time() - t0, 1)
    out = bench.OUT / "sample" if args.sample else bench.OUT
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(result, indent=1, default=lambda x: x.item()))
    report.write(result, data, out / "index.html")
    return summary.show(result, out)


if __name__ == "__main__":
    sys.exit(main())
