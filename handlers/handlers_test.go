package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
)

// calls writes down what the handlers call.
type calls struct {
	list  []string
	said  []conversation.Said
	deeds []conversation.Happening
}

func (c *calls) note(format string, args ...any) error {
	c.list = append(c.list, fmt.Sprintf(format, args...))
	return nil
}

func at(p conversation.Place) string { return fmt.Sprintf("%s#%d@%d", p.Name, p.Issue, p.Installation) }

type talk struct{ *calls }

func (t talk) Find(_ context.Context, repo int64) (conversation.Place, bool, error) {
	return conversation.Place{Repo: repo, Name: "acme/app", Installation: 3}, repo == 7, nil
}

func (t talk) Hear(_ context.Context, p conversation.Place, s conversation.Said) error {
	t.said = append(t.said, s)
	return t.note("hear %s", at(p))
}

func (t talk) Happened(_ context.Context, p conversation.Place, c conversation.Cause, h conversation.Happening) error {
	t.deeds = append(t.deeds, h)
	return t.note("%s %s by %s", h.What, at(p), c.By)
}

func (t talk) Installed(_ context.Context, list []conversation.Repository, _ conversation.Cause) error {
	return t.note("installed %v", list)
}

func (t talk) Left(_ context.Context, installation, repo int64, why string, at time.Time) error {
	return t.note("left %d of %d: %s at %s", repo, installation, why, at.Format("15:04"))
}

func (t talk) LeftAll(_ context.Context, installation int64, why string, at time.Time) error {
	return t.note("left all of %d: %s at %s", installation, why, at.Format("15:04"))
}

func (t talk) Unsuspended(_ context.Context, installation int64, _ conversation.Cause) error {
	return t.note("unsuspended %d", installation)
}

func (t talk) Permitted(_ context.Context, installation int64, _ conversation.Cause) error {
	return t.note("permitted %d", installation)
}

type releases struct{ *calls }

func (r releases) Wake(_ context.Context, repo int64) error {
	return r.note("wake releases of %d", repo)
}

type fixes struct{ *calls }

func (f fixes) Issue(_ context.Context, p conversation.Place) error { return f.note("issue %s", at(p)) }
func (f fixes) Pull(_ context.Context, p conversation.Place) error  { return f.note("pull %s", at(p)) }
func (f fixes) Merged(_ context.Context, p conversation.Place) error {
	return f.note("merged %s", at(p))
}
func (f fixes) Tagged(_ context.Context, repo int64, tag string) error {
	return f.note("tagged %d %s", repo, tag)
}

func (f fixes) Published(_ context.Context, p conversation.Place, tag string) error {
	return f.note("published %s %s", at(p), tag)
}
func (f fixes) Wake(_ context.Context, repo int64) error { return f.note("wake fixes of %d", repo) }

type reviews struct{ *calls }

func (r reviews) Pull(_ context.Context, p conversation.Place) error {
	return r.note("review %s", at(p))
}

func (r reviews) Closed(_ context.Context, p conversation.Place) error {
	return r.note("forget %s", at(p))
}

func (r reviews) Again(_ context.Context, repo int64, sha string) error {
	return r.note("review %s of %d again", sha, repo)
}

type tokens struct{ *calls }

func (t tokens) Renew(installation int64) { _ = t.note("renew %d", installation) }

// handle gives a payload to the handler of its event, as internal/webhook does.
func handle(t *testing.T, event, payload string) (*calls, error) {
	t.Helper()
	c := &calls{}
	cause := conversation.Cause{GUID: "g1", At: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), By: "maria", ByID: 9}
	for _, h := range All(Base{Conversation: talk{c}, Releases: releases{c}, Patches: fixes{c}, Reviews: reviews{c},
		Tokens: tokens{c}}) {
		if slices.Contains(h.Handles(), event) {
			return c, h.Handle(conversation.WithCause(t.Context(), cause), event, "g1", []byte(payload))
		}
	}
	t.Fatalf("nobody handles %s", event)
	return nil, nil
}

// with is a payload with these members beside those that all have.
func with(members string) string {
	if members != "" {
		members = "," + members
	}
	return `{"repository":{"id":7,"full_name":"acme/app","default_branch":"main"},"installation":{"id":3},` +
		`"sender":{"login":"maria","id":9,"type":"User"}` + members + `}`
}

func quoted(text string) string {
	data, _ := json.Marshal(text) // a string always has a JSON form
	return string(data)
}

const tracking = `"issue":{"number":5,"title":"Release 1.0.0","body":"hi","updated_at":"2026-11-21T12:00:00Z"}`

