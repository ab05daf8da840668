/* SPDX-License-Identifier: Apache-2.0 */
/* What the main loop does, in small steps: one function a task, and the table of them. */
#include "app_priv.h"
#include "build.h"
#include "wiring_text.h"

#define LASTING_MS 60000u
#define SAVE_SLICE_US 3000u

static void tell_service(struct pw_app *app, unsigned events)
{
    const struct pw_service_watch *w = &app->service;
    char buf[48];
    struct pw_text t;
    pw_text_init(&t, buf, sizeof buf);
    pw_text_str(&t, "service ");
    pw_service_text(&w->now, &t);
    pw_text_str(&t, ", missing inputs");
    if (events & PW_SERVICE_EV_CHANGE)
        pw_console_event(&app->console, buf, w->now.missing);
    if (events & PW_SERVICE_EV_MISMATCH)
        pw_console_event(&app->console, "service is not as configured, detected", w->now.service);
    if (events & PW_SERVICE_EV_MISFIT)
        pw_console_event(&app->console, "points whose form does not fit the service:", w->misfits);
}

/* What follows a published window, each in a pass of its own; the next window is not counted before. */
static void follow_window(struct pw_app *app)
{
    const struct pw_snapshot *s = &app->meter.out;
    switch (app->follow--) {
    case 3:
        pw_outputs_window(&app->outputs, &app->books.program, &app->books.billing.totals, &app->cfg, s);
        break;
    case 2:
        tell_service(app, pw_service_update(&app->service, &app->cfg, s, app->meter.v_lag_cdeg));
        break;
    default:
        pw_books_window(&app->books);
    }
}

static bool task_meter(void *ctx)
{
    struct pw_app *app = ctx;
    const struct pw_snapshot *s = &app->meter.out;
    if (pw_books_busy(&app->books)) /* what is being saved must be of one instant; the window waits in the front-end */
        return false;
    if (app->follow != 0) {
        follow_window(app);
        return true;
    }
    uint32_t counts = app->energy.counts;
    bool worked = pw_meter_step(&app->meter);
    if (s->seq != app->points.seq) {
        pw_points_window(&app->points, s, app->meter.block.hours_f72);
        app->follow = 3;
    } else if (app->energy.counts != counts) {
        pw_points_count(&app->points); /* too late to be published */
    }
    return worked;
}

static bool task_uart(void *ctx)
{
    struct pw_app *app = ctx;
    if (!app->by_irq)
        pw_uart_service_rx(&app->uart);
    pw_uart_service_tx(&app->uart);
    return false; /* a few register accesses: not worth accounting */
}

static bool task_console(void *ctx)
{
    struct pw_app *app = ctx;
    return pw_console_step(&app->console);
}

static bool task_network(void *ctx)
{
    struct pw_app *app = ctx;
    bool was_ok = pw_network_ok(&app->network);
    bool worked = pw_network_step(&app->network, pw_uptime_us(app->hal));
    bool ok = pw_network_ok(&app->network);
    if (ok != was_ok)
        pw_console_event(&app->console, ok ? "W5500 started, Modbus TCP on port" : "W5500 lost, port", app->cfg.modbus_port);
    return worked;
}

static bool task_lcd(void *ctx)
{
    struct pw_app *app = ctx;
    return pw_lcd_service(&app->lcd);
}

/* Each 10 ms, and at once when the supply is about to fail: the last chance to save. */
static void look_at_panel(struct pw_app *app)
{
    bool failing = app->inputs.power_fail;
    app->inputs = pw_panel_read(app->hal);
    if (app->inputs.power_fail && !failing) {
        while (app->follow != 0 && !pw_books_busy(&app->books)) /* the books follow what the points have counted, but not under a save */
            follow_window(app);
        pw_books_power_fail(&app->books);
    }
    if (app->power_irq && !app->inputs.power_fail) { /* it has come back */
        app->power_irq = false;
        pw_irq_enable(app->hal, PW_APP_IRQS);
    }
}

static bool task_store(void *ctx)
{
    struct pw_app *app = ctx;
    if (app->power_irq)
        look_at_panel(app);
    if (app->diag.fram_ok && pw_config_store_step(&app->config_store, &app->cfg))
        return true;
    if (!pw_books_busy(&app->books))
        return pw_books_step(&app->books);
    uint64_t begun_us = pw_uptime_us(app->hal);
    do
        (void)pw_books_step(&app->books);
    while (pw_books_busy(&app->books) && pw_uptime_us(app->hal) - begun_us < SAVE_SLICE_US); /* a window waits for it, and is not read meanwhile */
    return true;
}

