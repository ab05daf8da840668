/* SPDX-License-Identifier: Apache-2.0 */
/* Stored form of a program: fields at fixed places, little endian; what is not named or not in use is 0. The single fields: program.c */
#include <string.h>

#include "bytes.h"
#include "crc32.h"
#include "program_priv.h"

enum {
    MAGIC   = 0,   /* "PWPG" */
    VERSION = 4,   /* u16 */
    SIZE    = 6,   /* u16, of the image; then the single fields, to 67 */
    DEMAND  = 24,  /* 3 x (quantity, method, minutes, subintervals) */
    ITEM    = 68,  /* 32 x (what, arg, code, tenths) */
    OUTPUT  = 196, /* 4 x (kind, quantity, point, half, weight u32) */
    END     = 228, /* then free up to the CRC */
    CRC     = PW_PROGRAM_SIZE_B - 4, /* u32 over all before */
};
_Static_assert(ITEM + 4 * PW_MAX_ITEMS == OUTPUT && OUTPUT + 8 * PW_MAX_OUTPUTS == END && END <= CRC, "records follow each other");
_Static_assert(sizeof(struct pw_demand_config) == 4 && sizeof(struct pw_program_item) == 4, "bytes in the order in which they are stored");

static const uint8_t magic[4] = {'P', 'W', 'P', 'G'};

void pw_program_encode(const struct pw_program *p, uint8_t out[PW_PROGRAM_SIZE_B])
{
    memset(out, 0, PW_PROGRAM_SIZE_B);
    memcpy(out + MAGIC, magic, sizeof magic);
    pw_put_le16(out + VERSION, PW_PROGRAM_VERSION);
    pw_put_le16(out + SIZE, PW_PROGRAM_SIZE_B);
    pw_program_put_scalars(p, out);
    memcpy(out + DEMAND, p->demand, 4u * p->n_demands);
    memcpy(out + ITEM, p->item, 4u * p->n_items);
    for (unsigned i = 0; i < p->n_outputs; i++) {
        uint8_t *o = out + OUTPUT + 8 * i;
        o[0] = p->output[i].kind;
        o[1] = p->output[i].quantity;
        o[2] = p->output[i].point;
        o[3] = p->output[i].half;
        pw_put_le32(o + 4, p->output[i].weight_mwh);
    }
    pw_put_le32(out + CRC, pw_crc32(0, out, CRC));
}

int pw_program_decode(struct pw_program *p, const uint8_t *in, size_t len, struct pw_program_fault *fault)
{
    if (len != PW_PROGRAM_SIZE_B)
        return PW_ERR_SIZE;
    if (memcmp(in + MAGIC, magic, sizeof magic) != 0)
        return PW_ERR_MAGIC;
    if (pw_get_le32(in + CRC) != pw_crc32(0, in, CRC))
        return PW_ERR_CRC;
    if (pw_get_le16(in + VERSION) != PW_PROGRAM_VERSION)
        return PW_ERR_VERSION;
    if (pw_get_le16(in + SIZE) != PW_PROGRAM_SIZE_B)
        return PW_ERR_SIZE;
    memset(p, 0, sizeof *p);
    int err = pw_program_get_scalars(p, in, fault);
    if (err != PW_OK)
        return err;
    memcpy(p->demand, in + DEMAND, 4u * p->n_demands);
    memcpy(p->item, in + ITEM, 4u * p->n_items);
    for (unsigned i = 0; i < p->n_outputs; i++) {
        const uint8_t *o = in + OUTPUT + 8 * i;
        if (o[3] > 1) {
            if (fault != NULL)
                *fault = (struct pw_program_fault){"output", (int)i, "half"};
            return PW_ERR_RANGE;
        }
        p->output[i] = (struct pw_program_output){o[0], o[1], o[2], o[3] != 0, pw_get_le32(o + 4)};
    }
    return pw_program_check(p, fault);
}
