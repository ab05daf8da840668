// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_lcd - HD44780 in 4-bit mode, write only. Registers: pw_lcd in rtl/regs/pw_soc.rdl.
//   A nibble takes three steps: RS and data stand, E high, E low with RS and data held. A step is STEP_US microseconds
//   (the first up to one shorter): the part asks for 80 ns, 450 ns and 10 ns. Then 41 us or more of rest.
module pw_lcd #(
    parameter STEP_US = 2                 // 2..63; long where a shift register stands between this and the LCD
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        us_i,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output wire        dat_o,
    output reg         rs_o,
    output reg         e_o,
    output reg  [3:0]  d_o
);
    `include "pw_regs.vh"
    localparam [63:0] A_DATA = `PW_LCD_DATA_BASE_ADDR, A_STATUS = `PW_LCD_STATUS_BASE_ADDR;
    localparam REST_US = 42;              // after the last nibble; the first microsecond may be cut short
    localparam [5:0] STEP = STEP_US - 1, REST = REST_US - 1;
    localparam [1:0] SETUP = 0, HOLD = 2, WAIT = 3;      // 1: E is high
    reg [3:0] low_q;                      // nibble to come
    reg       more_q;
    reg       busy_q;
    reg [1:0] step_q;
    reg [5:0] us_q;                       // us left in this step
    assign dat_o = (adr_i == A_STATUS[7:2]) && busy_q;

    always @(posedge clk) begin
        if (!busy_q) begin
            step_q <= SETUP;
            us_q   <= STEP;
            if (stb_i && we_i && adr_i == A_DATA[7:2]) begin
                d_o    <= dat_i[7:4];
                low_q  <= dat_i[3:0];
                rs_o   <= dat_i[8];
                more_q <= !dat_i[9];
                busy_q <= 1'b1;
            end
        end else if (us_i) begin
            us_q <= us_q - 1'b1;
            if (us_q == 6'd0) begin
                step_q <= step_q + 1'b1;
                us_q   <= STEP;
                e_o    <= (step_q == SETUP);
                if (step_q == HOLD) begin
                    if (more_q) begin
                        d_o    <= low_q;
                        more_q <= 1'b0;
                        step_q <= SETUP;
                    end else us_q <= REST;
                end
                if (step_q == WAIT) busy_q <= 1'b0;
            end
        end
        if (rst) begin
            busy_q <= 1'b0;
            e_o    <= 1'b0;
            rs_o   <= 1'b0;
            d_o    <= 4'd0;
        end
    end
endmodule
`default_nettype wire
