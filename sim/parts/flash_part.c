/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_part.h"
#include "backing.h"
#include <string.h>

enum { WREN = 0x06, WRDI = 0x04, RDSR1 = 0x05, RDSR2 = 0x35, RDSR3 = 0x15, WRSR1 = 0x01, WRSR2 = 0x31, VOLATILE = 0x50, READ = 0x03, FREAD = 0x0B, PROGRAM = 0x02,
       ERASE_4K = 0x20, ERASE_32K = 0x52, ERASE_64K = 0xD8, ERASE_CHIP = 0xC7, ERASE_CHIP2 = 0x60, POWER_DOWN = 0xB9, RELEASE = 0xAB,
       JEDEC = 0x9F, UNIQUE = 0x4B, RESET_EN = 0x66, RESET = 0x99 };
enum { MS = 1000000 };                       /* ns */

static bool busy(const struct pw_flashpart *f) { return *f->now_ns < f->busy_until_ns; }

static void start(struct pw_flashpart *f, uint64_t ns)
{
    f->busy_until_ns = *f->now_ns + ns;
    f->wel = false;
}

static void erase(struct pw_flashpart *f, uint32_t size, uint64_t ns)
{
    memset(f->mem + (f->addr & ~(size - 1)), 0xFF, size);
    f->n_erases++;
    start(f, ns);
}

static void program(struct pw_flashpart *f)
{
    uint32_t base = f->addr & ~0xFFu;
    for (unsigned i = 0; i < 256; i++)
        if (f->page_used[i])
            f->mem[base + i] &= f->page[i];
    f->n_programs++;
    start(f, 7 * MS / 10);
}

/* Chip select has gone up: commands that change something act now, and only if they were complete and allowed. */
static void finish(struct pw_flashpart *f)
{
    unsigned n = f->n_in;
    bool changes = f->op == PROGRAM || f->op == ERASE_4K || f->op == ERASE_32K || f->op == ERASE_64K || f->op == ERASE_CHIP ||
                   f->op == ERASE_CHIP2 || f->op == WRSR1;
    if (changes && (!f->wel || (f->op != WRSR1 && (f->sr1 & 0x1C)))) {      /* any block protection bit locks the whole array here */
        f->n_refused++;
        return;
    }
    switch (f->op) {
    case VOLATILE: f->volatile_sr = true; return;       /* for the status write that follows */
    case WRSR2: if (n == 2 && f->volatile_sr) f->sr2 = f->sr_new & 0x7B; else f->n_refused++; break;
    case WREN: f->wel = true; break;
    case WRDI: f->wel = false; break;
    case PROGRAM: if (n > 4) program(f); break;
    case ERASE_4K: if (n == 4) erase(f, 4096, 45 * MS); break;
    case ERASE_32K: if (n == 4) erase(f, 32768, 120 * MS); break;
    case ERASE_64K: if (n == 4) erase(f, 65536, 150 * MS); break;
    case ERASE_CHIP: case ERASE_CHIP2: f->addr = 0; erase(f, PW_FLASHPART_SIZE, UINT64_C(20000) * MS); break;
    case WRSR1: if (n >= 2) { f->sr1 = f->sr_new & 0xFC; start(f, 10 * MS); } break;
    case POWER_DOWN: f->powered_down = true; break;
    case RELEASE: f->powered_down = false; break;
    case RESET: f->wel = false; break;
    default: break;
    }
    f->volatile_sr = false;
}

static void flash_select(void *ctx, bool on)
{
    struct pw_flashpart *f = ctx;
    if (on) {
        f->n_in = 0;
        f->ignore = false;
        f->addr = 0;
        memset(f->page_used, 0, sizeof f->page_used);
    } else if (f->n_in > 0 && !f->ignore) {
        finish(f);
    }
}

static uint8_t flash_out(void *ctx)
{
    struct pw_flashpart *f = ctx;
    static const uint8_t jedec[3] = { 0xEF, 0x40, 0x17 };
    unsigned n = f->n_in;
    if (n == 0 || f->ignore)
        return 0xFF;
    switch (f->op) {
    case RDSR1: return (uint8_t)(f->sr1 | (f->wel ? 2 : 0) | (busy(f) ? 1 : 0));
    case RDSR2: return f->sr2;
    case RDSR3: return 0x60;
    case JEDEC: return n <= 3 ? jedec[n - 1] : 0xFF;
    case UNIQUE: return n >= 5 ? (uint8_t)(0xA0 + n - 5) : 0xFF;
    case RELEASE: return n >= 4 ? 0x16 : 0xFF;
    case READ: return n >= 4 ? f->mem[f->addr] : 0xFF;
    case FREAD: return n >= 5 ? f->mem[f->addr] : 0xFF;
    default: return 0xFF;
    }
}

static void first_byte(struct pw_flashpart *f, uint8_t b)
{
    f->op = b;
    bool status = b == RDSR1 || b == RDSR2 || b == RDSR3;
    if ((busy(f) && !status && b != RESET_EN) || (f->powered_down && b != RELEASE)) {
        f->ignore = true;
        f->n_refused++;
    }
}

static void flash_in(void *ctx, uint8_t b)
{
    struct pw_flashpart *f = ctx;
    unsigned n = f->n_in;
    if (f->n_in < 1000)
        f->n_in++;
    if (n == 0) {
        first_byte(f, b);
    } else if (f->ignore) {
        return;
    } else if (f->op == WRSR1 || f->op == WRSR2) {
        if (n == 1)
            f->sr_new = b;
    } else if (n <= 3) {
        f->addr = ((f->addr << 8) | b) & (PW_FLASHPART_SIZE - 1);
    } else if (f->op == PROGRAM) {
        f->page[f->addr & 0xFF] = b;
        f->page_used[f->addr & 0xFF] = true;
        f->addr = (f->addr & ~0xFFu) | ((f->addr + 1) & 0xFF);
    } else if (f->op == READ || (f->op == FREAD && n >= 5)) {
        f->addr = (f->addr + 1) & (PW_FLASHPART_SIZE - 1);
    }
}

int pw_flashpart_open(struct pw_flashpart *f, const char *path, const uint64_t *now_ns, char *err, size_t err_n)
{
    memset(f, 0, sizeof *f);
    f->now_ns = now_ns;
    f->mem = pw_backing_open(path, PW_FLASHPART_SIZE, 0xFF, NULL, err, err_n);
    return f->mem != NULL ? 0 : -1;
}

void pw_flashpart_close(struct pw_flashpart *f)
{
    pw_backing_close(f->mem, PW_FLASHPART_SIZE);
    f->mem = NULL;
}

struct pw_spi_part pw_flashpart_spi(struct pw_flashpart *f)
{
    return (struct pw_spi_part){ .select = flash_select, .out = flash_out, .in = flash_in, .ctx = f };
}
