# SPDX-License-Identifier: Apache-2.0
"""Random panels with wiring faults, as numbers, as a scenario file, and the judge of what the meter says about them.
A conductor is what a CT should sit on: number, point, configured phase. What is true of it: phase, load, the CT that is clamped on it."""
import cmath, math, random

CODES = ["unknown", "ok", "reversed", "phase", "phase_reversed", "swapped", "open", "clipping", "unclear", "hint", "no_voltage", "stuck"]
FAULT_CODES = {"reversed", "phase", "phase_reversed", "swapped", "open", "clipping", "unclear", "stuck"}
SERVICE = {"missing_a": 1, "missing_b": 2, "missing_c": 4, "swap_ab": 8, "swap_bc": 16, "swap_ca": 32, "rotated": 64, "sequence": 128, "high_leg": 256}
MIN_SHARE = 0.005       # of rated: the stated minimum load (docs/wiring.md)
LAG = (-18.2, 30.0)     # displacement that certain naming needs
RATED = 200.0
MAIN_RATED = 1200.0
MAINS_AMPS = 10.0       # what the mains can tell: more than twice their tolerance (0.5 % of their current + 0.05 % of rated)


def rect(mag, deg):
    return cmath.rect(mag, math.radians(deg))


class Panel:
    """One panel: conductors, loads, faults. seed makes it."""

    def __init__(self, seed, mains=None, n_faults=None):
        r = self.rng = random.Random(seed)
        self.seed = seed
        self.n_ct = 12 if seed % 4 == 0 else 24     # 12: a build without an analysis block
        self.supply = r.choices(["wye", "split", "highleg"], [70, 20, 10])[0]
        self.freq = r.choice([50.0, 60.0]) if self.supply == "wye" else 60.0
        base = {"wye": r.choice([120, 230, 347]), "split": 120, "highleg": 120}[self.supply] * r.uniform(0.95, 1.05)
        self.phases = 2 if self.supply == "split" else 3
        self.acb = self.supply == "wye" and r.random() < 0.05   # a supply may rotate the other way
        ang = {"wye": (0, -240, -120) if self.acb else (0, -120, -240), "split": (0, -180, 0), "highleg": (0, -180, -270)}[self.supply]
        mag = {"wye": (1, 1, 1), "split": (1, 1, 0), "highleg": (1, 1, math.sqrt(3))}[self.supply]
        self.v = [rect(base * mag[p] * r.uniform(0.985, 1.015), ang[p] + (r.uniform(-1, 1) if p else 0)) for p in range(3)]
        self.terminals = [0, 1, 2]                   # service phase on each terminal; None: not connected
        self.con = []                                # conductors: dict
        self.faults = []                             # dicts: kind, ct(s), ...
        self.has_mains = r.random() < 0.5 if mains is None else mains
        self._points()
        self._faults(r.choices(range(5), [20, 25, 20, 20, 15])[0] if n_faults is None else n_faults)
        self._sum_mains()

    # ---- what is installed
    def _add(self, point, phase, role="branch", **load):
        self.con.append({"ct": len(self.con), "point": point, "told": phase, "phase": phase, "role": role, "feeds": len(self.con), "group": None,
                         "reversed": False, "open": False, **{"rated": RATED, **load}})

    def _lag(self):
        r = self.rng
        return r.choice([("heater", 0.0), ("led", -18.19), ("smps", -8.1), ("motor", r.uniform(0, 29.9)), ("motor", r.uniform(-18, 0))])

    def _amps(self):
        return self.rng.choice([2.0, 5.0, 20.0, 60.0]) * self.rng.uniform(0.6, 1.4)

    def _points(self):
        r, point = self.rng, 0
        if self.has_mains:
            for p in range(self.phases):
                self._add(point, p, "main", kind="main", rated=MAIN_RATED)
            point += 1
        while len(self.con) < self.n_ct:
            left = self.n_ct - len(self.con)
            kind = r.choices(["single", "line", "three", "none", "pv", "poor", "small"], [50, 12, 10, 12, 5, 8, 3])[0]
            p = r.randrange(self.phases if self.supply != "highleg" else 2)
            if kind == "line" and left >= 2:
                a, b = p, (p + 1) % self.phases if self.supply != "highleg" else 1 - p
                if (b - a) % 3 != 1:                 # the scenario knows ab, bc, ca
                    a, b = b, a
                if self.supply != "wye":
                    a, b = 0, 1
                amps, lag = self._amps(), r.choice([0.0, r.uniform(0, 40)])
                self._add(point, a, kind="line", group="line", amps=amps, lag=lag, pair=(a, b))
                self._add(point, b, kind="line", group="line", amps=amps, lag=lag, pair=(a, b))
            elif kind == "three" and left >= 3 and self.supply == "wye":
                amps, lag = self._amps(), r.uniform(0, 60)
                for q in range(3):
                    self._add(point, q, kind="three", group="three", amps=amps, lag=lag)
            elif kind == "none":
                self._add(point, p, kind="noload", amps=0.0, lag=0.0)
            elif kind == "pv":
                self._add(point, p, "source", kind="pv", amps=self._amps(), lag=180.0)
            elif kind == "poor":                     # a poor motor, rightly wired: must not be called a fault
                self._add(point, p, kind="motor", amps=self._amps(), lag=r.uniform(35, 60), poor=True)
            elif kind == "small":
                self._add(point, p, kind="heater", amps=r.uniform(0.05, 0.9) * MIN_SHARE * RATED, lag=0.0)
            else:
                name, lag = self._lag()
                self._add(point, p, kind=name, amps=self._amps(), lag=lag)
            point += 1
        self.n_points = point

    # ---- what went wrong
    def _free(self, **want):
        """Loaded CTs that no fault has touched and that a fault can be told of."""
        used = {k for f in self.faults for k in f["cts"]}
        dead = {p for p in range(3) if self.terminals[p] is None}
        points = {self.con[k]["point"] for k in used}   # one fault a point, and none where a partner has no voltage
        points |= {c["point"] for c in self.con if c["group"] and c["told"] in dead}
        return [c for c in self.con if c["point"] not in points and c["role"] == "branch" and not c.get("poor")
                and c.get("amps", 0) >= 2.2 * MIN_SHARE * RATED and all(c.get(k) == v for k, v in want.items())]

    def _faults(self, n):
        r = self.rng
        wye = self.supply == "wye"
        kinds = ["reversed"] * 4 + ["phase"] * 4 + ["swapped"] * 3 + ["clipping"] + ["phase_reversed", "open"] * (2 if wye else 0)
        voltage = ["leads"] * 2 + ["missing"] if wye else ["leads"] * 2 if self.supply == "highleg" else []
        chosen = [r.choice(kinds + voltage) for _ in range(n)]
        chosen = [k for i, k in enumerate(chosen) if k not in voltage or not set(chosen[:i]) & set(voltage)]
        self.balance = self.has_mains and not {"missing", "clipping"} & set(chosen)   # the mains can tell what angles cannot
        for kind in sorted(chosen, key=lambda k: k not in ("missing", "clipping")):
            getattr(self, "_fault_" + kind)()

    def _pick(self, pool):
        return self.rng.choice(pool) if pool else None

    def _fault_reversed(self):
        c = self._pick([c for c in self._free() if self.mains_tell(c) or (c["group"] and None not in self.terminals) or LAG[0] <= self.own_lag(c) <= LAG[1]])
        if c:
            c["reversed"] = True
            self.faults.append({"kind": "reversed", "cts": [c["ct"]]})

    def _other_phase(self, c):
        n = 2 if self.supply == "highleg" else self.phases
        return self.rng.choice([p for p in range(n) if p != c["told"]])

    def _fault_phase(self):
        c = self._pick(self._free(group=None))
        if c:
            c["phase"] = self._other_phase(c)        # the circuit is on another phase than the meter was told
            self.faults.append({"kind": "phase", "cts": [c["ct"]]})

    def _fault_phase_reversed(self):
        c = self._pick(self._free(group=None))
        if c:
            c["phase"], c["reversed"] = self._other_phase(c), True
            self.faults.append({"kind": "phase_reversed", "cts": [c["ct"]]})

    def _fault_swapped(self):
        pool = [c for c in self._free() if self.mains_tell(c) or LAG[0] <= self.own_lag(c) <= LAG[1]]
        a = self._pick(pool)
        b = a and self._pick([c for c in pool if c["phase"] != a["phase"] ])
        if b:
            a["feeds"], b["feeds"] = b["ct"], a["ct"]
            self.faults.append({"kind": "swapped", "cts": [a["ct"], b["ct"]]})

    def _fault_open(self):
        c = self._pick(self._free(group="three"))
        if c and all(self.terminals[p] is not None for p in range(3)):
            c["open"] = True
            self.faults.append({"kind": "open", "cts": [o["ct"] for o in self.con if o["point"] == c["point"]], "ct": c["ct"]})

    def _fault_clipping(self):
        c = self._pick(self._free(group=None, kind="heater"))
        if c:
            c["rated"], c["amps"] = 20.0, self.rng.uniform(70, 100)
            self.faults.append({"kind": "clipping", "cts": [c["ct"]]})

    def _evidence(self):
        """CTs that show on which phase the leads are: the stated condition for naming exchanged leads (docs/wiring.md)."""
        used = {k for f in self.faults for k in f["cts"]}
        good = [c for c in self.con if c["ct"] not in used and c["role"] == "branch" and not c.get("poor")
                and c.get("amps", 0) >= MIN_SHARE * RATED and c["rated"] == RATED]
        return [sum(c["told"] == p for c in good) for p in range(3)]

    def _fault_leads(self):
        n = self._evidence()
        if self.supply == "highleg":                 # the high leg's lead exchanged with another one's
            a, b = 2, self.rng.randrange(2)
        else:
            a, b = self.rng.choice([(0, 1), (1, 2), (2, 0)])
            if min(n) < 2 or self.acb:
                return
        self.terminals[a], self.terminals[b] = self.terminals[b], self.terminals[a]
        bits = ["swap_" + {(0, 1): "ab", (1, 2): "bc", (0, 2): "ca"}[tuple(sorted((a, b)))]]
        self.faults.append({"kind": "leads", "cts": [], "service": bits + (["high_leg"] if self.supply == "highleg" else [])})

    def _fault_missing(self):
        p = self.rng.randrange(3)
        if self._evidence()[p] == 0 or any(f["kind"] == "open" for f in self.faults):
            return
        self.terminals[p] = None
        self.faults.append({"kind": "missing", "cts": [], "service": ["missing_" + "abc"[p]], "phase": p})

    def _sum_mains(self):
        for c in self.con:
            if c["role"] == "main":
                c["current"] = sum((self.current(o) for o in self.con if o["role"] != "main" and self.lies_on(o) == c["phase"]), 0j)

    def lies_on(self, c):
        return c["phase"]

    def mains_tell(self, c):
        return self.balance and c["amps"] >= MAINS_AMPS

    def own_lag(self, c):
        """Degrees that the current lags the voltage of its own conductor; line loads lead on one, lag on the other."""
        return -math.degrees(cmath.phase(self.current(c) / self.v[c["phase"]]))

    def twins(self, p):
        """Phases whose voltages oppose that of p: reversed on one is right on the other."""
        return [q for q in range(3) if abs(self.v[q]) > 0 and abs(abs(math.degrees(cmath.phase(self.v[q] / self.v[p]))) - 180) < 12]

    # ---- numbers
    def current(self, c):
        """Phasor in the conductor, A."""
        if c["role"] == "main":
            return c["current"]
        if c.get("group") == "line":
            a, b = c["pair"]
            v = self.v[a] - self.v[b]
            i = c["amps"] * v / abs(v) * rect(1, -c["lag"])
            return i if c["told"] == a else -i
        v = self.v[c["phase"]]
        return c["amps"] * v / abs(v) * rect(1, -c["lag"])

    def measured(self, c):
        if c["open"]:
            return 0j
        i = self.current(self.con[c["feeds"]])
        return -i if c["reversed"] else i

    def voltages(self):
        return [0j if t is None else self.v[t] for t in self.terminals]

    # ---- scenario file
    def scenario(self):
        out = [f'name "wiring {self.seed}"', f"frequency {self.freq:g}", "service wye 120"]
        for p in range(3):
            out.append(f"voltage {'abc'[p]} volts={abs(self.v[p]):.4f} angle={math.degrees(cmath.phase(self.v[p])):.4f}")
        if self.terminals != [0, 1, 2]:
            out.append("terminals " + " ".join("none" if t is None else "abc"[t] for t in self.terminals))
        done = set()
        for c in self.con:
            k, extra = c["ct"], []
            if c["role"] != "branch":
                extra.append("role=" + c["role"])
            if c["rated"] != RATED:
                extra.append(f"rated={c['rated']:g}")
            if c["reversed"]:
                extra.append("reversed=yes")
            if c["open"]:
                extra.append("open=yes")
            if c["phase"] != c["told"]:
                extra.append("told=" + "abc"[c["told"]])
            if c["feeds"] > k:
                extra.append(f"swapped={c['feeds']}")
            if extra:
                out.append(f"ct {k} " + " ".join(extra))
        for c in self.con:
            k, on = c["ct"], "abc"[c["phase"]]
            point = f' point="p{c["point"]}"'
            if c["kind"] == "main":
                out.append(f"load {k} main on={on}" + point)
            elif c["kind"] == "noload":
                out.append(f"load {k} noload on={on}" + point)
            elif c.get("group"):
                if c["point"] in done:
                    continue
                done.add(c["point"])
                mates = ",".join(str(o["ct"]) for o in self.con if o["point"] == c["point"])
                if c["group"] == "line":
                    a, b = c["pair"]
                    out.append(f"load {mates} splitphase amps={c['amps']:.5f} angle={c['lag']:.4f} on={'abc'[a]}{'abc'[b]}" + point)
                else:
                    out.append(f"load {mates} threephase amps={c['amps']:.5f} angle={c['lag']:.4f}" + point)
            elif c["kind"] == "motor":
                out.append(f"load {k} motor amps={c['amps']:.5f} angle={c['lag']:.4f} on={on}" + point)
            else:
                out.append(f"load {k} {c['kind']} amps={c['amps']:.5f} on={on}" + point)
        return "\n".join(out) + "\n"


