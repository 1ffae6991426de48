package contract

import (
	"encoding/json"
	"strings"
	"testing"
)

// stale are the real payloads that GitHub's description of today does not allow, by how the name of the example and
// what is wrong with it begin. Our sandbox gets no such leave.
var stale = []struct{ example, what, why string }{
	{"check_run.rerequested", "payload /check_run", "recorded in 2018: dates without a zone, apps without permissions"},
	{"check_run.rerequested", "payload /repository: missing property 'disabled'", "recorded in 2018"},
	{"installation", "payload /installation: missing propert", "recorded before app_slug and suspended_at"},
	{"installation", "payload /installation/created_at: got number, want string",
		"GitHub sends seconds since 1970, its description says a date"},
	{"installation", "payload /installation/updated_at: got number, want string",
		"GitHub sends seconds since 1970, its description says a date"},
	{"installation_repositories.added #1", "payload: missing property 'requester'", "recorded before requester"},
	{"issue_comment.created #1", "payload /", "recorded in 2019, before reactions and lock reasons"},
	{"issues.edited #1", "payload /issue", "recorded in 2019, before reactions and lock reasons"},
	{"issues.transferred", "payload /changes/new_repository: missing property 'has_discussions'",
		"recorded before discussions"},
	{"issues.transferred", "payload /repository/homepage: '' is not valid uri",
		"GitHub sends an empty homepage, its description says a URL"},
	{"label.created", "payload /repository/homepage: '' is not valid uri",
		"GitHub sends an empty homepage, its description says a URL"},
	{"label.deleted", "payload /label: missing property 'description'", "recorded before labels had descriptions"},
	{"pull_request.opened #1", "payload /pull_request: missing property 'auto_merge'", "recorded before auto merge"},
	{"pull_request.", "payload /pull_request/base/repo: missing property 'has_discussions'",
		"recorded before discussions"},
	{"pull_request.", "payload /pull_request/head/repo: missing property 'has_discussions'",
		"recorded before discussions"},
	{"push", "payload /repository: missing propert", "recorded before discussions"},
	{"release", "payload /release: missing properties 'immutable', 'updated_at'", "recorded before immutable releases"},
	{"team.added_to_repository", "payload /repository: missing properties 'topics', 'visibility'",
		"recorded before topics and visibility"},
	{"workflow_job.in_progress", "payload /workflow_job: missing properties", "recorded before attempts had numbers"},
	{"workflow_run.completed", "payload /workflow_run: missing properties", "recorded before triggering_actor"},
}

func TestRealPayloadsAreWhatGitHubDescribes(t *testing.T) {
	examples := examples(t)
	checker := fresh(t)
	used := make([]bool, len(stale))
	for _, example := range examples {
	problems:
		for _, problem := range checker.Webhook(example.Event, example.Payload) {
			for i, s := range stale {
				if strings.HasPrefix(example.Name, s.example) && strings.HasPrefix(problem.What(), s.what) {
					used[i] = true
					continue problems
				}
			}
			problem.Body = ""
			t.Errorf("%s: %s", example.Name, problem)
		}
	}
	for i, s := range stale {
		if !used[i] {
			t.Errorf("no example needs the leave for %s, %q any more", s.example, s.what)
		}
	}
}

func TestExamplesCoverEveryHandledEvent(t *testing.T) {
	have := make(map[string]bool)
	named := make(map[string]bool)
	for _, example := range examples(t) {
		have[example.Event] = true
		if named[example.Name] {
			t.Errorf("two examples are called %s", example.Name)
		}
		named[example.Name] = true
		if !json.Valid(example.Payload) {
			t.Errorf("%s is not JSON", example.Name)
		}
	}
	for _, event := range handled() {
		if !have[event] {
			t.Errorf("there is no example of %s", event)
		}
	}
}

func TestABrokenPayloadIsToldFromAGoodOne(t *testing.T) {
	checker := fresh(t)
	good := example(t, "issue_comment.created #2")
	if problems := checker.Webhook(good.Event, good.Payload); len(problems) > 0 {
		t.Fatalf("the payload to break is not good to begin with: %s", problems[0])
	}
	for _, test := range []struct {
		name, event string
		spoil       func(payload map[string]any)
		want        Problem
	}{
		{
			"a field is missing", "issue_comment",
			func(p map[string]any) { delete(p["comment"].(map[string]any), "body") },
			Problem{Route: "issue_comment.created", Side: "payload", Field: "/comment",
				Message: "missing property 'body'"},
		},
		{
			"a number is a string", "issue_comment",
			func(p map[string]any) { p["comment"].(map[string]any)["id"] = "17" },
			Problem{Route: "issue_comment.created", Side: "payload", Field: "/comment/id",
				Message: "got string, want integer"},
		},
		{
			"a URL is relative", "issue_comment",
			func(p map[string]any) { p["comment"].(map[string]any)["url"] = "/comments/17" },
			Problem{Route: "issue_comment.created", Side: "payload", Field: "/comment/url",
				Message: "'/comments/17' is not valid uri: relative url"},
		},
		{
			"the action is none of GitHub's", "issue_comment",
			func(p map[string]any) { p["action"] = "written" },
			Problem{Route: "issue_comment", Side: "payload", Field: "/action",
				Message: `GitHub sends no issue_comment with action "written"`},
		},
		{
			"the event is none of GitHub's", "issue_remark",
			func(map[string]any) {},
			Problem{Route: "issue_remark", Side: "payload", Field: "/action",
				Message: `GitHub sends no issue_remark with action "created"`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var payload map[string]any
			if err := json.Unmarshal(good.Payload, &payload); err != nil {
				t.Fatal(err)
			}
			test.spoil(payload)
			spoilt, err := json.Marshal(payload)
			if err != nil {
				t.Fatal(err)
			}
			test.want.Method = "WEBHOOK"
			wantProblems(t, checker.Webhook(test.event, spoilt), test.want)
		})
	}
}
