# SPDX-License-Identifier: Apache-2.0
"""The runner: options, errors, outputs, clean stop, buttons, kept memory, live panel, and both tiers giving the same bits."""
import csv, json, os, pathlib, pty, re, select, signal, socket, subprocess, time
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODEL, RTL = str(ROOT / "build/sim/pwsim-model"), str(ROOT / "build/sim/pwsim-rtl")
PANEL = str(ROOT / "sim/scenarios/panel24.scn")


def run(tmp, *options, program=MODEL, source=PANEL, timeout=120):
    command = [program, "--port", "0", "--pty-dir", str(tmp), *options] + ([source] if source else [])
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)


BAD = [
    (["--seconds", "1", "--wrong"], PANEL, "--wrong"),
    (["--seconds", "1", "--port"], None, "--port: value missing"),
    (["--seconds", "0"], PANEL, "--seconds 0: expected a number from 0.001"),
    (["--seconds", "1e999"], PANEL, "--seconds 1e999"),
    (["--seconds", "nan"], PANEL, "--seconds nan"),
    (["--seconds", "1", "--port", "70000"], PANEL, "--port 70000: expected a whole number from 0 to 65535"),
    (["--seconds", "1", "--port", "-1"], PANEL, "--port -1"),
    (["--seconds", "1", "--ct", "13"], PANEL, "--ct 13: expected 12, 24, 48 or 54"),
    (["--seconds", "1", "--keys", "1:left"], PANEL, "--keys 1:left"),
    (["--seconds", "1", "--keys", "2:up,1:up"], PANEL, "in order of time"),
    (["--seconds", "1", "--keys", "1:up:0"], PANEL, "--keys 1:up:0"),
    (["--seconds", "1", "--key-switch", "1:0.5:2"], PANEL, "--key-switch 1:0.5:2"),
    (["--seconds", "1", "--profile", "ims"], PANEL, "--profile ims"),
    (["--seconds", "1", "--key-switch", "1:0.5,1.2"], PANEL, "in order of time"),
    ([], PANEL, "give --seconds"),
    (["--seconds", "1"], None, "give one input"),
    (["--seconds", "1", "--wave", "a.csv"], PANEL, "give one input"),
    (["--seconds", "1", "--map", "x"], PANEL, "--map goes with --wave"),
    (["--seconds", "1"], "/nonexistent.scn", "/nonexistent.scn: "),
    (["--seconds", "1", "--wave", "/nonexistent.csv"], None, "/nonexistent.csv: "),
    (["--seconds", "1", "--fram", "/nonexistent/fram"], PANEL, "/nonexistent/fram: "),
    (["--seconds", "1", "--fram", str(ROOT / "Makefile")], PANEL, "expected 32768 or 131072"),
    (["--seconds", "1", "--fram-kib", "64"], PANEL, "expected 32 or 128"),
    (["--seconds", "1", "--truth", "/nonexistent/t.csv"], PANEL, "/nonexistent/t.csv: "),
]


@pytest.mark.parametrize("options,source,says", BAD)
def test_bad_input_is_one_clear_line(tmp_path, options, source, says):
    r = run(tmp_path, *options, source=source)
    assert r.returncode == 2 and r.stderr.count("\n") == 1 and says in r.stderr and r.stderr.startswith("pwsim-model: "), r.stderr


def test_bad_scenario_line_is_named(tmp_path):
    (tmp_path / "bad.scn").write_text("name \"x\"\nservice wye 120\nload 0 teapot watts=5\n")
    r = run(tmp_path, "--seconds", "1", source=str(tmp_path / "bad.scn"))
    assert r.returncode == 2 and r.stderr.count("\n") == 1 and "bad.scn:3" in r.stderr


def test_rtl_needs_its_firmware(tmp_path):
    r = run(tmp_path, "--seconds", "1", "--firmware", str(tmp_path / "none.bin"), program=RTL)
    assert r.returncode == 2 and "none.bin: No such file" in r.stderr and r.stderr.count("\n") == 1
    (tmp_path / "big.bin").write_bytes(bytes(256 * 1024 + 1))
    r = run(tmp_path, "--seconds", "1", "--firmware", str(tmp_path / "big.bin"), program=RTL)
    assert r.returncode == 2 and "longer than the RAM" in r.stderr
    r = run(tmp_path, "--seconds", "1", "--ct", "12", program=RTL)
    assert r.returncode == 2 and "built for 24 CTs" in r.stderr


