/* SPDX-License-Identifier: Apache-2.0 */
/* Modbus codec, register map, and TCP over a fake W5500. */
#include "t.h"

#include "fake.h"
#include "modbus.h"
#include "modbus_map.h"
#include "modbus_tcp.h"
#include "version.h"

static struct pw_snapshot snap;
static struct pw_energy energy;
static struct pw_config cfg;
static struct pw_diag diag;
static unsigned commits;
static struct pw_config committed;

static void commit(void *ctx, const struct pw_config *next)
{
    (void)ctx;
    committed = *next;
    commits++;
}

static const struct pw_view nothing;
static struct pw_modbus_map map;
static struct pw_modbus_server srv;

static int setup(void **state)
{
    (void)state;
    memset(&snap, 0, sizeof snap);
    memset(&energy, 0, sizeof energy);
    snap.registers = &energy;
    memset(&diag, 0, sizeof diag);
    pw_config_default(&cfg, 24);
    commits = 0;
    map = (struct pw_modbus_map){.snap = &snap, .cfg = &cfg, .diag = &diag, .view = &nothing, .commit = commit};
    srv = (struct pw_modbus_server){pw_modbus_map_read, pw_modbus_map_write, &map,
                                    {"Polywatt", "PW-24", "0.1.0", "url", "meter", "model", "serial"}};
    return 0;
}

/* "03 00 00 00 01" both ways; the answer must be exactly that. */
static size_t bytes(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (char *end; *hex != 0; hex = end) {
        unsigned long v = strtoul(hex, &end, 16);
        if (end == hex)
            break;
        out[n++] = (uint8_t)v;
    }
    return n;
}

static void ask(const char *request, const char *answer)
{
    uint8_t req[300], want[300], got[PW_MODBUS_PDU_MAX];
    size_t n = bytes(request, req), w = bytes(answer, want);
    size_t g = pw_modbus_pdu(&srv, req, n, got);
    assert_int_equal(g, w);
    assert_memory_equal(got, want, w);
}

static void worked_frames(void **state)
{
    (void)state;
    ask("03 00 00 00 02", "03 04 50 57 41 54");
    ask("04 00 00 00 01", "04 02 50 57");
    ask("03 9C 40 00 02", "83 02");                       /* 40000: not there */
    ask("2B 0E 01 00", "2B 0E 01 82 00 00 03 00 08 50 6F 6C 79 77 61 74 74 01 05 50 57 2D 32 34 02 05 30 2E 31 2E 30");
    ask("2B 0E 04 03", "2B 0E 04 82 00 00 01 03 03 75 72 6C");
    ask("2B 0E 02 06", "2B 0E 02 82 00 00 01 06 06 73 65 72 69 61 6C");
    ask("2B 0E 04 07", "AB 02");
    ask("2B 0E 05 00", "AB 03");
    ask("2B 0D 01 00", "AB 01");
    ask("2B 0E 01", "AB 03");
    /* function, quantity, address, execution */
    ask("01 00 00 00 01", "81 01");
    ask("17 00", "97 01");
    ask("03 FF FF 00 00", "83 03");
    ask("03 00 00 00 7E", "83 03");
    ask("03 00 00 00 7D", "83 02");                       /* 125 is allowed, but 125 registers are not there in a row */
    ask("03 FF FF 00 02", "83 02");
    ask("03 00 00 00", "83 03");
    ask("03 00 00 00 01 00", "83 03");
    ask("06 00 00 00 01", "86 02");                       /* read only */
    ask("06 1F 40 00 01", "86 04");                       /* sealed */
    ask("10 1F 40 00 01 02 00 01", "90 04");
    ask("10 1F 40 00 00 00", "90 03");
    ask("10 1F 40 00 01 03 00 01", "90 03");
    ask("10 1F 40 00 01 02 00", "90 03");
    ask("10 1F 40 00 7C F8", "90 03");
    assert_int_equal(commits, 0);
}

static void set_energy(unsigned ct, unsigned kind, uint64_t uwh)
{
    energy.ct[ct].acc[kind][2] = (uint32_t)uwh;
    energy.ct[ct].acc[kind][3] = (uint32_t)(uwh >> 32);
}

