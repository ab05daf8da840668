// SPDX-License-Identifier: Apache-2.0
// pw_fir - 64-tap linear-phase FIR, decimation by 4, all channels, one multiply a clk.
//   x_i      s24, one strobe per channel in channel order, x_last_i with the last channel of an instant
//   s_data_o s24 (sQ0.23), rounded half up, saturated; s_ch_o its channel, 0..N_CH-1 in order
// 68 clk a channel when the consumer is ready. Coefficients sQ-2.17, sum exactly 2^17 (scripts/fir_design.py).
//
// A sample is split: x = xh 2^10 + xl. Two products with the same coefficient are summed, H = sum c xh and
// L = sum c (2 xl + 1). As sum c = 2^17, the "+ 1" adds half an LSB of the result: rounding without an adder.
//   result = (H 2^11 + L) >> 18.    |H| <= 2^13 x 2^17 x 1.76 < 2^31: no wrap before the saturation.
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
    input  wire               frame_i,    // with x_valid_i: last sample before an output set; starts the set
    // output stream: transfer when valid and ready; valid never waits for ready; data hold until taken
    output reg                s_valid_o,
    input  wire               s_ready_i,
    output reg         [5:0]  s_ch_o,
    output reg  signed [23:0] s_data_o,
    output reg                overrun_o   // sticky until rst: a set was due while the one before was not finished; it is lost
);
    // Ring of samples of all channels in the order of arrival: sample of channel ch, i instants back, lies i N_CH words
    // back. 68 instants deep, so that a set may take until the next one is due.
    localparam SA = $clog2(68 * N_CH);
    localparam [31:0] BACK = -N_CH, NEXT = 64 * N_CH + 1;
    (* no_rw_check *) reg [23:0] smem [0:(1<<SA)-1];
    reg [23:0]   x_q;
    reg [SA-1:0] w_q, r_q;
    always @(posedge clk) begin
        if (x_valid_i) smem[w_q] <= x_i;
        x_q <= smem[r_q];
    end

    // Step of a channel, 0..67: reads at 1..64, last product in the sums at 67. Coefficients outside are 0.
    (* rom_style = "block" *) reg [15:0] rom [0:127];
    initial $readmemh({`PW_GEN_DIR, "/pw_dec_fir.hex"}, rom);
    reg  [15:0] rom_q;
    reg  [6:0]  t_q;
    reg         busy_q, start_q;
    reg  [5:0]  ch_q;
    wire        done = t_q[6] && t_q[1:0] == 2'd3;
    wire        take = done && (!s_valid_o || s_ready_i);
    wire        jump = t_q[6];                             // at 64: to the newest sample of the next channel
    localparam [5:0] LAST = N_CH[5:0] - 6'd1;
    always @(posedge clk) begin
        rom_q <= rom[t_q];
        if (x_valid_i) w_q <= w_q + 1'b1;
        if (start_q && !busy_q)                r_q <= w_q;
        else if (busy_q && (!jump || t_q[1:0] == 2'd0))
            r_q <= r_q + (jump ? NEXT[SA-1:0] : BACK[SA-1:0]);
        if (take)                  t_q <= 7'd0;
        else if (busy_q && !done)  t_q <= t_q + 1'b1;
        if (take) begin
            ch_q <= ch_q + 1'b1;
            if (ch_q == LAST) busy_q <= 1'b0;
        end
        start_q <= x_valid_i && frame_i;
        if (start_q) begin
            if (busy_q) overrun_o <= 1'b1;
            else begin
                busy_q <= 1'b1;
                ch_q   <= 6'd0;
            end
        end
        if (rst) begin
            w_q       <= {SA{1'b0}};
            t_q       <= 7'd0;
            busy_q    <= 1'b0;
            start_q   <= 1'b0;
            overrun_o <= 1'b0;
        end
    end

    // Multiply and add.
    reg signed  [13:0] xh_q;
    reg         [10:0] xl_q;
    reg signed  [15:0] c_q;
    reg signed  [31:0] h_q, l_q;
    wire signed [29:0] ph = xh_q * c_q;
    wire signed [27:0] pl = $signed({1'b0, xl_q}) * c_q;
    always @(posedge clk) begin
        xh_q <= x_q[23:10];
        xl_q <= {x_q[9:0], 1'b1};
        c_q  <= rom_q;
        if (take || rst) begin
            h_q <= 32'sd0;
            l_q <= 32'sd0;
        end else begin
            h_q <= h_q + $signed({{2{ph[29]}}, ph});
            l_q <= l_q + $signed({{4{pl[27]}}, pl});
        end
    end

    // Result.
    wire signed [31:0] sum = h_q + (l_q >>> 11);
    wire               ovf = sum[31] != sum[30];
    always @(posedge clk) begin
        if (take) begin
            s_data_o  <= {sum[31], ovf ? {23{~sum[31]}} : sum[29:7]};
            s_ch_o    <= ch_q;
        end
        s_valid_o <= take || (s_valid_o && !s_ready_i);
        if (rst) s_valid_o <= 1'b0;
    end
    wire unused = &{1'b0, sum[6:0]};

`ifdef FORMAL
    // Stream: held until taken, channels 0, 1, .. N_CH-1 and again, whatever the consumer does. A sample at most 68 clk
    // after the one before when the consumer is ready. An overrun exactly when a set is due too early.
    reg seen = 1'b0;
    always @(posedge clk) seen <= 1'b1;
    always @(*) if (!seen) assume (rst);
    reg [5:0] next_ch;                    // channel of the next transfer
    reg [6:0] wait_q;                     // clk without a result although the consumer is ready
    always @(posedge clk) begin
        if (s_valid_o && s_ready_i) next_ch <= next_ch == LAST ? 6'd0 : next_ch + 1'b1;
        wait_q <= busy_q && s_ready_i && !take ? wait_q + 1'b1 : 7'd0;
        if (rst) begin
            next_ch <= 6'd0;
            wait_q  <= 7'd0;
        end
    end
    wire [5:0] after = s_valid_o ? (next_ch == LAST ? 6'd0 : next_ch + 1'b1) : next_ch;
    always @(posedge clk) if (seen && !rst) begin
        assert (next_ch <= LAST);
        if (s_valid_o) assert (s_ch_o == next_ch);
        if (busy_q)    assert (ch_q == after && ch_q <= LAST);
        if (!busy_q)   assert (after == 6'd0 && t_q == 7'd0);
        assert (t_q <= 7'd67 && wait_q <= t_q);
        if (!$past(rst)) begin
            if ($past(s_valid_o && !s_ready_i))
                assert (s_valid_o && s_ch_o == $past(s_ch_o) && s_data_o == $past(s_data_o));
            assert (overrun_o == ($past(overrun_o) || $past(start_q && busy_q)));
        end
        cover (t_q == 7'd3);
        cover (overrun_o);
    end
`endif
endmodule
`default_nettype wire
