// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// Colorlight i5 (ECP5-25F): meter with 24 CT at 25 MHz, 48 or 54 CT at 50 MHz. Pins: constraints/colorlight_i5.lpf; wiring: README.md.
module top #(
    parameter N_CT     = 24,              // 24, 48, 54
    parameter RAM_KIB  = 46,
    parameter RAM_INIT = "",              // firmware, one 32-bit word a line
    parameter ANALYSIS = 0,               // 1: analysis block
    parameter RING_LOG2 = 0               // log2 of the frames in its waveform ring
) (
    input  wire        clk_25mhz,
    // module
    output wire        led_n,             // status
    output wire        flash_csn,
    output wire        flash_mosi,
    input  wire        flash_miso,
    output wire        sdram_clk,         // code; its cs and dqm are tied low, cke high
    output wire        sdram_wen,
    output wire        sdram_rasn,
    output wire        sdram_casn,
    output wire [10:0] sdram_a,
    output wire [1:0]  sdram_ba,
    inout  wire [31:0] sdram_d,
    // carrier
    input  wire [56:0] bits,              // Va, Vb, Vc, CT 0..53; those beyond N_CT are not used
    output wire        mclk,
    input  wire        console_rx,
    output wire        console_tx,
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
    input  wire [3:0]  button_n,          // up, down, enter, back; to ground
    input  wire        seal_n,            // programming switch: to ground = unsealed
    input  wire        rs485_rx,
    output wire        rs485_tx,
    output wire        rs485_de,
    input  wire        opt_rx,
    output wire        opt_tx,
    input  wire        mod_rx,
    output wire        mod_tx,
    inout  wire        i2c_sda,           // clock chip
    inout  wire        i2c_scl,
    input  wire        power_fail_n,      // low = supply about to fail
    output wire [1:0]  led,               // load, fault
    output wire [3:0]  pulse              // the first four pulse outputs; all are on the chain
);
    localparam FAST = N_CT > 24;
    wire clk, locked;
    generate if (FAST) begin : pll        // 25 MHz x 2, VCO at 600 MHz
        (* ICP_CURRENT = "12", LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2" *)
        EHXPLLL #(
            .CLKI_DIV(1), .CLKFB_DIV(2), .CLKOP_DIV(12), .CLKOP_CPHASE(11), .CLKOP_FPHASE(0), .CLKOP_ENABLE("ENABLED"), .FEEDBK_PATH("CLKOP"),
            .OUTDIVIDER_MUXA("DIVA"), .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED")
        ) pll (
            .CLKI(clk_25mhz), .CLKFB(clk), .CLKOP(clk), .LOCK(locked), .RST(1'b0), .STDBY(1'b0), .ENCLKOP(1'b0),
            .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b0), .PHASESTEP(1'b0), .PHASELOADREG(1'b0), .PLLWAKESYNC(1'b0));
    end else begin : no_pll
        assign clk    = clk_25mhz;
        assign locked = 1'b1;
    end endgenerate

    // power-on reset, 10 us
    reg [8:0] por_q = 9'd0;
    wire      rst = !por_q[8];
    always @(posedge clk) if (!locked) por_q <= 9'd0; else if (rst) por_q <= por_q + 1'b1;

    wire [1:0]  sck, mosi;
    wire [7:0]  cs_n;
    wire [7:0]  leds;                     // 0..3 are there
    wire        scl, sda;
    wire [N_CT-1:0] pulses;
    wire [12:0] sdram_adr;
    wire [31:0] dq_w, dq_r;
    wire        dq_oe;
    pw_soc #(
        .N_CT(N_CT), .MOD_DIV(FAST ? 11 : 5), .CLK_MHZ(FAST ? 50 : 25), .N_UART(4), .CPU("IMAC"), .RAM_KIB(RAM_KIB), .RAM_INIT(RAM_INIT), .BOOT_COPY(0),
        .SDRAM(32), .SDRAM_ROW(11), .SDRAM_COL(8), .ANALYSIS(ANALYSIS), .RING_LOG2(RING_LOG2)
    ) soc (
        .clk(clk), .rst(rst), .bits_i(bits[N_CT+2:0]), .mclk_o(mclk),
        .uart_rx_i({mod_rx, opt_rx, rs485_rx, console_rx}), .uart_tx_o({mod_tx, opt_tx, rs485_tx, console_tx}), .rs485_de_o(rs485_de),
        .spi_sck_o(sck), .spi_mosi_o(mosi), .spi_miso_i({spi_miso, flash_miso}), .spi_cs_n_o(cs_n),
        .xip_sck_o(), .xip_io_o(), .xip_oe_o(), .xip_io_i(4'd0),
        .i2c_scl_o(scl), .i2c_sda_o(sda), .i2c_scl_i(i2c_scl), .i2c_sda_i(i2c_sda),
        .lcd_rs_o(lcd_rs), .lcd_e_o(lcd_e), .lcd_d_o(lcd_d), .buttons_i({~button_n[3], ~button_n[2], ~button_n[1], ~button_n[0]}),
        .unsealed_i(!seal_n), .power_fail_i(!power_fail_n), .key_i(1'b0), .leds_o(leds), .eth_rst_n_o(eth_rstn), .pulse_o(pulses),
        .sdram_cmd_n_o({sdram_rasn, sdram_casn, sdram_wen}), .sdram_ba_o(sdram_ba), .sdram_a_o(sdram_adr), .sdram_dqm_o(),
        .sdram_dq_o(dq_w), .sdram_dq_oe_o(dq_oe), .sdram_dq_i(dq_r));

    // dqm is tied low on this board: a write is always a whole word, which is all that code needs
    pw_sdram_ecp5 #(.WIDTH(32)) sdram (.clk(clk), .dq_i(dq_w), .oe_i(dq_oe), .dq_o(dq_r), .pin_clk_o(sdram_clk), .pin_dq(sdram_d));
    assign sdram_a = sdram_adr[10:0];

    assign spi_sck  = sck[1];
    assign {spi_mosi, flash_mosi} = mosi;
    assign {eth_csn, fram_csn, flash_csn} = {cs_n[5:4], cs_n[0]};
    USRMCLK flash_clk (.USRMCLKI(sck[0]), .USRMCLKTS(1'b0));
    assign i2c_scl = scl ? 1'bz : 1'b0;
    assign i2c_sda = sda ? 1'bz : 1'b0;
    assign led_n   = !leds[0];
    assign led     = leds[2:1];
    assign pulse   = pulses[3:0];

    // all pulse outputs on 74HC595, three, six or seven
    pw_chain #(.N_OUT(N_CT), .N_KEY(0)) chain (
        .clk(clk), .rst(rst), .out_i(pulses), .ser_o(chain_ser), .srclk_o(chain_srclk), .rclk_o(chain_rclk),
        .sense_i(1'b1), .quiet_i(1'b0), .key_o());
    wire unused = &{1'b0, bits, sdram_adr[12:11]};
endmodule
`default_nettype wire
