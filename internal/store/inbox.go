package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
)

// Delivery is one webhook delivery of GitHub.
type Delivery struct {
	GUID           string // X-GitHub-Delivery; the same when GitHub delivers again
	Event          string // X-GitHub-Event
	Action         string
	InstallationID int64
	Repo           string // owner/name; empty for events of no repository
	Payload        []byte // as it came
	ReceivedAt     time.Time
}

// queued is a delivery on its way into the database.
type queued struct {
	Delivery
	handledAt time.Time // zero: a job is to handle it
}

// Deliver stores a delivery and its job, kind KindDelivery and key GUID, in one transaction, and returns
// when both are on disk. A GUID seen before is not fresh: no error, and no second job.
func (s *Store) Deliver(ctx context.Context, d Delivery) (fresh bool, err error) {
	return s.put(ctx, queued{Delivery: d})
}

// Record stores a delivery that needs no job, such as an event of our own making.
func (s *Store) Record(ctx context.Context, d Delivery) (fresh bool, err error) {
	return s.put(ctx, queued{Delivery: d, handledAt: s.now()})
}

func (s *Store) put(ctx context.Context, q queued) (bool, error) {
	fresh, err := s.intake.put(ctx, q)
	if err != nil {
		return false, fmt.Errorf("store delivery %s: %w", q.GUID, err)
	}
	return fresh, nil
}

// commit writes a batch of the intake.
func (s *Store) commit(ctx context.Context, batch []*request) error {
	rows := make([]queued, len(batch))
	for i, r := range batch {
		rows[i] = r.queued
	}
	// In one order everywhere, or two processes that are sent the same deliveries could wait for each other.
	slices.SortStableFunc(rows, func(a, b queued) int { return cmp.Compare(a.GUID, b.GUID) })
	rows = slices.CompactFunc(rows, func(a, b queued) bool { return a.GUID == b.GUID })

	var fresh map[string]bool
	err := s.db.write(ctx, func(tx tx) (err error) {
		if fresh, err = tx.addDeliveries(ctx, rows); err != nil {
			return err
		}
		var jobs []river.InsertManyParams
		for _, q := range rows {
			if fresh[q.GUID] && q.handledAt.IsZero() {
				jobs = append(jobs, run{Of: KindDelivery, Key: q.GUID}.due(s.now()))
			}
		}
		if len(jobs) == 0 {
			return nil
		}
		_, err = tx.addJobs(ctx, jobs)
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range batch { // of two in one batch with one GUID, the first is the fresh one
		r.fresh, fresh[r.GUID] = fresh[r.GUID], false
	}
	return nil
}

// Delivery returns a stored delivery, or ErrNotFound.
func (s *Store) Delivery(ctx context.Context, guid string) (Delivery, error) {
	d, found := Delivery{GUID: guid}, false
	err := s.db.each(ctx, func(row scan) error {
		var received int64
		found = true
		err := row(&d.Event, &d.Action, &d.InstallationID, &d.Repo, &d.Payload, &received)
		d.ReceivedAt = moment(received)
		if d.Payload == nil { // SQLite's empty blob
			d.Payload = []byte{}
		}
		return err
	}, `SELECT event, action, installation, repo, payload, received_at FROM delivery WHERE guid = $1`, guid)
	if err == nil && !found {
		err = ErrNotFound
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("read delivery %s: %w", guid, err)
	}
	return d, nil
}

// Handled marks a delivery as done. It is no error to do so twice, and the first time counts; a delivery
// that is not there is ErrNotFound.
func (s *Store) Handled(ctx context.Context, guid string) error {
	err := s.db.write(ctx, func(tx tx) error {
		n, err := tx.exec(ctx, `UPDATE delivery SET handled_at = CASE handled_at WHEN 0 THEN $1 ELSE handled_at END
			WHERE guid = $2`, nanos(s.now()), guid)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("mark delivery %s as handled: %w", guid, err)
	}
	return nil
}

// Unhandled lists the deliveries that nobody has marked as handled, the oldest first.
func (s *Store) Unhandled(ctx context.Context) ([]string, error) {
	guids, err := s.texts(ctx, `SELECT guid FROM delivery WHERE handled_at = 0 ORDER BY received_at, guid`)
	if err != nil {
		return nil, fmt.Errorf("list unhandled deliveries: %w", err)
	}
	return guids, nil
}

// LastDelivery is when the newest stored delivery was received; zero when there is none.
func (s *Store) LastDelivery(ctx context.Context) (time.Time, error) {
	var last int64
	err := s.db.each(ctx, func(row scan) error { return row(&last) },
		`SELECT coalesce(max(received_at), 0) FROM delivery`)
	if err != nil {
		return time.Time{}, fmt.Errorf("find the last delivery: %w", err)
	}
	return moment(last), nil
}

// Seen tells which of the GUIDs are stored; the answer holds only those.
func (s *Store) Seen(ctx context.Context, guids []string) (map[string]bool, error) {
	seen := make(map[string]bool)
	for _, guid := range guids {
		err := s.db.each(ctx, func(scan) error { seen[guid] = true; return nil },
			`SELECT 1 FROM delivery WHERE guid = $1`, guid)
		if err != nil {
			return nil, fmt.Errorf("look for delivery %s: %w", guid, err)
		}
	}
	return seen, nil
}

// Prune removes the deliveries that were handled before the given time and returns how many. A GUID that
// is gone counts as new when it comes again: keep them longer than GitHub keeps deliveries.
func (s *Store) Prune(ctx context.Context, handledBefore time.Time) (n int, err error) {
	err = s.db.write(ctx, func(tx tx) error {
		rows, err := tx.exec(ctx, `DELETE FROM delivery WHERE handled_at > 0 AND handled_at < $1`, nanos(handledBefore))
		n = int(rows)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune deliveries: %w", err)
	}
	return n, nil
}

func (s *Store) texts(ctx context.Context, query string, args ...any) (all []string, err error) {
	err = s.db.each(ctx, func(row scan) error {
		var text string
		err := row(&text)
		all = append(all, text)
		return err
	}, query, args...)
	return all, err
}
