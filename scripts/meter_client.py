# SPDX-License-Identifier: Apache-2.0
"""A Polywatt meter as pymodbus sees it. Addresses come from the firmware's own map, sw/firmware/comms/modbus_map.def."""
import pathlib, re, time
from pymodbus.client import ModbusTcpClient

MAP = pathlib.Path(__file__).resolve().parent.parent / "sw/firmware/comms/modbus_map.def"
WORDS = {"U16": 1, "S16": 1, "U32": 2, "S32": 2, "U64": 4, "S64": 4, "STR16": 8}
CHUNK = 124  # registers a request, at most 125


def load_map(path=MAP):
    """{block: {addr, size, items, title, regs: [{off, type, access, value, name, unit}]}}"""
    blocks = {}
    text = re.sub(r'^#include "(.*)"', lambda m: (path.parent / m[1]).read_text(), path.read_text(), flags=re.M)
    for name, addr, size, items, title in re.findall(r'^BLOCK\((\w+), (\d+), (\d+), (\w+), \w+, "([^"]*)"\)', text, re.M):
        blocks[name] = {"addr": int(addr), "size": int(size), "items": items, "title": title, "regs": []}
    for block, off, kind, access, value, name, unit in re.findall(
            r'^REG\((\w+), (\d+), (\w+), (\w+), (\w+), "([^"]*)", "([^"]*)"', text, re.M):
        blocks[block]["regs"].append({"off": int(off), "type": kind, "access": access, "value": value, "name": name, "unit": unit})
    return blocks


def decode(kind, words):
    raw = b"".join(w.to_bytes(2, "big") for w in words)
    if kind.startswith("STR"):
        return raw.rstrip(b"\0").decode("ascii")
    return int.from_bytes(raw, "big", signed=kind[0] == "S")


class MeterError(Exception):
    pass


class Meter:
    def __init__(self, port, host="127.0.0.1", unit=1, timeout=30):
        self.map = load_map()
        self.unit = unit
        self.client = ModbusTcpClient(host, port=port, timeout=timeout, retries=1)
        if not self.client.connect():
            raise MeterError(f"no Modbus server at {host}:{port}")
        self.ident = self.item("IDENT")
        self.n_ct, self.n_points = self.ident["N_CT"], self.ident["N_POINTS"]

    def close(self):
        self.client.close()

    def words(self, addr, count):
        out = []
        while count:
            n = min(count, CHUNK)
            reply = self.client.read_holding_registers(addr, count=n, device_id=self.unit)
            if reply.isError():
                raise MeterError(f"registers {addr}..{addr + n - 1}: {reply}")
            out += reply.registers
            addr, count = addr + n, count - n
        return out

    def items(self, block, n):
        """The first n items of a block, each a dict value name -> number or string."""
        b = self.map[block]
        words = self.words(b["addr"], n * b["size"])
        return [{r["value"]: decode(r["type"], words[k * b["size"] + r["off"]:][:WORDS[r["type"]]]) for r in b["regs"]}
                for k in range(n)]

    def item(self, block):
        return self.items(block, 1)[0]

    def write(self, block, item, value, number):
        """Function 6 for one register, 16 for more. Returns the reply."""
        b = self.map[block]
        reg = next(r for r in b["regs"] if r["value"] == value)
        addr = b["addr"] + item * b["size"] + reg["off"]
        n = WORDS[reg["type"]]
        raw = (number & (1 << 16 * n) - 1).to_bytes(2 * n, "big")
        words = [int.from_bytes(raw[i:i + 2], "big") for i in range(0, 2 * n, 2)]
        if n == 1:
            return self.client.write_register(addr, words[0], device_id=self.unit)
        return self.client.write_registers(addr, words, device_id=self.unit)

    def snapshot(self, tries=50, blocks=("CT", "ENERGY", "POINT")):
        """Everything of one measuring window: read again until the window is the same before and after."""
        for _ in range(tries):
            before = self.item("WINDOW")
            got = {"CT": self.items("CT", self.n_ct) if "CT" in blocks else [],
                   "ENERGY": self.items("ENERGY", self.n_ct) if "ENERGY" in blocks else [],
                   "POINT": self.items("POINT", self.n_points) if "POINT" in blocks else [],
                   "VOLT": self.items("VOLT", 3)}
            if before["SEQ"] and self.item("WINDOW")["SEQ"] == before["SEQ"]:
                return {"WINDOW": before, **got}
        raise MeterError("no two readings of the window sequence agreed: the client is too slow for the meter")

    def wait(self, condition, timeout_s, what, every_s=0.02):
        """Polls the WINDOW block every so often (wall time) until condition(window) holds."""
        end = time.time() + timeout_s
        while time.time() < end:
            window = self.item("WINDOW")
            if condition(window):
                return window
            time.sleep(every_s)
        raise MeterError(f"{what}: not within {timeout_s} s")
