package process_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/process"
)

const grants = "lets:\n- {repo: acme/app, process: app, read: [\"*\"], releases: true}\n- {repo: b/b, pulls: [docs/]}\n"

func TestWhatOthersMayDoIsRead(t *testing.T) {
	want := []consent.Grant{{Repo: "acme/app", Process: "app", Read: []string{"*"}, Releases: true},
		{Repo: "b/b", Pulls: []string{"docs/"}}}
	for name, file := range map[string]string{"alone": grants, "beside a process": "process: falco-libs\n" + grants,
		"beside a process that is wrong": "process: no-such\n" + grants} {
		got, err := process.Grants([]byte(file))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	if got, err := process.Grants([]byte("process: falco-libs\n")); len(got) > 0 || err != nil {
		t.Errorf("a file without lets gives %v, %v", got, err)
	}
}

func TestAFileMayOnlySayWhatOthersMayDo(t *testing.T) {
	if _, err := process.Load([]byte(grants)); !errors.Is(err, process.ErrNoProcess) {
		t.Errorf("it is read as %v", err)
	}
	p, err := process.Load([]byte("process: falco-libs\n" + grants))
	if err != nil || p.Name != "falco-libs" {
		t.Errorf("beside a process: %s, %v", p.Name, err)
	}
	for file, only := range map[string]bool{
		grants: true, "process: falco-libs\n" + grants: false, "": false, "lets": false,
		"process: falco-libs\n": false,
	} {
		if process.GrantsOnly([]byte(file)) != only {
			t.Errorf("%q says only what others may do: %t", file, !only)
		}
	}
}

func TestMistakesInLets(t *testing.T) {
	for file, want := range map[string]string{
		"lets: acme/app":                               "line 1, column 7: lets: this is a single value",
		"lets:\n- {repo: acme, releases: true}":        `line 2, column 10: lets[0].repo: "acme" is not the name`,
		"lets:\n- {repo: a/b}":                         "lets[0]: it allows nothing",
		"lets:\n- {repo: a/b, read: [../x]}":           `lets[0].read[0]: "../x" is not a path in a repository`,
		"lets:\n- {repo: a/b, pulls: [/etc]}":          `lets[0].pulls[0]: "/etc" is not a path in a repository`,
		"lets:\n- {repo: a/b, read: [docs/**]}":        `lets[0].read[0]: "docs/**" is not a path in a repository`,
		"lets:\n- {repo: a/b, reed: [x]}":              `there is no field "reed" here`,
		"lets:\n- {repo: a/b, releases: \"yes\"}":      `"yes" is neither true nor false`,
		"lets:\n- {repo: a/b, pull: [x], read: [a/b]}": "did you mean pulls?",
	} {
		for _, read := range []func([]byte) error{
			func(data []byte) error { _, err := process.Grants(data); return err },
			func(data []byte) error { _, err := process.Load(data); return err },
		} {
			if err := read([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s\nis read as %v\nwant %s", file, err, want)
			}
		}
	}
}
