# The commands of everyday work. `go test ./...` and `go run ./examples/…` need none of them.

.PHONY: test race lint examples bench fuzz

test:            ## what the README says
	go test ./...

race:            ## as .ci/run does, PostgreSQL required
	FUNDLEDGER_REQUIRE_POSTGRES=1 go test -race -shuffle=on ./...

lint:
	gofmt -l .
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

examples:        ## every example, as a new user would run it
	go run ./examples/monthcycle
	go run ./examples/quickstart
	go run ./examples/reconcile
	go run ./examples/cases examples/cases/testdata/published.yaml

bench:           ## each figure beside the raw limit measured in the same run
	go test -run '^$$' -bench . -benchtime 2s -timeout 60m ./ledger/... ./collection ./registration
	go test -run '^$$' -bench Year -benchtime 1x -timeout 60m ./examples/monthcycle
