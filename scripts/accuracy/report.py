# SPDX-License-Identifier: Apache-2.0
"""The page: summary, standards, curves (SVG inside the page), all points."""
import html, io

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLOURS = {"1": "#1f6feb", "0.5L": "#d1242f", "0.8C": "#1a7f37", "0.25L": "#9a6700", "-1": "#8250df", "0": "#57606a", "0.5C": "#bf3989", "-0.5L": "#0a7ea4"}
PF_NAMES = {"1": "PF 1", "0.5L": "PF 0.5 lag", "0.8C": "PF 0.8 lead", "0.25L": "PF 0.25 lag", "-1": "PF 1, export", "0": "PF 0 (sin phi 1)",
            "0.5C": "PF 0.5 lead", "-0.5L": "PF 0.5, export"}
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; color: #1f2328 }
h1 { font-size: 1.6em } h2 { margin-top: 2em; border-bottom: 1px solid #d0d7de } table { border-collapse: collapse; width: 100%; font-size: 13px }
th, td { text-align: left; padding: 3px 8px; border-bottom: 1px solid #eaeef2; vertical-align: top } th { background: #f6f8fa; position: sticky; top: 0 }
.ok { color: #1a7f37; font-weight: 600 } .miss { color: #fff; background: #d1242f; font-weight: 600; padding: 0 5px } .num { text-align: right; font-variant-numeric: tabular-nums }
figure { margin: 1.5em 0 } svg { max-width: 100%; height: auto } figcaption, .note { color: #57606a; font-size: 13px } details { margin: 1em 0 }
"""


def svg(fig):
    buf = io.StringIO()
    fig.savefig(buf, format="svg", bbox_inches="tight")
    plt.close(fig)
    text = buf.getvalue()
    return text[text.index("<svg"):]


def axes(title, xlabel, ylabel, height=3.6):
    fig, ax = plt.subplots(figsize=(9.5, height))
    ax.set_title(title, fontsize=11, loc="left")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.grid(alpha=0.25, which="both", linewidth=0.5)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return fig, ax


def percent_axis(ax):
    ax.set_xscale("log")
    ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.set_xlim(0.008, 250)


def curve(result, quantity, cases, title, pfs, limits, modulators="ideal", ylim=None):
    """Error against current, a line a power factor for the model tier, rings for the RTL."""
    fig, ax = axes(title, "% of rated current", "error, %")
    mine = [p for p in result["points"] if p["quantity"] == quantity and p["kind"] == "sine" and p["modulators"] == modulators]
    for pf in pfs:
        line = sorted((p["percent"], p["error_pct"]) for p in mine if p["pf"] == pf and p["tier"] == "model" and p["case"] in cases)
        dots = sorted((p["percent"], p["error_pct"]) for p in mine if p["pf"] == pf and p["tier"] == "rtl" and p["case"].removeprefix("real_").startswith("rtl"))
        if line:
            ax.plot(*zip(*line), "-", marker=".", color=COLOURS[pf], linewidth=1.2, label=PF_NAMES[pf])
        if dots:
            ax.plot(*zip(*dots), "o", markerfacecolor="none", markersize=7, color=COLOURS[pf], label=PF_NAMES[pf] + ", RTL")
    for lo, hi, value, label in limits:
        for sign in (1, -1):
            ax.plot([lo, hi], [sign * value] * 2, "--", color="#57606a", linewidth=1, label=label if sign == 1 else None)
    percent_axis(ax)
    if ylim:
        ax.set_ylim(-ylim, ylim)
    ax.legend(fontsize=8, ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.17), frameon=False)
    return svg(fig)


def influence(result, title, x_of, xlabel, select, limit):
    fig, ax = axes(title, xlabel, "error of Wh, %")
    mine = [p for p in result["points"] if p["quantity"] == "Wh" and p["kind"] == "sine" and p["modulators"] == "ideal" and select(p)]
    for k, pf in enumerate(("1", "0.5L", "0.8C", "0.25L")):
        for tier, mark in (("model", dict(marker=".", linestyle="none", markersize=7)), ("rtl", dict(marker="o", linestyle="none", markerfacecolor="none", markersize=8))):
            dots = [(x_of(p) + 0.12 * (k - 1.5), p["error_pct"]) for p in mine        # side by side, or they hide each other
                    if p["pf"] == pf and p["tier"] == tier and p["percent"] >= 1]
            if dots:
                ax.plot(*zip(*dots), color=COLOURS[pf], label=PF_NAMES[pf] + (", RTL" if tier == "rtl" else ""), **mark)
    for sign in (1, -1):
        ax.axhline(sign * limit, linestyle="--", color="#57606a", linewidth=1, label=f"{limit:g} %" if sign == 1 else None)
    ax.legend(fontsize=8, ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.17), frameon=False)
    return svg(fig)


def pass_band(result):
    fig, ax = axes("Pass band of the whole front-end", "Hz", "gain, dB", 3.0)
    for tier, mark, colour in (("model", "-", "#1f6feb"), ("rtl", "o", "#d1242f")):
        t = sorted((t["hz"], t["gain_db"]) for t in result["tones"] if t["tier"] == tier and t["hz"] <= 3500)
        if t:
            ax.plot(*zip(*t), mark, color=colour, markerfacecolor="none", markersize=6, linewidth=1.2, label={"rtl": "RTL", "model": "model"}[tier])
    for sign in (1, -1):
        ax.axhline(sign * 0.01, linestyle="--", color="#57606a", linewidth=1)
    ax.axvline(3000, linestyle=":", color="#57606a", linewidth=1)
    ax.set_ylim(-0.015, 0.015)
    ax.legend(fontsize=8)
    return svg(fig)


def stop_band(result):
    fig, ax = axes("What reaches the samples, by frequency of the input", "kHz", "dB", 3.6)
    for tier, mark, colour in (("model", ".", "#1f6feb"), ("rtl", "o", "#d1242f")):
        for folds, shade in ((True, 1.0), (False, 0.35)):
            t = [(t["hz"] / 1e3, max(t["gain_db"], -190)) for t in result["tones"] if t["tier"] == tier and (t["folded_hz"] <= 3000) == folds]
            if t:
                ax.plot(*zip(*t), mark, color=colour, alpha=shade, markerfacecolor=None if tier == "model" else "none",
                        label={"rtl": "RTL", "model": "model"}[tier] + ("" if folds else ", folds above 3 kHz"))
    ax.axhline(-80, linestyle="--", color="#57606a", linewidth=1, label="-80 dB")
    ax.set_xscale("log")
    ax.set_xticks([0.1, 1, 3, 10, 20, 39, 78, 117], ["0.1", "1", "3", "10", "20", "39", "78", "117"])
    ax.minorticks_off()
    ax.legend(fontsize=8, loc="lower left")
    return svg(fig)


def mark(ok):
    return '<span class="ok">pass</span>' if ok else '<span class="miss">MISS</span>'


def table(head, rows):
    cells = lambda tag, row: "".join(f"<{tag}>{c}</{tag}>" for c in row)
    return f"<table><thead><tr>{cells('th', head)}</tr></thead><tbody>" + "".join(f"<tr>{cells('td', r)}</tr>" for r in rows) + "</tbody></table>"


def esc(x):
    return html.escape(str(x))


def goals_table(result):
    return table(["goal", "tier", "limit", "worst", "", "what limits it, remarks"],
                 [[esc(g["goal"]), g["tier"], esc(g["limit"]), esc(g["value"]), mark(g["pass"]), esc(g["note"])] for g in result["goals"]])


def standards_summary(result):
    out = []
    for std in dict.fromkeys(r["standard"] for r in result["standards"]):
        mine = [r for r in result["standards"] if r["standard"] == std and r["points"]]
        if not mine:
            continue
        tight = max(mine, key=lambda r: r["worst_pct"] / r["limit_pct"])
        out.append([esc(std), f"{sum(r['pass'] for r in mine)} of {len(mine)} tests", mark(all(r["pass"] for r in mine)),
                    esc(f"{tight['test']}: {tight['worst_pct']:.4f} % of {tight['limit_pct']:g} % allowed")])
    return table(["standard", "held", "", "nearest to its limit"], out)


def standards_table(result):
    return table(["standard", "test", "quantity", "what", "limit %", "worst %", "at", "points", "tag", ""],
                 [[esc(r["standard"]), esc(r["test"]), r["quantity"], r["what"], f"{r['limit_pct']:g}", f"{r['worst_pct']:.4f}", esc(r["at"]), r["points"],
                   esc(r["tag"]), mark(r["pass"])] for r in result["standards"] if r["points"]])


def points_table(result):
    return table(["quantity", "load", "tier", "modulators", "error %", "limit %", ""],
                 [[p["quantity"], esc(p["load"]), p["tier"], p["modulators"], f'<span class="num">{p["error_pct"]:+.5f}</span>',
                   "" if p["limit_pct"] is None else f"{p['limit_pct']:g}", "" if p["limit_pct"] is None else mark(p["pass"])] for p in result["points"]])


def wiring_table(w):
    if w is None:
        return "<p class=note>Not run here: make test-wiring-long.</p>"
    said = sorted({c for row in w["confusion"].values() for c in row})
    return (f"<p class=note>Rows: what was wrong with a CT or the voltage leads; columns: what the meter said. {w['panels']} panels, by make test-wiring-long.</p>"
            + table(["is \\ said"] + [esc(c) for c in said], [[esc(kind)] + [row.get(c, "") for c in said] for kind, row in sorted(w["confusion"].items())]))


MAIN = {"low", "middle", "high", "export", "lead"}


def figures(result):
    fig = []
    real = {"real_" + c for c in MAIN}
    main_limits = [(0.1, 200, 0.02, "0.02 %, PF 1"), (0.1, 200, 0.04, "0.04 %, PF 0.5"), (0.01, 0.1, 0.1, "0.1 %, below 0.1 %")]
    fig.append(("wh", curve(result, "Wh", MAIN, "Wh, ideal second-order modulators", ("1", "0.5L", "0.8C", "0.25L", "-1"), main_limits, ylim=0.12),
                "Model tier: 60 s from 0.01 % to 0.5 %, 10 s above. RTL: 10 s at and below 0.05 %, 4 to 6 s above."))
    fig.append(("varh", curve(result, "varh", MAIN, "varh", ("0", "0.5L", "0.8C", "0.25L"), [(0.1, 200, 0.05, "0.05 %")], ylim=0.08), ""))
    fig.append(("vah", curve(result, "VAh", MAIN, "VAh (V x A of each second)", ("1", "0.5L"), [(0.1, 200, 0.04, "0.04 %")], ylim=0.1), ""))
    fig.append(("irms", curve(result, "Irms", MAIN, "Irms, worst 1 s", ("1", "0.5L"), [(0.1, 200, 0.02, "0.02 %")], ylim=0.06), ""))
    fig.append(("real", curve(result, "Wh", real, "Wh, realistic modulators (90 dB SNR, leakage, offset), calibrated", ("1", "0.5L", "0.8C", "0.25L"),
                              [(5, 200, 0.1, "class 0.1S, PF 1 (M)"), (1, 5, 0.2, None)], "realistic", 0.5), "Below 1 % the class has no limit."))
    fig.append(("freq", influence(result, "Frequency", lambda p: p["hz"], "Hz", lambda p: p["volts_percent"] == 100, 0.02), ""))
    fig.append(("volt", influence(result, "Voltage", lambda p: p["volts_percent"], "% of nominal voltage", lambda p: p["hz"] == 60 and
                                  (p["case"].startswith("volts") or p["case"] in MAIN), 0.02), ""))
    if result["tones"]:
        fig += [("pass", pass_band(result), ""), ("stop", stop_band(result), "Tones of half full scale into the modulators; dots below -150 dB are the noise floor.")]
    return fig


def write(result, data, path):
    n_bad = sum(not g["pass"] for g in result["goals"]) + sum(not p["pass"] for p in result["points"])
    figs = figures(result)
    for name, text, _ in figs:
        path.with_name(f"{name}.svg").write_text(text)
    body = [
        "<h1>Polywatt: accuracy on the virtual test bench</h1>",
        f"<p>{len(result['goals'])} goals, {len(result['points'])} points, {'all within their limits' if not n_bad else f'{n_bad} missed'}. "
        "Analog waveforms in double precision, sigma-delta modulators, front-end (bit-exact model or RTL), the firmware's own metrology; judged is what the meter "
        "shows. The truth is numpy on the analog waveform. 24 loads at once, a CT each. CT 200 A rated = 0.354 of full scale at its peak, 120 V.</p>",
        "<h2>Goals</h2>", goals_table(result),
        "<h2>Standards</h2>", "<p class=note>Each CT is judged as a meter of its own, which is stricter than the sum over phases. Tag V: limit read in a source; M: from memory, the "
        "standard's text is not public, so it is a design target and not the standard's limit (unverified). No temperature, ageing or analog part is in these figures. "
        "Class amperes and In: 200 A; Imax 400 A.</p>", standards_summary(result), "<details><summary>Every test</summary>" + standards_table(result) + "</details>",
        "<h2>Curves</h2>",
    ]
    body += [f"<figure>{s}<figcaption>{esc(c)}</figcaption></figure>" for _, s, c in figs]
    body += ["<h2>Wiring finder</h2>", wiring_table(result["wiring"])]
    body += [f"<h2>All points</h2><details><summary>{len(result['points'])} points</summary>{points_table(result)}</details>"]
    path.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>Polywatt accuracy</title><style>{STYLE}</style><body>{''.join(body)}</body></html>")
