package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
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
	Repo  int64 // of the tracking issue; 0 when it is not known yet, see Adopt
	Issue int
	Open  bool
}

// Listed is a log as Logs lists it.
type Listed struct {
	Log string
	Index
}

// Filter says which logs to list; its zero fields let everything through.
type Filter struct {
	Repo int64
	Open *bool // new(true): open ones only
}

// LogName is the name of a new log, and the key of the job of an issue: REPOID#ISSUE.
func LogName(repo int64, issue int) string {
	return strconv.FormatInt(repo, 10) + "#" + strconv.Itoa(issue)
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
	if err := s.append(ctx, log, after, entries, index); err != nil {
		return fmt.Errorf("append to log %s: %w", log, err)
	}
	return nil
}

// Restore stores a log that was rebuilt from a copy. A log that has entries is ErrConflict: what is here is
// never replaced.
func (s *Store) Restore(ctx context.Context, log string, entries []Entry, index Index) error {
	for i, e := range entries {
		if e.Seq != 0 && e.Seq != i+1 {
			return fmt.Errorf("restore log %s: entry %d of the copy has the number %d", log, i+1, e.Seq)
		}
	}
	if err := s.append(ctx, log, 0, entries, index); err != nil {
		return fmt.Errorf("restore log %s: %w", log, err)
	}
	return nil
}

func (s *Store) append(ctx context.Context, log string, after int, entries []Entry, index Index) error {
	return s.db.write(ctx, func(tx tx) error {
		_, err := tx.exec(`INSERT INTO log (id, name, repo, issue, open) VALUES ($1, '', $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET repo = excluded.repo, issue = excluded.issue, open = excluded.open`,
			log, index.Repo, index.Issue, flag(index.Open))
		if err != nil {
			return err
		}
		// That has locked the row of this log, so nobody appends between this look and the commit.
		last := 0
		err = tx.each(func(row scan) error { return row(&last) },
			`SELECT coalesce(max(seq), 0) FROM entry WHERE log = $1`, log)
		if err != nil {
			return err
		}
		if last != after {
			return fmt.Errorf("%w: it stands at %d, not at %d", ErrConflict, last, after)
		}
		for i, e := range entries {
			_, err := tx.exec(`INSERT INTO entry (log, seq, at, kind, data) VALUES ($1, $2, $3, $4, $5)`,
				log, after+1+i, nanos(e.At), e.Kind, string(e.Data))
			if err != nil {
				return fmt.Errorf("entry %d, %s: %w", after+1+i, e.Kind, err)
			}
		}
		return nil
	})
}

// Logs lists the logs that pass the filter, ordered by name.
func (s *Store) Logs(ctx context.Context, f Filter) ([]Listed, error) {
	var where conditions
	if f.Repo != 0 {
		where.add("repo = %s", f.Repo)
	}
	if f.Open != nil {
		where.add("open = %s", flag(*f.Open))
	}
	logs, err := s.logs(ctx, where.clause(), where.args...)
	if err != nil {
		return nil, fmt.Errorf("list logs: %w", err)
	}
	// Not by the database, as PostgreSQL would order by the rules of its language.
	slices.SortFunc(logs, func(a, b Listed) int { return cmp.Compare(a.Log, b.Log) })
	return logs, nil
}

// LogOf finds the log of an issue. It is not always LogName: logs of older versions keep their names. When
// there are several, it is an open one before a closed one.
func (s *Store) LogOf(ctx context.Context, repo int64, issue int) (log string, found bool, err error) {
	logs, err := s.logs(ctx, `WHERE repo = $1 AND issue = $2 ORDER BY open DESC, id DESC LIMIT 1`, repo, issue)
	if err != nil {
		err = fmt.Errorf("find the log of %s: %w", LogName(repo, issue), err)
	}
	one, found, err := first(logs, err)
	return one.Log, found, err
}

func (s *Store) logs(ctx context.Context, where string, args ...any) (logs []Listed, err error) {
	err = s.db.each(ctx, func(row scan) error {
		var l Listed
		var open int64
		err := row(&l.Log, &l.Repo, &l.Issue, &open)
		l.Open = open == 1
		logs = append(logs, l)
		return err
	}, `SELECT id, repo, issue, open FROM log `+where, args...)
	return logs, err
}

// Adopt gives the repository id to the logs and snapshots of older versions that only knew its name,
// owner/name, and wakes those of its logs that are open. There is nothing to do most of the time, which is
// found out without a write.
func (s *Store) Adopt(ctx context.Context, name string, repo int64) error {
	orphans := 0
	const unknown = ` WHERE repo = 0 AND lower(name) = lower($1)`
	err := s.db.each(ctx, func(row scan) error { orphans++; return nil },
		`SELECT issue FROM log`+unknown+` UNION ALL SELECT issue FROM snapshot`+unknown, name)
	if err == nil && orphans > 0 {
		err = s.db.write(ctx, func(tx tx) error {
			var issues []int
			err := tx.each(func(row scan) error {
				issue, open := 0, 0
				err := row(&issue, &open)
				if open == 1 {
					issues = append(issues, issue)
				}
				return err
			}, `UPDATE log SET repo = $2`+unknown+` RETURNING issue, open`, name, repo)
			if err != nil {
				return err
			}
			for _, issue := range issues {
				if err := tx.wake(KindIssue, LogName(repo, issue), nanos(s.now())); err != nil {
					return err
				}
			}
			_, err = tx.exec(`UPDATE snapshot SET repo = $2`+unknown, name, repo)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("give %s its repository id: %w", name, err)
	}
	return nil
}
