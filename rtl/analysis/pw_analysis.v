// SPDX-License-Identifier: Apache-2.0
// pw_analysis - all that looks at the calibrated samples and never touches energy: spectrum, half cycles, waveform ring. Bus slave.
//   z stream: one strobe a channel in channel order, at least 12 clk apart; frame_i at the frame's end, at least 12 clk after the last strobe
//   bus:      stb held until ack or err; ack 1 clk after stb or, if the spectrum's memory is in use, up to 3 later. Registers: pw_analysis.rdl
`default_nettype none
module pw_analysis #(
    parameter N_CH      = 27,             // 15, 27, 51, 57
    parameter RING_LOG2 = 11,             // log2 of the frames in the ring, 0: no ring
    parameter FRAME_CLK = 2560            // clk from frame_i to frame_i, at least
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               z_valid_i,
    input  wire        [5:0]  z_ch_i,
    input  wire signed [23:0] z_data_i,   // s24, sQ0.23
    input  wire               frame_i,
    // Wishbone B4 classic, byte offset from 0x80010000
    input  wire               wb_stb_i,
    input  wire               wb_we_i,
    input  wire        [11:2] wb_adr_i,
    input  wire        [31:0] wb_dat_i,
    output wire        [31:0] wb_dat_o,   // valid with ack
    output wire               wb_ack_o,
    output wire               wb_err_o
);
    `include "pw_regs.vh"
    generate if (8 * N_CH + 1024 > FRAME_CLK) begin : check
        pw_error_frame_is_too_short_for_the_spectrum stop ();
    end endgenerate
    localparam [63:0] A_CAPS = `PW_ANA_CAPS_BASE_ADDR, A_FRAME = `PW_ANA_FRAME_BASE_ADDR, A_PASS = `PW_ANA_PASS_BASE_ADDR,
        A_PASS_WSTEP = `PW_ANA_PASS_WSTEP_BASE_ADDR, A_STATUS = `PW_ANA_HALF_STATUS_BASE_ADDR, A_RING_STATE = `PW_ANA_RING_STATE_BASE_ADDR,
        A_RING_TRIG = `PW_ANA_RING_TRIG_BASE_ADDR, A_RING_FIRST = `PW_ANA_RING_FIRST_BASE_ADDR, A_RING_DATA = `PW_ANA_RING_DATA_BASE_ADDR,
        A_RING_POST = `PW_ANA_RING_POST_BASE_ADDR, A_STEP = `PW_ANA_STEP_BASE_ADDR, A_WSTEP = `PW_ANA_WSTEP_BASE_ADDR,
        A_DETAIL = `PW_ANA_DETAIL_BASE_ADDR, A_TIMEOUT = `PW_ANA_HALF_TIMEOUT_BASE_ADDR, A_CTRL = `PW_ANA_RING_CTRL_BASE_ADDR,
        A_LEVEL = `PW_ANA_RING_LEVEL_BASE_ADDR, A_MASK_LO = `PW_ANA_RING_MASK_LO_BASE_ADDR, A_MASK_HI = `PW_ANA_RING_MASK_HI_BASE_ADDR,
        A_RING_ADDR = `PW_ANA_RING_ADDR_BASE_ADDR, A_HALF = `PW_ANA_HALF_FRAME_BASE_ADDR;

    // ---- bus: one clk for the memories' answer; what an access does, it does with its ack
    wire       results = wb_adr_i[11];
    wire       absent  = !results && wb_adr_i[10:2] > A_RING_ADDR[10:2];
    wire [6:2] adr     = wb_adr_i[6:2];
    wire       rd_ack;
    reg        ack_q, err_q;
    wire       go = wb_stb_i && !ack_q && !err_q;
    always @(posedge clk) begin
        ack_q <= go && !absent && (!results || wb_we_i || rd_ack) && !rst;
        err_q <= go && absent && !rst;
    end
    assign wb_ack_o = ack_q;
    assign wb_err_o = err_q;
    wire act = ack_q && wb_stb_i && !results;       // a request that was withdrawn leaves no trace
    wire we  = act && wb_we_i, re = act && !wb_we_i;

    // ---- frames
    reg [31:0] frame_q;
    always @(posedge clk)
        if (rst)          frame_q <= 32'd0;
        else if (frame_i) frame_q <= frame_q + 1'b1;

    // ---- spectrum
    wire [31:0] sum, pass;
    wire [23:0] pass_wstep;
    pw_spectrum #(.N_CH(N_CH)) spectrum (
        .clk(clk), .rst(rst), .z_valid_i(z_valid_i), .z_ch_i(z_ch_i), .z_data_i(z_data_i), .frame_i(frame_i),
        .step_we_i(we && adr == A_STEP[6:2]), .wstep_we_i(we && adr == A_WSTEP[6:2]), .detail_we_i(we && adr == A_DETAIL[6:2]), .dat_i(wb_dat_i),
        .rd_i(go && results), .rd_adr_i(wb_adr_i[10:2]), .rd_ack_o(rd_ack), .rd_dat_o(sum), .pass_o(pass), .pass_wstep_o(pass_wstep));

    // ---- half cycles
    reg  [11:0] timeout_q;
    wire [31:0] half;
    wire        half_valid;
    wire [15:0] half_lost;
    always @(posedge clk)
        if (rst)                               timeout_q <= 12'd160;
        else if (we && adr == A_TIMEOUT[6:2])  timeout_q <= wb_dat_i[11:0];
    pw_halfcycle halfcycle (
        .clk(clk), .rst(rst), .z_valid_i(z_valid_i), .z_ch_i(z_ch_i), .z_data_i(z_data_i), .frame_no_i(frame_q), .timeout_i(timeout_q),
        .pop_i(we && adr == A_STATUS[6:2] && wb_dat_i[31]), .adr_i(wb_adr_i[3:2]), .dat_o(half), .valid_o(half_valid), .lost_o(half_lost));

    // ---- ring
    reg  [11:0] post_q;
    wire [13:0] ring_state;
    wire [31:0] ring_trig, ring_first;
    wire signed [15:0] ring_dat;
    generate if (RING_LOG2 != 0) begin : g_ring
        reg  [7:0]  shift_q;
        reg  [30:0] level_q;
        reg  [63:0] mask_q;
        always @(posedge clk) begin
            if (we && adr == A_CTRL[6:2] && wb_dat_i[8]) shift_q <= wb_dat_i[7:0];
            if (we && adr == A_LEVEL[6:2])     level_q <= wb_dat_i[30:0];
            if (we && adr == A_MASK_LO[6:2])   mask_q[31:0]  <= wb_dat_i;
            if (we && adr == A_MASK_HI[6:2])   mask_q[63:32] <= wb_dat_i;
            if (rst)                                 post_q <= 12'd0;
            else if (we && adr == A_RING_POST[6:2])  post_q <= wb_dat_i[11:0];
        end
        pw_ring #(.N_CH(N_CH), .LOG2(RING_LOG2)) ring (
            .clk(clk), .rst(rst), .z_valid_i(z_valid_i), .z_ch_i(z_ch_i), .z_data_i(z_data_i), .frame_i(frame_i), .frame_no_i(frame_q),
            .arm_i(we && adr == A_CTRL[6:2] && wb_dat_i[8]), .trigger_i(we && adr == A_CTRL[6:2] && wb_dat_i[9]),
            .shift_v_i(shift_q[3:0]), .shift_i_i(shift_q[7:4]), .level_v_i(level_q[14:0]), .level_i_i(level_q[30:16]), .mask_i(mask_q), .post_i(post_q),
            .state_o(ring_state), .trig_o(ring_trig), .first_o(ring_first),
            .addr_we_i(we && adr == A_RING_ADDR[6:2]), .addr_i(wb_dat_i[16:0]), .next_i(re && adr == A_RING_DATA[6:2]), .dat_o(ring_dat));
        wire unused = &{1'b0, level_q[15]};
    end else begin : g_no_ring
        always @(*) post_q = 12'd0;
        assign ring_state = 14'd0;
        assign ring_trig  = 32'd0;
        assign ring_first = 32'd0;
        assign ring_dat   = 16'sd0;
        wire unused = re;
    end endgenerate

    // ---- answer
    localparam [31:0] CAPS = N_CH | (RING_LOG2 << 8);
    // one source at a time
    wire        is_half = adr[6:4] == A_HALF[6:4] && adr[3:2] != 2'd3;
    wire [31:0] control = (half & {32{is_half}}) | (CAPS & {32{adr == A_CAPS[6:2]}}) | (frame_q & {32{adr == A_FRAME[6:2]}})
        | (pass & {32{adr == A_PASS[6:2]}}) | ({8'd0, pass_wstep} & {32{adr == A_PASS_WSTEP[6:2]}})
        | ({half_valid, 15'd0, half_lost} & {32{adr == A_STATUS[6:2]}}) | ({18'd0, ring_state} & {32{adr == A_RING_STATE[6:2]}})
        | (ring_trig & {32{adr == A_RING_TRIG[6:2]}}) | (ring_first & {32{adr == A_RING_FIRST[6:2]}})
        | ({{16{ring_dat[15]}}, ring_dat} & {32{adr == A_RING_DATA[6:2]}}) | ({20'd0, post_q} & {32{adr == A_RING_POST[6:2]}});
    assign wb_dat_o = results ? sum : control;
endmodule
`default_nettype wire
