// SPDX-License-Identifier: Apache-2.0
// pw_integrate - calibrated samples, window sums, energies and pulses of all channels on one 32-bit ALU, one 24 x 16
// multiplier and one bank RAM; the sequence of steps is in pw_integrate_steps, what it computes in docs/metrology.md.
//   samples come in channel order; 52 clocks a CT, 74 in the first frame of a window, 41 + 25 a voltage
//   the CPU's access takes two clocks between two channels: at most 82 clocks of waiting
//
//   bank RAM --> A --+--> R = A + B + c --> T, I, M, bank RAM
//   P, T, sample --> B                      P = I * M
`default_nettype none
module pw_integrate #(
    parameter N_CH    = 27,               // channels, 4..63; word page N_CH of the bank holds the control registers
    parameter MOD_DIV = 5,                // for CAPS
    parameter CT_CURVE = 0,               // for CAPS
    parameter AW      = $clog2(N_CH + 1) + 5  // not to be set: bank address, {channel or N_CH, word}
) (
    input  wire               clk,
    input  wire               rst,
    // samples, sQ0.23; taken when both are high
    input  wire               s_valid_i,
    output wire               s_ready_o,
    input  wire        [5:0]  s_ch_i,
    input  wire signed [23:0] s_data_i,
    // window
    input  wire        [1:0]  zc_src_i,   // voltage whose crossings count
    output wire               look_o,     // to pw_line
    output wire               neg_o,
    output wire               low_o,
    output wire               take_o,
    input  wire               close_i,
    input  wire        [24:0] info_i,
    input  wire               bank_i,     // bank of the running window, once busy_o has its new value
    output reg                busy_o,     // this frame closes a window
    output wire               frame_o,    // one clock at the end of a frame; busy_o falls after it
    // CPU: req until ack; rdata valid with ack
    input  wire               cpu_req_i,
    input  wire               cpu_we_i,
    input  wire               cpu_live_i, // low in the clock of the ack: request was withdrawn, no write
    input  wire        [AW-1:0] cpu_addr_i,
    input  wire        [31:0] cpu_wdata_i,
    output wire               cpu_ack_o,
    output wire        [31:0] cpu_rdata_o,
    // calibrated samples, sQ0.23, once a channel and frame, in channel order, voltages first; frame_o comes after the last
    output reg                z_valid_o,
    output wire        [5:0]  z_ch_o,
    output wire signed [23:0] z_data_o,
    // pulses
    output wire               pulse_valid_o,
    output wire        [5:0]  pulse_ch_o  // CT number
);
    `include "pw_integrate_codes.vh"

    // ---------------------------------------------------------------- sequencer
    reg  [6:0] pc_q;
    reg  [5:0] ch_q;
    reg        run_q, ex_q, sweep_q, post_q, cpu_last_q;
    wire       is_v = ch_q < 6'd3;
    wire [2:0] chs, a_d, b_d, cin_d, we_d, m_d, br;
    wire [4:0] word;
    wire [1:0] mod;
    wire       cld_d, ild_d, pld_d, q_d;
    wire [3:0] act_d;

    pw_integrate_steps steps (
        .pc_i(pc_q), .chs_o(chs), .word_o(word), .mod_o(mod), .a_o(a_d), .b_o(b_d), .cin_o(cin_d), .we_o(we_d),
        .cld_o(cld_d), .ild_o(ild_d), .m_o(m_d), .pld_o(pld_d), .q_o(q_d), .act_o(act_d), .br_o(br));

    // Idle: the CPU, but not twice in a row while work waits; then the voltages' products, then a sample.
    wire idle    = ~run_q & ~ex_q & ~sweep_q;
    wire work    = post_q | s_valid_i;
    wire cpu_go  = idle & cpu_req_i & ~ex_cpu_q & ~(cpu_last_q & work);
    wire stop    = br == STOP | (br == ENDV & is_v);
    wire last_ch = ch_q == N_CH[5:0] - 6'd1;
    reg  ex_cpu_q, ex_cpu_we_q;

    always @(posedge clk) begin
        ex_q     <= run_q;
        ex_cpu_q <= cpu_go;
        ex_cpu_we_q <= cpu_we_i;
        if (cpu_go) cpu_last_q <= 1'b1;
        if (sweep_q) begin
            pc_q <= {2'b00, pc_q[4:0] + 5'd1};
            if (&pc_q[4:0]) begin
                ch_q    <= ch_q + 6'd1;
                sweep_q <= ch_q != N_CH[5:0];
            end
        end else if (run_q) begin
            pc_q <= pc_q + 7'd1;
            if (br == IF_V & is_v) pc_q <= S_VOLT;
            if (br == TO_MAC) pc_q <= S_MAC;
            if (stop) begin
                run_q <= 1'b0;
                if (br == ENDV) ch_q <= ch_q + 6'd1;
                if (last_ch & ~is_v) begin
                    ch_q   <= 6'd0;
                    post_q <= 1'b1;
                end
                if (act_d == DO_FRAM) post_q <= 1'b0;
            end
        end else if (idle & ~cpu_go & work & ~ex_cpu_q) begin
            run_q      <= 1'b1;
            cpu_last_q <= 1'b0;
            if (~post_q) ch_q <= s_ch_i;
            pc_q <= post_q ? (ch_q == 6'd3 ? S_FRAME : S_POST) : busy_o & s_ch_i >= 6'd3 ? S_CLOSE : S_MAIN;
        end
        if (rst) begin
            pc_q <= 7'd0; ch_q <= 6'd0; run_q <= 1'b0; sweep_q <= 1'b1; post_q <= 1'b0;
            ex_q <= 1'b0; ex_cpu_q <= 1'b0; cpu_last_q <= 1'b0;
        end
    end

    // ---------------------------------------------------------------- address of this step
    reg        np_q, nq_q, pol_q, ll_q;
    reg  [1:0] va_q;
    reg  [5:0] point_q;
    wire [1:0] vb = va_q == 2'd2 ? 2'd0 : va_q + 2'd1;
    reg  [AW-6:0] ch_x;
    reg  [4:0] word_x;

    always @(*) begin
        case (chs)
            CTL:     ch_x = N_CH[AW-6:0];
            VA:      ch_x = {{(AW-7){1'b0}}, va_q};
            VB:      ch_x = {{(AW-7){1'b0}}, vb};
            PNT:     ch_x = point_q[AW-6:0];
            default: ch_x = ch_q[AW-6:0];
        endcase
        case (mod)
            SUM:     word_x = (bank_i ? 5'd26 : 5'd20) + word;
            OLD:     word_x = (bank_i ? 5'd20 : 5'd26) + word;
            ENERGY:  word_x = word[2] ? {nq_q, ~nq_q, ~nq_q, np_q ^ nq_q, word[0]} : {3'b010, np_q, word[0]};
            default: word_x = word;
        endcase
        if (sweep_q) begin
            ch_x   = ch_q[AW-6:0];
            word_x = pc_q[4:0];
        end
        if (cpu_go) {ch_x, word_x} = cpu_addr_i;
    end

    // ---------------------------------------------------------------- step in execution
    localparam [1:0] X_0 = 0, X_R = 1, X_NR = 2, X_T4 = 3;
    reg  [1:0] a_q, a_x;                  // A with the signs already decided
    reg  [2:0] cin_q, cin_x, we_q, m_q;
    reg  [7:0] b_q;                       // one bit a source
    reg        cld_q, ild_q, pld_q, ex_sweep_q;
    wire       neg = q_d ? nq_q : np_q;
    always @(*) begin
        case (a_d)
            A_R:     a_x = X_R;
            A_NR:    a_x = X_NR;
            A_T4:    a_x = X_T4;
            A_RP:    a_x = pol_q ? X_NR : X_R;
            A_RL:    a_x = ~ll_q ? X_0 : pol_q ? X_R : X_NR;
            A_RN:    a_x = neg ? X_NR : X_R;
            A_RF:    a_x = busy_o & (post_q | word[0] | word[2]) ? X_0 : X_R; // a CT's low words of P and Q go on
            default: a_x = X_0;
        endcase
        case (cin_d)
            C_S:     cin_x = a_x == X_NR ? C_1 : C_0;
            C_N:     cin_x = neg ? C_1 : C_0;
            default: cin_x = cin_d;
        endcase
    end
    reg  [3:0] act_q;
    reg  [AW-1:0] waddr_q;
    always @(posedge clk) begin
        a_q   <= a_x;   b_q   <= 8'd1 << b_d; cin_q <= cin_x; we_q <= we_d; m_q <= m_d;
        cld_q <= cld_d; ild_q <= ild_d; pld_q <= pld_d;
        act_q <= act_d;
        waddr_q    <= {ch_x, word_x};
        ex_sweep_q <= sweep_q;
        if (!run_q) begin
            a_q <= X_0; b_q <= 8'd0; cin_q <= C_0; we_q <= W_NO; m_q <= M_NO;
            cld_q <= 1'b0; ild_q <= 1'b0; pld_q <= 1'b0; act_q <= DO_NONE;
        end
    end

    // ---------------------------------------------------------------- data path
    reg  [31:0] bank [0:(N_CH + 1) * 32 - 1];
    reg  [31:0] word_q, t_q, a, b;
    reg  signed [23:0] i_q;
    reg  signed [15:0] m_reg_q;
    reg  signed [39:0] p_q;
    reg         c_q, cin, gate_q, creep_q, cond_q, zc_q, ovf_q, clip_q, moving_q;
    wire [32:0] sum = {1'b0, a} + {1'b0, b} + {32'd0, cin};
    wire [31:0] r = sum[31:0];
    wire        carry = sum[32];
    wire        sat = ~(&r[31:23] | ~|r[31:23]);

    // Reset values of the control page, written in the sweep
    wire        page_x = sweep_q & ch_x == N_CH[AW-6:0];
    reg         id_q, caps_q, win_q, quad_q, two19_q;
    always @(posedge clk) begin
        id_q   <= page_x & word_x == REG_ID;
        caps_q <= page_x & word_x == REG_CAPS;
        win_q  <= page_x & word_x == WINCFG;
        quad_q <= page_x & word_x == QUAD;
        two19_q <= page_x & word_x == TWO19;
    end
    localparam [31:0] CAPS = CT_CURVE << 24 | 32'd9 << 20 | MOD_DIV << 12 | 32'd3 << 8 | (N_CH - 3);
    wire [31:0] init = {32{id_q}} & 32'h50574645 | {32{caps_q}} & CAPS | {32{win_q}} & (32'd4096 << 16 | 32'd24 << 10 | 32'd12)
                     | {32{quad_q}} & 32'd24000 | {32{two19_q}} & 32'h00080000;

    always @(*) begin
        case (a_q)
            X_R:     a = word_q;
            X_NR:    a = ~word_q;
            X_T4:    a = {{2{t_q[31]}}, t_q[31:2]};
            default: a = 32'd0;
        endcase
        b = {32{b_q[B_T]}} & t_q | {32{b_q[B_S]}} & {{8{s_data_i[23]}}, s_data_i}
          | {32{b_q[B_I]}} & {7'd0, info_i} | {32{ex_cpu_q}} & cpu_wdata_i
          | {32{b_q[B_P]}} & p_q[31:0] | {32{b_q[B_PS]}} & {p_q[16:0], 15'd0}
          | {32{b_q[B_P32]}} & {{24{p_q[39]}}, p_q[39:32]} | {32{b_q[B_P17]}} & {{9{p_q[39]}}, p_q[39:17]}
          | init;
        case (cin_q)
            C_1:     cin = 1'b1;
            C_C:     cin = c_q;
            C_P:     cin = p_q[16];
            C_T:     cin = t_q[1];
            C_K:     cin = cond_q;
            default: cin = 1'b0;
        endcase
    end

    // Flags: of the sample or window now, moved on to "last" when a window closes
    wire move = busy_o & (post_q | ~is_v);
    wire [2:0] now = {3{~move}} & word_q[10:8] | {3{~post_q}} & {moving_q, clip_q, ovf_q};
    wire [3:0] last = move ? {creep_q & ~post_q, ~word_q[10], word_q[9:8]} : word_q[3:0];
    wire [31:0] wdata = act_q == DO_FLAG ? {word_q[31:19], 8'd0, now, 4'd0, last} : r;

    reg we;
    always @(*) begin
        case (we_q)
            W_YES:   we = 1'b1;
            W_EN:    we = ~gate_q;
            W_RES:   we = ~gate_q & ~np_q & point_q < N_CH[5:0];
            W_CND:   we = cond_q;
            W_ZC:    we = zc_q;
            default: we = 1'b0;
        endcase
        if (ex_cpu_q) we = ex_cpu_we_q & cpu_live_i;
        if (ex_sweep_q) we = 1'b1;
    end

    always @(posedge clk) begin
        if (we) bank[waddr_q] <= wdata;
        word_q <= bank[{ch_x, word_x}];
    end

    always @(posedge clk) begin
        t_q <= r;
        if (cld_q) c_q <= carry;
        if (ild_q) i_q <= sat ? {r[31], {23{~r[31]}}} : r[23:0];
        case (m_q)
            M_LO:    m_reg_q <= {1'b0, r[14:0]};
            M_HI:    m_reg_q <= {r[30] & act_q != DO_REL, r[29:15]};   // a rate is not negative
            M_W:     m_reg_q <= r[15:0];
            M_1:     m_reg_q <= 16'd1;
            M_16:    m_reg_q <= 16'd16;
            M_8K:    m_reg_q <= 16'd8192;
            M_4K:    m_reg_q <= 16'd4096;
            default: m_reg_q <= m_reg_q;
        endcase
        if (pld_q) p_q <= i_q * m_reg_q;
    end

    // ---------------------------------------------------------------- what single steps do besides
    wire [22:16] mag = s_data_i[22:16] ^ {7{s_data_i[23]}};
    wire zc_here = zc_src_q[1] ? ch_q[1] : ch_q[0] == zc_src_q[0] & ~ch_q[1];
    assign s_ready_o     = act_q == DO_TAKE;
    assign look_o        = act_q == DO_LOOK & zc_here;
    assign neg_o         = r[31];
    assign low_o         = r[31] & ~&r[22:17];
    assign take_o        = act_q == DO_LINE & zc_here;
    assign frame_o       = act_q == DO_FRAM;
    assign pulse_valid_o = act_q == DO_PULS & cond_q;
    assign pulse_ch_o    = pulse_ch_q;
    assign cpu_ack_o     = ex_cpu_q;
    assign cpu_rdata_o   = word_q;
    assign z_ch_o        = ch_q;
    assign z_data_o      = i_q;
    always @(posedge clk) z_valid_o <= ~rst & act_q == DO_OVF;   // the step that loads I with z

    reg [5:0] pulse_ch_q;
    reg [1:0] zc_src_q;                   // one for the whole frame, so that pw_line sees each frame once
    always @(posedge clk) begin
        case (act_q)
            DO_CFG: begin
                pol_q   <= word_q[19] & ~is_v;
                ll_q    <= ~is_v & (word_q[18] ? ~word_q[17] : &word_q[17:16]);
                va_q    <= is_v ? ch_q[1:0] : word_q[18] ? (word_q[17] ? 2'd0 : {word_q[16], ~word_q[16]}) :
                           &word_q[17:16] ? 2'd0 : word_q[17:16];
                point_q <= word_q[25:20];
            end
            DO_NP:   np_q <= r[31];
            DO_NQ:   nq_q <= r[31];
            DO_GATP: begin
                gate_q  <= ~carry;
                creep_q <= ~carry;
            end
            DO_GATQ: gate_q <= ~carry;
            DO_TAKE: begin
                ovf_q    <= ovf_q | sat;
                if (ch_q == 6'd0) zc_src_q <= zc_src_i;
                clip_q   <= &mag[22:19];
                moving_q <= ~&mag[22:16];
            end
            DO_OVF0: ovf_q <= sat;
            DO_OVF:  ovf_q <= ovf_q | sat;
            DO_COND: begin
                cond_q     <= carry;
                pulse_ch_q <= ch_q - 6'd3;
            end
            DO_FLAG: zc_q <= close_i & zc_here;
            default: ;
        endcase
        busy_o <= ~rst & ~frame_o & (busy_o | close_i);
    end

`ifdef FORMAL
    // Sequencer and bus side; the data path is cut away (tests/formal/frontend).
    reg       seen = 1'b0;
    reg [7:0] f_run, f_wait;              // clocks of the running sequence, of the waiting CPU
    reg       f_used;                     // the word read now is used by the next step
    reg [AW-1:0] f_addr, f_cpu_addr;
    reg       f_cpu_we;
    always @(posedge clk) seen <= 1'b1;
    always @(*) begin
        if (!seen) assume (rst);
        assume (s_ch_i < N_CH[5:0]);
    end
    always @(posedge clk) begin
        if (seen && !$past(rst) && $past(cpu_req_i && !cpu_ack_o)) assume (cpu_req_i && cpu_live_i);
        f_run  <= rst || !run_q ? 8'd0 : f_run + 8'd1;
        f_wait <= rst || sweep_q || !cpu_req_i || cpu_ack_o ? 8'd0 : f_wait + 8'd1;
        f_used <= ~rst & run_q & (a_d == A_R | a_d == A_NR | a_d == A_RP | a_d == A_RL | a_d == A_RN | a_d == A_RF | act_d == DO_FLAG);
        f_addr <= {ch_x, word_x};
        f_cpu_addr <= cpu_addr_i;
        f_cpu_we   <= cpu_we_i;
    end
    always @(posedge clk) if (seen && !rst) begin
        // Every sequence ends: pc only grows, save one jump back; so its clocks are bounded by pc.
        if (run_q) assert (!sweep_q && pc_q <= S_FRAME);
        if (run_q) assert (f_run <= (pc_q >= S_POST ? pc_q - S_POST : pc_q >= S_VOLT ? pc_q - 7'd35 : pc_q));
        assert (f_run <= 8'd74);
        if (!run_q) assert (f_run == 8'd0 || ex_q);
        assert (!(ex_cpu_q && (run_q || ex_q)));
        if (run_q || ex_q) assert (ch_q < N_CH[5:0]);
        if (post_q) assert (!sweep_q && ch_q <= 6'd3);
        // A request waits for one sequence at most, as the CPU has the next turn after it.
        assert (!(cpu_last_q && (run_q || ex_q)));
        assert (f_wait <= (run_q || ex_q ? f_run + 8'd1 : ex_cpu_q ? 8'd77 : cpu_last_q ? 8'd0 : 8'd76));
        // A bus write changes the word it was allowed to, and only in its own clock.
        if (ex_cpu_q) assert ($past(cpu_req_i) && waddr_q == f_cpu_addr);
        if (ex_cpu_q && we) assert (f_cpu_we);
        if (we && !ex_cpu_q && !ex_sweep_q && !sweep_q) assert (ex_q);
        // No step uses a word that was being written while it was read.
        if ($past(we) && f_used) assert ($past(waddr_q) != f_addr);
    end
`endif
endmodule
`default_nettype wire
