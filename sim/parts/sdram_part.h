/* SPDX-License-Identifier: Apache-2.0 */
/* SDR SDRAM at its pins, one call a clock; checks what a data sheet of a -6 or -7 part asks of a controller and counts what it breaks.
 * Timing (MT48LC16M16A2-7E, EM638325-6): tRCD, tRP 20 ns, tRC 63 ns, tRAS 42 ns .. 100 us, tWR 2 clk, tRFC 70 ns, 8192 refreshes in 64 ms. */
#ifndef PW_SDRAMPART_H
#define PW_SDRAMPART_H
#include <stdbool.h>
#include <stdint.h>

struct pw_sdrampart {
    uint32_t *mem;                 /* by bank, row, column; width bits a cell */
    unsigned width, row_bits, col_bits;
    double clk_ns;
    uint64_t clk;
    bool mode_set;
    unsigned refreshes;            /* since power-on */
    bool open[4];
    uint32_t row[4];
    uint64_t act_clk[4], pre_clk[4], write_clk[4], ref_clk, last_ref_clk, mode_clk;
    bool valid[3];                 /* data under way: CAS latency 2 */
    uint32_t data[3];
    unsigned n_errors;
    char error[120];               /* the first one */
};

/** @return 0, or -1: no memory */
int pw_sdrampart_open(struct pw_sdrampart *s, unsigned width, unsigned row_bits, unsigned col_bits, double clk_mhz);
void pw_sdrampart_close(struct pw_sdrampart *s);

/** One rising edge of the chip's clock with these pins (cs_n low, cke high).
 *  @param cmd_n  ras_n 4, cas_n 2, we_n 1  @param dq, oe  what the controller drives
 *  @return what a register on the falling edge of the controller's clock holds after this clock */
uint32_t pw_sdrampart_clock(struct pw_sdrampart *s, unsigned cmd_n, unsigned ba, unsigned a, unsigned dqm, bool oe, uint32_t dq);
#endif
