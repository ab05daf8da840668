// SPDX-License-Identifier: Apache-2.0
// pw_afe - metering front-end without a CPU: a host reads and writes its registers over UART or SPI (docs/afe.md).
//   Registers as in pw_soc.rdl, of these blocks: SYS (ID, VERSION, CLOCK, CAPS), GPIO.IN (unsealed), PULSE, UART0.FORMAT (div), FE, BANK.
//   Both ports may be used at the same time. The bit rate is 115200 after a reset and after a break of 2^17 clk.
`default_nettype none
module pw_afe #(
    parameter N_CT    = 24,               // 12, 24, 48, 54
    parameter MOD_DIV = 5,                // clk per modulator clock
    parameter CLK_MHZ = 24                // whole MHz
) (
    input  wire             clk,
    input  wire             rst,          // synchronous, power-on
    input  wire [N_CT+2:0]  bits_i,       // modulators: Va, Vb, Vc, CT 0, ...
    output wire             mclk_o,
    input  wire             unsealed_i,   // programming switch
    input  wire             uart_rx_i,
    output wire             uart_tx_o,
    input  wire             spi_sck_i,    // slave, mode 0, at most clk / 12
    input  wire             spi_mosi_i,
    input  wire             spi_cs_n_i,
    output wire             spi_miso_o,   // to be driven while spi_cs_n_i is low
    output wire             irq_o,        // a window was completed since WINSEQ was last read
    output wire             alive_o,      // changes with each window
    output wire [N_CT-1:0]  pulse_o
);
    `include "pw_regs.vh"
    localparam [63:0] A_ID = `PW_SYS_ID_BASE_ADDR, A_VERSION = `PW_SYS_VERSION_BASE_ADDR, A_CLOCK = `PW_SYS_CLOCK_BASE_ADDR,
        A_CAPS = `PW_SYS_CAPS_BASE_ADDR, A_GPIO = `PW_GPIO_IN_BASE_ADDR, A_PULSE = `PW_PULSE_WIDTH_BASE_ADDR, A_FORMAT = `PW_UART_FORMAT_BASE_ADDR(0);
    localparam [31:0] CLOCK_HZ = CLK_MHZ * 1000000;
    localparam [31:0] CAPS     = N_CT << 8 | 1;
    localparam [31:0] DIV      = (CLOCK_HZ + 57600) / 115200 - 1;

    // ---------------------------------------------------------------- ports
    wire        u_rx_valid, u_tx_valid, u_tx_ready, u_idle, u_link_idle, u_break;
    wire [7:0]  u_rx_data, u_tx_data;
    reg  [15:0] div_q, div_next_q;
    pw_afe_uart uart (
        .clk(clk), .rst(rst), .div_i(div_q), .rx_i(uart_rx_i), .tx_o(uart_tx_o), .rx_valid_o(u_rx_valid), .rx_data_o(u_rx_data),
        .tx_valid_i(u_tx_valid), .tx_ready_o(u_tx_ready), .tx_data_i(u_tx_data), .idle_o(u_idle), .break_o(u_break));

    wire        s_rx_valid, s_tx_valid, s_tx_ready, s_clear;
    wire [7:0]  s_rx_data, s_tx_data;
    pw_afe_spi spi (
        .clk(clk), .rst(rst), .sck_i(spi_sck_i), .mosi_i(spi_mosi_i), .cs_n_i(spi_cs_n_i), .miso_o(spi_miso_o), .clear_o(s_clear),
        .rx_valid_o(s_rx_valid), .rx_data_o(s_rx_data), .tx_valid_i(s_tx_valid), .tx_ready_o(s_tx_ready), .tx_data_i(s_tx_data));

    wire        u_stb, u_we, s_stb, s_we, u_ack, u_err, s_ack, s_err;
    wire [15:0] u_adr, s_adr;
    wire [31:0] u_dat, s_dat;
    reg  [31:0] dat_r;
    pw_afe_link u_link (
        .clk(clk), .rst(rst || u_break), .rx_valid_i(u_rx_valid), .rx_data_i(u_rx_data), .tx_valid_o(u_tx_valid), .tx_ready_i(u_tx_ready),
        .tx_data_o(u_tx_data), .idle_o(u_link_idle),
        .stb_o(u_stb), .we_o(u_we), .adr_o(u_adr), .dat_o(u_dat), .dat_i(dat_r), .ack_i(u_ack), .err_i(u_err));
    pw_afe_link s_link (
        .clk(clk), .rst(rst || s_clear), .rx_valid_i(s_rx_valid), .rx_data_i(s_rx_data), .tx_valid_o(s_tx_valid), .tx_ready_i(s_tx_ready),
        .tx_data_o(s_tx_data), .idle_o(),
        .stb_o(s_stb), .we_o(s_we), .adr_o(s_adr), .dat_o(s_dat), .dat_i(dat_r), .ack_i(s_ack), .err_i(s_err));

    // ---------------------------------------------------------------- one access at a time
    // owner 0 UART, 1 SPI; a port that gives up (break, cs_n) takes its request away, and then the bus is free a clk later.
    reg         busy_q, spi_q;
    wire        stb = busy_q && (spi_q ? s_stb : u_stb);
    wire        we  = spi_q ? s_we : u_we;
    wire [15:0] adr = spi_q ? s_adr : u_adr;
    wire [31:0] dat = spi_q ? s_dat : u_dat;
    wire        ack, err;
    assign {u_ack, u_err} = {ack && !spi_q, err && !spi_q};
    assign {s_ack, s_err} = {ack && spi_q, err && spi_q};
    always @(posedge clk) begin
        if (!busy_q) begin
            busy_q <= u_stb || s_stb;
            spi_q  <= s_stb && !(u_stb && spi_q);          // in turns when both ask
        end else if (!stb || ack || err) busy_q <= 1'b0;
        if (rst) busy_q <= 1'b0;
    end

    wire        is_fe = adr[15:12] == 4'd0 && adr[11:10] != 2'd0;  // from 1000h on, up to 3FFFh
    wire        fe_ack, fe_err;
    wire [31:0] fe_dat;
    wire        at_sys   = adr[15:6] == A_ID[17:8];
    wire        at_gpio  = adr == A_GPIO[17:2];
    wire        at_pulse = adr[15:1] == A_PULSE[17:3];
    wire        at_uart  = adr == A_FORMAT[17:2];
    reg         local_q;                  // an access to the registers here: answered in its second clk
    wire        local_ok = at_gpio || at_pulse || at_uart
                           || (at_sys && (adr[5:0] == A_ID[7:2] || adr[5:0] == A_VERSION[7:2] || adr[5:0] == A_CLOCK[7:2] || adr[5:0] == A_CAPS[7:2]));
    assign ack = stb && (is_fe ? fe_ack : local_q && local_ok);
    assign err = stb && (is_fe ? fe_err : local_q && !local_ok);
    wire        local_we = stb && local_q && we;

    reg  [1:0]  unsealed_q;
    wire [31:0] pulse_dat;
    always @(*) begin
        dat_r = 32'd0;
        if (at_sys) case (adr[5:0])
            A_ID[7:2]:      dat_r = 32'h50574154;
            A_VERSION[7:2]: dat_r = 32'h00000100;
            A_CLOCK[7:2]:   dat_r = CLOCK_HZ;
            default:        dat_r = CAPS;
        endcase
        if (at_gpio)  dat_r = {27'd0, unsealed_q[1], 4'd0};
        if (at_pulse) dat_r = pulse_dat;
        if (at_uart)  dat_r = {16'd0, div_next_q};
        if (is_fe)    dat_r = fe_dat;
    end
    always @(posedge clk) begin
        local_q    <= stb && !is_fe && !local_q;
        unsealed_q <= {unsealed_q[0], unsealed_i};
        if (local_we && at_uart) div_next_q <= dat[15:3] == 13'd0 ? 16'd7 : dat[15:0];
        if (u_link_idle && u_idle) div_q <= div_next_q;    // after the answer
        if (rst || u_break) begin
            div_q      <= DIV[15:0];
            div_next_q <= DIV[15:0];
        end
    end

    // ---------------------------------------------------------------- front-end and pulse outputs
    wire       pulse_valid;
    wire [5:0] pulse_ch;
    pw_frontend #(.N_CT(N_CT), .MOD_DIV(MOD_DIV)) frontend (
        .clk(clk), .rst(rst), .unsealed_i(unsealed_q[1]), .bits_i(bits_i), .mclk_o(mclk_o),
        .wb_cyc_i(stb && is_fe), .wb_stb_i(stb && is_fe), .wb_we_i(we), .wb_adr_i(adr[11:0]), .wb_dat_i(dat),
        .wb_dat_o(fe_dat), .wb_ack_o(fe_ack), .wb_err_o(fe_err), .irq_o(irq_o),
        .z_valid_o(), .z_ch_o(), .z_data_o(), .frame_o(), .pulse_valid_o(pulse_valid), .pulse_ch_o(pulse_ch));
    reg alive_q, irq_q;
    assign alive_o = alive_q;

    localparam [31:0] UNIT = CLK_MHZ * 8192;               // 8.192 ms
    localparam UW = $clog2(UNIT);
    localparam [31:0] UNIT_LAST = UNIT - 1;
    reg  [UW-1:0] unit_cnt_q;
    reg           unit_q;
    reg  [15:0]   pulse_mem [0:63];
    reg  [15:0]   pm_dat_q;
    wire          pm_rd, pm_we;
    wire [5:0]    pm_radr, pm_wadr;
    wire [15:0]   pm_dat_w;
    always @(posedge clk) begin
        irq_q      <= irq_o;
        if (irq_o && !irq_q) alive_q <= !alive_q;
        unit_q     <= unit_cnt_q == UNIT_LAST[UW-1:0];
        unit_cnt_q <= unit_cnt_q == UNIT_LAST[UW-1:0] ? {UW{1'b0}} : unit_cnt_q + 1'b1;
        if (pm_rd) pm_dat_q <= pulse_mem[pm_radr];
        if (pm_we) pulse_mem[pm_wadr] <= pm_dat_w;
        if (rst) begin
            alive_q    <= 1'b0;
            unit_cnt_q <= {UW{1'b0}};
        end
    end
    pw_pulse #(.N_CT(N_CT)) pulse (
        .clk(clk), .rst(rst), .unit_i(unit_q), .pulse_valid_i(pulse_valid), .pulse_ch_i(pulse_ch),
        .stb_i(stb && local_q && at_pulse), .we_i(we), .adr_i(adr[5:0]), .dat_i(dat), .dat_o(pulse_dat), .pulse_o(pulse_o),
        .pm_rd_o(pm_rd), .pm_radr_o(pm_radr), .pm_dat_i(pm_dat_q), .pm_we_o(pm_we), .pm_wadr_o(pm_wadr), .pm_dat_o(pm_dat_w));
endmodule
`default_nettype wire
