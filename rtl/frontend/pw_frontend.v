// SPDX-License-Identifier: Apache-2.0
// pw_frontend - bitstreams in, registers and pulses out: capture, decimation, integration, CT curves, bus port.
`default_nettype none
module pw_frontend #(
    parameter N_CT    = 24,               // current channels: 12, 24, 48, 54; three voltages come on top
    parameter MOD_DIV = 5,                // clocks a modulator clock
    parameter CT_CURVE = 0                // 1: pw_ct_curve corrects CTs by their current
) (
    input  wire              clk,
    input  wire              rst,
    input  wire              unsealed_i,  // programming switch is open; synchronous to clk
    input  wire [N_CT+2:0]   bits_i,      // 0..2 = Va, Vb, Vc; 3 + k = CT k
    output wire              mclk_o,
    // Wishbone B4 classic, byte offset from 0x80000000; see pw_fe_ctrl
    input  wire              wb_cyc_i,
    input  wire              wb_stb_i,
    input  wire              wb_we_i,
    input  wire [13:2]       wb_adr_i,
    input  wire [31:0]       wb_dat_i,
    output wire [31:0]       wb_dat_o,
    output wire              wb_ack_o,
    output wire              wb_err_o,
    output wire              irq_o,       // level: a window was completed since WINSEQ was last read
    // calibrated samples, sQ0.23: after DC blocker and gain, before polarity; channel order, one clock each
    output wire              z_valid_o,
    output wire [5:0]        z_ch_o,
    output wire signed [23:0] z_data_o,
    output wire              frame_o,     // one clock at the end of a frame, after the last z
    output wire              pulse_valid_o,
    output wire [5:0]        pulse_ch_o   // CT number
);
    localparam N_CH = N_CT + 3;
    localparam AW   = $clog2(N_CH + 1) + 5;

    wire               s_valid /*verilator public_flat_rd*/;
    wire               s_ready /*verilator public_flat_rd*/;
    wire        [5:0]  s_ch    /*verilator public_flat_rd*/;
    wire signed [23:0] s_data  /*verilator public_flat_rd*/;
    wire        [15:0] win_seq /*verilator public_flat_rd*/;
    wire               overrun /*verilator public_flat_rd*/; // the tests prove that it stays 0

    wire        dly_we, cpu_req, cpu_we, cpu_live, cpu_ack, busy, bank, look, neg, low, take, close;
    wire        open, c_stb, c_ack, c_err, c_dly_we, req, we, live, ack;
    wire [5:0]  dly_ch, c_dly_ch;
    wire [AW-1:0] cpu_addr, addr;
    wire [7:0]  dly, c_dly, cycles;
    wire [31:0] rdata, cpu_wdata, wdata, c_dat;
    wire [1:0]  zc_src;
    wire [12:0] timeout;
    wire [5:0]  min_run;
    wire [24:0] info;

    pw_decimate #(.N_CH(N_CH), .MOD_DIV(MOD_DIV)) decimate (
        .clk(clk), .rst(rst), .bits_i(bits_i), .mclk_o(mclk_o),
        .dly_we_i(dly_we), .dly_ch_i(dly_ch), .dly_i(dly),
        .s_valid_o(s_valid), .s_ready_i(s_ready), .s_ch_o(s_ch), .s_data_o(s_data), .overrun_o(overrun));

    pw_integrate #(.N_CH(N_CH), .MOD_DIV(MOD_DIV), .CT_CURVE(CT_CURVE)) integrate (
        .clk(clk), .rst(rst),
        .s_valid_i(s_valid), .s_ready_o(s_ready), .s_ch_i(s_ch), .s_data_i(s_data),
        .zc_src_i(zc_src), .look_o(look), .neg_o(neg), .low_o(low), .take_o(take), .close_i(close), .info_i(info),
        .bank_i(bank), .busy_o(busy), .frame_o(frame_o),
        .cpu_req_i(req), .cpu_we_i(we), .cpu_live_i(live), .cpu_addr_i(addr), .cpu_wdata_i(wdata),
        .cpu_ack_o(ack), .cpu_rdata_o(rdata),
        .z_valid_o(z_valid_o), .z_ch_o(z_ch_o), .z_data_o(z_data_o),
        .pulse_valid_o(pulse_valid_o), .pulse_ch_o(pulse_ch_o));

    pw_line line (
        .clk(clk), .rst(rst), .cycles_i(cycles), .timeout_i(timeout), .min_run_i(min_run),
        .look_i(look), .neg_i(neg), .low_i(low), .take_i(take), .close_o(close), .info_o(info));

    pw_fe_ctrl #(.N_CH(N_CH)) ctrl (
        .clk(clk), .rst(rst), .unsealed_i(unsealed_i), .open_o(open),
        .wb_cyc_i(wb_cyc_i), .wb_stb_i(c_stb), .wb_we_i(wb_we_i), .wb_adr_i(wb_adr_i), .wb_dat_i(wb_dat_i),
        .wb_dat_o(c_dat), .wb_ack_o(c_ack), .wb_err_o(c_err), .irq_o(irq_o),
        .cpu_req_o(cpu_req), .cpu_we_o(cpu_we), .cpu_live_o(cpu_live), .cpu_addr_o(cpu_addr), .cpu_wdata_o(cpu_wdata),
        .cpu_ack_i(cpu_ack), .cpu_rdata_i(rdata),
        .cycles_o(cycles), .zc_src_o(zc_src), .timeout_o(timeout), .min_run_o(min_run), .busy_i(busy), .overrun_i(overrun), .frame_i(frame_o),
        .win_seq_o(win_seq), .bank_o(bank), .dly_we_o(c_dly_we), .dly_ch_o(c_dly_ch), .dly_o(c_dly));

    // CT curves: their tables are words 128 and up of the control page; they share pw_fe_ctrl's way to bank and delays.
    generate if (CT_CURVE != 0) begin : curves
        wire        at_curve = wb_adr_i[13:12] == 2'b01 & |wb_adr_i[11:9];
        wire [31:0] k_dat;
        wire        k_ack, k_err;
        pw_ct_curve #(.N_CT(N_CT)) curve (
            .clk(clk), .rst(rst), .open_i(open),
            .stb_i(wb_cyc_i & wb_stb_i & at_curve), .we_i(wb_we_i), .adr_i(wb_adr_i[11:2]), .dat_i(wb_dat_i),
            .dat_o(k_dat), .ack_o(k_ack), .err_o(k_err),
            .z_valid_i(z_valid_o), .z_ch_i(z_ch_o), .frame_i(frame_o), .busy_i(busy), .bank_i(bank),
            .c_req_i(cpu_req), .c_we_i(cpu_we), .c_live_i(cpu_live), .c_addr_i(cpu_addr), .c_wdata_i(cpu_wdata), .c_ack_o(cpu_ack),
            .req_o(req), .we_o(we), .live_o(live), .addr_o(addr), .wdata_o(wdata), .ack_i(ack), .rdata_i(rdata),
            .c_dly_we_i(c_dly_we), .c_dly_ch_i(c_dly_ch), .c_dly_i(c_dly), .dly_we_o(dly_we), .dly_ch_o(dly_ch), .dly_o(dly));
        assign c_stb    = wb_stb_i & ~at_curve;
        assign wb_dat_o = at_curve ? k_dat : c_dat;
        assign wb_ack_o = at_curve ? k_ack : c_ack;
        assign wb_err_o = at_curve ? k_err : c_err;
    end else begin : no_curves
        wire unused = open;
        assign {c_stb, wb_dat_o, wb_ack_o, wb_err_o} = {wb_stb_i, c_dat, c_ack, c_err};
        assign {req, we, live, addr, wdata, cpu_ack} = {cpu_req, cpu_we, cpu_live, cpu_addr, cpu_wdata, ack};
        assign {dly_we, dly_ch, dly} = {c_dly_we, c_dly_ch, c_dly};
    end endgenerate
endmodule
`default_nettype wire
