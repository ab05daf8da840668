// SPDX-License-Identifier: Apache-2.0
// pw_afe_link - frames of bytes to register accesses. Numbers little-endian; CRC-16 of Modbus over all bytes after the first.
//   request   A5 tag command n address:2 data:4 crc:2       command 1: read n = 1..255 words; 2: write one word (n = 1)
//             address: word, (byte address - 80000000h) / 4. Always 12 bytes.
//   response  5A tag n data:4n status crc:2                 n = 0 unless words were read
//             status 0 done, 1 bad CRC, 2 bad n, 3 an address without a register (its word reads 0), 4 unknown command
// What comes before an A5 is skipped; a request that stops for 2^GAP clk is forgotten; bytes that come during a response are ignored.
`default_nettype none
module pw_afe_link #(
    parameter GAP = 18                    // log2 of the longest pause inside a request, clk
) (
    input  wire        clk,
    input  wire        rst,               // also ends a frame
    input  wire        rx_valid_i,
    input  wire [7:0]  rx_data_i,
    output reg         tx_valid_o,        // transfer when valid and ready; data hold until taken
    input  wire        tx_ready_i,
    output reg  [7:0]  tx_data_o,
    output wire        idle_o,            // waiting for a request
    // registers: request until ack or err, which come with the data
    output reg         stb_o,
    output reg         we_o,
    output wire [15:0] adr_o,
    output wire [31:0] dat_o,
    input  wire [31:0] dat_i,
    input  wire        ack_i,
    input  wire        err_i
);
    localparam [2:0] S_SYNC = 0, S_REQUEST = 1, S_CHECK = 2, S_ACCESS = 3, S_HEAD = 4, S_DATA = 5, S_TAIL = 6;
    localparam [7:0] OK = 0, BAD_CRC = 1, BAD_N = 2, BAD_ADDRESS = 3, BAD_COMMAND = 4;

    function [15:0] crc16(input [15:0] crc, input [7:0] data);
        integer k;
        begin
            crc16 = crc ^ {8'd0, data};
            for (k = 0; k < 8; k = k + 1) crc16 = (crc16 >> 1) ^ (crc16[0] ? 16'hA001 : 16'h0000);
        end
    endfunction

    reg  [2:0]   state_q;
    reg  [3:0]   pos_q;                   // byte of the request, head or word
    reg  [87:0]  req_q;                   // request without its first byte: crc, data, address, n, command, tag
    reg  [GAP:0] gap_q;
    reg  [15:0]  crc_q, adr_q;
    reg  [7:0]   n_q, left_q, status_q;
    reg  [31:0]  word_q, next_q;          // being sent; read ahead
    reg          next_valid_q;
    wire [7:0]   tag = req_q[7:0], command = req_q[15:8], n = req_q[23:16];
    wire         sent = tx_valid_o && tx_ready_i;
    assign idle_o = state_q == S_SYNC;
    assign adr_o  = adr_q;
    assign dat_o  = req_q[71:40];

    // One byte of the response, and the CRC over it
    task send(input [7:0] data);
        begin
            tx_valid_o <= 1'b1;
            tx_data_o  <= data;
            crc_q      <= crc16(crc_q, data);
        end
    endtask

    always @(posedge clk) begin
        if (sent) tx_valid_o <= 1'b0;
        // a word was read or written
        if (stb_o && (ack_i || err_i)) begin
            stb_o        <= 1'b0;
            next_q       <= err_i ? 32'd0 : dat_i;
            next_valid_q <= 1'b1;
            adr_q        <= adr_q + 1'b1;
            if (err_i) status_q <= BAD_ADDRESS;
        end
        case (state_q)
        S_SYNC: begin
            pos_q <= 4'd0;
            gap_q <= {GAP+1{1'b0}};
            crc_q <= 16'hFFFF;
            if (rx_valid_i && rx_data_i == 8'hA5) state_q <= S_REQUEST;
        end
        S_REQUEST: begin
            gap_q <= gap_q + 1'b1;
            if (rx_valid_i) begin
                req_q <= {rx_data_i, req_q[87:8]};
                crc_q <= crc16(crc_q, rx_data_i);
                pos_q <= pos_q + 1'b1;
                gap_q <= {GAP+1{1'b0}};
                if (pos_q == 4'd10) state_q <= S_CHECK;
            end else if (gap_q[GAP]) state_q <= S_SYNC;
        end
        S_CHECK: begin
            pos_q        <= 4'd0;
            adr_q        <= req_q[39:24];
            n_q          <= 8'd0;
            next_valid_q <= 1'b0;
            we_o         <= command == 8'd2;
            status_q     <= crc_q != 16'd0 ? BAD_CRC : command != 8'd1 && command != 8'd2 ? BAD_COMMAND
                          : n == 8'd0 || (command == 8'd2 && n != 8'd1) ? BAD_N : OK;
            crc_q        <= 16'hFFFF;
            state_q      <= S_ACCESS;
        end
        S_ACCESS: begin                   // the write, or the first word
            if (status_q == OK && !next_valid_q && !stb_o) begin
                stb_o <= 1'b1;
                if (!we_o) n_q <= n;
            end else if (!stb_o) state_q <= S_HEAD;
            left_q <= n_q;
        end
        S_HEAD: if (!tx_valid_o || sent) begin
            pos_q <= pos_q + 1'b1;
            case (pos_q[1:0])
            2'd0:    begin tx_valid_o <= 1'b1; tx_data_o <= 8'h5A; end
            2'd1:    send(tag);
            default: begin
                send(n_q);
                pos_q   <= 4'd0;
                state_q <= n_q == 8'd0 ? S_TAIL : S_DATA;
            end
            endcase
        end
        S_DATA: begin
            if (pos_q == 4'd0) begin
                if (next_valid_q) begin   // and the next one is read while this goes out
                    word_q       <= next_q;
                    next_valid_q <= 1'b0;
                    left_q       <= left_q - 1'b1;
                    stb_o        <= left_q != 8'd1;
                    pos_q        <= 4'd1;
                end
            end else if (!tx_valid_o || sent) begin
                send(word_q[7:0]);
                word_q <= word_q >> 8;
                pos_q  <= pos_q == 4'd4 ? 4'd0 : pos_q + 1'b1;
                if (pos_q == 4'd4 && left_q == 8'd0) state_q <= S_TAIL;
            end
        end
        S_TAIL: if (!tx_valid_o || sent) begin
            pos_q <= pos_q + 1'b1;
            case (pos_q[1:0])
            2'd0:    send(status_q);
            2'd1:    begin tx_valid_o <= 1'b1; tx_data_o <= crc_q[7:0]; end
            2'd2:    begin tx_valid_o <= 1'b1; tx_data_o <= crc_q[15:8]; end
            default: state_q <= S_SYNC;
            endcase
        end
        default: state_q <= S_SYNC;
        endcase
        if (rst) begin
            state_q      <= S_SYNC;
            tx_valid_o   <= 1'b0;
            stb_o        <= 1'b0;
            next_valid_q <= 1'b0;
        end
    end
endmodule
`default_nettype wire
