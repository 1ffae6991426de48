package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"github.com/rs/zerolog"
)

// run is what River is given once a job is due. It may run the job only while the job has this epoch.
type run struct {
	Of    string `json:"kind"`
	Key   string `json:"key"`
	Epoch int64  `json:"epoch"`
}

// Kind is the only kind that River knows.
func (run) Kind() string { return "run" }

const (
	// fetchCooldown is the least time between two looks of River for work.
	fetchCooldown = time.Millisecond
	// fetchPoll is the most: River may leave out a notification when many jobs come at once.
	fetchPoll = 50 * time.Millisecond
	// fetchedAndDead is how long River waits before it hands out a job again that a process had fetched when it
	// died. One that still runs elsewhere is handed out as well, and found stale.
	fetchedAndDead = time.Minute
	// keepCompleted is how long River keeps what is done. Nobody reads it.
	keepCompleted = 10 * time.Minute
	// moveAtOnce is how many jobs are handed to River in one transaction.
	moveAtOnce = 500
)

func (db *postgres) newClient() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, river.WorkFunc(db.perform)); err != nil {
		return nil, err
	}
	client, err := river.NewClient(riverpgxv5.New(db.pool), &river.Config{
		CompletedJobRetentionPeriod: keepCompleted,
		FetchCooldown:               fetchCooldown,
		FetchPollInterval:           min(db.options.Poll, fetchPoll),
		JobTimeout:                  -1,
		Logger: slog.New(zerolog.NewSlogHandler(
			db.options.Log.Level(max(db.options.Log.GetLevel(), zerolog.WarnLevel)))),
		MaxAttempts:          1<<15 - 1, // the most that its column holds
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: db.options.Workers}},
		RescueStuckJobsAfter: fetchedAndDead,
		RetryPolicy:          soon{},
		Workers:              workers,
	})
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return client, nil
}

// soon is when River hands out a job again that could not be begun.
type soon struct{}

func (soon) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(time.Second) }

// runner is what a process has while it works jobs off.
type runner struct {
	work     func(context.Context, Job) error
	stopping context.Context
	keeper   *keeper
	groups   *groups
}

func (db *postgres) run(ctx context.Context, work func(context.Context, Job) error) error {
	lasting := context.WithoutCancel(ctx)
	lease, err := takeLease(ctx, db.config)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("show that this process lives: %w", err)
	}
	k := &keeper{config: db.config, retry: db.options.Poll, log: db.options.Log, changed: newNotifier()}
	k.current = lease
	db.runner = runner{work: work, stopping: ctx, keeper: k, groups: newGroups(db.options)}
	drained, done := context.WithCancel(lasting)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer done()
	helpers.Go(func() { k.keep(drained, lease) })
	helpers.Go(func() { db.look(drained) })
	if err := db.river.Start(lasting); err != nil {
		return err
	}
	<-ctx.Done()
	if err := db.river.Stop(lasting); err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

// perform is one run. An error of it is River's business, which tries again: it means that the run could not
// begin.
func (db *postgres) perform(ctx context.Context, rj *river.Job[run]) error {
	r := db.runner
	j, epoch := Job{Kind: rj.Args.Of, Key: rj.Args.Key}, rj.Args.Epoch
	leave, ok := r.groups.enter(j)
	if !ok {
		return river.JobSnooze(fetchPoll)
	}
	defer leave()
	lease, ok := r.keeper.lease(r.stopping)
	if !ok {
		return river.JobSnooze(0)
	}
	ctx = context.WithoutCancel(ctx)
	begun, err := db.begin(ctx, &j, epoch, lease.owner)
	if err != nil || !begun {
		return err
	}
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(lease.alive, cancel)()
	outcome := r.work(working, j)
	db.finish(ctx, j, epoch, lease, outcome)
	db.finished.notify()
	return nil
}

// begin takes a job for this process; false when this run is stale.
func (db *postgres) begin(ctx context.Context, j *Job, epoch int64, owner string) (begun bool, err error) {
	err = db.each(ctx, func(row scan) error {
		var since int64
		begun = true
		err := row(&j.Attempt, &since)
		j.Attempt, j.Since = j.Attempt+1, moment(since)
		return err
	}, `UPDATE job SET state = 2, owner = $4 WHERE kind = $1 AND key = $2 AND epoch = $3 AND state = 1
		RETURNING failures, since`, j.Kind, j.Key, epoch, owner)
	if err != nil {
		return false, fmt.Errorf("begin %s %s: %w", j.Kind, j.Key, err)
	}
	return begun, nil
}

