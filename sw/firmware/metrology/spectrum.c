/* SPDX-License-Identifier: Apache-2.0 */
#include "spectrum.h"

#include <string.h>

#include "wide.h"

#define ONE_F30       (INT32_C(1) << 30)
#define LIMIT_F30     INT32_C(1395864371)        /* 1.3 FS: more than the fundamental of a square wave, and the products still fit 63 bits */
#define DC_CORNER     UINT64_C(25736)            /* the DC blocker's is fs / (2 pi 4096): it leads by fs / (25736 f) radian */
#define MAG_MIN       10737u                     /* 1e-5 of full scale */
#define RMS_F32       UINT64_C(3037000500)       /* 2^32 / sqrt(2) */
#define RMS_MILLI_F32 UINT64_C(3037000499976)    /* 1000 of it */
#define HARMONICS_A_STEP 4u                      /* 150 in a pass of 0.2 s */
#define N_ITEMS       (PW_ANA_SLOTS * PW_ANA_HARMONICS)

void pw_spectrum_init(struct pw_spectrum *s, const struct pw_meter *meter, const struct pw_config *cfg)
{
    memset(s, 0, sizeof *s);
    s->meter = meter;
    s->cfg = cfg;
    s->present = pw_ana_present(meter->hal);
    s->request = s->held.ch = s->latest.ch = PW_SPECTRUM_NO_CH;
    memset(s->thd_e4, 0xFF, sizeof s->thd_e4);
}

static unsigned n_ch(const struct pw_spectrum *s)
{
    return PW_N_V + s->cfg->n_ct;
}

static int32_t limited(int64_t v_f32)
{
    int64_t v = (v_f32 + 2) >> 2;
    return (int32_t)(v > LIMIT_F30 ? LIMIT_F30 : v < -LIMIT_F30 ? -LIMIT_F30 : v);
}

static struct pw_spec_phasor to_f30(const struct pw_phasor *p)
{
    return (struct pw_spec_phasor){limited(p->re), limited(p->im)};
}

static uint64_t square_of(struct pw_spec_phasor a)
{
    return (uint64_t)((int64_t)a.re * a.re) + (uint64_t)((int64_t)a.im * a.im);
}

/* a b 2^-30 */
static struct pw_spec_phasor turned(struct pw_spec_phasor a, struct pw_spec_phasor b)
{
    int64_t re = (int64_t)a.re * b.re - (int64_t)a.im * b.im, im = (int64_t)a.re * b.im + (int64_t)a.im * b.re;
    return (struct pw_spec_phasor){(int32_t)((re + (ONE_F30 >> 1)) >> 30), (int32_t)((im + (ONE_F30 >> 1)) >> 30)};
}

/* Channels of the next pass: slot 0 as asked for, the others go round. */
static void choose_details(struct pw_spectrum *s)
{
    for (unsigned i = 0; i < PW_ANA_SLOTS; i++) {
        unsigned ch = s->request;
        if (i != 0 || ch == PW_SPECTRUM_NO_CH) {
            ch = s->next < n_ch(s) ? s->next : 0;
            s->next = (uint8_t)(ch + 1);
        }
        if (pw_ana_set_detail(s->meter->hal, i, ch) != PW_OK)
            s->next = 0; /* the block has fewer channels than the configuration: cannot be */
    }
}

static void follow_line(struct pw_spectrum *s)
{
    if (s->step == s->meter->step_f32)
        return;
    unsigned cycles = (s->meter->freq_mhz + 2500u) / 5000u; /* 0.2 s */
    if (pw_ana_set_step(s->meter->hal, s->meter->step_f32, cycles) == PW_OK)
        s->step = s->meter->step_f32;
    s->lead_f30 = (int32_t)((UINT64_C(1) << 62) / ((uint64_t)s->meter->step_f32 * DC_CORNER));
}

