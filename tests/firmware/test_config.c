/* SPDX-License-Identifier: Apache-2.0 */
/* sw/lib/config: stored form, its damage, version 1, checks, forms. */
#include "t.h"

#include "bytes.h"
#include "config.h"
#include "config_store.h"
#include "crc32.h"
#include "fake.h"
#include "fram_map.h"

static const uint8_t version_1[PW_CONFIG_V1_B] = {
#include "config_v1.inc"
};

static void random_config(struct pw_config *c, uint64_t *s)
{
    unsigned n = 1 + (unsigned)(rnd(s) % PW_MAX_CT);
    pw_config_default(c, n);
    c->revision = (uint32_t)rnd(s);
    c->nominal_hz = rnd(s) & 1 ? 50 : 60;
    c->window_cycles = (uint8_t)(1 + rnd(s) % 50);
    uint32_t v = 1000 + (uint32_t)(rnd(s) % 1999001), i = 100 + (uint32_t)(rnd(s) % 19999901);
    for (unsigned k = 0; k < PW_N_V; k++)
        c->v[k] = (struct pw_config_v){v, (int16_t)rnd(s), (uint8_t)(rnd(s) % 240)};
    for (unsigned k = 0; k < PW_MAX_CT; k++)
        c->ct[k] = (struct pw_config_ct){
            .i_fs_ma = i, .gain_f17 = (int16_t)rnd(s), .delay = (uint8_t)(rnd(s) % 240), .vsel = (uint8_t)(rnd(s) % 6), .pol = rnd(s) & 1,
            .point = (uint8_t)(rnd(s) % n), .curve = (uint8_t)(rnd(s) % 9), .rated_ma = 100 + (uint32_t)(rnd(s) % 19999901),
            .i_noise_ua = (uint16_t)rnd(s)};
    for (unsigned k = 0; k < PW_MAX_CT; k++) /* one role a point */
        c->ct[k].role = c->ct[k].point & 1;
    uint64_t heaviest = (uint64_t)v * i / 1000 * 33 / 10000; /* mWh: 3.3 a watt of full scale */
    heaviest = heaviest > 100000000 ? 100000000 : heaviest;
    for (unsigned k = 0; k < PW_MAX_CT; k++)
        c->point[k] = (struct pw_config_point){
            rnd(s) & 1 || heaviest < 10 ? 0 : 10 + (uint32_t)(rnd(s) % (heaviest - 9)), (uint32_t)(rnd(s) % 1000001), 0};
    for (unsigned i = 0; i < PW_N_CURVES; i++) {
        c->curve[i].n = (uint8_t)(rnd(s) % 9);
        for (unsigned k = 0, level = 0; k < c->curve[i].n; k++) {
            level += 1 + (unsigned)(rnd(s) % 8000);
            c->curve[i].point[k] = (struct pw_config_curve_point){(uint16_t)level, (int16_t)rnd(s), (int16_t)rnd(s)};
        }
    }
    c->service = (uint8_t)(rnd(s) % PW_N_SERVICES);
    c->va_method = rnd(s) & 1;
    c->v_nominal_mv = rnd(s) & 1 ? 0 : 10000 + (uint32_t)(rnd(s) % 990001);
    c->sag_e4 = (uint16_t)(5000 + rnd(s) % 4901);
    c->swell_e4 = (uint16_t)(10100 + rnd(s) % 9901);
    c->interruption_e4 = (uint16_t)(100 + rnd(s) % 4901);
    c->hysteresis_e4 = (uint16_t)(rnd(s) % 1001);
    c->modbus_port = (uint16_t)(1 + rnd(s) % 65535);
    c->unit_id = (uint8_t)(1 + rnd(s) % 247);
}

