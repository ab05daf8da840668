// SPDX-License-Identifier: Apache-2.0
`default_nettype none
// pw_soc - the meter: front-end, CPU, RAM, peripherals.
//   VexRiscv's two variants have the same module name, so the file list decides which one is built; CPU says which it is.
//   Its Wishbone bridges ignore ERR (both variants), so an error is answered as an acknowledge with data 0 and told by
//   interrupt 6 and SYS.BUSERR_*; a fetch from nowhere is an illegal instruction. See docs/soc.md.
// Reset by watchdog or SYS.RESET: CPU and peripherals; not the front-end, the time, the pulse outputs and SYS.SCRATCH.
module pw_soc #(
    parameter N_CT      = 24,             // 12, 24, 48, 54
    parameter MOD_DIV   = 5,              // clk per modulator clock
    parameter CT_CURVE  = 1,              // CTs corrected by their current, in gateware
    parameter CLK_MHZ   = 25,             // whole MHz
    parameter N_UART    = 4,              // 1..4
    parameter CPU       = "IMAC",         // "IMAC" (RV32IMC, caches) or "MIN" (RV32I)
    parameter RAM_KIB   = 128,            // 4..1024
    parameter RAM_INIT  = "",             // file of 32-bit words for $readmemh, "" = none
    parameter BOOT_COPY = 0,              // 1: a program in ROM fills the RAM from SPI0's flash (pw_boot)
    parameter BOOT_ROM  = "build/gen/pw_boot.hex",
    parameter SPRAM     = 0,              // 1: the four SPRAMs of the iCE40 UP5K, RAM_KIB = 128
    parameter ANALYSIS  = 0,              // 1: spectrum, half cycles, waveform ring (pw_analysis)
    parameter RING_LOG2 = 0,              // log2 of the frames in the ring, 0..11; 0: none
    parameter SDRAM     = 0,              // bits of the SDRAM at 0x20000000: 0 none, 16, 32 (pw_sdram)
    parameter SDRAM_ROW = 13,
    parameter SDRAM_COL = 9,
    parameter XIP       = 0,              // 1: 256 KiB of SPI port 0's flash at 0x20000000 (pw_xip); no SDRAM then, and RAM_KIB = 128
    parameter LCD_STEP_US = 2             // see pw_lcd
) (
    input  wire              clk,
    input  wire              rst,         // synchronous, power-on
    // modulators: Va, Vb, Vc, CT 0, ...
    input  wire [N_CT+2:0]   bits_i,
    output wire              mclk_o,
    // serial: 0 console, 1 RS-485, 2 optical, 3 module port
    input  wire [N_UART-1:0] uart_rx_i,
    output wire [N_UART-1:0] uart_tx_o,
    output wire              rs485_de_o,
    // SPI 0: flash (cs 0); 1: FRAM (cs 0), W5500 (cs 1), flash of the logs with XIP (cs 2). Chip selects of SPI 0 are 3:0, of SPI 1 are 7:4
    output wire [1:0]        spi_sck_o,
    output wire [1:0]        spi_mosi_o,
    input  wire [1:0]        spi_miso_i,
    output wire [7:0]        spi_cs_n_o,
    // XIP: SCK of port 0 also rises in the middle of a clk with xip_sck_o; its lines 0..3 (0 MOSI, 1 MISO, which spi_miso_i has too)
    output wire              xip_sck_o,
    output wire [3:0]        xip_io_o,
    output wire [3:0]        xip_oe_o,
    input  wire [3:0]        xip_io_i,
    output wire              i2c_scl_o,   // 0 = pull low, 1 = release
    output wire              i2c_sda_o,
    input  wire              i2c_scl_i,
    input  wire              i2c_sda_i,
    // panel
    output wire              lcd_rs_o,
    output wire              lcd_e_o,
    output wire [3:0]        lcd_d_o,
    input  wire [3:0]        buttons_i,   // 1 = pressed: up, down, enter, back
    input  wire              unsealed_i,
    input  wire              power_fail_i,
    input  wire              key_i,       // key switch, 1 = turned
    output wire [7:0]        leds_o,      // status, load, fault, infra-red, a (10 Wh), b (1 kWh), reverse phase, power
    output wire              eth_rst_n_o,
    output wire [N_CT-1:0]   pulse_o,
    // SDRAM, see pw_sdram: dq_i from a register on the falling edge of clk
    output wire [2:0]        sdram_cmd_n_o,
    output wire [1:0]        sdram_ba_o,
    output wire [12:0]       sdram_a_o,
    output wire [3:0]        sdram_dqm_o,
    output wire [31:0]       sdram_dq_o,
    output wire              sdram_dq_oe_o,
    input  wire [31:0]       sdram_dq_i
);
    localparam AW = $clog2(RAM_KIB * 256);
    generate
        if (CPU != "IMAC" && CPU != "MIN") begin : check_cpu
            pw_error_CPU_must_be_IMAC_or_MIN stop ();
        end
        if (N_UART < 1 || N_UART > 4) begin : check_uart
            pw_error_N_UART_must_be_1_to_4 stop ();
        end
        if (SPRAM != 0 && (RAM_KIB != 128 || BOOT_COPY == 0)) begin : check_spram
            pw_error_SPRAM_is_128_KiB_and_needs_BOOT_COPY stop ();
        end
        if (XIP != 0 && (RAM_KIB != 128 || SDRAM != 0)) begin : check_xip
            pw_error_XIP_needs_RAM_KIB_128_and_no_SDRAM stop ();
        end
        if (ANALYSIS < 0 || ANALYSIS > 1 || RING_LOG2 < 0 || RING_LOG2 > 11 || (ANALYSIS == 0 && RING_LOG2 != 0)) begin : check_ring
            pw_error_RING_LOG2_is_0_to_11_and_needs_ANALYSIS stop ();
        end
    endgenerate

    // reset of CPU and peripherals
    wire       reset_req;
    reg  [3:0] sys_cnt_q;
    wire       sys_rst = !sys_cnt_q[3];
    always @(posedge clk)
        if (rst || reset_req) sys_cnt_q <= 4'd0;
        else if (sys_rst)     sys_cnt_q <= sys_cnt_q + 1'b1;

    // boot ROM: copies the firmware from flash to RAM, then is gone until the next reset
    wire        rom_stb, rom_ack, pm_rd, pm_we;
    wire [5:0]  pm_radr, pm_wadr;
    wire [15:0] pm_dat_r, pm_dat_w;
    wire [31:0] rom_dat;
    generate if (BOOT_COPY != 0) begin : copy
        pw_boot #(.ROM(BOOT_ROM)) boot (
            .clk(clk), .rst(sys_rst), .stb_i(rom_stb), .adr_i(i_adr[6:0]), .dat_o(rom_dat), .ack_o(rom_ack),
            .pm_rd_i(pm_rd), .pm_radr_i(pm_radr), .pm_dat_o(pm_dat_r), .pm_we_i(pm_we), .pm_wadr_i(pm_wadr), .pm_dat_i(pm_dat_w));
    end else begin : no_copy
        assign rom_dat = 32'd0;
        assign rom_ack = rom_stb;
        reg [15:0] pulse_mem [0:63];
        reg [15:0] pulse_q;
        assign pm_dat_r = pulse_q;
        always @(posedge clk) begin
            if (pm_rd) pulse_q <= pulse_mem[pm_radr];
            if (pm_we) pulse_mem[pm_wadr] <= pm_dat_w;
        end
    end endgenerate
    localparam [31:0] RESET_VECTOR = (BOOT_COPY != 0) ? 32'h40000000 : 32'h00000000;

    // CPU
    wire        irq;
    wire        i_stb, i_ack, i_err, c_stb, c_we, d_ack, d_err;
    wire [29:0] i_adr, c_adr;
    wire [31:0] i_dat, c_dat, d_dat_r;
    wire [3:0]  c_sel;
    VexRiscv cpu (
        .clk(clk), .reset(sys_rst), .externalResetVector(RESET_VECTOR),
        .timerInterrupt(1'b0), .softwareInterrupt(1'b0), .externalInterruptArray({31'd0, irq}),
        .iBusWishbone_CYC(), .iBusWishbone_STB(i_stb), .iBusWishbone_ACK(i_ack || i_err), .iBusWishbone_WE(),
        .iBusWishbone_ADR(i_adr), .iBusWishbone_DAT_MISO(i_dat), .iBusWishbone_DAT_MOSI(), .iBusWishbone_SEL(),
        .iBusWishbone_ERR(i_err), .iBusWishbone_CTI(), .iBusWishbone_BTE(),
        .dBusWishbone_CYC(), .dBusWishbone_STB(c_stb), .dBusWishbone_ACK(d_ack || d_err), .dBusWishbone_WE(c_we),
        .dBusWishbone_ADR(c_adr), .dBusWishbone_DAT_MISO(d_dat_r), .dBusWishbone_DAT_MOSI(c_dat), .dBusWishbone_SEL(c_sel),
        .dBusWishbone_ERR(d_err), .dBusWishbone_CTI(), .dBusWishbone_BTE());

    // bus
    wire [AW-1:0] ram_adr;
    wire [3:0]    ram_we;
    wire [31:0]   ram_dat_w, ram_dat_r;
    wire          p_stb, p_we, p_err, fe_stb, fe_we, fe_ack, fe_err, an_stb, an_we, an_ack, an_err, buserr, xm_i_stb, xm_i_ack, xm_d_stb, xm_d_we, xm_d_ack;
    wire [28:2]   xm_d_adr;
    wire [3:0]    xm_d_sel;
    wire [31:0]   xm_d_dat, xm_dat;
    wire [11:2]   p_adr;
    wire [13:2]   fe_adr;
    wire [11:2]   an_adr;
    wire          xip_stb, xip_seq, xip_start, xip_later, xip_ack;
    wire [15:0]   xip_adr;
    wire [7:0]    spi_cs_n;
    wire          spi_busy0;
    wire [31:0]   p_dat_w, p_dat_r, fe_dat_w, fe_dat_r, an_dat_w, an_dat_r, buserr_adr;
    pw_bus #(.RAM_KIB(RAM_KIB), .HAS_ROM(BOOT_COPY), .RVC(CPU == "IMAC" ? 1 : 0), .HAS_ANA(ANALYSIS), .HAS_XM(XIP != 0 ? 2 : SDRAM != 0 ? 1 : 0)) bus (
        .clk(clk), .rst(sys_rst),
        .i_stb_i(i_stb), .i_adr_i(i_adr), .i_dat_o(i_dat), .i_ack_o(i_ack), .i_err_o(i_err), .rom_stb_o(rom_stb), .rom_dat_i(rom_dat), .rom_ack_i(rom_ack),
        .d_stb_i(c_stb), .d_we_i(c_we), .d_adr_i(c_adr), .d_dat_i(c_dat), .d_sel_i(c_sel),
        .d_dat_o(d_dat_r), .d_ack_o(d_ack), .d_err_o(d_err),
        .ram_adr_o(ram_adr), .ram_we_o(ram_we), .ram_dat_o(ram_dat_w), .ram_dat_i(ram_dat_r),
        .p_stb_o(p_stb), .p_we_o(p_we), .p_adr_o(p_adr), .p_dat_o(p_dat_w), .p_dat_i(p_dat_r), .p_err_i(p_err),
        .fe_stb_o(fe_stb), .fe_we_o(fe_we), .fe_adr_o(fe_adr), .fe_dat_o(fe_dat_w), .fe_dat_i(fe_dat_r), .fe_ack_i(fe_ack), .fe_err_i(fe_err),
        .an_stb_o(an_stb), .an_we_o(an_we), .an_adr_o(an_adr), .an_dat_o(an_dat_w), .an_dat_i(an_dat_r), .an_ack_i(an_ack), .an_err_i(an_err),
        .xm_i_stb_o(xm_i_stb), .xm_i_ack_i(xm_i_ack), .xm_d_stb_o(xm_d_stb), .xm_d_we_o(xm_d_we), .xm_d_adr_o(xm_d_adr), .xm_d_dat_o(xm_d_dat),
        .xm_d_sel_o(xm_d_sel), .xm_d_ack_i(xm_d_ack), .xm_dat_i(xm_dat),
        .xip_stb_o(xip_stb), .xip_seq_o(xip_seq), .xip_adr_o(xip_adr), .xip_start_i(xip_start), .xip_later_o(xip_later), .xip_ack_i(xip_ack),
        .buserr_o(buserr), .buserr_adr_o(buserr_adr));

    // external memory
    localparam XAW = SDRAM_ROW + 2 + SDRAM_COL - (SDRAM == 16 ? 1 : 0);    // words
    generate if (SDRAM != 0) begin : sdram
        wire [SDRAM-1:0]   dq;
        wire [SDRAM/8-1:0] dqm;
        pw_sdram #(.WIDTH(SDRAM), .CLK_MHZ(CLK_MHZ), .ROW_BITS(SDRAM_ROW), .COL_BITS(SDRAM_COL)) ctrl (
            .clk(clk), .rst(rst), .i_stb_i(xm_i_stb), .i_adr_i(i_adr[XAW-1:0]), .i_ack_o(xm_i_ack),
            .d_stb_i(xm_d_stb), .d_we_i(xm_d_we), .d_adr_i(xm_d_adr[XAW+1:2]), .d_dat_i(xm_d_dat), .d_sel_i(xm_d_sel), .d_ack_o(xm_d_ack),
            .dat_o(xm_dat), .cmd_n_o(sdram_cmd_n_o), .ba_o(sdram_ba_o), .a_o(sdram_a_o), .dqm_o(dqm), .dq_o(dq), .dq_oe_o(sdram_dq_oe_o),
            .dq_i(sdram_dq_i[SDRAM-1:0]));
        assign sdram_dq_o  = {{(32-SDRAM){1'b0}}, dq};
        assign sdram_dqm_o = {{(4-SDRAM/8){1'b0}}, dqm};
    end else begin : no_sdram
        assign {xm_i_ack, xm_d_ack} = 2'd0;
        if (XIP == 0) begin : no_mem
            assign xm_dat = 32'd0;
        end
        assign {sdram_cmd_n_o, sdram_ba_o, sdram_a_o, sdram_dqm_o, sdram_dq_o, sdram_dq_oe_o} = {3'b111, 52'd0};
    end endgenerate

    // flash: pw_xip and SPI port 0 have its pins in turn, with the chip select off for a clk or more between them
    generate if (XIP != 0) begin : xip
        wire       cs, oe;
        wire [3:0] io;
        reg        port_q;
        always @(posedge clk) port_q <= !sys_rst && !spi_cs_n[0] && !cs;
        pw_xip ctrl (
            .clk(clk), .rst(sys_rst), .hold_i(!(&spi_cs_n[3:0]) || spi_busy0), .stb_i(xip_stb), .seq_i(xip_seq), .adr_i(xip_adr), .start_o(xip_start),
            .later_i(xip_later), .ack_o(xip_ack), .dat_o(xm_dat), .cs_o(cs), .sck_en_o(xip_sck_o), .io_oe_o(oe), .io_o(io), .io_i(xip_io_i));
        assign spi_cs_n_o = {spi_cs_n[7:1], !(cs || (port_q && !spi_cs_n[0]))};
        assign xip_io_o   = cs ? io : {3'b111, spi_mosi_o[0]};
        assign xip_oe_o   = {!cs || oe, !cs || oe, cs && oe, !cs || oe};
    end else begin : no_xip
        assign {xip_start, xip_ack, xip_sck_o, xip_io_o, xip_oe_o} = 11'd0;
        assign spi_cs_n_o = spi_cs_n;
        wire unused_xip = &{1'b0, xip_stb, xip_seq, xip_later, xip_adr, xip_io_i, spi_busy0};
    end endgenerate

    generate if (SPRAM != 0) begin : spram
        pw_ram_up5k ram (.clk(clk), .adr_i(ram_adr), .we_i(ram_we), .dat_i(ram_dat_w), .dat_o(ram_dat_r));
    end else begin : bram
        pw_ram #(.KIB(RAM_KIB), .INIT(RAM_INIT)) ram (
            .clk(clk), .adr_i(ram_adr), .we_i(ram_we), .dat_i(ram_dat_w), .dat_o(ram_dat_r));
    end endgenerate

    // front-end
    wire       fe_irq, pulse_valid, unsealed, z_valid, frame;
    wire [5:0] pulse_ch, z_ch;
    wire signed [23:0] z_data;
    pw_frontend #(.N_CT(N_CT), .MOD_DIV(MOD_DIV), .CT_CURVE(CT_CURVE)) frontend (
        .clk(clk), .rst(rst), .unsealed_i(unsealed), .bits_i(bits_i), .mclk_o(mclk_o),
        .wb_cyc_i(fe_stb), .wb_stb_i(fe_stb), .wb_we_i(fe_we), .wb_adr_i(fe_adr), .wb_dat_i(fe_dat_w),
        .wb_dat_o(fe_dat_r), .wb_ack_o(fe_ack), .wb_err_o(fe_err),
        .z_valid_o(z_valid), .z_ch_o(z_ch), .z_data_o(z_data), .frame_o(frame),
        .irq_o(fe_irq), .pulse_valid_o(pulse_valid), .pulse_ch_o(pulse_ch));

    // analysis
    generate if (ANALYSIS != 0) begin : ana
        pw_analysis #(.N_CH(N_CT + 3), .RING_LOG2(RING_LOG2), .FRAME_CLK(512 * MOD_DIV)) analysis (
            .clk(clk), .rst(rst), .z_valid_i(z_valid), .z_ch_i(z_ch), .z_data_i(z_data), .frame_i(frame),
            .wb_stb_i(an_stb), .wb_we_i(an_we), .wb_adr_i(an_adr), .wb_dat_i(an_dat_w),
            .wb_dat_o(an_dat_r), .wb_ack_o(an_ack), .wb_err_o(an_err));
    end else begin : no_ana
        assign an_dat_r = 32'd0;
        assign an_ack   = 1'b0;
        assign an_err   = 1'b0;
        wire unused = &{1'b0, z_valid, z_ch, z_data, frame, an_stb, an_we, an_adr, an_dat_w};
    end endgenerate

    // peripherals
    pw_periph #(.N_CT(N_CT), .CLK_MHZ(CLK_MHZ), .N_UART(N_UART), .RAM_KIB(RAM_KIB), .COPIED(BOOT_COPY), .XIP(XIP), .ANALYSIS(ANALYSIS), .RING_LOG2(RING_LOG2), .LCD_STEP_US(LCD_STEP_US)) periph (
        .clk(clk), .por(rst), .rst(sys_rst),
        .stb_i(p_stb), .we_i(p_we), .adr_i(p_adr), .dat_i(p_dat_w), .dat_o(p_dat_r), .err_o(p_err),
        .buserr_i(buserr), .buserr_adr_i(buserr_adr), .fe_irq_i(fe_irq), .irq_o(irq), .reset_o(reset_req), .unsealed_o(unsealed),
        .uart_rx_i(uart_rx_i), .uart_tx_o(uart_tx_o), .rs485_de_o(rs485_de_o),
        .spi_sck_o(spi_sck_o), .spi_mosi_o(spi_mosi_o), .spi_miso_i(spi_miso_i), .spi_cs_n_o(spi_cs_n), .spi_busy0_o(spi_busy0),
        .i2c_scl_o(i2c_scl_o), .i2c_sda_o(i2c_sda_o), .i2c_scl_i(i2c_scl_i), .i2c_sda_i(i2c_sda_i),
        .lcd_rs_o(lcd_rs_o), .lcd_e_o(lcd_e_o), .lcd_d_o(lcd_d_o),
        .buttons_i(buttons_i), .unsealed_i(unsealed_i), .power_fail_i(power_fail_i), .key_i(key_i), .leds_o(leds_o), .eth_rst_n_o(eth_rst_n_o),
        .pulse_valid_i(pulse_valid), .pulse_ch_i(pulse_ch), .pulse_o(pulse_o),
        .pm_rd_o(pm_rd), .pm_radr_o(pm_radr), .pm_dat_i(pm_dat_r), .pm_we_o(pm_we), .pm_wadr_o(pm_wadr), .pm_dat_o(pm_dat_w));
endmodule
`default_nettype wire
