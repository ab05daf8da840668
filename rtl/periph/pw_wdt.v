// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_wdt - watchdog. Registers: pw_wdt in rtl/regs/pw_soc.rdl. Off after every reset until PERIOD is written.
//   A millisecond is 1.024 ms here. Resets between PERIOD and PERIOD + 1 of them after the last kick (or write of PERIOD).
module pw_wdt (
    input  wire        clk,
    input  wire        rst,
    input  wire        ms_i,              // one clk each 1.024 ms
    input  wire        stb_i,
    input  wire        we_i,
    input  wire [7:2]  adr_i,
    input  wire [31:0] dat_i,
    output wire [15:0] dat_o,
    output reg         bite_o             // one clk: reset now
);
    `include "pw_regs.vh"
    localparam [63:0] A_PERIOD = `PW_WDT_PERIOD_BASE_ADDR, A_KICK = `PW_WDT_KICK_BASE_ADDR;
    reg [15:0] period_q, gone_q;         // ms: time-out, since the last kick
    wire       set = stb_i && we_i && adr_i == A_PERIOD[7:2] && dat_i[15:0] != 16'd0;
    wire       kick = stb_i && we_i && adr_i == A_KICK[7:2] && dat_i[7:0] == 8'h57;
    assign dat_o = (adr_i == A_PERIOD[7:2]) ? period_q : 16'd0;

    always @(posedge clk) begin
        bite_o <= 1'b0;
        if (ms_i) begin
            gone_q <= gone_q + 1'b1;
            bite_o <= (gone_q == period_q) && (period_q != 16'd0);
        end
        if (set) period_q <= dat_i[15:0];
        if (set || kick) gone_q <= 16'd0;
        if (rst) begin
            period_q <= 16'd0;
            bite_o   <= 1'b0;
        end
    end
endmodule
`default_nettype wire