/* Field by field: padding does not count. */
static void same_config(const struct pw_config *a, const struct pw_config *b)
{
#define SAME(f) assert_memory_equal(&a->f, &b->f, sizeof a->f)
    SAME(version); SAME(revision); SAME(n_ct); SAME(n_points); SAME(nominal_hz); SAME(window_cycles);
    SAME(service); SAME(va_method); SAME(v_nominal_mv); SAME(sag_e4); SAME(swell_e4); SAME(interruption_e4); SAME(hysteresis_e4);
    SAME(ip); SAME(mask); SAME(gateway); SAME(mac); SAME(modbus_port); SAME(unit_id); SAME(serial);
    for (unsigned i = 0; i < PW_N_V; i++) { SAME(v[i].v_fs_mv); SAME(v[i].gain_f17); SAME(v[i].delay); }
    for (unsigned k = 0; k < PW_MAX_CT; k++) {
        SAME(ct[k].i_fs_ma); SAME(ct[k].gain_f17); SAME(ct[k].delay); SAME(ct[k].vsel); SAME(ct[k].pol); SAME(ct[k].point);
        SAME(ct[k].role); SAME(ct[k].curve); SAME(ct[k].rated_ma); SAME(ct[k].i_noise_ua);
        SAME(point[k].pulse_weight_mwh); SAME(point[k].creep_mw); SAME(point[k].form);
    }
    for (unsigned i = 0; i < PW_N_CURVES; i++) {
        SAME(curve[i].n);
        SAME(curve[i].point);
    }
#undef SAME
}

static void config_round_trip(void **state)
{
    (void)state;
    uint64_t s = 5;
    static uint8_t buf[PW_CONFIG_SIZE_B], again[PW_CONFIG_SIZE_B];
    for (int i = 0; i < 2000; i++) {
        struct pw_config a, b;
        struct pw_config_fault f;
        random_config(&a, &s);
        assert_int_equal(pw_config_encode(&a, buf, &f), PW_OK);
        assert_int_equal(pw_config_decode(&b, buf, sizeof buf, &f), PW_OK);
        assert_int_equal(pw_config_encode(&b, again, &f), PW_OK);
        assert_memory_equal(buf, again, sizeof buf);
        same_config(&a, &b);
    }
}

static void config_names_the_bad_field(void **state)
{
    (void)state;
    struct pw_config c;
    struct pw_config_fault f;
#define BAD(change, g, i, name)                                   \
    do {                                                          \
        pw_config_default(&c, 24);                                \
        change;                                                   \
        assert_int_equal(pw_config_check(&c, &f), PW_ERR_RANGE);  \
        assert_string_equal(f.group, g);                          \
        assert_int_equal(f.index, i);                             \
        assert_string_equal(f.field, name);                       \
    } while (0)
    BAD(c.n_ct = 0, "general", -1, "n_ct");
    BAD(c.n_ct = 55, "general", -1, "n_ct");
    BAD(c.n_points = 25, "general", -1, "n_points");
    BAD(c.nominal_hz = 55, "general", -1, "nominal_hz");
    BAD(c.window_cycles = 51, "general", -1, "window_cycles");
    BAD(c.serial[3] = '\n', "general", -1, "serial");
    BAD(c.serial[2] = 0, "general", -1, "serial"); /* text after the end */
    BAD(c.modbus_port = 0, "net", -1, "modbus_port");
    BAD(c.unit_id = 248, "net", -1, "unit_id");
    BAD(c.mac[0] = 1, "net", -1, "mac");
    BAD(c.v[2].v_fs_mv = 999, "v", 2, "v_fs_mv");
    BAD(c.v[1].delay = 240, "v", 1, "delay");
    BAD(c.ct[7].vsel = 6, "ct", 7, "vsel");
    BAD(c.ct[7].pol = 2, "ct", 7, "pol");
    BAD(c.ct[7].delay = 240, "ct", 7, "delay");
    BAD(c.ct[7].point = 24, "ct", 7, "point");
    BAD(c.ct[23].i_fs_ma = 20000001, "ct", 23, "i_fs_ma");
    BAD((c.ct[1].point = 0, c.ct[1].i_fs_ma = 400000), "ct", 1, "point"); /* one residue, one unit */
    BAD((c.ct[5].vsel = PW_VCA, c.v[0].v_fs_mv = 400000), "ct", 5, "vsel");
    BAD(c.point[3].pulse_weight_mwh = 9, "point", 3, "pulse_weight_mwh");
    BAD(c.point[3].pulse_weight_mwh = 1400000, "point", 3, "pulse_weight_mwh"); /* 400 kW: 1324 Wh at most */
    BAD(c.point[3].creep_mw = 1000001, "point", 3, "creep_mw");
    BAD(c.service = 7, "general", -1, "service");
    BAD(c.va_method = 2, "general", -1, "va_method");
    BAD(c.v_nominal_mv = 9999, "general", -1, "v_nominal_mv");
    BAD(c.sag_e4 = 9901, "general", -1, "sag_e4");
    BAD(c.swell_e4 = 10000, "general", -1, "swell_e4");
    BAD(c.interruption_e4 = 9001, "general", -1, "interruption_e4");
    BAD(c.hysteresis_e4 = 1001, "general", -1, "hysteresis_e4");
    BAD(c.ct[4].role = 3, "ct", 4, "role");
    BAD((c.ct[1].point = 0, c.ct[1].role = PW_ROLE_MAIN), "ct", 1, "role");
    BAD(c.ct[4].curve = 9, "ct", 4, "curve");
    BAD(c.ct[4].rated_ma = 99, "ct", 4, "rated_ma");
    BAD(c.point[2].form = PW_N_FORMS, "point", 2, "form");
    BAD(c.point[2].form = PW_FORM_3E_WYE, "point", 2, "form"); /* one CT only */
    BAD(c.point[30].form = PW_N_FORMS, "point", 30, "form");
    BAD((c.point[2].form = PW_FORM_15E_1CT, c.ct[2].vsel = PW_VAB, c.service = PW_SERVICE_NETWORK), "point", 2, "form");
    BAD(c.curve[7].n = 9, "curve", 7, "n");
    BAD(c.curve[7].n = 1, "curve", 7, "level_e4"); /* level 0 */
    BAD((c.curve[1].n = 2, c.curve[1].point[0].level_e4 = 5, c.curve[1].point[1].level_e4 = 5), "curve", 1, "level_e4");
    pw_config_default(&c, 24);
    c.version = 1;
    assert_int_equal(pw_config_check(&c, &f), PW_ERR_VERSION);
}

