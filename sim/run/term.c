/* SPDX-License-Identifier: Apache-2.0 */
/* Live panel: the LCD in a box and four buttons on the keyboard. */
#define _GNU_SOURCE
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "runner.h"

static struct termios saved;
enum { HOLD_MS = 120 };                          /* a terminal tells of presses only: a button is down this long */

bool pw_term_open(struct pw_term *t)
{
    struct termios raw;
    memset(t, 0, sizeof *t);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0) return false;
    raw = saved;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);   /* ISIG stays: Ctrl-C is a signal */
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) return false;
    printf("\033[?1049h\033[?25l\033[2J");      /* other screen, no cursor */
    fflush(stdout);
    t->on = true;
    return true;
}

void pw_term_close(struct pw_term *t)
{
    if (!t->on) return;
    printf("\033[?25h\033[?1049l");
    fflush(stdout);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    t->on = false;
}

static uint8_t one_key(const char *s, ssize_t n, ssize_t *used)
{
    *used = 1;
    if (n >= 3 && s[0] == 033 && (s[1] == '[' || s[1] == 'O')) {
        *used = 3;
        switch (s[2]) {
        case 'A': return PW_BUTTON_UP;
        case 'B': return PW_BUTTON_DOWN;
        case 'C': return PW_BUTTON_ENTER;
        case 'D': return PW_BUTTON_BACK;
        default: return 0;
        }
    }
    switch (s[0]) {
    case '\r': case '\n': return PW_BUTTON_ENTER;
    case 0x7F: case '\b': return PW_BUTTON_BACK;
    case 'q': case 'Q': pw_run_stop = 1; return 0;
    default: return 0;
    }
}

void pw_term_keys(struct pw_term *t, struct pw_run *r, uint64_t clk)
{
    char s[64];
    ssize_t n = t->on ? read(STDIN_FILENO, s, sizeof s) : 0;
    for (ssize_t i = 0, used; i < n; i += used) {
        uint8_t b = one_key(s + i, n - i, &used);
        if (b == 0) continue;
        t->buttons = b;
        t->until_clk = clk + (uint64_t)HOLD_MS * 1000 * r->clk_mhz;
    }
    if (clk >= t->until_clk) t->buttons = 0;
}

static void status(struct pw_term *t, const struct pw_run *r, uint64_t clk, double wall)
{
    const struct pw_board *b = &r->board;
    double metered = (double)clk / (r->clk_mhz * 1e6);
    uint64_t pulses = 0;
    for (unsigned k = 0; k < r->o.n_ct; k++) pulses += b->pulses[k];
    if (pulses != t->pulses) t->pulse_lit = wall + 0.15;
    t->pulses = pulses;
    printf("  %s status  %s load  %s fault   %s pulses %llu\033[K\r\n\033[K\r\n", b->leds & 1 ? "●" : "○", b->leds & 2 ? "●" : "○",
           b->leds & 4 ? "●" : "○", wall < t->pulse_lit ? "●" : "○", (unsigned long long)pulses);
    printf("  metered %.1f s   %.2f x real time   %s\033[K\r\n", metered, metered / (wall - r->wall_start), pw_panel_name(r->panel));
    printf("  Modbus TCP 127.0.0.1:%d%s   console %s\033[K\r\n", b->host_port, r->ready ? "" : " (not yet)",
           b->uart[0].link[0] ? b->uart[0].link : b->uart[0].path);
    printf("  arrows up/down, Enter, Backspace: buttons   q: quit\033[K\r\n");
}

void pw_term_draw(struct pw_term *t, const struct pw_run *r, uint64_t clk)
{
    double wall = pw_run_wall_s();
    char row[PW_LCDPART_TEXT_B];
    if (!t->on || wall < t->next_s) return;
    t->next_s = wall + 0.05;
    printf("\033[H\033[K\r\n  Polywatt\033[K\r\n  ┌──────────────────────┐\033[K\r\n");
    for (unsigned i = 0; i < PW_LCDPART_ROWS; i++) {
        pw_lcdpart_text(&r->board.lcd, i, row);
        printf("  │ \033[30;42m%s\033[0m │\033[K\r\n", row);
    }
    printf("  └──────────────────────┘\033[K\r\n");
    status(t, r, clk, wall);
    printf("\033[J");
    fflush(stdout);
}
