// SPDX-License-Identifier: Apache-2.0
// pw_halfcycle - sums of squares of the three voltages over the half cycles between their own sign changes, into a FIFO.
//   z_data_i  s24 (sQ0.23), channels 0, 1, 2 of each frame; strobes at least 8 clk apart
//   square    unit 2^-34 FS^2: z is taken with 17 bits and a lowest bit of 1, so the error has no mean; 46 bits
// A sign change ends a half cycle if |z| was above FS/64 since the last one: noise on a voltage near 0 ends nothing. Below that level, as
// after timeout_i samples without a sign change, pieces of timeout_i samples follow each other. The sample that ends a half cycle is the first
// of the next. When 32 wait, new ones are lost and counted. C model: sim/model/ana_model.c.
`default_nettype none
module pw_halfcycle (
    input  wire               clk,
    input  wire               rst,
    input  wire               z_valid_i,
    input  wire        [5:0]  z_ch_i,
    input  wire signed [23:0] z_data_i,
    input  wire        [31:0] frame_no_i,
    input  wire        [11:0] timeout_i,
    // FIFO: word 0 frame, 1 square, 2 the rest (HALF_INFO); data one clk after the address
    input  wire               pop_i,      // ignored when empty
    input  wire        [1:0]  adr_i,
    output reg         [31:0] dat_o,
    output wire               valid_o,
    output reg         [15:0] lost_o
);
    // ---- the sample
    reg         [2:0]  t_q;               // 0: none at work
    reg         [1:0]  ch_q;
    reg         [18:0] z_q;               // {above level, sign, 17 bits}
    wire               start = z_valid_i && z_ch_i < 6'd3;
    wire signed [17:0] b = {z_q[16:0], 1'b1};
    reg         [33:0] sq_q;              // b^2 < 2^34
    wire        [35:0] bb = b * b;

    // ---- state of the three channels: number 0 is the one at work, then they move round
    reg  [45:0] sum_q [0:2];
    reg  [11:0] n_q   [0:2];
    reg  [1:0]  arm_q [0:2];              // {was below -level, was above level} since the last sign change
    wire        neg   = z_q[17];
    wire        turned = neg ? arm_q[0][0] : arm_q[0][1];
    wire        late  = n_q[0] >= timeout_i;
    wire        stop  = turned || late;
    wire [1:0]  keep  = arm_q[0] & {2{!turned}};

    // ---- FIFO
    reg  [5:0]  head_q, tail_q;           // written, read
    wire        full = head_q == {~tail_q[5], tail_q[4:0]};
    wire        take = pop_i && valid_o;
    (* ram_style = "block", no_rw_check *) reg [31:0] mem [0:127];
    wire        we = stop && !full && (t_q == 3'd2 || t_q == 3'd3 || t_q == 3'd4);
    wire [31:0] word = t_q == 3'd2 ? frame_no_i : t_q == 3'd3 ? sum_q[0][31:0] : {1'b0, !turned, ch_q, n_q[0], 2'b00, sum_q[0][45:32]};
    assign valid_o = head_q != tail_q;
    always @(posedge clk) begin
        if (we) mem[{head_q[4:0], t_q[2], t_q[0]}] <= word;
        dat_o <= mem[{tail_q[4:0], adr_i}];
    end

    wire done = t_q == 3'd5;
    integer k;
    always @(posedge clk) begin
        t_q <= start ? 3'd1 : t_q == 3'd0 || done ? 3'd0 : t_q + 1'b1;
        if (start) begin
            ch_q <= z_ch_i[1:0];
            z_q  <= {z_data_i[23] ? !(&z_data_i[22:17]) : |z_data_i[22:17], z_data_i[23], z_data_i[23:7]};
        end
        sq_q <= bb[33:0];
        if (done) begin
            for (k = 0; k < 2; k = k + 1) begin
                sum_q[k] <= sum_q[k + 1];
                n_q[k]   <= n_q[k + 1];
                arm_q[k] <= arm_q[k + 1];
            end
            sum_q[2] <= (sum_q[0] & {46{!stop}}) + {12'd0, sq_q};
            n_q[2]   <= (n_q[0] & {12{!stop}}) + 1'b1;
            arm_q[2] <= z_q[18] ? {neg, !neg} : keep;
            if (stop && !full) head_q <= head_q + 1'b1;
            if (stop && full)  lost_o <= lost_o + 1'b1;
        end
        if (take) tail_q <= tail_q + 1'b1;
        if (rst) begin
            t_q    <= 3'd0;
            head_q <= 6'd0;
            tail_q <= 6'd0;
            lost_o <= 16'd0;
            for (k = 0; k < 3; k = k + 1) begin
                sum_q[k] <= 46'd0;
                n_q[k]   <= 12'd0;
                arm_q[k] <= 2'd0;
            end
        end
    end
    wire unused = &{1'b0, bb[35:34], z_data_i[6:0]};

`ifdef FORMAL
    // FIFO: at most 32, head moves only when there is room, tail only when there is something; what waits is not written over.
    // A frame number stands for the whole entry: the one written at any watched place is the one read there until it is taken.
    reg seen = 1'b0;
    always @(posedge clk) seen <= 1'b1;
    always @(*) if (!seen) assume (rst);
    wire [5:0] fill = head_q - tail_q;
    (* anyconst *) reg [6:0] watch;       // a word of the memory
    wire [4:0] off = watch[6:2] - tail_q[4:0];
    wire       waits = {1'b0, off} < fill;
    always @(*) if (seen) assume (!(start && t_q != 3'd0));         // strobes at least 8 clk apart
    always @(posedge clk) if (seen && !rst) begin
        assert (fill <= 6'd32);
        assert (valid_o == (fill != 6'd0));
        assert (t_q <= 3'd5);
        if (waits && we) assert ({head_q[4:0], t_q[2], t_q[0]} != watch);
        if (!$past(rst)) begin
            if ($past(fill) == 6'd32) assert (head_q == $past(head_q));
            if ($past(fill) == 6'd0)  assert (tail_q == $past(tail_q));
            if (lost_o != $past(lost_o)) assert ($past(fill) == 6'd32 && head_q == $past(head_q));
            if (head_q != $past(head_q)) assert (head_q == $past(head_q) + 6'd1 && lost_o == $past(lost_o) && $past(done && stop));
            if ($past(done && stop))     assert (head_q != $past(head_q) || lost_o != $past(lost_o));   // nothing vanishes uncounted
        end
        cover (fill == 6'd1);
    end
`endif
endmodule
`default_nettype wire
