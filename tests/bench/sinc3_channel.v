// SPDX-License-Identifier: Apache-2.0
// sinc3_channel - one channel of the textbook decimator: three integrators at the modulator rate, three differences at
// the output rate. Width 3 log2 R + 1: full scale 0..R^3.
`default_nettype none
module sinc3_channel #(
    parameter R = 512                     // decimation, power of two
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         bit_i,
    input  wire         bit_valid_i,
    input  wire         sample_i,         // every R-th bit_valid_i
    output reg  [23:0]  y_o               // upper bits
);
    localparam W = 3 * $clog2(R) + 1;
    reg  [W-1:0] i1_q, i2_q, i3_q, x1_q, d1_q, d2_q;
    wire [W-1:0] d1 = i3_q - x1_q;
    wire [W-1:0] d2 = d1 - d1_q;
    wire [W-1:0] d3 = d2 - d2_q;
    always @(posedge clk) begin
        if (bit_valid_i) begin
            i1_q <= i1_q + {{W-1{1'b0}}, bit_i};
            i2_q <= i2_q + i1_q;
            i3_q <= i3_q + i2_q;
        end
        if (sample_i) begin
            x1_q <= i3_q;
            d1_q <= d1;
            d2_q <= d2;
            y_o  <= d3[W-1 -: 24];
        end
        if (rst) begin
            i1_q <= {W{1'b0}};
            i2_q <= {W{1'b0}};
            i3_q <= {W{1'b0}};
        end
    end
endmodule
`default_nettype wire
