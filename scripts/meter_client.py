# SPDX-License-Identifier: Apache-2.0
"""A Polywatt meter as pymodbus sees it. Addresses come from the firmware's own map, sw/firmware/comms/modbus_map.def."""
import pathlib, re, time
from pymodbus.client import ModbusTcpClient

MAP = pathlib.Path(__file__).resolve().parent.parent / "sw/firmware/comms/modbus_map.def"
WORDS = {"U16": 1, "S16": 1, "U32": 2, "S32": 2, "U64": 4, "S64": 4, "STR16": 8, "BYTES136": 68, "BYTES176": 88, "U32X54": 108}
CHUNK = 124  # registers a request, at most 125
BUSY = 6     # exception: not now, ask again
QUANTITIES = ("WH_DEL", "WH_REC", "VARH_Q1", "VARH_Q2", "VARH_Q3", "VARH_Q4", "VAH_DEL", "VAH_REC")
CHANNELS = ("WH_DEL", "WH_REC", "VARH_DEL", "VARH_REC")  # of the interval log
EVENTS = (None, "power down", "power up", "time set", "programmed", "demand reset", "seal opened", "seal closed", "refused", "test on", "test off",
          "self-test", "sag", "swell", "interruption", "over-voltage", "under-voltage", "wiring", "log full", "flash", "clock stopped", "firmware",
          "lost", "log cleared", "calibrated", "store corrupt", "restart", "schedule", "reversed")
HERE, NOT_YET, GONE, DAMAGED = range(4)  # state of a record


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
    if kind.startswith("BYTES"):
        return raw
    if kind == "U32X54":
        return [int.from_bytes(raw[i:i + 4], "big") for i in range(0, len(raw), 4)]
    return int.from_bytes(raw, "big", signed=kind[0] == "S")


class MeterError(Exception):
    pass


