package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-dev/slipway/parse"
)

// issue TITLE FILE... [+LABEL]...: the person opens an issue of these texts, with the line ends that browsers send.
func issue(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	body, labels := "", []string{}
	for _, name := range args[1:] {
		if label, ok := strings.CutPrefix(name, "+"); ok {
			labels = append(labels, label)
			continue
		}
		body += strings.ReplaceAll(ts.ReadFile(name), "\n", "\r\n")
	}
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST", "/repos/"+s.repo+"/issues",
		map[string]any{"title": args[0], "body": body, "labels": labels}, nil))
	s.settle(ts)
}

// describe ISSUE FILE: the person edits the description.
func describe(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, number(ts, args[0]),
		map[string]any{"body": ts.ReadFile(args[1])}))
	s.settle(ts)
}

// labelled ISSUE NAME...: the issue carries exactly these labels.
func labelled(ts *testscript.TestScript, _ bool, args []string) {
	for _, is := range of(ts).snapshot(ts).Issues {
		if is.Number != number(ts, args[0]) {
			continue
		}
		got, want := slices.Sorted(slices.Values(is.Labels)), slices.Sorted(slices.Values(args[1:]))
		if !slices.Equal(got, want) {
			ts.Fatalf("#%d is labelled %q, want %q", is.Number, got, want)
		}
	}
}

// unlabel ISSUE NAME: the person takes a label away.
func unlabel(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "DELETE",
		fmt.Sprintf("/repos/%s/issues/%s/labels/%s", s.repo, args[0],
			strings.ReplaceAll(args[1], "/", "%2F")), nil, nil))
	s.settle(ts)
}

// note ISSUE WORD FILE: the one comment of the bot's on the issue whose key begins with the word. ! note: there is
// none.
func note(ts *testscript.TestScript, not bool, args []string) {
	var found []string
	for _, is := range of(ts).snapshot(ts).Issues {
		for _, m := range is.Comments {
			keys := parse.Markers(m.Body)
			if is.Number == number(ts, args[0]) && strings.HasSuffix(m.Author, "[bot]") && len(keys) == 1 &&
				strings.HasPrefix(noteOf(keys[0]), args[1]) {
				found = append(found, m.Body)
			}
		}
	}
	switch {
	case not && len(found) > 0:
		ts.Fatalf("there is a note:\n%s", found[0])
	case !not && len(found) != 1:
		ts.Fatalf("%d notes of %s are on #%s, want 1:\n%s", len(found), args[1], args[0],
			strings.Join(found, "\n---\n"))
	case !not:
		compare(ts, stable(found[0])+"\n", args[2])
	}
}

// noteOf is the key of a note, without the issue that it is on.
func noteOf(key string) string {
	_, rest, _ := strings.Cut(key, "/")
	return rest
}

// publish TAG BRANCH: the person publishes a release of the head of a branch.
func publish(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST", "/repos/"+s.repo+"/releases",
		map[string]any{"tag_name": args[0], "target_commitish": args[1], "name": args[0]}, nil))
	s.settle(ts)
}

// draft TAG BRANCH: the person drafts a release by hand.
func draft(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST", "/repos/"+s.repo+"/releases",
		map[string]any{"tag_name": args[0], "target_commitish": args[1], "name": args[0], "draft": true}, nil))
	s.settle(ts)
}

// get PATH FILE: what a program gets from Slipway's own API.
func get(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	resp, err := http.Get(s.st.BotURL + args[0])
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	var b bytes.Buffer
	ts.Check(json.Indent(&b, body, "", "  "))
	compare(ts, fmt.Sprintf("%d\n%s\n", resp.StatusCode, stable(strings.TrimSpace(b.String()))), args[1])
}

// check_is BRANCH NAME CONCLUSION: the check run of the bot's on the head of a branch.
func checkIs(ts *testscript.TestScript, _ bool, args []string) {
	snapshot := of(ts).snapshot(ts)
	want := fmt.Sprintf("%s %s at %s", args[1], args[2], snapshot.Branches[args[0]])
	if !slices.Contains(snapshot.Checks, want) {
		ts.Fatalf("the checks are\n%s\nand %q is not among them", strings.Join(snapshot.Checks, "\n"), want)
	}
}

