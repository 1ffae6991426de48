package store

import (
	"context"
	"fmt"
	"time"
)

// Mail is a comment with commands, in the mailbox of its issue.
type Mail struct {
	Repo      int64
	Issue     int
	Comment   int64     // its id; the mailbox is ordered by it
	At, Heard time.Time // when it was written, and when it came here
	Data      []byte    // kept byte for byte
}

// PutMail puts a comment into the mailbox of its issue and wakes the job of the issue, KindIssue with
// LogName(repo, issue), in one transaction. A comment that is known already, also one that is done, is not
// fresh, and wakes nothing.
func (s *Store) PutMail(ctx context.Context, m Mail) (fresh bool, err error) {
	err = s.db.write(ctx, func(tx tx) error {
		fresh = false
		rows, err := tx.exec(`INSERT INTO mail (repo, issue, comment, at, heard, data) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT DO NOTHING`, m.Repo, m.Issue, m.Comment, nanos(m.At), nanos(m.Heard), notNil(m.Data))
		if err != nil || rows == 0 {
			return err
		}
		fresh = true
		return tx.wake(KindIssue, LogName(m.Repo, m.Issue), nanos(s.now()))
	})
	if err != nil {
		return false, fmt.Errorf("store comment %d of %s: %w", m.Comment, LogName(m.Repo, m.Issue), err)
	}
	return fresh, nil
}

// Mailbox lists the mail of an issue that is not done, the lowest comment id first.
func (s *Store) Mailbox(ctx context.Context, repo int64, issue int) ([]Mail, error) {
	var all []Mail
	err := s.db.each(ctx, func(row scan) error {
		m := Mail{Repo: repo, Issue: issue}
		var at, heard int64
		err := row(&m.Comment, &at, &heard, &m.Data)
		m.At, m.Heard, m.Data = moment(at), moment(heard), notNil(m.Data)
		all = append(all, m)
		return err
	}, `SELECT comment, at, heard, data FROM mail WHERE repo = $1 AND issue = $2 AND done = 0 ORDER BY comment`,
		repo, issue)
	if err != nil {
		return nil, fmt.Errorf("read the mailbox of %s: %w", LogName(repo, issue), err)
	}
	return all, nil
}

// DoneMail takes a comment out of the mailbox. It is no error to do so twice; a comment that never came is
// ErrNotFound.
func (s *Store) DoneMail(ctx context.Context, repo int64, issue int, comment int64) error {
	err := s.db.write(ctx, func(tx tx) error {
		rows, err := tx.exec(`UPDATE mail SET done = 1 WHERE repo = $1 AND issue = $2 AND comment = $3`, repo, issue,
			comment)
		if err == nil && rows == 0 {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("take comment %d of %s out of the mailbox: %w", comment, LogName(repo, issue), err)
	}
	return nil
}

// LastMail is the highest comment id of the issue that is done; 0 when there is none.
func (s *Store) LastMail(ctx context.Context, repo int64, issue int) (comment int64, err error) {
	err = s.db.each(ctx, func(row scan) error { return row(&comment) },
		`SELECT coalesce(max(comment), 0) FROM mail WHERE repo = $1 AND issue = $2 AND done = 1`, repo, issue)
	if err != nil {
		return 0, fmt.Errorf("find the last comment of %s that is done: %w", LogName(repo, issue), err)
	}
	return comment, nil
}
