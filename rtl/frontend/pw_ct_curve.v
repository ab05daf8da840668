// SPDX-License-Identifier: Apache-2.0
// pw_ct_curve - ratio and phase error of CTs against current, corrected without the CPU: after each window the CTs are
// visited, one a frame; the window's sum of squares picks one of 8 zones, whose gain goes into the bank's CFG word and
// whose delay goes to the decimator. Second master of the bank port, beside pw_fe_ctrl. Registers: rtl/regs/pw_curve.rdl
//   CT k is treated in the k + 1st frame after the one that closed the window, from its own sample on: so whatever the CPU
//   does, its gain changes between the same two samples. A window that closes sooner begins the round anew.
//   The CPU's access waits for one of ours at most.
// Tables, units and what zones cost in accuracy: docs/calibration.md
`default_nettype none
module pw_ct_curve #(
    parameter N_CT = 24,                      // 2..54
    parameter AW   = $clog2(N_CT + 4) + 5     // not to be set: bank address, {channel, word}
) (
    input  wire          clk,
    input  wire          rst,
    input  wire          open_i,              // tables may be written: not locked, or unsealed
    // tables; stb only for addresses of this block (FE page, word 128 on), held until ack or err
    input  wire          stb_i,
    input  wire          we_i,
    input  wire [11:2]   adr_i,               // {CT + 8, word}
    input  wire [31:0]   dat_i,
    output wire [31:0]   dat_o,
    output wire          ack_o,
    output wire          err_o,               // no such CT
    // frames and windows of pw_integrate
    input  wire          z_valid_i,           // the sample of channel z_ch_i is being used
    input  wire [5:0]    z_ch_i,
    input  wire          frame_i,             // end of a frame
    input  wire          busy_i,              // this frame closes a window
    input  wire          bank_i,              // bank of the running window
    // bank port of pw_fe_ctrl: req until ack
    input  wire          c_req_i,
    input  wire          c_we_i,
    input  wire          c_live_i,
    input  wire [AW-1:0] c_addr_i,
    input  wire [31:0]   c_wdata_i,
    output wire          c_ack_o,
    // bank port of pw_integrate
    output wire          req_o,
    output wire          we_o,
    output wire          live_o,
    output wire [AW-1:0] addr_o,
    output wire [31:0]   wdata_o,
    input  wire          ack_i,
    input  wire [31:0]   rdata_i,
    // delays: pw_fe_ctrl's writes pass, ours wait for them
    input  wire          c_dly_we_i,
    input  wire [5:0]    c_dly_ch_i,
    input  wire [7:0]    c_dly_i,
    output wire          dly_we_o,
    output wire [5:0]    dly_ch_o,
    output wire [7:0]    dly_o
);
    `include "pw_integrate_codes.vh"
    localparam CW = $clog2(N_CT);
    localparam [4:0] SQ_HI0 = 5'd25, SQ_HI1 = 5'd31;  // bank words: high word of the sum of squares
    localparam [3:0] CTRL = 4'd7, ZONE0 = 4'd8;   // words of a table; 0..6 are the thresholds
    localparam [2:0] N_TH = 3'd7;
    localparam [2:0] IDLE = 0, LOOK = 1, SQUARE = 2, LEVEL = 3, ZONE = 4, READ = 5, WRITE = 6, DONE = 7;

    generate if (N_CT < 2 || N_CT > 54) begin : check
        pw_error_N_CT_must_be_2_to_54 stop ();
    end endgenerate

    // ---------------------------------------------------------------- round over the CTs
    reg           round_q, old_q;             // a round is under way; bank of the window it is about
    reg  [CW-1:0] ct_q;                       // CT of this frame
    reg  [2:0]    state_q;
    wire [5:0]    ch    = {{(6-CW){1'b0}}, ct_q} + 6'd3;
    wire          begin_ct = round_q & ~busy_i & z_valid_i & z_ch_i == ch & state_q == IDLE;
    wire          end_round = ct_q == N_CT[CW-1:0] - 1'b1;
    always @(posedge clk) begin
        if (frame_i) begin
            if (busy_i) begin
                round_q <= 1'b1;
                ct_q    <= {CW{1'b0}};
            end else if (round_q) begin
                round_q <= ~end_round;
                if (~end_round) ct_q <= ct_q + 1'b1;
            end
        end
        if (rst) begin
            round_q <= 1'b0;
            ct_q    <= {CW{1'b0}};
        end
    end

    // ---------------------------------------------------------------- tables and their bus
    // The walk reads ahead: in each of its states the word it will need in the next one. The bus waits for it, 9 clocks at most.
    (* no_rw_check, ram_style = "block" *) reg [31:0] tab [0:(16 << CW) - 1];
    reg  [31:0]   t_q;
    reg  [CW+4:0] sweep_q;                    // clears the tables after rst; top bit: done
    wire          swept = sweep_q[CW+4];
    reg           b_ack_q, b_err_q;
    reg  [CW-1:0] at_q;                       // CT in work
    reg  [2:0]    n_q, zone_q;                // threshold in work, zone so far
    wire [2:0]    zone_d;
    wire          k_ack;                      // of our access to the bank
    wire [5:0]    ch_at = {{(6-CW){1'b0}}, at_q} + 6'd3;
    reg           stale_q;                    // its table was written meanwhile: leave it for the next window
    wire          reads = begin_ct | (state_q == SQUARE & k_ack) | state_q == LEVEL;
    reg  [CW+3:0] walk_adr;
    always @(*) begin
        case (state_q)
            IDLE:    walk_adr = {ct_q, CTRL};
            LEVEL:   walk_adr = {at_q, n_q == N_TH - 3'd1 ? ZONE0 | {1'b0, zone_d} : {1'b0, n_q + 3'd1}};
            default: walk_adr = {at_q, 4'd0};
        endcase
    end
    wire [5:0]    b_ct  = adr_i[11:6] - 6'd8;
    wire          b_bad = adr_i[11:6] < 6'd8 | b_ct >= N_CT[5:0];
    wire          b_new = stb_i & ~b_ack_q & ~b_err_q;
    wire          mark;                       // the walk writes the control word
    wire          b_go  = b_new & ~b_bad & swept & ~reads & ~mark;
    wire          b_we  = b_go & we_i & open_i;
    wire [CW+3:0] b_adr = {b_ct[CW-1:0], adr_i[5:2]};
    wire [31:0]   b_mask = adr_i[5] ? 32'h00FFFFFF : adr_i[4:2] == CTRL[2:0] ? 32'd1 : 32'hFFFFFFFF;
    wire          t_we  = ~swept | mark | b_we;
    wire [CW+3:0] t_adr = ~swept ? sweep_q[CW+3:0] : mark ? {at_q, CTRL} : b_adr;
    wire [31:0]   t_dat = ~swept ? 32'd0 : mark ? {13'd0, zone_q, 7'd0, 1'b1, 7'd0, 1'b1} : dat_i & b_mask;
    always @(posedge clk) begin
        if (t_we) tab[t_adr] <= t_dat;
        t_q <= tab[reads ? walk_adr : b_adr];
    end
    assign dat_o = t_q;
    assign ack_o = b_ack_q & stb_i;
    assign err_o = b_err_q & stb_i;
    always @(posedge clk) begin
        b_ack_q <= b_go & ~rst;
        b_err_q <= b_new & b_bad & ~rst;
        if (!swept) sweep_q <= sweep_q + 1'b1;
        if (rst) sweep_q <= {(CW+5){1'b0}};
    end

    // ---------------------------------------------------------------- one CT
    //   LOOK control word -> SQUARE of the window -> LEVEL, 7 thresholds -> ZONE -> READ CFG -> WRITE CFG -> DONE: delay, mark
    reg  [2:0]    was_q;                      // zone in force
    reg           applied_q;
    reg  [31:0]   w_q;                        // sum of squares; then CFG
    reg  [15:0]   gain_q;
    reg  [7:0]    dly_q;
    wire [31:0]   limit = t_q - (applied_q & n_q < was_q ? t_q >> 5 : 32'd0);   // hysteresis downwards
    wire          above = w_q >= limit;
    assign        zone_d = zone_q + {2'b00, above};
    wire          hit   = b_we & b_ct[CW-1:0] == at_q;
    wire          c_put = c_ack_o & c_we_i & c_live_i & c_addr_i == {ch_at[AW-6:0], CFG};
    wire [31:0]   cfg_d = c_put ? c_wdata_i : w_q;
    wire          same  = rdata_i[15:0] == gain_q & applied_q & zone_q == was_q;
    assign        mark  = state_q == DONE & ~c_dly_we_i & ~stale_q;

    always @(posedge clk) begin
        stale_q <= stale_q | hit;
        case (state_q)
            IDLE: begin
                stale_q <= 1'b0;
                at_q    <= ct_q;
                old_q   <= ~bank_i;
                n_q     <= 3'd0;
                zone_q  <= 3'd0;
                if (begin_ct) state_q <= LOOK;
            end
            LOOK: begin
                was_q     <= t_q[18:16];
                applied_q <= t_q[8];
                state_q   <= t_q[0] ? SQUARE : IDLE;
            end
            SQUARE: if (k_ack) begin
                w_q     <= rdata_i;
                state_q <= LEVEL;
            end
            LEVEL: begin
                zone_q <= zone_d;
                n_q    <= n_q + 3'd1;
                if (n_q == N_TH - 3'd1) state_q <= ZONE;
            end
            ZONE: begin
                {dly_q, gain_q} <= t_q[23:0];
                state_q <= READ;
            end
            READ: if (k_ack) begin
                w_q     <= rdata_i;
                state_q <= same | stale_q | hit ? IDLE : WRITE;
            end
            WRITE: begin
                w_q <= cfg_d;                 // the CPU got in between: keep what it wrote to the other fields
                if (k_ack) state_q <= DONE;
            end
            default: if (~c_dly_we_i) state_q <= IDLE;
        endcase
        if (rst) state_q <= IDLE;
    end
    assign dly_we_o = c_dly_we_i | (state_q == DONE & dly_q < 8'd240);
    assign dly_ch_o = c_dly_we_i ? c_dly_ch_i : ch_at;
    assign dly_o    = c_dly_we_i ? c_dly_i    : dly_q;

    // ---------------------------------------------------------------- bank port
    // The port changes hands where pw_integrate has no access under way: at an ack, or after two clocks without a request.
    reg           ours_q, c_req_q;
    wire          k_req  = state_q == SQUARE | state_q == READ | state_q == WRITE;
    assign        k_ack  = ours_q & ack_i;
    assign        c_ack_o = ~ours_q & ack_i;
    always @(posedge clk) begin
        c_req_q <= c_req_i & ~rst;
        ours_q  <= ~rst & (ours_q ? ~ack_i : k_req & (c_ack_o | ~(c_req_i | c_req_q)));
    end
    assign req_o   = ours_q ? k_req : c_req_i;
    assign we_o    = ours_q ? state_q == WRITE : c_we_i;
    assign live_o  = ours_q | c_live_i;
    assign addr_o  = ~ours_q ? c_addr_i : {ch_at[AW-6:0], state_q == SQUARE ? (old_q ? SQ_HI1 : SQ_HI0) : CFG};
    assign wdata_o = ours_q ? {w_q[31:16], gain_q} : c_wdata_i;

`ifdef FORMAL
    // pw_integrate as it behaves: an ack a clock or more after the request, its address and direction those of the clock before.
    reg           seen = 1'b0, f_was, f_we, f_round;
    reg  [AW-1:0] f_addr;
    (* anyconst *) wire [AW-6:0] f_ch;        // any CT; f_cfg: its CFG word, from what goes over the port
    reg  [31:0]   f_cfg;
    reg  [1:0]    f_between;                  // our acks while the CPU waits
    wire          f_put = ack_i & f_we & live_o;
    always @(*) begin
        if (!seen) assume (rst);
        if (!f_was) assume (!ack_i);
        if (ack_i && c_live_i && !ours_q) assume (c_addr_i == f_addr && c_we_i == f_we);
        if (ack_i && !f_we && f_addr == {f_ch, CFG}) assume (rdata_i == f_cfg);
        assume (f_ch >= 3 && f_ch < N_CT + 3 && z_ch_i < N_CT + 3);
    end
    always @(posedge clk) begin
        seen   <= 1'b1;
        f_was  <= req_o & ~ack_i & ~rst;
        f_we   <= we_o;
        f_addr <= addr_o;
        if (f_put && f_addr == {f_ch, CFG}) f_cfg <= wdata_o;
        f_between <= rst | ~c_req_i | c_ack_o ? 2'd0 : f_between + {1'b0, k_ack};
        f_round <= ~rst & (f_round ? ~(frame_i & ~busy_i & end_round) : frame_i & busy_i);
    end
    always @(posedge clk) if (seen && !rst) begin
        // the port: one owner, who has asked; the CPU waits for one access of ours at most
        assert (!(c_ack_o && k_ack));
        if (ours_q && !$past(rst)) assert (k_req);
        if (c_ack_o) assert ($past(c_req_i && !ours_q));
        if (ours_q) assert ((f_was ? f_addr == addr_o && f_we == we_o : 1'b1));
        assert (f_between <= 2'd1);
        if (f_between != 2'd0) assert (!ours_q);
        // what we write: the gain of a CT, and nothing else of its CFG word; energies and sums never
        if (f_put && ours_q) assert (f_addr[4:0] == CFG && f_addr[AW-1:5] >= 3 && f_addr[AW-1:5] < N_CT + 3);
        if (f_put && ours_q && f_addr == {f_ch, CFG}) assert (wdata_o[31:16] == f_cfg[31:16]);
        if (state_q == WRITE && ch_at[AW-6:0] == f_ch) assert (w_q[31:16] == f_cfg[31:16] || $past(f_put && !ours_q && f_addr == {f_ch, CFG}));
        if (ours_q && !we_o) assert (addr_o[4:0] == CFG || addr_o[4:0] == SQ_HI0 || addr_o[4:0] == SQ_HI1);
        if (dly_we_o && !c_dly_we_i) assert (dly_ch_o >= 3 && dly_ch_o < N_CT + 3 && dly_o < 240 && $past(state_q != IDLE));
        if (c_dly_we_i) assert (dly_we_o && dly_ch_o == c_dly_ch_i && dly_o == c_dly_i);
        // only in the round that a window's end begins
        assert (round_q == f_round && ct_q < N_CT);
        if (state_q != IDLE) assert (at_q < N_CT);
        if (!$past(rst) && $past(state_q == IDLE) && state_q != IDLE) assert ($past(round_q && !busy_i));
        // tables: never written over the bus while locked and sealed
        if (b_we) assert (open_i && stb_i && we_i);
        if (t_we && swept && !b_we) assert (mark && state_q == DONE && t_adr[3:0] == CTRL);
        if (b_ack_q) assert (!b_err_q);
    end
`endif
endmodule
`default_nettype wire
