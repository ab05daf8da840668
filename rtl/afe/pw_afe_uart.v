// SPDX-License-Identifier: Apache-2.0
// pw_afe_uart - bytes over two wires, 8N1. A bit lasts div_i + 1 clk, div_i >= 7.
//   A byte with a bad stop bit is dropped; break_o tells a line that stays low for 2^17 clk (a break: the host asks for the first bit rate).
`default_nettype none
module pw_afe_uart (
    input  wire        clk,
    input  wire        rst,
    input  wire [15:0] div_i,
    input  wire        rx_i,              // asynchronous
    output reg         tx_o,
    output reg         rx_valid_o,        // one clk
    output reg  [7:0]  rx_data_o,
    input  wire        tx_valid_i,        // transfer when valid and ready; data hold until taken
    output wire        tx_ready_o,
    input  wire [7:0]  tx_data_i,
    output wire        idle_o,            // nothing is being sent
    output wire        break_o
);
    // receiver: the start bit is looked at in its middle, then a sample each bit time
    reg  [2:0]  sync_q;                   // three, so that the spike check below sees a settled line
    reg  [15:0] rx_cnt_q;
    reg  [3:0]  rx_bit_q;                 // 0 idle, 1 start, 2..9 data, 10 stop, 11 wait for a line at rest
    reg  [7:0]  rx_sr_q;
    reg  [17:0] low_q;
    wire        rx = sync_q[2];
    wire        rx_now = rx_cnt_q == 16'd0;
    assign break_o = low_q[17];
    always @(posedge clk) begin
        sync_q     <= {sync_q[1:0], rx_i};
        rx_valid_o <= 1'b0;
        rx_cnt_q   <= rx_now ? div_i : rx_cnt_q - 1'b1;
        low_q      <= rx ? 18'd0 : low_q[17] ? low_q : low_q + 1'b1;
        if (rx_bit_q == 4'd0) begin
            rx_cnt_q <= {1'b0, div_i[15:1]};
            if (!rx) rx_bit_q <= 4'd1;
        end else if (rx_bit_q == 4'd11) begin
            if (rx) rx_bit_q <= 4'd0;
        end else if (rx_now) begin
            rx_bit_q <= rx_bit_q + 1'b1;
            rx_sr_q  <= {rx, rx_sr_q[7:1]};
            if (rx_bit_q == 4'd1 && rx) rx_bit_q <= 4'd0;      // a spike
            if (rx_bit_q == 4'd10) begin
                rx_valid_o <= rx;
                rx_data_o  <= rx_sr_q;
                rx_bit_q   <= rx ? 4'd0 : 4'd11;
            end
        end
        if (rst) begin
            sync_q     <= 3'b111;
            rx_bit_q   <= 4'd0;
            rx_valid_o <= 1'b0;
            low_q      <= 18'd0;
        end
    end

    // sender
    reg  [15:0] tx_cnt_q;
    reg  [3:0]  tx_bit_q;                 // bits left, start and stop bit included
    reg  [8:0]  tx_sr_q;
    assign tx_ready_o = tx_bit_q == 4'd0;
    assign idle_o     = tx_bit_q == 4'd0;
    always @(posedge clk) begin
        tx_cnt_q <= tx_cnt_q - 1'b1;
        if (tx_bit_q == 4'd0) begin
            tx_o     <= 1'b1;
            tx_cnt_q <= div_i;
            if (tx_valid_i) begin
                tx_o     <= 1'b0;
                tx_sr_q  <= {1'b1, tx_data_i};
                tx_bit_q <= 4'd10;
            end
        end else if (tx_cnt_q == 16'd0) begin
            tx_cnt_q <= div_i;
            tx_bit_q <= tx_bit_q - 1'b1;
            tx_o     <= tx_sr_q[0];
            tx_sr_q  <= {1'b1, tx_sr_q[8:1]};
        end
        if (rst) begin
            tx_bit_q <= 4'd0;
            tx_o     <= 1'b1;
        end
    end
endmodule
`default_nettype wire
