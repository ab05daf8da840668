// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_xip - code and constants read straight from the board's SPI flash: 256 KiB of it, word 0 at flash address BASE. Quad reads (EBh) with SCK = clk.
//   The chip select stays on after a word and the clock rests, so the next word in sequence takes 8 clk; any other 1 clk off, 8 of command,
//   8 of address and mode, 4 of dummies, 8 of data. The flash must have QE set (pw_ext_load does it) and must not sleep.
//
//   clk      __/--\__/--\__/--\__      io_o, cs change with clk; SCK rises in the middle of a clk with sck_en_o and falls with the next clk
//   sck_en   ________/-----\______     (an output cell of the board's top: sck_en while clk is low), so the flash's nibble has most of a clk
//   pin SCK  ___________/--\______     from there and is taken at the end of the clk whose SCK ends it.
//
// The pins are those of SPI port 0, and the port goes first: with hold_i (a chip select of it is on, or it transfers) no word is begun and the
// chip select goes off. The CPU turns the port on only by code that lies in RAM, so no word is ever under way then; code that
// lies in the flash and uses the port waits for ever (the watchdog ends it).
module pw_xip #(
    parameter [23:0] BASE = 24'h100000    // multiple of 256 KiB
) (
    input  wire        clk,
    input  wire        rst,               // with the CPU: a word under way is given up
    input  wire        hold_i,
    // request held until ack; adr_i and seq_i are looked at when a word is begun, at the latest 2 clk after go
    input  wire        stb_i,
    input  wire        seq_i,             // the word behind the last one read
    input  wire [15:0] adr_i,             // word
    output wire        start_o,           // adr_i is taken in this clk
    input  wire        later_i,           // ack_o waits
    output wire        ack_o,             // dat_o is the word, for one clk
    output wire [31:0] dat_o,
    // flash
    output wire        cs_o,
    output wire        sck_en_o,
    output wire        io_oe_o,           // io_o drives the four lines
    output wire [3:0]  io_o,
    input  wire [3:0]  io_i
);
    localparam [7:0] CMD = 8'hEB;
    reg        open_q;                    // chip select
    reg        busy_q, ack_q;
    reg  [4:0] left_q;                    // SCKs to go, minus 1: 27..20 command, 19..12 address and mode, 11..8 dummies, 7..0 data
    reg  [31:0] sr_q;
    wire       want    = stb_i && !busy_q && !ack_q && !hold_i;
    wire       begin_a = want && (seq_i || !open_q);
    wire       command = left_q[4] && left_q[3:2] != 2'b00;
    assign start_o  = begin_a;
    assign ack_o    = ack_q && !later_i;
    assign cs_o     = open_q;
    assign sck_en_o = busy_q;
    assign io_oe_o  = busy_q && (left_q[4] || left_q[3:2] == 2'b11);
    assign io_o     = command ? {3'b111, CMD[left_q[2:0] ^ 3'b100]} : sr_q[31:28];
    assign dat_o    = {sr_q[7:0], sr_q[15:8], sr_q[23:16], sr_q[31:24]};

    always @(posedge clk) begin
        ack_q <= (busy_q && left_q == 5'd0) || (ack_q && later_i);
        if (begin_a)                         sr_q <= {BASE[23:18], adr_i, 2'b00, 8'h00};
        else if (busy_q && !command)         sr_q <= {sr_q[27:0], io_i};
        if (begin_a)                         left_q <= open_q ? 5'd7 : 5'd27;
        else if (busy_q)                     left_q <= left_q - 1'b1;
        if (begin_a)                         busy_q <= 1'b1;
        else if (left_q == 5'd0)             busy_q <= 1'b0;
        if (begin_a)                         open_q <= 1'b1;
        else if (want || (hold_i && !busy_q)) open_q <= 1'b0;
        if (rst) begin
            open_q <= 1'b0;
            busy_q <= 1'b0;
            ack_q  <= 1'b0;
        end
    end
endmodule
`default_nettype wire
