package github

import (
	"errors"
	"net/http"
	"testing"

	"github.com/slipway-dev/slipway/release/step"
)

// 25 calls of one job once made 25 requests for a token that GitHub refuses.
func TestAJobAsksOnceForATokenThatIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		refusal func(http.ResponseWriter)
		jobs    int // requests of two jobs
	}{
		"gone": {says(404, `{}`), 2}, "suspended": {says(403, `{"message":"This installation has been suspended"}`), 2},
		"another key": {says(401, `{}`), 2},
	} {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, refusals())
			for range 9 {
				f.tokens = append(f.tokens, test.refusal)
			}
			gh := app.Installation(1)
			for range 2 {
				ctx := OneJob(t.Context())
				var first error
				for range 3 {
					_, read := gh.DefaultBranch(ctx, "a/b")
					_, write := gh.CreateDraft(ctx, "a/b", step.Published{})
					if _, ok := Explain(errors.Join(read, write)); !ok || read == nil || write == nil {
						t.Errorf("want both refused, got %v and %v", read, write)
					}
					if first == nil {
						first = read
					}
					same(t, first.Error(), read.Error())
				}
			}
			same(t, test.jobs, f.asking)
			same(t, []string(nil), f.asked)
		})
	}
}

func TestATokenIsAskedForAgainWhereGitHubFailed(t *testing.T) {
	f, app := open(t, Pace{}, refusals())
	f.tokens = []func(http.ResponseWriter){says(502, ``), says(502, ``), says(502, ``)}
	ctx := OneJob(t.Context())
	if _, err := app.Installation(1).DefaultBranch(ctx, "a/b"); err == nil {
		t.Error("the failure got lost")
	}
	same(t, "main", must(app.Installation(1).DefaultBranch(ctx, "a/b"))(t))
}

func TestWithoutAnInstallationNothingIsAsked(t *testing.T) {
	f, app := open(t, Pace{}, refusals())
	_, err := app.Installation(0).DefaultBranch(t.Context(), "a/b")
	explained(t, Failure{What: "read the default branch of a/b", Why: "there is no installation",
		Fix: "installs the App", Final: true}, err)
	same(t, 0, f.asking)
}
