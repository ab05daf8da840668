// SPDX-License-Identifier: Apache-2.0
// Takes the CPU's place in pw_soc: both of its buses are driven by the bench.
`default_nettype none
module VexRiscv (
    input  wire        clk, reset, timerInterrupt, softwareInterrupt,
    input  wire [31:0] externalResetVector, externalInterruptArray,
    output wire        iBusWishbone_CYC, iBusWishbone_STB, iBusWishbone_WE, dBusWishbone_CYC, dBusWishbone_STB, dBusWishbone_WE,
    output wire [29:0] iBusWishbone_ADR, dBusWishbone_ADR,
    output wire [31:0] iBusWishbone_DAT_MOSI, dBusWishbone_DAT_MOSI,
    output wire [3:0]  iBusWishbone_SEL, dBusWishbone_SEL,
    output wire [2:0]  iBusWishbone_CTI, dBusWishbone_CTI,
    output wire [1:0]  iBusWishbone_BTE, dBusWishbone_BTE,
    input  wire        iBusWishbone_ACK, iBusWishbone_ERR, dBusWishbone_ACK, dBusWishbone_ERR,
    input  wire [31:0] iBusWishbone_DAT_MISO, dBusWishbone_DAT_MISO
);
    reg        i_stb /*verilator public_flat_rw*/, d_stb /*verilator public_flat_rw*/, d_we /*verilator public_flat_rw*/;
    reg [29:0] i_adr /*verilator public_flat_rw*/, d_adr /*verilator public_flat_rw*/;
    reg [31:0] d_dat /*verilator public_flat_rw*/;
    reg [3:0]  d_sel /*verilator public_flat_rw*/;
    wire        in_reset /*verilator public_flat_rd*/ = reset;
    wire        irq   /*verilator public_flat_rd*/ = externalInterruptArray[0];
    wire        i_ack /*verilator public_flat_rd*/ = iBusWishbone_ACK, i_err /*verilator public_flat_rd*/ = iBusWishbone_ERR;
    wire        d_ack /*verilator public_flat_rd*/ = dBusWishbone_ACK, d_err /*verilator public_flat_rd*/ = dBusWishbone_ERR;
    wire [31:0] i_got /*verilator public_flat_rd*/ = iBusWishbone_DAT_MISO, d_got /*verilator public_flat_rd*/ = dBusWishbone_DAT_MISO;
    assign {iBusWishbone_CYC, iBusWishbone_STB, iBusWishbone_WE, iBusWishbone_ADR} = {i_stb, i_stb, 1'b0, i_adr};
    assign {dBusWishbone_CYC, dBusWishbone_STB, dBusWishbone_WE, dBusWishbone_ADR} = {d_stb, d_stb, d_we, d_adr};
    assign {dBusWishbone_DAT_MOSI, dBusWishbone_SEL, iBusWishbone_SEL, iBusWishbone_DAT_MOSI} = {d_dat, d_sel, 4'hF, 32'd0};
    assign {iBusWishbone_CTI, dBusWishbone_CTI, iBusWishbone_BTE, dBusWishbone_BTE} = 10'd0;
endmodule
`default_nettype wire
