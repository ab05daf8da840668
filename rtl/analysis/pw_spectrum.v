// SPDX-License-Identifier: Apache-2.0
// pw_spectrum - phasors of the fundamental of all channels and of h = 1..50 of three of them, in passes of whole cycles.
//   z_data_i    s24 (sQ0.23), one strobe a channel in channel order, frame_i after the last one of a frame
//   rd_dat_o    sums of the completed pass, unit 2^-21 FS: sum of z w cos(h phi), sum of z w sin(h phi)
// phi: 32-bit phase, STEP a frame; w: Hann window, one period in 2^32 / WSTEP frames, so a pass is as long as the window and need not be a
// whole number of frames. Derivation, formats, accuracy: docs/analysis.md. C model: sim/model/ana_model.c, bit for bit the same.
//
// After frame_i the samples of the frame are worked off with one multiplier, in this order:
//   EVAL u -> window w;  EVAL phi;  for each channel: WIN (z w), MAC;  for h = 1..50: MAC of the three slots, EVAL (h + 1) phi
// EVAL: sine and cosine from the quarter wave, then sin += r cos, cos -= r sin (r: rest of the phase, radians). 8 clk
// MAC:  sum of cos, sum of sin. 4 clk.  WIN: 4 clk.      In all 8 N_CH + 1016 clk: the next frame_i must not come earlier.
`default_nettype none
`ifndef PW_GEN_DIR
`define PW_GEN_DIR "build/gen"            // working directory = repository root; else give -DPW_GEN_DIR=\"...\"
`endif
module pw_spectrum #(
    parameter N_CH = 27                   // 1..63
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               z_valid_i,
    input  wire        [5:0]  z_ch_i,
    input  wire signed [23:0] z_data_i,
    input  wire               frame_i,
    // control: STEP, then WSTEP; both are taken together at the start of a pass
    input  wire               step_we_i,
    input  wire               wstep_we_i,
    input  wire               detail_we_i,
    input  wire        [31:0] dat_i,
    // results: data one clk after rd_ack_o; a request is held until then
    input  wire               rd_i,
    input  wire        [8:0]  rd_adr_i,   // {group, index, part}
    output wire               rd_ack_o,
    output wire        [31:0] rd_dat_o,
    output wire        [31:0] pass_o,     // {slot 2, slot 1, slot 0, passes completed}
    output reg         [23:0] pass_wstep_o
);
    localparam [5:0] LAST_CH = N_CH[5:0] - 6'd1, LAST_H = 6'd50;
    localparam [2:0] IDLE = 3'd0, EVAL_W = 3'd1, EVAL_1 = 3'd2, WIN = 3'd3, MAC_CH = 3'd4, MAC_H = 3'd5, EVAL_H = 3'd6, DONE = 3'd7;

    // ---- sequence
    reg  [2:0] state_q, t_q;
    reg  [5:0] idx_q;                     // channel or harmonic
    reg  [1:0] grp_q;                     // 0: channels; 1..3: slot grp_q - 1
    reg        zbank_q;                   // half of the sample buffer that is being filled
    wire       eval  = state_q == EVAL_W || state_q == EVAL_1 || state_q == EVAL_H;
    wire       mac   = state_q == MAC_CH || state_q == MAC_H;
    wire       last4 = t_q[1:0] == 2'd3, last8 = t_q == 3'd7;
    always @(posedge clk) begin
        t_q <= t_q + 1'b1;
        case (state_q)
            IDLE: begin
                t_q   <= 3'd0;
                idx_q <= 6'd0;
                grp_q <= 2'd0;
                if (frame_i) state_q <= EVAL_W;
            end
            EVAL_W: if (last8) state_q <= EVAL_1;
            EVAL_1: if (last8) state_q <= WIN;
            WIN: if (last4) begin
                t_q     <= 3'd0;
                state_q <= MAC_CH;
            end
            MAC_CH: if (last4) begin
                t_q     <= 3'd0;
                idx_q   <= idx_q == LAST_CH ? 6'd1 : idx_q + 1'b1;
                state_q <= idx_q == LAST_CH ? MAC_H : WIN;
                if (idx_q == LAST_CH) grp_q <= 2'd1;
            end
            MAC_H: if (last4) begin
                t_q   <= 3'd0;
                grp_q <= grp_q + 1'b1;    // after slot 2: 0
                if (grp_q == 2'd3) state_q <= idx_q == LAST_H ? DONE : EVAL_H;
            end
            EVAL_H: if (last8) begin
                idx_q   <= idx_q + 1'b1;
                grp_q   <= 2'd1;
                state_q <= MAC_H;
            end
            default: state_q <= IDLE;
        endcase
        if (frame_i) zbank_q <= ~zbank_q;
        if (rst) begin
            state_q <= IDLE;
            zbank_q <= 1'b0;
        end
    end

    // ---- oscillator and passes
    reg  [31:0] step_q, step_run_q, phi_q, u_q, theta_q;
    reg  [23:0] wstep_q, wstep_run_q;
    reg  [17:0] det_q, det_run_q, det_done_q;
    reg  [13:0] seq_q;
    reg         pair_q;                   // STEP and WSTEP belong together
    reg         bank_q, first_q;          // running bank; its sums begin with this frame
    wire [32:0] u_next = {1'b0, u_q} + {9'd0, wstep_run_q};
    wire        idle   = wstep_run_q == 24'd0;
    wire        turn   = state_q == DONE && (u_next[32] || idle);
    assign pass_o = {det_done_q, seq_q};
    always @(posedge clk) begin
        if (step_we_i) step_q <= dat_i;
        if (wstep_we_i) wstep_q <= dat_i[23:0];
        if (wstep_we_i) pair_q <= 1'b1;
        else if (step_we_i) pair_q <= 1'b0;
        if (detail_we_i && dat_i[9:8] == 2'd0) det_q[5:0]   <= dat_i[5:0];
        if (detail_we_i && dat_i[9:8] == 2'd1) det_q[11:6]  <= dat_i[5:0];
        if (detail_we_i && dat_i[9:8] == 2'd2) det_q[17:12] <= dat_i[5:0];
        if (state_q == IDLE)        theta_q <= u_q;
        else if (last8 && state_q == EVAL_W) theta_q <= phi_q;
        else if (mac && last4 && grp_q == 2'd3) theta_q <= theta_q + phi_q;
        if (state_q == DONE) begin
            phi_q   <= phi_q + step_run_q;
            u_q     <= u_next[31:0];
            first_q <= turn;
        end
        if (turn && pair_q) begin
            step_run_q  <= step_q;
            wstep_run_q <= wstep_q;
        end
        if (turn) det_run_q <= det_q;
        if (turn && !idle) begin
            bank_q       <= ~bank_q;
            seq_q        <= seq_q + 1'b1;
            det_done_q   <= det_run_q;
            pass_wstep_o <= wstep_run_q;
        end
        if (rst) begin
            step_run_q  <= 32'd0;
            wstep_run_q <= 24'd0;
            {det_q, det_run_q, det_done_q} <= 54'd0;
            phi_q  <= 32'd0;
            u_q    <= 32'd0;
            pair_q <= 1'b0;
            seq_q  <= 14'd0;
            bank_q <= 1'b0;
            first_q <= 1'b1;
            pass_wstep_o <= 24'd0;
        end
    end

    // ---- sine and cosine. {x, y} = {sin, -}, {cos, sin}; one step turns the pair
    (* rom_style = "block" *) reg [16:0] rom [0:1023];
    initial $readmemh({`PW_GEN_DIR, "/pw_sine.hex"}, rom);
    reg  [16:0] rom_q;
    wire        cosine = t_q == 3'd1;                       // address of the cosine
    wire        minus  = theta_q[31] ^ (theta_q[30] && t_q == 3'd2);
    always @(posedge clk) rom_q <= rom[theta_q[29:20] ^ {10{theta_q[30] ^ cosine}}];
    reg  signed [17:0] x_q, y_q;
    reg  signed [41:0] p_q;
    wire        load = eval && (t_q == 3'd1 || t_q == 3'd2);
    wire        fix  = eval && (t_q == 3'd5 || t_q == 3'd6), fix_c = t_q[1];   // sin += p, cos -= p; unit of p: 2^-44
    wire        turn_xy = load || (eval && t_q >= 3'd3 && !last8) || (mac && !t_q[1]);
    wire signed [8:0] corr = {9{fix}} & (p_q[35:27] ^ {9{fix_c}});
    wire        half = fix && (p_q[26] ^ fix_c);
    always @(posedge clk) if (turn_xy) begin
        x_q <= load ? {minus, rom_q ^ {17{minus}}} : y_q + {{9{corr[8]}}, corr} + {17'd0, half};
        y_q <= x_q;
    end

    // ---- window: (1 - cos u) / 2 at 17 bits, lowest bit 1: no mean error
    reg  [16:0] w_q;
    always @(posedge clk) if (state_q == EVAL_W && last8) w_q <= {x_q[17], ~x_q[16:2], 1'b1};

    // ---- multiplier, one for all
    // rest of the phase r, 2^-22 turn = 2^-21 pi; times 201: unit 2^-27 as 201 / 64 is pi (1 - 3e-4)
    wire signed [9:0]  r  = {~theta_q[19], theta_q[18:11], 1'b1};
    wire signed [11:0] r3 = {{2{r[9]}}, r} + {r[9], r, 1'b0};
    wire signed [13:0] r9 = {{4{r[9]}}, r} + {r[9], r, 3'b000};
    wire signed [17:0] rk = {r3 + {{4{r9[13]}}, r9[13:6]}, r9[5:0]};
    reg  [23:0]        zmem [0:127];
    reg  signed [23:0] zbuf_q, z_q, a_q;
    reg  signed [17:0] b_q;
    always @(posedge clk) begin
        if (z_valid_i) zmem[{zbank_q, z_ch_i}] <= z_data_i;
        zbuf_q <= zmem[{~zbank_q, idx_q}];
        a_q <= eval ? {{6{rk[17]}}, rk} : state_q == WIN ? zbuf_q : z_q;
        b_q <= state_q == WIN ? {1'b0, w_q} : x_q;
        p_q <= a_q * b_q;
    end

    // ---- windowed samples: of the channel, and of the three slots
    reg signed [23:0] d0_q, d1_q, d2_q;
    always @(posedge clk) begin
        if (state_q == WIN && last4)   z_q <= p_q[40:17];
        else if ((mac && last4) || (eval && last8)) z_q <= grp_q == 2'd1 ? d1_q : grp_q == 2'd2 ? d2_q : d0_q;
        if (state_q == MAC_CH && idx_q == det_run_q[5:0])   d0_q <= z_q;
        if (state_q == MAC_CH && idx_q == det_run_q[11:6])  d1_q <= z_q;
        if (state_q == MAC_CH && idx_q == det_run_q[17:12]) d2_q <= z_q;
    end

    // ---- sums: {bank, group, index, part}, unit 2^-25 FS, 36 bits
    (* ram_style = "block", no_rw_check *) reg [35:0] acc [0:1023];
    reg  [35:0] acc_q;
    wire        busy  = mac && (t_q == 3'd1 || t_q == 3'd2);
    wire [35:0] sum = (acc_q & {36{!first_q}}) + {{9{p_q[41]}}, p_q[41:15]} + {35'd0, p_q[14]};
    always @(posedge clk) begin
        acc_q <= acc[busy ? {bank_q, grp_q, idx_q, t_q[1]} : {~bank_q, rd_adr_i}];
        if (mac && t_q[1]) acc[{bank_q, grp_q, idx_q, t_q[0]}] <= sum;
    end
    wire unused = &{1'b0, p_q[13:0]};
    assign rd_ack_o = rd_i && !busy;
    assign rd_dat_o = acc_q[35:4];

`ifdef FORMAL
    // A frame is worked off in 8 N_CH + 1016 clk and nothing but its own sums is written: the other bank holds still.
    reg seen = 1'b0;
    always @(posedge clk) seen <= 1'b1;
    always @(*) if (!seen) assume (rst);
    always @(posedge clk) if (seen && !rst && !$past(rst)) begin
        if (bank_q != $past(bank_q)) assert ($past(turn) && seq_q == $past(seq_q) + 14'd1);
        if (seq_q == $past(seq_q))   assert (pass_o == $past(pass_o) && pass_wstep_o == $past(pass_wstep_o));
    end
    always @(posedge clk) if (seen && !rst) begin
        if (state_q == MAC_H)        assert (grp_q != 2'd0 && idx_q != 6'd0 && idx_q <= LAST_H);
        if (state_q == EVAL_H)       assert (grp_q == 2'd0 && idx_q != 6'd0 && idx_q < LAST_H);
        if (state_q == EVAL_W || state_q == EVAL_1) assert (grp_q == 2'd0 && idx_q == 6'd0);
        if (state_q == MAC_CH || state_q == WIN) assert (grp_q == 2'd0 && idx_q <= LAST_CH);
        cover (state_q == EVAL_W);
    end
`endif
endmodule
`default_nettype wire
