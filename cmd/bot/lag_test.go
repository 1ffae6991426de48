package main

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// behind is how far GitHub's lists lag behind its writes at most.
const behind = 5 * time.Second

func TestEveryRehearsalEndsAsItShouldWhileListsLag(t *testing.T) {
	for _, r := range demo.Rehearsals() {
		t.Run(r.Process, func(t *testing.T) {
			t.Parallel()
			lagging(t, r, func(s *sandbox.Server) { s.Lag(behind) })
		})
	}
}

func TestEveryRehearsalEndsAsItShouldWhileEachThingIsListedAtItsOwnTime(t *testing.T) {
	seed := lagSeed(t)
	t.Logf("with SLIPWAY_LAG_SEED=%d", seed)
	for i, r := range demo.Rehearsals() {
		t.Run(r.Process, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			lagging(t, r, func(s *sandbox.Server) {
				s.LagEach(behind, func() time.Duration { return time.Duration(random.Int64N(int64(behind))) })
			})
		})
	}
}

// lagSeed is a new one each time, or that of SLIPWAY_LAG_SEED.
func lagSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("SLIPWAY_LAG_SEED")
	if text == "" {
		return uint64(time.Now().UnixNano())
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("SLIPWAY_LAG_SEED: %v", err)
	}
	return seed
}

// lagging plays a rehearsal on a GitHub that lags, and holds where it ends.
func lagging(t *testing.T, r demo.Rehearsal, lag func(*sandbox.Server)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	log := zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.WarnLevel)
	st, err := demo.Open(ctx, demo.StageOptions{Clock: time.Now, Log: log, Seed: r.Seed()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	lag(st.Sandbox)
	for _, turn := range r.Turns {
		take(t, ctx, st, r, turn)
		if turn.Happens != nil {
			look(t, ctx, st)
		}
	}
	problems, err := r.Check(ctx, st)
	if err != nil || len(problems) > 0 {
		t.Errorf("it did not end as it should: %q, %v", problems, err)
	}
	wantOneReplyEach(t, ctx, st, r.Repo)
}

// look is the next poll: what others made is listed by then.
func look(t *testing.T, ctx context.Context, st *demo.Stage) {
	t.Helper()
	st.Leap(behind)
	if err := st.Bot.Look(ctx); err != nil {
		t.Fatal(err)
	}
	if err := st.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}
