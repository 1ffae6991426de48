package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/internal/review"
	"github.com/slipway-dev/slipway/internal/sandbox"
)

// Review: the stories of pull requests that change how a repository releases. ben keeps widgets, ada may write to it,
// and eve is a stranger.
func TestReview(t *testing.T) {
	play(t, "review", "acme/widgets", "ada", func() sandbox.Seed {
		begin := func(files map[string]string) []sandbox.SeedCommit {
			return []sandbox.SeedCommit{{Message: "Begin", Author: "ben", Files: files, Tags: []string{"v1.3.0"},
				Released: true}}
		}
		return sandbox.Seed{
			Org: "acme", Users: []string{"ada", "ben", "eve"},
			Repos: []sandbox.SeedRepo{
				{Name: "widgets", DefaultBranch: "main", Collaborators: map[string]string{"ada": "write", "ben": "maintain"},
					Commits: begin(map[string]string{".github/release.yaml": reviewed, "README.md": "# Widgets\n"}),
					Issues:  []sandbox.SeedIssue{{Title: "Widgets 1.4.0", Body: "The next one.\n", Author: "ben"}}},
				{Name: ".github", DefaultBranch: "main", Collaborators: map[string]string{"ben": "maintain"},
					Commits: begin(map[string]string{"README.md": "# acme\n"})},
				{Name: "secret", DefaultBranch: "main", Private: true, Commits: begin(map[string]string{
					".github/release.yaml": "lets: [{repo: acme/widgets, read: [secret.yaml]}]\n",
					"secret.yaml":          "password: hunter2\n"})},
			},
		}
	})
}

// reviewed is the process of widgets.
const reviewed = `name: widgets
title: Widgets
versions: {prefix: v, kinds: [minor, patch]}
names: {tag: "{version}", milestone: "{version}"}
roles:
  maintainer: {about: a maintainer of widgets, permission: maintain}
may: {default: [maintainer]}
tracks: [{name: all, for: [minor, patch], phases: [prepare, cut]}]
phases:
- name: prepare
  do:
  - milestone: {title: "{milestone}"}
- name: cut
  pin: {sha: {head-of: "{default_branch}"}}
  require:
  - approvals: {role: maintainer}
  do:
  - tag: {name: "{tag}", at: "{sha}"}
`

func reviews() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"write":      write,
		"propose":    propose,
		"fork":       fork,
		"fork_push":  forkPush,
		"retarget":   retarget,
		"close_pull": closePull,
		"branch":     branchAt,
		"verdict":    verdict,
		"verdicts":   verdicts,
		"rerequest":  rerequest,
		"asked":      askedFor,
	}
}

// content is a file of the script; CHARACTERS:N is one of so many characters.
func content(ts *testscript.TestScript, name string) string {
	if n, is := strings.CutPrefix(name, "CHARACTERS:"); is {
		return strings.Repeat("#", number(ts, n))
	}
	return ts.ReadFile(name)
}

// write BRANCH PATH FILE: the person commits a file of the script to a branch. write BRANCH PATH -: they delete it.
func write(ts *testscript.TestScript, _ bool, args []string) {
	s, ctx := of(ts), context.Background()
	if args[2] == "-" {
		var at struct{ SHA string }
		path := "/repos/" + s.repo + "/contents/" + args[1]
		ts.Check(s.st.Sandbox.As(s.as).Do(ctx, "GET", path+"?ref="+args[0], nil, &at))
		ts.Check(s.st.Sandbox.As(s.as).Do(ctx, "DELETE", path, map[string]any{"message": "delete " + args[1],
			"sha": at.SHA, "branch": args[0]}, nil))
	} else {
		_, err := s.st.Sandbox.As(s.as).Commit(ctx, s.repo, args[0], "main", "change "+args[1],
			map[string]string{args[1]: content(ts, args[2])})
		ts.Check(err)
	}
	s.settle(ts)
}

// branch NAME OTHER: the person makes a branch at the head of another one.
func branchAt(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	fields := map[string]any{"ref": "refs/heads/" + args[0], "sha": s.snapshot(ts).Branches[args[1]]}
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST", "/repos/"+s.repo+"/git/refs", fields, nil))
	s.settle(ts)
}

// propose BRANCH BASE TITLE: the person opens a pull request.
func propose(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	_, err := s.st.Sandbox.As(s.as).OpenPull(context.Background(), s.repo, args[2], args[0], args[1])
	ts.Check(err)
	s.settle(ts)
}

// fork TITLE PATH FILE: the person opens a pull request from their fork, which changes a file to one of the script.
func fork(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	_, err := s.st.Sandbox.As(s.as).ForkPull(context.Background(), s.repo, args[0], "main",
		map[string]string{args[1]: content(ts, args[2])})
	ts.Check(err)
	s.settle(ts)
}

