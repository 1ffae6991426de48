package process

import (
	"github.com/slipway-dev/slipway/release"
)

// Scheme is the versioning rule of a project by the name of its process: what `bot next` answers from.
func Scheme(name string) (release.Scheme, bool) {
	p, err := Builtin(name)
	return p.Versions, err == nil
}
