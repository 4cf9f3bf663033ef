# headers.mk - every header compiles alone, with the flags of the program.
#
# A stamp per header with its dependencies, so that only what changed is compiled again.

include Makefile

ALONE := $(HDR) $(sort $(wildcard tests/support/*.h))
STAMP := $(ALONE:%=build/lint/%.ok)

.PHONY: headers-alone
headers-alone: $(STAMP)

build/lint/%.ok: % Makefile
	@mkdir -p $(@D)
	@printf '#include "%s"\n' '$<' | \
	$(CC) $(ALL_CFLAGS) -x c -fsyntax-only -MMD -MP -MT '$@' -MF '$(@:.ok=.d)' - && touch $@

-include $(STAMP:.ok=.d)
