// SPDX-License-Identifier: Apache-2.0
// pw_fir - 64-tap linear-phase FIR, decimation by 4, all channels, one multiply a clk, transposed: a sample is added to the
// 16 results it belongs to as soon as it comes, so that what is kept is 17 sums a channel and not 68 samples.
//   x_i      s24, one strobe per channel in channel order, at least 17 clk apart, x_last_i with the last one of an instant
//   s_data_o s24 (sQ0.23), rounded half up, saturated; s_ch_o its channel, 0..N_CH-1 in order
// Coefficients sQ-2.17, sum exactly 2^17 (scripts/fir_design.py).
//
//   step 0..15 of a sample:  slot s0 + step of the channel += tap 4 step + (-age mod 4) x sample
//   any other clk:           result waiting in slot s0 - 1 (17 slots in a ring) -> s_data_o
// A sum is s42: |sum| <= 2^23 x 2^17 x 1.76 + 2^16 < 2^41: no wrap before the saturation. It begins at 2^16, half an LSB of
// the result; this start value is read from the last word of the memory, which no channel has and nothing writes.
`default_nettype none
`ifndef PW_GEN_DIR
`define PW_GEN_DIR "build/gen"            // working directory = repository root; else give -DPW_GEN_DIR=\"...\"
`endif
module pw_fir #(
    parameter N_CH = 27
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               x_valid_i,
    input  wire signed [23:0] x_i,
    input  wire               x_last_i,   // with x_valid_i: last channel of an instant
    input  wire        [1:0]  age_i,      // of the instant, steady from its first sample to 18 clk after its last: 0 completes
                                          // a set, 1..3 come that many instants after one that did
    input  wire               live_i,     // sets are given out
    // output stream: transfer when valid and ready; valid never waits for ready; data hold until taken
    output reg                s_valid_o,
    input  wire               s_ready_i,
    output reg         [5:0]  s_ch_o,
    output reg  signed [23:0] s_data_o,
    output reg                overrun_o   // sticky until rst: a set was due while the one before was not finished; it is lost
);
    localparam AA = N_CH < 2 ? 6 : $clog2(17 * N_CH + 1);
    localparam [5:0]  LAST  = N_CH[5:0] - 6'd1;
    localparam [AA-1:0] START = {AA{1'b1}};                // word with the start value

    // Steps. a_q, slot_q: the slot of this step. Seventeen of them in a ring, so the step after 16 is 16 back; and from the
    // last slot of a channel (the one before its first) to the first of the next channel it is 1 + 17.
    reg  [4:0]    t_q;                                     // 0..15 multiplications, 16 none
    reg  [AA-1:0] a_q, o_q;
    reg  [4:0]    slot_q, s0_q;
    reg           first_q, start_q, busy_q, rd_q;
    reg  [5:0]    ch_q;
    wire          mac  = !t_q[4];
    wire          wrap = slot_q[4];
    localparam [31:0] D_STEP = 1, D_WRAP = -16, D_NEXT = 18;
    wire [AA-1:0] d = mac == wrap ? (wrap ? D_WRAP[AA-1:0] : D_NEXT[AA-1:0]) : D_STEP[AA-1:0];
    wire          take = rd_q && (!s_valid_o || s_ready_i);
    localparam [31:0] D_OUT = 17;
    always @(posedge clk) begin
        if (x_valid_i)  t_q <= 5'd0;
        else if (mac)   t_q <= t_q + 1'b1;
        if (x_valid_i || mac) begin
            a_q    <= a_q + d;
            slot_q <= wrap ? 5'd0 : slot_q + 1'b1;
        end
        if (x_valid_i) begin
            first_q <= x_last_i;
            if (first_q) begin
                a_q    <= {{AA-5{1'b0}}, s0_q};
                slot_q <= s0_q;
            end
        end
        start_q <= x_valid_i && x_last_i && age_i == 2'd0;
        if (start_q) s0_q <= s0_q[4] ? 5'd0 : s0_q + 1'b1;
        // results of a set
        rd_q <= busy_q && !mac && !take;                   // what was read is a result
        if (take) begin
            o_q  <= o_q + D_OUT[AA-1:0];
            ch_q <= ch_q + 1'b1;
            if (ch_q == LAST) busy_q <= 1'b0;
        end
        if (start_q && live_i) begin
            if (busy_q) overrun_o <= 1'b1;
            else begin
                busy_q <= 1'b1;
                o_q    <= {{AA-5{1'b0}}, s0_q};
                ch_q   <= 6'd0;
            end
        end
        if (rst) begin
            t_q       <= 5'd16;
            s0_q      <= 5'd0;
            first_q   <= 1'b1;
            busy_q    <= 1'b0;
            rd_q      <= 1'b0;
            start_q   <= 1'b0;
            overrun_o <= 1'b0;
        end
    end

    // Sums and coefficients: read, multiply and add, write two clk later.
    (* no_rw_check, ram_style = "block" *) reg [41:0] sums [0:(1<<AA)-1];
    initial sums[START] = 42'd1 << 16;
    (* rom_style = "block" *) reg [15:0] rom [0:63];       // {step, age}
    initial $readmemh({`PW_GEN_DIR, "/pw_dec_fir.hex"}, rom);
    reg  [41:0]   sum_q;
    reg signed [15:0] c_q;
    reg  [AA-1:0] w1_q, w2_q;
    reg           m1_q, m2_q;
    wire          begins = t_q[3:0] == 4'd15 && age_i == 2'd1;   // first of its 64 samples
    reg signed  [13:0] xh_q;
    reg signed  [10:0] xl_q;
    reg signed  [31:0] h_q;
    reg signed  [27:0] l_q;
    wire signed [29:0] ph = xh_q * c_q;
    wire signed [26:0] pl = xl_q * c_q;
    wire        [31:0] hl = h_q + {{14{l_q[27]}}, l_q[27:10]};
    always @(posedge clk) begin
        if (x_valid_i) begin
            xh_q <= x_i[23:10];
            xl_q <= {1'b0, x_i[9:0]};
        end
        sum_q <= sums[!mac ? o_q : begins ? START : a_q];
        c_q   <= rom[{t_q[3:0], age_i}];
        {m1_q, w1_q} <= {mac && !rst, a_q};
        {m2_q, w2_q} <= {m1_q && !rst, w1_q};
        h_q <= $signed(sum_q[41:10]) + $signed({{2{ph[29]}}, ph});
        l_q <= $signed({18'd0, sum_q[9:0]}) + $signed({pl[26], pl});
        if (m2_q && !rst) sums[w2_q] <= {hl, l_q[9:0]};
    end

    // Result.
    wire ovf = sum_q[41] != sum_q[40];
    always @(posedge clk) begin
        if (take) begin
            s_data_o  <= {sum_q[41], ovf ? {23{~sum_q[41]}} : sum_q[39:17]};
            s_ch_o    <= ch_q;
        end
        s_valid_o <= take || (s_valid_o && !s_ready_i);
        if (rst) s_valid_o <= 1'b0;
    end

`ifdef FORMAL
    // Stream: held until taken, channels 0, 1, .. N_CH-1 and again, whatever the consumer does. With a ready consumer a
    // result at most 2 clk after the multiplier is free. An overrun exactly when a set is due too early. Addresses: every
    // step writes to a slot of the channel in work, never to the start value.
    reg seen = 1'b0;
    always @(posedge clk) seen <= 1'b1;
    always @(*) if (!seen) assume (rst);
    reg [4:0] gap;                        // clk since the last sample, stops at 17; samples are 17 apart or more
    reg [5:0] f_ch, next_ch;              // channel of the sample in work; of the next transfer
    reg [1:0] f_wait;
    always @(posedge clk) begin
        gap <= rst ? 5'd17 : x_valid_i ? 5'd1 : gap == 5'd17 ? gap : gap + 1'b1;
        if (x_valid_i) f_ch <= first_q ? 6'd0 : f_ch + 1'b1;
        if (s_valid_o && s_ready_i) next_ch <= next_ch == LAST ? 6'd0 : next_ch + 1'b1;
        f_wait <= busy_q && s_ready_i && !mac && !take ? f_wait + 1'b1 : 2'd0;
        if (rst) begin
            next_ch <= 6'd0;
            f_ch    <= LAST;
            f_wait  <= 2'd0;
        end
    end
    always @(*) if (!rst && x_valid_i) assume (gap == 5'd17 && x_last_i == ((first_q ? 6'd0 : f_ch + 6'd1) == LAST));
    wire [5:0] after = s_valid_o ? (next_ch == LAST ? 6'd0 : next_ch + 1'b1) : next_ch;
    wire [AA-1:0] f_base = {f_ch, 4'd0} + f_ch;
    always @(posedge clk) if (seen && !rst) begin
        assert (next_ch <= LAST && f_ch <= LAST);
        if (s_valid_o) assert (s_ch_o == next_ch);
        if (busy_q)    assert (ch_q == after && ch_q <= LAST);
        if (!busy_q)   assert (after == 6'd0 && !rd_q);
        assert (t_q <= 5'd16 && s0_q <= 5'd16);
        assert (first_q == (f_ch == LAST));
        assert (gap != 5'd0 && gap <= 5'd17);
        if (gap < 5'd17) assert (t_q == gap - 5'd1);
        else             assert (t_q == 5'd16);
        if (mac || !first_q) assert (slot_q <= 5'd16 && a_q == f_base + slot_q);
        if (m1_q) assert (w1_q != START);
        if (m2_q) assert (w2_q != START);
        assert (f_wait <= 2'd1);
        if (!$past(rst)) begin
            if ($past(s_valid_o && !s_ready_i))
                assert (s_valid_o && s_ch_o == $past(s_ch_o) && s_data_o == $past(s_data_o));
            assert (overrun_o == ($past(overrun_o) || $past(start_q && live_i && busy_q)));
        end
        cover (t_q == 5'd3);
    end
`endif
endmodule
`default_nettype wire
