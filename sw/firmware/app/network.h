/* SPDX-License-Identifier: Apache-2.0 */
/* Brings the W5500 up, and up again after a failure, and runs Modbus TCP on it. */
#ifndef PW_NETWORK_H
#define PW_NETWORK_H

#include "config.h"
#include "modbus_tcp.h"

enum pw_net_state { PW_NET_HELD, PW_NET_RELEASED, PW_NET_RESET, PW_NET_RUN };

struct pw_network {
    struct pw_spi           *spi;
    const struct pw_config  *cfg;
    const struct pw_modbus_server *srv;
    struct pw_w5500      chip;
    struct pw_modbus_tcp modbus;
    uint8_t  state;      /* enum pw_net_state */
    uint8_t  errors;     /* in a row */
    bool     link;
    uint64_t next_us;    /* not before */
    uint64_t link_us;    /* next look at the link */
};

void pw_network_init(struct pw_network *n, struct pw_spi *spi, unsigned cs, const struct pw_config *cfg, const struct pw_modbus_server *srv);

/** Releases the chip's reset pin? */
static inline bool pw_network_eth_run(const struct pw_network *n)
{
    return n->state != PW_NET_HELD;
}

static inline bool pw_network_ok(const struct pw_network *n)
{
    return n->state == PW_NET_RUN;
}

/** One step. @return true if it did something */
bool pw_network_step(struct pw_network *n, uint64_t now_us);

#endif
