package app

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
)

func TestWhatAJobAnsweredSaysWhenItGoesOn(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	broken, refused := errors.New("connection refused"), &github.Forbidden{}
	for name, test := range map[string]struct{ err, want error }{
		"all is done":                   {nil, nil},
		"it says when":                  {store.Later{At: at}, store.Later{At: at}},
		"a rate limit":                  {fmt.Errorf("read: %w", &github.Limited{Until: at}), store.Later{At: at}},
		"a list that lags":              {errors.Join(broken, &github.Lagging{Until: at}), store.Later{At: at}},
		"something broke":               {broken, broken},
		"GitHub refuses it":             {refused, store.GiveUp{Err: refused}},
		"it can never be done, it says": {store.GiveUp{Err: broken}, store.GiveUp{Err: store.GiveUp{Err: broken}}},
	} {
		b := &Bot{o: Options{Log: zerolog.Nop()}}
		got := b.outcome(store.Job{Kind: store.KindIssue, Key: "7#1"}, test.err)
		if got != test.want { //nolint:errorlint // it says when at the top, where the queue looks
			t.Errorf("%s: %#v, want %#v", name, got, test.want)
		}
	}
}