static void config_refuses_damage(void **state)
{
    (void)state;
    uint64_t s = 6;
    static uint8_t buf[PW_CONFIG_SIZE_B], bad[PW_CONFIG_SIZE_B];
    struct pw_config c, d;
    struct pw_config_fault f;
    pw_config_default(&c, 12);
    assert_int_equal(pw_config_encode(&c, buf, NULL), PW_OK);
    memset(&d, 0x5A, sizeof d);
    struct pw_config before = d;
    for (unsigned at = 0; at < sizeof buf; at++) {
        memcpy(bad, buf, sizeof buf);
        bad[at] ^= (uint8_t)(1 + rnd(&s) % 255);
        assert_int_not_equal(pw_config_decode(&d, bad, sizeof bad, &f), PW_OK);
        assert_memory_equal(&d, &before, sizeof d);
        assert_int_equal(pw_config_decode(&d, buf, at, &f), PW_ERR_SIZE);
        if (at >= sizeof version_1)
            continue;
        memcpy(bad, version_1, sizeof version_1);
        bad[at] ^= (uint8_t)(1 + rnd(&s) % 255);
        assert_int_not_equal(pw_config_decode(&d, bad, sizeof version_1, &f), PW_OK);
        assert_int_equal(pw_config_decode(&d, version_1, at, &f), PW_ERR_SIZE);
    }
    for (int i = 0; i < 20000; i++) { /* random content under a right CRC: decode must say what it is, and never run wild */
        memcpy(bad, buf, sizeof buf);
        for (int n = 0; n < 4; n++)
            bad[8 + rnd(&s) % (PW_CONFIG_SIZE_B - 12)] = (uint8_t)rnd(&s);
        pw_put_le32(bad + PW_CONFIG_SIZE_B - 4, pw_crc32(0, bad, PW_CONFIG_SIZE_B - 4));
        f.field = NULL;
        if (pw_config_decode(&d, bad, sizeof bad, &f) != PW_OK)
            assert_non_null(f.field);
        else
            assert_int_equal(pw_config_check(&d, NULL), PW_OK);
    }
}

static void config_point_lead_is_the_first_ct(void **state)
{
    (void)state;
    struct pw_config c;
    pw_config_default(&c, 12);
    c.ct[9].point = c.ct[5].point = 3;
    assert_int_equal(pw_config_point_lead(&c, 3), 3);
    c.ct[3].point = 0;
    assert_int_equal(pw_config_point_lead(&c, 3), 5);
    assert_int_equal(pw_config_point_lead(&c, 9), -1);
}