static void values_high_word_first(void **state)
{
    (void)state;
    snap.seq = 0x00010002;
    snap.ct[1] = (struct pw_meas_ct){.v_mv = 120001, .i_ma = 200002, .p_mw = -24000000, .q_mvar = -1, .s_mva = 24000240, .pf_e4 = -9999, .angle_cdeg = -18000, .flags = 8};
    for (unsigned i = 0; i < 6; i++)
        set_energy(1, i, UINT64_C(0x0102030405060700) + i);
    ask("03 03 F8 00 10", "03 20 00 01 D4 C1 00 03 0D 42 FE 91 CA 00 FF FF FF FF 01 6E 36 F0 D8 F1 B9 B0 00 08 00 01 00 01 00 02");
    ask("03 0B D8 00 08", "03 10 01 02 03 04 05 06 07 00 01 02 03 04 05 06 07 01");
    ask("03 0B E0 00 04", "03 08 02 04 06 08 0A 0C 0E 05"); /* Q1 + Q2 */
    ask("03 03 F9 00 02", "03 04 D4 C1 00 03");             /* from the middle of a value */
    cfg.ct[1].point = 0; /* a network point of two CTs */
    set_energy(0, 0, 0xFF);
    snap.ct[0].p_mw = 1000000;
    ask("03 13 88 00 04", "03 08 01 02 03 04 05 06 07 FF");
    ask("03 13 98 00 04", "03 08 FF FF FF FF FE A1 0C 40"); /* -23 000 000 mW */
    ask("03 13 A0 00 03", "03 06 00 02 00 08 00 00");
    ask("03 13 C2 00 01", "03 02 FF FF");                   /* point 1: no CT left */
}

static void every_register_of_the_map_reads(void **state)
{
    (void)state;
    enum { ONE = 1, NV = 3, NCT = 24, NPOINTS = 24, N3 = 3, N4 = 4, N5 = 5, N8 = 8, N13 = 13, N16 = 16, N32 = 32, N50 = 50, N120 = 120, NREGS = 8 * 24,
           NDEMANDS = 3 * 24 };
    static const struct { uint16_t base, size, items; } block[] = {
#define BLOCK(name, base, stride, items, owner, title) {base, stride, items},
#define REG(block, off, type, access, value, name, unit, text)
#define RES(block, off)
#include "modbus_map.def"
    };
    uint8_t out[250];
    unsigned readable = 0, expected = 0;
    for (unsigned a = 0; a < 65536; a++)
        readable += pw_modbus_map_read(&map, (uint16_t)a, 1, out) == PW_MB_OK;
    for (unsigned b = 0; b < sizeof block / sizeof block[0]; b++) {
        unsigned n = block[b].size * block[b].items;
        expected += n;
        for (unsigned a = 0; a < n; a++)
            assert_int_equal(pw_modbus_map_read(&map, (uint16_t)(block[b].base + a), 1, out), PW_MB_OK);
        for (unsigned a = 0; a < n; a += 120)
            assert_int_equal(pw_modbus_map_read(&map, (uint16_t)(block[b].base + a), (uint16_t)(n - a < 120 ? n - a : 120), out), PW_MB_OK);
    }
    assert_int_equal(readable, expected);
    cfg.n_ct = cfg.n_points = 12; /* a 12-CT meter has no 13th block */
    assert_int_equal(pw_modbus_map_read(&map, 1000 + 12 * 16, 1, out), PW_MB_ILLEGAL_ADDRESS);
}

static void writes_are_all_or_nothing(void **state)
{
    (void)state;
    diag.unsealed = true;
    ask("10 1F 48 00 05 0A 00 04 00 01 FF 38 00 EF 00 01", "10 1F 48 00 05"); /* CT 1: Vbc, reversed, gain -200, delay 239, point 1 */
    assert_int_equal(commits, 1);
    assert_int_equal(committed.ct[1].vsel, PW_VBC);
    assert_int_equal(committed.ct[1].pol, 1);
    assert_int_equal(committed.ct[1].gain_f17, -200);
    assert_int_equal(committed.ct[1].delay, 239);
    ask("06 1F 4B 00 F0", "86 03");          /* delay 240 */
    ask("06 1F 48 01 00", "86 03");          /* 256 must not become 0 */
    ask("06 1F 4C 00 18", "86 03");          /* point 24 of 24 */
    ask("10 1F 4C 00 02 04 00 01 00 00", "90 02"); /* the next register is read only */
    ask("10 23 28 00 04 08 00 00 27 10 00 00 01 F4", "10 23 28 00 04"); /* point 0: 10 Wh, 500 mW */
    assert_int_equal(committed.point[0].pulse_weight_mwh, 10000);
    assert_int_equal(committed.point[0].creep_mw, 500);
    ask("06 23 29 00 05", "86 03");          /* low word only: 5 mWh is below the least weight */
    ask("06 21 98 12 34", "06 21 98 12 34"); /* voltage A gain */
    assert_int_equal(committed.v[0].gain_f17, 0x1234);
    assert_int_equal(commits, 3);
    cfg.ct[2].i_fs_ma = 400000;
    ask("06 1F 54 00 00", "86 03");          /* CT 2 to point 0: another full scale */
    assert_int_equal(commits, 3);
}

