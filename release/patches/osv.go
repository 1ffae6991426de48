package patches

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/semver"
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

// OSVEvent holds one of its fields.
type OSVEvent struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"last_affected,omitempty"`
}

// OSVReference is a link.
type OSVReference struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Export is an issue as OSV. A line without a fix ends at its last version, so that the next line is not said to be
// affected by it.
func Export(repo string, is Issue, spans []Span, versions []string) OSV {
	affected := OSVAffected{
		Package:  OSVPackage{"GitHub", "github.com/" + repo, "pkg:github/" + repo},
		Ranges:   []OSVRange{},
		Versions: plain(Affected(spans, versions)),
	}
	for i, s := range spans {
		events := []OSVEvent{{Introduced: strings.TrimPrefix(s.From, "v")}}
		last := ""
		for _, v := range versions {
			if MinorOf(v) == s.Minor {
				last = v
			}
		}
		switch {
		case s.Until != "":
			events = append(events, OSVEvent{Fixed: strings.TrimPrefix(s.Until, "v")})
		case last != "" && semver.Compare(last, s.From) >= 0 && i < len(spans)-1:
			events = append(events, OSVEvent{LastAffected: strings.TrimPrefix(last, "v")})
		}
		affected.Ranges = append(affected.Ranges, OSVRange{"SEMVER", events})
	}
	summary := is.Title
	if is.Embargoed {
		summary = fmt.Sprintf("Issue %d (details under embargo)", is.Number)
	}
	return OSV{
		SchemaVersion: "1.6.7", ID: "SLIPWAY-" + strings.ReplaceAll(repo, "/", "-") + "-" +
			fmt.Sprint(is.Number), Summary: summary,
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
