// SPDX-License-Identifier: Apache-2.0
// pw_afe_spi - bytes over SPI, slave, mode 0, MSB first. SCK at most clk / 12: it is sampled, not a clock.
//   A byte to send is taken at the end of each byte received; 0 goes out when there is none. cs_n high ends everything (clear_o).
`default_nettype none
module pw_afe_spi (
    input  wire       clk,
    input  wire       rst,
    input  wire       sck_i,              // asynchronous, all three
    input  wire       mosi_i,
    input  wire       cs_n_i,
    output wire       miso_o,             // to be driven while cs_n is low
    output wire       clear_o,            // not selected
    output reg        rx_valid_o,         // one clk
    output reg  [7:0] rx_data_o,
    input  wire       tx_valid_i,         // transfer when valid and ready; data hold until taken
    output wire       tx_ready_o,
    input  wire [7:0] tx_data_i
);
    reg  [2:0] sck_q;
    reg  [1:0] mosi_q, cs_n_q;
    reg  [2:0] n_q;                       // bits of this byte received
    reg  [6:0] in_q;
    reg  [7:0] out_q;
    reg        load_q;                    // the next falling edge begins a byte
    wire       rise = sck_q[2:1] == 2'b01;
    wire       fall = sck_q[2:1] == 2'b10;
    assign clear_o    = cs_n_q[1];
    assign miso_o     = out_q[7];
    assign tx_ready_o = fall && load_q && !clear_o;
    always @(posedge clk) begin
        sck_q      <= {sck_q[1:0], sck_i};
        mosi_q     <= {mosi_q[0], mosi_i};
        cs_n_q     <= {cs_n_q[0], cs_n_i};
        rx_valid_o <= 1'b0;
        if (rise) begin
            n_q       <= n_q + 1'b1;
            in_q      <= {in_q[5:0], mosi_q[1]};
            load_q    <= n_q == 3'd7;
            if (n_q == 3'd7) begin
                rx_valid_o <= 1'b1;
                rx_data_o  <= {in_q[6:0], mosi_q[1]};
            end
        end
        if (fall) out_q <= !load_q ? {out_q[6:0], 1'b0} : tx_valid_i ? tx_data_i : 8'd0;
        if (rst || clear_o) begin
            n_q        <= 3'd0;
            out_q      <= 8'd0;
            load_q     <= 1'b0;
            rx_valid_o <= 1'b0;
        end
    end
endmodule
`default_nettype wire
