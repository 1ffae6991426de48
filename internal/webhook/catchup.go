package webhook

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
)

// CatchUp finds the deliveries that GitHub sent while nobody took them, and lets them be worked, oldest first. Its
// fields are set by main and never change.
type CatchUp struct {
	Store  *store.Store
	GitHub Deliveries
	Intake *Intake
	// Lost says on the issues of a repository that some of its deliveries cannot be had.
	Lost  Lost
	Clock func() time.Time
	Log   zerolog.Logger

	running sync.Mutex // one at a time in this process
}

// Deliveries is GitHub's list of deliveries.
type Deliveries interface {
	// Deliveries is the list, newest first, page by page; status is "failure", or empty for all.
	Deliveries(ctx context.Context, status string) iter.Seq2[[]github.Delivery, error]
	// Delivery is one of them with its payload. found is false where GitHub has that no longer.
	Delivery(ctx context.Context, id int64) (d github.DeliveryPayload, found bool, err error)
	// Redeliver asks GitHub to send one again.
	Redeliver(ctx context.Context, id int64) error
}

// Lost is told of deliveries that cannot be had.
type Lost interface {
	Missed(ctx context.Context, repo int64, count int, from, to time.Time, cause conversation.Cause) error
}

const (
	// cursor is the name of the value that says how far back GitHub's list was read: the time of the newest delivery
	// that stood in it.
	cursor = "deliveries.cursor"
	// overlap is how far the list is read again behind the cursor: one delivery may stand in it later than the next.
	overlap = 5 * time.Minute
	// away is the age of the cursor from which the list of failures is read first. It is short where the list of all is
	// long, so that newer mail waits at once for what is missing.
	away = 10 * time.Minute
	// listed is longer than GitHub lists a delivery: nothing needs to be known any more of one that is gone for that
	// long.
	listed = 10 * 24 * time.Hour
)

// Run reads GitHub's list back to where it was read before, notes what is missing, and works it. What fails is tried
// again by the next Run: the list is read again where it was not read to its end.
func (c *CatchUp) Run(ctx context.Context) error {
	c.running.Lock()
	defer c.running.Unlock()
	return c.run(ctx)
}

// run is Run for who holds the lock.
func (c *CatchUp) run(ctx context.Context) error {
	c.Intake.behind.Store(false)
	read := c.read(ctx)
	if ctx.Err() != nil {
		return errors.Join(read, ctx.Err())
	}
	return errors.Join(read, c.fetch(ctx))
}

// Due is called before an issue is worked: it reads GitHub's list where a delivery could not be stored since that was
// read last, so that a newer command does not overtake the one that GitHub lists. The error is a store.Later while
// another job reads; what fails is logged, and is tried again by the next poll.
func (c *CatchUp) Due(ctx context.Context) error {
	if !c.Intake.behind.Load() {
		return nil
	}
	if !c.running.TryLock() {
		return store.Later{At: c.Clock().Add(time.Second)}
	}
	defer c.running.Unlock()
	if err := c.run(ctx); err != nil && ctx.Err() == nil {
		c.Log.Warn().Err(err).Msg("deliveries not compared with GitHub's list after one could not be stored")
	}
	return nil
}

// read reads the list, and notes what is missing.
func (c *CatchUp) read(ctx context.Context) error {
	born, err := c.Store.Born(ctx)
	if err != nil {
		return err
	}
	text, found, err := c.Store.Value(ctx, cursor)
	if err != nil {
		return err
	}
	r := reading{CatchUp: c, born: born.Truncate(time.Second)}
	if r.noted, err = c.noted(ctx); err != nil {
		return err
	}
	if found {
		if r.until, err = time.Parse(time.RFC3339, text); err != nil {
			return fmt.Errorf("read the value %s: %w", cursor, err)
		}
		r.newest = r.until
		r.until = r.until.Add(-overlap)
	}
	if r.until.Before(r.born) {
		r.until = r.born
	}
	if c.Clock().Sub(r.newest) > away {
		if err := r.list(ctx, "failure"); err != nil {
			return err
		}
	}
	if err := r.list(ctx, ""); err != nil {
		return err
	}
	if !found && r.older {
		c.Log.Warn().Time("database", born).
			Msg("GitHub lists deliveries that are older than the database: they are not worked; bot recover restores " +
				"releases")
	}
	if r.newest.IsZero() {
		return nil // GitHub has sent nothing yet
	}
	if now := r.newest.UTC().Format(time.RFC3339); now != text {
		return c.Store.SetValue(ctx, cursor, now)
	}
	return nil
}

// reading is one look at the list.
type reading struct {
	*CatchUp
	born   time.Time // what is older is not obeyed, to the second, which is as exact as GitHub's list
	until  time.Time // how far back the list is read
	newest time.Time // of the deliveries in it
	older  bool      // whether there was one from before born
	noted  map[string]store.Missing
}

// list reads the deliveries of a status back to where they are known.
func (r *reading) list(ctx context.Context, status string) error {
	for page, err := range r.GitHub.Deliveries(ctx, status) {
		if err != nil {
			return err
		}
		missing, err := r.missing(ctx, page)
		if err != nil {
			return err
		}
		for _, m := range missing {
			if err := r.Store.PutMissing(ctx, m); err != nil {
				return err
			}
		}
		if len(page) > 0 && page[len(page)-1].DeliveredAt.Before(r.until) {
			break
		}
	}
	return nil
}

// missing are the deliveries of a page that should be here and are not. Each is listed once for each time that GitHub
// tried to deliver it: the newest entry is asked for, and the oldest says when it was sent.
func (r *reading) missing(ctx context.Context, page []github.Delivery) ([]store.Missing, error) {
	guids := make([]string, len(page))
	for i, d := range page {
		guids[i] = d.GUID
		if d.DeliveredAt.After(r.newest) {
			r.newest = d.DeliveredAt
		}
		r.older = r.older || d.DeliveredAt.Before(r.born)
	}
	seen, err := r.Store.Seen(ctx, guids)
	if err != nil {
		return nil, err
	}
	var order []string
	for _, d := range page {
		if seen[d.GUID] || d.DeliveredAt.Before(r.born) || !r.Intake.Takes(d.Event) {
			continue
		}
		m, known := r.noted[d.GUID]
		switch {
		case m.Gone:
			continue
		case !known:
			m = store.Missing{
				GUID: d.GUID, ID: d.ID, RepoID: d.Repository, Event: d.Event, Action: d.Action, At: d.DeliveredAt,
				Since: r.Clock(),
			}
			r.Log.Info().Str("delivery", d.GUID).Str("event", d.Event).Time("sent", d.DeliveredAt).Int("status",
				d.StatusCode).
				Msg("delivery is missing")
			order = append(order, d.GUID)
		case d.DeliveredAt.Before(m.At):
			m.At = d.DeliveredAt
			order = append(order, d.GUID)
		}
		r.noted[d.GUID] = m
	}
	out := make([]store.Missing, 0, len(order))
	for _, guid := range order {
		out = append(out, r.noted[guid])
	}
	return out, nil
}

// noted are the deliveries that are known to be missing, by their GUIDs.
func (c *CatchUp) noted(ctx context.Context) (map[string]store.Missing, error) {
	all, err := c.Store.Missing(ctx)
	if err != nil {
		return nil, err
	}
	noted := make(map[string]store.Missing, len(all))
	for _, m := range all {
		noted[m.GUID] = m
	}
	return noted, nil
}
