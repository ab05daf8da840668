# SPDX-License-Identifier: Apache-2.0
"""Forms in the running meter: every form on its service, model tier. Elements against the scenario's truth, netted energy against the loads
as they are written, apparent power against the phasors, the service found by itself."""
import cmath, csv, math, re
import pytest

H = math.sqrt(3)
# service, Hz, phasors (volts, degrees), points: CTs, form, loads between conductors (watts, degrees lag)
PANELS = {
    "single": (60, {"a": (120, 0), "b": (0, 0), "c": (0, 0)}, 1, [([0], "1e2w", {"a": (1500, 30)})]),
    "split": (60, {"a": (120, 0), "b": (120, 180), "c": (0, 0)}, 2, [
        ([0], "1.5e-1ct", {"a": (1500, 30), "b": (700, 0), "ab": (2000, -20)}),
        ([1, 2], "1.5e-2ct", {"a": (1500, 0), "b": (-2500, 0), "ab": (300, 0)}),
        ([3, 4], "2e3w", {"a": (2000, 0), "b": (-1500, 0)}),
        ([5], "1e2w first=ab", {"ab": (3500, 0)})]),
    "network": (60, {"a": (120, 0), "b": (120, -120), "c": (0, 0)}, 3, [
        ([0, 1], "2e3w", {"a": (1000, 0), "b": (500, 40), "ab": (1200, 30)}),
        ([2, 3], "2e3w", {"a": (900, 10), "b": (-1900, 0)})]),
    "delta": (60, {"a": (240, 0), "b": (0, 0), "c": (240, 60)}, 4, [
        ([0, 1], "2e-delta", {"ab": (3000, 20), "bc": (1500, 0), "ca": (-800, 0)}),
        ([2, 3], "2e-delta first=b", {"ab": (500, 0), "bc": (-4000, 0), "ca": (900, 45)}),
        ([4, 5, 6, 7], "2e-delta", {"ab": (2000, 20), "bc": (2000, 20), "ca": (2000, 20)})]),
    "wye": (50, {"a": (230, 0), "b": (230, -120), "c": (230, 120)}, 5, [
        ([0, 1, 2], "3e-wye", {"a": (3000, 0), "b": (2000, 30), "c": (1000, -30), "ab": (600, 0)}),
        ([3, 4, 5, 6, 7, 8, 9, 10, 11], "3e-wye first=b", {"a": (-9000, 0), "b": (6000, 0), "c": (1000, 0)})]),
    "highleg": (60, {"a": (120, 0), "b": (120, 180), "c": (120 * H, 90)}, 6, [
        ([0, 1, 2], "3e-delta", {"a": (900, 0), "b": (400, 0), "ab": (1000, 10), "bc": (2000, 30), "ca": (1800, 30)}),
        ([3, 4, 5], "3e-delta", {"c": (-500, 0), "ab": (200, 0)})]),
}
NUMBER = {"1e2w": 1, "1.5e-1ct": 2, "1.5e-2ct": 3, "2e3w": 4, "2e-delta": 5, "3e-wye": 6, "3e-delta": 7}


def scenario(service, hz, volts, points):
    lines = [f"service {service} {volts['a'][0]}", f"frequency {hz}", "ct all rated=100"]
    for cts, form, loads in points:
        legs = " ".join(f"{leg}={w}@{lag}" for leg, (w, lag) in loads.items())
        lines.append(f"point {','.join(map(str, cts))} form={form} {legs}")
    return "\n".join(lines) + "\n"


def phasor(volts, leg):
    a, b = (cmath.rect(v, math.radians(d)) for v, d in (volts[leg[0]], volts[leg[-1]]))
    return a if len(leg) == 1 else a - b


def apparent(volts, cts, form, loads):
    """Arithmetic VA of the elements, and P + jQ of the loads."""
    conductor = dict.fromkeys("abc", 0j)
    total = 0j
    for leg, (w, lag) in loads.items():
        v = phasor(volts, leg)
        s = w * (1 + 1j * math.tan(math.radians(lag)))
        i = (s / v).conjugate()
        conductor[leg[0]] += i
        if len(leg) == 2:
            conductor[leg[1]] -= i
        total += s
    name, _, first = form.partition(" first=")
    x, y, z = ("abcabc"["abc".index((first or "a")[0]):])[:3]
    elements = {"1e2w": [("ab" if "ab" in loads else x, conductor[x], 1)],
                "1.5e-1ct": [("ab", conductor["a"] - conductor["b"], 0.5)],
                "1.5e-2ct": [("ab", conductor["a"], 0.5), ("ab", conductor["b"], 0.5)],
                "2e3w": [(x, conductor[x], 1), (y, conductor[y], 1)],
                "2e-delta": [(x + y, conductor[x], 1), (y + z, conductor[z], 1)]}.get(name, [(n, conductor[n], 1) for n in "abc"])
    return sum(abs(phasor(volts, v)) * abs(i) * weight for v, i, weight in elements), total


def read(m):
    for _ in range(50):
        w = m.item("WINDOW")
        got = {"ENERGY": m.items("ENERGY", m.n_ct), "POINT": m.items("POINT", m.n_points), "POINTX": m.items("POINTX", m.n_points)}
        if m.item("WINDOW")["SEQ"] == w["SEQ"]:
            return {"WINDOW": w, **got}
    raise AssertionError("the client is too slow for the meter")


