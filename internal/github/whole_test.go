package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

// short promises more bytes than it sends.
func short(body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+20))
		fmt.Fprint(w, body)
	}
}

// A page of the answer without its end once stayed in the cache, and was served on each 304 until the next start.
func TestABrokenAnswerIsNeverKept(t *testing.T) {
	for name, broken := range map[string]func(http.ResponseWriter){
		"cut short":                  short(`{"default_branch":"wrong"}`),
		"cut short without a length": says(200, `{"default_branch":"wr`, "ETag", `"1"`),
		"a page of a proxy":          says(200, `<html>sign in</html>`, "ETag", `"1"`, "Content-Type", "text/html"),
		"nothing":                    says(200, ``, "ETag", `"1"`),
	} {
		t.Run(name, func(t *testing.T) {
			conditions := 0
			first := true
			f, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
				if r.Header.Get("If-None-Match") != "" {
					conditions++
				}
				w.Header().Set("ETag", `"1"`)
				if first {
					first = false
					broken(w)
					return
				}
				fmt.Fprint(w, `{"default_branch":"main"}`)
			})
			same(t, "main", must(app.Installation(1).DefaultBranch(OneJob(t.Context()), "a/b"))(t))
			same(t, []time.Duration{time.Second}, f.slept)
			same(t, 0, conditions)
		})
	}
}

func TestAnAnswerThatStaysBrokenIsAnError(t *testing.T) {
	_, app := open(t, Pace{}, func(w http.ResponseWriter, _ *http.Request, _ string) { fmt.Fprint(w, `<html>`) })
	_, err := app.Installation(1).DefaultBranch(t.Context(), "a/b")
	same(t, "read the default branch of a/b: GitHub's answer is broken: it is not JSON", fmt.Sprint(err))
}

func TestAWriteWhoseAnswerSaysNothingIsUnknown(t *testing.T) {
	for name, write := range map[string]func(context.Context, step.GitHub) error{
		"comment": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.CreateComment(ctx, "a/b", 1, "x")
			return err
		},
		"edit":     func(ctx context.Context, gh step.GitHub) error { return gh.EditComment(ctx, "a/b", 1, "x") },
		"reaction": func(ctx context.Context, gh step.GitHub) error { return gh.React(ctx, "a/b", 1, "eyes") },
		"body":     func(ctx context.Context, gh step.GitHub) error { return gh.EditBody(ctx, "a/b", 1, "x") },
		"close":    func(ctx context.Context, gh step.GitHub) error { return gh.CloseIssue(ctx, "a/b", 1) },
		"branch":   func(ctx context.Context, gh step.GitHub) error { return gh.CreateBranch(ctx, "a/b", "x", "s") },
		"tag": func(ctx context.Context, gh step.GitHub) error {
			return gh.CreateTag(ctx, "a/b", "x", "s", "first")
		},
		"forward": func(ctx context.Context, gh step.GitHub) error { return gh.FastForward(ctx, "a/b", "x", "s") },
		"commit": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.CreateCommit(ctx, "a/b", step.Commit{})
			return err
		},
		"tree": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.CreateTree(ctx, "a/b", "t", nil)
			return err
		},
		"merge": func(ctx context.Context, gh step.GitHub) error {
			_, _, err := gh.Merge(ctx, "a/b", "x", "y", "")
			return err
		},
		"pull": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.OpenPull(ctx, "a/b", step.Pull{})
			return err
		},
		"ruleset": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.CreateRuleset(ctx, "a/b", step.Ruleset{})
			return err
		},
		"check": func(ctx context.Context, gh step.GitHub) error {
			return gh.CreateCheck(ctx, "a/b", "s", step.Check{})
		},
		"generated notes": func(ctx context.Context, gh step.GitHub) error {
			_, _, err := gh.GenerateNotes(ctx, "a/b", "1", "", "")
			return err
		},
		"draft": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.CreateDraft(ctx, "a/b", step.Published{})
			return err
		},
		"publish": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.Publish(ctx, "a/b", 1, "true")
			return err
		},
		"milestone": func(ctx context.Context, gh step.GitHub) error {
			_, err := gh.CreateMilestone(ctx, "a/b", step.Milestone{})
			return err
		},
		"due": func(ctx context.Context, gh step.GitHub) error {
			return gh.EditMilestone(ctx, "a/b", step.Milestone{Number: 1})
		},
		"set":   func(ctx context.Context, gh step.GitHub) error { return gh.SetMilestone(ctx, "a/b", 1, 1) },
		"label": func(ctx context.Context, gh step.GitHub) error { return gh.CreateLabel(ctx, "a/b", step.Label{}) },
		"fold":  func(ctx context.Context, gh step.GitHub) error { return gh.Minimize(ctx, "a/b", "IC_1") },
	} {
		for kind, answer := range map[string]func(http.ResponseWriter){
			"{}": says(200, `{}`), "empty": says(201, ``), "cut short": short(`{"id":1`), "half": says(200,
				`{"id":1,"number":1,"ref":"refs`),
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				f, app := open(t, Pace{}, func(w http.ResponseWriter, _ *http.Request, _ string) { answer(w) })
				var recorded []Made
				ctx := Recalling(t.Context(),
					NewWritten(nil, func(m Made) error { recorded = append(recorded, m); return nil }))
				err := write(ctx, app.Installation(1))
				if unknown, ok := errors.AsType[*Unknown](err); !ok || unknown.What == "" ||
					!strings.Contains(err.Error(), "is not known") {
					t.Errorf("want that it is not known, got %v", err)
				}
				same(t, 1, len(f.requests()))
				same(t, []Made(nil), recorded)
			})
		}
	}
}

func TestAMergeThatHadNothingToDoIsKnown(t *testing.T) {
	_, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprint(w, `{"ref":"refs/heads/x","object":{"sha":"s"},"sha":"s"}`)
	})
	c, conflict, err := app.Installation(1).Merge(t.Context(), "a/b", "x", "y", "")
	same(t, "s", must(c, err)(t).SHA)
	same(t, false, conflict)
}
