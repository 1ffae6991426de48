package store

import (
	"context"
	"database/sql"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivershared/riverpilot"
	"github.com/riverqueue/river/rivertype"
)

// pokable is River's driver with a pilot of ours, the place where River lets its steps be replaced. It is
// River's internal interface: look here first when River is upgraded.
type pokable struct {
	*riversqlite.Driver
	pilot *pilot
}

func (*pokable) PluginInit(*baseservice.Archetype) {}

func (p *pokable) PluginPilot() riverpilot.Pilot { return p.pilot }

type pilot struct {
	riverpilot.StandardPilot
	driver *riversqlite.Driver
	insert *sql.Stmt
	lastID atomic.Int64 // of the jobs

	// ring is what River itself calls after an insert of its own. With it, jobs that are inserted in our
	// transactions start as soon: on SQLite there is no NOTIFY.
	ring func(context.Context, []*rivertype.JobInsertResult)
}

func (p *pilot) PilotInit(_ *baseservice.Archetype, params *riverpilot.PilotInitParams) {
	p.ring = params.NotifyNonTxJobInsert
}

// JobSetStateIfRunningMany leaves out the jobs that are no longer there. On SQLite River v0.31 answers nil
// for them and then panics on the nil; it happens when the clock leaps past River's cleaning time, or stands
// still a day behind the time of the machine, by which River cleans.
func (p *pilot) JobSetStateIfRunningMany(ctx context.Context, exec riverdriver.Executor, params *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	jobs, err := p.StandardPilot.JobSetStateIfRunningMany(ctx, exec, params)
	there := jobs[:0]
	for _, job := range jobs {
		if job != nil {
			there = append(there, job)
		}
	}
	return there, err
}

// insertJob is River's own statement (JobInsertFast of riversqlite), but for the id. River compiles it for
// every row, which takes longer than all the rest of a delivery.
//
// The id is ours, as SQLite gives that of the newest row anew once the row is removed. River counts on ids
// that never come back: up to 250 ms after a job was done it completes it once more, by the id alone, and
// would then complete a job that has just begun.
const insertJob = `INSERT INTO river_job
	(args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags, unique_key, unique_states, id)
	VALUES ($1, $2, $3, $4, json_object('inserted', $5), $6, $7, $8, $9, json('[]'), $10, $11, $12)
	ON CONFLICT (unique_key)
		WHERE unique_key IS NOT NULL
			AND unique_states IS NOT NULL
			AND CASE state
				WHEN 'available' THEN unique_states & (1 << 0)
				WHEN 'cancelled' THEN unique_states & (1 << 1)
				WHEN 'completed' THEN unique_states & (1 << 2)
				WHEN 'discarded' THEN unique_states & (1 << 3)
				WHEN 'pending'   THEN unique_states & (1 << 4)
				WHEN 'retryable' THEN unique_states & (1 << 5)
				WHEN 'running'   THEN unique_states & (1 << 6)
				WHEN 'scheduled' THEN unique_states & (1 << 7)
				ELSE 0
			END >= 1
		DO UPDATE SET kind = excluded.kind -- changes nothing, but makes it return the row
	RETURNING id, state, metadata ->> 'inserted'`

// JobInsertMany answers only what we need to know of a job: its id, its state, and whether it is new.
// Of two in one call with one key, both count as new.
func (p *pilot) JobInsertMany(ctx context.Context, exec riverdriver.Executor, params *riverdriver.JobInsertFastManyParams) ([]*riverdriver.JobInsertFastResult, error) {
	tx, mark := p.driver.UnwrapTx(exec.(riverdriver.ExecutorTx)), uuid.NewString()
	insert := tx.StmtContext(ctx, p.insert)
	defer insert.Close()
	results := make([]*riverdriver.JobInsertFastResult, len(params.Jobs))
	for i, job := range params.Jobs {
		added, markOf := &rivertype.JobRow{Kind: job.Kind, Queue: job.Queue, EncodedArgs: job.EncodedArgs}, sql.NullString{}
		err := insert.QueryRowContext(ctx, job.EncodedArgs, sqliteTime(*job.CreatedAt), job.Kind, job.MaxAttempts, mark,
			job.Priority, job.Queue, sqliteTime(*job.ScheduledAt), string(job.State), job.UniqueKey, int64(job.UniqueStates), p.lastID.Add(1),
		).Scan(&added.ID, &added.State, &markOf)
		if err != nil {
			return nil, err
		}
		results[i] = &riverdriver.JobInsertFastResult{Job: added, UniqueSkippedAsDuplicate: markOf.String != mark}
	}
	return results, nil
}
