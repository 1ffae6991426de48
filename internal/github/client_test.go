package github

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/step"
)

// routes answers "METHOD path?query" with a body, and 404 to everything else.
func routes(answers map[string]string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, _ string) {
		body, ok := answers[r.Method+" "+strings.TrimPrefix(r.RequestURI, "/api/v3/")]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			body = `{"message":"Not Found"}`
		}
		if next, rest, ok := strings.Cut(body, "\n"); ok { // a first line is the next page
			w.Header().Set("Link", fmt.Sprintf(`<http://%s/api/v3/%s>; rel="next"`, r.Host, next))
			body = rest
		}
		fmt.Fprint(w, body)
	}
}

// must fails the test on an error and returns the value.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestTagsAreListedOnAllPagesAndPeeledOnlyOnce(t *testing.T) {
	f, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/git/matching-refs/tags/": "second\n" + `[{"ref":"refs/tags/1","object":{"sha":"c1",` +
			`"type":"commit"}}]`,
		"GET second": `[{"ref":"refs/tags/2+driver","object":{"sha":"t2",` +
			`"type":"tag"}}]`,
		"GET repos/a/b/git/tags/t2": `{"object":{"sha":"t3","type":"tag"}}`,
		"GET repos/a/b/git/tags/t3": `{"object":{"sha":"c2","type":"commit"}}`,
		"GET repos/a/b/git/matching-refs/tags/2%2Bdriver": `[{"ref":"refs/tags/2+driver-rc1","object":{"sha":"c9",` +
			`"type":"commit"}},{"ref":"refs/tags/2+driver","object":{"sha":"t2","type":"tag"}}]`,
	}))
	gh := app.Installation(1)
	second := step.Ref{Name: "2+driver", SHA: "c2", Object: "t2"}
	same(t, []string{"1", "2+driver"}, must(gh.Tags(t.Context(), "a/b"))(t))
	for _, asked := range []int{5, 6} {
		one, found, err := gh.Tag(t.Context(), "a/b", "2+driver")
		same(t, second, must(one, err)(t))
		same(t, true, found)
		same(t, asked, len(f.asked))
	}
}

func TestABranchWithSlashesIsFoundAndAMissingOneIsNoError(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/git/ref/heads/release/0.21%2Bx": `{"ref":"refs/heads/release/0.21+x","object":{"sha":"c1",` +
			`"type":"commit"}}`,
	}))
	for name, want := range map[string]string{"release/0.21+x": "c1", "other": ""} {
		sha, found, err := app.Installation(1).Branch(t.Context(), "a/b", name)
		same(t, want, must(sha, err)(t))
		same(t, want != "", found)
	}
}

func TestChecksJoinRunsAndStatuses(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/commits/s/check-runs?filter=latest&per_page=100": "second\n" + `{"check_runs":[{"id":1,` +
			`"name":"ci","status":"completed","conclusion":"failure","app":{"id":9,"slug":"actions"}}]}`,
		"GET second": `{"check_runs":[{"id":2,"name":"ci","status":"completed","conclusion":"success","app":{"id":9,` +
			`"slug":"actions"}}]}`,
		"GET repos/a/b/commits/s/status?per_page=100": `{"statuses":[{"context":"dco","state":"error",` +
			`"description":"no"},{"context":"prow","state":"pending"}]}`,
	}))
	same(t, []step.Check{
		{ID: 2, Name: "ci", Status: "completed", Conclusion: "success", App: "actions", AppID: 9},
		{Name: "dco", Status: "completed", Conclusion: "failure", Title: "no"},
		{Name: "prow", Status: "in_progress"},
	}, must(app.Installation(1).Checks(t.Context(), "a/b", "s"))(t))
}

func TestJobsOfOneNameInTwoWorkflowsDoNotHideEachOther(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/commits/s/check-runs?filter=latest&per_page=100": `{"check_runs":[{"id":3,"name":"build",` +
			`"status":"completed","conclusion":"success","app":{"id":9,"slug":"actions"},"check_suite":{"id":21}},` +
			`{"id":2,"name":"build","status":"completed","conclusion":"failure","app":{"id":9,"slug":"actions"},` +
			`"check_suite":{"id":20}},` +
			`{"id":1,"name":"build","status":"completed","conclusion":"cancelled","app":{"id":9,"slug":"actions"},` +
			`"check_suite":{"id":21}}]}`,
		"GET repos/a/b/commits/s/status?per_page=100": `{"statuses":[]}`,
	}))
	same(t, []step.Check{
		{ID: 3, Name: "build", Status: "completed", Conclusion: "success", App: "actions", AppID: 9},
		{ID: 2, Name: "build", Status: "completed", Conclusion: "failure", App: "actions", AppID: 9},
	}, must(app.Installation(1).Checks(t.Context(), "a/b", "s"))(t))
}

func TestARequiredCheckOfAnotherAppIsAnotherRequirement(t *testing.T) {
	set := ruleset{Rules: []rule{{Type: "required_status_checks",
		Parameters: &parameters{Checks: []requiredCheck{{Context: "slipway/freeze", App: 9}}}}}}
	same(t, "slipway/freeze", set.value(9).RequiredCheck)
	same(t, "slipway/freeze of App 9", set.value(7).RequiredCheck)
}

