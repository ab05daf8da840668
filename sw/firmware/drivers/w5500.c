/* SPDX-License-Identifier: Apache-2.0 */
#include "w5500.h"

#include <string.h>

#include "bytes.h"

/* Common registers */
enum { MR = 0x00, GAR = 0x01, SUBR = 0x05, SHAR = 0x09, SIPR = 0x0F, PHYCFGR = 0x2E, VERSIONR = 0x39 };
/* Socket registers */
enum { SN_MR = 0x00, SN_CR = 0x01, SN_IR = 0x02, SN_SR = 0x03, SN_PORT = 0x04, SN_TX_FSR = 0x20, SN_TX_WR = 0x24, SN_RX_RSR = 0x26,
       SN_RX_RD = 0x28, SN_KPALVTR = 0x2F };
enum { CR_OPEN = 0x01, CR_LISTEN = 0x02, CR_DISCON = 0x08, CR_CLOSE = 0x10, CR_SEND = 0x20, CR_RECV = 0x40 };
enum { IR_TIMEOUT = 0x08, IR_SENDOK = 0x10 };

#define MR_RST          0x80u
#define TCP             0x01u
#define VERSION         0x04u
#define KEEP_ALIVE_5S   6u    /* 30 s: a dead peer frees its socket */
#define CR_READS        50u   /* the chip takes a command within a few us */
#define BLOCK_COMMON    0u
#define BLOCK_SOCKET(s) (4u * (s) + 1u)
#define BLOCK_TX(s)     (4u * (s) + 2u)
#define BLOCK_RX(s)     (4u * (s) + 3u)

static int access(struct pw_w5500 *w, unsigned block, uint16_t addr, const uint8_t *tx, uint8_t *rx, size_t len)
{
    uint8_t head[3] = {(uint8_t)(addr >> 8), (uint8_t)addr, (uint8_t)(block << 3 | (tx != NULL ? 4u : 0u))};
    return pw_spi_command(w->spi, w->cs, head, sizeof head, tx, rx, len);
}

static int read8(struct pw_w5500 *w, unsigned block, uint16_t addr)
{
    uint8_t v = 0;
    int err = access(w, block, addr, NULL, &v, 1);
    return err == PW_OK ? v : err;
}

static int write8(struct pw_w5500 *w, unsigned block, uint16_t addr, uint8_t v)
{
    return access(w, block, addr, &v, NULL, 1);
}

static int read16(struct pw_w5500 *w, unsigned s, uint16_t addr)
{
    uint8_t v[2] = {0, 0};
    int err = access(w, BLOCK_SOCKET(s), addr, NULL, v, 2);
    return err == PW_OK ? pw_get_be16(v) : err;
}

static int write16(struct pw_w5500 *w, unsigned s, uint16_t addr, uint16_t value)
{
    uint8_t v[2];
    pw_put_be16(v, value);
    return access(w, BLOCK_SOCKET(s), addr, v, NULL, 2);
}

/* TX_FSR and RX_RSR change while being read: twice until equal. A changing value counts as 0: the next poll sees it. */
static int read_stable(struct pw_w5500 *w, unsigned s, uint16_t addr)
{
    int a = read16(w, s, addr);
    for (unsigned i = 0; i < 4 && a > 0; i++) {
        int b = read16(w, s, addr);
        if (a == b)
            return a;
        a = b;
    }
    return a < 0 ? a : 0;
}

static int command(struct pw_w5500 *w, unsigned s, uint8_t cmd)
{
    int v = write8(w, BLOCK_SOCKET(s), SN_CR, cmd);
    if (v != PW_OK)
        return v;
    for (unsigned i = 0; i < CR_READS; i++) {
        v = read8(w, BLOCK_SOCKET(s), SN_CR);
        if (v <= 0)
            return v;
    }
    return PW_ERR_IO;
}

int pw_w5500_init(struct pw_w5500 *w, struct pw_spi *spi, unsigned cs)
{
    *w = (struct pw_w5500){.spi = spi, .cs = cs};
    if (read8(w, BLOCK_COMMON, VERSIONR) != VERSION)
        return PW_ERR_IO;
    return write8(w, BLOCK_COMMON, MR, MR_RST);
}

