// SPDX-License-Identifier: Apache-2.0
// pw_ring - waveform ring: 2^LOG2 frames of N_CH samples of 16 bits, written until it stops after a trigger.
//   z_data_i  s24 (sQ0.23), channels 0..N_CH-1 of each frame, strobes at least 12 clk apart; frame_i as long after the last of them
//   stored    sat16(z >> shift), shift 0..8; shift_v_i for channels 0..2, shift_i_i for the rest
// Sample of frame f, channel c lies at (f mod 2^LOG2) N_CH + c, whether it is being written or not. The trigger (by hand, or |z| at or above a
// level: the first such channel of the frame) is taken at the frame's end; post_i frames more are written, then it stops.
`default_nettype none
module pw_ring #(
    parameter N_CH = 27,                  // 4..63
    parameter LOG2 = 11                   // 1..12
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               z_valid_i,
    input  wire        [5:0]  z_ch_i,
    input  wire signed [23:0] z_data_i,
    input  wire               frame_i,
    input  wire        [31:0] frame_no_i, // of the running frame
    // control
    input  wire               arm_i,      // one clk
    input  wire               trigger_i,  // one clk
    input  wire        [3:0]  shift_v_i,
    input  wire        [3:0]  shift_i_i,
    input  wire        [14:0] level_v_i,  // unit 2^-15 FS, 0: never
    input  wire        [14:0] level_i_i,
    input  wire        [63:0] mask_i,
    input  wire        [11:0] post_i,
    output wire        [13:0] state_o,    // RING_STATE
    output reg         [31:0] trig_o,     // frame of the trigger
    output reg         [31:0] first_o,    // first frame written
    // reading: data one clk after the address has settled
    input  wire               addr_we_i,
    input  wire        [16:0] addr_i,
    input  wire               next_i,     // one clk: address + 1
    output reg  signed [15:0] dat_o
);
    localparam        DEPTH = N_CH << LOG2;
    localparam        AW    = $clog2(DEPTH);
    localparam [31:0] TOP   = DEPTH - 1;
    generate if (LOG2 < 1 || LOG2 > 12 || DEPTH > (1 << 17)) begin : check
        pw_error_ring_must_have_1_to_12_bits_and_fit_17 stop ();
    end endgenerate

    // ---- samples into memory: shifted by one a clk, then saturated and written
    (* ram_style = "block", no_rw_check *) reg [15:0] mem [0:DEPTH-1];
    reg         [AW-1:0] w_q, r_q;
    reg signed  [23:0]   z_q;
    reg         [3:0]    left_q;          // shifts still to do
    reg                  busy_q, run_q;
    wire                 over  = z_q[23:15] != {9{z_q[23]}};
    wire                 write = busy_q && left_q == 4'd0;
    wire                 voltage = z_ch_i < 6'd3;
    wire        [3:0]    shift   = voltage ? shift_v_i : shift_i_i;
    always @(posedge clk) begin
        if (z_valid_i) begin
            z_q    <= z_data_i;
            left_q <= {shift[3], shift[2:0] & {3{!shift[3]}}};          // at most 8
            busy_q <= 1'b1;
        end else if (busy_q && left_q != 4'd0) begin
            z_q    <= z_q >>> 1;
            left_q <= left_q - 1'b1;
        end
        if (write) begin
            busy_q <= 1'b0;
            w_q    <= w_q == TOP[AW-1:0] ? {AW{1'b0}} : w_q + 1'b1;
        end
        if (rst) begin
            busy_q <= 1'b0;
            w_q    <= {AW{1'b0}};
        end
    end
    always @(posedge clk) begin
        if (write && run_q) mem[w_q] <= {z_q[23], over ? {15{~z_q[23]}} : z_q[14:0]};
        dat_o <= mem[r_q];
        if (addr_we_i)   r_q <= addr_i[AW-1:0];
        else if (next_i) r_q <= r_q == TOP[AW-1:0] ? {AW{1'b0}} : r_q + 1'b1;
    end

    wire unused = &{1'b0, addr_i};        // its upper bits, in a small ring

    // ---- trigger
    reg         armed_q, trig_q, level_q;
    reg         hand_q, hit_q, look_q;    // asked for in this frame; look: the level comparison of the sample before is valid
    reg  [5:0]  z_ch_q, ch_q, hit_ch_q;
    reg  [11:0] post_q;
    reg  [14:0] mag_q, lim_q;
    wire        above = look_q && lim_q != 15'd0 && mag_q >= lim_q;
    wire        fire  = armed_q && run_q && (hand_q || hit_q);
    assign state_o = {ch_q, 4'd0, level_q, !run_q && !armed_q, trig_q, armed_q};
    always @(posedge clk) begin
        mag_q  <= z_data_i[22:8] ^ {15{z_data_i[23]}};
        lim_q  <= voltage ? level_v_i : level_i_i;
        look_q <= z_valid_i && mask_i[z_ch_i];
        if (trigger_i) hand_q <= armed_q;
        z_ch_q <= z_ch_i;
        if (above && armed_q && run_q) hit_q <= 1'b1;
        if (!hit_q) hit_ch_q <= z_ch_q;
        if (frame_i) begin
            hit_q  <= 1'b0;
            post_q <= post_q - 1'b1;
            if (fire) begin
                armed_q <= 1'b0;
                hand_q  <= 1'b0;
                trig_q  <= 1'b1;
                level_q <= hit_q;
                ch_q    <= hit_ch_q & {6{hit_q}};
                trig_o  <= frame_no_i;
                post_q  <= post_i;
                if (post_i == 12'd0) run_q <= 1'b0;
            end else if (trig_q && post_q == 12'd1) run_q <= 1'b0;
            if (armed_q && !run_q) begin
                run_q   <= 1'b1;
                first_o <= frame_no_i + 1'b1;
            end
        end
        if (arm_i) begin
            armed_q <= 1'b1;
            trig_q  <= 1'b0;
            hand_q  <= 1'b0;
            hit_q   <= 1'b0;
        end
        if (rst) begin
            armed_q <= 1'b0;
            trig_q  <= 1'b0;
            level_q <= 1'b0;
            run_q   <= 1'b0;
            hand_q  <= 1'b0;
            hit_q   <= 1'b0;
            look_q  <= 1'b0;
            ch_q    <= 6'd0;
        end
    end

`ifdef FORMAL
    // A channel's sample goes where frame and channel say, nothing is written when stopped, a trigger is told once and the ring stops post_i
    // frames after it. Assumed of the stream: channels in order, strobes and the frame's end at least 12 clk apart.
    reg seen = 1'b0;
    always @(posedge clk) seen <= 1'b1;
    always @(*) if (!seen) assume (rst);
    reg [5:0]  next_q;                    // channel to come
    reg [3:0]  gap_q;
    reg [31:0] frame_q;
    reg [AW-1:0] base_q;                  // (frame mod 2^LOG2) N_CH
    wire quiet = gap_q == 4'd0;
    always @(posedge clk) begin
        gap_q <= z_valid_i || frame_i ? 4'd11 : quiet ? 4'd0 : gap_q - 1'b1;
        if (z_valid_i) next_q <= next_q + 1'b1;
        if (frame_i) begin
            next_q  <= 6'd0;
            frame_q <= frame_q + 1'b1;
            base_q  <= base_q == TOP[AW-1:0] + 1'b1 - N_CH[AW-1:0] ? {AW{1'b0}} : base_q + N_CH[AW-1:0];
        end
        if (rst) begin
            next_q  <= 6'd0;
            gap_q   <= 4'd0;
            frame_q <= 32'd0;
            base_q  <= {AW{1'b0}};
        end
    end
    always @(*) if (seen && !rst) begin
        assume (frame_no_i == frame_q);
        assume (!(z_valid_i && frame_i));
        if (z_valid_i) assume (quiet && z_ch_i == next_q && next_q < N_CH);
        if (frame_i)   assume (quiet && next_q == N_CH);
    end
    reg [11:0] post_now;                  // post_i as it was at the trigger
    reg [31:0] after_q;                   // frames ended since the trigger's
    always @(posedge clk) begin
        if (frame_i && fire) begin
            post_now <= post_i;
            after_q  <= 32'd0;
        end else if (frame_i) after_q <= after_q + 1'b1;
    end
    wire [AW:0] place = {1'b0, base_q} + next_q - (busy_q ? 1'b1 : 1'b0);
    always @(posedge clk) if (seen && !rst) begin
        assert (next_q <= N_CH && gap_q <= 4'd11);
        assert (base_q <= TOP[AW-1:0] + 1'b1 - N_CH[AW-1:0] && base_q % N_CH == 0);
        if (busy_q) assert (next_q != 6'd0 && left_q <= 4'd8 && gap_q >= left_q + 4'd3);
        assert (w_q == (place == TOP + 1 ? {AW{1'b0}} : place[AW-1:0]));
        if (trig_q && run_q) assert (post_q == post_now - after_q[11:0] && after_q < {20'd0, post_now});
        if (trig_q && run_q) assert (frame_q == trig_o + 1 + after_q);
        if (trig_q) assert (!armed_q);
    end
    always @(posedge clk) if (seen && !rst && !$past(rst)) begin      // what the CPU sees
        if ($past(!run_q) && run_q)  assert ($past(frame_i && armed_q) && first_o == frame_q);
        if ($past(run_q && !arm_i) && !run_q) assert ($past(frame_i) && trig_q && frame_q == trig_o + post_now + 1);
        if ($past(trig_q) && trig_q) assert (trig_o == $past(trig_o));
        if (!$past(trig_q) && trig_q) assert (trig_o == $past(frame_q));
        cover (write);
    end
`endif
endmodule
`default_nettype wire
