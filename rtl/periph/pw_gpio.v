// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_gpio - panel inputs (two flip-flops each against metastability) and outputs. Registers: pw_gpio in rtl/regs/pw_soc.rdl.
module pw_gpio (
    input  wire        clk,
    input  wire        rst,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output reg  [6:0]  dat_o,
    input  wire [3:0]  buttons_i,
    input  wire        unsealed_i,
    input  wire        power_fail_i,
    input  wire        key_i,
    output wire        unsealed_o,        // synchronised, as is power_fail_o
    output wire        power_fail_o,
    output wire [7:0]  leds_o,            // 7..4 cannot be read back: where they are left open synthesis drops them
    output wire        de_o,
    output wire        eth_run_o
);
    `include "pw_regs.vh"
    localparam [63:0] A_IN = `PW_GPIO_IN_BASE_ADDR, A_OUT = `PW_GPIO_OUT_BASE_ADDR;
    reg [6:0] meta_q, in_q;
    reg [9:0] out_q;
    always @(*) case (adr_i)
        A_IN[7:2]:  dat_o = in_q;
        A_OUT[7:2]: dat_o = {1'b0, out_q[5:0]};
        default:    dat_o = 7'd0;
    endcase
    always @(posedge clk) begin
        meta_q <= {key_i, power_fail_i, unsealed_i, buttons_i};
        in_q   <= meta_q;
        if (stb_i && we_i && adr_i == A_OUT[7:2]) out_q <= dat_i[9:0];
        if (rst) out_q <= 10'd0;
    end
    assign {power_fail_o, unsealed_o} = in_q[5:4];
    assign {leds_o[7:4], eth_run_o, de_o, leds_o[3:0]} = out_q;
endmodule
`default_nettype wire