# ---- judge
def judge(panel, results, service):
    """results: per CT a dict of code, phase, reversed, alt_phase, alt_reversed, partner; service: bits.
    Returns a list of (truth, said, verdict, text): verdict is named, hinted, unclear, missed, misnamed, false_alarm or right."""
    out = []
    missing = {f["phase"] for f in panel.faults if f["kind"] == "missing"}
    kind_of = {}
    for f in panel.faults:
        for k in [f["ct"]] if "ct" in f else f["cts"]:
            kind_of[k] = f["kind"]
    for c in panel.con:
        k, got = c["ct"], results[c["ct"]]
        said, kind = got["code"], kind_of.get(c["ct"])
        here, rev = (got["phase"], got["reversed"]), c["reversed"]
        there, therev = (got["alt_phase"], got["alt_reversed"]), None
        true = (panel.con[c["feeds"]]["phase"], rev)
        row = kind or "none"
        if kind is None:
            verdict = "false_alarm" if said in FAULT_CODES else "right"
        elif c["told"] in missing and said in ("no_voltage", "clipping"):
            verdict = "named"
        elif kind == "clipping":
            verdict = "named" if said == "clipping" else "missed" if said not in FAULT_CODES else "misnamed"
        elif kind == "open":
            verdict = "named" if said == "open" else "missed" if said not in FAULT_CODES else "misnamed"
        elif said in ("reversed", "phase", "phase_reversed", "swapped"):
            same = here == true or (there == true and there[0] in panel.twins(here[0]) and here[1] != there[1])
            verdict = "named" if same else "misnamed"
            if said == "swapped" and kind == "swapped" and got["partner"] != c["feeds"]:
                row = "swapped, other partner"
        elif said == "unclear":
            verdict = "unclear" if true in (here, there) else "misnamed"
        elif said == "hint":
            verdict = "hinted" if kind == "phase_reversed" and not panel.mains_tell(c) else "missed"  # the stated limit
        else:
            verdict = "missed"
        out.append((row, said, verdict, f"seed {panel.seed} {panel.supply} CT {k}: truth {kind} {true} told {c['told']}, said {got}, "
                    f"{c['kind']} {c.get('amps', 0):.2f} A lag {panel.con[c['feeds']].get('lag', 0):.1f} mains {panel.has_mains}"))
    want = sum(SERVICE[b] for f in panel.faults for b in f.get("service", []))
    names = [f["kind"] for f in panel.faults if "service" in f]
    said = "+".join(n for n, b in SERVICE.items() if service & b) or "ok"
    verdict = "right" if want == 0 and service in (0, SERVICE["sequence"] if panel.acb else 0) else "named" if service == want else "missed" if service & 0x17F == 0 else "misnamed" if want else "false_alarm"
    out.append((names[0] if names else "leads right", said, verdict, f"seed {panel.seed} {panel.supply}: leads {panel.terminals}, said {said}"))
    return out


class Tally:
    def __init__(self):
        self.panels = self.faults = 0
        self.count = {}
        self.confusion = {}
        self.bad = []

    def add(self, panel, results, service):
        self.panels += 1
        self.faults += len(panel.faults)
        for truth, said, verdict, text in judge(panel, results, service):
            self.count[verdict] = self.count.get(verdict, 0) + 1
            row = self.confusion.setdefault(truth, {})
            row[said] = row.get(said, 0) + 1
            if verdict in ("missed", "misnamed", "false_alarm", "unclear", "hinted"):
                self.bad.append((verdict, text))

    def report(self):
        n = self.count.get
        return {"panels": self.panels, "faults": self.faults, "missed": n("missed", 0), "false_alarms": n("false_alarm", 0),
                "misnamed": n("misnamed", 0), "named": n("named", 0), "hinted": n("hinted", 0), "unclear": n("unclear", 0),
                "confusion": self.confusion}
