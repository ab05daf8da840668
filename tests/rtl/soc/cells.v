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
module ODDRX1F (input wire SCLK, RST, D0, D1, output wire Q);
    assign Q = SCLK ? D0 : D1;
endmodule
module USRMCLK (input wire USRMCLKI, USRMCLKTS);
endmodule
module SB_IO #(parameter [5:0] PIN_TYPE = 0, parameter PULLUP = 0) (inout wire PACKAGE_PIN, input wire OUTPUT_CLK, D_OUT_0, D_OUT_1);
    reg high, low;                        // PIN_TYPE 0100_01: double data rate output
    always @(posedge OUTPUT_CLK) high <= D_OUT_0;
    always @(negedge OUTPUT_CLK) low <= D_OUT_1;
    assign PACKAGE_PIN = OUTPUT_CLK ? high : low;
endmodule
module SB_PLL40_CORE #(
    parameter FEEDBACK_PATH = "", parameter [3:0] DIVR = 0, parameter [6:0] DIVF = 0, parameter [2:0] DIVQ = 0, parameter [2:0] FILTER_RANGE = 0
) (input wire REFERENCECLK, RESETB, BYPASS, output wire PLLOUTGLOBAL, LOCK);
    assign PLLOUTGLOBAL = REFERENCECLK;
    assign LOCK         = 1'b1;
endmodule
module EHXPLLL #(
    parameter CLKI_DIV = 1, parameter CLKFB_DIV = 1, parameter CLKOP_DIV = 8, parameter CLKOP_CPHASE = 0, parameter CLKOP_FPHASE = 0,
    parameter CLKOP_ENABLE = "", parameter FEEDBK_PATH = "", parameter OUTDIVIDER_MUXA = "", parameter PLLRST_ENA = "",
    parameter INTFB_WAKE = "", parameter STDBY_ENABLE = "", parameter DPHASE_SOURCE = ""
) (
    input wire CLKI, CLKFB, RST, STDBY, ENCLKOP, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC,
    output wire CLKOP, LOCK);
    assign CLKOP = CLKI;
    assign LOCK  = 1'b1;
endmodule
`default_nettype wire
