// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_ram - RAM with byte enables, one port; data one clk after the address, a write does not read.
module pw_ram #(
    parameter KIB  = 128,                 // size, KiB
    parameter INIT = ""                   // file of 32-bit words for $readmemh, "" = none
) (
    input  wire                         clk,
    input  wire [$clog2(KIB * 256)-1:0] adr_i,    // word
    input  wire [3:0]                   we_i,
    input  wire [31:0]                  dat_i,
    output reg  [31:0]                  dat_o
);
    (* ram_style = "block" *) reg [31:0] mem [0:KIB*256-1];
    initial if (INIT != "") $readmemh(INIT, mem);
    integer k;
    always @(posedge clk) begin
        for (k = 0; k < 4; k = k + 1) if (we_i[k]) mem[adr_i][8*k +: 8] <= dat_i[8*k +: 8];
        if (we_i == 4'b0000) dat_o <= mem[adr_i];
    end
endmodule
`default_nettype wire
