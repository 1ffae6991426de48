package gomod

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const root = "github.com/confidential-containers/cloud-api-adaptor/src/"

// peerpods are the go.mod files of cloud-api-adaptor in July 2024 (db56a2d3), without what is not about each other.
func peerpods() map[string]string {
	return map[string]string{
		"cloud-api-adaptor": "require github.com/kata-containers/kata-containers/src/runtime " +
			"v0.0.0-20240617195946-7df221a8f968\n\nrequire (\n\t" +
			root + "cloud-providers v0.9.0-alpha1\n\t" + root + "peerpod-ctrl v0.9.0-alpha1\n)\n\n" +
			"replace github.com/prometheus/client_golang => github.com/prometheus/client_golang v1.14.0\n\n" +
			"replace " + root + "cloud-providers => ../cloud-providers\n\nreplace " + root +
			"peerpod-ctrl => ../peerpod-ctrl\n",
		"cloud-providers": "require (\n\tgithub.com/avast/retry-go/v4 v4.5.1\n\t" + root +
			"cloud-api-adaptor v0.8.0\n)\n",
		"csi-wrapper": "require (\n\t" + root + "cloud-api-adaptor v0.9.0-alpha1\n)\n\nreplace " + root +
			"cloud-api-adaptor => ../cloud-api-adaptor\n",
		"peerpod-ctrl": "require " + root + "cloud-providers v0.9.0-alpha1\n\nreplace " + root +
			"cloud-providers => ../cloud-providers\n",
		"peerpodconfig-ctrl": "require k8s.io/api v0.26.0\n",
		"webhook":            "require k8s.io/api v0.26.0\n",
	}
}

func read(t *testing.T, files map[string]string) []Module {
	t.Helper()
	var out []Module
	for dir, text := range files {
		m, err := Read("src/"+dir+"/go.mod", []byte("module "+root+dir+"\n\ngo 1.21\n\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func dirs(list []Module) string {
	var names []string
	for _, m := range list {
		names = append(names, strings.TrimPrefix(m.Dir, "src/"))
	}
	return strings.Join(names, " ")
}

// The document says "in the correct order", and its script goes by the alphabet.
func TestModulesComeBehindWhatTheyNeed(t *testing.T) {
	order, err := Order(read(t, peerpods()), "v0.9.0-alpha.2")
	want := "cloud-providers peerpod-ctrl cloud-api-adaptor csi-wrapper peerpodconfig-ctrl webhook"
	if got := dirs(order); err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

// cloud-providers requires an old cloud-api-adaptor, which requires cloud-providers. Only when it asks for the very
// version that is about to be tagged is that a circle.
func TestACircleIsRefused(t *testing.T) {
	for version, want := range map[string]string{
		"v0.9.0": "",
		"v0.8.0": "no module can be tagged first: src/cloud-api-adaptor needs src/cloud-providers and " +
			"src/peerpod-ctrl, src/cloud-providers needs src/cloud-api-adaptor, " +
			"src/csi-wrapper needs src/cloud-api-adaptor, src/peerpod-ctrl needs src/cloud-providers",
	} {
		files := peerpods()
		delete(files, "webhook")
		delete(files, "peerpodconfig-ctrl")
		if _, err := Order(read(t, files), version); fmt.Sprint(err) != want && (err != nil || want != "") {
			t.Errorf("%s: %v, want %s", version, err, want)
		}
	}
}

func TestWhatAModuleClaimsAboutItsSiblings(t *testing.T) {
	all := read(t, peerpods())
	var wrong []string
	for _, m := range all {
		wrong = append(wrong, m.Wrong(all, "v0.9.0")...)
	}
	slices.Sort(wrong)
	want := "src/cloud-api-adaptor/go.mod requires cloud-providers v0.9.0-alpha1; src/cloud-api-adaptor/go.mod " +
		"requires peerpod-ctrl v0.9.0-alpha1; " +
		"src/csi-wrapper/go.mod requires cloud-api-adaptor v0.9.0-alpha1; src/peerpod-ctrl/go.mod requires " +
		"cloud-providers v0.9.0-alpha1"
	if got := strings.Join(wrong, "; "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for _, m := range all {
		if wrong := m.Wrong(all, "v0.9.0-alpha1"); len(wrong) > 0 {
			t.Errorf("%s of the version that is there: %s", m.Dir, wrong)
		}
	}
}

// Whatever needs what: when there is an order, each comes behind all that it needs, and the order of the list given
// does not matter.
func TestAnyOrderHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "modules")
		rank := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "rank")
		var all []Module
		for i := range n {
			m := Module{Dir: fmt.Sprintf("src/m%d", i), Path: fmt.Sprintf("x/m%d", i)}
			for j := range n {
				if rank[j] < rank[i] && rapid.Bool().Draw(t, "needs") {
					m.Needs = append(m.Needs,
						Need{Path: fmt.Sprintf("x/m%d", j), Version: "v1.0.0", Local: fmt.Sprintf("src/m%d", j)})
				}
			}
			all = append(all, m)
		}
		order, err := Order(all, "v1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]int{}
		for i, m := range order {
			at[m.Path] = i
		}
		for _, m := range order {
			for _, need := range m.Needs {
				if at[need.Path] > at[m.Path] {
					t.Fatalf("%s comes before %s, which it needs", m.Path, need.Path)
				}
			}
		}
		mixed := slices.Clone(all)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if again, _ := Order(mixed, "v1.0.0"); dirs(again) != dirs(order) {
			t.Fatalf("%s, and %s when the list is another way round", dirs(order), dirs(again))
		}
	})
}

func TestWhatIsNoGoModIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "src/x/go.mod: it names no module",
		"module x\nrequire y\n":    "src/x/go.mod: it is no go.mod: usage: require module/path v1.2.3",
		"<<<<<<< HEAD\nmodule x\n": "src/x/go.mod: it is no go.mod: unknown directive: <<<<<<<",
		"module x\nrequire y master\n": `src/x/go.mod: it is no go.mod: require y: version "master" invalid: must be ` +
			`of the form v1.2.3`,
	} {
		if _, err := Read("src/x/go.mod", []byte(text)); fmt.Sprint(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Kata's tags have no v, so Go knows its releases by their commits.
func TestPseudoVersionsOfKata(t *testing.T) {
	for at, want := range map[string]string{
		"2024-06-17T21:59:46+02:00 7df221a8f9680000000000000000000000000000": "v0.0.0-20240617195946-7df221a8f968",
		"2024-09-19T13:27:50Z cdaaf708a18d0000000000000000000000000000":      "v0.0.0-20240919132750-cdaaf708a18d",
		"2025-03-20T07:38:20Z c0632f847fe7":                                  "v0.0.0-20250320073820-c0632f847fe7",
		"2025-09-23T18:59:00Z c2b06504916c":                                  "v0.0.0-20250923185900-c2b06504916c",
		"2026-07-20T14:11:20Z cf82bb35c803":                                  "v0.0.0-20260720141120-cf82bb35c803",
	} {
		stamp, sha, _ := strings.Cut(at, " ")
		when, err := time.Parse(time.RFC3339, stamp)
		if err != nil {
			t.Fatal(err)
		}
		if got := Pseudo(when, sha); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}
