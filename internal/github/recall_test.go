package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

// lagging answers like GitHub whose lists lag: each list is empty, whatever was made; by id all of answers is there.
func lagging(answers map[string]string) func(http.ResponseWriter, *http.Request, string) {
	for list, empty := range map[string]string{
		"issues/1/comments?per_page=100": `[]`, "releases?per_page=100": `[]`,
		"milestones?state=all&per_page=100":            `[]`,
		"rulesets?includes_parents=false&per_page=100": `[]`, "labels?per_page=100": `[]`,
		"pulls?base=main&direction=desc&head=a%3Ax&per_page=100&sort=created&state=all": `[]`,
		"commits/s/check-runs?filter=latest&per_page=100":                               `{"check_runs":[]}`,
		"commits/s/status?per_page=100":                                                 `{"statuses":[]}`,
		"git/matching-refs/heads/x":                                                     `[]`,
		"git/matching-refs/tags/1":                                                      `[]`,
		"git/matching-refs/tags/":                                                       `[]`,
		"actions/workflows/w.yaml/runs?head_sha=s&per_page=100":                         `{"workflow_runs":[]}`,
	} {
		if _, ok := answers["GET repos/a/b/"+list]; !ok {
			answers["GET repos/a/b/"+list] = empty
		}
	}
	return routes(answers)
}

// way is how one kind of thing is made and listed.
type way struct {
	post, read, answer string // paths below repos/a/b/, and GitHub's answer to both
	make               func(context.Context, step.GitHub) error
	list               func(context.Context, step.GitHub) (int, error)
	made               Made
}

func count[T any](list []T, err error) (int, error) { return len(list), err }

func ways() map[string]way {
	return map[string]way{
		"comment": {
			post: "issues/1/comments", read: "issues/comments/3", answer: `{"id":3,"html_url":"u"}`,
			make: func(ctx context.Context, gh step.GitHub) error {
				_, err := gh.CreateComment(ctx, "a/b", 1, "x")
				return err
			},
			list: func(ctx context.Context, gh step.GitHub) (int, error) { return count(gh.Comments(ctx, "a/b", 1)) },
			made: Made{Kind: "comment", Repo: "a/b", ID: 3, Number: 1, URL: "u", At: start},
		},
		"release": {
			post: "releases", read: "releases/3", answer: `{"id":3,"tag_name":"1.0","draft":true}`,
			make: func(ctx context.Context, gh step.GitHub) error {
				_, err := gh.CreateDraft(ctx, "a/b", step.Published{Tag: "1.0"})
				return err
			},
			list: func(ctx context.Context, gh step.GitHub) (int, error) { return count(gh.Releases(ctx, "a/b")) },
			made: Made{Kind: "release", Repo: "a/b", ID: 3, Name: "1.0", At: start},
		},
		"ruleset": {
			post: "rulesets", read: "rulesets/3?includes_parents=false", answer: `{"id":3,"name":"lock",` +
				`"enforcement":"active"}`,
			make: func(ctx context.Context, gh step.GitHub) error {
				_, err := gh.CreateRuleset(ctx, "a/b", step.Ruleset{Name: "lock"})
				return err
			},
			list: func(ctx context.Context, gh step.GitHub) (int, error) { return count(gh.Rulesets(ctx, "a/b", "")) },
			made: Made{Kind: "ruleset", Repo: "a/b", ID: 3, Name: "lock", At: start},
		},
		"milestone": {
			post: "milestones", read: "milestones/3", answer: `{"id":9,"number":3,"title":"1.0"}`,
			make: func(ctx context.Context, gh step.GitHub) error {
				_, err := gh.CreateMilestone(ctx, "a/b", step.Milestone{Title: "1.0"})
				return err
			},
			list: func(ctx context.Context, gh step.GitHub) (int, error) { return count(gh.Milestones(ctx, "a/b")) },
			made: Made{Kind: "milestone", Repo: "a/b", ID: 9, Number: 3, Name: "1.0", At: start},
		},
		"pull": {
			post: "pulls", read: "pulls/3", answer: `{"id":9,"number":3,"head":{"ref":"x","sha":"s"},` +
				`"base":{"ref":"main"}}`,
			make: func(ctx context.Context, gh step.GitHub) error {
				_, err := gh.OpenPull(ctx, "a/b", step.Pull{Head: "x", Base: "main"})
				return err
			},
			list: func(ctx context.Context, gh step.GitHub) (int, error) {
				return count(gh.PullsFrom(ctx, "a/b", "x", "main"))
			},
			made: Made{Kind: "pull", Repo: "a/b", ID: 9, Number: 3, Name: "a:x", SHA: "s", At: start},
		},
		"check": {
			post: "check-runs", read: "check-runs/3", answer: `{"id":3,"name":"slipway"}`,
			make: func(ctx context.Context, gh step.GitHub) error {
				return gh.CreateCheck(ctx, "a/b", "s", step.Check{Name: "slipway"})
			},
			list: func(ctx context.Context, gh step.GitHub) (int, error) { return count(gh.Checks(ctx, "a/b", "s")) },
			made: Made{Kind: "check", Repo: "a/b", ID: 3, Name: "slipway", SHA: "s", At: start},
		},
		"branch": {
			post: "git/refs", read: "git/ref/heads/x", answer: `{"ref":"refs/heads/x","object":{"sha":"s",` +
				`"type":"commit"}}`,
			make: func(ctx context.Context, gh step.GitHub) error { return gh.CreateBranch(ctx, "a/b", "x", "s") },
			list: func(ctx context.Context, gh step.GitHub) (int, error) { return count(gh.Branches(ctx, "a/b", "x")) },
			made: Made{Kind: "branch", Repo: "a/b", Name: "x", SHA: "s", At: start},
		},
		"tag": {
			post: "git/refs", read: "git/ref/tags/1", answer: `{"ref":"refs/tags/1","object":{"sha":"s",` +
				`"type":"commit"}}`,
			make: func(ctx context.Context, gh step.GitHub) error { return gh.CreateTag(ctx, "a/b", "1", "s", "") },
			list: func(ctx context.Context, gh step.GitHub) (int, error) { return count(gh.Tags(ctx, "a/b")) },
			made: Made{Kind: "tag", Repo: "a/b", Name: "1", SHA: "s", At: start},
		},
	}
}

