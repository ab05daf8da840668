// SPDX-License-Identifier: Apache-2.0
// pw_capture - bitstreams in, bytes of 8 modulator clocks out, one channel a clk, each stream delayed by its own amount.
//
//   bits_i -> ring (block RAM)  -> 8 x 8 transposer -> shift by d mod 8   -> history, d / 8 bytes -> byte_o
//             a word per period    log2 commutator     with previous byte    32 bytes a channel
//
// Timing, clk after start_i: label q = -8, -7, ... is the word of the ring being read; the byte of channel ch leaves the
// transposer when q = ch, and byte_o is valid 4 clk later together with label_o = ch. Labels of no channel (the 8
// before 0, and those from N_CH on) carry garbage.
// Delay: byte_o bit k of frame n is the bit sampled d periods before bit k of frame n, d = 0..255. Bits before rst count as 0.
// A new delay acts from the channel's next byte; the bytes in flight keep theirs.
`default_nettype none
module pw_capture #(
    parameter N_CH = 27,
    parameter AW   = 6                    // label width, 2^AW >= clk per frame
) (
    input  wire            clk,
    input  wire [N_CH-1:0] bits_i,
    // time base, see pw_modclk
    input  wire            tick_i,
    input  wire            start_i,
    input  wire            clr_i,
    input  wire            sweep_i,       // part of clr_i: zero the delays
    input  wire [2:0]      t_i,
    input  wire [4:0]      f_i,
    // delay of one channel, modulator clocks; write strobe, not during sweep_i
    input  wire            dly_we_i,
    input  wire [5:0]      dly_ch_i,
    input  wire [7:0]      dly_i,
    output wire [7:0]      byte_o,        // bit 0 oldest
    output reg  [AW-1:0]   label_o
);
    localparam GW = N_CH > 32 ? 3 : N_CH > 16 ? 2 : 1;     // groups of 8 channels: 2^GW
    localparam NG = 1 << GW;
    localparam HW = $clog2(N_CH);

    // Labels, one register a pipeline stage.
    reg [AW-1:0] q_q, l1_q, l2_q, l3_q;
    reg          par_q;                                    // half of the ring that holds the finished frame
    always @(posedge clk) begin
        q_q     <= q_q + 1'b1;
        if (start_i) begin
            q_q   <= -{{AW-4{1'b0}}, 4'd8};
            par_q <= f_i[0];
        end
        l1_q    <= q_q;
        l2_q    <= l1_q;
        l3_q    <= l2_q;
        label_o <= l3_q;
    end

    // Ring: two frames of 8 words, a word of all channels goes in, a group of 8 comes out. Group g sits at g - 1,
    // because label -8 reads group 0.
    (* no_rw_check, ram_style = "block" *) reg [7:0] ring [0:16*NG-1];
    wire [8*NG-1:0] word = {{8*NG-N_CH{1'b0}}, bits_i};
    reg  [7:0]      row_q;
    genvar g;
    generate for (g = 0; g < NG; g = g + 1) begin : wr
        localparam [GW-1:0] AT = (g + NG - 1) % NG;
        always @(posedge clk) if (tick_i) ring[{f_i[0], t_i, AT}] <= word[8*g +: 8];
    end endgenerate
    always @(posedge clk) row_q <= ring[{par_q, q_q[2:0], q_q[3 +: GW]}];

    // Transposer: stage D swaps bit D of the lane number (channel in) with bit D of the time (word number).
    wire [2:0] k = l1_q[2:0];
    wire [7:0] s4, s2, s1;
    pw_commutator #(.D(4)) u_s4 (.clk(clk), .swap_i(k[2]), .d_i(row_q), .d_o(s4));
    pw_commutator #(.D(2)) u_s2 (.clk(clk), .swap_i(k[1]), .d_i(s4),    .d_o(s2));
    pw_commutator #(.D(1)) u_s1 (.clk(clk), .swap_i(k[0]), .d_i(s2),    .d_o(s1));
    reg  [7:0] b_q;                                        // byte of channel l1_q
    always @(posedge clk) b_q <= clr_i ? 8'd0 : s1;  // long enough to clear what follows, too

    // Delay memory: read one clk ahead, written by the CPU, or cleared label by label after rst. The number of bytes is
    // kept inverted: f - n = f + ~n + 1 without inverters before the carries.
    (* no_rw_check, ram_style = "block" *) reg [7:0] delay [0:(1<<HW)-1];
    (* no_rw_check, ram_style = "block" *) reg [6:0] prev  [0:(1<<HW)-1];
    reg  [7:0] d_q;
    reg  [6:0] prev_q;
    wire       l1_is_ch = ~|l1_q[AW-1:HW];
    wire       dly_is_ch = {{58{1'b0}}, dly_ch_i} < (64'd1 << HW);    // beyond: ignored, not aliased
    always @(posedge clk) begin
        if (sweep_i || (dly_we_i && dly_is_ch))
            delay[sweep_i ? q_q[HW-1:0] : dly_ch_i[HW-1:0]] 
                <= sweep_i ? 8'hf8 : {~dly_i[7:3], dly_i[2:0]};
        d_q <= delay[q_q[HW-1:0]];
    end
    always @(posedge clk) begin
        if (l1_is_ch) prev[l1_q[HW-1:0]] <= b_q[7:1];
        prev_q <= prev[q_q[HW-1:0]];
    end

    // Shift: 8 of 15 bits.
    wire [14:0] w  = {b_q, prev_q};                        // w[7] = bit 0 of the new byte
    wire [10:0] w4 = d_q[2] ? w[10:0] : w[14:4];
    wire [8:0]  w2 = d_q[1] ? w4[8:0] : w4[10:2];
    wire [7:0]  w1 = d_q[0] ? w2[7:0] : w2[8:1];
    reg  [7:0]  sh_q;
    reg  [4:0]  at_q, at2_q;
    always @(posedge clk) begin
        sh_q  <= w1;
        at_q  <= f_i + d_q[7:3] + 5'd1;
        at2_q <= at_q;
    end

    // History: written at l2, read at l3, so that a delay below 8 finds the byte just written.
    (* no_rw_check *) reg [7:0] hist [0:(32<<HW)-1];
    reg  [7:0] h_q;
    wire       l2_is_ch = ~|l2_q[AW-1:HW];
    always @(posedge clk) begin
        if (l2_is_ch) hist[{l2_q[HW-1:0], f_i}] <= sh_q;
        h_q <= hist[{l3_q[HW-1:0], at2_q}];
    end
    assign byte_o = h_q;
endmodule
`default_nettype wire
