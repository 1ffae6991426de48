package step_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/sandbox"
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

func (w *world) input(with map[string]string) step.Input {
	return step.Input{
		Key: "falcosecurity/libs#1/0.21.0/phase.1/id", Repo: demo.Libs, Issue: 1, With: with, Version: "0.21.0",
		Now: today, AppID: 4711, AppSlug: "slipway",
	}
}

// effects is each kind with parameters that it can carry out in a fresh world. Params may look at the world, and
// before may change it.
var effects = []struct {
	kind   string
	before func(w *world)
	with   func(w *world) map[string]string
	plan   []string // the sentences, <sha> for any SHA
}{
	{"create-milestone", nil, with("title", "0.30.0", "due", "2026-12-18"),
		[]string{"create milestone 0.30.0, due 2026-12-18"}},
	{"create-milestone", nil, with("title", "0.21.0", "due", "2026-12-18"),
		[]string{"set the due date of milestone 0.21.0 to 2026-12-18"}},
	{"rename-milestone", nil, with("from", "0.21.0", "to", "0.21.1"), []string{"rename milestone 0.21.0 to 0.21.1"}},
	{"close-milestone", nil, with("title", "0.21.0"), []string{"close milestone 0.21.0"}},
	{"roll-milestone", nil, with("from", "0.21.0", "to", "0.22.0", "what", "pulls", "create", "true"),
		[]string{"create milestone 0.22.0", "move #2, #3 from milestone 0.21.0 to 0.22.0, and list them in a comment"}},
	{"unroll-milestone", func(w *world) {
		w.do("roll-milestone", with("from", "0.21.0", "to", "0.22.0", "what", "pulls", "create", "true")(w))
	},
		with("moves", "2 1\n3 1"), []string{"move #2 back to its milestone", "move #3 back to its milestone"}},
	{"create-branch", nil,
		func(w *world) map[string]string { return with("branch", "release/0.21.x", "sha", w.head("master"))(w) },
		[]string{"create branch release/0.21.x at <sha>"}},
	{"protect-branch", nil, with("branch", "release/0.20.x"),
		[]string{"protect branch release/0.20.x with a ruleset: no deletion, no force pushes"}},
	{"lock-branch", nil, with("branch", "master", "allow", "exceptions"),
		[]string{"freeze branch master with a ruleset: pull requests need the check slipway/freeze, which only an " +
			"exception passes"}},
	{"lock-branch", nil, with("branch", "master", "allow", "nobody"),
		[]string{"lock branch master with a ruleset: only Slipway can update it"}},
	{"unlock-branch", func(w *world) { w.do("lock-branch", with("branch", "master", "allow", "exceptions")(w)) },
		with("branch", "master"),
		[]string{`unlock branch master: delete the ruleset "Slipway freeze of master (#1)"`}},
	{"exempt-pull", nil, with("pull", "2", "reason", "it crashes", "by", "maria", "milestone", "0.21.0"),
		[]string{"allow #2 at `94ccf27fb7687ba216a982eb77c35df164e0d18a` during the code freeze"}},
	{"cherry-pick", merge("merge"), with("pull", "2", "branch", "release/0.20.x"),
		[]string{"cherry-pick #2 into release/0.20.x"}},
	{"cherry-pick", merge("squash"), with("pull", "2", "branch", "release/0.20.x"),
		[]string{"cherry-pick #2 into release/0.20.x"}},
	{"cherry-pick", merge("rebase"), with("pull", "2", "branch", "release/0.20.x"),
		[]string{"cherry-pick #2 into release/0.20.x"}},
	{"create-tag", nil,
		func(w *world) map[string]string { return with("tag", "a/v1.0.0\nb/v1.0.0", "sha", w.head("master"))(w) },
		[]string{"create tag a/v1.0.0 at <sha>", "create tag b/v1.0.0 at <sha>"}},
	{"create-tag", nil, func(w *world) map[string]string {
		return with("tag", "9.0.0+driver", "sha", w.head("master"), "message", "annotated")(w)
	}, []string{"create tag 9.0.0+driver at <sha>"}},
	{"draft-release", nil, func(w *world) map[string]string {
		return with("tag", "0.21.0", "name", "0.21.0", "target", w.head("master"), "notes", "generate", "previous",
			"0.20.0")(w)
	}, []string{"draft release 0.21.0 at <sha>, with notes since 0.20.0"}},
	{"publish-release", func(w *world) {
		w.do("create-tag", with("tag", "0.21.0", "sha", w.head("master"))(w))
		w.do("draft-release", with("tag", "0.21.0", "name", "0.21.0", "target", w.head("master"), "notes", "none")(w))
	}, func(w *world) map[string]string {
		return with("tag", "0.21.0", "sha", w.head("master"), "latest", "auto", "is_latest", "true")(w)
	}, []string{"publish release 0.21.0 as the latest release"}},
	{"open-pull", nil, with("edits", "driver/API_VERSION line 8.0.4\ndriver/SCHEMA_VERSION line 3.6.2", "branch",
		"slipway/bump", "base", "master", "title", "update: raise the versions", "body", "Both."),
		[]string{"write 8.0.4 to driver/API_VERSION, on branch slipway/bump",
			"write 3.6.2 to driver/SCHEMA_VERSION, on branch slipway/bump", `open pull request "update: raise the ` +
				`versions" from slipway/bump into master`}},
	{"run-workflow", aWorkflow, func(w *world) map[string]string {
		return with("workflow", "build.yaml", "sha", w.head("master"), "ref", "master")(w)
	}, []string{"run workflow build.yaml on master, at <sha>"}},
	{"delete-draft", func(w *world) {
		w.do("draft-release", with("tag", "0.21.0", "name", "0.21.0", "target", w.head("master"), "notes", "none")(w))
	}, with("tag", "0.21.0"), []string{"delete the draft of 0.21.0"}},
	{"comment", nil, with("body", "hello"), []string{"comment on the tracking issue"}},
}