func TestWhatMayNotBeDeletedIsRefused(t *testing.T) {
	f, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/releases/1":                        `{"id":1,"tag_name":"1.0","draft":false}`,
		"GET repos/a/b/rulesets/2?includes_parents=false": `{"id":2,"name":"theirs","source_type":"Repository"}`,
	}))
	gh := app.Installation(1)
	for name, err := range map[string]error{
		"a branch":            gh.DeleteScratch(t.Context(), "a/b", "main"),
		"all scratch":         gh.DeleteScratch(t.Context(), "a/b", "slipway/"),
		"a way out":           gh.DeleteScratch(t.Context(), "a/b", "slipway/../main"),
		"a published release": gh.DeleteDraft(t.Context(), "a/b", 1),
		"another's ruleset":   gh.DeleteRuleset(t.Context(), "a/b", 2),
	} {
		if err == nil {
			t.Errorf("%s was deleted", name)
		}
	}
	for _, asked := range f.asked {
		if strings.HasPrefix(asked, "DELETE") {
			t.Errorf("GitHub was asked to %s", asked)
		}
	}
}

func TestWritesSendExactlyWhatIsMeant(t *testing.T) {
	f, app := open(t, Pace{}, func(w http.ResponseWriter, _ *http.Request, _ string) {
		fmt.Fprint(w, `{"sha":"t1","id":1,"number":1,"ref":"refs/x"}`)
	})
	gh := app.Installation(1)
	ctx := t.Context()
	_, published := gh.Publish(ctx, "a/b", 3, "false")
	_, locked := gh.CreateRuleset(ctx, "a/b", step.Ruleset{
		Name: "lock", Include: []string{"refs/heads/main"}, Rules: []string{
			"required_status_checks"}, RequiredCheck: "slipway/freeze", BypassApps: []int64{7},
	})
	for _, err := range []error{
		published, locked,
		gh.FastForward(ctx, "a/b", "release/1", "s"),
		gh.CreateTag(ctx, "a/b", "1", "s", "first"),
		gh.SetMilestone(ctx, "a/b", 4, 0),
		gh.EditMilestone(ctx, "a/b", step.Milestone{Number: 5, Title: "1"}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	same(t, []string{
		`PATCH repos/a/b/releases/3 {"draft":false,"make_latest":"false"}`,
		`POST repos/a/b/rulesets {"bypass_actors":[{"actor_id":7,"actor_type":"Integration","bypass_mode":"always"}],` +
			`"conditions":{"ref_name":{"include":["refs/heads/main"],"exclude":[]}},"enforcement":"active",` +
			`"name":"lock","rules":[{"type":"required_status_checks",` +
			`"parameters":{"required_status_checks":[{"context":"slipway/freeze","integration_id":7}],` +
			`"strict_required_status_checks_policy":false}}],"target":"branch"}`,
		`PATCH repos/a/b/git/refs/heads/release/1 {"force":false,"sha":"s"}`,
		`POST repos/a/b/git/tags {"message":"first","object":"s","tag":"1","type":"commit"}`,
		`POST repos/a/b/git/refs {"ref":"refs/tags/1","sha":"t1"}`,
		`PATCH repos/a/b/issues/4 {"milestone":null}`,
		`PATCH repos/a/b/milestones/5 {"description":"","title":"1"}`,
	}, f.asked)
}

func TestFilesAreReadWhateverTheirSize(t *testing.T) {
	_, app := open(t, Pace{}, func(w http.ResponseWriter, r *http.Request, _ string) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/small"):
			fmt.Fprintf(w, `{"type":"file","encoding":"base64","content":%q}`,
				base64.StdEncoding.EncodeToString([]byte("text"))+"\n")
		case strings.HasSuffix(r.URL.Path, "/folder"):
			fmt.Fprint(w, `[]`)
		case strings.Contains(r.Header.Get("Accept"), "raw"):
			fmt.Fprint(w, "large")
		default:
			fmt.Fprint(w, `{"type":"file","encoding":"none","content":""}`)
		}
	})
	for path, want := range map[string]string{"small": "text", "large": "large", "folder": ""} {
		content, found, err := app.Installation(1).File(t.Context(), "a/b", path, "")
		same(t, want, string(must(content, err)(t)))
		same(t, want != "", found)
	}
}

