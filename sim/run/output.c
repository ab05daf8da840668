/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a run leaves behind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "runner.h"
#include "sim/machine/machine.h"

double pw_run_boundary(uint64_t frame)
{
    /* The set is complete with this bit (0 = first after reset) ... */
    double last_bit = 8.0 * PW_MACHINE_FE_CLEAR + (double)PW_DEC_DECIMATION * (double)(PW_DEC_SETTLE_SETS + 1 + frame) - 1;
    /* ... and belongs to an instant earlier by the group delay; bit n stands for clock n to n + 1 */
    return last_bit + 0.5 - PW_DEC_GROUP_DELAY - PW_DEC_DECIMATION / 2.0;
}

static int trouble(const char *path)
{
    fprintf(stderr, "pwsim-%s: %s: %s\n", pw_tier_name, path, strerror(errno));
    return -1;
}

static int finish(FILE *f, const char *path)
{
    bool bad = ferror(f);
    if (fclose(f) != 0 || bad) return trouble(path);
    return 0;
}

static int open_lines(const char *path, FILE **f)
{
    if (path == NULL) return 0;
    *f = fopen(path, "w");
    if (*f == NULL) return trouble(path);
    setvbuf(*f, NULL, _IOLBF, 1 << 16); /* whole lines: scripts/calibrate.py reads along */
    return 0;
}

int pw_run_lines_open(struct pw_run *r)
{
    if (open_lines(r->o.truth, &r->truth) != 0 || open_lines(r->o.windows, &r->windows) != 0) return -1;
    if (r->truth != NULL) {
        fprintf(r->truth, "seq,mod_clock,seconds,va_v2s,vb_v2s,vc_v2s");
        for (unsigned k = 0; k < r->o.n_ct; k++) fprintf(r->truth, ",ct%u_wh_j,ct%u_varh_j,ct%u_i2s,ct%u_v2s", k, k, k, k);
        fputc('\n', r->truth);
    }
    if (r->windows != NULL) {
        fprintf(r->windows, "seq,frame");
        for (unsigned ch = 0; ch < r->n_ch; ch++) fprintf(r->windows, ",ch%u_p,ch%u_q,ch%u_sq", ch, ch, ch);
        fputc('\n', r->windows);
    }
    return 0;
}

void pw_run_window_line(struct pw_run *r, unsigned seq, uint64_t frame)
{
    unsigned first = seq & 1 ? PW_INT_SUM0 : PW_INT_SUM1;        /* FE.WINSEQ.bank: the first window went into bank 0 */
    fprintf(r->windows, "%u,%llu", seq, (unsigned long long)frame);
    for (unsigned ch = 0; ch < r->n_ch; ch++)
        for (unsigned i = 0; i < 6; i += 2)
            fprintf(r->windows, ",%lld", (long long)((uint64_t)pw_tier_bank(r->tier, ch, first + i + 1) << 32 | pw_tier_bank(r->tier, ch, first + i)));
    fputc('\n', r->windows);
}

void pw_run_truth_line(struct pw_run *r, unsigned seq, uint64_t frame)
{
    static struct pw_truth t;                    /* 2 KiB, and there is one run a process */
    pw_panel_truth(r->panel, pw_run_boundary(frame), &t);
    fprintf(r->truth, "%u,%.2f,%.9f,%.12g,%.12g,%.12g", seq, t.mod_clock, t.seconds, t.v2s[0], t.v2s[1], t.v2s[2]);
    for (unsigned k = 0; k < r->o.n_ct; k++) {
        const struct pw_truth_ct *c = &t.ct[k];
        fprintf(r->truth, ",%.12g,%.12g,%.12g,%.12g", c->wh_j, c->varh_j, c->i2s, c->v2s);
    }
    fputc('\n', r->truth);
    fflush(r->truth);                            /* tests read it while we run */
}

static int write_samples(const struct pw_run *r)
{
    FILE *f = fopen(r->o.samples, "w");
    if (f == NULL) return trouble(r->o.samples);
    double fmod = r->clk_mhz * 1e6 / r->mod_div;
    uint64_t first = r->n_samples > PW_RUN_SAMPLES ? r->n_samples - PW_RUN_SAMPLES : 0;
    fprintf(f, "seconds,va_v,vb_v,vc_v");
    for (unsigned k = 0; k < r->o.n_ct; k++) fprintf(f, ",ct%u_a", k);
    fputc('\n', f);
    for (uint64_t n = first; n < r->n_samples; n++) {
        fprintf(f, "%.9f", (pw_run_boundary(n) + PW_DEC_DECIMATION / 2.0) / fmod);
        for (unsigned ch = 0; ch < r->n_ch; ch++)
            fprintf(f, ",%.7g", r->samples[n % PW_RUN_SAMPLES][ch] / 8388608.0 * pw_panel_full_scale(r->panel, ch));
        fputc('\n', f);
    }
    return finish(f, r->o.samples);
}

