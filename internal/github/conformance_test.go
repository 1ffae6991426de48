package github_test

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/sandbox"
	"github.com/slipway-dev/slipway/release/step"
)

// The tests of this file hold step.GitHub, as its doc comments describe it, against the sandbox over HTTP: real
// repositories, App authentication, permissions and rulesets.

const repo = "acme/app"

var today = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

var appKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

type world struct {
	app *github.App
	gh  step.GitHub
	box *sandbox.Server
	url string // of the API
}

// newWorld is a repository with two commits on main, of which 1.0.0+driver is the first, a branch that conflicts with
// main, and one issue. The App lacks the permissions named.
func newWorld(t *testing.T, lacks ...string) world {
	t.Helper()
	key, err := appKey()
	if err != nil {
		t.Fatal(err)
	}
	permissions := map[string]string{
		"metadata": "read", "contents": "write", "issues": "write", "pull_requests": "write", "checks": "write",
		"statuses":       "read",
		"administration": "write", "members": "read", "actions": "write",
	}
	for _, name := range lacks {
		delete(permissions, name)
	}
	var box *sandbox.Server
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		box.Handler().ServeHTTP(w, r)
	}))
	box = sandbox.New(sandbox.Options{
		Dir: t.TempDir(), URL: server.URL, Clock: func() time.Time { return today }, Log: zerolog.Nop(),
		App: sandbox.App{ID: 4711, Slug: "slipway", PublicKey: &key.PublicKey, Permissions: permissions,
			Events: []string{"push", "create", "issues"}},
	})
	t.Cleanup(func() { server.Close(); box.Close() })
	must0(t, box.Seed(t.Context(), sandbox.Seed{
		Org: "acme", Users: []string{"ann", "bob", "eve"}, Teams: map[string][]string{"release": {"ann"}},
		Repos: []sandbox.SeedRepo{{
			Name: "app", DefaultBranch: "main", Collaborators: map[string]string{"ann": "maintain",
				"bob": "triage"}, Labels: []string{"bug"},
			Commits: []sandbox.SeedCommit{
				{Message: "Begin", Author: "ann",
					Files: map[string]string{"VERSION": "1.0.0\n",
						"docs/a b.md": "text\n"}, Tags: []string{"1.0.0+driver"}, Released: true},
				{Message: "Go on", Author: "bob", Files: map[string]string{"VERSION": "1.1.0\n"}},
				{Branch: "other", From: "1.0.0+driver", Message: "Another way", Author: "bob",
					Files: map[string]string{"VERSION": "2.0.0\n"}},
			},
			Issues: []sandbox.SeedIssue{{Title: "Release 1.1.0", Body: "please", Author: "ann",
				Assignees: []string{"ann"}, Labels: []string{"bug"}}},
		}},
	}))
	app, err := github.New(github.Config{
		AppID: 4711, V3URL: server.URL + "/api/v3/", Log: zerolog.Nop(),
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	})
	must0(t, err)
	id := must1(app.FindInstallation(t.Context(), repo))(t)
	return world{app, app.Installation(id), box, server.URL + "/api/v3/"}
}

func (w world) head(t *testing.T, branch string) string {
	t.Helper()
	return found(w.gh.Branch(t.Context(), repo, branch))(t)
}

func must0(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must1[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must0(t, err)
		return v
	}
}

func found[T any](v T, there bool, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must0(t, err)
		if !there {
			t.Fatal("it is not there")
		}
		return v
	}
}

// absent holds that a thing is missing, which is no error.
func absent[T any](_ T, there bool, err error) func(*testing.T, string) {
	return func(t *testing.T, what string) {
		t.Helper()
		if there || err != nil {
			t.Errorf("%s: want it missing without an error, got %v, %v", what, there, err)
		}
	}
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// refused holds that GitHub refused, and why.
func refused(t *testing.T, err error, why string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("want a refusal with %q, got %v", why, err)
	}
}

func TestRefsOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	head, other := w.head(t, "main"), w.head(t, "other")
	first := found(w.gh.Tag(ctx, repo, "1.0.0+driver"))(t)
	absent(w.gh.Branch(ctx, repo, "release/1.0.x"))(t, "a branch")
	absent(w.gh.Branch(ctx, repo, "mai"))(t, "the beginning of a branch's name")
	absent(w.gh.Tag(ctx, repo, "1.0.0"))(t, "the beginning of a tag's name")

	must0(t, w.gh.CreateBranch(ctx, repo, "release/1.0.x+a", first.SHA))
	equal(t, first.SHA, w.head(t, "release/1.0.x+a"))
	refused(t, w.gh.CreateBranch(ctx, repo, "release/1.0.x+a", head),
		"create branch release/1.0.x+a in acme/app: 422 Reference already exists")
	refused(t, w.gh.FastForward(ctx, repo, "release/1.0.x+a", strings.Repeat("0", 40)), "422")
	must0(t, w.gh.FastForward(ctx, repo, "release/1.0.x+a", head))
	refused(t, w.gh.FastForward(ctx, repo, "release/1.0.x+a", other), "422 Update is not a fast forward")
	equal(t, head, w.head(t, "release/1.0.x+a"))

	must0(t, w.gh.CreateTag(ctx, repo, "1.1.0+driver", head, ""))
	must0(t, w.gh.CreateTag(ctx, repo, "v1.1.0", head, "Version 1.1.0"))
	refused(t, w.gh.CreateTag(ctx, repo, "v1.1.0", first.SHA, ""), "422 Reference already exists")
	annotated := found(w.gh.Tag(ctx, repo, "v1.1.0"))(t)
	if annotated.Object == head {
		t.Error("the annotated tag has no object of its own")
	}
	equal(t, step.Ref{Name: "v1.1.0", SHA: head, Object: annotated.Object}, annotated)
	equal(t, step.Ref{Name: "1.0.0+driver", SHA: first.SHA, Object: first.SHA},
		found(w.gh.Tag(ctx, repo, "1.0.0+driver"))(t))
	equal(t, []string{"1.0.0+driver", "1.1.0+driver", "v1.1.0"},
		slices.Sorted(slices.Values(must1(w.gh.Tags(ctx, repo))(t))))

	must0(t, w.gh.CreateBranch(ctx, repo, "slipway/pick-1", head))
	must0(t, w.gh.DeleteScratch(ctx, repo, "slipway/pick-1"))
	must0(t, w.gh.DeleteScratch(ctx, repo, "slipway/pick-1"))
	absent(w.gh.Branch(ctx, repo, "slipway/pick-1"))(t, "the scratch branch")
	refused(t, w.gh.DeleteScratch(ctx, repo, "release/1.0.x+a"), "only branches below slipway/")
}

func TestCommitsOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	head, other := w.head(t, "main"), w.head(t, "other")
	at := must1(w.gh.Commit(ctx, repo, head))(t)
	want := step.Commit{
		Tree: at.Tree, Parents: []string{head}, Message: "Pick\n\n(cherry picked from commit 1)",
		Author:    step.Person{Name: "Ann", Email: "ann@example.com", When: today.Add(-time.Hour)},
		Committer: step.Person{Name: "slipway[bot]", Email: "slipway[bot]@users.noreply.github.com", When: today},
	}
	want.SHA = must1(w.gh.CreateCommit(ctx, repo, want))(t)
	equal(t, want, must1(w.gh.Commit(ctx, repo, want.SHA))(t))

	must0(t, w.gh.CreateBranch(ctx, repo, "release/1.0.x", found(w.gh.Tag(ctx, repo, "1.0.0+driver"))(t).SHA))
	compared := must1(w.gh.Compare(ctx, repo, "release/1.0.x", "main"))(t)
	equal(t, step.Comparison{Ahead: 1, Behind: 0, Commits: []step.Commit{at}}, compared)
	equal(t, step.Comparison{Behind: 1}, must1(w.gh.Compare(ctx, repo, "main", "release/1.0.x"))(t))
	_, err := w.gh.Compare(ctx, repo, "main", "nowhere")
	refused(t, err, "compare main with nowhere in acme/app: 404")

	merged, conflict, err := w.gh.Merge(ctx, repo, "release/1.0.x", want.SHA, "Take it")
	must0(t, err)
	equal(t, false, conflict)
	equal(t, merged.SHA, w.head(t, "release/1.0.x"))
	equal(t, "Take it", merged.Message)
	again, conflict, err := w.gh.Merge(ctx, repo, "release/1.0.x", want.SHA, "Take it again")
	must0(t, err)
	equal(t, false, conflict)
	equal(t, merged.SHA, again.SHA)
	_, conflict, err = w.gh.Merge(ctx, repo, "release/1.0.x", other, "Clash")
	must0(t, err)
	equal(t, true, conflict)
	equal(t, merged.SHA, w.head(t, "release/1.0.x"))
	_, _, err = w.gh.Merge(ctx, repo, "nowhere", head, "x")
	refused(t, err, "404")
}

func TestPullRequestsOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	absent(w.gh.Pull(ctx, repo, 99))(t, "a pull request")
	absent(w.gh.Pull(ctx, repo, 1))(t, "a plain issue as a pull request")
	main := w.head(t, "main")
	c := must1(w.gh.CreateCommit(ctx, repo, step.Commit{Tree: must1(w.gh.Commit(ctx, repo, main))(t).Tree,
		Parents: []string{main}, Message: "Bump"}))(t)
	must0(t, w.gh.CreateBranch(ctx, repo, "slipway/bump", c))
	opened := must1(w.gh.OpenPull(ctx, repo, step.Pull{Title: "Bump", Head: "slipway/bump", Base: "main",
		Body: "b"}))(t)
	equal(t, step.Pull{
		Number: opened.Number, Title: "Bump", State: "open", Head: "slipway/bump", HeadRepo: repo, HeadSHA: c,
		Base: "main", BaseSHA: main,
		Author: "slipway[bot]", AuthorID: found(w.gh.User(ctx, "slipway[bot]"))(t).ID, Commits: 1, Body: "b",
		URL: opened.URL,
	}, found(w.gh.Pull(ctx, repo, opened.Number))(t))
	commits := must1(w.gh.PullCommits(ctx, repo, opened.Number))(t)
	equal(t, []step.Commit{must1(w.gh.Commit(ctx, repo, c))(t)}, commits)

	must0(t, w.box.As("ann").MergePull(ctx, repo, opened.Number, "merge"))
	listed := must1(w.gh.PullsFrom(ctx, repo, "slipway/bump", "main"))(t)
	equal(t, 1, len(listed))
	equal(t, true, listed[0].Merged)
	equal(t, w.head(t, "main"), listed[0].MergeSHA)
	equal(t, 0, len(must1(w.gh.PullsFrom(ctx, repo, "slipway/bump", "other"))(t)))
}

func TestMilestonesOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	equal(t, 0, len(must1(w.gh.Milestones(ctx, repo))(t)))
	due := today.Add(7 * 24 * time.Hour)
	m := must1(w.gh.CreateMilestone(ctx, repo, step.Milestone{Title: "1.1.0", Description: "d", Due: due}))(t)
	must0(t, w.gh.SetMilestone(ctx, repo, 1, m.Number))
	item := step.Item{
		Number: 1, Title: "Release 1.1.0", State: "open", Labels: []string{"bug"}, Milestone: m.Number, Author: "ann",
		URL: found(w.gh.Issue(ctx, repo, 1))(t).URL,
	}
	equal(t, []step.Item{item}, must1(w.gh.MilestoneItems(ctx, repo, m.Number, "open"))(t))
	equal(t, 0, len(must1(w.gh.MilestoneItems(ctx, repo, m.Number, "closed"))(t)))
	must0(t, w.gh.SetMilestone(ctx, repo, 1, 0))
	equal(t, 0, found(w.gh.Issue(ctx, repo, 1))(t).Milestone)
	_, err := w.gh.CreateMilestone(ctx, repo, step.Milestone{Title: "1.1.0"})
	refused(t, err, "create milestone 1.1.0 in acme/app: 422")
	m.State, m.Description = "closed", "done"
	must0(t, w.gh.EditMilestone(ctx, repo, m))
	got := must1(w.gh.Milestones(ctx, repo))(t)
	equal(t, []step.Milestone{m}, got)
}

func TestRulesetsOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	lock := step.Ruleset{Name: "freeze main", Include: []string{"refs/heads/main"},
		Rules: []string{"required_status_checks"}, RequiredCheck: "slipway/freeze", BypassApps: []int64{4711}}
	made := must1(w.gh.CreateRuleset(ctx, repo, lock))(t)
	lock.ID, lock.URL = made.ID, made.URL
	equal(t, []step.Ruleset{lock}, must1(w.gh.Rulesets(ctx, repo, ""))(t))
	_, err := w.gh.CreateRuleset(ctx, repo, lock)
	refused(t, err, "Name must be unique")
	if _, err := w.box.As("ann").Commit(ctx, repo, "main", "main", "Slip in", map[string]string{"x": "y"}); err == nil {
		t.Error("the frozen branch took a commit")
	}
	must0(t, w.gh.DeleteRuleset(ctx, repo, lock.ID))
	must0(t, w.gh.DeleteRuleset(ctx, repo, lock.ID))
	equal(t, 0, len(must1(w.gh.Rulesets(ctx, repo, ""))(t)))
}

func TestChecksOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	head := w.head(t, "main")
	equal(t, 0, len(must1(w.gh.Checks(ctx, repo, head))(t)))
	w.box.FinishCheck(repo, head, "ci", "failure")
	w.box.FinishCheck(repo, head, "ci", "success")
	ours := step.Check{Name: "slipway/freeze", Status: "completed", Conclusion: "success", ExternalID: "r/1",
		Title: "Exception", Summary: "granted"}
	must0(t, w.gh.CreateCheck(ctx, repo, head, ours))
	ours.App, ours.AppID = "slipway", 4711
	got := must1(w.gh.Checks(ctx, repo, head))(t)
	for i := range got {
		got[i].ID, got[i].URL = 0, ""
	}
	slices.SortFunc(got, func(a, b step.Check) int { return cmp.Compare(a.Name, b.Name) })
	equal(t, []step.Check{{Name: "ci", Status: "completed", Conclusion: "success", App: "github-actions", AppID: 15368},
		ours}, got)
}

func TestACheckRunIsEditedOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	head := w.head(t, "main")
	for _, pull := range []string{"pull/1", "pull/2"} {
		must0(t, w.gh.CreateCheck(ctx, repo, head, step.Check{Name: "Slipway: x", Conclusion: "failure", ExternalID: pull,
			Title: "No", Summary: "s", Annotations: []step.Annotation{
				{Path: "VERSION", Line: 1, Column: 2, Level: "failure", Title: "wrong", Text: "not a version"},
				{Path: "VERSION", Line: 2, Level: "warning", Text: "one line is enough"}}}))
	}
	must0(t, w.gh.CreateCheck(ctx, repo, head, step.Check{Name: "other", Conclusion: "success"}))
	found := must1(w.gh.CheckRuns(ctx, repo, head, "Slipway: x"))(t)
	slices.SortFunc(found, func(a, b step.Check) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	if len(found) != 2 || found[0].Annotated != 2 || found[0].Conclusion != "failure" {
		t.Fatalf("found %+v", found)
	}
	must0(t, w.gh.EditCheck(ctx, repo, found[0].ID, step.Check{Name: "Slipway: x", Conclusion: "success",
		ExternalID: "pull/1", Title: "Yes", Summary: "s"}))
	found = must1(w.gh.CheckRuns(ctx, repo, head, "Slipway: x"))(t)
	slices.SortFunc(found, func(a, b step.Check) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	equal(t, []string{"success", "failure"}, []string{found[0].Conclusion, found[1].Conclusion})
	equal(t, 2, found[0].Annotated)
}

func TestReleasesOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	head := w.head(t, "main")
	must0(t, w.gh.CreateTag(ctx, repo, "1.1.0", head, ""))
	draft := must1(w.gh.CreateDraft(ctx, repo,
		step.Published{Tag: "1.1.0", Name: "1.1.0", Body: "notes", Target: head}))(t)
	equal(t, step.Published{ID: draft.ID, Tag: "1.1.0", Name: "1.1.0", Body: "notes", Target: head, Draft: true,
		URL: draft.URL}, draft)
	equal(t, draft, must1(w.gh.Releases(ctx, repo))(t)[0])
	spare := must1(w.gh.CreateDraft(ctx, repo, step.Published{Tag: "1.1.0", Name: "spare"}))(t)
	must0(t, w.gh.DeleteDraft(ctx, repo, spare.ID))
	must0(t, w.gh.DeleteDraft(ctx, repo, spare.ID))

	out := must1(w.gh.Publish(ctx, repo, draft.ID, "true"))(t)
	equal(t, step.Published{ID: draft.ID, Tag: "1.1.0", Name: "1.1.0", Body: "notes", Target: head, URL: out.URL,
		At: today}, out)
	refused(t, w.gh.DeleteDraft(ctx, repo, draft.ID), "1.1.0 is published, and only drafts may be deleted")
	equal(t, []string{"1.1.0", "1.0.0+driver"},
		[]string{must1(w.gh.Releases(ctx, repo))(t)[0].Tag, must1(w.gh.Releases(ctx, repo))(t)[1].Tag})
	title, body, err := w.gh.GenerateNotes(ctx, repo, "1.1.0", "1.0.0+driver", "main")
	must0(t, err)
	equal(t, true, title != "" && body != "")
}

// seeded is when the sandbox's clock begins.
var seeded = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func TestIssuesOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	absent(w.gh.Issue(ctx, repo, 99))(t, "an issue")
	issue, ann := found(w.gh.Issue(ctx, repo, 1))(t), found(w.gh.User(ctx, "ann"))(t)
	equal(t, step.Issue{
		Item: step.Item{Number: 1, Title: "Release 1.1.0", State: "open", Labels: []string{"bug"}, Author: "ann",
			URL: issue.URL},
		ID: issue.ID, AuthorID: ann.ID, Body: "please", Assignees: []step.User{ann}, Created: seeded,
		Updated: seeded,
	}, issue)
	must0(t, w.gh.EditBody(ctx, repo, 1, "thanks"))
	equal(t, "thanks", found(w.gh.Issue(ctx, repo, 1))(t).Body)
	refused(t, w.gh.EditBody(ctx, repo, 1, strings.Repeat("x", 65537)), "422")

	theirs := must1(w.box.As("ann").Comment(ctx, repo, 1, "/release cut"))(t)
	must0(t, w.gh.React(ctx, repo, theirs, "eyes"))
	must0(t, w.gh.React(ctx, repo, theirs, "eyes"))
	ours := must1(w.gh.CreateComment(ctx, repo, 1, strings.Repeat("x", 70000)))(t)
	equal(t, 65536, len(ours.Body))
	must0(t, w.gh.EditComment(ctx, repo, ours.ID, "done"))
	ours.Body = "done"
	list := must1(w.gh.Comments(ctx, repo, 1))(t)
	equal(t, []step.Comment{{
		ID: theirs, NodeID: list[0].NodeID, Author: "ann", AuthorID: ann.ID, Body: "/release cut", URL: list[0].URL,
		At: seeded, Updated: seeded,
	}, ours}, list)
	for what, err := range map[string]error{"edit": w.gh.EditComment(ctx, repo, 1, "x"),
		"react": w.gh.React(ctx, repo, 1, "eyes")} {
		if !errors.Is(err, step.ErrGone) {
			t.Errorf("%s a comment that is not there: want gone, got %v", what, err)
		}
	}
}

