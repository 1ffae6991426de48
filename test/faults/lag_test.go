package faults

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// behind is how far GitHub's lists lag behind its writes.
const behind = 5 * time.Second

// TestLag plays each story while GitHub does not show what was created within the last five seconds: in its lists, at
// the address of the thing itself, or in both. The story ends as it does otherwise.
func TestLag(t *testing.T) {
	ways := []struct {
		name string
		lag  func(*sandbox.Server)
	}{
		{"lists", func(s *sandbox.Server) { s.Lag(behind) }},
		{"single things", func(s *sandbox.Server) { s.LagSingle(behind) }},
		{"lists and single things", func(s *sandbox.Server) { s.Lag(behind); s.LagSingle(behind) }},
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			want := runLagging(t, story, func(*sandbox.Server) {})
			held := 0
			for _, way := range ways {
				held += lagging(t, way.name, want, func(t *testing.T) string { return runLagging(t, story, way.lag) })
			}
			fmt.Printf("faults: %s under a lag of %v: %d ways were tried and %d held\n", story.name, behind,
				len(ways), held)
		})
	}
}

// lagging is 1 where the story ends where it should.
func lagging(t *testing.T, name, want string, play func(*testing.T) string) (held int) {
	t.Helper()
	ok := t.Run(name, func(t *testing.T) {
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(play(t), "\n")); diff != "" {
			t.Errorf("it ended elsewhere (-undisturbed +disturbed):\n%s", diff)
		}
	})
	if ok {
		held = 1
	}
	return held
}

// runLagging plays a story on a GitHub that lags.
func runLagging(t *testing.T, story story, lag func(*sandbox.Server)) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	st, err := demo.Open(ctx, options(story))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	lag(st.Sandbox)
	text, err := story.play(ctx, st.Sandbox, func() error {
		if err := st.Settle(ctx); err != nil {
			return err
		}
		st.Leap(behind) // the next poll, when GitHub lists what others made
		if err := st.Bot.Look(ctx); err != nil {
			return err
		}
		return st.Settle(ctx)
	})
	if err != nil {
		t.Error(err)
	}
	return text
}
