// SPDX-License-Identifier: Apache-2.0
// pw_modclk - modulator clock and the time base of the decimator.
//   mclk_o   high in the first half of a modulator period (MOD_DIV clk); the period starts right after a tick
//   tick_o   last clk of a modulator period: all bitstreams are sampled on the clk edge that ends it
//   t_o      modulator period in the frame of 8, 0..7
//   f_o      frame counter; a sinc4 sample every 16 frames, a FIR sample every 64
//   start_o  last clk but one of a frame: the pass over all channels begins
//   clr_o    first 64 frames after rst: memories are being cleared
//   live_o   set 30 x 64 frames after that: filters hold nothing from before rst any more
`default_nettype none
module pw_modclk #(
    parameter MOD_DIV = 6                 // clk per modulator period, 4..16
) (
    input  wire       clk,
    input  wire       rst,
    output reg        mclk_o,
    output wire       tick_o,
    output wire [2:0] t_o,
    output wire [6:0] f_o,
    output wire       start_o,
    output reg        clr_o,
    output reg        live_o
);
    localparam MW = $clog2(MOD_DIV);
    localparam [MW-1:0] LAST = MOD_DIV[MW-1:0] - 1'b1;
    localparam [MW-1:0] HALF = MOD_DIV[MW:1] - 1'b1;

    reg [MW-1:0] m_q;
    reg [13:0]   n_q;                     // {sets of 64 frames, frames, modulator periods}

    assign tick_o  = m_q == LAST;
    assign t_o     = n_q[2:0];
    assign f_o     = n_q[9:3];
    assign start_o = m_q == LAST - 1'b1 && n_q[2:0] == 3'd7;

    always @(posedge clk) begin
        m_q <= tick_o ? {MW{1'b0}} : m_q + 1'b1;
        if (tick_o) n_q <= n_q + 1'b1;
        mclk_o <= tick_o || (mclk_o && m_q != HALF);
        if (n_q[9])     clr_o  <= 1'b0;
        if (&n_q[13:9]) live_o <= 1'b1;
        if (rst) begin
            m_q    <= {MW{1'b0}};
            n_q    <= 14'd0;
            mclk_o <= 1'b0;
            clr_o  <= 1'b1;
            live_o <= 1'b0;
        end
    end

`ifdef FORMAL
    // mclk rises right after each tick and is high HALF + 1 clk; start is one clk before the tick that ends a frame.
    reg seen = 1'b0;
    always @(posedge clk) seen <= 1'b1;
    always @(*) if (!seen) assume (rst);
    reg ticked;
    always @(posedge clk) ticked <= !rst && (ticked || tick_o);
    always @(posedge clk) if (seen && !rst) begin
        assert (m_q <= LAST);
        assert (mclk_o == (ticked && m_q <= HALF));
        if (!$past(rst)) begin
            assert (m_q == ($past(tick_o) ? {MW{1'b0}} : $past(m_q) + 1'b1));
            if ($past(start_o))  assert (tick_o && t_o == 3'd7);
            if ($past(!start_o)) assert (!(tick_o && t_o == 3'd7) || $past(rst));
            if ($past(live_o))   assert (live_o && !$past(clr_o));
            if ($past(!clr_o))   assert (!clr_o);
        end
        if (live_o) assert (!clr_o);
        if (!ticked) assert (n_q == 14'd0);
        cover (mclk_o && ticked && m_q == HALF);
    end
`endif
endmodule
`default_nettype wire
