// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_spi - two SPI master ports, mode 0, MSB first, 1..4 bytes a transfer. Registers: pw_spi in rtl/regs/pw_soc.rdl.
//   One shift register serves both ports (it saves 150 cells on UP5K, and the firmware waits for each transfer anyway):
//   busy and the received bytes are those of the last transfer, on whichever port.
//   SCK = clk / (2 (div + 1)). MISO is taken at the clk edge that raises SCK. Writes of DATA and CTRL are ignored while busy.
module pw_spi (
    input  wire        clk,
    input  wire        rst,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire        port_i,            // the access is to this port's registers
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output reg  [31:0] dat_o,
    output wire [1:0]  sck_o,
    output wire [1:0]  mosi_o,
    input  wire [1:0]  miso_i,
    output wire [7:0]  cs_n_o,            // port 0: 3:0, port 1: 7:4
    output wire        busy0_o            // port 0 transfers
);
    `include "pw_regs.vh"
    localparam [63:0] A_DATA = `PW_SPI_DATA_BASE_ADDR(0), A_CTRL = `PW_SPI_CTRL_BASE_ADDR(0), A_STATUS = `PW_SPI_STATUS_BASE_ADDR(0);
    reg  [13:0] ctrl0_q, ctrl1_q;         // div, len, cs of each port
    reg  [31:0] sr_q;
    reg  [1:0]  len_q;                    // of the transfer
    reg  [7:0]  cnt_q;
    reg  [4:0]  left_q;                   // bits to go, minus 1
    reg         port_q, sck_q, busy_q, in_q;

    wire [13:0] ctrl = port_i ? ctrl1_q : ctrl0_q;
    wire [7:0]  div  = port_q ? ctrl1_q[13:6] : ctrl0_q[13:6];
    assign cs_n_o = ~{ctrl1_q[3:0], ctrl0_q[3:0]};
    assign busy0_o = busy_q && !port_q;
    assign sck_o  = {sck_q && port_q, sck_q && !port_q};
    assign mosi_o = {2{sr_q[{len_q, 3'd7}]}};

    always @(*) begin
        dat_o = 32'd0;
        if (adr_i == A_DATA[7:2])
            dat_o = {sr_q[31:24] & {8{len_q == 2'd3}}, sr_q[23:16] & {8{len_q[1]}}, sr_q[15:8] & {8{len_q != 2'd0}}, sr_q[7:0]};
        if (adr_i == A_CTRL[7:2])   dat_o = {16'd0, ctrl[13:6], 2'd0, ctrl[5:0]};
        if (adr_i == A_STATUS[7:2]) dat_o = {31'd0, busy_q};
    end

    always @(posedge clk) begin
        cnt_q <= (!busy_q || cnt_q == 8'd0) ? div : cnt_q - 1'b1;
        if (!busy_q) begin
            if (stb_i && we_i && adr_i == A_DATA[7:2]) begin
                sr_q   <= dat_i;
                busy_q <= 1'b1;
                port_q <= port_i;
                len_q  <= ctrl[5:4];
                left_q <= {ctrl[5:4], 3'd7};
                cnt_q  <= ctrl[13:6];
            end
            if (stb_i && we_i && adr_i == A_CTRL[7:2]) begin
                if (port_i) ctrl1_q <= {dat_i[15:8], dat_i[5:0]};
                else        ctrl0_q <= {dat_i[15:8], dat_i[5:0]};
            end
        end else if (cnt_q == 8'd0) begin
            sck_q <= !sck_q;
            if (!sck_q) in_q <= miso_i[port_q];
            else begin
                sr_q   <= {sr_q[30:0], in_q};
                left_q <= left_q - 1'b1;
                if (left_q == 5'd0) busy_q <= 1'b0;
            end
        end
        if (rst) begin
            busy_q  <= 1'b0;
            sck_q   <= 1'b0;
            port_q  <= 1'b0;
            len_q   <= 2'd0;
            ctrl0_q <= 14'd0;
            ctrl1_q <= 14'd0;
        end
    end
endmodule
`default_nettype wire
