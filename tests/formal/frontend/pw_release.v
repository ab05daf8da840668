// SPDX-License-Identifier: Apache-2.0
// pw_release - the pulse arithmetic of a point (docs/metrology.md), one event a clock, with short words: RW-bit energies,
// a rate of RW - 2 bits in units of 2^-FW a sample, windows of at most 2^FW - 1 samples, any energies, windows, weight.
// The steps are those of pw_integrate_steps (S_CLOSE 19..21, 62..73); that the gateware takes them with its widths
// (32, 30, 13 bits), bit for bit, is what the random tests against the C model show.
`default_nettype none
module pw_release #(
    parameter RW = 6, parameter FW = 2
) (
    input wire          clk,
    input wire          rst,
    input wire          sample_i,         // one sample of the point's channel passes
    input wire          close_i,          // with it: it is the first of a window
    input wire          add_i,            // a CT of the point counts energy
    input wire [RW-1:0] energy_i
);
    (* anyconst *) reg [RW-1:0] quantum;
    reg [RW-1:0] residue_q, phase_q, rate_q;
    reg [FW-1:0] frac_q;
    reg [FW-1:0] n_q;                     // samples of this window so far
    reg          seen = 1'b0;

    // Release, then pulse, with the carries as in the step table.
    wire [RW-1:0]    rate  = close_i ? residue_q - phase_q : rate_q;
    wire [RW-3:0]    used  = rate[RW-3:0];
    wire [FW:0]      fracs = {1'b0, frac_q} + {1'b0, used[FW-1:0]};
    wire [RW-1:0]    phase = phase_q + {{(FW+2){1'b0}}, used[RW-3:FW]} + {{(RW-1){1'b0}}, fracs[FW]};
    wire             pulse = quantum != 0 && phase >= quantum;

    // What was counted and what was emitted, kept apart.
    reg [RW+3:0] counted_q, emitted_q;
    wire [RW+3:0] residue_x = {4'd0, residue_q};

    always @(posedge clk) begin
        seen <= 1'b1;
        if (add_i) begin
            residue_q <= residue_q + energy_i;
            counted_q <= counted_q + {4'd0, energy_i};
        end else if (sample_i) begin
            rate_q  <= rate;
            frac_q  <= fracs[FW-1:0];
            phase_q <= pulse ? phase - quantum : phase;
            if (pulse) begin
                residue_q <= residue_q - quantum;
                emitted_q <= emitted_q + {4'd0, quantum};
            end
            n_q <= close_i ? {{(FW-1){1'b0}}, 1'b1} : n_q + 1'b1;
        end
        if (rst) begin
            residue_q <= 0; phase_q <= 0; rate_q <= 0; frac_q <= 0; n_q <= 0; counted_q <= 0; emitted_q <= 0;
        end
    end

`ifdef FORMAL
    // A window closes before it has 2^FW samples (pw_line proves that); the residue holds what is added (the limit on power
    // and weight in docs/metrology.md).
    always @(*) begin
        if (!seen) assume (rst);
        assume (!(sample_i && !close_i && &n_q));
        assume (!(add_i && {1'b0, residue_q} + {1'b0, energy_i} >= {1'b1, {RW{1'b0}}}));
    end
    // What may still be released in this window fits between phase and residue.
    wire [RW+FW+1:0] span   = {2'd0, residue_q, {FW{1'b1}}} - {2'd0, phase_q, frac_q};
    wire [RW+FW+1:0] to_come = rate_q[RW-3:0] * ({1'b0, {FW{1'b1}}} - {1'b0, n_q});
    always @(posedge clk) if (seen && !rst) begin
        assert (phase_q <= residue_q);                              // never more emitted than counted
        assert (counted_q == emitted_q + residue_x);                // counted = pulses x quantum + residue
        assert (to_come <= span);
        assert (quantum == 0 || !(sample_i && !add_i && pulse) || residue_q >= quantum);
        cover (sample_i && !add_i && pulse && emitted_q != 0 && close_i);
        cover (phase_q != 0 && phase_q == residue_q);
    end
`endif
endmodule
`default_nettype wire
