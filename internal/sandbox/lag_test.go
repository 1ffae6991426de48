package sandbox_test

import (
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// lagging is a stage whose lag is measured by a clock that the test moves.
func lagging(t *testing.T) (st *stage, move func(time.Duration)) {
	t.Helper()
	now := noon
	st = open(t, func(o *sandbox.Options) { o.LagClock = func() time.Time { return now } })
	return st, func(d time.Duration) { now = now.Add(d) }
}

// lists are all that lag, with what counts in each.
var lists = []struct{ path, under string }{
	{repo + "/issues?state=all", "list"}, {repo + "/issues/1/comments", "list"}, {repo + "/issues/comments", "list"},
	{repo + "/pulls?state=all", "list"}, {repo + "/releases", "list"}, {repo + "/milestones", "list"},
	{repo + "/rulesets", "list"},
	{repo + "/commits/main/check-runs", "check_runs"}, {repo + "/actions/runs", "workflow_runs"},
	{repo + "/git/matching-refs/heads/", "list"}, {repo + "/branches", "list"}, {repo + "/tags", "list"},
}

func (st *stage) counts() []int {
	st.t.Helper()
	var out []int
	for _, l := range lists {
		out = append(out, len(st.app(200, "GET", l.path, nil)[l.under].([]any)))
	}
	return out
}

// everyKind makes one of each that lags, and gives their addresses.
func (st *stage) everyKind() (addresses []string) {
	st.t.Helper()
	made := func(at, field string, out map[string]any) {
		addresses = append(addresses, repo+at+text(out[field]))
	}
	head := st.branch("main")
	made("/issues/", "number", st.app(201, "POST", repo+"/issues", m{"title": "new"}))
	made("/issues/comments/", "id", st.app(201, "POST", repo+"/issues/1/comments", m{"body": "new"}))
	st.app(201, "POST", repo+"/git/refs", m{"ref": "refs/heads/new", "sha": st.branch("topic")})
	made("/pulls/", "number", st.app(201, "POST", repo+"/pulls", m{"title": "new", "head": "new", "base": "main"}))
	made("/releases/", "id", st.app(201, "POST", repo+"/releases", m{"tag_name": "v9.0.0", "target_commitish": "main"}))
	made("/milestones/", "number", st.app(201, "POST", repo+"/milestones", m{"title": "new"}))
	made("/rulesets/", "id", st.app(201, "POST", repo+"/rulesets", m{
		"name": "new", "target": "branch", "enforcement": "disabled", "rules": []m{{"type": "update"}},
		"conditions": m{"ref_name": m{"include": []string{"refs/heads/x"}, "exclude": []string{}}},
	}))
	made("/check-runs/", "id", st.app(201, "POST", repo+"/check-runs", m{
		"name": "new", "head_sha": head, "status": "completed", "conclusion": "success",
	}))
	return append(addresses, repo+"/git/ref/heads/new", repo+"/git/ref/tags/v9.0.0", repo+"/releases/tags/v9.0.0")
}

func TestListsShowWhatWasCreatedAWhileAgo(t *testing.T) {
	st, move := lagging(t)
	before := st.counts()
	st.Lag(5 * time.Second)
	addresses := st.everyKind()
	move(4999 * time.Millisecond)
	want(t, st.counts(), before, "the lists while they lag")
	for _, address := range addresses {
		st.app(200, "GET", address, nil)
	}
	move(time.Millisecond)
	after := st.counts()
	for i, l := range lists {
		if after[i] <= before[i] {
			t.Errorf("%s had %d and has %d", l.path, before[i], after[i])
		}
	}
}

func TestWhatWasJustCreatedIsNotFoundForAWhile(t *testing.T) {
	st, move := lagging(t)
	st.LagSingle(time.Second)
	addresses := st.everyKind()
	for _, address := range addresses {
		st.app(404, "GET", address, nil)
	}
	st.app(200, "PATCH", addresses[0], m{"title": "a write finds it"})
	st.app(200, "GET", repo+"/issues/1", nil)
	move(time.Second)
	for _, address := range addresses {
		st.app(200, "GET", address, nil)
	}
	st.LagSingle(0)
	out := st.app(201, "POST", repo+"/issues", m{"title": "newer"})
	st.app(200, "GET", repo+"/issues/"+text(out["number"]), nil)
}

func TestEachThingIsListedAtItsOwnTime(t *testing.T) {
	st, move := lagging(t)
	var delay time.Duration
	st.LagEach(5*time.Second, func() time.Duration { return delay })
	for _, delay = range []time.Duration{0, time.Second, time.Hour} {
		st.app(201, "POST", repo+"/milestones", m{"title": "after " + delay.String()})
	}
	count := func() int { return len(st.app(200, "GET", repo+"/milestones", nil)["list"].([]any)) }
	first := count()
	move(time.Second)
	second := count()
	move(4 * time.Second) // the longest, whatever was drawn
	if third := count(); second != first+1 || third != second+1 {
		t.Errorf("of three milestones the list held %d, then %d, then %d", first, second, third)
	}
}
