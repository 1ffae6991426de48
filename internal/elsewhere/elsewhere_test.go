package elsewhere_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/internal/elsewhere"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/step"
)

// world is a GitHub with some repositories. What is asked of it beyond is a panic.
type world struct {
	step.GitHub
	repos map[string]github.Repository
	files map[string]string // by OWNER/NAME:PATH
	wrote []string
	// brings is what the commits of a branch change.
	brings []string
	broken error
}

func (w *world) Client(github.Scope) step.GitHub { return w }

func (w *world) FindInstallation(_ context.Context, repo string) (int64, error) {
	if _, there := w.repos[strings.ToLower(repo)]; !there {
		return 0, step.ErrGone
	}
	return 2, w.broken
}

func (w *world) RepositoryNamed(_ context.Context, by int64, repo string) (github.Repository, bool, error) {
	r, found := w.repos[strings.ToLower(repo)]
	if !r.Public && by == 1 && r.ID != 10 {
		return github.Repository{}, false, nil
	}
	return r, found, nil
}

func (w *world) File(_ context.Context, repo, path, _ string) ([]byte, bool, error) {
	text, found := w.files[repo+":"+path]
	return []byte(text), found, nil
}

func (w *world) Paths(context.Context, string, string) ([]string, error) {
	return []string{"VERSION", "passwords", "docs/a", "docs/b"}, nil
}

func (w *world) Compare(context.Context, string, string, string) (step.Comparison, error) {
	return step.Comparison{Commits: []step.Commit{{SHA: "c1"}}}, nil
}

func (w *world) CommitFiles(context.Context, string, string) ([]step.File, error) {
	var out []step.File
	for _, path := range w.brings {
		out = append(out, step.File{Path: path})
	}
	return out, nil
}

func (w *world) CreateTree(_ context.Context, repo, _ string, _ map[string]string) (string, error) {
	w.wrote = append(w.wrote, "tree in "+repo)
	return "t1", nil
}

func (w *world) CreateBranch(_ context.Context, repo, name, _ string) error {
	w.wrote = append(w.wrote, "branch "+name+" in "+repo)
	return nil
}

func (w *world) OpenPull(_ context.Context, repo string, _ step.Pull) (step.Pull, error) {
	w.wrote = append(w.wrote, "pull request in "+repo)
	return step.Pull{}, nil
}

func neighbours() *world {
	return &world{
		repos: map[string]github.Repository{
			"acme/app":     {ID: 10, Name: "acme/app"},
			"acme/secret":  {ID: 11, Name: "acme/secret"},
			"acme/site":    {ID: 12, Name: "acme/site", Public: true},
			"acme/old":     {ID: 11, Name: "acme/secret"},
			"acme/.github": {ID: 13, Name: "acme/.github", Public: true},
		},
		files: map[string]string{"acme/secret:VERSION": "1.0.0"},
	}
}

func (w *world) bounds() elsewhere.Bounds {
	return elsewhere.Bounds{Apps: w, Slug: "slipway", Installation: 1, Repo: 10, Name: "acme/app", Process: "app"}
}

func (w *world) lets(repo, text string) {
	w.files[repo+":.github/release.yaml"] = "lets:\n- " + text + "\n"
}

func refused(t *testing.T, err error) {
	t.Helper()
	if _, is := errors.AsType[*elsewhere.Refused](err); !is {
		t.Errorf("it was not refused: %v", err)
	}
}

func TestOnlyFilesThatAreAllowedAreProposed(t *testing.T) {
	w, ctx := neighbours(), t.Context()
	w.lets("acme/site", "{repo: acme/app, pulls: [VERSION, docs/]}")
	gh := w.bounds().GitHub(w, []consent.Use{{Repo: "acme/site", Pulls: []string{"VERSION"}, Branch: "slipway/x"}})
	if _, err := gh.CreateTree(ctx, "acme/site", "t0", map[string]string{"VERSION": "2", "docs/a": "2"}); err != nil {
		t.Error(err)
	}
	_, err := gh.CreateTree(ctx, "acme/site", "t0", map[string]string{"VERSION": "2", "build.sh": "2"})
	refused(t, err)
	refused(t, gh.CreateBranch(ctx, "acme/site", "main2", "c1"))
	w.brings = []string{"VERSION", "build.sh"} // somebody made the branch before
	_, err = gh.OpenPull(ctx, "acme/site", step.Pull{Head: "slipway/x", Base: "main"})
	refused(t, err)
	w.brings = []string{"VERSION"}
	if _, err = gh.OpenPull(ctx, "acme/site", step.Pull{Head: "slipway/x", Base: "main"}); err != nil {
		t.Error(err)
	}
	if want := []string{"tree in acme/site", "pull request in acme/site"}; !slices.Equal(w.wrote, want) {
		t.Errorf("written was %q", w.wrote)
	}
}

