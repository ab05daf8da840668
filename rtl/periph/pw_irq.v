// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_irq - interrupt lines: level in, masked level out. Registers: pw_irq in rtl/regs/pw_soc.rdl.
module pw_irq (
    input  wire        clk,
    input  wire        rst,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output reg  [7:0]  dat_o,
    input  wire [7:0]  lines_i,
    output reg         irq_o
);
    `include "pw_regs.vh"
    localparam [63:0] A_PENDING = `PW_IRQ_PENDING_BASE_ADDR, A_ENABLE = `PW_IRQ_ENABLE_BASE_ADDR;
    reg [7:0] enable_q;
    always @(*) case (adr_i)
        A_PENDING[7:2]: dat_o = lines_i;
        A_ENABLE[7:2]:  dat_o = enable_q;
        default:        dat_o = 8'd0;
    endcase
    always @(posedge clk) begin
        irq_o <= |(lines_i & enable_q);
        if (stb_i && we_i && adr_i == A_ENABLE[7:2]) enable_q <= dat_i[7:0];
        if (rst) begin
            enable_q <= 8'd0;
            irq_o    <= 1'b0;
        end
    end
endmodule
`default_nettype wire