static bool task_logs(void *ctx)
{
    struct pw_app *app = ctx;
    return pw_books_logs_step(&app->books);
}

static void set_leds(struct pw_app *app)
{
    unsigned leds = pw_outputs_tick(&app->outputs) | (app->blink ? PW_LED_STATUS : 0u) | (pw_diag_fault(&app->diag) ? PW_LED_FAULT : 0u);
    pw_panel_write(app->hal, leds, pw_network_eth_run(&app->network));
}

static bool task_panel(void *ctx)
{
    struct pw_app *app = ctx;
    look_at_panel(app);
    app->diag.unsealed = app->inputs.unsealed;
    pw_books_seal(&app->books, app->inputs.unsealed);
    set_leds(app);
    return pw_display_step(&app->display, app->inputs.buttons, pw_uptime_us(app->hal));
}

static void report(struct pw_app *app, const char *text, uint32_t *known, uint32_t now)
{
    if (now != *known)
        pw_console_event(&app->console, text, now);
    *known = now;
}

static void collect_diag(struct pw_app *app)
{
    struct pw_diag *d = &app->diag;
    uint32_t errors = pw_bus_errors(app->hal, &d->bus_error_addr);
    report(app, "bus errors:", &d->bus_errors, errors);
    report(app, "energy readings refused:", &d->energy_rejected, app->energy.rejected);
    report(app, "energy mismatches:", &d->energy_mismatches, app->meter.mismatches);
    report(app, "front-end lost samples:", &d->samples_lost, app->meter.overrun);
    report(app, "FRAM writes failed:", &d->save_errors, app->books.image.errors + app->books.billing.errors + app->config_store.errors);
    d->uptime_s = (uint32_t)((pw_uptime_us(app->hal) - app->start_us) / 1000000u);
    d->load_e4 = app->sched.load_e4;
    d->worst_us = app->sched.worst_us;
    d->worst_1s_us = app->sched.worst_1s_us;
    d->passes_1s = app->sched.passes_1s;
    d->missed_windows = app->meter.missed;
    d->saves = app->books.image.saves;
    d->eth_ok = pw_network_ok(&app->network);
    d->link = app->network.link;
    d->clients = (uint8_t)(d->eth_ok ? pw_modbus_tcp_clients(&app->network.modbus) : 0);
    d->modbus_requests = app->network.modbus.requests;
    d->modbus_exceptions = app->network.modbus.exceptions;
    d->modbus_closed = app->network.modbus.closed_bad;
}

#if PW_WITH_ANALYSIS
static bool task_spectrum(void *ctx)
{
    struct pw_app *app = ctx;
    return pw_spectrum_step(&app->spectrum);
}

static bool task_waveform(void *ctx)
{
    struct pw_app *app = ctx;
    if (!pw_waveform_step(&app->waveform))
        return false;
    pw_console_event(&app->console, "waveform captured, number", app->waveform.captures);
    return true;
}
#endif

static bool task_voltage(void *ctx)
{
    struct pw_app *app = ctx;
    return pw_vevents_step(&app->voltage_events);
}

/* A sag or swell of more than a minute is an under- or over-voltage (IEEE 1159). */
static enum pw_event_kind event_of(const struct pw_vevent *v)
{
    bool lasting = v->duration_ms > LASTING_MS;
    return v->kind == PW_VEVENT_INTERRUPTION ? PW_EVENT_INTERRUPTION
         : v->kind == PW_VEVENT_SAG          ? (lasting ? PW_EVENT_UNDERVOLTAGE : PW_EVENT_SAG)
                                             : (lasting ? PW_EVENT_OVERVOLTAGE : PW_EVENT_SWELL);
}

