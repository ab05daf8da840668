/* SPDX-License-Identifier: Apache-2.0 */
/* FRAM and flash in place of drivers/fram.c and drivers/flash.c. Each run of bytes written and each flash operation is a place where the power may go. */
#include <string.h>

#include "flash.h"
#include "flash_own.h"
#include "fram.h"

static struct cal_world *world_of(const struct pw_spi *spi)
{
    return spi->hal->ctx;
}

int pw_fram_init(struct pw_fram *fram, struct pw_spi *spi, unsigned cs)
{
    *fram = (struct pw_fram){.spi = spi, .cs = cs};
    if (world_of(spi)->no_fram)
        return PW_ERR_IO;
    fram->size_b = fram->id_size_b = PW_FRAM_SIZE_B;
    fram->addr_b = 3;
    return PW_OK;
}

static bool in_range(const struct pw_fram *fram, uint32_t addr, size_t len)
{
    return addr <= fram->size_b && len <= fram->size_b - addr;
}

int pw_fram_read(struct pw_fram *fram, uint32_t addr, void *data, size_t len)
{
    if (!in_range(fram, addr, len))
        return PW_ERR_RANGE;
    memcpy(data, world_of(fram->spi)->fram + addr, len);
    return PW_OK;
}

/* Nothing; all; up to a byte that is garbage; each byte old, new or garbage. */
static void torn_write(struct cal_world *w, uint32_t addr, const uint8_t *data, size_t len)
{
    unsigned how = (unsigned)(cal_random(&w->seed) % 4);
    size_t some = (size_t)(cal_random(&w->seed) % len);
    for (size_t i = 0; i < len; i++) {
        uint8_t garbage = (uint8_t)cal_random(&w->seed), *b = &w->fram[addr + i];
        unsigned each = (unsigned)(cal_random(&w->seed) % 3);
        if (how == 1 || (how == 2 && i < some) || (how == 3 && each == 1))
            *b = data[i];
        else if ((how == 2 && i == some) || (how == 3 && each == 2))
            *b = garbage;
    }
}

int pw_fram_write(struct pw_fram *fram, uint32_t addr, const void *data, size_t len)
{
    struct cal_world *w = world_of(fram->spi);
    if (!in_range(fram, addr, len))
        return PW_ERR_RANGE;
    if (cal_op_begin(w, CAL_FRAM_WRITE)) {
        if (len != 0)
            torn_write(w, addr, data, len);
        cal_cut_now(w);
    }
    memcpy(w->fram + addr, data, len);
    w->n_fram++;
    w->n_fram_b += len;
    return PW_OK;
}

int pw_flash_init(struct pw_flash *f, struct pw_spi *spi, unsigned cs)
{
    *f = (struct pw_flash){.spi = spi, .cs = cs};
    if (world_of(spi)->no_flash)
        return PW_ERR_IO;
    f->jedec = 0xEF4017;
    f->size_b = world_of(spi)->flash_b;
    return PW_OK;
}

static struct flash_model *model_of(const struct pw_flash *f)
{
    return world_of(f->spi)->flash;
}

int pw_flash_busy(struct pw_flash *f)
{
    return fm_busy(model_of(f));
}

int pw_flash_read(struct pw_flash *f, uint32_t addr, uint8_t *out, size_t len)
{
    if (addr > f->size_b || len > f->size_b - addr)
        return PW_ERR_RANGE;
    int busy = fm_busy(model_of(f));
    return busy == 1 ? PW_ERR_STATE : busy != 0 ? busy : fm_read(model_of(f), addr, out, len);
}

int pw_flash_program(struct pw_flash *f, uint32_t addr, const uint8_t *data, size_t len)
{
    struct cal_world *w = world_of(f->spi);
    int busy = fm_busy(w->flash);
    if (busy != 0)
        return busy == 1 ? PW_ERR_STATE : busy;
    bool cut = cal_op_begin(w, CAL_FLASH_PROGRAM);
    int err = fm_program(w->flash, addr, data, len);
    if (cut)
        cal_cut_now(w); /* cal_power_down tears what runs */
    return err;
}

int pw_flash_erase(struct pw_flash *f, uint32_t addr)
{
    struct cal_world *w = world_of(f->spi);
    int busy = fm_busy(w->flash);
    if (busy != 0)
        return busy == 1 ? PW_ERR_STATE : busy;
    bool cut = cal_op_begin(w, CAL_FLASH_ERASE);
    int err = fm_erase(w->flash, addr);
    if (cut)
        cal_cut_now(w);
    return err;
}
