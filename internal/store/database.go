package store

import (
	"context"
	"embed"
)

//go:embed schema
var schemas embed.FS

// database is what SQLite and PostgreSQL do differently. Queries have $1-style places in both.
type database interface {
	reader
	// write runs one transaction; it is durable when write returns. The function may be run a second time
	// when a first transaction was rolled back, so it sets what it answers anew each time.
	write(ctx context.Context, do func(tx) error) error
	// deliver stores a delivery, and its job unless it is handled already, sharing a transaction with
	// others that arrive at the same time.
	deliver(ctx context.Context, q queued) (fresh bool, err error)
	// run works jobs off until ctx ends, and then lets the running ones finish.
	run(ctx context.Context, work func(context.Context, Job) error) error
	// poke makes the queue look for due jobs now; for jobs that a transaction adds it does so by itself.
	poke()
	close() error
}

type reader interface {
	// each calls row for every row of the answer.
	each(ctx context.Context, row func(scan) error, query string, args ...any) error
}

// scan reads the columns of one row.
type scan func(into ...any) error

// tx is one transaction.
type tx interface {
	each(row func(scan) error, query string, args ...any) error
	exec(query string, args ...any) (rows int64, err error)
	// script runs statements without arguments.
	script(statements string) error
	// wake notes the wish that a job runs.
	wake(kind, key string, at int64) error
}

// flag is a truth as the tables hold it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// notNil is the bytes as a column that is never null takes them.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
