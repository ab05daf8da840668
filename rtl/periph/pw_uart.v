// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_uart - 8 data bits, parity none, odd or even, 1 or 2 stop bits, one byte buffered each way. Registers: pw_uart in rtl/regs/pw_soc.rdl.
//   After a pause the sender first gives one bit time of 1, with busy_o high: an RS-485 driver has that long to switch on.
//   A received byte is handed on even with bad parity or stop bit; the flag tells.
module pw_uart (
    input  wire        clk,
    input  wire        rst,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,             // word in this block's 256 bytes
    input  wire [31:0] dat_i,
    output reg  [18:0] dat_o,
    input  wire        rx_i,
    output reg         tx_o,
    output wire        busy_o,            // sending: from one bit before the start bit to the end of the stop bit
    output wire        irq_o              // a received byte waits
);
    `include "pw_regs.vh"
    localparam [63:0] A_DATA = `PW_UART_DATA_BASE_ADDR(0), A_STATUS = `PW_UART_STATUS_BASE_ADDR(0), A_FORMAT = `PW_UART_FORMAT_BASE_ADDR(0);
    wire sel_data = (adr_i == A_DATA[7:2]), sel_status = (adr_i == A_STATUS[7:2]), sel_format = (adr_i == A_FORMAT[7:2]);

    reg  [15:0] div_q;
    reg  [1:0]  parity_q;
    reg         stop2_q;
    reg         overrun_q, frame_q, parity_err_q;

    // sender: byte buffer, then start bit, 8 data, parity, stop bits
    reg  [7:0]  tx_buf_q, tx_sr_q;
    reg         tx_full_q, tx_par_q;
    reg  [3:0]  tx_bit_q;                 // 0 idle, 1 lead-in, 2 start, 3..10 data, 11 parity, 12 second to last stop bit, 13 stop bit
    reg  [15:0] tx_cnt_q;
    wire        tx_next = (tx_cnt_q == 16'd0);
    assign busy_o = (tx_bit_q != 4'd0);

    // receiver
    reg  [1:0]  rx_sync_q;
    reg  [3:0]  rx_bit_q;                 // 0 idle, 1 start, 2..9 data, 10 parity, 11 stop
    reg  [15:0] rx_cnt_q;
    reg  [7:0]  rx_sr_q, rx_buf_q;
    reg         rx_valid_q, rx_par_q;
    wire        rx = rx_sync_q[1];
    wire        rx_next = (rx_cnt_q == 16'd0);
    assign irq_o = rx_valid_q;

    always @(*) begin
        dat_o = 19'd0;
        if (sel_data && rx_valid_q) dat_o = {11'd0, rx_buf_q};
        if (sel_status) dat_o = {13'd0, parity_err_q, frame_q, overrun_q, rx_valid_q, busy_o, !tx_full_q};
        if (sel_format) dat_o = {stop2_q, parity_q, div_q};
    end

    always @(posedge clk) begin
        if (stb_i && we_i && sel_format) {stop2_q, parity_q, div_q} <= dat_i[18:0];
        if (stb_i && we_i && sel_status) begin
            if (dat_i[3]) overrun_q    <= 1'b0;
            if (dat_i[4]) frame_q      <= 1'b0;
            if (dat_i[5]) parity_err_q <= 1'b0;
        end

        // send
        if (stb_i && we_i && sel_data && !tx_full_q) begin
            tx_buf_q  <= dat_i[7:0];
            tx_full_q <= 1'b1;
        end
        tx_cnt_q <= tx_cnt_q - 1'b1;
        if (tx_bit_q == 4'd0) begin
            tx_o     <= 1'b1;
            tx_cnt_q <= div_q;
            if (tx_full_q) tx_bit_q <= 4'd1;
        end else if (tx_next) begin
            tx_cnt_q <= div_q;
            tx_bit_q <= tx_bit_q + 1'b1;
            case (tx_bit_q)
            4'd10: begin                  // the last data bit ends
                tx_o <= tx_par_q;
                if (parity_q == 2'd0) begin
                    tx_o     <= 1'b1;
                    tx_bit_q <= stop2_q ? 4'd12 : 4'd13;
                end
            end
            4'd11: begin
                tx_o     <= 1'b1;
                tx_bit_q <= stop2_q ? 4'd12 : 4'd13;
            end
            4'd12: tx_o <= 1'b1;
            4'd1, 4'd13: begin            // next byte, or the end
                tx_o      <= !tx_full_q;
                tx_bit_q  <= tx_full_q ? 4'd2 : 4'd0;
                if (tx_full_q) tx_full_q <= 1'b0;
                tx_sr_q   <= tx_buf_q;
                tx_par_q  <= parity_q[0];
            end
            default: begin                // start bit or a data bit ends, a data bit begins
                tx_o     <= tx_sr_q[0];
                tx_par_q <= tx_par_q ^ tx_sr_q[0];
                tx_sr_q  <= {1'b0, tx_sr_q[7:1]};
            end
            endcase
        end

        // receive: the start bit is checked in its middle, then a sample each bit time
        rx_sync_q <= {rx_sync_q[0], rx_i};
        rx_cnt_q  <= rx_cnt_q - 1'b1;
        if (stb_i && !we_i && sel_data) rx_valid_q <= 1'b0;
        if (rx_bit_q == 4'd0) begin
            rx_cnt_q <= {1'b0, div_q[15:1]};
            rx_par_q <= parity_q[0];
            if (!rx) rx_bit_q <= 4'd1;
        end else if (rx_next) begin
            rx_cnt_q <= div_q;
            rx_bit_q <= rx_bit_q + 1'b1;
            if (rx_bit_q == 4'd1) begin
                if (rx) rx_bit_q <= 4'd0; // a spike
            end else if (rx_bit_q == 4'd11) begin
                rx_bit_q   <= rx ? 4'd0 : 4'd12;
                rx_buf_q   <= rx_sr_q;
                rx_valid_q <= 1'b1;
                if (rx_valid_q && !(stb_i && !we_i && sel_data)) overrun_q <= 1'b1;
                if (!rx) frame_q <= 1'b1;
                if (parity_q != 2'd0 && rx_par_q) parity_err_q <= 1'b1;
            end else if (rx_bit_q == 4'd12) begin
                rx_bit_q <= rx ? 4'd0 : 4'd12;  // a break: wait for its end
            end else begin
                rx_par_q <= rx_par_q ^ rx;
                if (rx_bit_q != 4'd10) rx_sr_q <= {rx, rx_sr_q[7:1]};
                if (rx_bit_q == 4'd9 && parity_q == 2'd0) rx_bit_q <= 4'd11;
            end
        end

        if (rst) begin
            div_q        <= 16'd216;
            parity_q     <= 2'd0;
            stop2_q      <= 1'b0;
            overrun_q    <= 1'b0;
            frame_q      <= 1'b0;
            parity_err_q <= 1'b0;
            tx_full_q    <= 1'b0;
            tx_bit_q     <= 4'd0;
            tx_o         <= 1'b1;
            rx_sync_q    <= 2'b11;
            rx_bit_q     <= 4'd0;
            rx_valid_q   <= 1'b0;
        end
    end
endmodule
`default_nettype wire
