# SPDX-License-Identifier: Apache-2.0
"""Modbus TCP of the running meter (model tier), read by clients that nobody here wrote: pymodbus and mbpoll; and by no friend at all."""
import re, socket, struct, subprocess, threading
import pytest
from pymodbus.client import ModbusTcpClient
from conftest import ROOT

PANEL = ROOT / "sim/scenarios/panel24.scn"


def raw(port, data, reply=True, timeout=20):
    """Sends bytes on a new connection, returns what comes back until the meter closes or is silent."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        s.sendall(data)
        s.settimeout(timeout if reply else 1.0)
        try:
            while chunk := s.recv(4096):
                got += chunk
                if len(got) >= 6 and len(got) >= 6 + struct.unpack(">H", got[4:6])[0]:
                    break
        except (socket.timeout, ConnectionResetError):
            pass
    return got


def mbap(pdu, tid=1, unit=1, proto=0, length=None):
    return struct.pack(">HHHB", tid, proto, len(pdu) + 1 if length is None else length, unit) + pdu


def test_identity_and_functions_3_and_4(panel):
    with panel.meter() as m:
        assert m.ident["MAGIC"] == 0x50574154 and m.n_ct == 24 and m.ident["N_V"] == 3
        assert m.ident["CLK_HZ"] == 25_000_000
        three = m.client.read_holding_registers(0, count=23, device_id=1).registers
        assert m.client.read_input_registers(0, count=23, device_id=1).registers == three


def test_values_are_those_of_the_panel(panel):
    with panel.meter() as m:
        s = m.snapshot()
    for v in s["VOLT"]:
        assert 110_000 < v["V_MV"] < 130_000
    assert abs(s["WINDOW"]["FREQ"] - 60_000) <= 2
    assert any(c["CT_P"] < -1000 for c in s["CT"]), "the PV array exports"
    for c in s["CT"]:
        rounding = 0.5 / max(c["CT_I"], 1) + 0.5 / c["CT_V"]       # S is the product of two rounded numbers
        assert c["CT_S"] >= abs(c["CT_P"]) * (1 - rounding) - 2
        if abs(c["CT_P"]) > 1000:
            assert abs(c["CT_PF"] / 1e4 - c["CT_P"] / c["CT_S"]) < 2e-4 + rounding


def test_points_are_the_sums_of_their_cts_in_one_window(panel):
    with panel.meter() as m:
        s = m.snapshot()
        assert any(p["P_NCT"] == 2 for p in s["POINT"]), "the panel has a network point of two CTs"
        for n, p in enumerate(s["POINT"]):
            cts = [k for k in range(m.n_ct) if s["CT"][k]["CT_POINT"] == n]
            assert p["P_NCT"] == len(cts)
            for point, ct in (("P_DEL", "E_DEL"), ("P_REC", "E_REC"), ("P_RDEL", "E_RDEL"), ("P_RREC", "E_RREC")):
                assert p[point] == sum(s["ENERGY"][k][ct] for k in cts)
            assert p["P_P"] == sum(s["CT"][k]["CT_P"] for k in cts)


def test_energy_grows_by_power_times_time(panel):
    with panel.meter() as m:
        all_ = [m.snapshot()]
        while len(all_) < 6:
            m.wait(lambda w: w["SEQ"] > all_[-1]["WINDOW"]["SEQ"], 60, "next window")
            all_.append(m.snapshot())
    a, b = all_[0], all_[-1]
    hours = (b["WINDOW"]["UPTIME_WIN"] - a["WINDOW"]["UPTIME_WIN"]) / 3.6e9
    steady = 0
    for k, x in enumerate(a["CT"]):
        powers = [s["CT"][k]["CT_P"] for s in all_]
        if abs(x["CT_P"]) > 10_000 and max(powers) - min(powers) < 0.001 * abs(x["CT_P"]):   # not the cycling fridge
            grown = (b["ENERGY"][k]["E_DEL"] - a["ENERGY"][k]["E_DEL"]) - (b["ENERGY"][k]["E_REC"] - a["ENERGY"][k]["E_REC"])
            assert abs(grown / (x["CT_P"] * 1e3 * hours) - 1) < 0.02, k   # publishing jitters by a millisecond or so
            steady += 1
    assert steady >= 10


def test_device_identification(panel):
    with panel.meter() as m:
        reply = m.client.read_device_information(read_code=2, object_id=0, device_id=1)
        assert not reply.isError()
        assert reply.information[0] == b"Polywatt" and len(reply.information) >= 6
        one = m.client.read_device_information(read_code=4, object_id=1, device_id=1)
        assert one.information == {1: reply.information[1]}


def mbpoll(port, start, count, kind, extra=()):
    out = subprocess.run(["mbpoll", "-m", "tcp", "-p", str(port), "-a", "1", "-0", "-r", str(start), "-c", str(count), "-t", kind, "-B", "-1", *extra,
                          "127.0.0.1"], capture_output=True, text=True, timeout=60)
    return out, [int(v) for v in re.findall(r"^\[\d+\]:\s+(-?\d+)", out.stdout, re.M)]


def test_mbpoll_reads_the_same(panel):
    with panel.meter() as m:
        out, values = mbpoll(panel.port, m.map["IDENT"]["addr"], 1, "4:int")
        assert out.returncode == 0 and values == [0x50574154], out.stdout + out.stderr
        out, values = mbpoll(panel.port, m.map["VOLT"]["addr"], 1, "4:int")
        assert abs(values[0] - m.items("VOLT", 3)[0]["V_MV"]) < 200
        out, values = mbpoll(panel.port, 7, 3, "3")
        assert values == m.words(7, 3)


def test_mbpoll_is_told_of_a_bad_address(panel):
    out, _ = mbpoll(panel.port, 60000, 1, "4")
    assert out.returncode != 0 and "llegal data address" in out.stderr + out.stdout


@pytest.mark.parametrize("pdu, code", [
    (b"\x07", 1), (b"\x03\x00\x00\x00\x00", 3), (b"\x03\x00\x00\x00\x7e", 3), (b"\x03\xff\xff\x00\x02", 2), (b"\x03\x00\x00\x00", 3),
    (b"\x10\x1f\x40\x00\x02\x03\x00\x00\x00", 3), (b"\x10\x1f\x40\x00\x7c\xf8" + bytes(240), 3), (b"\x06\x00\x00\x00\x01", 2), (b"\x2b\x0d\x01\x00", 1),
])
def test_exceptions(panel, pdu, code):
    got = raw(panel.port, mbap(pdu, tid=77))
    assert got[:2] == b"\x00\x4d" and got[7] == pdu[0] | 0x80, got.hex()
    assert got[8] == code


def test_writes_are_refused_while_sealed(panel):
    with panel.meter() as m:
        before = m.items("CFG_CT", 1)[0]
        reply = m.write("CFG_CT", 0, "C_POL", 1 - before["C_POL"])
        assert reply.isError() and reply.exception_code in (3, 4)
        reply = m.write("CFG_POINT", 0, "CP_WEIGHT", 1000)
        assert reply.isError()
        assert m.items("CFG_CT", 1)[0] == before


@pytest.mark.parametrize("junk", [
    mbap(b"\x03\x00\x00\x00\x01", proto=1), mbap(b"\x03\x00\x00\x00\x01", length=0), mbap(b"\x03\x00\x00\x00\x01", length=0xFFFF),
    mbap(b"\x03\x00\x00\x00\x01", length=255), mbap(b"\x10\x1f\x40\x00\x7c\xf8" + bytes(248)), b"\x00", b"GET / HTTP/1.0\r\n\r\n" * 40, bytes(range(256)) * 16, mbap(b"\x03\x00\x00\x00\x01")[:9],
])
def test_what_is_no_frame_hangs_nothing(panel, junk):
    raw(panel.port, junk, reply=False)
    with panel.meter() as m:
        assert m.ident["MAGIC"] == 0x50574154


def test_frames_in_pieces_and_in_one_segment(panel):
    one = mbap(b"\x03\x00\x00\x00\x02", tid=5)
    two = mbap(b"\x04\x00\x02\x00\x01", tid=6)
    with socket.create_connection(("127.0.0.1", panel.port), timeout=20) as s:
        for byte in one:
            s.sendall(bytes([byte]))
        s.sendall(two + one)
        got = b""
        while len(got) < 13 + 11 + 13:
            got += s.recv(100)
    assert got == bytes.fromhex("000500000007010304") + b"PWAT" + bytes.fromhex("0006000000050104020002") + bytes.fromhex("000500000007010304") + b"PWAT"


def test_several_clients_at_once(panel):
    results = []

    def work():
        c = ModbusTcpClient("127.0.0.1", port=panel.port, timeout=30)
        ok = c.connect() and all(c.read_holding_registers(0, count=2, device_id=1).registers == [0x5057, 0x4154] for _ in range(10))
        results.append(ok)
        c.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    [t.start() for t in threads]
    [t.join(60) for t in threads]
    assert results == [True] * 3


def test_unsealed_configuration_is_applied_and_survives_power_off(sim, tmp_path):
    fram = ["--fram", str(tmp_path / "fram.bin")]
    a = sim(PANEL, "--unsealed", *fram, name="a")
    with a.meter() as m:
        m.wait(lambda w: w["SEQ"] >= 4, 60, "windows")
        s = m.snapshot()
        k = max(range(24), key=lambda n: s["CT"][n]["CT_P"])
        assert not m.write("CFG_CT", k, "C_POL", 1).isError()
        assert not m.write("CFG_POINT", 0, "CP_WEIGHT", 5000).isError()
        bad = m.write("CFG_CT", k, "C_VSEL", 6)
        assert bad.isError() and bad.exception_code == 3
        seq = m.item("WINDOW")["SEQ"]
        m.wait(lambda w: w["SEQ"] >= seq + 12, 60, "windows")      # the window under way, one more, a block of a second
        t = m.snapshot()
        assert abs(t["CT"][k]["CT_P"] / s["CT"][k]["CT_P"] + 1) < 0.01
    a.stop()
    b = sim(PANEL, *fram, name="b")
    with b.meter() as m:
        assert m.items("CFG_CT", k + 1)[k]["C_POL"] == 1
        assert m.items("CFG_POINT", 1)[0]["CP_WEIGHT"] == 5000
        m.wait(lambda w: w["SEQ"] >= 3, 60, "windows")
        assert m.snapshot()["CT"][k]["CT_P"] < 0


def test_energy_survives_power_off(sim, tmp_path):
    fram = ["--fram", str(tmp_path / "fram.bin")]
    a = sim(PANEL, *fram, name="a")
    with a.meter() as m:
        m.wait(lambda w: w["UPTIME_WIN"] > 4_000_000, 60, "four seconds")
        before = m.snapshot()
    a.kill()                                        # the supply goes without warning
    b = sim(PANEL, *fram, name="b")
    with b.meter() as m:
        m.wait(lambda w: w["SEQ"] >= 2, 60, "windows")
        after = m.snapshot()
    for k in range(24):
        p = abs(before["CT"][k]["CT_P"]) * 1e3 / 3600                  # uWh a second
        for kind in ("E_DEL", "E_REC"):
            lost = before["ENERGY"][k][kind] - after["ENERGY"][k][kind]
            assert lost <= 2 * p + 2, "at most the last seconds are lost"
            # the process ran on a little between the reading and the kill
            assert after["ENERGY"][k][kind] - before["ENERGY"][k][kind] <= 120 * p + 2
