// SPDX-License-Identifier: Apache-2.0
// textbook - a sinc3 decimator per channel, each with its own integrators and comb; no FIR, no delay. Only there for the
// bench to compare with: all samples leave in parallel, so that reading them costs nothing here.
`default_nettype none
module textbook #(
    parameter N_CH    = 27,
    parameter R       = 512,
    parameter MOD_DIV = 6
) (
    input  wire            clk,
    input  wire            rst,
    input  wire [N_CH-1:0] bits_i,
    output reg             mclk_o,
    output reg             s_valid_o,
    output wire [24*N_CH-1:0] s_data_o
);
    reg  [3:0]           m_q;
    reg  [$clog2(R)-1:0] n_q;
    reg  [N_CH-1:0]      bits_q;
    wire                 tick   = m_q == MOD_DIV - 1;
    wire                 sample = tick && &n_q;
    always @(posedge clk) begin
        m_q    <= tick ? 4'd0 : m_q + 1'b1;
        mclk_o <= m_q < MOD_DIV / 2;
        bits_q <= bits_i;
        if (tick) n_q <= n_q + 1'b1;
        s_valid_o <= sample;
        if (rst) begin
            m_q <= 4'd0;
            n_q <= {$clog2(R){1'b0}};
        end
    end
    genvar i;
    generate for (i = 0; i < N_CH; i = i + 1) begin : ch
        sinc3_channel #(.R(R)) u_sinc3 (
            .clk(clk), .rst(rst), .bit_i(bits_q[i]), .bit_valid_i(tick), .sample_i(sample), .y_o(s_data_o[24*i +: 24]));
    end endgenerate
endmodule
`default_nettype wire
