package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"github.com/rs/zerolog"
)

type perform func(context.Context, *river.Job[run]) error

// fetchCooldown is the least time between two looks of River into the queue.
const fetchCooldown = 2 * time.Millisecond

// forever is how long a job may run before River takes it for stuck and starts it a second time. Jobs of
// dead processes are found by other means, and Options.Clock may leap.
const forever = 100 * 365 * 24 * time.Hour

func newClient[TTx any](driver riverdriver.Driver[TTx], o Options, perform perform) (*river.Client[TTx], error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, river.WorkFunc(perform)); err != nil {
		return nil, err
	}
	client, err := river.NewClient(driver, &river.Config{
		FetchCooldown:        fetchCooldown,
		FetchPollInterval:    o.Poll,
		Hooks:                []rivertype.Hook{&fetchable{}},
		ID:                   "slipway-" + uuid.NewString(),
		JobTimeout:           -1,
		Logger:               riverLog(o.Log),
		MaxAttempts:          1<<15 - 1, // the most that its column holds
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Workers}},
		RescueStuckJobsAfter: forever,
		RetryPolicy:          unwritten(o),
		Test:                 river.TestConfig{Time: clock(o.Clock)},
		Workers:              workers,
	})
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return client, nil
}

func migrateRiver[TTx any](ctx context.Context, driver riverdriver.Driver[TTx], log zerolog.Logger) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: riverLog(log)})
	if err != nil {
		return fmt.Errorf("prepare River's schema: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("bring River's schema up to date: %w", err)
	}
	return nil
}

// riverLog passes on what River warns of; what it tells besides is of no use to an operator.
func riverLog(log zerolog.Logger) *slog.Logger {
	return slog.New(zerolog.NewSlogHandler(log.Level(max(log.GetLevel(), zerolog.WarnLevel))))
}

// clock gives River our time. River has the field for tests; it is the only way to give it one.
type clock func() time.Time

func (c clock) NowUTC() time.Time { return c().UTC() }

func (c clock) NowUTCOrNil() *time.Time { return new(c.NowUTC()) }

// fetchable makes a job of the future available right away. River fetches only what is due, whatever
// its state; in the state "scheduled" it would wait for a pass that River makes every five seconds.
type fetchable struct{ river.HookDefaults }

func (*fetchable) InsertBegin(_ context.Context, job *rivertype.JobInsertParams) error {
	job.State = rivertype.JobStateAvailable
	return nil
}

// unwritten is when River runs a job again whose outcome could not be written down.
type unwritten Options

func (o unwritten) NextRetry(job *rivertype.JobRow) time.Time {
	return o.Clock().UTC().Add(max(o.Retry(len(job.Errors)+1), time.Millisecond))
}
