package faults

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// TestOutages lets nobody take deliveries while several commands are given, in two ways. What was missed is worked in
// its order when the bot catches up, and the story ends as it does otherwise, but for where the replies stand.
func TestOutages(t *testing.T) {
	for _, story := range stories {
		if len(story.outages) == 0 {
			continue
		}
		t.Run(story.name, func(t *testing.T) {
			want := runOutage(t, story, outage{}, 0)
			tried, held := 0, 0
			for _, o := range story.outages {
				for _, status := range []int{http.StatusServiceUnavailable, http.StatusBadRequest} {
					tried++
					name := fmt.Sprintf("acts %d to %d, answered %d", o.from, o.to, status)
					held += lagging(t, name, want, func(t *testing.T) string { return runOutage(t, story, o, status) })
				}
			}
			fmt.Printf("faults: %s through an outage: %d ways were tried and %d held\n", story.name, tried, held)
		})
	}
}

// runOutage plays a story with an outage; the zero one is none.
func runOutage(t *testing.T, story story, out outage, status int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := &relay{}
	o := options(story)
	o.Hook = p.wrap
	st, err := demo.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	act := 1
	p.down.Store(away(out, act, status))
	_, err = story.play(ctx, st.Sandbox, func() error {
		act++
		st.Sandbox.Flush() // what was sent is refused before anything is taken again
		was := p.down.Swap(away(out, act, status))
		if p.down.Load() != 0 {
			return nil
		}
		if err := st.Settle(ctx); err != nil || was == 0 {
			return err
		}
		if err := st.Bot.CatchUp(ctx); err != nil {
			return err
		}
		return st.Settle(ctx)
	})
	if err != nil {
		t.Error(err)
	}
	text, err := ended(ctx, st.Sandbox, story.repo, apart)
	if err != nil {
		t.Error(err)
	}
	return text
}

// away is what deliveries are answered before an act, 0 where they are taken.
func away(out outage, act, status int) int64 {
	if act >= out.from && act <= out.to {
		return int64(status)
	}
	return 0
}

// apart are the comments of people in their order, and ours behind them: replies to what was missed come later.
func apart(comments []sandbox.SnapComment) []sandbox.SnapComment {
	var people, ours []sandbox.SnapComment
	for _, c := range comments {
		if strings.HasSuffix(c.Author, "[bot]") {
			ours = append(ours, c)
		} else {
			people = append(people, c)
		}
	}
	return append(people, settled(ours)...)
}
