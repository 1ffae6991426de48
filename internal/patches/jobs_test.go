package patches_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/step"
)

func id(n int64) string { return strconv.FormatInt(n, 10) }

func TestAFixIsPickedMergedAndTagged(t *testing.T) {
	s := open(t, preset)
	s.say("petra", 2, "/cherry-pick release-1.31 release-1.30")
	contains(t, "the table", s.note(2, "picks"), "| `release-1.31` |  | waiting for the merge; applies |",
		"| `release-1.30` |  | waiting for the merge; applies |")
	s.do("sam", "PUT", "/pulls/2/merge", map[string]any{"merge_method": "squash"})
	contains(t, "the table", s.note(2, "picks"), "| `release-1.31` | [#4]", "| `release-1.30` | [#5]",
		"waiting for approval")
	want(t, "labels", s.labels(4), "do-not-merge/cherry-pick-not-approved")
	contains(t, "the note", s.note(4, "approval"), "It is waiting for approval")
	s.do("sam", "POST", "/issues/4/labels", map[string]any{"labels": []string{"cherry-pick-approved"}})
	contains(t, "the note", s.note(4, "approval"), "`@sam` cannot approve")
	s.do("petra", "POST", "/issues/4/labels", map[string]any{"labels": []string{"cherry-pick-approved"}})
	want(t, "labels", s.labels(4), "cherry-pick-approved")
	contains(t, "the table", s.note(2, "picks"), "waiting to be merged")
	s.do("sam", "PUT", "/pulls/4/merge", map[string]any{"merge_method": "squash"})
	want(t, "milestone", s.issue(4).Milestone, "v1.31.1")
	s.do("petra", "POST", "/releases", map[string]any{"tag_name": "v1.31.1", "target_commitish": "release-1.31"})
	contains(t, "the table", s.note(2, "picks"), "in v1.31.1")
	s.say("petra", 2, "/cherry-pick release-1.31") // again
	if n := len(s.pulls()); n != 4 {
		t.Errorf("there are %d pull requests", n)
	}
}

func (s *stage) pulls() []string {
	s.t.Helper()
	snap, err := s.box.Snapshot(s.t.Context(), repo)
	s.must(err)
	var out []string
	for _, is := range snap.Issues {
		if is.Pull {
			out = append(out, is.Title)
		}
	}
	return out
}

func TestListsThatLagDoubleNothing(t *testing.T) {
	s := open(t, preset)
	s.box.Lag(5 * time.Second)
	s.do("sam", "PUT", "/pulls/2/merge", map[string]any{"merge_method": "squash"})
	s.say("petra", 2, "/cherry-pick release-1.31 release-1.30")
	for range 5 {
		s.must(s.p.Pull(t.Context(), s.place(2)))
		s.later(2 * time.Second)
	}
	if pulls := s.pulls(); len(pulls) != 4 {
		t.Errorf("the pull requests are %q", pulls)
	}
	s.note(2, "picks") // one
	for _, n := range []int{4, 5} {
		s.do("sam", "PUT", "/pulls/"+strconv.Itoa(n)+"/merge", map[string]any{"merge_method": "squash"})
	}
	for range 5 {
		s.later(3 * time.Second)
	}
	want(t, "milestones", s.milestones(), "v1.31.1 open, v1.30.1 open")
}

func (s *stage) milestones() string {
	s.t.Helper()
	snap, err := s.box.Snapshot(s.t.Context(), repo)
	s.must(err)
	var out []string
	for _, m := range snap.Milestones {
		out = append(out, m.Title+" "+m.State)
	}
	return strings.Join(out, ", ")
}

func TestAnswersThatAreLostDoubleNothing(t *testing.T) {
	s := open(t, preset)
	lost := map[string]bool{}
	s.mu.Lock()
	s.fail = func(call string) bool {
		once := !lost[call] && !strings.HasPrefix(call, "GET")
		lost[call] = true
		return once
	}
	s.mu.Unlock()
	s.do("sam", "PUT", "/pulls/2/merge", map[string]any{"merge_method": "squash"})
	s.say("petra", 2, "/cherry-pick release-1.31")
	for range 8 {
		s.later(6 * time.Second)
	}
	if pulls := s.pulls(); len(pulls) != 3 {
		t.Errorf("the pull requests are %q", pulls)
	}
	contains(t, "the table", s.note(2, "picks"), "[#4]")
}