static void random_pdus_always_get_an_answer(void **state)
{
    (void)state;
    uint64_t s = 1;
    diag.unsealed = true;
    for (int i = 0; i < 300000; i++) {
        static const uint8_t fn[] = {3, 4, 6, 16, 43};
        size_t len = 1 + rnd(&s) % PW_MODBUS_PDU_MAX;
        uint8_t *req = malloc(len), *rsp = malloc(PW_MODBUS_PDU_MAX); /* exact sizes for the address sanitizer */
        for (size_t k = 0; k < len; k++)
            req[k] = (uint8_t)(rnd(&s) >> (rnd(&s) & 7));
        if (i & 1)
            req[0] = fn[rnd(&s) % sizeof fn];
        size_t n = pw_modbus_pdu(&srv, req, len, rsp);
        assert_true(n >= 2 && n <= PW_MODBUS_PDU_MAX);
        assert_true(rsp[0] == req[0] || (rsp[0] == (req[0] | 0x80) && n == 2));
        free(req);
        free(rsp);
    }
}

static void long_identification_continues(void **state)
{
    (void)state;
    static char text[300];
    memset(text, 'x', 299);
    srv.object[3] = text;
    uint8_t req[] = {0x2B, 0x0E, 2, 0}, rsp[PW_MODBUS_PDU_MAX];
    size_t n = pw_modbus_pdu(&srv, req, sizeof req, rsp);
    assert_int_equal(rsp[4], 0xFF);
    assert_int_equal(rsp[5], 3);
    assert_int_equal(rsp[6], 3);
    req[3] = 3;
    n = pw_modbus_pdu(&srv, req, sizeof req, rsp);
    assert_int_equal(n, PW_MODBUS_PDU_MAX);
    assert_int_equal(rsp[5], 4);
    req[3] = 4;
    (void)pw_modbus_pdu(&srv, req, sizeof req, rsp);
    assert_int_equal(rsp[4], 0);
    assert_int_equal(rsp[6], 3);
}

static void frame_lengths(void **state)
{
    (void)state;
    uint8_t f[7] = {0, 1, 0, 0, 0, 6, 1};
    assert_int_equal(pw_modbus_frame_len(f, 5), 0);
    assert_int_equal(pw_modbus_frame_len(f, 6), 12);
    f[5] = 1;
    assert_int_equal(pw_modbus_frame_len(f, 6), -1);
    f[5] = 254;
    assert_int_equal(pw_modbus_frame_len(f, 6), 260);
    f[5] = 255;
    assert_int_equal(pw_modbus_frame_len(f, 6), -1);
    f[5] = 6;
    f[3] = 1;
    assert_int_equal(pw_modbus_frame_len(f, 6), -1);
}

/* ---- over TCP ---- */
static struct fake f;
static struct pw_spi spi;
static struct pw_w5500 chip;
static struct pw_modbus_tcp tcp;

static void steps(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        assert_true(pw_modbus_tcp_step(&tcp, f.us) >= 0);
}

static int tcp_setup(void **state)
{
    static const struct pw_w5500_net net = {{10, 0, 0, 2}, {255, 0, 0, 0}, {10, 0, 0, 1}, {2, 0, 0, 0, 0, 9}};
    setup(state);
    fake_init(&f, 24);
    f.gpio_out = 0x20;
    pw_spi_init(&spi, &f.hal, 1, 25000000, 12500000);
    assert_int_equal(pw_w5500_init(&chip, &spi, 1), PW_OK);
    assert_int_equal(pw_w5500_start(&chip, &net), PW_OK);
    assert_memory_equal(f.w_common + 0x0F, net.ip, 4);
    assert_memory_equal(f.w_common + 0x09, net.mac, 6);
    assert_memory_equal(f.w_common + 0x05, net.mask, 4);
    assert_memory_equal(f.w_common + 0x01, net.gateway, 4);
    assert_true(pw_w5500_link(&chip));
    pw_modbus_tcp_init(&tcp, &chip, &srv, 502, 1);
    steps(8);
    for (unsigned s = 0; s < 8; s++)
        assert_int_equal(f.sock[s].reg[3], s < PW_MODBUS_SOCKETS ? 0x14 : 0);
    assert_int_equal(f.sock[0].reg[4] << 8 | f.sock[0].reg[5], 502);
    return 0;
}

