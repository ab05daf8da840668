// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_sys - identity, reset cause, bus errors. Registers: pw_sys in rtl/regs/pw_soc.rdl.
//   por: power-on reset; rst: that, or the reset of CPU and peripherals (watchdog, software). The cause lives through rst.
//   SCRATCH is not here: pw_bus keeps it in the last words of the RAM.
module pw_sys #(
    parameter CLK_MHZ = 25,
    parameter N_UART  = 4,
    parameter N_PULSE = 24,
    parameter COPIED  = 0,                // 1: RAM filled by pw_boot
    parameter RAM_KIB = 128,
    parameter ANALYSIS = 0,               // 1: there is an analysis block
    parameter XIP     = 0,                // 1: code runs from the boot flash
    parameter RING_LOG2 = 0               // log2 of the frames in its waveform ring, 0: none
) (
    input  wire        clk,
    input  wire        por,
    input  wire        rst,
    input  wire        stb_i,             // register access, one clk
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output reg  [31:0] dat_o,             // combinational
    input  wire        buserr_i,
    input  wire [31:0] buserr_adr_i,
    input  wire        wdt_i,             // watchdog ran out
    output wire        soft_o,            // software asks for a reset, one clk
    output reg         irq_o              // a bus error happened; until BUSERR_ADDR is read
);
    `include "pw_regs.vh"
    localparam [63:0] A_ID = `PW_SYS_ID_BASE_ADDR, A_VERSION = `PW_SYS_VERSION_BASE_ADDR, A_CLOCK = `PW_SYS_CLOCK_BASE_ADDR,
        A_CAPS = `PW_SYS_CAPS_BASE_ADDR, A_CAUSE = `PW_SYS_RESET_CAUSE_BASE_ADDR, A_RESET = `PW_SYS_RESET_BASE_ADDR,
        A_COUNT = `PW_SYS_BUSERR_COUNT_BASE_ADDR, A_ADDR = `PW_SYS_BUSERR_ADDR_BASE_ADDR;
    localparam [31:0] CLOCK_HZ = CLK_MHZ * 1000000;
    localparam [31:0] CAPS = (RAM_KIB << 20) | (XIP << 18) | (ANALYSIS << 17) | (COPIED << 16) | (N_PULSE << 8) | (RING_LOG2 << 4) | N_UART;

    reg [1:0]  cause_q;
    reg [15:0] count_q;
    reg [31:2] addr_q;

    assign soft_o = stb_i && we_i && adr_i == A_RESET[7:2] && dat_i == 32'h52535421;

    always @(*) case (adr_i)
        A_ID[7:2]:      dat_o = 32'h50574154;
        A_VERSION[7:2]: dat_o = 32'h00000300;
        A_CLOCK[7:2]:   dat_o = CLOCK_HZ;
        A_CAPS[7:2]:    dat_o = CAPS;
        A_CAUSE[7:2]:   dat_o = {30'd0, cause_q};
        A_COUNT[7:2]:   dat_o = {16'd0, count_q};
        A_ADDR[7:2]:    dat_o = {addr_q, 2'b00};
        default:        dat_o = 32'd0;
    endcase

    always @(posedge clk) begin
        if (wdt_i)       cause_q <= 2'd1;
        else if (soft_o) cause_q <= 2'd2;
        if (stb_i && !we_i && adr_i == A_ADDR[7:2]) irq_o <= 1'b0;
        if (buserr_i) begin
            irq_o  <= 1'b1;
            addr_q <= buserr_adr_i[31:2];
            if (!(&count_q)) count_q <= count_q + 1'b1;
        end
        if (rst) begin
            irq_o   <= 1'b0;
            addr_q  <= 30'd0;
            count_q <= 16'd0;
        end
        if (por) cause_q <= 2'd0;
    end
endmodule
`default_nettype wire
