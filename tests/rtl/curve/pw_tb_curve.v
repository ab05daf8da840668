// SPDX-License-Identifier: Apache-2.0
// pw_tb_curve - pw_frontend with curves but without its decimator: the test feeds the samples and sees the delays.
`default_nettype none
module pw_tb_curve #(
    parameter N_CT = 24, parameter MOD_DIV = 5
) (
    input  wire        clk, rst, unsealed_i,
    input  wire        s_valid_i,
    output wire        s_ready_o,
    input  wire [5:0]  s_ch_i,
    input  wire [23:0] s_data_i,
    input  wire        wb_cyc_i, wb_stb_i, wb_we_i,
    input  wire [13:2] wb_adr_i,
    input  wire [31:0] wb_dat_i,
    output wire [31:0] wb_dat_o,
    output wire        wb_ack_o, wb_err_o, irq_o, pulse_valid_o,
    output wire [5:0]  pulse_ch_o,
    output wire        frame_o,
    output wire        z_valid_o,
    output wire [5:0]  z_ch_o,
    output wire [23:0] z_data_o,
    output wire [15:0] win_seq_o,
    output wire        dly_we_o,
    output wire [5:0]  dly_ch_o,
    output wire [7:0]  dly_o,
    output wire        walking_o          // the curve block is at work
);
    localparam N_CH = N_CT + 3, AW = $clog2(N_CH + 1) + 5;
    wire          cpu_req, cpu_we, cpu_live, cpu_ack, busy, bank, look, neg, low, take, close, dly_we;
    wire          open, req, we, live, ack, c_ack, c_err, k_ack, k_err;
    wire [AW-1:0] cpu_addr, addr;
    wire [31:0]   cpu_wdata, wdata, rdata, c_dat, k_dat;
    wire [7:0]    cycles, dly;
    wire [5:0]    dly_ch;
    wire [1:0]    zc_src;
    wire [12:0]   timeout;
    wire [5:0]    min_run;
    wire [24:0]   info;
    wire          at_curve = wb_adr_i[13:12] == 2'b01 & |wb_adr_i[11:9];
    wire          stb = wb_cyc_i & wb_stb_i;

    pw_integrate #(.N_CH(N_CH), .MOD_DIV(MOD_DIV), .CT_CURVE(1)) integrate (
        .clk(clk), .rst(rst),
        .s_valid_i(s_valid_i), .s_ready_o(s_ready_o), .s_ch_i(s_ch_i), .s_data_i(s_data_i),
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
        .wb_cyc_i(wb_cyc_i), .wb_stb_i(wb_stb_i & ~at_curve), .wb_we_i(wb_we_i), .wb_adr_i(wb_adr_i), .wb_dat_i(wb_dat_i),
        .wb_dat_o(c_dat), .wb_ack_o(c_ack), .wb_err_o(c_err), .irq_o(irq_o),
        .cpu_req_o(cpu_req), .cpu_we_o(cpu_we), .cpu_live_o(cpu_live), .cpu_addr_o(cpu_addr), .cpu_wdata_o(cpu_wdata),
        .cpu_ack_i(cpu_ack), .cpu_rdata_i(rdata),
        .cycles_o(cycles), .zc_src_o(zc_src), .timeout_o(timeout), .min_run_o(min_run), .busy_i(busy), .overrun_i(1'b0), .frame_i(frame_o),
        .win_seq_o(win_seq_o), .bank_o(bank), .dly_we_o(dly_we), .dly_ch_o(dly_ch), .dly_o(dly));
    pw_ct_curve #(.N_CT(N_CT)) curve (
        .clk(clk), .rst(rst), .open_i(open),
        .stb_i(stb & at_curve), .we_i(wb_we_i), .adr_i(wb_adr_i[11:2]), .dat_i(wb_dat_i), .dat_o(k_dat), .ack_o(k_ack), .err_o(k_err),
        .z_valid_i(z_valid_o), .z_ch_i(z_ch_o), .frame_i(frame_o), .busy_i(busy), .bank_i(bank),
        .c_req_i(cpu_req), .c_we_i(cpu_we), .c_live_i(cpu_live), .c_addr_i(cpu_addr), .c_wdata_i(cpu_wdata), .c_ack_o(cpu_ack),
        .req_o(req), .we_o(we), .live_o(live), .addr_o(addr), .wdata_o(wdata), .ack_i(ack), .rdata_i(rdata),
        .c_dly_we_i(dly_we), .c_dly_ch_i(dly_ch), .c_dly_i(dly), .dly_we_o(dly_we_o), .dly_ch_o(dly_ch_o), .dly_o(dly_o));
    assign wb_dat_o = at_curve ? k_dat : c_dat;
    assign wb_ack_o = at_curve ? k_ack : c_ack;
    assign wb_err_o = at_curve ? k_err : c_err;
    assign walking_o = curve.state_q != 3'd0;
endmodule
`default_nettype wire