func TestAReportIsKeptAndLeftAloneOnceItIsDeleted(t *testing.T) {
	s := open(t, preset)
	s.say("petra", 1, "/release report patches")
	contains(t, "the report", s.note(1, "report/=patches"), "### v1.31.1", "No issue of this version is open.")
	number := s.file("olga", "it crashes", block+"## Root cause\nBinaries: kubelet\n## PRs\n- #2\n",
		"priority/critical-urgent")
	contains(t, "the report", s.note(1, "report/=patches"), "it crashes")
	s.do("olga", "PATCH", "/issues/"+strconv.Itoa(number), map[string]any{"title": "it crashes twice"})
	contains(t, "the report", s.note(1, "report/=patches"), "it crashes twice")
	s.say("olga", 1, "/release report patches") // it is there: everybody may ask
	reactions, _ := s.last(1)
	want(t, "reactions", reactions, "eyes rocket")
	for _, c := range s.issue(1).Comments {
		if strings.Contains(c.Body, "Upcoming") {
			s.do("petra", "DELETE", "/issues/comments/"+id(c.ID), nil)
		}
	}
	s.do("olga", "PATCH", "/issues/"+strconv.Itoa(number), map[string]any{"title": "it crashes again"})
	want(t, "the report", s.note(1, "report/=patches"), "")
	s.say("petra", 1, "/release report")
	contains(t, "the report", s.note(1, "report/=patches"), "it crashes again")
}

func TestAPublicationRollsItsMilestoneOverOnce(t *testing.T) {
	s := open(t, preset)
	for _, title := range []string{"v1.31.1", "v1.30.1"} {
		s.do("petra", "POST", "/milestones", map[string]any{"title": title})
	}
	s.say("petra", 1, "/release report patches")
	number := s.file("olga", "a typo", block, "priority/important-soon")
	s.say("petra", number, "/milestone v1.31.1")
	s.do("petra", "POST", "/releases", map[string]any{"tag_name": "v1.31.1", "target_commitish": "release-1.31"})
	want(t, "milestone", s.issue(number).Milestone, "v1.31.2")
	want(t, "milestones", s.milestones(), "v1.31.1 closed, v1.30.1 open, v1.31.2 open")
	contains(t, "the note", s.note(1, "rolled/=v1.31.1"), "Moved to milestone v1.31.2: #4", "/milestone undo v1.31.1")
	contains(t, "the report", s.note(1, "report/=version v1.31.1"), "Known issues of v1.31.1", "a typo")
	s.say("petra", 1, "/milestone undo v1.31.1")
	want(t, "milestone", s.issue(number).Milestone, "v1.31.1")
	want(t, "milestones", s.milestones(), "v1.31.1 open, v1.30.1 open, v1.31.2 open")
	// A publication that is heard again does not overrule whoever took it back.
	s.must(s.p.Published(t.Context(), s.place(0), "v1.31.1"))
	s.settle()
	want(t, "milestone", s.issue(number).Milestone, "v1.31.1")
	s.say("petra", 1, "/milestone roll v1.31.1")
	want(t, "milestone", s.issue(number).Milestone, "v1.31.2")
}

func TestCommentsOfAnEarlierVersionAreEditedAndNotDoubled(t *testing.T) {
	s := open(t, preset)
	number := s.file("olga", "a crash", block, "priority/critical-urgent")
	s.must(s.db.DropSnapshot(t.Context(), "note:"+s.place(number).Key()+"/check"))
	for _, c := range s.issue(number).Comments {
		s.do("petra", "DELETE", "/issues/comments/"+id(c.ID), nil)
	}
	gh := s.gh.Client(github.Scope{Installation: s.box.InstallationOf("kubernetes")})
	earlier := map[string]string{
		"check:old/name#" +
			strconv.Itoa(number): `{"tracked":true,"facts":{}}`, "picks:old/name#2": `{"wanted":["release-1.31"]}`,
	}
	for mark, data := range earlier {
		kind, issue := "issue", number
		if strings.HasPrefix(mark, "picks") {
			kind, issue = "picks", 2
		}
		_, err := gh.CreateComment(t.Context(), repo, issue, "Of an earlier version.\n\n"+parse.Marker(mark))
		s.must(err)
		key := kind + ":" + s.place(issue).Key()
		snap, _, err := s.db.Snapshot(t.Context(), key)
		s.must(err)
		snap.Key, snap.Repo, snap.Issue, snap.Data = key, s.id, issue, []byte(data)
		s.must(s.db.PutSnapshot(t.Context(), snap))
	}
	s.must(s.p.Issue(t.Context(), s.place(number)))
	s.must(s.p.Pull(t.Context(), s.place(2)))
	s.settle()
	for _, issue := range []int{number, 2} {
		if comments := s.issue(issue).Comments; len(comments) != 1 || strings.Contains(comments[0].Body, "earlier") {
			t.Errorf("the comments on #%d are %v", issue, comments)
		}
	}
}

