// SPDX-License-Identifier: Apache-2.0
// tb_decimate - the decimator with its stage boundaries brought out for the test bench.
`default_nettype none
module tb_decimate #(
    parameter N_CH    = 27,
    parameter MOD_DIV = 6
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [63:0] bits_i,            // those beyond N_CH: not connected
    output wire        mclk_o,
    input  wire        dly_we_i,
    input  wire [5:0]  dly_ch_i,
    input  wire [7:0]  dly_i,
    output wire        s_valid_o,
    input  wire        s_ready_i,
    output wire [5:0]  s_ch_o,
    output wire [23:0] s_data_o,
    output wire        overrun_o,
    // taps
    output wire        tick_o,
    output wire        start_o,
    output wire        clr_o,
    output wire [6:0]  f_o,
    output wire [7:0]  read_label_o,      // channel whose delay is being read
    output wire [7:0]  label_o,
    output wire [7:0]  byte_o,
    output wire        y_valid_o,
    output wire [23:0] y_o,
    output wire        differ_o           // netlist build: it does something else than the RTL
);
    pw_decimate #(.N_CH(N_CH), .MOD_DIV(MOD_DIV)) dut (
        .clk(clk), .rst(rst), .bits_i(bits_i[N_CH-1:0]), .mclk_o(mclk_o),
        .dly_we_i(dly_we_i), .dly_ch_i(dly_ch_i), .dly_i(dly_i),
        .s_valid_o(s_valid_o), .s_ready_i(s_ready_i), .s_ch_o(s_ch_o), .s_data_o(s_data_o), .overrun_o(overrun_o));
    wire unused = &{1'b0, bits_i};
    assign tick_o       = dut.tick;
    assign start_o      = dut.start;
    assign clr_o        = dut.clr;
    assign f_o          = dut.f;
    assign read_label_o = 8'(dut.u_capture.q_q);
    assign label_o      = 8'(dut.label_w);
    assign byte_o       = dut.byte_w;
    assign y_valid_o    = dut.y_valid;
    assign y_o          = dut.y;
`ifdef NETLIST
    wire        n_mclk, n_valid, n_overrun;
    wire [5:0]  n_ch;
    wire [23:0] n_data;
    pw_decimate_net net (
        .clk(clk), .rst(rst), .bits_i(bits_i[N_CH-1:0]), .mclk_o(n_mclk),
        .dly_we_i(dly_we_i), .dly_ch_i(dly_ch_i), .dly_i(dly_i),
        .s_valid_o(n_valid), .s_ready_i(s_ready_i), .s_ch_o(n_ch), .s_data_o(n_data), .overrun_o(n_overrun));
    assign differ_o = {mclk_o, s_valid_o, overrun_o} != {n_mclk, n_valid, n_overrun}
                      || (s_valid_o && {s_ch_o, s_data_o} != {n_ch, n_data});
`else
    assign differ_o = 1'b0;
`endif
endmodule
`default_nettype wire
