// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// iCEBreaker (iCE40 UP5K): 12 CT meter at 21 MHz. Pins: constraints/icebreaker.pcf; wiring: README.md.
module top (
    input  wire        CLK,               // 12 MHz
    input  wire        BTN_N,
    input  wire        RX,
    output wire        TX,
    output wire        LEDR_N,
    output wire        LEDG_N,
    output wire        RGB_R,             // driver pins; only green is used
    output wire        RGB_G,
    output wire        RGB_B,
    output wire        FLASH_SCK,
    output wire        FLASH_SSB,
    inout  wire        FLASH_IO0,         // MOSI
    inout  wire        FLASH_IO1,         // MISO
    inout  wire        FLASH_IO2,         // write protect, off
    inout  wire        FLASH_IO3,         // hold, off
    input  wire [14:0] BITS,              // Va, Vb, Vc, CT 0..11
    output wire        MCLK,
    output wire        SPI_SCK,
    output wire        SPI_MOSI,
    input  wire        SPI_MISO,          // also the sense line of the keys
    output wire        FRAM_CS_N,
    output wire        ETH_CS_N,
    output wire        CHAIN_SER,
    output wire        CHAIN_SRCLK,
    output wire        CHAIN_RCLK
);
    // 12 MHz x 56 / 32 = 21 MHz
    wire clk, locked;
    SB_PLL40_PAD #(
        .FEEDBACK_PATH("SIMPLE"), .DIVR(4'd0), .DIVF(7'd55), .DIVQ(3'd5), .FILTER_RANGE(3'd1)
    ) pll (.PACKAGEPIN(CLK), .PLLOUTGLOBAL(clk), .LOCK(locked), .RESETB(1'b1), .BYPASS(1'b0));

    // power-on reset: 12 us after the PLL has locked
    reg [8:0] por_q = 9'd0;
    wire      rst = !por_q[8];
    always @(posedge clk) if (!locked) por_q <= 9'd0; else if (rst) por_q <= por_q + 1'b1;

    wire [7:0]  cs_n;
    wire [1:0]  sck, mosi;
    wire        xip_sck;
    wire [3:0]  io, oe;
    wire [7:0]  leds;                     // 0..2 are there
    wire [3:0]  lcd_d;
    wire        lcd_rs, lcd_e, eth_rst_n;
    wire [11:0] pulse;
    wire [4:0]  key;                      // up, down, enter, back, programming switch

    pw_soc #(
        .N_CT(12), .MOD_DIV(4), .CT_CURVE(0), .CLK_MHZ(21), .N_UART(1), .CPU("MIN"), .RAM_KIB(128), .BOOT_COPY(1), .SPRAM(1), .XIP(1), .LCD_STEP_US(12)
    ) soc (
        .clk(clk), .rst(rst), .bits_i(BITS), .mclk_o(MCLK), .uart_rx_i(RX), .uart_tx_o(TX), .rs485_de_o(),
        .spi_sck_o(sck), .spi_mosi_o(mosi), .spi_miso_i({SPI_MISO, FLASH_IO1}), .spi_cs_n_o(cs_n),
        .xip_sck_o(xip_sck), .xip_io_o(io), .xip_oe_o(oe), .xip_io_i({FLASH_IO3, FLASH_IO2, FLASH_IO1, FLASH_IO0}),
        .i2c_scl_o(), .i2c_sda_o(), .i2c_scl_i(1'b1), .i2c_sda_i(1'b1),
        .lcd_rs_o(lcd_rs), .lcd_e_o(lcd_e), .lcd_d_o(lcd_d), .buttons_i(key[3:0] | {2'b00, !BTN_N, 1'b0}),
        .unsealed_i(key[4]), .power_fail_i(1'b0), .key_i(1'b0), .leds_o(leds), .eth_rst_n_o(eth_rst_n), .pulse_o(pulse),
        .sdram_cmd_n_o(), .sdram_ba_o(), .sdram_a_o(), .sdram_dqm_o(), .sdram_dq_o(), .sdram_dq_oe_o(), .sdram_dq_i(32'd0));

    assign SPI_SCK  = sck[1];
    assign SPI_MOSI = mosi[1];
    // both low: the decoder at PMOD 2 selects the flash of the logs
    assign {ETH_CS_N, FRAM_CS_N} = cs_n[5:4] & {2{cs_n[6]}};
    // flash: its clock changes with clk while clk is high, and rises for XIP in the middle of clk
    assign FLASH_SSB = cs_n[0];
    SB_IO #(.PIN_TYPE(6'b0100_01), .PULLUP(1'b0)) flash_sck (.PACKAGE_PIN(FLASH_SCK), .OUTPUT_CLK(clk), .D_OUT_0(sck[0]), .D_OUT_1(sck[0] || xip_sck));
    wire unused = mosi[0];                // io has it
    assign FLASH_IO0 = oe[0] ? io[0] : 1'bz;
    assign FLASH_IO1 = oe[1] ? io[1] : 1'bz;
    assign FLASH_IO2 = oe[2] ? io[2] : 1'bz;
    assign FLASH_IO3 = oe[3] ? io[3] : 1'bz;
    assign LEDG_N = !leds[0];
    assign LEDR_N = !leds[2];

    // refresh every 4.8 us; LCD_STEP_US lets two refreshes pass in each step of the LCD's bus
    pw_chain #(.N_OUT(19), .N_KEY(5)) chain (
        .clk(clk), .rst(rst), .out_i({eth_rst_n, pulse, lcd_d, lcd_e, lcd_rs}),
        .ser_o(CHAIN_SER), .srclk_o(CHAIN_SRCLK), .rclk_o(CHAIN_RCLK),
        .sense_i(SPI_MISO), .quiet_i(cs_n[6:4] == 3'b111), .key_o(key));

    SB_RGBA_DRV #(.CURRENT_MODE("0b1"), .RGB0_CURRENT("0b000011"), .RGB1_CURRENT("0b000011"), .RGB2_CURRENT("0b000011")) rgb (
        .CURREN(1'b1), .RGBLEDEN(1'b1), .RGB0PWM(1'b0), .RGB1PWM(leds[1]), .RGB2PWM(1'b0),
        .RGB0(RGB_R), .RGB1(RGB_G), .RGB2(RGB_B));
endmodule
`default_nettype wire
