/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds damaged scenarios and recordings to pw_panel_open, built with address and undefined-behaviour sanitizers.
 * fuzz SEED ROUNDS SCRATCH_DIR FILE...   each round damages one FILE (a COMTRADE .cfg or its .dat, together with the other)
 * Passes if nothing crashes and every refusal is one line that names a file. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modulator.h"
#include "panel.h"

static uint64_t seed;

static uint32_t rnd(uint32_t n) { return (uint32_t)(pw_seed_next(&seed) % n); }

static size_t slurp(const char *path, uint8_t **out)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    *out = malloc(1 << 20);
    size_t n = fread(*out, 1, 1 << 19, f);
    fclose(f);
    return n;
}

static size_t damage(uint8_t *b, size_t n)
{
    static const char *const bits[] = { "-1", "99999999999999999999", "nan", "1e308", "", ",", "\n", "\"", "0", "\0x", "#", "=", "inf", ";", "1e-320" };
    for (unsigned hits = 1 + rnd(4); hits > 0 && n > 0; hits--) {
        size_t at = rnd((uint32_t)(rnd(3) == 0 ? n : n < 600 ? n : 600));   /* headers are where the decisions are */
        const char *s = bits[rnd(15)];
        size_t len = strlen(s), cut;
        switch (rnd(6)) {
        case 0:
            n = at;                                         /* cut off */
            break;
        case 1:
            b[at] ^= (uint8_t)(1u << rnd(8));
            break;
        case 2:
            b[at] = (uint8_t)rnd(256);
            break;
        case 3:
            memmove(b + at + len, b + at, n - at);          /* insert */
            memcpy(b + at, s, len);
            n += len;
            break;
        case 4:
            cut = 1 + rnd(20);                              /* take out */
            cut = cut > n - at ? n - at : cut;
            memmove(b + at, b + at + cut, n - at - cut);
            n -= cut;
            break;
        default:
            while (at < n && isdigit(b[at]))                /* replace a number */
                at++;
            memmove(b + at + len, b + at, n - at);
            memcpy(b + at, s, len);
            n += len;
        }
    }
    return n;
}

static void put(const char *path, const uint8_t *b, size_t n)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(b, 1, n, f) != n || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
}

/* Writes the damaged file as SCRATCH/x.EXT, its COMTRADE partner beside it; returns the path to open. */
static void prepare(const char *scratch, const char *file, char path[512])
{
    uint8_t *b;
    const char *ext = strrchr(file, '.');
    size_t n = slurp(file, &b);
    snprintf(path, 512, "%s/x%s", scratch, ext);
    if (strcmp(ext, ".dat") == 0 || strcmp(ext, ".cfg") == 0) {
        char partner[512], out[512];
        uint8_t *o;
        const char *other = ext[1] == 'd' ? ".cfg" : ".dat";
        snprintf(partner, sizeof partner, "%.*s%s", (int)(ext - file), file, other);
        snprintf(out, sizeof out, "%s/x%s", scratch, other);
        size_t m = slurp(partner, &o);
        put(out, o, m);
        free(o);
    }
    put(path, b, damage(b, n));
    free(b);
}

int main(int argc, char **argv)
{
    unsigned opened = 0, refused = 0, rounds = argc > 4 ? (unsigned)atoi(argv[2]) : 0;
    if (argc < 5)
        return 2;
    seed = strtoull(argv[1], NULL, 10);
    for (unsigned k = 0; k < rounds; k++) {
        char path[512], err[600] = "";
        prepare(argv[3], argv[4 + rnd((uint32_t)argc - 4)], path);
        bool scn = strcmp(strrchr(path, '.'), ".scn") == 0;
        struct pw_panel_opts o = { .scenario = scn ? path : NULL, .recording = scn ? NULL : path, .fmod_hz = 25e6 / 5, .n_ct = 6, .seed = k };
        struct pw_panel *p = pw_panel_open(&o, err, sizeof err);
        uint8_t bytes[PW_PANEL_MAX_CH];
        for (unsigned j = 0; p != NULL && j < 100; j++)
            pw_panel_step8(p, bytes);
        opened += p != NULL;
        refused += p == NULL;
        if (p == NULL && (strncmp(err, argv[3], strlen(argv[3])) != 0 || strchr(err, '\n') != NULL || strlen(err) < strlen(argv[3]) + 8)) {
            printf("round %u: '%s' is not a message\n", k, err);
            return 1;
        }
        pw_panel_close(p);
    }
    printf("%u opened, %u refused\n", opened, refused);
    return 0;
}
