/* SPDX-License-Identifier: Apache-2.0 */
#include "fields.h"

#include "bytes.h"

void pw_fields_put(const struct pw_field *f, unsigned n, const void *from, uint8_t *to)
{
    for (; n-- > 0; f++) {
        const void *m = (const uint8_t *)from + f->member;
        switch (f->size_b) {
        case 1:  to[f->at] = *(const uint8_t *)m; break;
        case 2:  pw_put_le16(to + f->at, *(const uint16_t *)m); break;
        case 4:  pw_put_le32(to + f->at, *(const uint32_t *)m); break;
        default: pw_put_le64(to + f->at, *(const uint64_t *)m); break;
        }
    }
}

void pw_fields_get(const struct pw_field *f, unsigned n, void *to, const uint8_t *from)
{
    for (; n-- > 0; f++) {
        void *m = (uint8_t *)to + f->member;
        switch (f->size_b) {
        case 1:  *(uint8_t *)m = from[f->at]; break;
        case 2:  *(uint16_t *)m = pw_get_le16(from + f->at); break;
        case 4:  *(uint32_t *)m = pw_get_le32(from + f->at); break;
        default: *(uint64_t *)m = pw_get_le64(from + f->at); break;
        }
    }
}