/* All fundamentals in one go: they belong together. */
static bool read_fundamentals(struct pw_spectrum *s)
{
    struct pw_phasor p;
    for (unsigned ch = 0; ch < n_ch(s); ch++) {
        if (pw_ana_read_fundamental(s->meter->hal, &s->pass, ch, &p) != PW_OK)
            return false;
        s->fund[ch] = to_f30(&p);
    }
    return true;
}

static bool begin_pass(struct pw_spectrum *s)
{
    struct pw_ana_pass pass;
    follow_line(s);
    if (!pw_ana_pass(s->meter->hal, &pass) || (s->pass.wstep != 0 && pass.seq == s->pass.seq))
        return false;
    s->pass = pass;
    choose_details(s);
    if (!read_fundamentals(s)) {
        s->lost++;
        s->passes = 0; /* some are of another pass: nothing to show until the next one */
        return true;
    }
    s->passes++;
    s->item = 1;
    return true;
}

/* Harmonic h is to be turned by (conj(X1) / |X1|)^h (-j)^(h-1): cosines on the oscillator's phase become sines on the fundamental's.
 * The DC blocker leads by lead / h: taken off as well. */
static void begin_slot(struct pw_spec_slot *slot, unsigned ch, struct pw_spec_phasor x1, int32_t lead_f30)
{
    uint32_t mag = pw_isqrt64(square_of(x1));
    *slot = (struct pw_spec_slot){.ch = (uint8_t)ch};
    if (mag < MAG_MIN)
        return;
    slot->mag1 = mag;
    int32_t re = (int32_t)(((int64_t)x1.re << 30) / mag), im = (int32_t)(((int64_t)x1.im << 30) / mag);
    int32_t cos_f30 = ONE_F30 - (int32_t)(((int64_t)lead_f30 * lead_f30) >> 31);
    slot->at = turned((struct pw_spec_phasor){re, -im}, (struct pw_spec_phasor){cos_f30, lead_f30});
    slot->turn = (struct pw_spec_phasor){slot->at.im, -slot->at.re};
}

static void finish_slot(struct pw_spectrum *s, const struct pw_spec_slot *slot)
{
    uint64_t thd_e4 = PW_SPECTRUM_NO_THD;
    if (slot->mag1 != 0) {
        thd_e4 = ((uint64_t)pw_isqrt64(slot->square) * 10000 + slot->mag1 / 2) / slot->mag1;
        if (thd_e4 >= PW_SPECTRUM_NO_THD)
            thd_e4 = PW_SPECTRUM_NO_THD - 1u;
    }
    s->thd_e4[slot->ch] = (uint16_t)thd_e4;
}

/* Where a slot's harmonics are kept, or NULL. */
static struct pw_harmonics *keeper(struct pw_spectrum *s, unsigned slot, unsigned ch)
{
    if (slot == 0 && s->held.state == PW_HARM_WAITING && ch == s->held.ch)
        return &s->held;
    return slot == 1 ? &s->latest : NULL;
}

static void keep(struct pw_harmonics *set, unsigned ch, unsigned h, struct pw_spec_phasor x)
{
    if (h == 1) {
        set->ch = (uint8_t)ch;
        set->seq |= 1;
    }
    set->h[h - 1] = x;
    if (h == PW_ANA_HARMONICS) {
        set->seq++;
        set->state = PW_HARM_READY;
    }
}

static bool take_harmonic(struct pw_spectrum *s)
{
    unsigned i = (s->item - 1u) / PW_ANA_HARMONICS, h = (s->item - 1u) % PW_ANA_HARMONICS + 1, ch = s->pass.detail[i];
    struct pw_spec_slot *slot = &s->slot[i];
    struct pw_phasor p;
    if (ch >= n_ch(s)) { /* a channel that the configuration does not use */
        s->item = (uint8_t)(1 + (i + 1) * PW_ANA_HARMONICS);
    } else {
        if (pw_ana_read_harmonic(s->meter->hal, &s->pass, i, h, &p) != PW_OK) {
            s->lost++;
            s->item = 0;
            return true;
        }
        struct pw_spec_phasor x = to_f30(&p);
        if (h == 1)
            begin_slot(slot, ch, x, s->lead_f30);
        else
            slot->square += square_of(x);
        struct pw_harmonics *set = keeper(s, i, ch);
        if (set != NULL) {
            keep(set, ch, h, turned(turned(x, slot->at), (struct pw_spec_phasor){ONE_F30, -s->lead_f30 / (int32_t)h}));
            slot->at = turned(slot->at, slot->turn);
        }
        if (h == PW_ANA_HARMONICS)
            finish_slot(s, slot);
        s->item++;
    }
    if (s->item > N_ITEMS)
        s->item = 0;
    return true;
}

