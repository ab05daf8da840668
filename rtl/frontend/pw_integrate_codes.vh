// SPDX-License-Identifier: Apache-2.0
// Codes shared by pw_integrate and its step table. Included inside a module.
/* verilator lint_off UNUSEDPARAM */ // each of the two uses only a part
localparam [2:0] CUR = 0, CTL = 1, VA = 2, VB = 3, PNT = 4;   // channel: in work, control page, voltage a, b, point
localparam [1:0] PLAIN = 0, SUM = 1, OLD = 2, ENERGY = 3;     // word: as is, sums of running or completed bank, by sign
localparam [2:0] A_0 = 0, A_R = 1, A_NR = 2, A_T4 = 3,        // A: 0, word, ~word, T >> 2,
                 A_RP = 4, A_RL = 5, A_RN = 6, A_RF = 7;      //    word by polarity, minus that if line-line, by sign, 0 in first frame
localparam [2:0] B_0 = 0, B_T = 1, B_S = 2, B_I = 3,          // B: 0, T, sample, window information,
                 B_P = 4, B_P32 = 5, B_PS = 6, B_P17 = 7;     //    P, P >> 32, P << 15, P >> 17
localparam [2:0] C_0 = 0, C_1 = 1, C_C = 2, C_P = 3,          // carry in: 0, 1, kept, P[16] (rounds P >> 17),
                 C_T = 4, C_S = 5, C_N = 6, C_K = 7;          //    T[1] (rounds T >> 2), with A_RP and A_RL, sign, pulse
localparam [2:0] W_NO = 0, W_YES = 1, W_EN = 2, W_RES = 3,    // write: no, yes, not creeping, delivered and point exists,
                 W_CND = 4, W_ZC = 5;                         //    pulse, window closed by this voltage
localparam [2:0] M_NO = 0, M_LO = 1, M_HI = 2, M_W = 3,       // M load: no, R[14:0], R[30:15], R[15:0], constants 1, 16, 2^13, 2^12
                 M_1 = 4, M_16 = 5, M_8K = 6, M_4K = 7;
localparam [3:0] DO_NONE = 0, DO_CFG = 1, DO_NP = 2, DO_NQ = 3, DO_GATP = 4, DO_TAKE = 5, DO_OVF = 6, DO_FLAG = 7,
                 DO_REL = 8, DO_COND = 9, DO_PULS = 10, DO_LOOK = 11, DO_LINE = 12, DO_FRAM = 13, DO_GATQ = 14, DO_OVF0 = 15;
localparam [2:0] NEXT = 0, STOP = 1, IF_V = 2, ENDV = 3, TO_MAC = 4;
localparam K = 1'b0, Y = 1'b1, N = 1'b0, SP = 1'b0, SQ = 1'b1;
localparam [6:0] S_CLOSE = 0, S_MAIN = 22, S_MAC = 41, S_VOLT = 74, S_POST = 98, S_FRAME = 102;
// Words of a channel (pw_fe_channel in the RDL) and of the control page (pw_fe_ctrl)
localparam [4:0] CFG = 0, CREEP = 1, QUANTUM = 2, RATE = 3, DC = 4, FLAGS = 5, RESIDUE = 6, PHASE = 7,
                 V = 8, VQ = 9, VPREV = 10, AP_Y = 11, AP_X = 12;
localparam [4:0] REG_ID = 0, REG_CAPS = 1, WINCFG = 3, QUAD = 4, SAMP = 5, INFO = 7, ZC_BEF = 8, ZC_AFT = 9, PULSES = 11,
                 TMP0 = 16, TWO19 = 17;     // TWO19: the constant 2^19
/* verilator lint_on UNUSEDPARAM */