static void version_1_is_migrated(void **state)
{
    (void)state;
    struct pw_config c, def;
    struct pw_config_fault f;
    pw_config_default(&def, 24);
    assert_int_equal(pw_config_decode(&c, version_1, sizeof version_1, &f), PW_OK);
    assert_int_equal(c.version, PW_CONFIG_VERSION);
    assert_int_equal(c.revision, 0x01020304);
    assert_int_equal(c.n_ct, 24);
    assert_int_equal(c.n_points, 22);
    assert_int_equal(c.nominal_hz, 50);
    assert_int_equal(c.window_cycles, 10);
    for (unsigned i = 0; i < PW_N_V; i++) {
        assert_int_equal(c.v[i].v_fs_mv, 1000000);
        assert_int_equal(c.v[i].gain_f17, -100 * (int)i - 1);
        assert_int_equal(c.v[i].delay, 10 + i);
    }
    for (unsigned k = 0; k < PW_MAX_CT; k++) {
        const struct pw_config_ct *ct = &c.ct[k];
        assert_int_equal(ct->i_fs_ma, k < 12 ? 800000 : 400000);
        assert_int_equal(ct->gain_f17, 131 * (int)k - 2000);
        assert_int_equal(ct->delay, k * 3);
        assert_int_equal(ct->vsel, k % 6);
        assert_int_equal(ct->pol, k % 5 == 0);
        assert_int_equal(ct->point, k >= 24 ? 0 : k < 2 ? 0 : k < 23 ? k - 1 : 21);
        assert_int_equal(ct->rated_ma, ct->i_fs_ma / 4);
        assert_int_equal(ct->role + ct->curve + ct->i_noise_ua, 0);
        assert_int_equal(c.point[k].pulse_weight_mwh, k % 7 ? 1000 + k : 0);
        assert_int_equal(c.point[k].creep_mw, 500 + k);
        assert_int_equal(c.point[k].form, PW_FORM_FREE);
    }
    assert_memory_equal(c.ip, ((uint8_t[]){10, 1, 2, 3}), 4);
    assert_memory_equal(c.mask, ((uint8_t[]){255, 0, 0, 0}), 4);
    assert_memory_equal(c.gateway, ((uint8_t[]){10, 0, 0, 1}), 4);
    assert_memory_equal(c.mac, ((uint8_t[]){2, 9, 8, 7, 6, 5}), 6);
    assert_int_equal(c.modbus_port, 1502);
    assert_int_equal(c.unit_id, 77);
    assert_string_equal(c.serial, "OLD-METER-000001");
    assert_int_equal(c.service, PW_SERVICE_AUTO);
    assert_true(c.v_nominal_mv == 0 && c.sag_e4 == def.sag_e4 && c.swell_e4 == def.swell_e4 && c.interruption_e4 == def.interruption_e4);
    assert_int_equal(c.hysteresis_e4, def.hysteresis_e4);
    assert_memory_equal(c.curve, def.curve, sizeof c.curve);

    static uint8_t now[PW_CONFIG_SIZE_B]; /* and becomes version 2 when saved */
    struct pw_config again;
    assert_int_equal(pw_config_encode(&c, now, &f), PW_OK);
    assert_int_equal(pw_get_le16(now + 4), 2);
    assert_int_equal(pw_config_decode(&again, now, sizeof now, &f), PW_OK);
    same_config(&c, &again);
}

static int broken_reader(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
    (void)len;
    *out = 0;
    return at >= *(uint32_t *)ctx ? PW_ERR_IO : PW_OK;
}

static void load_hands_on_the_readers_error(void **state)
{
    (void)state;
    struct pw_config c;
    struct pw_config_fault f;
    uint32_t at = 0;
    assert_int_equal(pw_config_load(&c, broken_reader, &at, NULL, &f), PW_ERR_IO);
    assert_string_equal(f.field, "read");
}

