/* SPDX-License-Identifier: Apache-2.0 */
/* Text console on UART 0, 115200 8N1. One command a line; `help` lists them. Long answers come out line by line as the port takes them. */
#ifndef PW_CONSOLE_H
#define PW_CONSOLE_H

#include "config.h"
#include "diag.h"
#include "sched.h"
#include "snapshot.h"
#include "uart.h"
#include "view.h"

#define PW_CONSOLE_LINE 80u

struct pw_console {
    struct pw_uart *uart;
    const struct pw_snapshot *snap;
    const struct pw_config   *cfg;
    const struct pw_diag     *diag;
    const struct pw_sched    *sched;
    const struct pw_view     *view;
    void (*reboot)(void *ctx);
    void  *reboot_ctx;
    char    in[PW_CONSOLE_LINE];
    uint8_t in_len;
    uint8_t command;   /* whose answer is coming out; 0: none */
    uint8_t line;      /* its next line */
    uint8_t arg;
    bool    wait;      /* the answer's next line cannot be read yet */
    uint16_t waited;   /* passes */
    uint32_t number;   /* of the first record of the answer */
    bool    rebooting; /* as soon as all text has gone out */
};

void pw_console_init(struct pw_console *c);

/** An event, as a line of its own: "! text value". Dropped if the port is jammed. */
void pw_console_event(struct pw_console *c, const char *text, uint32_t value);

/** Takes input, gives out one line of an answer. @return false if there was nothing to do */
bool pw_console_step(struct pw_console *c);

#endif
