/* SPDX-License-Identifier: Apache-2.0 */
/* A meter that bills, for tests of what reads it: the real books on a FRAM and a flash of 4 MiB, energies that the test gives. */
#ifndef PW_T_BOOKS_WORLD_H
#define PW_T_BOOKS_WORLD_H

#include "t.h"

#define FM_SECTORS 1024u
#include "books.h"
#include "console.h"
#include "display.h"
#include "fake.h"
#include "flash_model.h"
#include "modbus_map.h"
#include "panel.h"
#include "tou_text.h"

#define W_CT  27u                    /* two demands have room for so many; 4 channels of them are two pages of an interval */
#define NOON  UINT32_C(837446400)    /* 2026-07-15 16:00:00 UTC: 12:00 in New York, a Wednesday */

static struct world {
    struct fake f;
    struct flash_model *flash;
    struct pw_flash_port port;
    struct pw_spi spi;
    struct pw_fram fram;
    struct pw_clock clk;
    struct pw_config cfg;
    struct pw_energy energy;
    struct pw_points points;
    struct pw_snapshot snap;
    struct pw_program program;
    struct pw_books b;
    struct pw_diag diag;
    struct pw_view view;
    struct pw_modbus_map map;
    uint64_t seed;
} w;

static inline uint64_t w_uptime(void *ctx)
{
    return ((struct fake *)ctx)->us;
}

static inline void w_work(void)
{
    for (unsigned i = 0; i < 3000; i++) {
        bool did = pw_books_step(&w.b);
        did |= pw_books_logs_step(&w.b);
        if (!did && w.flash->op == 0)
            return;
        if (!did)
            (void)fm_busy(w.flash);
    }
}

static inline void w_add(unsigned ct, unsigned quantity, uint64_t uwh)
{
    unsigned __int128 now = (unsigned __int128)pw_energy_get(&w.energy.ct[ct], quantity) + uwh;
    w.energy.ct[ct].acc[quantity][2] = (uint32_t)now;
    w.energy.ct[ct].acc[quantity][3] = (uint32_t)(now >> 32);
}

/* 0.2 s, in which CT k takes (k + 1) Wh and gives as many mvarh. */
static inline void w_window(bool load)
{
    w.f.us += 200000;
    for (unsigned k = 0; k < W_CT && load; k++) {
        w_add(k, PW_WH_DEL, (k + 1) * UINT64_C(1000000));
        w_add(k, PW_VARH_Q4, (k + 1) * UINT64_C(1000));
    }
    w.snap.seq++;
    for (unsigned v = 0; v < PW_N_V; v++)
        w.snap.v[v].win_mv = 120000 + 1000 * v + w.snap.seq % 7;
    pw_points_window(&w.points, &w.snap, 0);
    pw_books_window(&w.b);
    w_work();
}

static inline void w_seconds(unsigned s)
{
    for (unsigned i = 0; i < 5 * s; i++)
        w_window(true);
}

static inline void w_set_time(uint32_t utc_s)
{
    uint32_t old = pw_clock_now(&w.clk, NULL);
    w.clk.base_s = utc_s;
    w.clk.base_us = w.f.us;
    pw_books_time_set(&w.b, old, utc_s);
}

static inline void w_power_up(uint32_t utc_s)
{
    const struct pw_books_ports ports = {
        .fram = &w.fram, .flash = &w.port, .flash_size_b = FM_SECTORS * PW_FLASH_SECTOR_B, .clock = &w.clk, .cfg = &w.cfg, .energy = &w.energy,
        .points = &w.points, .snap = &w.snap, .n_ct = W_CT, .cause = PW_RESET_POWER, .uptime_us = w_uptime, .uptime_ctx = &w.f,
    };
    pw_spi_init(&w.spi, &w.f.hal, 1, w.f.clk_hz, 12500000);
    assert_int_equal(pw_fram_init(&w.fram, &w.spi, 0), PW_OK);
    w.clk = (struct pw_clock){.hal = &w.f.hal, .state = PW_CLOCK_RUNNING, .base_s = utc_s, .base_us = w.f.us};
    w.snap.seq = w.points.seq = 0;
    w.snap.registers = &w.energy;
    pw_books_init(&w.b, &ports, &w.program);
}

/* The stored form of a schedule. */
static const char *const w_schedule =
    "schedule 17 \"Test tariff\"\nzone -300 dst 60 start m3w2d0 02:00 end m11w1d0 02:00\n"
    "rate 1 \"Off-peak\"\nrate 2 \"Peak\"\nrate 3 \"Weekend\"\n"
    "daytype work 00:00=1 12:00=2 18:00=1\ndaytype rest 00:00=3\n"
    "season all from 01-01 mon-fri=work sat,sun=rest holiday=rest\n";

static inline void w_image(uint8_t image[PW_TOU_SIZE_B])
{
    struct pw_tou t;
    struct pw_tou_names names;
    struct pw_tou_text_fault fault = {0};
    assert_int_equal(pw_tou_parse(w_schedule, strlen(w_schedule), &t, &names, &fault), PW_OK);
    assert_int_equal(pw_tou_encode(&t, &names, image, NULL), PW_OK);
}

/* A meter that has run for some seconds with this schedule, unsealed, at a time. */
static inline int w_setup(void **state)
{
    (void)state;
    uint8_t image[PW_TOU_SIZE_B];
    struct pw_tou_fault fault;
    free(w.flash);
    memset(&w, 0, sizeof w);
    w.seed = 77;
    fake_init(&w.f, W_CT);
    w.flash = fm_new(FM_SECTORS, 3);
    w.port = fm_port(w.flash);
    pw_config_default(&w.cfg, W_CT);
    pw_program_default(&w.program, PW_PROFILE_POWERSTAR24);
    w.program.quantities = 0xFF;
    w.program.n_points = 0; /* all */
    w.program.n_demands = 2;
    w.program.reset_lock_min = 10;
    w.program.rules.no_peak = 0;
    w.program.demand[1] = (struct pw_demand_config){PW_DEMAND_VAR_REC, PW_DEMAND_SLIDING, 15, 3};
    w.program.intervals = (struct pw_intervals_config){.minutes = 5, .channels = 0x1F, .unit_log10 = 3};
    assert_int_equal(pw_program_check(&w.program, NULL), PW_OK);
    w.view.books = &w.b;
    w.map = (struct pw_modbus_map){.snap = &w.snap, .cfg = &w.cfg, .diag = &w.diag, .view = &w.view};
    w_power_up(NOON - 3600);
    pw_books_seal(&w.b, true);
    w_window(false);
    w_image(image);
    assert_int_equal(pw_books_schedule_put(&w.b, 0, image, sizeof image), PW_OK);
    assert_int_equal(pw_books_schedule_end(&w.b, &fault), PW_OK);
    w_seconds(3);
    assert_int_equal(w.b.tou.id, 17);
    assert_true(w.b.started && w.b.kept && w.b.logs && pw_flashlog_mounted(&w.b.intervals.log));
    return 0;
}

#endif