static const uint8_t read_magic[] = {0x12, 0x34, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2};
static const uint8_t magic_answer[] = {0x12, 0x34, 0, 0, 0, 7, 1, 3, 4, 0x50, 0x57, 0x41, 0x54};

static void request_in_pieces_and_several_at_once(void **state)
{
    (void)state;
    assert_true(fake_connect(&f, 0));
    for (size_t i = 0; i < sizeof read_magic; i++) {
        fake_push(&f, 0, read_magic + i, 1);
        steps(8);
        assert_int_equal(f.sock[0].n_sent, i + 1 == sizeof read_magic ? sizeof magic_answer : 0);
    }
    assert_memory_equal(f.sock[0].sent, magic_answer, sizeof magic_answer);
    for (unsigned i = 0; i < 5; i++)
        fake_push(&f, 0, read_magic, sizeof read_magic);
    fake_push(&f, 0, read_magic, 3);
    steps(60);
    assert_int_equal(f.sock[0].n_sent, 6 * sizeof magic_answer);
    for (unsigned i = 0; i < 6; i++)
        assert_memory_equal(f.sock[0].sent + i * sizeof magic_answer, magic_answer, sizeof magic_answer);
    fake_push(&f, 0, read_magic + 3, sizeof read_magic - 3);
    steps(12);
    assert_int_equal(f.sock[0].n_sent, 7 * sizeof magic_answer);
    assert_int_equal(pw_modbus_tcp_clients(&tcp), 1);
}

static void four_clients_at_once(void **state)
{
    (void)state;
    for (unsigned s = 0; s < PW_MODBUS_SOCKETS; s++) {
        assert_true(fake_connect(&f, s));
        fake_push(&f, s, read_magic, sizeof read_magic);
    }
    steps(16);
    for (unsigned s = 0; s < PW_MODBUS_SOCKETS; s++)
        assert_memory_equal(f.sock[s].sent, magic_answer, sizeof magic_answer);
    assert_int_equal(tcp.requests, 4);
}

static void units(void **state)
{
    (void)state;
    static const uint8_t other[] = {0, 0, 0, 0, 0, 3, 9, 0x83, 0x0B};
    uint8_t req[sizeof read_magic];
    memcpy(req, read_magic, sizeof req);
    assert_true(fake_connect(&f, 1));
    req[0] = req[1] = 0;
    req[6] = 9;
    fake_push(&f, 1, req, sizeof req);
    steps(12);
    assert_int_equal(f.sock[1].n_sent, sizeof other);
    assert_memory_equal(f.sock[1].sent, other, sizeof other);
    for (unsigned i = 0; i < 2; i++) {
        req[6] = i ? 255 : 0;
        f.sock[1].n_sent = 0;
        fake_push(&f, 1, req, sizeof req);
        steps(12);
        assert_int_equal(f.sock[1].n_sent, sizeof magic_answer);
        assert_int_equal(f.sock[1].sent[6], req[6]);
    }
}

static void what_is_not_modbus_closes_the_connection(void **state)
{
    (void)state;
    static const char *const bad[] = {"GET / HTTP/1.1\r\n\r\n", "\x00\x01\x00\x00\x00\x01\x01", "\x00\x01\x00\x00\x01\x05\x01\x03", "\x00\x01\x00\x07\x00\x06\x01\x03"};
    static const size_t len[] = {18, 7, 8, 8};
    for (unsigned i = 0; i < 4; i++) {
        assert_true(fake_connect(&f, 0));
        fake_push(&f, 0, bad[i], len[i]);
        steps(8);
        assert_true(f.sock[0].fin);
        assert_int_equal(f.sock[0].n_sent, 0);
        assert_int_equal(f.sock[0].reg[3], 0x14); /* listens again */
    }
    assert_int_equal(tcp.closed_bad, 4);
}

static void an_unfinished_frame_times_out(void **state)
{
    (void)state;
    assert_true(fake_connect(&f, 2));
    fake_push(&f, 2, read_magic, 9);
    steps(8);
    f.us += 4900000;
    steps(8);
    assert_false(f.sock[2].fin);
    f.us += 200000;
    steps(8);
    assert_true(f.sock[2].fin);
    assert_true(fake_connect(&f, 3)); /* an idle one stays */
    f.us += 3600000000u;
    steps(8);
    assert_false(f.sock[3].fin);
}

