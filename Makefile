# SPDX-License-Identifier: Apache-2.0
# Polywatt. `make help` lists the targets; each area has its part in scripts/mk/.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY    := .venv/bin/python
B     := build
CC    ?= gcc
CFLAGS_HOST := -std=c11 -O2 -g -Wall -Wextra -Werror

include $(sort $(wildcard scripts/mk/*.mk))

help:               ## list the targets
	@awk -F ':.*## ' '/^[a-z][a-z_-]*:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
.PHONY: help
