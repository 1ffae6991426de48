package release_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/params"
)

func TestCanonicalJSON(t *testing.T) {
	for _, tc := range []struct {
		name string
		v    any
		want string
	}{
		{"keys are sorted at every depth", map[string]any{"b": map[string]int{"z": 1, "a": 2}, "a": nil},
			`{"a":null,"b":{"a":2,"z":1}}`},
		{"a struct is no exception", struct {
			Z string `json:"z"`
			A int64  `json:"a"`
		}{"x", 1 << 60}, `{"a":1152921504606846976,"z":"x"}`},
		{"nothing ends a comment of ours, or a block of code", "--> </details> & ```\n```",
			"\"--\\u003e \\u003c/details\\u003e \\u0026 ```\\n```\""},
		{"what cannot be seen is seen", "a\u202eb\u200b\x7f é😀",
			`"a\u202eb\u200b\u007f \u00e9\ud83d\ude00"`},
		{"what is no text", "a\xff", `"a\ufffd"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := release.Canonical(tc.v)
			if err != nil || string(got) != tc.want {
				t.Errorf("got  %s %v\nwant %s", got, err, tc.want)
			}
		})
	}
}

func values() *rapid.Generator[map[string]string] {
	return rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,8}`), rapid.String(), 1, 4)
}

func manifests() *rapid.Generator[release.Manifest] {
	return rapid.Custom(func(t *rapid.T) release.Manifest {
		m := release.Manifest{
			Process: release.ManifestProcess{Name: "p",
				SHA256: rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "process")},
			Release: release.ManifestRelease{ID: "1#2", Repository: 1, Issue: 2, Version: "1.0.0", Track: "minor"},
			Phase:   "cut", Run: 1, Pins: values().Draw(t, "pins"),
		}
		for range rapid.IntRange(1, 3).Draw(t, "gates") {
			m.Gates = append(m.Gates, release.ManifestGate{Asks: params.Set{Any: params.NoOpenBlockers{
				Milestone: rapid.String().Draw(t, "milestone"), Label: rapid.String().Draw(t, "label")}}})
		}
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			m.Steps = append(m.Steps, release.ManifestStep{ID: "s", Does: params.Set{Any: params.CreateTag{
				Tag: rapid.String().Draw(t, "tag"), SHA: rapid.StringMatching(`[0-9a-f]{40}`).Draw(t, "sha")}},
				Writes: []release.ManifestWrite{{Repository: "a/b", Text: rapid.String().Draw(t, "text"),
					Files: values().Draw(t, "files")}}})
		}
		return m
	})
}

func hash(t *rapid.T, m release.Manifest) string {
	p, err := m.Plan(nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	return p.Hash
}

// Whatever value of a plan changes, however little, its hash does.
func TestEveryValueOfAPlanIsInItsHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := manifests().Draw(t, "manifest")
		before := hash(t, m)
		tamper(t, &m)
		if hash(t, m) == before {
			t.Fatalf("the hash is the same:\n%+v", m)
		}
	})
}

// tamper changes one value of a plan.
func tamper(t *rapid.T, m *release.Manifest) {
	other := func(s string) string {
		changed := rapid.String().Filter(func(o string) bool { return o != s }).Draw(t, "other")
		if n := len(s); n > 8 && rapid.Bool().Draw(t, "only the end") {
			changed = s[:n-1] + string(s[n-1]^1) // the end of a SHA, of which the beginning is the same
		}
		return changed
	}
	change := func(with map[string]string) {
		keys := slices.Sorted(maps.Keys(with))
		k := rapid.SampledFrom(keys).Draw(t, "parameter")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			with[k] = other(with[k])
		case 1:
			delete(with, k)
		default:
			with[k+"X"] = with[k]
		}
	}
	step := &m.Steps[rapid.IntRange(0, len(m.Steps)-1).Draw(t, "step")]
	gate := &m.Gates[rapid.IntRange(0, len(m.Gates)-1).Draw(t, "gate")]
	switch rapid.IntRange(0, 14).Draw(t, "what") {
	case 0:
		change(m.Pins)
	case 1:
		tag, _ := step.Does.Any.(params.CreateTag)
		if rapid.Bool().Draw(t, "the commit") {
			tag.SHA = other(tag.SHA)
		} else {
			tag.Message = other(tag.Message)
		}
		step.Does.Any = tag
	case 2:
		change(step.Writes[0].Files)
	case 3:
		blockers, _ := gate.Asks.Any.(params.NoOpenBlockers)
		blockers.Label = other(blockers.Label)
		gate.Asks.Any = blockers
	case 4:
		step.Writes[0].Text = other(step.Writes[0].Text)
	case 5:
		step.Writes[0].Repository = other("a/b")
	case 6:
		step.Stop = other("")
	case 7:
		step.ID, step.Does.Any = other(step.ID), params.WaitTag{}
	case 8:
		m.Process.SHA256 = other(m.Process.SHA256)
	case 9:
		m.Release.Repository++
	case 10:
		m.Release.Issue++
	case 11:
		m.Release.Version = other(m.Release.Version)
	case 12:
		m.Phase = other(m.Phase)
	case 13:
		m.Steps = append(m.Steps, *step)
	default:
		gate.Warn = true
	}
}

// A plan that was written down and read again, its maps filled in another order, has the same hash.
func TestTheOrderOfParametersIsNotInTheHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := manifests().Draw(t, "manifest")
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var again release.Manifest
		if err := json.Unmarshal(data, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(hash(t, m), hash(t, again)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A process is known by all of its content.
func TestAProcessIsIdentifiedByItsContent(t *testing.T) {
	one, err := release.Identify(newWorld(t).process)
	if err != nil {
		t.Fatal(err)
	}
	p := newWorld(t).process
	p.Phases = slices.Clone(p.Phases)
	p.Phases[0].About += "."
	other, err := release.Identify(p)
	if err != nil || one.SHA256 == other.SHA256 || len(strings.Trim(one.SHA256, "0123456789abcdef")) > 0 {
		t.Errorf("%v %v %v", one, other, err)
	}
}
