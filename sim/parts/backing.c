/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "backing.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint8_t *map_file(const char *path, size_t size, bool *created, char *err, size_t err_n)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        snprintf(err, err_n, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct stat st;
    uint8_t *mem = NULL;
    if (fstat(fd, &st) != 0) {
        snprintf(err, err_n, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        snprintf(err, err_n, "%s: not a regular file", path);
    } else if (st.st_size != 0 && (size_t)st.st_size != size) {
        snprintf(err, err_n, "%s: %lld bytes long, expected %zu", path, (long long)st.st_size, size);
    } else if (ftruncate(fd, (off_t)size) != 0) {
        snprintf(err, err_n, "%s: %s", path, strerror(errno));
    } else {
        *created = st.st_size == 0;
        mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (mem == MAP_FAILED) {
            snprintf(err, err_n, "%s: %s", path, strerror(errno));
            mem = NULL;
        }
    }
    close(fd);
    return mem;
}

uint8_t *pw_backing_open(const char *path, size_t size, uint8_t fill, bool *created, char *err, size_t err_n)
{
    bool fresh = true;
    uint8_t *mem;
    if (path != NULL) {
        mem = map_file(path, size, &fresh, err, err_n);
    } else {
        mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mem == MAP_FAILED) {
            snprintf(err, err_n, "no memory for a part model");
            mem = NULL;
        }
    }
    if (mem != NULL && fresh && fill != 0)
        memset(mem, fill, size);
    if (created != NULL)
        *created = fresh;
    return mem;
}

void pw_backing_close(uint8_t *mem, size_t size)
{
    if (mem != NULL)
        munmap(mem, size);
}
