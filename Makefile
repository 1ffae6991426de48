# Two commands do everything: `make sandbox` to try Slipway, `make test` to check it.
GO ?= go
BIN := bin/bot
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: sandbox test build setup vet lint race faults calls bench flood fuzz

## sandbox: start a local GitHub and the bot, and print what to open
sandbox: build
	$(BIN) sandbox

## build: the static binary
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/bot

## test: everything, the contract checks included
test: setup
	$(GO) test -timeout 9m $$($(GO) list ./... | grep -v -e /test/faults -e /test/scenarios)
	@mkdir -p bin
	@$(GO) test -timeout 9m -v ./test/scenarios ./test/faults > bin/test.log 2>&1 || { cat bin/test.log; exit 1; }
	@grep -e '^contract:' -e '^faults:' -e '^    faults_test.go.*SEED' -e '^ok' bin/test.log

## setup: what the tests need besides Go, git, Node.js and make
setup:
	npm ci --prefix test/contract --ignore-scripts --no-audit --no-fund --loglevel=error
	scripts/postgres

vet:
	$(GO) vet ./...
	@test -z "$$(gofmt -l .)" || { echo "these files want gofmt:"; gofmt -l .; exit 1; }

## lint: golangci-lint, in the version of tools/go.mod
lint:
	$(GO) build -C tools -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	bin/golangci-lint run

## race: the scenarios under the race detector
race: setup
	$(GO) test -race -timeout 15m ./handlers/... ./internal/... ./test/scenarios/...

## faults: every fault at every GitHub call
faults: setup
	SLIPWAY_FAULTS=all $(GO) test -v -timeout 90m ./test/faults

## calls: what each command and each rehearsal costs in requests to GitHub
calls:
	@$(GO) test -count=1 -v -run WhatACommentCosts ./test/calls | grep -v -e '^=== ' -e '^--- '
	@$(GO) test -count=1 -v -run WhatARehearsalCosts ./cmd/bot | grep -v -e '^=== ' -e '^--- '

## bench: how fast the parser, the store and the reports are
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./parse ./internal/store ./internal/patches

## flood: what a server takes of the memory, and what becomes of deliveries, while strangers send floods (8 minutes)
flood: build
	$(GO) run ./test/flood

## fuzz: each fuzz test for half a minute, and each process with hostile texts
fuzz:
	for p in ./parse ./release/markdown ./release/process ./test/anyfile; do for f in $$($(GO) test -list Fuzz $$p | grep ^Fuzz); do \
		$(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 30s $$p || exit 1; done; done
	SLIPWAY_HOSTILE=all $(GO) test -count=1 ./test/hostile