int pw_w5500_start(struct pw_w5500 *w, const struct pw_w5500_net *net)
{
    uint8_t image[18], back[18] = {0}; /* GAR, SUBR, SHAR and SIPR lie side by side */
    memcpy(image + GAR - GAR, net->gateway, 4);
    memcpy(image + SUBR - GAR, net->mask, 4);
    memcpy(image + SHAR - GAR, net->mac, 6);
    memcpy(image + SIPR - GAR, net->ip, 4);
    if (access(w, BLOCK_COMMON, GAR, image, NULL, sizeof image) != PW_OK ||
        access(w, BLOCK_COMMON, GAR, NULL, back, sizeof back) != PW_OK)
        return PW_ERR_IO;
    w->sending = 0;
    return memcmp(image, back, sizeof image) == 0 ? PW_OK : PW_ERR_IO;
}

bool pw_w5500_link(struct pw_w5500 *w)
{
    int v = read8(w, BLOCK_COMMON, PHYCFGR);
    return v >= 0 && (v & 1) != 0;
}

int pw_w5500_state(struct pw_w5500 *w, unsigned s)
{
    return read8(w, BLOCK_SOCKET(s), SN_SR);
}

int pw_w5500_listen(struct pw_w5500 *w, unsigned s, uint16_t port)
{
    w->sending &= (uint8_t)~(1u << s);
    if (write8(w, BLOCK_SOCKET(s), SN_MR, TCP) != PW_OK || write16(w, s, SN_PORT, port) != PW_OK ||
        write8(w, BLOCK_SOCKET(s), SN_KPALVTR, KEEP_ALIVE_5S) != PW_OK || command(w, s, CR_OPEN) != PW_OK)
        return PW_ERR_IO;
    if (pw_w5500_state(w, s) != PW_SOCK_INIT)
        return PW_ERR_STATE;
    return command(w, s, CR_LISTEN);
}

int pw_w5500_disconnect(struct pw_w5500 *w, unsigned s)
{
    return command(w, s, CR_DISCON);
}

int pw_w5500_close(struct pw_w5500 *w, unsigned s)
{
    w->sending &= (uint8_t)~(1u << s);
    return command(w, s, CR_CLOSE);
}

int pw_w5500_receive(struct pw_w5500 *w, unsigned s, uint8_t *data, size_t min, size_t max)
{
    int n = read_stable(w, s, SN_RX_RSR);
    if (n <= 0 || max == 0)
        return n < 0 ? n : 0;
    if ((size_t)n < min)
        return 0;
    if ((size_t)n > max)
        n = (int)max;
    int rd = read16(w, s, SN_RX_RD);
    if (rd < 0 || access(w, BLOCK_RX(s), (uint16_t)rd, NULL, data, (size_t)n) != PW_OK ||
        write16(w, s, SN_RX_RD, (uint16_t)(rd + n)) != PW_OK || command(w, s, CR_RECV) != PW_OK)
        return PW_ERR_IO;
    return n;
}

/* The chip needs SENDOK (or TIMEOUT, which closes the socket) between two SENDs. */
static int confirm_send(struct pw_w5500 *w, unsigned s)
{
    if ((w->sending & 1u << s) == 0)
        return PW_OK;
    int ir = read8(w, BLOCK_SOCKET(s), SN_IR);
    if (ir < 0)
        return ir;
    if ((ir & (IR_SENDOK | IR_TIMEOUT)) == 0)
        return PW_ERR_STATE;
    w->sending &= (uint8_t)~(1u << s);
    return write8(w, BLOCK_SOCKET(s), SN_IR, IR_SENDOK | IR_TIMEOUT);
}

int pw_w5500_ready(struct pw_w5500 *w, unsigned s, size_t len)
{
    int err = confirm_send(w, s);
    if (err != PW_OK)
        return err;
    int room = read_stable(w, s, SN_TX_FSR);
    if (room < 0)
        return room;
    return (size_t)room < len ? PW_ERR_STATE : PW_OK;
}

int pw_w5500_send(struct pw_w5500 *w, unsigned s, const uint8_t *data, size_t len)
{
    int wr = read16(w, s, SN_TX_WR);
    if (wr < 0 || access(w, BLOCK_TX(s), (uint16_t)wr, data, NULL, len) != PW_OK ||
        write16(w, s, SN_TX_WR, (uint16_t)(wr + (int)len)) != PW_OK || command(w, s, CR_SEND) != PW_OK)
        return PW_ERR_IO;
    w->sending |= (uint8_t)(1u << s);
    return PW_OK;
}