func TestEachEventLeadsToItsCalls(t *testing.T) {
	const woken = "wake releases of 7\nwake fixes of 7"
	for name, one := range map[string]struct{ event, payload, want string }{
		"a tag": {"create", with(`"ref":"v1.0.0","ref_type":"tag"`),
			"tagged 7 v1.0.0\n" + woken},
		"a branch":                       {"create", with(`"ref":"next","ref_type":"branch"`), woken},
		"a push":                         {"push", with(``), woken},
		"an event of no repository":      {"push", `{"sender":{"login":"maria"}}`, ""},
		"a repository that nobody knows": {"push", `{"repository":{"id":8,"full_name":"acme/other"}}`, ""},
		"a published release": {"release", with(`"action":"published","release":{"tag_name":"v1.0.0"}`),
			"published acme/app#0@3 v1.0.0\nwake releases of 0\n" + woken},
		"a draft": {"release", with(`"action":"created","release":{"tag_name":"v1.0.0"}`), woken},
		"a merged pull request": {"pull_request", with(`"action":"closed","number":4`),
			"pull acme/app#4@3\nforget acme/app#4@3\nmerged acme/app#4@3\n" + woken},
		"a new pull request": {"pull_request", with(`"action":"opened","number":4`),
			"pull acme/app#4@3\nreview acme/app#4@3\n" + woken},
		"a push to a pull request": {"pull_request", with(`"action":"synchronize","number":4`),
			"pull acme/app#4@3\nreview acme/app#4@3\n" + woken},
		"a pull request that goes elsewhere now": {"pull_request",
			with(`"action":"edited","number":4,"changes":{"base":{"ref":{"from":"next"}}}`),
			"pull acme/app#4@3\nreview acme/app#4@3\n" + woken},
		"a new title of a pull request": {"pull_request",
			with(`"action":"edited","number":4,"changes":{"title":{"from":"x"}}`), "pull acme/app#4@3\n" + woken},
		"a check run that is wanted anew": {"check_run", with(`"action":"rerequested","check_run":{"head_sha":"c1"}`),
			"review c1 of 7 again\n" + woken},
		"all check runs that are wanted anew": {"check_suite",
			with(`"action":"rerequested","check_suite":{"head_sha":"c1"}`), "review c1 of 7 again\n" + woken},
		"a check run that ended": {"check_run", with(`"action":"completed","check_run":{"head_sha":"c1"}`), woken},
		"a labelled pull request": {"pull_request", with(`"action":"labeled","number":4`),
			"pull acme/app#4@3\n" + woken},
		"an assigned pull request": {"pull_request", with(`"action":"assigned","number":4`), woken},
		"a closed issue": {"issues", with(`"action":"closed",` + tracking),
			"closed acme/app#5@3 by maria\nissue acme/app#5@3\n" + woken},
		"a locked issue": {"issues", with(`"action":"locked",` + tracking),
			"locked acme/app#5@3 by maria\nissue acme/app#5@3\n" + woken},
		"a deleted issue": {"issues", with(`"action":"deleted",` + tracking),
			"deleted acme/app#5@3 by maria\n" + woken},
		"a labelled issue": {"issues", with(`"action":"labeled",` + tracking), "issue acme/app#5@3\n" + woken},
		"a new title": {"issues", with(`"action":"edited","changes":{"title":{"from":"x"}},` + tracking),
			"issue acme/app#5@3\n" + woken},
		"a deleted repository": {"repository", with(`"action":"deleted"`), "left 7 of 3: deleted at 12:00"},
		"a renamed repository": {"repository", with(`"action":"renamed"`), woken},
		"an uninstalled App": {"installation", `{"action":"deleted","installation":{"id":3}}`,
			"left all of 3: uninstalled at 12:00"},
		"a suspended one": {"installation", `{"action":"suspend","installation":{"id":3}}`,
			"left all of 3: suspended at 12:00"},
		"one that works again": {"installation", `{"action":"unsuspend","installation":{"id":3}}`,
			"unsuspended 3\nwake fixes of 0"},
		"one that is installed": {"installation",
			`{"action":"created","installation":{"id":4},"repositories":[{"id":7,"full_name":"acme/app"}]}`,
			"installed [{7 acme/app 4 false}]\nwake fixes of 0"},
		"new permissions": {"installation", `{"action":"new_permissions_accepted","installation":{"id":3}}`,
			"renew 3\npermitted 3\nwake fixes of 0"},
		"repositories that were removed": {"installation_repositories",
			`{"installation":{"id":3},"repositories_removed":[{"id":7,"full_name":"acme/app"}],` +
				`"repositories_added":[]}`,
			"left 7 of 3: removed at 12:00"},
		"repositories that were added": {"installation_repositories",
			`{"installation":{"id":3},"repositories_added":[{"id":7,"full_name":"acme/app","private":false}],` +
				`"repositories_removed":[]}`,
			"installed [{7 acme/app 3 true}]\nwake fixes of 0"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := handle(t, one.event, one.payload)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(one.want, strings.Join(c.list, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestACommentIsHeardWithWhatItsPayloadTells(t *testing.T) {
	c, err := handle(t, "issue_comment", with(`"action":"created","issue":{"number":5,"title":"Release 1.0.0",
		"body":`+quoted(parse.Begin+"\nx\n"+parse.End)+`,"assignees":[{"login":"olaf","id":2}],
		"milestone":{"title":"1.0.0"},"pull_request":{}},
		"comment":{"id":11,"body":"/release cut","created_at":"2026-11-21T11:59:00Z","updated_at":"2026-11-21T11:59:30Z",
		"user":{"login":"maria","type":"User"},"performed_via_github_app":null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := conversation.Said{
		Comment: 11, At: time.Date(2026, 11, 21, 11, 59, 0, 0, time.UTC), By: "maria", ByID: 9, Body: "/release cut",
		Title: "Release 1.0.0", Assignees: []release.Person{{Login: "olaf",
			ID: 2}}, DefaultBranch: "main", Pull: true,
		Milestone: "1.0.0", Tracked: true,
	}
	if diff := cmp.Diff([]conversation.Said{want}, c.said); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyNewCommentsOfPeopleAreCommands(t *testing.T) {
	const by = `"user":{"login":"maria","type":"User"}`
	for name, one := range map[string]struct {
		action, comment, sender string
		heard, edited           bool
	}{
		"created":                 {"created", by, "User", true, false},
		"edited":                  {"edited", by, "User", true, true},
		"deleted":                 {"deleted", by, "User", false, false},
		"of a bot":                {"created", `"user":{"login":"x[bot]","type":"Bot"}`, "Bot", false, false},
		"of an App for a person":  {"created", by + `,"performed_via_github_app":{"id":1}`, "User", false, false},
		"of a bot, by a person":   {"edited", `"user":{"login":"x[bot]","type":"Bot"}`, "User", false, false},
		"of a person, by a robot": {"edited", by, "Bot", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			payload := with(fmt.Sprintf(`"action":%q,"issue":{"number":5},"comment":{"id":11,"body":"/release cut",%s}`,
				one.action, one.comment))
			payload = strings.Replace(payload, `"type":"User"}`, fmt.Sprintf(`"type":%q}`, one.sender), 1)
			c, err := handle(t, "issue_comment", payload)
			if err != nil || (len(c.said) == 1) != one.heard || one.heard && c.said[0].Edited != one.edited {
				t.Errorf("heard %+v, %v", c.said, err)
			}
		})
	}
}

func TestEditsOfADescriptionKeepTheirOrderAndComeBeforeComments(t *testing.T) {
	edit := func(second int, sender string) conversation.Said {
		payload := with(fmt.Sprintf(`"action":"edited","changes":{"body":{"from":"before"}},
			"issue":{"number":5,"body":"after","updated_at":"2026-11-21T12:00:%02dZ"}`, second))
		c, err := handle(t, "issues", strings.Replace(payload, `"type":"User"}`, fmt.Sprintf(`"type":%q}`, sender), 1))
		if err != nil || len(c.said) != 1 {
			t.Fatalf("heard %+v, %v", c, err)
		}
		return c.said[0]
	}
	first, again, second := edit(1, "User"), edit(1, "User"), edit(2, "User")
	if first.Comment != again.Comment || first.Comment >= second.Comment || second.Comment >= -1<<40 {
		t.Errorf("their numbers are %d, %d, %d", first.Comment, again.Comment, second.Comment)
	}
	if first.Before != "before" || first.Body != "after" {
		t.Errorf("heard %+v", first)
	}
	if bot := edit(3, "Bot"); bot.Body != "" || bot.Before != "" {
		t.Error("a bot can tick a box")
	}
}

func TestATransferredIssueSaysWhereItIs(t *testing.T) {
	c, err := handle(t, "issues", with(`"action":"transferred","changes":{"new_issue":{"number":8},
		"new_repository":{"id":70,"full_name":"acme/docs"}},`+tracking))
	if err != nil {
		t.Fatal(err)
	}
	want := []conversation.Happening{{What: conversation.Moved, To: "acme/docs", Repo: 70, Issue: 8}}
	if diff := cmp.Diff(want, c.deeds); diff != "" {
		t.Error(diff)
	}
}

func TestAPayloadOfTheWrongShapeIsGivenUp(t *testing.T) {
	for _, event := range []string{
		"issue_comment", "issues", "pull_request", "create", "release", "push", "repository", "installation",
		"installation_repositories", "check_run",
	} {
		_, err := handle(t, event, `{"repository":"acme/app","sender":[]}`)
		if gave, is := errors.AsType[store.GiveUp](err); !is || gave.Err == nil {
			t.Errorf("%s: %v", event, err)
		}
	}
	if !json.Valid([]byte(with(tracking))) {
		t.Error("the payloads of this test are no JSON")
	}
}
