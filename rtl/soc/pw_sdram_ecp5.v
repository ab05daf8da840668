// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_sdram_ecp5 - what is between pw_soc's sdram signals and the pins: clock out, half a period late; data in, on the falling edge.
module pw_sdram_ecp5 #(
    parameter WIDTH = 16
) (
    input  wire             clk,
    input  wire [31:0]      dq_i,         // from pw_soc
    input  wire             oe_i,
    output wire [31:0]      dq_o,         // to pw_soc
    output wire             pin_clk_o,
    inout  wire [WIDTH-1:0] pin_dq
);
    ODDRX1F clock (.SCLK(clk), .RST(1'b0), .D0(1'b0), .D1(1'b1), .Q(pin_clk_o));
    reg [WIDTH-1:0] in_q;
    always @(negedge clk) in_q <= pin_dq;
    assign pin_dq = oe_i ? dq_i[WIDTH-1:0] : {WIDTH{1'bz}};
    generate if (WIDTH == 32) assign dq_o = in_q;
    else                      assign dq_o = {{(32-WIDTH){1'b0}}, in_q};
    endgenerate
endmodule
`default_nettype wire
