/* SPDX-License-Identifier: Apache-2.0 */
#include "config_store.h"

#include "fram_map.h"

#define QUARTER_B (PW_CONFIG_SIZE_B / 4)

static const uint32_t copy_addr[2] = {PW_FRAM_CONFIG_A, PW_FRAM_CONFIG_B};

static int load_copy(struct pw_fram *fram, unsigned copy, struct pw_config *cfg, struct pw_config_fault *fault)
{
    uint8_t buf[PW_CONFIG_SIZE_B];
    int err = pw_fram_read(fram, copy_addr[copy], buf, sizeof buf);
    return err != PW_OK ? err : pw_config_decode(cfg, buf, sizeof buf, fault);
}

int pw_config_store_load(struct pw_config_store *st, struct pw_fram *fram, struct pw_config *cfg, struct pw_config_fault *fault)
{
    struct pw_config_fault f[2] = {{"image", -1, "read"}, {"image", -1, "read"}};
    *st = (struct pw_config_store){.fram = fram};
    int a = load_copy(fram, 0, cfg, &f[0]);
    uint32_t revision_a = cfg->revision;
    int b = load_copy(fram, 1, cfg, &f[1]);
    if (a != PW_OK && b != PW_OK) {
        *fault = a == PW_ERR_MAGIC ? f[1] : f[0]; /* an empty copy says less than a bad one */
        return a == PW_ERR_MAGIC ? b : a;
    }
    st->target = b != PW_OK;
    if (a == PW_OK && b == PW_OK && (int32_t)(cfg->revision - revision_a) <= 0) {
        st->target = 1;
        return load_copy(fram, 0, cfg, fault); /* the first was the newer: there is no room for two on the stack */
    }
    return PW_OK;
}

void pw_config_store_begin(struct pw_config_store *st)
{
    st->step = 1;
}

bool pw_config_store_step(struct pw_config_store *st, const struct pw_config *cfg)
{
    uint8_t buf[PW_CONFIG_SIZE_B];
    if (st->step == 0)
        return false;
    uint32_t at = (st->step - 1u) * QUARTER_B;
    int err = pw_config_encode(cfg, buf, NULL);
    if (err == PW_OK)
        err = pw_fram_write(st->fram, copy_addr[st->target] + at, buf + at, QUARTER_B);
    if (err != PW_OK) {
        st->errors++;
        st->step = 0;
    } else if (++st->step > 4) {
        st->step = 0;
        st->target ^= 1;
    }
    return true;
}
