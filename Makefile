# ticketpost - one makefile, no recursion.
#
# Each VARIANT has a build folder of its own, so that nothing is ever built with mixed flags:
#   release   what is installed: optimised, hardened
#   check     the same with fault points, for the tests
#   asan      AddressSanitizer and UndefinedBehaviorSanitizer, with fault points
#   cover     gcov, with fault points
#   clang     release flags under clang
#   fuzz      clang's libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer

VARIANT ?= release
B       := build/$(VARIANT)
PREFIX  ?= /usr/local
DESTDIR ?=
Q       ?= @
JOBS    := $(shell nproc)

BASE_CFLAGS := -std=c11 -D_GNU_SOURCE -I. -I$(B)/gen -pthread
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wformat=2 -Wwrite-strings -Wpointer-arith -Wno-format-nonliteral
HARDEN := -fstack-protector-strong -fPIE
ifeq ($(shell uname -m),x86_64)
HARDEN += -fcf-protection -fstack-clash-protection
endif
OPT_release := -O2 -g -D_FORTIFY_SOURCE=2
OPT_clang   := -O2 -g -D_FORTIFY_SOURCE=2
OPT_check   := -O1 -g -DTP_FAULTS
OPT_asan    := -O1 -g -DTP_FAULTS -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
OPT_cover   := -O0 -g -DTP_FAULTS --coverage
OPT_fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifneq ($(filter clang fuzz,$(VARIANT)),)
CC := clang
endif

# libetpan.pc carries -specs=no-pie-link.specs, which silently makes the program non-PIE:
# its --libs are never asked for (-letpan by hand), only its --cflags.
PKGS := glib-2.0 sqlite3 libpq libcurl libqrencode libdeflate libpng jansson libsodium smartcols zlib libidn2 libxml-2.0 libical gpgme
HAND_LIBS := -letpan -lresolv -lhpdf -lcsv -lcups -lm
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) libetpan)
PKG_LIBS   = $(shell pkg-config --libs $(PKGS)) $(HAND_LIBS)

ALL_CFLAGS  = $(BASE_CFLAGS) $(WARN) $(HARDEN) $(OPT_$(VARIANT)) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now -Wl,--as-needed $(filter -fsanitize% --coverage,$(OPT_$(VARIANT))) $(LDFLAGS)

SRC  := $(sort $(wildcard queue/*.c mailer/*.c print/*.c templates/*.c fulfill/*/*.c))
HDR  := $(sort $(wildcard queue/*.h mailer/*.h print/*.h templates/*.h fulfill/*/*.h))
OBJ  := $(SRC:%.c=$(B)/%.o) $(B)/gen/schema.o $(B)/gen/templates.o
LIB  := $(B)/libticketpost.a
PROG := $(B)/ticketpost
SCHEMA_SQL := $(sort $(wildcard queue/schema/*.sql fulfill/schema/*.sql))
TEMPLATES  := $(sort $(wildcard templates/*/*.txt templates/*/*.html templates/*/*.mustache))