void pw_app_voltage_event(void *ctx, const struct pw_vevent *v)
{
    static const char *const begun[] = {"?", "sag begins on voltage", "swell begins on voltage", "interruption begins on voltage"};
    static const char *const ended[] = {"?", "sag ended, ms", "swell ended, ms", "interruption ended, ms"};
    static const enum pw_wave_cause cause[] = {PW_WAVE_NONE, PW_WAVE_SAG, PW_WAVE_SWELL, PW_WAVE_INTERRUPTION};
    struct pw_app *app = ctx;
    if (v->active) {
        if (PW_WITH_ANALYSIS)
            pw_waveform_trigger(&app->waveform, cause[v->kind & 3]);
        pw_console_event(&app->console, begun[v->kind & 3], v->phase + 1u);
    } else {
        pw_console_event(&app->console, ended[v->kind & 3], v->duration_ms);
        pw_books_event(&app->books, event_of(v), v->phase, v->duration_ms, v->level_mv);
    }
}

static bool task_clock(void *ctx)
{
    static const char *const text[] = {
        [PW_CLOCK_EV_STARTED] = "time from the clock chip, seconds since 2000",
        [PW_CLOCK_EV_STOPPED] = "clock chip had stopped: time unknown, seconds since 2000",
        [PW_CLOCK_EV_NO_CHIP] = "no clock chip: time unknown, seconds since 2000",
        [PW_CLOCK_EV_SET]     = "time set, seconds since 2000",
    };
    struct pw_app *app = ctx;
    uint32_t old_s, new_s;
    bool worked = pw_clock_step(&app->clock);
    enum pw_clock_event e = pw_clock_take_event(&app->clock, &old_s, &new_s);
    if (e == PW_CLOCK_EV_SET)
        pw_books_time_set(&app->books, old_s, new_s);
    if (e != PW_CLOCK_EV_NONE)
        pw_console_event(&app->console, text[e], new_s);
    return worked;
}

static bool task_wiring(void *ctx)
{
    struct pw_app *app = ctx;
    char buf[PW_CONSOLE_LINE];
    struct pw_text t;
    struct pw_wiring_news news;
    uint32_t value;
    if (pw_wiring_step(&app->wiring)) {
        (void)pw_balance_step(&app->balance, &app->wiring);
        app->wiring_news = true;
        return true;
    }
    if (!app->wiring_news)
        return false;
    pw_text_init(&t, buf, sizeof buf);
    app->wiring_news = pw_wiring_event(&app->wiring, &app->balance, &t, &value, &news);
    if (!app->wiring_news)
        return false;
    pw_books_event(&app->books, PW_EVENT_WIRING, news.index, news.was, news.is);
    pw_console_event(&app->console, buf, value);
    return true;
}

/* A program with another weight of the test pulses brings it to all points; single ones can be configured otherwise after that. */
static void follow_program(struct pw_app *app)
{
    uint32_t weight_mwh = app->books.program.pulse_weight_mwh;
    if (weight_mwh == app->program_weight_mwh)
        return;
    app->program_weight_mwh = weight_mwh;
    for (unsigned i = 0; i < app->cfg.n_points; i++) {
        uint32_t max_mwh = pw_config_weight_max_mwh(&app->cfg, i);
        app->cfg.point[i].pulse_weight_mwh = weight_mwh < max_mwh ? weight_mwh : max_mwh;
    }
    pw_app_take_config(app, &app->cfg);
}

static bool task_second(void *ctx)
{
    struct pw_app *app = ctx;
    follow_program(app);
    pw_app_tell_config(app);
    app->blink = !app->blink;
    collect_diag(app);
    return true;
}

static bool task_calibration(void *ctx)
{
    struct pw_app *app = ctx;
    return pw_cal_step(&app->calibration);
}

static const struct pw_task_info tasks[] = {
    {"uart", task_uart, 0},
    {"meter", task_meter, 0},
    {"store", task_store, 0},
    {"logs", task_logs, 1000},
    {"network", task_network, 250},
    {"console", task_console, 0},
    {"lcd", task_lcd, 50},
    {"panel", task_panel, 10000},
    {"voltage", task_voltage, 1000},
#if PW_WITH_ANALYSIS
    {"spectrum", task_spectrum, 250},
    {"waveform", task_waveform, 10000},
#endif
    {"clock", task_clock, 0},
    {"wiring", task_wiring, 1000},
    {"cal", task_calibration, 50000},
    {"second", task_second, 1000000},
};

_Static_assert(sizeof tasks / sizeof tasks[0] <= PW_MAX_TASKS, "room for the tasks");

void pw_app_start_tasks(struct pw_app *app)
{
    pw_sched_init(&app->sched, app->hal, app, tasks, sizeof tasks / sizeof tasks[0]);
}
