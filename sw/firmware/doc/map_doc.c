/* SPDX-License-Identifier: Apache-2.0 */
/* Prints docs/modbus.md from modbus_map.def (make modbus-doc; make test-firmware compares). Runs on the PC. */
#include <stdio.h>
#include <string.h>

enum items { ONE, NV, NCT, NPOINTS, N3, N4, N5, N8, N13, N16, N32, N50, N120, NREGS, NDEMANDS };

struct row {
    const char *block, *title, *type, *access, *name, *unit, *text;
    unsigned    addr, stride;
    enum items  items;
};

static const struct row rows[] = {
#define BLOCK(block_, base, stride_, items_, owner, title_) {.block = #block_, .title = title_, .addr = base, .stride = stride_, .items = items_},
#define REG(block_, off, type_, access_, value, name_, unit_, text_) \
    {.block = #block_, .addr = off, .type = #type_, .access = #access_, .name = name_, .unit = unit_, .text = text_},
#define RES(block_, off) {.block = #block_, .addr = off, .type = "U16", .access = "R", .name = "-"},
#include "modbus_map.def"
};

static const char head[] =
    "<!-- Generated from sw/firmware/comms/modbus_map.def by `make modbus-doc`. Do not edit. -->\n"
    "# Modbus registers\n\n"
    "Modbus TCP, port 502 unless configured otherwise, up to 4 clients at once. Functions 3 and 4 read the same registers, 6 and 16 write,\n"
    "43/14 identifies the device. Unit identifiers 0, 255 and the configured one are answered, others with exception 0Bh.\n"
    "Addresses are those on the wire (zero based). Values of several registers have the high word first; signed ones are two's complement.\n"
    "Types: U16 S16 U32 S32 U64 S64 take 1, 1, 2, 2, 4, 4 registers, STR16 takes 8. BYTESn takes n / 2 (the first byte\n"
    "in the high half), U32X54 takes 108 (54 U32). A run of registers may be read or written from any register in it.\n\n"
    "**Coherence.** All values come from the last measuring window and change together when register 100..101 (window sequence) changes; within one\n"
    "request they never mix windows. To read more than one request holds: read 100..101, the blocks, 100..101 again; if both are equal,\n"
    "everything read belongs to the same window, else read again. Windows take 12 cycles (200 ms) at 60 Hz by default.\n\n"
    "**Energies** count 1e-6 Wh (varh) in 64 bits, never reset, wrap after 2^64. kWh = value / 1e9. A point's registers are the sums of its CTs';\n"
    "a CT that is moved to another point takes its history along.\n\n"
    "**Writing** (RW): only while the programming switch is open, else exception 4. A request that touches a register which is not\n"
    "writable: exception 2. A value out of range, or one that makes the configuration inconsistent (CTs of different full scale on one point):\n"
    "exception 3. Nothing is written unless all of the request can be; then it is applied at once and saved in FRAM.\n"
    "The **program** (PRG) is written in the same way; the meter takes it over with its next window. What it finds wrong stands in 629..646.\n"
    "While the switch is closed each attempt is logged (event Refused). While the log of changes (type A) is full nothing that bills can be\n"
    "changed: exception 6, and bit 6 of 560.\n"
    "**Commands** (CMD) are executed as they arrive, register by register; what is refused gets exception 3 or 4 and says so in its text.\n\n"
    "**Exceptions**: 1 unknown function; 3 quantity 0 or above 125 (read), 123 (write), wrong byte count or length; 2 a register that does not\n"
    "exist; 4 sealed, or a part of the meter failed; 6 not now: the flash is writing, the meter is starting, a lock-out runs: ask again. A frame whose protocol identifier is not 0 or whose length is not 2..254 closes the connection, as does one left\n"
    "unfinished for 5 s.\n\n"
    "**Registers by rate**: all of a register is of one instant within one request, and so are several of them: rates add up to all rates, to the\n"
    "last digit. 6 of a request that reads them means: nothing was read, ask again.\n\n"
    "**Whole logs without gaps.** Records have numbers that never come twice and have no gaps. Keep the number n that comes next, for good.\n"
    "1. Write n to the log's selection (61211, 61408). 2. Read the record, with its number and state, in one request. The selection is one for all\n"
    "clients: if the number is not n another client has chosen, go to 1. Exception 6: the same request again. 3. State 0: take it, n + 1. State 1:\n"
    "the end, that is all there is now. State 2: the ring has passed n: go on from the oldest, and note the loss. State 3: damaged, note it, n + 1.\n"
    "The meter goes on meanwhile: what is read does not change, the oldest may go, new ones come at the end. Pages of an interval are read one by one,\n"
    "each says of which record it is. Check that interval numbers (+3) follow each other: that is proof that none is missing.\n";

int main(void)
{
    static const char *const count[] = {"", "i = 0..2", "i = 0..n_ct - 1", "i = 0..n_points - 1", "i = 0..2", "i = 0..3", "i = 0..4", "i = 0..7",
                                        "i = 0..12", "i = 0..15", "i = 0..31", "i = 0..49", "i = 0..119", "i = 0..8 n_points - 1", "i = 0..3 n_points - 1"};
    fputs(head, stdout);
    const struct row *block = NULL;
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const struct row *r = &rows[k];
        if (r->title != NULL) {
            block = r;
            if (r->items == ONE)
                printf("\n## %s: %u..%u\n", r->title, r->addr, r->addr + r->stride - 1);
            else
                printf("\n## %s: %u + %u i, %s\n", r->title, r->addr, r->stride, count[r->items]);
            puts("| address | type | access | value | unit | |\n|---|---|---|---|---|---|");
        } else if (strcmp(r->name, "-") == 0) {
            printf("| +%u | %s | %s | reserved | | 0 |\n", r->addr, r->type, r->access);
        } else if (block->items == ONE) {
            printf("| %u | %s | %s | %s | %s | %s |\n", block->addr + r->addr, r->type, r->access, r->name, r->unit, r->text);
        } else {
            printf("| +%u | %s | %s | %s | %s | %s |\n", r->addr, r->type, r->access, r->name, r->unit, r->text);
        }
    }
    return 0;
}
