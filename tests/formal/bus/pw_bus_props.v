// SPDX-License-Identifier: Apache-2.0
// What pw_bus promises, over its ports, with any masters that hold their requests and any slaves that answer in bounded time.
//   One slave at a time, one answer a request, bounded waits for both masters, no word lost or stale in the RAM (any one address).
//   With XIP defined the external memory is pw_xip's: one request at a time, its address, and never "in sequence" for a word that is not.
`default_nettype none
module pw_bus_props (
    input wire        clk,
    input wire        i_stb, d_stb, d_we,
    input wire [29:0] i_adr, d_adr,
    input wire [31:0] d_dat, ram_dat, p_dat, fe_dat, an_dat, rom_dat, xm_dat,
    input wire [3:0]  d_sel,
    input wire        p_err, fe_ack, fe_err, an_ack, an_err, rom_ack, xm_i_ack, xm_d_ack, xip_start, xip_ack, rst
);
`ifdef XIP
    localparam AW = 15, XM = 2;
`else
    localparam AW = 10, XM = 1;
`endif
    localparam FE_WAIT = 3, AN_WAIT = 3, ROM_WAIT = 3, XM_WAIT = 3;
    localparam [31:0] RAM_B = 4 << AW;
    wire        xip_stb, xip_seq, xip_later;
    wire [15:0] xip_adr;
    wire [31:0] i_got, d_got, ram_w, p_w, fe_w, an_w, xm_w, buserr_adr;
    wire        i_ack, i_err, d_ack, d_err, p_stb, p_we, fe_stb, fe_we, an_stb, an_we, rom_stb, buserr, xm_i_stb, xm_d_stb, xm_we;
    wire [28:2] xm_adr;
    wire [3:0]  xm_sel;
    wire [AW-1:0] ram_adr;
    wire [3:0]  ram_we;
    wire [11:2] p_adr;
    wire [13:2] fe_adr;
    wire [11:2] an_adr;
    pw_bus #(.RAM_KIB(RAM_B / 1024), .HAS_ROM(1), .HAS_ANA(1), .HAS_XM(XM)) dut (
        .clk(clk), .rst(rst), .i_stb_i(i_stb), .i_adr_i(i_adr), .i_dat_o(i_got), .i_ack_o(i_ack), .i_err_o(i_err),
        .rom_stb_o(rom_stb), .rom_dat_i(rom_dat), .rom_ack_i(rom_ack),
        .d_stb_i(d_stb), .d_we_i(d_we), .d_adr_i(d_adr), .d_dat_i(d_dat), .d_sel_i(d_sel), .d_dat_o(d_got), .d_ack_o(d_ack), .d_err_o(d_err),
        .ram_adr_o(ram_adr), .ram_we_o(ram_we), .ram_dat_o(ram_w), .ram_dat_i(ram_dat),
        .p_stb_o(p_stb), .p_we_o(p_we), .p_adr_o(p_adr), .p_dat_o(p_w), .p_dat_i(p_dat), .p_err_i(p_err),
        .fe_stb_o(fe_stb), .fe_we_o(fe_we), .fe_adr_o(fe_adr), .fe_dat_o(fe_w), .fe_dat_i(fe_dat), .fe_ack_i(fe_ack), .fe_err_i(fe_err),
        .an_stb_o(an_stb), .an_we_o(an_we), .an_adr_o(an_adr), .an_dat_o(an_w), .an_dat_i(an_dat), .an_ack_i(an_ack), .an_err_i(an_err),
        .xm_i_stb_o(xm_i_stb), .xm_i_ack_i(xm_i_ack), .xm_d_stb_o(xm_d_stb), .xm_d_we_o(xm_we), .xm_d_adr_o(xm_adr), .xm_d_dat_o(xm_w),
        .xm_d_sel_o(xm_sel), .xm_d_ack_i(xm_d_ack), .xm_dat_i(xm_dat),
        .xip_stb_o(xip_stb), .xip_seq_o(xip_seq), .xip_adr_o(xip_adr), .xip_start_i(xip_start), .xip_later_o(xip_later), .xip_ack_i(xip_ack),
        .buserr_o(buserr), .buserr_adr_o(buserr_adr));

    reg seen = 1'b0;
    always @(posedge clk) seen <= 1'b1;
    always @(*) if (!seen) assume (rst);
    wire go = seen && !rst;

    // masters hold a request until its answer
    wire d_end = d_ack || d_err, i_end = i_ack || i_err;
    always @(*) if (rst) assume (!d_stb && !i_stb);
    always @(posedge clk) begin
        if (go && !$past(rst) && $past(d_stb && !d_end)) begin
            assume (d_stb && d_we == $past(d_we) && d_adr == $past(d_adr));
            assume (d_dat == $past(d_dat) && d_sel == $past(d_sel));
        end
        if (go && !$past(rst) && $past(i_stb && !i_end)) assume (i_stb && i_adr == $past(i_adr));
        if (d_stb && !d_we) assume (d_sel == 4'hF);            // as VexRiscv does
    end

    // slaves: the RAM as its one symbolic word; front-end and ROM answer within a bound; p_dat is 0 when not asked
    (* anyconst *) wire [AW-1:0] any_adr;
    reg  [31:0] any_val;                                       // contents of that word, from the writes on the port
    always @(posedge clk) begin
        if (ram_adr == any_adr && ram_we[0]) any_val[7:0]   <= ram_w[7:0];
        if (ram_adr == any_adr && ram_we[1]) any_val[15:8]  <= ram_w[15:8];
        if (ram_adr == any_adr && ram_we[2]) any_val[23:16] <= ram_w[23:16];
        if (ram_adr == any_adr && ram_we[3]) any_val[31:24] <= ram_w[31:24];
    end
    always @(posedge clk) if (seen && $past(ram_adr == any_adr && ram_we == 0)) assume (ram_dat == $past(any_val));
    reg [2:0] fe_wait, an_wait, rom_wait, xi_wait, xd_wait;
    always @(posedge clk) begin
        xi_wait  <= (rst || !xm_i_stb || xm_i_ack) ? 3'd0 : xi_wait + 3'd1;
        xd_wait  <= (rst || !xm_d_stb || xm_d_ack) ? 3'd0 : xd_wait + 3'd1;
        fe_wait  <= (rst || !fe_stb || fe_ack || fe_err) ? 3'd0 : fe_wait + 3'd1;
        an_wait  <= (rst || !an_stb || an_ack || an_err) ? 3'd0 : an_wait + 3'd1;
        rom_wait <= (rst || !rom_stb || rom_ack) ? 3'd0 : rom_wait + 3'd1;
    end
`ifdef XIP
    // as pw_xip: a request is begun within some clk and answered some clk after
    (* anyseq *) wire xip_go;
    reg        xip_busy;
    reg [2:0]  xip_wait;
    always @(posedge clk) begin
        xip_wait <= (rst || xip_start || xip_ack || !(xip_stb || xip_busy)) ? 3'd0 : xip_wait + 3'd1;
        xip_busy <= !rst && (xip_start || (xip_busy && !xip_ack));
    end
`endif
    always @(*) begin
        if (!fe_stb) assume (!fe_ack && !fe_err);
        assume (!(fe_ack && fe_err));
        if (fe_stb && fe_wait >= FE_WAIT) assume (fe_ack || fe_err);
        if (!an_stb) assume (!an_ack && !an_err);
        assume (!(an_ack && an_err));
        if (an_stb && an_wait >= AN_WAIT) assume (an_ack || an_err);
`ifdef XIP
        assume (xip_start == (xip_stb && !xip_busy && !xip_ack && (xip_go || xip_wait >= 3'd2)));
        assume (xip_ack == (xip_busy && xip_wait >= 3'd2 && !xip_later));
`else
        if (!xm_i_stb) assume (!xm_i_ack);
        if (xm_i_stb && xi_wait >= XM_WAIT) assume (xm_i_ack);
        if (!xm_d_stb) assume (!xm_d_ack);
        if (xm_d_stb && xd_wait >= XM_WAIT) assume (xm_d_ack);
`endif
        if (!rom_stb) assume (!rom_ack);
        if (rom_stb && rom_wait >= ROM_WAIT) assume (rom_ack);
        if (!p_stb) assume (!p_err && p_dat == 0);
    end

    // where a request belongs, from the map in rtl/regs and docs/architecture.md
    wire [31:0] d_byte = {d_adr, 2'b00}, i_byte = {i_adr, 2'b00};
    wire d_ram  = d_byte < RAM_B;
    wire d_regs = d_byte[31:14] == 18'h20000 && d_sel == 4'hF;
    wire d_scr  = d_regs && (d_byte[13:3] == 11'd4);
    wire d_per  = d_regs && d_byte[13:12] == 2'd0 && !d_scr;
    wire d_fe   = d_regs && d_byte[13:12] != 2'd0;
    wire d_an   = d_byte[31:12] == 20'h80010 && d_sel == 4'hF;
`ifdef XIP
    wire d_xm   = d_byte[31:18] == 14'h0800 && !d_we;
    wire i_xm   = i_byte[31:18] == 14'h0800;
    // which one is served, pw_bus decides; its own assertions hold that to the address read
    wire xm_i_end = xip_ack && i_ack && i_xm, xm_d_end = xip_ack && !xm_i_end;
`else
    wire d_xm   = d_byte[31:29] == 3'b001;
    wire i_xm   = i_byte[31:29] == 3'b001;
    wire xm_i_end = xm_i_ack, xm_d_end = xm_d_ack;
`endif
    wire [AW-1:0] d_word = d_scr ? {{(AW-1){1'b1}}, d_adr[0]} : d_adr[AW-1:0];
    wire ram_for_d = d_stb && (d_ram || d_scr);

    reg [3:0] d_wait, i_wait;
    reg       d_p_done, d_wr_done;                             // this request has had its access
    always @(posedge clk) begin
        d_wait    <= (rst || !d_stb || d_end) ? 4'd0 : d_wait + 4'd1;
        i_wait    <= (rst || !i_stb || i_end) ? 4'd0 : i_wait + 4'd1;
        d_p_done  <= !rst && d_stb && !d_end && (d_p_done || p_stb);
        d_wr_done <= !rst && d_stb && !d_end && (d_wr_done || ram_we != 0);
    end
    always @(posedge clk) if (go) begin
        // one slave, the right one
        assert ({2'd0, p_stb} + {2'd0, fe_stb} + {2'd0, an_stb} + {2'd0, xm_d_stb} + {2'd0, ram_we != 0} <= 3'd1);
        if (xm_d_stb)    assert (d_stb && d_xm && xm_adr == d_adr[26:0] && xm_we == d_we && xm_w == d_dat && xm_sel == d_sel);
        if (xm_i_stb)    assert (i_stb && i_xm && !rom_stb);
        if (p_stb)       assert (d_stb && d_per && p_adr == d_adr[9:0] && p_we == d_we && p_w == d_dat);
        if (fe_stb)      assert (d_stb && d_fe && fe_adr == d_adr[11:0] && fe_we == d_we && fe_w == d_dat);
        if (an_stb)      assert (d_stb && d_an && an_adr == d_adr[9:0] && an_we == d_we && an_w == d_dat);
        if (ram_we != 0) assert (ram_for_d && d_we && ram_we == d_sel && ram_adr == d_word && ram_w == d_dat);
        if (rom_stb)     assert (i_stb && i_adr[28]);
        // one access a request
        if (d_p_done)    assert (!p_stb);
        if (d_wr_done)   assert (ram_we == 0);
        if (d_end && d_per)                assert (d_p_done);
        if (d_ack && d_we && ram_for_d && d_sel != 0) assert (d_wr_done);
        // one answer, only when asked
        assert (!(d_ack && d_err) && !(i_ack && i_err));
        if (d_end)       assert (d_stb);
        if (i_end)       assert (i_stb);
        // the right answer
        if (d_end && (d_ram || d_scr))          assert (d_ack);
        if (d_end && !d_ram && !d_regs && !d_an && !d_xm) assert (d_err);
`ifdef XIP
        if (d_end && d_xm)                      assert (d_ack && xm_d_end && d_got == xm_dat);
`else
        if (d_end && d_xm)                      assert (d_ack && $past(xm_d_end));
        if (d_ack && !d_we && d_xm)             assert (d_got == $past(xm_dat));
`endif
        if (d_end && d_per)                     assert (d_err == $past(p_err));
        if (d_end && d_fe)                      assert (d_err == $past(fe_err));
        if (d_end && d_an)                      assert (d_err == $past(an_err));
        if (d_err)                              assert (d_got == 0 && buserr && buserr_adr == d_byte);
        if (i_ack && i_xm)                      assert (xm_i_end && i_got == xm_dat);
        if (i_err)                              assert (!i_xm && i_byte >= RAM_B && i_got[1:0] == 0 && buserr);
        if (i_err && !d_err)                    assert (buserr_adr == i_byte);
        if (buserr)                             assert (d_err || i_err);
        // the right data
        if (d_ack && !d_we && ram_for_d && d_word == any_adr)          assert (d_got == any_val);
        if (i_ack && i_byte < RAM_B && i_adr[AW-1:0] == any_adr)    assert (i_got == any_val);
        if (d_ack && !d_we && d_per)                                   assert (d_got == $past(p_dat));
        if (d_ack && !d_we && d_fe)                                    assert (d_got == $past(fe_dat));
        if (d_ack && !d_we && d_an)                                    assert (d_got == $past(an_dat));
        // bounded waits
        if (fe_stb)  assert (d_wait == {1'b0, fe_wait});
        if (an_stb)  assert (d_wait == {1'b0, an_wait});
        if (rom_stb) assert (i_wait == {1'b0, rom_wait});
`ifdef XIP
        assert (xip_stb == (xm_d_stb || (xm_i_stb && !xm_i_end && !(ram_for_d && !d_end))));
        if (xip_start) assert (xip_adr == (xm_d_stb ? d_adr[15:0] : i_adr[15:0]));
        if (xip_busy)             assert (xm_d_stb || xm_i_stb);
        if (xm_d_end)             assert (d_ack && d_xm);
        cover (xip_start && xip_seq);
        cover (xm_d_end && xm_i_stb);
        if (!d_xm) assert (d_wait <= (d_fe || d_an ? FE_WAIT + 1 : 1));
`else
        if (xm_d_stb) assert (d_wait == {1'b0, xd_wait});
        if (xm_i_stb) assert (i_wait == {1'b0, xi_wait});
        assert (d_wait <= (d_fe || d_an || d_xm ? FE_WAIT + 1 : 1));
        assert (i_wait <= ROM_WAIT + 1);
        if (i_stb && i_byte < RAM_B) assert (i_wait <= 2);
`endif
        cover (d_ack && d_we && d_scr);
        cover (i_wait == 2 && i_ack);
        cover (d_err && i_err);
        cover (i_ack && $past(i_ack, 1) && $past(i_ack, 2) && i_byte < RAM_B);
    end
endmodule
`default_nettype wire