TEST_SRC := $(sort $(wildcard tests/*/test_*.c))
TEST_BIN := $(TEST_SRC:%.c=$(B)/%)
SUPPORT_OBJ := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/support/*.c)))

.DEFAULT_GOAL := all
.SECONDARY:
.PHONY: all deps deps-test check many crash crash-long unit e2e asan valgrind lint cover help install man clean demo golden \
        format format-check bench clang fuzz fuzz-smoke fuzz-run

all: deps ## build build/ticketpost
	$(Q)$(MAKE) --no-print-directory $(PROG)
	$(Q)ln -sf release/ticketpost build/ticketpost

deps: ## install what the build needs (apt, as root or with sudo), or say what to install
	$(Q)tests/support/deps.sh build

deps-test: ## the same for the tests
	$(Q)tests/support/deps.sh build test

$(PROG): $(B)/fulfill/cli/main.o $(LIB)
	$(Q)echo "LD $@"; $(CC) $(ALL_LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS)

$(LIB): $(filter-out $(B)/fulfill/cli/main.o,$(OBJ))
	$(Q)rm -f $@; ar rcs $@ $^

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)echo "CC $@"; $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/schema.c: $(SCHEMA_SQL) queue/embed.awk Makefile
	@mkdir -p $(@D)
	$(Q)awk -v table=embed_schema -f queue/embed.awk $(SCHEMA_SQL) >$@.tmp && mv $@.tmp $@

$(B)/gen/templates.c: $(TEMPLATES) queue/embed.awk Makefile
	@mkdir -p $(@D)
	$(Q)awk -v table=embed_templates -f queue/embed.awk $(TEMPLATES) >$@.tmp && mv $@.tmp $@

$(B)/gen/%.o: $(B)/gen/%.c
	$(Q)echo "CC $@"; $(CC) $(ALL_CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(B)/tests/%: $(B)/tests/%.o $(SUPPORT_OBJ) $(LIB)
	$(Q)echo "LD $@"; $(CC) $(ALL_LDFLAGS) -o $@ $< $(SUPPORT_OBJ) $(LIB) $(PKG_LIBS) -lcmocka

# One fuzz target a file; what it finds new is kept in build/fuzz/corpus, what kills it beside.
FUZZ     := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_S   ?= 3600
KILLS    ?= 500
ROUNDS   ?= 50
FUZZ_RUN  = mkdir -p $(B)/corpus/$(1) && G_DEBUG=fatal-criticals $(B)/tests/fuzz/fuzz_$(1) -max_total_time=$(2) -timeout=10 \
            -rss_limit_mb=2048 -max_len=32768 -artifact_prefix=$(B)/$(1)- -verbosity=0 -print_final_stats=1 \
            $(B)/corpus/$(1) $(wildcard tests/corpus/*)

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	$(Q)echo "LD $@"; $(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< $(LIB) $(PKG_LIBS)

-include $(OBJ:.o=.d) $(TEST_BIN:=.d) $(SUPPORT_OBJ:.o=.d) $(FUZZ:%=$(B)/tests/fuzz/fuzz_%.d)

test-bins: $(TEST_BIN) $(PROG)

check: deps-test ## all tests; T=mailer/mime for one
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) VARIANT=check test-bins
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(PROG)
	$(Q)$(if $(T),,$(MAKE) --no-print-directory lint)
	$(Q)VARIANT=check tests/run.sh $(T)

unit: ## only the C tests of this VARIANT, without looking for packages; T=mailer/mime for one
	$(Q)$(MAKE) --no-print-directory test-bins
	$(Q)VARIANT=$(VARIANT) UNIT_ONLY=1 tests/run.sh $(T)

golden: ## accept what the tests write as tests/golden/; T= for some; then read the diff
	$(Q)$(MAKE) --no-print-directory VARIANT=check test-bins
	$(Q)GOLDEN=accept VARIANT=check tests/run.sh $(T)
	$(Q)git status --short tests/golden

asan: deps-test ## all tests under AddressSanitizer and UBSan
	$(Q)$(MAKE) --no-print-directory VARIANT=asan test-bins
	$(Q)VARIANT=asan tests/run.sh $(T)

valgrind: deps-test ## the C tests under valgrind
	$(Q)$(MAKE) --no-print-directory VARIANT=check test-bins
	$(Q)VARIANT=check UNDER=valgrind tests/run.sh $(T)

cover: deps-test ## line coverage per folder
	$(Q)$(MAKE) --no-print-directory VARIANT=cover test-bins
	$(Q)find build/cover -name '*.gcda' -delete
	$(Q)VARIANT=cover tests/run.sh $(T)
	$(Q)tests/support/cover.sh build/cover

clang: ## build and link everything with clang
	$(Q)$(MAKE) --no-print-directory VARIANT=clang test-bins

fuzz: ## feed F=parse with hostile bytes for FUZZ_S seconds (an hour)
	$(Q)$(MAKE) --no-print-directory VARIANT=fuzz fuzz-run F=$(F) FUZZ_S=$(FUZZ_S)

fuzz-smoke: ## every fuzz target for ten seconds
	$(Q)set -e; for f in $(FUZZ); do $(MAKE) --no-print-directory VARIANT=fuzz fuzz-run F=$$f FUZZ_S=10; done

fuzz-run: $(B)/tests/fuzz/fuzz_$(F)
	$(Q)echo "fuzz $(F)"; $(call FUZZ_RUN,$(F),$(FUZZ_S))

lint: ## shelves, doors, headers alone, banned functions, format
	$(Q)tests/lint/lint.sh

format: ## clang-format our files
	$(Q)clang-format -i $(SRC) $(HDR) $(wildcard tests/*/*.c tests/*/*.h)

format-check:
	$(Q)clang-format --dry-run -Werror $(SRC) $(HDR) $(wildcard tests/*/*.c tests/*/*.h)

# The unit is written for /usr/local; the sample of the settings is what `init` writes.
install: $(PROG) man ## program, texts, manual pages, unit, sample settings below PREFIX (DESTDIR for packages)
	$(Q)install -D -m 755 $(PROG) '$(DESTDIR)$(PREFIX)/bin/ticketpost'
	$(Q)for t in $(TEMPLATES); do \
		install -D -m 644 $$t '$(DESTDIR)$(PREFIX)/share/ticketpost/'$$t || exit; done
	$(Q)install -D -m 644 $(B)/man/ticketpost.1 '$(DESTDIR)$(PREFIX)/share/man/man1/ticketpost.1'
	$(Q)install -D -m 644 $(B)/man/ticketpost.conf.5 '$(DESTDIR)$(PREFIX)/share/man/man5/ticketpost.conf.5'
	$(Q)install -D -m 644 $(B)/man/ticketpost.bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/ticketpost'
	$(Q)sed 's|/usr/local/bin/|$(PREFIX)/bin/|' fulfill/cli/ticketpost.service >$(B)/ticketpost.service
	$(Q)install -D -m 644 $(B)/ticketpost.service '$(DESTDIR)$(PREFIX)/lib/systemd/system/ticketpost.service'
	$(Q)install -D -m 644 fulfill/cli/ticketpost.sysusers '$(DESTDIR)$(PREFIX)/lib/sysusers.d/ticketpost.conf'
ifneq ($(wildcard fulfill/work/settings.def),)
	$(Q)rm -rf $(B)/sample && $(PROG) init $(B)/sample >/dev/null
	$(Q)install -D -m 644 $(B)/sample/ticketpost.conf '$(DESTDIR)$(PREFIX)/share/doc/ticketpost/ticketpost.conf'
	$(Q)rm -rf $(B)/sample
endif

# The program tells its own commands and settings; the pages are never behind.
MAN := $(B)/man/ticketpost.1 $(B)/man/ticketpost.conf.5

man: $(MAN) $(B)/man/ticketpost.bash ## manual pages and the completion for bash, in build/VARIANT/man

$(B)/man/ticketpost.1: $(PROG)
	@mkdir -p $(@D)
	$(Q)$(PROG) debug manual 1 | scdoc >$@.tmp && mv $@.tmp $@

$(B)/man/ticketpost.conf.5: $(PROG)
	@mkdir -p $(@D)
	$(Q)$(PROG) debug manual 5 | scdoc >$@.tmp && mv $@.tmp $@

$(B)/man/ticketpost.bash: $(PROG)
	@mkdir -p $(@D)
	$(Q)$(PROG) debug manual bash >$@.tmp && mv $@.tmp $@

demo: all ## an order from nothing to ticket in ./demo
	$(Q)tests/support/demo.sh

pictures: all ## draw the pictures of the README anew
	$(Q)tests/support/pictures.sh

crash: deps-test ## kill the process at every point of every story, and run on
	$(Q)$(MAKE) --no-print-directory VARIANT=check build/check/ticketpost
	$(Q)tmp=$$(mktemp -d); TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp \
	    sh tests/crash/stories.sh; status=$$?; rm -rf $$tmp; tmp=$$(mktemp -d); \
	    TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp sh tests/crash/staff.sh || status=1; \
	    rm -rf $$tmp; tmp=$$(mktemp -d); \
	    TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp sh tests/crash/paper.sh || status=1; \
	    rm -rf $$tmp; exit $$status

crash-long: crash ## the same with errors, a full disk, and kills at every write, sync, rename; then KILLS=500 of a running gateway, ROUNDS=50 of two hosts
	$(Q)tmp=$$(mktemp -d); TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp \
	    STORE=pgsql sh tests/crash/stories.sh; status=$$?; rm -rf $$tmp; for by in fail full write sync rename; do \
	    tmp=$$(mktemp -d); TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp BY=$$by \
	    sh tests/crash/stories.sh || status=1; rm -rf $$tmp; done; \
	    tmp=$$(mktemp -d); TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp KILLS=$(KILLS) \
	    sh tests/e2e/kills.sh || status=1; rm -rf $$tmp; \
	    tmp=$$(mktemp -d); TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp ROUNDS=$(ROUNDS) \
	    sh tests/e2e/hosts.sh || status=1; rm -rf $$tmp; exit $$status

bench: all ## each figure beside its peer or limit, in one run
	$(Q)$(MAKE) --no-print-directory $(B)/tests/bench/bench_queue
	$(Q)tests/bench/bench.sh

MANY ?= 10000
many: ## MANY=10000 mails through the whole intake, Maildir and IMAP: time and memory
	$(Q)$(MAKE) --no-print-directory VARIANT=check build/check/ticketpost
	$(Q)tmp=$$(mktemp -d); TP_BIN=$(CURDIR)/build/check/ticketpost TP_SOURCE=$(CURDIR) TMP=$$tmp MANY=$(MANY) \
	    sh tests/e2e/mail_many.sh; status=$$?; rm -rf $$tmp; exit $$status

clean: ## remove build/ and demo/
	rm -rf build demo

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
