#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts the header of a firmware image in flash before it: fw_image.py IN OUT. "PWFW", length, CRC-32, 0, all little endian.
16 bytes, so that code that runs from the flash keeps its alignment."""
import pathlib, struct, sys, zlib


def wrap(image):
    image += bytes(-len(image) % 4)
    return struct.pack("<4sIII", b"PWFW", len(image), zlib.crc32(image), 0) + image


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[2]).write_bytes(wrap(pathlib.Path(sys.argv[1]).read_bytes()))
