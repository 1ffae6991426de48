package app

import (
	"testing"

	"github.com/slipway-dev/slipway/internal/store"
)

func TestSubject(t *testing.T) {
	type subject struct {
		kind  string
		repo  int64
		rest  string
		found bool
	}
	for key, want := range map[string]subject{
		"1008#7":                               {"", 1008, "7", true},
		"picks:1008#7":                         {"picks", 1008, "7", true},
		"roll:1008#0/=v1.30.4":                 {"roll", 1008, "0/=v1.30.4", true},
		"rolled:1008#0/=Release: 1.30":         {"rolled", 1008, "0/=Release: 1.30", true},
		"rolled:1008#0/=#1: 7#8":               {"rolled", 1008, "0/=#1: 7#8", true},
		"rolled:1008":                          {},
		"rolled:acme/app#7":                    {},
		"0#7":                                  {},
		"#7":                                   {},
		"":                                     {},
		"5b2c8a8e-6f0e-11f0-8de9-0242ac120002": {},
	} {
		kind, repo, rest, found := Subject(store.Job{Key: key})
		if got := (subject{kind, repo, rest, found}); got != want {
			t.Errorf("%q is about %+v, want %+v", key, got, want)
		}
	}
}
