// SPDX-License-Identifier: Apache-2.0
// Behaviour or outlines of the vendor cells that the boards name, for lint and simulation.
/* verilator lint_off DECLFILENAME */
/* verilator lint_off MULTITOP */
`default_nettype none
module SB_SPRAM256KA (
    input  wire [13:0] ADDRESS,
    input  wire [15:0] DATAIN,
    input  wire [3:0]  MASKWREN,
    input  wire        WREN, CHIPSELECT, CLOCK, STANDBY, SLEEP, POWEROFF,
    output reg  [15:0] DATAOUT
);
    reg [15:0] mem [0:16383];
    integer k;
    always @(posedge CLOCK)
        if (CHIPSELECT && !STANDBY && !SLEEP && POWEROFF) begin
            for (k = 0; k < 4; k = k + 1) if (WREN && MASKWREN[k]) mem[ADDRESS][4*k +: 4] <= DATAIN[4*k +: 4];
            // what a write leaves on the output is not specified: something wrong
            DATAOUT <= WREN ? ~DATAIN : mem[ADDRESS];
        end
endmodule
/* verilator lint_off UNUSEDPARAM */
/* verilator lint_off UNUSEDSIGNAL */
/* verilator lint_off UNDRIVEN */
module SB_PLL40_PAD #(
    parameter FEEDBACK_PATH = "SIMPLE", parameter [3:0] DIVR = 0, parameter [6:0] DIVF = 0, parameter [2:0] DIVQ = 0,
    parameter [2:0] FILTER_RANGE = 0
) (input wire PACKAGEPIN, RESETB, BYPASS, output wire PLLOUTGLOBAL, LOCK);
    assign PLLOUTGLOBAL = PACKAGEPIN;
    assign LOCK = RESETB;
endmodule
module SB_RGBA_DRV #(
    parameter CURRENT_MODE = "0b0", RGB0_CURRENT = "0b000000", RGB1_CURRENT = "0b000000", RGB2_CURRENT = "0b000000"
) (input wire CURREN, RGBLEDEN, RGB0PWM, RGB1PWM, RGB2PWM, output wire RGB0, RGB1, RGB2);
    assign {RGB0, RGB1, RGB2} = ~{RGB0PWM, RGB1PWM, RGB2PWM};
endmodule
module USRMCLK (input wire USRMCLKI, USRMCLKTS);
endmodule
`default_nettype wire
