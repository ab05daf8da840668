/* SPDX-License-Identifier: Apache-2.0 */
#include "app.h"

#include <string.h>

#include "app_priv.h"
#include "build.h"
#include "fram_map.h"
#include "pw_masks.h"
#include "pw_regs.h"
#include "version.h"

#define WATCHDOG_MS  2000u
#define CONSOLE_BAUD 115200u
#define SPI_PORT     1u
#define SPI_CS_FRAM  0u
#define SPI_CS_FLASH 0u
#define SPI_CS_W5500 1u
#define SPI_CS_LOGS  2u /* where the logs have a flash of their own */
#define SPI_FLASH    0u
#define TELL_US      10000000u
#define FLASH_WAIT_US 1000000u /* an erase from before a reset ends within it */
#define SPI_HZ       12500000u /* wires to breakout boards */

void pw_app_take_config(struct pw_app *app, const struct pw_config *next)
{
    uint32_t revision = app->cfg.revision + 1;
    pw_points_settle(&app->points);
    app->cfg = *next;
    app->cfg.revision = revision;
    pw_points_rebase(&app->points);
    pw_books_points_changed(&app->books);
    app->diag.config_default = false;
    pw_meter_reconfigure(&app->meter);
    pw_config_store_begin(&app->config_store);
    pw_console_event(&app->console, "configuration changed, revision", revision);
    pw_cal_interrupt(&app->calibration);
}

/* A tool that writes a configuration in many requests makes two events, not as many as the type A log has room for: the first change is told at once, what
 * follows within some seconds as one. */
void pw_app_tell_config(struct pw_app *app)
{
    uint64_t now_us = pw_uptime_us(app->hal);
    if (app->told_revision == app->cfg.revision || (app->told_us != 0 && now_us - app->told_us < TELL_US))
        return;
    pw_books_event(&app->books, PW_EVENT_PROGRAMMED, PW_GROUP_CONFIG, app->told_revision, app->cfg.revision);
    app->told_revision = app->cfg.revision;
    app->told_us = now_us;
}

static void commit(void *ctx, const struct pw_config *next)
{
    struct pw_app *app = ctx;
    pw_app_take_config(app, next);
    pw_app_tell_config(app);
}

static void cal_apply(void *ctx)
{
    struct pw_app *app = ctx;
    pw_meter_reconfigure(&app->meter);
}

static void cal_save(void *ctx)
{
    struct pw_app *app = ctx;
    pw_console_event(&app->console, "calibration committed, channels", PW_N_V + app->cfg.n_ct);
    pw_app_take_config(app, &app->cfg);
    pw_books_event(&app->books, PW_EVENT_CALIBRATED, 0, app->cfg.revision - 1u, app->cfg.revision);
    app->told_revision = app->cfg.revision;
}

static void reboot(void *ctx)
{
    struct pw_app *app = ctx;
    pw_reset(app->hal);
}

static void load_config(struct pw_app *app, unsigned n_ct)
{
    struct pw_config_fault fault = {0};
    pw_config_default(&app->cfg, n_ct);
    app->diag.config_default = true;
    if (!app->diag.fram_ok)
        return;
    int err = pw_config_store_load(&app->config_store, &app->fram, &app->cfg, &fault);
    if (err == PW_OK && app->cfg.n_ct > n_ct) {
        fault = (struct pw_config_fault){"general", -1, "n_ct"};
        err = PW_ERR_RANGE;
    }
    app->diag.config_default = err != PW_OK;
    if (err != PW_OK) {
        pw_config_default(&app->cfg, n_ct);
        pw_console_event(&app->console, "no valid configuration, using defaults; error", (uint32_t)-err);
        pw_console_event(&app->console, fault.field, (uint32_t)fault.index + 1);
    }
}

/* FRAM and flash. What is missing is told; metering goes on. */
static void open_memories(struct pw_app *app, uint32_t clk_hz)
{
    uint64_t since_us = pw_uptime_us(app->hal);
    int err = pw_fram_init(&app->fram, &app->spi, SPI_CS_FRAM);
    app->diag.fram_ok = err == PW_OK && app->fram.size_b >= PW_FRAM_SIZE_B;
    if (err != PW_OK)
        pw_console_event(&app->console, "no FRAM: nothing is kept over a power cut, chip select", SPI_CS_FRAM);
    else if (!app->diag.fram_ok)
        pw_console_event(&app->console, "FRAM too small: nothing is kept over a power cut, bytes", app->fram.size_b);
    bool own = (pw_read32(app->hal, PW_SYS_CAPS_BASE_ADDR) & PW_SYS__CAPS__XIP_bm) != 0;
    pw_spi_init(&app->flash_spi, app->hal, SPI_FLASH, clk_hz, SPI_HZ);
    do
        err = own ? pw_flash_init(&app->flash, &app->spi, SPI_CS_LOGS) : pw_flash_init(&app->flash, &app->flash_spi, SPI_CS_FLASH);
    while (err == PW_ERR_STATE && pw_uptime_us(app->hal) - since_us < FLASH_WAIT_US);
    app->flash_port = pw_flash_port_of(&app->flash);
    app->diag.flash_ok = err == PW_OK;
    if (err != PW_OK)
        pw_console_event(&app->console, "no flash: no logs; error", (uint32_t)-err);
}