func TestAListThatLagsHoldsWhatWasMade(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			answers := map[string]string{"POST repos/a/b/" + way.post: way.answer,
				"GET repos/a/b/" + way.read: way.answer}
			_, app := open(t, Pace{}, lagging(answers))
			gh := app.Installation(1)
			var recorded []Made
			w := NewWritten(nil, func(m Made) error { recorded = append(recorded, m); return nil })
			ctx := Recalling(t.Context(), w)
			before, err := way.list(ctx, gh)
			same(t, 0, must(before, err)(t))
			if err := way.make(ctx, gh); err != nil {
				t.Fatal(err)
			}
			same(t, []Made{way.made}, recorded)
			same(t, recorded, w.Made())

			stored, err := json.Marshal(recorded)
			var earlier []Made
			if err := errors.Join(err, json.Unmarshal(stored, &earlier)); err != nil {
				t.Fatal(err)
			}
			next := Recalling(t.Context(), NewWritten(earlier, nil))
			// one that knows of nothing sees nothing
			for want, jobs := range [][]context.Context{{t.Context()}, {ctx, next}} {
				for _, job := range jobs {
					n, err := way.list(job, gh)
					same(t, want, must(n, err)(t))
				}
			}
		})
	}
}

func TestWhatIsMissingEvenByIdIsWhatGitHubAnswered(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, lagging(map[string]string{"POST repos/a/b/" + way.post: way.answer}))
			gh, w := app.Installation(1), NewWritten(nil, nil)
			ctx := Recalling(t.Context(), w)
			if err := way.make(ctx, gh); err != nil {
				t.Fatal(err)
			}
			n, err := way.list(ctx, gh)
			same(t, 1, must(n, err)(t))
			next := Recalling(t.Context(), NewWritten(w.Made(), nil))
			n, err = way.list(next, gh)
			if way.made.Kind == "branch" || way.made.Kind == "tag" { // a Made says all that there is of a ref
				same(t, 1, must(n, err)(t))
			} else if e, ok := errors.AsType[*Lagging](err); !ok || !e.Until.Equal(start.Add(settled)) {
				t.Errorf("another job must not take it for missing: %d, %v", n, err)
			}
			f.pass(settled)
			for _, ctx := range []context.Context{ctx, next} {
				n, err = way.list(ctx, gh)
				same(t, 0, must(n, err)(t)) // somebody deleted it
			}
		})
	}
}

func TestWhatWasDeletedOrEditedIsSeenSoWhateverTheListShows(t *testing.T) {
	old := `{"id":3,"body":"old","draft":true}`
	f, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/issues/1/comments?per_page=100": `[` + old + `]`,
		"GET repos/a/b/issues/comments/3":              `{"id":3,"body":"new"}`,
		"PATCH repos/a/b/issues/comments/3":            `{"id":3,"body":"new"}`,
		"GET repos/a/b/releases?per_page=100":          `[` + old + `]`,
		"GET repos/a/b/releases/3":                     old,
		"DELETE repos/a/b/releases/3":                  ``,
	}))
	gh, ctx := app.Installation(1), Recalling(t.Context(), NewWritten(nil, nil))
	if err := errors.Join(gh.EditComment(ctx, "a/b", 3, "new"), gh.DeleteDraft(ctx, "a/b", 3)); err != nil {
		t.Fatal(err)
	}
	same(t, "new", must(gh.Comments(ctx, "a/b", 1))(t)[0].Body)
	same(t, 0, len(must(gh.Releases(ctx, "a/b"))(t)))
	asked := len(f.asked)
	f.pass(recent + time.Second)
	same(t, 1, len(must(gh.Comments(ctx, "a/b", 1))(t)))
	same(t, asked+1, len(f.asked)) // the list is believed again
}

