// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_boot - ROM of the boot copier (pw_boot.S) and the state RAM of pw_pulse in one block RAM of 256 x 16 bits: all that UP5K has left.
//   Half words 0..63: pulse state; 64..255: 96 instructions, low half first. A fetch takes 2 clk and more where the pulses read.
module pw_boot #(
    parameter ROM = "build/gen/pw_boot.hex"   // 256 half words for $readmemh
) (
    input  wire        clk,
    input  wire        rst,
    // fetch: request held until ack
    input  wire        stb_i,
    input  wire [6:0]  adr_i,             // word, 0..95
    output wire [31:0] dat_o,
    output wire        ack_o,
    // pulse state: data one clk after rd
    input  wire        pm_rd_i,
    input  wire [5:0]  pm_radr_i,
    output wire [15:0] pm_dat_o,
    input  wire        pm_we_i,
    input  wire [5:0]  pm_wadr_i,
    input  wire [15:0] pm_dat_i
);
    (* ram_style = "block" *) reg [15:0] mem [0:255];
    initial $readmemh(ROM, mem);

    reg  [15:0] read_q, low_q;
    reg         low_ok_q;                 // low_q holds the lower half
    reg         rd_low_q, rd_high_q;      // read_q is this half
    wire        high  = low_ok_q || rd_low_q;
    wire        issue = stb_i && !pm_rd_i && !rd_high_q;
    wire [7:0]  rom_adr = {adr_i, high} + 8'd64;
    assign pm_dat_o = read_q;
    assign dat_o    = {read_q, low_q};
    assign ack_o    = rd_high_q;
    always @(posedge clk) begin
        read_q <= mem[pm_rd_i ? {2'b00, pm_radr_i} : rom_adr];
        if (pm_we_i) mem[{2'b00, pm_wadr_i}] <= pm_dat_i;
        rd_low_q  <= issue && !high;
        rd_high_q <= issue && high;
        if (rd_low_q) low_q <= read_q;
        low_ok_q  <= high && !rd_high_q;
        if (rst) begin
            rd_low_q  <= 1'b0;
            rd_high_q <= 1'b0;
            low_ok_q  <= 1'b0;
        end
    end
endmodule
`default_nettype wire
