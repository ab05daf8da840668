// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_bus - the one arbiter and the one address decoder of the system on chip.
//   instruction bus -> RAM, boot ROM, external memory; data bus -> RAM, external memory, register blocks, front-end, analysis. The data bus goes first at the RAM,
//   but an access takes it 2 clk and the second belongs to the instruction bus, so neither can starve the other.
// Time from request to answer: data bus 1 clk (front-end, analysis, external memory: their own time + 1 clk); instruction 1 clk, next in sequence 0 clk
// (the next word is read while this one is answered), ROM or unmapped 0 clk.
// SYS.SCRATCH, which must live through a watchdog reset, is the last two words of the RAM: firmware leaves them alone.
// A request (stb, and with it adr, we, sel, dat) is held until ack or err, exactly one of which answers it.
module pw_bus #(
    parameter RAM_KIB = 128,              // 4..1024
    parameter HAS_ROM = 0,                // 1: boot ROM at 0x40000000, until the first fetch from RAM; a power of two KiB then
    parameter RVC     = 0,                // 1: the CPU has 16-bit instructions
    parameter HAS_ANA = 0,                // 1: there is an analysis block
    parameter HAS_XM  = 0                 // 1: external memory at 0x20000000, 512 MiB; 2: pw_xip there, 256 KiB, read only, one request at a time
) (
    input  wire        clk,
    input  wire        rst,               // synchronous; the masters are reset too and drop their requests
    // instruction bus, read only; addresses are in words
    input  wire        i_stb_i,
    input  wire [29:0] i_adr_i,
    output wire [31:0] i_dat_o,           // on err an illegal instruction, so the CPU traps there
    output wire        i_ack_o,
    output wire        i_err_o,
    // boot ROM: request held until ack; the address is i_adr_i
    output wire        rom_stb_o,
    input  wire [31:0] rom_dat_i,
    input  wire        rom_ack_i,
    // data bus
    input  wire        d_stb_i,
    input  wire        d_we_i,
    input  wire [29:0] d_adr_i,
    input  wire [31:0] d_dat_i,
    input  wire [3:0]  d_sel_i,
    output wire [31:0] d_dat_o,           // 0 on err
    output wire        d_ack_o,
    output wire        d_err_o,
    // RAM, one port; data come one clk after the address, writes do not read
    output wire [$clog2(RAM_KIB * 256)-1:0] ram_adr_o,
    output wire [3:0]  ram_we_o,
    output wire [31:0] ram_dat_o,
    input  wire [31:0] ram_dat_i,
    // register blocks: stb for one clk, answered combinationally; dat must be 0 when stb is 0
    output wire        p_stb_o,
    output wire        p_we_o,
    output wire [11:2] p_adr_o,
    output wire [31:0] p_dat_o,
    input  wire [31:0] p_dat_i,
    input  wire        p_err_i,
    // front-end: stb held until ack or err
    output wire        fe_stb_o,
    output wire        fe_we_o,
    output wire [13:2] fe_adr_o,
    output wire [31:0] fe_dat_o,
    input  wire [31:0] fe_dat_i,
    input  wire        fe_ack_i,
    input  wire        fe_err_i,
    // analysis: likewise
    output wire        an_stb_o,
    output wire        an_we_o,
    output wire [11:2] an_adr_o,
    output wire [31:0] an_dat_o,
    input  wire [31:0] an_dat_i,
    input  wire        an_ack_i,
    input  wire        an_err_i,
    // external memory: a request of either bus held until its ack; xm_i's address is i_adr_i
    output wire        xm_i_stb_o,
    input  wire        xm_i_ack_i,
    output wire        xm_d_stb_o,
    output wire        xm_d_we_o,
    output wire [28:2] xm_d_adr_o,
    output wire [31:0] xm_d_dat_o,
    output wire [3:0]  xm_d_sel_o,
    input  wire        xm_d_ack_i,
    input  wire [31:0] xm_dat_i,          // of either
    // pw_xip: the request it may begin (data bus first), the word's address and whether it is the one behind the last; begun in this clk
    output wire        xip_stb_o,
    output wire        xip_seq_o,
    output wire [15:0] xip_adr_o,
    input  wire        xip_start_i,
    output wire        xip_later_o,       // xip_ack may not come in this clk: the RAM answers
    input  wire        xip_ack_i,
    // one clk for each bus error
    output wire        buserr_o,
    output wire [31:0] buserr_adr_o
);
    `include "pw_regs.vh"
    localparam AW = $clog2(RAM_KIB * 256);
    localparam [31:0] RAM_WORDS = RAM_KIB * 256;
    localparam [63:0] REG_BASE = `PW_SYS_BASE_ADDR;
    localparam [63:0] REG_TOP  = `PW_BANK_BASE_ADDR + `PW_BANK_SIZE - 1;   // last register byte
    localparam [63:0] ANA_BASE = `PW_ANA_BASE_ADDR;              // 4 KiB
    localparam [63:0] SCRATCH  = `PW_SYS_SCRATCH_BASE_ADDR(0);   // two words, a multiple of 8
    localparam XIP = HAS_XM == 2 ? 1 : 0;
    localparam [AW-1:0] LAST_WORD = RAM_KIB * 256 - 1;
    localparam RW = $clog2(REG_TOP - REG_BASE + 1);   // address bits of the register space: 14

    // decoder. Registers take whole words only: a byte written into half a register would be a silent fault.
    function in_ram(input [29:0] adr);
        in_ram = (adr[29:AW] == 0) && ({{(32-AW){1'b0}}, adr[AW-1:0]} < RAM_WORDS);
    endfunction
    wire d_hit_ram = in_ram(d_adr_i);
    wire d_hit_reg = (d_adr_i[29:RW-2] == REG_BASE[31:RW]) && (d_sel_i == 4'hF);
    wire d_hit_an  = (HAS_ANA != 0) && (d_adr_i[29:10] == ANA_BASE[31:12]) && (d_sel_i == 4'hF);
    wire d_hit_xm  = (HAS_XM != 0) && (d_adr_i[29:27] == 3'b001) && (XIP == 0 || (d_adr_i[26:16] == 11'd0 && !d_we_i));
    wire d_scratch = d_hit_reg && (d_adr_i[RW-3:1] == SCRATCH[RW-1:3]);
    wire d_sel_ram = d_stb_i && (d_hit_ram || d_scratch);
    wire d_sel_p   = d_stb_i && d_hit_reg && (d_adr_i[RW-3:10] == 0) && !d_scratch;
    wire d_sel_fe  = d_stb_i && d_hit_reg && (d_adr_i[RW-3:10] != 0);
    wire d_sel_an  = d_stb_i && d_hit_an;
    wire d_sel_xm  = d_stb_i && d_hit_xm;
    wire d_sel_no  = d_stb_i && !d_hit_ram && !d_hit_reg && !d_hit_an && !d_hit_xm;
    reg  booted_q;
    wire i_hit_ram = in_ram(i_adr_i);
    wire i_hit_rom = (HAS_ROM != 0) && !booted_q && i_adr_i[28];
    wire i_hit_xm  = (HAS_XM != 0) && (i_adr_i[29:27] == 3'b001) && (XIP == 0 || i_adr_i[26:16] == 11'd0);

    // RAM port: the data bus when it wants it, else the instruction bus, which reads ahead. pw_xip has its address from the same multiplexer,
    // and the register of the next address tells it what is in sequence: the RAM's port has to rest meanwhile.
    reg           ack_q, err_q, ram_q;    // the data bus is answered in this clk; by RAM
    reg           i_read_q;               // RAM output is the word at i_adr_q
    reg  [AW-1:0] i_adr_q;
    wire          d_end   = ack_q || err_q;
    wire          d_grant = d_sel_ram && !d_end;
    wire          d_xip   = (XIP != 0) && d_sel_xm;
    wire          xi_ack, xd_ack;         // external memory's answers
    wire          i_xip   = (XIP != 0) && i_stb_i && i_hit_xm && !xi_ack;
    wire          i_ram_ack = i_stb_i && i_hit_ram && i_read_q && (i_adr_i[AW-1:0] == i_adr_q);
    wire [AW-1:0] i_next  = i_stb_i ? i_adr_i[AW-1:0] + {{(AW-1){1'b0}}, i_ram_ack || (XIP != 0 && xi_ack)} : i_adr_q;
    assign ram_adr_o = !d_grant && !d_xip ? i_next : d_scratch ? {LAST_WORD[AW-1:1], d_adr_i[0]} : d_adr_i[AW-1:0];
    assign ram_we_o  = d_sel_i & {4{d_grant && d_we_i}};
    assign ram_dat_o = d_dat_i;

    // all answers of the data bus come from a register
    reg  [31:0] dat_q;
    wire        fe_ok  = d_sel_fe && fe_ack_i;
    wire        fe_bad = d_sel_fe && fe_err_i;
    wire        an_ok  = d_sel_an && an_ack_i;
    wire        an_bad = d_sel_an && an_err_i;
    wire        xm_ok  = (XIP == 0) && d_sel_xm && xd_ack;
    assign p_stb_o  = d_sel_p && !d_end;
    assign p_we_o   = d_we_i;
    assign p_adr_o  = d_adr_i[9:0];
    assign p_dat_o  = d_dat_i;
    assign fe_stb_o = d_sel_fe && !d_end;
    assign fe_we_o  = d_we_i;
    assign fe_adr_o = d_adr_i[11:0];
    assign fe_dat_o = d_dat_i;
    assign an_stb_o = d_sel_an && !d_end;
    assign an_we_o  = d_we_i;
    assign an_adr_o = d_adr_i[9:0];
    assign an_dat_o = d_dat_i;
    assign xm_d_stb_o = d_sel_xm && !d_end;
    assign xm_d_we_o  = d_we_i;
    assign xm_d_adr_o = d_adr_i[26:0];
    assign xm_d_dat_o = d_dat_i;
    assign xm_d_sel_o = d_sel_i;
    assign xm_i_stb_o = i_stb_i && i_hit_xm;
    generate if (XIP != 0) begin : xip
        reg seq_q, bank_q, who_q;         // i_adr_q, and this bit above it, are behind the last word read; who: 1 data bus
        assign xip_stb_o = d_xip || (i_xip && !d_grant);  // not while the address multiplexer serves the RAM
        assign xip_seq_o = seq_q && !d_xip && i_adr_i[AW-1:0] == i_adr_q && i_adr_i[15] == bank_q;
        assign xip_adr_o = {d_xip ? d_adr_i[15] : i_adr_i[15], ram_adr_o[14:0]};
        wire unused_xm = &{1'b0, xm_i_ack_i, xm_d_ack_i};
        assign xip_later_o = ram_q;
        assign xi_ack = xip_ack_i && !who_q;
        assign xd_ack = xip_ack_i && who_q;
        always @(posedge clk) begin
            if (xip_start_i) who_q <= d_xip;
            if (d_xip || (i_stb_i && !i_hit_xm)) seq_q <= 1'b0;
            if (xi_ack) begin
                seq_q  <= 1'b1;
                bank_q <= i_adr_i[15];
            end
            if (rst) seq_q <= 1'b0;
        end
`ifdef FORMAL
        // what makes "in sequence" inductive; pw_xip answers what it has begun and nothing else
        reg        f_busy = 1'b0;
        reg [15:0] f_last;                // the word begun last
        always @(posedge clk) begin
            f_busy <= !rst && (xip_start_i || (f_busy && !xip_ack_i));
            if (xip_start_i) f_last <= xip_adr_o;
        end
        always @(posedge clk) if (!rst) begin
            assume (!xip_ack_i || f_busy);
            assume (!xip_start_i || (xip_stb_o && !f_busy));
            if (f_busy && !who_q) assert (i_stb_i && i_hit_xm && f_last == i_adr_i[15:0]);
            if (f_busy && who_q)  assert (d_xip && !seq_q && f_last == d_adr_i[15:0]);
            // the first word of a half, behind the last of it, is the header or lies behind the image
            if (xip_start_i && xip_seq_o) assert (!d_xip && (xip_adr_o == f_last + 16'd1 || xip_adr_o[14:0] == 15'd0));
            if (seq_q && !f_busy) assert (i_adr_q == f_last[AW-1:0] + 1'b1 && bank_q == f_last[15]);
        end
`endif
    end else begin : no_xip
        assign xip_stb_o = 1'b0;
        assign xip_seq_o = 1'b0;
        assign xip_later_o = 1'b0;
        assign xip_adr_o = 16'd0;
        assign xi_ack = xm_i_ack_i;
        assign xd_ack = xm_d_ack_i;
        wire unused_xip = &{1'b0, xip_start_i, xip_ack_i};
    end endgenerate

    always @(posedge clk) begin
        if (!i_xip) i_adr_q <= i_next;
        i_read_q  <= !d_grant && !d_xip && !(XIP != 0 && i_stb_i && i_hit_xm);
        ram_q     <= d_grant;
        ack_q     <= !d_end && (d_sel_ram || (d_sel_p && !p_err_i) || fe_ok || an_ok || xm_ok);
        err_q     <= !d_end && (d_sel_no || (d_sel_p && p_err_i) || fe_bad || an_bad);
        dat_q     <= (p_dat_i & {32{p_stb_o && !p_err_i}}) | (fe_dat_i & {32{fe_ok}}) | (an_dat_i & {32{an_ok}}) | (xm_dat_i & {32{xm_ok}});
        if (i_ram_ack) booted_q <= 1'b1;
        if (rst) begin
            i_read_q <= 1'b0;
            ack_q    <= 1'b0;
            err_q    <= 1'b0;
            booted_q <= 1'b0;
        end
    end

    // pw_xip's word takes the RAM's way to both buses, at times when the RAM's output is not wanted
    wire        from_xip = (XIP != 0) && xip_ack_i;
    wire [31:0] mem_dat = from_xip ? xm_dat_i : ram_dat_i;
    assign d_ack_o = ack_q || (XIP != 0 && xd_ack);
    assign d_err_o = err_q;
    assign d_dat_o = (ram_q || (XIP != 0 && xd_ack)) ? mem_dat : dat_q;
    assign rom_stb_o = i_stb_i && i_hit_rom;
    assign i_ack_o = i_ram_ack || (i_hit_rom && rom_ack_i) || (i_hit_xm && xi_ack);
    assign i_err_o = i_stb_i && !i_hit_ram && !i_hit_rom && !i_hit_xm;
    // From nowhere: without 16-bit instructions bits 1:0 are 11 in every legal one. With them custom-0, illegal at any half word: VexRiscv runs 0,
    // and predicts a jump for all ones.
    wire [31:0] ram_or_not = RVC != 0 ? (i_hit_ram ? ram_dat_i : 32'h000B000B) : {mem_dat[31:2], mem_dat[1:0] & {2{i_hit_ram || (XIP != 0 && i_hit_xm)}}};
    assign i_dat_o = i_hit_rom ? rom_dat_i : (i_hit_xm && XIP == 0) ? xm_dat_i : ram_or_not;

    // an error of the data bus hides one of the instruction bus in the same clk
    assign buserr_o     = d_err_o || i_err_o;
    assign buserr_adr_o = {d_err_o ? d_adr_i : i_adr_i, 2'b00};
endmodule
`default_nettype wire
