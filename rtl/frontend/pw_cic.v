// SPDX-License-Identifier: Apache-2.0
// pw_cic - sinc4, R = 128, all channels: integrators advanced by one byte a visit, one visit a clk.
//   byte_i   8 bits of channel label_i, bit 0 oldest (labels of no channel: ignored)
//   y_o      s24, FS = +-2^23 = all ones / all zeros (+FS itself wraps to -FS); one sample per channel and 16 frames
// Samples leave in channel order, 17 clk apart, in the frames that follow; last_o marks the last channel of an instant.
//
// Integrators: K1 = I1, K2 = I2 + 7 I1, K3 = 2 I3 + 7 I2 + 14 I1, K4 = I4, modular; T1 = S1 + 7 S0, T2 = 2 S2 + 7 S1 + 14 S0
//   K1' = K1 + S0; K2' = K2 + 8 K1 + T1; K3' = K3 + 16 K2 + T2; K4' = K4 + 4 K3 + S3     (docs/decimate.md)
// Only the upper bits of T need an adder of their own; the lower ones fill the zeros left of 8 K1, 16 K2, 4 K3.
// Comb: y = x0 - 4 x1 + 6 x2 - 4 x3 + x4 is sixteen terms +-x. acc' = ~(acc + x) = -1 - acc - x changes the sign each
// time, so two steps are acc + x_even - x_odd: one adder without any multiplexer, sixteen steps from 0 give y.
`default_nettype none
`ifndef PW_GEN_DIR
`define PW_GEN_DIR "build/gen"            // working directory = repository root; else give -DPW_GEN_DIR=\"...\"
`endif
module pw_cic #(
    parameter N_CH = 27,
    parameter AW   = 6
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               clr_i,      // see pw_modclk
    input  wire               start_i,
    input  wire [6:0]         f_i,
    input  wire [7:0]         byte_i,
    input  wire [AW-1:0]      label_i,
    output wire               y_valid_o,  // strobe, no back-pressure
    output wire               y_last_o,
    output wire signed [23:0] y_o
);
    localparam HW  = $clog2(N_CH);
    localparam K1W = 19, K2W = 22, K3W = 26, K4W = 28;
    localparam KW  = K1W + K2W + K3W + K4W;

    // Byte sums and state, read together.
    reg [26:0] rom [0:255];
    initial $readmemh({`PW_GEN_DIR, "/pw_dec_rom.hex"}, rom);
    (* no_rw_check *) reg [KW-1:0] state [0:(1<<AW)-1];
    reg [26:0]   sums_q;
    reg [KW-1:0] k_q, kn_q;
    reg [AW-1:0] l1_q, l2_q;
    always @(posedge clk) begin
        sums_q <= rom[byte_i];
        k_q    <= state[label_i];
        l1_q   <= label_i;
        l2_q   <= l1_q;
        state[l2_q] <= kn_q;
    end
    wire [3:0]     s0 = sums_q[3:0];
    wire [6:0]     t1 = sums_q[10:4];
    wire [8:0]     t2 = sums_q[19:11];
    wire [6:0]     s3 = sums_q[26:20];
    wire [K1W-1:0] k1 = k_q[0 +: K1W];
    wire [K2W-1:0] k2 = k_q[K1W +: K2W];
    wire [K3W-1:0] k3 = k_q[K1W+K2W +: K3W];
    wire [K4W-1:0] k4 = k_q[K1W+K2W+K3W +: K4W];

    wire [K1W-1:0] u1 = k1 + {{K1W-4{1'b0}}, t1[6:3]};
    wire [K2W-1:0] u2 = k2 + {{K2W-5{1'b0}}, t2[8:4]};
    wire [K3W-1:0] u3 = k3 + {{K3W-5{1'b0}}, s3[6:2]};
    wire [K1W-1:0] k1n = k1 + {{K1W-4{1'b0}}, s0};
    wire [K2W-1:0] k2n = k2 + {u1, t1[2:0]};
    wire [K3W-1:0] k3n = k3 + {u2, t2[3:0]};
    wire [K4W-1:0] k4n = k4 + {u3, s3[1:0]};
    always @(posedge clk) kn_q <= clr_i ? {KW{1'b0}} : {k4n, k3n, k2n, k1n};

    // The last eight samples of K4 of each channel, low bits dropped.
    (* no_rw_check *) reg [23:0] xmem [0:(8<<HW)-1];
    reg  [23:0] x_q;
    wire [2:0]  slot = f_i[6:4];
    wire        keep = f_i[3:0] == 4'd15 && ~|l2_q[AW-1:HW];
    always @(posedge clk) if (keep) xmem[{l2_q[HW-1:0], slot}] <= kn_q[KW-1 -: 24];

    // Comb. Terms m = 0..15 of channel ch_q, then one clk to hand over the result; age of the sample of a term:
    // odd m: 1 (m < 8) or 3; even m: 0 (m = 0), 4 (m = 14) or 2.
    localparam [HW-1:0] LAST = N_CH[HW-1:0] - 1'b1;
    reg  [4:0]    m_q;
    reg  [HW-1:0] ch_q;
    reg           busy_q, zero_q, valid_q;
    wire [2:0]    age;
    assign age[0] = m_q[0];
    assign age[1] = m_q[0] ? m_q[3] : m_q[3:1] != 3'd0 && m_q[3:1] != 3'd7;
    assign age[2] = m_q[3:0] == 4'd14;
    wire [2:0]    at = slot + ~age;                        // slot - 1 is age 0 by now
    reg  [23:0]   acc_q;
    always @(posedge clk) begin
        x_q     <= xmem[{ch_q, at}];
        acc_q   <= zero_q ? 24'd0 : ~(x_q + acc_q);
        zero_q  <= m_q[4] || ~busy_q;
        valid_q <= m_q[4];
        m_q     <= m_q[4] || ~busy_q ? 5'd0 : m_q + 1'b1;
        if (m_q[4]) begin
            ch_q <= ch_q + 1'b1;
            if (ch_q == LAST) busy_q <= 1'b0;
        end
        if (start_i && f_i[3:0] == 4'd0) begin             // a frame after the pass that wrote the samples
            ch_q   <= {HW{1'b0}};
            busy_q <= 1'b1;
        end
        if (rst) begin
            busy_q  <= 1'b0;
            m_q     <= 5'd0;
            valid_q <= 1'b0;
        end
    end
    assign y_valid_o = valid_q;
    assign y_last_o  = ~busy_q;                            // has meaning with y_valid_o only
    assign y_o       = {~acc_q[23], acc_q[22:0]};          // all zeros = -FS
endmodule
`default_nettype wire
