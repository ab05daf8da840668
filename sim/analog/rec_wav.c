/* SPDX-License-Identifier: Apache-2.0 */
/* WAV: PCM 8, 16, 24, 32 bit and float 32, 64, plain or extensible. Samples become -1 .. +1. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rec.h"

struct wav {
    struct pw_rec *r;
    FILE *f;
    uint64_t size;                                  /* of the file */
    unsigned format, bits;                          /* 1 = PCM, 3 = float */
};

static uint32_t le(const uint8_t *b, unsigned n)
{
    uint32_t v = 0;
    for (unsigned k = 0; k < n; k++)
        v |= (uint32_t)b[k] << (8 * k);
    return v;
}

static bool fmt_chunk(struct wav *w, uint32_t len)
{
    uint8_t b[40] = { 0 };
    if (len < 16 || fread(b, 1, len < 40 ? len : 40, w->f) != (len < 40 ? len : 40))
        return pw_rec_fail(w->r, NULL, 0, "fmt chunk cut off");
    w->format = le(b, 2);
    w->r->n_ch = le(b + 2, 2);
    w->r->rate_hz = le(b + 4, 4);
    w->bits = le(b + 14, 2);
    if (w->format == 0xfffe && len >= 40)           /* extensible: the true format is in its GUID */
        w->format = le(b + 24, 2);
    bool pcm = w->format == 1 && (w->bits == 8 || w->bits == 16 || w->bits == 24 || w->bits == 32);
    bool flt = w->format == 3 && (w->bits == 32 || w->bits == 64);
    if (!pcm && !flt)
        return pw_rec_fail(w->r, NULL, 0, "format %u with %u bits: only PCM 8, 16, 24, 32 and float 32, 64", w->format, w->bits);
    if (w->r->n_ch < 2 || w->r->n_ch > PW_REC_MAX_CH)
        return pw_rec_fail(w->r, NULL, 0, "%u channels: 2 .. %d can be metered", w->r->n_ch, PW_REC_MAX_CH);
    if (le(b + 12, 2) != w->r->n_ch * w->bits / 8)
        return pw_rec_fail(w->r, NULL, 0, "block size %u does not fit %u channels of %u bits", le(b + 12, 2), w->r->n_ch, w->bits);
    if (!(w->r->rate_hz > 0.0 && w->r->rate_hz <= PW_REC_MAX_RATE))
        return pw_rec_fail(w->r, NULL, 0, "sample rate %g", w->r->rate_hz);
    return true;
}

static double sample(const struct wav *w, const uint8_t *b)
{
    if (w->format == 3 && w->bits == 32) {
        uint32_t u = le(b, 4);
        float v;
        memcpy(&v, &u, 4);
        return v;
    }
    if (w->format == 3) {
        uint64_t u = le(b, 4) | (uint64_t)le(b + 4, 4) << 32;
        double v;
        memcpy(&v, &u, 8);
        return v;
    }
    if (w->bits == 8)
        return (b[0] - 128) / 128.0;
    uint32_t u = le(b, w->bits / 8) << (32 - w->bits);
    return (double)(int32_t)u / 2147483648.0;
}

static bool data_chunk(struct wav *w, uint64_t len)
{
    const unsigned bytes = w->bits / 8, frame = bytes * w->r->n_ch;
    uint8_t b[PW_REC_MAX_CH * 8];
    float row[PW_REC_MAX_CH];
    uint64_t n = len / frame;
    if (n == 0)
        return pw_rec_fail(w->r, NULL, 0, "no samples");
    for (uint64_t j = 0; j < n && !w->r->full; j++) {
        if (fread(b, 1, frame, w->f) != frame)
            return pw_rec_fail(w->r, NULL, 0, "ends after %llu of %llu samples", (unsigned long long)j, (unsigned long long)n);
        for (unsigned k = 0; k < w->r->n_ch; k++) {
            double v = sample(w, b + k * bytes);
            if (!isfinite(v) || fabs(v) > 1e30)
                return pw_rec_fail(w->r, NULL, 0, "sample %llu, channel %u is not a number", (unsigned long long)j, k + 1);
            row[k] = (float)v;
        }
        if (!pw_rec_push(w->r, row))
            return pw_rec_fail(w->r, NULL, 0, "not enough memory");
    }
    return true;
}

static bool chunks(struct wav *w)
{
    uint8_t b[12];
    bool have_fmt = false;
    if (fread(b, 1, 12, w->f) != 12 || memcmp(b, "RIFF", 4) != 0 || memcmp(b + 8, "WAVE", 4) != 0)
        return pw_rec_fail(w->r, NULL, 0, "not a WAV file");
    for (;;) {
        if (fread(b, 1, 8, w->f) != 8)
            return pw_rec_fail(w->r, NULL, 0, have_fmt ? "no data chunk (cut off?)" : "no fmt chunk");
        uint32_t len = le(b + 4, 4);
        long at = ftell(w->f);
        uint64_t left = at >= 0 && (uint64_t)at < w->size ? w->size - (uint64_t)at : 0;
        if (memcmp(b, "data", 4) == 0) {
            if (!have_fmt)
                return pw_rec_fail(w->r, NULL, 0, "data before fmt");
            bool streamed = len == 0 || len == 0xffffffffu;     /* a recorder that could not seek back */
            if (!streamed && len > left)
                return pw_rec_fail(w->r, NULL, 0, "cut off: %llu of %u bytes of samples", (unsigned long long)left, len);
            return data_chunk(w, streamed ? left : len);
        }
        if (len > left)
            return pw_rec_fail(w->r, NULL, 0, "cut off in chunk '%.4s'", memcmp(b, "fmt ", 4) == 0 ? "fmt " : "other");
        if (memcmp(b, "fmt ", 4) == 0) {
            if (!fmt_chunk(w, len))
                return false;
            have_fmt = true;
        }
        if (fseek(w->f, at + (long)len + (long)(len & 1), SEEK_SET) != 0)
            return pw_rec_fail(w->r, NULL, 0, "%s", strerror(errno));
    }
}

bool pw_rec_read_wav(struct pw_rec *r)
{
    struct stat st;
    struct wav w = { .r = r };
    w.f = fopen(r->path, "rb");
    if (w.f == NULL)
        return pw_rec_fail(r, NULL, 0, "%s", strerror(errno));
    bool ok = fstat(fileno(w.f), &st) == 0 && S_ISREG(st.st_mode);
    w.size = ok ? (uint64_t)st.st_size : 0;
    ok = ok ? chunks(&w) : pw_rec_fail(r, NULL, 0, "not a file");
    fclose(w.f);
    r->positional = true;
    for (unsigned k = 0; k < r->n_ch && k < PW_REC_MAX_CH; k++) {
        r->ch[k] = (struct pw_rec_ch){ .phase = PW_PH_NONE, .scale = 1.0, .ratio = 1.0 };
        snprintf(r->ch[k].name, PW_REC_NAME, "channel %u", k + 1);
    }
    return ok;
}
