// SPDX-License-Identifier: Apache-2.0
// pw_decimate - N_CH one-bit streams at fmod = clk / MOD_DIV in, s24 samples at fs = fmod / 512 out.
//   s_data_o  sQ0.23, FS = +-1.0 = all ones / all zeros; 0..N_CH-1 in order, all of one instant
// The first 30 sets after rst are not given out, as the filters still hold what was before. Delays are 0 after rst;
// they may be written from 100 clk after rst on. Description, figures: docs/decimate.md. Tables: build/gen, made by
// scripts/fir_design.py; with another working directory than the repository root give -DPW_GEN_DIR=\"...\".
`default_nettype none
module pw_decimate #(
    parameter N_CH    = 27,               // 15 (MOD_DIV 4, 5, 6), 27 (5, 6), 51, 57 (11, 12)
    parameter MOD_DIV = 5                 // clk per modulator period
) (
    input  wire               clk,
    input  wire               rst,        // synchronous, active high
    input  wire [N_CH-1:0]    bits_i,     // sampled at the end of each modulator period
    output wire               mclk_o,     // modulator clock, high in the first half of the period
    // delay of a channel in modulator clocks, 0..239; strobe. Channels beyond N_CH are ignored.
    input  wire               dly_we_i,
    input  wire [5:0]         dly_ch_i,
    input  wire [7:0]         dly_i,
    // samples: transfer when valid and ready; valid never waits for ready; data hold until taken
    output wire               s_valid_o,
    input  wire               s_ready_i,
    output wire [5:0]         s_ch_o,
    output wire signed [23:0] s_data_o,
    output wire               overrun_o   // sticky: the consumer was too slow, sets are lost or mixed since
);
    localparam FRAME = 8 * MOD_DIV;       // clk
    localparam AW    = $clog2(FRAME);     // labels: every clk of a frame has its own
    generate
        if (N_CH != 15 && N_CH != 27 && N_CH != 51 && N_CH != 57) begin : check_ch
            pw_error_N_CH_must_be_15_27_51_57 stop ();
        end
        if (N_CH <= 27 ? MOD_DIV != 5 && MOD_DIV != 6 && !(MOD_DIV == 4 && N_CH == 15) : MOD_DIV != 11 && MOD_DIV != 12) begin : check_div
            pw_error_MOD_DIV_must_be_5_6_or_4_at_15_or_11_12_above_27_channels stop ();
        end
        if (N_CH + 13 > FRAME) begin : check_fit    // last channel's state is written 13 clk after its visit began
            pw_error_channels_do_not_fit_the_frame stop ();
        end
        if (17 * N_CH + 2 * FRAME > 16 * FRAME) begin : check_filters
            pw_error_channels_do_not_fit_the_filters stop ();
        end
    endgenerate

    wire          tick, start, clr, live, y_valid, y_last;
    wire [2:0]    t;
    wire [6:0]    f;
    wire [7:0]    byte_w;
    wire [AW-1:0] label_w;
    wire signed [23:0] y;
    pw_modclk #(.MOD_DIV(MOD_DIV)) u_modclk (
        .clk(clk), .rst(rst), .mclk_o(mclk_o), .tick_o(tick), .t_o(t), .f_o(f), .start_o(start), .clr_o(clr), .live_o(live));
    pw_capture #(.N_CH(N_CH), .AW(AW)) u_capture (
        .clk(clk), .bits_i(bits_i), .tick_i(tick), .start_i(start), .clr_i(clr), .sweep_i(clr && f[6:1] == 6'd0),
        .t_i(t), .f_i(f[4:0]), .dly_we_i(dly_we_i), .dly_ch_i(dly_ch_i), .dly_i(dly_i),
        .byte_o(byte_w), .label_o(label_w));
    pw_cic #(.N_CH(N_CH), .AW(AW)) u_cic (
        .clk(clk), .rst(rst), .clr_i(clr), .start_i(start), .f_i(f), .byte_i(byte_w), .label_i(label_w),
        .y_valid_o(y_valid), .y_last_o(y_last), .y_o(y));
    pw_fir #(.N_CH(N_CH)) u_fir (
        .clk(clk), .rst(rst), .x_valid_i(y_valid), .x_i(y), .x_last_i(y_last), .age_i(f[5:4]), .live_i(live),
        .s_valid_o(s_valid_o), .s_ready_i(s_ready_i), .s_ch_o(s_ch_o), .s_data_o(s_data_o), .overrun_o(overrun_o));
endmodule
`default_nettype wire
