/* SPDX-License-Identifier: Apache-2.0 */
/* Everything around the FPGA, as both tiers use it: SPI parts, LCD, terminals, buttons, switches, LEDs, pulse counters. */
#ifndef PW_BOARD_H
#define PW_BOARD_H
#include "flash_part.h"
#include "fram_part.h"
#include "lcd_part.h"
#include "rtc_part.h"
#include "uart_pty.h"
#include "w5500_part.h"

#define PW_BOARD_UARTS 4
#define PW_BOARD_MAX_CT 54

enum pw_board_button { PW_BUTTON_UP = 1, PW_BUTTON_DOWN = 2, PW_BUTTON_ENTER = 4, PW_BUTTON_BACK = 8 };   /* bits of pw_board.buttons */

struct pw_board_opts {
    const char *fram_path, *flash_path;          /* files, NULL = memory only */
    uint32_t fram_size_b;                        /* as in pw_frampart_open; 0: by its file, 128 KiB without one */
    const char *pty_dir;                         /* folder of the links console, rs485, optical, module; NULL = no links */
    int32_t modbus_port;                         /* PC's port for the chip's port 502; 0 = any free ones */
    uint16_t chip_port;                          /* port the meter serves, to reserve (502) */
};

struct pw_board {
    uint64_t now_ns;                             /* virtual time; the tier moves it */
    struct pw_frampart fram;
    struct pw_flashpart flash;
    struct pw_rtcpart rtc;                       /* as from the factory until pw_rtcpart_set */
    struct pw_w5500part eth;
    struct pw_lcdpart lcd;
    struct pw_uart_pty uart[PW_BOARD_UARTS];     /* 0 console, 1 RS-485, 2 optical, 3 module port */
    bool fram_created;                           /* FRAM content is new: all zero */
    int host_port;                               /* where the PC reaches the meter's Modbus port */
    uint8_t buttons;                             /* enum pw_board_button */
    bool unsealed, power_fail, key;              /* key: the key switch is turned */
    uint8_t leds;                                /* bit 0 status, 1 load, 2 fault, 3 infra-red, 4 a (10 Wh), 5 b (1 kWh), 6 reverse phase, 7 power */
    uint64_t led_edges[8];                       /* how often each has changed */
    uint64_t pulses[PW_BOARD_MAX_CT];            /* pulses seen on each output */
    uint64_t next_poll_ns;
    bool opened;
};

/** @return 0, or -1 with one line in err */
int pw_board_open(struct pw_board *b, const struct pw_board_opts *o, char *err, size_t err_n);
void pw_board_close(struct pw_board *b);
/** Serves sockets and terminals of the PC when a millisecond of virtual time has passed, else returns at once. */
void pw_board_poll(struct pw_board *b);
/** The LEDs as they are now. */
void pw_board_leds(struct pw_board *b, uint8_t leds);
#endif
