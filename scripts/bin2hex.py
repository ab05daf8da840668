# SPDX-License-Identifier: Apache-2.0
"""Turns a binary into 32-bit little-endian words, one a line, for $readmemh."""
import sys


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: bin2hex.py in.bin out.hex", file=sys.stderr)
        return 2
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    data += bytes(-len(data) % 4)
    words = (int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data), 4))
    with open(sys.argv[2], "w", encoding="ascii") as f:
        f.writelines(f"{w:08x}\n" for w in words)
    return 0


sys.exit(main())
