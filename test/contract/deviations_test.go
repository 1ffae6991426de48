package contract

import (
	"slices"
	"strings"
	"testing"
)

// What the libraries send, byte for byte, is forgiven by exactly one entry of the table.
func TestWhatTheLibrariesSendIsForgiven(t *testing.T) {
	for _, test := range []struct {
		name string
		call call
		why  string // how the reason of the one entry begins
	}{
		{
			"ghinstallation asks for a token without options",
			call{method: "POST", path: "/app/installations/1/access_tokens", body: "null\n", status: 201},
			"ghinstallation",
		},
		{
			"go-github adds labels",
			call{method: "POST", path: "/repos/o/r/issues/1/labels", body: `["kind/bug"]` + "\n", status: 200},
			"go-github",
		},
		{
			"go-github replaces labels",
			call{method: "PUT", path: "/repos/o/r/issues/1/labels", body: `["kind/bug"]` + "\n", status: 200},
			"go-github",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := fresh(t)
			test.call.answer = documented(t, c, test.call.method, test.call.path, test.call.status)
			if token, ok := test.call.answer.(map[string]any); ok {
				// GitHub's own example of a token lists repositories with fields that its schema lacks.
				delete(token, "repositories")
			}
			wantProblems(t, exchanged(t, c, test.call))

			unneeded := c.Unneeded()
			var needed []string
			for _, d := range deviations() {
				if !slices.Contains(unneeded, d) {
					needed = append(needed, d.Why)
				}
			}
			if len(needed) != 1 || !strings.HasPrefix(needed[0], test.why) {
				t.Errorf("needed %q, want the one of %s", needed, test.why)
			}
		})
	}
}

func TestEveryDeviationSaysWhy(t *testing.T) {
	for _, d := range deviations() {
		if d.Method == "" || d.Route == "" || d.What == "" || d.Why == "" {
			t.Errorf("%s: all four columns must be filled", d)
		}
	}
}