static void load_books(struct pw_app *app)
{
    struct pw_program program;
    const struct pw_books_ports ports = {
        .fram = app->diag.fram_ok ? &app->fram : NULL,
        .flash = app->diag.flash_ok ? &app->flash_port : NULL,
        .flash_size_b = app->flash.size_b,
        .clock = &app->clock,
        .cfg = &app->cfg,
        .energy = &app->energy,
        .points = &app->points,
        .snap = &app->meter.out,
        .n_ct = app->meter.n_ct,
        .cause = app->diag.reset_cause,
        .uptime_us = app->hal->uptime_us,
        .uptime_ctx = app->hal->ctx,
    };
    pw_program_default(&program, app->meter.n_ct > 12 ? PW_PROFILE_POWERSTAR24 : PW_PROFILE_POWERSTAR12);
    pw_books_init(&app->books, &ports, &program);
    app->program_weight_mwh = app->books.program.pulse_weight_mwh;
    app->told_revision = app->cfg.revision;
    pw_outputs_init(&app->outputs, &app->books.program, &app->books.billing.totals, &app->cfg);
    if (app->diag.fram_ok && !app->books.restored)
        pw_console_event(&app->console, "no saved energies, registers begin at 0; CTs", app->meter.n_ct);
}

static void connect(struct pw_app *app)
{
    const struct pw_snapshot *snap = &app->meter.out;
    app->view = (struct pw_view){
        .meter = &app->meter,
        .points = &app->points,
        .service = &app->service,
        .wiring = &app->wiring,
        .balance = &app->balance,
        .spectrum = PW_WITH_ANALYSIS ? &app->spectrum : NULL,
        .voltage_events = &app->voltage_events,
        .waveform = PW_WITH_ANALYSIS ? &app->waveform : NULL,
        .calibration = &app->calibration,
        .clock = &app->clock,
        .books = &app->books,
    };
    struct pw_calibration *cal = &app->calibration; /* all else in it is 0 */
    cal->hal = app->hal;
    cal->cfg = &app->cfg;
    cal->snap = snap;
    cal->rate = &app->meter.rate;
    cal->unsealed = &app->diag.unsealed;
    cal->apply = cal_apply;
    cal->save = cal_save;
    cal->ctx = app;
    pw_cal_init(&app->calibration);
    app->console.snap = snap;
    app->console.cfg = &app->cfg;
    app->console.diag = &app->diag;
    app->console.sched = &app->sched;
    app->console.view = &app->view;
    app->console.reboot = reboot;
    app->console.reboot_ctx = app;
    app->map = (struct pw_modbus_map){.snap = snap, .cfg = &app->cfg, .diag = &app->diag, .commit = commit, .commit_ctx = app, .view = &app->view};
    app->modbus = (struct pw_modbus_server){
        .read = pw_modbus_map_read,
        .write = pw_modbus_map_write,
        .ctx = &app->map,
        .object = {"Polywatt", "PW-24", PW_VERSION_TEXT, "https://example.invalid/polywatt", "Polywatt multi-customer meter", "Polywatt", app->cfg.serial},
    };
    pw_display_init(&app->display, &app->lcd, snap, &app->cfg, &app->diag);
    app->display.view = &app->view;
    pw_network_init(&app->network, &app->spi, SPI_CS_W5500, &app->cfg, &app->modbus);
}

int pw_app_init(struct pw_app *app, const struct pw_hal *hal)
{
    struct pw_identity id;
    memset(app, 0, sizeof *app);
    app->hal = hal;
    if (!pw_identity_read(hal, &id))
        return PW_ERR_MAGIC;
    int err = pw_meter_init(&app->meter, hal, id.clk_hz);
    if (err != PW_OK)
        return err;
    app->start_us = pw_uptime_us(hal);
    app->diag.gateware_version = id.version;
    app->diag.clk_hz = id.clk_hz;
    app->diag.fs_mhz = app->meter.fs_mhz;
    app->diag.ram_kib = id.ram_kib;
    app->diag.reset_cause = id.reset_cause;

    pw_uart_init(&app->uart, hal, 0, id.clk_hz, CONSOLE_BAUD);
    app->console.uart = &app->uart;
    pw_console_init(&app->console);
    static const char banner[] = "\r\nPolywatt " PW_VERSION_TEXT ", help lists the commands\r\n";
    (void)pw_uart_put(&app->uart, banner, sizeof banner - 1);

    pw_spi_init(&app->spi, hal, SPI_PORT, id.clk_hz, SPI_HZ);
    open_memories(app, id.clk_hz);
    load_config(app, app->meter.n_ct);
    pw_clock_init(&app->clock, hal);
    load_books(app);
    connect(app);
    pw_meter_start(&app->meter, &app->cfg, &app->energy, app->books.restored);
    if (PW_WITH_ANALYSIS) {
        pw_spectrum_init(&app->spectrum, &app->meter, &app->cfg);
        pw_waveform_init(&app->waveform, hal, PW_N_V + app->meter.n_ct);
    }
    pw_vevents_init(&app->voltage_events, &app->meter, &app->cfg);
    app->voltage_events.event = pw_app_voltage_event;
    app->voltage_events.ctx = app;
    pw_wiring_init(&app->wiring, &app->meter.out, &app->cfg, app->view.spectrum, app->meter.v_lag_cdeg);
    pw_balance_init(&app->balance);
    pw_lcd_init(&app->lcd, hal);
    pw_app_start_tasks(app);
    pw_watchdog_start(hal, WATCHDOG_MS);
    return PW_OK;
}

void pw_app_poll(struct pw_app *app)
{
    pw_sched_pass(&app->sched);
    pw_watchdog_kick(app->hal);
}

void pw_app_irq(struct pw_app *app)
{
    unsigned up = pw_irq_pending(app->hal);
    if (up & PW_IRQ_UART0)
        pw_uart_service_rx(&app->uart);
    if (up & PW_IRQ_POWER_FAIL) {
        pw_irq_enable(app->hal, PW_APP_IRQS & ~(unsigned)PW_IRQ_POWER_FAIL); /* the line stays up for as long as it fails */
        app->power_irq = true;
    }
}
