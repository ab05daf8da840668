// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_periph - all register blocks of 256 bytes, and which words of them exist. Addresses: build/gen/pw_regs.vh.
//   An access is one clk of stb_i, answered in the same clk by dat_o or err_o; dat_o is 0 when nothing is read.
module pw_periph #(
    parameter N_CT    = 24,
    parameter CLK_MHZ = 25,
    parameter N_UART  = 4,                // 1..4
    parameter RAM_KIB = 128,
    parameter XIP     = 0,                // 1: code runs from the boot flash
    parameter COPIED  = 0,
    parameter ANALYSIS = 0,
    parameter RING_LOG2 = 0,
    parameter LCD_STEP_US = 2
) (
    input  wire              clk,
    input  wire              por,         // power-on
    input  wire              rst,         // power-on, watchdog, software
    // register access
    input  wire              stb_i,
    input  wire              we_i,
    input  wire [11:2]       adr_i,
    input  wire [31:0]       dat_i,
    output reg  [31:0]       dat_o,
    output wire              err_o,
    // system
    input  wire              buserr_i,
    input  wire [31:0]       buserr_adr_i,
    input  wire              fe_irq_i,
    output wire              irq_o,
    output wire              reset_o,     // one clk: reset CPU and peripherals
    output wire              unsealed_o,  // synchronised
    // pins
    input  wire [N_UART-1:0] uart_rx_i,
    output wire [N_UART-1:0] uart_tx_o,
    output wire              rs485_de_o,
    output wire [1:0]        spi_sck_o,
    output wire [1:0]        spi_mosi_o,
    input  wire [1:0]        spi_miso_i,
    output wire [7:0]        spi_cs_n_o,
    output wire              spi_busy0_o, // port 0 transfers
    output wire              i2c_scl_o,
    output wire              i2c_sda_o,
    input  wire              i2c_scl_i,
    input  wire              i2c_sda_i,
    output wire              lcd_rs_o,
    output wire              lcd_e_o,
    output wire [3:0]        lcd_d_o,
    input  wire [3:0]        buttons_i,
    input  wire              unsealed_i,
    input  wire              power_fail_i,
    input  wire              key_i,
    output wire [7:0]        leds_o,
    output wire              eth_rst_n_o,
    input  wire              pulse_valid_i,
    input  wire [5:0]        pulse_ch_i,
    output wire [N_CT-1:0]   pulse_o,
    // state RAM of the pulse outputs, 64 x 16; data one clk after rd
    output wire              pm_rd_o,
    output wire [5:0]        pm_radr_o,
    input  wire [15:0]       pm_dat_i,
    output wire              pm_we_o,
    output wire [5:0]        pm_wadr_o,
    output wire [15:0]       pm_dat_o
);
    `include "pw_regs.vh"
    localparam [63:0] B_SYS = `PW_SYS_BASE_ADDR, B_TIMER = `PW_TIMER_BASE_ADDR, B_WDT = `PW_WDT_BASE_ADDR, B_IRQ = `PW_IRQ_BASE_ADDR,
        B_GPIO = `PW_GPIO_BASE_ADDR, B_LCD = `PW_LCD_BASE_ADDR, B_I2C = `PW_I2C_BASE_ADDR, B_PULSE = `PW_PULSE_BASE_ADDR,
        B_UART = `PW_UART_BASE_ADDR(0), B_SPI = `PW_SPI_BASE_ADDR(0);
    localparam [63:0] S_SYS = `PW_SYS_SIZE, S_TIMER = `PW_TIMER_SIZE, S_WDT = `PW_WDT_SIZE, S_IRQ = `PW_IRQ_SIZE, S_GPIO = `PW_GPIO_SIZE,
        S_LCD = `PW_LCD_SIZE, S_I2C = `PW_I2C_SIZE, S_PULSE = `PW_PULSE_SIZE, S_UART = `PW_UART_SIZE, S_SPI = `PW_SPI_SIZE;

    // which block; a block's registers are its words 0 .. size/4 - 1
    wire [3:0] block = adr_i[11:8];
    // a table, as a comparison would become a carry chain
    function has_word(input [63:0] size_b, input [5:0] word);
        reg [63:0] words;
        begin
            words    = (64'd1 << size_b[8:2]) - 64'd1;
            has_word = words[word];
        end
    endfunction
    wire [5:0] word = adr_i[7:2];
    wire sel_sys   = stb_i && block == B_SYS[11:8]   && has_word(S_SYS, word);
    wire sel_timer = stb_i && block == B_TIMER[11:8] && has_word(S_TIMER, word);
    wire sel_wdt   = stb_i && block == B_WDT[11:8]   && has_word(S_WDT, word);
    wire sel_irq   = stb_i && block == B_IRQ[11:8]   && has_word(S_IRQ, word);
    wire sel_gpio  = stb_i && block == B_GPIO[11:8]  && has_word(S_GPIO, word);
    wire sel_lcd   = stb_i && block == B_LCD[11:8]   && has_word(S_LCD, word);
    wire sel_i2c   = stb_i && block == B_I2C[11:8]   && has_word(S_I2C, word);
    wire sel_pulse = stb_i && block == B_PULSE[11:8] && has_word(S_PULSE, word);
    wire [N_UART-1:0] sel_uart;
    wire              sel_spi;

    wire [31:0] dat_sys, dat_timer, dat_pulse, dat_spi;
    wire [15:0] dat_wdt;
    wire [7:0]  dat_irq;
    wire [6:0]  dat_gpio;
    wire        dat_lcd;
    wire [1:0]  dat_i2c;
    wire [18:0] dat_uart [0:N_UART-1];

    assign err_o = stb_i && !(sel_sys || sel_timer || sel_wdt || sel_irq || sel_gpio || sel_lcd || sel_i2c || sel_pulse
                              || sel_spi || (|sel_uart));
    integer k;
    always @(*) begin
        dat_o = (dat_sys & {32{sel_sys}}) | (dat_timer & {32{sel_timer}}) | (dat_pulse & {32{sel_pulse}})
              | {16'd0, dat_wdt & {16{sel_wdt}}} | {24'd0, dat_irq & {8{sel_irq}}} | {25'd0, dat_gpio & {7{sel_gpio}}}
              | {31'd0, dat_lcd && sel_lcd} | {30'd0, dat_i2c & {2{sel_i2c}}}
              | (dat_spi & {32{sel_spi}});
        for (k = 0; k < N_UART; k = k + 1) dat_o = dat_o | {13'd0, dat_uart[k] & {19{sel_uart[k]}}};
    end

    wire soft_rst, bite, irq_bus, irq_timer, us, ms, unit, de, eth_run;
    wire [N_UART-1:0] busy, irq_uart;
    assign reset_o = soft_rst || bite;
    assign eth_rst_n_o = eth_run;

    pw_sys #(.CLK_MHZ(CLK_MHZ), .N_UART(N_UART), .N_PULSE(N_CT), .COPIED(COPIED), .XIP(XIP), .RAM_KIB(RAM_KIB), .ANALYSIS(ANALYSIS), .RING_LOG2(RING_LOG2)) sys (
        .clk(clk), .por(por), .rst(rst), .stb_i(sel_sys), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_sys),
        .buserr_i(buserr_i), .buserr_adr_i(buserr_adr_i), .wdt_i(bite), .soft_o(soft_rst), .irq_o(irq_bus));
    pw_timer #(.CLK_MHZ(CLK_MHZ)) timer (
        .clk(clk), .por(por), .rst(rst), .stb_i(sel_timer), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_timer),
        .us_o(us), .ms_o(ms), .unit_o(unit), .irq_o(irq_timer));
    pw_wdt wdt (
        .clk(clk), .rst(rst), .ms_i(ms), .stb_i(sel_wdt), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_wdt),
        .bite_o(bite));
    wire [7:0] lines;
    assign lines[1:0] = {fe_irq_i, irq_timer};
    wire irq_power;
    assign lines[7:6] = {irq_power, irq_bus};
    pw_irq irq (
        .clk(clk), .rst(rst), .stb_i(sel_irq), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_irq),
        .lines_i(lines), .irq_o(irq_o));
    pw_gpio gpio (
        .clk(clk), .rst(rst), .stb_i(sel_gpio), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_gpio),
        .buttons_i(buttons_i), .unsealed_i(unsealed_i), .power_fail_i(power_fail_i), .key_i(key_i), .unsealed_o(unsealed_o),
        .power_fail_o(irq_power), .leds_o(leds_o), .de_o(de), .eth_run_o(eth_run));
    pw_lcd #(.STEP_US(LCD_STEP_US)) lcd (
        .clk(clk), .rst(rst), .us_i(us), .stb_i(sel_lcd), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_lcd),
        .rs_o(lcd_rs_o), .e_o(lcd_e_o), .d_o(lcd_d_o));
    pw_i2c i2c (
        .clk(clk), .rst(rst), .stb_i(sel_i2c), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_i2c),
        .scl_o(i2c_scl_o), .sda_o(i2c_sda_o), .scl_i(i2c_scl_i), .sda_i(i2c_sda_i));
    assign sel_spi = stb_i && block[3:1] == B_SPI[11:9] && has_word(S_SPI, word);   // both ports
    pw_spi spi (
        .clk(clk), .rst(rst), .stb_i(sel_spi), .we_i(we_i), .port_i(block[0]), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_spi),
        .sck_o(spi_sck_o), .mosi_o(spi_mosi_o), .miso_i(spi_miso_i), .cs_n_o(spi_cs_n_o), .busy0_o(spi_busy0_o));
    pw_pulse #(.N_CT(N_CT)) pulse (
        .clk(clk), .rst(por), .unit_i(unit), .pulse_valid_i(pulse_valid_i), .pulse_ch_i(pulse_ch_i),
        .stb_i(sel_pulse), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_pulse), .pulse_o(pulse_o),
        .pm_rd_o(pm_rd_o), .pm_radr_o(pm_radr_o), .pm_dat_i(pm_dat_i), .pm_we_o(pm_we_o), .pm_wadr_o(pm_wadr_o), .pm_dat_o(pm_dat_o));

    genvar g;
    generate
        for (g = 0; g < 4; g = g + 1) begin : uarts
            if (g < N_UART) begin : has
                localparam [3:0] BLOCK = B_UART[11:8] + g;
                assign sel_uart[g] = stb_i && block == BLOCK && has_word(S_UART, word);
                pw_uart uart (
                    .clk(clk), .rst(rst), .stb_i(sel_uart[g]), .we_i(we_i), .adr_i(adr_i[7:2]), .dat_i(dat_i), .dat_o(dat_uart[g]),
                    .rx_i(uart_rx_i[g]), .tx_o(uart_tx_o[g]), .busy_o(busy[g]), .irq_o(irq_uart[g]));
                assign lines[2+g] = irq_uart[g];
            end else begin : none
                assign lines[2+g] = 1'b0;
            end
        end
        if (N_UART > 1) begin : rs485
            assign rs485_de_o = busy[1] || de;
        end else begin : no_rs485
            assign rs485_de_o = de;
        end
    endgenerate
endmodule
`default_nettype wire
