package patches

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
	"pgregory.net/rapid"
)

func TestTheExportSaysWhatGitBearsOut(t *testing.T) {
	p := load(t, "preset: kubernetes")
	lines := Lines(released, p.MaintainedLines(released))
	for number, want := range map[int]string{
		// Fixed in 1.31.1, and open on 1.30.
		2: "[{SEMVER [{1.30.1  } {  1.31.0-0}]} {SEMVER [{1.31.0-0  } { 1.31.1 }]}]",
		// The claim that it is in 1.30.4 is not verified: nothing is fixed.
		3: "[{SEMVER [{1.29.0  } {  1.30.0-0}]} {SEMVER [{1.30.0-0  } {  1.31.0-0}]} {SEMVER [{1.31.0-0  }]}]",
	} {
		k := known(p)[number-1]
		out := Export("a/b", k.Issue, k.Spans(lines), released)
		if got := fmt.Sprint(out.Affected[0].Ranges); got != want {
			t.Errorf("the ranges of #%d are %s, want %s", number, got, want)
		}
	}
}

// inRanges evaluates an export as the OSV schema does (ossf.github.io/osv-schema, "Evaluation").
func inRanges(version string, ranges []OSVRange) bool {
	for _, r := range ranges {
		in, within := false, true
		for _, e := range r.Events {
			switch {
			case e.Introduced != "":
				in = in || semver.Compare(version, "v"+e.Introduced) >= 0
			case e.Fixed != "":
				in = in && semver.Compare(version, "v"+e.Fixed) < 0
			default:
				within = semver.Compare(version, "v"+e.Limit) < 0
			}
		}
		if in && within {
			return true
		}
	}
	return false
}

// No export clears a version that has the problem by what is known, and none accuses one that has not.
func TestAnExportClearsExactlyWhatIsFixed(t *testing.T) {
	var all []string
	for minor := 20; minor < 25; minor++ {
		for patch := range 6 {
			all = append(all, "v1."+number(minor)+"."+number(patch))
		}
	}
	pick := rapid.SampledFrom(all)
	rapid.Check(t, func(t *rapid.T) {
		introduced := rapid.SliceOfN(pick, 1, 3).Draw(t, "introduced")
		var claims []Claim
		resolved := rapid.SliceOfNDistinct(pick, 0, 4, func(v string) string { return MinorOf(v) }).Draw(t, "resolved")
		for _, v := range resolved {
			claims = append(claims, Claim{Version: v, Released: true, Says: rapid.SampledFrom([]Answer{Unknown, Yes,
				No}).Draw(t, v)})
		}
		b := possible(block(strings.Join(introduced, " "), strings.Join(resolved, " ")))
		k := Known{Issue: Issue{Block: b}, Facts: Facts{Claims: claims}}
		spans := k.Spans(Lines(all, nil))
		ranges := Export("a/b", k.Issue, spans, all).Affected[0].Ranges
		for _, v := range all {
			if inRanges(v, ranges) != Has(spans, v) {
				t.Fatalf("%s: exported %t, known %t: %v", v, inRanges(v, ranges), Has(spans, v), ranges)
			}
		}
	})
}
