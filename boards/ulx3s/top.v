// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// ULX3S (ECP5 12F..85F): 24 CT meter at 25 MHz. Pins: constraints/ulx3s.lpf; wiring: README.md.
module top #(
    parameter RAM_KIB  = 68,
    parameter SDRAM    = 16,              // bits; 0: the SDRAM sleeps
    parameter ANALYSIS = 0,               // 1: analysis block; needs more block RAM than the 12F has
    parameter RING_LOG2 = 0,              // log2 of the frames in its waveform ring
    parameter RAM_INIT = ""               // firmware, one 32-bit word a line
) (
    input  wire        clk_25mhz,
    // board
    input  wire        ftdi_txd,          // console
    output wire        ftdi_rxd,
    output wire [7:0]  led,
    input  wire [4:1]  btn,               // 1 FIRE1 enter, 2 FIRE2 back, 3 UP, 4 DOWN
    input  wire        sw0,               // programming switch
    output wire        wifi_en,
    output wire        flash_csn,
    output wire        flash_mosi,
    input  wire        flash_miso,
    output wire        flash_holdn,
    output wire        flash_wpn,
    inout  wire        i2c_sda,           // clock chip on the board
    inout  wire        i2c_scl,
    // J1: modulators
    input  wire [26:0] bits,              // Va, Vb, Vc, CT 0..23
    output wire        mclk,
    // J2
    output wire        spi_sck,
    output wire        spi_mosi,
    input  wire        spi_miso,
    output wire        fram_csn,
    output wire        eth_csn,
    output wire        eth_rstn,
    output wire        lcd_rs,
    output wire        lcd_e,
    output wire [3:0]  lcd_d,
    output wire        chain_ser,
    output wire        chain_srclk,
    output wire        chain_rclk,
    input  wire        rs485_rx,
    output wire        rs485_tx,
    output wire        rs485_de,
    input  wire        opt_rx,
    output wire        opt_tx,
    input  wire        mod_rx,
    output wire        mod_tx,
    input  wire        power_fail_n,      // low = supply about to fail
    input  wire        key_n,             // key switch: to ground = turned
    // SDRAM
    output wire        sdram_clk,
    output wire        sdram_cke,
    output wire        sdram_csn,
    output wire        sdram_wen,
    output wire        sdram_rasn,
    output wire        sdram_casn,
    output wire [12:0] sdram_a,
    output wire [1:0]  sdram_ba,
    output wire [1:0]  sdram_dqm,
    inout  wire [15:0] sdram_d,
    output wire [3:0]  pulse              // the first four pulse outputs; all 24 are on the chain
);
    // power-on reset, 10 us
    reg [8:0] por_q = 9'd0;
    wire      rst = !por_q[8];
    always @(posedge clk_25mhz) if (rst) por_q <= por_q + 1'b1;

    wire [1:0]  sck, mosi;
    wire [7:0]  cs_n;
    wire [7:0]  leds;
    wire        scl, sda;
    wire [23:0] pulses;
    wire [3:0]  dqm;
    wire [31:0] dq_w, dq_r;
    wire        dq_oe;
    pw_soc #(
        .N_CT(24), .MOD_DIV(5), .CLK_MHZ(25), .N_UART(4), .CPU("IMAC"), .RAM_KIB(RAM_KIB), .RAM_INIT(RAM_INIT), .BOOT_COPY(0), .SDRAM(SDRAM),
        .ANALYSIS(ANALYSIS), .RING_LOG2(RING_LOG2)
    ) soc (
        .clk(clk_25mhz), .rst(rst), .bits_i(bits), .mclk_o(mclk),
        .uart_rx_i({mod_rx, opt_rx, rs485_rx, ftdi_txd}), .uart_tx_o({mod_tx, opt_tx, rs485_tx, ftdi_rxd}), .rs485_de_o(rs485_de),
        .spi_sck_o(sck), .spi_mosi_o(mosi), .spi_miso_i({spi_miso, flash_miso}), .spi_cs_n_o(cs_n),
        .xip_sck_o(), .xip_io_o(), .xip_oe_o(), .xip_io_i(4'd0),
        .i2c_scl_o(scl), .i2c_sda_o(sda), .i2c_scl_i(i2c_scl), .i2c_sda_i(i2c_sda),
        .lcd_rs_o(lcd_rs), .lcd_e_o(lcd_e), .lcd_d_o(lcd_d), .buttons_i({btn[2], btn[1], btn[4], btn[3]}),
        .unsealed_i(sw0), .power_fail_i(!power_fail_n), .key_i(!key_n), .leds_o(leds), .eth_rst_n_o(eth_rstn), .pulse_o(pulses),
        .sdram_cmd_n_o({sdram_rasn, sdram_casn, sdram_wen}), .sdram_ba_o(sdram_ba), .sdram_a_o(sdram_a), .sdram_dqm_o(dqm),
        .sdram_dq_o(dq_w), .sdram_dq_oe_o(dq_oe), .sdram_dq_i(dq_r));

    pw_sdram_ecp5 #(.WIDTH(16)) sdram (.clk(clk_25mhz), .dq_i(dq_w), .oe_i(dq_oe), .dq_o(dq_r), .pin_clk_o(sdram_clk), .pin_dq(sdram_d));
    assign sdram_cke = SDRAM != 0;
    assign sdram_csn = 1'b0;
    assign sdram_dqm = dqm[1:0];          // 16 bits: two of four

    assign spi_sck  = sck[1];
    assign {spi_mosi, flash_mosi} = mosi;
    assign {eth_csn, fram_csn, flash_csn} = {cs_n[5:4], cs_n[0]};
    assign {flash_holdn, flash_wpn} = 2'b11;
    USRMCLK flash_clk (.USRMCLKI(sck[0]), .USRMCLKTS(1'b0));

    assign i2c_scl = scl ? 1'bz : 1'b0;
    assign i2c_sda = sda ? 1'bz : 1'b0;
    assign led     = leds;
    assign pulse   = pulses[3:0];
    assign wifi_en = 1'b0;                // the ESP32 shares pins with J1

    // all 24 pulse outputs on three 74HC595
    pw_chain #(.N_OUT(24), .N_KEY(0)) chain (
        .clk(clk_25mhz), .rst(rst), .out_i(pulses), .ser_o(chain_ser), .srclk_o(chain_srclk), .rclk_o(chain_rclk),
        .sense_i(1'b1), .quiet_i(1'b0), .key_o());
endmodule
`default_nettype wire
