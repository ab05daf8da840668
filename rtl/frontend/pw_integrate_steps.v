// SPDX-License-Identifier: Apache-2.0
// pw_integrate_steps - step table of pw_integrate: what the data path does in each clock. Purely combinational.
//   Every step reads the bank word it names, and may write the ALU result back to the same word.
//   result R = A + B + carry; T = the result of the step before; P = I * M, loaded where "pld" stands.
//   A word written in one step may be read two steps later, not in the next one.
// What the sequences compute: docs/metrology.md.
`default_nettype none
module pw_integrate_steps (
    input  wire [6:0] pc_i,
    output reg  [2:0] chs_o,              // whose word: see localparams
    output reg  [4:0] word_o,
    output reg  [1:0] mod_o,              // how the word is modified
    output reg  [2:0] a_o,
    output reg  [2:0] b_o,
    output reg  [2:0] cin_o,
    output reg  [2:0] we_o,
    output reg        cld_o,              // keep the carry
    output reg        ild_o,              // I <= sat24(R)
    output reg  [2:0] m_o,                // M load
    output reg        pld_o,              // P <= I * M
    output reg        q_o,                // sign in use: 0 of P, 1 of Q
    output reg  [3:0] act_o,
    output reg  [2:0] br_o                // next step
);
    `include "pw_integrate_codes.vh"

    //  chs  word  mod  A  B  carry  write  cld ild M  pld q act br
    wire [35:0] x;
    function [35:0] step(input [6:0] pc);
        case (pc)
        // ---- a CT of the first frame of a window: move the completed window on; what counts is the sum's high word
        S_CLOSE: step = {CUR, CFG,  PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_CFG,  NEXT};
        7'd1:  step = {CUR, 5'd1,   OLD,   A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NP,   NEXT};
        7'd2:  step = {CUR, 5'd3,   OLD,   A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SQ, DO_NQ,   NEXT};
        7'd3:  step = {CUR, 5'd1,   OLD,   A_RN, B_0,  C_N, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // |P|
        7'd4:  step = {CUR, CREEP,  PLAIN, A_NR, B_T,  C_1, W_NO, K, N, M_NO, N, SP, DO_GATP, NEXT};
        7'd5:  step = {CUR, 5'd1,   OLD,   A_RN, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // energy += |P|
        7'd6:  step = {CUR, 5'd8,   ENERGY,A_R,  B_T,  C_N, W_EN, Y, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd7:  step = {CUR, 5'd9,   ENERGY,A_R,  B_0,  C_C, W_EN, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd8:  step = {CUR, 5'd1,   OLD,   A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // residue of the point += P
        7'd9:  step = {PNT, RESIDUE,PLAIN, A_R,  B_T,  C_0, W_RES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd10: step = {CUR, 5'd3,   OLD,   A_RN, B_0,  C_N, W_NO, K, N, M_NO, N, SQ, DO_NONE, NEXT};  // |Q|
        7'd11: step = {CUR, CREEP,  PLAIN, A_NR, B_T,  C_1, W_NO, K, N, M_NO, N, SQ, DO_GATQ, NEXT};
        7'd12: step = {CUR, 5'd3,   OLD,   A_RN, B_0,  C_0, W_NO, K, N, M_NO, N, SQ, DO_NONE, NEXT};  // quadrant += |Q|
        7'd13: step = {CUR, 5'd12,  ENERGY,A_R,  B_T,  C_N, W_EN, Y, N, M_NO, N, SQ, DO_NONE, NEXT};
        7'd14: step = {CUR, 5'd13,  ENERGY,A_R,  B_0,  C_C, W_EN, K, N, M_NO, N, SQ, DO_NONE, NEXT};
        7'd15: step = {CUR, 5'd0,   OLD,   A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // the low words begin the new sums
        7'd16: step = {CUR, 5'd0,   SUM,   A_0,  B_T,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd17: step = {CUR, 5'd2,   OLD,   A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd18: step = {CUR, 5'd2,   SUM,   A_0,  B_T,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd19: step = {CUR, PHASE,  PLAIN, A_NR, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // rate = residue - phase
        7'd20: step = {CUR, RESIDUE,PLAIN, A_R,  B_T,  C_1, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd21: step = {CUR, RATE,   PLAIN, A_0,  B_T,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        // ---- every sample: DC blocker, gain
        S_MAIN: step = {CUR, DC,    PLAIN, A_NR, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // T = ~m
        7'd23: step = {CUR, CFG,    PLAIN, A_T4, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd24: step = {CUR, CFG,    PLAIN, A_T4, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd25: step = {CUR, CFG,    PLAIN, A_T4, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd26: step = {CUR, CFG,    PLAIN, A_T4, B_S,  C_1, W_NO, K, Y, M_8K, N, SP, DO_OVF0, NEXT};  // y = x + ~(m >> 8) + 1
        7'd27: step = {CUR, CFG,    PLAIN, A_0,  B_0,  C_0, W_NO, K, N, M_4K, Y, SP, DO_NONE, NEXT};
        7'd28: step = {CUR, DC,     PLAIN, A_R,  B_P17,C_P, W_YES,K, N, M_NO, Y, SP, DO_NONE, NEXT};  // m += (y + 8) >> 4
        7'd29: step = {CUR, DC,     PLAIN, A_0,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd30: step = {CUR, DC,     PLAIN, A_NR, B_P17,C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // T = ~(m - (y >> 5))
        7'd31: step = {CUR, CFG,    PLAIN, A_T4, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd32: step = {CUR, CFG,    PLAIN, A_T4, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd33: step = {CUR, CFG,    PLAIN, A_T4, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd34: step = {CUR, CFG,    PLAIN, A_T4, B_S,  C_1, W_NO, K, Y, M_1,  N, SP, DO_TAKE, NEXT};  // y' = x - (that >> 8)
        7'd35: step = {CUR, CFG,    PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_W,  Y, SP, DO_CFG,  NEXT};  // M = gain, P = y'
        7'd36: step = {CTL, TMP0,   PLAIN, A_0,  B_P,  C_0, W_YES,K, N, M_NO, Y, SP, DO_NONE, NEXT};
        7'd37: step = {CTL, TMP0,   PLAIN, A_0,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd38: step = {CTL, TMP0,   PLAIN, A_R,  B_P17,C_P, W_NO, K, Y, M_1,  N, SP, DO_OVF,  IF_V};  // z
        7'd39: step = {CTL, TMP0,   PLAIN, A_0,  B_0,  C_0, W_NO, K, N, M_NO, Y, SP, DO_NONE, NEXT};
        7'd40: step = {CTL, TMP0,   PLAIN, A_0,  B_P,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        // ---- products into the window sums: I * V, I * Vq, square
        S_MAC: step = {VA,  V,      PLAIN, A_RP, B_0,  C_S, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd42: step = {VB,  V,      PLAIN, A_RL, B_T,  C_S, W_NO, K, N, M_LO, N, SP, DO_NONE, NEXT};
        7'd43: step = {CUR, CFG,    PLAIN, A_0,  B_T,  C_0, W_NO, K, N, M_HI, Y, SP, DO_NONE, NEXT};
        7'd44: step = {CUR, 5'd0,   SUM,   A_RF, B_P,  C_0, W_YES,Y, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd45: step = {CUR, 5'd1,   SUM,   A_RF, B_P32,C_C, W_YES,K, N, M_NO, Y, SP, DO_NONE, NEXT};
        7'd46: step = {CUR, 5'd0,   SUM,   A_R,  B_PS, C_0, W_YES,Y, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd47: step = {CUR, 5'd1,   SUM,   A_R,  B_P17,C_C, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd48: step = {VA,  VQ,     PLAIN, A_RP, B_0,  C_S, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd49: step = {VB,  VQ,     PLAIN, A_RL, B_T,  C_S, W_NO, K, N, M_LO, N, SP, DO_NONE, NEXT};
        7'd50: step = {CUR, CFG,    PLAIN, A_0,  B_T,  C_0, W_NO, K, N, M_HI, Y, SP, DO_NONE, NEXT};
        7'd51: step = {CUR, 5'd2,   SUM,   A_RF, B_P,  C_0, W_YES,Y, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd52: step = {CUR, 5'd3,   SUM,   A_RF, B_P32,C_C, W_YES,K, N, M_NO, Y, SP, DO_NONE, NEXT};
        7'd53: step = {CUR, 5'd2,   SUM,   A_R,  B_PS, C_0, W_YES,Y, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd54: step = {CUR, 5'd3,   SUM,   A_R,  B_P17,C_C, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd55: step = {CTL, TMP0,   PLAIN, A_R,  B_0,  C_0, W_NO, K, Y, M_LO, N, SP, DO_NONE, NEXT};
        7'd56: step = {CUR, CFG,    PLAIN, A_0,  B_T,  C_0, W_NO, K, N, M_HI, Y, SP, DO_NONE, NEXT};
        7'd57: step = {CUR, 5'd4,   SUM,   A_RF, B_P,  C_0, W_YES,Y, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd58: step = {CUR, 5'd5,   SUM,   A_RF, B_P32,C_C, W_YES,K, N, M_NO, Y, SP, DO_NONE, NEXT};
        7'd59: step = {CUR, 5'd4,   SUM,   A_R,  B_PS, C_0, W_YES,Y, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd60: step = {CUR, 5'd5,   SUM,   A_R,  B_P17,C_C, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd61: step = {CUR, FLAGS,  PLAIN, A_0,  B_0,  C_0, W_YES,K, N, M_NO, N, SP, DO_FLAG, ENDV};
        // ---- phase += rate * 2^-13 (a window has at most 8191 samples); pulse: phase >= quantum != 0
        7'd62: step = {CTL, TWO19,  PLAIN, A_R,  B_0,  C_0, W_NO, K, Y, M_NO, N, SP, DO_NONE, NEXT};
        7'd63: step = {CUR, RATE,   PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_HI, N, SP, DO_REL,  NEXT};
        7'd64: step = {CUR, CFG,    PLAIN, A_0,  B_T,  C_0, W_NO, K, N, M_LO, Y, SP, DO_NONE, NEXT};  // P = 2^19 * rate[29:15]
        7'd65: step = {CUR, PHASE,  PLAIN, A_R,  B_P17,C_0, W_YES,K, N, M_NO, Y, SP, DO_NONE, NEXT};  // P = 2^19 * rate[14:0]
        7'd66: step = {CUR, FLAGS,  PLAIN, A_R,  B_P,  C_0, W_YES,Y, N, M_NO, N, SP, DO_NONE, NEXT};  // fraction of the phase: the upper 13 bits
        7'd67: step = {CUR, PHASE,  PLAIN, A_R,  B_P32,C_C, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd68: step = {CUR, QUANTUM,PLAIN, A_NR, B_0,  C_1, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd69: step = {CUR, PHASE,  PLAIN, A_R,  B_T,  C_0, W_NO, K, N, M_NO, N, SP, DO_COND, NEXT};  // carry: phase >= quantum != 0
        7'd70: step = {CUR, PHASE,  PLAIN, A_0,  B_T,  C_0, W_CND,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd71: step = {CUR, QUANTUM,PLAIN, A_NR, B_0,  C_1, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd72: step = {CUR, RESIDUE,PLAIN, A_R,  B_T,  C_0, W_CND,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd73: step = {CTL, PULSES, PLAIN, A_R,  B_0,  C_K, W_YES,K, N, M_NO, N, SP, DO_PULS, STOP};
        // ---- a voltage: tables, zero crossing, quadrature
        S_VOLT: step = {CUR, V,     PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_16, Y, SP, DO_NONE, NEXT};
        7'd75: step = {CUR, VPREV,  PLAIN, A_0,  B_T,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd76: step = {CUR, V,      PLAIN, A_0,  B_P,  C_0, W_YES,K, N, M_NO, Y, SP, DO_LOOK, NEXT};
        7'd77: step = {CUR, AP_Y,   PLAIN, A_NR, B_P,  C_1, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};  // e = 16 z - y1
        7'd78: step = {CUR, VPREV,  PLAIN, A_R,  B_0,  C_0, W_NO, K, Y, M_NO, N, SP, DO_NONE, NEXT};
        7'd79: step = {CTL, QUAD,   PLAIN, A_R,  B_0,  C_0, W_NO, K, Y, M_NO, Y, SP, DO_NONE, NEXT};  // P = 16 z1, I = b
        7'd80: step = {CUR, AP_Y,   PLAIN, A_NR, B_P,  C_1, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd81: step = {CUR, AP_X,   PLAIN, A_0,  B_T,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};  // 16 z1 - e
        7'd82: step = {CUR, AP_Y,   PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_HI, N, SP, DO_NONE, NEXT};
        7'd83: step = {CUR, AP_Y,   PLAIN, A_0,  B_T,  C_0, W_NO, K, N, M_LO, Y, SP, DO_NONE, NEXT};
        7'd84: step = {CUR, AP_Y,   PLAIN, A_0,  B_P,  C_0, W_NO, K, N, M_NO, Y, SP, DO_NONE, NEXT};
        7'd85: step = {CUR, AP_X,   PLAIN, A_T4, B_P17,C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd86: step = {CUR, AP_X,   PLAIN, A_T4, B_0,  C_T, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};  // b e
        7'd87: step = {CUR, AP_X,   PLAIN, A_R,  B_T,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd88: step = {CUR, AP_Y,   PLAIN, A_0,  B_T,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};  // y
        7'd89: step = {CUR, AP_Y,   PLAIN, A_T4, B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd90: step = {CUR, FLAGS,  PLAIN, A_T4, B_0,  C_T, W_NO, K, Y, M_1,  N, SP, DO_NONE, NEXT};
        7'd91: step = {CUR, FLAGS,  PLAIN, A_0,  B_0,  C_0, W_YES,K, N, M_NO, Y, SP, DO_FLAG, NEXT};
        7'd92: step = {CUR, VQ,     PLAIN, A_0,  B_P,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd93: step = {CTL, INFO,   PLAIN, A_0,  B_I,  C_0, W_ZC, K, N, M_NO, N, SP, DO_LINE, NEXT};
        7'd94: step = {CUR, VPREV,  PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd95: step = {CTL, ZC_BEF, PLAIN, A_0,  B_T,  C_0, W_ZC, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd96: step = {CUR, V,      PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd97: step = {CTL, ZC_AFT, PLAIN, A_0,  B_T,  C_0, W_ZC, K, N, M_NO, N, SP, DO_NONE, STOP};
        // ---- after the last CT: a voltage's products; after the last voltage: count the frame
        S_POST: step = {CUR, CFG,   PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_CFG,  NEXT};
        7'd99: step = {CUR, V,      PLAIN, A_R,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd100: step = {CTL, TMP0,   PLAIN, A_0,  B_T,  C_0, W_YES,K, N, M_NO, N, SP, DO_NONE, NEXT};
        7'd101: step = {VB,  V,      PLAIN, A_R,  B_0,  C_0, W_NO, K, Y, M_NO, N, SP, DO_NONE, TO_MAC};
        S_FRAME: step = {CTL, SAMP, PLAIN, A_R,  B_0,  C_1, W_YES,K, N, M_NO, N, SP, DO_FRAM, STOP};
        default: step = {CUR, CFG,  PLAIN, A_0,  B_0,  C_0, W_NO, K, N, M_NO, N, SP, DO_NONE, STOP};
        endcase
    endfunction
    assign x = step(pc_i);
    always @(*) {chs_o, word_o, mod_o, a_o, b_o, cin_o, we_o, cld_o, ild_o, m_o, pld_o, q_o, act_o, br_o} = x;
endmodule
`default_nettype wire
