package step_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/slipway-dev/slipway/release/step"
)

// closed is a registry that the configuration does not allow.
type closed struct{}

func (closed) Image(context.Context, string) (string, bool, error) {
	return "", false, fmt.Errorf("look for it: %w", &step.NotAsked{
		Why:  "the registry registry.example is not one that this server asks",
		Line: "registries: [ghcr.io, registry.example]",
	})
}

func TestARegistryThatIsNotAskedIsToldWithTheLineThatAllowsIt(t *testing.T) {
	missing, _, err := step.MissingImages(t.Context(), closed{}, []string{"registry.example/acme/app:1.0.0"})
	want := "`registry.example/acme/app:1.0.0` (the registry registry.example is not one that this server asks; the " +
		"operator of Slipway can allow it in the configuration of the server: `registries: [ghcr.io, " +
		"registry.example]`)"
	if err != nil || len(missing) != 1 || missing[0] != want {
		t.Errorf("%v, %v\nwant %s", missing, err, want)
	}
}
