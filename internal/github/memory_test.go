package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release/step"
)

// answerAll answers every request with something, each time another.
func answerAll(w http.ResponseWriter, r *http.Request, _ string) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/graphql"):
		fmt.Fprint(w, `{"data":{"minimizeComment":{"minimizedComment":{"isMinimized":true}}}}`)
	case strings.HasSuffix(r.URL.Path, "/labels"), r.Method == http.MethodGet &&
		(strings.HasSuffix(r.URL.Path, "/comments") || strings.HasSuffix(r.URL.Path, "/milestones")):
		fmt.Fprint(w, `[]`)
	default:
		fmt.Fprint(w, `{"id":1,"number":1,"name":"x","ref":"refs/heads/x","default_branch":"main","state":"active",`+
			`"role_name":"admin","sha":"s"}`)
	}
}

// reads are reads of different areas, by the path that each asks for.
func reads(ctx context.Context, gh step.GitHub) error {
	_, _, issue := gh.Issue(ctx, "a/b", 1)
	_, comments := gh.Comments(ctx, "a/b", 1)
	_, _, comment := gh.Comment(ctx, "a/b", 1)
	_, milestones := gh.Milestones(ctx, "A/b")
	_, _, pull := gh.Pull(ctx, "a/b", 1)
	_, _, branch := gh.Branch(ctx, "a/b", "x")
	_, main := gh.DefaultBranch(ctx, "a/b")
	_, other := gh.DefaultBranch(ctx, "a/c")
	_, member := gh.TeamMember(ctx, "a", "t", step.User{Login: "ann", ID: 1})
	return errors.Join(issue, comments, comment, milestones, pull, branch, main, other, member)
}

func TestAJobReadsNothingTwiceUnlessAWriteLiesBetween(t *testing.T) {
	const issue, comments, comment, milestones = "repos/a/b/issues/1", "repos/a/b/issues/1/comments?per_page=100",
		"repos/a/b/issues/comments/1", "repos/A/b/milestones?state=all&per_page=100"
	const pull, branch, main = "repos/a/b/pulls/1", "repos/a/b/git/ref/heads/x", "repos/a/b"
	for name, test := range map[string]struct {
		write func(context.Context, step.GitHub) error
		again []string
	}{
		"nothing written": {func(context.Context, step.GitHub) error { return nil }, nil},
		"a comment": {func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.CreateComment(ctx, "a/b", 1, "x")
			return err
		}, []string{comments, comment}},
		"an edited comment": {func(ctx context.Context, gh step.GitHub) error {
			return gh.EditComment(ctx, "a/b", 1, "x")
		}, []string{comments, comment}},
		"a reaction": {func(ctx context.Context, gh step.GitHub) error { return gh.React(ctx, "a/b", 1, "eyes") },
			[]string{comments, comment}},
		"folding": {func(ctx context.Context, gh step.GitHub) error { return gh.Minimize(ctx, "a/b", "IC_1") },
			[]string{comments, comment}},
		"a label": {func(ctx context.Context, gh step.GitHub) error {
			return gh.AddLabels(ctx, "a/b", 1, []string{"bug"})
		}, []string{issue, comments, comment, milestones, pull}},
		"a milestone": {func(ctx context.Context, gh step.GitHub) error {
			return gh.EditMilestone(ctx, "a/b", step.Milestone{Number: 1})
		}, []string{issue, comments, comment, milestones, pull}},
		"an issue's text": {func(ctx context.Context, gh step.GitHub) error { return gh.EditBody(ctx, "a/b", 1, "x") },
			[]string{issue, comments, comment, milestones, pull}},
		"a branch": {func(ctx context.Context, gh step.GitHub) error { return gh.CreateBranch(ctx, "a/b", "x", "s") },
			[]string{branch, main}},
		"another repository's branch": {func(ctx context.Context, gh step.GitHub) error {
			return gh.CreateBranch(ctx, "a/d", "x", "s")
		}, nil},
		"generated notes": {func(ctx context.Context, gh step.GitHub) error {
			_, _, err := gh.GenerateNotes(ctx, "a/b", "1", "", "")
			return err
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, answerAll)
			gh, ctx := app.Installation(1), OneJob(t.Context())
			if err := errors.Join(reads(ctx, gh), test.write(ctx, gh)); err != nil {
				t.Fatal(err)
			}
			before := len(f.asked)
			for range 2 {
				if err := reads(ctx, gh); err != nil {
					t.Fatal(err)
				}
			}
			var again []string
			for _, asked := range f.asked[before:] {
				again = append(again, strings.TrimPrefix(asked, "GET "))
			}
			same(t, test.again, again)
		})
	}
}

func TestAJobRemembersWhatIsNotThereAndNoFailure(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		asked  int
	}{
		"missing":   {says(404, `{}`), 1},
		"forbidden": {says(403, `{"message":"Resource not accessible by integration"}`), 2},
		"failed":    {says(502, ``), 6},
	} {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, func(w http.ResponseWriter, _ *http.Request, _ string) { test.answer(w) })
			ctx := OneJob(t.Context())
			for range 2 {
				_, _, err := app.Installation(1).Issue(ctx, "a/b", 1)
				same(t, name != "missing", err != nil)
			}
			same(t, test.asked, len(f.asked))
		})
	}
}

func TestAJobKnowsNothingOfAnotherJobOrInstallation(t *testing.T) {
	f, app := open(t, Pace{}, answerAll)
	one := OneJob(t.Context())
	for _, read := range []struct {
		ctx          context.Context
		installation int64
	}{{one, 1}, {OneJob(t.Context()), 1}, {one, 2}, {t.Context(), 1}, {Afresh(one), 1}, {one, 1}} {
		_ = must(app.Installation(read.installation).DefaultBranch(read.ctx, "a/b"))(t)
	}
	same(t, 5, len(f.asked))
}

func TestAnAnswerThatAWriteOvertookIsNotRemembered(t *testing.T) {
	ctx := OneJob(t.Context())
	var gh step.GitHub
	write := true
	f, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.Method == http.MethodGet && write {
			write = false
			if err := gh.EditBody(ctx, "a/b", 1, "x"); err != nil {
				t.Error(err)
			}
		}
		answerAll(w, r, "")
	})
	gh = app.Installation(1)
	for range 2 {
		_, _, err := gh.Issue(ctx, "a/b", 1)
		same(t, error(nil), err)
	}
	same(t, 3, len(f.asked))
}
