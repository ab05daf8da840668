// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// iCE40-HX8K-B-EVN: front-end with 24 CT at 24 MHz, read by a host. Pins: constraints/hx8k.pcf; wiring: README.md.
module top (
    input  wire        CLK,               // 12 MHz
    input  wire        RX,
    output wire        TX,
    output wire [7:0]  LED,
    input  wire [26:0] BITS,              // Va, Vb, Vc, CT 0..23
    output wire        MCLK,
    output wire [23:0] PULSE,
    input  wire        SPI_SCK,
    input  wire        SPI_MOSI,
    output wire        SPI_MISO,
    input  wire        SPI_CS_N,
    output wire        IRQ,
    input  wire        SEAL_N             // open: sealed; to ground: unsealed
);
    // 12 MHz x 64 / 32 = 24 MHz
    wire clk, locked;
    SB_PLL40_CORE #(
        .FEEDBACK_PATH("SIMPLE"), .DIVR(4'd0), .DIVF(7'd63), .DIVQ(3'd5), .FILTER_RANGE(3'd1)
    ) pll (.REFERENCECLK(CLK), .PLLOUTGLOBAL(clk), .LOCK(locked), .RESETB(1'b1), .BYPASS(1'b0));

    // power-on reset: 11 us after the PLL has locked
    reg [8:0] por_q = 9'd0;
    wire      rst = !por_q[8];
    always @(posedge clk) if (!locked) por_q <= 9'd0; else if (rst) por_q <= por_q + 1'b1;

    wire miso, alive;
    pw_afe #(.N_CT(24), .MOD_DIV(5), .CLK_MHZ(24)) afe (
        .clk(clk), .rst(rst), .bits_i(BITS), .mclk_o(MCLK), .unsealed_i(!SEAL_N), .uart_rx_i(RX), .uart_tx_o(TX),
        .spi_sck_i(SPI_SCK), .spi_mosi_i(SPI_MOSI), .spi_cs_n_i(SPI_CS_N), .spi_miso_o(miso),
        .irq_o(IRQ), .alive_o(alive), .pulse_o(PULSE));
    assign SPI_MISO = SPI_CS_N ? 1'bz : miso;
    assign LED      = {PULSE[3:0], 1'b0, !SEAL_N, IRQ, alive};
endmodule
`default_nettype wire
