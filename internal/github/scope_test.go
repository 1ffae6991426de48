package github_test

import (
	"testing"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release/step"
)

func TestATokenReachesWhatItWasAskedFor(t *testing.T) {
	w := newWorld(t)
	id := must1(w.app.FindInstallation(t.Context(), repo))(t)
	app, _, err := w.app.RepositoryNamed(t.Context(), id, repo)
	must0(t, err)
	read := w.app.Client(github.Scope{Installation: id, Repos: []int64{app.ID},
		Permissions: map[string]string{"contents": "read"}})
	if _, _, err := read.Branch(t.Context(), repo, "main"); err != nil {
		t.Error(err)
	}
	if err := read.CreateBranch(t.Context(), repo, "x", w.head(t, "main")); err == nil {
		t.Error("a token that reads has written")
	}
	if _, err := read.Milestones(t.Context(), repo); err == nil {
		t.Error("a token for contents has read issues")
	}
	if same := w.app.Client(github.Scope{Installation: id, Repos: []int64{app.ID},
		Permissions: map[string]string{"contents": "read"}}); same != read {
		t.Error("the same scope has another client")
	}
	outside := w.app.Client(github.Scope{Installation: id, Repos: []int64{app.ID + 1000},
		Permissions: map[string]string{"contents": "read"}})
	if _, _, err := outside.Branch(t.Context(), repo, "main"); err == nil {
		t.Error("there is a token for a repository that does not exist")
	}
}

// GitHub refuses a token altogether when one of its permissions was not granted.
func TestWhatWasNotGrantedIsNotAskedFor(t *testing.T) {
	w := newWorld(t, "checks")
	id := must1(w.app.FindInstallation(t.Context(), repo))(t)
	app, _, err := w.app.RepositoryNamed(t.Context(), id, repo)
	must0(t, err)
	gh := w.app.Client(github.Scope{Installation: id, Repos: []int64{app.ID},
		Permissions: map[string]string{"contents": "write", "checks": "write"}})
	must0(t, gh.CreateBranch(t.Context(), repo, "x", w.head(t, "main")))
	err = gh.CreateCheck(t.Context(), repo, w.head(t, "main"), step.Check{Name: "x"})
	if f, ok := github.Explain(err); !ok || !f.Final || f.Permission != "checks: write" {
		t.Errorf("without the permission: %+v %v", f, err)
	}
}