def test_port_in_use(tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = str(s.getsockname()[1])
        r = subprocess.run([MODEL, "--seconds", "1", "--port", port, "--pty-dir", str(tmp_path), PANEL], cwd=ROOT, capture_output=True, text=True)
    assert r.returncode == 2 and port in r.stderr and "in use" in r.stderr


def test_outputs(tmp_path):
    f = {n: tmp_path / (n + ".out") for n in ("truth", "samples", "screen", "report", "console", "ready", "windows")}
    r = run(tmp_path, "--seconds", "1.5", *sum((["--" + n, str(p)] for n, p in f.items()), []))
    assert r.returncode == 0, r.stderr
    rep = json.loads(f["report"].read_text())
    assert rep["tier"] == "model" and abs(rep["metered_seconds"] - 1.5) < 0.002 and rep["cosim_mhz"] > 0
    assert rep["lcd_errors"] == rep["w5500_errors"] == rep["bus_errors"] == rep["cpu_resets"] == rep["fram_refused"] == 0
    assert len(rep["pulses"]) == 24 and f["ready"].read_text() == r.stdout and r.stdout.startswith(f"READY port={rep['modbus_port']} ")
    rows = list(csv.DictReader(f["truth"].open()))
    assert len(rows) == rep["windows"] >= 7 and [int(x["seq"]) for x in rows] == list(range(1, len(rows) + 1))
    power = [(float(b["ct0_wh_j"]) - float(a["ct0_wh_j"])) / (float(b["seconds"]) - float(a["seconds"])) for a, b in zip(rows[2:], rows[3:])]
    assert all(abs(p / power[0] - 1) < 1e-3 for p in power) and 20e3 < power[0] < 30e3        # 200 A heater on 119.3 V
    assert len(f["samples"].read_text().splitlines()) == 1025
    screen = f["screen"].read_text().split("\n")
    assert len(screen) == 5 and all(len(line) == 20 for line in screen[:4]) and "".join(screen).strip()
    assert "Polywatt" in f["console"].read_text()
    assert list(tmp_path.glob("rs485")) == []                          # links go with the run


def test_same_seed_same_bits(tmp_path):
    for n, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert run(tmp_path, "--seconds", "0.5", "--seed", seed, "--windows", str(tmp_path / n)).returncode == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def own_sums(lines):
    """Windows without what P and Q of each CT carry in from the window before: its low 32 bits (rtl/frontend: energy unit)."""
    rows = [[int(x) for x in line.split(",")] for line in lines if line]
    carried = lambda k: k >= 2 + 3 * 3 and (k - 2) % 3 < 2
    return [[v - before[k] % 2**32 if carried(k) else v for k, v in enumerate(row)] for before, row in zip(rows, rows[1:])]


def test_tiers_give_the_same_bits(tmp_path):
    """Window sums, truth and screen of the gateware with RISC-V firmware and of the models, bit for bit."""
    source = str(ROOT / "tests/sim/run/same.scn")
    for name, program in (("model", MODEL), ("rtl", RTL)):
        r = run(tmp_path, "--seconds", "1.18", "--windows", str(tmp_path / f"w-{name}"), "--truth", str(tmp_path / f"t-{name}"), "--report",
                str(tmp_path / f"r-{name}"), "--screen", str(tmp_path / f"s-{name}"), program=program, source=source, timeout=600)
        assert r.returncode == 0, r.stderr
    w = {n: (tmp_path / f"w-{n}").read_text().split("\n") for n in ("model", "rtl")}
    assert len(w["rtl"]) >= 7 and [x.split(",")[:2] for x in w["rtl"]] == [x.split(",")[:2] for x in w["model"]]
    assert own_sums(w["rtl"][3:]) == own_sums(w["model"][3:])          # the first two saw the firmware set gains and quadrature
    assert any(int(x) for x in w["rtl"][3].split(",")[2:])
    assert (tmp_path / "t-rtl").read_text() == (tmp_path / "t-model").read_text()
    screen = [(tmp_path / f"s-{n}").read_text().split("\n")[:3] for n in ("rtl", "model")]       # row 4, energy, holds the first window too
    text = [re.sub(r"\d", "#", " ".join(rows)) for rows in screen]
    last_digits = [[int(x.replace(".", "")) for x in re.findall(r"[\d.]+", " ".join(rows))] for rows in screen]
    assert text[0] == text[1] and "Hz" in screen[0][1]
    assert all(abs(a - b) <= 1 for a, b in zip(*last_digits))          # means over a second that began one window apart
    rep = json.loads((tmp_path / "r-rtl").read_text())
    assert rep["lcd_errors"] == rep["w5500_errors"] == rep["bus_errors"] == rep["cpu_resets"] == 0 and rep["lcd_writes"] > 80


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_cleanly_with_reports(tmp_path, sig):
    p = subprocess.Popen([MODEL, "--hold", "--port", "0", "--pty-dir", str(tmp_path), "--ready", str(tmp_path / "ready"), "--report",
                          str(tmp_path / "report"), PANEL], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until(lambda: (tmp_path / "ready").exists())
    p.send_signal(sig)
    assert p.wait(10) == 0 and json.loads((tmp_path / "report").read_text())["metered_seconds"] > 0


def until(condition, seconds=30):
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, "did not happen"
        time.sleep(0.02)


def test_buttons_change_the_page(tmp_path):
    shown = []
    for n, keys in enumerate(("", "1.0:down", "1.0:down,1.6:up")):
        assert run(tmp_path, "--seconds", "2.5", "--screen", str(tmp_path / str(n)), *(["--keys", keys] if keys else [])).returncode == 0
        shown.append((tmp_path / str(n)).read_text().split("\n"))
    assert shown[1] != shown[0] and shown[2][0][:2] == shown[0][0][:2]


def test_fram_keeps_energies_over_a_restart(tmp_path):
    fram = tmp_path / "fram"
    assert run(tmp_path, "--seconds", "3.5", "--fram", str(fram), "--console", str(tmp_path / "c1")).returncode == 0
    first = fram.read_bytes()
    assert len(first) == 128 * 1024 and first[:4] == b"PWCF" and b"PWBK" in (first[0x1000:0x1004], first[0x9800:0x9804])
    assert "no saved energies" in (tmp_path / "c1").read_text()
    assert run(tmp_path, "--seconds", "0.5", "--fram", str(fram), "--console", str(tmp_path / "c2")).returncode == 0
    assert "no saved energies" not in (tmp_path / "c2").read_text()
    assert fram.read_bytes()[:1024] == first[:1024]


def test_fram_too_small_is_said_and_left_alone(tmp_path):
    fram = tmp_path / "fram"
    assert run(tmp_path, "--seconds", "3.5", "--fram", str(fram), "--fram-kib", "32", "--console", str(tmp_path / "c1")).returncode == 0
    first = fram.read_bytes()
    assert len(first) == 32 * 1024 and first[:4] == b"PWCF" and not any(first[0x1000:0x7FF0])
    assert "FRAM too small" in (tmp_path / "c1").read_text()


def test_console_answers_on_its_terminal(tmp_path):
    p = subprocess.Popen([MODEL, "--hold", "--realtime", "--port", "0", "--pty-dir", str(tmp_path), "--ready", str(tmp_path / "ready"), PANEL], cwd=ROOT,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: (tmp_path / "ready").exists())
        fd = os.open(tmp_path / "console", os.O_RDWR | os.O_NOCTTY)
        os.write(fd, b"help\r")
        text = b""
        end = time.time() + 10
        while len(text) < 150 and time.time() < end:
            if select.select([fd], [], [], 0.2)[0]:
                text += os.read(fd, 4096)
        os.close(fd)
        assert b"help" in text and len(text) >= 150
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(10)


def test_realtime_is_not_faster(tmp_path):
    start = time.time()
    assert run(tmp_path, "--seconds", "1", "--realtime").returncode == 0
    assert time.time() - start >= 0.99


def test_progress_lines_when_not_a_terminal(tmp_path):
    r = run(tmp_path, "--seconds", "4", "--realtime")
    assert r.returncode == 0 and r.stderr.count(" left\n") >= 7 and "\r" not in r.stderr and "s metered" in r.stderr


def test_no_terminal_no_panel(tmp_path):
    r = run(tmp_path, "--seconds", "0.3", "--panel")
    assert r.returncode == 0 and "without the live panel" in r.stderr and "\033" not in r.stdout


def read_some(fd, text, seconds):
    end = time.time() + seconds
    while time.time() < end:
        if select.select([fd], [], [], 0.05)[0]:
            try:
                text += os.read(fd, 65536)
            except OSError:
                break
    return text


def test_live_panel_in_a_terminal(tmp_path):
    """LCD in its box, a key, q: the terminal is as before."""
    master, slave = pty.openpty()
    import termios
    before = termios.tcgetattr(slave)
    p = subprocess.Popen([MODEL, "--panel", "--realtime", "--port", "0", "--pty-dir", str(tmp_path), PANEL], cwd=ROOT, stdin=slave, stdout=slave,
                         stderr=subprocess.PIPE)
    text = read_some(master, b"", 2.5)
    assert "┌──────" in text.decode(errors="replace") and b"Modbus TCP 127.0.0.1:" in text and b"kWh" in text
    os.write(master, b"\033[B")
    after = read_some(master, b"", 1.0)
    os.write(master, b"q")
    end = read_some(master, b"", 1.0)
    assert p.wait(10) == 0
    assert after and b"\033[?1049l" in after + end and b"\033[?25h" in after + end
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)
