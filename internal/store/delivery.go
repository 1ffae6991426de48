package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Delivery is one webhook delivery of GitHub.
type Delivery struct {
	GUID          string // X-GitHub-Delivery; the same when GitHub delivers again
	Event, Action string // X-GitHub-Event, and what the payload says of it
	Installation  int64
	RepoID        int64  // 0 for events of no repository
	Repo          string // owner/name at that time; empty for events of no repository
	Payload       []byte // as it came; nil once the delivery is handled
	ReceivedAt    time.Time
}

// queued is a delivery on its way into the database.
type queued struct {
	Delivery
	at        time.Time // when its job is to run
	handledAt time.Time // zero: a job is to handle it
}

// Deliver stores a delivery and its job, kind KindDelivery and key GUID, in one transaction, and returns
// when both are on disk. A GUID seen before is not fresh: no error, and no second job. The job ends with the
// delivery handled and its payload gone, in the transaction that takes it from the queue.
func (s *Store) Deliver(ctx context.Context, d Delivery) (fresh bool, err error) {
	return s.put(ctx, queued{Delivery: d, at: s.now()})
}

// Record stores a delivery that needs no job, such as an event of our own making, without its payload.
func (s *Store) Record(ctx context.Context, d Delivery) (fresh bool, err error) {
	d.Payload = nil
	return s.put(ctx, queued{Delivery: d, handledAt: s.now()})
}

func (s *Store) put(ctx context.Context, q queued) (fresh bool, err error) {
	if s.life.Err() != nil {
		err = ErrClosed
	} else {
		fresh, err = s.db.deliver(ctx, q)
	}
	if err != nil {
		return false, fmt.Errorf("store delivery %s: %w", q.GUID, err)
	}
	return fresh, nil
}

// Delivery returns a stored delivery, or ErrNotFound.
func (s *Store) Delivery(ctx context.Context, guid string) (Delivery, error) {
	d, found := Delivery{GUID: guid}, false
	err := s.db.each(ctx, func(row scan) error {
		var received, handled int64
		found = true
		err := row(&d.Event, &d.Action, &d.Installation, &d.RepoID, &d.Repo, &received, &handled, &d.Payload)
		d.ReceivedAt = moment(received)
		if d.Payload == nil && handled == 0 { // SQLite's empty blob
			d.Payload = []byte{}
		}
		return err
	}, `SELECT event, action, installation, repo_id, repo, received_at, handled_at, payload.data
		FROM delivery LEFT JOIN payload ON payload.guid = delivery.guid WHERE delivery.guid = $1`, guid)
	if err == nil && !found {
		err = ErrNotFound
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("read delivery %s: %w", guid, err)
	}
	return d, nil
}

// seenAtOnce is how many deliveries one query of Seen asks for.
const seenAtOnce = 256

// Seen returns those of the GUIDs that are stored.
func (s *Store) Seen(ctx context.Context, guids []string) (map[string]bool, error) {
	seen := make(map[string]bool, len(guids))
	for some := range slices.Chunk(guids, seenAtOnce) {
		args := make([]any, 0, seenAtOnce)
		for _, guid := range some {
			args = append(args, guid)
		}
		// Filled up to a power of two, so that there are few different statements.
		for len(args)&(len(args)-1) != 0 {
			args = append(args, args[0])
		}
		places := make([]string, len(args))
		for i := range places {
			places[i] = "$" + strconv.Itoa(i+1)
		}
		err := s.db.each(ctx, func(row scan) error {
			var guid string
			err := row(&guid)
			seen[guid] = true
			return err
		}, `SELECT guid FROM delivery WHERE guid IN (`+strings.Join(places, ", ")+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("look for deliveries: %w", err)
		}
	}
	return seen, nil
}

// Unhandled lists the deliveries whose job has not ended well, the oldest first, also those that failed for
// good.
func (s *Store) Unhandled(ctx context.Context) ([]string, error) {
	var guids []string
	err := s.db.each(ctx, func(row scan) error {
		var guid string
		err := row(&guid)
		guids = append(guids, guid)
		return err
	}, `SELECT guid FROM delivery WHERE handled_at = 0 ORDER BY received_at, guid`)
	if err != nil {
		return nil, fmt.Errorf("list unhandled deliveries: %w", err)
	}
	return guids, nil
}

// pruneAtOnce is how many rows Prune removes in one transaction, so that it does not hold the writer.
const pruneAtOnce = 1000

// Prune forgets the handled deliveries that were received before the given time, and the mail that is done
// and was heard before it; the newest done mail of each issue stays, for LastMail. It returns how many
// deliveries it forgot.
func (s *Store) Prune(ctx context.Context, before time.Time) (n int, err error) {
	n, err = s.prune(ctx, before, `DELETE FROM delivery WHERE guid IN (SELECT guid FROM delivery
		WHERE received_at < $1 AND handled_at > 0 LIMIT $2)`)
	if err != nil {
		return n, fmt.Errorf("prune deliveries: %w", err)
	}
	_, err = s.prune(ctx, before, `DELETE FROM mail WHERE (repo, issue, comment) IN (
		SELECT repo, issue, comment FROM mail WHERE done = 1 AND heard < $1 AND comment < (
			SELECT max(newest.comment) FROM mail AS newest
			WHERE newest.repo = mail.repo AND newest.issue = mail.issue AND newest.done = 1) LIMIT $2)`)
	if err != nil {
		return n, fmt.Errorf("prune mail: %w", err)
	}
	return n, nil
}

func (s *Store) prune(ctx context.Context, before time.Time, statement string) (all int, err error) {
	for {
		var rows int64
		err := s.db.write(ctx, func(tx tx) (err error) {
			rows, err = tx.exec(statement, nanos(before), pruneAtOnce)
			return err
		})
		all += int(rows)
		if err != nil || rows < pruneAtOnce {
			return all, err
		}
	}
}

// handled marks a delivery as done and drops its payload.
func handled(tx tx, guid string, now time.Time) error {
	_, err := tx.exec(`UPDATE delivery SET handled_at = $1 WHERE guid = $2 AND handled_at = 0`, nanos(now), guid)
	if err != nil {
		return err
	}
	_, err = tx.exec(`DELETE FROM payload WHERE guid = $1`, guid)
	return err
}
