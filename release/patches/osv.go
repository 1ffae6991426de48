package patches

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// OSV is a known issue in the shape of the Open Source Vulnerability format, schema 1.6.7 (ossf.github.io/osv-schema).
// Tools that read advisories can read it; it is no advisory by itself.
type OSV struct {
	SchemaVersion string         `json:"schema_version"`
	ID            string         `json:"id"`
	Published     string         `json:"published"`
	Modified      string         `json:"modified"`
	Summary       string         `json:"summary"`
	Affected      []OSVAffected  `json:"affected"`
	References    []OSVReference `json:"references"`
	Specific      map[string]any `json:"database_specific,omitempty"`
}

// OSVAffected is one package, which here is the repository.
type OSVAffected struct {
	Package  OSVPackage `json:"package"`
	Ranges   []OSVRange `json:"ranges"`
	Versions []string   `json:"versions,omitempty"`
}

// OSVPackage names it as OSV names packages on GitHub.
type OSVPackage struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	PURL      string `json:"purl"`
}

// OSVRange is one line.
type OSVRange struct {
	Type   string     `json:"type"`
	Events []OSVEvent `json:"events"`
}

// OSVEvent holds one of its fields. There is no last_affected: nobody knows of a line without a fix which of its
// versions will be the last that has the problem.
type OSVEvent struct {
	Introduced string `json:"introduced,omitempty"`
	Fixed      string `json:"fixed,omitempty"`
	// Limit ends what the range speaks of, and says nothing of what lies behind.
	Limit string `json:"limit,omitempty"`
}

// OSVReference is a link.
type OSVReference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Export is an issue as OSV. spans are those of all lines, and hold what git bears out. A range has fixed only for a
// published version; one without ends where the next line begins, which has a range of its own if it has the problem.
func Export(repo string, is Issue, spans []Span, versions []string) OSV {
	affected := OSVAffected{
		Package:  OSVPackage{"GitHub", "github.com/" + repo, "pkg:github/" + repo},
		Ranges:   []OSVRange{},
		Versions: plain(Affected(spans, versions)),
	}
	lines := Lines(versions, nil)
	for _, s := range spans {
		events := []OSVEvent{{Introduced: strings.TrimPrefix(s.From, "v")}}
		next := slices.IndexFunc(lines, func(l string) bool { return CompareMinors(l, s.Minor) > 0 })
		switch {
		case s.Until != "" && slices.Contains(versions, s.Until):
			events = append(events, OSVEvent{Fixed: strings.TrimPrefix(s.Until, "v")})
		case next >= 0:
			events = append(events, OSVEvent{Limit: lines[next] + ".0-0"})
		}
		affected.Ranges = append(affected.Ranges, OSVRange{"SEMVER", events})
	}
	return OSV{
		SchemaVersion: "1.6.7", ID: "SLIPWAY-" + strings.ReplaceAll(repo, "/", "-") + "-" +
			fmt.Sprint(is.Number), Summary: is.Title,
		Published: is.Created.UTC().Format(time.RFC3339), Modified: is.Updated.UTC().Format(time.RFC3339),
		Affected: []OSVAffected{affected}, References: []OSVReference{{"REPORT", is.URL}},
	}
}

func plain(versions []string) []string {
	out := make([]string, len(versions))
	for i, v := range versions {
		out[i] = strings.TrimPrefix(v, "v")
	}
	return out
}
