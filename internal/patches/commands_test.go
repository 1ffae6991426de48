package patches_test

import (
	"strings"
	"testing"
)

const block = "```release\nintroduced-in=v1.31.0\n```\n"

func TestPriorityAndSIGInOneCommentCostEightCalls(t *testing.T) {
	s := open(t, preset)
	calls := s.say("petra", 1, "/priority critical-urgent\n/sig node")
	want(t, "labels", s.labels(1), "priority/critical-urgent sig/node")
	reactions, reply := s.last(1)
	want(t, "reactions", reactions, "eyes rocket")
	want(t, "reply", reply, "")
	if len(calls) > 8 {
		t.Errorf("it costs %d calls:\n%s", len(calls), strings.Join(calls, "\n"))
	}
}

func TestMilestoneCostsSevenCalls(t *testing.T) {
	s := open(t, preset)
	s.do("petra", "POST", "/milestones", map[string]any{"title": "v1.31.1"})
	calls := s.say("petra", 1, "/milestone v1.31.1")
	want(t, "milestone", s.issue(1).Milestone, "v1.31.1")
	if len(calls) > 7 {
		t.Errorf("it costs %d calls:\n%s", len(calls), strings.Join(calls, "\n"))
	}
	s.say("petra", 1, "/milestone clear")
	want(t, "milestone", s.issue(1).Milestone, "")
}

func TestASecondPriorityReplacesTheFirst(t *testing.T) {
	s := open(t, preset)
	s.say("petra", 1, "/priority critical-urgent")
	s.say("petra", 1, "/priority important-soon\n/sig node Storage")
	want(t, "labels", s.labels(1), "priority/important-soon sig/node sig/storage")
	s.say("petra", 1, "/remove-sig storage")
	want(t, "labels", s.labels(1), "priority/important-soon sig/node")
	s.say("petra", 1, "/remove-sig\n/remove-priority")
	want(t, "labels", s.labels(1), "")
}

func TestTwoCommentsAtOnceLeaveOnePriority(t *testing.T) {
	s := open(t, preset)
	// Neither comment's webhook knows of what the other one does.
	for _, text := range []string{"/priority critical-urgent", "/priority important-soon"} {
		_, err := s.box.As("petra").Comment(t.Context(), repo, 1, text)
		s.must(err)
	}
	s.settle()
	want(t, "labels", s.labels(1), "priority/important-soon")
}

func TestAPersonWhoIsNotTrustedIsRefusedBeforeAnythingElseIsRead(t *testing.T) {
	for _, line := range []string{
		"/priority critical-urgent", "/priority critcal", "/remove-priority", "/milestone v1.31.1",
		"/milestone roll v1", "/release report patches",
	} {
		s := open(t, preset)
		calls := s.say("olga", 1, line)
		reactions, reply := s.last(1)
		want(t, "reactions", reactions, "confused eyes")
		contains(t, "the reply to "+line, reply, "`@olga` is not one of them", "triage",
			"ask one of them to comment `"+line+"`")
		if len(calls) > 6 {
			t.Errorf("%s costs %d calls:\n%s", line, len(calls), strings.Join(calls, "\n"))
		}
	}
	s := open(t, preset)
	s.say("olga", 2, "/cherry-pick release-1.31")
	_, reply := s.last(2)
	contains(t, "the reply", reply, "can ask for cherry-picks; `@olga` is not")
}

func TestEverybodyMayUseWhatNoPolicyGuards(t *testing.T) {
	s := open(t, preset)
	s.say("olga", 1, "/sig node")
	want(t, "labels", s.labels(1), "sig/node")
	s = open(t, preset+"guarded-labels: [\"sig/*\"]\n")
	s.say("olga", 1, "/sig node")
	want(t, "labels", s.labels(1), "")
	s.say("olga", 1, "/priority important-soon")
	want(t, "labels", s.labels(1), "priority/important-soon")
}

