package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

func TestEachFailureIsExplained(t *testing.T) {
	forbidden := func(message string, header ...string) func(http.ResponseWriter) {
		return says(403, fmt.Sprintf(`{"message":%q}`, message), header...)
	}
	const noAccess, accepted = "Resource not accessible by integration", "X-Accepted-GitHub-Permissions"
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		want   Failure // Why and Fix are parts
	}{
		"a bad token": {says(401, `{"message":"Bad credentials"}`),
			Failure{Why: `GitHub does not accept the access token ("Bad credentials")`,
				Fix: "the operator of Slipway"}},
		"a permission that is named": {forbidden(noAccess, accepted, "checks=read"),
			Failure{Why: `the App lacks a permission for it ("` + noAccess + `")`, Permission: "checks: read",
				Fix: "adds the permission checks: read in its settings, and an owner", Final: true}},
		"a permission that is not named": {forbidden(noAccess),
			Failure{Why: "the App lacks a permission", Fix: "compares its permissions", Final: true}},
		"SAML": {forbidden("Resource protected by organization SAML enforcement. You must grant your token access."),
			Failure{Why: "single sign-on (SAML)", Fix: "authorizes the App", Final: true}},
		"an IP allow list": {forbidden("Although you appear to have the correct authorization credentials, the " +
			"`acme` organization has an IP allow list enabled, and your IP address is not permitted to access this " +
			"resource."),
			Failure{Why: "lets only certain addresses in", Fix: "adds the address of Slipway", Final: true}},
		"a plan": {forbidden("Upgrade to GitHub Pro or make this repository public to enable this feature."),
			Failure{Why: "the plan of the repository's owner", Fix: "changes the plan, or makes the repository public",
				Final: true}},
		"a suspended installation": {forbidden("This installation has been suspended"),
			Failure{Why: "the App is suspended there", Fix: "lifts the suspension", Final: true}},
		"a rule of the repository": {says(422,
			`{"message":"Repository rule violations found\n\nCannot update this protected ref."}`),
			Failure{Why: "a rule of the repository is against it", Fix: "looks at its rules", Final: true}},
		"a protected branch": {forbidden("Protected branch update failed for refs/heads/main."),
			Failure{Why: "a rule of the repository is against it", Fix: "looks at its rules", Final: true}},
		"an archive": {forbidden("Repository was archived so is read-only."),
			Failure{Why: "is archived", Fix: "out of the archive", Final: true}},
		"a locked issue": {forbidden("Unable to create comment because issue is locked."),
			Failure{Why: "the issue is locked", Fix: "unlocks", Final: true}},
		"another 403": {forbidden("no"), Failure{Why: `GitHub does not let the App do it ("no")`, Fix: "administrator",
			Final: true}},
		"a rate limit": {says(429, `{}`, "Retry-After", "600"),
			Failure{Why: "GitHub wants no more requests before 12:10 UTC", Until: start.Add(10 * time.Minute)}},
		"the hour's rate limit": {says(403, `{"message":"API rate limit exceeded"}`, "X-RateLimit-Remaining", "0",
			"X-RateLimit-Reset", fmt.Sprint(start.Add(time.Hour).Unix())),
			Failure{Why: "GitHub wants no more requests before 13:00 UTC", Until: start.Add(time.Hour)}},
		"a secondary rate limit": {forbidden("You have exceeded a secondary rate limit."),
			Failure{Why: "GitHub wants no more requests before 12:01 UTC", Until: start.Add(time.Minute)}},
		"nothing there": {says(404, `{"message":"Not Found"}`),
			Failure{Why: `it does not exist, or the App may not see it ("Not Found")`, Fix: "check that it exists",
				Final: true}},
		"a conflict": {says(409, `{"message":"Conflict"}`),
			Failure{Why: `something else changed at the same time ("Conflict")`}},
		"a repository without commits": {says(409, `{"message":"Git Repository is empty."}`),
			Failure{Why: "has no commit yet", Fix: "pushes a first commit", Final: true}},
		"a deleted issue": {says(410, `{"message":"This issue was deleted"}`),
			Failure{Why: "it was deleted", Final: true}},
		"no issues": {says(410, `{"message":"Issues has been disabled in this repository."}`),
			Failure{Why: "switched off", Fix: "switches it on", Final: true}},
		"a validation": {says(422,
			`{"message":"Validation Failed","errors":[{"resource":"Release","code":"invalid","field":"tag_name"}]}`),
			Failure{Why: `GitHub does not accept what was sent ("Validation Failed: Release tag_name invalid")`,
				Final: true}},
		"there already": {says(422, `{"message":"Reference already exists"}`),
			Failure{Why: "it is there already", Final: true}},
		"a legal block": {says(451, `{"message":"Repository access blocked"}`),
			Failure{Why: "for legal reasons", Fix: "GitHub's support", Final: true}},
		"a failure of GitHub": {says(502, `<html>`), Failure{Why: `GitHub has a problem of its own ("Bad Gateway")`}},
		"another status": {says(418, `{"message":"I am a teapot"}`),
			Failure{Why: `GitHub refuses with 418 ("I am a teapot")`, Final: true}},
		"an empty answer": {says(201, `{}`),
			Failure{Why: "nobody knows whether it took effect", Fix: "Slipway looks"}},
		"a page of a proxy": {says(200, `<html>`),
			Failure{Why: "nobody knows whether it took effect", Fix: "Slipway looks"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, app := open(t, Pace{}, func(w http.ResponseWriter, _ *http.Request, _ string) { test.answer(w) })
			test.want.What = "create branch x in a/b"
			explained(t, test.want, app.Installation(1).CreateBranch(t.Context(), "a/b", "x", "s"))
		})
	}
}

