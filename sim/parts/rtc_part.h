/* SPDX-License-Identifier: Apache-2.0 */
/* Clock chip MCP7940N on two open-drain I2C lines: time, calendar, 64 bytes of SRAM, power-fail stamps, trim, battery.
 * Source of registers and rules: facts/parts.md section 4. Alarms and the square wave are plain memory here. */
#ifndef PW_RTCPART_H
#define PW_RTCPART_H
#include <stdbool.h>
#include <stdint.h>

#define PW_RTCPART_DEVICE 0x6Fu
#define PW_RTCPART_REGS 0x60u

struct pw_rtcpart {
    const uint64_t *now_ns;      /* time of the world outside */
    bool present;                /* false: nothing answers */
    uint8_t reg[PW_RTCPART_REGS];
    int64_t ppm_e3;              /* error of its crystal, 0.001 ppm, + = fast */
    uint64_t base_ns;            /* when base_s was set */
    uint32_t base_s;             /* chip's seconds since 2000-01-01 at base_ns */
    /* I2C slave */
    bool scl, sda, pull;         /* lines as last seen; it pulls SDA down */
    uint8_t state, bit, shift, pointer;
    bool matched, reading, have_pointer, nack;
    uint64_t n_reads, n_writes;  /* bytes */
};

/** A chip whose oscillator has never been started (as from the factory), battery in. */
void pw_rtcpart_init(struct pw_rtcpart *r, const uint64_t *now_ns);

/** Starts it at a time, as a meter that has been set would have left it. @param s  seconds since 2000-01-01 */
void pw_rtcpart_set(struct pw_rtcpart *r, uint32_t s);

/** Seconds since 2000-01-01 that it has now. */
uint32_t pw_rtcpart_now(struct pw_rtcpart *r);

/** Mains go (stamp, if enabled) or come back. Without VBATEN the time is lost. */
void pw_rtcpart_power(struct pw_rtcpart *r, bool on);

/** Call after each change of the master's lines. @param scl, sda  false = the master pulls down @return level of SDA from now on */
bool pw_rtcpart_lines(struct pw_rtcpart *r, bool scl, bool sda);
#endif
