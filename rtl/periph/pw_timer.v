// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_timer - microseconds since power-on, with one compare interrupt. Registers: pw_timer in rtl/regs/pw_soc.rdl.
//   Of the 64 bits the upper 12 are always 0: 52 bits last 142 years.
//   The count goes on through a watchdog or software reset (rst), so pulse widths and times stay whole; por clears it.
module pw_timer #(
    parameter CLK_MHZ = 25                // whole MHz, 2..256
) (
    input  wire        clk,
    input  wire        por,
    input  wire        rst,
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output reg  [31:0] dat_o,
    output reg         us_o,              // one clk each microsecond
    output reg         ms_o,              // one clk each 1.024 ms
    output reg         unit_o,            // one clk each 8.192 ms
    output wire        irq_o
);
    `include "pw_regs.vh"
    localparam [63:0] A_LO = `PW_TIMER_TIME_LO_BASE_ADDR, A_HI = `PW_TIMER_TIME_HI_BASE_ADDR,
        A_CMP = `PW_TIMER_COMPARE_BASE_ADDR, A_CTRL = `PW_TIMER_CTRL_BASE_ADDR;
    localparam [31:0] LAST = CLK_MHZ - 1;
    localparam [7:0] TOP = LAST[7:0];

    reg [7:0]  div_q;
    reg [51:0] us_q;
    reg [19:0] hi_q;
    reg [31:0] cmp_q;
    reg        enable_q, pending_q;
    reg        look_q;                    // time or compare value is new: compare once

    assign irq_o = enable_q && pending_q;

    always @(*) case (adr_i)
        A_LO[7:2]:   dat_o = us_q[31:0];
        A_HI[7:2]:   dat_o = {12'd0, hi_q};
        A_CMP[7:2]:  dat_o = cmp_q;
        A_CTRL[7:2]: dat_o = {30'd0, pending_q, enable_q};
        default:     dat_o = 32'd0;
    endcase

    always @(posedge clk) begin
        us_o   <= (div_q == TOP);
        div_q  <= (div_q == TOP) ? 8'd0 : div_q + 1'b1;
        ms_o   <= us_o && (&us_q[9:0]);
        unit_o <= us_o && (&us_q[12:0]);
        if (us_o) us_q <= us_q + 1'b1;

        if (stb_i && !we_i && adr_i == A_LO[7:2]) hi_q <= us_q[51:32];
        if (stb_i && we_i && adr_i == A_CMP[7:2]) cmp_q <= dat_i;
        if (stb_i && we_i && adr_i == A_CTRL[7:2]) begin
            enable_q <= dat_i[0];
            if (dat_i[1]) pending_q <= 1'b0;
        end
        look_q <= us_o || (stb_i && we_i && adr_i == A_CMP[7:2]);
        if (look_q && us_q[31:0] == cmp_q) pending_q <= 1'b1;

        if (rst) begin
            cmp_q     <= 32'd0;
            enable_q  <= 1'b0;
            pending_q <= 1'b0;
            look_q    <= 1'b0;
        end
        if (por) begin
            div_q  <= 8'd0;
            us_o   <= 1'b0;
            ms_o   <= 1'b0;
            unit_o <= 1'b0;
            us_q   <= 52'd0;
        end
    end
endmodule
`default_nettype wire