@pytest.mark.parametrize("service", PANELS)
def test_forms(sim, tmp_path, service):
    hz, volts, code, points = PANELS[service]
    (tmp_path / "p.scn").write_text(scenario(service, hz, volts, points))
    s = sim(tmp_path / "p.scn", "--ct", "12")
    with s.meter() as m:
        m.wait(lambda w: w["UPTIME_WIN"] > 5_500_000, 60, "settled, service known")
        a = read(m)
        m.wait(lambda w: w["UPTIME_WIN"] > a["WINDOW"]["UPTIME_WIN"] + 3_000_000, 60, "three more")
        b = read(m)
        found = m.item("SERVICE")
    s.stop()
    truth = {int(row["seq"]): row for row in csv.DictReader(open(s.folder / "truth.csv"))}
    t0, t1 = truth[a["WINDOW"]["FE_SEQ"]], truth[b["WINDOW"]["FE_SEQ"]]
    hours = (float(t1["seconds"]) - float(t0["seconds"])) / 3600

    def grown(block, item, value):
        return (b[block][item][value] - a[block][item][value]) / 1e6        # Wh

    for cts, form, loads in points:
        for k in cts:                                                       # each element, its weight and direction included
            want = (float(t1[f"ct{k}_wh_j"]) - float(t0[f"ct{k}_wh_j"])) / 3600
            got = grown("ENERGY", k, "E_DEL") - grown("ENERGY", k, "E_REC")
            assert abs(got - want) <= 5e-4 * abs(want) + 2e-4, (form, k, got, want)
        n = next(i for i, p in enumerate(b["POINT"]) if p["P_LEAD"] == cts[0])
        x, net = b["POINTX"][n], sum(w for w, _ in loads.values())
        del_, rec = grown("POINT", n, "P_DEL"), grown("POINT", n, "P_REC")
        net_del, net_rec = grown("POINTX", n, "NET_DEL"), grown("POINTX", n, "NET_REC")
        assert abs((net_del - net_rec) / (net * hours) - 1) < 5e-4, (form, net_del, net_rec)
        assert (net_rec if net > 0 else net_del) == 0, "netted: one direction only"
        assert abs((net_del - net_rec) - (del_ - rec)) < 1e-4, "both kinds of the same energy"
        assert abs(b["POINTX"][n]["NET"] - (x["NET_DEL"] - x["NET_REC"])) <= 1
        s_arith, sq = apparent(volts, cts, form, loads)
        assert abs(x["S_ARITH"] / 1e3 / s_arith - 1) < 5e-4 and abs(x["S_VECTOR"] / 1e3 / abs(sq) - 1) < 5e-4, (form, x, s_arith, sq)
        assert abs(x["PF_ARITH"] / 1e4 - sq.real / s_arith) < 1e-3 and abs(x["PF_VECTOR"] / 1e4 - sq.real / abs(sq)) < 1e-3
        va = grown("POINTX", n, "VA_DEL") + grown("POINTX", n, "VA_REC")
        assert abs(va / (s_arith * hours) - 1) < 0.4, "in blocks of a second"
        assert x["FORM"] == NUMBER[form.split()[0]] and x["STATUS"] == 0
    if service in ("split", "network"):                                     # import on one leg, export on the other, side by side
        n = 2 if service == "split" else 1
        assert grown("POINT", n, "P_DEL") > 0 and grown("POINT", n, "P_REC") > 0
    assert (found["DETECTED"], found["WHY"], found["MISSING"], found["MISFITS"]) == (code, 0, 0, 0)
    assert found["SEQUENCE"] == (1 if service in ("delta", "wye", "highleg") else 0) and found["HIGH_LEG"] == (3 if service == "highleg" else 0)
    assert found["NOMINAL"] == volts["a"][0] * 1000
    assert re.search(r"! service .*, missing inputs 0", (s.folder / "console.txt").read_text())


def test_configured_service_and_a_missing_phase(sim, tmp_path):
    (tmp_path / "p.scn").write_text("service wye 120\nvoltage c volts=0\npoint 0,1 form=2e3w a=1000 b=500\n")
    s = sim(tmp_path / "p.scn", "--ct", "12", "--unsealed")
    with s.meter() as m:
        m.wait(lambda w: w["UPTIME_WIN"] > 6_000_000, 60, "six seconds")
        assert m.item("SERVICE")["DETECTED"] == 3                           # looks like a network service
        assert not m.write("CFG2", 0, "SERVICE", 5).isError()
        now = m.item("WINDOW")["UPTIME_WIN"]
        m.wait(lambda w: w["UPTIME_WIN"] > now + 6_000_000, 60, "six more")
        found = m.item("SERVICE")
        assert (found["DETECTED"], found["WHY"], found["MISSING"], found["MISMATCH"]) == (5, 4, 4, 0)
        assert m.write("CFG_POINT2", 0, "FORM", 7).isError()                # a delta form on a wye, and one CT short
        assert m.write("CFG_CT", 0, "C_VSEL", 3).isError()                  # not a voltage of the point's form
    s.stop()
    assert "missing inputs 4" in (s.folder / "console.txt").read_text()
