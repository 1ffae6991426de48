package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestThePacerHandsOutMomentsInOrder(t *testing.T) {
	const late = -time.Second // Limited
	s := time.Second
	for name, test := range map[string]struct {
		pace Pace
		asks []time.Duration // when, since the start
		want []time.Duration // when the write is made
	}{
		"at once while there is room": {Pace{PerMinute: 3, PerHour: 9}, []time.Duration{0, 0, 5 * s},
			[]time.Duration{0, 0, 5 * s}},
		"with the gap between them": {Pace{PerMinute: 9, PerHour: 9, Gap: s},
			[]time.Duration{0, 0, 0, 9 * s}, []time.Duration{0, s, 2 * s, 9 * s}},
		"when the minute of the oldest is over": {Pace{PerMinute: 2, PerHour: 9},
			[]time.Duration{0, 10 * s, 40 * s, 41 * s}, []time.Duration{0, 10 * s, 60 * s, 70 * s}},
		"never after a longer wait than the patience": {Pace{PerMinute: 2, PerHour: 9},
			[]time.Duration{0, 0, 29 * s, 30 * s}, []time.Duration{0, 0, late, 60 * s}},
		"nor more than the hour holds": {Pace{PerMinute: 9, PerHour: 2}, []time.Duration{0, s, 2 * s, 3575 * s},
			[]time.Duration{0, s, late, 3600 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			now := start
			var slept time.Duration
			p := newPacer(Config{
				Pace: test.pace, Patience: 30 * s, Clock: func() time.Time { return now },
				Sleep: func(_ context.Context, d time.Duration) error { slept = d; return nil },
			})
			var got []time.Duration
			for _, ask := range test.asks {
				now, slept = start.Add(ask), 0
				err := p.wait(t.Context())
				if err == nil {
					got = append(got, ask+slept)
					continue
				}
				if _, ok := errors.AsType[*Limited](err); !ok {
					t.Fatal(err)
				}
				got = append(got, late)
			}
			same(t, test.want, got)
		})
	}
}

func TestAMomentThatNobodyUsedIsFreeAgain(t *testing.T) {
	p := newPacer(Config{
		Pace: Pace{PerMinute: 9, PerHour: 9, Gap: time.Second}, Patience: time.Minute, Clock: func() time.Time {
			return start
		},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	same(t, error(nil), p.wait(t.Context()))
	same(t, true, errors.Is(p.wait(gone), context.Canceled))
	at, _ := p.take()
	same(t, start.Add(time.Second), at)
}

// until asks for something, and says how long GitHub wants to be left alone after it.
func until(t *testing.T, f *fakeGitHub, call error) time.Duration {
	t.Helper()
	if call == nil {
		return 0
	}
	limited, ok := errors.AsType[*Limited](call)
	if !ok {
		t.Fatal(call)
	}
	return limited.Until.Sub(f.now)
}

func TestASecondaryLimitWithoutATimeDoublesUntilACallOfItsKindPasses(t *testing.T) {
	refuse := true
	f, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
		if refuse && r.Method != http.MethodGet {
			says(403, `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you `+
				`try again."}`)(w)
			return
		}
		fmt.Fprint(w, `{"number":1}`)
	})
	gh := app.Installation(1)
	write := func() time.Duration { return until(t, f, gh.EditBody(t.Context(), "a/b", 1, "x")) }
	read := func() time.Duration { _, err := gh.DefaultBranch(t.Context(), "a/b"); return until(t, f, err) }

	same(t, time.Minute, write())
	same(t, time.Minute, write())
	same(t, 1, len(f.asked)) // while it lasts nothing is asked
	f.pass(time.Minute)
	same(t, time.Duration(0), read())
	same(t, 2*time.Minute, write())
	f.pass(2 * time.Minute)
	same(t, 4*time.Minute, write())
	f.pass(4 * time.Minute)
	refuse = false
	same(t, time.Duration(0), write())
	refuse = true
	same(t, time.Minute, write())
}

func TestALimitHoldsForAllCallsOfTheInstallationAndForNoOther(t *testing.T) {
	f, app := open(t, Pace{}, refusals(says(403, `{}`, "Retry-After", "600")))
	read := func(installation int64) time.Duration {
		_, err := app.Installation(installation).DefaultBranch(t.Context(), "a/b")
		return until(t, f, err)
	}
	same(t, 10*time.Minute, read(1))
	same(t, 10*time.Minute, read(1))
	same(t, time.Duration(0), read(2))
	same(t, 2, len(f.asked))
}

func TestAResetThatHasPassedForUsIsNotAskedAgainAtOnce(t *testing.T) {
	past := fmt.Sprint(start.Add(-time.Minute).Unix())
	f, app := open(t, Pace{}, refusals(says(403, `{}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", past)))
	_, err := app.Installation(1).DefaultBranch(t.Context(), "a/b")
	same(t, time.Minute, until(t, f, err))
}

func TestTheLastCallThatPassedIsRemembered(t *testing.T) {
	reset := fmt.Sprint(start.Add(4 * time.Second).Unix())
	f, app := open(t, Pace{},
		refusals(says(200, `{"default_branch":"main"}`, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset)))
	for range 2 {
		same(t, "main", must(app.Installation(1).DefaultBranch(t.Context(), "a/b"))(t))
	}
	same(t, []time.Duration{4 * time.Second}, f.slept)
}

func TestARefusedTokenIsReadLikeAnyAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		refusal func(http.ResponseWriter)
		slept   []time.Duration
		fails   string
	}{
		"a short limit is waited out": {says(403, `{}`, "Retry-After", "4"), []time.Duration{4 * time.Second}, ""},
		"a failure is tried again":    {says(502, ``), []time.Duration{time.Second}, ""},
		"an App that is gone is final": {says(404, `{}`), nil,
			"the installation 1 of the App does not exist any more"},
		"a long limit is for the queue": {says(429, `{}`), nil, "asks to wait until 2026-05-04T12:01:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, refusals())
			f.tokens = []func(http.ResponseWriter){test.refusal}
			_, err := app.Installation(1).DefaultBranch(t.Context(), "a/b")
			if (err == nil) != (test.fails == "") || (err != nil && !strings.Contains(err.Error(), test.fails)) {
				t.Errorf("want %q, got %v", test.fails, err)
			}
			same(t, test.slept, f.slept)
		})
	}
}
