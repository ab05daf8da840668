// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_chain - many slow outputs and a few keys on 3 pins (and the SPI MISO pin): a chain of 74HC595, refreshed without end.
//   out_i[N_OUT-1:0] then one scan output a key, low for one refresh in N_KEY. Bit 0 is QA of the first chip, bit 8 QA of the second...
//   A key joins its scan output (through a diode) with the sense line, which has a pull-up; sense_i is looked at where the
//   refresh ends, and only if quiet_i held all through it (the sense line is the SPI MISO, free while no chip is selected).
// Shift clock clk / 4. A refresh takes 4 (N_OUT + N_KEY + 1) clk: an output shows up to two of them later.
module pw_chain #(
    parameter N_OUT = 19,                 // N_OUT + N_KEY: 2..60, a multiple of 8 to fill the chips
    parameter N_KEY = 5                   // 0..8
) (
    input  wire             clk,
    input  wire             rst,
    input  wire [N_OUT-1:0] out_i,
    output wire             ser_o,
    output wire             srclk_o,
    output wire             rclk_o,
    input  wire             sense_i,
    input  wire             quiet_i,
    output reg  [((N_KEY > 0) ? N_KEY : 1)-1:0] key_o     // 1 = closed
);
    localparam N  = N_OUT + N_KEY;
    localparam KW = (N_KEY > 0) ? N_KEY : 1;
    localparam [5:0] LAST = N[5:0];
    reg  [1:0]       ph_q;
    reg  [5:0]       n_q;                 // bits sent; N: latch
    reg  [KW-1:0]    scan_q;              // one-hot, what is shifted out now; the chips show the one before
    reg  [1:0]       sense_q;
    reg              quiet_q;
    wire [63:0] all = {{(64-N_OUT-KW){1'b0}}, ~scan_q, out_i};
    wire [5:0]  at  = LAST - 6'd1 - n_q;  // the last bit of the chain goes out first
    assign ser_o   = all[at];
    assign srclk_o = ph_q[1] && (n_q != LAST);
    assign rclk_o  = ph_q[1] && (n_q == LAST);

    integer k;
    always @(posedge clk) begin
        sense_q <= {sense_q[0], sense_i};
        ph_q    <= ph_q + 1'b1;
        if (!quiet_i) quiet_q <= 1'b0;
        if (ph_q == 2'd3) begin
            n_q  <= n_q + 1'b1;
            if (n_q == LAST - 1'b1) begin // before the latch the chips still show the scan output of the last refresh
                for (k = 0; k < KW; k = k + 1)
                    if (quiet_q && quiet_i && scan_q[(k+1) % KW]) key_o[k] <= !sense_q[1];
            end
            if (n_q == LAST) begin
                n_q     <= 6'd0;
                scan_q  <= (scan_q << 1) | (scan_q >> (KW - 1));
                quiet_q <= 1'b1;
            end
        end
        if (rst) begin
            ph_q    <= 2'd0;
            n_q     <= 6'd0;
            scan_q  <= 1;
            quiet_q <= 1'b0;
            key_o   <= 0;
        end
    end
endmodule
`default_nettype wire