// explained holds that an error is explained so. Why and Fix are parts of what is said.
func explained(t *testing.T, want Failure, err error) {
	t.Helper()
	got, ok := Explain(fmt.Errorf("the job: %w", err))
	if !ok || !strings.Contains(got.Why, want.Why) || !strings.Contains(got.Fix, want.Fix) ||
		(want.Fix == "") != (got.Fix == "") {
		t.Errorf("%v is explained as %+v", err, got)
	}
	want.Why, want.Fix = got.Why, got.Fix
	same(t, want, got)
	if strings.HasSuffix(got.Why, ".") || strings.HasSuffix(got.Fix, ".") {
		t.Errorf("a full stop is the caller's: %+v", got)
	}
}

func TestAReadIsExplainedWithAShortSHA(t *testing.T) {
	sha := strings.Repeat("3f2c1ab9", 5)
	_, app := open(t, Pace{}, func(w http.ResponseWriter, _ *http.Request, _ string) { says(200, `<html>`)(w) })
	_, err := app.Installation(1).Checks(t.Context(), "a/b", sha)
	explained(t,
		Failure{What: "list the checks of 3f2c1ab9 in a/b",
			Why: `sent an answer that cannot be read ("GitHub's answer is broken: it is not JSON")`}, err)
}

func TestARefusedTokenIsExplained(t *testing.T) {
	for name, test := range map[string]struct {
		refusal func(http.ResponseWriter)
		want    Failure
	}{
		"uninstalled": {says(404, `{"message":"Not Found"}`),
			Failure{Why: "the installation 1 of the App does not exist any more", Fix: "installs the App again",
				Final: true}},
		"suspended": {says(403, `{"message":"This installation has been suspended"}`),
			Failure{Why: "the App is suspended there", Fix: "lifts the suspension", Final: true}},
		"another key": {says(401, `{"message":"A JSON web token could not be decoded"}`),
			Failure{Why: "GitHub does not accept the App's key", Fix: "private key", Final: true}},
		"GitHub failed": {says(500, ``), Failure{Why: "GitHub has a problem of its own"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, app := open(t, Pace{}, refusals())
			f.tokens = []func(http.ResponseWriter){test.refusal, test.refusal, test.refusal}
			test.want.What = "read the default branch of a/b"
			_, err := app.Installation(1).DefaultBranch(t.Context(), "a/b")
			explained(t, test.want, err)
			same(t, false, missing(err)) // the repository may well be there
		})
	}
}

func TestWhatNeverCameIsExplained(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want Failure
	}{
		"a lost connection": {io.ErrUnexpectedEOF, Failure{Why: `GitHub cannot be reached ("unexpected EOF")`}},
		"a time-out":        {context.DeadlineExceeded, Failure{Why: "GitHub did not answer in time"}},
		"another place": {errMoved, Failure{Why: "the repository has moved", Fix: "under its new name",
			Final: true}},
		"a lag": {&Lagging{What: "comment 3 in a/b", Until: start},
			Failure{Why: "GitHub does not show comment 3 in a/b yet", Until: start}},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.What = "read issue 1 in a/b"
			explained(t, test.want, &attempt{"read issue 1 in a/b", test.err})
		})
	}
	for name, err := range map[string]error{
		"another error": errors.New("disk full"), "a job that was stopped": &attempt{"read issue 1 in a/b",
			context.Canceled}, "no error": nil, "an end": step.ErrGone,
	} {
		if f, ok := Explain(err); ok {
			t.Errorf("%s is none of GitHub's: %+v", name, f)
		}
	}
}