class Refused(MeterError):
    """A write that the meter did not take. code: Modbus exception; result: register 629; fault: (group, index, field) or None"""

    def __init__(self, what, code, result, fault):
        super().__init__(f"{what}: exception {code}, result {result}" + (f", {fault[0]} {fault[1]} {fault[2]}" if fault else ""))
        self.code, self.result, self.fault = code, result, fault


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
            for _ in range(200):
                if not reply.isError() or getattr(reply, "exception_code", 0) != BUSY:
                    break
                time.sleep(0.01)
                reply = self.client.read_holding_registers(addr, count=n, device_id=self.unit)
            if reply.isError():
                raise MeterError(f"registers {addr}..{addr + n - 1}: {reply}")
            out += reply.registers
            addr, count = addr + n, count - n
        return out

    def items(self, block, n, first=0):
        """n items of a block, each a dict value name -> number or string."""
        b = self.map[block]
        words = self.words(b["addr"] + first * b["size"], n * b["size"])
        return [{r["value"]: decode(r["type"], words[k * b["size"] + r["off"]:][:WORDS[r["type"]]]) for r in b["regs"]}
                for k in range(n)]

    def item(self, block, n=0):
        return self.items(block, 1, n)[0]

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

    # Billing. What is written raises Refused; what cannot be read now is asked for again.

    def ask(self, block, item, value, number):
        self._taken(f"{block}.{value} = {number}", self.write(block, item, value, number))

    def _taken(self, what, reply):
        if reply.isError():
            a = self.item("ASK")
            fault = (a["FAULT_GROUP"], a["FAULT_INDEX"], a["FAULT_FIELD"]) if a["FAULT_GROUP"] else None
            raise Refused(what, getattr(reply, "exception_code", None), a["RESULT"], fault)

    def _write_words(self, what, addr, words):
        self._taken(what, self.client.write_registers(addr, words, device_id=self.unit))

    def billing(self, point):
        """{quantity: {"all", "rates": 8, "test", "net", "shown"}} of the quantities that have registers, 1e-6 Wh; each of one instant."""
        out, has = {}, self.item("PROG")["P_QUANTITIES"]
        for q, name in enumerate(QUANTITIES):
            r = self.item("REGISTER", 8 * point + q) if has >> q & 1 else {"B_HAS": 0}
            if r["B_HAS"]:
                out[name] = {"all": r["B_ALL"], "rates": [r[f"B_RATE{k}"] for k in range(1, 9)], "test": r["B_TEST"], "net": r["B_NET"], "shown": r["S_ALL"]}
        return out

    def demand(self, point, k):
        """A demand's values, mW; None if the program has none of that number."""
        d = self.item("DEMAND", 3 * point + k)
        return d if d["D_HAS"] else None

    def past_peaks(self, point, k):
        """[(mW, UTC, rate)], the newest first."""
        b = self.map["PAST_OF"]
        for _ in range(20):
            self._write_words("past peaks", b["addr"], [point, k])
            words = self.words(b["addr"], 108)
            if words[:2] == [point, k]:  # else another client has chosen meanwhile
                peaks = [words[4 + 8 * i:12 + 8 * i] for i in range(words[2])]
                return [(decode("U64", w[:4]), decode("U32", w[4:6]), w[6]) for w in peaks]
        raise MeterError("past peaks: another client keeps choosing others")

    def _records(self, what, first, choose, read):
        """Yields records from number `first` on until there are no more; damaged ones as {"number", "state"}."""
        number = first
        while True:
            for _ in range(50):
                choose(number)
                got = read()
                if got[0]["number"] == number:
                    break
            else:
                raise MeterError(f"{what}: another client keeps choosing others")
            for r in got:
                if r["state"] == NOT_YET:
                    return
                if r["state"] == GONE:
                    raise MeterError(f"{what} {r['number']}: not there any more, begin with the oldest")
                yield r
                number = r["number"] + 1

    def events(self, log=0, first=None):
        """Events from number `first` (None: the oldest) to the newest. log: 0 general, 1 type A."""
        if first is None:
            first = self.item("EVENTS")["EVA_OLDEST" if log else "EV_OLDEST"]
        at = self.map["EVENT_OF"]["addr"]

        def read():
            words = self.words(at, 124)  # which, and five events
            if words[0] != log:
                return [{"number": -1}]
            return [self._event(words[4 + 24 * i:28 + 24 * i]) for i in range(5)]

        return list(self._records("event", first, lambda n: self._write_words("events", at, [log, n >> 16, n & 0xFFFF]), read))

    def _event(self, words):
        e = {r["value"][3:].lower(): decode(r["type"], words[r["off"]:][:WORDS[r["type"]]]) for r in self.map["EVENT"]["regs"]}
        e["name"] = EVENTS[e["kind"]] if e["kind"] < len(EVENTS) else "?"
        return e

    def intervals(self, first=None, volts=False):
        """Records of the interval log from number `first` (None: the oldest): head, and "values": {channel: [of each point]} in uWh, uvarh."""
        if first is None:
            first = self.item("INTERVALS")["IV_OLDEST"]
        return list(self._records("interval", first, lambda n: self._taken("interval", self.write("INTERVAL_OF", 0, "IV_SELECT", n)),
                                  lambda: [self._interval(volts)]))

    def _interval(self, volts):
        page = self.item("INTERVAL")
        r = {k[3:].lower(): v for k, v in page.items() if k != "IV_VALUES"}
        names = [c for i, c in enumerate(CHANNELS) if r["channels"] >> i & 1]
        values = page["IV_VALUES"]
        for p in range(1, -(-len(names) * r["points"] // 54)):
            more = self.item("INTERVAL", p)
            if more["IV_NUMBER"] != r["number"] or more["IV_SEQ"] != r["seq"]:
                return {"number": -1}
            values += more["IV_VALUES"]
        r["values"] = {c: [v * 10 ** r["unit"] for v in values[i * r["points"]:][:r["points"]]] for i, c in enumerate(names)}
        if volts and r["channels"] & 16:
            b = self.map["INTERVAL_V"]
            words = self.words(b["addr"], 16)
            if decode("U32", words[12:14]) != r["number"]:
                return {"number": -1}
            r["volts"] = [(decode("U32", words[4 * v:4 * v + 2]), decode("U32", words[4 * v + 2:4 * v + 4])) for v in range(3)]
        return r

    def close_part(self, period, point, part):
        """Bytes of a closed period's part; None: not there. docs/billing.md"""
        b = self.map["CLOSE"]
        for _ in range(20):
            self._write_words("closed period", b["addr"] + 2, [period, point, part])
            c = self.item("CLOSE")
            if (c["CL_SELECT"], c["CL_POINT"], c["CL_PART"]) == (period, point, part):
                return {"utc": c["CL_UTC"], "data": c["CL_DATA"][:c["CL_LENGTH"]]} if c["CL_STATE"] == HERE else None
        raise MeterError("closed period: another client keeps choosing others")

    def closed_registers(self, period, point):
        """{quantity: {"rates", "test"}} at the end of a closed period, uWh, as the program of now lays them out; None: not there."""
        p = self.item("PROG")
        names = [q for i, q in enumerate(QUANTITIES) if p["P_QUANTITIES"] >> i & 1]
        out = {}
        for part, name in enumerate(names):
            c = self.close_part(period, point, part)
            if c is None or len(c["data"]) != 8 * (p["P_RATES"] + 1):
                return None
            v = [int.from_bytes(c["data"][i:i + 8], "little") for i in range(0, len(c["data"]), 8)]
            out[name] = {"rates": v[:-1], "test": v[-1]}
        return out

    def upload_schedule(self, image):
        """The stored form (tou-check -o). Refused says what is wrong with it."""
        addr = self.map["TOU_NEXT"]["addr"]
        words = [int.from_bytes(image[i:i + 2], "big") for i in range(0, len(image), 2)]
        for at in range(0, len(words), 88):
            self._write_words("schedule", addr + at, words[at:at + 88])
        self.ask("TOU", 0, "TOU_END", 1)

    def schedule(self):
        """The stored form of the one in force."""
        return b"".join(i["TOU_GET"] for i in self.items("TOU_NOW", 4))

    def program(self):
        """{field: number} of registers 700..729, and "demands", "outputs", "items": lists of dicts."""
        return {**self.item("PROG"), "demands": self.items("PROG_DEMAND", 3), "outputs": self.items("PROG_OUTPUT", 4), "items": self.items("PROG_ITEM", 32)}

    def set_program(self, **changes):
        """Changes fields as program() names them, all in one request. demands, outputs, items: {index: {field: number}}"""
        words = self.words(self.map["PROG"]["addr"], 122)

        def put(block, item, value, number):
            b, base = self.map[block], self.map["PROG"]["addr"]
            reg = next(r for r in b["regs"] if r["value"] == value)
            n, at = WORDS[reg["type"]], b["addr"] - base + item * b["size"] + reg["off"]
            words[at:at + n] = [number >> 16 * (n - 1 - i) & 0xFFFF for i in range(n)]

        lists = {"demands": "PROG_DEMAND", "outputs": "PROG_OUTPUT", "items": "PROG_ITEM"}
        for key, what in changes.items():
            if key in lists:
                for item, of_it in what.items():
                    for value, number in of_it.items():
                        put(lists[key], item, value, number)
            else:
                put("PROG", 0, key, what)
        self._write_words("program", self.map["PROG"]["addr"], words)