func TestPeopleAreWhoGitHubSays(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/collaborators/ann/permission": `{"permission":"write","role_name":"maintain","user":{"id":1}}`,
		"GET repos/a/b/collaborators/bob/permission": `{"permission":"read","role_name":"helper","user":{"id":2}}`,
		"GET repos/a/b/collaborators/dan/permission": `{"permission":"admin","role_name":"admin","user":{"id":4}}`,
		"GET orgs/a/teams/t/memberships/ann":         `{"state":"active"}`,
		"GET orgs/a/teams/t/memberships/bob":         `{"state":"pending"}`,
		"GET orgs/a/teams/t/memberships/dan":         `{"state":"active"}`,
		"GET user/1":                                 `{"id":1,"login":"ann"}`,
		"GET user/2":                                 `{"id":2,"login":"bob"}`,
		"GET user/4":                                 `{"id":4,"login":"dan"}`,
	}))
	gh := app.Installation(1)
	for who, want := range map[step.User]string{
		{Login: "ann", ID: 1}: "maintain", {Login: "bob", ID: 2}: "read", {Login: "eve", ID: 3}: "none",
		{Login: "dan", ID: 4}:   "admin",
		{Login: "dan"}:          "none",     // an id that is not known is nobody's
		{Login: "dan", ID: 5}:   "none",     // the login was given up, and is somebody else's
		{Login: "annie", ID: 1}: "maintain", // has another login now
		{Login: "dan", ID: 1}:   "maintain", // and the old one is somebody else's
	} {
		same(t, want, must(gh.Permission(t.Context(), "a/b", who))(t))
		same(t, who.ID == 1 || who.ID == 4, must(gh.TeamMember(t.Context(), "a", "t", who))(t))
	}
}

func TestAPullRequestHasAMergeOnlyWhenMerged(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/pulls/1": `{"number":1,"state":"open","merge_commit_sha":"test"}`,
		"GET repos/a/b/pulls/2": `{"number":2,"state":"closed","merge_commit_sha":"m",` +
			`"merged_at":"2026-05-04T12:00:00Z"}`,
	}))
	for number, want := range map[int]string{1: "", 2: "m"} {
		p, _, err := app.Installation(1).Pull(t.Context(), "a/b", number)
		same(t, want, must(p, err)(t).MergeSHA)
	}
}

func TestLongTextsAreCutWithANoteAndKeepTheirMark(t *testing.T) {
	long := strings.Repeat("ä", bodyLimit+1)
	mark := parse.Marker("a/b#1/reply/2")
	for name, test := range map[string]struct{ text, end string }{
		"plain":            {long, "longer text._"},
		"marked":           {long + "\n\n" + mark, "longer text._\n\n" + mark},
		"not quite a mark": {long + "\n<!-- " + strings.Repeat("x", 2000) + " -->", "longer text._"},
	} {
		t.Run(name, func(t *testing.T) {
			got := cut(test.text, bodyLimit)
			same(t, bodyLimit, len([]rune(got)))
			if !strings.HasSuffix(got, test.end) {
				t.Errorf("want the end %q, got %q", test.end, got[len(got)-100:])
			}
		})
	}
	fits := strings.Repeat("ä", bodyLimit)
	same(t, fits, cut(fits, bodyLimit))
}

func TestTheTextOfAnIssueIsNeverCut(t *testing.T) {
	long := strings.Repeat("x", bodyLimit+1)
	f, app := open(t, Pace{}, refusals(says(422, `{"message":"body is too long (maximum is 65536 characters)"}`)))
	err := app.Installation(1).EditBody(t.Context(), "a/b", 1, long)
	same(t, "edit issue 1 in a/b: 422 body is too long (maximum is 65536 characters)", fmt.Sprint(err))
	same(t, []string{`PATCH repos/a/b/issues/1 {"body":"` + long + `"}`}, f.asked)
}

func TestNoNameLeadsOutOfItsPath(t *testing.T) {
	f, app := open(t, Pace{}, routes(nil))
	gh := app.Installation(1)
	_, _, branch := gh.Branch(t.Context(), "a/b", "../../../../other/repo/git/ref/heads/main")
	_, _, file := gh.File(t.Context(), "a/b", "docs/../../secret", "")
	_, repo := gh.DefaultBranch(t.Context(), "../user")
	for name, err := range map[string]error{"branch": branch, "file": file, "repository": repo} {
		if err == nil {
			t.Errorf("a %s with .. was asked for", name)
		}
	}
	same(t, []string(nil), f.asked)
}

func TestARulesetThatIsNotInForceIsNotThere(t *testing.T) {
	list := `[{"id":1,"enforcement":"disabled"},{"id":2,"enforcement":"evaluate"},{"id":3,"enforcement":"active"},` +
		`{"id":4,"enforcement":"active"}]`
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/rulesets?includes_parents=false&per_page=100": list,
		"GET repos/a/b/rulesets/3?includes_parents=false": `{"id":3,"name":"lock",` +
			`"conditions":{"ref_name":{"include":["refs/heads/main"]}},` +
			`"rules":[{"type":"update"},{"type":"required_status_checks",` +
			`"parameters":{"required_status_checks":[{"context":"freeze","integration_id":7}]}}],` +
			`"bypass_actors":[{"actor_id":7,"actor_type":"Integration"},{"actor_id":1,` +
			`"actor_type":"OrganizationAdmin"}],"_links":{"html":{"href":"u"}}}`,
	}))
	same(t, []step.Ruleset{{
		ID: 3, Name: "lock", Include: []string{"refs/heads/main"}, Rules: []string{"update",
			"required_status_checks"}, RequiredCheck: "freeze", BypassApps: []int64{7}, URL: "u",
	}}, must(app.Installation(1).Rulesets(t.Context(), "a/b", ""))(t))
}
