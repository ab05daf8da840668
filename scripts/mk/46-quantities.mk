# SPDX-License-Identifier: Apache-2.0
# Quantities of the running meter (model tier) against numpy: means, spectrum, voltage events. Figures: build/quantities/report.json
test-quantities: $(B)/sim/pwsim-model $(ANALOG_B)/libpwanalog.so | .venv/.ready  ## second means, harmonics, sags and swells against numpy
	@out=$$($(PY) -m pytest -q -p no:cacheprovider tests/cosim/test_quantities.py 2>&1); rc=$$?; \
	  p=$$(echo "$$out" | grep -oE '[0-9]+ passed' | tail -1 | cut -d' ' -f1); f=$$(echo "$$out" | grep -oE '[0-9]+ failed' | tail -1 | cut -d' ' -f1); \
	  [ -n "$$p" ] || rc=1; \
	  if [ $$rc -ne 0 ]; then echo "$$out"; [ -n "$$f" ] || f=1; fi; \
	  echo "$${p:-0} passed, $${f:-0} failed"; exit $$rc
.PHONY: test-quantities
# The same file runs with the other co-simulation tests.
test-cosim: $(ANALOG_B)/libpwanalog.so
