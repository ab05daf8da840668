/* SPDX-License-Identifier: Apache-2.0 */
#include "config_store.h"

#include "fram_map.h"

static const uint32_t copy_addr[3] = {PW_FRAM_CONFIG_A, PW_FRAM_CONFIG_B, PW_FRAM_CONFIG_V1_B};
#define N_PLACES 3u /* the third is only of version 1: inside the first */

static int load_copy(struct pw_fram *fram, unsigned copy, struct pw_config *cfg, unsigned *version, struct pw_config_fault *fault)
{
    struct pw_fram_area area = {fram, copy_addr[copy], PW_CONFIG_SIZE_B};
    int err = pw_config_load(cfg, pw_fram_area_read, &area, version, fault);
    if (err == PW_OK && copy == 2 && *version != 1) { /* bytes of a newer image that look like one */
        *fault = (struct pw_config_fault){"image", -1, "version"};
        err = PW_ERR_VERSION;
    }
    return err;
}

int pw_config_store_load(struct pw_config_store *st, struct pw_fram *fram, struct pw_config *cfg, struct pw_config_fault *fault)
{
    unsigned version[N_PLACES] = {0}, best = N_PLACES;
    uint32_t revision = 0;
    int err = PW_ERR_MAGIC;
    *st = (struct pw_config_store){.fram = fram};
    *fault = (struct pw_config_fault){"image", -1, "magic"};
    for (unsigned i = 0; i < N_PLACES; i++) {
        struct pw_config_fault f;
        if (i == 2 && version[0] == PW_CONFIG_VERSION)
            break;
        int e = load_copy(fram, i, cfg, &version[i], &f);
        if (e == PW_OK && (best == N_PLACES || (int32_t)(cfg->revision - revision) > 0)) {
            best = i;
            revision = cfg->revision;
        } else if (e != PW_OK && err == PW_ERR_MAGIC) { /* an empty copy says less than a bad one */
            err = e;
            *fault = f;
        }
    }
    if (best == N_PLACES)
        return err;
    st->target = best != 1; /* an old image lies where copy A will be: it stays whole until the first save has ended */
    return load_copy(fram, best, cfg, &version[best], fault); /* once more: there is no room for two on the stack */
}

void pw_config_store_begin(struct pw_config_store *st)
{
    st->step = 1;
}

bool pw_config_store_step(struct pw_config_store *st, const struct pw_config *cfg)
{
    uint8_t buf[PW_CONFIG_PART_B];
    if (st->step == 0)
        return false;
    unsigned part = st->step - 1u;
    int err = part == 0 ? pw_config_check(cfg, NULL) : PW_OK;
    if (err == PW_OK) {
        pw_config_encode_part(cfg, part, buf, &st->crc);
        err = pw_fram_write(st->fram, copy_addr[st->target] + part * PW_CONFIG_PART_B, buf, sizeof buf);
    }
    if (err != PW_OK) {
        st->errors++;
        st->step = 0;
    } else if (part + 1 == PW_CONFIG_PARTS) {
        st->step = 0;
        st->target ^= 1;
    } else {
        st->step++;
    }
    return true;
}