/* Parts are the whole: the store of the soft core writes nothing else than the encoder of the PC. */
static void parts_make_the_image(void **state)
{
    (void)state;
    uint64_t s = 9;
    static uint8_t whole[PW_CONFIG_SIZE_B], parts[PW_CONFIG_SIZE_B];
    struct pw_config c;
    uint32_t crc = 0x12345678;
    random_config(&c, &s);
    assert_int_equal(pw_config_encode(&c, whole, NULL), PW_OK);
    for (unsigned p = 0; p < PW_CONFIG_PARTS; p++)
        pw_config_encode_part(&c, p, parts + p * PW_CONFIG_PART_B, &crc);
    assert_memory_equal(whole, parts, sizeof whole);
    assert_int_equal(pw_get_le32(whole + PW_CONFIG_SIZE_B - 4), pw_crc32(0, whole, PW_CONFIG_SIZE_B - 4));
}

static struct fake f;

static void fram_up(struct pw_spi *spi, struct pw_fram *fram)
{
    f.fram_cut = -1;
    pw_spi_init(spi, &f.hal, 1, f.clk_hz, 12500000);
    assert_int_equal(pw_fram_init(fram, spi, 0), PW_OK);
}

/* Release 1 kept its copies at 0x0000 and 0x0400. The newer one counts, and survives until a copy of version 2 is whole. */
static void version_1_in_the_fram(void **state)
{
    (void)state;
    static struct pw_config cfg;
    static uint8_t kept[sizeof f.fram];
    struct pw_config_store st;
    struct pw_config_fault fault;
    struct pw_spi spi;
    struct pw_fram fram;
    for (unsigned newer = 0; newer < 2; newer++) {
        const uint32_t at[2] = {PW_FRAM_CONFIG_A, PW_FRAM_CONFIG_V1_B};
        fake_init(&f, 24);
        for (unsigned copy = 0; copy < 2; copy++) {
            uint8_t *p = f.fram + at[copy];
            memcpy(p, version_1, sizeof version_1);
            p[8] = copy == newer ? 9 : 8; /* revision */
            pw_put_le32(p + 1020, pw_crc32(0, p, 1020));
        }
        memcpy(kept, f.fram, sizeof kept);
        unsigned saved = 0;
        for (long cut = 0; cut <= (long)PW_CONFIG_SIZE_B; cut += cut < 1990 ? 61 : 1) {
            memcpy(f.fram, kept, sizeof kept);
            fram_up(&spi, &fram);
            assert_int_equal(pw_config_store_load(&st, &fram, &cfg, &fault), PW_OK);
            assert_int_equal(cfg.revision & 0xFF, 9);
            cfg.revision++;
            pw_config_store_begin(&st);
            f.fram_cut = cut;
            while (pw_config_store_step(&st, &cfg))
                ;
            fram_up(&spi, &fram);
            assert_int_equal(pw_config_store_load(&st, &fram, &cfg, &fault), PW_OK);
            assert_in_range(cfg.revision & 0xFF, 9, 10);
            saved += (cfg.revision & 0xFF) == 10;
        }
        assert_in_range(saved, 1, 4);
        for (unsigned n = 0; n < 3; n++) { /* and from then on, copy by copy */
            uint32_t revision = ++cfg.revision;
            pw_config_store_begin(&st);
            while (pw_config_store_step(&st, &cfg))
                ;
            assert_int_equal(pw_config_store_load(&st, &fram, &cfg, &fault), PW_OK);
            assert_int_equal(cfg.revision, revision);
        }
        assert_int_equal(st.errors, 0);
    }
    fake_init(&f, 24); /* one of two damaged: the other; both: said */
    memcpy(f.fram + PW_FRAM_CONFIG_V1_B, version_1, sizeof version_1);
    fram_up(&spi, &fram);
    assert_int_equal(pw_config_store_load(&st, &fram, &cfg, &fault), PW_OK);
    f.fram[PW_FRAM_CONFIG_V1_B + 100] ^= 1;
    assert_int_equal(pw_config_store_load(&st, &fram, &cfg, &fault), PW_ERR_CRC);
    assert_string_equal(fault.field, "crc");
    memset(f.fram, 0, sizeof f.fram);
    assert_int_equal(pw_config_store_load(&st, &fram, &cfg, &fault), PW_ERR_MAGIC);
}

struct want {
    unsigned form, n, rotation;
    uint8_t vsel[3], pol[3], halves;
};