// aWorkflow is one that is started by hand and has two jobs.
func aWorkflow(w *world) {
	w.commit("master", "master", "ci: build", ".github/workflows/build.yaml",
		"name: Build\non: workflow_dispatch\njobs:\n  compile: {}\n  publish: {needs: compile}\n")
}

func with(pairs ...string) func(*world) map[string]string {
	return func(*world) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
}

func merge(method string) func(*world) {
	return func(w *world) {
		if err := w.st.Sandbox.As(demo.Maria).MergePull(w.t.Context(), demo.Libs, 2, method); err != nil {
			w.t.Fatal(err)
		}
	}
}

// do carries a kind out, as the engine does.
func (w *world) do(kind string, with map[string]string) step.Outcome {
	w.t.Helper()
	k, in := step.Kinds(w.gh)[kind], w.input(with)
	for range 5 {
		o, err := k.Observe(w.t.Context(), in)
		if err == nil && o.State != step.Absent {
			return o
		}
		if err == nil {
			_ = k.Act(w.t.Context(), in) // a broken write is what the next look is for
		}
	}
	w.t.Fatalf("%s is not done after five tries", kind)
	return step.Outcome{}
}

func TestEachKindPlansActsAndSeesItsEffect(t *testing.T) {
	for _, e := range effects {
		t.Run(e.kind+" "+strings.Join(e.plan, ", "), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if e.before != nil {
				e.before(w)
			}
			k, in := step.Kinds(w.gh)[e.kind], w.input(e.with(w))
			before := w.snap()
			planned, err := k.Plan(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			var sentences []string
			for _, p := range planned {
				text := p.Text
				for _, name := range []string{"sha", "target"} {
					text = strings.ReplaceAll(text, "`"+in.With[name]+"`", "<sha>")
				}
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
			if o := w.do(e.kind, in.With); (o.State != step.Done || o.Receipt.Text == "") &&
				(o.State != step.Waiting || o.Why == "") {
				t.Errorf("after: %+v, want done with a receipt, or what is waited for", o)
			}
			done := w.snap()
			if diff := cmp.Diff(before, done); diff == "" {
				t.Error("nothing changed")
			}
			writes := w.wrote
			w.do(e.kind, in.With)
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
					v.do(e.kind, e.with(v))
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
		in := e.with(w)
		var libs struct{ ID int64 }
		if err := w.st.Sandbox.As(demo.Maria).Do(t.Context(), "GET", "/repos/"+demo.Libs, nil, &libs); err != nil {
			t.Fatal(err)
		}
		w.gh = w.app.Client(github.Scope{Installation: w.installation, Repos: []int64{libs.ID},
			Permissions: step.Permissions(e.kind)})
		earlier := len(w.st.Sandbox.Tokens())
		if _, err := step.Kinds(w.gh)[e.kind].Plan(t.Context(), w.input(in)); err != nil {
			t.Errorf("%s: %v", e.kind, err)
		}
		if o := w.do(e.kind, in); o.State != step.Done && o.State != step.Waiting {
			t.Errorf("%s: %+v", e.kind, o)
		}
		if used[e.kind] == nil {
			used[e.kind] = map[string]string{}
		}
		for _, token := range w.st.Sandbox.Tokens()[earlier:] {
			for name, level := range token.Used {
				if name != "metadata" && used[e.kind][name] != "write" {
					used[e.kind][name] = level
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
		name, kind string
		before     func(w *world)
		with       func(w *world) map[string]string
		why, fix   string
	}{
		{"a tag at another commit", "create-tag", nil,
			func(w *world) map[string]string { return with("tag", "0.20.0", "sha", w.head("master"))(w) },
			"the tag 0.20.0 already exists", "/release abort REASON"},
		{"a branch that lacks the commit", "create-branch", nil, func(w *world) map[string]string {
			return with("branch", "release/0.20.x", "sha", w.head("master"))(w)
		}, "does not contain", "/release retry id"},
		{"a closed milestone", "create-milestone",
			func(w *world) { w.do("close-milestone", with("title", "0.21.0")(w)) }, with("title",
				"0.21.0"), "is closed", "/release retry"},
		{"a milestone that is not there", "close-milestone", nil, with("title", "7.0.0"), "there is no milestone 7.0.0",
			"/release skip"},
		{"a draft of somebody else", "draft-release", func(w *world) {
			if _, err := w.gh.CreateDraft(w.t.Context(), demo.Libs,
				step.Published{Tag: "0.21.0", Name: "mine", Target: "master"}); err != nil {
				w.t.Fatal(err)
			}
		}, with("tag", "0.21.0", "name", "0.21.0", "target",
			"master"), "that Slipway did not make", "/release retry id"},
		{"a release that was published by hand", "draft-release", nil,
			with("tag", "0.20.0", "name", "0.20.0", "target", "master"), "was already published", "/release skip id"},
		{"no draft to publish", "publish-release", nil, with("tag", "0.21.0", "latest", "true"),
			"the draft of 0.21.0 does not exist any more", "/release abort"},
		{"a published release whose tag is elsewhere", "publish-release", nil, func(w *world) map[string]string {
			return with("tag", "0.20.0", "sha", w.head("master"), "latest", "true")(w)
		}, "its tag is at", "never moved"},
		{"a pull request that is closed", "cherry-pick", func(w *world) {
			if err := w.st.Sandbox.As(demo.Maria).EditIssue(w.t.Context(), demo.Libs, 3,
				map[string]any{"state": "closed"}); err != nil {
				w.t.Fatal(err)
			}
		}, with("pull", "3", "branch", "release/0.20.x"), "closed without being merged", "/release skip id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tc.before != nil {
				tc.before(w)
			}
			before := w.snap()
			o := w.do(tc.kind, tc.with(w))
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
	o, err := step.Kinds(w.gh)["cherry-pick"].Observe(t.Context(),
		w.input(with("pull", "2", "branch", "release/0.20.x")(w)))
	if err != nil || o.State != step.Waiting || !strings.Contains(o.Why, "#2 to be merged into master") {
		t.Errorf("saw %+v %v, want it to wait", o, err)
	}
}

func TestAPickKeepsTheAuthorAndNamesItsOrigin(t *testing.T) {
	w := newWorld(t)
	merge("squash")(w)
	w.do("cherry-pick", with("pull", "2", "branch", "release/0.20.x")(w))
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
