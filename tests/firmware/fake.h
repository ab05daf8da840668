/* SPDX-License-Identifier: Apache-2.0 */
/* A system on chip for unit tests: registers, channel bank, FRAM and W5500 behind SPI 1, LCD, UART 0. Small and strict, not the
 * simulation's models: those are tested in tests/sim and tests/cosim. */
#ifndef PW_FAKE_H
#define PW_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal.h"

#define FAKE_TX_LOG 8192u

struct fake_sock {
    uint8_t  reg[48];
    uint8_t  rx[2048], tx[2048];
    uint16_t rx_rd, rx_wr, tx_rd, tx_wr;
    uint8_t  sent[FAKE_TX_LOG];
    size_t   n_sent;
    bool     fin;          /* DISCON was given */
    unsigned commands;
};

struct fake {
    struct pw_hal hal;
    uint64_t us;
    uint32_t us_per_read;  /* time that each uptime call takes */
    /* SYS, WDT, GPIO */
    uint32_t clk_hz, buserr_count, buserr_addr, scratch[2], gpio_in, gpio_out, wdt_ms, kicks, resets;
    bool     no_magic;
    /* front-end */
    uint8_t  n_ct, mod_div;
    uint32_t lock, wincfg, quad, samples, winseq, wininfo, zc_before, zc_after;
    uint32_t bank[64][32];
    uint8_t  delay[64];
    unsigned hit_on_read;  /* the n-th bank read from now on sees a new window begin; 0: none does */
    void   (*on_hit)(void); /* then, or NULL */
    unsigned bank_writes;
    /* analysis block: half cycles (frame, square, info) waiting, the last pass */
    bool     analysis;
    uint32_t half[64][3], half_n, half_at, ana_pass, ana_wstep, ana_step, ana_result[512], ana_detail[3];
    /* SPI 1 */
    uint32_t spi_ctrl, spi_in;
    bool     spi_stuck;
    /* FRAM, cs 0 */
    bool     no_fram;
    uint8_t  fram[131072];
    uint32_t fram_size_b;  /* 131072 with 3 address bytes, or 32768 with 2; tests set others, and what is not as the id says */
    uint8_t  fram_id[9], fram_addr_b;
    long     fram_cut;     /* bytes still written before the power is gone; -1: for ever */
    uint8_t  fram_op, fram_wel;
    unsigned fram_n;
    uint32_t fram_addr;
    /* W5500, cs 1 */
    bool     no_w5500, hold_sendok;
    unsigned w_n;
    uint8_t  w_head[3];
    uint8_t  w_common[64];
    struct fake_sock sock[8];
    /* LCD */
    char     ddram[128];
    unsigned lcd_addr, lcd_bytes, lcd_nibbles, lcd_on;
    /* UART 0 */
    char     out[65536];
    size_t   n_out;
    const char *typed;
    uint32_t uart_status;
};

/** A healthy system of n_ct channels at 25 MHz with empty parts. */
void fake_init(struct fake *f, unsigned n_ct);

/** Another FRAM: 131072 (as after fake_init) or 32768 bytes. */
void fake_fram(struct fake *f, uint32_t size_b);

/** 64-bit word pair of the bank. @param word  index of the low word */
void fake_put64(struct fake *f, unsigned ch, unsigned word, uint64_t v);
uint64_t fake_get64(const struct fake *f, unsigned ch, unsigned word);

/** Completes a window of whole cycles whose crossings lie exactly on samples. Sums and energies are the caller's. */
void fake_window(struct fake *f, unsigned samples, unsigned cycles);

/** A peer on a listening socket: connects, sends, closes. */
bool fake_connect(struct fake *f, unsigned s);
void fake_push(struct fake *f, unsigned s, const void *data, size_t n);
void fake_peer_close(struct fake *f, unsigned s);

/** What a row of the display shows, 20 characters. */
void fake_lcd_row(const struct fake *f, unsigned row, char text[21]);

#endif