static void forms_set_voltages_and_polarities(void **state)
{
    (void)state;
    static const struct want want[] = {
        {PW_FORM_1E2W, 1, 2, {PW_VC}, {0}, 2},
        {PW_FORM_15E_1CT, 1, 0, {PW_VAB}, {0}, 1},
        {PW_FORM_15E_2CT, 2, 0, {PW_VAB, PW_VAB}, {0, 1}, 1},
        {PW_FORM_2E3W, 2, 0, {PW_VA, PW_VB}, {0, 0}, 2},
        {PW_FORM_2E3W, 2, 2, {PW_VC, PW_VA}, {0, 0}, 2},
        {PW_FORM_2E_DELTA, 2, 0, {PW_VAB, PW_VBC}, {0, 1}, 2},
        {PW_FORM_2E_DELTA, 2, 1, {PW_VBC, PW_VCA}, {0, 1}, 2},
        {PW_FORM_3E_WYE, 3, 0, {PW_VA, PW_VB, PW_VC}, {0, 0, 0}, 2},
        {PW_FORM_3E_DELTA, 3, 1, {PW_VB, PW_VC, PW_VA}, {0, 0, 0}, 2},
    };
    for (unsigned w = 0; w < sizeof want / sizeof want[0]; w++)
        for (unsigned sets = 1; sets <= 4; sets++) {
            struct pw_config c;
            pw_config_default(&c, 24);
            unsigned n = want[w].n * sets;
            c.ct[5].point = 6;
            unsigned on = 0;
            for (unsigned k = 0; on < n; k += 2, on++) /* not in a row */
                c.ct[k].point = 5;
            struct pw_config before = c;
            int err = pw_config_set_form(&c, 5, want[w].form, want[w].rotation);
            if (sets > PW_MAX_SETS) {
                assert_int_equal(err, PW_ERR_RANGE);
                assert_memory_equal(&c, &before, sizeof c);
                continue;
            }
            assert_int_equal(err, PW_OK);
            assert_int_equal(pw_config_check(&c, NULL), PW_OK);
            for (unsigned k = 0, e = 0; k < 24; k++) {
                if (c.ct[k].point != 5) {
                    assert_int_equal(c.ct[k].vsel, before.ct[k].vsel);
                    continue;
                }
                assert_int_equal(c.ct[k].vsel, want[w].vsel[e % want[w].n]);
                assert_int_equal(c.ct[k].pol, want[w].pol[e % want[w].n]);
                assert_int_equal(pw_config_ct_halves(&c, k), want[w].halves);
                assert_true(pw_config_ct_vi_uw(&c, k) == UINT64_C(200000000000) * want[w].halves);
                e++;
            }
            unsigned k = (unsigned)pw_config_point_lead(&c, 5); /* one wrong voltage: refused */
            c.ct[k].vsel = (uint8_t)(c.ct[k].vsel >= 3 ? c.ct[k].vsel - 3 : c.ct[k].vsel + 3);
            bool may = want[w].form == PW_FORM_1E2W && on == 1; /* any voltage will do */
            assert_int_equal(pw_config_check(&c, NULL), may ? PW_OK : PW_ERR_RANGE);
        }
}

static void forms_and_services(void **state)
{
    (void)state;
    static const char fits[PW_N_FORMS][PW_N_SERVICES + 1] = { /* auto 1p2w split network delta3 wye4 highleg */
        "1111111", "1111111", "1010000", "1010000", "1011011", "1000111", "1000010", "1000001",
    };
    for (unsigned f = 0; f < PW_N_FORMS; f++)
        for (unsigned s = 0; s < PW_N_SERVICES; s++)
            assert_int_equal(pw_form_fits(f, s), fits[f][s] == '1');
    assert_false(pw_form_fits(PW_N_FORMS, 0));
    assert_false(pw_form_fits(0, PW_N_SERVICES));
    assert_null(pw_form_info(PW_N_FORMS));
    assert_string_equal(pw_service_name(PW_N_SERVICES), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_round_trip),
        cmocka_unit_test(config_names_the_bad_field),
        cmocka_unit_test(config_refuses_damage),
        cmocka_unit_test(config_point_lead_is_the_first_ct),
        cmocka_unit_test(version_1_is_migrated),
        cmocka_unit_test(version_1_in_the_fram),
        cmocka_unit_test(load_hands_on_the_readers_error),
        cmocka_unit_test(parts_make_the_image),
        cmocka_unit_test(forms_set_voltages_and_polarities),
        cmocka_unit_test(forms_and_services),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
