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

// reads has one file, and counts how often it is read.
type reads struct {
	shut
	times *int
}

func (r reads) Branch(context.Context, string, string) (string, bool, error) {
	return "c8b48ad8", true, nil
}
func (r reads) File(context.Context, string, string, string) ([]byte, bool, error) {
	*r.times++
	return []byte("version: v10\nold: v09\n"), true, nil
}

// A file is read once for all edits in it, and the braces of an expression are no names.
func TestEditsOfOneFileAreLookedAtTogether(t *testing.T) {
	file := []byte(`name: tiny
versions: {prefix: v, kinds: [minor]}
roles: {owner: {permission: admin}}
may: {default: [owner]}
tracks: [{name: minor, for: [minor], phases: [cut]}]
phases:
  - name: cut
    pin: {sha: {head-of: "{default_branch}"}}
    do:
      - pull:
          title: Bump
          edits:
            - {file: V, match: '(?m)^version: v(\d{2})$', to: "{version}"}
            - {file: V, yaml: old, to: "{version}"}
            - {file: V, match: '(?m)^none: v(\d{2})$', to: "{version}"}
      - tag: {name: "{version}", at: "{sha}"}
`)
	p, err := process.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	times := 0
	found := inspect.Look(t.Context(), reads{times: &times}, inspect.Subject{File: file, Process: p, Repo: "acme/tiny",
		Default: "main"})
	if len(found) != 1 || times != 1 {
		t.Errorf("it finds %q, and reads the file %d times", found, times)
	}
}
