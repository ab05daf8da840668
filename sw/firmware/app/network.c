/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <string.h>

#define HOLD_US    1000u    /* RSTn low: at least 500 us */
#define RELEASE_US 60000u   /* PLL lock */
#define RESET_US   2000u
#define RETRY_US   1000000u
#define LINK_US    500000u
#define ERRORS_MAX 3u
#define STEPS      3u       /* of a request in one pass */
#define LOOKS      2u       /* at sockets in one pass */

void pw_network_init(struct pw_network *n, struct pw_spi *spi, unsigned cs, const struct pw_config *cfg, const struct pw_modbus_server *srv)
{
    memset(n, 0, sizeof *n);
    n->spi = spi;
    n->chip.cs = cs;
    n->cfg = cfg;
    n->srv = srv;
}

static void fail(struct pw_network *n, uint64_t now)
{
    n->state = PW_NET_HELD;
    n->link = false;
    n->errors = 0;
    n->next_us = now + RETRY_US;
}

static int start(struct pw_network *n)
{
    struct pw_w5500_net net;
    memcpy(net.ip, n->cfg->ip, 4);
    memcpy(net.mask, n->cfg->mask, 4);
    memcpy(net.gateway, n->cfg->gateway, 4);
    memcpy(net.mac, n->cfg->mac, 6);
    int err = pw_w5500_start(&n->chip, &net);
    if (err == PW_OK)
        pw_modbus_tcp_init(&n->modbus, &n->chip, n->srv, n->cfg->modbus_port, n->cfg->unit_id);
    return err;
}

static bool run(struct pw_network *n, uint64_t now)
{
    if (now >= n->link_us) {
        n->link = pw_w5500_link(&n->chip);
        n->link_us = now + LINK_US;
    }
    bool worked = false;
    int r = 0;
    for (unsigned i = 0; i < STEPS && r >= 0 && (i < LOOKS || n->modbus.stay != 0); i++) {
        r = pw_modbus_tcp_step(&n->modbus, now);
        worked |= r > 0;
    }
    if (r >= 0) {
        n->errors = 0;
        return worked;
    }
    if (++n->errors >= ERRORS_MAX)
        fail(n, now);
    return true;
}

bool pw_network_step(struct pw_network *n, uint64_t now_us)
{
    if (now_us < n->next_us)
        return false;
    switch (n->state) {
    case PW_NET_HELD:
        n->state = PW_NET_RELEASED;
        n->next_us = now_us + HOLD_US + RELEASE_US;
        return false;
    case PW_NET_RELEASED:
        if (pw_w5500_init(&n->chip, n->spi, n->chip.cs) != PW_OK) {
            fail(n, now_us);
            return true;
        }
        n->state = PW_NET_RESET;
        n->next_us = now_us + RESET_US;
        return true;
    case PW_NET_RESET:
        if (start(n) != PW_OK) {
            fail(n, now_us);
            return true;
        }
        n->state = PW_NET_RUN;
        return true;
    default:
        return run(n, now_us);
    }
}
