package webhook

import (
	"context"
	"errors"
	"slices"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
)

// fetch works what is missing, oldest first. One that cannot be had does not stop the rest; an outage of GitHub does.
func (c *CatchUp) fetch(ctx context.Context) error {
	all, err := c.Store.Missing(ctx)
	if err != nil {
		return err
	}
	var gone []store.Missing
	var problems []error
	for _, m := range all {
		if m.Gone {
			problems = append(problems, c.forget(ctx, m))
			continue
		}
		had, err := c.one(ctx, m)
		if !had && err == nil {
			gone = append(gone, m)
		}
		problems = append(problems, err)
		if _, limited := errors.AsType[*github.Limited](err); limited || ctx.Err() != nil {
			break
		}
	}
	return errors.Join(append(problems, c.bury(ctx, gone))...)
}

// forget drops what is known of a delivery that GitHub does not list any more.
func (c *CatchUp) forget(ctx context.Context, m store.Missing) error {
	if c.Clock().Sub(m.At) < listed {
		return nil
	}
	return c.Store.DropMissing(ctx, m.GUID)
}

// one reads a missing delivery at GitHub and works it. had is false where it cannot be had by any way.
func (c *CatchUp) one(ctx context.Context, m store.Missing) (had bool, err error) {
	if m.Asked {
		return c.Clock().Before(m.Since.Add(conversation.WaitForMissing)), nil // it comes as any other, or never
	}
	d, found, err := c.GitHub.Delivery(ctx, m.ID)
	if err != nil {
		return true, err
	}
	if !found {
		return c.ask(ctx, m)
	}
	h, err := readHead(d.Payload)
	if err != nil {
		c.Log.Warn().Err(err).Str("delivery", m.GUID).Str("event", m.Event).Msg("missing delivery is no event")
		return false, nil
	}
	return c.take(ctx, m, h, h.delivery(m.GUID, m.Event, d.Payload, m.At))
}

// take works a delivery at once, so that all that are missing are worked in their order, and marks it as handled. One
// that cannot be worked for the time being stays missing, and goes to the queue when others have waited long enough.
func (c *CatchUp) take(ctx context.Context, m store.Missing, h head, d store.Delivery) (had bool, err error) {
	log := c.Log.Info().Str("delivery", m.GUID).Str("event", m.Event).Str("repository", d.Repo).Time("sent", m.At)
	wanted, err := c.Intake.wanted(ctx, m.Event, h)
	if err != nil {
		return true, err
	}
	if wanted {
		err = c.Intake.handle(ctx, d)
	}
	switch {
	case err == nil:
		log.Msg("missing delivery worked")
		_, err = c.Store.Record(ctx, d)
		return true, err
	case unreadable(err):
		log.Err(err).Msg("missing delivery cannot be read")
		return false, nil
	case c.Clock().Before(m.Since.Add(conversation.WaitForMissing)):
		return true, err
	}
	_, stored := c.Store.Deliver(ctx, d)
	return true, errors.Join(err, stored)
}

// ask lets GitHub send a delivery again, whose payload it does not show. GitHub may refuse that, and the others still
// have to be had.
func (c *CatchUp) ask(ctx context.Context, m store.Missing) (had bool, err error) {
	log := c.Log.Info().Str("delivery", m.GUID).Str("event", m.Event)
	err = c.GitHub.Redeliver(ctx, m.ID)
	if github.Final(err) {
		log.Err(err).Msg("GitHub does not send the missing delivery again")
		return false, nil
	}
	if err != nil {
		return true, err
	}
	log.Msg("missing delivery asked for again")
	m.Asked = true
	return true, c.Store.PutMissing(ctx, m)
}

// bury gives deliveries up: they are named in the log once, and on the issues of their repositories.
func (c *CatchUp) bury(ctx context.Context, gone []store.Missing) error {
	byRepo := map[int64][]store.Missing{}
	var repos []int64
	for _, m := range gone {
		if byRepo[m.RepoID] == nil {
			repos = append(repos, m.RepoID)
		}
		byRepo[m.RepoID] = append(byRepo[m.RepoID], m)
	}
	slices.Sort(repos)
	var problems []error
	for _, repo := range repos {
		problems = append(problems, c.buryOf(ctx, repo, byRepo[repo]))
	}
	return errors.Join(problems...)
}

// buryOf gives up those of one repository, the oldest first.
func (c *CatchUp) buryOf(ctx context.Context, repo int64, gone []store.Missing) error {
	if repo != 0 {
		cause := conversation.Cause{GUID: gone[0].GUID, At: c.Clock()}
		from, to := gone[0].At, gone[len(gone)-1].At
		if err := c.Lost.Missed(ctx, repo, len(gone), from, to, cause); err != nil {
			return err
		}
	}
	for _, m := range gone {
		c.Log.Error().Str("delivery", m.GUID).Str("event", m.Event).Str("action",
			m.Action).Int64("repository_id", repo).
			Time("sent", m.At).Msg("delivery is lost: GitHub has it no longer, or it is no event")
		m.Gone = true
		if err := c.Store.PutMissing(ctx, m); err != nil {
			return err
		}
	}
	return nil
}
