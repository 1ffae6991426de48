package store

import (
	"context"
	"sync"
	"time"
)

func (db *sqlite) run(ctx context.Context, work func(context.Context, Job) error) error {
	lasting := context.WithoutCancel(ctx)
	if err := db.load(lasting); err != nil {
		return err
	}
	defer db.dispatcher.reset()
	defer context.AfterFunc(ctx, db.dispatcher.stop)()
	var workers sync.WaitGroup
	for range db.options.Workers {
		workers.Go(func() {
			for {
				j, ok := db.dispatcher.next()
				if !ok {
					return
				}
				db.finish(lasting, j, work(lasting, j))
			}
		})
	}
	tick := time.NewTicker(db.options.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			workers.Wait()
			return nil
		case <-tick.C:
			db.poke()
		}
	}
}

// load takes up what the table holds. Nobody else has the file, so a job that was running was killed.
func (db *sqlite) load(ctx context.Context) error {
	return db.writer.write(ctx, 0, func(t *sqliteTx) error {
		var wishes []*wish
		err := t.each(func(row scan) error {
			w := &wish{}
			err := row(&w.job.Kind, &w.job.Key, &w.at, &w.again, &w.failures, &w.since)
			wishes = append(wishes, w)
			return err
		}, `SELECT kind, key, at, again, failures, since FROM job WHERE at > 0 ORDER BY at`)
		t.changes.load(wishes)
		return err
	})
}

// finish writes what became of a run, in one transaction with what belongs to it.
func (db *sqlite) finish(ctx context.Context, j Job, outcome error) {
	e := db.options.ending(j, outcome)
	err := db.writer.write(ctx, 0, func(t *sqliteTx) error {
		if err := t.finish(j, e); err != nil || outcome != nil || j.Kind != KindDelivery {
			return err
		}
		return handled(t, j.Key, db.options.Clock())
	})
	if err != nil {
		db.options.Log.Error().Err(err).Str("job", j.Kind).Str("key", j.Key).
			Msg("the end of a job could not be written down, so it runs again")
		db.dispatcher.putBack(j.name(), nanos(db.options.Clock().Add(db.options.Retry(j.Attempt))))
	}
	db.finished.notify()
}