static void peer_closes_after_its_request(void **state)
{
    (void)state;
    assert_true(fake_connect(&f, 0));
    fake_push(&f, 0, read_magic, sizeof read_magic);
    fake_peer_close(&f, 0);
    steps(20);
    assert_int_equal(f.sock[0].n_sent, sizeof magic_answer); /* the rest is read and answered first */
    assert_true(f.sock[0].fin);
    assert_int_equal(f.sock[0].reg[3], 0x14);
}

static void a_send_waits_for_the_one_before(void **state)
{
    (void)state;
    assert_true(fake_connect(&f, 0));
    f.hold_sendok = true;
    fake_push(&f, 0, read_magic, sizeof read_magic);
    fake_push(&f, 0, read_magic, sizeof read_magic);
    steps(40);
    assert_int_equal(f.sock[0].n_sent, sizeof magic_answer);
    f.sock[0].reg[2] |= 0x10;
    steps(12);
    assert_int_equal(f.sock[0].n_sent, 2 * sizeof magic_answer);
    fake_push(&f, 0, read_magic, sizeof read_magic); /* and a peer that takes nothing for 20 s loses its connection */
    steps(12);
    f.us += 21000000;
    steps(8);
    assert_true(f.sock[0].fin);
}

static void a_dead_chip_is_an_error_not_a_hang(void **state)
{
    (void)state;
    f.spi_stuck = true;
    assert_int_equal(pw_modbus_tcp_step(&tcp, f.us), PW_ERR_IO);
    assert_int_equal(tcp.io_errors, 1);
    f.spi_stuck = false;
    f.no_w5500 = true;
    struct pw_w5500 w;
    assert_int_equal(pw_w5500_init(&w, &spi, 1), PW_ERR_IO);
}

static void random_bytes_from_four_peers(void **state)
{
    (void)state;
    uint64_t s = 7;
    diag.unsealed = true;
    for (int i = 0; i < 60000; i++) {
        unsigned k = (unsigned)(rnd(&s) % PW_MODBUS_SOCKETS);
        uint8_t junk[40];
        size_t n = rnd(&s) % sizeof junk;
        for (size_t b = 0; b < n; b++)
            junk[b] = (uint8_t)(rnd(&s) >> (rnd(&s) & 7));
        if (rnd(&s) % 3)
            junk[2] = junk[3] = junk[4] = 0; /* often enough a header */
        switch (rnd(&s) % 8) {
        case 0:  (void)fake_connect(&f, k); break;
        case 1:  fake_peer_close(&f, k); break;
        case 2:  fake_push(&f, k, read_magic, sizeof read_magic); break;
        case 3:  f.us += 100000; break;
        default: fake_push(&f, k, junk, n); break;
        }
        steps(2);
        if (f.sock[k].n_sent > FAKE_TX_LOG / 2)
            f.sock[k].n_sent = 0;
    }
    f.us += 30000000;
    for (unsigned k = 0; k < PW_MODBUS_SOCKETS; k++)
        fake_peer_close(&f, k);
    steps(2000);
    for (unsigned k = 0; k < PW_MODBUS_SOCKETS; k++)
        assert_int_equal(f.sock[k].reg[3], 0x14); /* all came back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(worked_frames, setup),
        cmocka_unit_test_setup(values_high_word_first, setup),
        cmocka_unit_test_setup(every_register_of_the_map_reads, setup),
        cmocka_unit_test_setup(writes_are_all_or_nothing, setup),
        cmocka_unit_test_setup(random_pdus_always_get_an_answer, setup),
        cmocka_unit_test_setup(long_identification_continues, setup),
        cmocka_unit_test_setup(frame_lengths, setup),
        cmocka_unit_test_setup(request_in_pieces_and_several_at_once, tcp_setup),
        cmocka_unit_test_setup(four_clients_at_once, tcp_setup),
        cmocka_unit_test_setup(units, tcp_setup),
        cmocka_unit_test_setup(what_is_not_modbus_closes_the_connection, tcp_setup),
        cmocka_unit_test_setup(an_unfinished_frame_times_out, tcp_setup),
        cmocka_unit_test_setup(peer_closes_after_its_request, tcp_setup),
        cmocka_unit_test_setup(a_send_waits_for_the_one_before, tcp_setup),
        cmocka_unit_test_setup(a_dead_chip_is_an_error_not_a_hang, tcp_setup),
        cmocka_unit_test_setup(random_bytes_from_four_peers, tcp_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