func TestWhatIsMissingIsPutInItsPlace(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET repos/a/b/issues/1/comments?per_page=100": `[{"id":1},{"id":5}]`,
		"GET repos/a/b/issues/comments/3":              `{"id":3}`,
	}))
	ctx := Recalling(t.Context(), NewWritten([]Made{
		{Kind: "comment", Repo: "a/b", ID: 3, Number: 1, At: start}, {Kind: "comment", Repo: "a/b", ID: 4, Number: 2,
			At: start},
		{Kind: "comment", Repo: "a/c", ID: 6, Number: 1, At: start},
	}, nil))
	var ids []int64
	for _, c := range must(app.Installation(1).Comments(ctx, "a/b", 1))(t) {
		ids = append(ids, c.ID)
	}
	same(t, []int64{1, 3, 5}, ids)
}

func TestAnAnnotatedTagThatIsNotListedIsPeeled(t *testing.T) {
	f, app := open(t, Pace{}, lagging(map[string]string{
		"POST repos/a/b/git/tags": `{"sha":"t1"}`,
		"POST repos/a/b/git/refs": `{"ref":"refs/tags/1","object":{"sha":"t1","type":"tag",` +
			`"url":"https://h/repos/a/b/git/tags/t1"}}`,
	}))
	gh, w := app.Installation(1), NewWritten(nil, nil)
	if err := gh.CreateTag(Recalling(t.Context(), w), "a/b", "1", "s", "first"); err != nil {
		t.Fatal(err)
	}
	at, found, err := gh.Tag(Recalling(t.Context(), NewWritten(w.Made(), nil)), "a/b", "1")
	same(t, step.Ref{Name: "1", SHA: "s", Object: "t1"}, must(at, err)(t))
	same(t, true, found)
	for _, asked := range f.asked {
		if strings.HasPrefix(asked, "GET repos/a/b/git/tags/") {
			t.Errorf("what was just made was read: %s", asked)
		}
	}
}

func TestACommentThatCannotBeSeenYetIsNotGone(t *testing.T) {
	_, app := open(t, Pace{}, lagging(map[string]string{}))
	ctx := Recalling(t.Context(), NewWritten([]Made{{Kind: "comment", Repo: "a/b", ID: 3, Number: 1, At: start}}, nil))
	err := app.Installation(1).EditComment(ctx, "a/b", 3, "x")
	if _, ok := errors.AsType[*Lagging](err); !ok || errors.Is(err, step.ErrGone) {
		t.Errorf("who takes it for deleted writes a second one: %v", err)
	}
}

func TestAWriteThatCannotBeRecordedIsAnError(t *testing.T) {
	_, app := open(t, Pace{}, lagging(map[string]string{"POST repos/a/b/issues/1/comments": `{"id":3}`}))
	full := errors.New("disk full")
	ctx := Recalling(t.Context(), NewWritten(nil, func(Made) error { return full }))
	c, err := app.Installation(1).CreateComment(ctx, "a/b", 1, "x")
	same(t, "comment on 1 in a/b: it was done, and could not be recorded: disk full", fmt.Sprint(err))
	same(t, true, errors.Is(err, full) && c.ID == 3)
}

func TestARunIsFoundById(t *testing.T) {
	run := `{"id":3,"event":"workflow_dispatch","head_sha":"s","status":"queued"}`
	_, app := open(t, Pace{}, lagging(map[string]string{"GET repos/a/b/actions/runs/3": run}))
	ctx := Recalling(t.Context(), NewWritten([]Made{{Kind: "run", Repo: "a/b", ID: 3, Name: "w.yaml", At: start}}, nil))
	same(t, []step.WorkflowRun{{ID: 3, Event: "workflow_dispatch", SHA: "s", Status: "queued"}},
		must(app.Installation(1).Runs(ctx, "a/b", "w.yaml", "s"))(t))
}

func TestWhatIsThereAlreadyIsToldApart(t *testing.T) {
	for body, want := range map[string]bool{
		`{"message":"Reference already exists"}`:                                                                      true,
		`{"message":"Validation Failed","errors":["Name must be unique"]}`:                                            true,
		`{"message":"Validation Failed","errors":[{"resource":"Milestone","code":"already_exists","field":"title"}]}`: true,
		`{"message":"Validation Failed","errors":[{"message":"A pull request already exists for a:x.",` +
			`"code":"custom"}]}`: true,
		`{"message":"Reference does not exist"}`: false,
	} {
		_, app := open(t, Pace{}, refusals(says(422, body)))
		err := app.Installation(1).CreateBranch(t.Context(), "a/b", "x", "s")
		e, ok := errors.AsType[*Exists](err)
		same(t, want, ok)
		same(t, true, !ok || e.Unprocessable())
		a, ok := errors.AsType[*Answer](err)
		same(t, true, ok && a.Status == 422)
	}
}
