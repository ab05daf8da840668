// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_pulse - makes long output pulses of the front-end's events, none lost. Registers: pw_pulse in rtl/regs/pw_soc.rdl.
//   An output is on for more than WIDTH and at most WIDTH + 1 units of 8.192 ms, then off for WIDTH + 1 units. Events that come
//   meanwhile are queued, up to 2047 a channel. One datapath for all channels, its state in a RAM outside:
//   {queued[10:0], on, units left[3:0]}. An event or a channel's share of a unit takes 2 clk.
//   Only power-on resets it: a watchdog reset must not cut a pulse that somebody bills.
module pw_pulse #(
    parameter N_CT = 24                   // 1..64
) (
    input  wire            clk,
    input  wire            rst,
    input  wire            unit_i,        // one clk each 8.192 ms
    input  wire            pulse_valid_i, // an event; at least 4 clk apart
    input  wire [5:0]      pulse_ch_i,    // 0..N_CT-1
    input  wire            stb_i,
    input  wire            we_i,
    input  wire [7:2]      adr_i,
    input  wire [31:0]     dat_i,
    output reg  [31:0]     dat_o,
    output reg  [N_CT-1:0] pulse_o,
    // state RAM, 64 x 16; data one clk after rd
    output wire            pm_rd_o,
    output wire [5:0]      pm_radr_o,
    input  wire [15:0]     pm_dat_i,
    output wire            pm_we_o,
    output wire [5:0]      pm_wadr_o,
    output wire [15:0]     pm_dat_o
);
    `include "pw_regs.vh"
    localparam [63:0] A_WIDTH = `PW_PULSE_WIDTH_BASE_ADDR, A_STATE = `PW_PULSE_STATE_BASE_ADDR;
    localparam CW = 6;
    localparam [31:0] LAST = N_CT - 1;
    localparam [CW-1:0] TOP = LAST[CW-1:0];
    localparam [10:0] QUEUE_MAX = 11'd2047;

    reg  [2:0]  width_q;
    reg         event_q;                  // an event waits
    reg  [CW-1:0] event_ch_q;
    reg         scan_q, clear_q;          // a unit is being counted down; the first time everything is cleared
    reg  [CW-1:0] scan_ch_q;
    reg         write_q, is_event_q;      // second clk
    reg  [CW-1:0] ch_q;

    wire [10:0] n   = pm_dat_i[15:5];
    wire        on  = pm_dat_i[4];
    wire [3:0]  t   = pm_dat_i[3:0];
    wire [3:0]  full = {1'b0, width_q} + 4'd1;
    wire [10:0] n_step = n + (is_event_q ? 11'd1 : 11'h7FF);
    reg  [15:0] next;
    always @(*) begin
        next = pm_dat_i;
        if (clear_q) next = 16'd0;
        else if (is_event_q) begin
            if (t == 4'd0)           next = {11'd0, 1'b1, full};
            else if (n != QUEUE_MAX) next = {n_step, on, t};
        end else if (t > 4'd1)       next = {n, on, t - 4'd1};
        else if (t == 4'd1 && on)    next = {n, 1'b0, full};
        else if (n != 11'd0)         next = {n_step, 1'b1, full};
        else                         next = 16'd0;
    end

    wire take_event = !write_q && event_q && !clear_q;
    wire take_scan  = !write_q && !take_event && scan_q;
    wire [CW-1:0] ch = take_event ? event_ch_q : scan_ch_q;
    assign pm_rd_o   = take_event || take_scan;
    assign pm_radr_o = ch;
    assign pm_we_o   = write_q;
    assign pm_wadr_o = ch_q;
    assign pm_dat_o  = next;
    integer k;
    always @(posedge clk) begin
        write_q <= pm_rd_o;
        if (!write_q) begin
            ch_q       <= ch;
            is_event_q <= take_event;
        end else begin
            for (k = 0; k < N_CT; k = k + 1) if (ch_q == k[CW-1:0]) pulse_o[k] <= next[4];
        end
        if (take_event) event_q <= 1'b0;
        if (pulse_valid_i) begin
            event_q    <= 1'b1;
            event_ch_q <= pulse_ch_i;
        end
        if (unit_i) scan_q <= 1'b1;
        if (take_scan) scan_ch_q <= scan_ch_q + 1'b1;
        if (write_q && !is_event_q && ch_q == TOP) begin
            scan_q    <= 1'b0;
            clear_q   <= 1'b0;
            scan_ch_q <= 0;
        end
        if (stb_i && we_i && adr_i == A_WIDTH[7:2]) width_q <= dat_i[2:0];
        if (rst) begin
            width_q   <= 3'd4;
            event_q   <= 1'b0;
            scan_q    <= 1'b1;
            clear_q   <= 1'b1;
            scan_ch_q <= 0;
            write_q   <= 1'b0;
            pulse_o   <= {N_CT{1'b0}};
        end
    end

    wire [N_CT+31:0] pulses = {32'd0, pulse_o};
    always @(*) begin
        dat_o = 32'd0;
        if (adr_i == A_WIDTH[7:2]) dat_o[2:0] = width_q;
        if (adr_i == A_STATE[7:2]) dat_o      = pulses[31:0];
    end
endmodule
`default_nettype wire