static int write_screen(const struct pw_run *r)
{
    FILE *f = fopen(r->o.screen, "w");
    char row[PW_LCDPART_TEXT_B];
    if (f == NULL) return trouble(r->o.screen);
    for (unsigned i = 0; i < PW_LCDPART_ROWS; i++) {
        pw_lcdpart_text(&r->board.lcd, i, row);
        fprintf(f, "%s\n", row);
    }
    return finish(f, r->o.screen);
}

static int write_console(const struct pw_run *r)
{
    FILE *f = fopen(r->o.console, "w");
    uint8_t *text = malloc(PW_UART_LOG_B);
    if (f == NULL || text == NULL) {
        free(text);
        if (f != NULL) fclose(f);
        return trouble(r->o.console);
    }
    size_t n = pw_uart_pty_tail(&r->board.uart[0], text, PW_UART_LOG_B);
    fwrite(text, 1, n, f);
    free(text);
    return finish(f, r->o.console);
}

static void json_string(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s != 0; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') fprintf(f, "\\%c", c);
        else if (c < 0x20) fprintf(f, "\\u%04x", c);
        else fputc(c, f);
    }
    fputc('"', f);
}

static int write_report(const struct pw_run *r)
{
    FILE *f = fopen(r->o.report, "w");
    struct pw_tier_status s;
    const struct pw_board *b = &r->board;
    if (f == NULL) return trouble(r->o.report);
    pw_tier_status(r->tier, &s);
    double wall = r->wall_metered > 0 ? r->wall_metered : 1e-9;
    fprintf(f, "{\n  \"tier\": \"%s\",\n  \"panel\": ", pw_tier_name);
    json_string(f, pw_panel_name(r->panel));
    fprintf(f, ",\n  \"note\": ");
    json_string(f, pw_panel_note(r->panel));
    fprintf(f, ",\n  \"n_ct\": %u,\n  \"clk_mhz\": %u,\n  \"mod_div\": %u,\n  \"seed\": %llu,\n", r->o.n_ct, r->clk_mhz, r->mod_div,
            (unsigned long long)r->o.seed);
    fprintf(f, "  \"metered_seconds\": %.6f,\n  \"wall_seconds\": %.3f,\n  \"cosim_mhz\": %.3f,\n  \"realtime_factor\": %.4f,\n", r->metered_s, wall,
            r->metered_s * r->clk_mhz / wall, r->metered_s / wall);
    fprintf(f, "  \"windows\": %llu,\n  \"frames\": %llu,\n", (unsigned long long)r->n_windows, (unsigned long long)s.n_frames);
    fprintf(f, "  \"lcd_errors\": %u,\n  \"lcd_writes\": %u,\n  \"fram_refused\": %u,\n  \"fram_bytes_written\": %llu,\n  \"flash_refused\": %u,\n",
            b->lcd.n_busy_errors + b->lcd.n_timing_errors, b->lcd.n_writes, b->fram.n_refused, (unsigned long long)b->fram.n_writes, b->flash.n_refused);
    fprintf(f, "  \"w5500_errors\": %u,\n  \"connections\": %u,\n  \"bus_errors\": %u,\n  \"cpu_resets\": %u,\n  \"modbus_port\": %d,\n", b->eth.n_errors,
            b->eth.n_connections, s.bus_errors, s.cpu_resets, b->host_port);
    if (b->power_fail) fprintf(f, "  \"power_fail_saved_ms\": %.0f,\n", (double)(r->saved_clk - r->fail_clk) / (r->clk_mhz * 1e3));
    fprintf(f, "  \"leds\": %u,\n  \"led_edges\": [", b->leds);
    for (unsigned i = 0; i < 8; i++) fprintf(f, "%s%llu", i ? ", " : "", (unsigned long long)b->led_edges[i]);
    fprintf(f, "],\n  \"pulses\": [");
    for (unsigned k = 0; k < r->o.n_ct; k++) fprintf(f, "%s%llu", k ? ", " : "", (unsigned long long)b->pulses[k]);
    fprintf(f, "],\n  \"loads\": [");
    for (unsigned k = 0; k < r->o.n_ct; k++) {
        const struct pw_panel_load *l = pw_panel_load(r->panel, k);
        fprintf(f, "%s\n    {\"name\": ", k ? "," : "");
        json_string(f, l->name);
        fprintf(f, ", \"kind\": ");
        json_string(f, l->kind);
        fprintf(f, ", \"rated_a\": %.9g, \"noload\": %s}", l->rated_a, l->noload ? "true" : "false");
    }
    fprintf(f, "\n  ]\n}\n");
    return finish(f, r->o.report);
}

int pw_run_write_outputs(struct pw_run *r)
{
    int bad = 0;
    if (r->truth != NULL) bad |= finish(r->truth, r->o.truth);
    r->truth = NULL;
    if (r->windows != NULL) bad |= finish(r->windows, r->o.windows);
    r->windows = NULL;
    if (r->o.samples != NULL) bad |= write_samples(r);
    if (r->o.screen != NULL) bad |= write_screen(r);
    if (r->o.console != NULL) bad |= write_console(r);
    if (r->o.report != NULL) bad |= write_report(r);
    return bad ? -1 : 0;
}
