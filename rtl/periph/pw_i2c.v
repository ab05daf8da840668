// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_i2c - two open-drain lines driven by firmware. Registers: pw_i2c in rtl/regs/pw_soc.rdl.
module pw_i2c (
    input  wire        clk,
    input  wire        rst,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output reg  [1:0]  dat_o,
    output wire        scl_o,             // 0 = pull low, 1 = release
    output wire        sda_o,
    input  wire        scl_i,
    input  wire        sda_i
);
    `include "pw_regs.vh"
    localparam [63:0] A_OUT = `PW_I2C_OUT_BASE_ADDR, A_IN = `PW_I2C_IN_BASE_ADDR;
    reg [1:0] meta_q, in_q, out_q;
    always @(*) case (adr_i)
        A_OUT[7:2]: dat_o = out_q;
        A_IN[7:2]:  dat_o = in_q;
        default:    dat_o = 2'd0;
    endcase
    always @(posedge clk) begin
        meta_q <= {sda_i, scl_i};
        in_q   <= meta_q;
        if (stb_i && we_i && adr_i == A_OUT[7:2]) out_q <= dat_i[1:0];
        if (rst) out_q <= 2'b11;
    end
    assign {sda_o, scl_o} = out_q;
endmodule
`default_nettype wire