func TestConsentIsLookedUpBeforeEachWrite(t *testing.T) {
	w, ctx := neighbours(), t.Context()
	w.lets("acme/site", "{repo: acme/app, pulls: [VERSION]}")
	gh := w.bounds().GitHub(w, []consent.Use{{Repo: "acme/site", Pulls: []string{"VERSION"}, Branch: "slipway/x"}})
	if _, err := gh.CreateTree(ctx, "acme/site", "t0", map[string]string{"VERSION": "2"}); err != nil {
		t.Error(err)
	}
	delete(w.files, "acme/site:.github/release.yaml")
	refused(t, gh.CreateBranch(ctx, "acme/site", "slipway/x", "c1"))
	if want := []string{"tree in acme/site"}; !slices.Equal(w.wrote, want) {
		t.Errorf("written was %q", w.wrote)
	}
}

func TestWhatTheProcessDoesNotSayIsNotDone(t *testing.T) {
	w, ctx := neighbours(), t.Context()
	w.lets("acme/secret", `{repo: acme/app, read: ["*"], pulls: ["*"], releases: true}`)
	gh := w.bounds().GitHub(w, nil)
	if _, err := gh.CreateTree(ctx, "acme/secret", "t0", map[string]string{"VERSION": "2"}); err == nil {
		t.Error("a tree was made")
	}
	if _, err := gh.Commit(ctx, "acme/secret", "c1"); err == nil {
		t.Error("a commit was read")
	}
}

func TestAPrivateRepositoryShowsWhatItAllows(t *testing.T) {
	w, ctx := neighbours(), t.Context()
	uses := []consent.Use{{Repo: "acme/secret", Read: []string{"VERSION", "docs/*"}}}
	gh := w.bounds().GitHub(w, uses)
	_, _, err := gh.File(ctx, "acme/secret", "VERSION", "")
	refused(t, err)
	w.lets("acme/.github", "{repo: acme/app, read: [VERSION, docs/]}")
	content, _, err := gh.File(ctx, "acme/secret", "VERSION", "")
	if err != nil || string(content) != "1.0.0" {
		t.Error(string(content), err)
	}
	_, _, err = gh.File(ctx, "acme/secret", "passwords", "")
	refused(t, err)
	paths, err := gh.Paths(ctx, "acme/secret", "main")
	if want := []string{"VERSION", "docs/a", "docs/b"}; err != nil || !slices.Equal(paths, want) {
		t.Error(paths, err)
	}
}

// The name of a repository can be taken by another one, and a renamed one keeps what it was given.
func TestGrantsAreForTheRepositoryAndNotForItsName(t *testing.T) {
	w, ctx := neighbours(), t.Context()
	uses := []consent.Use{{Repo: "acme/old", Releases: true}}
	w.lets("acme/secret", "{repo: acme/app, releases: true}")
	if closed, err := w.bounds().Closed(ctx, uses); err != nil || len(closed) > 0 {
		t.Error(closed, err)
	}
	w.repos["acme/app"] = github.Repository{ID: 99, Name: "acme/app", Public: true} // ours was renamed, and this is new
	b := w.bounds()
	b.Name = "acme/app2"
	if closed, err := b.Closed(ctx, uses); err != nil || len(closed) != 1 {
		t.Error(closed, err)
	}
	w.repos["acme/app"] = github.Repository{ID: 10, Name: "acme/app2"}
	if closed, err := b.Closed(ctx, uses); err != nil || len(closed) > 0 {
		t.Error(closed, err)
	}
}

// Nobody learns from a refusal whether a private repository exists.
func TestPrivateAndMissingRepositoriesAreRefusedAlike(t *testing.T) {
	w := neighbours()
	text := func(repo string) string {
		closed, err := w.bounds().Closed(t.Context(), []consent.Use{{Repo: repo, Read: []string{"VERSION"}}})
		if err != nil || len(closed) != 1 {
			t.Fatal(closed, err)
		}
		return strings.ReplaceAll(closed[0].Refusal().Markdown(), repo, "REPO")
	}
	missing := text("acme/nothing")
	for _, repo := range []string{"acme/secret"} {
		if got := text(repo); got != missing {
			t.Errorf("%s\nis not\n%s", got, missing)
		}
	}
	w.files["acme/secret:.github/release.yaml"] = "lets: [\n"
	if got := text("acme/secret"); got != missing {
		t.Errorf("with mistakes: %s\nis not\n%s", got, missing)
	}
}

func TestNotKnowingIsNoConsent(t *testing.T) {
	w := neighbours()
	w.broken = errors.New("502")
	if _, err := w.bounds().Closed(t.Context(), []consent.Use{{Repo: "acme/secret", Releases: true}}); err == nil {
		t.Error("it was decided")
	}
}
