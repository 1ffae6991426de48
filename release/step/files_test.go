package step_test

import (
	"context"
	"testing"

	"github.com/slipway-dev/slipway/release/step"
)

// bare is a repository without files.
type bare struct{ step.FileStore }

func (bare) File(context.Context, string, string, string) ([]byte, bool, error) {
	return nil, false, nil
}

func TestAMissingFileIsToldWithItsWholeBranch(t *testing.T) {
	for rev, want := range map[string]string{
		"release/0.21.x": "there is no `VERSION` on release/0.21.x",
		"c8b48ad864dde2d81900702c43bcd01759682316": "there is no `VERSION` on c8b48ad8",
	} {
		_, why, err := step.FilesSay(t.Context(), bare{}, "acme/app", rev, "VERSION line 1.0.0")
		if why != want || err != nil {
			t.Errorf("%q, %v, want %q", why, err, want)
		}
	}
}
