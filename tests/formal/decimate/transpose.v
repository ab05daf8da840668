// SPDX-License-Identifier: Apache-2.0
// transpose - property: the three commutator stages, wired and timed as in pw_capture, turn 8 words of 8 channels into
// the 8 bytes of these channels, in order, without a gap, and whatever came before.
`default_nettype none
module transpose (
    input wire       clk,
    input wire [7:0] word_i
);
    reg  [2:0] k = 3'd0;
    reg  [4:0] n = 5'd0;                  // words so far, stops
    wire [7:0] s4, s2, s1;
    pw_commutator #(.D(4)) u_s4 (.clk(clk), .swap_i(k[2]), .d_i(word_i), .d_o(s4));
    pw_commutator #(.D(2)) u_s2 (.clk(clk), .swap_i(k[1]), .d_i(s4),     .d_o(s2));
    pw_commutator #(.D(1)) u_s1 (.clk(clk), .swap_i(k[0]), .d_i(s2),     .d_o(s1));
    reg  [7:0] w [0:14];                  // last words, newest first
    integer i;
    always @(posedge clk) begin
        k <= k + 1'b1;
        if (!n[4]) n <= n + 1'b1;
        w[0] <= word_i;
        for (i = 1; i < 15; i = i + 1) w[i] <= w[i-1];
    end
    // Channel c = k + 1 leaves now; its frame's last word came c clk ago (c = 0: comes now).
    wire [2:0] c = k + 3'd1;
    reg  [7:0] want;
    always @(*) for (i = 0; i < 8; i = i + 1)
        want[i] = c == 3'd0 && i == 7 ? word_i[0] : w[{1'b0, c} + 4'd6 - i[3:0]][c];
    always @(posedge clk) if (n[4]) assert (s1 == want);
endmodule
`default_nettype wire
