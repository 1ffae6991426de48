package demo

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/conversation"
)

// Lose stops the bot, deletes its SQLite database, restores in an empty one what the open issues of a repository hold,
// and lets the bot go on.
func (st *Stage) Lose(ctx context.Context, repo string) error {
	return st.renew(ctx, func(b *app.Bot) error {
		found, err := b.FindRepository(ctx, repo)
		if err != nil {
			return err
		}
		return b.Recover(ctx, found, 0, func(_ int, _ conversation.Recovered, err error) error { return err })
	})
}

// Forget stops the bot, deletes its SQLite database, and lets it go on with an empty one.
func (st *Stage) Forget(ctx context.Context) error {
	return st.renew(ctx, func(*app.Bot) error { return nil })
}

// renew gives the bot an empty database. What has to be done before it works is done by before.
func (st *Stage) renew(ctx context.Context, before func(*app.Bot) error) error {
	st.cancel()
	st.running.Wait()
	last := len(st.servers) - 1
	err := errors.Join(st.runErr, st.servers[last].Close(), st.Bot.Close())
	st.servers = st.servers[:last]
	path, onDisk := strings.CutPrefix(st.database, "sqlite:")
	if !onDisk {
		err = errors.Join(err, errors.New("lose the database: it is no SQLite file"))
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if gone := os.Remove(path + suffix); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	if err != nil {
		return err
	}
	// GitHub tells times in whole seconds: what was said in the second of the new database would not be older than it.
	st.clock.Leap(time.Second)
	return st.enter(ctx, st.o, before)
}
