// SPDX-License-Identifier: Apache-2.0
// pw_line - decides which frame is the first of a new window: the one at the n-th upward zero crossing, or after a
// time-out. After reset and after a time-out away from a crossing the first crossing ends the (odd) window.
// Two strobes a frame, look_i then take_i at least one clock later; close_o is valid between them.
`default_nettype none
module pw_line (
    input  wire        clk,
    input  wire        rst,
    input  wire [7:0]  cycles_i,          // crossings a window
    input  wire [12:0] timeout_i,         // frames
    input  wire [5:0]  min_run_i,         // fewer frames below 0 in a row are ripple: no crossing follows them
    input  wire        look_i,            // the voltage of this frame is on neg_i, low_i
    input  wire        neg_i,             // below 0
    input  wire        low_i,             // below -FS/64: the next value >= 0 may be a crossing
    input  wire        take_i,
    output reg         close_o,           // this frame is the first of a new window
    output wire [24:0] info_o             // of the completed window: {timed out, whole cycles, frames}
);
    reg        armed_q, synced_q, cross_q, full_q;
    reg [12:0] n_q;                       // frames so far
    reg [7:0]  cyc_q;                     // crossings so far

    reg [5:0]  run_q;                     // frames below 0 in a row, up to 63
    wire       crossing = armed_q & ~neg_i & run_q >= min_run_i;
    wire [8:0] cyc_next = {1'b0, cyc_q} + 9'd1;
    wire       full = crossing & (~synced_q | cyc_next >= {1'b0, cycles_i});
    wire       timed = n_q >= timeout_i;

    assign info_o = {~full_q, full_q & synced_q ? cyc_next[7:0] : 8'd0, 3'd0, n_q};

    always @(posedge clk) begin
        if (look_i) begin
            cross_q <= crossing;
            full_q  <= full;
            close_o <= full | timed;
            armed_q <= low_i | (armed_q & neg_i);
            run_q   <= neg_i ? run_q + {5'd0, ~&run_q} : 6'd0;
        end
        if (take_i) begin
            n_q      <= close_o ? 13'd1 : n_q + 13'd1;
            cyc_q    <= close_o ? 8'd0 : cross_q ? cyc_next[7:0] : cyc_q;
            synced_q <= close_o ? cross_q : synced_q;
            close_o  <= 1'b0;
        end
        if (rst) begin
            armed_q <= 1'b0; synced_q <= 1'b0; cross_q <= 1'b0; full_q <= 1'b0; close_o <= 1'b0;
            n_q <= 13'd0; cyc_q <= 8'd0; run_q <= 6'd0;
        end
    end

`ifdef FORMAL
    // Environment: look and take in turns; settings stay, time-out at least 1.
    reg        seen = 1'b0, looked;
    reg [15:0] f_frames, f_closed;        // all frames; those of completed windows
    (* anyconst *) reg [7:0] f_cycles;
    (* anyconst *) reg [12:0] f_timeout;
    always @(posedge clk) seen <= 1'b1;
    always @(*) begin
        if (!seen) assume (rst);
        assume (look_i == 1'b0 || !looked);
        assume (take_i == 1'b0 || looked);
        assume (cycles_i == f_cycles && timeout_i == f_timeout && f_timeout != 0);
        assume (!low_i || neg_i);
    end
    always @(posedge clk) begin
        looked <= rst ? 1'b0 : (looked | look_i) & ~take_i;
        f_frames <= rst ? 16'd0 : f_frames + {15'd0, take_i};
        f_closed <= rst ? 16'd0 : f_closed + (take_i && close_o ? {3'd0, info_o[12:0]} : 16'd0);
    end
    always @(posedge clk) if (seen && !rst) begin
        assert (n_q <= timeout_i);                                   // the time-out ends every window
        assert (f_frames == f_closed + {3'd0, n_q});                 // no frame is lost or counted twice
        assert (looked || !close_o);
        assert (cyc_q == 8'd0 || {1'b0, cyc_q} < {1'b0, cycles_i});
        if (close_o) begin
            assert (info_o[24] == !full_q);
            if (info_o[24]) assert (info_o[23:16] == 8'd0 && n_q == timeout_i);
            else assert (cross_q);                                   // ends at a crossing
            if (!info_o[24] && synced_q) assert (info_o[23:16] == (cycles_i == 8'd0 ? 8'd1 : cycles_i));
        end
        if (looked && n_q == timeout_i) assert (close_o);
        if (looked && cross_q && !full_q) assert (synced_q && cyc_next < {1'b0, cycles_i});
        if (looked && full_q) assert (close_o && cross_q && (!synced_q || cyc_next >= {1'b0, cycles_i}));
        cover (close_o && !info_o[24] && info_o[23:16] == 8'd2);
        cover (close_o && info_o[24]);
    end
`endif
endmodule
`default_nettype wire
