package step_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/demo"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// altered is GitHub with some answers changed, for what the sandbox cannot be brought to say.
type altered struct {
	step.GitHub
	pullCommits func([]step.Commit) []step.Commit
	comments    []step.Comment
}

func (a altered) PullCommits(ctx context.Context, repo string, n int) ([]step.Commit, error) {
	all, err := a.GitHub.PullCommits(ctx, repo, n)
	if err == nil && a.pullCommits != nil {
		all = a.pullCommits(all)
	}
	return all, err
}

func (a altered) Comments(ctx context.Context, repo string, n int) ([]step.Comment, error) {
	all, err := a.GitHub.Comments(ctx, repo, n)
	return append(slices.Clone(a.comments), all...), err
}

// commit is a push by maria.
func (w *world) commit(branch, from, message, file, text string) string {
	w.t.Helper()
	sha, err := w.st.Sandbox.As(demo.Maria).Commit(w.t.Context(), demo.Libs, branch, from, message,
		map[string]string{file: text})
	if err != nil {
		w.t.Fatal(err)
	}
	return sha
}

// pull opens a pull request and puts it into the milestone, when there is one.
func (w *world) pull(title, branch string, milestone int) int {
	w.t.Helper()
	n, err := w.st.Sandbox.As(demo.Maria).OpenPull(w.t.Context(), demo.Libs, title, branch, "master")
	if err != nil {
		w.t.Fatal(err)
	}
	w.move(n, milestone)
	return n
}