bool pw_spectrum_step(struct pw_spectrum *s)
{
    if (!s->present)
        return false;
    if (s->item == 0)
        return begin_pass(s);
    for (unsigned i = 0; i < HARMONICS_A_STEP && s->item != 0; i++)
        (void)take_harmonic(s);
    return true;
}

int pw_spectrum_request(struct pw_spectrum *s, unsigned ch)
{
    if (!s->present)
        return PW_ERR_STATE;
    if (ch != PW_SPECTRUM_NO_CH && ch >= n_ch(s))
        return PW_ERR_RANGE;
    s->request = (uint8_t)ch;
    s->held.ch = (uint8_t)ch;
    s->held.state = ch == PW_SPECTRUM_NO_CH ? PW_HARM_NONE : PW_HARM_WAITING;
    if (s->item != 0 && s->item <= PW_ANA_HARMONICS)
        s->item = PW_ANA_HARMONICS + 1; /* not from the middle of a slot on */
    return PW_OK;
}

static uint64_t rms_of(const struct pw_spectrum *s, unsigned ch, uint32_t mag)
{
    if (ch < PW_N_V)
        return pw_mul_shift((uint64_t)mag * s->cfg->v[ch].v_fs_mv, RMS_F32, 62);
    return pw_mul_shift((uint64_t)mag * s->cfg->ct[ch - PW_N_V].i_fs_ma, RMS_MILLI_F32, 62);
}

uint64_t pw_spectrum_rms(const struct pw_spectrum *s, unsigned ch)
{
    return rms_of(s, ch, pw_isqrt64(square_of(s->fund[ch])));
}

int32_t pw_spectrum_angle_cdeg(const struct pw_spectrum *s, unsigned ch)
{
    struct pw_spec_phasor a = s->fund[0], b = s->fund[ch];
    return pw_atan2_cdeg((int64_t)a.im * b.re - (int64_t)a.re * b.im, (int64_t)a.re * b.re + (int64_t)a.im * b.im);
}

/* Twice P1 and Q1 of a CT in units of 2^-60 of the full scales' product, and their product's magnitude 2^-16 below that. */
struct raw_power {
    int64_t p, q, s_m16;
};

static struct raw_power raw_power(const struct pw_spectrum *s, unsigned k)
{
    const struct pw_config_ct *ct = &s->cfg->ct[k];
    struct pw_spec_phasor i = s->fund[PW_N_V + k], v = s->fund[ct->vsel % PW_N_V];
    int64_t re = v.re, im = v.im;
    if (ct->vsel >= PW_VAB) {
        struct pw_spec_phasor next = s->fund[(ct->vsel + 1u) % PW_N_V];
        re -= next.re;
        im -= next.im;
    }
    struct raw_power r = {re * i.re + im * i.im, im * i.re - re * i.im, 0};
    uint64_t v_mag = pw_isqrt64((uint64_t)((re >> 2) * (re >> 2) + (im >> 2) * (im >> 2)));
    r.s_m16 = (int64_t)((v_mag * pw_isqrt64(square_of(i))) >> 14);
    if (ct->pol) {
        r.p = -r.p;
        r.q = -r.q;
    }
    return r;
}

static int32_t power_mw(int64_t twice, uint64_t vi_uw)
{
    uint64_t mag = twice < 0 ? 0 - (uint64_t)twice : (uint64_t)twice;
    uint64_t mw = (pw_mul_shift(mag, vi_uw, 61) + 500) / 1000;
    if (mw > INT32_MAX)
        mw = INT32_MAX;
    return twice < 0 ? -(int32_t)mw : (int32_t)mw;
}