func TestCommentsAreListedOnAllPages(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	for range 101 {
		must1(w.box.As("ann").Comment(ctx, repo, 1, "hello"))(t)
	}
	equal(t, 101, len(must1(w.gh.Comments(ctx, repo, 1))(t)))
}

func TestPeopleAndFilesOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	ann, bob := found(w.gh.User(ctx, "ann"))(t), found(w.gh.User(ctx, "bob"))(t)
	absent(w.gh.User(ctx, "nobody"))(t, "a user")
	absent(w.gh.User(ctx, "acme"))(t, "an organization")
	for who, want := range map[step.User]string{ann: "maintain", bob: "triage", {Login: "nobody", ID: 1}: "none"} {
		equal(t, want, must1(w.gh.Permission(ctx, repo, who))(t))
	}
	for who, want := range map[step.User]bool{ann: true, bob: false, {Login: "nobody", ID: 1}: false} {
		equal(t, want, must1(w.gh.TeamMember(ctx, "acme", "release", who))(t))
	}
	equal(t, false, must1(w.gh.TeamMember(ctx, "acme", "nothing", ann))(t))
	equal(t, 1, found(w.gh.Team(ctx, "acme", "release"))(t))
	absent(w.gh.Team(ctx, "acme", "nothing"))(t, "a team")
	must0(t, w.box.RenameUser("ann", "anna"))
	must0(t, w.box.RenameUser("eve", "ann"))
	eve := found(w.gh.User(ctx, "ann"))(t)
	equal(t, "maintain", must1(w.gh.Permission(ctx, repo, ann))(t))
	equal(t, true, must1(w.gh.TeamMember(ctx, "acme", "release", ann))(t))
	equal(t, "read", must1(w.gh.Permission(ctx, repo, eve))(t))
	equal(t, false, must1(w.gh.TeamMember(ctx, "acme", "release", eve))(t))
	equal(t, "main", must1(w.gh.DefaultBranch(ctx, repo))(t))
	equal(t, "1.1.0\n", string(found(w.gh.File(ctx, repo, "VERSION", ""))(t)))
	equal(t, "1.0.0\n", string(found(w.gh.File(ctx, repo, "VERSION", "1.0.0+driver"))(t)))
	equal(t, "text\n", string(found(w.gh.File(ctx, repo, "docs/a b.md", "main"))(t)))
	absent(w.gh.File(ctx, repo, "docs/none.md", ""))(t, "a file")
	absent(w.gh.File(ctx, repo, "VERSION", "nowhere"))(t, "a file at a ref that is missing")
	for most, want := range map[int]string{6: "1.1.0\n", 5: ""} {
		content, size, there, err := w.gh.FileUpTo(ctx, repo, "VERSION", "", most)
		if string(content) != want || size != 6 || !there || err != nil {
			t.Errorf("of at most %d bytes: %q, %d, %t, %v", most, content, size, there, err)
		}
	}
}

func TestTheAppOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	id, slug, err := w.app.Self(ctx)
	must0(t, err)
	equal(t, int64(4711), id)
	equal(t, "slipway", slug)
	must0(t, w.gh.CreateBranch(ctx, repo, "slipway/x", w.head(t, "main")))
	w.box.Flush()
	var list []github.Delivery
	for page, err := range w.app.Deliveries(ctx, "") {
		must0(t, err)
		list = append(list, page...)
	}
	if len(list) == 0 || list[0].GUID == "" || list[0].Event == "" {
		t.Fatalf("want the deliveries of a new branch, got %+v", list)
	}
	must0(t, w.app.Redeliver(ctx, list[0].ID))
	_, err = w.app.FindInstallation(ctx, "acme/none")
	equal(t, true, errors.Is(err, step.ErrGone))
}