func (w *world) move(issue, milestone int) {
	w.t.Helper()
	if milestone > 0 {
		if err := w.st.Sandbox.As(demo.Maria).EditIssue(w.t.Context(), demo.Libs, issue,
			map[string]any{"milestone": milestone}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) observe(does params.Any) step.Outcome {
	w.t.Helper()
	o, err := step.For(w.gh, does).Observe(w.t.Context(), w.input())
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) scratch() (left []string) {
	for branch := range w.snap().Branches {
		if strings.HasPrefix(branch, "slipway/") {
			left = append(left, branch)
		}
	}
	return left
}

const parsers = "userspace/libsinsp/parsers.cpp"

// "On conflict a comment with the exact local commands, and nothing committed": a branch that holds half of a pull
// request is neither what it was nor what was asked for.
func TestAPickThatStopsAtItsSecondCommitLeavesTheBranchAlone(t *testing.T) {
	w := newWorld(t)
	w.commit("release/0.20.x", "", "other", parsers, "// something else\n")
	w.commit("two", "master", "one: applies", "one.txt", "1\n")
	w.commit("two", "master", "two: conflicts", parsers, "// two\n")
	n := w.pull("two commits", "two", 0)
	if err := w.st.Sandbox.As(demo.Maria).MergePull(t.Context(), demo.Libs, n, "rebase"); err != nil {
		t.Fatal(err)
	}
	second, err := w.gh.Commit(t.Context(), demo.Libs, w.head("master"))
	if err != nil {
		t.Fatal(err)
	}
	before := w.snap()
	err = step.For(w.gh, params.CherryPick{Pull: 5, Branch: "release/0.20.x"}).Act(t.Context(), w.input())
	stop, ok := errors.AsType[*step.Stop](err)
	if !ok || n != 5 {
		t.Fatalf("picking #%d: %v, want a stop", n, err)
	}
	if diff := cmp.Diff(before, w.snap()); diff != "" {
		t.Errorf("something is left of the try:\n%s", diff)
	}
	if want := "git cherry-pick -x " + second.Parents[0] + " " + second.SHA + "\n"; !strings.Contains(stop.Fix, want) {
		t.Errorf("the commands pick something else than both commits, %q:\n%s", want, stop.Fix)
	}
}

// A rebase merge flattens the merges inside a pull request, so they must not be counted among its commits.
func TestARebaseMergeOfAPullRequestWithAMergeInsideIsPickedWhole(t *testing.T) {
	w := newWorld(t)
	w.commit("two", "master", "one", "one.txt", "1\n")
	w.commit("two", "master", "two", "two.txt", "2\n")
	n := w.pull("two commits", "two", 0)
	if err := w.st.Sandbox.As(demo.Maria).MergePull(t.Context(), demo.Libs, n, "rebase"); err != nil {
		t.Fatal(err)
	}
	w.gh = altered{GitHub: w.gh, pullCommits: func(all []step.Commit) []step.Commit {
		return slices.Insert(slices.Clone(all), 1, step.Commit{SHA: "m", Message: "Merge branch 'master' into two",
			Parents: []string{"a", "b"}})
	}}
	before := w.head("release/0.20.x")
	w.do(params.CherryPick{Pull: 5, Branch: "release/0.20.x"})
	picked, err := w.gh.Compare(t.Context(), demo.Libs, before, w.head("release/0.20.x"))
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, c := range picked.Commits {
		subject, _, _ := strings.Cut(c.Message, "\n")
		subjects = append(subjects, subject)
	}
	if diff := cmp.Diff([]string{"one", "two"}, subjects); diff != "" {
		t.Errorf("picked (-want +got):\n%s", diff)
	}
}

func TestAPickCleansUpItsScratchBranchAlsoWhenTheTargetMovedSince(t *testing.T) {
	w := newWorld(t)
	merge("squash")(w)
	pick := params.CherryPick{Pull: 2, Branch: "release/0.20.x"}
	w.fail, w.lost, w.wrote = 3, true, 0 // the trial merge, whose answer is lost
	if err := step.For(w.gh, pick).Act(t.Context(), w.input()); err == nil || len(w.scratch()) != 1 {
		t.Fatalf("the try ended with %v and left %v, want an error and a scratch branch", err, w.scratch())
	}
	w.commit("release/0.20.x", "", "meanwhile", "meanwhile.txt", "1\n")
	if o := w.do(pick); o.State != step.Done || len(w.scratch()) > 0 {
		t.Errorf("saw %+v, with %v left", o, w.scratch())
	}
}

// An answer of Publish cannot be taken back, so the tag is looked at before it and not only after.
func TestADraftIsNotPublishedOnATagAtAnotherCommit(t *testing.T) {
	w := newWorld(t)
	w.do(params.CreateTag{Tag: "0.21.0", SHA: w.head("release/0.20.x")})
	w.do(params.DraftRelease{Tag: "0.21.0", Name: "0.21.0", Target: w.head("master"), Notes: "none"})
	before := w.snap()
	o := w.do(params.PublishRelease{Tag: "0.21.0", SHA: w.head("master"), Latest: "true"})
	if diff := cmp.Diff(before, w.snap()); o.State != step.Conflict || diff != "" {
		t.Errorf("saw %+v, and it wrote:\n%s", o, diff)
	}
}

func TestUndoingARollLeavesWhatAPersonMovedSince(t *testing.T) {
	w := newWorld(t)
	roll := w.do(params.RollMilestone{From: "0.21.0", To: "0.22.0", What: "pulls", Create: true})
	w.do(params.CreateMilestone{Title: "later"})
	w.move(3, 3)
	var moves []params.Move
	for item, milestone := range roll.Receipt.Undo {
		n, _ := strconv.Atoi(item)
		from, _ := strconv.Atoi(milestone)
		moves = append(moves, params.Move{Item: n, From: from})
	}
	w.do(params.UnrollMilestone{Moves: moves, Rolled: w.input().Key})
	got := map[int]string{}
	for _, is := range w.snap().Issues {
		if is.Pull {
			got[is.Number] = is.Milestone
		}
	}
	if diff := cmp.Diff(map[int]string{2: "0.21.0", 3: "later"}, got); diff != "" {
		t.Errorf("milestones (-want +got):\n%s", diff)
	}
}

// The record is written before the first move, so what comes into the milestone between a crash and the next try
// must be added to it: what is not in it, undo does not know.
func TestARollThatWasBrokenOffAlsoRecordsWhatCameSince(t *testing.T) {
	w := newWorld(t)
	roll := params.RollMilestone{From: "0.21.0", To: "0.22.0", What: "pulls", Create: true}
	w.fail, w.wrote = 3, 0 // the first move
	if err := step.For(w.gh, roll).Act(t.Context(), w.input()); err == nil {
		t.Fatal("the first move was not broken")
	}
	w.commit("late", "master", "late", "late.txt", "1\n")
	w.pull("late", "late", 1)
	o := w.do(roll)
	if diff := cmp.Diff(map[string]string{"2": "1", "3": "1", "5": "1"}, o.Receipt.Undo); diff != "" {
		t.Errorf("what undo knows (-want +got):\n%s", diff)
	}
}

func TestARollWithoutItsMilestonesSaysSo(t *testing.T) {
	w := newWorld(t)
	o := w.observe(params.RollMilestone{From: "0.21.0", To: "0.22.0", What: "pulls"})
	if o.State != step.Conflict || !strings.Contains(o.Why, "there is no milestone 0.22.0") ||
		!strings.Contains(o.Fix, "/release retry id") {
		t.Errorf("nothing to move to, and it may not be made: saw %+v, want a conflict", o)
	}
	o = w.observe(params.RollMilestone{From: "7.0.0", To: "0.22.0", What: "pulls"})
	if diff := cmp.Diff(step.DoneWith(step.Receipt{Text: "there is no milestone 7.0.0, so there is nothing to move"}),
		o); diff != "" {
		t.Errorf("nothing to move from (-want +got):\n%s", diff)
	}
}

// Done means that the effect was seen. A ruleset of our name that guards something else is not the effect.
func TestARulesetOfOurNameThatGuardsSomethingElseIsAConflict(t *testing.T) {
	whole := step.Ruleset{
		Name: "Slipway freeze of master (#1)", Include: []string{"refs/heads/master"},
		Rules: []string{"required_status_checks"}, RequiredCheck: step.FreezeCheck, BypassApps: []int64{4711},
	}
	for name, change := range map[string]func(*step.Ruleset){
		"another branch":       func(r *step.Ruleset) { r.Include = []string{"refs/heads/other"} },
		"another check":        func(r *step.Ruleset) { r.RequiredCheck = "build" },
		"Slipway may not pass": func(r *step.Ruleset) { r.BypassApps = nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := whole
			change(&r)
			if _, err := w.gh.CreateRuleset(t.Context(), demo.Libs, r); err != nil {
				t.Fatal(err)
			}
			o := w.observe(params.LockBranch{Branch: "master", Allow: "exceptions"})
			if o.State != step.Conflict || !strings.Contains(o.Fix, "/release retry id") {
				t.Errorf("saw %+v, want a conflict", o)
			}
		})
	}
}

func TestOnlyOurOwnCommentIsTheRecord(t *testing.T) {
	w := newWorld(t)
	mark := "said\n\n" + parse.Marker(w.input().Key)
	w.gh = altered{GitHub: w.gh, comments: []step.Comment{{ID: 900, Author: "echo[bot]", Bot: true, Body: mark}}}
	roll := params.RollMilestone{From: "0.21.0", To: "0.22.0", What: "pulls", Create: true}
	if o := w.observe(roll); o.State != step.Absent {
		t.Errorf("the comment of another bot counts as ours: %+v", o)
	}
}

func TestTextOfOthersPingsNobodyAndLinksNowhere(t *testing.T) {
	w := newWorld(t)
	w.commit("loud", "master", "loud", "loud.txt", "1\n")
	w.pull("cc @octocat golang/go#1 https://github.com/golang/go/issues/2 <img src=x>", "loud", 1)
	w.do(params.RollMilestone{From: "0.21.0", To: "0.22.0", What: "pulls", Create: true})
	body := w.snap().Issues[0].Comments[0].Body
	for _, bad := range []string{"@octocat", "go#1", "https://github.com/golang", "<img"} {
		if strings.Contains(body, bad) {
			t.Errorf("the record holds %q:\n%s", bad, body)
		}
	}
}

func TestWhatAReleaseManagerIsTold(t *testing.T) {
	for _, tc := range []struct {
		name, why, fix string
		does           params.Any
	}{
		{name: "a pick into a branch that is not there", why: "there is no branch release/9.9.x",
			fix:  "/release retry id",
			does: params.CherryPick{Pull: 2, Branch: "release/9.9.x"}},
		{name: "an exception for no pull request", why: "there is no pull request #77",
			fix:  "/release skip id",
			does: params.ExemptPull{Pull: 77, Reason: "r"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			merge("squash")(w)
			o, err := step.For(w.gh, tc.does).Observe(t.Context(), w.input())
			if err != nil || o.State != step.Conflict || !strings.Contains(o.Why, tc.why) ||
				!strings.Contains(o.Fix, tc.fix) {
				t.Errorf("saw %+v %v, want a conflict with %q and %q", o, err, tc.why, tc.fix)
			}
		})
	}
}

func TestAPlanNamesTheWritesThatAreDue(t *testing.T) {
	for _, tc := range []struct {
		name string
		does params.Any
		want []string
	}{
		{"a milestone that only lacks its date", params.CreateMilestone{Title: "0.21.0", Due: "2026-12-18"},
			[]string{"set the due date of milestone 0.21.0 to 2026-12-18"}},
		{"an exception for an issue, which is no pull request", params.ExemptPull{Pull: 4, Reason: "r"}, nil},
		{"an exception", params.ExemptPull{Pull: 3, Reason: "r", Milestone: "0.20.0"},
			[]string{"allow #3 at <sha> during the code freeze"}},
		{"a pick of what is not merged", params.CherryPick{Pull: 3, Branch: "release/0.20.x"},
			[]string{"cherry-pick #3 into release/0.20.x"}},
		{"a pick of what is merged and there", params.CherryPick{Pull: 2, Branch: "master"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			merge("squash")(w)
			pull, _, err := w.gh.Pull(t.Context(), demo.Libs, 3)
			if err != nil {
				t.Fatal(err)
			}
			planned, err := step.For(w.gh, tc.does).Plan(t.Context(), w.input())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range planned {
				got = append(got, strings.ReplaceAll(p.Text, "`"+pull.HeadSHA+"`", "<sha>"))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

// Whoever signs a plan signs one commit, and not all that begin alike.
func TestTwoCommitsThatShareEightDigitsAreTwoPlans(t *testing.T) {
	w := newWorld(t)
	one, other := "c8b48ad8"+strings.Repeat("0", 32), "c8b48ad8"+strings.Repeat("1", 32)
	for _, at := range []func(sha string) params.Any{
		func(sha string) params.Any { return params.CreateTag{Tag: "9.9.9", SHA: sha} },
		func(sha string) params.Any { return params.CreateBranch{Branch: "release/9.9.x", SHA: sha} },
		func(sha string) params.Any { return params.DraftRelease{Tag: "9.9.9", Name: "9.9.9", Target: sha} },
		func(sha string) params.Any {
			return params.CreateRelease{Tag: "9.9.9", Name: "9.9.9", SHA: sha, Latest: "false"}
		},
		func(sha string) params.Any {
			return params.RunWorkflow{Workflow: "build.yaml", Ref: "master", SHA: sha}
		},
	} {
		var texts []string
		for _, sha := range []string{one, other} {
			planned, err := step.For(w.gh, at(sha)).Plan(t.Context(), w.input())
			if err != nil || len(planned) != 1 {
				t.Fatalf("%+v: %v %v", at(sha), planned, err)
			}
			texts = append(texts, planned[0].Text)
		}
		if texts[0] == texts[1] || !strings.Contains(texts[0], one) {
			t.Errorf("%s: one is %q, the other %q", at(one).Kind(), texts[0], texts[1])
		}
	}
}

// What is in the way of a later step is not left out of a plan.
func TestAPlanStopsAtWhatIsTaken(t *testing.T) {
	w := newWorld(t)
	head := w.head("master")
	for _, does := range []params.Any{
		params.CreateTag{Tag: "0.20.0", SHA: head}, params.CreateBranch{Branch: "release/0.20.x", SHA: head},
		params.DraftRelease{Tag: "0.20.0", Name: "0.20.0", Target: head},
		params.PublishRelease{Tag: "0.20.0", SHA: head, Latest: "auto"},
		params.CreateRelease{Tag: "0.20.0", SHA: head, Name: "0.20.0", Latest: "false"},
	} {
		planned, err := step.For(w.gh, does).Plan(t.Context(), w.input())
		var stop *step.Stop
		if !errors.As(err, &stop) || stop.Why == "" || len(planned) > 0 {
			t.Errorf("%s: planned %v, %v", does.Kind(), planned, err)
		}
	}
}

// The content of files is signed, and not only the value that is written into them.
func TestAPlanKnowsTheFilesThatAProposalLeaves(t *testing.T) {
	w := newWorld(t)
	w.commit("master", "master", "chart", "chart.yaml", "version: 1.0.0\nimage: ours\n")
	bump := params.OpenPull{Edits: "chart.yaml yaml:version 9.9.9", Branch: "bump", Base: "master", Title: "Bump"}
	files := func() map[string]string {
		planned, err := step.For(w.gh, bump).Plan(t.Context(), w.input())
		if err != nil || len(planned) != 2 {
			t.Fatalf("%v %v", planned, err)
		}
		return planned[1].Files
	}
	before := files()
	w.commit("master", "master", "unrelated", "README.md", "# other\n")
	if diff := cmp.Diff(before, files()); diff != "" || len(before["chart.yaml"]) != 64 {
		t.Errorf("another file changed (-before +after):\n%s", diff)
	}
	w.commit("master", "master", "smuggle", "chart.yaml", "version: 1.0.0\nimage: theirs\n")
	if diff := cmp.Diff(before, files()); diff == "" {
		t.Error("the rest of the file changed, and what is signed did not")
	}
}

func TestATagWithoutANameIsAnError(t *testing.T) {
	w := newWorld(t)
	if _, err := step.For(w.gh, params.CreateTag{Tag: "", SHA: w.head("master")}).Observe(t.Context(),
		w.input()); err == nil {
		t.Error("a tag without a name counts as seen")
	}
}

// picked merges a pull request of commits and picks it into release/0.20.x.
func (w *world) picked(n int) error {
	w.t.Helper()
	if err := w.st.Sandbox.As(demo.Maria).MergePull(w.t.Context(), demo.Libs, n, "rebase"); err != nil {
		w.t.Fatal(err)
	}
	return step.For(w.gh, params.CherryPick{Pull: n, Branch: "release/0.20.x"}).Act(w.t.Context(), w.input())
}

// git cherry-pick stops at a change that is there already; an empty commit would only claim that something happened.
func TestAPickOfWhatIsThereAlreadyStopsAndSaysSo(t *testing.T) {
	w := newWorld(t)
	w.commit("release/0.20.x", "", "by hand, without -x", "one.txt", "1\n")
	w.commit("one", "master", "one", "one.txt", "1\n")
	before := w.head("release/0.20.x")
	stop, ok := errors.AsType[*step.Stop](w.picked(w.pull("one", "one", 0)))
	if !ok || !strings.Contains(stop.Why, "are already in release/0.20.x") ||
		!strings.Contains(stop.Fix, "/release skip id") {
		t.Errorf("the pick ended with %+v", stop)
	}
	if at := w.head("release/0.20.x"); at != before || len(w.scratch()) > 0 {
		t.Errorf("the branch moved to %s, or a scratch branch is left: %v", at, w.scratch())
	}
}

func TestAPickThatIsPartlyThereBringsTheRestAndNamesAll(t *testing.T) {
	for name, there := range map[string]string{"the first": "one.txt", "the middle": "two.txt",
		"the last": "three.txt"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.commit("release/0.20.x", "", "by hand, without -x", there, there+"\n")
			for _, file := range []string{"one.txt", "two.txt", "three.txt"} {
				w.commit("some", "master", file, file, file+"\n")
			}
			before := w.head("release/0.20.x")
			n := w.pull("some", "some", 0)
			if err := w.picked(n); err != nil {
				t.Fatal(err)
			}
			made, err := w.gh.Compare(t.Context(), demo.Libs, before, w.head("release/0.20.x"))
			if err != nil || made.Ahead != 2 {
				t.Errorf("%d commits were made, want 2: %v", made.Ahead, err)
			}
			if o := w.observe(params.CherryPick{Pull: n, Branch: "release/0.20.x"}); o.State != step.Done {
				t.Errorf("the pick is not seen as done: %+v", o)
			}
		})
	}
}