// fork_push NUMBER PATH FILE: the person pushes to the pull request of their fork.
func forkPush(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).PushFork(context.Background(), s.repo, number(ts, args[0]),
		map[string]string{args[1]: content(ts, args[2])}))
	s.settle(ts)
}

// retarget NUMBER BASE: the person lets a pull request go into another branch.
func retarget(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "PATCH", "/repos/"+s.repo+"/pulls/"+args[0],
		map[string]any{"base": args[1]}, nil))
	s.settle(ts)
}

// close_pull NUMBER: the person closes a pull request.
func closePull(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "PATCH", "/repos/"+s.repo+"/pulls/"+args[0],
		map[string]any{"state": "closed"}, nil))
	s.settle(ts)
}

// shownRun is a check run of ours.
type shownRun struct {
	ID         int64
	Conclusion string
	Output     struct{ Title, Summary string }
	Suite      struct{ ID int64 } `json:"check_suite"`
}

// reviewRuns are the check runs of a pull request's head that are called as ours.
func reviewRuns(ts *testscript.TestScript, pull string) []shownRun {
	s, ctx := of(ts), context.Background()
	var at struct{ Head struct{ SHA string } }
	ts.Check(s.st.Sandbox.As(s.as).Do(ctx, "GET", "/repos/"+s.repo+"/pulls/"+pull, nil, &at))
	var list struct {
		Runs []shownRun `json:"check_runs"`
	}
	ts.Check(s.st.Sandbox.As(s.as).Do(ctx, "GET", "/repos/"+s.repo+"/commits/"+at.Head.SHA+
		"/check-runs?filter=all&check_name="+url.QueryEscape(review.Name), nil, &list))
	return list.Runs
}

// verdict NUMBER FILE: the head of the pull request has one check run of ours, which says that. ! verdict: it has none.
func verdict(ts *testscript.TestScript, not bool, args []string) {
	s, ctx := of(ts), context.Background()
	runs := reviewRuns(ts, args[0])
	if not {
		if len(runs) > 0 {
			ts.Fatalf("there is a check run: %+v", runs)
		}
		return
	}
	if len(runs) != 1 {
		ts.Fatalf("there are %d check runs: %+v", len(runs), runs)
	}
	var notes []struct {
		Path    string
		Line    int    `json:"start_line"`
		Column  int    `json:"start_column"`
		Level   string `json:"annotation_level"`
		Title   string
		Message string
	}
	ts.Check(s.st.Sandbox.As(s.as).Do(ctx, "GET", fmt.Sprintf("/repos/%s/check-runs/%d/annotations?per_page=100", s.repo,
		runs[0].ID), nil, &notes))
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", runs[0].Conclusion, runs[0].Output.Title)
	for _, n := range notes {
		fmt.Fprintf(&b, "%s %s:%d:%d %s: %s\n", n.Level, n.Path, n.Line, n.Column, n.Title, n.Message)
	}
	compare(ts, stable(b.String()+"\n"+runs[0].Output.Summary)+"\n", args[1])
}

// verdicts NUMBER N: so many check runs of ours stand at the head of the pull request.
func verdicts(ts *testscript.TestScript, _ bool, args []string) {
	if runs := reviewRuns(ts, args[0]); len(runs) != number(ts, args[1]) {
		ts.Fatalf("there are %d check runs: %+v", len(runs), runs)
	}
}

// rerequest NUMBER [suite]: the person lets the check run of the pull request, or all of the App's there, run anew.
func rerequest(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	newest := slices.MaxFunc(reviewRuns(ts, args[0]), func(a, b shownRun) int { return cmp.Compare(a.ID, b.ID) })
	path := fmt.Sprintf("/repos/%s/check-runs/%d/rerequest", s.repo, newest.ID)
	if len(args) > 1 {
		path = fmt.Sprintf("/repos/%s/check-suites/%d/rerequest", s.repo, newest.Suite.ID)
	}
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST", path, nil, nil))
	s.settle(ts)
}

// asked TEXT: the bot has asked GitHub for a path with that text. ! asked: it has not.
func askedFor(ts *testscript.TestScript, not bool, args []string) {
	s := of(ts)
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	at := slices.IndexFunc(s.world.asked, func(path string) bool { return strings.Contains(path, args[0]) })
	if not && at >= 0 {
		ts.Fatalf("it asked for %s", s.world.asked[at])
	}
	if !not && at < 0 {
		ts.Fatalf("it never asked for %s", args[0])
	}
}