// finish writes what became of a run, in one transaction with what belongs to it, and goes on until it could.
// When the lease is lost meanwhile it writes nothing: the job is for another run.
func (db *postgres) finish(ctx context.Context, j Job, epoch int64, lease *lease, outcome error) {
	retry := time.NewTicker(db.options.Poll)
	defer retry.Stop()
	for lease.alive.Err() == nil {
		err := db.finishOnce(ctx, j, epoch, lease.owner, outcome)
		if err == nil {
			return
		}
		db.options.Log.Error().Err(err).Str("job", j.Kind).Str("key", j.Key).
			Msg("the end of a job could not be written down yet")
		select {
		case <-retry.C:
		case <-lease.alive.Done():
		}
	}
}

func (db *postgres) finishOnce(ctx context.Context, j Job, epoch int64, owner string, outcome error) error {
	if outcome == nil { // mostly so
		if ended, err := db.finishWell(ctx, j, epoch, owner); ended || err != nil {
			return err
		}
	}
	e := db.options.ending(j, outcome)
	return db.transact(ctx, func(t postgresTx) error {
		counts, err := t.finish(j, epoch, owner, e)
		if err != nil || !counts || outcome != nil || j.Kind != KindDelivery {
			return err
		}
		return handled(t, j.Key, db.options.Clock())
	})
}

// look hands the jobs that have become due to River, and those of dead processes.
func (db *postgres) look(ctx context.Context) {
	tick := time.NewTicker(db.options.Poll)
	defer tick.Stop()
	err := errors.Join(db.takeOver(ctx), db.move(ctx))
	for ctx.Err() == nil {
		if err != nil {
			db.options.Log.Error().Err(err).Msg("the queue cannot look after itself")
		}
		select {
		case <-tick.C:
			err = errors.Join(db.takeOver(ctx), db.move(ctx))
		case <-db.pokes:
			err = db.move(ctx)
		case <-ctx.Done():
		}
	}
}

// move hands the jobs that are due to River.
func (db *postgres) move(ctx context.Context) error {
	now := nanos(db.options.Clock())
	for moved := moveAtOnce; moved == moveAtOnce; {
		var due bool // looked for first, as there is mostly nothing to do
		err := db.each(ctx, func(row scan) error { return row(&due) },
			`SELECT EXISTS (SELECT 1 FROM job WHERE state = 0 AND at > 0 AND at <= $1)`, now)
		if err != nil || !due {
			return err
		}
		err = db.transact(ctx, func(t postgresTx) (err error) {
			moved, err = t.handSome(`WITH due AS (SELECT kind, key FROM job WHERE state = 0 AND at > 0 AND at <= $1
					ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)
				UPDATE job SET state = 1, epoch = nextval('job_epoch') FROM due
				WHERE job.kind = due.kind AND job.key = due.key RETURNING job.kind, job.key, job.epoch`, now, moveAtOnce)
			return err
		})
		if err != nil {
			return fmt.Errorf("hand out what is due: %w", err)
		}
	}
	return nil
}

// takeOver hands out the jobs of dead processes: of those whose lock can be had.
func (db *postgres) takeOver(ctx context.Context) error {
	var owners []string
	err := db.each(ctx, func(row scan) error {
		var owner string
		err := row(&owner)
		owners = append(owners, owner)
		return err
	}, `SELECT DISTINCT owner FROM job WHERE state = 2`)
	if err != nil {
		return fmt.Errorf("look for dead processes: %w", err)
	}
	for _, owner := range owners {
		var died bool
		err := db.transact(ctx, func(t postgresTx) error {
			err := t.each(func(row scan) error { return row(&died) },
				`SELECT pg_try_advisory_xact_lock(`+advisory+`)`, processLock(owner))
			if err != nil || !died {
				return err
			}
			return t.hand(`UPDATE job SET state = 1, epoch = nextval('job_epoch'), owner = ''
				WHERE state = 2 AND owner = $1 RETURNING kind, key, epoch`, owner)
		})
		if err != nil {
			return fmt.Errorf("take over the jobs of a dead process: %w", err)
		}
		if died {
			db.options.Log.Warn().Str("process", owner).Msg("took over the jobs of a dead process")
		}
	}
	return nil
}