func TestTwoWishesAtOnceAreBothKept(t *testing.T) {
	s := open(t, preset)
	var both sync.WaitGroup
	for _, branch := range []string{"release-1.31", "release-1.30"} {
		both.Go(func() {
			if _, err := s.box.As("petra").Comment(t.Context(), repo, 2, "/cherry-pick "+branch); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	s.settle()
	contains(t, "the table", s.note(2, "picks"), "`release-1.31`", "`release-1.30`")
}

func TestNothingIsDoneWhereSlipwayMayNotWrite(t *testing.T) {
	s := open(t, preset)
	s.say("petra", 1, "/release report patches")
	before := s.note(1, "report/=patches")
	r, _, err := s.db.Repository(t.Context(), s.id)
	s.must(err)
	r.Away = "suspended"
	s.must(s.db.PutRepository(t.Context(), r))
	s.file("olga", "it crashes", block, "priority/critical-urgent")
	want(t, "the report", s.note(1, "report/=patches"), before)
	r.Away = ""
	s.must(s.db.PutRepository(t.Context(), r))
	s.must(s.p.Wake(t.Context(), 0))
	s.settle()
	if s.note(1, "report/=patches") != before {
		t.Error("the report knows of an issue that was not looked at")
	}
	s.must(s.p.Issue(t.Context(), s.place(4)))
	s.settle()
	contains(t, "the report", s.note(1, "report/=patches"), "it crashes")
}

func TestAnIssueThatGitHubDoesNotShowYetIsLookedAtOnceMore(t *testing.T) {
	s := open(t, preset)
	s.box.LagSingle(5 * time.Second)
	n := s.file("petra", "it serves twice", "```release\nintroduced-in=v1.30.0\n```\n")
	s.later(5 * time.Second)
	s.later(5 * time.Second)
	if labels := s.labels(n); !strings.Contains(labels, "affects/1.30") {
		t.Errorf("the issue has the labels %q", labels)
	}
}

// floors is a client of a GitHub that keeps no time of a due date: it makes midnight in Los Angeles of it.
type floors struct {
	step.GitHub
	edits *int
}

func floored(m step.Milestone) step.Milestone {
	if !m.Due.IsZero() {
		m.Due = m.Due.Add(-8 * time.Hour).Truncate(24 * time.Hour).Add(8 * time.Hour)
	}
	return m
}

func (f floors) CreateMilestone(ctx context.Context, repo string, m step.Milestone) (step.Milestone, error) {
	return f.GitHub.CreateMilestone(ctx, repo, floored(m))
}

func (f floors) EditMilestone(ctx context.Context, repo string, m step.Milestone) error {
	*f.edits++
	return f.GitHub.EditMilestone(ctx, repo, floored(m))
}

// due is the due date of a milestone.
func (s *stage) due(number int) string {
	s.t.Helper()
	var m struct {
		Due string `json:"due_on"`
	}
	s.must(s.box.As("petra").Do(s.t.Context(), "GET", "/repos/"+repo+"/milestones/"+strconv.Itoa(number), nil, &m))
	return m.Due
}

func TestMilestonesAreDueOnTheDayOfTheScheduleAndWrittenOnce(t *testing.T) {
	all := seed(preset)
	all.Repos[0].Commits[0].Files["schedule.yaml"] = "schedules:\n" +
		"- {release: 1.31, next: {release: 1.31.1, cherryPickDeadline: 2026-12-04, targetDate: 2026-12-08}}\n" +
		"- {release: 1.30, next: {release: 1.30.1, cherryPickDeadline: 2026-12-04, targetDate: 2026-12-09}}\n"
	s := openSeed(t, all)
	edits, plain := 0, s.p.GitHub
	s.p.GitHub = func(scope github.Scope) step.GitHub { return floors{plain(scope), &edits} }
	s.do("petra", "POST", "/milestones", map[string]any{"title": "v1.31.1"})
	s.do("petra", "POST", "/milestones", map[string]any{"title": "v1.30.1", "due_on": "2026-12-24T08:00:00Z"})
	s.file("olga", "it crashes", block, "priority/critical-urgent")
	want(t, "due", s.due(1), "")
	for range 4 {
		s.later(24 * time.Hour)
	}
	want(t, "due", s.due(1), "2026-12-08T08:00:00Z")
	want(t, "the day that a person chose", s.due(2), "2026-12-24T08:00:00Z")
	if edits != 1 {
		t.Errorf("the milestone was written %d times", edits)
	}
	// The schedule changes: what Slipway wrote follows.
	_, err := s.box.As("sam").Commit(t.Context(), repo, "master", "master", "Later", map[string]string{
		"schedule.yaml": "schedules:\n" +
			"- {release: 1.31, next: {release: 1.31.1, cherryPickDeadline: 2026-12-11, targetDate: 2026-12-15}}\n"})
	s.must(err)
	s.later(24 * time.Hour)
	s.later(24 * time.Hour)
	want(t, "due", s.due(1), "2026-12-15T08:00:00Z")
	if edits != 2 {
		t.Errorf("the milestone was written %d times", edits)
	}
}

func TestGoodBranchesArePickedAndBadOnesNamed(t *testing.T) {
	s := open(t, preset)
	s.say("petra", 2, "/cherry-pick release-1.31 release-1.28 release-1.99 master")
	_, reply := s.last(2)
	contains(t, "the reply", reply, "requested into `release-1.31`", "1.28 is no longer maintained",
		"1.99 is no longer maintained", "`master` is not a release branch")
	contains(t, "the table", s.note(2, "picks"), "`release-1.31`")
	s.say("petra", 3, "/cherry-pick release-1.28 master")
	_, reply = s.last(3)
	contains(t, "the reply", reply, "**Refused:** 1.28 is no longer maintained; `master` is not a release branch")
	want(t, "the table", s.note(3, "picks"), "")
}