func TestAPermissionThatTheAppLacksIsForbidden(t *testing.T) {
	w, ctx := newWorld(t, "administration"), t.Context()
	_, err := w.gh.CreateRuleset(ctx, repo, step.Ruleset{Name: "lock", Include: []string{"refs/heads/main"},
		Rules: []string{"update"}})
	forbidden, ok := errors.AsType[*github.Forbidden](err)
	if !ok {
		t.Fatalf("want Forbidden, got %v", err)
	}
	equal(t, "Resource not accessible by integration", forbidden.Message)
}

func TestLabelsAndListsOfIssuesOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	must0(t, w.gh.CreateLabel(ctx, repo, step.Label{Name: "affects/1.1", Color: "ededed", Description: "has it"}))
	must0(t, w.gh.CreateLabel(ctx, repo, step.Label{Name: "Affects/1.1"})) // there already, by another case
	equal(t, []string{"bug", "affects/1.1"}, must1(w.gh.LabelIssue(ctx, repo, 1, []string{"affects/1.1"}))(t))
	must0(t, w.gh.AddLabels(ctx, repo, 1, []string{"affects/1.1"}))
	must0(t, w.gh.RemoveLabel(ctx, repo, 1, "bug"))
	must0(t, w.gh.RemoveLabel(ctx, repo, 1, "bug")) // gone already
	equal(t, []string{"affects/1.1"}, found(w.gh.Issue(ctx, repo, 1))(t).Labels)

	var label step.Label
	must0(t, w.box.As("ann").Do(ctx, "GET", "/repos/"+repo+"/labels/affects%2F1.1", nil, &label))
	equal(t, step.Label{Name: "affects/1.1", Color: "ededed", Description: "has it"}, label)
	history := must1(w.gh.LabelHistory(ctx, repo, 1))(t)
	last := history[len(history)-1]
	equal(t, step.LabelEvent{Label: "bug", Actor: last.Actor, Bot: true}, last)
	equal(t, "slipway[bot]", last.Actor.Login)

	by := func(f step.IssueFilter) int { return len(must1(w.gh.Issues(ctx, repo, f))(t)) }
	equal(t, 1, by(step.IssueFilter{Label: "affects/1.1"}))
	equal(t, 0, by(step.IssueFilter{Label: "bug"}))
	m := must1(w.gh.CreateMilestone(ctx, repo, step.Milestone{Title: "1.1.0"}))(t)
	must0(t, w.gh.SetMilestone(ctx, repo, 1, m.Number))
	equal(t, 1, by(step.IssueFilter{Milestone: m.Number, State: "open"}))
	equal(t, 0, by(step.IssueFilter{Milestone: m.Number, State: "closed"}))
	seen, _, err := w.app.RepositoryNamed(ctx, must1(w.app.FindInstallation(ctx, repo))(t), repo)
	must0(t, err)
	equal(t, true, seen.Public)
}

func TestWhatCommitsChangeOnTheSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	files := must1(w.gh.CommitFiles(ctx, repo, w.head(t, "main")))(t)
	equal(t, 1, len(files))
	equal(t, "VERSION", files[0].Path)
	equal(t, true, strings.Contains(files[0].Patch, "-1.0.0\n+1.1.0"))
	pull := must1(w.gh.OpenPull(ctx, repo, step.Pull{Title: "Another way", Head: "other", Base: "main"}))(t)
	equal(t, "VERSION", must1(w.gh.PullFiles(ctx, repo, pull.Number))(t)[0].Path)
	equal(t, pull.Number, must1(w.gh.PullsFrom(ctx, repo, "other", "main"))(t)[0].Number)
	equal(t, 0, len(must1(w.gh.PullsFrom(ctx, repo, "other", "elsewhere"))(t)))
}
