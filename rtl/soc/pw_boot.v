// SPDX-License-Identifier: CERN-OHL-P-2.0
`default_nettype none
// pw_boot - fills the RAM from SPI flash after each reset, then lets the CPU go.
//   At FLASH_ADR: "PWFW", length in bytes (little endian, a multiple of 4, 4..RAM size), CRC-32 (IEEE 802.3) of the
//   image (little endian), image. A bad image is told by the LED (2 flashes: magic or length, 3: CRC), then tried again.
//   The flash is first taken out of the power-down that iCE40 configuration leaves it in (0xAB).
// SPI mode 0, SCK = clk / 2, MSB first. A word is written when its 32 bits are in: one write in 64 clk.
module pw_boot #(
    parameter RAM_KIB   = 128,
    parameter [23:0] FLASH_ADR = 24'h020000,
    parameter FLASH_US  = 65536           // length of a flash of the LED, us, a power of two of 64 or more (tests: short)
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        us_i,              // one clk each microsecond
    output wire        busy_o,            // 1: hold the CPU in reset, the flash and the RAM are mine
    output wire        led_o,
    output reg         sck_o,
    output wire        mosi_o,
    input  wire        miso_i,
    output reg         cs_n_o,
    output reg         stb_o,             // write one word; accepted at once
    output wire [29:0] adr_o,
    output wire [31:0] dat_o
);
    localparam AW = $clog2(RAM_KIB * 256);
    localparam UW = $clog2(FLASH_US);
    localparam [31:0] MAX_B = RAM_KIB * 1024;
    localparam [2:0] WAKE = 0, REST = 1, HEAD = 2, COPY = 3, CHECK = 4, BAD = 5, DONE = 6;

    reg  [2:0]    state_q;
    reg  [31:0]   sr_q;                   // shift register: command out, data in
    reg  [4:0]    bit_q;
    reg  [AW:0]   word_q;                 // words received since the command, or words stored
    reg  [AW:0]   len_q;                  // words of the image
    reg  [31:0]   want_q, crc_q;
    reg  [7:0]    byte_q;                 // the last byte, fed to the CRC bit by bit while the next comes in
    reg           feed_q;
    reg  [UW+3:0] pause_q;                // us since the error: which flash and whether on
    reg           crc_bad_q;              // which error
    reg           in_q;                   // MISO at the rising edge of SCK

    wire        shift = sck_o;                                    // this clk SCK falls
    wire        last  = shift && (bit_q == 5'd31);
    wire [31:0] word  = {sr_q[30:0], in_q};                       // first byte on top
    wire [31:0] word_le = {word[7:0], word[15:8], word[23:16], word[31:24]};
    wire        crc_bit = crc_q[0] ^ byte_q[0];
    wire [31:0] crc_after = {1'b0, crc_q[31:1]} ^ (crc_bit ? 32'hEDB88320 : 32'h0);
    wire        len_bad = (word_le > MAX_B) || (word_le[1:0] != 0) || (word_le == 0);

    assign mosi_o = sr_q[31];
    assign busy_o = (state_q != DONE);
    assign adr_o  = {{(30-AW){1'b0}}, word_q[AW-1:0]};
    assign dat_o  = {sr_q[7:0], sr_q[15:8], sr_q[23:16], sr_q[31:24]};
    // flashes 0, 1 (and 2 for a CRC error) of eight slots
    assign led_o  = (state_q == BAD) && pause_q[UW] && (pause_q[UW+3:UW+1] < (crc_bad_q ? 3'd3 : 3'd2));

    always @(posedge clk) begin
        stb_o <= 1'b0;
        if (stb_o) word_q <= word_q + 1'b1;
        if (!cs_n_o) begin
            sck_o <= !sck_o;
            if (!sck_o) in_q <= miso_i;
            if (shift) begin
                sr_q  <= word;
                bit_q <= bit_q + 1'b1;
            end
            if (shift && feed_q) begin
                crc_q  <= crc_after;
                byte_q <= byte_q >> 1;
            end
            if (shift && bit_q[2:0] == 3'd7) begin
                byte_q <= word[7:0];
                feed_q <= (state_q == COPY);
            end
        end
        case (state_q)
        WAKE: begin                       // 0xAB, then the rest of 32 bits is ignored
            cs_n_o <= 1'b0;
            if (last) begin
                cs_n_o  <= 1'b1;
                state_q <= REST;
            end
        end
        REST: begin                       // at least 64 us for the flash to wake
            if (us_i) pause_q <= pause_q + 1'b1;
            sr_q <= {8'h03, FLASH_ADR};
            bit_q <= 5'd0;
            word_q <= 0;
            crc_q <= 32'hFFFFFFFF;
            feed_q <= 1'b0;
            if (pause_q[6]) begin
                cs_n_o  <= 1'b0;
                state_q <= HEAD;
            end
        end
        HEAD: if (last) begin             // word 0 came while the command went out
            word_q <= word_q + 1'b1;
            if (word_q[1:0] == 2'd1 && word != 32'h50574657) state_q <= BAD;
            if (word_q[1:0] == 2'd2) begin
                len_q <= word_le[AW+2:2];
                if (len_bad) state_q <= BAD;
            end
            if (word_q[1:0] == 2'd3) begin
                want_q  <= word_le;
                word_q  <= 0;
                state_q <= COPY;
            end
            crc_bad_q <= 1'b0;
            pause_q   <= 0;
        end
        COPY: begin
            if (last) stb_o <= 1'b1;
            if (stb_o && word_q + 1'b1 == len_q) state_q <= CHECK;
        end
        CHECK: if (shift && bit_q == 5'd7) begin  // the CRC has taken the last byte
            cs_n_o    <= 1'b1;
            pause_q   <= 0;
            crc_bad_q <= 1'b1;
            state_q   <= (crc_after == ~want_q) ? DONE : BAD;
        end
        BAD: begin
            cs_n_o <= 1'b1;
            sck_o  <= 1'b0;
            if (us_i) pause_q <= pause_q + 1'b1;
            if (us_i && &pause_q) state_q <= REST;
        end
        default: begin                    // DONE until reset
            cs_n_o <= 1'b1;
            sck_o  <= 1'b0;
        end
        endcase
        if (rst) begin
            state_q <= WAKE;
            cs_n_o  <= 1'b1;
            sck_o   <= 1'b0;
            sr_q    <= {8'hAB, 24'h0};
            bit_q   <= 5'd0;
            feed_q  <= 1'b0;
            pause_q <= 0;
            stb_o   <= 1'b0;
        end
    end
endmodule
`default_nettype wire
