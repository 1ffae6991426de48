package step_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

var today = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// world is a sandbox and the bot's client of it: the kinds are tried on real repositories.
type world struct {
	t   *testing.T
	st  *demo.Stage
	gh  step.GitHub
	app *github.App
	// installation is that of the organisation.
	installation int64
	fail         int // the write to break, counted from 1; 0 breaks none
	lost         bool
	wrote        int
}

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/access_tokens") {
		return http.DefaultTransport.RoundTrip(r)
	}
	w.wrote++
	if w.wrote != w.fail {
		return http.DefaultTransport.RoundTrip(r)
	}
	if w.lost {
		if resp, err := http.DefaultTransport.RoundTrip(r); err == nil {
			_ = resp.Body.Close()
		}
	}
	return nil, context.DeadlineExceeded
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	st, err := demo.Ground(t.Context(), demo.StageOptions{Clock: func() time.Time { return today },
		TokenLife: 50 * 365 * 24 * time.Hour, Log: zerolog.Nop(), Seed: demo.FalcoLibs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	app, err := github.New(github.Config{
		AppID: 4711, PrivateKey: st.Key, V3URL: st.URL +
			"/api/v3/", UserAgent: "test", Clock: time.Now, Log: zerolog.Nop(), Transport: w,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.st, w.app, w.installation = st, app, st.Sandbox.InstallationOf("falcosecurity")
	w.gh = app.Client(github.Scope{Installation: w.installation})
	return w
}

func (w *world) snap() sandbox.Snapshot {
	snap, err := w.st.Sandbox.Snapshot(w.t.Context(), demo.Libs)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range snap.Releases {
		snap.Releases[i].Body = strings.ReplaceAll(snap.Releases[i].Body, w.st.URL, "https://github.test")
	}
	for i := range snap.Issues { // ids differ between runs, texts do not
		for j := range snap.Issues[i].Comments {
			snap.Issues[i].Comments[j].ID = 0
		}
	}
	return snap
}

func (w *world) head(branch string) string { return w.snap().Branches[branch] }

func (w *world) input() step.Input {
	return step.Input{
		Key: "falcosecurity/libs#1/0.21.0/phase.1/id", Repo: demo.Libs, Issue: 1, Version: "0.21.0",
		Now: today, AppID: 4711, AppSlug: "slipway",
	}
}

// effects is each kind with parameters that it can carry out in a fresh world. Params may look at the world, and
// before may change it.
var effects = []struct {
	before func(w *world)
	does   func(w *world) params.Any
	plan   []string // the sentences, <sha> for any SHA
}{
	{nil, does(params.CreateMilestone{Title: "0.30.0", Due: "2026-12-18"}),
		[]string{"create milestone 0.30.0, due 2026-12-18"}},
	{nil, does(params.CreateMilestone{Title: "0.21.0", Due: "2026-12-18"}),
		[]string{"set the due date of milestone 0.21.0 to 2026-12-18"}},
	{nil, does(params.RenameMilestone{From: "0.21.0", To: "0.21.1"}), []string{"rename milestone 0.21.0 to 0.21.1"}},
	{nil, does(params.CloseMilestone{Title: "0.21.0"}), []string{"close milestone 0.21.0"}},
	{nil, does(params.RollMilestone{From: "0.21.0", To: "0.22.0", What: "pulls", Create: true}),
		[]string{"create milestone 0.22.0", "move #2, #3 from milestone 0.21.0 to 0.22.0, and list them in a comment"}},
	{func(w *world) {
		w.do(params.RollMilestone{From: "0.21.0", To: "0.22.0", What: "pulls", Create: true})
	},
		does(params.UnrollMilestone{Moves: []params.Move{{Item: 2, From: 1}, {Item: 3, From: 1}}}), []string{
			"move #2 back to its milestone", "move #3 back to its milestone"}},
	{nil,
		func(w *world) params.Any { return params.CreateBranch{Branch: "release/0.21.x", SHA: w.head("master")} },
		[]string{"create branch release/0.21.x at <sha>"}},
	{nil, does(params.ProtectBranch{Branch: "release/0.20.x"}),
		[]string{"protect branch release/0.20.x with a ruleset: no deletion, no force pushes"}},
	{nil, does(params.LockBranch{Branch: "master", Allow: "exceptions"}),
		[]string{"freeze branch master with a ruleset: pull requests need the check slipway/freeze, which only an " +
			"exception passes"}},
	{nil, does(params.LockBranch{Branch: "master", Allow: "nobody"}),
		[]string{"lock branch master with a ruleset: only Slipway can update it"}},
	{func(w *world) { w.do(params.LockBranch{Branch: "master", Allow: "exceptions"}) },
		does(params.UnlockBranch{Branch: "master"}),
		[]string{`unlock branch master: delete the ruleset "Slipway freeze of master (#1)"`}},
	{nil, does(params.ExemptPull{Pull: 2, Reason: "it crashes", By: "maria", Milestone: "0.21.0"}),
		[]string{"allow #2 at <sha> during the code freeze"}},
	{merge("merge"), does(params.CherryPick{Pull: 2, Branch: "release/0.20.x"}),
		[]string{"cherry-pick #2 into release/0.20.x"}},
	{merge("squash"), does(params.CherryPick{Pull: 2, Branch: "release/0.20.x"}),
		[]string{"cherry-pick #2 into release/0.20.x"}},
	{merge("rebase"), does(params.CherryPick{Pull: 2, Branch: "release/0.20.x"}),
		[]string{"cherry-pick #2 into release/0.20.x"}},
	{nil,
		func(w *world) params.Any { return params.CreateTag{Tag: "a/v1.0.0", SHA: w.head("master")} },
		[]string{"create tag a/v1.0.0 at <sha>"}},
	{nil, func(w *world) params.Any {
		return params.CreateTag{Tag: "9.0.0+driver", SHA: w.head("master"), Message: "annotated"}
	}, []string{"create tag 9.0.0+driver at <sha>"}},
	{nil, func(w *world) params.Any {
		return params.DraftRelease{Tag: "0.21.0", Name: "0.21.0", Target: w.head("master"), Notes: "generate",
			Previous: "0.20.0"}
	}, []string{"draft release 0.21.0 at <sha>, with notes since 0.20.0"}},
	{func(w *world) {
		w.do(params.CreateTag{Tag: "0.21.0", SHA: w.head("master")})
		w.do(params.DraftRelease{Tag: "0.21.0", Name: "0.21.0", Target: w.head("master"), Notes: "none"})
	}, func(w *world) params.Any {
		return params.PublishRelease{Tag: "0.21.0", SHA: w.head("master"), Latest: "auto", IsLatest: "true"}
	}, []string{"publish release 0.21.0 as the latest release"}},
	{nil,
		does(params.OpenPull{Edits: "driver/API_VERSION line 8.0.4\ndriver/SCHEMA_VERSION line 3.6.2",
			Branch: "slipway/bump", Base: "master", Title: "update: raise the versions", Body: "Both."}),
		[]string{"write 8.0.4 to driver/API_VERSION, on branch slipway/bump",
			"write 3.6.2 to driver/SCHEMA_VERSION, on branch slipway/bump", `open pull request "update: raise the ` +
				`versions" from slipway/bump into master`}},
	{aWorkflow, func(w *world) params.Any {
		return params.RunWorkflow{Workflow: "build.yaml", SHA: w.head("master"), Ref: "master"}
	}, []string{"run workflow build.yaml on master, at <sha>"}},
	{func(w *world) {
		w.do(params.DraftRelease{Tag: "0.21.0", Name: "0.21.0", Target: w.head("master"), Notes: "none"})
	}, does(params.DeleteDraft{Tag: "0.21.0"}), []string{"delete the draft of 0.21.0"}},
}

// aWorkflow is one that is started by hand and has two jobs.
func aWorkflow(w *world) {
	w.commit("master", "master", "ci: build", ".github/workflows/build.yaml",
		"name: Build\non: workflow_dispatch\njobs:\n  compile: {}\n  publish: {needs: compile}\n")
}

func does(p params.Any) func(*world) params.Any { return func(*world) params.Any { return p } }

func merge(method string) func(*world) {
	return func(w *world) {
		if err := w.st.Sandbox.As(demo.Maria).MergePull(w.t.Context(), demo.Libs, 2, method); err != nil {
			w.t.Fatal(err)
		}
	}
}

// do carries a kind out, as the engine does.
func (w *world) do(does params.Any) step.Outcome {
	w.t.Helper()
	k, in := step.For(w.gh, does), w.input()
	for range 5 {
		o, err := k.Observe(w.t.Context(), in)
		if err == nil && o.State != step.Absent {
			return o
		}
		if err == nil {
			_ = k.Act(w.t.Context(), in) // a broken write is what the next look is for
		}
	}
	w.t.Fatalf("%s is not done after five tries", does.Kind())
	return step.Outcome{}
}

func TestEachKindPlansActsAndSeesItsEffect(t *testing.T) {
	for _, e := range effects {
		t.Run(strings.Join(e.plan, ", "), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if e.before != nil {
				e.before(w)
			}
			does := e.does(w)
			k, in := step.For(w.gh, does), w.input()
			before := w.snap()
			planned, err := k.Plan(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			var sentences []string
			for _, p := range planned {
				text := p.Text
				text = regexp.MustCompile("`[0-9a-f]{40}`").ReplaceAllString(text, "<sha>")
				sentences = append(sentences, text)
			}
			if diff := cmp.Diff(e.plan, sentences); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if o, err := k.Observe(t.Context(), in); err != nil || o.State != step.Absent {
				t.Errorf("before: %v %v, want absent", o, err)
			}
			if diff := cmp.Diff(before, w.snap()); diff != "" {
				t.Errorf("planning and observing wrote something:\n%s", diff)
			}
			if o := w.do(does); (o.State != step.Done || o.Receipt.Text == "") &&
				(o.State != step.Waiting || o.Why == "") {
				t.Errorf("after: %+v, want done with a receipt, or what is waited for", o)
			}
			done := w.snap()
			if diff := cmp.Diff(before, done); diff == "" {
				t.Error("nothing changed")
			}
			writes := w.wrote
			w.do(does)
			if w.wrote != writes {
				t.Errorf("doing it again wrote %d times", w.wrote-writes)
			}
			// Each write of it, broken before and after it took effect, ends in the same place.
			for n := 1; n <= writes; n++ {
				for _, lost := range []bool{false, true} {
					v := newWorld(t)
					if e.before != nil {
						e.before(v)
					}
					v.fail, v.lost, v.wrote = n, lost, 0
					v.do(e.does(v))
					if diff := cmp.Diff(done, v.snap()); diff != "" {
						t.Errorf("with write %d broken (lost answer: %t) it ends elsewhere (-undisturbed "+
							"+disturbed):\n%s", n, lost, diff)
					}
				}
			}
		})
	}
}

// A kind gets a token of its own repository and the permissions that it declares. With that it does all of its work,
// and there is none among them that it has no use for.
func TestEachKindNeedsThePermissionsThatItDeclares(t *testing.T) {
	// What these need only in cases that are not tried here: the drafts of a run that failed are deleted, and a pull
	// request is put into a milestone.
	used := map[string]map[string]string{"run-workflow": {"contents": "write"}, "exempt-pull": {"issues": "write"}}
	for _, e := range effects {
		w := newWorld(t)
		if e.before != nil {
			e.before(w)
		}
		does := e.does(w)
		var libs struct{ ID int64 }
		if err := w.st.Sandbox.As(demo.Maria).Do(t.Context(), "GET", "/repos/"+demo.Libs, nil, &libs); err != nil {
			t.Fatal(err)
		}
		w.gh = w.app.Client(github.Scope{Installation: w.installation, Repos: []int64{libs.ID},
			Permissions: step.Permissions(does.Kind())})
		earlier := len(w.st.Sandbox.Tokens())
		if _, err := step.For(w.gh, does).Plan(t.Context(), w.input()); err != nil {
			t.Errorf("%s: %v", does.Kind(), err)
		}
		if o := w.do(does); o.State != step.Done && o.State != step.Waiting {
			t.Errorf("%s: %+v", does.Kind(), o)
		}
		if used[does.Kind()] == nil {
			used[does.Kind()] = map[string]string{}
		}
		for _, token := range w.st.Sandbox.Tokens()[earlier:] {
			for name, level := range token.Used {
				if name != "metadata" && used[does.Kind()][name] != "write" {
					used[does.Kind()][name] = level
				}
			}
		}
	}
	for kind, needed := range used {
		if diff := cmp.Diff(step.Permissions(kind), needed); diff != "" {
			t.Errorf("%s (-declared +needed):\n%s", kind, diff)
		}
	}
}

func TestWhatMustNotBeOverwrittenIsAConflict(t *testing.T) {
	for _, tc := range []struct {
		name     string
		before   func(w *world)
		does     func(w *world) params.Any
		why, fix string
	}{
		{"a tag at another commit", nil,
			func(w *world) params.Any { return params.CreateTag{Tag: "0.20.0", SHA: w.head("master")} },
			"the tag 0.20.0 already exists", "/release abort REASON"},
		{"a branch that lacks the commit", nil, func(w *world) params.Any {
			return params.CreateBranch{Branch: "release/0.20.x", SHA: w.head("master")}
		}, "does not contain", "/release retry id"},
		{"a closed milestone", func(w *world) { w.do(params.CloseMilestone{Title: "0.21.0"}) },
			does(params.CreateMilestone{Title: "0.21.0"}), "is closed", "/release retry"},
		{"a milestone that is not there", nil, does(params.CloseMilestone{Title: "7.0.0"}),
			"there is no milestone 7.0.0",
			"/release skip"},
		{"a draft of somebody else", func(w *world) {
			if _, err := w.gh.CreateDraft(w.t.Context(), demo.Libs,
				step.Published{Tag: "0.21.0", Name: "mine", Target: "master"}); err != nil {
				w.t.Fatal(err)
			}
		}, does(params.DraftRelease{Tag: "0.21.0", Name: "0.21.0",
			Target: "master"}), "that Slipway did not make", "/release retry id"},
		{"a release that was published by hand", nil,
			does(params.DraftRelease{Tag: "0.20.0", Name: "0.20.0",
				Target: "master"}), "was already published", "/release skip id"},
		{"no draft to publish", nil, does(params.PublishRelease{Tag: "0.21.0", Latest: "true"}),
			"the draft of 0.21.0 does not exist any more", "/release abort"},
		{"a published release whose tag is elsewhere", nil, func(w *world) params.Any {
			return params.PublishRelease{Tag: "0.20.0", SHA: w.head("master"), Latest: "true"}
		}, "its tag is at", "never moved"},
		{"a pull request that is closed", func(w *world) {
			if err := w.st.Sandbox.As(demo.Maria).EditIssue(w.t.Context(), demo.Libs, 3,
				map[string]any{"state": "closed"}); err != nil {
				w.t.Fatal(err)
			}
		}, does(params.CherryPick{Pull: 3,
			Branch: "release/0.20.x"}), "closed without being merged", "/release skip id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tc.before != nil {
				tc.before(w)
			}
			before := w.snap()
			o := w.do(tc.does(w))
			if o.State != step.Conflict || !strings.Contains(o.Why, tc.why) || !strings.Contains(o.Fix, tc.fix) {
				t.Errorf("saw %+v, want a conflict with %q and %q", o, tc.why, tc.fix)
			}
			if diff := cmp.Diff(before, w.snap()); diff != "" {
				t.Errorf("something was written:\n%s", diff)
			}
		})
	}
}

func TestAPickWaitsForItsMerge(t *testing.T) {
	w := newWorld(t)
	o, err := step.For(w.gh, params.CherryPick{Pull: 2, Branch: "release/0.20.x"}).Observe(t.Context(), w.input())
	if err != nil || o.State != step.Waiting || !strings.Contains(o.Why, "#2 to be merged into master") {
		t.Errorf("saw %+v %v, want it to wait", o, err)
	}
}

func TestAPickKeepsTheAuthorAndNamesItsOrigin(t *testing.T) {
	w := newWorld(t)
	merge("squash")(w)
	w.do(params.CherryPick{Pull: 2, Branch: "release/0.20.x"})
	picked, err := w.gh.Commit(t.Context(), demo.Libs, w.head("release/0.20.x"))
	if err != nil {
		t.Fatal(err)
	}
	origin := "(cherry picked from commit " + w.head("master") + ")"
	if picked.Author.Name != demo.Outsider || !strings.HasSuffix(picked.Message, "\n\n"+origin) {
		t.Errorf("the pick is by %s, with the message\n%s\nand should be by %s and end with %s", picked.Author.Name,
			picked.Message, demo.Outsider, origin)
	}
	for branch := range w.snap().Branches {
		if strings.HasPrefix(branch, "slipway/") {
			t.Errorf("the scratch branch %s is left", branch)
		}
	}
}
