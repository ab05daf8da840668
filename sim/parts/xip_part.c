/* SPDX-License-Identifier: Apache-2.0 */
#include "xip_part.h"
#include <stdio.h>
#include <string.h>

/* SCKs from the chip select on: command, address and mode, dummies, then data. Winbond W25Q64JV, 8.2.14. */
enum { READ_QUAD = 0xEB, SCK_COMMAND = 8, SCK_ADDRESS = 14, SCK_MODE = 16, SCK_DATA = 20, QE = 0x02 };

void pw_xippart_init(struct pw_xippart *x, struct pw_flashpart *flash)
{
    memset(x, 0, sizeof *x);
    x->flash = flash;
    x->lines = 0xF;
}

static void wrong(struct pw_xippart *x, const char *what)
{
    if (x->n_errors++ == 0) snprintf(x->error, sizeof x->error, "%s (SCK %u, op %02X, address %06X)", what, x->n_sck, x->op, x->addr);
}

static void begin_data(struct pw_xippart *x)
{
    x->driving = true;
    x->low_nibble = false;
}

/* SCK rises: the flash takes what is on its lines. */
static void rise(struct pw_xippart *x, uint8_t oe, uint8_t io)
{
    unsigned n = x->n_sck++;
    if (n < SCK_COMMAND) {
        if (!(oe & 1)) wrong(x, "nobody drives the command");
        x->op = (uint8_t)(x->op << 1 | (io & 1));
        if (n != SCK_COMMAND - 1) return;
        x->n_commands++;
        if (x->op != READ_QUAD) wrong(x, "not a quad read");
        if (!(x->flash->sr2 & QE)) wrong(x, "quad is not enabled");
        if (x->flash->powered_down || *x->flash->now_ns < x->flash->busy_until_ns) wrong(x, "asleep or busy");
    } else if (n < SCK_MODE) {
        if (oe != 0xF) wrong(x, "nobody drives the address");
        if (n < SCK_ADDRESS) x->addr = (x->addr << 4 | io) & (PW_FLASHPART_SIZE - 1);
        else x->mode = (uint8_t)(x->mode << 4 | io);
        if (n == SCK_MODE - 1 && (x->mode & 0x30) == 0x20) wrong(x, "continuous read mode");
    } else if (n < SCK_DATA) {
        if (oe != 0) wrong(x, "lines driven in the dummies");
    }
}

/* SCK falls: the flash puts out the next nibble. */
static void fall(struct pw_xippart *x)
{
    if (x->n_sck < SCK_DATA) return;
    if (!x->driving) begin_data(x);
    uint8_t b = x->flash->mem[x->addr];
    x->lines = x->low_nibble ? b & 15 : b >> 4;
    if (x->low_nibble) x->addr = (x->addr + 1) & (PW_FLASHPART_SIZE - 1);
    x->low_nibble = !x->low_nibble;
    if ((x->n_sck - SCK_DATA) % 8 == 7) x->n_words++;
}

uint8_t pw_xippart_clock(struct pw_xippart *x, bool cs, bool sck_en, uint8_t oe, uint8_t io)
{
    if (cs != x->on) {
        x->on = cs;
        x->driving = false;
        x->lines = 0xF;
        x->n_sck = 0;
        x->op = x->mode = 0;
        x->addr = 0;
    }
    if (!cs && sck_en) wrong(x, "clock without chip select");
    if (x->driving && oe != 0) wrong(x, "two drive the lines");
    uint8_t now = x->driving ? x->lines : (uint8_t)((io & oe) | (~oe & 0xF));
    if (cs && sck_en) {
        rise(x, oe, io);
        fall(x);           /* with the next clock: what it puts out counts from there */
    }
    return now;
}