// days N: as many days go by. What happens next in the repository is seen in their light.
func days(ts *testscript.TestScript, _ bool, args []string) {
	of(ts).days.Add(int64(number(ts, args[0])))
}

// plan_for TITLE [YYYY-MM-DD]: the person opens a milestone, with its due date.
func planFor(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	body := map[string]any{"title": args[0]}
	if len(args) > 1 {
		body["due_on"] = args[1] + "T00:00:00Z"
	}
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "POST", "/repos/"+s.repo+"/milestones", body, nil))
	s.settle(ts)
}

// due TITLE YYYY-MM-DD: the milestone is due on that day.
func due(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	var all []struct {
		Title string
		Due   string `json:"due_on"`
	}
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "GET", "/repos/"+s.repo+"/milestones?state=all", nil, &all))
	for _, m := range all {
		if m.Title == args[0] && strings.HasPrefix(m.Due, args[1]) {
			return
		}
	}
	ts.Fatalf("%s is not due on %s: %v", args[0], args[1], all)
}

// close ISSUE: the person closes an issue.
func closeIssue(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, number(ts, args[0]),
		map[string]any{"state": "closed"}))
	s.settle(ts)
}

// in ISSUE TITLE: the issue is in that milestone. ! in ISSUE: it is in none.
func in(ts *testscript.TestScript, not bool, args []string) {
	want := ""
	if !not {
		want = args[1]
	}
	for _, is := range of(ts).snapshot(ts).Issues {
		if is.Number == number(ts, args[0]) && is.Milestone != want {
			ts.Fatalf("#%d is in the milestone %q, want %q", is.Number, is.Milestone, want)
		}
	}
}

// pull HEAD BASE TITLE FILE TEXT: the person opens a pull request with one commit; a \n in the text is a new line.
func pull(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	person := s.st.Sandbox.As(s.as)
	_, err := person.Commit(context.Background(), s.repo, args[0], args[1], args[2],
		map[string]string{args[3]: strings.ReplaceAll(args[4], `\n`, "\n") + "\n"})
	ts.Check(err)
	ts.Check(person.Do(context.Background(), "POST", "/repos/"+s.repo+"/pulls",
		map[string]any{"title": args[2], "head": args[0], "base": args[1]}, nil))
	s.settle(ts)
}

// remove BRANCH FILE: the person deletes a file.
func remove(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	person, path := s.st.Sandbox.As(s.as), "/repos/"+s.repo+"/contents/"+args[1]
	var file struct {
		SHA string `json:"sha"`
	}
	ts.Check(person.Do(context.Background(), "GET", path+"?ref="+args[0], nil, &file))
	ts.Check(person.Do(context.Background(), "DELETE", path,
		map[string]any{"message": "delete " + args[1], "sha": file.SHA, "branch": args[0]}, nil))
	s.settle(ts)
}

// looks LABEL COLOR DESCRIPTION: how GitHub shows a label.
func looks(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	var l struct{ Color, Description string }
	ts.Check(s.st.Sandbox.As(s.as).Do(context.Background(), "GET",
		"/repos/"+s.repo+"/labels/"+strings.ReplaceAll(args[0], "/", "%2F"), nil, &l))
	if l.Color != args[1] || l.Description != args[2] {
		ts.Fatalf("the label %s is %s, %q", args[0], l.Color, l.Description)
	}
}

// opened ISSUE: it is open. ! opened: it is closed.
func opened(ts *testscript.TestScript, not bool, args []string) {
	for _, is := range of(ts).snapshot(ts).Issues {
		if is.Number == number(ts, args[0]) && (is.State == "open") == not {
			ts.Fatalf("it is %s", is.State)
		}
	}
}

// reopen ISSUE: the person opens it again.
func reopen(ts *testscript.TestScript, _ bool, args []string) {
	s := of(ts)
	ts.Check(s.st.Sandbox.As(s.as).EditIssue(context.Background(), s.repo, number(ts, args[0]),
		map[string]any{"state": "open"}))
	s.settle(ts)
}
