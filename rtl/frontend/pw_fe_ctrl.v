// SPDX-License-Identifier: Apache-2.0
// pw_fe_ctrl - the front-end's bus port: address check, lock, window sequence, interrupt. Register contents live in the
// bank RAM (word page N_CH); only what the gateware needs at any moment is in flip-flops here.
// Wishbone B4 classic: ack, or err for an address without a register, at most 82 clocks after stb (168 with pw_ct_curve).
`default_nettype none
module pw_fe_ctrl #(
    parameter N_CH = 27,                  // channels, 4..63
    parameter AW   = $clog2(N_CH + 1) + 5 // not to be set: bank address of pw_integrate
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        unsealed_i,        // programming switch is open
    output wire        open_o,            // parameters may be written
    // Wishbone, byte offset from 0x80000000; 32-bit accesses
    input  wire        wb_cyc_i,
    input  wire        wb_stb_i,
    input  wire        wb_we_i,
    input  wire [13:2] wb_adr_i,
    input  wire [31:0] wb_dat_i,
    output wire [31:0] wb_dat_o,
    output wire        wb_ack_o,
    output wire        wb_err_o,
    output reg         irq_o,             // until WINSEQ is read
    // bank RAM of pw_integrate
    output reg         cpu_req_o,         // registered, as the CPU's address comes late in a clock
    output reg         cpu_we_o,
    output wire        cpu_live_o,        // the request was not withdrawn meanwhile
    output reg  [AW-1:0] cpu_addr_o,
    output reg  [31:0] cpu_wdata_o,
    input  wire        cpu_ack_i,
    input  wire [31:0] cpu_rdata_i,
    // window
    output reg  [7:0]  cycles_o,
    output reg  [1:0]  zc_src_o,
    output reg  [12:0] timeout_o,
    output reg  [5:0]  min_run_o,
    input  wire        busy_i,            // a window is being closed
    input  wire        overrun_i,         // samples were lost, until rst
    input  wire        frame_i,           // end of a frame
    output reg  [15:0] win_seq_o,
    output wire        bank_o,            // bank of the running window
    // delay of a channel
    output wire        dly_we_o,
    output wire [5:0]  dly_ch_o,
    output wire [7:0]  dly_o
);
    localparam [9:0] LOCK = 2, WINCFG = 3, QUAD = 4, WINSEQ = 6, DELAY = 10, N_REGS = 12; // offset / 4 in pw_fe_ctrl (RDL)

    reg lock_q, err_q;

    wire       req  = wb_cyc_i & wb_stb_i;
    wire       page = ~wb_adr_i[13];                             // registers; else bank
    wire [9:0] num  = wb_adr_i[11:2];
    wire       good = page ? wb_adr_i[12] & num < N_REGS : {wb_adr_i[12:7]} < N_CH[5:0];
    wire [4:0] word = wb_adr_i[6:2];
    wire       open = ~lock_q | unsealed_i;
    assign     open_o = open;

    // Bank: parameters are words 0..2; rate (3), residue, phase and energies (6..19) are written only to restore them (of
    // voltages: working state, never writable)
    wire is_ct   = wb_adr_i[12:7] >= 6'd3;
    wire bank_we = word < 5'd3 ? open : (word == 5'd3 | word >= 5'd6 & word < 5'd20) & is_ct & ~lock_q;

    reg req_q;                                                   // req a clock ago
    assign cpu_live_o = req & req_q;
    assign wb_ack_o   = cpu_ack_i & cpu_live_o;
    assign wb_err_o   = err_q & req;

    // Bits without a field stay 0
    wire is_cfg  = ~page & word == 5'd0;
    wire is_quad = page & word == QUAD[4:0];
    wire [31:0] fields = {{3{~(page | is_cfg)}}, {3{~(is_quad | is_cfg)}}, {10{~is_quad}}, 16'hFFFF};

    always @(posedge clk) begin
        req_q       <= req & ~rst;
        cpu_req_o   <= req & good & ~wb_ack_o & ~err_q & ~rst;
        cpu_we_o    <= wb_we_i & (page ? num == WINCFG | num == QUAD : bank_we);
        cpu_addr_o  <= {page ? N_CH[AW-6:0] : wb_adr_i[AW+1:7], word};
        cpu_wdata_o <= wb_dat_i & fields;
    end

    wire is_seq  = page & num == WINSEQ;
    wire is_lock = page & num == LOCK;
    assign wb_dat_o = is_seq ? {busy_i, overrun_i, 13'd0, ~win_seq_o[0], win_seq_o} : is_lock ? {31'd0, lock_q} : cpu_rdata_i;
    assign bank_o   = win_seq_o[0] ^ busy_i;

    wire done = wb_ack_o & wb_we_i & page;
    assign dly_ch_o = wb_dat_i[13:8];
    assign dly_o    = wb_dat_i[7:0];
    assign dly_we_o = done & num == DELAY & open & dly_ch_o < N_CH[5:0] & dly_o < 8'd240;

    always @(posedge clk) begin
        err_q <= req & ~good & ~err_q;
        if (done & num == LOCK & wb_dat_i[0]) lock_q <= 1'b1;
        if (done & num == WINCFG) begin
            cycles_o  <= wb_dat_i[7:0];
            zc_src_o  <= wb_dat_i[9:8];
            timeout_o <= wb_dat_i[28:16];
            min_run_o <= wb_dat_i[15:10];
        end
        if (wb_ack_o & ~wb_we_i & is_seq) irq_o <= 1'b0;
        if (frame_i & busy_i) begin
            win_seq_o <= win_seq_o + 16'd1;
            irq_o     <= 1'b1;
        end
        if (rst) begin
            lock_q <= 1'b0; err_q <= 1'b0; irq_o <= 1'b0; win_seq_o <= 16'd0;
            cycles_o <= 8'd12; zc_src_o <= 2'd0; timeout_o <= 13'd4096; min_run_o <= 6'd24;
        end
    end

`ifdef FORMAL
    // Wishbone master and pw_integrate as they behave; the latter's bound is proved there.
    localparam F_WAIT = 168;                  // two accesses, as pw_ct_curve may be before us
    reg       seen = 1'b0, f_locked;
    reg [7:0] f_wait;
    always @(posedge clk) seen <= 1'b1;
    always @(*) begin
        if (!seen) assume (rst);
        if (f_wait >= F_WAIT) assume (cpu_ack_i || !cpu_req_o);
    end
    always @(posedge clk) begin
        if (seen && $past(wb_cyc_i && wb_stb_i && !wb_ack_o && !wb_err_o && !rst)) begin
            assume (wb_cyc_i && wb_stb_i && wb_we_i == $past(wb_we_i));
            assume (wb_adr_i == $past(wb_adr_i) && wb_dat_i == $past(wb_dat_i));
        end
        if (!seen || $past(rst || !cpu_req_o || cpu_ack_i)) assume (!cpu_ack_i);
        f_wait   <= rst || !cpu_req_o || cpu_ack_i ? 8'd0 : f_wait + 8'd1;
        f_locked <= ~rst & (f_locked | (wb_ack_o & wb_we_i & wb_adr_i == {2'b01, LOCK} & wb_dat_i[0]));
    end
    wire       f_bank = cpu_addr_o[AW-1:5] != N_CH[AW-6:0];
    wire [4:0] f_word = cpu_addr_o[4:0];
    always @(posedge clk) if (seen && !rst) begin
        assert (!(wb_ack_o && wb_err_o));                            // one answer
        if (wb_ack_o || wb_err_o) assert (wb_cyc_i && wb_stb_i);     // only when asked
        if (wb_err_o) assert (!good);
        if (wb_ack_o) assert (good);
        assert (f_wait <= F_WAIT);                                   // answer within F_WAIT + 2 clocks
        if (!$past(rst) && $past(req && !good && !err_q)) assert (err_q);
        if (!$past(rst) && $past(req && good && !wb_ack_o && !err_q)) assert (cpu_req_o);
        // the lock
        assert (lock_q == f_locked);                                 // set by software, opened only by reset
        if (cpu_req_o) assert (cpu_addr_o[AW-1:5] <= N_CH[AW-6:0]);
        if (cpu_req_o && cpu_we_o && f_bank) begin
            assert (f_word < 5'd3 || ((f_word == 5'd3 || (f_word >= 5'd6 && f_word < 5'd20)) && cpu_addr_o[AW-1:5] >= 3));
            if (f_locked) assert (f_word < 5'd3);                    // rate, residue, phase and energies: never
        end
        if (cpu_req_o && cpu_we_o && !f_bank) assert (f_word == WINCFG[4:0] || f_word == QUAD[4:0]);
        if (!$past(rst) && $past(f_locked && !unsealed_i) && cpu_req_o && cpu_we_o) assert (!f_bank); // nor parameters while sealed
        if (f_locked && !unsealed_i) assert (!dly_we_o);
        cover (f_locked && wb_ack_o && wb_we_i && unsealed_i && cpu_we_o);
        cover (wb_err_o);
    end
`endif
endmodule
`default_nettype wire
