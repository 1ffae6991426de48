package store

import (
	"context"
	"embed"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

//go:embed schema
var schemas embed.FS

// schemaVersion is raised with every change of the files in schema/, together with the step that brings
// an older database there.
const schemaVersion = 1

// database is what SQLite and PostgreSQL do differently. Queries have $1-style places in both.
type database interface {
	reader
	// write runs one transaction; it is durable when write returns.
	write(ctx context.Context, do func(tx) error) error
	// riverTime is a time as the columns of River's tables hold it.
	riverTime(t time.Time) any
	// lock waits until no other process holds the name.
	lock(ctx context.Context, name string) (unlock func(), err error)
	// poke makes the queue look for due jobs now; for jobs that a transaction adds it does so by itself.
	poke(ctx context.Context)
	// start begins to work jobs off, also those that a dead process left running; stop lets the running
	// ones finish.
	start(ctx context.Context) error
	stop(ctx context.Context) error
	ping(ctx context.Context) error
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
	reader
	exec(ctx context.Context, query string, args ...any) (rows int64, err error)
	// addDeliveries returns the GUIDs that were not there before.
	addDeliveries(ctx context.Context, deliveries []queued) (fresh map[string]bool, err error)
	addJobs(ctx context.Context, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
	complete(ctx context.Context, job *river.Job[run]) error
}
