// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_sdram - SDR SDRAM of 16 or 32 bits for code that the block RAM has no room for: two ports, data before instructions, one row left open.
//   SDRAM clock = inverted clk, CAS latency 2, bursts of 1. All outputs change with clk, so the chip has half a period each way.
//   dq_i comes from a register on the falling edge of clk in the board's top: what it holds 3 clk after a READ was put out is its data.
// A read takes 6 clk in the open row (7 with 16 bits), tRP + tRCD more in another; a write 4 (5). Refresh by itself, 8192 in 64 ms.
module pw_sdram #(
    parameter WIDTH    = 16,              // 16, 32
    parameter CLK_MHZ  = 25,              // up to 50
    parameter ROW_BITS = 13,
    parameter COL_BITS = 9,
    parameter START_US = 200,             // from power-on to the first command
    parameter AW       = ROW_BITS + 2 + COL_BITS - (WIDTH == 16 ? 1 : 0)  // not to be set: word address
) (
    input  wire              clk,
    input  wire              rst,         // power-on
    // words; request held until ack, or dropped for good
    input  wire              i_stb_i,
    input  wire [AW-1:0]     i_adr_i,
    output wire              i_ack_o,
    input  wire              d_stb_i,
    input  wire              d_we_i,
    input  wire [AW-1:0]     d_adr_i,
    input  wire [31:0]       d_dat_i,
    input  wire [3:0]        d_sel_i,
    output wire              d_ack_o,
    output wire [31:0]       dat_o,       // with either ack
    // chip: cke high, cs_n low, clock inverted
    output reg  [2:0]        cmd_n_o,     // ras, cas, we
    output reg  [1:0]        ba_o,
    output reg  [12:0]       a_o,
    output reg  [WIDTH/8-1:0] dqm_o,
    output reg  [WIDTH-1:0]  dq_o,
    output reg               dq_oe_o,
    input  wire [WIDTH-1:0]  dq_i
);
    localparam HALF = WIDTH == 16 ? 1 : 0;        // two accesses a word
    localparam CW   = COL_BITS - HALF;            // column bits of a word address
    localparam [2:0] NOP = 3'b111, ACT = 3'b011, READ = 3'b101, WRITE = 3'b100, PRE = 3'b010, REF = 3'b001, MRS = 3'b000;
    localparam T_ROW = (20 * CLK_MHZ + 999) / 1000;       // tRP, tRCD, 20 ns
    localparam T_REF = (70 * CLK_MHZ + 999) / 1000;       // tRFC, 70 ns
    localparam REFRESH = 64000 * CLK_MHZ / 8192;
    localparam START = START_US * CLK_MHZ;
    localparam [12:0] MODE = 13'b0_0000_0010_0000;        // CAS latency 2, burst 1

    localparam [3:0] S_START = 0, S_PREA = 1, S_REFR = 2, S_MODE = 3, S_IDLE = 4, S_OPEN = 5, S_READ = 6, S_READ2 = 7, S_DATA = 8,
                     S_DATA2 = 9, S_WRITE = 10, S_WRITE2 = 11;
    reg [3:0]  state_q, next_q;           // next: after the wait
    reg [2:0]  wait_q;
    reg [13:0] start_q;
    reg [3:0]  n_init_q;                  // refreshes still to come at the start
    reg [9:0]  refresh_q;
    reg        due_q, open_q, who_q;      // who: 1 data port
    reg [1:0]  bank_q;
    reg [ROW_BITS-1:0] row_q;
    reg [AW-1:0] adr_q;
    reg        we_q, ack_q;
    reg [31:0] dat_q;
    reg [3:0]  sel_q;
    assign dat_o   = dat_q;
    assign i_ack_o = ack_q & ~who_q & i_stb_i;
    assign d_ack_o = ack_q & who_q & d_stb_i;

    wire        any  = (d_stb_i | i_stb_i) & ~ack_q;
    wire [AW-1:0] want = d_stb_i ? d_adr_i : i_adr_i;
    wire [1:0]  bank = adr_q[CW+1:CW];
    wire [ROW_BITS-1:0] row = adr_q[CW+2 +: ROW_BITS];
    wire        hit  = open_q & bank == bank_q & row == row_q;
    // column of the low or the high half, A10 = 0: the row stays open
    wire [12:0] col;
    generate if (WIDTH == 16) assign col = {{(13-COL_BITS){1'b0}}, adr_q[CW-1:0], state_q == S_READ2 | state_q == S_WRITE2};
    else                      assign col = {{(13-COL_BITS){1'b0}}, adr_q[CW-1:0]};
    endgenerate
    wire        high = state_q == S_WRITE2;
    
    initial cmd_n_o = NOP;                // 0 would be a command
    always @(posedge clk) begin
        cmd_n_o <= NOP;
        dq_oe_o <= 1'b0;
        dqm_o   <= {(WIDTH/8){1'b0}};
        ack_q   <= 1'b0;
        refresh_q <= refresh_q == REFRESH[9:0] - 10'd1 ? 10'd0 : refresh_q + 10'd1;
        if (refresh_q == REFRESH[9:0] - 10'd1) due_q <= 1'b1;
        if (wait_q != 3'd0) wait_q <= wait_q - 3'd1;
        else case (state_q)
            S_START: begin
                start_q <= start_q + 14'd1;
                if (start_q == START[13:0]) state_q <= S_PREA;
            end
            S_PREA: begin
                cmd_n_o <= PRE;
                a_o     <= 13'h400;       // all banks
                open_q  <= 1'b0;
                wait_q  <= T_ROW[2:0] - 3'd1;
                state_q <= next_q;
            end
            S_REFR: begin
                cmd_n_o <= REF;
                wait_q  <= T_REF[2:0] - 3'd1;
                due_q   <= 1'b0;
                if (n_init_q != 4'd0) n_init_q <= n_init_q - 4'd1;
                state_q <= n_init_q == 4'd0 ? S_IDLE : n_init_q == 4'd1 ? S_MODE : S_REFR;
            end
            S_MODE: begin
                cmd_n_o <= MRS;
                a_o     <= MODE;
                ba_o    <= 2'd0;
                wait_q  <= 3'd2;
                state_q <= S_IDLE;
            end
            S_IDLE:
                if (due_q) begin
                    next_q  <= S_REFR;
                    state_q <= S_PREA;
                end else if (any) begin
                    who_q   <= d_stb_i;
                    adr_q   <= want;
                    we_q    <= d_stb_i & d_we_i;
                    sel_q   <= d_sel_i;
                    if (d_stb_i & d_we_i) dat_q <= d_dat_i; // until it is written
                    state_q <= S_OPEN;
                end
            S_OPEN:
                if (hit) begin
                    state_q <= we_q ? S_WRITE : S_READ;
                end else if (open_q) begin
                    next_q  <= S_OPEN;
                    state_q <= S_PREA;
                end else begin
                    cmd_n_o <= ACT;
                    ba_o    <= bank;
                    a_o     <= {{(13-ROW_BITS){1'b0}}, row};
                    bank_q  <= bank;
                    row_q   <= row;
                    open_q  <= 1'b1;
                    wait_q  <= T_ROW[2:0] - 3'd1;
                    state_q <= we_q ? S_WRITE : S_READ;
                end
            S_READ, S_READ2: begin
                cmd_n_o <= READ;
                a_o     <= col;
                wait_q  <= HALF != 0 & state_q == S_READ ? 3'd0 : HALF != 0 ? 3'd1 : 3'd2;
                state_q <= HALF != 0 & state_q == S_READ ? S_READ2 : S_DATA;
            end
            S_DATA: begin
                dat_q[WIDTH-1:0] <= dq_i;
                state_q <= HALF != 0 ? S_DATA2 : S_IDLE;
                ack_q   <= HALF == 0;
            end
            S_DATA2: begin
                dat_q[31:32-WIDTH] <= dq_i;
                state_q <= S_IDLE;
                ack_q   <= 1'b1;
            end
            S_WRITE, S_WRITE2: begin
                cmd_n_o <= WRITE;
                a_o     <= col;
                dq_o    <= high ? dat_q[31:32-WIDTH] : dat_q[WIDTH-1:0];
                dqm_o   <= ~(high ? sel_q[3:4-WIDTH/8] : sel_q[WIDTH/8-1:0]);
                dq_oe_o <= 1'b1;
                ack_q   <= HALF == 0 | high;
                wait_q  <= HALF == 0 | high ? 3'd1 : 3'd0;     // tWR
                state_q <= HALF != 0 & ~high ? S_WRITE2 : S_IDLE;
            end
            default: state_q <= S_IDLE;
        endcase
        if (rst) begin
            cmd_n_o   <= NOP;
            dq_oe_o   <= 1'b0;
            state_q   <= S_START;
            next_q    <= S_REFR;
            wait_q    <= 3'd0;
            start_q   <= 14'd0;
            n_init_q  <= 4'd8;
            refresh_q <= 10'd0;
            due_q     <= 1'b0;
            open_q    <= 1'b0;
        end
    end
endmodule
`default_nettype wire
