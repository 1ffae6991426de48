package inspect_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/slipway-dev/slipway/internal/inspect"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

// shut is a GitHub that shows nothing.
type shut struct{}

var errShut = errors.New("403 Resource not accessible by integration")

func (shut) User(context.Context, string) (step.User, bool, error) {
	return step.User{}, false, errShut
}
func (shut) Team(context.Context, string, string) (int, bool, error)      { return 0, false, errShut }
func (shut) Branch(context.Context, string, string) (string, bool, error) { return "", false, errShut }
func (shut) File(context.Context, string, string, string) ([]byte, bool, error) {
	return nil, false, errShut
}
func (shut) Checks(context.Context, string, string) ([]step.Check, error) { return nil, errShut }

// What the App may not do is said once for each permission, and what GitHub does not show is not called missing.
func TestPermissionsThatTheProcessNeedsAreNamed(t *testing.T) {
	file := []byte("process: falco-libs\nteam: [ada]\n")
	p, err := process.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range inspect.Look(t.Context(), shut{}, inspect.Subject{File: file, Process: p, Repo: "acme/libs",
		Default: "main", Granted: map[string]string{"contents": "write", "issues": "write", "members": "read",
			"pull_requests": "read", "statuses": "read"}}) {
		got = append(got, f.String())
	}
	grant := "grant it in the settings of the App, and accept it in those of the organization"
	want := []string{
		"the App has not the permission administration: write in acme/libs; " + grant,
		"the App has not the permission checks: read in acme/libs; " + grant,
		"line 1, column 10: whether the branch main is there cannot be seen: " + errShut.Error() +
			"; give the token or the App the permission to read it",
		"line 2, column 8: whether the user ada is there cannot be seen: " + errShut.Error() +
			"; give the token or the App the permission to read it",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it finds %q", got)
	}
}
