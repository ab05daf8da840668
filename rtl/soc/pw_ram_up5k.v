// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_ram_up5k - the four 16K x 16 single-port RAMs of the iCE40 UP5K as 128 KiB of pw_ram. Cannot be initialised: see pw_boot.
module pw_ram_up5k (
    input  wire        clk,
    input  wire [14:0] adr_i,             // word
    input  wire [3:0]  we_i,
    input  wire [31:0] dat_i,
    output wire [31:0] dat_o
);
    wire [31:0] dat_lo, dat_hi;           // lower and upper 64 KiB
    reg         hi_q;
    always @(posedge clk) hi_q <= adr_i[14];
    assign dat_o = hi_q ? dat_hi : dat_lo;

    genvar g;
    generate for (g = 0; g < 2; g = g + 1) begin : half       // half of a word
        wire [3:0] mask = {{2{we_i[2*g+1]}}, {2{we_i[2*g]}}}; // one bit a nibble
        SB_SPRAM256KA lo (
            .ADDRESS(adr_i[13:0]), .DATAIN(dat_i[16*g +: 16]), .MASKWREN(mask), .WREN(|mask), .CHIPSELECT(!adr_i[14]),
            .CLOCK(clk), .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1), .DATAOUT(dat_lo[16*g +: 16]));
        SB_SPRAM256KA hi (
            .ADDRESS(adr_i[13:0]), .DATAIN(dat_i[16*g +: 16]), .MASKWREN(mask), .WREN(|mask), .CHIPSELECT(adr_i[14]),
            .CLOCK(clk), .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1), .DATAOUT(dat_hi[16*g +: 16]));
    end endgenerate
endmodule
`default_nettype wire