func TestWhatThereIsNotIsAnsweredWithWhatThereIs(t *testing.T) {
	s := open(t, preset)
	s.do("petra", "POST", "/milestones", map[string]any{"title": "v1.31.1"})
	for line, words := range map[string]string{
		"/priority critical":              "there is no priority `critical`",
		"/priority":                       "no priority is named",
		"/priority a b":                   "there is no priority `a`",
		"/sig nod":                        "did you mean `/sig node`?",
		"/milestone":                      "the open milestones are v1.31.1",
		"/milestone v1.31.01":             "did you mean `/milestone v1.31.1`?",
		"/milestone roll v1.31.1":         "is not an open milestone of a published version",
		"/milestone undo v1.31.1":         "nothing was moved out of `v1.31.1`",
		"/cherry-pick release-1.31":       "#1 is not a pull request",
		"/release report v1.31.2":         "there is no milestone and no published version `v1.31.2`",
		"/priority critical-urgent \"a b": "could not be read",
	} {
		s.say("petra", 1, line)
		_, reply := s.last(1)
		contains(t, "the reply to "+line, reply, words)
	}
	for line, words := range map[string]string{
		"/cherry-pick":              "the maintained branches are release-1.31, release-1.30",
		"/cherry-pick master":       "`master` is not a release branch",
		"/cherry-pick release-1.29": "1.29 is no longer maintained",
	} {
		s.say("petra", 2, line)
		_, reply := s.last(2)
		contains(t, "the reply to "+line, reply, words)
	}
}

func TestWordsOfAnotherBotAreLeftAloneWhereNoPolicyIs(t *testing.T) {
	s := open(t, preset)
	s.do("sam", "DELETE", "/contents/.github/patch-issues.yaml",
		map[string]any{"message": "x", "sha": s.sha(".github/patch-issues.yaml"), "branch": "master"})
	s.say("petra", 1, "/priority critical-urgent")
	reactions, reply := s.last(1)
	want(t, "reactions", reactions+reply, "")
	s.say("petra", 1, "/release report")
	_, reply = s.last(1)
	contains(t, "the reply", reply, "is not set up for patch-release issues", "preset: kubernetes")
}

func (s *stage) sha(path string) string {
	var out struct{ SHA string }
	s.must(s.box.As("sam").Do(s.t.Context(), "GET", "/repos/"+repo+"/contents/"+path, nil, &out))
	return out.SHA
}

func TestAPolicyThatCannotBeUsedIsARefusal(t *testing.T) {
	s := open(t, "preset: kubernets\n")
	s.say("petra", 1, "/priority critical-urgent")
	_, reply := s.last(1)
	contains(t, "the reply", reply, "cannot be used", "bot lint")
}

func TestAnIssueIsLookedAtAfterACommandOnlyWhenItIsAPatchReleaseIssue(t *testing.T) {
	s := open(t, preset)
	number := s.file("olga", "a crash", block)
	want(t, "labels", s.labels(number), "affects/1.31 needs-priority needs-sig patch-release")
	contains(t, "the note", s.note(number, "check"), "The issue has no priority")
	s.say("petra", number, "/priority critical-urgent\n/sig node")
	want(t, "labels", s.labels(number), "affects/1.31 patch-release priority/critical-urgent sig/node")
	for _, call := range s.say("petra", 1, "/sig node") {
		if strings.Contains(call, "/events") {
			t.Errorf("an issue that is none is looked at: %s", call)
		}
	}
}

func TestCheckWritesACommentAnewThatSomebodyDeleted(t *testing.T) {
	s := open(t, preset)
	number := s.file("olga", "a crash", block)
	for _, c := range s.issue(number).Comments {
		s.do("petra", "DELETE", "/issues/comments/"+id(c.ID), nil)
	}
	s.say("olga", number, "/sig node")
	want(t, "the note", s.note(number, "check"), "") // nobody wants it
	s.say("olga", number, "/release check")
	contains(t, "the note", s.note(number, "check"), "The issue has no priority")
}
