// SPDX-License-Identifier: CERN-OHL-P-2.0
`default_nettype none
// pw_spi - SPI master, mode 0, MSB first, 1..4 bytes a transfer. Registers: pw_spi in rtl/regs/pw_soc.rdl.
//   SCK = clk / (2 (div + 1)). MISO is taken at the clk edge that raises SCK. Writes of DATA and CTRL are ignored while busy.
module pw_spi (
    input  wire        clk,
    input  wire        rst,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output reg  [31:0] dat_o,
    output reg         sck_o,
    output wire        mosi_o,
    input  wire        miso_i,
    output wire [3:0]  cs_n_o
);
    `include "pw_regs.vh"
    localparam [63:0] A_DATA = `PW_SPI_DATA_BASE_ADDR(0), A_CTRL = `PW_SPI_CTRL_BASE_ADDR(0), A_STATUS = `PW_SPI_STATUS_BASE_ADDR(0);
    reg  [31:0] sr_q;
    reg  [3:0]  cs_q;
    reg  [1:0]  len_q;
    reg  [7:0]  div_q, cnt_q;
    reg  [4:0]  left_q;                   // bits to go, minus 1
    reg         busy_q, in_q;

    assign cs_n_o = ~cs_q;
    assign mosi_o = sr_q[{len_q, 3'd7}];

    always @(*) begin
        dat_o = 32'd0;
        if (adr_i == A_DATA[7:2])
            dat_o = {sr_q[31:24] & {8{len_q == 2'd3}}, sr_q[23:16] & {8{len_q[1]}}, sr_q[15:8] & {8{len_q != 2'd0}}, sr_q[7:0]};
        if (adr_i == A_CTRL[7:2])   dat_o = {16'd0, div_q, 2'd0, len_q, cs_q};
        if (adr_i == A_STATUS[7:2]) dat_o = {31'd0, busy_q};
    end

    always @(posedge clk) begin
        if (!busy_q) begin
            cnt_q  <= div_q;
            left_q <= {len_q, 3'd7};
            if (stb_i && we_i && adr_i == A_DATA[7:2]) begin
                sr_q   <= dat_i;
                busy_q <= 1'b1;
            end
            if (stb_i && we_i && adr_i == A_CTRL[7:2]) {div_q, len_q, cs_q} <= {dat_i[15:8], dat_i[5:4], dat_i[3:0]};
        end else begin
            cnt_q <= cnt_q - 1'b1;
            if (cnt_q == 8'd0) begin
                cnt_q <= div_q;
                sck_o <= !sck_o;
                if (!sck_o) in_q <= miso_i;
                else begin
                    sr_q   <= {sr_q[30:0], in_q};
                    left_q <= left_q - 1'b1;
                    if (left_q == 5'd0) busy_q <= 1'b0;
                end
            end
        end
        if (rst) begin
            busy_q <= 1'b0;
            sck_o  <= 1'b0;
            cs_q   <= 4'd0;
            len_q  <= 2'd0;
            div_q  <= 8'd0;
        end
    end
endmodule
`default_nettype wire
