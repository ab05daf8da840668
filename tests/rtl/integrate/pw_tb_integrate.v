// SPDX-License-Identifier: Apache-2.0
// pw_tb_integrate - pw_frontend without its decimator: the test feeds the samples.
`default_nettype none
module pw_tb_integrate #(
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
    output wire        z_valid_o,
    output wire [5:0]  z_ch_o,
    output wire [23:0] z_data_o,
    output wire        frame_o,
    output wire [15:0] win_seq_o
);
    localparam N_CH = N_CT + 3, AW = $clog2(N_CH + 1) + 5;
    wire          cpu_req, cpu_we, cpu_live, cpu_ack, busy, bank, look, neg, low, take, close;
    wire [AW-1:0] cpu_addr;
    wire [31:0]   cpu_rdata, cpu_wdata;
    wire [7:0]    cycles;
    wire [1:0]    zc_src;
    wire [12:0]   timeout;
    wire [5:0]    min_run;
    wire [24:0]   info;

    pw_integrate #(.N_CH(N_CH), .MOD_DIV(MOD_DIV)) integrate (
        .clk(clk), .rst(rst),
        .s_valid_i(s_valid_i), .s_ready_o(s_ready_o), .s_ch_i(s_ch_i), .s_data_i(s_data_i),
        .zc_src_i(zc_src), .look_o(look), .neg_o(neg), .low_o(low), .take_o(take), .close_i(close), .info_i(info),
        .bank_i(bank), .busy_o(busy), .frame_o(frame_o),
        .cpu_req_i(cpu_req), .cpu_we_i(cpu_we), .cpu_live_i(cpu_live), .cpu_addr_i(cpu_addr), .cpu_wdata_i(cpu_wdata),
        .cpu_ack_o(cpu_ack), .cpu_rdata_o(cpu_rdata),
        .z_valid_o(z_valid_o), .z_ch_o(z_ch_o), .z_data_o(z_data_o),
        .pulse_valid_o(pulse_valid_o), .pulse_ch_o(pulse_ch_o));
    pw_line line (
        .clk(clk), .rst(rst), .cycles_i(cycles), .timeout_i(timeout), .min_run_i(min_run),
        .look_i(look), .neg_i(neg), .low_i(low), .take_i(take), .close_o(close), .info_o(info));
    /* verilator lint_off PINCONNECTEMPTY */
    pw_fe_ctrl #(.N_CH(N_CH)) ctrl (
        .clk(clk), .rst(rst), .unsealed_i(unsealed_i), .open_o(),
        .wb_cyc_i(wb_cyc_i), .wb_stb_i(wb_stb_i), .wb_we_i(wb_we_i), .wb_adr_i(wb_adr_i), .wb_dat_i(wb_dat_i),
        .wb_dat_o(wb_dat_o), .wb_ack_o(wb_ack_o), .wb_err_o(wb_err_o), .irq_o(irq_o),
        .cpu_req_o(cpu_req), .cpu_we_o(cpu_we), .cpu_live_o(cpu_live), .cpu_addr_o(cpu_addr), .cpu_wdata_o(cpu_wdata),
        .cpu_ack_i(cpu_ack), .cpu_rdata_i(cpu_rdata),
        .cycles_o(cycles), .zc_src_o(zc_src), .timeout_o(timeout), .min_run_o(min_run), .busy_i(busy), .overrun_i(1'b0), .frame_i(frame_o),
        .win_seq_o(win_seq_o), .bank_o(bank), .dly_we_o(), .dly_ch_o(), .dly_o());
    /* verilator lint_on PINCONNECTEMPTY */
endmodule
`default_nettype wire
