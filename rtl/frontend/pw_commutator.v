// SPDX-License-Identifier: Apache-2.0
// pw_commutator - one stage of an 8 x 8 bit transposer: swaps bit D of the lane number with bit D of the time.
//   swap_i  bit D of the time of d_i (words numbered 0..7)
// Lanes with bit D set wait D clk before the swap, the others D clk after it; latency D for what stays in its lane.
`default_nettype none
module pw_commutator #(
    parameter D = 4                       // 4, 2 or 1
) (
    input  wire       clk,
    input  wire       swap_i,
    input  wire [7:0] d_i,
    output wire [7:0] d_o
);
    genvar i;
    generate for (i = 0; i < 4; i = i + 1) begin : pair
        localparam LO = (i / D) * 2 * D + i % D;
        localparam HI = LO + D;
        reg [D-1:0] before_q, after_q;
        wire        in1 = before_q[D-1];
        always @(posedge clk) begin
            before_q <= before_q << 1;
            after_q  <= after_q << 1;
            before_q[0] <= d_i[HI];
            after_q[0]  <= swap_i ? in1 : d_i[LO];
        end
        assign d_o[LO] = after_q[D-1];
        assign d_o[HI] = swap_i ? d_i[LO] : in1;
    end endgenerate
endmodule
`default_nettype wire
