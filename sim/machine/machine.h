/* SPDX-License-Identifier: Apache-2.0 */
/* The system on chip as firmware on a PC sees it: read32 and write32 answered by register models (rtl/regs/pw_soc.rdl), the front-end by its
 * bit-exact model, the outside by the part models of the board.
 *
 * Time is counted in system clocks. Each bus access takes some, as on the soft core, and front-end time follows in steps of 8 modulator
 * clocks, so a driver that waits for a busy bit or a time sees it pass. Differences from the hardware: no interrupts (PENDING can be read),
 * a received UART byte waits in the terminal instead of overrunning, and the CPU's own instructions take no time beyond PW_MACHINE_ACCESS_CLK. */
#ifndef PW_MACHINE_H
#define PW_MACHINE_H
#include <stdbool.h>
#include <stdint.h>
#include "sim/model/ana_model.h"
#include "sim/model/fe_model.h"
#include "sim/parts/board.h"
#include "sw/firmware/drivers/hal.h"

#define PW_MACHINE_MAX_CT 54
#define PW_MACHINE_FE_CLEAR 63         /* frames of 8 modulator clocks after reset in which the gateware clears its memories and takes no bits */
#define PW_MACHINE_ACCESS_CLK 12       /* system clocks that one access with its loop takes on the soft core, about */

struct pw_machine_uart { uint32_t format; uint64_t tx_done; bool tx_full; uint8_t tx_buf; bool rx_valid; uint8_t rx; uint64_t rx_next; };
struct pw_machine_spi { uint32_t ctrl, data; uint64_t done; };
struct pw_machine_pulse { uint16_t queued; bool on; uint8_t units; };

struct pw_machine {
    struct pw_board *board;
    struct pw_fe fe;
    bool has_ana;                      /* with 24 CTs or more */
    struct pw_ana ana;
    struct pw_hal hal;                 /* for pw_app_init */
    unsigned n_ct, mod_div, clk_mhz;
    uint64_t clk;                      /* CPU's time, system clocks since power-on */
    uint64_t fe_clk;                   /* front-end's time: a multiple of 8 modulator clocks, catches up with clk */
    void (*bits8)(void *ctx, uint8_t bytes[]);   /* gives the next 8 modulator clocks of each channel */
    void (*frame)(void *ctx);          /* after each sample set; fe.in and fe.sample are its state. May be NULL */
    void *ctx;
    uint8_t bytes[64];
    unsigned fe_clear;                 /* frames still to be dropped */
    /* registers */
    uint32_t scratch[2], gpio_out, i2c_out, irq_enable, time_hi, compare, timer_ctrl, pulse_width, buserr_addr, reset_cause;
    uint16_t buserr_count;
    bool buserr_irq;
    uint32_t wdt_ms;
    uint64_t wdt_clk;                  /* when the watchdog bites, UINT64_MAX = off */
    bool reset_request;                /* firmware, or the watchdog, asks for a reset: call pw_machine_reset_cpu and start the firmware again */
    uint64_t lcd_done;
    struct pw_machine_uart uart[PW_BOARD_UARTS];
    struct pw_machine_spi spi[2];
    struct pw_spi_part part[2][4];     /* select == NULL: nothing there */
    struct pw_machine_pulse pulse[PW_MACHINE_MAX_CT];
    uint64_t next_unit;                /* clock of the next 8.192 ms tick */
};

/** Power-on. bits8 and ctx are set by the caller afterwards. @param n_ct 1 .. PW_MACHINE_MAX_CT */
void pw_machine_init(struct pw_machine *m, struct pw_board *board, unsigned n_ct, unsigned mod_div, unsigned clk_mhz);
/** Reset of CPU and peripherals; the front-end and the time go on. */
void pw_machine_reset_cpu(struct pw_machine *m);
/** Lets time pass until CPU clock `clk`. */
void pw_machine_run_to(struct pw_machine *m, uint64_t clk);
#endif
