package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Entry is one entry of a log.
type Entry struct {
	Seq  int // 1, 2, 3 in each log; Append counts
	At   time.Time
	Kind string
	Data []byte // JSON; kept byte for byte
}

// Index is what one can find a log by without reading it.
type Index struct {
	Repo         string // owner/name of the tracking issue
	Issue        int
	Installation int64
	Open         bool
	Watches      []string  // the repositories whose events wake it
	WakeAt       time.Time // zero: no clock wakes it
}

// Listed is a log as Logs lists it.
type Listed struct {
	Log string
	Index
}

// Filter says which logs to list; its zero fields let everything through.
type Filter struct {
	Repo       string
	Open       *bool     // new(true): open ones only
	Watching   string    // the logs that watch this repository
	WakeBefore time.Time // the logs whose clock rings before this
}

// Entries returns a log in the order of its entries. A log that nobody has begun is empty.
func (s *Store) Entries(ctx context.Context, log string) ([]Entry, error) {
	var entries []Entry
	err := s.db.each(ctx, func(row scan) error {
		var e Entry
		var at int64
		err := row(&e.Seq, &at, &e.Kind, &e.Data)
		e.At = moment(at)
		entries = append(entries, e)
		return err
	}, `SELECT seq, at, kind, data FROM entry WHERE log = $1 ORDER BY seq`, log)
	if err != nil {
		return nil, fmt.Errorf("read log %s: %w", log, err)
	}
	return entries, nil
}

// Append adds entries behind the entry number after (0: the log is new) and replaces the index of the
// log, all or nothing. ErrConflict means that somebody else has appended since: read again and decide
// again. The entries are numbered by Append; without entries only the index is replaced.
func (s *Store) Append(ctx context.Context, log string, after int, entries []Entry, index Index) error {
	err := s.db.write(ctx, func(tx tx) error {
		if err := putIndex(ctx, tx, log, index); err != nil {
			return err
		}
		// putIndex has locked the row of this log, so nobody appends between this look and the commit.
		var last int
		err := tx.each(ctx, func(row scan) error { return row(&last) },
			`SELECT coalesce(max(seq), 0) FROM entry WHERE log = $1`, log)
		if err != nil {
			return err
		}
		if last != after {
			return fmt.Errorf("%w: it stands at %d, not at %d", ErrConflict, last, after)
		}
		for i, e := range entries {
			_, err := tx.exec(ctx, `INSERT INTO entry (log, seq, at, kind, data) VALUES ($1, $2, $3, $4, $5)`,
				log, after+1+i, nanos(e.At), e.Kind, string(e.Data))
			if err != nil {
				return fmt.Errorf("entry %d, %s: %w", after+1+i, e.Kind, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("append to log %s: %w", log, err)
	}
	return nil
}

func putIndex(ctx context.Context, tx tx, log string, index Index) error {
	open := 0
	if index.Open {
		open = 1
	}
	_, err := tx.exec(ctx, `INSERT INTO log (id, repo, issue, installation, open, wake_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET repo = excluded.repo, issue = excluded.issue,
			installation = excluded.installation, open = excluded.open, wake_at = excluded.wake_at`,
		log, index.Repo, index.Issue, index.Installation, open, nanos(index.WakeAt))
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM log_watch WHERE log = $1`, log); err != nil {
		return err
	}
	for _, repo := range index.Watches {
		_, err := tx.exec(ctx, `INSERT INTO log_watch (log, repo) VALUES ($1, $2) ON CONFLICT DO NOTHING`, log, repo)
		if err != nil {
			return err
		}
	}
	return nil
}

// Logs lists the logs that pass the filter, ordered by name, their watches in alphabetical order.
func (s *Store) Logs(ctx context.Context, f Filter) ([]Listed, error) {
	where, args := f.where()
	var logs []Listed
	err := s.db.each(ctx, func(row scan) error {
		var l Listed
		var open, wake int64
		var watch *string
		if err := row(&l.Log, &l.Repo, &l.Issue, &l.Installation, &open, &wake, &watch); err != nil {
			return err
		}
		if n := len(logs); n == 0 || logs[n-1].Log != l.Log {
			l.Open, l.WakeAt = open == 1, moment(wake)
			logs = append(logs, l)
		}
		if last := &logs[len(logs)-1]; watch != nil {
			last.Watches = append(last.Watches, *watch)
		}
		return nil
	}, `SELECT log.id, log.repo, issue, installation, open, wake_at, log_watch.repo
		FROM log LEFT JOIN log_watch ON log_watch.log = log.id `+where+` ORDER BY log.id, log_watch.repo`, args...)
	if err != nil {
		return nil, fmt.Errorf("list logs: %w", err)
	}
	return logs, nil
}

func (f Filter) where() (clause string, args []any) {
	var terms []string
	add := func(term string, arg any) {
		args = append(args, arg)
		terms = append(terms, term+"$"+strconv.Itoa(len(args)))
	}
	if f.Repo != "" {
		add("log.repo = ", f.Repo)
	}
	if f.Open != nil {
		open := 0
		if *f.Open {
			open = 1
		}
		add("open = ", open)
	}
	if !f.WakeBefore.IsZero() {
		add("wake_at > 0 AND wake_at < ", nanos(f.WakeBefore))
	}
	if f.Watching != "" {
		add("log.id IN (SELECT log FROM log_watch WHERE repo = ", f.Watching)
		terms[len(terms)-1] += ")"
	}
	if len(terms) == 0 {
		return "", nil
	}
	return "WHERE " + strings.Join(terms, " AND "), args
}