int pw_spectrum_ct(const struct pw_spectrum *s, unsigned k, struct pw_spec_ct *out)
{
    if (k >= s->cfg->n_ct)
        return PW_ERR_RANGE;
    if (s->passes == 0)
        return PW_ERR_STATE;
    const struct pw_meas_ct *m = &s->meter->out.ct[k];
    uint64_t vi_uw = pw_config_ct_vi_uw(s->cfg, k), i1_ua = pw_spectrum_rms(s, PW_N_V + k);
    struct raw_power r = raw_power(s, k);
    bool load = s->meter->out.agg != 0 && (m->flags & PW_FLAG_CREEP) == 0;
    out->i1_ua = i1_ua > UINT32_MAX ? UINT32_MAX : (uint32_t)i1_ua;
    out->p1_mw = power_mw(r.p, vi_uw);
    out->q1_mvar = power_mw(r.q, vi_uw);
    int64_t ph = (int64_t)m->p_mw - out->p1_mw;
    out->ph_mw = (int32_t)(!load ? 0 : ph > INT32_MAX ? INT32_MAX : ph < -INT32_MAX ? -INT32_MAX : ph);
    int64_t dpf = r.s_m16 > 0 ? pw_div_round((r.p >> 16) * 10000, r.s_m16) : 0;
    out->dpf_e4 = (int16_t)(!load ? 0 : dpf > 10000 ? 10000 : dpf < -10000 ? -10000 : dpf);
    out->thd_e4 = s->thd_e4[PW_N_V + k];
    return PW_OK;
}

uint64_t pw_spectrum_residual_ua(const struct pw_spectrum *s, unsigned point)
{
    const struct pw_form_info *form = pw_form_info(s->cfg->point[point].form);
    int64_t re = 0, im = 0;
    uint32_t fs_ma = 0; /* the same for all CTs of a point */
    unsigned n = 0;
    for (unsigned k = 0; k < s->cfg->n_ct; k++) {
        const struct pw_config_ct *ct = &s->cfg->ct[k];
        if (ct->point != point)
            continue;
        /* where the form reverses the voltage, pol does not speak of the current */
        bool form_turns = form != NULL && form->n_elements != 0 && (form->negated >> n % form->n_elements & 1) != 0;
        int64_t sign = (ct->pol != 0) != form_turns ? -1 : 1;
        re += sign * s->fund[PW_N_V + k].re;
        im += sign * s->fund[PW_N_V + k].im;
        fs_ma = ct->i_fs_ma;
        n++;
    }
    re /= 32; /* the sum of 54 CTs has 6 bits more; its square is to fit */
    im /= 32;
    uint64_t mag = (uint64_t)pw_isqrt64((uint64_t)(re * re) + (uint64_t)(im * im)) * 32;
    return pw_mul_shift(mag * fs_ma, RMS_MILLI_F32, 62);
}

struct pw_spec_harmonic pw_spectrum_harmonic(const struct pw_spectrum *s, const struct pw_harmonics *set, unsigned n)
{
    struct pw_spec_harmonic out = {0};
    if (set->state != PW_HARM_READY || n < 1 || n > PW_ANA_HARMONICS)
        return out;
    struct pw_spec_phasor x = set->h[n - 1];
    uint32_t mag = pw_isqrt64(square_of(x)), mag1 = pw_isqrt64(square_of(set->h[0]));
    out.rms = rms_of(s, set->ch, mag);
    uint64_t ratio_e5 = mag1 == 0 ? 0 : ((uint64_t)mag * 100000 + mag1 / 2) / mag1;
    out.ratio_e5 = ratio_e5 > UINT32_MAX ? UINT32_MAX : (uint32_t)ratio_e5;
    out.angle_cdeg = (int16_t)pw_atan2_cdeg(x.im, x.re);
    return out;
}
